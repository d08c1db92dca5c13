//! Cases: what the fold could take in but a person has to look at, and what can be done about each.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use super::sides::{setting_name, sides};
use crate::domain::book::case::{Case, CaseKind, Edited};
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::goods::price::Discount;
use crate::domain::order::{Cart, CartLine, Line};
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::Icon;
use crate::ui::routes;
use crate::ui::state::{App, app};
use crate::ui::words::code_words;

/// Orders or steps that are shown of one case.
pub(super) const MOST_SHOWN: usize = 6;

fn case_text(app: App, kind: &CaseKind) -> String {
    let m = app.words();
    let number = |order: &OrderId| {
        app.look(|l| l.columns.row(*order).and_then(|r| l.columns.summary(r)).map(|s| s.number))
            .unwrap_or_else(|| order.to_string())
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
        CaseKind::ReturnedTwice { order } => fill(m.case_returned_twice, &[&number(order)]),
        CaseKind::StepLost { order } => fill(m.case_step_lost, &[&number(order)]),
        CaseKind::UnknownOrder { order } => fill(m.case_unknown_order, &[order]),
        CaseKind::EditedTwice { put_aside } => match put_aside {
            Edited::Price { variant, .. } => fill(m.case_price_twice, &[&app.line_name(*variant)]),
            Edited::Product(product) => fill(m.case_product_twice, &[&product.name]),
            Edited::Order { order, .. } => fill(m.case_order_twice, &[&number(order)]),
            Edited::Setting { event, .. } => {
                let name = serde_json::from_slice::<Event>(event.as_bytes())
                    .map(|e| setting_name(app, &e))
                    .unwrap_or_default();
                fill(m.case_setting_twice, &[&name])
            }
            Edited::Customer { person, .. } => fill(m.case_customer_twice, &[&person.called()]),
        },
        CaseKind::Held { replica, seq, code } | CaseKind::HeldFacts { replica, seq, code, .. } => {
            fill(m.case_held, &[replica, seq, &code_words(app, code)])
        }
        CaseKind::LateLines { order, .. } => fill(m.case_late_lines, &[&number(order)]),
    }
}

#[component]
pub fn CaseRow(id: Id, case: Case) -> impl IntoView {
    let app = app();
    let m = app.words();
    let allocated = matches!(case.kind, CaseKind::OverAllocated { .. });
    let oversold = allocated || matches!(case.kind, CaseKind::Oversold { .. });
    let order = case.kind.order();
    let held = matches!(&case.kind, CaseKind::HeldFacts { kept, .. } if kept.read().is_some());
    let late =
        if let CaseKind::LateLines { order, lines, .. } = &case.kind { Some((*order, lines.clone())) } else { None };
    let navigate = StoredValue::new_local(leptos_router::hooks::use_navigate());
    // Seen to first, so that nobody else takes it as a new order, too.
    let take_late = move |order: OrderId, lines: Vec<Line>| {
        let go = navigate.get_value();
        app.dispatch(Command::ResolveCase(id), move |_| {
            take_as_new(app, order, &lines);
            go(routes::TAKE_ORDER, Default::default());
        });
    };
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
                {order
                    .map(|o| {
                        view! {
                            <A href=routes::order(o) attr:class="button button--small">
                                {m.look}
                            </A>
                        }
                    })}
                {allocated
                    .then(|| {
                        view! {
                            <button class="button button--small button--primary" on:click=move |_| app.allocate_all()>
                                {m.allocate_again}
                            </button>
                        }
                    })}
                {oversold
                    .then(|| {
                        view! {
                            <A href=routes::STOCK attr:class="button button--small">
                                {m.stock}
                            </A>
                        }
                    })}
                {settle
                    .zip(order)
                    .map(|(text, order)| {
                        view! {
                            <button
                                class="button button--small button--primary"
                                on:click=move |_| {
                                    app
                                        .dispatch(
                                            Command::SettleCase {
                                                case: id,
                                                order,
                                            },
                                            |_| {},
                                        );
                                }
                            >
                                {text}
                            </button>
                        }
                    })}
                {held
                    .then(|| {
                        view! {
                            <button
                                class="button button--small button--primary"
                                data-accept=""
                                on:click=move |_| app.dispatch(Command::AcceptHeld(id), |_| {})
                            >
                                {m.accept_held}
                            </button>
                        }
                    })}
                {late
                    .map(|(order, lines)| {
                        view! {
                            <button
                                class="button button--small button--primary"
                                data-take-late=""
                                on:click=move |_| take_late(order, lines.clone())
                            >
                                {m.take_late}
                            </button>
                        }
                    })}
                {twice
                    .then(|| {
                        view! {
                            <button
                                class="button button--small"
                                data-put-aside=""
                                on:click=move |_| app.dispatch(Command::TakePutAside(id), |_| {})
                            >
                                {m.use_put_aside}
                            </button>
                        }
                    })}
                {(!oversold)
                    .then(|| {
                        view! {
                            <button
                                class="button button--small"
                                on:click=move |_| app.dispatch(Command::ResolveCase(id), |_| {})
                            >
                                {if settle.is_some() || twice || held { m.keep_as_is } else { m.done }}
                            </button>
                        }
                    })}
            </div>
        </article>
    }
}

/// Puts what came too late for an order into the cart, as an order of its own: what is more of it than the order has.
fn take_as_new(app: App, order: OrderId, lines: &[Line]) {
    let known = app.look(|l| l.book.orders.get(&order).cloned());
    let had = |line: &Line| {
        let same = known.iter().flat_map(|o| &o.lines).filter(|l| l.variant == line.variant && l.name == line.name);
        same.fold(Quantity::ZERO, |sum, l| sum.saturating_add(l.quantity))
    };
    let more = |line: &Line| CartLine {
        variant: line.variant,
        name: line.name.clone(),
        sku: line.sku.clone(),
        unit: line.unit,
        quantity: line.quantity.saturating_add(had(line).saturating_neg()),
        unit_price: line.unit_price,
        discount: Discount::default(),
        tax_id: line.tax_id,
        rate_bp: line.rate_bp,
    };
    let lines = lines.iter().map(more).filter(|l| l.quantity > Quantity::ZERO).collect();
    let (customer, channel) = known.map(|o| (o.customer, o.channel)).unwrap_or_default();
    app.with_carts(|c| {
        let open = std::mem::replace(&mut c.open, Cart { lines, customer, channel, ..Cart::default() });
        if !open.is_empty() {
            c.held.push(open);
        }
    });
    app.taken.set(None);
}
