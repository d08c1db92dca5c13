//! What an order's amounts add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Line, Order};
use crate::domain::shop::tax::RateSum;
use crate::domain::value::money::{Minor, Overflow};

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
    /// The part of another system's total beyond its own lines; zero on orders taken here.
    pub adjustment: Minor,
    pub total: Minor,
}

/// Adds up an order's lines, carriage and adjustment.
///
/// # Errors
/// [`Flaw::Overflow`].
pub fn add_up(lines: &[Line], shipping: Minor, shipping_tax: Minor, adjustment: Minor) -> Result<Totals, Overflow> {
    let mut totals = Totals {
        shipping,
        shipping_tax,
        adjustment,
        tax: shipping_tax,
        total: shipping.plus(adjustment)?,
        ..Totals::default()
    };
    for line in lines {
        totals.discount = totals.discount.plus(line.discount)?;
        totals.tax = totals.tax.plus(line.tax)?;
        totals.total = totals.total.plus(line.net)?.plus(line.tax)?;
    }
    Ok(totals)
}

impl Order {
    /// The sums that the customer is charged, rate by rate, lowest first; what came back is not in them.
    ///
    /// Invariant: nets and taxes add up to [`Order::charged`]. Carriage counts at the rate of the lines that its tax is
    /// nearest to, what was rounded at none.
    pub fn taxes(&self) -> Vec<RateSum> {
        let lines = self.lines.iter().map(|l| RateSum { rate_bp: l.rate_bp, net: l.net, tax: l.tax });
        let back = self.returned.iter().map(|r| RateSum {
            rate_bp: self.lines.get(usize::from(r.line)).map_or(0, |l| l.rate_bp),
            net: Minor(r.tax.0.saturating_sub(r.amount.0)),
            tax: Minor(r.tax.0.saturating_neg()),
        });
        let t = &self.totals;
        let net = Minor(t.shipping.0.saturating_sub(t.shipping_tax.0));
        let far = |l: &&Line| (i128::from(net.0) * i128::from(l.rate_bp) - i128::from(t.shipping_tax.0) * 10_000).abs();
        let rate_bp =
            if t.shipping_tax.0 == 0 { 0 } else { self.lines.iter().min_by_key(far).map_or(0, |l| l.rate_bp) };
        let carriage = RateSum { rate_bp, net, tax: t.shipping_tax };
        let rounded = RateSum { net: t.adjustment, ..RateSum::default() };
        by_rate(lines.chain(back).chain([carriage, rounded]))
    }
}

/// Sums of several, rate by rate, lowest first.
pub fn by_rate(sums: impl IntoIterator<Item = RateSum>) -> Vec<RateSum> {
    let mut rates = BTreeMap::<u32, RateSum>::new();
    for one in sums {
        let sum = rates.entry(one.rate_bp).or_insert(RateSum { rate_bp: one.rate_bp, ..RateSum::default() });
        sum.net = Minor(sum.net.0.saturating_add(one.net.0));
        sum.tax = Minor(sum.tax.0.saturating_add(one.tax.0));
    }
    rates.into_values().filter(|r| r.net.0 != 0 || r.tax.0 != 0).collect()
}
