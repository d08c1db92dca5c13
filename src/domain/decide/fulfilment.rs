//! What may be done with an order between taking it and handing it over.

use std::collections::BTreeSet;

use super::orders::{check_taken_off, taken_off};
use super::{Context, Draft, Money, check_note, find, one, over_the_counter, payment_event, waits_at_the_counter};
use crate::domain::book::{Book, known_location};
use crate::domain::decide::automation;
use crate::domain::event::{
    AccountSettled, DeliverySet, Event, MoneyMoved, MovedPayment, OrderEdited, OrderMarked, OrderMoved, OrderPlaced,
    OrderVoided, PaperPrinted, PaymentAnswered, PaymentAsked, PaymentTaken, StockAllocated,
};
use crate::domain::goods::price::{OfferKind, Offered};
use crate::domain::order::rule::Trigger;
use crate::domain::order::{
    Cart, Delivery, EditReason, Line, MOST_LINES, Mark, Order, OrderState, Paper, Totals, VoidReason, add_up,
    check_mark, turn, waits_for_goods,
};
use crate::domain::payment::{Attempt, Outcome, Payment};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::shop::tax::tax;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, LocationId, OrderId, PaymentId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::work::allocation::{allocate, allocate_from, allocate_instead};
use crate::domain::work::finding::{Severity, findings};
use crate::domain::work::pricing;

/// Sets where an order goes, as an event with what is personal beside it.
pub(super) fn set_delivery(
    draft: &mut Draft,
    order: OrderId,
    delivery: &Delivery,
    cx: &mut Context<'_>,
) -> Result<(), Rejection> {
    let recipient = &delivery.recipient;
    for text in [&recipient.name, &recipient.phone, &recipient.address] {
        check_note(text)?;
    }
    let to = (!recipient.is_empty()).then(|| draft.set_aside(&mut cx.salts, recipient));
    draft.events.push(Event::DeliverySet(DeliverySet {
        order,
        method: delivery.method,
        promised: delivery.promised,
        to,
    }));
    Ok(())
}

pub(super) fn mark(order: &Order, mark: Mark) -> Result<Draft, Rejection> {
    check_mark(&mark)?;
    one(Event::OrderMarked(OrderMarked { order: order.id, mark }))
}

/// Says whether the checks let an order be confirmed by somebody.
pub(super) fn checked(book: &Book, order: &Order, role: Role, cx: &Context<'_>) -> Result<(), Rejection> {
    match findings(book, order, cx.at).iter().any(|f| f.severity() == Severity::Stop) {
        true => Ok(role.at_least(Role::Manager)?),
        false => Ok(()),
    }
}

/// Sets goods aside for one order. What is short stays short, unless `whole` was asked for.
pub(super) fn allocate_one(book: &Book, order: &Order, whole: bool) -> Result<Draft, Rejection> {
    let target = OrderState::Allocated;
    if !matches!(order.state, OrderState::Confirmed | OrderState::Allocated) || order.handed_over.is_some() {
        return Err(Rejection::IllegalStep { from: order.state, to: target });
    }
    not_held(order)?;
    let plan = allocate(book, &[order]).remove(&order.id).unwrap_or_default();
    if let Some((_, short)) = plan.short.first().filter(|_| whole || plan.allocated.is_empty()) {
        return Err(Rejection::ShortOf { short: *short });
    }
    let mut draft = Draft::default();
    automation::allocated(&mut order.clone(), plan, &mut draft.events);
    Ok(draft)
}

/// Sets goods of one line aside from a place that somebody chose.
pub(super) fn allocate_by_hand(
    book: &Book,
    order: &Order,
    line: u16,
    location: LocationId,
) -> Result<Draft, Rejection> {
    if !matches!(order.state, OrderState::Confirmed | OrderState::Allocated) || order.handed_over.is_some() {
        return Err(Rejection::IllegalStep { from: order.state, to: OrderState::Allocated });
    }
    not_held(order)?;
    known_location(book, location)?;
    let plan = allocate_from(book, order, line, location);
    if let Some((_, short)) =
        plan.short.iter().find(|(at, _)| *at == line).filter(|_| plan.allocated.iter().all(|a| a.line != line))
    {
        return Err(Rejection::ShortOf { short: *short });
    }
    let mut draft = Draft::default();
    automation::allocated(&mut order.clone(), plan, &mut draft.events);
    for event in &mut draft.events {
        if let Event::StockAllocated(e) = event {
            e.by_hand = true;
        }
    }
    if draft.events.is_empty() { Err(Rejection::Gone) } else { Ok(draft) }
}

/// Sets goods aside anew for several orders, the most urgent first, so that what came in goes to whoever is first in
/// turn. Orders that are being picked keep theirs, and so do those for which somebody chose. Only what changes is
/// written.
pub(super) fn allocate_all(book: &Book, orders: &BTreeSet<OrderId>) -> Draft {
    let mut draft = Draft::default();
    let held = |o: &Order| o.fulfilment.as_ref().is_some_and(|f| f.hold.is_some());
    let mut waiting: Vec<&Order> = orders
        .iter()
        .filter_map(|id| book.orders.get(id))
        .filter(|o| waits_for_goods(o) && o.state != OrderState::Placed && !held(o) && !o.is_allocated_by_hand())
        .collect();
    waiting.sort_by_key(|o| turn(o));
    let mut plans = allocate(book, &waiting);
    for order in waiting {
        if let Some(plan) = plans.remove(&order.id) {
            automation::allocated(&mut order.clone(), plan, &mut draft.events);
        }
    }
    draft
}

pub(super) fn release(order: &Order) -> Result<Draft, Rejection> {
    let mut draft = Draft::default();
    if order.fulfilment.as_ref().is_some_and(|f| !f.allocated.is_empty()) {
        draft.events.push(Event::StockAllocated(StockAllocated {
            order: order.id,
            allocated: Vec::new(),
            by_hand: false,
        }));
    }
    if order.state == OrderState::Allocated {
        draft.events.push(Event::OrderMoved(OrderMoved {
            order: order.id,
            from: order.state,
            to: OrderState::Confirmed,
        }));
    }
    if draft.events.is_empty() {
        Err(Rejection::IllegalStep { from: order.state, to: OrderState::Confirmed })
    } else {
        Ok(draft)
    }
}

pub(super) fn not_held(order: &Order) -> Result<(), Rejection> {
    if order.fulfilment.as_ref().is_some_and(|f| f.hold.is_some()) { Err(Rejection::OnHold) } else { Ok(()) }
}

fn can_be_edited(order: &Order) -> Result<(), Rejection> {
    if order.handed_over.is_some() || matches!(order.state, OrderState::Voided | OrderState::Closed) {
        return Err(Rejection::Gone);
    }
    Ok(())
}

/// Other lines in an order. Goods that are still there are set aside again.
pub(super) fn edit(book: &Book, order: &Order, cart: &Cart, role: Role) -> Result<Draft, Rejection> {
    can_be_edited(order)?;
    let priced = cart.price(order.prices_include_tax)?;
    check_taken_off(&book.profile(), role, taken_off(&priced.lines, &[])?, taken_off(&order.lines, &[])?)?;
    let t = order.totals;
    // Carriage is what it says, tax and all; its tax is the share that it was, or what the store charges now.
    let carriage_tax = match t.shipping {
        same if same == cart.shipping => t.shipping_tax,
        Minor::ZERO => tax(cart.shipping, pricing::carriage_bp(book, order.placed_at), true)?.tax,
        before => t.shipping_tax.ratio(cart.shipping.0, before.0)?,
    };
    let totals = add_up(&priced.lines, cart.shipping, carriage_tax, t.adjustment)?;
    if totals.total < order.paid() {
        role.at_least(Role::Manager)?;
    }
    let mut draft = Draft::default();
    edited(book, order, None, edit_of(order, priced.lines, totals, EditReason::Edited), &mut draft);
    Ok(draft)
}

/// Lines as another system says that they are now; `seen` is the hash of those that it changed, or none where people
/// had changed them here: theirs are then put aside as a case. Goods that are still there are set aside again.
pub fn relined(book: &Book, order: &Order, lines: Vec<Line>, totals: Totals, seen: Option<Hash>) -> Vec<Event> {
    let mut draft = Draft::default();
    let event = OrderEdited { was: seen.unwrap_or_default(), ..edit_of(order, lines, totals, EditReason::Edited) };
    edited(book, order, None, event, &mut draft);
    draft.events
}

/// An edit by whoever has seen the order as it is.
fn edit_of(order: &Order, lines: Vec<Line>, totals: Totals, why: EditReason) -> OrderEdited {
    OrderEdited { order: order.id, lines, totals, was: order.hash(), why, kits: Vec::new(), offers: None }
}

/// Writes an edit down, with the kits in it, and what it means for goods that were set aside; `from` is an order that
/// is merged in.
fn edited(book: &Book, order: &Order, from: Option<&Order>, event: OrderEdited, draft: &mut Draft) {
    let OrderEdited { lines, totals, .. } = event.clone();
    let mut kits = from.map(|f| f.kits.clone()).unwrap_or_default();
    kits.extend(book.kits_of(&lines));
    let mut seen: Vec<VariantId> = order.kits.iter().map(|k| k.variant).collect();
    // What was in it keeps what it was made of.
    kits.retain(|k| {
        !seen.contains(&k.variant) && {
            seen.push(k.variant);
            lines.iter().any(|l| l.variant == Some(k.variant))
        }
    });
    let offers = event.offers.clone().filter(|o| !o.is_empty() || !order.offers.is_empty());
    let event = OrderEdited { kits: kits.clone(), offers, ..event };
    draft.events.push(Event::OrderEdited(Box::new(event)));
    let had = order.fulfilment.as_ref().is_some_and(|f| !f.allocated.is_empty());
    if had && order.handed_over.is_none() {
        // One that is being picked or packed keeps its state, and leaves from where it is set aside.
        let state = if order.state == OrderState::Allocated { OrderState::Confirmed } else { order.state };
        let mut after = Order { lines, totals, state, ..order.clone() };
        after.kits.extend(kits);
        if let Some(work) = &mut after.fulfilment {
            work.allocated.clear();
        }
        let before: Vec<&Order> = std::iter::once(order).chain(from).collect();
        let plan = allocate_instead(book, &before, &after);
        automation::allocated(&mut after, plan, &mut draft.events);
    }
}

/// Takes a part of an order out into an order of its own: what cannot go yet, or goes elsewhere. What was paid stays
/// with the first as far as it costs; the rest goes along.
pub(super) fn split(
    book: &Book,
    order: &Order,
    take: &[(u16, Quantity)],
    number: String,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    can_be_edited(order)?;
    let mut rest = Vec::new();
    let mut part = Vec::new();
    let mut offers = [Vec::new(), Vec::new()];
    for (i, line) in order.lines.iter().enumerate() {
        let out = take
            .iter()
            .filter(|(at, _)| usize::from(*at) == i)
            .fold(Quantity::ZERO, |sum, (_, q)| sum.saturating_add(*q));
        if out < Quantity::ZERO || (!line.unit.divisible() && !out.is_whole()) {
            return Err(Rejection::Flaw(Flaw::NotDivisible));
        }
        if out > line.quantity {
            return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
        }
        let kept = line.quantity.saturating_add(out.saturating_neg());
        let [a, b] = share(line, kept, out)?;
        share_offers(order, i, [(&a, rest.len()), (&b, part.len())], [kept, out], &mut offers)?;
        rest.extend(a);
        part.extend(b);
    }
    let [rest_offers, part_offers] = offers;
    if rest.is_empty() || part.is_empty() {
        return Err(Rejection::Flaw(Flaw::NoLines));
    }
    let t = order.totals;
    let totals = add_up(&rest, t.shipping, t.shipping_tax, t.adjustment)?;
    let part_totals = add_up(&part, Minor::ZERO, Minor::ZERO, Minor::ZERO)?;
    no_answer_open(order)?;
    let new = OrderId(cx.ids.take());
    let part_of: Vec<Option<VariantId>> = part.iter().map(|l| l.variant).collect();
    let part_has = |v| part_of.contains(&Some(v));
    let mut draft = Draft::default();
    // Whoever packs either has to read it.
    let note = (!order.note.is_empty()).then(|| draft.set_aside(&mut cx.salts, &order.note));
    draft.events.push(Event::OrderPlaced(Box::new(OrderPlaced {
        order: new,
        number,
        channel: order.channel,
        external: None,
        placed_at: Some(order.placed_at),
        location: order.location,
        currency: order.currency,
        prices_include_tax: order.prices_include_tax,
        customer: order.customer,
        note,
        lines: part,
        totals: part_totals,
        state: if order.state == OrderState::Draft { OrderState::Draft } else { OrderState::Placed },
        payments: Vec::new(),
        refunds: Vec::new(),
        offers: part_offers,
        kits: order.kits.iter().filter(|k| part_has(k.variant)).cloned().collect(),
    })));
    if let Some(work) = &order.fulfilment {
        if let Some(delivery) = &work.delivery {
            set_delivery(&mut draft, new, delivery, cx)?;
        }
        // What rules and people made of the order goes along.
        let marks = [
            (work.priority != Default::default()).then_some(Mark::Priority(work.priority)),
            work.assigned.clone().map(|to| Mark::Assigned(Some(to))),
            work.hold.clone().map(|why| Mark::Hold(Some(why))),
        ];
        let tags = work.tags.iter().map(|tag| Mark::Tag { tag: tag.clone(), on: true });
        draft.events.extend(
            marks.into_iter().flatten().chain(tags).map(|mark| Event::OrderMarked(OrderMarked { order: new, mark })),
        );
    }
    if !matches!(order.state, OrderState::Placed | OrderState::Draft) {
        draft.events.push(Event::OrderMoved(OrderMoved {
            order: new,
            from: OrderState::Placed,
            to: OrderState::Confirmed,
        }));
    }
    let beyond = Minor(order.paid().0.saturating_sub(totals.total.0));
    draft.events.extend(money_along(order, new, beyond, cx));
    let event = OrderEdited { offers: Some(rest_offers), ..edit_of(order, rest, totals, EditReason::SplitInto(new)) };
    edited(book, order, None, event, &mut draft);
    Ok(draft)
}

/// So much of what was paid goes over to another order, the latest payments first.
fn money_along(order: &Order, to: OrderId, amount: Minor, cx: &mut Context<'_>) -> Option<Event> {
    let mut left = amount;
    let mut parts = Vec::new();
    for payment in order.payments.iter().rev().filter(|p| p.amount > Minor::ZERO) {
        let amount = payment.amount.min(left);
        if amount <= Minor::ZERO {
            break;
        }
        left = Minor(left.0 - amount.0);
        parts.push(MovedPayment { payment: payment.id, new: PaymentId(cx.ids.take()), amount });
    }
    (!parts.is_empty()).then_some(Event::MoneyMoved(MoneyMoved { from: order.id, to, parts }))
}

/// A line in two parts, whose amounts add up to its own.
fn share(line: &Line, kept: Quantity, out: Quantity) -> Result<[Option<Line>; 2], Rejection> {
    if out == Quantity::ZERO {
        return Ok([Some(line.clone()), None]);
    }
    if kept == Quantity::ZERO {
        return Ok([None, Some(line.clone())]);
    }
    let weights = [kept.0, out.0];
    let two = |amount: Minor| -> Result<[Minor; 2], Rejection> {
        let shares = amount.share(&weights)?;
        Ok([shares.first().copied().unwrap_or_default(), shares.get(1).copied().unwrap_or_default()])
    };
    let (net, tax, discount) = (two(line.net)?, two(line.tax)?, two(line.discount)?);
    let part = |i: usize, quantity| Line { quantity, net: net[i], tax: tax[i], discount: discount[i], ..line.clone() };
    Ok([Some(part(0, kept)), Some(part(1, out))])
}

/// The offers of a line, for its two parts at their places: their amounts add up, and no part is promised more than is
/// off it.
fn share_offers(
    order: &Order,
    line: usize,
    parts: [(&Option<Line>, usize); 2],
    weights: [Quantity; 2],
    offers: &mut [Vec<Offered>; 2],
) -> Result<(), Rejection> {
    let [(first, at), (second, other)] = parts;
    let mut left =
        [first.as_ref().map_or(Minor::ZERO, |l| l.discount), second.as_ref().map_or(Minor::ZERO, |l| l.discount)];
    for offer in order.offers.iter().filter(|o| usize::from(o.line) == line) {
        let shares = offer.amount.share(&weights.map(|q| q.0))?;
        let mut amounts = [shares.first().copied().unwrap_or_default(), shares.get(1).copied().unwrap_or_default()];
        if offer.kind == OfferKind::Promotion {
            // Rounded apart from the discount that it is in, a part may be a cent above it; the other then has room.
            for (i, j) in [(0, 1), (1, 0)] {
                let over = Minor(amounts[i].0.saturating_sub(left[i].0).max(0));
                amounts[i] = amounts[i].minus(over)?;
                amounts[j] = amounts[j].plus(over)?;
            }
            left = [left[0].minus(amounts[0])?, left[1].minus(amounts[1])?];
        }
        for (i, (there, at)) in [(first.is_some(), at), (second.is_some(), other)].into_iter().enumerate() {
            if there {
                offers[i].push(Offered { line: at as u16, amount: amounts[i], ..offer.clone() });
            }
        }
    }
    Ok(())
}

/// Takes the lines of another order of the same customer in; the other is voided.
pub(super) fn merge(book: &Book, into: &Order, from: &Order) -> Result<Draft, Rejection> {
    can_be_edited(into)?;
    can_be_edited(from)?;
    // What was only offered is not owed by an order, nor an order by an offer.
    if (into.state == OrderState::Draft) != (from.state == OrderState::Draft) {
        return Err(Rejection::IllegalStep { from: from.state, to: into.state });
    }
    if into.id == from.id || into.customer != from.customer || into.customer.is_none() {
        return Err(Rejection::NoCustomer);
    }
    if into.currency != from.currency || into.prices_include_tax != from.prices_include_tax {
        return Err(Rejection::Flaw(Flaw::Totals));
    }
    // Money stays where it was paid; an order that has some is the one to keep.
    if from.paid() != Minor::ZERO || !from.attempts.iter().all(|a| !a.outcome.is_open()) {
        return Err(Rejection::NotPaid { due: from.paid() });
    }
    let lines: Vec<Line> = into.lines.iter().chain(&from.lines).cloned().collect();
    if lines.len() > MOST_LINES {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    let (a, b) = (into.totals, from.totals);
    let totals = add_up(
        &lines,
        a.shipping.plus(b.shipping)?,
        a.shipping_tax.plus(b.shipping_tax)?,
        a.adjustment.plus(b.adjustment)?,
    )?;
    let mut draft = Draft::default();
    draft.events.push(Event::OrderVoided(OrderVoided {
        order: from.id,
        reason: VoidReason::Merged,
        paid_seen: Minor::ZERO,
    }));
    let shifted =
        from.offers.iter().map(|o| Offered { line: o.line.saturating_add(into.lines.len() as u16), ..o.clone() });
    let offers = into.offers.iter().cloned().chain(shifted).collect();
    let event = OrderEdited { offers: Some(offers), ..edit_of(into, lines, totals, EditReason::MergedFrom(from.id)) };
    edited(book, into, Some(from), event, &mut draft);
    Ok(draft)
}

pub(super) fn print(orders: &[OrderId], paper: Paper) -> Result<Draft, Rejection> {
    let events = orders.iter().map(|order| Event::PaperPrinted(PaperPrinted { order: *order, paper })).collect();
    Ok(Draft { events, ..Draft::default() })
}

// --- money ------------------------------------------------------------------------------------------------------------

/// Says whether the customer's account bears a payment.
pub(super) fn account_bears(
    book: &Book,
    customer: Option<CustomerId>,
    money: &Money,
    role: Role,
) -> Result<(), Rejection> {
    if !money.tender.needs_customer() {
        return Ok(());
    }
    let customer = customer.ok_or(Rejection::NoCustomer)?;
    let account = book.accounts.get(&customer).cloned().unwrap_or_default();
    match money.tender {
        Tender::StoreCredit if money.amount > account.credit => Err(Rejection::OverCredit { left: account.credit }),
        // A manager may let somebody owe more than was agreed, but not on an account that does not exist.
        Tender::OnAccount
            if money.amount > account.left() && (account.limit <= Minor::ZERO || role < Role::Manager) =>
        {
            Err(Rejection::OverCredit { left: account.left() })
        }
        _ => Ok(()),
    }
}

pub(super) fn no_answer_open(order: &Order) -> Result<(), Rejection> {
    if order.attempts.iter().any(|a| a.outcome.is_open()) { Err(Rejection::AnswerOpen) } else { Ok(()) }
}

/// Writes down that a terminal is about to be asked.
pub(super) fn ask(order: &Order, tender: Tender, amount: Minor, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    no_answer_open(order)?;
    if amount <= Minor::ZERO {
        return Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount }));
    }
    if amount > order.due() {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }));
    }
    let attempt = Attempt { id: PaymentId(cx.ids.take()), tender, amount, at: cx.at, outcome: Outcome::Intended };
    one(Event::PaymentAsked(PaymentAsked { order: order.id, attempt }))
}

/// Writes down what the terminal said. Only a confirmed one is a payment.
pub(super) fn answer(
    book: &Book,
    order: &Order,
    attempt: PaymentId,
    outcome: Outcome,
    reference: String,
    cx: &Context<'_>,
) -> Result<Draft, Rejection> {
    let open = order.attempts.iter().find(|a| a.id == attempt && a.outcome.is_open()).ok_or(Rejection::AnswerOpen)?;
    let mut draft = Draft::default();
    draft.events.push(Event::PaymentAnswered(PaymentAnswered { order: order.id, attempt, outcome }));
    if outcome == Outcome::Confirmed {
        let payment = Payment {
            id: open.id,
            tender: open.tender,
            amount: open.amount,
            tendered: open.amount,
            reference,
            at: cx.at,
            by: cx.by,
        };
        let mut after = order.clone();
        after.payments.push(payment.clone());
        draft.events.push(Event::PaymentTaken(PaymentTaken { order: order.id, payment, customer: None }));
        if open.amount == order.due() && waits_at_the_counter(order) {
            draft.events.extend(over_the_counter(order));
        } else if order.handed_over.is_none() && open.amount == order.due() {
            draft.events.extend(automation::run(book, Trigger::Paid, order, &mut after, None, cx.at));
        }
        if order.state == OrderState::HandedOver && open.amount == order.due() {
            let (from, to) = (OrderState::HandedOver, OrderState::Closed);
            draft.events.push(Event::OrderMoved(OrderMoved { order: order.id, from, to }));
        }
    }
    Ok(draft)
}

/// A customer pays what they owe.
pub(super) fn settle_account(
    book: &Book,
    customer: CustomerId,
    money: Money,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    let owed = book.accounts.get(&customer).map(|a| a.owed).unwrap_or_default();
    if money.amount > owed {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }));
    }
    if money.tender.needs_customer() {
        return Err(Rejection::NoCustomer);
    }
    let Event::PaymentTaken(PaymentTaken { payment, .. }) = payment_event(OrderId::default(), money, cx)? else {
        return Err(Rejection::UnknownEvent);
    };
    one(Event::AccountSettled(AccountSettled { customer, payment }))
}

pub(super) fn both(book: &Book, a: OrderId, b: OrderId) -> Result<(&Order, &Order), Rejection> {
    Ok((find(book, a)?, find(book, b)?))
}
