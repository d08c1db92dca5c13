//! The slip: what the customer takes along, for 58 and 80 mm paper and anything larger.

use leptos::prelude::*;

use crate::domain::goods::price;
use crate::domain::goods::price::OfferKind;
use crate::domain::order::{Line, Order, OrderState};
use crate::domain::value::id::OrderId;
use crate::domain::value::money::Minor;
use crate::i18n::fill;
use crate::ui::state::app;

/// A line before anything is taken off: what stands below it takes it down to what is paid.
fn full(line: &Line) -> Minor {
    line.unit_price.ratio(line.quantity.0, 1000).unwrap_or_default()
}

/// What is taken off a line beside its promotions.
fn other(order: &Order, at: usize, line: &Line) -> Minor {
    line.discount.minus(price::off(&order.offers, at)).unwrap_or_default()
}

/// One order's slip. Seen by the printer alone (see `print.css`).
#[component]
pub fn Slip(order: OrderId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let found = app.look(|l| l.book.orders.get(&order).cloned().map(|o| (o, l.book.profile())));
    found.map(|(o, profile)| {
        let money = move |amount| app.money(o.currency, amount);
        let tender = o.payments.iter().map(|p| (m.tender(p.tender), money(p.amount), p.change())).collect::<Vec<_>>();
        let by = app.look(|l| l.book.staff.get(&o.by).map(|s| s.name.clone())).unwrap_or_default();
        view! {
            <article class="slip" aria-hidden="true">
                <h1>{profile.name}</h1>
                <p>{profile.address}</p>
                <p>{profile.phone}</p>
                <p class="slip__number">{o.number.clone()}</p>
                {matches!(o.state, OrderState::Draft | OrderState::Voided)
                    .then(|| view! { <p class="slip__number">{m.state(o.state)}</p> })}
                <p>{app.full_moment(o.placed_at)} " · " {by}</p>
                <table>
                    <tbody>
                        {o
                            .lines
                            .iter()
                            .enumerate()
                            .map(|(i, l)| {
                                view! {
                                    <tr>
                                        <td colspan="2">{l.name.clone()}</td>
                                    </tr>
                                    <tr class="slip__line">
                                        <td>{app.quantity(l.quantity, l.unit)} " × " {money(l.unit_price)}</td>
                                        <td>{money(full(l))}</td>
                                    </tr>
                                    {o
                                        .offers
                                        .iter()
                                        .filter(|f| usize::from(f.line) == i && f.kind == OfferKind::Promotion)
                                        .map(|f| {
                                            view! {
                                                <tr>
                                                    <td>{f.name.clone()}</td>
                                                    <td>"−" {money(f.amount)}</td>
                                                </tr>
                                            }
                                        })
                                        .collect_view()}
                                    {Some(other(&o, i, l))
                                        .filter(|off| off.0 > 0)
                                        .map(|off| {
                                            view! {
                                                <tr>
                                                    <td>{m.discount}</td>
                                                    <td>"−" {money(off)}</td>
                                                </tr>
                                            }
                                        })}
                                }
                            })
                            .collect_view()}
                    </tbody>
                    <tfoot>
                        {(o.totals.shipping.0 > 0)
                            .then(|| {
                                view! {
                                    <tr>
                                        <td>{m.shipping}</td>
                                        <td>{money(o.totals.shipping)}</td>
                                    </tr>
                                }
                            })}
                        {(o.totals.tax.0 > 0 && !o.prices_include_tax)
                            .then(|| {
                                view! {
                                    <tr>
                                        <td>{m.tax}</td>
                                        <td>{money(o.totals.tax)}</td>
                                    </tr>
                                }
                            })} <tr class="slip__total">
                            <td>{m.total}</td>
                            <td>{money(o.totals.total)}</td>
                        </tr>
                        {(o.totals.tax.0 > 0 && o.prices_include_tax)
                            .then(|| {
                                view! {
                                    <tr>
                                        <td>{m.tax_included}</td>
                                        <td>{money(o.totals.tax)}</td>
                                    </tr>
                                }
                            })}
                        {o
                            .returned
                            .iter()
                            .map(|r| {
                                let line = o.lines.get(usize::from(r.line));
                                let what = line
                                    .map(|l| {
                                        format!(
                                            "{} {} × {}",
                                            m.goods_returned,
                                            l.name,
                                            app.quantity(r.quantity, l.unit),
                                        )
                                    })
                                    .unwrap_or_default();
                                view! {
                                    <tr>
                                        <td>{what}</td>
                                        <td>"−" {money(r.amount)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                        {tender
                            .into_iter()
                            .map(|(name, amount, change)| {
                                view! {
                                    <tr>
                                        <td>{name}</td>
                                        <td>{amount}</td>
                                    </tr>
                                    {(change.0 > 0)
                                        .then(|| {
                                            view! {
                                                <tr>
                                                    <td>{m.change}</td>
                                                    <td>{money(change)}</td>
                                                </tr>
                                            }
                                        })}
                                }
                            })
                            .collect_view()}
                        {o
                            .refunds
                            .iter()
                            .map(|r| {
                                view! {
                                    <tr>
                                        <td>{fill(m.refund_by, &[&m.tender(r.tender)])}</td>
                                        <td>"−" {money(r.amount)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tfoot>
                </table>
                {(!profile.tax_number.is_empty())
                    .then(|| view! { <p>{m.tax_number} " " {profile.tax_number.clone()}</p> })}
                <p class="slip__foot">{profile.slip_foot}</p>
            </article>
        }
    })
}
