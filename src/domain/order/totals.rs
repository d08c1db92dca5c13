//! What an order's amounts add up to.

use serde::{Deserialize, Serialize};

use super::Line;
use crate::domain::money::Minor;
use crate::domain::rejection::Rejection;

/// The figures at the foot of an order, frozen with it.
///
/// Units: minor units of the order's currency.
/// Invariant: `total = sum(line.net + line.tax) + shipping + adjustment`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Everything taken off, already inside the lines.
    pub discount: Minor,
    /// Tax inside `total`.
    pub tax: Minor,
    /// Carriage with its tax.
    pub shipping: Minor,
    pub shipping_tax: Minor,
    /// What another system's total has beyond its own lines; zero on orders taken here.
    pub adjustment: Minor,
    pub total: Minor,
}

/// Adds up an order's lines, carriage and adjustment.
///
/// # Errors
/// [`Rejection::Overflow`].
pub fn add_up(lines: &[Line], shipping: Minor, shipping_tax: Minor, adjustment: Minor) -> Result<Totals, Rejection> {
    let mut totals =
        Totals { shipping, shipping_tax, adjustment, tax: shipping_tax, total: shipping.plus(adjustment)?, ..Totals::default() };
    for line in lines {
        totals.discount = totals.discount.plus(line.discount)?;
        totals.tax = totals.tax.plus(line.tax)?;
        totals.total = totals.total.plus(line.net)?.plus(line.tax)?;
    }
    Ok(totals)
}
