//! GTINs: the numbers behind the bars on goods. Compared with fourteen digits, so the same article is found whether its
//! label has eight, twelve, thirteen or fourteen.
//!
//! Source: GS1 General Specifications, sections 3 and 7.9 (check digit), 2.1.12 (restricted circulation).

use crate::domain::shop::profile::ScaleCodes;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

/// Fourteen digits, the last of which checks the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Gtin(u64);

impl Gtin {
    /// Reads 8, 12, 13 or 14 digits with a right check digit, or 12 digits of an EAN-13 without it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: u64 = text.parse().ok()?;
        match text.len() {
            8 | 12..=14 if check_digit(number / 10) == number % 10 => Some(Self(number)),
            12 => Some(Self(number * 10 + check_digit(number))),
            _ => None,
        }
    }

    /// Its thirteen digits, unless it needs fourteen.
    pub fn ean13(self) -> Option<String> {
        (self.0 < 10_u64.pow(13)).then(|| format!("{:013}", self.0))
    }
}

impl std::fmt::Display for Gtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

/// The digit that follows these: weights three and one from the right.
fn check_digit(mut digits: u64) -> u64 {
    let (mut sum, mut weight) = (0, 3);
    while digits > 0 {
        sum += digits % 10 * weight;
        weight = 4 - weight;
        digits /= 10;
    }
    (10 - sum % 10) % 10
}

/// A label that a scale printed: which article, and how much of it or for how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScaleLabel {
    /// The five digits of the article, as its SKU or PLU has them.
    pub article: u32,
    pub measure: Measure,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// Units: thousandths, as grams are of a kilogram.
    Weight(Quantity),
    /// Units: hundredths of the currency's main unit.
    Price(Minor),
}

/// Reads a scale's EAN-13: two digits that say what it is, five of the article, five of the measure.
pub fn scale_label(text: &str, codes: &ScaleCodes) -> Option<ScaleLabel> {
    let digits = Gtin::parse(text).filter(|_| text.trim().len() == 13)?.0;
    let (kind, article, measure) = (digits / 10_u64.pow(11), digits / 10_u64.pow(6) % 100_000, digits / 10 % 100_000);
    let (kind, article) = (u8::try_from(kind).ok()?, u32::try_from(article).ok()?);
    let measure = i64::try_from(measure).ok()?;
    let measure = match kind {
        kind if codes.price.contains(&kind) => Measure::Price(Minor(measure)),
        kind if codes.weight.contains(&kind) => Measure::Weight(Quantity(measure)),
        _ => return None,
    };
    Some(ScaleLabel { article, measure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_article_is_the_same_with_eight_twelve_thirteen_and_fourteen_digits() {
        let upc = Gtin::parse("036000291452").expect("a UPC");
        assert_eq!(Gtin::parse("0036000291452"), Some(upc));
        assert_eq!(Gtin::parse("00036000291452"), Some(upc));
        assert_eq!(upc.to_string(), "00036000291452");
        assert_eq!(Gtin::parse("73513537").expect("an EAN-8").ean13().as_deref(), Some("0000073513537"));
        assert_eq!(
            Gtin::parse("400638133393").expect("without its check digit"),
            Gtin::parse("4006381333931").expect("with it")
        );
        for wrong in ["4006381333930", "40063813339", "4006381333931x", "", "١٢٣٤٥٦٧٨"] {
            assert_eq!(Gtin::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_scales_label_says_which_article_and_how_much() {
        let with_check = |twelve: &str| Gtin::parse(twelve).and_then(Gtin::ean13).expect("twelve digits");
        let weight = scale_label(&with_check("280012301250"), &ScaleCodes::default()).expect("a weight");
        assert_eq!(weight, ScaleLabel { article: 123, measure: Measure::Weight(Quantity(1_250)) });
        let price = scale_label(&with_check("210012300999"), &ScaleCodes::default()).expect("a price");
        assert_eq!(price, ScaleLabel { article: 123, measure: Measure::Price(Minor(999)) });
        assert_eq!(scale_label("4006381333931", &ScaleCodes::default()), None);
    }
}
