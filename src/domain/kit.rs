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

    /// How much of a variant can be sold at a place: what is there for nobody yet, or how many kits that makes.
    pub fn sellable(&self, variant: VariantId, location: LocationId) -> Quantity {
        let free = |v| self.available((v, location));
        match self.kit(variant) {
            None => free(variant),
            Some(kit) => {
                let makes = |(v, per): &(VariantId, Quantity)| free(*v).0.div_euclid(per.0.max(1));
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
    /// How much of a line could not go with what is set aside for it; of a kit, how many whole ones.
    pub fn short_of(&self, at: usize, line: &Line) -> Quantity {
        let set_aside = |v| self.fulfilment.as_ref().map_or(Quantity::ZERO, |f| f.allocated_to(at, v));
        let goods = self.goods(line);
        let whole = |(v, needed): &(VariantId, Quantity)| {
            let share = i128::from(set_aside(*v).0) * i128::from(line.quantity.0) / i128::from(needed.0.max(1));
            i64::try_from(share).unwrap_or(i64::MAX).min(line.quantity.0)
        };
        let can_go = goods.iter().map(whole).min().unwrap_or(line.quantity.0);
        let kit = goods.iter().any(|(v, _)| Some(*v) != line.variant);
        let can_go = if kit { can_go / 1000 * 1000 } else { can_go };
        Quantity((line.quantity.0 - can_go).max(0))
    }

    /// What leaves the shelf for one of its lines; nothing for what is not in the catalogue.
    pub fn goods(&self, line: &Line) -> Vec<(VariantId, Quantity)> {
        let Some(variant) = line.variant else { return Vec::new() };
        let kit = self.kits.iter().find(|k| k.variant == variant);
        kit.map_or_else(|| vec![(variant, line.quantity)], |k| k.goods(line.quantity).collect())
    }
}
