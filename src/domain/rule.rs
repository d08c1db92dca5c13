//! Rules: when an order comes in, if it is of a kind, then this is done with it. They run where the order is written down,
//! in the same transaction, so they run once, without a network, and with the same result everywhere.

use serde::{Deserialize, Serialize};

use super::allocation::{self, Plan};
use super::book::Book;
use super::catalog::{check_length, check_name};
use super::customer::Person;
use super::decide::{check_mark, check_message};
use super::event::{Event, MessageDue, OrderMarked, OrderMoved, PaperPrinted, RuleApplied, StockAllocated};
use super::finding::{Severity, look_over};
use super::id::{Id, StaffId};
use super::money::Minor;
use super::order::{Assignee, Channel, Fulfilment, Happened, MOST_MESSAGES, Mark, Message, Method, Order, OrderState, Paper, Priority};
use super::payment::Payment;
use super::rejection::{Field, Rejection};
use super::time::Timestamp;

/// The most rules a store may have, and the most conditions and acts of one.
pub const MOST_RULES: usize = 50;
pub const MOST_PARTS: usize = 10;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: Id,
    pub name: String,
    pub on: bool,
    pub when: Trigger,
    /// All of them have to hold; none is always.
    pub conditions: Vec<Condition>,
    /// Done in this order.
    pub acts: Vec<Act>,
    /// Where it comes among the others, the least first; of equals, the one that was made first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rank: u32,
    /// Taken away. It acts no more and is not listed; the history of orders still has its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An order came in, through whatever channel.
    #[default]
    Placed,
    /// An order that was not handed over at once is paid in full.
    Paid,
    /// It is packed, and can be fetched or sent.
    Packed,
    /// It is on its way.
    Shipped,
}

impl Trigger {
    pub const ALL: [Self; 4] = [Self::Placed, Self::Paid, Self::Packed, Self::Shipped];
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Channel(Channel),
    AtLeast(Minor),
    Below(Minor),
    Paid,
    Method(Method),
    HasTag(String),
    HasCategory(String),
    /// The checks found nothing that somebody has to look at.
    Clean,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Only when the checks found nothing that stops it.
    Confirm,
    Allocate,
    Priority(Priority),
    Assign(Assignee),
    /// To whoever has the least to do.
    AssignLeastBusy,
    Tag(String),
    Hold(String),
    /// Writes the delivery note, when the goods are there.
    DeliveryNote,
    /// Writes a message for the customer, to be sent.
    Message(String),
}

impl Act {
    /// The mark that it puts on, where it is no more than that.
    fn mark(&self) -> Option<Mark> {
        Some(match self {
            Self::Priority(priority) => Mark::Priority(*priority),
            Self::Assign(to) => Mark::Assigned(Some(to.clone())),
            Self::Tag(tag) => Mark::Tag { tag: tag.clone(), on: true },
            Self::Hold(reason) => Mark::Hold(Some(reason.clone())),
            Self::Confirm | Self::Allocate | Self::AssignLeastBusy | Self::DeliveryNote | Self::Message(_) => return None,
        })
    }
}

impl Rule {
    /// # Errors
    /// What is empty, too long or too much.
    pub fn check(&self) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        if self.acts.is_empty() {
            return Err(Rejection::Empty { field: Field::Reason });
        }
        if self.conditions.len() > MOST_PARTS || self.acts.len() > MOST_PARTS {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
        for condition in &self.conditions {
            if let Condition::HasTag(text) | Condition::HasCategory(text) = condition {
                check_length(text, Field::Category)?;
            }
        }
        for act in &self.acts {
            if let Some(mark) = act.mark() {
                check_mark(&mark)?;
            }
            if let Act::Message(text) = act {
                check_message(text)?;
            }
        }
        Ok(())
    }

    /// Whether an order is of its kind.
    pub fn fits(&self, book: &Book, order: &Order, customer: Option<&Person>, at: Timestamp) -> bool {
        self.conditions.iter().all(|condition| match condition {
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
}

/// The rules of a store, in the order in which they act.
pub fn rules(book: &Book) -> Vec<&Rule> {
    let mut rules: Vec<&Rule> = book.rules.iter().map(|(_, r)| r).filter(|r| !r.gone).collect();
    rules.sort_by_key(|r| (r.rank, r.id));
    rules
}

/// What the rules of a store do with an order, as events; `order` is then as they leave it. It is as it will be once what is already drafted has happened,
/// and so is `customer`, if the draft has the card. `known` is the order with the goods that the book has set aside for it.
pub fn run(book: &Book, when: Trigger, known: &Order, order: &mut Order, customer: Option<&Person>, at: Timestamp) -> Vec<Event> {
    let customer = customer.or_else(|| order.customer.and_then(|c| book.customers.get(&c)).map(|c| &c.person));
    let mut events = Vec::new();
    for rule in rules(book).into_iter().filter(|r| r.on && r.when == when) {
        rule.act(book, known, order, customer, at, &mut events);
    }
    events
}

impl Rule {
    /// Does what it says with an order, if that is of its kind.
    fn act(&self, book: &Book, known: &Order, order: &mut Order, customer: Option<&Person>, at: Timestamp, events: &mut Vec<Event>) {
        if !self.fits(book, order, customer, at) {
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

    /// What it would have done with an order of the past, by itself and with what is in stock now; `None` when it would have left
    /// it alone. Nothing is written.
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

/// Whether rules of a kind had their turn with an order: what was handed over at once is no work, and none looks at it.
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
    let fulfilment = delivery.clone().map(|d| Box::new(Fulfilment { delivery: Some(d), ..Fulfilment::default() }));
    let paid_then = |p: &Payment| when != Trigger::Placed || p.at == past.placed_at;
    Order {
        state: match when {
            Trigger::Placed | Trigger::Paid => OrderState::Placed,
            Trigger::Packed => OrderState::Packed,
            Trigger::Shipped => OrderState::Shipped,
        },
        fulfilment: marks.map(|f| Box::new(Fulfilment { hold: None, assigned: None, allocated: Vec::new(), ..f })).or(fulfilment),
        payments: past.payments.iter().filter(|p| paid_then(p)).cloned().collect(),
        refunds: Vec::new(),
        returned: Vec::new(),
        messages: Vec::new(),
        handed_over: None,
        ..past.clone()
    }
}

fn apply(book: &Book, act: &Act, known: &Order, order: &mut Order, customer: Option<&Person>, at: Timestamp, events: &mut Vec<Event>) {
    let held = order.fulfilment.as_ref().is_some_and(|f| f.hold.is_some());
    match act {
        Act::Confirm if order.state == OrderState::Placed && !held => {
            if look_over(book, order, customer, at).iter().all(|f| f.severity() < Severity::Stop) {
                go_to(order, OrderState::Confirmed, events);
            }
        }
        Act::Allocate if allocation::waits_for_goods(order) && !held => {
            let plan = allocation::allocate_instead(book, &[known], order);
            allocated(order, plan, events);
        }
        Act::AssignLeastBusy => {
            if let Some(to) = least_busy(book) {
                mark(order, Mark::Assigned(Some(Assignee::Staff(to))), events);
            }
        }
        Act::DeliveryNote if order.state == OrderState::Allocated && !held => {
            events.push(Event::PaperPrinted(PaperPrinted { order: order.id, paper: Paper::DeliveryNote }));
        }
        // Two rules that say the same say it once.
        Act::Message(text) if order.messages.len() < MOST_MESSAGES && !order.messages.iter().any(|m| m.is_due() && m.text == *text) => {
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
        events.push(Event::StockAllocated(StockAllocated { order: order.id, allocated: plan.allocated, by_hand: false }));
    }
    match order.state {
        OrderState::Confirmed if whole => go_to(order, OrderState::Allocated, events),
        OrderState::Allocated if !whole => go_to(order, OrderState::Confirmed, events),
        _ => {}
    }
}

/// Of the people who work here, the one with the fewest open orders; of several, the first that was made.
pub fn least_busy(book: &Book) -> Option<StaffId> {
    let load = |id: StaffId| book.workload.get(&Assignee::Staff(id)).copied().unwrap_or_default();
    book.staff.iter().filter(|(_, s)| s.active).map(|(id, _)| *id).min_by_key(|id| (load(*id), *id))
}

/// Teams and stations that have work, or that rules give some to; by name, each once.
pub fn stations(book: &Book) -> Vec<String> {
    let station = |who: &Assignee| if let Assignee::Station(name) = who { Some(name.clone()) } else { None };
    let working = book.workload.iter().filter(|(_, n)| **n > 0).filter_map(|(who, _)| station(who));
    let acts = book.rules.iter().filter(|(_, r)| !r.gone).flat_map(|(_, r)| &r.acts);
    let named = acts.filter_map(|act| if let Act::Assign(who) = act { station(who) } else { None });
    working.chain(named).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
