//! Findings (核对): what the checks of an order came up with before it is confirmed.
//!
//! A finding that stops wants a manager's word; one that warns wants a look; neither takes an order away.

use serde::{Deserialize, Serialize};

use crate::domain::book::Book;
use crate::domain::customer::{Person, is_phone, phone_digits};
use crate::domain::goods::price::{Buyer, OfferKind};
use crate::domain::order::{Method, Order, OrderState, add_up, waits_for_goods};
use crate::domain::value::id::{OrderId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;
use crate::domain::work::{allocation, pricing};

/// The gravity of it; the graver is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    Note,
    Warn,
    Stop,
}

/// One thing that is not as it should be. Lines are positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The lines do not add up to the total.
    Totals,
    /// Delivery without an address.
    NoAddress,
    /// Somebody has to be called, and there is no number.
    NoPhone,
    /// Not the form of a telephone number.
    PhoneForm,
    /// The same customer ordered the same within a short time.
    Duplicate { order: OrderId },
    /// Not the price on the list.
    Price { line: u16, listed: Minor },
    /// No longer sold.
    NotSold { line: u16 },
    /// Not in the catalogue.
    Unknown { line: u16 },
    /// Less is free than was ordered.
    Short { line: u16, short: Quantity },
    /// Far more than people take.
    Unusual { line: u16, usual: Quantity },
    /// Promised for a time that is over.
    Late,
    /// The customer owes more than they may.
    Credit { over: Minor },
}

impl Finding {
    pub fn severity(&self) -> Severity {
        match self {
            Self::Totals | Self::NoAddress | Self::Credit { .. } => Severity::Stop,
            Self::PhoneForm
            | Self::Duplicate { .. }
            | Self::Price { .. }
            | Self::NotSold { .. }
            | Self::Unknown { .. }
            | Self::Unusual { .. }
            | Self::Late => Severity::Warn,
            Self::NoPhone | Self::Short { .. } => Severity::Note,
        }
    }

    /// The line that it is about.
    pub fn line(&self) -> Option<u16> {
        match self {
            Self::Price { line, .. }
            | Self::NotSold { line }
            | Self::Unknown { line }
            | Self::Short { line, .. }
            | Self::Unusual { line, .. } => Some(*line),
            _ => None,
        }
    }
}

/// Two orders of one customer with the same lines within this time look like one. Units: ms.
pub const DUPLICATE_WITHIN: i64 = 24 * 60 * 60 * 1000;
/// More than this many of a countable thing is unusual when nobody knows what is usual.
const UNUSUAL_PIECES: Quantity = Quantity::whole(100);
/// So many times what is usual is unusual.
const TIMES_USUAL: i64 = 10;
/// From so many earlier lines on, what is usual is known.
const KNOWN_FROM: usize = 5;

/// Looks an order over, gravest first. `at` is now.
pub fn findings(book: &Book, order: &Order, at: Timestamp) -> Vec<Finding> {
    let customer = order.customer.and_then(|c| book.customers.get(&c)).map(|c| &c.person);
    look_over(book, order, customer, at)
}

/// The same, for a customer whose card may be as new as the order.
pub fn look_over(book: &Book, order: &Order, customer: Option<&Person>, at: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    let t = order.totals;
    // What was rounded for cash is no slip.
    let rounding = book.profile.get(&()).and_then(|p| p.cash_rounding).map_or(0, |r| r.step.0);
    let unexplained = t.adjustment.0 != 0 && t.adjustment.0.saturating_abs() >= rounding;
    if add_up(&order.lines, t.shipping, t.shipping_tax, t.adjustment) != Ok(t) || unexplained {
        found.push(Finding::Totals);
    }
    if let Some(account) = order.customer.and_then(|c| book.accounts.get(&c)) {
        let over = account.owed.0.saturating_sub(account.limit.0);
        if over > 0 && order.due() > Minor::ZERO {
            found.push(Finding::Credit { over: Minor(over) });
        }
    }
    people(order, customer, at, &mut found);
    if let Some(other) = duplicate(book, order) {
        found.push(Finding::Duplicate { order: other });
    }
    let buyer = Buyer::of(book, order);
    let goods_wait = waits_for_goods(order);
    let plan = goods_wait.then(|| allocation::allocate(book, &[order]).remove(&order.id)).flatten().unwrap_or_default();
    for (line, l) in order.lines.iter().enumerate().take(usize::from(u16::MAX)) {
        let line = line as u16;
        match l.variant.map(|v| (v, book.variant(v))) {
            Some((_, Some((product, variant)))) => {
                // A list that was in it when it was taken may be another now.
                let from_list = order.offers.iter().any(|o| o.line == line && o.kind == OfferKind::List);
                let listed = pricing::listed(book, &buyer, variant.id, quantity_of(order, variant.id), variant.price);
                let listed = listed.map_or(variant.price, |(price, _)| price);
                if listed != l.unit_price && !from_list {
                    found.push(Finding::Price { line, listed });
                }
                if !product.active {
                    found.push(Finding::NotSold { line });
                }
                if let Some(usual) = unusual(book, order, l.variant, l.unit, l.quantity) {
                    found.push(Finding::Unusual { line, usual });
                }
            }
            _ if order.channel.face_to_face() => {}
            _ => found.push(Finding::Unknown { line }),
        }
    }
    found.extend(plan.short.into_iter().map(|(line, short)| Finding::Short { line, short }));
    found.sort_by_key(|f| std::cmp::Reverse(f.severity()));
    found
}

fn quantity_of(order: &Order, variant: VariantId) -> Quantity {
    order
        .lines
        .iter()
        .filter(|l| l.variant == Some(variant))
        .fold(Quantity::ZERO, |sum, l| sum.saturating_add(l.quantity))
}

/// Looks at who gets it, where and when.
fn people(order: &Order, customer: Option<&Person>, at: Timestamp, found: &mut Vec<Finding>) {
    let delivery = order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref());
    let recipient = delivery.map(|d| &d.recipient);
    let first = |a: Option<&String>, b: Option<&String>| {
        a.into_iter().chain(b).find(|t| !t.trim().is_empty()).cloned().unwrap_or_default()
    };
    let phone = first(recipient.map(|r| &r.phone), customer.map(|p| &p.phone));
    let address = first(recipient.map(|r| &r.address), customer.map(|p| &p.address));
    if !phone.is_empty() && !is_phone(&phone) {
        found.push(Finding::PhoneForm);
    }
    let Some(delivery) = delivery else { return };
    if delivery.method == Method::Delivery && address.is_empty() {
        found.push(Finding::NoAddress);
    }
    if phone.is_empty() {
        found.push(Finding::NoPhone);
    }
    if delivery.promised.is_some_and(|p| p < at) && order.handed_over.is_none() {
        found.push(Finding::Late);
    }
}

/// Digits of a telephone number that are compared, from its end.
const LEAST_DIGITS: usize = 8;

/// The one whom an order is for, as far as that can be compared: one person may have a card from a web shop and one
/// from the counter.
fn reached_at(book: &Book, order: &Order) -> Option<String> {
    let recipient = order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref()).map(|d| d.recipient.phone.as_str());
    let card = || order.customer.and_then(|c| book.customers.get(&c)).map(|c| c.person.phone.as_str());
    let digits = phone_digits(recipient.filter(|p| !p.is_empty()).or_else(card)?);
    // With or without the country's code in front.
    (digits.len() >= LEAST_DIGITS).then(|| digits[digits.len() - LEAST_DIGITS..].to_owned())
}

/// Another order for the same customer, or the same telephone, with the same lines. Only orders in memory are looked
/// at: the newest open ones, and those that were closed since the last sealing.
fn duplicate(book: &Book, order: &Order) -> Option<OrderId> {
    let phone = reached_at(book, order);
    let same_buyer = |o: &&Order| {
        (order.customer.is_some() && o.customer == order.customer) || (phone.is_some() && reached_at(book, o) == phone)
    };
    let sorted = |o: &Order| {
        let mut lines: Vec<_> = o.lines.iter().map(|l| (l.variant, l.name.clone(), l.quantity)).collect();
        lines.sort();
        lines
    };
    let own = sorted(order);
    let near = |o: &&Order| o.placed_at.0.abs_diff(order.placed_at.0) <= DUPLICATE_WITHIN as u64;
    let same =
        |o: &&Order| o.totals.total == order.totals.total && o.lines.len() == order.lines.len() && sorted(o) == own;
    let others = book.orders.iter().map(|(_, o)| o);
    others
        .filter(|o| o.id != order.id && o.state != OrderState::Voided)
        // Of the two, the later is the one to look at.
        .filter(|o| (o.placed_at, o.id) < (order.placed_at, order.id))
        .filter(near)
        .filter(same)
        .filter(same_buyer)
        .map(|o| o.id)
        .min()
}

/// The usual quantity of a variant, when this is far more.
fn unusual(book: &Book, order: &Order, variant: Option<VariantId>, unit: Unit, quantity: Quantity) -> Option<Quantity> {
    let earlier = book.orders.iter().map(|(_, o)| o).filter(|o| o.id != order.id && o.state != OrderState::Voided);
    let mut taken: Vec<Quantity> =
        earlier.flat_map(|o| &o.lines).filter(|l| l.variant == variant).map(|l| l.quantity).collect();
    if taken.len() < KNOWN_FROM {
        return (!unit.divisible() && quantity > UNUSUAL_PIECES).then_some(UNUSUAL_PIECES);
    }
    taken.sort();
    let usual = taken[taken.len() / 2].max(Quantity::ONE);
    (quantity.0 > usual.0.saturating_mul(TIMES_USUAL)).then_some(usual)
}
