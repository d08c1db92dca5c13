//! The goods of an order: what leaves the shelf for its lines, and what is set aside for them.

use std::collections::BTreeMap;

use super::{Assignee, Line, Order};
use crate::domain::stock::Place;
use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;

impl Order {
    /// The quantity of a line that could not go with what is set aside for it; of a kit, how many whole ones.
    pub fn short_of(&self, at: usize, line: &Line) -> Quantity {
        let set_aside = |v| self.fulfilment.as_ref().map_or(Quantity::ZERO, |f| f.allocated_to(at, v));
        let goods = self.goods(line);
        let whole = |(v, needed): &(VariantId, Quantity)| {
            let share = i128::from(set_aside(*v).0) * i128::from(line.quantity.0) / i128::from(needed.0.max(1));
            i64::try_from(share).unwrap_or(i64::MAX).min(line.quantity.0)
        };
        let can_go = goods.iter().map(whole).min().unwrap_or(line.quantity.0);
        let kit = goods.iter().any(|(v, _)| Some(*v) != line.variant);
        let can_go = if kit { can_go / 1000 * 1000 } else { can_go };
        Quantity((line.quantity.0 - can_go).max(0))
    }

    /// Goods that leave the shelf for one of its lines; none for what is not in the catalogue.
    pub fn goods(&self, line: &Line) -> Vec<(VariantId, Quantity)> {
        let Some(variant) = line.variant else { return Vec::new() };
        let kit = self.kits.iter().find(|k| k.variant == variant);
        kit.map_or_else(|| vec![(variant, line.quantity)], |k| k.goods(line.quantity).collect())
    }

    /// The goods that it keeps from others, by place.
    pub fn claims(&self) -> BTreeMap<Place, Quantity> {
        let mut claims = BTreeMap::<Place, Quantity>::new();
        let Some(work) = self.fulfilment.as_ref().filter(|_| self.handed_over.is_none() && self.state.open()) else {
            return claims;
        };
        for a in &work.allocated {
            let line = self.lines.get(usize::from(a.line));
            if !line.is_some_and(|l| self.goods(l).iter().any(|(v, _)| *v == a.variant)) {
                continue;
            }
            let sum = claims.entry((a.variant, a.location)).or_default();
            *sum = sum.saturating_add(a.quantity);
        }
        claims
    }

    /// The one whose open work it is.
    pub fn worked_on_by(&self) -> Option<&Assignee> {
        self.fulfilment.as_ref().filter(|_| self.state.open()).and_then(|f| f.assigned.as_ref())
    }
}
