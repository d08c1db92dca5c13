//! What was sold in a time: how many orders, for how much, through which channel.

use std::collections::BTreeMap;

use crate::domain::order::{OrderState, PaymentState};
use crate::domain::shop::channel::Channel;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::time::Timestamp;

/// Part of an order that a report needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub number: String,
    pub reference: String,
    pub placed_at: Timestamp,
    pub channel: Channel,
    pub state: OrderState,
    pub payment: PaymentState,
    pub currency: Currency,
    pub total: Minor,
}

/// Number of orders, and what they come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    pub orders: u64,
    pub total: Minor,
}

impl Sum {
    fn add(&mut self, total: Minor) {
        self.orders += 1;
        self.total = Minor(self.total.0.saturating_add(total.0));
    }

    /// Returns what an order comes to, on average; rounded down.
    pub fn average(self) -> Minor {
        Minor(i64::try_from(self.orders).ok().filter(|n| *n > 0).map_or(0, |n| self.total.0 / n))
    }
}

/// Sales in one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sales {
    /// Everything but what was voided or only quoted.
    pub all: Sum,
    pub unpaid: Sum,
    pub voided: Sum,
    /// Channels with sales, the largest first.
    pub channels: Vec<(Channel, Sum)>,
    /// By day since 1970 in the store's time, oldest first.
    pub days: Vec<(i64, Sum)>,
}

const DAY_MS: i64 = 86_400_000;

/// Adds rows up. Only those of one currency count; `offset_ms` is the store's time less UTC.
pub fn sales(rows: &[Row], currency: Currency, offset_ms: i64) -> Sales {
    let mut sales = Sales::default();
    let mut channels = BTreeMap::<Channel, Sum>::new();
    let mut days = BTreeMap::<i64, Sum>::new();
    for row in rows.iter().filter(|r| r.currency == currency) {
        if row.state == OrderState::Draft {
            continue;
        }
        if row.state == OrderState::Voided {
            sales.voided.add(row.total);
            continue;
        }
        sales.all.add(row.total);
        if matches!(row.payment, PaymentState::Unpaid | PaymentState::Part) {
            sales.unpaid.add(row.total);
        }
        channels.entry(row.channel).or_default().add(row.total);
        days.entry(row.placed_at.0.saturating_add(offset_ms).div_euclid(DAY_MS)).or_default().add(row.total);
    }
    sales.channels = channels.into_iter().collect();
    sales.channels.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.total));
    sales.days = days.into_iter().collect();
    sales
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(n: i64) -> Row {
        Row {
            number: format!("A-{n}"),
            reference: String::new(),
            placed_at: Timestamp(n * 7_000_000),
            channel: Channel::ALL[n.unsigned_abs() as usize % Channel::ALL.len()],
            state: if n % 5 == 0 { OrderState::Voided } else { OrderState::Closed },
            payment: if n % 3 == 0 { PaymentState::Unpaid } else { PaymentState::Paid },
            currency: Currency::CNY,
            total: Minor(n * 10),
        }
    }

    proptest! {
        #[test]
        fn channels_and_days_add_up_to_everything_that_was_not_voided(numbers in prop::collection::vec(0_i64..10_000, 0..60), offset in -12_i64..14) {
            let rows: Vec<Row> = numbers.iter().map(|n| row(*n)).collect();
            let sales = sales(&rows, Currency::CNY, offset * 3_600_000);
            let add = |sums: Vec<Sum>| sums.into_iter().fold((0, 0), |(n, t), s| (n + s.orders, t + s.total.0));
            let all = (sales.all.orders, sales.all.total.0);
            prop_assert_eq!(add(sales.channels.iter().map(|c| c.1).collect()), all);
            prop_assert_eq!(add(sales.days.iter().map(|d| d.1).collect()), all);
            prop_assert_eq!(sales.all.orders + sales.voided.orders, rows.len() as u64);
            let expected: i64 = rows.iter().filter(|r| r.state != OrderState::Voided).map(|r| r.total.0).sum();
            prop_assert_eq!(sales.all.total.0, expected);
        }
    }

    #[test]
    fn a_day_is_the_stores_own_and_another_currency_does_not_count() {
        // 23:30 UTC is the next morning in Shanghai.
        let late = Row { placed_at: Timestamp(84_600_000), ..row(1) };
        let foreign = Row { currency: "USD".parse().expect("a currency"), ..row(2) };
        let found = sales(&[late, foreign], Currency::CNY, 8 * 3_600_000);
        assert_eq!(found.days.iter().map(|d| d.0).collect::<Vec<_>>(), [1]);
        assert_eq!((found.all.orders, found.all.average()), (1, Minor(10)));
    }
}
