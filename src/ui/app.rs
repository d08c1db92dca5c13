//! The console: how it is opened, and the frame around every page: the rail, the line that is always visible, notices
//! and what the printer is to have.

use std::time::Duration;

use futures::future::select;
use gloo::timers::future::TimeoutFuture;
use leptos::ev::afterprint;
use leptos::prelude::*;
use leptos_router::components::{A, Router};
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;

use super::components::{Icon, Printout, Slip, Who};
use super::form::{self, Fields, Form};
use super::rooms::{Fetch, Part, enter};
use super::routes;
use super::state::{App, Asked, app};
use super::words::link_words;
use crate::i18n::fill;
use crate::platform::service_worker;
use crate::store::StoreError;
use crate::sync::engine::Link;

/// A frame that takes longer does not come. Units: ms.
const NO_FRAME_MS: u32 = 500;

/// Opens the storage, then shows the console, the way in, or why neither is possible.
#[component]
pub fn Root(fetch: Fetch) -> impl IntoView {
    let owner = Owner::current().unwrap_or_default();
    let opened = RwSignal::new_local(None::<Result<App, StoreError>>);
    let fields = Fields::new();
    fields.dress_page();
    spawn_local(async move {
        // The list of orders shows the newest before the rest is read.
        let glance = window().location().pathname().is_ok_and(|path| path == routes::ORDERS);
        let app = match App::open(&owner, glance, fields.preferences, fetch).await {
            Ok(app) => app,
            Err(error) => return opened.set(Some(Err(error))),
        };
        fields.take_over().await;
        owner.with(|| app.answer_form(fields));
        opened.set(Some(Ok(app)));
        if glance {
            // What was taken in is painted, then the rest follows.
            next_frame().await;
        }
        match app.read_whole().await {
            Ok(()) => {
                app.start();
                app.say_if_mended();
            }
            Err(error) => return opened.set(Some(Err(error))),
        }
        // What is needed to sell is painted first.
        next_frame().await;
        app.painted();
    });
    // Runs after what is below was drawn.
    Effect::new(move |_| {
        if opened.with(Option::is_some) {
            fields.replace_earlier();
        }
    });
    move || match opened.get() {
        None if form::has_earlier() => ().into_any(),
        None => view! {
            <p class="opening" aria-busy="true">
                "日单 Daybook"
            </p>
        }
        .into_any(),
        Some(Err(error)) => view! { <NoStorage fields error /> }.into_any(),
        Some(Ok(app)) => {
            provide_context(app);
            view! { <Console fields /> }.into_any()
        }
    }
}

/// Waits until what was drawn is painted, or would be if the page were to be seen.
async fn next_frame() {
    let (painted, done) = futures::channel::oneshot::channel();
    request_animation_frame(move || {
        let tell = move || {
            // Nobody waits any more when it took too long.
            let _ = painted.send(());
        };
        set_timeout(tell, Duration::ZERO);
    });
    // A page in the background has no frames.
    let _ = select(done, TimeoutFuture::new(NO_FRAME_MS)).await;
}

/// Draws everything anew when the language changes.
#[component]
fn Console(fields: Fields) -> impl IntoView {
    let app = app();
    let language = fields.language();
    // The router stays: a second one would not hear of the first one's navigation.
    view! {
        <Router>
            {move || {
                let _ = language.get();
                if app.enrolled.get() {
                    // Read and not only tracked: a memo that nobody has read hears of nothing.
                    view! { <Shell /> }
                        .into_any()
                } else {
                    view! { <Form fields /> }.into_any()
                }
            }}
        </Router>
    }
}

#[component]
fn NoStorage(fields: Fields, error: StoreError) -> impl IntoView {
    let m = fields.preferences.with_untracked(|p| p.language).messages();
    let text = match &error {
        StoreError::Blocked => m.storage_blocked,
        StoreError::Corrupt { .. } => m.storage_corrupt,
        StoreError::Full => m.storage_full,
        StoreError::Superseded => m.storage_superseded,
        _ => m.storage_refused,
    };
    view! {
        <main class="stop">
            <Icon name="alert" />
            <h1>{m.storage_title}</h1>
            <p>{text}</p>
            <p class="stop__detail">{error.to_string()}</p>
            <button
                class="button button--primary"
                on:click=|_| {
                    let _ = window().location().reload();
                }
            >
                {m.try_again}
            </button>
        </main>
    }
}

#[component]
fn Shell() -> impl IntoView {
    let app = app();
    app.listen_to_scanner();
    let path = use_location().pathname;
    let shown = Memo::new(move |_| app.whole.get() || path.with(|p| p == routes::ORDERS));
    view! {
        <div class="shell" inert=move || app.asked.get() == Some(Asked::Locked)>
            <Rail />
            <div class="shell__main">
                <StatusLine />
                <main class="shell__page">
                    {move || {
                        if shown.get() {
                            view! { <routes::Pages /> }.into_any()
                        } else {
                            view! {
                                <p class="opening" aria-busy="true">
                                    "日单 Daybook"
                                </p>
                            }
                                .into_any()
                        }
                    }}
                </main>
            </div>
            <NoticeLine />
        </div>
        {move || app.scans.camera.get().then(|| enter(|rooms| (rooms.camera)()))}
        {move || app.answering.get().map(|order| enter(move |rooms| (rooms.answer)(order)))}
        <Who />
        <PrintSlip />
    }
}

#[component]
fn Rail() -> impl IntoView {
    let app = app();
    let m = app.words();
    let path = use_location().pathname;
    let attention = Memo::new(move |_| {
        app.cases.track();
        app.sync.with(|s| s.refused) + app.look(|l| l.open_cases().count())
    });
    let room = move |to: &'static str, icon: &'static str, text: &'static str, also: &'static [&'static str]| {
        let here = move || {
            path.with(|p| {
                if to == routes::TAKE_ORDER {
                    p == to
                } else {
                    p.starts_with(to) || also.iter().any(|a| p.starts_with(a))
                }
            })
        };
        view! {
            <A href=to attr:class="rail__room" attr:data-here=move || here().then_some("")>
                <Icon name=icon />
                <span>{text}</span>
                {move || {
                    (to == routes::WORK && attention.get() > 0)
                        .then(|| view! { <b class="rail__count">{attention.get()}</b> })
                }}
            </A>
        }
    };
    view! {
        <nav class="rail" aria-label=m.rooms>
            <span class="rail__seal" aria-hidden="true">
                "日单"
            </span>
            {room(routes::TAKE_ORDER, "take", m.take_order, &[])}
            {room(routes::ORDERS, "orders", m.orders, &[])}
            {room(routes::WORK, "work", m.work, &[])}
            {room(routes::STOCK, "stock", m.stock, &[routes::PRODUCTS, routes::IMPORT])}
            {room(routes::CUSTOMERS, "customers", m.customers, &[])}
            {room(routes::REPORTS, "reports", m.reports, &[])}
            {room(routes::SETTINGS, "settings", m.settings, &[])}
        </nav>
    }
}

/// Connected or not, what waits and for how long, who is at the till and where.
#[component]
fn StatusLine() -> impl IntoView {
    let app = app();
    let m = app.words();
    let link = Memo::new(move |_| app.sync.with(|s| s.link));
    let waiting = Memo::new(move |_| app.sync.with(|s| (s.waiting, s.oldest)));
    let state = move || match link.get() {
        Link::Connected => "connected",
        Link::Unknown => "unknown",
        Link::Offline => "offline",
        _ => "trouble",
    };
    let text = move || link_words(m, link.get());
    let waits = move || {
        let (count, oldest) = waiting.get();
        (count > 0).then(|| {
            let age = oldest.map(|at| app.age(at)).unwrap_or_default();
            view! {
                <span class="status__waiting" data-waiting=count.to_string()>
                    {fill(m.waiting, &[&count, &age])}
                </span>
            }
        })
    };
    let place = move || {
        app.settings.track();
        let id = app.preferences.with(|p| p.location);
        app.look(|l| l.book.locations.get(&id).map(|p| p.name.clone())).unwrap_or_default()
    };
    let person = move || {
        app.settings.track();
        let id = app.preferences.with(|p| p.staff);
        app.look(|l| l.book.staff.get(&id).map(|p| p.name.clone())).unwrap_or_default()
    };
    view! {
        <header class="status" data-link=state>
            <span class="status__link" role="status">
                {move || view! { <Icon name=if link.get() == Link::Connected { "online" } else { "offline" } /> }}
                <span>{text}</span>
            </span>
            {waits}
            {move || {
                app
                    .update_waiting
                    .get()
                    .then(|| {
                        let busy = move || app.carts.with(|c| !c.open.is_empty());
                        let unsent = move || waiting.get().0 > 0 && link.get() != Link::Outdated;
                        // Where the server takes nothing from this version any more, the next one has to send it.
                        view! {
                            <button
                                class="button button--small"
                                data-update=""
                                disabled=move || busy() || unsent()
                                on:click=|_| spawn_local(service_worker::update())
                            >
                                {move || match (busy(), unsent()) {
                                    (true, _) => m.update_after_cart,
                                    (false, true) => m.update_after_sent,
                                    _ => m.update_now,
                                }}
                            </button>
                        }
                    })
            }}
            <span class="status__here">
                <Icon name="place" />
                <span>{place}</span>
            </span>
            <button
                class="status__here status__who"
                aria-label=m.whose_turn
                on:click=move |_| app.asked.set(Some(Asked::Turn))
            >
                <Icon name="person" />
                <span>{person}</span>
            </button>
        </header>
    }
}

#[component]
fn NoticeLine() -> impl IntoView {
    let app = app();
    move || {
        app.notice.get().map(|n| {
            view! {
                <p
                    class="notice"
                    data-bad=n.bad.then_some("")
                    role=if n.bad { "alert" } else { "status" }
                    on:click=move |_| app.notice.set(None)
                >
                    <Icon name=if n.bad { "alert" } else { "check" } />
                    <span>{n.text}</span>
                    {n
                        .undo
                        .map(|undo| {
                            view! {
                                <button class="button button--small" data-undo-last="" on:click=move |_| undo.run(())>
                                    {app.words().undo}
                                </button>
                            }
                        })}
                </p>
            }
        })
    }
}

/// Puts what is to be printed into the page, prints, and takes it out again.
#[component]
fn PrintSlip() -> impl IntoView {
    let app = app();
    let listener = window_event_listener(afterprint, move |_| app.printout.set(None));
    on_cleanup(move || listener.remove());
    Effect::new(move |_| {
        // All but the slip is drawn by a part of the program that may still be on its way.
        let drawn = app.printout.with(|what| {
            what.as_ref().map(|what| matches!(what, Printout::Slip(_)) || matches!(app.rooms.get(), Part::Here(_)))
        });
        if drawn == Some(true) {
            request_animation_frame(|| {
                let _ = window().print();
            });
        }
    });
    move || {
        app.printout.get().map(|what| match what {
            Printout::Slip(order) => view! { <Slip order /> }.into_any(),
            Printout::Labels(goods) => enter(move |rooms| (rooms.labels)(goods.clone())).into_any(),
            Printout::Closing(replica, number) => enter(move |rooms| (rooms.closing)(replica, number)).into_any(),
            Printout::Papers(paper, orders) => enter(move |rooms| (rooms.papers)(paper, orders.clone())).into_any(),
        })
    }
}
