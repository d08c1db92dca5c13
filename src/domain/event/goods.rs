//! Events of what is sold: products, prices, kits, packs, what is scarce.

use super::check::{Check, Own};
use super::fold::Fold;
use super::table::payloads;
use super::{Happening, Setting};
use crate::domain::book::case::{CaseKind, Edited};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, table};
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::{Pack, check_packs};
use crate::domain::goods::price::{MOST_OFFERS, PriceList, Promotion};
use crate::domain::goods::product::Product;
use crate::domain::rejection::Rejection;
use crate::domain::stock::lease::Scarcity;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::VariantId;
use crate::domain::value::money::Minor;

payloads! {
    /// A product that was there before; `was` is its hash as whoever edited it saw it.
    ProductEdited { product: Product, was: Hash, }
    /// A new price for one variant.
    PriceSet {
        variant: VariantId,
        price: Minor,
        /// The price that whoever set it saw; `None` where nobody looked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Minor>,
    }
    /// The packs that a variant comes in.
    PacksSet { variant: VariantId, packs: Vec<Pack>, }
    /// Says whether a variant is scarce.
    ScarcitySet { variant: VariantId, scarcity: Option<Scarcity>, }
}

impl Happening for Product {
    fn bring(&self, own: &mut Own) {
        own.variants.extend(self.variants.iter().map(|v| v.id));
    }

    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if let Some(tax) = self.tax {
            cx.book.taxes.get(&tax).ok_or(Rejection::UnknownTax)?;
        }
        Ok(Product::check(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        for v in &self.variants {
            fold.put(table::variants, v.id, self.id);
        }
        fold.put(table::products, self.id, self.clone());
    }
}

impl Happening for ProductEdited {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.book.products.get(&self.product.id).ok_or(Rejection::UnknownProduct)?;
        Happening::check(&self.product, cx)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let known = fold.get(table::products, &self.product.id);
        let aside = known.filter(|p| p.hash() != self.was && **p != self.product).cloned();
        if let Some(product) = aside {
            fold.open_case(CaseKind::EditedTwice { put_aside: Edited::Product(Box::new(product)) });
        }
        self.product.fold(fold);
    }
}

impl Happening for PriceSet {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if self.price < Minor::ZERO {
            return Err(Flaw::Negative { field: Field::Price }.into());
        }
        cx.book.variants.get(&self.variant).map(|_| ()).ok_or(Rejection::UnknownVariant { variant: self.variant })
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let Some(id) = fold.get(table::variants, &self.variant) else { return };
        let Some(mut product) = fold.get(table::products, id).cloned() else { return };
        for v in product.variants.iter_mut().filter(|v| v.id == self.variant) {
            if self.was.is_some_and(|was| was != v.price) && v.price != self.price {
                fold.open_case(CaseKind::EditedTwice { put_aside: Edited::Price { variant: v.id, price: v.price } });
            }
            v.price = self.price;
        }
        fold.put(table::products, product.id, product);
    }
}

impl Happening for PriceList {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if cx.book.price_lists.get(&self.id).is_none() && cx.book.price_lists.len() >= MOST_OFFERS {
            return Err(Flaw::TooMuch { field: Field::Quantity }.into());
        }
        Ok(PriceList::check(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::price_lists, self.id, self.clone());
    }
}

impl Setting for PriceList {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.price_lists.at(layer, &self.id).cloned()
    }
}

impl Happening for Promotion {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if cx.book.promotions.get(&self.id).is_none() && cx.book.promotions.len() >= MOST_OFFERS {
            return Err(Flaw::TooMuch { field: Field::Quantity }.into());
        }
        Ok(Promotion::check(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::promotions, self.id, self.clone());
    }
}

impl Setting for Promotion {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.promotions.at(layer, &self.id).cloned()
    }
}

impl Happening for Kit {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        Kit::check(self)?;
        let unknown = |variant| Rejection::UnknownVariant { variant };
        cx.book.variants.get(&self.variant).ok_or(unknown(self.variant))?;
        for (variant, quantity) in &self.parts {
            let (product, _) = cx.book.variant(*variant).ok_or(unknown(*variant))?;
            // A kit of kits would have to be taken apart again and again.
            if cx.book.kit(*variant).is_some() {
                return Err(Rejection::IsKit);
            }
            if !product.unit.divisible() && !quantity.is_whole() {
                return Err(Flaw::NotDivisible.into());
            }
        }
        let inside = |k: &Kit| k.parts.iter().any(|(v, _)| *v == self.variant);
        if !self.parts.is_empty() && cx.book.kits.iter().any(|(_, k)| inside(k)) {
            Err(Rejection::IsKit)
        } else {
            Ok(())
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::kits, self.variant, self.clone());
        fold.product_of(self.variant);
    }
}

impl Setting for Kit {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.kits.at(layer, &self.variant).cloned()
    }
}

impl Happening for PacksSet {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.book.variants.get(&self.variant).ok_or(Rejection::UnknownVariant { variant: self.variant })?;
        Ok(check_packs(&self.packs)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::packs, self.variant, self.packs.clone());
        fold.product_of(self.variant);
    }
}

impl Setting for PacksSet {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.packs.at(layer, &self.variant).cloned().map(|packs| Self { variant: self.variant, packs })
    }
}

impl Happening for ScarcitySet {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.book.variants.get(&self.variant).map(|_| ()).ok_or(Rejection::UnknownVariant { variant: self.variant })
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::scarce, self.variant, self.scarcity);
    }
}
