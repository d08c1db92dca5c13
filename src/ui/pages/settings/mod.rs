//! Settings: this tablet, and what the whole store goes by.

mod other_tablets;
mod prices;
mod recovery;
mod rules;
mod sign_out;
mod store;
mod tablet;
mod web_shops;

pub use prices::known_groups;

use leptos::prelude::*;

use crate::ui::state::words;

#[component]
pub fn Settings() -> impl IntoView {
    let m = words();
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.settings}</h1>
            </header>
            <div class="settings">
                <tablet::Look />
                <tablet::Tablet />
                <recovery::Recovery />
                <store::Profile />
                <store::Taxes />
                <store::Locations />
                <store::People />
                <prices::Prices />
                <rules::Rules />
                <web_shops::WebShops />
                <other_tablets::OtherTablets />
                <sign_out::SignOut />
            </div>
        </section>
    }
}
