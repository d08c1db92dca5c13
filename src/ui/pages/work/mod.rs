//! Work: what a person has to look at. Cases of the fold, and transactions that the server refused.

mod cases;
mod refused;

use crate::domain::case::Case;
use crate::domain::id::{Id, OrderId};
use crate::ui::components::Icon;
use crate::ui::routes;
use crate::ui::state::app;
use cases::CaseRow;
use leptos::prelude::*;
use leptos_router::components::A;
use refused::Refused;

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
