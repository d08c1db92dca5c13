//! A stocktake (盘点): a place is counted, by several people if they like, while sales go on. What was counted stands
//! against what the ledger of the counting tablet said at that moment, so whatever moves afterwards is not counted
//! twice, and says which corrections of other counts that ledger had in it. What another tablet sold before and has not
//! sent yet, it cannot know of: count when the tablets are connected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::stock::Level;
use crate::domain::value::id::{LocationId, StaffId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stocktake {
    pub location: LocationId,
    /// Empty for everything.
    pub category: String,
    /// Whoever counts does not see what is expected.
    pub blind: bool,
    pub opened_at: Timestamp,
    pub by: StaffId,
    /// The latest count of each; counting again replaces it.
    pub counts: BTreeMap<VariantId, Count>,
    /// Once it is posted (or dropped, with `false`), nothing changes any more.
    pub ended: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Count {
    pub counted: Quantity,
    /// The level by the ledger of the tablet that counted, at that moment.
    pub expected: Quantity,
    pub at: Timestamp,
    pub by: StaffId,
    /// The number of times it was counted.
    pub times: u32,
    /// The corrections of the ledger that the tablet that counted knew of ([`Level::corrected`]); `None` once it is
    /// posted.
    pub corrected: Option<Quantity>,
}

impl Count {
    /// Counted less expected, less what other counts have corrected since.
    pub fn variance(&self, level: Level) -> Quantity {
        level.variance(self.counted, self.expected, self.corrected.unwrap_or(level.corrected))
    }
}
