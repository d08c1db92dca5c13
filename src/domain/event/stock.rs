//! Events of stock: goods that move, are counted, leased, or of a lot.

use super::check::Check;
use super::fold::Fold;
use super::table::payloads;
use super::{Happening, Setting};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, table};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::stock::batch::{Batch, check_batches};
use crate::domain::stock::lease::Lease;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{Id, LocationId, MovementId, VariantId};
use crate::domain::value::quantity::Quantity;

payloads! {
    /// Sets where goods for orders come from.
    SourcingSet { sourcing: Sourcing, }
    /// A shelf was counted by itself: the ledger of the tablet that counted said `expected`, and had been corrected by
    /// `corrected` so far.
    StockCounted { variant: VariantId, location: LocationId, counted: Quantity, expected: Quantity, corrected: Quantity, }
    /// So much of what is at a place is of a lot.
    LotReceived { variant: VariantId, location: LocationId, batch: Batch, }
    /// The batches at a place, as somebody counted them.
    BatchesSet { variant: VariantId, location: LocationId, batches: Vec<Batch>, }
}

impl Happening for SourcingSet {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::sourcing, (), self.sourcing);
    }
}

impl Setting for SourcingSet {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.sourcing.at(layer, &()).map(|s| Self { sourcing: *s })
    }
}

impl Happening for Lease {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if self.replica != cx.replica {
            cx.needs(Role::Manager)?;
        }
        let book = cx.book;
        book.variants.get(&self.variant).ok_or(Rejection::UnknownVariant { variant: self.variant })?;
        cx.location(self.location)?;
        if self.quantity < Quantity::ZERO {
            return Err(Flaw::Negative { field: Field::Quantity }.into());
        }
        let place = (self.variant, self.location);
        let set_aside = book.leased_to_others(place, self.replica).saturating_add(book.allocated(place));
        let free = book.level(place).on_hand.saturating_add(set_aside.saturating_neg());
        let less = self.quantity <= book.leased(place, self.replica);
        if self.quantity > free && !less { Err(Rejection::NotFree { free: free.max(Quantity::ZERO) }) } else { Ok(()) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.set_lease(self.key(), self.quantity);
    }
}

impl Happening for Movement {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.location(self.location)?;
        cx.variant(self.variant)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.moved(self.clone());
    }
}

impl Happening for StockCounted {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.location(self.location)?;
        cx.variant(self.variant)?;
        can_be_counted(self.counted)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let place = (self.variant, self.location);
        let level = fold.get(table::levels, &place).copied().unwrap_or_default();
        let change = level.variance(self.counted, self.expected, self.corrected);
        let name = format!("{}@{} {} {}", self.variant, self.location, fold.stamp.replica, fold.stamp.at.0);
        let id = MovementId(Id::derived("movement", &name, &level.movements.to_string()));
        let reason = Reason::Counted { expected: self.expected };
        fold.moved(Movement {
            id,
            variant: self.variant,
            location: self.location,
            change,
            reason,
            at: fold.stamp.at,
            by: fold.stamp.by,
        });
        fold.corrected(place, change);
    }
}

/// # Errors
/// [`Flaw::TooMuch`] for less than nothing and for a slip of the finger.
pub(super) fn can_be_counted(counted: Quantity) -> Result<(), Rejection> {
    if counted < Quantity::ZERO || counted > Quantity::MOST {
        Err(Flaw::TooMuch { field: Field::Quantity }.into())
    } else {
        Ok(())
    }
}

impl Happening for LotReceived {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        check_batches(std::slice::from_ref(&self.batch))?;
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.batches_at((self.variant, self.location), |b| b.add(self.batch.clone()));
    }
}

impl Happening for BatchesSet {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        check_batches(&self.batches)?;
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.batches_at((self.variant, self.location), |b| *b = self.batches.iter().cloned().collect());
    }
}
