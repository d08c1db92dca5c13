//! Payments and refunds: facts about money, never changed.

use serde::{Deserialize, Serialize};

use crate::domain::shop::tender::Tender;

pub mod till;

use crate::domain::value::id::{PaymentId, StaffId};
use crate::domain::value::money::Minor;
use crate::domain::value::time::Timestamp;

/// Money received for an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    pub id: PaymentId,
    pub tender: Tender,
    /// The sum that counts towards the order. Units: minor units of the order's currency.
    pub amount: Minor,
    /// The sum handed over; with cash it may be more than `amount`.
    pub tendered: Minor,
    /// The terminal's or the bank's reference; may be empty.
    pub reference: String,
    pub at: Timestamp,
    pub by: StaffId,
}

impl Payment {
    /// The change that the customer got back at once.
    pub fn change(&self) -> Minor {
        Minor(self.tendered.0.saturating_sub(self.amount.0).max(0))
    }
}

/// Money given back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    pub id: PaymentId,
    pub tender: Tender,
    pub amount: Minor,
    pub at: Timestamp,
    pub by: StaffId,
}

/// Money that a terminal or a payment service was asked for. Written down before it is asked, so that nobody is charged
/// twice because an answer was lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// Becomes that of the payment, if there is one.
    pub id: PaymentId,
    pub tender: Tender,
    pub amount: Minor,
    pub at: Timestamp,
    pub outcome: Outcome,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// About to be asked.
    #[default]
    Intended,
    /// Asked, and the answer was lost: nobody may ask again before somebody has looked.
    Unknown,
    Confirmed,
    Declined,
    Expired,
}

impl Outcome {
    /// Says whether money may have changed hands that is in no book yet.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Intended | Self::Unknown)
    }
}
