//! Reconciliation: a statement of the bank beside the payments, with what each line may be.

use leptos::html::Input;
use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::decide::{Command, Money};
use crate::domain::order::Order;
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::{OrderId, PaymentId};
use crate::domain::value::time::Timestamp;
use crate::domain::work::reconcile::{Booking, MOST_PAIRS, Proposal, missing, propose};
use crate::i18n::fill;
use crate::import::statement;
use crate::import::text::decode;
use crate::platform::files;
use crate::store::columns::Filter;
use crate::ui::components::Icon;
use crate::ui::routes;
use crate::ui::state::{App, app};

/// Orders are looked at from so long before the first line on. Units: ms.
const BEFORE: i64 = 45 * 86_400_000;
/// Lines that are drawn at once.
const MOST_DRAWN: usize = 200;

/// Brings the orders of a time into memory and says which they are.
async fn orders_since(app: App, since: Timestamp) -> Vec<OrderId> {
    let ids: Vec<OrderId> = app.look_mut(|l| {
        let rows = l.columns.select(&Filter { since: Some(since), ..Filter::default() });
        rows.into_iter().filter_map(|r| l.columns.id(r)).collect()
    });
    if let Err(error) = app.inner().desk.load_orders(ids.iter().copied()).await {
        app.complain(&error.into());
    }
    ids
}

#[component]
pub fn Reconcile() -> impl IntoView {
    let app = app();
    let m = app.words();
    let file = NodeRef::<Input>::new();
    let bookings = RwSignal::new(Vec::<Booking>::new());
    let unread = RwSignal::new(0_usize);
    let ids = RwSignal::new(Vec::<OrderId>::new());
    let busy = RwSignal::new(false);
    let choose = move |_| {
        let Some(chosen) = file.get_untracked().and_then(|i| i.files()).and_then(|f| f.get(0)) else { return };
        busy.set(true);
        spawn_local(async move {
            let text = files::bytes(chosen).await.map(|bytes| decode(&bytes, &files::gbk)).unwrap_or_default();
            match statement::read(&text, app.currency(), app.offset_ms()) {
                Some(read) => {
                    let first = read.bookings.iter().map(|b| b.at).min().unwrap_or_else(|| app.now());
                    let found = orders_since(app, Timestamp(first.0.saturating_sub(BEFORE))).await;
                    ids.try_set(found);
                    unread.try_set(read.unread.len());
                    bookings.try_set(read.bookings);
                }
                None => app.say(m.no_statement.to_owned(), true),
            }
            busy.try_set(false);
        });
    };
    let found = Memo::new(move |_| {
        app.orders.track();
        let offset = (app.offset_ms() / 60_000) as i32;
        app.look(|l| {
            let ids = ids.read();
            let orders: Vec<&Order> = ids.iter().filter_map(|id| l.book.orders.get(id)).collect();
            (bookings.with(|b| propose(b, &orders, offset)), missing(&orders))
        })
    });
    let pairs_of = move |at: usize| -> Vec<(OrderId, PaymentId, String)> {
        let key = bookings.with_untracked(|b| b.get(at).map(|b| b.key.clone())).unwrap_or_default();
        found.with_untracked(|(all, _)| match all.get(at) {
            Some(Proposal::Payment { order, payment, .. }) => vec![(*order, *payment, key)],
            Some(Proposal::Day { payments, .. }) => payments.iter().map(|(o, p)| (*o, *p, key.clone())).collect(),
            _ => Vec::new(),
        })
    };
    // A line that pays an order is a payment first, and then that payment is found on it.
    let pay = move |at: usize, order: OrderId| {
        let Some(booking) = bookings.with_untracked(|b| b.get(at).cloned()) else { return };
        let reference = booking.text.chars().take(100).collect();
        let money = Money { tender: Tender::Transfer, amount: booking.amount, tendered: booking.amount, reference };
        app.dispatch(Command::Pay { order, money }, move |_| {
            let payment = app.look(|l| l.book.orders.get(&order).and_then(|o| o.payments.last().map(|p| p.id)));
            if let Some(payment) = payment {
                app.dispatch(Command::Match(vec![(order, payment, booking.key)]), |_| {});
            }
        });
    };
    let accept = move |at: usize| {
        let due =
            found.with_untracked(
                |(all, _)| if let Some(Proposal::Due { order, .. }) = all.get(at) { Some(*order) } else { None },
            );
        match due {
            Some(order) => pay(at, order),
            None => app.dispatch(Command::Match(pairs_of(at).into_iter().take(MOST_PAIRS).collect()), |_| {}),
        }
    };
    let sure = move || {
        found.with(|(all, _)| {
            let sure = |p: &Proposal| matches!(p, Proposal::Payment { sure: true, .. });
            all.iter().enumerate().filter(|(_, p)| sure(p)).map(|(at, _)| at).collect::<Vec<_>>()
        })
    };
    let accept_all = move |_| {
        let pairs: Vec<_> = sure().into_iter().flat_map(pairs_of).take(MOST_PAIRS).collect();
        app.dispatch(Command::Match(pairs), |_| {});
    };
    view! {
        <section class="panel">
            <h2>{m.reconcile}</h2>
            <p class="quiet">{m.reconcile_text}</p>
            <label class="button">
                <Icon name="file" />
                <span>{m.choose_statement}</span>
                <input
                    type="file"
                    class="visually-hidden"
                    accept=".csv,.txt,.tsv,text/csv"
                    data-statement=""
                    node_ref=file
                    on:change=choose
                />
            </label>
            {move || {
                busy
                    .get()
                    .then(|| {
                        view! {
                            <p class="quiet" aria-busy="true">
                                {m.opening}
                            </p>
                        }
                    })
            }}
            {move || {
                (unread.get() > 0)
                    .then(|| {
                        view! {
                            <p class="trouble" role="alert">
                                <Icon name="alert" />
                                <span>{fill(m.statement_unread, &[&unread.get()])}</span>
                            </p>
                        }
                    })
            }}
            {move || {
                let all = bookings.get();
                if all.is_empty() {
                    return ().into_any();
                }
                let (proposals, left) = found.get();
                let known = proposals.iter().filter(|p| **p == Proposal::Known).count();
                let count = sure().len();
                view! {
                    <ul class="counts">
                        <li>
                            <strong data-known=known.to_string()>{known} " / " {all.len()}</strong>
                            <span>{m.reconciled}</span>
                        </li>
                        <li>
                            <strong data-missing=left.0.to_string()>{app.price(left)}</strong>
                            <span>{m.not_on_statement}</span>
                        </li>
                    </ul>
                    {(count > 0)
                        .then(|| {
                            view! {
                                <button class="button button--primary" data-accept-all="" on:click=accept_all>
                                    {fill(m.accept_sure, &[&count])}
                                </button>
                            }
                        })}
                    <ul class="plain">
                        {all
                            .into_iter()
                            .zip(proposals)
                            .enumerate()
                            .take(MOST_DRAWN)
                            .map(|(at, (b, proposal))| {
                                view! {
                                    <li class="row booking" data-booking=kind_of(&proposal)>
                                        <span class="row__main">
                                            {b.text.clone()}<small>{app.day(b.at)} " · " {said(app, &proposal)}</small>
                                        </span>
                                        <strong class="row__figure">{app.price(b.amount)}</strong>
                                        {order_of(&proposal)
                                            .map(|o| {
                                                view! {
                                                    <A href=routes::order(o) attr:class="button button--small">
                                                        {m.look}
                                                    </A>
                                                }
                                            })}
                                        {acceptable(&proposal)
                                            .then(|| {
                                                view! {
                                                    <button
                                                        class="button button--small"
                                                        data-accept=""
                                                        on:click=move |_| accept(at)
                                                    >
                                                        {m.accept}
                                                    </button>
                                                }
                                            })}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                }
                    .into_any()
            }}
        </section>
    }
}

fn kind_of(proposal: &Proposal) -> &'static str {
    match proposal {
        Proposal::Known => "known",
        Proposal::Payment { sure: true, .. } => "sure",
        Proposal::Payment { .. } => "guess",
        Proposal::Day { .. } => "day",
        Proposal::Due { .. } => "due",
        Proposal::Nothing => "nothing",
    }
}

fn acceptable(proposal: &Proposal) -> bool {
    !matches!(proposal, Proposal::Known | Proposal::Nothing)
}

fn order_of(proposal: &Proposal) -> Option<OrderId> {
    match proposal {
        Proposal::Payment { order, .. } | Proposal::Due { order, .. } => Some(*order),
        _ => None,
    }
}

fn said(app: App, proposal: &Proposal) -> String {
    let m = app.words();
    let number = |order: &OrderId| app.look(|l| l.book.orders.get(order).map(|o| o.number.clone())).unwrap_or_default();
    match proposal {
        Proposal::Known => m.reconciled.to_owned(),
        Proposal::Payment { order, sure: true, .. } => fill(m.booking_sure, &[&number(order)]),
        Proposal::Payment { order, .. } => fill(m.booking_guess, &[&number(order)]),
        Proposal::Day { tender, payments, fee, day } => {
            fill(m.booking_day, &[&payments.len(), &m.tender(*tender), &day.iso(), &app.price(*fee)])
        }
        Proposal::Due { order, .. } => fill(m.booking_due, &[&number(order)]),
        Proposal::Nothing => m.booking_nothing.to_owned(),
    }
}
