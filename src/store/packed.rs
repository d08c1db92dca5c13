//! Packed columns: what many things of one kind have in common is written once.
//!
//! A column is a list of numbers, identifiers, texts or bytes whose length the reader knows. Each is written in the
//! shortest of a few forms, chosen by trying; readers take any form, so a better choice needs no new version. Numbers
//! are LEB128 varints unless a form says otherwise. Nothing is compressed here: on the wire HTTP does that, and better
//! than rows could.
//!
//! Bytes are hostile: every read checks, and nothing is set aside for more than the bytes could hold.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::value::id::Id;

/// All are the same number.
const SAME: u8 = 0;
/// Each as a varint.
const VARINTS: u8 = 1;
/// Each in so many bytes, little-endian; the next byte says how many.
const FIXED: u8 = 2;
/// The first, and how each differs from the one before it, as a column of zigzag numbers.
const STEPS: u8 = 3;

/// Texts, each as how much it shares with the one before it, and the rest.
const SHARED: u8 = 0;
/// Texts, each as its number among those that differ.
const DISTINCT: u8 = 1;
/// Texts that end in digits: what stands before, how many digits, and their number.
const NUMBERED: u8 = 2;

/// Steps of steps, and distinct heads of numbered texts, are as far as it goes.
const DEEP: u8 = 2;

/// The most digits that are read as one number.
const MOST_DIGITS: usize = 18;

pub fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

pub fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// One of a few, as its number among them.
pub fn code<T: Serialize>(value: &T) -> u64 {
    postcard::to_stdvec(value).ok().and_then(|bytes| Unpacker(&bytes).number()).unwrap_or_default()
}

/// Returns the value of a number; `None` when none has it.
pub fn uncode<T: DeserializeOwned>(code: u64) -> Option<T> {
    let mut packer = Packer::default();
    packer.number(code);
    postcard::from_bytes(&packer.0).ok()
}

fn length(n: u64) -> usize {
    (64 - (n | 1).leading_zeros() as usize).div_ceil(7)
}

/// Writes columns one after the other.
#[derive(Default)]
pub struct Packer(Vec<u8>);

impl Packer {
    pub fn done(self) -> Vec<u8> {
        self.0
    }

    /// Bytes as they are; whoever reads them knows how many.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    /// A column of numbers. An empty one takes nothing.
    pub fn numbers(&mut self, column: &[u64]) {
        self.numbers_in(column, DEEP);
    }

    fn numbers_in(&mut self, column: &[u64], deep: u8) {
        let Some(first) = column.first() else { return };
        if column.iter().all(|n| n == first) {
            self.0.push(SAME);
            return self.number(*first);
        }
        let steps: Vec<u64> = column.windows(2).map(|w| zigzag(w[1].wrapping_sub(w[0]) as i64)).collect();
        let varints: usize = column.iter().map(|n| length(*n)).sum();
        let widest = column.iter().copied().max().map_or(1, |n| (64 - (n | 1).leading_zeros()).div_ceil(8) as usize);
        let fixed = widest * column.len() + 1;
        let steady = steps.iter().all(|s| *s == steps[0]);
        let stepped =
            1 + length(*first) + if steady { 1 + length(steps[0]) } else { steps.iter().map(|s| length(*s)).sum() };
        if deep > 0 && stepped < varints && stepped < fixed {
            self.0.push(STEPS);
            self.number(*first);
            self.numbers_in(&steps, deep - 1);
        } else if fixed < varints {
            self.0.extend([FIXED, widest as u8]);
            column.iter().for_each(|n| self.0.extend_from_slice(&n.to_le_bytes()[..widest]));
        } else {
            self.0.push(VARINTS);
            column.iter().for_each(|n| self.number(*n));
        }
    }

    pub fn signed(&mut self, column: impl IntoIterator<Item = i64>) {
        let column: Vec<u64> = column.into_iter().map(zigzag).collect();
        self.numbers(&column);
    }

    pub fn flags(&mut self, column: impl IntoIterator<Item = bool>) {
        let column: Vec<u64> = column.into_iter().map(u64::from).collect();
        self.numbers(&column);
    }

    pub fn ids(&mut self, column: impl IntoIterator<Item = Id>) {
        let (replicas, ns): (Vec<u64>, Vec<u64>) = column.into_iter().map(|id| (u64::from(id.replica), id.n)).unzip();
        self.numbers(&replicas);
        self.numbers(&ns);
    }

    /// A column in which some are missing: which are there, and those.
    pub fn options<T>(&mut self, column: &[Option<T>], each: impl FnOnce(&mut Self, Vec<&T>)) {
        self.flags(column.iter().map(Option::is_some));
        each(self, column.iter().flatten().collect());
    }

    /// A column of texts. An empty one takes nothing.
    pub fn texts(&mut self, column: &[&str]) {
        self.texts_in(column, DEEP);
    }

    fn texts_in(&mut self, column: &[&str], deep: u8) {
        if column.is_empty() {
            return;
        }
        let shorter = deep.checked_sub(1).map(|deep| [Self::distinct(column, deep), Self::numbered(column, deep)]);
        let forms = std::iter::once(Self::shared(column)).chain(shorter.into_iter().flatten().flatten());
        if let Some(shortest) = forms.min_by_key(Vec::len) {
            self.0.extend_from_slice(&shortest);
        }
    }

    fn shared(column: &[&str]) -> Vec<u8> {
        let mut packer = Self(vec![SHARED]);
        let mut before: &[u8] = &[];
        let (mut shares, mut rests, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
        for text in column {
            let text = text.as_bytes();
            let share = text.iter().zip(before).take_while(|(a, b)| a == b).count();
            shares.push(share as u64);
            rests.push((text.len() - share) as u64);
            bytes.extend_from_slice(&text[share..]);
            before = text;
        }
        packer.numbers(&shares);
        packer.numbers(&rests);
        packer.0.extend_from_slice(&bytes);
        packer.0
    }

    fn distinct(column: &[&str], deep: u8) -> Option<Vec<u8>> {
        let (mut known, mut list) = (HashMap::new(), Vec::new());
        let mut numbers = Vec::with_capacity(column.len());
        for text in column {
            numbers.push(*known.entry(*text).or_insert_with(|| {
                list.push(*text);
                list.len() as u64 - 1
            }));
            if list.len() * 2 > column.len() {
                return None;
            }
        }
        let mut packer = Self(vec![DISTINCT]);
        packer.number(list.len() as u64);
        packer.texts_in(&list, deep);
        packer.numbers(&numbers);
        Some(packer.0)
    }

    fn numbered(column: &[&str], deep: u8) -> Option<Vec<u8>> {
        let mut heads = Vec::with_capacity(column.len());
        let (mut widths, mut numbers) = (Vec::new(), Vec::new());
        for text in column {
            let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count().min(MOST_DIGITS);
            let (head, tail) = text.split_at(text.len() - digits);
            heads.push(head);
            widths.push(digits as u64);
            numbers.push(tail.parse().unwrap_or(0));
        }
        if widths.iter().all(|w| *w == 0) {
            return None;
        }
        let mut packer = Self(vec![NUMBERED]);
        packer.texts_in(&heads, deep);
        packer.numbers(&widths);
        packer.numbers(&numbers);
        Some(packer.0)
    }

    /// Bytes, each one's number among those that differ.
    pub fn blobs(&mut self, column: &[Vec<u8>]) {
        let (mut known, mut list) = (HashMap::new(), Vec::new());
        let numbers: Vec<u64> = column
            .iter()
            .map(|bytes| {
                *known.entry(bytes).or_insert_with(|| {
                    list.push(bytes);
                    list.len() as u64 - 1
                })
            })
            .collect();
        if column.is_empty() {
            return;
        }
        self.number(list.len() as u64);
        self.numbers(&list.iter().map(|b| b.len() as u64).collect::<Vec<_>>());
        list.iter().for_each(|bytes| self.0.extend_from_slice(bytes));
        self.numbers(&numbers);
    }
}

/// Reads columns in the order in which they were written; `None` when they are not what was written.
#[derive(Clone, Copy)]
pub struct Unpacker<'a>(pub &'a [u8]);

impl<'a> Unpacker<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    /// Reads how many of something follow; `None` for more than there may be.
    pub fn count(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|n| *n <= most)
    }

    pub fn numbers(&mut self, count: usize) -> Option<Vec<u64>> {
        self.numbers_in(count, DEEP)
    }

    fn numbers_in(&mut self, count: usize, deep: u8) -> Option<Vec<u64>> {
        if count == 0 {
            return Some(Vec::new());
        }
        match self.byte()? {
            SAME => Some(vec![self.number()?; count]),
            VARINTS => {
                let mut column = Vec::with_capacity(count.min(self.0.len()));
                for _ in 0..count {
                    column.push(self.number()?);
                }
                Some(column)
            }
            FIXED => {
                let width = usize::from(self.byte()?);
                if !(1..=8).contains(&width) {
                    return None;
                }
                let bytes = self.take(width.checked_mul(count)? as u64)?;
                let read = |chunk: &[u8]| {
                    let mut wide = [0; 8];
                    wide[..width].copy_from_slice(chunk);
                    u64::from_le_bytes(wide)
                };
                Some(bytes.chunks_exact(width).map(read).collect())
            }
            STEPS if deep > 0 => {
                let mut n = self.number()?;
                let steps = self.numbers_in(count - 1, deep - 1)?;
                let mut column = Vec::with_capacity(count);
                column.push(n);
                column.extend(steps.into_iter().map(|step| {
                    n = n.wrapping_add(unzigzag(step) as u64);
                    n
                }));
                Some(column)
            }
            _ => None,
        }
    }

    pub fn signed(&mut self, count: usize) -> Option<Vec<i64>> {
        Some(self.numbers(count)?.into_iter().map(unzigzag).collect())
    }

    pub fn flags(&mut self, count: usize) -> Option<Vec<bool>> {
        Some(self.numbers(count)?.into_iter().map(|n| n != 0).collect())
    }

    pub fn ids(&mut self, count: usize) -> Option<Vec<Id>> {
        let (replicas, ns) = (self.numbers(count)?, self.numbers(count)?);
        replicas.into_iter().zip(ns).map(|(replica, n)| Some(Id { replica: u32::try_from(replica).ok()?, n })).collect()
    }

    /// A column in which some are missing; those that are there come from `each`.
    pub fn options<T>(
        &mut self,
        count: usize,
        each: impl FnOnce(&mut Self, usize) -> Option<Vec<T>>,
    ) -> Option<Vec<Option<T>>> {
        let there = self.flags(count)?;
        let mut values = each(self, there.iter().filter(|t| **t).count())?.into_iter();
        there.into_iter().map(|there| if there { values.next().map(Some) } else { Some(None) }).collect()
    }

    /// Texts, one after the other in one string, and where each ends.
    pub fn texts(&mut self, count: usize) -> Option<Strings> {
        self.texts_in(count, DEEP)
    }

    fn texts_in(&mut self, count: usize, deep: u8) -> Option<Strings> {
        let mut strings = Strings { all: String::new(), ends: Vec::with_capacity(count.min(self.0.len())) };
        if count == 0 {
            return Some(strings);
        }
        match self.byte()? {
            SHARED => {
                let (shares, rests) = (self.numbers(count)?, self.numbers(count)?);
                let bytes = self.take(rests.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n))?)?;
                let (mut all, mut from, mut start): (Vec<u8>, _, _) = (Vec::with_capacity(bytes.len() * 2), 0, 0);
                for (share, rest) in shares.into_iter().zip(rests) {
                    let (share, rest) = (usize::try_from(share).ok()?, rest as usize);
                    if share > all.len() - start || all.len() > MOST_TEXT {
                        return None;
                    }
                    let before = start;
                    start = all.len();
                    all.extend_from_within(before..before + share);
                    all.extend_from_slice(&bytes[from..from + rest]);
                    from += rest;
                    strings.ends.push(all.len() as u32);
                }
                strings.all = String::from_utf8(all).ok()?;
                // A text ends where a character does.
                strings.ends.iter().all(|end| strings.all.is_char_boundary(*end as usize)).then_some(strings)
            }
            DISTINCT if deep > 0 => {
                let distinct = self.count(count)?;
                let list = self.texts_in(distinct, deep - 1)?;
                for n in self.numbers(count)? {
                    strings.push_read(list.get(usize::try_from(n).ok()?)?)?;
                }
                Some(strings)
            }
            NUMBERED if deep > 0 => {
                let heads = self.texts_in(count, deep - 1)?;
                let (widths, numbers) = (self.numbers(count)?, self.numbers(count)?);
                for (i, (width, number)) in widths.into_iter().zip(numbers).enumerate() {
                    let width = usize::try_from(width).ok().filter(|w| *w <= MOST_DIGITS)?;
                    let mut digits = [b'0'; MOST_DIGITS];
                    let (mut left, mut end) = (number, width);
                    while end > 0 && left > u64::from(u32::MAX) {
                        end -= 1;
                        digits[end] = b'0' + (left % 10) as u8;
                        left /= 10;
                    }
                    // Most numbers are small, and those are divided quicker.
                    let mut left = u32::try_from(left).ok()?;
                    while end > 0 && left > 0 {
                        end -= 1;
                        digits[end] = b'0' + (left % 10) as u8;
                        left /= 10;
                    }
                    if left > 0 {
                        return None;
                    }
                    strings.all.push_str(heads.get(i)?);
                    strings.push_read(std::str::from_utf8(&digits[..width]).ok()?)?;
                }
                Some(strings)
            }
            _ => None,
        }
    }

    pub fn blobs(&mut self, count: usize) -> Option<Vec<&'a [u8]>> {
        if count == 0 {
            return Some(Vec::new());
        }
        let distinct = self.count(count)?;
        let mut list = Vec::with_capacity(distinct.min(self.0.len()));
        for length in self.numbers(distinct)? {
            list.push(self.take(length)?);
        }
        self.numbers(count)?.into_iter().map(|n| list.get(usize::try_from(n).ok()?).copied()).collect()
    }
}

/// More text than a row of ours ever has.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// Texts of a column.
#[derive(Debug, Default)]
pub struct Strings {
    all: String,
    ends: Vec<u32>,
}

impl Strings {
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len() as u32);
    }

    /// [`Self::push`], as far as a row may have so much text.
    fn push_read(&mut self, text: &str) -> Option<()> {
        self.push(text);
        (self.all.len() <= MOST_TEXT).then_some(())
    }

    pub fn get(&self, i: usize) -> Option<&str> {
        let start = if i == 0 { 0 } else { *self.ends.get(i - 1)? };
        self.all.get(start as usize..*self.ends.get(i)? as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|i| self.get(i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        let steady = (any::<u64>(), any::<i32>(), 0..20_usize).prop_map(|(n, step, count)| {
            (0..count as u64).map(|i| n.wrapping_add((i64::from(step) as u64).wrapping_mul(i))).collect()
        });
        prop_oneof![
            prop::collection::vec(any::<u64>(), 0..40),
            prop::collection::vec(0..300_u64, 0..40),
            (any::<u64>(), 0..20_usize).prop_map(|(n, count)| vec![n; count]),
            steady,
        ]
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop_oneof![
            prop::collection::vec("[a茶é0-9 ]{0,12}", 0..30),
            prop::collection::vec("SKU-0[0-9]{1,24}", 0..30),
            prop::collection::vec("(S|M|L|)", 0..30),
        ]
    }

    proptest! {
        #[test]
        fn columns_read_back(numbers in numbers(), texts in texts(), blobs in prop::collection::vec("[ab]{0,3}", 0..20)) {
            let mut packer = Packer::default();
            packer.numbers(&numbers);
            packer.texts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let blobs: Vec<Vec<u8>> = blobs.into_iter().map(String::into_bytes).collect();
            packer.blobs(&blobs);
            let signed: Vec<i64> = numbers.iter().map(|n| *n as i64).collect();
            packer.signed(signed.iter().copied());
            let options: Vec<Option<u64>> = numbers.iter().map(|n| (n % 3 > 0).then_some(*n)).collect();
            packer.options(&options, |p, there| p.numbers(&there.into_iter().copied().collect::<Vec<_>>()));
            let bytes = packer.done();
            let mut unpacker = Unpacker(&bytes);
            prop_assert_eq!(unpacker.numbers(numbers.len()), Some(numbers.clone()));
            let read = unpacker.texts(texts.len()).expect("texts");
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), texts);
            prop_assert_eq!(unpacker.blobs(blobs.len()).expect("blobs"), blobs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(unpacker.signed(signed.len()), Some(signed));
            prop_assert_eq!(unpacker.options(options.len(), |u, count| u.numbers(count)), Some(options));
            prop_assert!(unpacker.0.is_empty());
        }

        #[test]
        fn hostile_bytes_are_refused_or_read_and_never_more(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0..1_000_usize) {
            let _ = Unpacker(&bytes).numbers(count);
            let _ = Unpacker(&bytes).texts(count);
            let _ = Unpacker(&bytes).blobs(count);
            let _ = Unpacker(&bytes).ids(count);
            let _ = Unpacker(&bytes).options(count, |u, n| u.signed(n));
        }
    }

    #[test]
    fn what_follows_a_rule_takes_next_to_nothing() {
        let packed = |column: &[&str]| {
            let mut packer = Packer::default();
            packer.texts(column);
            packer.done().len()
        };
        let running: Vec<String> = (0..1_000).map(|n| format!("SKU-{n:06}")).collect();
        assert!(packed(&running.iter().map(String::as_str).collect::<Vec<_>>()) < 30);
        let sizes: Vec<&str> = (0..1_000).map(|n| ["S", "M", "L", "XL"][n % 4]).collect();
        assert!(packed(&sizes) < 1_030);
        let mut packer = Packer::default();
        packer.numbers(&(0..1_000).map(|n| 1_700_000_000_000 + n * 340_000).collect::<Vec<_>>());
        assert!(packer.done().len() < 20);
    }
}
