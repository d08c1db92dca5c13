//! Batches (批次): which of the goods at a place came together and until when they keep. What expires first goes first,
//! by itself; nobody at a counter says which batch they take.
//!
//! What came in without a batch, or came back from a customer, belongs to none. Batches say of how much it is known;
//! levels say how much there is.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Day;

/// The most batches at one place; of more the earliest are let go of.
pub const MOST_BATCHES: usize = 100;
/// The most characters of a lot's code.
pub const MOST_CODE: usize = 40;

/// The marks that set a batch apart.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// The maker's; may be empty.
    pub code: String,
    /// The last day it is good.
    pub expires: Option<Day>,
}

/// The quantity of a lot that is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub lot: Lot,
    pub quantity: Quantity,
}

impl Lot {
    /// The turn of a lot: what expires first, then what does not expire.
    fn turn(&self) -> (bool, Option<Day>, &str) {
        (self.expires.is_none(), self.expires, &self.code)
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// # Errors
/// A code that is too long, or a quantity that cannot be.
pub fn check_batches(batches: &[Batch]) -> Result<(), Flaw> {
    if batches.len() > MOST_BATCHES {
        return Err(Flaw::TooMuch { field: Field::Quantity });
    }
    for batch in batches {
        if batch.lot.code.chars().count() > MOST_CODE {
            return Err(Flaw::TooLong { field: Field::Name, most: MOST_CODE });
        }
        if batch.lot.is_empty() {
            return Err(Flaw::Empty { field: Field::Name });
        }
        if batch.quantity <= Quantity::ZERO || batch.quantity > Quantity::MOST {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
    }
    Ok(())
}

/// The batches at one place, in their turn.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Batches(Vec<Batch>);

impl Batches {
    pub fn iter(&self) -> impl Iterator<Item = &Batch> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn total(&self) -> Quantity {
        self.0.iter().fold(Quantity::ZERO, |sum, b| sum.saturating_add(b.quantity))
    }

    /// Puts more of a lot in.
    pub fn add(&mut self, batch: Batch) {
        if batch.quantity <= Quantity::ZERO || batch.lot.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|b| b.lot == batch.lot) {
            Some(known) => known.quantity = known.quantity.saturating_add(batch.quantity),
            None => {
                let at = self.0.partition_point(|b| b.lot.turn() < batch.lot.turn());
                self.0.insert(at, batch);
            }
        }
        let over = self.0.len().saturating_sub(MOST_BATCHES);
        self.0.drain(..over);
    }

    /// Takes goods out, the first in turn first. Returns what of them was of a batch.
    pub fn take(&mut self, quantity: Quantity) -> Vec<Batch> {
        let mut wanted = quantity;
        let mut taken = Vec::new();
        while wanted > Quantity::ZERO && !self.0.is_empty() {
            let first = &mut self.0[0];
            let out = first.quantity.min(wanted);
            wanted = wanted.saturating_add(out.saturating_neg());
            taken.push(Batch { lot: first.lot.clone(), quantity: out });
            first.quantity = first.quantity.saturating_add(out.saturating_neg());
            if first.quantity <= Quantity::ZERO {
                self.0.remove(0);
            }
        }
        taken
    }

    /// The batches that would be taken for so much.
    pub fn first(&self, quantity: Quantity) -> Vec<Batch> {
        self.clone().take(quantity)
    }

    /// No more of batches than there is at all.
    pub fn fit(&mut self, on_hand: Quantity) {
        let all: i128 = self.0.iter().map(|b| i128::from(b.quantity.0)).sum();
        let mut over = all - i128::from(on_hand.0.max(0));
        while over > 0 {
            let out = i64::try_from(over).unwrap_or(i64::MAX);
            self.take(Quantity(out));
            over -= i128::from(out);
        }
    }
}

impl FromIterator<Batch> for Batches {
    fn from_iter<I: IntoIterator<Item = Batch>>(iter: I) -> Self {
        let mut batches = Self::default();
        iter.into_iter().for_each(|b| batches.add(b));
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(code: &str, expires: Option<i32>, pieces: i64) -> Batch {
        Batch { lot: Lot { code: code.into(), expires: expires.map(Day) }, quantity: Quantity::whole(pieces) }
    }

    #[test]
    fn what_expires_first_goes_first_and_what_never_does_goes_last() {
        let mut batches: Batches =
            [batch("c", None, 2), batch("b", Some(20), 3), batch("a", Some(10), 1)].into_iter().collect();
        assert_eq!(batches.take(Quantity::whole(3)), [batch("a", Some(10), 1), batch("b", Some(20), 2)]);
        assert_eq!(batches.first(Quantity::whole(9)), [batch("b", Some(20), 1), batch("c", None, 2)]);
        batches.add(batch("b", Some(20), 4));
        assert_eq!(batches.total(), Quantity::whole(7));
        batches.fit(Quantity::whole(-3));
        assert!(batches.is_empty());
    }

    #[test]
    fn there_are_never_more_batches_than_there_may_be() {
        let all = (0..300).map(|n| batch("x", Some(n), 1));
        let batches: Batches = all.collect();
        assert_eq!(batches.iter().count(), MOST_BATCHES);
        assert_eq!(batches.iter().next().and_then(|b| b.lot.expires), Some(Day(200)));
    }
}
