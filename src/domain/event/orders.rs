//! Events of orders: placed, stepped, edited, noted, voided.

use super::Happening;
use super::check::{Check, Own};
use super::fold::Fold;
use super::fulfilment::give_back;
use super::table::payloads;
use super::transaction::MOST_EVENTS;
use crate::domain::book::case::{CaseKind, Edited};
use crate::domain::book::table;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::price::{self, OfferKind, Offered};
use crate::domain::order::{
    EditReason, Entry, External, Happened, Line, MOST_LINES, Order, OrderState, Source, Totals, VoidReason, add_up,
    step,
};
use crate::domain::payment::{Payment, Refund};
use crate::domain::rejection::Rejection;
use crate::domain::shop::channel::Channel;
use crate::domain::shop::staff::Role;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, LocationId, OrderId, StaffId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::part::PersonalRef;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

payloads! {
    /// A new order with everything it was computed from.
    OrderPlaced {
        order: OrderId,
        number: String,
        channel: Channel,
        external: Option<External>,
        /// The moment at which it was placed elsewhere; `None` is the transaction's own time.
        placed_at: Option<Timestamp>,
        location: LocationId,
        currency: Currency,
        prices_include_tax: bool,
        customer: Option<CustomerId>,
        note: Option<PersonalRef>,
        lines: Vec<Line>,
        totals: Totals,
        /// The state in which it stood elsewhere; `Placed` for an order taken here. Goods of imported orders do not
        /// move.
        state: OrderState,
        /// Money that changed hands elsewhere.
        payments: Vec<Payment>,
        refunds: Vec<Refund>,
        /// The price lists and promotions in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offers: Vec<Offered>,
        /// The kits in it, with their parts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kits: Vec<Kit>,
    }
    /// A step along the state table.
    OrderMoved { order: OrderId, from: OrderState, to: OrderState, }
    /// The step that was taken at this moment was not so: the order stands where it stood, and its goods are back.
    StepUndone { order: OrderId, step: Timestamp, to: OrderState, }
    /// Voided; `paid_seen` is the money that whoever voided it knew of and has not given back.
    OrderVoided { order: OrderId, reason: VoidReason, paid_seen: Minor, }
    /// A note on an order.
    OrderNoted { order: OrderId, note: PersonalRef, }
    /// Other lines in an order; `was` is the hash of those that whoever changed them saw.
    OrderEdited {
        order: OrderId,
        lines: Vec<Line>,
        totals: Totals,
        was: Hash,
        why: EditReason,
        /// The kits that are new in it, with their parts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kits: Vec<Kit>,
        /// The offers in these lines; `None` keeps those whose lines are what they were.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offers: Option<Vec<Offered>>,
    }
    /// Sets whose order it is from now on.
    CustomerChanged { order: OrderId, customer: Option<CustomerId>, }
    /// The message in which another system handed an order in, as it came.
    SourceKept {
        order: OrderId,
        data: PersonalRef,
        /// A hash over what it says of lines and sums.
        content: Hash,
    }
}

/// The longest message of another system, as it came. Units: bytes.
const MOST_SOURCE: usize = 2 * 1024 * 1024;

fn lines_in_range(lines: &[Line]) -> Result<(), Rejection> {
    if lines.len() > MOST_LINES || lines.iter().any(|l| l.quantity > Quantity::MOST || l.quantity < Quantity::ZERO) {
        return Err(Flaw::TooMuch { field: Field::Quantity }.into());
    }
    Ok(())
}

fn adds_up(lines: &[Line], t: Totals) -> Result<(), Rejection> {
    if add_up(lines, t.shipping, t.shipping_tax, t.adjustment)? == t { Ok(()) } else { Err(Flaw::Totals.into()) }
}

fn check_offers(offers: &[Offered], lines: &[Line]) -> Result<(), Rejection> {
    let beyond =
        |o: &Offered| o.kind == OfferKind::Promotion && o.amount < Minor::ZERO || usize::from(o.line) >= lines.len();
    let more = |(i, l): (usize, &Line)| price::off(offers, i) > l.discount;
    if offers.len() > MOST_EVENTS || offers.iter().any(beyond) || lines.iter().enumerate().any(more) {
        return Err(Flaw::Totals.into());
    }
    Ok(())
}

fn check_kits(kits: &[Kit]) -> Result<(), Rejection> {
    if kits.len() > MOST_LINES {
        return Err(Flaw::TooMuch { field: Field::Quantity }.into());
    }
    Ok(kits.iter().try_for_each(Kit::check)?)
}

impl Happening for OrderPlaced {
    fn bring(&self, own: &mut Own) {
        own.orders.push(self.order);
        own.customers.extend(self.customer.map(|c| (self.order, c)));
    }

    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        lines_in_range(&self.lines)?;
        adds_up(&self.lines, self.totals)?;
        check_offers(&self.offers, &self.lines)?;
        check_kits(&self.kits)?;
        // Debts and credit are a fold over payments of their own.
        if self.payments.iter().any(|p| p.tender.needs_customer())
            || self.refunds.iter().any(|r| r.tender.needs_customer())
        {
            return Err(Rejection::NoCustomer);
        }
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        // The same order taken in twice (a file, a web shop's repeated message) changes nothing.
        if fold.get(table::orders, &self.order).is_some() {
            return;
        }
        let note = self.note.as_ref().map(|n| fold.personal_text(n)).unwrap_or_default();
        let order = Order::placed(self, note, fold.stamp.at, fold.stamp.by);
        fold.put(table::orders, self.order, order);
    }
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

impl Happening for OrderMoved {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.state == self.to {
                return;
            }
            // Its lines were changed meanwhile by somebody else: it waits for its goods again.
            if self.to == OrderState::Allocated && !order.is_allocated() {
                return;
            }
            if step(order.state, self.to).is_none() {
                fold.open_case(CaseKind::StepLost { order: self.order });
                return;
            }
            order.state = self.to;
            fold.note(order, Happened::Moved(self.to));
        });
    }
}

impl Happening for StepUndone {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            // Taken back on two tablets: once is enough.
            if order.state == self.to {
                return;
            }
            let Some(last) = order.last_step().filter(|last| (last.at, last.step.from) == (self.step, self.to)) else {
                fold.open_case(CaseKind::StepLost { order: self.order });
                return;
            };
            // What the step had the customer told, and nobody told them yet, is not so, either.
            let told_by_it = order
                .history
                .iter()
                .filter(|entry| entry.what == Happened::MessageDue)
                .map(|entry| entry.at == self.step);
            for (message, _) in
                order.messages.iter_mut().zip(told_by_it).filter(|(message, by_it)| *by_it && message.is_due())
            {
                message.sent = Some(false);
            }
            order.state = self.to;
            fold.note(order, Happened::StepUndone(self.to));
            if last.step.moves_goods
                && let Some(location) = order.handed_over.take()
            {
                fold.move_lines(order, location, 1, true);
            }
        });
    }
}

impl Happening for OrderVoided {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.state == OrderState::Voided {
                return;
            }
            if order.paid() > self.paid_seen {
                fold.open_case(CaseKind::VoidedThoughPaid { order: self.order });
                return;
            }
            order.state = OrderState::Voided;
            give_back(order);
            fold.note(order, Happened::Voided(self.reason));
        });
    }
}

impl Happening for OrderNoted {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let text = fold.personal_text(&self.note);
        fold.with_order(self.order, |fold, order| {
            order.note = text;
            fold.note(order, Happened::Noted);
        });
    }
}

impl Happening for OrderEdited {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        lines_in_range(&self.lines)?;
        check_kits(&self.kits)?;
        if let Some(offers) = &self.offers {
            check_offers(offers, &self.lines)?;
        }
        adds_up(&self.lines, self.totals)?;
        if let (EditReason::Rounded, Some(known)) = (self.why, cx.book.orders.get(&self.order)) {
            // More than rounding takes is a discount.
            let step = cx.book.profile().cash_rounding.map_or(0, |r| r.step.0);
            if self.totals.total.0.abs_diff(known.totals.total.0) >= step.unsigned_abs() {
                cx.needs(Role::Manager)?;
            }
        }
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.lines == self.lines && order.totals == self.totals {
                return;
            }
            if self.why == EditReason::Rounded {
                // The lines are what they were, wherever the goods are.
                if order.lines == self.lines {
                    let before = order.totals.total;
                    order.totals = self.totals;
                    fold.note(order, Happened::Edited { before, after: self.totals.total, why: self.why });
                }
                return;
            }
            // What has left the shelf is what was on it then.
            if order.handed_over.is_some() || order.state == OrderState::Voided {
                if self.why == EditReason::Edited {
                    fold.open_case(CaseKind::LateLines {
                        order: self.order,
                        lines: self.lines.clone(),
                        totals: self.totals,
                    });
                    return;
                }
                fold.open_case(CaseKind::StepLost { order: self.order });
                // The other half of a split or a merge stands alone now; somebody has to look at that one, too.
                if let EditReason::SplitInto(other) | EditReason::MergedFrom(other) = self.why {
                    fold.open_case(CaseKind::StepLost { order: other });
                }
                return;
            }
            if order.hash() != self.was {
                let put_aside = Edited::Order { order: self.order, lines: order.lines.clone(), totals: order.totals };
                fold.open_case(CaseKind::EditedTwice { put_aside });
            }
            give_back(order);
            if order.state == OrderState::Allocated {
                order.state = OrderState::Confirmed;
            }
            let before = order.totals.total;
            match &self.offers {
                Some(offers) => order.offers.clone_from(offers),
                None => order.offers.retain(|o| {
                    let at = usize::from(o.line);
                    order.lines.get(at).is_some_and(|l| self.lines.get(at) == Some(l))
                }),
            }
            order.lines.clone_from(&self.lines);
            for kit in &self.kits {
                if !order.kits.iter().any(|k| k.variant == kit.variant) {
                    order.kits.push(kit.clone());
                }
            }
            order.totals = self.totals;
            fold.note(order, Happened::Edited { before, after: self.totals.total, why: self.why });
            fold.if_overpaid(order);
        });
    }
}

impl Happening for CustomerChanged {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if self.customer.is_none_or(|c| cx.knows(c)) { Ok(()) } else { Err(Rejection::NoCustomer) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            // What is on somebody's account stays there.
            let on_account = order.payments.iter().any(|p| p.tender.needs_customer() && p.amount > Minor::ZERO);
            if on_account {
                fold.open_case(CaseKind::StepLost { order: self.order });
            } else if order.customer != self.customer {
                order.customer = self.customer;
                fold.note(order, Happened::CustomerChanged);
            }
        });
    }
}

impl Happening for SourceKept {
    fn most_part(&self) -> usize {
        MOST_SOURCE
    }

    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        if fold.get(table::orders, &self.order).is_some() {
            fold.with_order(self.order, |_, order| {
                let deliveries = order.deliveries_set() as u32;
                order.source = Some(Source { said: self.content, own: order.hash(), deliveries });
            });
        }
    }
}
