//! The fold: what one event does to the book.
//!
//! Total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::domain::book::case::{Case, CaseKind, Edited};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes, push_recent};
use crate::domain::customer::{Customer, Person};
use crate::domain::event::{CustomerSet, Event, HeldAccepted, OrderPlaced, PriceSet, StockCounted};
use crate::domain::goods::product::Product;
use crate::domain::order::{Assignee, Entry, Happened, MOST_MESSAGES, Message, Order, Source};
use crate::domain::payment::till::{self, CLOSINGS, Closing, Shift, Till};
use crate::domain::stock::batch::{Batch, Batches};
use crate::domain::stock::{Level, Movement, Place, Reason};
use crate::domain::value::id::{Id, MovementId, OrderId, Replica, StaffId, VariantId};
use crate::domain::value::part::{Parts, PersonalRef};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;
use crate::planted::{Bug, is};

/// Who wrote an event, and when by their clock.
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

impl Order {
    /// An order as its first event says it is; what is personal is not in there.
    pub(in crate::domain) fn placed(e: &OrderPlaced, note: String, at: Timestamp, by: StaffId) -> Self {
        Self {
            id: e.order,
            number: e.number.clone(),
            channel: e.channel,
            external: e.external.clone(),
            placed_at: e.placed_at.unwrap_or(at),
            by,
            location: e.location,
            currency: e.currency,
            prices_include_tax: e.prices_include_tax,
            state: e.state,
            customer: e.customer,
            note,
            lines: e.lines.clone(),
            totals: e.totals,
            payments: e.payments.clone(),
            refunds: e.refunds.clone(),
            handed_over: None,
            history: vec![Entry { at, by, what: Happened::Placed }],
            fulfilment: None,
            attempts: Vec::new(),
            offers: e.offers.clone(),
            kits: e.kits.clone(),
            matched: Vec::new(),
            returned: Vec::new(),
            messages: Vec::new(),
            source: None,
        }
    }
}

impl Fold<'_> {
    pub fn event(&mut self, event: &Event) {
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
            Event::StockMoved(e) => drop(self.moved(e.clone())),
            // For the log alone.
            Event::RefusalDropped(_) => {}
            Event::SourceKept(e) => {
                if self.book.orders.at(layer, &e.order).is_some() {
                    self.with_order(e.order, |_, order| {
                        let deliveries = order.deliveries_set() as u32;
                        order.source = Some(Source { said: e.content, own: order.hash(), deliveries });
                    });
                }
            }
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
                    till.closings.push(Closing { number: till.closed, shift, at, by, counted, expected, left, taxes: e.taxes.clone() });
                    let from = till.closings.len().saturating_sub(CLOSINGS);
                    till.closings.drain(..from);
                });
            }
            Event::LeaseSet(e) => self.set_lease(e.key(), e.quantity),
            Event::DeliverySet(e) => self.delivery_set(e),
            Event::OrderMarked(e) => self.with_order(e.order, |fold, order| {
                order.fulfilment.get_or_insert_default().mark(&e.mark);
                fold.note(order, Happened::Marked(e.mark.clone()));
            }),
            Event::OrderEdited(e) => self.order_edited(e),
            Event::StockAllocated(e) => self.stock_allocated(e),
            Event::PaperPrinted(e) => self.with_order(e.order, |fold, order| {
                let printed = &mut order.fulfilment.get_or_insert_default().printed;
                match printed.iter_mut().find(|(paper, _)| *paper == e.paper) {
                    Some((_, times)) => *times = times.saturating_add(1),
                    None => printed.push((e.paper, 1)),
                }
                fold.note(order, Happened::Printed(e.paper));
            }),
            Event::RuleSet(e) => {
                self.book.rules.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::RuleApplied(e) => self.with_order(e.order, |fold, order| fold.note(order, Happened::Ruled(e.rule))),
            Event::SourcingSet(e) => {
                self.book.sourcing.put(layer, (), e.sourcing);
                self.changes.settings = true;
            }
            Event::AccountSet(e) => self.with_account(e.customer, |account| {
                account.limit = e.limit;
                if let Some(group) = &e.group {
                    account.group.clone_from(group);
                }
            }),
            Event::PriceListSet(e) => {
                self.book.price_lists.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::PromotionSet(e) => {
                self.book.promotions.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::AccountSettled(e) => self.account_settled(e),
            Event::PaymentAsked(e) => self.payment_asked(e),
            Event::PaymentAnswered(e) => self.payment_answered(e),
            Event::TransferSent(e) => self.transfer_sent(e),
            Event::TransferReceived(e) => self.transfer_received(e),
            Event::PurchaseOrdered(e) => self.purchase_ordered(e),
            Event::PurchaseReceived(e) => self.purchase_received(e),
            Event::SupplierSet(e) => {
                self.book.suppliers.put(layer, e.id, e.clone());
                self.changes.settings = true;
            }
            Event::KitSet(e) => {
                self.book.kits.put(layer, e.variant, e.clone());
                self.product_of(e.variant);
            }
            Event::PacksSet(e) => {
                self.book.packs.put(layer, e.variant, e.packs.clone());
                self.product_of(e.variant);
            }
            Event::PaymentMatched(e) => self.with_order(e.order, |_, order| {
                // Found twice: the first line counts.
                if order.payments.iter().any(|p| p.id == e.payment) && !order.matched.iter().any(|(p, _)| *p == e.payment) {
                    order.matched.push((e.payment, e.booking.clone()));
                }
            }),
            Event::LotReceived(e) => self.batches_at((e.variant, e.location), |b| b.add(e.batch.clone())),
            Event::BatchesSet(e) => self.batches_at((e.variant, e.location), |b| *b = e.batches.iter().cloned().collect()),
            Event::StocktakeOpened(e) => self.stocktake_opened(e),
            Event::StocktakeCounted(e) => self.stocktake_counted(e),
            Event::StocktakeEnded(e) => self.stocktake_ended(e),
            Event::CaseResolved(e) => self.close_case(e.case),
            Event::MoneyMoved(e) => self.money_moved(e),
            Event::LinesReturned(e) => self.lines_returned(e),
            Event::CustomerChanged(e) => self.customer_changed(e),
            Event::MessageDue(e) => self.with_order(e.order, |fold, order| {
                if order.messages.len() < MOST_MESSAGES {
                    order.messages.push(Message { text: e.text.clone(), sent: None });
                    fold.note(order, Happened::MessageDue);
                }
            }),
            Event::MessageSent(e) => self.with_order(e.order, |fold, order| {
                // Whoever sent them had seen so many; what came meanwhile is still to be sent.
                let due = order.messages.iter_mut().take(usize::from(e.seen)).filter(|m| m.is_due());
                // Seen to on two tablets: the first counts.
                if due.map(|m| m.sent = Some(e.sent)).count() > 0 && e.sent {
                    fold.note(order, Happened::MessageSent);
                }
            }),
            Event::StockCounted(e) => self.stock_counted(e),
            Event::StepUndone(e) => self.step_undone(e),
            Event::HeldAccepted(e) => self.held_accepted(e),
            Event::SettingEdited(e) => {
                let aside = self.book.setting(layer, &e.set).filter(|now| now.hash() != e.was && now.hash() != e.set.hash());
                if let Some((now, subject)) = aside.zip(e.set.setting()) {
                    let event = serde_json::to_string(&now).unwrap_or_default();
                    self.open_case(CaseKind::EditedTwice { put_aside: Edited::Setting { subject, event } });
                }
                self.event(&e.set);
            }
        }
    }

    /// What the server could not apply counts now, as what whoever wrote it did then.
    fn held_accepted(&mut self, e: &HeldAccepted) {
        let case = self.book.cases.at(self.layer, &e.case).filter(|case| case.open).cloned();
        let Some(Case { kind: CaseKind::HeldFacts { replica, kept, .. }, .. }) = case else { return };
        let (at, by) = kept.stamp();
        let mut fold = Fold {
            book: &mut *self.book,
            layer: self.layer,
            stamp: Stamp { at, by, replica },
            parts: &kept.parts,
            changes: Changes::default(),
        };
        for event in kept.facts() {
            fold.event(&event);
        }
        let changes = fold.changes;
        self.changes.merge(changes);
        self.close_case(e.case);
    }

    fn close_case(&mut self, id: Id) {
        if let Some(case) = self.book.cases.at(self.layer, &id).cloned() {
            self.book.cases.put(self.layer, id, Case { open: false, kind: case.kind.seen_to(), ..case });
            self.changes.cases.insert(id);
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

    pub(super) fn personal_text(&self, reference: &PersonalRef) -> String {
        self.personal(reference).unwrap_or_default()
    }

    /// What stands beside the event, unless it was erased.
    pub(super) fn personal<T: DeserializeOwned>(&self, reference: &PersonalRef) -> Option<T> {
        self.parts.get(&reference.pd).and_then(|p| serde_json::from_slice(p.data.as_bytes()).ok())
    }

    fn stock_counted(&mut self, e: &StockCounted) {
        let place = (e.variant, e.location);
        let level = self.book.levels.at(self.layer, &place).copied().unwrap_or_default();
        let change = level.variance(e.counted, e.expected, e.corrected);
        let name = format!("{}@{} {} {}", e.variant, e.location, self.stamp.replica, self.stamp.at.0);
        let id = MovementId(Id::derived("movement", &name, &level.movements.to_string()));
        let reason = Reason::Counted { expected: e.expected };
        self.moved(Movement { id, variant: e.variant, location: e.location, change, reason, at: self.stamp.at, by: self.stamp.by });
        self.corrected(place, change);
    }

    /// Counts have corrected the ledger of a place by so much more.
    pub(super) fn corrected(&mut self, place: Place, by: Quantity) {
        let level = self.book.levels.at(self.layer, &place).copied().unwrap_or_default();
        self.book.levels.put(self.layer, place, Level { corrected: level.corrected.saturating_add(by), ..level });
        self.changes.places.insert(place);
    }

    pub(super) fn with_order(&mut self, id: OrderId, change: impl FnOnce(&mut Self, &mut Order)) {
        let Some(mut order) = self.book.orders.at(self.layer, &id).cloned() else {
            self.open_case(CaseKind::UnknownOrder { order: id });
            return;
        };
        let (claims, worker, outstanding) = (order.claims(), order.worked_on_by().cloned(), order.is_outstanding());
        change(self, &mut order);
        self.claimed(&claims, &order.claims());
        self.worked(worker.as_ref(), order.worked_on_by());
        if order.is_outstanding() != outstanding {
            self.book.outstanding.put(self.layer, id, !outstanding);
            self.changes.tills = true;
        }
        self.book.orders.put(self.layer, id, order);
        self.changes.orders.insert(id);
    }

    /// Keeps the sum of what orders claim at each place.
    fn claimed(&mut self, before: &BTreeMap<Place, Quantity>, after: &BTreeMap<Place, Quantity>) {
        if before == after {
            return;
        }
        let less = before.iter().map(|(place, q)| (place, q.saturating_neg()));
        for (place, change) in less.chain(after.iter().map(|(place, q)| (place, *q))) {
            let sum = self.book.allocated.at(self.layer, place).copied().unwrap_or_default();
            self.book.allocated.put(self.layer, *place, sum.saturating_add(change));
            self.changes.places.insert(*place);
        }
        self.changes.tills = true;
        let places: Vec<Place> = before.keys().chain(after.keys()).copied().collect();
        for place in places {
            self.over_allocated(place);
        }
    }

    /// Keeps how many open orders each has.
    fn worked(&mut self, before: Option<&Assignee>, after: Option<&Assignee>) {
        if before == after {
            return;
        }
        for (who, change) in before.map(|w| (w, -1)).into_iter().chain(after.map(|w| (w, 1))) {
            let load = self.book.workload.at(self.layer, who).copied().unwrap_or_default();
            self.book.workload.put(self.layer, who.clone(), load.saturating_add_signed(change));
        }
        self.changes.tills = true;
    }

    pub(super) fn note(&self, order: &mut Order, what: Happened) {
        order.history.push(Entry { at: self.stamp.at, by: self.stamp.by, what });
    }

    /// Says that what is known of a variant's product changed.
    fn product_of(&mut self, variant: VariantId) {
        self.changes.settings = true;
        if let Some(product) = self.book.variants.at(self.layer, &variant) {
            self.changes.products.insert(*product);
        }
    }

    /// Changes the batches at a place; of batches there is never more than there is at all.
    pub(super) fn batches_at<T>(&mut self, place: Place, change: impl FnOnce(&mut Batches) -> T) -> T {
        let on_hand = self.book.levels.at(self.layer, &place).map(|l| l.on_hand).unwrap_or_default();
        let mut batches = self.book.batches.at(self.layer, &place).cloned().unwrap_or_default();
        let out = change(&mut batches);
        batches.fit(on_hand);
        self.book.batches.put(self.layer, place, batches);
        self.changes.places.insert(place);
        out
    }

    // --- stock and cases ----------------------------------------------------------------------------------------------

    /// Moves goods. Returns what of those that left was of a batch.
    pub(super) fn moved(&mut self, movement: Movement) -> Vec<Batch> {
        let place = (movement.variant, movement.location);
        let before = self.book.levels.at(self.layer, &place).copied().unwrap_or_default();
        // Two tablets may take in the same catalogue; what was there at first was there once.
        let opening = movement.reason == Reason::Opening;
        if opening && before.opened {
            return Vec::new();
        }
        if let (Reason::Counted { expected }, true) = (&movement.reason, is(Bug::CountOverwrites)) {
            let counted = Level { on_hand: expected.saturating_add(movement.change), ..before };
            self.book.levels.put(self.layer, place, counted);
            self.changes.places.insert(place);
            return Vec::new();
        }
        let level = Level { opened: before.opened || opening, ..before.moved(movement.change) };
        if let (Reason::Sold(_), Some(left)) = (&movement.reason, self.book.leases.at(self.layer, &(place, self.stamp.replica))) {
            let left = left.saturating_add(movement.change).max(Quantity::ZERO);
            self.set_lease((place, self.stamp.replica), left);
        }
        self.book.levels.put(self.layer, place, level);
        self.changes.places.insert(place);
        let out = movement.change.saturating_neg();
        let batched = self.book.batches.at(self.layer, &place).is_some_and(|b| !b.is_empty());
        let taken = if batched { self.batches_at(place, |b| b.take(out)) } else { Vec::new() };
        self.oversold(place, level);
        if self.book.allocated.at(self.layer, &place).is_some_and(|q| q.0 != 0) {
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

    /// Changes the till of the tablet that wrote this.
    fn with_till(&mut self, change: impl FnOnce(&mut Till)) {
        let replica = self.stamp.replica;
        let mut till = self.book.tills.at(self.layer, &replica).cloned().unwrap_or_default();
        change(&mut till);
        self.book.tills.put(self.layer, replica, till);
        self.changes.tills = true;
    }

    /// Changes its shift, if there is one: whoever opens no till has none to balance.
    pub(super) fn with_shift(&mut self, change: impl FnOnce(&mut Shift)) {
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

    /// The same for a place with more set aside than is there.
    fn over_allocated(&mut self, place: Place) {
        let allocated = self.book.allocated.at(self.layer, &place).copied().unwrap_or_default();
        let on_hand = self.book.levels.at(self.layer, &place).map_or(Quantity::ZERO, |l| l.on_hand);
        let short = allocated.saturating_add(on_hand.max(Quantity::ZERO).saturating_neg());
        let kind = CaseKind::OverAllocated { place, short };
        let over = allocated > Quantity::ZERO && short > Quantity::ZERO;
        if over || self.book.cases.at(self.layer, &kind.id()).is_some_and(|c| c.open) {
            self.put_case(Case { at: self.stamp.at, open: over, kind });
        }
    }

    pub(super) fn open_case(&mut self, kind: CaseKind) {
        self.put_case(Case { kind, at: self.stamp.at, open: true });
    }

    fn put_case(&mut self, case: Case) {
        let id = case.kind.id();
        self.book.cases.put(self.layer, id, case);
        self.changes.cases.insert(id);
    }
}
