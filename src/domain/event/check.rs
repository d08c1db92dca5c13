//! What may stand in the log: goes through the events of a transaction and asks each. The server asks of every
//! transaction, in which it trusts nothing; a tablet asks the same before it writes one down.

use super::{Class, Event, MOST_EVENTS, Transaction};
use crate::domain::book::{Book, known_location};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::value::id::{CustomerId, LocationId, OrderId, Replica, SERVER, StaffId, VariantId};
use crate::domain::value::part::Parts;

/// The server's verdict on one transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Ok,
    /// A request that may not be.
    Rejected(Rejection),
    /// A fact that cannot be applied: kept as it is, for a person.
    Held(Rejection),
}

/// Checks a transaction against the book, trusting nothing in it.
pub fn check(book: &Book, tx: &Transaction) -> Verdict {
    let fact = tx.body.ev.iter().any(|e| e.class() == Class::Fact);
    match check_all(book, tx) {
        Ok(()) => Verdict::Ok,
        Err(reason) if fact => Verdict::Held(reason),
        Err(reason) => Verdict::Rejected(reason),
    }
}

/// The same, with the reason alone.
///
/// # Errors
/// Why it may not stand.
pub(in crate::domain) fn check_all(book: &Book, tx: &Transaction) -> Result<(), Rejection> {
    // Whoever founds a store is its owner; there is nobody yet who could be.
    let founding = book.staff.is_empty();
    let role = book
        .staff
        .get(&tx.body.by)
        .map(|s| s.role)
        .or(founding.then_some(Role::Owner))
        .ok_or(Rejection::UnknownStaff)?;
    // What comes in through the server itself is nobody's at the till.
    let role = if tx.replica == SERVER { Role::Owner } else { with_approval(book, role, tx.body.ok) };
    check_events(book, role, tx.replica, &tx.body.ev, &tx.parts)
}

/// Checks events one after the other against the book as it was before them, and against what they themselves bring.
///
/// # Errors
/// Why one of them may not be.
pub(in crate::domain) fn check_events(
    book: &Book,
    role: Role,
    replica: Replica,
    events: &[Event],
    parts: &Parts,
) -> Result<(), Rejection> {
    if events.len() > MOST_EVENTS {
        return Err(Rejection::TooManyEvents);
    }
    let mut own = Own::default();
    for event in events {
        let says = event.happening();
        for reference in event.personal() {
            // An erased part is fine; a part that is not what was hashed is not.
            let differs = |part: &crate::domain::value::part::Part| {
                part.hash() != reference.ph || part.data.len() > says.most_part()
            };
            if parts.get(&reference.pd).is_some_and(differs) {
                return Err(Rejection::Part);
            }
        }
        says.bring(&mut own);
        // Where an order is placed along with it, that order stands whatever becomes of the other: the fold makes a
        // case of it.
        let alone = own.orders.is_empty();
        if let Some(order) = event.order().filter(|o| alone && book.orders.get(o).is_none()) {
            return Err(Rejection::UnknownOrder { order });
        }
        check_one(&Check { book, role, replica, own: &own }, event)?;
    }
    Ok(())
}

/// Checks one event: whether its writer has the least role, and what it says.
///
/// # Errors
/// Why it may not be.
pub(super) fn check_one(cx: &Check<'_>, event: &Event) -> Result<(), Rejection> {
    cx.role.at_least(event.least())?;
    event.happening().check(cx)
}

/// Everything that an event is checked against.
pub(in crate::domain) struct Check<'a> {
    pub book: &'a Book,
    /// The role of whoever wrote it, with the consent of whoever agreed.
    pub role: Role,
    /// The tablet that wrote it.
    pub replica: Replica,
    pub own: &'a Own,
}

impl Check<'_> {
    /// # Errors
    /// [`Rejection::UnknownLocation`].
    pub fn location(&self, location: LocationId) -> Result<(), Rejection> {
        if self.own.locations.contains(&location) { Ok(()) } else { known_location(self.book, location) }
    }

    /// # Errors
    /// [`Rejection::UnknownVariant`].
    pub fn variant(&self, variant: VariantId) -> Result<(), Rejection> {
        let known = self.book.variants.get(&variant).is_some() || self.own.variants.contains(&variant);
        if known { Ok(()) } else { Err(Rejection::UnknownVariant { variant }) }
    }

    /// # Errors
    /// [`Rejection::RoleTooLow`].
    pub fn needs(&self, role: Role) -> Result<(), Rejection> {
        Ok(self.role.at_least(role)?)
    }

    /// Says whether a customer has a card.
    pub fn knows(&self, customer: CustomerId) -> bool {
        self.own.cards.contains(&customer) || self.book.customers.get(&customer).is_some()
    }

    /// Returns whose order it is; the transaction's own events come first.
    pub fn customer_of(&self, order: OrderId) -> Option<CustomerId> {
        let own = self.own.customers.iter().find(|(o, _)| *o == order).map(|(_, c)| *c);
        own.or_else(|| self.book.orders.get(&order).and_then(|o| o.customer))
    }
}

/// Things that a transaction itself brings, which its later events may name.
#[derive(Default)]
pub(in crate::domain) struct Own {
    pub orders: Vec<OrderId>,
    pub customers: Vec<(OrderId, CustomerId)>,
    pub cards: Vec<CustomerId>,
    pub variants: Vec<VariantId>,
    pub locations: Vec<LocationId>,
    /// Goods that left or came back; each moves every line of an order.
    pub goods: usize,
}

/// The role that somebody has with another's consent: the higher of the two.
pub(in crate::domain) fn with_approval(book: &Book, role: Role, approved: Option<StaffId>) -> Role {
    let other = approved.and_then(|id| book.staff.get(&id)).filter(|s| s.active).map(|s| s.role);
    other.map_or(role, |other| role.max(other))
}
