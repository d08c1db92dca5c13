//! Places that hold stock.

use serde::{Deserialize, Serialize};

use crate::domain::value::id::{Id, LocationId};

/// A store, stall, van or warehouse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    pub id: LocationId,
    pub name: String,
    pub kind: LocationKind,
    pub active: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationKind {
    #[default]
    Store,
    Stall,
    Van,
    Warehouse,
}

impl LocationKind {
    pub const ALL: [Self; 4] = [Self::Store, Self::Stall, Self::Van, Self::Warehouse];
}

/// The location that every store has from its first moment.
pub const FIRST: LocationId = LocationId(Id { replica: 0, n: 1 });
