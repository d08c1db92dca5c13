//! Stock: what is where, why, and the ways to change it.

mod batches;
mod goods;
mod levels;
mod loads;
mod purchases;
mod sheet;
mod stocktakes;

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use crate::ui::routes;
use crate::ui::state::words;

pub use goods::{GoodsList, Item, read_goods};
pub use levels::Stock;
pub use loads::Loads;
pub use purchases::Purchases;
pub use stocktakes::Stocktakes;

/// The doors between the pages of this room.
#[component]
pub(in crate::ui::pages) fn StockTabs() -> impl IntoView {
    let m = words();
    let path = use_location().pathname;
    let tab = move |to: &'static str, text: &'static str| {
        view! {
            <A href=to attr:class="tab" attr:data-here=move || path.with(|p| p == to).then_some("")>
                {text}
            </A>
        }
    };
    view! {
        <nav class="tabs">
            {tab(routes::STOCK, m.levels)} {tab(routes::LOADS, m.loads)} {tab(routes::PURCHASES, m.purchases)}
            {tab(routes::STOCKTAKES, m.stocktakes)} {tab(routes::PRODUCTS, m.products)} {tab(routes::IMPORT, m.import)}
        </nav>
    }
}
