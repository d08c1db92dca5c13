//! An order: what was asked for, what it costs, what has been paid, and where it stands.

mod cart;
mod fulfilment;
mod goods;
mod message;
mod returned;
pub mod rule;
mod state;
mod totals;
mod undo;

use serde::{Deserialize, Serialize};

use super::payment::{Attempt, Outcome, Payment, Refund};
use crate::domain::goods::kit::Kit;
use crate::domain::goods::price::Offered;
use crate::domain::shop::channel::Channel;
use crate::domain::shop::tender::Tender;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, PaymentId, StaffId, TaxId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;

pub use cart::{Cart, CartLine, MOST_LINES, Priced};
pub use fulfilment::{
    Allocation, Assignee, Delivery, Fulfilment, MOST_LABEL, MOST_TAGS, Mark, Method, Paper, Priority, Recipient,
    check_mark, turn, waits_for_goods,
};
pub use message::{MOST_MESSAGE, MOST_MESSAGES, Message, check_message};
pub use returned::{ReturnReason, Returned};
pub use state::{OrderState, STEPS, Step, StepKind, step, steps_from};
pub use totals::{Totals, add_up, by_rate};
pub use undo::LastStep;

/// The name of an order in another system.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// The system: `shopify`, `woocommerce`, the name of a file's source.
    pub source: String,
    pub reference: String,
}

/// One line, with everything it was computed from, frozen.
///
/// Invariant: `net + tax` is what the customer pays for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// `None` for something that is not in the catalogue.
    pub variant: Option<VariantId>,
    pub name: String,
    pub sku: String,
    pub unit: Unit,
    pub quantity: Quantity,
    /// For one unit, as on the price tag.
    pub unit_price: Minor,
    /// Taken off this line: its own discount and its share of the order's.
    pub discount: Minor,
    pub tax_id: Option<TaxId>,
    pub rate_bp: u32,
    pub net: Minor,
    pub tax: Minor,
}

impl Line {
    /// The sum that the customer pays for the line. Saturates.
    pub fn gross(&self) -> Minor {
        Minor(self.net.0.saturating_add(self.tax.0))
    }
}

/// Something that happened to an order, for its history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub by: StaffId,
    pub what: Happened,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    Placed,
    Moved(OrderState),
    Paid(Minor),
    Refunded(Minor),
    HandedOver,
    Returned,
    Voided(VoidReason),
    Noted,
    /// Its lines were changed; the total before and after.
    Edited {
        before: Minor,
        after: Minor,
        why: EditReason,
    },
    DeliverySet,
    Marked(Mark),
    /// Goods were set aside; whether for every line.
    Allocated {
        whole: bool,
    },
    Printed(Paper),
    /// A rule of the store did what follows.
    Ruled(Id),
    Asked(Tender, Minor, Outcome),
    /// Money went to (below zero) or came from another order.
    MoneyMoved(Minor, OrderId),
    /// Goods were set aside from a place that somebody chose; whether for every line.
    AllocatedByHand {
        whole: bool,
    },
    /// Goods of some lines came back; what they had cost.
    LinesReturned(Minor, ReturnReason),
    /// It is another customer's now, or nobody's.
    CustomerChanged,
    /// A message to the customer is to be sent.
    MessageDue,
    MessageSent,
    /// The last step was taken back; where it stands again.
    StepUndone(OrderState),
}

/// The last word of the system that handed an order in: what is the same as before changes nothing here, and what
/// people changed since is told from what the system did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// A hash over what it said of lines and sums.
    pub said: Hash,
    /// [`Order::hash`] as it was then.
    pub own: Hash,
    /// [`Order::deliveries_set`] as it was then.
    pub deliveries: u32,
}

/// Why an order's lines were changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditReason {
    Edited,
    /// A part of it became an order of its own.
    SplitInto(OrderId),
    /// Another order's lines were taken in.
    MergedFrom(OrderId),
    /// Its sum was rounded, because it is paid in cash; nothing else was changed.
    Rounded,
}

/// Why an order was voided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VoidReason {
    Mistake,
    CustomerChangedMind,
    NotAvailable,
    Duplicate,
    /// Its lines are part of another order now.
    Merged,
}

impl VoidReason {
    pub const ALL: [Self; 4] = [Self::Mistake, Self::CustomerChangedMind, Self::NotAvailable, Self::Duplicate];
}

/// An order as the fold knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    /// For people: `{prefix}-{n}`. Never used twice.
    pub number: String,
    pub channel: Channel,
    pub external: Option<External>,
    pub placed_at: Timestamp,
    pub by: StaffId,
    pub location: LocationId,
    pub currency: Currency,
    /// Says whether `unit_price` includes tax.
    pub prices_include_tax: bool,
    pub state: OrderState,
    pub customer: Option<CustomerId>,
    pub note: String,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub payments: Vec<Payment>,
    pub refunds: Vec<Refund>,
    /// The place that the goods left from, once they have.
    pub handed_over: Option<LocationId>,
    pub history: Vec<Entry>,
    pub fulfilment: Option<Box<Fulfilment>>,
    /// Money that terminals were asked for.
    pub attempts: Vec<Attempt>,
    /// The price lists and promotions that it was computed with, as far as their lines are still what they were.
    pub offers: Vec<Offered>,
    /// The kits in it, with their parts.
    pub kits: Vec<Kit>,
    /// Payments that were found on a statement, with the key of its line.
    pub matched: Vec<(PaymentId, String)>,
    /// Goods of single lines that came back, in the order in which they came.
    pub returned: Vec<Returned>,
    /// Messages that the customer is to be sent, and was.
    pub messages: Vec<Message>,
    pub source: Option<Source>,
}

impl Order {
    /// Money received less money given back.
    pub fn paid(&self) -> Minor {
        let taken: Minor = self.payments.iter().map(|p| p.amount).sum();
        let back: Minor = self.refunds.iter().map(|r| r.amount).sum();
        Minor(taken.0.saturating_sub(back.0))
    }

    /// Counts the sheets of a paper that the printer was given. A rule that makes a paper ready prints none: it writes
    /// in its own transaction, whose moment it shares.
    pub fn sheets(&self, paper: Paper) -> usize {
        let ruled = |at: Timestamp| self.history.iter().any(|e| e.at == at && matches!(e.what, Happened::Ruled(_)));
        self.history.iter().filter(|e| e.what == Happened::Printed(paper) && !ruled(e.at)).count()
    }

    /// Everything that whoever changes its lines has to have seen.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&postcard::to_stdvec(&(&self.lines, self.totals)).unwrap_or_default()])
    }

    /// Says whether all that is counted on it is set aside.
    pub fn is_allocated(&self) -> bool {
        let work = self.fulfilment.as_deref();
        let enough = |(i, l): (usize, &Line)| {
            self.goods(l)
                .into_iter()
                .all(|(variant, needed)| work.is_some_and(|f| f.allocated_to(i, variant) >= needed))
        };
        self.lines.iter().enumerate().all(enough)
    }

    /// Says whether somebody chose where its goods come from, and they still do.
    pub fn is_allocated_by_hand(&self) -> bool {
        let last = self
            .history
            .iter()
            .rev()
            .find(|e| matches!(e.what, Happened::Allocated { .. } | Happened::AllocatedByHand { .. }));
        last.is_some_and(|e| matches!(e.what, Happened::AllocatedByHand { .. })) && self.is_allocated()
    }

    /// The sum still to be given back: too much was paid, or goods came back.
    pub fn owed_back(&self) -> Minor {
        Minor(self.due().0.saturating_neg().max(0))
    }

    /// Says whether its goods went over the counter as it was taken: a sale, and no work.
    pub fn handed_over_at_once(&self) -> bool {
        self.history.iter().any(|e| e.at == self.placed_at && e.what == Happened::HandedOver)
    }

    /// Counts the times it was said where it goes.
    pub fn deliveries_set(&self) -> usize {
        self.history.iter().filter(|e| e.what == Happened::DeliverySet).count()
    }

    /// Says whether the customer is still to be told something.
    pub fn is_message_due(&self) -> bool {
        self.messages.iter().any(Message::is_due)
    }

    /// Says whether somebody still has to see to it whatever its state: tell the customer, or look what a terminal
    /// said.
    pub fn is_outstanding(&self) -> bool {
        self.is_message_due() || self.attempts.iter().any(|a| a.outcome.is_open())
    }

    /// The sum still to be paid; below zero when too much was, or goods came back. Money given back after everything
    /// was paid is not asked for again.
    pub fn due(&self) -> Minor {
        let taken: Minor = self.payments.iter().map(|p| p.amount).sum();
        let (total, paid) = (self.charged().0, self.paid().0);
        Minor(match self.state {
            OrderState::Voided | OrderState::Draft => paid.saturating_neg(),
            _ if paid >= total || taken.0 < total => total.saturating_sub(paid),
            _ => 0,
        })
    }

    pub fn payment_state(&self) -> PaymentState {
        let (paid, due) = (self.paid().0, self.due().0);
        if paid <= 0 && !self.refunds.is_empty() {
            return PaymentState::Refunded;
        }
        match (paid, due) {
            (..=0, _) if matches!(self.state, OrderState::Voided | OrderState::Draft) => PaymentState::NotDue,
            (_, ..=0) => PaymentState::Paid,
            (..=0, _) => PaymentState::Unpaid,
            _ => PaymentState::Part,
        }
    }
}

/// Says whether an order is paid. Stored by position: new ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PaymentState {
    Unpaid,
    Part,
    Paid,
    Refunded,
    /// Voided before anything was paid, or only a quotation.
    NotDue,
}

impl PaymentState {
    pub const ALL: [Self; 5] = [Self::Unpaid, Self::Part, Self::Paid, Self::Refunded, Self::NotDue];
}
