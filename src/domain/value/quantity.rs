//! Quantities and the units they are counted in.

use serde::{Deserialize, Serialize};

use crate::domain::value::money::{parse_decimal, plain_decimal};

/// The unit that one of a thing is counted in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unit {
    #[default]
    Piece,
    Kilogram,
    /// 市斤, 500 g.
    Jin,
    Gram,
    Litre,
    Metre,
    Box,
    Pack,
}

impl Unit {
    pub const ALL: [Self; 8] =
        [Self::Piece, Self::Kilogram, Self::Jin, Self::Gram, Self::Litre, Self::Metre, Self::Box, Self::Pack];

    /// Says whether a part of one can be sold.
    pub fn divisible(self) -> bool {
        matches!(self, Self::Kilogram | Self::Jin | Self::Litre | Self::Metre)
    }
}

/// A quantity of something.
///
/// Units: thousandths of the variant's [`Unit`], so 1.25 kg and 3 pieces are both whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1000);
    /// More than this of one thing on one line is a slip of the finger, and keeps every product of price and quantity
    /// in range.
    pub const MOST: Self = Self(1_000_000_000);

    pub const fn whole(n: i64) -> Self {
        Self(n.saturating_mul(1000))
    }

    pub fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }

    /// Reads `3`, `1.25`, `-0.5`; `None` for anything else and for more than three decimals.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text.trim(), 3).map(Self)
    }

    /// Without needless zeros: `3`, `1.25`.
    pub fn plain(self) -> String {
        let text = plain_decimal(self.0, 3);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many times as much. Saturates; thousandths that do not come out are rounded away.
    pub fn times(self, other: Self) -> Self {
        let product = i128::from(self.0) * i128::from(other.0) / 1000;
        Self(i64::try_from(product).unwrap_or(if product > 0 { i64::MAX } else { i64::MIN }))
    }

    pub fn saturating_neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_written_without_needless_zeros() {
        for (milli, text) in [(3000, "3"), (1250, "1.25"), (-500, "-0.5"), (0, "0"), (10_000, "10")] {
            assert_eq!(Quantity(milli).plain(), text);
            assert_eq!(Quantity::parse(text), Some(Quantity(milli)));
        }
        assert_eq!(Quantity::parse("1.2345"), None);
    }
}
