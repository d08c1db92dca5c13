//! Events of the stockroom's documents: transfers, purchases, stocktakes, and the suppliers.

use super::check::Check;
use super::fold::{Fold, Stamp};
use super::stock::can_be_counted;
use super::table::payloads;
use super::{Happening, Setting};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, table};
use crate::domain::rejection::Rejection;
use crate::domain::stock::batch::{Batch, Batches};
use crate::domain::stock::document::{
    Cost, Count, Document, Goods, MOST_GOODS, Ordered, Purchase, Stocktake, Supplier, Transfer, check_supplier,
};
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{Id, LocationId, MovementId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

payloads! {
    /// Goods left one place for another.
    TransferSent { id: Id, from: LocationId, to: LocationId, goods: Goods, }
    /// The goods of a transfer that arrived.
    TransferReceived { id: Id, goods: Goods, }
    /// Goods were ordered from a supplier.
    PurchaseOrdered { id: Id, number: String, supplier: Id, location: LocationId, lines: Vec<Ordered>, }
    /// The goods of a purchase that came; with `last`, nothing more is expected.
    PurchaseReceived { id: Id, goods: Vec<Ordered>, last: bool, }
    /// A stocktake began; an empty category is everything.
    StocktakeOpened { id: Id, location: LocationId, category: String, blind: bool, }
    /// `expected` is what the ledger of the tablet that counted said.
    StocktakeCounted {
        id: Id,
        variant: VariantId,
        counted: Quantity,
        expected: Quantity,
        /// [`crate::domain::stock::Level::corrected`] as it knew it.
        corrected: Quantity,
    }
    /// Posted, or dropped.
    StocktakeEnded { id: Id, post: bool, }
}

/// More than this for one unit is a slip of the finger. Units: minor units.
const MOST_COST: Minor = Minor(1_000_000_000_000);

fn costs_in_range(lines: &[Ordered]) -> Result<(), Rejection> {
    match lines.iter().all(|l| (Minor::ZERO..=MOST_COST).contains(&l.cost)) {
        true => Ok(()),
        false => Err(Flaw::TooMuch { field: Field::Price }.into()),
    }
}

pub(super) fn goods_in_range(mut goods: impl ExactSizeIterator<Item = Quantity>) -> Result<(), Rejection> {
    if goods.len() > MOST_GOODS || goods.any(|q| q <= Quantity::ZERO || q > Quantity::MOST) {
        return Err(Flaw::TooMuch { field: Field::Quantity }.into());
    }
    Ok(())
}

impl Happening for TransferSent {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.location(self.from)?;
        cx.location(self.to)?;
        goods_in_range(self.goods.iter().map(|(_, q)| *q))
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        if fold.document(self.id).is_some() {
            return;
        }
        let mut batches = Vec::new();
        for (i, (variant, quantity)) in self.goods.iter().enumerate() {
            let taken = fold.move_for(
                self.id,
                &format!("out{i}"),
                *variant,
                self.from,
                quantity.saturating_neg(),
                Reason::TransferOut(self.to),
            );
            batches.extend(taken.into_iter().map(|b| (*variant, b)));
        }
        let (sent_at, by) = (fold.stamp.at, fold.stamp.by);
        let transfer =
            Transfer { from: self.from, to: self.to, goods: self.goods.clone(), sent_at, by, received: None, batches };
        fold.put_document(self.id, Document::Transfer(transfer));
    }
}

impl Happening for TransferReceived {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        goods_in_range(self.goods.iter().map(|(_, q)| *q))
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let Some(Document::Transfer(mut transfer)) = fold.document(self.id) else { return };
        // Two people who receive the same load: it came once.
        if transfer.received.is_some() {
            return;
        }
        for (i, (variant, quantity)) in self.goods.iter().enumerate() {
            fold.move_for(
                self.id,
                &format!("in{i}"),
                *variant,
                transfer.to,
                *quantity,
                Reason::TransferIn(transfer.from),
            );
            // What expires first arrived first, where less came than was sent.
            let mut sent: Batches =
                transfer.batches.iter().filter(|(v, _)| v == variant).map(|(_, b)| b.clone()).collect();
            let came = sent.take(*quantity);
            if !came.is_empty() {
                fold.batches_at((*variant, transfer.to), |b| came.into_iter().for_each(|one| b.add(one)));
            }
        }
        transfer.received = Some(self.goods.clone());
        fold.put_document(self.id, Document::Transfer(transfer));
    }
}

impl Happening for PurchaseOrdered {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.location(self.location)?;
        costs_in_range(&self.lines)?;
        goods_in_range(self.lines.iter().map(|l| l.quantity))
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        if fold.document(self.id).is_some() {
            return;
        }
        let purchase = Purchase {
            number: self.number.clone(),
            supplier: self.supplier,
            location: self.location,
            lines: self.lines.clone(),
            ordered_at: fold.stamp.at,
            by: fold.stamp.by,
            received: Vec::new(),
            closed: false,
        };
        fold.put_document(self.id, Document::Purchase(purchase));
    }
}

impl Happening for PurchaseReceived {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        costs_in_range(&self.goods)?;
        goods_in_range(self.goods.iter().map(|l| l.quantity))
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let Some(Document::Purchase(mut purchase)) = fold.document(self.id) else { return };
        // Goods are a fact, also when more came than was ordered, or when it was closed.
        for line in &self.goods {
            fold.cost_after(line.variant, line.quantity, line.cost);
            let part = format!("in{}", purchase.received.len());
            fold.move_for(self.id, &part, line.variant, purchase.location, line.quantity, Reason::Received);
            purchase.received.push(*line);
        }
        purchase.closed = purchase.closed || self.last || purchase.is_complete();
        fold.put_document(self.id, Document::Purchase(purchase));
    }
}

impl Happening for Supplier {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(check_supplier(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::suppliers, self.id, self.clone());
    }
}

impl Setting for Supplier {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.suppliers.at(layer, &self.id).cloned()
    }
}

impl Happening for StocktakeOpened {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        if fold.document(self.id).is_some() {
            return;
        }
        let stocktake = Stocktake {
            location: self.location,
            category: self.category.clone(),
            blind: self.blind,
            opened_at: fold.stamp.at,
            by: fold.stamp.by,
            counts: Default::default(),
            ended: None,
        };
        fold.put_document(self.id, Document::Stocktake(stocktake));
    }
}

impl Happening for StocktakeCounted {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        can_be_counted(self.counted)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let Some(Document::Stocktake(mut stocktake)) = fold.document(self.id) else { return };
        if stocktake.ended.is_some() {
            return;
        }
        let times = stocktake.counts.get(&self.variant).map_or(0, |c| c.times).saturating_add(1);
        let Stamp { at, by, .. } = fold.stamp;
        let count =
            Count { counted: self.counted, expected: self.expected, at, by, times, corrected: Some(self.corrected) };
        stocktake.counts.insert(self.variant, count);
        fold.put_document(self.id, Document::Stocktake(stocktake));
    }
}

impl Happening for StocktakeEnded {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let Some(Document::Stocktake(mut stocktake)) = fold.document(self.id) else { return };
        if stocktake.ended.is_some() {
            return;
        }
        stocktake.ended = Some(self.post);
        if self.post {
            let location = stocktake.location;
            let counts: Vec<(VariantId, Count)> = stocktake.counts.iter().map(|(v, c)| (*v, *c)).collect();
            for (variant, count) in counts {
                let level = fold.get(table::levels, &(variant, location)).copied().unwrap_or_default();
                let variance = count.variance(level);
                if variance == Quantity::ZERO {
                    stocktake.counts.insert(variant, Count { expected: count.counted, corrected: None, ..count });
                    continue;
                }
                let reason = Reason::Counted { expected: count.expected };
                fold.move_for(self.id, "count", variant, location, variance, reason);
                fold.corrected((variant, location), variance);
                // What was posted stays what it was, whatever is corrected later.
                let expected = count.counted.saturating_add(variance.saturating_neg());
                stocktake.counts.insert(variant, Count { expected, corrected: None, ..count });
            }
        }
        fold.put_document(self.id, Document::Stocktake(stocktake));
    }
}

impl Fold<'_> {
    fn document(&self, id: Id) -> Option<Document> {
        self.get(table::documents, &id).cloned()
    }

    fn put_document(&mut self, id: Id, document: Document) {
        self.put(table::documents, id, document);
    }

    /// Moves goods for a document; the same goods of the same document move once.
    fn move_for(
        &mut self,
        id: Id,
        part: &str,
        variant: VariantId,
        location: LocationId,
        change: Quantity,
        reason: Reason,
    ) -> Vec<Batch> {
        let id = MovementId(Id::derived("movement", &id.to_string(), &format!("{part}/{variant}")));
        self.moved(Movement { id, variant, location, change, reason, at: self.stamp.at, by: self.stamp.by })
    }

    fn cost_after(&mut self, variant: VariantId, came: Quantity, cost: crate::domain::value::money::Minor) {
        let known = self.get(table::costs, &variant).copied();
        let places: Vec<LocationId> = match self.layer {
            Layer::Confirmed => self.book.locations.confirmed().map(|(id, _)| *id).collect(),
            Layer::Pending => self.book.locations.iter().map(|(id, _)| *id).collect(),
        };
        let levels = places
            .iter()
            .map(|place| self.get(table::levels, &(variant, *place)).map_or(0, |l| i128::from(l.on_hand.0)));
        // What is on its way between two places is the shop's as well.
        let moving = |d: &Document| if let Document::Transfer(t) = d { i128::from(t.under_way(variant).0) } else { 0 };
        let documents: Vec<&Document> = match self.layer {
            Layer::Confirmed => self.book.documents.confirmed().map(|(_, d)| d).collect(),
            Layer::Pending => self.book.documents.iter().map(|(_, d)| d).collect(),
        };
        let all = levels.sum::<i128>() + documents.into_iter().map(moving).sum::<i128>();
        let on_hand =
            Quantity(i64::try_from(all.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap_or_default());
        // What was there before anything was bought has no cost; it is taken to have cost what came first.
        let after: Cost =
            known.unwrap_or_default().after(if known.is_some() { on_hand } else { Quantity::ZERO }, came, cost);
        self.put(table::costs, variant, after);
    }
}
