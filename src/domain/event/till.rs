//! Events of tills. Each is about the till of the tablet that wrote it.

use super::Happening;
use super::check::Check;
use super::fold::Fold;
use crate::domain::book::table;
use crate::domain::payment::till::{self, CLOSINGS, CashMove, Closing, Counted, MOST_REASON, Shift, Till};
use crate::domain::rejection::Rejection;
use crate::domain::shop::tax::{MOST_RATE_BP, RateSum};
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::money::Minor;

payloads! {
    /// A shift begins with so much cash in the till.
    TillOpened { float: Minor, }
    /// The shift ends; `left` stays in the till.
    TillClosed {
        counted: Vec<Counted>,
        left: Minor,
        /// The tax in what this tablet sold since the till was opened, rate by rate, as it knew it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        taxes: Vec<RateSum>,
    }
}

/// More rates than any country has at once.
const MOST_TAXES: usize = 100;

fn not_negative(amount: Minor) -> Result<(), Rejection> {
    if amount < Minor::ZERO { Err(Flaw::Negative { field: Field::Amount }.into()) } else { Ok(()) }
}

impl Happening for TillOpened {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        not_negative(self.float)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let (at, by, float) = (fold.stamp.at, fold.stamp.by, self.float);
        // A shift that was never closed is over all the same.
        fold.with_till(|till| till.shift = Some(Shift { at, by, float, ..Shift::default() }));
    }
}

impl Happening for CashMove {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        if self.amount == Minor::ZERO {
            return Err(Flaw::Empty { field: Field::Amount }.into());
        }
        match self.reason.chars().count() {
            0 => Err(Flaw::Empty { field: Field::Reason }.into()),
            length if length > MOST_REASON => Err(Flaw::TooLong { field: Field::Reason, most: MOST_REASON }.into()),
            _ => Ok(()),
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_shift(|shift| shift.moves.push(self.clone()));
    }
}

impl Happening for TillClosed {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        if self.taxes.len() > MOST_TAXES || self.taxes.iter().any(|t| t.rate_bp > MOST_RATE_BP) {
            return Err(Flaw::TooMuch { field: Field::Rate }.into());
        }
        not_negative(self.left)?;
        let counted = till::add_up(&self.counted)?;
        if self.left > counted { Err(Flaw::TooMuch { field: Field::Amount }.into()) } else { Ok(()) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let (at, by, left) = (fold.stamp.at, fold.stamp.by, self.left);
        let counted = till::add_up(&self.counted).unwrap_or_default();
        fold.with_till(|till| {
            let Some(shift) = till.shift.take() else { return };
            till.closed += 1;
            let expected = shift.expected();
            let taxes = self.taxes.clone();
            till.closings.push(Closing { number: till.closed, shift, at, by, counted, expected, left, taxes });
            let from = till.closings.len().saturating_sub(CLOSINGS);
            till.closings.drain(..from);
        });
    }
}

impl Fold<'_> {
    /// Changes the till of the tablet that wrote this.
    fn with_till(&mut self, change: impl FnOnce(&mut Till)) {
        let replica = self.stamp.replica;
        let mut till = self.get(table::tills, &replica).cloned().unwrap_or_default();
        change(&mut till);
        self.put(table::tills, replica, till);
    }

    /// Changes its shift, if there is one: whoever opens no till has none to balance.
    pub(super) fn with_shift(&mut self, change: impl FnOnce(&mut Shift)) {
        if self.get(table::tills, &self.stamp.replica).is_some_and(|till| till.shift.is_some()) {
            self.with_till(|till| {
                if let Some(shift) = &mut till.shift {
                    change(shift);
                }
            });
        }
    }
}
