//! Money as the log alone tells it: a second, much simpler fold, to hold the first one against.

use std::collections::{HashMap, HashSet};

use daybook::domain::book::Book;
use daybook::domain::book::case::{CaseKind, Kept};
use daybook::domain::event::Event;
use daybook::domain::value::id::{Id, OrderId, PaymentId, Replica};
use daybook::server::journal::LogRow;
use daybook::sync::protocol::Status;

#[derive(Default)]
struct Till {
    closed: u64,
    /// What the shift took less what it gave back; `None` while it is closed.
    open: Option<i64>,
    /// The same of the last one that was closed.
    last: Option<i64>,
}

/// See the module. Units: minor units.
#[derive(Default)]
pub struct Money {
    paid: HashMap<OrderId, i64>,
    /// What there is of each payment, and for which order.
    payments: HashMap<PaymentId, (OrderId, i64)>,
    refunds: HashSet<PaymentId>,
    tills: HashMap<Replica, Till>,
    held: HashMap<Id, (Replica, Kept)>,
}

impl Money {
    pub fn of(log: &[LogRow]) -> Self {
        let mut money = Self::default();
        for row in log {
            match (row.status, row.entry().transaction()) {
                (Status::Rej, _) => {}
                (_, Some(tx)) => tx.body.ev.iter().for_each(|event| money.event(row.replica, event)),
                (_, None) => {
                    let id = CaseKind::Held { replica: row.replica, seq: row.seq, code: String::new() }.id();
                    money.held.insert(id, (row.replica, Kept { body: row.body.clone(), parts: row.parts.clone() }));
                }
            }
        }
        money
    }

    fn event(&mut self, replica: Replica, event: &Event) {
        match event {
            Event::OrderPlaced(e) => drop(self.paid.entry(e.order).or_default()),
            Event::PaymentTaken(e)
                if self.paid.contains_key(&e.order) && !self.payments.contains_key(&e.payment.id) =>
            {
                self.payments.insert(e.payment.id, (e.order, e.payment.amount.0));
                self.moves(replica, e.order, e.payment.amount.0);
            }
            Event::PaymentRefunded(e) if self.paid.contains_key(&e.order) && self.refunds.insert(e.refund.id) => {
                self.moves(replica, e.order, -e.refund.amount.0);
            }
            Event::MoneyMoved(e) if self.paid.contains_key(&e.from) && self.paid.contains_key(&e.to) => {
                for part in &e.parts {
                    let Some((_, left)) = self.payments.get_mut(&part.payment).filter(|(order, _)| *order == e.from)
                    else {
                        continue;
                    };
                    let amount = part.amount.0.min(*left);
                    *left -= amount;
                    self.payments.insert(part.new, (e.to, amount));
                    *self.paid.entry(e.from).or_default() -= amount;
                    *self.paid.entry(e.to).or_default() += amount;
                }
            }
            Event::TillOpened(_) => self.tills.entry(replica).or_default().open = Some(0),
            Event::TillClosed(_) => {
                let till = self.tills.entry(replica).or_default();
                if let Some(taken) = till.open.take() {
                    till.closed += 1;
                    till.last = Some(taken);
                }
            }
            Event::CaseResolved(e) => drop(self.held.remove(&e.case)),
            Event::HeldAccepted(e) => {
                if let Some((replica, kept)) = self.held.remove(&e.case) {
                    kept.facts().iter().for_each(|event| self.event(replica, event));
                }
            }
            _ => {}
        }
    }

    fn moves(&mut self, replica: Replica, order: OrderId, amount: i64) {
        *self.paid.entry(order).or_default() += amount;
        if let Some(taken) = self.tills.entry(replica).or_default().open.as_mut() {
            *taken += amount;
        }
    }

    /// I7: the book's orders and tills hold this money, and no other. All its orders must be in memory.
    pub fn check(&self, book: &Book, whose: &str) {
        let orders: HashMap<OrderId, i64> = book.orders.confirmed().map(|(id, o)| (*id, o.paid().0)).collect();
        assert_eq!(orders, self.paid, "I7: {whose}: an order is not the sum of its payments");
        for (replica, till) in book.tills.confirmed() {
            let known = self.tills.get(replica).map_or((0, None, None), |t| (t.closed, t.open, t.last));
            let shift = till.shift.as_ref().map(|s| s.total().0);
            let last = till.closings.last().map(|c| c.shift.total().0);
            assert_eq!(
                (till.closed, shift, last),
                known,
                "I7: {whose}: the till of {replica} is not the sum of its payments"
            );
        }
    }
}
