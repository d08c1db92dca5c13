//! The rooms that selling does not need, as a part of the program of its own: it is fetched once the console is open,
//! and who enters one of them before that waits for it.
//!
//! The build takes the part out of the program (`bin/console.rs`, feature `split`): [`rooms`] with everything that only
//! it leads to. Without that feature it is all one program, and nothing is waited for. Selling over the counter, its
//! slip and the list of orders are never in the part.

use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::components::{CameraSheet, Icon, Labels, Papers};
use super::pages;
use super::pages::take_order::{Details, Paste, ScanLog};
use super::state::{App, app};
use crate::domain::order::Paper;
use crate::domain::value::id::{OrderId, Replica, VariantId};

/// The way into each room.
#[derive(Clone, Copy, Debug)]
pub struct Rooms {
    pub order: fn() -> AnyView,
    pub work: fn() -> AnyView,
    pub stock: fn() -> AnyView,
    pub loads: fn() -> AnyView,
    pub purchases: fn() -> AnyView,
    pub stocktakes: fn() -> AnyView,
    pub products: fn() -> AnyView,
    pub customers: fn() -> AnyView,
    pub import: fn() -> AnyView,
    pub reports: fn() -> AnyView,
    pub settings: fn() -> AnyView,
    pub camera: fn() -> AnyView,
    pub labels: fn(Vec<(VariantId, u32)>) -> AnyView,
    pub closing: fn(Replica, u64) -> AnyView,
    pub papers: fn(Paper, Vec<OrderId>) -> AnyView,
    pub answer: fn(OrderId) -> AnyView,
    pub details: fn() -> AnyView,
    pub paste: fn() -> AnyView,
    pub scans: fn() -> AnyView,
}

/// How the program gets them; `None` when they could not be fetched.
pub type Fetch = fn() -> LocalBoxFuture<'static, Option<Rooms>>;

/// All of them. Whoever calls this has their code.
pub fn rooms() -> Rooms {
    Rooms {
        order: || view! { <pages::Order /> }.into_any(),
        work: || view! { <pages::Work /> }.into_any(),
        stock: || view! { <pages::Stock /> }.into_any(),
        loads: || view! { <pages::Loads /> }.into_any(),
        purchases: || view! { <pages::Purchases /> }.into_any(),
        stocktakes: || view! { <pages::Stocktakes /> }.into_any(),
        products: || view! { <pages::Products /> }.into_any(),
        customers: || view! { <pages::Customers /> }.into_any(),
        import: || view! { <pages::Import /> }.into_any(),
        reports: || view! { <pages::Reports /> }.into_any(),
        settings: || view! { <pages::Settings /> }.into_any(),
        camera: || view! { <CameraSheet /> }.into_any(),
        labels: |goods| view! { <Labels goods /> }.into_any(),
        closing: |replica, number| view! { <pages::PrintedClosing replica number /> }.into_any(),
        answer: |order| view! { <pages::Answer order /> }.into_any(),
        papers: |paper, orders| view! { <Papers paper orders /> }.into_any(),
        details: || view! { <Details /> }.into_any(),
        paste: || view! { <Paste /> }.into_any(),
        scans: || view! { <ScanLog /> }.into_any(),
    }
}

/// Says whether the part is here.
#[derive(Clone, Copy, Debug, Default)]
pub enum Part {
    #[default]
    Coming,
    Here(Rooms),
    /// It could not be fetched; it is tried again when somebody asks, or the network returns.
    Failed,
}

/// Draws a room once it is here.
pub fn enter(room: impl Fn(Rooms) -> AnyView + Send + 'static) -> impl IntoView {
    let app = app();
    let m = app.words();
    move || match app.rooms.get() {
        Part::Here(rooms) => room(rooms),
        Part::Coming => view! {
            <p class="opening" aria-busy="true">
                {m.opening}
            </p>
        }
        .into_any(),
        Part::Failed => view! {
            <div class="empty" role="alert">
                <Icon name="alert" />
                <p>{m.room_missing}</p>
                <button class="button button--primary" on:click=move |_| app.fetch_rooms()>
                    {m.try_again}
                </button>
            </div>
        }
        .into_any(),
    }
}

impl App {
    /// Fetches the part, unless it is here.
    pub fn fetch_rooms(self) {
        if matches!(self.rooms.get_untracked(), Part::Here(_)) {
            return;
        }
        self.rooms.set(Part::Coming);
        spawn_local(async move {
            let fetched = (self.fetch)().await;
            self.rooms.set(fetched.map_or(Part::Failed, Part::Here));
        });
    }
}
