//! Orders and their money: placing, paying, stepping, voiding.

use super::{Context, Draft, MOST_NOTE, Money, customer_event, find, fulfilment, one, refund_event, role_of};
use crate::domain::book::{Book, known_location};
use crate::domain::customer::Person;
use crate::domain::decide::automation;
use crate::domain::event::{
    CustomerChanged, Event, GoodsHandedOver, GoodsReturned, MessageDue, OrderEdited, OrderMoved, OrderNoted,
    OrderPlaced, OrderVoided, PaymentAsked, PaymentMatched, PaymentTaken, StepUndone,
};
use crate::domain::goods::price;
use crate::domain::goods::price::Offered;
use crate::domain::order::rule::Trigger;
use crate::domain::order::{
    Cart, Delivery, EditReason, Line, MOST_MESSAGES, Order, OrderState, StepKind, VoidReason, add_up, check_message,
    step,
};
use crate::domain::payment::{Attempt, Outcome, Payment};
use crate::domain::rejection::Rejection;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Role;
use crate::domain::shop::tender::Tender;
use crate::domain::stock::lease::Scarcity;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{CustomerId, LocationId, OrderId, PaymentId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::work::pricing;
use crate::domain::work::reconcile::MOST_PAIRS;

pub(super) fn place(
    book: &Book,
    cx: &mut Context<'_>,
    cart: Cart,
    number: String,
    location: LocationId,
    money: Option<Money>,
    hand_over: bool,
) -> Result<Draft, Rejection> {
    let profile = book.profile();
    let mut priced = cart.price_with(profile.prices_include_tax, pricing::offers(book, &cart, cx.at)?)?;
    check_taken_off(&profile, role_of(book, cx)?, taken_off(&priced.lines, &priced.offered)?, (0, 0))?;
    if let Some(by) = money.as_ref().and_then(|m| rounded_by(&profile, m, priced.totals.total)) {
        let t = priced.totals;
        priced.totals = add_up(&priced.lines, t.shipping, t.shipping_tax, t.adjustment.plus(by)?)?;
    }
    known_location(book, location)?;
    if !hand_over && !cart.quote {
        let lines = cart.lines.iter().filter_map(|l| Some((l.variant?, l.quantity)));
        scarce(book, lines.flat_map(|(variant, quantity)| book.goods(variant, quantity)), location, cx)?;
    }
    let order = OrderId(cx.ids.take());
    let total = priced.totals.total;
    let mut draft = Draft::default();
    let customer = match (cart.customer, &cart.new_customer) {
        (Some(id), _) => Some(id),
        (None, Some(person)) => Some(customer_event(&mut draft, None, person, None, cx)?),
        (None, None) => None,
    };
    let note = match cart.note.trim() {
        "" => None,
        text => {
            check_note(text)?;
            Some(draft.set_aside(&mut cx.salts, &text))
        }
    };
    draft.events.push(Event::OrderPlaced(Box::new(OrderPlaced {
        order,
        number,
        channel: cart.channel,
        external: None,
        placed_at: None,
        location,
        currency: profile.currency,
        prices_include_tax: profile.prices_include_tax,
        customer,
        note,
        kits: book.kits_of(&priced.lines),
        lines: priced.lines,
        totals: priced.totals,
        state: if cart.quote { OrderState::Draft } else { OrderState::Placed },
        payments: Vec::new(),
        refunds: Vec::new(),
        offers: priced.offered,
    })));
    if let Some(delivery) = cart.delivery.as_ref().filter(|_| !hand_over) {
        fulfilment::set_delivery(&mut draft, order, delivery, cx)?;
    }
    if cart.quote {
        // Nobody pays for what is only offered, and nothing goes along.
        let nothing_moves = money.is_none() && !hand_over;
        return if nothing_moves {
            Ok(draft)
        } else {
            Err(Rejection::IllegalStep { from: OrderState::Draft, to: OrderState::HandedOver })
        };
    }
    let mut paid = Minor::ZERO;
    if let Some(money) = money {
        paid = money.amount;
        if paid > total {
            return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }));
        }
        // An order that costs nothing is closed without a payment.
        if total > Minor::ZERO {
            fulfilment::account_bears(book, customer, &money, role_of(book, cx)?)?;
            draft.events.push(payment_event(order, money, cx)?);
        }
    }
    if hand_over {
        draft.events.push(Event::OrderMoved(OrderMoved {
            order,
            from: OrderState::Placed,
            to: OrderState::HandedOver,
        }));
        draft.events.push(Event::GoodsHandedOver(GoodsHandedOver { order, location }));
        if paid == total {
            draft.events.push(Event::OrderMoved(OrderMoved {
                order,
                from: OrderState::HandedOver,
                to: OrderState::Closed,
            }));
        }
    } else {
        automate(book, &mut draft, cx);
    }
    Ok(draft)
}

/// The sum taken off lines by hand, and the sum it was taken off; promotions are the store's own word.
pub(super) fn taken_off(lines: &[Line], offered: &[Offered]) -> Result<(i128, i128), Rejection> {
    let (mut off, mut full) = (0_i128, 0_i128);
    for (i, line) in lines.iter().enumerate() {
        let promoted = price::off(offered, i).0;
        off += i128::from(line.discount.0 - promoted);
        full += i128::from(line.unit_price.ratio(line.quantity.0, 1000)?.0 - promoted);
    }
    Ok((off, full))
}

/// A clerk takes off as much as the store lets clerks, or as was agreed to before, as a share.
pub(super) fn check_taken_off(
    profile: &Profile,
    role: Role,
    now: (i128, i128),
    before: (i128, i128),
) -> Result<(), Rejection> {
    let Some(most) = profile.clerk_discount_bp else { return Ok(()) };
    let within = |(off, full): (i128, i128)| now.0 * full <= off * now.1;
    if within((i128::from(most), 10_000)) || (before.1 > 0 && within(before)) {
        Ok(())
    } else {
        Ok(role.at_least(Role::Manager)?)
    }
}

pub(super) fn place_and_ask(
    book: &Book,
    cx: &mut Context<'_>,
    cart: Cart,
    number: String,
    location: LocationId,
    tender: Tender,
) -> Result<Draft, Rejection> {
    let mut draft = place(book, cx, cart, number, location, None, true)?;
    draft.events.retain(|e| !matches!(e, Event::OrderMoved(_) | Event::GoodsHandedOver(_)));
    let placed = draft
        .events
        .iter()
        .find_map(|e| if let Event::OrderPlaced(o) = e { Some((o.order, o.totals.total)) } else { None });
    let (order, amount) = placed.filter(|(_, total)| *total > Minor::ZERO).ok_or(Rejection::Flaw(Flaw::NoLines))?;
    let attempt = Attempt { id: PaymentId(cx.ids.take()), tender, amount, at: cx.at, outcome: Outcome::Intended };
    draft.events.push(Event::PaymentAsked(PaymentAsked { order, attempt }));
    Ok(draft)
}

/// Lets the store's rules act on the orders that a draft places.
pub fn automate(book: &Book, draft: &mut Draft, cx: &Context<'_>) {
    if !book.rules.iter().any(|(_, rule)| rule.on) {
        return;
    }
    let placed = draft.events.iter().filter_map(|e| if let Event::OrderPlaced(o) = e { Some(&**o) } else { None });
    let orders: Vec<Order> =
        placed.filter(|o| o.state == OrderState::Placed).map(|o| Order::drafted(o, draft, cx)).collect();
    for known in orders {
        let mut order = known.clone();
        let cards = draft.events.iter().filter_map(|e| if let Event::CustomerSet(c) = e { Some(c) } else { None });
        let card = cards.filter(|c| Some(c.customer) == order.customer).find_map(|c| draft.parts.get(&c.person.pd));
        let person: Option<Person> = card.and_then(|part| serde_json::from_slice(part.data.as_bytes()).ok());
        draft.events.extend(automation::run(book, Trigger::Placed, &known, &mut order, person.as_ref(), cx.at));
        if order.due() <= Minor::ZERO && order.paid() > Minor::ZERO {
            draft.events.extend(automation::run(book, Trigger::Paid, &known, &mut order, person.as_ref(), cx.at));
        }
    }
}

impl Order {
    /// An order as it will be once a draft has happened, as far as rules look.
    fn drafted(e: &OrderPlaced, draft: &Draft, cx: &Context<'_>) -> Self {
        let mut order = Self::placed(e, String::new(), cx.at, cx.by);
        for event in &draft.events {
            if let Event::DeliverySet(d) = event
                && d.order == e.order
            {
                let part = d.to.as_ref().and_then(|to| draft.parts.get(&to.pd));
                let recipient = part.and_then(|p| serde_json::from_slice(p.data.as_bytes()).ok()).unwrap_or_default();
                let delivery = Delivery { method: d.method, promised: d.promised, recipient };
                order.fulfilment.get_or_insert_default().delivery = Some(delivery);
            }
            if let Event::PaymentTaken(p) = event
                && p.order == e.order
            {
                order.payments.push(p.payment.clone());
            }
        }
        order
    }
}

/// Refuses what may not be promised because it may be promised elsewhere.
pub(super) fn scarce(
    book: &Book,
    goods: impl Iterator<Item = (VariantId, Quantity)>,
    location: LocationId,
    cx: &Context<'_>,
) -> Result<(), Rejection> {
    let mut wanted = std::collections::BTreeMap::<VariantId, Quantity>::new();
    for (variant, needed) in goods {
        let sum = wanted.entry(variant).or_default();
        *sum = sum.saturating_add(needed);
    }
    for (variant, wanted) in wanted {
        match book.promisable((variant, location), cx.ids.replica, cx.offline) {
            Some((Scarcity::Block, left)) if wanted > left => return Err(Rejection::Scarce { variant, left }),
            _ => {}
        }
    }
    Ok(())
}

/// The sum that rounding adds where all is paid in cash; `None` where nothing is rounded.
pub(super) fn rounded_by(profile: &Profile, money: &Money, due: Minor) -> Option<Minor> {
    let rounded = profile.in_cash(due);
    let all = money.tender == Tender::Cash && money.amount == rounded && rounded != due && rounded >= Minor::ZERO;
    all.then(|| Minor(rounded.0.saturating_sub(due.0)))
}

pub(super) fn payment_event(order: OrderId, money: Money, cx: &mut Context<'_>) -> Result<Event, Rejection> {
    if money.amount <= Minor::ZERO {
        return Err(Rejection::Flaw(Flaw::Negative { field: Field::Amount }));
    }
    if money.tendered < money.amount {
        return Err(Rejection::TenderedTooLittle);
    }
    let Money { tender, amount, tendered, reference } = money;
    let payment = Payment { id: PaymentId(cx.ids.take()), tender, amount, tendered, reference, at: cx.at, by: cx.by };
    Ok(Event::PaymentTaken(PaymentTaken { order, payment, customer: None }))
}

pub(super) fn pay(
    book: &Book,
    order: &Order,
    money: Money,
    role: Role,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    fulfilment::no_answer_open(order)?;
    fulfilment::account_bears(book, order.customer, &money, role)?;
    if order.state == OrderState::Draft {
        return Err(Rejection::IllegalStep { from: OrderState::Draft, to: OrderState::Closed });
    }
    if order.state == OrderState::Voided {
        return Err(Rejection::IllegalStep { from: OrderState::Voided, to: OrderState::Placed });
    }
    let mut draft = Draft::default();
    let mut order = order.clone();
    if let Some(by) = rounded_by(&book.profile(), &money, order.due()).filter(|_| order.due() > Minor::ZERO) {
        let (t, was) = (order.totals, order.hash());
        let totals = add_up(&order.lines, t.shipping, t.shipping_tax, t.adjustment.plus(by)?)?;
        let (lines, why) = (order.lines.clone(), EditReason::Rounded);
        let edited = OrderEdited { order: order.id, lines, totals, was, why, kits: Vec::new(), offers: None };
        draft.events.push(Event::OrderEdited(Box::new(edited)));
        order.totals = totals;
    }
    if money.amount > order.due() {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }));
    }
    let settles = money.amount == order.due();
    // Rounded down to nothing, there is nothing to pay.
    if money.amount > Minor::ZERO || draft.events.is_empty() {
        let mut taken = payment_event(order.id, money, cx)?;
        if let Event::PaymentTaken(e) = &mut taken {
            e.customer = order.customer.filter(|_| e.payment.tender.needs_customer());
        }
        draft.events.push(taken);
    }
    if settles && order.state == OrderState::HandedOver {
        let (from, to) = (OrderState::HandedOver, OrderState::Closed);
        draft.events.push(Event::OrderMoved(OrderMoved { order: order.id, from, to }));
    }
    if settles && waits_at_the_counter(&order) {
        draft.events.extend(over_the_counter(&order));
    } else if settles
        && order.handed_over.is_none()
        && let Some(Event::PaymentTaken(p)) = draft.events.last()
    {
        let mut after = order.clone();
        after.payments.push(p.payment.clone());
        draft.events.extend(automation::run(book, Trigger::Paid, &order, &mut after, None, cx.at));
    }
    Ok(draft)
}

/// Says whether the customer stands there and takes the goods along once they are paid: a terminal was asked over the
/// counter.
pub(super) fn waits_at_the_counter(order: &Order) -> bool {
    let there = order.channel.face_to_face() && order.state == OrderState::Placed && order.handed_over.is_none();
    there && order.fulfilment.is_none() && !order.attempts.is_empty()
}

/// The goods of a paid order go along.
pub(super) fn over_the_counter(order: &Order) -> [Event; 3] {
    let moved = |from, to| Event::OrderMoved(OrderMoved { order: order.id, from, to });
    [
        moved(OrderState::Placed, OrderState::HandedOver),
        Event::GoodsHandedOver(GoodsHandedOver { order: order.id, location: order.location }),
        moved(OrderState::HandedOver, OrderState::Closed),
    ]
}

pub(super) fn take_step(
    book: &Book,
    order: &Order,
    to: OrderState,
    location: LocationId,
    role: Role,
    cx: &Context<'_>,
) -> Result<Draft, Rejection> {
    let illegal = Rejection::IllegalStep { from: order.state, to };
    // Voiding has consequences for money and goods, and a command of its own.
    let found = step(order.state, to).filter(|s| s.to != OrderState::Voided).ok_or(illegal)?;
    fulfilment::not_held(order)?;
    match found.kind {
        StepKind::Confirm => fulfilment::checked(book, order, role, cx)?,
        StepKind::Allocate => return fulfilment::allocate_one(book, order, true),
        StepKind::Release => return fulfilment::release(order),
        _ => {}
    }
    if found.needs_payment && order.due() > Minor::ZERO {
        return Err(Rejection::NotPaid { due: order.due() });
    }
    let mut events = vec![Event::OrderMoved(OrderMoved { order: order.id, from: order.state, to })];
    if found.kind == StepKind::Accept {
        // It is promised now, and the store's rules act on it as on any order that is placed.
        scarce(book, order.lines.iter().flat_map(|l| order.goods(l)), order.location, cx)?;
        let mut after = Order { state: to, ..order.clone() };
        events.extend(automation::run(book, Trigger::Placed, order, &mut after, None, cx.at));
    }
    let trigger = match found.kind {
        StepKind::Pack => Some(Trigger::Packed),
        StepKind::Ship => Some(Trigger::Shipped),
        _ => None,
    };
    if let Some(trigger) = trigger {
        let mut after = Order { state: to, ..order.clone() };
        events.extend(automation::run(book, trigger, order, &mut after, None, cx.at));
    }
    if found.moves_goods {
        events.push(Event::GoodsHandedOver(GoodsHandedOver { order: order.id, location }));
        if to == OrderState::HandedOver && order.due() <= Minor::ZERO {
            events.push(Event::OrderMoved(OrderMoved { order: order.id, from: to, to: OrderState::Closed }));
        }
    }
    Ok(Draft { events, ..Draft::default() })
}

pub(super) fn undo_step(order: &Order, to: OrderState) -> Result<Draft, Rejection> {
    fulfilment::no_answer_open(order)?;
    let last = order.last_step().filter(|last| last.step.from == to);
    let last = last.ok_or(Rejection::IllegalStep { from: order.state, to })?;
    one(Event::StepUndone(StepUndone { order: order.id, step: last.at, to }))
}

pub(super) fn void(order: &Order, reason: VoidReason, role: Role, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    fulfilment::no_answer_open(order)?;
    step(order.state, OrderState::Voided)
        .ok_or(Rejection::IllegalStep { from: order.state, to: OrderState::Voided })?;
    if order.paid() > Minor::ZERO {
        role.at_least(Role::Manager)?;
    }
    let mut draft = Draft::default();
    for (tender, amount) in order.ways_back(order.paid()) {
        draft.events.push(refund_event(order.id, tender, amount, cx));
    }
    if let Some(location) = order.handed_over {
        draft.events.push(Event::GoodsReturned(GoodsReturned { order: order.id, location }));
    }
    draft.events.push(Event::OrderVoided(OrderVoided { order: order.id, reason, paid_seen: Minor::ZERO }));
    Ok(draft)
}

pub(super) fn matched(book: &Book, pairs: Vec<(OrderId, PaymentId, String)>) -> Result<Draft, Rejection> {
    if pairs.is_empty() || pairs.len() > MOST_PAIRS {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    let mut events = Vec::with_capacity(pairs.len());
    for (order, payment, booking) in pairs {
        let known = find(book, order)?;
        if !known.payments.iter().any(|p| p.id == payment) || known.matched.iter().any(|(p, _)| *p == payment) {
            return Err(Rejection::Gone);
        }
        events.push(Event::PaymentMatched(PaymentMatched { order, payment, booking }));
    }
    Ok(Draft { events, ..Draft::default() })
}

/// Sets whose order it is from now on. What is on somebody's account stays on it.
pub(super) fn set_customer(
    book: &Book,
    order: &Order,
    customer: Option<CustomerId>,
    new: Option<Person>,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    if order.state == OrderState::Voided {
        return Err(Rejection::Gone);
    }
    if order.payments.iter().any(|p| p.tender.needs_customer() && p.amount > Minor::ZERO) {
        return Err(Rejection::NoCustomer);
    }
    let mut draft = Draft::default();
    let customer = match (customer, new) {
        (Some(id), _) => Some(book.customers.get(&id).map(|c| c.id).ok_or(Rejection::NoCustomer)?),
        (None, Some(person)) => Some(customer_event(&mut draft, None, &person, None, cx)?),
        (None, None) => None,
    };
    draft.events.push(Event::CustomerChanged(CustomerChanged { order: order.id, customer }));
    Ok(draft)
}

/// A message that the customer is to be sent.
pub(super) fn tell(order: &Order, text: String) -> Result<Draft, Rejection> {
    let text = text.trim().to_owned();
    check_message(&text)?;
    if order.messages.len() >= MOST_MESSAGES {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    one(Event::MessageDue(MessageDue { order: order.id, text }))
}

pub(super) fn note(order: OrderId, text: &str, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    check_note(text)?;
    let mut draft = Draft::default();
    let note = draft.set_aside(&mut cx.salts, &text.trim());
    draft.events.push(Event::OrderNoted(OrderNoted { order, note }));
    Ok(draft)
}

pub(super) fn check_note(text: &str) -> Result<(), Rejection> {
    if text.chars().count() > MOST_NOTE {
        Err(Rejection::Flaw(Flaw::TooLong { field: Field::Reason, most: MOST_NOTE }))
    } else {
        Ok(())
    }
}
