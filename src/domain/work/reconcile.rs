//! Reconciliation (对账): which booking on a statement is which payment. Proposes; a person accepts.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::order::{Order, OrderState};
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::{OrderId, PaymentId};
use crate::domain::value::money::Minor;
use crate::domain::value::time::{Day, Timestamp};

/// The most pairs of one command.
pub const MOST_PAIRS: usize = 500;
/// The most characters of a booking's key.
pub const MOST_KEY: usize = 64;

/// One line of a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booking {
    /// In the file.
    pub line: u32,
    pub at: Timestamp,
    /// Below zero when money went out.
    pub amount: Minor,
    /// Everything else that the line says.
    pub text: String,
    /// The same for the same line, whatever file it is in.
    pub key: String,
}

/// A proposal of what a booking is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proposal {
    /// It was accepted before.
    Known,
    /// A payment; sure when the line names it.
    Payment { order: OrderId, payment: PaymentId, sure: bool },
    /// The sum of a day through one tender, less a fee.
    Day { tender: Tender, day: Day, payments: Vec<(OrderId, PaymentId)>, fee: Minor },
    /// Money for an order that is not paid yet.
    Due { order: OrderId, sure: bool },
    /// Nothing fits, or more than one thing does.
    Nothing,
}

/// The point up to which a booking may be from its payment. Units: ms.
const NEAR: i64 = 3 * 86_400_000;
/// The time after a day within which its sum may come. Units: days.
const PAID_OUT_WITHIN: i32 = 5;
/// The most that is kept as a fee. Units: basis points.
const MOST_FEE_BP: i64 = 300;

/// Says whether a tender's money comes through a bank or a service.
pub fn comes_by_bank(tender: Tender) -> bool {
    matches!(tender, Tender::Card | Tender::WechatPay | Tender::Alipay | Tender::Transfer)
}

/// A payment that is not on a statement yet.
#[derive(Clone, Copy)]
struct Open<'a> {
    order: &'a Order,
    payment: PaymentId,
    tender: Tender,
    amount: Minor,
    at: Timestamp,
    reference: &'a str,
}

/// Payments through a bank that nobody has found on a statement yet.
fn open<'a>(orders: &[&'a Order]) -> Vec<Open<'a>> {
    let mut all = Vec::new();
    for order in orders {
        for p in order
            .payments
            .iter()
            .filter(|p| comes_by_bank(p.tender) && !order.matched.iter().any(|(id, _)| *id == p.id))
        {
            let reference = p.reference.as_str();
            all.push(Open { order, payment: p.id, tender: p.tender, amount: p.amount, at: p.at, reference });
        }
    }
    all.sort_by_key(|o| (o.at, o.payment));
    all
}

/// The sum that has come through no statement yet.
pub fn missing(orders: &[&Order]) -> Minor {
    open(orders).iter().map(|o| o.amount).sum()
}

/// Says whether a text has a word in it, and not only as a part of a longer one.
fn names(text: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !word.is_empty()
        && text.match_indices(word).any(|(at, found)| {
            !inside(text[..at].chars().next_back())
                && !inside(text[at + found.len()..].chars().next())
                && !text[..at].ends_with('-')
        })
}

/// Proposes for each booking what it is. `offset_min` is the store's time. No payment is proposed twice.
pub fn propose(bookings: &[Booking], orders: &[&Order], offset_min: i32) -> Vec<Proposal> {
    let known: HashSet<&str> = orders.iter().flat_map(|o| &o.matched).map(|(_, key)| key.as_str()).collect();
    let open = open(orders);
    let mut used = HashSet::<PaymentId>::new();
    let mut paid_for = HashSet::<OrderId>::new();
    let mut all = vec![Proposal::Nothing; bookings.len()];
    let incoming = |b: &Booking| b.amount > Minor::ZERO;
    // By amount, so that a year of payments is not walked through for every line.
    let mut paid = HashMap::<Minor, Vec<&Open<'_>>>::new();
    for o in &open {
        paid.entry(o.amount).or_default().push(o);
    }
    let mut due = HashMap::<Minor, Vec<&Order>>::new();
    for o in orders.iter().filter(|o| o.state != OrderState::Draft && o.due() > Minor::ZERO) {
        due.entry(o.due()).or_default().push(o);
    }
    let of = |amount: Minor| paid.get(&amount).into_iter().flatten().copied();
    let owed = |amount: Minor| due.get(&amount).into_iter().flatten().copied();
    for (b, proposal) in bookings.iter().zip(&mut all).filter(|(b, _)| known.contains(b.key.as_str())) {
        let _ = b;
        *proposal = Proposal::Known;
    }
    // What the line names.
    for (b, proposal) in bookings.iter().zip(&mut all).filter(|(b, p)| incoming(b) && **p == Proposal::Nothing) {
        let named = |o: &&Open<'_>| {
            !used.contains(&o.payment) && (names(&b.text, o.reference) || names(&b.text, &o.order.number))
        };
        if let Some(found) = of(b.amount).find(named) {
            used.insert(found.payment);
            *proposal = Proposal::Payment { order: found.order.id, payment: found.payment, sure: true };
            continue;
        }
        if let Some(order) = owed(b.amount).find(|o| !paid_for.contains(&o.id) && names(&b.text, &o.number)) {
            paid_for.insert(order.id);
            *proposal = Proposal::Due { order: order.id, sure: true };
        }
    }
    // The only payment of that amount near it.
    for (b, proposal) in bookings.iter().zip(&mut all).filter(|(b, p)| incoming(b) && **p == Proposal::Nothing) {
        let near = |o: &&Open<'_>| !used.contains(&o.payment) && o.at.0.abs_diff(b.at.0) <= NEAR as u64;
        let mut fits = of(b.amount).filter(near);
        if let (Some(found), None) = (fits.next(), fits.next()) {
            used.insert(found.payment);
            *proposal = Proposal::Payment { order: found.order.id, payment: found.payment, sure: false };
        }
    }
    // A whole day of one tender, less a fee.
    let mut days = BTreeMap::<(Day, Tender), Vec<&Open<'_>>>::new();
    for o in open.iter().filter(|o| !used.contains(&o.payment) && o.tender != Tender::Transfer) {
        days.entry((o.at.day(offset_min), o.tender)).or_default().push(o);
    }
    for (b, proposal) in bookings.iter().zip(&mut all).filter(|(b, p)| incoming(b) && **p == Proposal::Nothing) {
        let came = b.at.day(offset_min);
        let fits = |((day, _), payments): &(&(Day, Tender), &Vec<&Open<'_>>)| {
            let sum: i64 = payments.iter().map(|o| o.amount.0).sum();
            let least = sum.saturating_sub(sum.saturating_mul(MOST_FEE_BP) / 10_000);
            payments.len() > 1
                && (least..=sum).contains(&b.amount.0)
                && (0..=PAID_OUT_WITHIN).contains(&came.0.saturating_sub(day.0))
        };
        let mut found = days.iter().filter(fits);
        if let (Some((key, payments)), None) = (found.next(), found.next()) {
            let sum: Minor = payments.iter().map(|o| o.amount).sum();
            let (day, tender) = *key;
            let payments = payments.iter().map(|o| (o.order.id, o.payment)).collect();
            *proposal = Proposal::Day { tender, day, payments, fee: Minor(sum.0 - b.amount.0) };
            days.remove(&(day, tender));
        }
    }
    // The only order that owes that much.
    for (b, proposal) in bookings.iter().zip(&mut all).filter(|(b, p)| incoming(b) && **p == Proposal::Nothing) {
        let mut owing =
            owed(b.amount).filter(|o| !paid_for.contains(&o.id) && o.placed_at.0 <= b.at.0.saturating_add(NEAR));
        if let (Some(order), None) = (owing.next(), owing.next()) {
            paid_for.insert(order.id);
            *proposal = Proposal::Due { order: order.id, sure: false };
        }
    }
    all
}
