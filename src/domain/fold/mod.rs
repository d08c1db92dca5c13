//! The fold: what one event does to the book.
//!
//! Total: any sequence of events yields a state and, where people must look, cases. Nothing here refuses.

mod documents;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::domain::account::Account;
use crate::domain::batch::{Batch, Batches};
use crate::domain::book::{Book, Changes, push_recent};
use crate::domain::case::{Case, CaseKind, Edited};
use crate::domain::catalog::Product;
use crate::domain::customer::{Customer, Person};
use crate::domain::event::{
    AccountSettled, CustomerChanged, CustomerSet, DeliverySet, Event, GoodsMoved, HeldAccepted, LinesReturned, MoneyMoved, OrderEdited,
    OrderMoved, OrderPlaced, OrderVoided, Parts, PaymentAnswered, PaymentAsked, PaymentRefunded, PaymentTaken, PersonalRef, PriceSet,
    StockAllocated, StockCounted,
};
use crate::domain::id::{CustomerId, Id, LocationId, MovementId, OrderId, Replica, StaffId, VariantId};
use crate::domain::layered::Layer;
use crate::domain::money::Minor;
use crate::domain::order::{
    Allocation, Assignee, Delivery, EditReason, Entry, Happened, MOST_MESSAGES, Message, Order, OrderState, Source, step,
};
use crate::domain::payment::{Payment, Tender};
use crate::domain::quantity::Quantity;
use crate::domain::stock::{Level, Movement, Place, Reason};
use crate::domain::till::{self, CLOSINGS, Closing, Shift, Till};
use crate::domain::time::Timestamp;
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

    /// The goods that it keeps from others, by place.
    pub fn claims(&self) -> BTreeMap<Place, Quantity> {
        let mut claims = BTreeMap::<Place, Quantity>::new();
        let Some(work) = self.fulfilment.as_ref().filter(|_| self.handed_over.is_none() && self.state.open()) else { return claims };
        for a in &work.allocated {
            let line = self.lines.get(usize::from(a.line));
            if !line.is_some_and(|l| self.goods(l).iter().any(|(v, _)| *v == a.variant)) {
                continue;
            }
            let sum = claims.entry((a.variant, a.location)).or_default();
            *sum = sum.saturating_add(a.quantity);
        }
        claims
    }

    /// Whose open work it is.
    pub fn worked_on_by(&self) -> Option<&Assignee> {
        self.fulfilment.as_ref().filter(|_| self.state.open()).and_then(|f| f.assigned.as_ref())
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
                if e.content.is_some() && self.book.orders.at(layer, &e.order).is_some() {
                    self.with_order(e.order, |_, order| {
                        let deliveries = order.deliveries_set() as u32;
                        order.source = e.content.map(|said| Source { said, own: order.hash(), deliveries });
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

    fn personal_text(&self, reference: &PersonalRef) -> String {
        self.personal(reference).unwrap_or_default()
    }

    /// What stands beside the event, unless it was erased.
    fn personal<T: DeserializeOwned>(&self, reference: &PersonalRef) -> Option<T> {
        self.parts.get(&reference.pd).and_then(|p| serde_json::from_slice(p.data.as_bytes()).ok())
    }

    // --- orders -------------------------------------------------------------------------------------------------------

    fn order_placed(&mut self, e: &OrderPlaced) {
        // The same order taken in twice (a file, a web shop's repeated message) changes nothing.
        if self.book.orders.at(self.layer, &e.order).is_some() {
            return;
        }
        let note = e.note.as_ref().map(|n| self.personal_text(n)).unwrap_or_default();
        let order = Order::placed(e, note, self.stamp.at, self.stamp.by);
        self.changes.orders.insert(e.order);
        self.book.orders.put(self.layer, e.order, order);
    }

    fn order_moved(&mut self, e: &OrderMoved) {
        self.with_order(e.order, |fold, order| {
            if order.state == e.to {
                return;
            }
            // Its lines were changed meanwhile by somebody else: it waits for its goods again.
            if e.to == OrderState::Allocated && !order.is_allocated() {
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
            give_back(order);
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
            fold.move_lines(order, e.location, -1, true);
        });
    }

    fn returned(&mut self, e: &GoodsMoved) {
        self.with_order(e.order, |fold, order| {
            if order.handed_over.is_none() {
                return;
            }
            // Undone where it was done, goods are where they were before.
            let undone = order.handed_over.take() == Some(e.location);
            fold.note(order, Happened::Returned);
            // Where parts of it came back, what was set aside for the rest is not known place by place.
            fold.move_lines(order, e.location, 1, undone && order.returned.is_empty());
            // All of it is back; should it be handed over once more, all of it is with the customer again.
            order.returned.clear();
            give_back(order);
        });
    }

    /// Moves goods from or to where they were `set_aside`, and `location` as far as none were.
    fn move_lines(&mut self, order: &Order, location: LocationId, sign: i64, set_aside: bool) {
        let name = format!("{}#{}", order.id, order.history.len());
        for (i, line) in order.lines.iter().enumerate() {
            // What came back before does not come back once more.
            let line = &Order::line_of(line, if sign > 0 { order.kept_of(i) } else { line.quantity });
            for (j, (variant, needed)) in order.goods(line).into_iter().enumerate() {
                let mut left = needed;
                let mut moves = Vec::new();
                let own = order
                    .fulfilment
                    .iter()
                    .flat_map(|f| &f.allocated)
                    .filter(|a| set_aside && usize::from(a.line) == i && a.variant == variant);
                for a in own.filter(|a| a.quantity > Quantity::ZERO) {
                    let quantity = a.quantity.min(left.max(Quantity::ZERO));
                    left = left.saturating_add(quantity.saturating_neg());
                    moves.push((a.location, quantity));
                }
                if left != Quantity::ZERO {
                    moves.push((location, left));
                }
                for (k, (location, quantity)) in moves.into_iter().enumerate() {
                    let part = match (j, k) {
                        (0, 0) => i.to_string(),
                        (0, k) => format!("{i}/{k}"),
                        (j, k) => format!("{i}/{k}+{j}"),
                    };
                    let id = MovementId(Id::derived("movement", &name, &part));
                    let reason = if sign < 0 { Reason::Sold(order.id) } else { Reason::Returned(order.id) };
                    let change = Quantity(quantity.0.saturating_mul(sign));
                    self.moved(Movement { id, variant, location, change, reason, at: self.stamp.at, by: self.stamp.by });
                }
            }
        }
    }

    /// Goods of single lines come back, as far as there are any; what is more is somebody's mistake.
    fn lines_returned(&mut self, e: &LinesReturned) {
        self.with_order(e.order, |fold, order| {
            if order.handed_over.is_none() {
                fold.open_case(CaseKind::StepLost { order: e.order });
                return;
            }
            let name = format!("{}#{}", order.id, order.history.len());
            let mut sum = Minor::ZERO;
            let mut all_came = true;
            for (i, (line, asked)) in e.goods.iter().enumerate() {
                let at = usize::from(*line);
                let quantity = (*asked).min(order.kept_of(at));
                all_came &= quantity == *asked;
                let Some(known) = order.lines.get(at).filter(|_| quantity > Quantity::ZERO).cloned() else { continue };
                let amount = order.take_back(*line, quantity, e.why);
                sum = Minor(sum.0.saturating_add(amount.0));
                let Some(location) = e.location else { continue };
                for (j, (variant, change)) in order.goods(&Order::line_of(&known, quantity)).into_iter().enumerate() {
                    let id = MovementId(Id::derived("movement", &name, &format!("back{i}+{j}")));
                    let reason = Reason::Returned(order.id);
                    fold.moved(Movement { id, variant, location, change, reason, at: fold.stamp.at, by: fold.stamp.by });
                }
            }
            if !all_came {
                fold.open_case(CaseKind::ReturnedTwice { order: e.order });
            }
            fold.note(order, Happened::LinesReturned(sum, e.why));
        });
    }

    fn customer_changed(&mut self, e: &CustomerChanged) {
        self.with_order(e.order, |fold, order| {
            // What is on somebody's account stays there.
            let on_account = order.payments.iter().any(|p| p.tender.needs_customer() && p.amount > Minor::ZERO);
            if on_account {
                fold.open_case(CaseKind::StepLost { order: e.order });
            } else if order.customer != e.customer {
                order.customer = e.customer;
                fold.note(order, Happened::CustomerChanged);
            }
        });
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
    fn corrected(&mut self, place: Place, by: Quantity) {
        let level = self.book.levels.at(self.layer, &place).copied().unwrap_or_default();
        self.book.levels.put(self.layer, place, Level { corrected: level.corrected.saturating_add(by), ..level });
        self.changes.places.insert(place);
    }

    fn delivery_set(&mut self, e: &DeliverySet) {
        let recipient = e.to.as_ref().and_then(|to| self.personal(to)).unwrap_or_default();
        self.with_order(e.order, |fold, order| {
            let delivery = Delivery { method: e.method, promised: e.promised, recipient };
            order.fulfilment.get_or_insert_default().delivery = Some(delivery);
            fold.note(order, Happened::DeliverySet);
        });
    }

    fn order_edited(&mut self, e: &OrderEdited) {
        self.with_order(e.order, |fold, order| {
            if order.lines == e.lines && order.totals == e.totals {
                return;
            }
            if e.why == EditReason::Rounded {
                // The lines are what they were, wherever the goods are.
                if order.lines == e.lines {
                    let before = order.totals.total;
                    order.totals = e.totals;
                    fold.note(order, Happened::Edited { before, after: e.totals.total, why: e.why });
                }
                return;
            }
            // What has left the shelf is what was on it then.
            if order.handed_over.is_some() || order.state == OrderState::Voided {
                if e.why == EditReason::Edited {
                    fold.open_case(CaseKind::LateLines { order: e.order, lines: e.lines.clone(), totals: e.totals });
                    return;
                }
                fold.open_case(CaseKind::StepLost { order: e.order });
                // The other half of a split or a merge stands alone now; somebody has to look at that one, too.
                if let EditReason::SplitInto(other) | EditReason::MergedFrom(other) = e.why {
                    fold.open_case(CaseKind::StepLost { order: other });
                }
                return;
            }
            if order.hash() != e.was {
                let put_aside = Edited::Order { order: e.order, lines: order.lines.clone(), totals: order.totals };
                fold.open_case(CaseKind::EditedTwice { put_aside });
            }
            give_back(order);
            if order.state == OrderState::Allocated {
                order.state = OrderState::Confirmed;
            }
            let before = order.totals.total;
            match &e.offers {
                Some(offers) => order.offers.clone_from(offers),
                None => order.offers.retain(|o| {
                    let at = usize::from(o.line);
                    order.lines.get(at).is_some_and(|l| e.lines.get(at) == Some(l))
                }),
            }
            order.lines.clone_from(&e.lines);
            for kit in &e.kits {
                if !order.kits.iter().any(|k| k.variant == kit.variant) {
                    order.kits.push(kit.clone());
                }
            }
            order.totals = e.totals;
            fold.note(order, Happened::Edited { before, after: e.totals.total, why: e.why });
            fold.if_overpaid(order);
        });
    }

    fn stock_allocated(&mut self, e: &StockAllocated) {
        self.with_order(e.order, |fold, order| {
            // Voided or handed over meanwhile: there is nothing left to set aside.
            if order.handed_over.is_some() || !order.state.open() || order.state == OrderState::Draft {
                return;
            }
            // Made for lines as they were: what no longer fits one is not set aside, and never more than a line needs.
            let mut allocated: Vec<Allocation> = Vec::with_capacity(e.allocated.len());
            for a in &e.allocated {
                let Some(line) = order.lines.get(usize::from(a.line)) else { continue };
                let own = line.variant.filter(|_| a.variant == VariantId::default());
                let a = &Allocation { variant: own.unwrap_or(a.variant), ..*a };
                let Some((_, needed)) = order.goods(line).into_iter().find(|(v, _)| *v == a.variant) else { continue };
                let own = allocated.iter().filter(|other| (other.line, other.variant) == (a.line, a.variant));
                let taken = own.fold(Quantity::ZERO, |sum, other| sum.saturating_add(other.quantity));
                let quantity = a.quantity.min(needed.saturating_add(taken.saturating_neg()));
                if quantity > Quantity::ZERO {
                    allocated.push(Allocation { quantity, ..*a });
                }
            }
            order.fulfilment.get_or_insert_default().allocated = allocated;
            let whole = order.is_allocated();
            fold.note(order, if e.by_hand { Happened::AllocatedByHand { whole } } else { Happened::Allocated { whole } });
        });
    }

    fn payment_asked(&mut self, e: &PaymentAsked) {
        self.with_order(e.order, |fold, order| {
            if order.attempts.iter().all(|a| a.id != e.attempt.id) {
                order.attempts.push(e.attempt.clone());
                fold.note(order, Happened::Asked(e.attempt.tender, e.attempt.amount, e.attempt.outcome));
            }
        });
    }

    fn payment_answered(&mut self, e: &PaymentAnswered) {
        self.with_order(e.order, |fold, order| {
            // What a terminal once confirmed or declined stays so.
            let Some(attempt) = order.attempts.iter_mut().find(|a| a.id == e.attempt && a.outcome.is_open()) else { return };
            attempt.outcome = e.outcome;
            let what = Happened::Asked(attempt.tender, attempt.amount, e.outcome);
            fold.note(order, what);
        });
    }

    fn account_settled(&mut self, e: &AccountSettled) {
        self.with_account(e.customer, |account| account.settle(e.payment.amount));
        self.with_shift(|shift| {
            shift.take(e.payment.tender, e.payment.amount);
            shift.payments += 1;
        });
    }

    fn with_account(&mut self, customer: CustomerId, change: impl FnOnce(&mut Account)) {
        let mut account = self.book.accounts.at(self.layer, &customer).cloned().unwrap_or_default();
        change(&mut account);
        self.book.accounts.put(self.layer, customer, account);
        self.changes.customers.insert(customer);
        self.changes.tills = true;
    }

    /// Money for an order that is somebody's debt or credit.
    fn on_account(&mut self, order: &Order, tender: Tender, amount: Minor) {
        if let Some(customer) = order.customer.filter(|_| tender.needs_customer()) {
            self.with_account(customer, |account| account.take(tender, amount));
        }
    }

    fn payment_taken(&mut self, e: &PaymentTaken) {
        self.with_order(e.order, |fold, order| {
            if order.payments.iter().any(|p| p.id == e.payment.id) {
                return;
            }
            order.payments.push(e.payment.clone());
            fold.note(order, Happened::Paid(e.payment.amount));
            // Made somebody else's order meanwhile, it is again theirs with whom the debt was agreed, and somebody looks: what is on an
            // account is that customer's, whichever of the two came first.
            if e.payment.tender.needs_customer() && e.customer.is_some() && order.customer != e.customer {
                order.customer = e.customer;
                fold.note(order, Happened::CustomerChanged);
                fold.open_case(CaseKind::StepLost { order: e.order });
            }
            fold.on_account(order, e.payment.tender, e.payment.amount);
            fold.with_shift(|shift| {
                shift.take(e.payment.tender, e.payment.amount);
                shift.payments += 1;
            });
            if order.state == OrderState::Voided {
                order.state = OrderState::Placed;
                fold.open_case(CaseKind::PaidAfterVoid { order: e.order });
            }
            fold.if_overpaid(order);
        });
    }

    /// What is there of each payment goes over, and no more.
    fn money_moved(&mut self, e: &MoneyMoved) {
        if e.from == e.to || self.book.orders.at(self.layer, &e.to).is_none() {
            self.open_case(CaseKind::UnknownOrder { order: e.to });
            return;
        }
        let mut moved: Vec<(Payment, Option<String>)> = Vec::new();
        self.with_order(e.from, |fold, order| {
            for part in &e.parts {
                let booking = order.matched.iter().find(|(p, _)| *p == part.payment).map(|(_, b)| b.clone());
                let Some(payment) = order.payments.iter_mut().find(|p| p.id == part.payment) else { continue };
                let amount = part.amount.min(payment.amount);
                if amount <= Minor::ZERO || moved.iter().any(|(p, _)| p.id == part.new) {
                    continue;
                }
                payment.amount = Minor(payment.amount.0 - amount.0);
                payment.tendered = Minor(payment.tendered.0.saturating_sub(amount.0));
                moved.push((Payment { id: part.new, amount, tendered: amount, ..payment.clone() }, booking));
            }
            let sum: Minor = moved.iter().map(|(p, _)| p.amount).sum();
            if sum > Minor::ZERO {
                fold.note(order, Happened::MoneyMoved(Minor(sum.0.saturating_neg()), e.to));
            }
        });
        if moved.is_empty() {
            return;
        }
        self.with_order(e.to, |fold, order| {
            let sum: Minor = moved.iter().map(|(p, _)| p.amount).sum();
            for (payment, booking) in moved {
                order.matched.extend(booking.map(|b| (payment.id, b)));
                order.payments.push(payment);
            }
            fold.note(order, Happened::MoneyMoved(sum, e.from));
            fold.if_overpaid(order);
        });
    }

    fn payment_refunded(&mut self, e: &PaymentRefunded) {
        self.with_order(e.order, |fold, order| {
            if order.refunds.iter().any(|r| r.id == e.refund.id) {
                return;
            }
            order.refunds.push(e.refund.clone());
            fold.note(order, Happened::Refunded(e.refund.amount));
            fold.on_account(order, e.refund.tender, Minor(e.refund.amount.0.saturating_neg()));
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

    fn if_overpaid(&mut self, order: &Order) {
        let over = order.owed_back();
        if over > Minor::ZERO {
            self.open_case(CaseKind::Overpaid { order: order.id, over });
        }
    }

    fn with_order(&mut self, id: OrderId, change: impl FnOnce(&mut Self, &mut Order)) {
        let Some(mut order) = self.book.orders.at(self.layer, &id).cloned() else {
            self.open_case(CaseKind::UnknownOrder { order: id });
            return;
        };
        let (claims, worker) = (order.claims(), order.worked_on_by().cloned());
        change(self, &mut order);
        self.claimed(&claims, &order.claims());
        self.worked(worker.as_ref(), order.worked_on_by());
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

    fn note(&self, order: &mut Order, what: Happened) {
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
    fn batches_at<T>(&mut self, place: Place, change: impl FnOnce(&mut Batches) -> T) -> T {
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
    fn moved(&mut self, movement: Movement) -> Vec<Batch> {
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

    fn open_case(&mut self, kind: CaseKind) {
        self.put_case(Case { kind, at: self.stamp.at, open: true });
    }

    fn put_case(&mut self, case: Case) {
        let id = case.kind.id();
        self.book.cases.put(self.layer, id, case);
        self.changes.cases.insert(id);
    }
}

/// Nothing is set aside for it any more.
fn give_back(order: &mut Order) {
    if let Some(work) = &mut order.fulfilment {
        work.allocated.clear();
    }
}
