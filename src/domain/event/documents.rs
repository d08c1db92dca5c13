//! What documents of the stockroom do to the book.

use crate::domain::book::layered::Layer;
use crate::domain::event::fold::{Fold, Stamp};
use crate::domain::event::{
    PurchaseOrdered, PurchaseReceived, StocktakeCounted, StocktakeEnded, StocktakeOpened, TransferReceived, TransferSent,
};
use crate::domain::stock::batch::{Batch, Batches};
use crate::domain::stock::document::{Cost, Count, Document, Purchase, Stocktake, Transfer};
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::id::{Id, LocationId, MovementId, VariantId};
use crate::domain::value::quantity::Quantity;

impl Fold<'_> {
    fn document(&self, id: Id) -> Option<Document> {
        self.book.documents.at(self.layer, &id).cloned()
    }

    fn put_document(&mut self, id: Id, document: Document) {
        self.book.documents.put(self.layer, id, document);
        self.changes.documents.insert(id);
    }

    /// Moves goods for a document; the same goods of the same document move once.
    fn move_for(&mut self, id: Id, part: &str, variant: VariantId, location: LocationId, change: Quantity, reason: Reason) -> Vec<Batch> {
        let id = MovementId(Id::derived("movement", &id.to_string(), &format!("{part}/{variant}")));
        self.moved(Movement { id, variant, location, change, reason, at: self.stamp.at, by: self.stamp.by })
    }

    pub(super) fn transfer_sent(&mut self, e: &TransferSent) {
        if self.document(e.id).is_some() {
            return;
        }
        let mut batches = Vec::new();
        for (i, (variant, quantity)) in e.goods.iter().enumerate() {
            let taken = self.move_for(e.id, &format!("out{i}"), *variant, e.from, quantity.saturating_neg(), Reason::TransferOut(e.to));
            batches.extend(taken.into_iter().map(|b| (*variant, b)));
        }
        let (sent_at, by) = (self.stamp.at, self.stamp.by);
        let transfer = Transfer { from: e.from, to: e.to, goods: e.goods.clone(), sent_at, by, received: None, batches };
        self.put_document(e.id, Document::Transfer(transfer));
    }

    pub(super) fn transfer_received(&mut self, e: &TransferReceived) {
        let Some(Document::Transfer(mut transfer)) = self.document(e.id) else { return };
        // Two people who receive the same load: it came once.
        if transfer.received.is_some() {
            return;
        }
        for (i, (variant, quantity)) in e.goods.iter().enumerate() {
            self.move_for(e.id, &format!("in{i}"), *variant, transfer.to, *quantity, Reason::TransferIn(transfer.from));
            // What expires first arrived first, where less came than was sent.
            let mut sent: Batches = transfer.batches.iter().filter(|(v, _)| v == variant).map(|(_, b)| b.clone()).collect();
            let came = sent.take(*quantity);
            if !came.is_empty() {
                self.batches_at((*variant, transfer.to), |b| came.into_iter().for_each(|one| b.add(one)));
            }
        }
        transfer.received = Some(e.goods.clone());
        self.put_document(e.id, Document::Transfer(transfer));
    }

    pub(super) fn purchase_ordered(&mut self, e: &PurchaseOrdered) {
        if self.document(e.id).is_some() {
            return;
        }
        let purchase = Purchase {
            number: e.number.clone(),
            supplier: e.supplier,
            location: e.location,
            lines: e.lines.clone(),
            ordered_at: self.stamp.at,
            by: self.stamp.by,
            received: Vec::new(),
            closed: false,
        };
        self.put_document(e.id, Document::Purchase(purchase));
    }

    pub(super) fn purchase_received(&mut self, e: &PurchaseReceived) {
        let Some(Document::Purchase(mut purchase)) = self.document(e.id) else { return };
        // Goods are a fact, also when more came than was ordered, or when it was closed.
        for line in &e.goods {
            self.cost_after(line.variant, line.quantity, line.cost);
            let part = format!("in{}", purchase.received.len());
            self.move_for(e.id, &part, line.variant, purchase.location, line.quantity, Reason::Received);
            purchase.received.push(*line);
        }
        purchase.closed = purchase.closed || e.last || purchase.is_complete();
        self.put_document(e.id, Document::Purchase(purchase));
    }

    fn cost_after(&mut self, variant: VariantId, came: Quantity, cost: crate::domain::value::money::Minor) {
        let known = self.book.costs.at(self.layer, &variant).copied();
        let places: Vec<LocationId> = match self.layer {
            Layer::Confirmed => self.book.locations.confirmed().map(|(id, _)| *id).collect(),
            Layer::Pending => self.book.locations.iter().map(|(id, _)| *id).collect(),
        };
        let levels = places.iter().map(|place| self.book.levels.at(self.layer, &(variant, *place)).map_or(0, |l| i128::from(l.on_hand.0)));
        // What is on its way between two places is the shop's as well.
        let moving = |d: &Document| if let Document::Transfer(t) = d { i128::from(t.under_way(variant).0) } else { 0 };
        let documents: Vec<&Document> = match self.layer {
            Layer::Confirmed => self.book.documents.confirmed().map(|(_, d)| d).collect(),
            Layer::Pending => self.book.documents.iter().map(|(_, d)| d).collect(),
        };
        let all = levels.sum::<i128>() + documents.into_iter().map(moving).sum::<i128>();
        let on_hand = Quantity(i64::try_from(all.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap_or_default());
        // What was there before anything was bought has no cost; it is taken to have cost what came first.
        let after: Cost = known.unwrap_or_default().after(if known.is_some() { on_hand } else { Quantity::ZERO }, came, cost);
        self.book.costs.put(self.layer, variant, after);
        self.changes.costs.insert(variant);
    }

    pub(super) fn stocktake_opened(&mut self, e: &StocktakeOpened) {
        if self.document(e.id).is_some() {
            return;
        }
        let stocktake = Stocktake {
            location: e.location,
            category: e.category.clone(),
            blind: e.blind,
            opened_at: self.stamp.at,
            by: self.stamp.by,
            counts: Default::default(),
            ended: None,
        };
        self.put_document(e.id, Document::Stocktake(stocktake));
    }

    pub(super) fn stocktake_counted(&mut self, e: &StocktakeCounted) {
        let Some(Document::Stocktake(mut stocktake)) = self.document(e.id) else { return };
        if stocktake.ended.is_some() {
            return;
        }
        let times = stocktake.counts.get(&e.variant).map_or(0, |c| c.times).saturating_add(1);
        let Stamp { at, by, .. } = self.stamp;
        let count = Count { counted: e.counted, expected: e.expected, at, by, times, corrected: Some(e.corrected) };
        stocktake.counts.insert(e.variant, count);
        self.put_document(e.id, Document::Stocktake(stocktake));
    }

    pub(super) fn stocktake_ended(&mut self, e: &StocktakeEnded) {
        let Some(Document::Stocktake(mut stocktake)) = self.document(e.id) else { return };
        if stocktake.ended.is_some() {
            return;
        }
        stocktake.ended = Some(e.post);
        if e.post {
            let location = stocktake.location;
            let counts: Vec<(VariantId, Count)> = stocktake.counts.iter().map(|(v, c)| (*v, *c)).collect();
            for (variant, count) in counts {
                let level = self.book.levels.at(self.layer, &(variant, location)).copied().unwrap_or_default();
                let variance = count.variance(level);
                if variance == Quantity::ZERO {
                    stocktake.counts.insert(variant, Count { expected: count.counted, corrected: None, ..count });
                    continue;
                }
                let reason = Reason::Counted { expected: count.expected };
                self.move_for(e.id, "count", variant, location, variance, reason);
                self.corrected((variant, location), variance);
                // What was posted stays what it was, whatever is corrected later.
                let expected = count.counted.saturating_add(variance.saturating_neg());
                stocktake.counts.insert(variant, Count { expected, corrected: None, ..count });
            }
        }
        self.put_document(e.id, Document::Stocktake(stocktake));
    }
}
