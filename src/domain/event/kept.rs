//! What a transaction that the server held says, as far as this version can read it.

use serde::Deserialize;

use super::{Body, Class, Event};
use crate::domain::book::case::{CaseKind, Kept};
use crate::domain::rejection::Rejection;
use crate::domain::value::id::{OrderId, StaffId};
use crate::domain::value::time::Timestamp;

impl Kept {
    /// The body, if this version can read it.
    pub fn read(&self) -> Option<Body> {
        serde_json::from_slice(self.body.as_bytes()).ok()
    }

    /// The moment at which it was written, and by whom, as far as that can be read.
    pub fn stamp(&self) -> (Timestamp, StaffId) {
        #[derive(Deserialize)]
        struct Head {
            at: Timestamp,
            by: StaffId,
        }
        serde_json::from_slice(self.body.as_bytes())
            .map_or_else(|_| Default::default(), |head: Head| (head.at, head.by))
    }

    /// Events that count once it is accepted: what happened, and the cards that it is about. What was only asked for is
    /// not accepted along with it.
    pub fn facts(&self) -> Vec<Event> {
        // A till that was opened or closed then is in another shift by now.
        let till = |e: &Event| matches!(e, Event::TillOpened(_) | Event::TillClosed(_));
        let counts = |e: &Event| e.class() == Class::Fact && !till(e) || matches!(e, Event::CustomerSet(_));
        self.read().map(|body| body.ev.into_iter().filter(counts).collect()).unwrap_or_default()
    }

    /// The orders that its facts are about, each once, in their order.
    pub fn orders(&self) -> Vec<OrderId> {
        orders_of(&self.facts())
    }

    /// Says whether a manager's acceptance that names these orders may stand: all that its facts are about, and none
    /// that is neither known nor placed by them. What comes before is accepted first; nothing is folded past an order
    /// that is not there.
    ///
    /// # Errors
    /// [`Rejection::UnknownEvent`] for a body that this version cannot read, [`Rejection::Gone`] for other orders,
    /// [`Rejection::UnknownOrder`].
    pub fn may_count(&self, named: &[OrderId], known: impl Fn(OrderId) -> bool) -> Result<(), Rejection> {
        let facts = self.facts();
        if facts.is_empty() && self.read().is_none() {
            return Err(Rejection::UnknownEvent);
        }
        if orders_of(&facts) != named {
            return Err(Rejection::Gone);
        }
        let places = |order: OrderId| facts.iter().any(|e| matches!(e, Event::OrderPlaced(o) if o.order == order));
        let unknown = named.iter().find(|o| !places(**o) && !known(**o));
        unknown.map_or(Ok(()), |order| Err(Rejection::UnknownOrder { order: *order }))
    }
}

/// The orders that some events are about, each once, in their order.
fn orders_of(events: &[Event]) -> Vec<OrderId> {
    let mut orders: Vec<OrderId> = events.iter().flat_map(Event::orders).collect();
    orders.sort();
    orders.dedup();
    orders
}

impl CaseKind {
    /// The orders that have to be at hand before it can be settled.
    pub fn orders(&self) -> Vec<OrderId> {
        match self {
            Self::HeldFacts { kept, .. } => kept.orders(),
            other => other.order().into_iter().collect(),
        }
    }
}
