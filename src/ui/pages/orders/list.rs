//! The list: 100,000 orders scroll, because only the rows that are seen are in the page.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

use crate::domain::order::{OrderState, PaymentState};
use crate::domain::shop::channel::Channel;
use crate::domain::value::id::OrderId;
use crate::domain::value::named::{Named, named};
use crate::i18n::fill;
use crate::platform::timing;
use crate::store::columns::{Filter, Summary};
use crate::ui::components::{Choice, Icon, VirtualList};
use crate::ui::routes;
use crate::ui::state::{App, app};

/// The narrowings that are asked for all day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum View {
    All,
    Open,
    Unpaid,
    Today,
    Closed,
    Voided,
}

#[component]
pub fn Orders() -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(use_query_map().with_untracked(|q| q.get("find")).unwrap_or_default());
    let shown = RwSignal::new(View::All);
    let channel = RwSignal::new(String::new());
    let rows = Memo::new(move |_| {
        app.orders.track();
        let filter = filter(app, shown.get(), &channel.get(), &query.get());
        app.look_mut(|l| {
            let _span = timing::span("select");
            let rows = l.columns.select(&filter);
            rows.into_iter().filter_map(|r| l.columns.id(r)).collect::<Vec<OrderId>>()
        })
    });
    let views = vec![
        (View::All, m.all.to_owned()),
        (View::Open, m.open_orders.to_owned()),
        (View::Unpaid, m.unpaid.to_owned()),
        (View::Today, m.today.to_owned()),
        (View::Closed, m.closed_orders.to_owned()),
        (View::Voided, m.voided_orders.to_owned()),
    ];
    let any = Memo::new(move |_| {
        app.orders.track();
        app.look(|l| !l.columns.is_empty())
    });
    view! {
        <section class="page page--list">
            <header class="page__head">
                <h1>{m.orders}</h1>
                <span class="page__count" data-count=move || rows.with(Vec::len).to_string()>
                    {move || fill(m.orders_count, &[&rows.with(Vec::len)])}
                </span>
                <label class="search">
                    <Icon name="search" />
                    <input
                        class="search__input"
                        type="search"
                        autocomplete="off"
                        placeholder=m.search_orders
                        aria-label=m.search_orders
                        prop:value=move || query.get()
                        on:input=move |e| query.set(event_target_value(&e))
                    />
                </label>
                <select
                    class="input page__select"
                    aria-label=m.channel_label
                    on:change=move |e| channel.set(event_target_value(&e))
                >
                    <option value="">{m.all_channels}</option>
                    {Channel::ALL
                        .iter()
                        .map(|c| view! { <option value=c.name()>{m.channel(*c)}</option> })
                        .collect_view()}
                </select>
            </header>
            <Choice options=views value=shown choose=move |v| shown.set(v) label=m.filter />
            <Show
                when=move || any.get()
                fallback=move || {
                    view! {
                        <div class="empty">
                            <p>{move || app.said_of_none(m.no_orders)}</p>
                            <A href=routes::TAKE_ORDER attr:class="button button--primary">
                                {m.take_first_order}
                            </A>
                        </div>
                    }
                }
            >
                <Show
                    when=move || !rows.with(Vec::is_empty)
                    fallback=move || view! { <p class="empty">{m.nothing_found}</p> }
                >
                    <VirtualList items=rows row_height=68.0 draw=row />
                </Show>
            </Show>
        </section>
    }
}

fn filter(app: App, view: View, channel: &str, text: &str) -> Filter {
    let states =
        |open: bool| OrderState::ALL.into_iter().filter(|s| s.open() == open && *s != OrderState::Voided).collect();
    let wanted = text.trim().to_lowercase();
    let customers = if wanted.is_empty() {
        std::collections::HashSet::new()
    } else {
        app.look(|l| {
            l.book.customers.iter().filter(|(_, c)| c.person.is_found_by(&wanted)).map(|(id, _)| *id).collect()
        })
    };
    let mut filter = Filter { channel: named(Channel::ALL, channel), text: wanted, customers, ..Filter::default() };
    match view {
        View::All => {}
        View::Open => filter.states = states(true),
        View::Closed => filter.states = states(false),
        View::Voided => filter.states = vec![OrderState::Voided],
        View::Unpaid => {
            filter.payments = vec![PaymentState::Unpaid, PaymentState::Part];
            filter.states = OrderState::ALL.into_iter().filter(|s| *s != OrderState::Voided).collect();
        }
        View::Today => {
            filter.since = Some(app.midnight());
        }
    }
    filter
}

/// What is said of an order on its row.
#[derive(Clone, PartialEq)]
struct Shown {
    order: Summary,
    customer: String,
    unsent: bool,
}

/// One look a row, and each place in it changes by itself: while the list is scrolled, dozens of rows show another
/// order in each frame, and a row that was drawn as one would have every attribute taken off and put on again.
fn row(id: Signal<OrderId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let shown = Memo::new(move |_| {
        app.orders.track();
        app.people.track();
        app.sync.track();
        let id = id.get();
        let found = app.look(|l| {
            let order = l.columns.row(id).and_then(|r| l.columns.summary(r))?;
            let customer = order.customer.and_then(|c| Some(l.book.customers.get(&c)?.person.called().to_owned()));
            Some((order, customer.unwrap_or_default()))
        });
        found.map(|(order, customer)| Shown { order, customer, unsent: app.is_unsent(id) })
    });
    let says =
        move |of: fn(App, &Shown) -> String| move || shown.with(|s| s.as_ref().map(|s| of(app, s)).unwrap_or_default());
    let unsent = move || shown.with(|s| s.as_ref().is_some_and(|s| s.unsent));
    view! {
        <a
            href=says(|_, s| routes::order(s.order.id))
            class="order-row"
            data-unsynced=move || unsent().then_some("")
            data-number=says(|_, s| s.order.number.clone())
        >
            <span class="order-row__number">{says(|_, s| s.order.number.clone())}</span>
            <span class="order-row__who">{says(|_, s| s.customer.clone())}</span>
            <span class="badge">{says(|app, s| app.words().channel(s.order.channel).to_owned())}</span>
            <span class="state" data-state=says(|_, s| s.order.state.name().to_owned())>
                {says(|app, s| app.words().state(s.order.state).to_owned())}
            </span>
            <span class="paid" data-paid=says(|_, s| s.order.payment.name().to_owned())>
                {says(|app, s| app.words().payment_state(s.order.payment).to_owned())}
            </span>
            <span class="order-row__when">{says(|app, s| app.moment(s.order.placed_at))}</span>
            <strong class="order-row__total">{says(|app, s| app.money(s.order.currency, s.order.total))}</strong>
            <span class="order-row__unsent">
                {move || {
                    unsent()
                        .then(|| {
                            view! {
                                <span class="unsent" title=m.not_sent>
                                    <Icon name="sync" />
                                    <span>{m.not_sent}</span>
                                </span>
                            }
                        })
                }}
            </span>
        </a>
    }
}
