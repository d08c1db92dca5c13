//! Cases: what the fold could take in but a person has to look at, with what each side of it was.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::case::{Case, CaseKind, Edited};
use crate::domain::decide::Command;
use crate::domain::id::{Id, OrderId};
use crate::domain::stock::{Place, Reason};
use crate::i18n::fill;
use crate::ui::components::Icon;
use crate::ui::pages::orders::happened;
use crate::ui::routes;
use crate::ui::state::{App, app};

/// Orders or steps that are shown of one case.
const MOST_SHOWN: usize = 6;

fn case_text(app: App, kind: &CaseKind) -> String {
    let m = app.words();
    let number = |order: &OrderId| {
        app.look(|l| l.columns.row(*order).and_then(|r| l.columns.summary(r)).map(|s| s.number)).unwrap_or_else(|| order.to_string())
    };
    match kind {
        CaseKind::Oversold { place, short } => {
            let name = app.line_name(place.0);
            let at = app.look(|l| l.book.locations.get(&place.1).map(|p| p.name.clone())).unwrap_or_default();
            fill(m.case_oversold, &[&name, &at, &short.plain()])
        }
        CaseKind::OverAllocated { place, short } => {
            let name = app.line_name(place.0);
            let at = app.look(|l| l.book.locations.get(&place.1).map(|p| p.name.clone())).unwrap_or_default();
            fill(m.case_over_allocated, &[&name, &at, &short.plain()])
        }
        CaseKind::Overpaid { order, over } => fill(m.case_overpaid, &[&number(order), &app.price(*over)]),
        CaseKind::PaidAfterVoid { order } => fill(m.case_paid_after_void, &[&number(order)]),
        CaseKind::VoidedThoughPaid { order } => fill(m.case_voided_though_paid, &[&number(order)]),
        CaseKind::OverRefunded { order, over } => fill(m.case_over_refunded, &[&number(order), &app.price(*over)]),
        CaseKind::HandedOverTwice { order } => fill(m.case_handed_over_twice, &[&number(order)]),
        CaseKind::StepLost { order } => fill(m.case_step_lost, &[&number(order)]),
        CaseKind::UnknownOrder { order } => fill(m.case_unknown_order, &[order]),
        CaseKind::EditedTwice { put_aside } => match put_aside {
            Edited::Price { variant, .. } => fill(m.case_price_twice, &[&app.line_name(*variant)]),
            Edited::Product(product) => fill(m.case_product_twice, &[&product.name]),
            Edited::Order { order, .. } => fill(m.case_order_twice, &[&number(order)]),
            Edited::Customer { person, .. } => fill(m.case_customer_twice, &[&person.called()]),
        },
        CaseKind::Held { replica, seq, code } => fill(m.case_held, &[replica, seq, code]),
    }
}

#[component]
pub fn CaseRow(id: Id, case: Case) -> impl IntoView {
    let app = app();
    let m = app.words();
    let allocated = matches!(case.kind, CaseKind::OverAllocated { .. });
    let oversold = allocated || matches!(case.kind, CaseKind::Oversold { .. });
    let order = case.kind.order();
    // An order that was put away comes back for what its sides were.
    let here = RwSignal::new(order.is_none_or(|o| app.look(|l| l.book.orders.get(&o).is_some())));
    if let Some(order) = order.filter(|_| !here.get_untracked()) {
        spawn_local(async move {
            let _ = app.inner().desk.load_orders([order].into_iter()).await;
            here.try_set(true);
        });
    }
    let kind = case.kind.clone();
    let settle = match case.kind {
        CaseKind::Overpaid { .. } => Some(m.give_back),
        CaseKind::OverRefunded { .. } => Some(m.take_back),
        CaseKind::PaidAfterVoid { .. } | CaseKind::VoidedThoughPaid { .. } => Some(m.void_for_good),
        _ => None,
    };
    let twice = matches!(case.kind, CaseKind::EditedTwice { .. });
    view! {
        <article class="case" data-case="">
            <Icon name="alert" />
            <div class="case__what">
                <strong>{case_text(app, &case.kind)}</strong>
                {move || here.get().then(|| sides(app, &kind))}
            </div>
            <div class="case__do">
                {order.map(|o| view! { <A href=routes::order(o) attr:class="button button--small">{m.look}</A> })}
                {allocated.then(|| view! { <button class="button button--small button--primary" on:click=move |_| app.allocate_all()>{m.allocate_again}</button> })}
                {oversold.then(|| view! { <A href=routes::STOCK attr:class="button button--small">{m.stock}</A> })}
                {settle.zip(order).map(|(text, order)| view! {
                    <button class="button button--small button--primary" on:click=move |_| app.dispatch(Command::SettleCase { case: id, order }, |_| {})>{text}</button>
                })}
                {twice.then(|| view! {
                    <button class="button button--small" data-put-aside="" on:click=move |_| app.dispatch(Command::TakePutAside(id), |_| {})>{m.use_put_aside}</button>
                })}
                {(!oversold).then(|| view! {
                    <button class="button button--small" on:click=move |_| app.dispatch(Command::ResolveCase(id), |_| {})>
                        {if settle.is_some() || twice { m.keep_as_is } else { m.done }}
                    </button>
                })}
            </div>
        </article>
    }
}

/// What stands against what.
fn sides(app: App, kind: &CaseKind) -> AnyView {
    match kind {
        CaseKind::Oversold { place, .. } => sold_from(app, *place),
        CaseKind::OverAllocated { .. } => ().into_any(),
        CaseKind::EditedTwice { put_aside } => two_versions(app, put_aside),
        CaseKind::Overpaid { order, .. } | CaseKind::OverRefunded { order, .. } => money(app, *order),
        other => other.order().map(|order| steps(app, order)).into_any(),
    }
}

/// The latest orders that took from an oversold place: one of them has to wait, be changed or be paid back.
fn sold_from(app: App, place: Place) -> AnyView {
    let m = app.words();
    let mut orders: Vec<OrderId> = Vec::new();
    app.look(|l| {
        for movement in l.book.movements().filter(|x| (x.variant, x.location) == place) {
            match movement.reason {
                Reason::Sold(order) if !orders.contains(&order) && orders.len() < MOST_SHOWN => orders.push(order),
                _ => {}
            }
        }
    });
    let rows = orders.into_iter().filter_map(|id| app.look(|l| l.columns.row(id).and_then(|r| l.columns.summary(r)))).map(|s| {
        view! { <li><time>{app.full_moment(s.placed_at)}</time><A href=routes::order(s.id)>{s.number}</A><span class="figure">{app.money(s.currency, s.total)}</span></li> }
    });
    view! { <p class="quiet">{m.sold_from_here}</p><ul class="history">{rows.collect_view()}</ul> }.into_any()
}

fn money(app: App, id: OrderId) -> AnyView {
    let m = app.words();
    let Some(order) = app.look(|l| l.book.orders.get(&id).cloned()) else { return ().into_any() };
    let name = |by| app.look(|l| l.book.staff.get(&by).map(|s| s.name.clone())).unwrap_or_default();
    let paid = order.payments.iter().map(|p| (p.at, m.tender(p.tender).to_owned(), name(p.by), app.money(order.currency, p.amount)));
    let back = order
        .refunds
        .iter()
        .map(|r| (r.at, fill(m.refund_by, &[&m.tender(r.tender)]), name(r.by), format!("−{}", app.money(order.currency, r.amount))));
    let rows = paid.chain(back).map(|(at, how, by, amount)| {
        view! { <li><time>{app.full_moment(at)}</time><span>{how} " · " {by}</span><strong class="figure">{amount}</strong></li> }
    });
    view! { <ul class="history">{rows.collect_view()}</ul> }.into_any()
}

/// The latest steps of an order, with who took them.
fn steps(app: App, id: OrderId) -> AnyView {
    let Some(order) = app.look(|l| l.book.orders.get(&id).cloned()) else { return ().into_any() };
    let from = order.history.len().saturating_sub(MOST_SHOWN);
    let rows = order.history[from..].iter().map(|h| {
        let by = app.look(|l| l.book.staff.get(&h.by).map(|s| s.name.clone())).unwrap_or_default();
        view! { <li><time>{app.full_moment(h.at)}</time><span>{happened(app, order.currency, &h.what)}</span><small>{by}</small></li> }
    });
    view! { <ul class="history">{rows.collect_view()}</ul> }.into_any()
}

/// Both versions, where they differ.
fn two_versions(app: App, put_aside: &Edited) -> AnyView {
    let m = app.words();
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    let mut row = |what, aside: &str, now: &str| {
        if aside != now {
            rows.push((what, aside.to_owned(), now.to_owned()));
        }
    };
    app.look(|l| match put_aside {
        Edited::Price { variant, price } => {
            let now = l.book.variant(*variant).map(|(_, v)| v.price).unwrap_or_default();
            row(m.price, &app.price(*price), &app.price(now));
        }
        Edited::Product(aside) => {
            let Some(now) = l.book.products.get(&aside.id) else { return };
            row(m.name, &aside.name, &now.name);
            row(m.category, &aside.category, &now.category);
            for v in &aside.variants {
                let other = now.variants.iter().find(|n| n.id == v.id);
                row(m.variant, &v.label, other.map_or("", |n| &n.label));
                row(m.sku, &v.sku, other.map_or("", |n| &n.sku));
                row(m.barcode, &v.barcode, other.map_or("", |n| &n.barcode));
                row(m.price, &app.price(v.price), &other.map(|n| app.price(n.price)).unwrap_or_default());
            }
        }
        Edited::Order { order, lines, totals } => {
            let Some(now) = l.book.orders.get(order) else { return };
            let text = |lines: &[crate::domain::order::Line]| {
                lines.iter().map(|l| format!("{} × {}", l.name, l.quantity.plain())).collect::<Vec<_>>().join(", ")
            };
            row(m.lines, &text(lines), &text(&now.lines));
            row(m.total, &app.money(now.currency, totals.total), &app.money(now.currency, now.totals.total));
        }
        Edited::Customer { customer, person } => {
            let Some(now) = l.book.customers.get(customer).map(|c| &c.person) else { return };
            row(m.customer_name, &person.name, &now.name);
            row(m.phone, &person.phone, &now.phone);
            row(m.email, &person.email, &now.email);
            row(m.address, &person.address, &now.address);
            row(m.note, &person.note, &now.note);
        }
    });
    let rows = rows.into_iter().map(|(what, aside, now)| view! { <tr><th scope="row">{what}</th><td>{aside}</td><td>{now}</td></tr> });
    view! {
        <table class="table">
            <thead><tr><th></th><th>{m.put_aside}</th><th>{m.counts_now}</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
