//! How the entries of a chunk become the bytes of a row: as packed columns where there are many of them, else as
//! postcard.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dictionary::Variants;
use super::packed::{Packer, Unpacker, code, uncode};
use crate::domain::goods::product::{Product, Variant};
use crate::domain::stock::{Level, Place};
use crate::domain::value::id::{Id, LocationId, ProductId, TaxId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

/// The most entries of a row that is read; rows that are written have a few hundred.
const MOST_ENTRIES: usize = 1 << 16;
/// The most variants in a row.
const MOST_VARIANTS: usize = 1 << 20;

/// Reads the entries of a row.
pub type Read<K, V> = fn(&[u8], &Variants) -> Option<Vec<(K, V)>>;
/// Writes the entries of a row.
pub type Write<K, V> = fn(&[(&K, &V)], &mut Variants) -> Vec<u8>;

/// Entries one after the other, as postcard.
pub fn write<K: Serialize, V: Serialize>(row: &[(&K, &V)], _: &mut Variants) -> Vec<u8> {
    postcard::to_stdvec(&row).unwrap_or_default()
}

/// Reads what [`write`] wrote; `None`, as with all readers here, when it is not what was written.
pub fn read<K: DeserializeOwned, V: DeserializeOwned>(bytes: &[u8], _: &Variants) -> Option<Vec<(K, V)>> {
    postcard::from_bytes(bytes).ok()
}

/// An entry whose rows are packed as columns.
pub trait Packed: Sized {
    type Value;

    fn write(row: &[(&Self, &Self::Value)], variants: &mut Variants) -> Vec<u8>;
    fn read(bytes: &[u8], variants: &Variants) -> Option<Vec<(Self, Self::Value)>>;
}

impl Packed for Place {
    type Value = Level;

    fn write(row: &[(&Self, &Level)], variants: &mut Variants) -> Vec<u8> {
        write_levels(row, variants)
    }

    fn read(bytes: &[u8], variants: &Variants) -> Option<Vec<(Self, Level)>> {
        read_levels(bytes, variants)
    }
}

impl Packed for ProductId {
    type Value = Product;

    fn write(row: &[(&Self, &Product)], variants: &mut Variants) -> Vec<u8> {
        write_products(row, variants)
    }

    fn read(bytes: &[u8], variants: &Variants) -> Option<Vec<(Self, Product)>> {
        read_products(bytes, variants)
    }
}

fn ids(to: &mut Packer, ids: Vec<&Id>) {
    to.ids(ids.into_iter().copied());
}

pub fn write_levels(row: &[(&Place, &Level)], variants: &mut Variants) -> Vec<u8> {
    let mut to = Packer::default();
    to.number(row.len() as u64);
    to.numbers(&row.iter().map(|((variant, _), _)| u64::from(variants.number(*variant))).collect::<Vec<_>>());
    to.ids(row.iter().map(|((_, location), _)| location.0));
    to.signed(row.iter().map(|(_, level)| level.on_hand.0));
    to.numbers(&row.iter().map(|(_, level)| level.movements).collect::<Vec<_>>());
    to.flags(row.iter().map(|(_, level)| level.opened));
    to.signed(row.iter().map(|(_, level)| level.corrected.0));
    to.done()
}

pub fn read_levels(bytes: &[u8], variants: &Variants) -> Option<Vec<(Place, Level)>> {
    let mut from = Unpacker(bytes);
    let count = from.count(MOST_ENTRIES)?;
    let (numbers, locations) = (from.numbers(count)?, from.ids(count)?);
    let (on_hand, movements, opened) = (from.signed(count)?, from.numbers(count)?, from.flags(count)?);
    let corrected = from.signed(count)?;
    let level = |i: usize| Level {
        on_hand: Quantity(on_hand[i]),
        movements: movements[i],
        opened: opened[i],
        corrected: Quantity(corrected[i]),
    };
    let entry = |i: usize| Some(((variants.id(numbers[i])?, LocationId(locations[i])), level(i)));
    if from.0.is_empty() { (0..count).map(entry).collect() } else { None }
}

pub fn write_products(row: &[(&ProductId, &Product)], numbers: &mut Variants) -> Vec<u8> {
    let mut to = Packer::default();
    let products = || row.iter().map(|(_, p)| *p);
    let texts = |to: &mut Packer, column: Vec<&str>| to.texts(&column);
    to.number(row.len() as u64);
    to.ids(row.iter().map(|(id, _)| id.0));
    to.ids(products().map(|p| p.id.0));
    texts(&mut to, products().map(|p| p.name.as_str()).collect());
    texts(&mut to, products().map(|p| p.category.as_str()).collect());
    to.numbers(&products().map(|p| code(&p.unit)).collect::<Vec<_>>());
    to.options(&products().map(|p| p.tax.map(|t| t.0)).collect::<Vec<_>>(), ids);
    to.flags(products().map(|p| p.active));
    to.numbers(&products().map(|p| p.variants.len() as u64).collect::<Vec<_>>());
    let variants = || products().flat_map(|p| &p.variants);
    to.numbers(&variants().map(|v| u64::from(numbers.number(v.id))).collect::<Vec<_>>());
    texts(&mut to, variants().map(|v| v.label.as_str()).collect());
    texts(&mut to, variants().map(|v| v.sku.as_str()).collect());
    texts(&mut to, variants().map(|v| v.barcode.as_str()).collect());
    to.signed(variants().map(|v| v.price.0));
    let low: Vec<Option<i64>> = variants().map(|v| v.low_at.map(|q| q.0)).collect();
    to.options(&low, |to, there| to.signed(there.into_iter().copied()));
    to.done()
}

pub fn read_products(bytes: &[u8], known: &Variants) -> Option<Vec<(ProductId, Product)>> {
    let mut from = Unpacker(bytes);
    let count = from.count(MOST_ENTRIES)?;
    let (keys, own) = (from.ids(count)?, from.ids(count)?);
    let (names, categories) = (from.texts(count)?, from.texts(count)?);
    let units = from.numbers(count)?;
    let taxes = from.options(count, |u, n| u.ids(n))?;
    let active = from.flags(count)?;
    let sizes = from.numbers(count)?;
    let all = sizes.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n))?;
    let all = usize::try_from(all).ok().filter(|n| *n <= MOST_VARIANTS)?;
    let numbers = from.numbers(all)?;
    let (labels, skus, barcodes) = (from.texts(all)?, from.texts(all)?, from.texts(all)?);
    let prices = from.signed(all)?;
    let low = from.options(all, |u, n| u.signed(n))?;
    if !from.0.is_empty() {
        return None;
    }
    let variant = |i: usize| {
        Some(Variant {
            id: known.id(numbers[i])?,
            label: labels.get(i)?.to_owned(),
            sku: skus.get(i)?.to_owned(),
            barcode: barcodes.get(i)?.to_owned(),
            price: Minor(prices[i]),
            low_at: low[i].map(Quantity),
        })
    };
    let mut first = 0;
    let product = |i: usize| {
        let of_it = first..first + sizes[i] as usize;
        first = of_it.end;
        let product = Product {
            id: ProductId(own[i]),
            name: names.get(i)?.to_owned(),
            category: categories.get(i)?.to_owned(),
            unit: uncode(units[i])?,
            tax: taxes[i].map(TaxId),
            active: active[i],
            variants: of_it.map(variant).collect::<Option<_>>()?,
        };
        Some((ProductId(keys[i]), product))
    };
    (0..count).map(product).collect()
}
