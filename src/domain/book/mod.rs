//! The book: what all events so far add up to. The same fold runs on every tablet and on the server.
//!
//! `apply` is total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses;
//! refusing is [`crate::domain::decide`]'s part, before anything is written down.

pub mod case;
pub mod layered;
mod questions;
mod tables;

pub(crate) use tables::tables;

use std::collections::{HashSet, VecDeque};
use std::hash::Hash as StdHash;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::book::case::{Case, CaseKind, Kept, MOST_KEPT};
use crate::domain::book::layered::{Layer, Layered};
use crate::domain::customer::Customer;
use crate::domain::customer::account::Account;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::goods::price::{PriceList, Promotion};
use crate::domain::goods::product::Product;
use crate::domain::order::rule::Rule;
use crate::domain::order::{Assignee, Order};
use crate::domain::payment::till::Till;
use crate::domain::rejection::Rejection;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Staff;
use crate::domain::shop::tax::TaxRate;
use crate::domain::stock::batch::Batches;
use crate::domain::stock::document::{Cost, Document, Supplier};
use crate::domain::stock::lease::Scarcity;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::stock::{Level, Movement, Place};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, ProductId, Replica, StaffId, TaxId, VariantId};
use crate::domain::value::quantity::Quantity;

/// Number of the latest movements that are kept at hand; levels count all of them.
pub const RECENT_MOVEMENTS: usize = 4_000;

macro_rules! book {
    (
        settings { $($settings:tt)* }
        chunks { $($(#[doc = $doc:literal])* $name:ident: $key:ty => $value:ty, $row:tt, empty $empty:expr, marks $marks:expr;)* }
        others { $($others:tt)* }
        changes { $($changes:tt)* }
    ) => {
        book! {
            @all { $($changes)* }
            $($settings)*
            $($(#[doc = $doc])* $name: $key => $value, empty $empty, marks $marks;)*
            $($others)*
        }
    };
    (
        @all { $($(#[doc = $change_doc:literal])* $change:ident: $set:ty, redraws $($signal:ident)*;)* }
        $($(#[doc = $doc:literal])* $name:ident: $key:ty => $value:ty, empty $empty:expr, marks $marks:expr;)*
    ) => {
        /// See the module.
        #[derive(Clone, Debug, Default)]
        pub struct Book {
            $($(#[doc = $doc])* pub $name: Layered<$key, $value>,)*
            pub(in crate::domain) movements: VecDeque<Movement>,
            pub(in crate::domain) pending_movements: VecDeque<Movement>,
        }

        impl Book {
            /// Forgets what is pending; it is to be played again.
            pub fn reset_pending(&mut self) {
                $(self.$name.reset_pending();)*
                self.pending_movements.clear();
            }

            /// Confirms what was folded as pending as it is: the same as folding it again, when nothing else was
            /// pending.
            pub fn confirm_pending(&mut self) {
                $(self.$name.confirm_pending();)*
                for movement in std::mem::take(&mut self.pending_movements) {
                    push_recent(&mut self.movements, movement);
                }
            }

            /// Changes that would be seen if nothing were pending.
            pub fn pending_changes(&self) -> Changes {
                let mut changes = Changes::default();
                $(self.$name.pending().for_each(|(key, _)| table::$name::mark(&mut changes, key));)*
                changes
            }

            /// One hash over everything that is confirmed: equal on every replica that has folded the same log.
            pub fn digest(&self) -> Hash {
                fn feed<T: Table>(hash: &mut Sha256, map: &Layered<T::Key, T::Value>) {
                    for entry in entries::<T>(map) {
                        hash.update(postcard::to_stdvec(&entry).unwrap_or_default());
                    }
                }
                let mut hash = Sha256::new();
                $(feed::<table::$name>(&mut hash, &self.$name);)*
                Hash::of(&[&hash.finalize()])
            }
        }

        /// Changes that a fold made, so that only those are drawn again.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Changes {
            $($(#[doc = $change_doc])* pub $change: $set,)*
        }

        impl Changes {
            pub fn merge(&mut self, other: Self) {
                $(self.$change.join(other.$change);)*
            }
        }

        /// The tables by name, for what is generic over them.
        #[allow(non_camel_case_types, reason = "each is called as its field is")]
        pub mod table {
            use super::*;

            $(
                $(#[doc = $doc])*
                pub struct $name;

                impl Table for $name {
                    type Key = $key;
                    type Value = $value;

                    fn of(book: &Book) -> &Layered<$key, $value> {
                        &book.$name
                    }

                    fn of_mut(book: &mut Book) -> &mut Layered<$key, $value> {
                        &mut book.$name
                    }

                    fn is_empty(value: &$value) -> bool {
                        let empty: fn(&$value) -> bool = $empty;
                        empty(value)
                    }

                    fn mark(changes: &mut Changes, key: &$key) {
                        let marks: fn(&mut Changes, &$key) -> _ = $marks;
                        let _ = marks(changes, key);
                    }
                }
            )*
        }
    };
}

tables!(book);

/// A table of the book.
pub trait Table {
    type Key: Serialize + Ord + StdHash + Clone + 'static;
    type Value: Serialize + 'static;

    fn of(book: &Book) -> &Layered<Self::Key, Self::Value>;
    fn of_mut(book: &mut Book) -> &mut Layered<Self::Key, Self::Value>;

    /// Says whether an entry says nothing, as if it were not there.
    fn is_empty(value: &Self::Value) -> bool;

    /// Marks what an entry changes.
    fn mark(changes: &mut Changes, key: &Self::Key);
}

/// Confirmed entries of a table that say something, in the order of their keys.
pub fn entries<T: Table>(map: &Layered<T::Key, T::Value>) -> Vec<(&T::Key, &T::Value)> {
    let mut entries: Vec<_> = map.confirmed().filter(|(_, value)| !T::is_empty(value)).collect();
    entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
    entries
}

/// Changes of one kind.
pub trait Changed {
    fn join(&mut self, other: Self);

    /// Says whether there are any.
    fn any(&self) -> bool;
}

impl<T: Eq + StdHash> Changed for HashSet<T> {
    fn join(&mut self, other: Self) {
        self.extend(other);
    }

    fn any(&self) -> bool {
        !self.is_empty()
    }
}

impl Changed for bool {
    fn join(&mut self, other: Self) {
        *self |= other;
    }

    fn any(&self) -> bool {
        *self
    }
}

impl Book {
    /// The latest movements, newest first, those not sent yet before all others.
    pub fn movements(&self) -> impl Iterator<Item = &Movement> {
        self.pending_movements.iter().rev().chain(self.movements.iter().rev())
    }

    pub fn confirmed_movements(&self) -> &VecDeque<Movement> {
        &self.movements
    }

    /// Works out which product each confirmed variant belongs to: what follows from the products is not stored.
    pub fn index_variants(&mut self) {
        let Self { products, variants, .. } = self;
        for (id, product) in products.confirmed() {
            product.variants.iter().for_each(|v| variants.put(Layer::Confirmed, v.id, *id));
        }
    }

    /// Puts stored movements back, oldest first.
    pub fn restore_movements(&mut self, movements: impl IntoIterator<Item = Movement>) {
        self.movements = movements.into_iter().collect();
    }

    pub fn open_cases(&self) -> impl Iterator<Item = (&Id, &Case)> {
        self.cases.iter().filter(|(_, c)| c.open)
    }

    /// Notes that the server keeps a transaction that it could not apply.
    pub fn apply_held(&mut self, layer: Layer, replica: u32, seq: u64, code: &str, kept: Kept) -> Changes {
        let (at, code) = (kept.stamp().0, code.to_owned());
        let parts: usize = kept.parts.values().map(|part| part.data.len()).sum();
        let kind = match kept.body.len() + parts {
            1..=MOST_KEPT => CaseKind::HeldFacts { replica, seq, code, kept: Box::new(kept) },
            _ => CaseKind::Held { replica, seq, code },
        };
        let id = kind.id();
        self.cases.put(layer, id, Case { kind, at, open: true });
        Changes { cases: HashSet::from([id]), ..Changes::default() }
    }
}

pub(super) fn push_recent(movements: &mut VecDeque<Movement>, movement: Movement) {
    if movements.len() >= RECENT_MOVEMENTS {
        movements.pop_front();
    }
    movements.push_back(movement);
}

/// # Errors
/// [`Rejection::UnknownLocation`].
pub(in crate::domain) fn known_location(book: &Book, location: LocationId) -> Result<(), Rejection> {
    book.locations.get(&location).map(|_| ()).ok_or(Rejection::UnknownLocation)
}
