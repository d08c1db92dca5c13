//! The screens. Components draw and do not decide; what they do goes through [`state::App`].

mod app;
mod carts;
mod components;
mod driver;
mod first_read;
mod format;
mod lock;
mod pages;
mod recovery;
pub mod rooms;
mod routes;
mod scans;
mod state;
mod words;

use leptos::prelude::*;

/// Puts the console into the page. `fetch` gets the rooms that are not in the program itself.
pub fn mount(fetch: rooms::Fetch) {
    console_error_panic_hook::set_once();
    crate::platform::taps::guard();
    mount_to_body(move || view! { <app::Root fetch /> });
}
