//! The book: what all events so far add up to. The same fold runs on every tablet and on the server.
//!
//! `apply` is total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses;
//! refusing is [`super::decide`]'s part, before anything is written down.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash as StdHash;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::case::{Case, CaseKind, Edited};
use super::catalog::{Product, Variant};
use super::customer::{Customer, Person};
use super::event::{
    CustomerSet, Event, GoodsMoved, OrderMoved, OrderPlaced, OrderVoided, Parts, PaymentRefunded, PaymentTaken, PersonalRef, PriceSet,
    Transaction,
};
use super::id::{CustomerId, Id, LocationId, MovementId, OrderId, ProductId, Replica, StaffId, TaxId, VariantId};
use super::layered::{Layer, Layered};
use super::lease::Scarcity;
use super::location::Location;
use super::money::Minor;
use super::order::{Entry, Happened, Order, OrderState, step};
use super::quantity::Quantity;
use super::settings::Profile;
use super::staff::Staff;
use super::stock::{Level, Movement, Place, Reason};
use super::tax::TaxRate;
use super::till::{self, CLOSINGS, Closing, Shift, Till};
use super::time::Timestamp;
use crate::planted::{Bug, is};

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
    movements: VecDeque<Movement>,
    pending_movements: VecDeque<Movement>,
}

/// What a fold changed, so that only that is drawn again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub orders: HashSet<OrderId>,
    pub places: HashSet<Place>,
    pub products: HashSet<ProductId>,
    pub customers: HashSet<CustomerId>,
    pub cases: HashSet<Id>,
    pub settings: bool,
    /// Tills and leases: kept with the settings, but every sale may change them.
    pub tills: bool,
}

impl Changes {
    pub fn merge(&mut self, other: Self) {
        self.orders.extend(other.orders);
        self.places.extend(other.places);
        self.products.extend(other.products);
        self.customers.extend(other.customers);
        self.cases.extend(other.cases);
        self.settings |= other.settings;
        self.tills |= other.tills;
    }
}

/// Who wrote an event, and when by their clock.
#[derive(Clone, Copy, Debug)]
struct Stamp {
    at: Timestamp,
    by: StaffId,
    replica: Replica,
}

impl Book {
    // --- reading ------------------------------------------------------------------------------------------------------

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

    /// The rate of a product: its own, or the store's usual one, or none.
    pub fn rate(&self, product: &Product) -> Option<&TaxRate> {
        let id = product.tax.or(self.profile.get(&()).and_then(|p| p.usual_tax))?;
        self.taxes.get(&id)
    }

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
    pub fn digest(&self) -> super::event::Hash {
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
        super::event::Hash::of(&[&hash.finalize()])
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
        for movement in std::mem::take(&mut self.pending_movements) {
            push_recent(&mut self.movements, movement);
        }
    }

    /// Folds one transaction in.
    pub fn apply(&mut self, layer: Layer, tx: &Transaction) -> Changes {
        let mut fold = Fold {
            stamp: Stamp { at: tx.body.at, by: tx.body.by, replica: tx.replica },
            parts: &tx.parts,
            book: self,
            layer,
            changes: Changes::default(),
        };
        for event in &tx.body.ev {
            fold.event(event);
        }
        fold.changes
    }

    /// Notes that the server keeps a transaction that it could not apply.
    pub fn apply_held(&mut self, layer: Layer, replica: u32, seq: u64, at: Timestamp, code: &str) -> Changes {
        let kind = CaseKind::Held { replica, seq, code: code.to_owned() };
        let id = kind.id();
        self.cases.put(layer, id, Case { kind, at, open: true });
        Changes { cases: HashSet::from([id]), ..Changes::default() }
    }
}

fn push_recent(movements: &mut VecDeque<Movement>, movement: Movement) {
    if movements.len() >= RECENT_MOVEMENTS {
        movements.pop_front();
    }
    movements.push_back(movement);
}

struct Fold<'a> {
    book: &'a mut Book,
    layer: Layer,
    stamp: Stamp,
    parts: &'a Parts,
    changes: Changes,
}

impl Fold<'_> {
    fn event(&mut self, event: &Event) {
        let layer = self.layer;
        match event {
            Event::ProfileSet(e) => {
                self.book.profile.put(layer, (), e.clone());
                self.changes.settings = true;
            }
            Event::TaxRateSet(e) => {
                self.book.taxes.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::LocationSet(e) => {
                self.book.locations.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::StaffSet(e) => {
                self.book.staff.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::ProductSet(e) => self.product_set(e),
            Event::PriceSet(e) => self.price_set(e),
            Event::CustomerSet(e) => self.customer_set(e),
            Event::OrderPlaced(e) => self.order_placed(e),
            Event::OrderMoved(e) => self.order_moved(e),
            Event::OrderVoided(e) => self.order_voided(e),
            Event::OrderNoted(e) => {
                let text = self.personal_text(&e.note);
                self.with_order(e.order, |fold, order| {
                    order.note = text;
                    fold.note(order, Happened::Noted);
                });
            }
            Event::GoodsHandedOver(e) => self.handed_over(e),
            Event::GoodsReturned(e) => self.returned(e),
            Event::PaymentTaken(e) => self.payment_taken(e),
            Event::PaymentRefunded(e) => self.payment_refunded(e),
            Event::StockMoved(e) => self.moved(e.clone()),
            // For the log alone.
            Event::RefusalDropped(_) => {}
            Event::ProductEdited(e) => {
                let aside = self.book.products.at(layer, &e.product.id).filter(|p| p.hash() != e.was && **p != e.product).cloned();
                if let Some(product) = aside {
                    self.open_case(CaseKind::EditedTwice { put_aside: Edited::Product(Box::new(product)) });
                }
                self.product_set(&e.product);
            }
            Event::ScarcitySet(e) => {
                self.book.scarce.put(layer, e.variant, e.scarcity);
                self.changes.settings = true;
            }
            Event::TillOpened(e) => {
                let (at, by, float) = (self.stamp.at, self.stamp.by, e.float);
                // A shift that was never closed is over all the same.
                self.with_till(|till| till.shift = Some(Shift { at, by, float, ..Shift::default() }));
            }
            Event::CashMoved(e) => self.with_shift(|shift| shift.moves.push(e.clone())),
            Event::TillClosed(e) => {
                let (at, by, left) = (self.stamp.at, self.stamp.by, e.left);
                let counted = till::add_up(&e.counted).unwrap_or_default();
                self.with_till(|till| {
                    let Some(shift) = till.shift.take() else { return };
                    till.closed += 1;
                    let expected = shift.expected();
                    till.closings.push(Closing { number: till.closed, shift, at, by, counted, expected, left });
                    let from = till.closings.len().saturating_sub(CLOSINGS);
                    till.closings.drain(..from);
                });
            }
            Event::LeaseSet(e) => self.set_lease(e.key(), e.quantity),
            Event::CaseResolved(e) => {
                if let Some(mut case) = self.book.cases.at(layer, &e.case).cloned() {
                    case.open = false;
                    self.book.cases.put(layer, e.case, case);
                    self.changes.cases.insert(e.case);
                }
            }
        }
    }

    // --- catalogue and customers --------------------------------------------------------------------------------------

    fn product_set(&mut self, product: &Product) {
        for v in &product.variants {
            self.book.variants.put(self.layer, v.id, product.id);
        }
        self.book.products.put(self.layer, product.id, product.clone());
        self.changes.products.insert(product.id);
    }

    fn price_set(&mut self, e: &PriceSet) {
        let Some(id) = self.book.variants.at(self.layer, &e.variant) else { return };
        let Some(mut product) = self.book.products.at(self.layer, id).cloned() else { return };
        for v in product.variants.iter_mut().filter(|v| v.id == e.variant) {
            if e.was.is_some_and(|was| was != v.price) && v.price != e.price {
                self.open_case(CaseKind::EditedTwice { put_aside: Edited::Price { variant: v.id, price: v.price } });
            }
            v.price = e.price;
        }
        self.changes.products.insert(product.id);
        self.book.products.put(self.layer, product.id, product);
    }

    fn customer_set(&mut self, e: &CustomerSet) {
        let part = self.parts.get(&e.person.pd);
        let person = part.and_then(|p| serde_json::from_slice::<Person>(p.data.as_bytes()).ok()).unwrap_or_default();
        let known = self.book.customers.at(self.layer, &e.customer).map(|c| &c.person);
        if let (Some(part), Some(was), Some(known)) = (part, e.was, known)
            && known.hash(part.salt) != was
            && *known != person
        {
            let put_aside = Edited::Customer { customer: e.customer, person: known.clone() };
            self.open_case(CaseKind::EditedTwice { put_aside });
        }
        self.book.customers.put(self.layer, e.customer, Customer { id: e.customer, person });
        self.changes.customers.insert(e.customer);
    }

    fn personal_text(&self, reference: &PersonalRef) -> String {
        self.parts.get(&reference.pd).and_then(|p| serde_json::from_slice::<String>(p.data.as_bytes()).ok()).unwrap_or_default()
    }

    // --- orders -------------------------------------------------------------------------------------------------------

    fn order_placed(&mut self, e: &OrderPlaced) {
        // The same order taken in twice (a file, a web shop's repeated message) changes nothing.
        if self.book.orders.at(self.layer, &e.order).is_some() {
            return;
        }
        let order = Order {
            id: e.order,
            number: e.number.clone(),
            channel: e.channel,
            external: e.external.clone(),
            placed_at: e.placed_at.unwrap_or(self.stamp.at),
            by: self.stamp.by,
            location: e.location,
            currency: e.currency,
            prices_include_tax: e.prices_include_tax,
            state: e.state,
            customer: e.customer,
            note: e.note.as_ref().map(|n| self.personal_text(n)).unwrap_or_default(),
            lines: e.lines.clone(),
            totals: e.totals,
            payments: e.payments.clone(),
            refunds: e.refunds.clone(),
            handed_over: None,
            history: vec![Entry { at: self.stamp.at, by: self.stamp.by, what: Happened::Placed }],
        };
        self.changes.orders.insert(e.order);
        self.book.orders.put(self.layer, e.order, order);
    }

    fn order_moved(&mut self, e: &OrderMoved) {
        self.with_order(e.order, |fold, order| {
            if order.state == e.to {
                return;
            }
            if step(order.state, e.to).is_none() {
                fold.open_case(CaseKind::StepLost { order: e.order });
                return;
            }
            order.state = e.to;
            fold.note(order, Happened::Moved(e.to));
        });
    }

    fn order_voided(&mut self, e: &OrderVoided) {
        self.with_order(e.order, |fold, order| {
            if order.state == OrderState::Voided {
                return;
            }
            if order.paid() > e.paid_seen {
                fold.open_case(CaseKind::VoidedThoughPaid { order: e.order });
                return;
            }
            order.state = OrderState::Voided;
            fold.note(order, Happened::Voided(e.reason));
        });
    }

    fn handed_over(&mut self, e: &GoodsMoved) {
        self.with_order(e.order, |fold, order| {
            if order.handed_over.is_some() {
                fold.open_case(CaseKind::HandedOverTwice { order: e.order });
                return;
            }
            order.handed_over = Some(e.location);
            fold.note(order, Happened::HandedOver);
            fold.move_lines(order, e.location, -1);
        });
    }

    fn returned(&mut self, e: &GoodsMoved) {
        self.with_order(e.order, |fold, order| {
            if order.handed_over.is_none() {
                return;
            }
            order.handed_over = None;
            fold.note(order, Happened::Returned);
            fold.move_lines(order, e.location, 1);
        });
    }

    fn move_lines(&mut self, order: &Order, location: LocationId, sign: i64) {
        let name = format!("{}#{}", order.id, order.history.len());
        for (i, line) in order.lines.iter().enumerate() {
            let Some(variant) = line.variant else { continue };
            let id = MovementId(Id::derived("movement", &name, &i.to_string()));
            let reason = if sign < 0 { Reason::Sold(order.id) } else { Reason::Returned(order.id) };
            let change = Quantity(line.quantity.0.saturating_mul(sign));
            self.moved(Movement { id, variant, location, change, reason, at: self.stamp.at, by: self.stamp.by });
        }
    }

    fn payment_taken(&mut self, e: &PaymentTaken) {
        self.with_order(e.order, |fold, order| {
            if order.payments.iter().any(|p| p.id == e.payment.id) {
                return;
            }
            order.payments.push(e.payment.clone());
            fold.note(order, Happened::Paid(e.payment.amount));
            fold.with_shift(|shift| {
                shift.take(e.payment.tender, e.payment.amount);
                shift.payments += 1;
            });
            if order.state == OrderState::Voided {
                order.state = OrderState::Placed;
                fold.open_case(CaseKind::PaidAfterVoid { order: e.order });
            }
            let over = order.due().0.saturating_neg();
            if over > 0 {
                fold.open_case(CaseKind::Overpaid { order: e.order, over: Minor(over) });
            }
        });
    }

    fn payment_refunded(&mut self, e: &PaymentRefunded) {
        self.with_order(e.order, |fold, order| {
            if order.refunds.iter().any(|r| r.id == e.refund.id) {
                return;
            }
            order.refunds.push(e.refund.clone());
            fold.note(order, Happened::Refunded(e.refund.amount));
            fold.with_shift(|shift| {
                shift.take(e.refund.tender, Minor(e.refund.amount.0.saturating_neg()));
                shift.refunded = Minor(shift.refunded.0.saturating_add(e.refund.amount.0));
            });
            let over = order.paid().0.saturating_neg();
            if over > 0 {
                fold.open_case(CaseKind::OverRefunded { order: e.order, over: Minor(over) });
            }
        });
    }

    fn with_order(&mut self, id: OrderId, change: impl FnOnce(&mut Self, &mut Order)) {
        let Some(mut order) = self.book.orders.at(self.layer, &id).cloned() else {
            self.open_case(CaseKind::UnknownOrder { order: id });
            return;
        };
        change(self, &mut order);
        self.book.orders.put(self.layer, id, order);
        self.changes.orders.insert(id);
    }

    fn note(&self, order: &mut Order, what: Happened) {
        order.history.push(Entry { at: self.stamp.at, by: self.stamp.by, what });
    }

    // --- stock and cases ----------------------------------------------------------------------------------------------

    fn moved(&mut self, movement: Movement) {
        let place = (movement.variant, movement.location);
        let before = self.book.levels.at(self.layer, &place).copied().unwrap_or_default();
        // Two tablets may take in the same catalogue; what was there at first was there once.
        let opening = movement.reason == Reason::Opening;
        if opening && before.opened {
            return;
        }
        if let (Reason::Counted { expected }, true) = (&movement.reason, is(Bug::CountOverwrites)) {
            let counted = Level { on_hand: expected.saturating_add(movement.change), ..before };
            self.book.levels.put(self.layer, place, counted);
            self.changes.places.insert(place);
            return;
        }
        let level = Level { opened: before.opened || opening, ..before.moved(movement.change) };
        if let (Reason::Sold(_), Some(left)) = (&movement.reason, self.book.leases.at(self.layer, &(place, self.stamp.replica))) {
            let left = left.saturating_add(movement.change).max(Quantity::ZERO);
            self.set_lease((place, self.stamp.replica), left);
        }
        self.book.levels.put(self.layer, place, level);
        self.changes.places.insert(place);
        self.oversold(place, level);
        push_recent(
            match self.layer {
                Layer::Pending => &mut self.book.pending_movements,
                Layer::Confirmed => &mut self.book.movements,
            },
            movement,
        );
    }

    /// Changes the till of the tablet that wrote this.
    fn with_till(&mut self, change: impl FnOnce(&mut Till)) {
        let replica = self.stamp.replica;
        let mut till = self.book.tills.at(self.layer, &replica).cloned().unwrap_or_default();
        change(&mut till);
        self.book.tills.put(self.layer, replica, till);
        self.changes.tills = true;
    }

    /// Changes its shift, if there is one: whoever opens no till has none to balance.
    fn with_shift(&mut self, change: impl FnOnce(&mut Shift)) {
        if self.book.tills.at(self.layer, &self.stamp.replica).is_some_and(|till| till.shift.is_some()) {
            self.with_till(|till| {
                if let Some(shift) = &mut till.shift {
                    change(shift);
                }
            });
        }
    }

    fn set_lease(&mut self, key: (Place, Replica), left: Quantity) {
        self.book.leases.put(self.layer, key, left);
        self.changes.places.insert(key.0);
        self.changes.tills = true;
    }

    /// An oversold place is a case for as long as it is oversold, and closes itself.
    fn oversold(&mut self, place: Place, level: Level) {
        let kind = CaseKind::Oversold { place, short: level.on_hand.saturating_neg() };
        let known = self.book.cases.at(self.layer, &kind.id()).is_some_and(|c| c.open);
        if level.oversold() || known {
            self.put_case(Case { at: self.stamp.at, open: level.oversold(), kind });
        }
    }

    fn open_case(&mut self, kind: CaseKind) {
        self.put_case(Case { kind, at: self.stamp.at, open: true });
    }

    fn put_case(&mut self, case: Case) {
        let id = case.kind.id();
        self.book.cases.put(self.layer, id, case);
        self.changes.cases.insert(id);
    }
}
