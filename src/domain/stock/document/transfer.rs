//! A transfer between two places: sent from one, on the way, received at the other. The van's load in the morning and
//! back at night.

use serde::{Deserialize, Serialize};

use crate::domain::stock::batch::Batch;
use crate::domain::stock::document::Goods;
use crate::domain::value::id::{LocationId, StaffId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// Invariant: what is neither received nor missing is on the way; nothing is in two places.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Transfer {
    pub from: LocationId,
    pub to: LocationId,
    pub goods: Goods,
    pub sent_at: Timestamp,
    pub by: StaffId,
    /// The goods that arrived, once somebody has counted them.
    pub received: Option<Goods>,
    /// The part of the goods that was of a batch.
    pub batches: Vec<(VariantId, Batch)>,
}

impl Transfer {
    /// The quantity of a variant that is on the way.
    pub fn under_way(&self, variant: VariantId) -> Quantity {
        if self.received.is_some() {
            return Quantity::ZERO;
        }
        self.goods.iter().filter(|(v, _)| *v == variant).fold(Quantity::ZERO, |sum, (_, q)| sum.saturating_add(*q))
    }

    /// The goods that were sent and did not arrive (or, below zero, arrived without having been sent).
    pub fn missing(&self) -> Goods {
        let Some(received) = &self.received else { return Vec::new() };
        let mut missing = std::collections::BTreeMap::<VariantId, Quantity>::new();
        for (v, q) in &self.goods {
            let sum = missing.entry(*v).or_default();
            *sum = sum.saturating_add(*q);
        }
        for (v, q) in received {
            let sum = missing.entry(*v).or_default();
            *sum = sum.saturating_add(q.saturating_neg());
        }
        missing.into_iter().filter(|(_, q)| q.0 != 0).collect()
    }
}
