//! Tax rates and the tax inside or on top of an amount.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::TaxId;
use crate::domain::value::money::{Minor, Overflow};
use crate::domain::value::time::Timestamp;

/// A named rate. Rates are never changed in place on orders: an order freezes what it was computed with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    pub id: TaxId,
    pub name: String,
    /// Units: basis points (1300 is 13 %).
    pub rate_bp: u32,
    pub active: bool,
    /// The rates from some moment on, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<RateChange>,
}

/// A rate that begins at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateChange {
    pub from: Timestamp,
    pub rate_bp: u32,
}

/// The most changes of one rate.
pub const MOST_CHANGES: usize = 20;

impl TaxRate {
    /// The rate at a moment.
    pub fn at(&self, at: Timestamp) -> u32 {
        self.changes.iter().filter(|c| c.from <= at).max_by_key(|c| c.from).map_or(self.rate_bp, |c| c.rate_bp)
    }

    /// # Errors
    /// A rate, or more changes, than there may be.
    pub fn check(&self) -> Result<(), Flaw> {
        let over = self.changes.iter().map(|c| c.rate_bp).chain([self.rate_bp]).any(|bp| bp > MOST_RATE_BP);
        if over || self.changes.len() > MOST_CHANGES { Err(Flaw::TooMuch { field: Field::Rate }) } else { Ok(()) }
    }
}

/// The most that a rate may be.
pub const MOST_RATE_BP: u32 = 10_000;

/// The sums sold at one rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSum {
    /// Units: basis points.
    pub rate_bp: u32,
    pub net: Minor,
    pub tax: Minor,
}

/// The two parts of an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taxed {
    pub net: Minor,
    pub tax: Minor,
}

/// Splits or extends `amount` by a rate; the tax is rounded half away from zero.
///
/// Units: minor units; `rate_bp` in basis points.
/// Invariant: with `included`, `net + tax` is `amount`; without, `net` is `amount`.
///
/// # Errors
/// [`Overflow`].
pub fn tax(amount: Minor, rate_bp: u32, included: bool) -> Result<Taxed, Overflow> {
    let rate = i64::from(rate_bp);
    if included {
        let tax = amount.ratio(rate, 10_000 + rate)?;
        Ok(Taxed { net: amount.minus(tax)?, tax })
    } else {
        Ok(Taxed { net: amount, tax: amount.ratio(rate, 10_000)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn included_tax_and_net_make_the_price() {
        for price in [0, 1, 99, 100, 113, 999_999, -113] {
            for rate in [0, 300, 600, 900, 1300, 2000] {
                let t = tax(Minor(price), rate, true).expect("small");
                assert_eq!(t.net.0 + t.tax.0, price);
            }
        }
        assert_eq!(tax(Minor(11_300), 1300, true).expect("small").tax, Minor(1300));
    }

    #[test]
    fn added_tax_leaves_the_net_alone() {
        assert_eq!(tax(Minor(10_000), 600, false), Ok(Taxed { net: Minor(10_000), tax: Minor(600) }));
    }
}
