//! The book: what all events so far add up to. The same fold runs on every tablet and on the server.
//!
//! `apply` is total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses;
//! refusing is [`crate::domain::decide`]'s part, before anything is written down.

use crate::domain::rejection::Rejection;
pub mod case;
pub mod layered;
mod questions;

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
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Staff;
use crate::domain::shop::tax::TaxRate;
use crate::domain::stock::batch::Batches;
use crate::domain::stock::document::{Cost, Document, Supplier};
use crate::domain::stock::lease::Scarcity;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::stock::{Level, Movement, Place};
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, ProductId, Replica, StaffId, TaxId, VariantId};
use crate::domain::value::quantity::Quantity;

/// How many of the latest movements are kept at hand; levels count all of them.
pub const RECENT_MOVEMENTS: usize = 4_000;

/// See the module. On a tablet `orders` holds only those that were touched lately; the others are in blocks.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub profile: Layered<(), Profile>,
    pub taxes: Layered<TaxId, TaxRate>,
    pub locations: Layered<LocationId, Location>,
    pub staff: Layered<StaffId, Staff>,
    pub products: Layered<ProductId, Product>,
    /// Which product a variant belongs to.
    pub variants: Layered<VariantId, ProductId>,
    pub customers: Layered<CustomerId, Customer>,
    pub orders: Layered<OrderId, Order>,
    pub levels: Layered<Place, Level>,
    pub cases: Layered<Id, Case>,
    /// By tablet.
    pub tills: Layered<Replica, Till>,
    /// `None` for one that is not scarce any more.
    pub scarce: Layered<VariantId, Option<Scarcity>>,
    /// What is set aside at a place for a tablet; none is the same as zero.
    pub leases: Layered<(Place, Replica), Quantity>,
    pub rules: Layered<Id, Rule>,
    pub sourcing: Layered<(), Sourcing>,
    /// What open orders keep from others, place by place; none is the same as zero.
    pub allocated: Layered<Place, Quantity>,
    /// How many open orders are each one's work; none is the same as zero.
    pub workload: Layered<Assignee, u32>,
    /// Orders that somebody still has to see to, though they may be closed; none is the same as `false`.
    pub outstanding: Layered<OrderId, bool>,
    pub documents: Layered<Id, Document>,
    /// What goods cost on average; none was never bought.
    pub costs: Layered<VariantId, Cost>,
    pub suppliers: Layered<Id, Supplier>,
    /// What is made up of others; without parts it no longer is.
    pub kits: Layered<VariantId, Kit>,
    pub packs: Layered<VariantId, Vec<Pack>>,
    /// What is known to be of a lot; none is the same as empty.
    pub batches: Layered<Place, Batches>,
    pub price_lists: Layered<Id, PriceList>,
    pub promotions: Layered<Id, Promotion>,
    /// By customer; none is the same as an empty one.
    pub accounts: Layered<CustomerId, Account>,
    pub(super) movements: VecDeque<Movement>,
    pub(super) pending_movements: VecDeque<Movement>,
}

/// What a fold changed, so that only that is drawn again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub orders: HashSet<OrderId>,
    pub places: HashSet<Place>,
    pub products: HashSet<ProductId>,
    pub customers: HashSet<CustomerId>,
    pub cases: HashSet<Id>,
    pub documents: HashSet<Id>,
    pub costs: HashSet<VariantId>,
    pub settings: bool,
    /// Tills, leases, what is set aside, workloads, what is outstanding and accounts: kept with the settings, but every order may change them.
    pub tills: bool,
}

impl Changes {
    pub fn merge(&mut self, other: Self) {
        self.orders.extend(other.orders);
        self.places.extend(other.places);
        self.products.extend(other.products);
        self.customers.extend(other.customers);
        self.cases.extend(other.cases);
        self.documents.extend(other.documents);
        self.costs.extend(other.costs);
        self.settings |= other.settings;
        self.tills |= other.tills;
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

    /// Puts stored movements back, oldest first.
    pub fn restore_movements(&mut self, movements: impl IntoIterator<Item = Movement>) {
        self.movements = movements.into_iter().collect();
    }

    pub fn open_cases(&self) -> impl Iterator<Item = (&Id, &Case)> {
        self.cases.iter().filter(|(_, c)| c.open)
    }

    /// One hash over everything that is confirmed: equal on every replica that has folded the same log.
    pub fn digest(&self) -> crate::domain::value::hash::Hash {
        fn feed<K: Serialize + Ord + Eq + StdHash + Clone, V: Serialize>(hash: &mut Sha256, map: &Layered<K, V>) {
            let mut rows: Vec<_> = map.confirmed().collect();
            rows.sort_by(|a, b| a.0.cmp(b.0));
            for row in rows {
                hash.update(postcard::to_stdvec(&row).unwrap_or_default());
            }
        }
        let mut hash = Sha256::new();
        feed(&mut hash, &self.profile);
        feed(&mut hash, &self.taxes);
        feed(&mut hash, &self.locations);
        feed(&mut hash, &self.staff);
        feed(&mut hash, &self.products);
        feed(&mut hash, &self.customers);
        feed(&mut hash, &self.orders);
        feed(&mut hash, &self.levels);
        feed(&mut hash, &self.cases);
        feed(&mut hash, &self.tills);
        // Rows that say nothing are not kept.
        let mut scarce: Vec<_> = self.scarce.confirmed().filter(|(_, s)| s.is_some()).collect();
        let mut leases: Vec<_> = self.leases.confirmed().filter(|(_, q)| **q > Quantity::ZERO).collect();
        scarce.sort_by_key(|row| *row.0);
        leases.sort_by_key(|row| *row.0);
        hash.update(postcard::to_stdvec(&(scarce, leases)).unwrap_or_default());
        feed(&mut hash, &self.documents);
        feed(&mut hash, &self.costs);
        feed(&mut hash, &self.suppliers);
        feed(&mut hash, &self.rules);
        feed(&mut hash, &self.sourcing);
        feed(&mut hash, &self.price_lists);
        feed(&mut hash, &self.promotions);
        let mut kits: Vec<_> = self.kits.confirmed().filter(|(_, k)| !k.parts.is_empty()).collect();
        let mut packs: Vec<_> = self.packs.confirmed().filter(|(_, p)| !p.is_empty()).collect();
        let mut batches: Vec<_> = self.batches.confirmed().filter(|(_, b)| !b.is_empty()).collect();
        kits.sort_by_key(|row| *row.0);
        packs.sort_by_key(|row| *row.0);
        batches.sort_by_key(|row| *row.0);
        hash.update(postcard::to_stdvec(&(kits, packs, batches)).unwrap_or_default());
        let mut allocated: Vec<_> = self.allocated.confirmed().filter(|(_, q)| q.0 != 0).collect();
        let mut workload: Vec<_> = self.workload.confirmed().filter(|(_, n)| **n > 0).collect();
        let mut accounts: Vec<_> = self.accounts.confirmed().filter(|(_, a)| !a.is_empty()).collect();
        let mut outstanding: Vec<OrderId> = self.outstanding.confirmed().filter(|(_, is)| **is).map(|(id, _)| *id).collect();
        outstanding.sort();
        allocated.sort_by_key(|row| *row.0);
        workload.sort();
        accounts.sort_by_key(|row| *row.0);
        hash.update(postcard::to_stdvec(&(allocated, workload, accounts, outstanding)).unwrap_or_default());
        crate::domain::value::hash::Hash::of(&[&hash.finalize()])
    }

    // --- folding ------------------------------------------------------------------------------------------------------

    /// Forgets what is pending; it is to be played again.
    pub fn reset_pending(&mut self) {
        self.profile.reset_pending();
        self.taxes.reset_pending();
        self.locations.reset_pending();
        self.staff.reset_pending();
        self.products.reset_pending();
        self.variants.reset_pending();
        self.customers.reset_pending();
        self.orders.reset_pending();
        self.levels.reset_pending();
        self.cases.reset_pending();
        self.scarce.reset_pending();
        self.tills.reset_pending();
        self.leases.reset_pending();
        self.rules.reset_pending();
        self.sourcing.reset_pending();
        self.allocated.reset_pending();
        self.workload.reset_pending();
        self.outstanding.reset_pending();
        self.accounts.reset_pending();
        self.documents.reset_pending();
        self.costs.reset_pending();
        self.suppliers.reset_pending();
        self.price_lists.reset_pending();
        self.promotions.reset_pending();
        self.kits.reset_pending();
        self.packs.reset_pending();
        self.batches.reset_pending();
        self.pending_movements.clear();
    }

    /// What was folded as pending stays, as confirmed: the same as folding it again, when nothing else was pending.
    pub fn confirm_pending(&mut self) {
        self.profile.confirm_pending();
        self.taxes.confirm_pending();
        self.locations.confirm_pending();
        self.staff.confirm_pending();
        self.products.confirm_pending();
        self.variants.confirm_pending();
        self.customers.confirm_pending();
        self.orders.confirm_pending();
        self.levels.confirm_pending();
        self.cases.confirm_pending();
        self.scarce.confirm_pending();
        self.tills.confirm_pending();
        self.leases.confirm_pending();
        self.rules.confirm_pending();
        self.sourcing.confirm_pending();
        self.allocated.confirm_pending();
        self.workload.confirm_pending();
        self.outstanding.confirm_pending();
        self.accounts.confirm_pending();
        self.documents.confirm_pending();
        self.costs.confirm_pending();
        self.suppliers.confirm_pending();
        self.price_lists.confirm_pending();
        self.promotions.confirm_pending();
        self.kits.confirm_pending();
        self.packs.confirm_pending();
        self.batches.confirm_pending();
        for movement in std::mem::take(&mut self.pending_movements) {
            push_recent(&mut self.movements, movement);
        }
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
