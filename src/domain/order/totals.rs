//! What an order's amounts add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Line, Order};
use crate::domain::money::Minor;
use crate::domain::rejection::Rejection;
use crate::domain::tax::RateSum;

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

impl Order {
    /// What the customer is charged, rate by rate, lowest first; what came back is not in it.
    ///
    /// Invariant: nets and taxes add up to [`Order::charged`]. Carriage counts at the rate of the lines that its tax is nearest
    /// to, what was rounded at none.
    pub fn taxes(&self) -> Vec<RateSum> {
        let mut rates = BTreeMap::<u32, RateSum>::new();
        let mut add = |rate_bp: u32, net: i64, tax: i64| {
            let sum = rates.entry(rate_bp).or_insert(RateSum { rate_bp, ..RateSum::default() });
            sum.net = Minor(sum.net.0.saturating_add(net));
            sum.tax = Minor(sum.tax.0.saturating_add(tax));
        };
        for line in &self.lines {
            add(line.rate_bp, line.net.0, line.tax.0);
        }
        for back in &self.returned {
            let rate = self.lines.get(usize::from(back.line)).map_or(0, |l| l.rate_bp);
            add(rate, back.tax.0.saturating_sub(back.amount.0), back.tax.0.saturating_neg());
        }
        let t = &self.totals;
        if t.shipping.0 != 0 {
            let net = t.shipping.0.saturating_sub(t.shipping_tax.0);
            let near = |l: &&Line| {
                let exact = i128::from(net) * i128::from(l.rate_bp);
                (exact - i128::from(t.shipping_tax.0) * 10_000).abs()
            };
            let rate = if t.shipping_tax.0 == 0 { 0 } else { self.lines.iter().min_by_key(near).map_or(0, |l| l.rate_bp) };
            add(rate, net, t.shipping_tax.0);
        }
        if t.adjustment.0 != 0 {
            add(0, t.adjustment.0, 0);
        }
        rates.into_values().filter(|r| r.net.0 != 0 || r.tax.0 != 0).collect()
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
