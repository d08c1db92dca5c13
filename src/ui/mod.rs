//! The screens. Components draw and do not decide; what they do goes through [`state::App`].

mod app;
mod carts;
mod components;
mod driver;
mod enrol;
mod first_read;
mod form;
mod format;
mod lock;
mod marker;
mod pages;
mod preferences;
mod recovery;
pub mod rooms;
mod routes;
mod scans;
mod state;
mod way_in;
mod words;

use leptos::prelude::*;

/// Puts the console into the page. `fetch` gets the rooms that are not in the program itself.
pub fn mount(fetch: rooms::Fetch) {
    begin();
    mount_to_body(move || view! { <app::Root fetch /> });
}

/// Puts what comes before the console into the page.
pub fn mount_way_in() {
    begin();
    mount_to_body(|| view! { <way_in::Root /> });
}

fn begin() {
    console_error_panic_hook::set_once();
    crate::platform::taps::guard();
}
