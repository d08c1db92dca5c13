//! What happens to orders and their goods: placed, moved, edited, set aside, handed over, brought back.

use crate::domain::book::case::{CaseKind, Edited};
use crate::domain::event::fold::Fold;
use crate::domain::event::{
    CustomerChanged, DeliverySet, GoodsMoved, LinesReturned, OrderEdited, OrderMoved, OrderPlaced, OrderVoided, StepUndone, StockAllocated,
};
use crate::domain::order::{Allocation, Delivery, EditReason, Happened, Order, OrderState, step};
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::id::{Id, LocationId, MovementId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

impl Fold<'_> {
    pub(super) fn order_placed(&mut self, e: &OrderPlaced) {
        // The same order taken in twice (a file, a web shop's repeated message) changes nothing.
        if self.book.orders.at(self.layer, &e.order).is_some() {
            return;
        }
        let note = e.note.as_ref().map(|n| self.personal_text(n)).unwrap_or_default();
        let order = Order::placed(e, note, self.stamp.at, self.stamp.by);
        self.changes.orders.insert(e.order);
        self.book.orders.put(self.layer, e.order, order);
    }

    pub(super) fn order_moved(&mut self, e: &OrderMoved) {
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

    pub(super) fn step_undone(&mut self, e: &StepUndone) {
        self.with_order(e.order, |fold, order| {
            // Taken back on two tablets: once is enough.
            if order.state == e.to {
                return;
            }
            let Some(last) = order.last_step().filter(|last| (last.at, last.step.from) == (e.step, e.to)) else {
                fold.open_case(CaseKind::StepLost { order: e.order });
                return;
            };
            // What the step had the customer told, and nobody told them yet, is not so, either.
            let told_by_it = order.history.iter().filter(|entry| entry.what == Happened::MessageDue).map(|entry| entry.at == e.step);
            for (message, _) in order.messages.iter_mut().zip(told_by_it).filter(|(message, by_it)| *by_it && message.is_due()) {
                message.sent = Some(false);
            }
            order.state = e.to;
            fold.note(order, Happened::StepUndone(e.to));
            if last.step.moves_goods
                && let Some(location) = order.handed_over.take()
            {
                fold.move_lines(order, location, 1, true);
            }
        });
    }

    pub(super) fn order_voided(&mut self, e: &OrderVoided) {
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

    pub(super) fn handed_over(&mut self, e: &GoodsMoved) {
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

    pub(super) fn returned(&mut self, e: &GoodsMoved) {
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
    pub(super) fn move_lines(&mut self, order: &Order, location: LocationId, sign: i64, set_aside: bool) {
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
    pub(super) fn lines_returned(&mut self, e: &LinesReturned) {
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

    pub(super) fn customer_changed(&mut self, e: &CustomerChanged) {
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

    pub(super) fn delivery_set(&mut self, e: &DeliverySet) {
        let recipient = e.to.as_ref().and_then(|to| self.personal(to)).unwrap_or_default();
        self.with_order(e.order, |fold, order| {
            let delivery = Delivery { method: e.method, promised: e.promised, recipient };
            order.fulfilment.get_or_insert_default().delivery = Some(delivery);
            fold.note(order, Happened::DeliverySet);
        });
    }

    pub(super) fn order_edited(&mut self, e: &OrderEdited) {
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

    pub(super) fn stock_allocated(&mut self, e: &StockAllocated) {
        self.with_order(e.order, |fold, order| {
            // Voided or handed over meanwhile: there is nothing left to set aside.
            if order.handed_over.is_some() || !order.state.open() || order.state == OrderState::Draft {
                return;
            }
            // Made for lines as they were: what no longer fits one is not set aside, and never more than a line needs.
            let mut allocated: Vec<Allocation> = Vec::with_capacity(e.allocated.len());
            for a in &e.allocated {
                let Some(line) = order.lines.get(usize::from(a.line)) else { continue };
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
}

/// Nothing is set aside for it any more.
fn give_back(order: &mut Order) {
    if let Some(work) = &mut order.fulfilment {
        work.allocated.clear();
    }
}
