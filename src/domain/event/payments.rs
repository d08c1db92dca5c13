//! What happens to orders' money, and to customers' accounts by it.

use crate::domain::book::case::CaseKind;
use crate::domain::customer::account::Account;
use crate::domain::event::fold::Fold;
use crate::domain::event::{AccountSettled, MoneyMoved, PaymentAnswered, PaymentAsked, PaymentRefunded, PaymentTaken};
use crate::domain::order::{Happened, Order, OrderState};
use crate::domain::payment::Payment;
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::CustomerId;
use crate::domain::value::money::Minor;

impl Fold<'_> {
    pub(super) fn payment_asked(&mut self, e: &PaymentAsked) {
        self.with_order(e.order, |fold, order| {
            if order.attempts.iter().all(|a| a.id != e.attempt.id) {
                order.attempts.push(e.attempt.clone());
                fold.note(order, Happened::Asked(e.attempt.tender, e.attempt.amount, e.attempt.outcome));
            }
        });
    }

    pub(super) fn payment_answered(&mut self, e: &PaymentAnswered) {
        self.with_order(e.order, |fold, order| {
            // What a terminal once confirmed or declined stays so.
            let Some(attempt) = order.attempts.iter_mut().find(|a| a.id == e.attempt && a.outcome.is_open()) else { return };
            attempt.outcome = e.outcome;
            let what = Happened::Asked(attempt.tender, attempt.amount, e.outcome);
            fold.note(order, what);
        });
    }

    pub(super) fn account_settled(&mut self, e: &AccountSettled) {
        self.with_account(e.customer, |account| account.settle(e.payment.amount));
        self.with_shift(|shift| {
            shift.take(e.payment.tender, e.payment.amount);
            shift.payments += 1;
        });
    }

    pub(super) fn with_account(&mut self, customer: CustomerId, change: impl FnOnce(&mut Account)) {
        let mut account = self.book.accounts.at(self.layer, &customer).cloned().unwrap_or_default();
        change(&mut account);
        self.book.accounts.put(self.layer, customer, account);
        self.changes.customers.insert(customer);
        self.changes.tills = true;
    }

    /// Money for an order that is somebody's debt or credit.
    pub(super) fn on_account(&mut self, order: &Order, tender: Tender, amount: Minor) {
        if let Some(customer) = order.customer.filter(|_| tender.needs_customer()) {
            self.with_account(customer, |account| account.take(tender, amount));
        }
    }

    pub(super) fn payment_taken(&mut self, e: &PaymentTaken) {
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
    pub(super) fn money_moved(&mut self, e: &MoneyMoved) {
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

    pub(super) fn payment_refunded(&mut self, e: &PaymentRefunded) {
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

    pub(super) fn if_overpaid(&mut self, order: &Order) {
        let over = order.owed_back();
        if over > Minor::ZERO {
            self.open_case(CaseKind::Overpaid { order: order.id, over });
        }
    }
}
