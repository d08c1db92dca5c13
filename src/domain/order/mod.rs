//! An order: what was asked for, what it costs, what has been paid, and where it stands.

mod cart;
mod state;
mod totals;

use serde::{Deserialize, Serialize};

use super::id::{CustomerId, LocationId, OrderId, StaffId, TaxId, VariantId};
use super::money::{Currency, Minor};
use super::payment::{Payment, Refund};
use super::quantity::{Quantity, Unit};
use super::time::Timestamp;

pub use cart::{Cart, CartLine, Discount, MOST_LINES, Priced};
pub use state::{OrderState, STEPS, Step, StepKind, step, steps_from};
pub use totals::{Totals, add_up};

/// Where an order came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    #[default]
    Counter,
    Stall,
    Phone,
    Email,
    Website,
    Marketplace,
}

impl Channel {
    pub const ALL: [Self; 6] = [Self::Counter, Self::Stall, Self::Phone, Self::Email, Self::Website, Self::Marketplace];

    /// Whether the customer stands in front of the clerk, so goods and money change hands at once.
    pub fn face_to_face(self) -> bool {
        matches!(self, Self::Counter | Self::Stall)
    }
}

/// What another system calls the order.
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
    /// What the customer pays for the line. Saturates.
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
}

/// Why an order was voided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    Mistake,
    CustomerChangedMind,
    NotAvailable,
    Duplicate,
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
    /// Whether `unit_price` includes tax.
    pub prices_include_tax: bool,
    pub state: OrderState,
    pub customer: Option<CustomerId>,
    pub note: String,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub payments: Vec<Payment>,
    pub refunds: Vec<Refund>,
    /// Where the goods left from, once they have.
    pub handed_over: Option<LocationId>,
    pub history: Vec<Entry>,
}

impl Order {
    /// Money received less money given back.
    pub fn paid(&self) -> Minor {
        let taken: Minor = self.payments.iter().map(|p| p.amount).sum();
        let back: Minor = self.refunds.iter().map(|r| r.amount).sum();
        Minor(taken.0.saturating_sub(back.0))
    }

    /// What is still to be paid; below zero when too much was. Money given back after everything was paid is not asked
    /// for again.
    pub fn due(&self) -> Minor {
        let taken: Minor = self.payments.iter().map(|p| p.amount).sum();
        let (total, paid) = (self.totals.total.0, self.paid().0);
        Minor(match self.state {
            OrderState::Voided => paid.saturating_neg(),
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
            (..=0, _) if self.state == OrderState::Voided => PaymentState::NotDue,
            (_, ..=0) => PaymentState::Paid,
            (..=0, _) => PaymentState::Unpaid,
            _ => PaymentState::Part,
        }
    }
}

/// Whether an order is paid. Stored by position: new ones are added at the end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    Unpaid,
    Part,
    Paid,
    Refunded,
    /// Voided before anything was paid.
    NotDue,
}
