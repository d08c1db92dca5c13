//! Questions to the book: what it says of goods, stock, orders and people, read from its tables.

use std::collections::BTreeMap;

use crate::domain::book::Book;
use crate::domain::goods::gtin::Gtin;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::order::rule::{Act, Rule};
use crate::domain::order::{Assignee, Line, Order, OrderState};
use crate::domain::shop::profile::Profile;
use crate::domain::shop::tax::{TaxRate, tax};
use crate::domain::stock::batch::{Batch, Batches};
use crate::domain::stock::document::{Document, Margin};
use crate::domain::stock::lease::Scarcity;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::stock::{Level, Place};
use crate::domain::value::id::{LocationId, Replica, StaffId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::{Day, Timestamp};

impl Book {
    pub fn profile(&self) -> Profile {
        self.profile.get(&()).cloned().unwrap_or_default()
    }

    pub fn variant(&self, id: VariantId) -> Option<(&Product, &Variant)> {
        let product = self.products.get(self.variants.get(&id)?)?;
        product.variants.iter().find(|v| v.id == id).map(|v| (product, v))
    }

    pub fn level(&self, place: Place) -> Level {
        self.levels.get(&place).copied().unwrap_or_default()
    }

    /// Variants by SKU; of several with one SKU, the one with the lowest identifier.
    pub fn skus(&self) -> std::collections::HashMap<String, VariantId> {
        let mut skus = std::collections::HashMap::new();
        for v in self.products.iter().flat_map(|(_, p)| &p.variants).filter(|v| !v.sku.is_empty()) {
            let first = skus.entry(v.sku.clone()).or_insert(v.id);
            *first = v.id.min(*first);
        }
        skus
    }

    /// The quantity of a variant that is on its way to a place: loads that were sent, and purchases that have not come.
    pub fn incoming(&self, place: Place) -> Quantity {
        let coming = self.documents.iter().map(|(_, d)| match d {
            Document::Transfer(t) if t.to == place.1 => t.under_way(place.0),
            Document::Purchase(p) if p.location == place.1 => p.incoming(place.0),
            _ => Quantity::ZERO,
        });
        coming.fold(Quantity::ZERO, Quantity::saturating_add)
    }

    /// The rate of a product: its own, or the store's usual one, or none.
    pub fn rate(&self, product: &Product) -> Option<&TaxRate> {
        let id = product.tax.or(self.profile.get(&()).and_then(|p| p.usual_tax))?;
        self.taxes.get(&id)
    }

    /// The orders that are outstanding and in memory, in no order.
    pub fn outstanding_orders(&self) -> impl Iterator<Item = &Order> {
        self.outstanding.iter().filter(|(_, is)| **is).filter_map(|(id, _)| self.orders.get(id))
    }
}

impl Book {
    /// The kit that a variant is, if it is one.
    pub fn kit(&self, variant: VariantId) -> Option<&Kit> {
        self.kits.get(&variant).filter(|k| !k.parts.is_empty())
    }

    /// Goods that would leave the shelf for so much of a variant.
    pub fn goods(&self, variant: VariantId, quantity: Quantity) -> Vec<(VariantId, Quantity)> {
        self.kit(variant).map_or_else(|| vec![(variant, quantity)], |k| k.goods(quantity).collect())
    }

    /// The quantity of a variant that can be sold at a place: what is there for nobody yet, or the kits that makes.
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

impl Book {
    pub fn packs(&self, variant: VariantId) -> &[Pack] {
        self.packs.get(&variant).map(Vec::as_slice).unwrap_or_default()
    }

    /// The thing, and how much of it, that a pack's barcode stands for. Of several the lowest identifier.
    pub fn pack_of(&self, code: &str) -> Option<(VariantId, Quantity)> {
        let gtin = Gtin::parse(code);
        let same = |p: &Pack| {
            !p.barcode.is_empty() && (p.barcode == code || gtin.is_some() && Gtin::parse(&p.barcode) == gtin)
        };
        let hits = self.packs.iter().flat_map(|(v, packs)| packs.iter().filter(|p| same(p)).map(|p| (*v, p.quantity)));
        hits.min()
    }
}

impl Book {
    pub fn batches(&self, place: Place) -> Option<&Batches> {
        self.batches.get(&place).filter(|b| !b.is_empty())
    }

    /// The quantity at a place that is good no longer than until `day`.
    pub fn expiring(&self, place: Place, day: Day) -> Quantity {
        let early = |b: &&Batch| b.lot.expires.is_some_and(|e| e <= day);
        self.batches(place)
            .into_iter()
            .flat_map(Batches::iter)
            .filter(early)
            .fold(Quantity::ZERO, |sum, b| sum.saturating_add(b.quantity))
    }
}

impl Book {
    /// Goods set aside at a place for tablets other than one.
    pub fn leased_to_others(&self, place: Place, replica: Replica) -> Quantity {
        let others = self.leases.iter().filter(|((p, r), _)| *p == place && *r != replica);
        others.fold(Quantity::ZERO, |sum, (_, quantity)| sum.saturating_add(*quantity))
    }

    pub fn leased(&self, place: Place, replica: Replica) -> Quantity {
        self.leases.get(&(place, replica)).copied().unwrap_or_default()
    }

    /// Goods that open orders will take from a place, by the tablet that took them.
    fn promised(&self, place: Place) -> BTreeMap<Replica, Quantity> {
        let mut promised = BTreeMap::<Replica, Quantity>::new();
        let waiting = |o: &&Order| o.state.open() && o.state != OrderState::Draft && o.handed_over.is_none();
        for order in self.orders.iter().map(|(_, o)| o).filter(waiting) {
            let of_it = |l: &Line| order.goods(l).into_iter().find(|(v, _)| *v == place.0).map(|(_, needed)| needed);
            for (i, needed) in order.lines.iter().enumerate().filter_map(|(i, l)| Some((i, of_it(l)?))) {
                // From where its goods are set aside, and from its own place as far as none are.
                let set_aside = order
                    .fulfilment
                    .iter()
                    .flat_map(|f| &f.allocated)
                    .filter(|a| usize::from(a.line) == i && a.variant == place.0);
                let (mut here, mut all) = (Quantity::ZERO, Quantity::ZERO);
                for a in set_aside {
                    all = all.saturating_add(a.quantity);
                    if a.location == place.1 {
                        here = here.saturating_add(a.quantity);
                    }
                }
                if order.location == place.1 {
                    here = here.saturating_add(needed.saturating_add(all.saturating_neg()).max(Quantity::ZERO));
                }
                let sum = promised.entry(order.id.0.replica).or_default();
                *sum = sum.saturating_add(here);
            }
        }
        promised
    }

    /// The quantity of a variant that a tablet may promise: what is set aside for it and, while it hears of others'
    /// sales, what neither is set aside for others nor promised by them. `None` when the variant is not scarce: then it
    /// may promise what it likes.
    pub fn promisable(&self, place: Place, replica: Replica, offline: bool) -> Option<(Scarcity, Quantity)> {
        let scarcity = self.scarce.get(&place.0).copied().flatten()?;
        let mut claims = self.promised(place);
        let own = claims.remove(&replica).unwrap_or_default();
        let leased = self.leased(place, replica);
        for ((_, other), quantity) in self.leases.iter().filter(|((p, r), _)| *p == place && *r != replica) {
            let claim = claims.entry(*other).or_default();
            *claim = (*claim).max(*quantity);
        }
        let free = claims
            .into_values()
            .fold(self.level(place).on_hand, |left, claim| left.saturating_add(claim.saturating_neg()));
        let most = if offline { leased } else { leased.max(free) };
        Some((scarcity, most.saturating_add(own.saturating_neg()).max(Quantity::ZERO)))
    }
}

impl Book {
    /// The average cost of one of a thing, and what is left of a price for it once its tax and that are off; the
    /// latter is `None` where the price is nothing.
    pub fn margin_of(&self, variant: VariantId, price: Minor, at: Timestamp) -> Option<(Minor, Option<Margin>)> {
        let cost = self.costs.get(&variant)?.minor();
        let rate = self.variant(variant).and_then(|(product, _)| self.rate(product)).map_or(0, |r| r.at(at));
        let net = tax(price, rate, self.profile().prices_include_tax).map_or(Minor::ZERO, |t| t.net);
        Some((cost, (net > Minor::ZERO).then(|| Margin::new(net, cost))))
    }

    /// The cost of the goods at a place on average, all together, and of how many things that is not known. Saturates.
    pub fn stock_value(&self, location: LocationId) -> (Minor, usize) {
        let there = self.levels.iter().filter(|(place, level)| place.1 == location && level.on_hand > Quantity::ZERO);
        there.fold((Minor::ZERO, 0), |(sum, unknown), ((variant, _), level)| {
            match self.costs.get(variant).and_then(|cost| cost.minor_of(level.on_hand)) {
                Some(worth) => (Minor(sum.0.saturating_add(worth.0)), unknown),
                None => (sum, unknown + 1),
            }
        })
    }
}

impl Book {
    /// The quantity of a variant that is set aside for orders at a place.
    pub fn allocated(&self, place: Place) -> Quantity {
        self.allocated.get(&place).copied().unwrap_or_default()
    }

    /// Goods that are there for nobody yet. Below zero when more is promised than there is.
    pub fn available(&self, place: Place) -> Quantity {
        let set_aside = self.allocated(place).saturating_add(self.leased_to_others(place, 0));
        self.level(place).on_hand.saturating_add(set_aside.saturating_neg())
    }

    pub fn sourcing(&self) -> Sourcing {
        self.sourcing.get(&()).copied().unwrap_or_default()
    }
}

impl Book {
    /// The rules of a store, in the order in which they act.
    pub fn rules(&self) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.rules.iter().map(|(_, r)| r).filter(|r| !r.gone).collect();
        rules.sort_by_key(|r| (r.rank, r.id));
        rules
    }

    /// Of the people who work here, the one with the fewest open orders; of several, the first that was made.
    pub fn least_busy(&self) -> Option<StaffId> {
        let load = |id: StaffId| self.workload.get(&Assignee::Staff(id)).copied().unwrap_or_default();
        self.staff.iter().filter(|(_, s)| s.active).map(|(id, _)| *id).min_by_key(|id| (load(*id), *id))
    }

    /// Teams and stations that have work, or that rules give some to; by name, each once.
    pub fn stations(&self) -> Vec<String> {
        let station = |who: &Assignee| if let Assignee::Station(name) = who { Some(name.clone()) } else { None };
        let working = self.workload.iter().filter(|(_, n)| **n > 0).filter_map(|(who, _)| station(who));
        let acts = self.rules.iter().filter(|(_, r)| !r.gone).flat_map(|(_, r)| &r.acts);
        let named = acts.filter_map(|act| if let Act::Assign(who) = act { station(who) } else { None });
        working.chain(named).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}
