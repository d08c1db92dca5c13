//! Work: what a person has to look at. Cases of the fold, and transactions that the server refused.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::case::{Case, CaseKind};
use crate::domain::decide::Command;
use crate::domain::event::{Body, Event};
use crate::domain::id::{Id, OrderId};
use crate::i18n::fill;
use crate::platform::files;
use crate::ui::components::{Dialog, Icon, TextField};
use crate::ui::routes;
use crate::ui::state::{App, app};
use crate::ui::words::code_words;

#[component]
pub fn Work() -> impl IntoView {
    let app = app();
    let m = app.words();
    let cases = Memo::new(move |_| {
        app.cases.track();
        app.catalog.track();
        let mut open: Vec<(Id, Case)> = app.look(|l| l.book.open_cases().map(|(id, c)| (*id, c.clone())).collect());
        open.sort_by_key(|(id, c)| (std::cmp::Reverse(c.at), *id));
        open
    });
    let refused = Memo::new(move |_| {
        app.sync.track();
        app.look(|l| l.refused.iter().map(|(seq, r)| (*seq, r.code.clone())).collect::<Vec<_>>())
    });
    let late = Memo::new(move |_| {
        app.orders.track();
        app.look_mut(|l| {
            let filter = crate::store::columns::Filter {
                states: crate::domain::order::OrderState::ALL.into_iter().filter(|s| s.open()).collect(),
                ..Default::default()
            };
            l.columns
                .select(&filter)
                .into_iter()
                .rev()
                .take(50)
                .filter_map(|r| l.columns.summary(r))
                .map(|s| (s.id, s.number))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="page">
            <header class="page__head"><h1>{m.work}</h1></header>
            <Show when=move || { cases.with(Vec::is_empty) && refused.with(Vec::is_empty) && late.with(Vec::is_empty) }>
                <div class="empty"><Icon name="check" /><p>{m.nothing_to_do}</p></div>
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
                    {move || cases.get().into_iter().map(|(id, case)| view! { <CaseRow id case /> }).collect_view()}
                </section>
            </Show>
            <Show when=move || !late.with(Vec::is_empty)>
                <section class="panel">
                    <h2>{m.open_orders}</h2>
                    {move || late.get().into_iter().map(|(id, number)| view! { <OpenOrder id number /> }).collect_view()}
                </section>
            </Show>
        </section>
    }
}

#[component]
fn OpenOrder(id: OrderId, number: String) -> impl IntoView {
    let app = app();
    let m = app.words();
    let found = app.look(|l| l.columns.row(id).and_then(|r| l.columns.summary(r)));
    found.map(|s| {
        view! {
            <A href=routes::order(id) attr:class="row row--button">
                <span class="row__main">{number}</span>
                <span class="state" data-state=format!("{:?}", s.state).to_lowercase()>{m.state(s.state)}</span>
                <span class="paid" data-paid=format!("{:?}", s.payment).to_lowercase()>{m.payment_state(s.payment)}</span>
                <span>{app.age(s.placed_at)}</span>
                <strong>{app.money(s.currency, s.total)}</strong>
            </A>
        }
    })
}

fn case_text(app: App, kind: &CaseKind) -> String {
    let m = app.words();
    let number = |order: &OrderId| {
        app.look(|l| l.columns.row(*order).and_then(|r| l.columns.summary(r)).map(|s| s.number)).unwrap_or_else(|| order.to_string())
    };
    match kind {
        CaseKind::Oversold { place, short } => {
            let name = app.look(|l| l.book.variant(place.0).map(|(p, v)| p.line_name(v))).unwrap_or_else(|| m.unknown_product.to_owned());
            let at = app.look(|l| l.book.locations.get(&place.1).map(|p| p.name.clone())).unwrap_or_default();
            fill(m.case_oversold, &[&name, &at, &short.plain()])
        }
        CaseKind::Overpaid { order, over } => fill(m.case_overpaid, &[&number(order), &app.price(*over)]),
        CaseKind::PaidAfterVoid { order } => fill(m.case_paid_after_void, &[&number(order)]),
        CaseKind::VoidedThoughPaid { order } => fill(m.case_voided_though_paid, &[&number(order)]),
        CaseKind::OverRefunded { order, over } => fill(m.case_over_refunded, &[&number(order), &app.price(*over)]),
        CaseKind::HandedOverTwice { order } => fill(m.case_handed_over_twice, &[&number(order)]),
        CaseKind::StepLost { order } => fill(m.case_step_lost, &[&number(order)]),
        CaseKind::UnknownOrder { order } => fill(m.case_unknown_order, &[order]),
        CaseKind::Held { replica, seq, code } => fill(m.case_held, &[replica, seq, code]),
    }
}

#[component]
fn CaseRow(id: Id, case: Case) -> impl IntoView {
    let app = app();
    let m = app.words();
    let oversold = matches!(case.kind, CaseKind::Oversold { .. });
    let order = case.kind.order();
    let settle = match case.kind {
        CaseKind::Overpaid { .. } => Some(m.give_back),
        CaseKind::OverRefunded { .. } => Some(m.take_back),
        CaseKind::PaidAfterVoid { .. } | CaseKind::VoidedThoughPaid { .. } => Some(m.void_for_good),
        _ => None,
    };
    view! {
        <div class="row" data-case="">
            <Icon name="alert" />
            <span class="row__main">{case_text(app, &case.kind)}</span>
            {order.map(|o| view! { <A href=routes::order(o) attr:class="button button--small">{m.look}</A> })}
            {oversold.then(|| view! { <A href=routes::STOCK attr:class="button button--small">{m.stock}</A> })}
            {settle.zip(order).map(|(text, order)| view! {
                <button class="button button--small button--primary" on:click=move |_| app.dispatch(Command::SettleCase { case: id, order }, |_| {})>{text}</button>
            })}
            {(!oversold).then(|| view! {
                <button class="button button--small" on:click=move |_| app.dispatch(Command::ResolveCase(id), |_| {})>
                    {if settle.is_some() { m.keep_as_is } else { m.done }}
                </button>
            })}
        </div>
    }
}

/// What was asked for, in words.
fn asked_for(app: App, seq: u64) -> String {
    let m = app.words();
    let body = app.look(|l| l.refused.get(&seq).and_then(|r| serde_json::from_slice::<Body>(r.entry.body.get().as_bytes()).ok()));
    let said = body.iter().flat_map(|b| &b.ev).filter_map(|event| {
        Some(match event {
            Event::PriceSet(e) => {
                let known = app.look(|l| l.book.variant(e.variant).map(|(p, v)| p.line_name(v)));
                fill(m.what_price, &[&known.unwrap_or_else(|| m.unknown_product.to_owned()), &app.price(e.price)])
            }
            Event::ProductSet(e) => fill(m.what_product, &[&e.name]),
            Event::StaffSet(e) => fill(m.what_staff, &[&e.name]),
            Event::ProfileSet(e) => fill(m.what_setting, &[&e.name]),
            Event::TaxRateSet(e) => fill(m.what_setting, &[&e.name]),
            Event::LocationSet(e) => fill(m.what_setting, &[&e.name]),
            Event::CustomerSet(_) => m.what_customer.to_owned(),
            Event::CaseResolved(_) => m.what_case.to_owned(),
            _ => return None,
        })
    });
    said.take(3).collect::<Vec<_>>().join(" · ")
}

#[component]
fn Refused(seq: u64, code: String) -> impl IntoView {
    let app = app();
    let m = app.words();
    let dropping = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let export = move |_| {
        let text = app.look(|l| l.refused.get(&seq).and_then(|r| serde_json::to_string(r).ok())).unwrap_or_default();
        files::save(&format!("daybook-refused-{seq}.json"), &text);
    };
    let let_go = move || {
        spawn_local(async move {
            let text = reason.get_untracked();
            let done = app.inner().desk.drop_refused(app.staff(), seq, &text).await;
            if app.done(&done) {
                dropping.try_set(false);
            }
        });
    };
    view! {
        <div class="row" data-refused=seq.to_string()>
            <Icon name="alert" />
            <span class="row__main">
                {asked_for(app, seq)}
                <small class="quiet">{fill(m.refused_row, &[&seq, &code_words(app, &code)])}</small>
            </span>
            <button class="button button--small button--primary" on:click=move |_| app.mend(seq)>{m.try_again_change}</button>
            <button class="button button--small" on:click=export>{m.export}</button>
            <button class="button button--small" on:click=move |_| dropping.set(true)>{m.drop}</button>
        </div>
        {move || dropping.get().then(|| view! {
            <Dialog title=m.drop_reason.to_owned() close=move || dropping.set(false)>
                <form class="form" on:submit=move |e| { e.prevent_default(); let_go(); }>
                    <TextField label=m.note value=reason />
                    <div class="form__do"><button class="button button--primary" type="submit">{m.drop}</button></div>
                </form>
            </Dialog>
        })}
    }
}
