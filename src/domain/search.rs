//! Search-as-you-type over variants: name, pinyin initials, SKU, barcode.

use std::collections::HashMap;

use super::book::Book;
use super::id::VariantId;

/// The first letter of a character's reading.
///
/// The common characters stand in GB 2312 in the order of their readings, so the letter follows from the code; the
/// browser knows the codes already and nothing has to be downloaded.
#[derive(Clone, Debug, Default)]
pub struct Initials(HashMap<char, u8>);

/// Where each letter begins among the codes of GB 2312, level 1. There is no I, U or V. Source: GB 2312-80.
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
        let codes: Vec<u16> =
            (0xB0..=0xD7_u16).flat_map(|hi| (0xA1..=0xFE_u16).map(move |lo| hi << 8 | lo)).filter(|c| *c <= LAST).collect();
        let bytes: Vec<u8> = codes.iter().flat_map(|c| c.to_be_bytes()).collect();
        let letter = |code: u16| LETTERS.iter().rev().find(|(from, _)| *from <= code).map_or(b'a', |(_, l)| *l);
        Self(decode(&bytes).chars().zip(codes).map(|(c, code)| (c, letter(code))).collect())
    }

    /// The initials of the characters in a text; other characters are passed over.
    pub fn of(&self, text: &str) -> String {
        text.chars().filter_map(|c| self.0.get(&c).map(|l| char::from(*l))).collect()
    }
}

/// One variant in the index.
#[derive(Clone, Debug)]
struct Entry {
    variant: VariantId,
    /// Everything that can be looked for, in small letters.
    text: Box<str>,
    name_len: usize,
}

/// All variants that are sold, by name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    entries: Vec<Entry>,
    by_code: HashMap<Box<str>, VariantId>,
}

impl Index {
    pub fn build(book: &Book, initials: &Initials) -> Self {
        let mut entries = Vec::new();
        let mut by_code = HashMap::new();
        for product in book.products.iter().map(|(_, p)| p).filter(|p| p.active) {
            let name_initials = initials.of(&product.name);
            for v in &product.variants {
                let name = product.line_name(v).to_lowercase();
                let text = format!("{name}\u{1f}{name_initials}\u{1f}{}\u{1f}{}", v.sku.to_lowercase(), v.barcode);
                entries.push(Entry { variant: v.id, name_len: name.len(), text: text.into() });
                for code in [&v.sku, &v.barcode].into_iter().filter(|c| !c.is_empty()) {
                    by_code.insert(code.to_lowercase().into(), v.id);
                }
            }
        }
        entries.sort_by(|a, b| a.text.cmp(&b.text));
        Self { entries, by_code }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The variant with exactly this SKU or barcode.
    pub fn exact(&self, code: &str) -> Option<VariantId> {
        self.by_code.get(code.trim().to_lowercase().as_str()).copied()
    }

    /// Variants in which every word is found, names that begin with the first word before others.
    pub fn find(&self, query: &str) -> Vec<VariantId> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let Some(first) = words.first() else { return self.entries.iter().map(|e| e.variant).collect() };
        let mut found: Vec<(bool, &Entry)> = self
            .entries
            .iter()
            .filter(|e| words.iter().all(|w| e.text.contains(w)))
            .map(|e| (!e.text[..e.name_len].starts_with(first), e))
            .collect();
        found.sort_by_key(|(late, _)| *late);
        found.into_iter().map(|(_, e)| e.variant).collect()
    }
}
