//! What stands against what in a case: versions, payments, steps, and what was kept without being counted.

use leptos::prelude::*;

use super::cases::MOST_SHOWN;
use super::short::Short;
use crate::domain::book::case::{CaseKind, Edited, Kept};
use crate::domain::book::layered::Layer;
use crate::domain::event::Event;
use crate::domain::order::Line;
use crate::domain::value::id::OrderId;
use crate::i18n::fill;
use crate::ui::pages::orders::happened;
use crate::ui::state::App;

/// What stands against what.
pub fn sides(app: App, kind: &CaseKind) -> AnyView {
    match kind {
        CaseKind::Oversold { place, .. } => view! { <Short place=*place promised=false /> }.into_any(),
        CaseKind::OverAllocated { place, .. } => view! { <Short place=*place promised=true /> }.into_any(),
        CaseKind::HeldFacts { kept, .. } => held(app, kept),
        CaseKind::LateLines { order, lines, .. } => late(app, *order, lines),
        CaseKind::EditedTwice { put_aside } => two_versions(app, put_aside),
        CaseKind::Overpaid { order, .. } | CaseKind::OverRefunded { order, .. } => money(app, *order),
        other => other.order().map(|order| steps(app, order)).into_any(),
    }
}

fn money(app: App, id: OrderId) -> AnyView {
    let m = app.words();
    let Some(order) = app.look(|l| l.book.orders.get(&id).cloned()) else { return ().into_any() };
    let name = |by| app.look(|l| l.book.staff.get(&by).map(|s| s.name.clone())).unwrap_or_default();
    let paid = order
        .payments
        .iter()
        .map(|p| (p.at, m.tender(p.tender).to_owned(), name(p.by), app.money(order.currency, p.amount)));
    let back = order.refunds.iter().map(|r| {
        (
            r.at,
            fill(m.refund_by, &[&m.tender(r.tender)]),
            name(r.by),
            format!("−{}", app.money(order.currency, r.amount)),
        )
    });
    let rows = paid.chain(back).map(|(at, how, by, amount)| {
        view! {
            <li>
                <time>{app.full_moment(at)}</time>
                <span>{how} " · " {by}</span>
                <strong class="figure">{amount}</strong>
            </li>
        }
    });
    view! { <ul class="history">{rows.collect_view()}</ul> }.into_any()
}

/// The latest steps of an order, with who took them.
fn steps(app: App, id: OrderId) -> AnyView {
    let Some(order) = app.look(|l| l.book.orders.get(&id).cloned()) else { return ().into_any() };
    let from = order.history.len().saturating_sub(MOST_SHOWN);
    let rows = order.history[from..].iter().map(|h| {
        let by = app.look(|l| l.book.staff.get(&h.by).map(|s| s.name.clone())).unwrap_or_default();
        view! {
            <li>
                <time>{app.full_moment(h.at)}</time>
                <span>{happened(app, order.currency, &h.what)}</span>
                <small>{by}</small>
            </li>
        }
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
            row(m.lines, &lines_text(lines), &lines_text(&now.lines));
            row(m.total, &app.money(now.currency, totals.total), &app.money(now.currency, now.totals.total));
        }
        Edited::Setting { event, .. } => {
            let Ok(aside) = serde_json::from_slice::<Event>(event.as_bytes()) else { return };
            let Some(now) = aside.setting_now(&l.book, Layer::Pending) else { return };
            for ((what, aside), (_, now)) in facts_of(app, &aside).into_iter().zip(facts_of(app, &now)) {
                row(what, &aside, &now);
            }
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
    if rows.is_empty() {
        // They differ in what is not shown here, as conditions of a rule.
        rows.push((m.details, m.put_aside_before.to_owned(), m.put_aside_after.to_owned()));
    }
    let rows = rows.into_iter().map(|(what, aside, now)| {
        view! {
            <tr>
                <th scope="row">{what}</th>
                <td>{aside}</td>
                <td>{now}</td>
            </tr>
        }
    });
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th></th>
                    <th>{m.put_aside}</th>
                    <th>{m.counts_now}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn lines_text(lines: &[Line]) -> String {
    lines.iter().map(|l| format!("{} × {}", l.name, l.quantity.plain())).collect::<Vec<_>>().join(", ")
}

/// What a setting is called, for people.
pub fn setting_name(app: App, event: &Event) -> String {
    let m = app.words();
    match event {
        Event::ProfileSet(e) => e.name.clone(),
        Event::TaxRateSet(e) => e.name.clone(),
        Event::LocationSet(e) => e.name.clone(),
        Event::StaffSet(e) => e.name.clone(),
        Event::RuleSet(e) => e.name.clone(),
        Event::PriceListSet(e) => e.name.clone(),
        Event::PromotionSet(e) => e.name.clone(),
        Event::SupplierSet(e) => e.name.clone(),
        Event::KitSet(e) => format!("{} · {}", m.kit, app.line_name(e.variant)),
        Event::PacksSet(e) => format!("{} · {}", m.packs, app.line_name(e.variant)),
        _ => m.allocation.to_owned(),
    }
}

/// The facts of a setting that people compare, the same for both versions of one.
fn facts_of(app: App, event: &Event) -> Vec<(&'static str, String)> {
    let m = app.words();
    let yes = |on: bool| if on { m.yes } else { m.no }.to_owned();
    match event {
        Event::ProfileSet(e) => vec![
            (m.store_name, e.name.clone()),
            (m.address, e.address.clone()),
            (m.phone, e.phone.clone()),
            (m.tax_number, e.tax_number.clone()),
            (m.slip_foot, e.slip_foot.clone()),
            (m.currency, e.currency.code().to_owned()),
            (m.prices_include_tax, yes(e.prices_include_tax)),
        ],
        Event::TaxRateSet(e) => {
            vec![(m.name, e.name.clone()), (m.tax, app.percent(e.rate_bp)), (m.in_use, yes(e.active))]
        }
        Event::LocationSet(e) => {
            vec![
                (m.name, e.name.clone()),
                (m.kind_label, m.location_kind(e.kind).to_owned()),
                (m.in_use, yes(e.active)),
            ]
        }
        Event::StaffSet(e) => {
            vec![(m.name, e.name.clone()), (m.role_label, m.role(e.role).to_owned()), (m.in_use, yes(e.active))]
        }
        Event::RuleSet(e) => vec![(m.name, e.name.clone()), (m.in_use, yes(e.on))],
        Event::SupplierSet(e) => vec![(m.name, e.name.clone())],
        Event::PacksSet(e) => {
            vec![(
                m.packs,
                e.packs.iter().map(|p| format!("{} {}", p.name, p.quantity.plain())).collect::<Vec<_>>().join(", "),
            )]
        }
        Event::KitSet(e) => {
            let part = |(v, q): &(_, crate::domain::value::quantity::Quantity)| {
                format!("{} × {}", app.line_name(*v), q.plain())
            };
            vec![(m.kit, e.parts.iter().map(part).collect::<Vec<_>>().join(", "))]
        }
        other => vec![(m.name, setting_name(app, other))],
    }
}

/// What the server keeps without counting it: who wrote it, when, and what it says.
fn held(app: App, kept: &Kept) -> AnyView {
    let m = app.words();
    let (at, by) = kept.stamp();
    let by = app.look(|l| l.book.staff.get(&by).map(|s| s.name.clone())).unwrap_or_default();
    if kept.read().is_none() {
        return view! { <p class="quiet">{m.held_unreadable}</p> }.into_any();
    }
    let currency = app.look(|l| l.book.profile().currency);
    let says = |event: &Event| match event {
        Event::OrderPlaced(e) => {
            Some((fill(m.held_order, &[&e.number, &lines_text(&e.lines)]), app.money(e.currency, e.totals.total)))
        }
        Event::PaymentTaken(e) => Some((m.tender(e.payment.tender).to_owned(), app.money(currency, e.payment.amount))),
        Event::PaymentRefunded(e) => Some((
            fill(m.refund_by, &[&m.tender(e.refund.tender)]),
            format!("−{}", app.money(currency, e.refund.amount)),
        )),
        Event::OrderEdited(e) => {
            Some((fill(m.held_order, &[&m.edit_lines, &lines_text(&e.lines)]), app.money(currency, e.totals.total)))
        }
        Event::StockMoved(e) => Some((app.line_name(e.variant), e.change.plain())),
        Event::CustomerSet(_) => Some((m.what_customer.to_owned(), String::new())),
        _ => None,
    };
    let facts = kept.facts();
    let told: Vec<_> = facts.iter().filter_map(says).collect();
    let others = facts.len() - told.len();
    let rows = told.into_iter().map(|(what, amount)| {
        view! {
            <li>
                <span>{what}</span>
                <strong class="figure">{amount}</strong>
            </li>
        }
    });
    view! {
        <p class="quiet">{app.full_moment(at)} " · " {by}</p>
        <ul class="history">{rows.collect_view()}</ul>
        {(others > 0).then(|| view! { <p class="quiet">{fill(m.held_others, &[&others])}</p> })}
    }
    .into_any()
}

/// Lines that came too late, beside those that the order has.
fn late(app: App, order: OrderId, lines: &[Line]) -> AnyView {
    let m = app.words();
    let now = app.look(|l| l.book.orders.get(&order).map(|o| lines_text(&o.lines))).unwrap_or_default();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th></th>
                    <th>{m.put_aside}</th>
                    <th>{m.counts_now}</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">{m.lines}</th>
                    <td>{lines_text(lines)}</td>
                    <td>{now}</td>
                </tr>
            </tbody>
        </table>
    }
    .into_any()
}
