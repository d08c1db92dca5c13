//! Search-as-you-type over variants: name, pinyin initials, SKU, barcode.

use std::collections::HashMap;

use crate::domain::book::Book;
use crate::domain::goods::product::Product;
use crate::domain::value::id::VariantId;
use crate::domain::value::texts::Texts;

/// The first letter of a character's reading.
///
/// The common characters stand in GB 2312 in the order of their readings, so the letter follows from the code; the
/// browser knows the codes already and nothing has to be downloaded.
#[derive(Clone, Debug, Default)]
pub struct Initials(HashMap<char, u8>);

/// The places where letters begin among the codes of GB 2312, level 1. There is no I, U or V. Source: GB 2312-80.
const LETTERS: [(u16, u8); 23] = [
    (0xB0A1, b'a'),
    (0xB0C5, b'b'),
    (0xB2C1, b'c'),
    (0xB4EE, b'd'),
    (0xB6EA, b'e'),
    (0xB7A2, b'f'),
    (0xB8C1, b'g'),
    (0xB9FE, b'h'),
    (0xBBF7, b'j'),
    (0xBFA6, b'k'),
    (0xC0AC, b'l'),
    (0xC2E8, b'm'),
    (0xC4C3, b'n'),
    (0xC5B6, b'o'),
    (0xC5BE, b'p'),
    (0xC6DA, b'q'),
    (0xC8BB, b'r'),
    (0xC8F6, b's'),
    (0xCBFA, b't'),
    (0xCDDA, b'w'),
    (0xCEF4, b'x'),
    (0xD1B9, b'y'),
    (0xD4D1, b'z'),
];
const LAST: u16 = 0xD7F9;

impl Initials {
    /// Builds the table with a decoder of GB 18030.
    pub fn new(decode: impl Fn(&[u8]) -> String) -> Self {
        let codes: Vec<u16> = (0xB0..=0xD7_u16)
            .flat_map(|hi| (0xA1..=0xFE_u16).map(move |lo| hi << 8 | lo))
            .filter(|c| *c <= LAST)
            .collect();
        let bytes: Vec<u8> = codes.iter().flat_map(|c| c.to_be_bytes()).collect();
        let letter = |code: u16| LETTERS.iter().rev().find(|(from, _)| *from <= code).map_or(b'a', |(_, l)| *l);
        Self(decode(&bytes).chars().zip(codes).map(|(c, code)| (c, letter(code))).collect())
    }

    /// The initials of the characters in a text; other characters are passed over.
    pub fn of(&self, text: &str) -> String {
        text.chars().filter_map(|c| self.0.get(&c).map(|l| char::from(*l))).collect()
    }
}

/// Products that are sold, by name.
pub fn by_name(book: &Book) -> Vec<(String, &Product)> {
    let sold = book.products.iter().map(|(_, p)| p).filter(|p| p.active);
    let mut products: Vec<(String, &Product)> = sold.map(|p| (p.name.to_lowercase(), p)).collect();
    products.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
    products
}

/// Stands before and after a SKU or a barcode.
const CODE: char = '\u{1f}';

/// All variants that are sold, by name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    variants: Vec<VariantId>,
    /// Everything that can be looked for, in small letters, the name first.
    texts: Texts,
}

impl Index {
    pub fn build(book: &Book, initials: &Initials) -> Self {
        let mut index = Self {
            variants: Vec::with_capacity(book.variants.len()),
            texts: Texts::with_capacity(book.variants.len()),
        };
        let mut text = String::new();
        for (name, product) in by_name(book) {
            let letters = initials.of(&product.name);
            for v in &product.variants {
                text.clear();
                text.push_str(&name);
                for part in [v.label.as_str(), &letters] {
                    text.push(' ');
                    text.extend(part.chars().flat_map(char::to_lowercase));
                }
                for code in [&v.sku, &v.barcode] {
                    text.push(CODE);
                    text.extend(code.chars().flat_map(char::to_lowercase));
                }
                text.push(CODE);
                index.variants.push(v.id);
                index.texts.push(&text);
            }
        }
        index
    }

    pub fn len(&self) -> usize {
        self.variants.len()
    }

    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    /// The variant with exactly this SKU or barcode.
    pub fn exact(&self, code: &str) -> Option<VariantId> {
        let code = code.trim().to_lowercase();
        if code.is_empty() || code.contains(CODE) {
            return None;
        }
        let mut found = None;
        self.texts.rows_with(&format!("{CODE}{code}{CODE}"), |row| found = found.or(Some(self.variants[row])));
        found
    }

    /// Variants in which every word is found, names that begin with the first word before others.
    pub fn find(&self, query: &str) -> Vec<VariantId> {
        let query = query.to_lowercase();
        let mut words = query.split_whitespace();
        let Some(first) = words.next() else { return self.variants.clone() };
        let others: Vec<&str> = words.collect();
        let (mut early, mut late) = (Vec::new(), Vec::new());
        self.texts.rows_with(first, |row| {
            let text = self.texts.get(row).unwrap_or_default();
            if others.iter().all(|word| text.contains(word)) {
                if text.starts_with(first) { &mut early } else { &mut late }.push(self.variants[row]);
            }
        });
        early.append(&mut late);
        early
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::domain::book::layered::Layer;
    use crate::domain::value::id::ProductId;

    #[test]
    fn names_are_in_the_order_of_their_small_letters_and_equal_ones_in_that_of_their_identifiers() {
        let names = [
            "",
            "b",
            "B",
            "a\u{0}",
            "a",
            "Abcdefgh",
            "abcdefghZ",
            "ABCDEFGHy",
            "茶",
            "茶杯",
            "茶杯大",
            "茶杯小",
            "Ébène",
            "zz",
            "İx",
            "ß",
        ];
        let mut book = Book::default();
        let mut expected = Vec::new();
        for (n, name) in names.iter().chain(&names).enumerate() {
            let id = ProductId(crate::domain::value::id::Id::derived("product", "test", &n.to_string()));
            let name = (*name).to_owned();
            expected.push((name.to_lowercase(), id));
            book.products.put(Layer::Confirmed, id, Product { id, name, active: true, ..Product::default() });
        }
        expected.sort();
        let found: Vec<ProductId> = by_name(&book).into_iter().map(|(_, p)| p.id).collect();
        assert_eq!(found, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    }
}
