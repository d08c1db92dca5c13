//! Work: what a person has to look at. Cases of the fold, and transactions that the server refused.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::case::{Case, CaseKind};
use crate::domain::decide::Command;
use crate::domain::id::{Id, OrderId};
use crate::i18n::fill;
use crate::platform::files;
use crate::ui::components::Icon;
use crate::ui::routes;
use crate::ui::state::{App, app};

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
    view! {
        <div class="row" data-case="">
            <Icon name="alert" />
            <span class="row__main">{case_text(app, &case.kind)}</span>
            {order.map(|o| view! { <A href=routes::order(o) attr:class="button button--small">{m.look}</A> })}
            {oversold.then(|| view! { <A href=routes::STOCK attr:class="button button--small">{m.stock}</A> })}
            {(!oversold).then(|| view! { <button class="button button--small" on:click=move |_| app.dispatch(Command::ResolveCase(id), |_| {})>{m.done}</button> })}
        </div>
    }
}

#[component]
fn Refused(seq: u64, code: String) -> impl IntoView {
    let app = app();
    let m = app.words();
    let export = move |_| {
        let text = app.look(|l| l.refused.get(&seq).and_then(|r| serde_json::to_string(r).ok())).unwrap_or_default();
        files::save(&format!("daybook-refused-{seq}.json"), &text);
    };
    let drop = move |_| {
        spawn_local(async move {
            match app.inner().desk.drop_refused(seq).await {
                Ok(()) => app.show_sync(),
                Err(e) => app.complain(&e.into()),
            }
        });
    };
    view! {
        <div class="row">
            <Icon name="alert" />
            <span class="row__main">{fill(m.refused_row, &[&seq, &code])}</span>
            <button class="button button--small" on:click=export>{m.export}</button>
            <button class="button button--small" on:click=drop>{m.drop}</button>
        </div>
    }
}
