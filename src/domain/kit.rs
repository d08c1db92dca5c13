//! Kits (套装): one thing to sell that is made up of others, which are what is counted.
//!
//! An order freezes what its kits were made of when it was taken, so a kit that is put together otherwise later changes no
//! order.

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::id::{LocationId, VariantId};
use super::order::{Line, Order};
use super::quantity::Quantity;
use super::rejection::{Field, Rejection};

/// The most things that one kit is made of.
pub const MOST_PARTS: usize = 50;

/// See the module. Without parts it is no kit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kit {
    pub variant: VariantId,
    /// How much of each goes into one.
    pub parts: Vec<(VariantId, Quantity)>,
}

impl Kit {
    /// Whether its form is right, whatever the catalogue says.
    ///
    /// # Errors
    /// A part that is named twice, is the kit itself, is nothing, or more than there may be.
    pub fn check(&self) -> Result<(), Rejection> {
        if self.parts.len() > MOST_PARTS {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
        for (i, (variant, quantity)) in self.parts.iter().enumerate() {
            if *variant == self.variant || self.parts[..i].iter().any(|(v, _)| v == variant) {
                return Err(Rejection::UnknownVariant { variant: *variant });
            }
            if *quantity <= Quantity::ZERO || *quantity > Quantity::MOST {
                return Err(Rejection::TooMuch { field: Field::Quantity });
            }
        }
        Ok(())
    }

    /// What goes into so many of it.
    fn goods(&self, quantity: Quantity) -> impl Iterator<Item = (VariantId, Quantity)> {
        self.parts.iter().map(move |(v, per)| (*v, per.times(quantity)))
    }
}

impl Book {
    /// What a variant is made up of, if it is a kit.
    pub fn kit(&self, variant: VariantId) -> Option<&Kit> {
        self.kits.get(&variant).filter(|k| !k.parts.is_empty())
    }

    /// What would leave the shelf for so much of a variant.
    pub fn goods(&self, variant: VariantId, quantity: Quantity) -> Vec<(VariantId, Quantity)> {
        self.kit(variant).map_or_else(|| vec![(variant, quantity)], |k| k.goods(quantity).collect())
    }

    /// How much of a variant can be sold at a place: what is there, or how many kits that makes.
    pub fn sellable(&self, variant: VariantId, location: LocationId) -> Quantity {
        let on_hand = |v| self.level((v, location)).on_hand;
        match self.kit(variant) {
            None => on_hand(variant),
            Some(kit) => {
                let makes = |(v, per): &(VariantId, Quantity)| on_hand(*v).0.div_euclid(per.0.max(1));
                Quantity::whole(kit.parts.iter().map(makes).min().unwrap_or_default())
            }
        }
    }

    /// The kits among some lines, as they are now.
    pub fn kits_of(&self, lines: &[Line]) -> Vec<Kit> {
        let mut kits: Vec<Kit> = Vec::new();
        for kit in lines.iter().filter_map(|l| self.kit(l.variant?)) {
            if !kits.iter().any(|k| k.variant == kit.variant) {
                kits.push(kit.clone());
            }
        }
        kits
    }
}

impl Order {
    /// What leaves the shelf for one of its lines; nothing for what is not in the catalogue.
    pub fn goods(&self, line: &Line) -> Vec<(VariantId, Quantity)> {
        let Some(variant) = line.variant else { return Vec::new() };
        let kit = self.kits.iter().find(|k| k.variant == variant);
        kit.map_or_else(|| vec![(variant, line.quantity)], |k| k.goods(line.quantity).collect())
    }
}
