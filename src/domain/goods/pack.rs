//! Packs (箱规): so many of a thing in one box, with a barcode of its own. Stock is always counted in single units.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};
use crate::domain::value::quantity::Quantity;

/// The most sizes of pack that one thing comes in.
pub const MOST_PACKS: usize = 10;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// `Case`, `箱`.
    pub name: String,
    /// Empty when it has none.
    pub barcode: String,
    /// The quantity in it.
    pub quantity: Quantity,
}

/// # Errors
/// A field that is empty, too long or too much.
pub fn check_packs(packs: &[Pack]) -> Result<(), Flaw> {
    if packs.len() > MOST_PACKS {
        return Err(Flaw::TooMuch { field: Field::Quantity });
    }
    for pack in packs {
        check_name(&pack.name, Field::Name)?;
        check_length(&pack.barcode, Field::Barcode)?;
        if pack.quantity <= Quantity::ZERO || pack.quantity > Quantity::MOST {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
    }
    Ok(())
}
