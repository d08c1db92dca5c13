//! Goods of single lines that came back, while the rest of the order stands.

use serde::{Deserialize, Serialize};

use super::{Line, Order};
use crate::domain::shop::tender::Tender;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Returned {
    /// Its position among the order's lines.
    pub line: u16,
    pub quantity: Quantity,
    /// The sum that the customer had been charged for it, tax included.
    pub amount: Minor,
    /// Its tax, inside `amount`.
    pub tax: Minor,
    pub why: ReturnReason,
}

/// Why goods came back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    #[default]
    ChangedMind,
    Defective,
    WrongGoods,
    Other,
}

impl ReturnReason {
    pub const ALL: [Self; 4] = [Self::ChangedMind, Self::Defective, Self::WrongGoods, Self::Other];
}

impl Order {
    /// The quantity of a line that has come back.
    pub fn returned_of(&self, line: usize) -> Quantity {
        let own = self.returned.iter().filter(|r| usize::from(r.line) == line);
        own.fold(Quantity::ZERO, |sum, r| sum.saturating_add(r.quantity))
    }

    /// The quantity of a line that is still with the customer, or meant for them.
    pub fn kept_of(&self, line: usize) -> Quantity {
        let sold = self.lines.get(line).map_or(Quantity::ZERO, |l| l.quantity);
        sold.saturating_add(self.returned_of(line).saturating_neg()).max(Quantity::ZERO)
    }

    /// The sum that the goods that came back had cost. Saturates.
    pub fn returned(&self) -> Minor {
        self.returned.iter().map(|r| r.amount).sum()
    }

    /// The sum that the customer is charged: the total less what came back. Saturates.
    pub fn charged(&self) -> Minor {
        Minor(self.totals.total.0.saturating_sub(self.returned().0))
    }

    /// The worth of so much of a line on top of what of it came back before: amount and tax inside it.
    ///
    /// Invariant: however a line comes back, piece by piece or at once, all of it is worth what the line came to.
    pub fn worth_of(&self, line: usize, quantity: Quantity) -> (Minor, Minor) {
        let Some(l) = self.lines.get(line) else { return (Minor::ZERO, Minor::ZERO) };
        let before = self.returned_of(line);
        let after = before.saturating_add(quantity);
        let part = |whole: Minor| {
            let upto = |q: Quantity| whole.ratio(q.0, l.quantity.0.max(1)).unwrap_or_default();
            Minor(upto(after).0.saturating_sub(upto(before).0))
        };
        (part(l.gross()), part(l.tax))
    }

    /// As it will be once some goods have come back.
    pub fn after_return(&self, goods: &[(u16, Quantity)], why: ReturnReason) -> Self {
        let mut after = self.clone();
        for (line, quantity) in goods {
            after.take_back(*line, *quantity, why);
        }
        after
    }

    /// Writes down that so much of a line came back. Returns what it had cost.
    pub(in crate::domain) fn take_back(&mut self, line: u16, quantity: Quantity, why: ReturnReason) -> Minor {
        let (amount, tax) = self.worth_of(usize::from(line), quantity);
        self.returned.push(Returned { line, quantity, amount, tax, why });
        amount
    }

    /// The sum that came by a tender and did not go back by it.
    pub fn came_by(&self, tender: Tender) -> Minor {
        let came: Minor = self.payments.iter().filter(|p| p.tender == tender).map(|p| p.amount).sum();
        let back: Minor = self.refunds.iter().filter(|r| r.tender == tender).map(|r| r.amount).sum();
        Minor(came.0.saturating_sub(back.0).max(0))
    }

    /// Says whether so much goes back the way it came by a tender, or as credit with the shop.
    pub fn goes_back_as_it_came(&self, tender: Tender, amount: Minor) -> bool {
        amount <= self.came_by(tender) || tender == Tender::StoreCredit
    }

    /// The way in which so much goes back the way it came, the latest payment's tender first; less, where less came.
    pub fn ways_back(&self, amount: Minor) -> Vec<(Tender, Minor)> {
        let mut left = amount.min(self.paid());
        let mut ways: Vec<(Tender, Minor)> = Vec::new();
        for payment in self.payments.iter().rev() {
            if ways.iter().any(|(tender, _)| *tender == payment.tender) {
                continue;
            }
            let part = self.came_by(payment.tender).min(left);
            if part > Minor::ZERO {
                left = Minor(left.0 - part.0);
                ways.push((payment.tender, part));
            }
        }
        ways
    }

    /// A line with so much of it, as far as goods are concerned.
    pub(in crate::domain) fn line_of(line: &Line, quantity: Quantity) -> Line {
        Line { quantity, ..line.clone() }
    }
}
