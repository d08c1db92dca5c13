//! Past orders: what a rule did with them, and what a new one would have done.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::order::rule::Rule;
use crate::domain::order::{Happened, Order, OrderState, Priority};
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::store::columns::Filter;
use crate::ui::routes;
use crate::ui::state::{App, app};

/// Past orders that a rule is tried on.
const TRIED_ON: usize = 500;
/// Of these, so many in one go, and so many are listed.
const TRIED_AT_ONCE: usize = 20;
const TRIED_SHOWN: usize = 20;
/// The latest that a rule did.
const LOGGED: usize = 10;

/// Result of a trial on the latest orders.
#[derive(Clone)]
pub(super) struct Tried {
    acted: usize,
    of: usize,
    /// Some of those that it would have acted on: their numbers, and what they would be.
    shown: Vec<(String, String)>,
}

/// The latest orders, the newest first.
fn latest(app: App) -> Vec<OrderId> {
    app.look_mut(|l| {
        let rows = l.columns.select(&Filter::default());
        rows.into_iter().filter_map(|r| l.columns.id(r)).take(TRIED_ON).collect()
    })
}

/// Says what a rule would have made of the latest orders.
#[component]
pub(super) fn Trial(tried: Tried) -> impl IntoView {
    let m = app().words();
    view! {
        <div class="tried" data-tried=tried.acted.to_string()>
            <p class="form__note">
                {if tried.acted == 0 {
                    fill(m.rule_would_none, &[&tried.of])
                } else {
                    fill(m.rule_tried, &[&tried.acted, &tried.of])
                }} " " {m.rule_would_text}
            </p>
            <ul class="history">
                {tried
                    .shown
                    .into_iter()
                    .map(|(number, text)| {
                        view! {
                            <li>
                                <strong>{number}</strong>
                                <span>{text}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}

/// Tries a rule on the latest orders, as they were when they came in. Nothing is written.
pub(super) async fn try_on_past(app: App, rule: Rule) -> Tried {
    let ids = latest(app);
    // Those that are not on this tablet yet are left out, and not counted.
    let _ = app.inner().desk.load_orders(ids.iter().copied()).await;
    let mut tried = Tried { acted: 0, of: 0, shown: Vec::new() };
    for part in ids.chunks(TRIED_AT_ONCE) {
        app.look(|l| {
            let past = part.iter().filter_map(|id| l.book.orders.get(id)).filter(|o| o.state != OrderState::Draft);
            for order in past {
                tried.of += 1;
                let Some(would) = rule.dry_run(&l.book, order) else { continue };
                tried.acted += 1;
                if tried.shown.len() < TRIED_SHOWN {
                    tried.shown.push((order.number.clone(), became(app, &would)));
                }
            }
        });
        // The screen has its turn between.
        gloo::timers::future::TimeoutFuture::new(0).await;
    }
    tried
}

/// Says what an order would be.
fn became(app: App, order: &Order) -> String {
    let m = app.words();
    let mut words = vec![m.state(order.state).to_owned()];
    if let Some(work) = &order.fulfilment {
        words.extend((work.priority != Priority::Normal).then(|| m.priority(work.priority).to_owned()));
        words.extend(work.assigned.as_ref().map(|to| crate::ui::pages::assignee(app, Some(to))));
        words.extend(work.tags.iter().cloned());
        words.extend(work.hold.as_ref().map(|reason| fill(m.on_hold, &[reason])));
    }
    words.extend(order.messages.iter().map(|message| message.text.clone()));
    words.join(" · ")
}

/// The latest orders on this tablet that a rule acted on.
#[component]
pub(super) fn Log(rule: Id) -> impl IntoView {
    let app = app();
    let m = app.words();
    let acted = RwSignal::new(None);
    spawn_local(async move {
        acted.try_set(Some(acted_on(app, rule).await));
    });
    view! {
        <h3>{m.rule_log}</h3>
        {move || {
            acted
                .get()
                .map(|acted: Vec<(Timestamp, OrderId, String)>| {
                    let count = acted.len();
                    view! {
                        {(count == 0).then(|| view! { <p class="quiet">{m.rule_log_none}</p> })}
                        <ul class="history" data-rule-log=count.to_string()>
                            {acted
                                .into_iter()
                                .take(LOGGED)
                                .map(|(at, id, number)| {
                                    view! {
                                        <li>
                                            <time>{app.full_moment(at)}</time>
                                            <span>
                                                <A href=routes::order(id)>{number}</A>
                                            </span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })
        }}
    }
}

/// Of the latest orders those that a rule acted on, and when it last did; the latest first.
async fn acted_on(app: App, rule: Id) -> Vec<(Timestamp, OrderId, String)> {
    let when = |o: &Order| o.history.iter().rev().find(|e| e.what == Happened::Ruled(rule)).map(|e| e.at);
    // Those that are not on this tablet yet are left out.
    let orders = app.inner().desk.read_orders(&latest(app)).await.unwrap_or_default();
    let mut acted: Vec<_> = orders.iter().filter_map(|o| Some((when(o)?, o.id, o.number.clone()))).collect();
    acted.sort();
    acted.reverse();
    acted
}
