//! Articles: what lines of sealed orders say of what was sold, each once for the whole store.
//!
//! A shop sells the same things again and again. A block names them by number; names, codes and the variant stand here.
//! The list only grows, so a number means the same for ever, whatever becomes of the catalogue. It is read when the
//! first sealed order is opened, or sealed, not at opening.

use std::hash::BuildHasher;

use foldhash::HashMap;
use foldhash::fast::FixedState;

use super::dictionary::Variants;
use super::packed::{Packer, Strings, Unpacker, code, uncode};
use super::{Row, StoreError, Table, WriteBatch};
use crate::domain::order::Line;
use crate::domain::value::id::{Id, TaxId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Unit;

/// Articles in a row.
const ROW_ARTICLES: usize = 1024;
/// Of what is not in the catalogue.
const NO_VARIANT: u32 = u32::MAX;

/// See the module.
#[derive(Debug, Default)]
pub struct Articles {
    /// Numbers of variants.
    variants: Vec<u32>,
    names: Strings,
    skus: Strings,
    units: Vec<Unit>,
    taxes: Vec<Option<TaxId>>,
    rates: Vec<u32>,
    /// Price of the first line that sold each; later lines say how they differ.
    prices: Vec<i64>,
    /// Number of them that are stored already.
    kept: usize,
    /// By a hash over all of it; made when the first is looked for.
    numbers: HashMap<u64, u32>,
}

impl Articles {
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn load(rows: &[Row]) -> Result<Self, StoreError> {
        let mut list = Self::default();
        for (key, bytes) in rows {
            if *key != (list.len() / ROW_ARTICLES) as u64
                || list.len() % ROW_ARTICLES != 0
                || list.take_row(bytes).is_none()
            {
                return Err(StoreError::Corrupt { table: Table::Article, key: *key });
            }
        }
        list.kept = list.len();
        Ok(list)
    }

    pub fn len(&self) -> usize {
        self.variants.len()
    }

    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    fn take_row(&mut self, bytes: &[u8]) -> Option<()> {
        let mut from = Unpacker(bytes);
        let count = from.count(ROW_ARTICLES)?;
        let variants = from.options(count, Unpacker::numbers)?;
        for number in variants {
            self.variants.push(number.map_or(Some(NO_VARIANT), |n| u32::try_from(n).ok())?);
        }
        from.texts(count)?.iter().for_each(|name| self.names.push(name));
        from.texts(count)?.iter().for_each(|sku| self.skus.push(sku));
        for unit in from.numbers(count)? {
            self.units.push(uncode(unit)?);
        }
        let taxes = from.options(count, |u, n| u.ids(n))?;
        self.taxes.extend(taxes.into_iter().map(|id| id.map(TaxId)));
        for rate in from.numbers(count)? {
            self.rates.push(u32::try_from(rate).ok()?);
        }
        self.prices.extend(from.signed(count)?);
        from.0.is_empty().then_some(())
    }

    fn row(&self, first: usize, last: usize) -> Vec<u8> {
        let ids = |p: &mut Packer, ids: Vec<&Id>| p.ids(ids.into_iter().copied());
        let texts =
            |texts: &Strings| (first..last).map(|i| texts.get(i).unwrap_or_default().to_owned()).collect::<Vec<_>>();
        let mut to = Packer::default();
        to.number((last - first) as u64);
        let variants = self.variants[first..last].iter().map(|n| (*n != NO_VARIANT).then_some(u64::from(*n)));
        to.options(&variants.collect::<Vec<_>>(), |to, there| {
            to.numbers(&there.into_iter().copied().collect::<Vec<_>>());
        });
        for column in [texts(&self.names), texts(&self.skus)] {
            to.texts(&column.iter().map(String::as_str).collect::<Vec<_>>());
        }
        to.numbers(&self.units[first..last].iter().map(code).collect::<Vec<_>>());
        to.options(&self.taxes[first..last].iter().map(|t| t.map(|t| t.0)).collect::<Vec<_>>(), ids);
        to.numbers(&self.rates[first..last].iter().map(|r| u64::from(*r)).collect::<Vec<_>>());
        to.signed(self.prices[first..last].iter().copied());
        to.done()
    }

    fn hash(variant: u32, name: &str, sku: &str, unit: Unit, tax: Option<TaxId>, rate: u32) -> u64 {
        FixedState::default().hash_one((variant, name, sku, unit, tax, rate))
    }

    fn is(&self, i: usize, variant: u32, line: &Line) -> bool {
        self.variants[i] == variant
            && self.names.get(i) == Some(&line.name)
            && self.skus.get(i) == Some(&line.sku)
            && self.units[i] == line.unit
            && self.taxes[i] == line.tax_id
            && self.rates[i] == line.rate_bp
    }

    /// The number of what a line sells; a new one if it is new.
    pub fn number(&mut self, line: &Line, variants: &mut Variants) -> u32 {
        let variant = line.variant.map_or(NO_VARIANT, |id| variants.number(id));
        if self.numbers.is_empty() {
            for i in 0..self.len() {
                let (name, sku) = (self.names.get(i).unwrap_or_default(), self.skus.get(i).unwrap_or_default());
                let hash = Self::hash(self.variants[i], name, sku, self.units[i], self.taxes[i], self.rates[i]);
                self.numbers.insert(hash, i as u32);
            }
        }
        let hash = Self::hash(variant, &line.name, &line.sku, line.unit, line.tax_id, line.rate_bp);
        if let Some(known) = self.numbers.get(&hash).filter(|i| self.is(**i as usize, variant, line)) {
            return *known;
        }
        let number = self.len() as u32;
        self.variants.push(variant);
        self.names.push(&line.name);
        self.skus.push(&line.sku);
        self.units.push(line.unit);
        self.taxes.push(line.tax_id);
        self.rates.push(line.rate_bp);
        self.prices.push(line.unit_price.0);
        self.numbers.insert(hash, number);
        number
    }

    /// Returns the price of the first line that sold it.
    pub fn price(&self, number: u32) -> i64 {
        self.prices.get(number as usize).copied().unwrap_or_default()
    }

    /// A line with what is known of its article; quantity and amounts are still to come.
    pub fn line(&self, number: u64, variants: &Variants) -> Option<Line> {
        let i = usize::try_from(number).ok().filter(|i| *i < self.len())?;
        let variant = self.variants[i];
        Some(Line {
            variant: if variant == NO_VARIANT { None } else { Some(variants.id(u64::from(variant))?) },
            name: self.names.get(i)?.to_owned(),
            sku: self.skus.get(i)?.to_owned(),
            unit: self.units[i],
            quantity: Default::default(),
            unit_price: Minor(self.prices[i]),
            discount: Minor(0),
            tax_id: self.taxes[i],
            rate_bp: self.rates[i],
            net: Minor(0),
            tax: Minor(0),
        })
    }

    /// Puts what was added since the last sealing into a batch.
    pub fn seal(&self, batch: &mut WriteBatch) {
        if self.kept == self.len() {
            return;
        }
        for first in (self.kept / ROW_ARTICLES * ROW_ARTICLES..self.len()).step_by(ROW_ARTICLES) {
            let last = (first + ROW_ARTICLES).min(self.len());
            batch.put(Table::Article, (first / ROW_ARTICLES) as u64, self.row(first, last));
        }
    }

    /// To be called once a sealed batch is committed.
    pub fn sealed(&mut self) {
        self.kept = self.len();
    }
}
