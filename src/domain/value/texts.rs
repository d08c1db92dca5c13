//! Many short texts in one string, so that looking for something is one pass over memory.

use memchr::memmem::{FinderBuilder, Prefilter};

/// See the module. Rows are numbered in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Each row ends with a line break.
    all: String,
    /// The place where each row ends, behind its line break.
    ends: Vec<u32>,
}

impl Texts {
    pub fn with_capacity(rows: usize) -> Self {
        Self { all: String::with_capacity(rows * 16), ends: Vec::with_capacity(rows) }
    }

    /// Room for so many more rows as long as those there are, and no more.
    pub fn reserve(&mut self, rows: usize) {
        let each = self.all.len() / self.len().max(1) + 1;
        self.ends.reserve_exact(rows);
        self.all.reserve_exact(rows.saturating_mul(each));
    }

    /// Adds a row. Line breaks in it read as spaces.
    pub fn push(&mut self, text: &str) {
        if text.contains('\n') {
            self.all.push_str(&text.replace('\n', " "));
        } else {
            self.all.push_str(text);
        }
        self.all.push('\n');
        self.ends.push(self.all.len() as u32);
    }

    /// Adds a row of two texts with a space between them, in small letters.
    pub fn push_lower(&mut self, [first, second]: [&str; 2]) {
        if first.is_ascii() && second.is_ascii() && !first.contains('\n') && !second.contains('\n') {
            let start = self.all.len();
            self.all.push_str(first);
            self.all.push(' ');
            self.all.push_str(second);
            self.all[start..].make_ascii_lowercase();
            self.all.push('\n');
            self.ends.push(self.all.len() as u32);
        } else {
            self.push(&format!("{first} {second}").to_lowercase());
        }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)? as usize - 1;
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        self.all.get(start..end)
    }

    /// Rows in which a text stands, in order.
    pub fn rows_with(&self, text: &str, mut each: impl FnMut(usize)) {
        if text.is_empty() {
            (0..self.len()).for_each(each);
            return;
        }
        // Short words are in many rows, where a prefilter costs more than it saves.
        let finder = FinderBuilder::new().prefilter(Prefilter::None).build_forward(text);
        let bytes = self.all.as_bytes();
        let (mut from, mut row) = (0, 0);
        let next = |from: usize| match text.as_bytes() {
            [letter] => memchr::memchr(*letter, &bytes[from..]),
            _ => finder.find(&bytes[from..]),
        };
        while let Some(hit) = next(from) {
            while self.ends[row] as usize <= from + hit {
                row += 1;
            }
            // A text with a line break in it stands in no row.
            if from + hit + text.len() <= self.ends[row] as usize {
                each(row);
            }
            from = self.ends[row] as usize;
            row += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_with_a_text_are_those_that_contain_it(rows in prop::collection::vec("[abé茶 ]{0,6}", 0..20), text in "[abé茶]{0,3}") {
            let mut texts = Texts::default();
            rows.iter().for_each(|r| texts.push(r));
            let mut found = Vec::new();
            texts.rows_with(&text, |row| found.push(row));
            let expected: Vec<usize> = rows.iter().enumerate().filter(|(_, r)| r.contains(&text)).map(|(i, _)| i).collect();
            prop_assert_eq!(found, expected);
            for (i, row) in rows.iter().enumerate() {
                prop_assert_eq!(texts.get(i), Some(row.as_str()));
            }
            let mut lower = Texts::default();
            for two in rows.chunks_exact(2) {
                lower.push_lower([&two[0].to_uppercase(), &two[1]]);
                let expected = format!("{} {}", two[0].to_uppercase(), two[1]).to_lowercase();
                prop_assert_eq!(lower.get(lower.len() - 1), Some(expected.as_str()));
            }
        }
    }
}
