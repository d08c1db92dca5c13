//! A preview cut into batches: what goes into one transaction, and what travels from the reader to the page at once.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{ImportedOrder, Preview};
use crate::domain::goods::product::Product;
use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;

/// Things in one transaction: each is up to three events and what rules add, of the thousand that one may have.
const MOST_THINGS: usize = 200;
/// Variants in one transaction: each may bring a movement with it.
const MOST_VARIANTS: usize = 400;
/// Size of the things in one transaction as JSON, about: less than half of what the server takes even if each
/// letter has to be escaped. Units: bytes.
const MOST_BYTES: usize = 250_000;

/// Some of what a file holds, for one transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    pub products: Vec<Product>,
    /// Levels that the file gives with these products.
    pub opening: Vec<(VariantId, Quantity)>,
    pub orders: Vec<ImportedOrder>,
}

/// A preview with where it is cut: first products, then orders.
#[derive(Debug, Default)]
pub struct Batches {
    preview: Preview,
    opening: HashMap<VariantId, Quantity>,
    products: Vec<Range<usize>>,
    orders: Vec<Range<usize>>,
}

impl Batches {
    pub fn of(preview: Preview) -> Self {
        let text = |own: usize, texts: &[&str]| own + texts.iter().map(|t| t.len()).sum::<usize>();
        let products = cut(&preview.products, |p| {
            let variants = p.variants.iter().map(|v| text(350, &[&v.label, &v.sku, &v.barcode])).sum::<usize>();
            (p.variants.len(), text(150, &[&p.name, &p.category]) + variants)
        });
        let orders = cut(&preview.orders, |o| {
            let lines = o.placed.lines.iter().map(|l| text(220, &[&l.name, &l.sku])).sum::<usize>();
            let person = text(
                500,
                &[&o.person.name, &o.person.phone, &o.person.email, &o.person.address, &o.person.address, &o.note],
            );
            (0, 600 + person + lines)
        });
        let opening = preview.opening.iter().copied().collect();
        Self { preview, opening, products, orders }
    }

    /// The batch at a place; `None` past the last.
    pub fn get(&self, at: usize) -> Option<Batch> {
        let Some(orders) = at.checked_sub(self.products.len()) else {
            let products = self.preview.products[self.products[at].clone()].to_vec();
            let variants = products.iter().flat_map(|p| &p.variants);
            let opening = variants.filter_map(|v| Some((v.id, *self.opening.get(&v.id)?))).collect();
            return Some(Batch { products, opening, ..Batch::default() });
        };
        let range = self.orders.get(orders)?.clone();
        Some(Batch { orders: self.preview.orders[range].to_vec(), ..Batch::default() })
    }

    pub fn iter(&self) -> impl Iterator<Item = Batch> + '_ {
        (0..).map_while(|at| self.get(at))
    }

    /// Counts the things in all of them.
    pub fn things(&self) -> usize {
        self.preview.products.len() + self.preview.orders.len()
    }

    pub fn preview(&self) -> &Preview {
        &self.preview
    }
}

/// Cuts a list by number, by pieces and by bytes.
fn cut<T>(things: &[T], size: impl Fn(&T) -> (usize, usize)) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut pieces, mut bytes) = (0, 0, 0);
    for (at, thing) in things.iter().enumerate() {
        let (own_pieces, own_bytes) = size(thing);
        let full = at - start >= MOST_THINGS || pieces + own_pieces > MOST_VARIANTS || bytes + own_bytes > MOST_BYTES;
        if at > start && full {
            ranges.push(start..at);
            (start, pieces, bytes) = (at, 0, 0);
        }
        pieces += own_pieces;
        bytes += own_bytes;
    }
    if start < things.len() {
        ranges.push(start..things.len());
    }
    ranges
}
