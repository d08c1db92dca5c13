//! The till: the cash of one tablet from its opening with a float to its closing with a count.
//!
//! What should be in it is a fold like everything else: the float, cash taken, given back, put in and taken out by this
//! tablet since. A closing is never changed; what was counted wrong shows as a difference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::shop::tax::RateSum;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::StaffId;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::time::Timestamp;

/// The most characters of a reason.
pub const MOST_REASON: usize = 200;
/// Closings that are kept at hand; the log has all of them.
pub const CLOSINGS: usize = 62;

/// One tablet's till.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Till {
    /// `None` while it is closed.
    pub shift: Option<Shift>,
    /// Newest last.
    pub closings: Vec<Closing>,
    /// The number of times it was closed; the number of the next closing is one more.
    pub closed: u64,
}

/// From an opening to now.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Shift {
    pub at: Timestamp,
    pub by: StaffId,
    /// The cash in the till when it was opened.
    pub float: Minor,
    /// Taken less given back, by tender.
    pub takings: BTreeMap<Tender, Minor>,
    pub payments: u64,
    pub refunded: Minor,
    /// Cash put in and taken out beside sales.
    pub moves: Vec<CashMove>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashMove {
    /// Negative when it was taken out.
    pub amount: Minor,
    pub reason: String,
    pub at: Timestamp,
    pub by: StaffId,
}

/// A shift that is over: the Z report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closing {
    pub number: u64,
    pub shift: Shift,
    pub at: Timestamp,
    pub by: StaffId,
    /// Cash that was counted.
    pub counted: Minor,
    /// Cash that should have been there.
    pub expected: Minor,
    /// The cash that stays in the till for the next shift.
    pub left: Minor,
    /// The tax in what this tablet sold in the shift, rate by rate.
    pub taxes: Vec<RateSum>,
}

impl Closing {
    /// Counted less expected: negative when cash is missing.
    pub fn difference(&self) -> Minor {
        Minor(self.counted.0.saturating_sub(self.expected.0))
    }
}

impl Shift {
    /// Cash that should be in the till.
    pub fn expected(&self) -> Minor {
        let cash = self.takings.get(&Tender::Cash).copied().unwrap_or_default();
        self.moves
            .iter()
            .fold(Minor(self.float.0.saturating_add(cash.0)), |sum, m| Minor(sum.0.saturating_add(m.amount.0)))
    }

    /// Everything taken less given back.
    pub fn total(&self) -> Minor {
        self.takings.values().fold(Minor::ZERO, |sum, amount| Minor(sum.0.saturating_add(amount.0)))
    }

    pub(in crate::domain) fn take(&mut self, tender: Tender, amount: Minor) {
        let sum = self.takings.entry(tender).or_default();
        *sum = Minor(sum.0.saturating_add(amount.0));
    }
}

/// So many of one coin or note.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    pub worth: Minor,
    pub pieces: u32,
}

/// The worth of coins and notes together.
///
/// # Errors
/// [`Flaw::Overflow`], [`Rejection::Negative`].
pub fn add_up(counted: &[Counted]) -> Result<Minor, Flaw> {
    counted.iter().try_fold(Minor::ZERO, |sum, c| {
        if c.worth <= Minor::ZERO {
            return Err(Flaw::Negative { field: Field::Amount });
        }
        let worth = c.worth.0.checked_mul(i64::from(c.pieces)).ok_or(Flaw::Overflow)?;
        Ok(sum.plus(Minor(worth))?)
    })
}

/// Notes and coins in use, largest first. Units: minor units. Sources: the issuing central banks.
pub fn denominations(currency: Currency) -> &'static [i64] {
    match currency.code() {
        "CNY" => &[10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10],
        "EUR" => &[20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
        "USD" => &[10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1],
        "GBP" => &[5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
        "HKD" => &[100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10],
        "JPY" => &[10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1],
        _ if currency.decimals() == 0 => &[10_000, 5_000, 1_000, 500, 100, 50, 10, 5, 1],
        _ => &[10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
    }
}
