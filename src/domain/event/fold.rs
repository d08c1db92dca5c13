//! The fold: goes through the events of a transaction and lets each do what it does to the book.
//!
//! Total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::{Event, Transaction};
use crate::domain::book::case::{Case, CaseKind};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes, Table, push_recent, table};
use crate::domain::order::{Assignee, Entry, Happened, Order};
use crate::domain::stock::batch::{Batch, Batches};
use crate::domain::stock::{Level, Movement, Place, Reason};
use crate::domain::value::id::{Id, OrderId, Replica, StaffId, VariantId};
use crate::domain::value::part::{Parts, PersonalRef};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;
use crate::planted::{Bug, is};

impl Book {
    /// Folds one transaction in.
    pub fn apply(&mut self, layer: Layer, tx: &Transaction) -> Changes {
        let stamp = Stamp { at: tx.body.at, by: tx.body.by, replica: tx.replica };
        let mut fold = Fold { stamp, parts: &tx.parts, book: self, layer, changes: Changes::default() };
        for event in &tx.body.ev {
            fold.event(event);
        }
        fold.changes
    }
}

/// The writer of an event, and when by their clock.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Stamp {
    pub at: Timestamp,
    pub by: StaffId,
    pub replica: Replica,
}

pub(in crate::domain) struct Fold<'a> {
    pub book: &'a mut Book,
    pub layer: Layer,
    pub stamp: Stamp,
    pub parts: &'a Parts,
    pub changes: Changes,
}

impl Fold<'_> {
    /// An entry of a table, as this layer sees it.
    pub fn get<T: Table>(&self, _: T, key: &T::Key) -> Option<&T::Value> {
        T::of(self.book).at(self.layer, key)
    }

    /// Puts an entry into a table, and marks what that changes.
    pub fn put<T: Table>(&mut self, _: T, key: T::Key, value: T::Value) {
        T::mark(&mut self.changes, &key);
        T::of_mut(self.book).put(self.layer, key, value);
    }

    pub fn event(&mut self, event: &Event) {
        event.happening().fold(self);
    }

    pub(super) fn close_case(&mut self, id: Id) {
        if let Some(case) = self.get(table::cases, &id).cloned() {
            self.put(table::cases, id, Case { open: false, kind: case.kind.seen_to(), ..case });
        }
    }

    pub(super) fn personal_text(&self, reference: &PersonalRef) -> String {
        self.personal(reference).unwrap_or_default()
    }

    /// Data that stands beside the event, unless it was erased.
    pub(super) fn personal<T: DeserializeOwned>(&self, reference: &PersonalRef) -> Option<T> {
        self.parts.get(&reference.pd).and_then(|p| serde_json::from_slice(p.data.as_bytes()).ok())
    }

    /// Counts have corrected the ledger of a place by so much more.
    pub(super) fn corrected(&mut self, place: Place, by: Quantity) {
        let level = self.get(table::levels, &place).copied().unwrap_or_default();
        self.put(table::levels, place, Level { corrected: level.corrected.saturating_add(by), ..level });
    }

    pub(super) fn with_order(&mut self, id: OrderId, change: impl FnOnce(&mut Self, &mut Order)) {
        let Some(mut order) = self.get(table::orders, &id).cloned() else {
            self.open_case(CaseKind::UnknownOrder { order: id });
            return;
        };
        let (claims, worker, outstanding) = (order.claims(), order.worked_on_by().cloned(), order.is_outstanding());
        change(self, &mut order);
        self.claimed(&claims, &order.claims());
        self.worked(worker.as_ref(), order.worked_on_by());
        if order.is_outstanding() != outstanding {
            self.put(table::outstanding, id, !outstanding);
        }
        self.put(table::orders, id, order);
    }

    /// Keeps the sum of what orders claim at each place.
    pub(super) fn claimed(&mut self, before: &BTreeMap<Place, Quantity>, after: &BTreeMap<Place, Quantity>) {
        if before == after {
            return;
        }
        let less = before.iter().map(|(place, q)| (place, q.saturating_neg()));
        for (place, change) in less.chain(after.iter().map(|(place, q)| (place, *q))) {
            let sum = self.get(table::allocated, place).copied().unwrap_or_default();
            self.put(table::allocated, *place, sum.saturating_add(change));
        }
        let places: Vec<Place> = before.keys().chain(after.keys()).copied().collect();
        for place in places {
            self.over_allocated(place);
        }
    }

    /// Keeps how many open orders each has.
    pub(super) fn worked(&mut self, before: Option<&Assignee>, after: Option<&Assignee>) {
        if before == after {
            return;
        }
        for (who, change) in before.map(|w| (w, -1)).into_iter().chain(after.map(|w| (w, 1))) {
            let load = self.get(table::workload, who).copied().unwrap_or_default();
            self.put(table::workload, who.clone(), load.saturating_add_signed(change));
        }
    }

    pub(super) fn note(&self, order: &mut Order, what: Happened) {
        order.history.push(Entry { at: self.stamp.at, by: self.stamp.by, what });
    }

    /// Says that what is known of a variant's product changed.
    pub(super) fn product_of(&mut self, variant: VariantId) {
        self.changes.settings = true;
        if let Some(product) = self.get(table::variants, &variant) {
            self.changes.products.insert(*product);
        }
    }

    /// Changes the batches at a place; of batches there is never more than there is at all.
    pub(super) fn batches_at<T>(&mut self, place: Place, change: impl FnOnce(&mut Batches) -> T) -> T {
        let on_hand = self.get(table::levels, &place).map(|l| l.on_hand).unwrap_or_default();
        let mut batches = self.get(table::batches, &place).cloned().unwrap_or_default();
        let out = change(&mut batches);
        batches.fit(on_hand);
        self.put(table::batches, place, batches);
        out
    }

    /// Moves goods. Returns what of those that left was of a batch.
    pub(super) fn moved(&mut self, movement: Movement) -> Vec<Batch> {
        let place = (movement.variant, movement.location);
        let before = self.get(table::levels, &place).copied().unwrap_or_default();
        // Two tablets may take in the same catalogue; what was there at first was there once.
        let opening = movement.reason == Reason::Opening;
        if opening && before.opened {
            return Vec::new();
        }
        if let (Reason::Counted { expected }, true) = (&movement.reason, is(Bug::CountOverwrites)) {
            let counted = Level { on_hand: expected.saturating_add(movement.change), ..before };
            self.put(table::levels, place, counted);
            return Vec::new();
        }
        let level = Level { opened: before.opened || opening, ..before.moved(movement.change) };
        if let (Reason::Sold(_), Some(left)) = (&movement.reason, self.get(table::leases, &(place, self.stamp.replica)))
        {
            let left = left.saturating_add(movement.change).max(Quantity::ZERO);
            self.set_lease((place, self.stamp.replica), left);
        }
        self.put(table::levels, place, level);
        let out = movement.change.saturating_neg();
        let batched = self.get(table::batches, &place).is_some_and(|b| !b.is_empty());
        let taken = if batched { self.batches_at(place, |b| b.take(out)) } else { Vec::new() };
        self.oversold(place, level);
        if self.get(table::allocated, &place).is_some_and(|q| q.0 != 0) {
            self.over_allocated(place);
        }
        push_recent(
            match self.layer {
                Layer::Pending => &mut self.book.pending_movements,
                Layer::Confirmed => &mut self.book.movements,
            },
            movement,
        );
        taken
    }

    pub(super) fn set_lease(&mut self, key: (Place, Replica), left: Quantity) {
        self.put(table::leases, key, left);
    }

    /// An oversold place is a case for as long as it is oversold, and closes itself.
    pub(super) fn oversold(&mut self, place: Place, level: Level) {
        let kind = CaseKind::Oversold { place, short: level.on_hand.saturating_neg() };
        let known = self.get(table::cases, &kind.id()).is_some_and(|c| c.open);
        if level.oversold() || known {
            self.put_case(Case { at: self.stamp.at, open: level.oversold(), kind });
        }
    }

    /// The same for a place with more set aside than is there.
    pub(super) fn over_allocated(&mut self, place: Place) {
        let allocated = self.get(table::allocated, &place).copied().unwrap_or_default();
        let on_hand = self.get(table::levels, &place).map_or(Quantity::ZERO, |l| l.on_hand);
        let short = allocated.saturating_add(on_hand.max(Quantity::ZERO).saturating_neg());
        let kind = CaseKind::OverAllocated { place, short };
        let over = allocated > Quantity::ZERO && short > Quantity::ZERO;
        if over || self.get(table::cases, &kind.id()).is_some_and(|c| c.open) {
            self.put_case(Case { at: self.stamp.at, open: over, kind });
        }
    }

    pub(super) fn open_case(&mut self, kind: CaseKind) {
        self.put_case(Case { kind, at: self.stamp.at, open: true });
    }

    pub(super) fn put_case(&mut self, case: Case) {
        let id = case.kind.id();
        self.put(table::cases, id, case);
    }
}
