//! Automation: what the store's rules do with an order, as events.
//!
//! Rules run where the order is written down, in the same transaction, so they run once, without a network, and with
//! the same result everywhere.

use crate::domain::book::Book;
use crate::domain::customer::Person;
use crate::domain::event::{Event, MessageDue, OrderMarked, OrderMoved, PaperPrinted, RuleApplied, StockAllocated};
use crate::domain::order::rule::{Act, Condition, Rule, Trigger};
use crate::domain::order::{
    Assignee, Fulfilment, Happened, MOST_MESSAGES, Mark, Message, Method, Order, OrderState, Paper, check_mark,
    waits_for_goods,
};
use crate::domain::payment::Payment;
use crate::domain::value::money::Minor;
use crate::domain::value::time::Timestamp;
use crate::domain::work::allocation;
use crate::domain::work::allocation::Plan;
use crate::domain::work::finding::{Severity, look_over};
/// Says whether an order is of its kind.
pub fn fits(rule: &Rule, book: &Book, order: &Order, customer: Option<&Person>, at: Timestamp) -> bool {
    rule.conditions.iter().all(|condition| match condition {
        Condition::Channel(channel) => order.channel == *channel,
        Condition::AtLeast(least) => order.totals.total >= *least,
        Condition::Below(most) => order.totals.total < *most,
        Condition::Paid => order.due() <= Minor::ZERO,
        Condition::Method(method) => {
            let delivery = order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref());
            delivery.map_or(Method::PickUp, |d| d.method) == *method
        }
        Condition::HasTag(tag) => order.fulfilment.as_ref().is_some_and(|f| f.tags.contains(tag)),
        Condition::HasCategory(category) => order.lines.iter().any(|l| {
            let product = l.variant.and_then(|v| book.variant(v)).map(|(p, _)| p);
            product.is_some_and(|p| p.category == *category)
        }),
        Condition::Clean => look_over(book, order, customer, at).iter().all(|f| f.severity() < Severity::Warn),
    })
}

/// Events by which the store's rules act on an order; `order` is then as they leave it. It is as it will be once
/// what is already drafted has happened, and so is `customer`, if the draft has the card. `known` is the order with the
/// goods that the book has set aside for it.
pub fn run(
    book: &Book,
    when: Trigger,
    known: &Order,
    order: &mut Order,
    customer: Option<&Person>,
    at: Timestamp,
) -> Vec<Event> {
    let customer = customer.or_else(|| order.customer.and_then(|c| book.customers.get(&c)).map(|c| &c.person));
    let mut events = Vec::new();
    for rule in book.rules().into_iter().filter(|r| r.on && r.when == when) {
        rule.act(book, known, order, customer, at, &mut events);
    }
    events
}

impl Rule {
    /// Does what it says with an order, if that is of its kind.
    fn act(
        &self,
        book: &Book,
        known: &Order,
        order: &mut Order,
        customer: Option<&Person>,
        at: Timestamp,
        events: &mut Vec<Event>,
    ) {
        if !fits(self, book, order, customer, at) {
            return;
        }
        let before = events.len();
        for act in &self.acts {
            apply(book, act, known, order, customer, at, events);
        }
        if events.len() > before {
            events.insert(before, Event::RuleApplied(RuleApplied { order: order.id, rule: self.id }));
        }
    }

    /// The order of the past as the rule would have left it, by itself and with what is in stock now; `None` when it
    /// would have left it alone. Nothing is written.
    pub fn dry_run(&self, book: &Book, past: &Order) -> Option<Order> {
        if !had_its_turn(past, self.when) {
            return None;
        }
        let mut order = as_it_came(past, self.when);
        let known = order.clone();
        let customer = order.customer.and_then(|c| book.customers.get(&c)).map(|c| &c.person);
        let mut events = Vec::new();
        self.act(book, &known, &mut order, customer, past.placed_at, &mut events);
        (!events.is_empty()).then_some(order)
    }
}

/// Says whether rules of a kind had their turn with an order: what was handed over at once is no work, and none looks
/// at it.
fn had_its_turn(past: &Order, when: Trigger) -> bool {
    let moved = |to: OrderState| past.history.iter().find(|e| e.what == Happened::Moved(to));
    let at_once = past.handed_over_at_once();
    match when {
        Trigger::Placed => !at_once,
        Trigger::Paid => !at_once && past.payments.iter().any(|p| p.amount > Minor::ZERO) && past.due() <= Minor::ZERO,
        Trigger::Packed => moved(OrderState::Packed).is_some(),
        Trigger::Shipped => moved(OrderState::Shipped).is_some(),
    }
}

/// An order as it was when a rule had its turn: nothing that people or rules did afterwards.
fn as_it_came(past: &Order, when: Trigger) -> Order {
    let work = past.fulfilment.as_deref();
    let delivery = work.and_then(|f| f.delivery.clone());
    let marks = work.filter(|_| !matches!(when, Trigger::Placed)).cloned();
    let fulfilment = delivery.map(|d| Box::new(Fulfilment { delivery: Some(d), ..Fulfilment::default() }));
    let paid_then = |p: &Payment| when != Trigger::Placed || p.at == past.placed_at;
    Order {
        state: match when {
            Trigger::Placed | Trigger::Paid => OrderState::Placed,
            Trigger::Packed => OrderState::Packed,
            Trigger::Shipped => OrderState::Shipped,
        },
        fulfilment: marks
            .map(|f| Box::new(Fulfilment { hold: None, assigned: None, allocated: Vec::new(), ..f }))
            .or(fulfilment),
        payments: past.payments.iter().filter(|p| paid_then(p)).cloned().collect(),
        refunds: Vec::new(),
        returned: Vec::new(),
        messages: Vec::new(),
        handed_over: None,
        ..past.clone()
    }
}

fn apply(
    book: &Book,
    act: &Act,
    known: &Order,
    order: &mut Order,
    customer: Option<&Person>,
    at: Timestamp,
    events: &mut Vec<Event>,
) {
    let held = order.fulfilment.as_ref().is_some_and(|f| f.hold.is_some());
    match act {
        Act::Confirm if order.state == OrderState::Placed && !held => {
            if look_over(book, order, customer, at).iter().all(|f| f.severity() < Severity::Stop) {
                go_to(order, OrderState::Confirmed, events);
            }
        }
        Act::Allocate if waits_for_goods(order) && !held => {
            let plan = allocation::allocate_instead(book, &[known], order);
            allocated(order, plan, events);
        }
        Act::AssignLeastBusy => {
            if let Some(to) = book.least_busy() {
                mark(order, Mark::Assigned(Some(Assignee::Staff(to))), events);
            }
        }
        Act::DeliveryNote if order.state == OrderState::Allocated && !held => {
            events.push(Event::PaperPrinted(PaperPrinted { order: order.id, paper: Paper::DeliveryNote }));
        }
        // Two rules that say the same say it once.
        Act::Message(text)
            if order.messages.len() < MOST_MESSAGES
                && !order.messages.iter().any(|m| m.is_due() && m.text == *text) =>
        {
            order.messages.push(Message { text: text.clone(), sent: None });
            events.push(Event::MessageDue(MessageDue { order: order.id, text: text.clone() }));
        }
        Act::Confirm | Act::Allocate | Act::DeliveryNote | Act::Message(_) => {}
        marks => {
            if let Some(made) = marks.mark() {
                mark(order, made, events);
            }
        }
    }
}

fn go_to(order: &mut Order, to: OrderState, events: &mut Vec<Event>) {
    events.push(Event::OrderMoved(OrderMoved { order: order.id, from: order.state, to }));
    order.state = to;
}

fn mark(order: &mut Order, mark: Mark, events: &mut Vec<Event>) {
    // A rule of before may say what may not stand in the log any more; it must not take the order with it.
    if check_mark(&mark).is_err() {
        return;
    }
    let mut after = order.fulfilment.clone().unwrap_or_default();
    after.mark(&mark);
    if order.fulfilment.as_ref() != Some(&after) {
        order.fulfilment = Some(after);
        events.push(Event::OrderMarked(OrderMarked { order: order.id, mark }));
    }
}

/// Writes a plan down; a confirmed order with everything set aside is allocated, one that lacks something is not.
pub fn allocated(order: &mut Order, plan: Plan, events: &mut Vec<Event>) {
    let whole = plan.is_whole();
    let work = order.fulfilment.get_or_insert_default();
    if work.allocated != plan.allocated {
        work.allocated.clone_from(&plan.allocated);
        events.push(Event::StockAllocated(StockAllocated {
            order: order.id,
            allocated: plan.allocated,
            by_hand: false,
        }));
    }
    match order.state {
        OrderState::Confirmed if whole => go_to(order, OrderState::Allocated, events),
        OrderState::Allocated if !whole => go_to(order, OrderState::Confirmed, events),
        _ => {}
    }
}
