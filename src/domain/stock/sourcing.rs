//! Sourcing: where goods for an order may come from.

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sourcing {
    /// The order's own location, then the others that are no stall and no van, in the order in which they were made.
    #[default]
    OwnFirst,
    /// Only the order's own location.
    OwnOnly,
    /// Wherever most is free; the own location wins a draw.
    MostFree,
}

impl Sourcing {
    pub const ALL: [Self; 3] = [Self::OwnFirst, Self::OwnOnly, Self::MostFree];
}
