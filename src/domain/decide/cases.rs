//! What puts a case right.

use super::{Context, Draft, Money, customer_event, find, payment_event, refund_event, void};
use crate::domain::book::Book;
use crate::domain::book::case::{CaseKind, Edited};
use crate::domain::event::{CaseResolved, Event, OrderEdited, PriceSet, ProductEdited};
use crate::domain::goods::product::Product;
use crate::domain::order::{EditReason, OrderState, VoidReason};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::money::Minor;

pub(super) fn settle(
    book: &Book,
    case: Id,
    order: OrderId,
    role: Role,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    let order = find(book, order)?;
    let kind = book
        .cases
        .get(&case)
        .filter(|c| c.open)
        .map(|c| &c.kind)
        .ok_or(Rejection::Flaw(Flaw::Empty { field: Field::Reason }))?;
    let mut draft = match kind {
        CaseKind::Overpaid { .. } => {
            role.at_least(Role::Manager)?;
            // Somebody else may have given it back meanwhile.
            let ways = order.ways_back(order.owed_back());
            Draft {
                events: ways.into_iter().map(|(tender, part)| refund_event(order.id, tender, part, cx)).collect(),
                ..Draft::default()
            }
        }
        CaseKind::PaidAfterVoid { .. } | CaseKind::VoidedThoughPaid { .. } if order.state != OrderState::Voided => {
            void(order, VoidReason::Mistake, role, cx)?
        }
        CaseKind::OverRefunded { .. } => {
            let over = order.paid().0.saturating_neg();
            let tender = order.refunds.last().map(|r| r.tender).unwrap_or_default();
            let money = Money { tender, amount: Minor(over), tendered: Minor(over), reference: String::new() };
            if over > 0 {
                Draft { events: vec![payment_event(order.id, money, cx)?], ..Draft::default() }
            } else {
                Draft::default()
            }
        }
        _ => Draft::default(),
    };
    draft.events.push(Event::CaseResolved(CaseResolved { case }));
    Ok(draft)
}

pub(super) fn take_put_aside(book: &Book, case: Id, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    let kind = book.cases.get(&case).filter(|c| c.open).map(|c| &c.kind);
    let Some(CaseKind::EditedTwice { put_aside }) = kind else {
        return Err(Rejection::Flaw(Flaw::Empty { field: Field::Reason }));
    };
    let mut draft = Draft::default();
    match put_aside.clone() {
        Edited::Price { variant, price } => {
            let was = book.variant(variant).map(|(_, v)| v.price);
            draft.events.push(Event::PriceSet(PriceSet { variant, price, was }));
        }
        Edited::Product(product) => {
            let was = book.products.get(&product.id).map(Product::hash).unwrap_or_default();
            draft.events.push(Event::ProductEdited(Box::new(ProductEdited { product: *product, was })));
        }
        Edited::Order { order, lines, totals } => {
            let order = find(book, order)?;
            let kits = book.kits_of(&lines);
            let (was, why) = (order.hash(), EditReason::Edited);
            let edited = OrderEdited { order: order.id, lines, totals, was, why, kits, offers: None };
            draft.events.push(Event::OrderEdited(Box::new(edited)));
        }
        Edited::Setting { event, .. } => {
            let event: Event = serde_json::from_slice(event.as_bytes()).map_err(|_| Rejection::UnknownEvent)?;
            draft.events.push(event);
        }
        Edited::Customer { customer, person } => {
            let seen = book.customers.get(&customer).map(|c| c.person.clone());
            customer_event(&mut draft, Some(customer), &person, seen.as_ref(), cx)?;
        }
    }
    draft.events.push(Event::CaseResolved(CaseResolved { case }));
    Ok(draft)
}
