//! Work: what a person has to look at, and the orders that wait for a hand.

mod cases;
mod queue;
mod refused;
mod short;
mod sides;

use cases::CaseRow;
use leptos::prelude::*;
use leptos_router::components::A;
use queue::{Queue, QueueList, Whose};
use refused::Refused;

use crate::domain::book::case::Case;
use crate::domain::order::{Assignee, Order};
use crate::domain::value::id::Id;
use crate::domain::value::named::Named;
use crate::domain::value::time::Day;
use crate::domain::work::reorder::Alert;
use crate::i18n::fill;
use crate::ui::components::{Choice, Icon};
use crate::ui::pages::DueMessages;
use crate::ui::routes;
use crate::ui::state::app;

/// How soon something expires to be worth a look. Units: days.
const SOON: i32 = 30;

#[component]
pub fn Work() -> impl IntoView {
    let app = app();
    let m = app.words();
    let shown = RwSignal::new(None::<Queue>);
    let whose = RwSignal::new(Whose::default());
    let attention = Memo::new(move |_| {
        app.cases.track();
        app.orders.track();
        app.people.track();
        let waits = |o: &&Order| o.is_message_due() || o.attempts.iter().any(|a| a.outcome.is_open());
        app.sync.with(|s| s.refused)
            + app.look(|l| l.open_cases().count() + l.book.outstanding_orders().filter(waits).count())
    });
    let counts = Memo::new(move |_| {
        app.orders.track();
        app.look_mut(|l| Queue::ALL.map(|q| l.columns.select(&q.filter()).len()))
    });
    let tabs = move || {
        let names = [m.queue_check, m.queue_allocate, m.queue_pick, m.queue_send, m.queue_quotes];
        let text = |name: &str, n: usize| if n == 0 { name.to_owned() } else { format!("{name} {n}") };
        let mut tabs = vec![(None, text(m.queue_look, attention.get()))];
        tabs.extend(Queue::ALL.into_iter().zip(counts.get()).zip(names).map(|((q, n), name)| (Some(q), text(name, n))));
        tabs
    };
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.work}</h1>
            </header>
            <div class="page__filters">
                {move || view! { <Choice options=tabs() value=shown choose=move |q| shown.set(q) label=m.work /> }}
                <Show when=move || shown.get().is_some()>
                    <WhoseWork whose />
                </Show>
            </div>
            {move || match shown.get() {
                None => view! { <Attention /> }.into_any(),
                Some(queue) => view! { <QueueList queue whose /> }.into_any(),
            }}
        </section>
    }
}

/// A work queue for each person and station, with how much each has.
#[component]
fn WhoseWork(whose: RwSignal<Whose>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let all = Memo::new(move |_| {
        app.settings.track();
        app.tills.track();
        app.orders.track();
        let me = app.preferences.with(|p| p.staff);
        let mut known: Vec<(bool, String, Assignee, u32)> = app.look(|l| {
            let load = |who: &Assignee| l.book.workload.get(who).copied().unwrap_or_default();
            let people =
                l.book.staff.iter().filter(|(_, s)| s.active).map(|(id, s)| (Assignee::Staff(*id), s.name.clone()));
            let stations = l.book.stations().into_iter().map(|name| (Assignee::Station(name.clone()), name));
            people
                .chain(stations)
                .map(|(who, name)| (who != Assignee::Staff(me), name, who.clone(), load(&who)))
                .collect()
        });
        known.sort();
        known
    });
    let pick = move |key: String| {
        whose.set(match key.parse::<usize>() {
            Ok(at) => all.with_untracked(|all| all.get(at).map(|a| Whose::Of(a.2.clone()))).unwrap_or_default(),
            Err(_) if key == "nobody" => Whose::Nobodys,
            Err(_) => Whose::Everyones,
        });
    };
    view! {
        <select
            class="input page__select"
            data-whose=""
            aria-label=m.assigned_to
            on:change=move |e| pick(event_target_value(&e))
        >
            <option value="">{m.queue_everyone}</option>
            <option value="nobody">{m.nobody}</option>
            {move || {
                all
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(at, (other, name, who, load))| {
                        let name = if other { name } else { fill(m.queue_me, &[&name]) };
                        let chosen = whose.with_untracked(|w| *w == Whose::Of(who));
                        view! {
                            <option value=at.to_string() selected=chosen>
                                {format!("{name} ({load})")}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    }
}

/// Transactions that the server refused, and cases of the fold.
#[component]
fn Attention() -> impl IntoView {
    let app = app();
    let m = app.words();
    let cases = Memo::new(move |_| {
        app.cases.track();
        app.catalog.track();
        let mut open: Vec<(Id, Case)> = app.look(|l| l.open_cases().map(|(id, c)| (*id, c.clone())).collect());
        open.sort_by_key(|(id, c)| (std::cmp::Reverse(c.at), *id));
        open
    });
    let unanswered = Memo::new(move |_| {
        app.orders.track();
        let open = |o: &Order| {
            let attempt = o.attempts.iter().find(|a| a.outcome.is_open())?;
            Some((
                o.id,
                o.number.clone(),
                format!("{} {}", m.tender(attempt.tender), app.money(o.currency, attempt.amount)),
            ))
        };
        let mut all: Vec<_> = app.look(|l| l.book.outstanding_orders().filter_map(open).collect());
        all.sort();
        all
    });
    let told = Memo::new(move |_| {
        app.orders.track();
        app.people.track();
        let mut all: Vec<Order> =
            app.look(|l| l.book.outstanding_orders().filter(|o| o.is_message_due()).cloned().collect());
        all.sort_by_key(|o| (o.placed_at, o.id));
        all
    });
    let alerts = Memo::new(move |_| {
        app.stock.track();
        app.catalog.track();
        app.settings.track();
        let day = Day(app.today().0.saturating_add(SOON));
        app.look(|l| l.book.alerts(app.location(), app.now(), day))
    });
    let refused = Memo::new(move |_| {
        app.sync.track();
        app.look(|l| l.refused.iter().map(|(seq, r)| (*seq, r.code.clone())).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || app.recovery_is_due()>
            <section class="panel" data-recovery-due="">
                <h2>{m.recovery}</h2>
                <p>{move || app.sync.with(|s| s.oldest).map(|at| fill(m.recovery_due, &[&app.age(at)]))}</p>
                <div class="form__do">
                    <A href=routes::SETTINGS attr:class="button button--primary">
                        {m.recovery_save}
                    </A>
                </div>
            </section>
        </Show>
        <Show when=move || {
            alerts.with(|a| a.iter().all(|n| *n == 0)) && cases.with(Vec::is_empty) && refused.with(Vec::is_empty)
                && unanswered.with(Vec::is_empty) && told.with(Vec::is_empty) && !app.recovery_is_due()
        }>
            <div class="empty">
                <Icon name="check" />
                <p>{m.nothing_to_do}</p>
            </div>
        </Show>
        <Show when=move || alerts.with(|a| a.iter().any(|n| *n > 0))>
            <section class="panel" data-stock-alerts="">
                <h2>{m.stock_alerts}</h2>
                <div class="chips">
                    {move || {
                        Alert::ALL
                            .into_iter()
                            .zip([m.low, m.out, m.oversold, m.expiring])
                            .zip(alerts.get())
                            .filter(|(_, n)| *n > 0)
                            .map(|((alert, word), n)| {
                                let kind = alert.name();
                                view! {
                                    <A
                                        href=format!("{}?alert={kind}", routes::STOCK)
                                        attr:class="chip"
                                        attr:data-alert=kind
                                    >
                                        {word}
                                        " "
                                        {n}
                                    </A>
                                }
                            })
                            .collect_view()
                    }}
                </div>
                <div class="form__do">
                    <A href=routes::PROPOSE attr:class="button" attr:data-propose-purchase="">
                        {m.purchase_propose}
                    </A>
                </div>
            </section>
        </Show>
        <Show when=move || !unanswered.with(Vec::is_empty)>
            <section class="panel">
                <h2>{m.answers_open}</h2>
                {move || {
                    unanswered
                        .get()
                        .into_iter()
                        .map(|(id, number, text)| {
                            view! {
                                <button
                                    class="row row--button"
                                    data-unanswered=number
                                    on:click=move |_| app.answering.set(Some(id))
                                >
                                    <Icon name="alert" />
                                    <strong class="row__main">{number.clone()}</strong>
                                    <span>{text}</span>
                                </button>
                            }
                        })
                        .collect_view()
                }}
            </section>
        </Show>
        <Show when=move || !told.with(Vec::is_empty)>
            <section class="panel">
                <h2>{m.messages}</h2>
                <For
                    each=move || told.get()
                    key=|order| (order.id, order.messages.len(), order.history.len())
                    children=|order| {
                        let number = order.number.clone();
                        view! {
                            <A href=routes::order(order.id) attr:class="row row--button">
                                <strong class="row__main">{number}</strong>
                            </A>
                            <DueMessages order />
                        }
                    }
                />
            </section>
        </Show>
        <Show when=move || !refused.with(Vec::is_empty)>
            <section class="panel">
                <h2>{m.needs_attention}</h2>
                <p class="quiet">{m.needs_attention_text}</p>
                {move || refused.get().into_iter().map(|(seq, code)| view! { <Refused seq code /> }).collect_view()}
            </section>
        </Show>
        <Show when=move || !cases.with(Vec::is_empty)>
            <section class="panel">
                <h2>{m.cases}</h2>
                // Only a row whose case changed is drawn anew: somebody may be typing a count into another.
                <For
                    each=move || cases.get()
                    key=|(id, case)| (*id, case.hash())
                    children=|(id, case)| view! { <CaseRow id case /> }
                />
            </section>
        </Show>
    }
}
