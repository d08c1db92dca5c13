//! Transactions: events that happen together or not at all.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::domain::value::id::{Replica, StaffId};
use crate::domain::value::part::Parts;
use crate::domain::value::time::Timestamp;

/// The hashed body of a transaction: all of it happens, or none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The tablet's clock.
    pub at: Timestamp,
    /// The last measured difference to the server's clock. Units: ms.
    pub off: i64,
    pub by: StaffId,
    /// The person who agreed to it, where `by` alone might not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<StaffId>,
    pub ev: Vec<Event>,
}

impl Body {
    /// The first schema whose programs can read it.
    pub fn schema(&self) -> u32 {
        let inside = |event: &Event| if let Event::SettingEdited(e) = event { e.set.since() } else { 1 };
        self.ev.iter().map(|event| event.since().max(inside(event))).fold(1, u32::max)
    }
}

/// The most events one transaction may hold.
pub const MOST_EVENTS: usize = 1000;

/// A transaction as it was read: its place in its replica's chain, its events and what stands beside them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    pub replica: Replica,
    pub seq: u64,
    pub body: Body,
    pub parts: Parts,
}
