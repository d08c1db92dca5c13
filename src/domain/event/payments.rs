//! Events of orders' money.

use super::Happening;
use super::check::Check;
use super::fold::Fold;
use super::table::payloads;
use crate::domain::book::case::CaseKind;
use crate::domain::book::table;
use crate::domain::order::{Happened, MOST_LINES, Order, OrderState};
use crate::domain::payment::{Attempt, Outcome, Payment, Refund};
use crate::domain::rejection::Rejection;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{CustomerId, OrderId, PaymentId};
use crate::domain::value::money::Minor;
use crate::domain::work::reconcile::MOST_KEY;

payloads! {
    /// Money came for an order.
    PaymentTaken {
        order: OrderId,
        payment: Payment,
        /// The customer whose account it is on, as whoever took it knew; `None` for money that is on nobody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
    }
    /// Money went back.
    PaymentRefunded { order: OrderId, refund: Refund, }
    /// A terminal is about to be asked for money.
    PaymentAsked { order: OrderId, attempt: Attempt, }
    /// The terminal's answer. Money that came is a payment of its own, with the same identifier.
    PaymentAnswered { order: OrderId, attempt: PaymentId, outcome: Outcome, }
    /// A payment was found on a statement; `booking` is that line's key.
    PaymentMatched { order: OrderId, payment: PaymentId, booking: String, }
    /// Money that was paid for one order counts for another from now on: a part of it that became an order of its own.
    /// No till holds more or less by it.
    MoneyMoved { from: OrderId, to: OrderId, parts: Vec<MovedPayment>, }
    /// So much of a payment; `new` is what it is called there.
    MovedPayment { payment: PaymentId, new: PaymentId, amount: Minor, }
}

fn is_positive(amount: Minor) -> Result<(), Rejection> {
    if amount <= Minor::ZERO { Err(Flaw::Negative { field: Field::Amount }.into()) } else { Ok(()) }
}

impl Happening for PaymentTaken {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if self.customer.is_some_and(|c| !cx.knows(c)) {
            return Err(Rejection::NoCustomer);
        }
        if self.payment.tender.needs_customer() && self.customer.or(cx.customer_of(self.order)).is_none() {
            return Err(Rejection::NoCustomer);
        }
        is_positive(self.payment.amount)?;
        if self.payment.tendered < self.payment.amount { Err(Rejection::TenderedTooLittle) } else { Ok(()) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.payments.iter().any(|p| p.id == self.payment.id) {
                return;
            }
            order.payments.push(self.payment.clone());
            fold.note(order, Happened::Paid(self.payment.amount));
            // Made somebody else's order meanwhile, it is again theirs with whom the debt was agreed, and somebody
            // looks: what is on an account is that customer's, whichever of the two came first.
            if self.payment.tender.needs_customer() && self.customer.is_some() && order.customer != self.customer {
                order.customer = self.customer;
                fold.note(order, Happened::CustomerChanged);
                fold.open_case(CaseKind::StepLost { order: self.order });
            }
            fold.on_account(order, self.payment.tender, self.payment.amount);
            fold.with_shift(|shift| {
                shift.take(self.payment.tender, self.payment.amount);
                shift.payments += 1;
            });
            if order.state == OrderState::Voided {
                order.state = OrderState::Placed;
                fold.open_case(CaseKind::PaidAfterVoid { order: self.order });
            }
            fold.if_overpaid(order);
        });
    }
}

impl Happening for PaymentRefunded {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        is_positive(self.refund.amount)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.refunds.iter().any(|r| r.id == self.refund.id) {
                return;
            }
            order.refunds.push(self.refund.clone());
            fold.note(order, Happened::Refunded(self.refund.amount));
            fold.on_account(order, self.refund.tender, Minor(self.refund.amount.0.saturating_neg()));
            fold.with_shift(|shift| {
                shift.take(self.refund.tender, Minor(self.refund.amount.0.saturating_neg()));
                shift.refunded = Minor(shift.refunded.0.saturating_add(self.refund.amount.0));
            });
            let over = order.paid().0.saturating_neg();
            if over > 0 {
                fold.open_case(CaseKind::OverRefunded { order: self.order, over: Minor(over) });
            }
        });
    }
}

impl Happening for PaymentAsked {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        is_positive(self.attempt.amount)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.attempts.iter().all(|a| a.id != self.attempt.id) {
                order.attempts.push(self.attempt.clone());
                fold.note(order, Happened::Asked(self.attempt.tender, self.attempt.amount, self.attempt.outcome));
            }
        });
    }
}

impl Happening for PaymentAnswered {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            // What a terminal once confirmed or declined stays so.
            let Some(attempt) = order.attempts.iter_mut().find(|a| a.id == self.attempt && a.outcome.is_open()) else {
                return;
            };
            attempt.outcome = self.outcome;
            let what = Happened::Asked(attempt.tender, attempt.amount, self.outcome);
            fold.note(order, what);
        });
    }
}

impl Happening for PaymentMatched {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        match self.booking.chars().count() {
            0 => Err(Flaw::Empty { field: Field::Name }.into()),
            length if length > MOST_KEY => Err(Flaw::TooLong { field: Field::Name, most: MOST_KEY }.into()),
            _ => Ok(()),
        }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |_, order| {
            // Found twice: the first line counts.
            if order.payments.iter().any(|p| p.id == self.payment)
                && !order.matched.iter().any(|(p, _)| *p == self.payment)
            {
                order.matched.push((self.payment, self.booking.clone()));
            }
        });
    }
}

impl Happening for MoneyMoved {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if self.parts.len() > MOST_LINES {
            return Err(Flaw::TooMuch { field: Field::Quantity }.into());
        }
        self.parts.iter().try_for_each(|p| is_positive(p.amount))?;
        // Taken under a name that is in use, it would count twice or not at all.
        let known = [self.from, self.to];
        let used =
            |id| known.iter().filter_map(|o| cx.book.orders.get(o)).any(|o| o.payments.iter().any(|p| p.id == id));
        if self.parts.iter().any(|p| used(p.new)) { Err(Rejection::PaymentKnown) } else { Ok(()) }
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        if self.from == self.to || fold.get(table::orders, &self.to).is_none() {
            fold.open_case(CaseKind::UnknownOrder { order: self.to });
            return;
        }
        let mut moved: Vec<(Payment, Option<String>)> = Vec::new();
        fold.with_order(self.from, |fold, order| {
            for part in &self.parts {
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
                fold.note(order, Happened::MoneyMoved(Minor(sum.0.saturating_neg()), self.to));
            }
        });
        if moved.is_empty() {
            return;
        }
        fold.with_order(self.to, |fold, order| {
            let sum: Minor = moved.iter().map(|(p, _)| p.amount).sum();
            for (payment, booking) in moved {
                order.matched.extend(booking.map(|b| (payment.id, b)));
                order.payments.push(payment);
            }
            fold.note(order, Happened::MoneyMoved(sum, self.from));
            fold.if_overpaid(order);
        });
    }
}

impl Fold<'_> {
    pub(super) fn if_overpaid(&mut self, order: &Order) {
        let over = order.owed_back();
        if over > Minor::ZERO {
            self.open_case(CaseKind::Overpaid { order: order.id, over });
        }
    }
}
