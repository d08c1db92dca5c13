//! Kits (套装): one thing to sell that is made up of others, which are what is counted.
//!
//! An order freezes what its kits were made of when it was taken, so a kit that is put together otherwise later changes
//! no order.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;

/// The most things that one kit is made of.
pub const MOST_PARTS: usize = 50;

/// See the module. Without parts it is no kit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kit {
    pub variant: VariantId,
    /// The quantity of each that goes into one.
    pub parts: Vec<(VariantId, Quantity)>,
}

impl Kit {
    /// Says whether its form is right, whatever the catalogue says.
    ///
    /// # Errors
    /// A part that is named twice or is the kit itself, is nothing, or more than there may be.
    pub fn check(&self) -> Result<(), Flaw> {
        if self.parts.len() > MOST_PARTS {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        for (i, (variant, quantity)) in self.parts.iter().enumerate() {
            if *variant == self.variant || self.parts[..i].iter().any(|(v, _)| v == variant) {
                return Err(Flaw::Twice { field: Field::Sku });
            }
            if *quantity <= Quantity::ZERO || *quantity > Quantity::MOST {
                return Err(Flaw::TooMuch { field: Field::Quantity });
            }
        }
        Ok(())
    }

    /// The parts that go into so many of it.
    pub(in crate::domain) fn goods(&self, quantity: Quantity) -> impl Iterator<Item = (VariantId, Quantity)> {
        self.parts.iter().map(move |(v, per)| (*v, per.times(quantity)))
    }
}
