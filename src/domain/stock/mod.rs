//! Stock: a ledger of movements. A level is what they add up to, and may be below zero.

pub mod batch;
pub mod document;
pub mod lease;
pub mod sourcing;

use serde::{Deserialize, Serialize};

use crate::domain::value::id::{LocationId, MovementId, OrderId, StaffId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// Goods that came, went, or turned out to be other than thought.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    pub id: MovementId,
    pub variant: VariantId,
    pub location: LocationId,
    /// Units: thousandths of the variant's unit; negative when goods leave.
    pub change: Quantity,
    pub reason: Reason,
    pub at: Timestamp,
    pub by: StaffId,
}

/// Why goods moved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Goods in from a supplier.
    Received,
    /// Handed over to a customer.
    Sold(OrderId),
    /// Came back from a customer.
    Returned(OrderId),
    Damaged,
    Expired,
    Lost,
    /// Taken by the shop itself: sample, gift, own use.
    OwnUse,
    /// Counted: the ledger said `expected`, the shelf said otherwise. The change was fixed when it was counted, so
    /// sales that another tablet has not sent yet are not counted twice.
    Counted {
        expected: Quantity,
    },
    /// The first level, taken in with a catalogue.
    Opening,
    TransferOut(LocationId),
    TransferIn(LocationId),
}

/// The reasons a person can give when adjusting by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adjustment {
    Damaged,
    Expired,
    Lost,
    OwnUse,
}

impl Adjustment {
    pub const ALL: [Self; 4] = [Self::Damaged, Self::Expired, Self::Lost, Self::OwnUse];

    pub fn reason(self) -> Reason {
        match self {
            Self::Damaged => Reason::Damaged,
            Self::Expired => Reason::Expired,
            Self::Lost => Reason::Lost,
            Self::OwnUse => Reason::OwnUse,
        }
    }
}

/// The place of a variant's stock.
pub type Place = (VariantId, LocationId);

/// The sum of all movements at one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Level {
    pub on_hand: Quantity,
    /// Number of movements that made it.
    pub movements: u64,
    /// Says whether an opening level was taken in.
    pub opened: bool,
    /// The corrections that counts have made to the ledger, all together: a count says which corrections it knew of,
    /// so two tablets that count the same shelf without hearing of each other do not correct it twice.
    pub corrected: Quantity,
}

impl Level {
    pub fn moved(self, change: Quantity) -> Self {
        Self { on_hand: self.on_hand.saturating_add(change), movements: self.movements.saturating_add(1), ..self }
    }

    /// After a count. `corrected` is what whoever counted knew of corrections; what came since is not corrected again.
    pub fn variance(self, counted: Quantity, expected: Quantity, corrected: Quantity) -> Quantity {
        let since = self.corrected.saturating_add(corrected.saturating_neg());
        counted.saturating_add(expected.saturating_neg()).saturating_add(since.saturating_neg())
    }

    pub fn oversold(self) -> bool {
        self.on_hand < Quantity::ZERO
    }
}
