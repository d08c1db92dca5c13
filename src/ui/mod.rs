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
mod rooms;
mod routes;
mod scans;
mod state;
mod words;

use leptos::prelude::*;

/// Puts the console into the page.
pub fn mount() {
    console_error_panic_hook::set_once();
    mount_to_body(app::Root);
}
