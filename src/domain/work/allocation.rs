//! Allocation (自动匹配库存): which goods, from where, are set aside for which order. Deterministic: the same book and the
//! same orders give the same answer on every tablet and on the server.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::book::Book;
use crate::domain::order::{Allocation, Order, turn};
use crate::domain::shop::location::LocationKind;
use crate::domain::stock::Place;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::id::{LocationId, OrderId, VariantId};
use crate::domain::value::quantity::Quantity;

/// The goods that could be set aside for an order, and those that are missing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    pub allocated: Vec<Allocation>,
    /// By line.
    pub short: Vec<(u16, Quantity)>,
}

impl Plan {
    pub fn is_whole(&self) -> bool {
        self.short.is_empty()
    }
}

/// Sets goods aside for several orders, one after the other by [`turn`], as if nothing were set aside for any of them.
pub fn allocate(book: &Book, orders: &[&Order]) -> BTreeMap<OrderId, Plan> {
    let mut shelf = Shelf::with_claims_of(book, orders);
    let mut orders = orders.to_vec();
    orders.sort_by_key(|o| turn(o));
    orders.into_iter().map(|order| (order.id, shelf.plan(order))).collect()
}

/// Sets goods aside for one line from a place that somebody chose, and leaves the other lines what they have. What the
/// place does not have is short.
pub fn allocate_from(book: &Book, order: &Order, line: u16, location: LocationId) -> Plan {
    let mut shelf = Shelf::with_claims_of(book, &[order]);
    let mut plan = Plan::default();
    for a in order.fulfilment.iter().flat_map(|f| &f.allocated).filter(|a| a.line != line) {
        shelf.take((a.variant, a.location), a.quantity);
        plan.allocated.push(*a);
    }
    for (variant, wanted) in order.lines.get(usize::from(line)).map(|l| order.goods(l)).unwrap_or_default() {
        let place = (variant, location);
        let free = shelf.free(place, order.id);
        let quantity = wanted.min(free);
        if quantity > Quantity::ZERO {
            shelf.take(place, quantity);
            plan.allocated.push(Allocation { line, variant, location, quantity, free });
        }
        if quantity < wanted {
            plan.short.push((line, wanted.saturating_add(quantity.saturating_neg())));
        }
    }
    // The other lines may still lack something.
    for (i, l) in order.lines.iter().enumerate().filter(|(i, _)| *i != usize::from(line)) {
        let short = order.short_of(i, l);
        if short > Quantity::ZERO {
            plan.short.push((i as u16, short));
        }
    }
    plan.allocated.sort_by_key(|a| a.line);
    plan
}

/// Sets goods aside for an order whose lines change, as if the orders that they come from held nothing.
pub fn allocate_instead(book: &Book, before: &[&Order], after: &Order) -> Plan {
    Shelf::with_claims_of(book, before).plan(after)
}

/// The free goods while several orders take from them.
struct Shelf<'a> {
    book: &'a Book,
    taken: BTreeMap<Place, Quantity>,
}

impl<'a> Shelf<'a> {
    /// With what some orders claim given back.
    fn with_claims_of(book: &'a Book, orders: &[&Order]) -> Self {
        let mut shelf = Self { book, taken: BTreeMap::new() };
        for (place, quantity) in orders.iter().flat_map(|o| o.claims()) {
            shelf.take(place, quantity.saturating_neg());
        }
        shelf
    }

    fn take(&mut self, place: Place, quantity: Quantity) {
        let sum = self.taken.entry(place).or_default();
        *sum = sum.saturating_add(quantity);
    }

    /// The quantity that an order may take: what is leased to the tablet that took it was promised out of that lease.
    fn free(&self, place: Place, order: OrderId) -> Quantity {
        let taken = self.taken.get(&place).copied().unwrap_or_default();
        let set_aside = self.book.allocated(place).saturating_add(self.book.leased_to_others(place, order.0.replica));
        self.book
            .level(place)
            .on_hand
            .saturating_add(set_aside.saturating_neg())
            .saturating_add(taken.saturating_neg())
            .max(Quantity::ZERO)
    }

    fn plan(&mut self, order: &Order) -> Plan {
        let mut plan = Plan::default();
        for (line, l) in order.lines.iter().enumerate().take(usize::from(u16::MAX)) {
            // What is not in the catalogue is not counted either; of a kit what it is made of is.
            let line = line as u16;
            for (variant, mut wanted) in order.goods(l) {
                for location in self.sources(order, variant) {
                    let place = (variant, location);
                    let free = self.free(place, order.id);
                    let quantity = if wanted < free { wanted } else { free };
                    if quantity <= Quantity::ZERO {
                        continue;
                    }
                    self.take(place, quantity);
                    wanted = wanted.saturating_add(quantity.saturating_neg());
                    plan.allocated.push(Allocation { line, variant, location, quantity, free });
                    if wanted <= Quantity::ZERO {
                        break;
                    }
                }
                if wanted > Quantity::ZERO {
                    plan.short.push((line, wanted));
                }
            }
        }
        plan
    }

    /// The places to look at for a variant, the first place first.
    fn sources(&self, order: &Order, variant: VariantId) -> Vec<LocationId> {
        let own = order.location;
        let sourcing = self.book.sourcing();
        if sourcing == Sourcing::OwnOnly {
            return vec![own];
        }
        let fixed = |kind| matches!(kind, LocationKind::Store | LocationKind::Warehouse);
        let others =
            self.book.locations.iter().filter(|(id, l)| **id != own && l.active && fixed(l.kind)).map(|(id, _)| *id);
        let mut all: Vec<LocationId> = others.collect();
        all.sort();
        all.insert(0, own);
        if sourcing == Sourcing::MostFree {
            all.sort_by_key(|l| Reverse(self.free((variant, *l), order.id)));
        }
        all
    }
}
