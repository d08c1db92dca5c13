//! Queues: the orders that wait for the same thing, the first in turn on top; one tap does what comes next.

use std::collections::HashSet;

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::order::{Assignee, Method, Order, OrderState, Paper, Priority, Step, StepKind, steps_from, turn};
use crate::domain::value::id::OrderId;
use crate::domain::value::named::Named;
use crate::domain::work::finding::{Finding, Severity, findings};
use crate::i18n::fill;
use crate::store::columns::Filter;
use crate::ui::components::{Icon, Printout};
use crate::ui::pages::{assignee, finding, take_step};
use crate::ui::routes;
use crate::ui::state::app;

/// Orders that are shown of one queue; the first in turn are done first anyway.
const MOST_SHOWN: usize = 200;

/// The states of the orders in it, and the step that takes one out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Queue {
    Check,
    Allocate,
    Pick,
    Send,
    Quotes,
}

impl Queue {
    pub const ALL: [Self; 5] = [Self::Check, Self::Allocate, Self::Pick, Self::Send, Self::Quotes];

    pub fn states(self) -> &'static [OrderState] {
        match self {
            Self::Check => &[OrderState::Placed],
            Self::Allocate => &[OrderState::Confirmed],
            Self::Pick => &[OrderState::Allocated, OrderState::Picking],
            Self::Send => &[OrderState::Packed],
            Self::Quotes => &[OrderState::Draft],
        }
    }

    pub fn filter(self) -> Filter {
        Filter { states: self.states().to_vec(), ..Filter::default() }
    }
}

/// Whose work is shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Whose {
    #[default]
    Everyones,
    /// What nobody has taken on.
    Nobodys,
    Of(Assignee),
}

impl Whose {
    fn has(&self, order: &Order) -> bool {
        let to = order.fulfilment.as_ref().and_then(|f| f.assigned.as_ref());
        match self {
            Self::Everyones => true,
            Self::Nobodys => to.is_none(),
            Self::Of(who) => to == Some(who),
        }
    }
}

#[component]
pub fn QueueList(queue: Queue, whose: RwSignal<Whose>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let loaded = RwSignal::new(0_u32);
    let chosen = RwSignal::new(HashSet::<OrderId>::new());
    let ids = Memo::new(move |_| {
        app.orders.track();
        app.look_mut(|l| {
            let rows = l.columns.select(&queue.filter());
            // The oldest wait longest; what is urgent among the newest is still found.
            rows.into_iter().rev().filter_map(|r| l.columns.id(r)).take(4 * MOST_SHOWN).collect::<Vec<_>>()
        })
    });
    // Sealed orders are read from their blocks first.
    Effect::new(move |_| {
        let ids = ids.get();
        spawn_local(async move {
            let desk = &app.inner().desk;
            if desk.load_orders(ids.iter().copied()).await.is_err() {
                for id in ids {
                    // One that is not here yet comes with the first read; the others are shown.
                    let _ = desk.load_orders([id].into_iter()).await;
                }
            }
            loaded.try_update(|n| *n += 1);
        });
    });
    let orders = Memo::new(move |_| {
        app.orders.track();
        app.people.track();
        loaded.track();
        let whose = whose.get();
        ids.with(|ids| {
            app.look(|l| {
                let mut all: Vec<Order> = ids.iter().filter_map(|id| l.book.orders.get(id).cloned()).collect();
                all.retain(|o| queue.states().contains(&o.state) && whose.has(o));
                all.sort_by_key(turn);
                all.truncate(MOST_SHOWN);
                all
            })
        })
    });
    let picked = move || {
        orders.with(|all| all.iter().map(|o| o.id).filter(|id| chosen.with(|c| c.contains(id))).collect::<Vec<_>>())
    };
    let choose_all = move |_| chosen.set(orders.with_untracked(|all| all.iter().map(|o| o.id).collect()));
    let print = move |_| {
        let picked = untrack(picked);
        app.print(Printout::Papers(Paper::PickList, picked));
    };
    view! {
        <div class="queue" data-queue=queue.name()>
            <div class="queue__do">
                {(queue == Queue::Allocate)
                    .then(|| {
                        view! {
                            <button
                                class="button button--primary"
                                data-allocate-all=""
                                disabled=move || orders.with(Vec::is_empty)
                                on:click=move |_| app.allocate_all()
                            >
                                {m.allocate_all}
                            </button>
                        }
                    })}
                {(queue == Queue::Pick)
                    .then(|| {
                        view! {
                            <button class="button" on:click=choose_all>
                                {m.choose_all}
                            </button>
                            <button
                                class="button button--primary"
                                data-pick-list=""
                                disabled=move || picked().is_empty()
                                on:click=print
                            >
                                <Icon name="print" />
                                <span>{move || fill(m.pick_list_for, &[&picked().len()])}</span>
                            </button>
                        }
                    })}
            </div>
            <Show
                when=move || !orders.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <div class="empty">
                            <Icon name="check" />
                            <p>{m.queue_empty}</p>
                        </div>
                    }
                }
            >
                {move || orders.get().into_iter().map(|order| view! { <QueueRow order queue chosen /> }).collect_view()}
            </Show>
        </div>
    }
}

#[component]
fn QueueRow(order: Order, queue: Queue, chosen: RwSignal<HashSet<OrderId>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let [number, label, shown] = [(); 3].map(|()| order.number.clone());
    let work = order.fulfilment.as_deref().cloned().unwrap_or_default();
    let found: Vec<Finding> = match queue {
        Queue::Check | Queue::Allocate => app.look(|l| findings(&l.book, &order, app.now())),
        _ => Vec::new(),
    };
    let worst = found.first().map(|f| (f.severity().name(), finding(app, &order, f)));
    let stopped = found.iter().any(|f| f.severity() == Severity::Stop);
    let customer = order
        .customer
        .and_then(|c| app.look(|l| l.book.customers.get(&c).map(|c| c.person.called().to_owned())))
        .unwrap_or_default();
    let promised = work.delivery.as_ref().and_then(|d| d.promised);
    let late = promised.is_some_and(|p| p < app.now());
    let held = work.hold.is_some();
    // Who fetches it is handed it.
    let fetched = work.delivery.as_ref().is_some_and(|d| d.method == Method::PickUp);
    let usual = |s: &&Step| match s.kind {
        StepKind::Void => false,
        StepKind::HandOver => queue == Queue::Send && fetched,
        StepKind::Ship => !fetched,
        _ => true,
    };
    let next = steps_from(order.state).find(usual);
    view! {
        <div class="row queue__row" data-number=number>
            {(queue == Queue::Pick)
                .then(|| {
                    view! {
                        <label class="check">
                            <input
                                type="checkbox"
                                aria-label=label
                                prop:checked=move || chosen.with(|c| c.contains(&id))
                                on:change=move |e| {
                                    chosen
                                        .update(|c| {
                                            if event_target_checked(&e) {
                                                c.insert(id);
                                            } else {
                                                c.remove(&id);
                                            }
                                        });
                                }
                            />
                        </label>
                    }
                })}
            <A href=routes::order(id) attr:class="queue__what">
                <strong>{shown} " " {customer}</strong>
                <small>
                    {promised
                        .map_or_else(|| app.age(order.placed_at), |p| fill(m.promised_short, &[&app.full_moment(p)]))}
                    " · " {assignee(app, work.assigned.as_ref())}
                    {worst.map(|(severity, text)| view! { <em data-severity=severity>" · " {text}</em> })}
                </small>
            </A>
            {(work.priority != Priority::Normal)
                .then(|| view! { <span class="mark">{m.priority(work.priority)}</span> })}
            {late.then(|| view! { <span class="mark">{m.found_late}</span> })}
            {held
                .then(|| {
                    view! { <span class="badge">{fill(m.on_hold, &[&work.hold.clone().unwrap_or_default()])}</span> }
                })}
            <strong class="row__figure">{app.money(order.currency, order.totals.total)}</strong>
            {next
                .map(|step| {
                    let to = step.to;
                    let class = if stopped { "button button--small" } else { "button button--small button--primary" };
                    view! {
                        <button
                            class=class
                            data-next=step.kind.name()
                            disabled=held
                            on:click=move |_| take_step(app, id, to)
                        >
                            {m.step(step.kind)}
                        </button>
                    }
                })}
        </div>
    }
}
