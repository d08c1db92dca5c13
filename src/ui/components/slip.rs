//! The slip: what the customer takes along, for 58 and 80 mm paper and anything larger.

use leptos::prelude::*;

use crate::domain::id::OrderId;
use crate::domain::pricing::OfferKind;
use crate::ui::state::app;

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
                <p>{app.full_moment(o.placed_at)} " · " {by}</p>
                <table>
                    <tbody>
                        {o.lines.iter().enumerate().map(|(i, l)| view! {
                            <tr><td colspan="2">{l.name.clone()}</td></tr>
                            <tr class="slip__line"><td>{app.quantity(l.quantity, l.unit)} " × " {money(l.unit_price)}</td><td>{money(l.gross())}</td></tr>
                            {o.offers.iter().filter(|f| usize::from(f.line) == i && f.kind == OfferKind::Promotion).map(|f| view! { <tr><td>{f.name.clone()}</td><td>"−" {money(f.amount)}</td></tr> }).collect_view()}
                        }).collect_view()}
                    </tbody>
                    <tfoot>
                        {(o.totals.discount.0 > 0).then(|| view! { <tr><td>{m.discount}</td><td>"−" {money(o.totals.discount)}</td></tr> })}
                        {(o.totals.shipping.0 > 0).then(|| view! { <tr><td>{m.shipping}</td><td>{money(o.totals.shipping)}</td></tr> })}
                        <tr class="slip__total"><td>{m.total}</td><td>{money(o.totals.total)}</td></tr>
                        {(o.totals.tax.0 > 0).then(|| view! { <tr><td>{m.tax_included}</td><td>{money(o.totals.tax)}</td></tr> })}
                        {tender.into_iter().map(|(name, amount, change)| view! {
                            <tr><td>{name}</td><td>{amount}</td></tr>
                            {(change.0 > 0).then(|| view! { <tr><td>{m.change}</td><td>{money(change)}</td></tr> })}
                        }).collect_view()}
                    </tfoot>
                </table>
                {(!profile.tax_number.is_empty()).then(|| view! { <p>{m.tax_number} " " {profile.tax_number.clone()}</p> })}
                <p class="slip__foot">{profile.slip_foot}</p>
            </article>
        }
    })
}
