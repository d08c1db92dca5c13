//! Events of cases: what a person said of what the fold or the server put before them.

use super::check::{Check, check_one};
use super::fold::{Fold, Stamp};
use super::table::payloads;
use super::{Event, Happening};
use crate::domain::book::case::{Case, CaseKind, Edited};
use crate::domain::book::{Changes, table};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Id, OrderId};

payloads! {
    /// Somebody has seen to a case.
    CaseResolved { case: Id, }
    /// Facts that the server could not apply count from here on; `orders` are those they are about.
    HeldAccepted { case: Id, orders: Vec<OrderId>, }
    /// Somebody looked at a transaction of this tablet that the server had refused, and let it go.
    RefusalDropped { seq: u64, code: String, reason: String, }
    /// One of the store's settings ([`Event::setting`]) that was there before; `was` is its hash as whoever changed it
    /// saw it.
    SettingEdited { set: Box<Event>, was: Hash, }
}

impl Happening for CaseResolved {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        match cx.book.cases.get(&self.case).map(|c| &c.kind) {
            // What is short closes itself when the goods are there; nobody can wish it away.
            Some(CaseKind::Oversold { .. } | CaseKind::OverAllocated { .. }) | None => Err(Rejection::UnknownCase),
            // Let go of, it counts nowhere.
            Some(CaseKind::HeldFacts { .. }) => cx.needs(Role::Manager),
            Some(_) => Ok(()),
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.close_case(self.case);
    }
}

impl Happening for HeldAccepted {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        match cx.book.cases.get(&self.case).filter(|case| case.open).map(|case| &case.kind) {
            Some(CaseKind::HeldFacts { kept, .. }) => {
                kept.may_count(&self.orders, |o| cx.book.orders.get(&o).is_some())
            }
            _ => Err(Rejection::Gone),
        }
    }

    /// Folds what the server could not apply, as done by whoever wrote it, then.
    fn fold(&self, fold: &mut Fold<'_>) {
        let case = fold.get(table::cases, &self.case).filter(|case| case.open).cloned();
        let Some(Case { kind: CaseKind::HeldFacts { replica, kept, .. }, .. }) = case else { return };
        let (at, by) = kept.stamp();
        let stamp = Stamp { at, by, replica };
        let mut then =
            Fold { book: &mut *fold.book, layer: fold.layer, stamp, parts: &kept.parts, changes: Changes::default() };
        for event in kept.facts() {
            then.event(&event);
        }
        let changes = then.changes;
        fold.changes.merge(changes);
        fold.close_case(self.case);
    }
}

impl Happening for RefusalDropped {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, _: &mut Fold<'_>) {}
}

impl Happening for SettingEdited {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        match self.set.setting() {
            Some(_) => check_one(cx, &self.set),
            None => Err(Rejection::UnknownEvent),
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let now = self.set.setting_now(fold.book, fold.layer);
        let aside = now.filter(|now| now.hash() != self.was && now.hash() != self.set.hash());
        if let Some((now, subject)) = aside.zip(self.set.setting()) {
            let event = serde_json::to_string(&now).unwrap_or_default();
            fold.open_case(CaseKind::EditedTwice { put_aside: Edited::Setting { subject, event } });
        }
        // A change of settings holds no further one: nothing recurs.
        if self.set.setting().is_some() {
            fold.event(&self.set);
        }
    }
}
