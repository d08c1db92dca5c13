//! Money and goods that go back: single lines, or only money.

use super::{Context, Draft, one};
use crate::domain::book::{Book, known_location};
use crate::domain::event::{Event, LinesReturned, OrderMoved, PaymentRefunded};
use crate::domain::order::{MOST_LINES, Order, OrderState, ReturnReason};
use crate::domain::payment::Refund;
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{LocationId, OrderId, PaymentId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

/// Gives money back.
pub(super) fn refund(
    order: &Order,
    tender: Tender,
    amount: Minor,
    role: Role,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    may_refund(order, tender, amount, role)?;
    one(refund_event(order.id, tender, amount, cx))
}

/// Says whether so much may go back by a tender: the way it came, or as store credit, by a manager; another way by the
/// owner alone.
///
/// # Errors
/// [`Rejection::OverRefund`], [`Rejection::RoleTooLow`], [`Rejection::NoCustomer`], [`Rejection::Negative`].
pub(in crate::domain) fn may_refund(order: &Order, tender: Tender, amount: Minor, role: Role) -> Result<(), Rejection> {
    if amount <= Minor::ZERO {
        return Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount }));
    }
    if amount > order.paid() {
        return Err(Rejection::OverRefund { most: order.paid() });
    }
    if tender.needs_customer() && order.customer.is_none() {
        return Err(Rejection::NoCustomer);
    }
    Ok(role.at_least(if order.goes_back_as_it_came(tender, amount) { Role::Manager } else { Role::Owner })?)
}

pub(super) fn refund_event(order: OrderId, tender: Tender, amount: Minor, cx: &mut Context<'_>) -> Event {
    let refund = Refund { id: PaymentId(cx.ids.take()), tender, amount, at: cx.at, by: cx.by };
    Event::PaymentRefunded(PaymentRefunded { order, refund })
}

/// Takes goods of single lines back.
#[expect(clippy::too_many_arguments, reason = "what a return is, and who does it")]
pub(super) fn take_back(
    book: &Book,
    order: &Order,
    goods: Vec<(u16, Quantity)>,
    why: ReturnReason,
    location: Option<LocationId>,
    refund: &[(Tender, Minor)],
    role: Role,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    // What was never handed over is taken off the order, not taken back.
    if order.handed_over.is_none() || order.state == OrderState::Voided {
        return Err(Rejection::Gone);
    }
    if let Some(location) = location {
        known_location(book, location)?;
    }
    let goods: Vec<(u16, Quantity)> = goods.into_iter().filter(|(_, q)| q.0 != 0).collect();
    if goods.is_empty() || goods.len() > MOST_LINES {
        return Err(Rejection::Flaw(Flaw::NoLines));
    }
    let mut after = order.clone();
    for (line, quantity) in &goods {
        let at = usize::from(*line);
        let known = order.lines.get(at).ok_or(Rejection::Flaw(Flaw::Empty { field: Field::Name }))?;
        if *quantity < Quantity::ZERO {
            return Err(Rejection::Flaw(Flaw::Negative { field: Field::Quantity }));
        }
        if *quantity > after.kept_of(at) {
            return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
        }
        if !known.unit.divisible() && !quantity.is_whole() {
            return Err(Rejection::Flaw(Flaw::NotDivisible));
        }
        after.take_back(*line, *quantity, why);
    }
    let mut draft = one(Event::LinesReturned(LinesReturned { order: order.id, goods, why, location }))?;
    for (tender, amount) in refund.iter().filter(|(_, amount)| amount.0 != 0) {
        may_refund(&after, *tender, *amount, role)?;
        let event = refund_event(order.id, *tender, *amount, cx);
        if let Event::PaymentRefunded(e) = &event {
            after.refunds.push(e.refund.clone());
        }
        draft.events.push(event);
    }
    // What was left to pay came back.
    if order.state == OrderState::HandedOver && order.due() > Minor::ZERO && after.due() <= Minor::ZERO {
        let (from, to) = (OrderState::HandedOver, OrderState::Closed);
        draft.events.push(Event::OrderMoved(OrderMoved { order: order.id, from, to }));
    }
    Ok(draft)
}
