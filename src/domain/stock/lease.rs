//! Leases: pieces of something scarce that are set aside for one tablet, so that it cannot oversell without a network.

use serde::{Deserialize, Serialize};

use crate::domain::stock::Place;
use crate::domain::value::id::{LocationId, Replica, VariantId};
use crate::domain::value::quantity::Quantity;

/// The consequence when more of a scarce variant is ordered than is surely there.
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

/// The rest of a lease.
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
