//! Leases: pieces of something scarce that are set aside for one tablet, so that it cannot oversell without a network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::id::{LocationId, Replica, VariantId};

use super::order::{Line, Order, OrderState};
use super::quantity::Quantity;
use super::stock::Place;

/// What happens when more of a scarce variant is ordered than is surely there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scarcity {
    /// The clerk is told.
    Warn,
    /// The order is not taken, unless the goods are handed over with it: what is in the customer's hand is sold.
    Block,
}

impl Scarcity {
    pub const ALL: [Self; 2] = [Self::Warn, Self::Block];
}

/// What is left of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    pub variant: VariantId,
    pub location: LocationId,
    /// The tablet that it is set aside for.
    pub replica: Replica,
    pub quantity: Quantity,
}

impl Lease {
    pub fn key(&self) -> (Place, Replica) {
        ((self.variant, self.location), self.replica)
    }
}

impl Book {
    /// What is set aside at a place for tablets other than one.
    pub fn leased_to_others(&self, place: Place, replica: Replica) -> Quantity {
        let others = self.leases.iter().filter(|((p, r), _)| *p == place && *r != replica);
        others.fold(Quantity::ZERO, |sum, (_, quantity)| sum.saturating_add(*quantity))
    }

    pub fn leased(&self, place: Place, replica: Replica) -> Quantity {
        self.leases.get(&(place, replica)).copied().unwrap_or_default()
    }

    /// What open orders will take from a place, by the tablet that took them.
    fn promised(&self, place: Place) -> BTreeMap<Replica, Quantity> {
        let mut promised = BTreeMap::<Replica, Quantity>::new();
        let waiting = |o: &&Order| o.state.open() && o.state != OrderState::Draft && o.handed_over.is_none();
        for order in self.orders.iter().map(|(_, o)| o).filter(waiting) {
            let of_it = |l: &Line| order.goods(l).into_iter().find(|(v, _)| *v == place.0).map(|(_, needed)| needed);
            for (i, needed) in order.lines.iter().enumerate().filter_map(|(i, l)| Some((i, of_it(l)?))) {
                // From where its goods are set aside, and from its own place as far as none are.
                let set_aside =
                    order.fulfilment.iter().flat_map(|f| &f.allocated).filter(|a| usize::from(a.line) == i && a.variant == place.0);
                let (mut here, mut all) = (Quantity::ZERO, Quantity::ZERO);
                for a in set_aside {
                    all = all.saturating_add(a.quantity);
                    if a.location == place.1 {
                        here = here.saturating_add(a.quantity);
                    }
                }
                if order.location == place.1 {
                    here = here.saturating_add(needed.saturating_add(all.saturating_neg()).max(Quantity::ZERO));
                }
                let sum = promised.entry(order.id.0.replica).or_default();
                *sum = sum.saturating_add(here);
            }
        }
        promised
    }

    /// How much more of a variant a tablet may promise: what is set aside for it and, while it hears of others' sales, what
    /// neither is set aside for others nor promised by them. `None` when the variant is not scarce: then it may promise
    /// what it likes.
    pub fn promisable(&self, place: Place, replica: Replica, offline: bool) -> Option<(Scarcity, Quantity)> {
        let scarcity = self.scarce.get(&place.0).copied().flatten()?;
        let mut claims = self.promised(place);
        let own = claims.remove(&replica).unwrap_or_default();
        let leased = self.leased(place, replica);
        for ((_, other), quantity) in self.leases.iter().filter(|((p, r), _)| *p == place && *r != replica) {
            let claim = claims.entry(*other).or_default();
            *claim = (*claim).max(*quantity);
        }
        let free = claims.into_values().fold(self.level(place).on_hand, |left, claim| left.saturating_add(claim.saturating_neg()));
        let most = if offline { leased } else { leased.max(free) };
        Some((scarcity, most.saturating_add(own.saturating_neg()).max(Quantity::ZERO)))
    }
}
