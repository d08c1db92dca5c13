//! Packs (箱规): so many of a thing in one box, with a barcode of its own. Stock is always counted in single units.

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::catalog::{check_length, check_name};
use super::gtin::Gtin;
use super::id::VariantId;
use super::quantity::Quantity;
use super::rejection::{Field, Rejection};

/// The most sizes of pack that one thing comes in.
pub const MOST_PACKS: usize = 10;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// `Case`, `箱`.
    pub name: String,
    /// Empty when it has none.
    pub barcode: String,
    /// How much is in it.
    pub quantity: Quantity,
}

/// # Errors
/// What is empty, too long or too much.
pub fn check_packs(packs: &[Pack]) -> Result<(), Rejection> {
    if packs.len() > MOST_PACKS {
        return Err(Rejection::TooMuch { field: Field::Quantity });
    }
    for pack in packs {
        check_name(&pack.name, Field::Name)?;
        check_length(&pack.barcode, Field::Barcode)?;
        if pack.quantity <= Quantity::ZERO || pack.quantity > Quantity::MOST {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
    }
    Ok(())
}

impl Book {
    pub fn packs(&self, variant: VariantId) -> &[Pack] {
        self.packs.get(&variant).map(Vec::as_slice).unwrap_or_default()
    }

    /// Which thing, and how much of it, a pack's barcode stands for. Of several the lowest identifier.
    pub fn pack_of(&self, code: &str) -> Option<(VariantId, Quantity)> {
        let gtin = Gtin::parse(code);
        let same = |p: &Pack| !p.barcode.is_empty() && (p.barcode == code || gtin.is_some() && Gtin::parse(&p.barcode) == gtin);
        let hits = self.packs.iter().flat_map(|(v, packs)| packs.iter().filter(|p| same(p)).map(|p| (*v, p.quantity)));
        hits.min()
    }
}
