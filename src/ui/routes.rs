//! Every path of the console. Nowhere else is one written.

use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::path;

use super::pages;
use crate::domain::id::OrderId;

pub const TAKE_ORDER: &str = "/";
pub const ORDERS: &str = "/orders";
pub const WORK: &str = "/work";
pub const STOCK: &str = "/stock";
pub const LOADS: &str = "/stock/loads";
pub const PURCHASES: &str = "/stock/purchases";
pub const STOCKTAKES: &str = "/stock/counts";
pub const PRODUCTS: &str = "/products";
pub const CUSTOMERS: &str = "/customers";
pub const IMPORT: &str = "/import";
pub const REPORTS: &str = "/reports";
pub const SETTINGS: &str = "/settings";

pub fn order(id: OrderId) -> String {
    format!("{ORDERS}/{id}")
}

/// The page of the address.
#[component]
pub fn Pages() -> impl IntoView {
    let m = super::state::words();
    view! {
        <Routes fallback=move || view! { <p class="empty">{m.no_such_page}</p> }>
            <Route path=path!("/") view=pages::TakeOrder />
            <Route path=path!("/orders") view=pages::Orders />
            <Route path=path!("/orders/:id") view=pages::Order />
            <Route path=path!("/work") view=pages::Work />
            <Route path=path!("/stock") view=pages::Stock />
            <Route path=path!("/stock/loads") view=pages::Loads />
            <Route path=path!("/stock/purchases") view=pages::Purchases />
            <Route path=path!("/stock/counts") view=pages::Stocktakes />
            <Route path=path!("/products") view=pages::Products />
            <Route path=path!("/customers") view=pages::Customers />
            <Route path=path!("/import") view=pages::Import />
            <Route path=path!("/reports") view=pages::Reports />
            <Route path=path!("/settings") view=pages::Settings />
        </Routes>
    }
}
