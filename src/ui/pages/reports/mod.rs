//! Reports: what was sold, and the till.

mod detail;
mod reconcile;
mod sales;
mod till;

pub use till::PrintedClosing;

use leptos::prelude::*;

use crate::ui::state::words;

#[component]
pub fn Reports() -> impl IntoView {
    let m = words();
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.reports}</h1>
            </header>
            <div class="settings">
                <sales::Sales />
                <till::TillPanel />
                <reconcile::Reconcile />
            </div>
        </section>
    }
}
