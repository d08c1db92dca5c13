//! Purchases: what was ordered from whom, what of it has come, and what goods cost on average.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};
use crate::domain::value::id::{Id, LocationId, StaffId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// Somebody goods are bought from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    pub id: Id,
    pub name: String,
    pub phone: String,
    /// From order to arrival. Units: days.
    pub lead_days: u32,
    pub active: bool,
}

/// So much of one thing at a price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordered {
    pub variant: VariantId,
    pub quantity: Quantity,
    /// For one unit, without tax that is given back.
    pub cost: Minor,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Purchase {
    pub number: String,
    pub supplier: Id,
    pub location: LocationId,
    pub lines: Vec<Ordered>,
    pub ordered_at: Timestamp,
    pub by: StaffId,
    /// The goods that have come so far, in the order in which they came.
    pub received: Vec<Ordered>,
    /// Nothing more is expected.
    pub closed: bool,
}

impl Purchase {
    /// The quantity of a variant that is still to come.
    pub fn incoming(&self, variant: VariantId) -> Quantity {
        if self.closed {
            return Quantity::ZERO;
        }
        let sum = |lines: &[Ordered]| {
            lines.iter().filter(|l| l.variant == variant).fold(Quantity::ZERO, |sum, l| sum.saturating_add(l.quantity))
        };
        sum(&self.lines).saturating_add(sum(&self.received).saturating_neg()).max(Quantity::ZERO)
    }

    pub fn is_complete(&self) -> bool {
        self.lines.iter().all(|l| self.incoming(l.variant) == Quantity::ZERO)
    }

    /// The goods it is about: those ordered, and once nothing more is expected, those that came.
    pub fn goods(&self) -> &[Ordered] {
        if self.closed { &self.received } else { &self.lines }
    }

    /// The sum that those come to. Saturates.
    pub fn total(&self) -> Minor {
        self.goods().iter().map(|l| l.cost.ratio(l.quantity.0, 1000).unwrap_or_default()).sum()
    }
}

/// The average cost of one unit of a variant, over what is on hand everywhere.
///
/// Units: thousandths of a minor unit, so that many small receipts do not round it away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    pub average: i64,
}

/// The rest of what was charged without tax, once what the goods cost is off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Margin {
    pub left: Minor,
    /// Of the net; below zero for a loss, `None` of nothing. Units: basis points.
    pub share_bp: Option<i64>,
}

impl Margin {
    pub fn new(net: Minor, cost: Minor) -> Self {
        let left = Minor(net.0.saturating_sub(cost.0));
        let share_bp = (net > Minor::ZERO)
            .then(|| i64::try_from(i128::from(left.0) * 10_000 / i128::from(net.0)).unwrap_or(i64::MIN));
        Self { left, share_bp }
    }
}

impl Cost {
    /// After goods came in at a price, on top of what was there before them. What was oversold is covered first and
    /// leaves no trace in the average.
    pub fn after(self, on_hand: Quantity, came: Quantity, cost: Minor) -> Self {
        let before = i128::from(on_hand.0.max(0));
        let came_in = i128::from(came.0.max(0));
        let new = i128::from(cost.0.saturating_mul(1000));
        let all = before + came_in;
        if all == 0 {
            return self;
        }
        let sum = (before * i128::from(self.average)).saturating_add(came_in * new);
        let average = sum.saturating_add(all / 2).div_euclid(all);
        Self { average: i64::try_from(average).unwrap_or(self.average) }
    }

    /// For so much, rounded; `None` when it does not fit.
    pub fn minor_of(self, quantity: Quantity) -> Option<Minor> {
        let exact = i128::from(self.average) * i128::from(quantity.0);
        i64::try_from((exact + 500_000).div_euclid(1_000_000)).ok().map(Minor)
    }

    /// For one unit, rounded.
    pub fn minor(self) -> Minor {
        Minor((self.average.saturating_add(500)).div_euclid(1000))
    }
}

/// The quantity to order of something: what sells while the order is on its way and for some days more, or twice the
/// level at which it is low, whichever is more; less what is there and what comes. Whole units.
pub fn replenish(
    sold_a_day: Quantity,
    days: u32,
    low_at: Quantity,
    available: Quantity,
    incoming: Quantity,
) -> Quantity {
    let needed = sold_a_day.0.saturating_mul(i64::from(days)).max(low_at.0.saturating_mul(2));
    let there = available.0.saturating_add(incoming.0);
    let missing = needed.saturating_sub(there).max(0);
    Quantity(missing.saturating_add(999) / 1000 * 1000)
}

/// # Errors
/// A name that is empty or too long.
pub fn check_supplier(supplier: &Supplier) -> Result<(), Flaw> {
    check_name(&supplier.name, Field::Name)?;
    check_length(&supplier.phone, Field::Phone)?;
    if supplier.lead_days > 365 { Err(Flaw::TooMuch { field: Field::Quantity }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_lies_between_what_was_there_and_what_came_and_forgets_nothing() {
        let first = Cost::default().after(Quantity::ZERO, Quantity::whole(10), Minor(100));
        assert_eq!(first.minor(), Minor(100));
        let second = first.after(Quantity::whole(10), Quantity::whole(30), Minor(200));
        assert_eq!(second.minor(), Minor(175));
        assert_eq!(
            second.after(Quantity::whole(-5), Quantity::whole(5), Minor(300)).minor(),
            Minor(300),
            "what was oversold is no stock"
        );
        let mut cost = Cost::default();
        for n in 0..100 {
            cost = cost.after(Quantity::whole(n), Quantity::ONE, Minor(if n % 3 == 0 { 10 } else { 11 }));
        }
        assert_eq!(cost.average / 100, 106, "a hundred receipts do not round it away");
        assert_eq!(
            Cost { average: i64::MAX }.after(Quantity(i64::MAX), Quantity(i64::MAX), Minor(i64::MAX)).average,
            i64::MAX,
            "at the end of the integer it stays there"
        );
    }

    #[test]
    fn what_is_proposed_covers_the_days_until_it_comes() {
        let q = Quantity::whole;
        assert_eq!(replenish(q(2), 10, q(5), q(3), q(4)), q(13));
        assert_eq!(
            replenish(Quantity::ZERO, 10, q(5), q(3), Quantity::ZERO),
            q(7),
            "nothing sold: twice the low level"
        );
        assert_eq!(replenish(q(2), 10, q(5), q(30), Quantity::ZERO), Quantity::ZERO);
        assert_eq!(
            replenish(Quantity(300), 7, Quantity::ZERO, q(-1), Quantity::ZERO),
            q(4),
            "whole units, and what is owed"
        );
    }
}
