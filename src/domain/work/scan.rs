//! Scanners: telling a scanner's burst of keys from a person's typing, and what a code stands for.

use crate::domain::book::Book;
use crate::domain::goods::gtin::{Gtin, Measure, scale_label};
use crate::domain::value::id::VariantId;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::work::search::Index;

/// Keys of one burst follow each other within this time; people are three times slower. Units: ms.
const BETWEEN: i64 = 35;
/// From so many quick keys on they are kept from the field that has the focus.
const SURE: usize = 4;
/// The least a code has.
const LEAST: usize = 4;

/// The use to be made of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// It is somebody typing.
    Leave,
    /// It belongs to a burst: no field may see it.
    Swallow,
    /// A burst has ended with this code. What it wrote into a field before it was known goes out again.
    Scanned(String),
}

/// The keys that came quickly one after the other.
///
/// Units of times: ms.
#[derive(Clone, Debug, Default)]
pub struct Burst {
    keys: String,
    count: usize,
    last: i64,
}

impl Burst {
    /// Says whether the next key would begin a burst, so that what the field holds now is worth remembering.
    pub fn begins(&self, at: i64) -> bool {
        self.count == 0 || at - self.last > BETWEEN
    }

    /// Takes a key: one character, or `Enter` or `Tab`, which end a code.
    pub fn key(&mut self, key: &str, at: i64) -> Act {
        if self.begins(at) {
            self.keys.clear();
            self.count = 0;
        }
        self.last = at;
        if matches!(key, "Enter" | "Tab") {
            let code = std::mem::take(&mut self.keys);
            let quick = std::mem::take(&mut self.count) >= LEAST;
            return if quick { Act::Scanned(code) } else { Act::Leave };
        }
        if key.chars().count() != 1 {
            self.count = 0;
            return Act::Leave;
        }
        self.keys.push_str(key);
        self.count += 1;
        if self.count >= SURE { Act::Swallow } else { Act::Leave }
    }

    /// Says whether something was kept from the field that has the focus.
    pub fn holds_back(&self) -> bool {
        self.count >= SURE
    }

    /// Once nothing more comes: the code of a scanner that ends with no key, when it is the whole number of an article,
    /// or what was swallowed of a burst that turned out to be none.
    pub fn gave_up(&mut self) -> Result<String, String> {
        self.count = 0;
        let keys = std::mem::take(&mut self.keys);
        // Twelve digits without a check digit could be anything.
        let whole = Gtin::parse(&keys).is_some_and(|g| g.to_string().ends_with(keys.as_str()));
        if whole { Ok(keys) } else { Err(keys.chars().skip(SURE - 1).collect()) }
    }
}

/// An article that a code stands for, and how much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Article {
    pub variant: VariantId,
    pub quantity: Quantity,
    /// The sum by which a label's price is below the tag's price of that much: it is the label's price that is paid.
    pub off: Minor,
}

impl Article {
    fn of(variant: VariantId, quantity: Quantity) -> Self {
        Self { variant, quantity, off: Minor::ZERO }
    }
}

/// Looks a code up: as it is, as a GTIN of another length, as a pack's, or as a scale's label.
pub fn look_up(book: &Book, index: &Index, code: &str) -> Option<Article> {
    let code = code.trim();
    if let Some(variant) = index.exact(code) {
        return Some(Article::of(variant, Quantity::ONE));
    }
    if let Some(gtin) = Gtin::parse(code) {
        let fourteen = gtin.to_string();
        // The same number with fewer digits has zeros before it.
        let shorter =
            [1, 2, 6].into_iter().filter(|n| fourteen[..*n].bytes().all(|b| b == b'0')).map(|n| &fourteen[n..]);
        if let Some(variant) = std::iter::once(fourteen.as_str()).chain(shorter).find_map(|digits| index.exact(digits))
        {
            return Some(Article::of(variant, Quantity::ONE));
        }
    }
    if let Some((variant, quantity)) = book.pack_of(code) {
        return Some(Article::of(variant, quantity));
    }
    let codes = book.profile.get(&()).and_then(|p| p.scale.clone()).unwrap_or_default();
    let label = scale_label(code, &codes)?;
    let article = label.article.to_string();
    let variant = index.exact(&format!("{article:0>5}")).or_else(|| index.exact(&article))?;
    let (product, known) = book.variant(variant)?;
    let article = match label.measure {
        Measure::Weight(weight) => match product.unit {
            Unit::Kilogram => Article::of(variant, weight),
            Unit::Jin => Article::of(variant, Quantity(weight.0.saturating_mul(2))),
            Unit::Gram => Article::of(variant, Quantity(weight.0.saturating_mul(1000))),
            _ => return None,
        },
        // As much as costs at least that; the label's price is what is paid.
        Measure::Price(price) if known.price.0 > 0 && product.unit.divisible() => {
            let quantity = Quantity((price.0.checked_mul(1000)?.checked_add(known.price.0 - 1)?) / known.price.0);
            let off = known.price.ratio(quantity.0, 1000).ok()?.minus(price).ok()?.max(Minor::ZERO);
            Article { variant, quantity, off }
        }
        Measure::Price(_) => return None,
    };
    (article.quantity > Quantity::ZERO).then_some(article)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(burst: &mut Burst, text: &str, start: i64, each: i64) -> (Vec<Act>, i64) {
        let mut at = start;
        let acts = text.chars().map(|c| {
            let act = burst.key(&c.to_string(), at);
            at += each;
            act
        });
        (acts.collect(), at)
    }

    #[test]
    fn a_burst_is_a_code_and_typing_is_typing() {
        let mut burst = Burst::default();
        let (acts, at) = typed(&mut burst, "6900000000000", 0, 8);
        assert!(acts[..3].iter().all(|a| *a == Act::Leave) && acts[3..].iter().all(|a| *a == Act::Swallow));
        assert_eq!(burst.key("Enter", at), Act::Scanned("6900000000000".into()));
        let (acts, at) = typed(&mut burst, "12.50", at + 500, 120);
        assert!(acts.iter().all(|a| *a == Act::Leave));
        assert_eq!(burst.key("Enter", at), Act::Leave);
    }

    #[test]
    fn a_burst_that_ends_without_enter_gives_back_what_it_took() {
        let mut burst = Burst::default();
        typed(&mut burst, "abcdef", 0, 10);
        assert_eq!(burst.gave_up(), Err("def".into()));
        assert_eq!(burst.key("Enter", 60), Act::Leave);
    }

    #[test]
    fn a_scanner_may_end_with_a_tab_or_with_nothing() {
        let mut burst = Burst::default();
        let (_, at) = typed(&mut burst, "A-4711", 0, 8);
        assert_eq!(burst.key("Tab", at), Act::Scanned("A-4711".into()));
        typed(&mut burst, "4006381333931", 1000, 8);
        assert_eq!(burst.gave_up(), Ok("4006381333931".into()));
        // One digit short of a number, or one that does not check, is no article's.
        for wrong in ["400638133393", "4006381333932", "12345678901"] {
            typed(&mut burst, wrong, 5000, 8);
            assert!(burst.gave_up().is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_key_ends_a_burst() {
        let mut burst = Burst::default();
        typed(&mut burst, "123", 0, 5);
        assert_eq!(burst.key("Shift", 16), Act::Leave);
        assert_eq!(burst.key("Enter", 20), Act::Leave);
    }
}
