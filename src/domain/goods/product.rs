//! Products and their variants: what can be sold, and for how much.

use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{ProductId, TaxId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Unit;

/// A product with its variants. One product is saved as a whole; the last save wins.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub id: ProductId,
    pub name: String,
    /// Empty when it has none.
    pub category: String,
    pub unit: Unit,
    /// `None` is the store's usual rate.
    pub tax: Option<TaxId>,
    /// Says whether it is sold. What no longer is stays, because old orders name it.
    pub active: bool,
    pub variants: Vec<Variant>,
}

/// One thing that is counted, priced and sold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub id: VariantId,
    /// The label that sets it apart within the product (`Blue / M`); empty when there is only one.
    pub label: String,
    pub sku: String,
    /// Digits of a GTIN, or whatever the label carries.
    pub barcode: String,
    /// Units: minor units of the store's currency, for one [`Unit`].
    pub price: Minor,
    /// Below this level the variant is low.
    pub low_at: Option<crate::domain::value::quantity::Quantity>,
}

/// The most variants one product may have.
pub const MOST_VARIANTS: usize = 500;

impl Product {
    /// # Errors
    /// [`Flaw::Empty`], [`Flaw::TooLong`], [`Flaw::Negative`], [`Flaw::NoVariants`].
    pub fn check(&self) -> Result<(), Flaw> {
        check_name(&self.name, Field::Name)?;
        check_length(&self.category, Field::Category)?;
        if self.variants.is_empty() || self.variants.len() > MOST_VARIANTS {
            return Err(Flaw::NoVariants);
        }
        for v in &self.variants {
            check_length(&v.label, Field::Name)?;
            check_length(&v.sku, Field::Sku)?;
            check_length(&v.barcode, Field::Barcode)?;
            if v.price.0 < 0 {
                return Err(Flaw::Negative { field: Field::Price });
            }
        }
        Ok(())
    }

    /// A hash of all that is said of it.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&postcard::to_stdvec(self).unwrap_or_default()])
    }

    /// The name a line carries: `Shirt · Blue / M`.
    pub fn line_name(&self, variant: &Variant) -> String {
        if variant.label.is_empty() { self.name.clone() } else { format!("{} · {}", self.name, variant.label) }
    }
}
