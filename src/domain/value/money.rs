//! Money: whole minor units, never a float.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An ISO 4217 currency.
///
/// Invariant: three upper-case ASCII letters. Source: ISO 4217 for the number of decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const CNY: Self = Self(*b"CNY");

    /// Decimals of the minor unit: 2 for most, 0 for the yen, 3 for the Kuwaiti dinar.
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    pub fn code(&self) -> &str {
        // By the invariant it always is; the other is ISO 4217's own code for no currency.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Reads an amount as people and files write it: `1234.5`, `1,234.50`, `-3`, `¥ 12.00`.
    ///
    /// # Errors
    /// [`NotAnAmount`] when it is not a number, does not fit, or has more decimals than the currency and they are not
    /// zero.
    pub fn parse(self, text: &str) -> Result<Minor, NotAnAmount> {
        let text = text.trim().trim_start_matches(['¥', '￥', '$', '€', '£']).trim();
        parse_decimal(text, self.decimals()).map(Minor).ok_or(NotAnAmount)
    }

    /// The amount as plain digits with a point, as files have it: `12.50`.
    pub fn plain(self, amount: Minor) -> String {
        plain_decimal(amount.0, self.decimals())
    }
}

/// Reads a decimal number as an integer of `10^-decimals`; a group separator `,` may stand between digits.
pub(crate) fn parse_decimal(text: &str, decimals: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    let mut groups = whole.split(',');
    let first = groups.next()?;
    if whole.contains(',') && (first.is_empty() || first.len() > 3 || groups.any(|g| g.len() != 3)) {
        return None;
    }
    for b in whole.bytes().filter(|b| *b != b',') {
        value = value.checked_mul(10)?.checked_add(i64::from(b.checked_sub(b'0').filter(|d| *d < 10)?))?;
    }
    let mut left = decimals;
    for b in fraction.bytes() {
        let digit = i64::from(b.checked_sub(b'0').filter(|d| *d < 10)?);
        if left > 0 {
            value = value.checked_mul(10)?.checked_add(digit)?;
            left -= 1;
        } else if digit != 0 {
            return None;
        }
    }
    let value = value.checked_mul(10_i64.checked_pow(left)?)?;
    Some(if negative { -value } else { value })
}

pub(crate) fn plain_decimal(value: i64, decimals: u32) -> String {
    let scale = 10_u64.pow(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{size}");
    }
    format!("{sign}{}.{:0width$}", size / scale, size % scale, width = decimals as usize)
}

impl Default for Currency {
    fn default() -> Self {
        Self::CNY
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A sum that does not fit its integer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a sum does not fit its integer")]
pub struct Overflow;

/// Why a sum was not shared out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unshared {
    /// There is nothing to share it out among.
    #[error("there is nothing to share it out among")]
    NoWeights,
    /// A share does not fit its integer.
    #[error("a share does not fit its integer")]
    Overflow,
}

/// The text is not an amount of that currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no amount of that currency")]
pub struct NotAnAmount;

/// The text is not a currency code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a currency is three letters")]
pub struct NotACurrency;

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_alphabetic()) => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(NotACurrency),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("a currency is three letters"))
    }
}

/// An amount whose currency stands beside it: on the order, on the price list.
///
/// Units: minor units (fen, cents).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minor(pub i64);

impl Minor {
    pub const ZERO: Self = Self(0);

    /// # Errors
    /// [`Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    /// # Errors
    /// [`Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
    }

    /// `self * numerator / denominator`, half away from zero.
    ///
    /// # Errors
    /// [`Overflow`] when the result does not fit or `denominator` is not positive.
    pub fn ratio(self, numerator: i64, denominator: i64) -> Result<Self, Overflow> {
        if denominator <= 0 {
            return Err(Overflow);
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let half = i128::from(denominator) / 2;
        let rounded = (product.abs() + half) / i128::from(denominator) * product.signum();
        i64::try_from(rounded).map(Self).map_err(|_| Overflow)
    }

    /// Shares `self` out in proportion to `weights`, to the last minor unit.
    ///
    /// Units: weights are bare ratios; a negative one counts as zero.
    /// Invariant: the shares add up to `self`. The odd units go to the earliest shares that have a weight.
    ///
    /// # Errors
    /// [`Unshared`].
    pub fn share(self, weights: &[i64]) -> Result<Vec<Self>, Unshared> {
        let weight = |w: &i64| i128::from((*w).max(0));
        let total: i128 = weights.iter().map(weight).sum();
        if total == 0 {
            return Err(Unshared::NoWeights);
        }
        let mut left = i128::from(self.0);
        let mut shares = Vec::with_capacity(weights.len());
        for w in weights {
            let share = i128::from(self.0) * weight(w) / total;
            left -= share;
            shares.push(Self(i64::try_from(share).map_err(|_| Unshared::Overflow)?));
        }
        let unit = left.signum() as i64;
        for (share, w) in shares.iter_mut().zip(weights) {
            if left == 0 {
                break;
            }
            if *w > 0 {
                share.0 += unit;
                left -= i128::from(unit);
            }
        }
        Ok(shares)
    }
}

impl Sum for Minor {
    /// Saturates: for figures on a screen. What is written down is added with [`Minor::plus`].
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0, |a: i64, b| a.saturating_add(b.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_shares(whole: i64, weights: &[i64], expected: &[i64]) {
        let shares = Minor(whole).share(weights).expect("there are weights");
        assert_eq!(shares.iter().map(|s| s.0).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_odd_cent_goes_to_the_earlier_line() {
        check_shares(100, &[1, 1, 1], &[34, 33, 33]);
        check_shares(-100, &[1, 1, 1], &[-34, -33, -33]);
        check_shares(5, &[0, 1, 1], &[0, 3, 2]);
    }

    #[test]
    fn nothing_can_be_shared_among_nobody() {
        assert_eq!(Minor(1).share(&[0, 0]), Err(Unshared::NoWeights));
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cny = Currency::CNY;
        for (text, minor) in [
            ("12", 1200),
            ("12.5", 1250),
            ("1,234.50", 123_450),
            ("-3.00", -300),
            ("¥ 9.90", 990),
            (".5", 50),
            ("7.0000", 700),
        ] {
            assert_eq!(cny.parse(text), Ok(Minor(minor)), "{text}");
        }
        for text in ["", "-", ".", "12.345", "1,23", "1e3", "99999999999999999999", "twelve", "1..2"] {
            assert_eq!(cny.parse(text), Err(NotAnAmount), "{text}");
        }
    }

    #[test]
    fn a_currency_knows_its_decimals() {
        let jpy: Currency = "jpy".parse().expect("a currency");
        assert_eq!(jpy.parse("120"), Ok(Minor(120)));
        assert_eq!(jpy.parse("120.00"), Ok(Minor(120)));
        assert_eq!(jpy.plain(Minor(-120)), "-120");
        assert_eq!(Currency::CNY.plain(Minor(-5)), "-0.05");
        assert_eq!("KWD".parse::<Currency>().expect("a currency").plain(Minor(1)), "0.001");
    }

    #[test]
    fn a_ratio_rounds_half_away_from_zero() {
        assert_eq!(Minor(5).ratio(1, 2), Ok(Minor(3)));
        assert_eq!(Minor(-5).ratio(1, 2), Ok(Minor(-3)));
        assert_eq!(Minor(i64::MAX).ratio(2, 1), Err(Overflow));
    }
}
