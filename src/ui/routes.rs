//! Every path of the console. Nowhere else is one written.

use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::path;

use super::pages;
use super::rooms::enter;
use crate::domain::value::id::OrderId;

pub const TAKE_ORDER: &str = "/";
pub const ORDERS: &str = "/orders";
pub const WORK: &str = "/work";
pub const STOCK: &str = "/stock";
pub const LOADS: &str = "/stock/loads";
pub const PURCHASES: &str = "/stock/purchases";
/// With a proposal of what to order.
pub const PROPOSE: &str = "/stock/purchases?propose";
pub const STOCKTAKES: &str = "/stock/counts";
pub const PRODUCTS: &str = "/products";
pub const CUSTOMERS: &str = "/customers";
pub const IMPORT: &str = "/import";
pub const REPORTS: &str = "/reports";
pub const SETTINGS: &str = "/settings";

pub fn order(id: OrderId) -> String {
    format!("{ORDERS}/{id}")
}

/// What an order's page is opened to do at once.
pub const EDIT: &str = "edit";
pub const SPLIT: &str = "split";
pub const REFUND: &str = "refund";

pub fn order_doing(id: OrderId, what: &str) -> String {
    format!("{}?do={what}", order(id))
}

/// The page of the address.
#[component]
pub fn Pages() -> impl IntoView {
    let m = super::state::words();
    view! {
        <Routes fallback=move || view! { <p class="empty">{m.no_such_page}</p> }>
            <Route path=path!("/") view=pages::TakeOrder />
            <Route path=path!("/orders") view=pages::Orders />
            <Route path=path!("/orders/:id") view=|| enter(|rooms| (rooms.order)()) />
            <Route path=path!("/work") view=|| enter(|rooms| (rooms.work)()) />
            <Route path=path!("/stock") view=|| enter(|rooms| (rooms.stock)()) />
            <Route path=path!("/stock/loads") view=|| enter(|rooms| (rooms.loads)()) />
            <Route path=path!("/stock/purchases") view=|| enter(|rooms| (rooms.purchases)()) />
            <Route path=path!("/stock/counts") view=|| enter(|rooms| (rooms.stocktakes)()) />
            <Route path=path!("/products") view=|| enter(|rooms| (rooms.products)()) />
            <Route path=path!("/customers") view=|| enter(|rooms| (rooms.customers)()) />
            <Route path=path!("/import") view=|| enter(|rooms| (rooms.import)()) />
            <Route path=path!("/reports") view=|| enter(|rooms| (rooms.reports)()) />
            <Route path=path!("/settings") view=|| enter(|rooms| (rooms.settings)()) />
        </Routes>
    }
}
