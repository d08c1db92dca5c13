//! Cases: what the fold could take in, but a person has to look at.

use serde::{Deserialize, Serialize};

use super::catalog::Product;
use super::customer::Person;
use super::id::{CustomerId, Id, OrderId, Replica, VariantId};
use super::money::Minor;
use super::order::{Line, Totals};
use super::quantity::Quantity;
use super::stock::Place;
use super::time::Timestamp;

/// One thing to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Case {
    pub kind: CaseKind,
    pub at: Timestamp,
    pub open: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// More was handed over than was there.
    Oversold { place: Place, short: Quantity },
    /// More was paid than is owed: two tablets took the money, or a sum was mistyped.
    Overpaid { order: OrderId, over: Minor },
    /// Money came in for an order that had been voided; it stands again.
    PaidAfterVoid { order: OrderId },
    /// Voided by somebody who could not know that it had been paid; the payment stands.
    VoidedThoughPaid { order: OrderId },
    /// More went back than came in.
    OverRefunded { order: OrderId, over: Minor },
    /// Two tablets handed over the same goods.
    HandedOverTwice { order: OrderId },
    /// A step that the state table does not have: two tablets went different ways.
    StepLost { order: OrderId },
    /// Something was recorded for an order that nobody knows.
    UnknownOrder { order: OrderId },
    /// The server keeps a transaction it could not apply.
    Held { replica: Replica, seq: u64, code: String },
    /// Two people changed the same thing, neither knowing of the other; the later counts, and this is what it put aside.
    EditedTwice { put_aside: Edited },
    /// More is set aside at a place than is there.
    OverAllocated { place: Place, short: Quantity },
}

/// What was changed, as it was before the later change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edited {
    Price { variant: VariantId, price: Minor },
    Product(Box<Product>),
    Customer { customer: CustomerId, person: Person },
    Order { order: OrderId, lines: Vec<Line>, totals: Totals },
}

impl CaseKind {
    /// One case a subject: what happens again to the same subject is the same case.
    pub fn id(&self) -> Id {
        let (kind, subject) = match self {
            Self::Oversold { place, .. } => ("oversold", format!("{}@{}", place.0, place.1)),
            Self::Overpaid { order, .. } => ("overpaid", order.to_string()),
            Self::PaidAfterVoid { order } => ("paid_after_void", order.to_string()),
            Self::VoidedThoughPaid { order } => ("voided_though_paid", order.to_string()),
            Self::OverRefunded { order, .. } => ("over_refunded", order.to_string()),
            Self::HandedOverTwice { order } => ("handed_over_twice", order.to_string()),
            Self::StepLost { order } => ("step_lost", order.to_string()),
            Self::UnknownOrder { order } => ("unknown_order", order.to_string()),
            Self::Held { replica, seq, .. } => ("held", format!("{replica}:{seq}")),
            Self::EditedTwice { put_aside: Edited::Price { variant, .. } } => ("price_twice", variant.to_string()),
            Self::EditedTwice { put_aside: Edited::Product(product) } => ("product_twice", product.id.to_string()),
            Self::EditedTwice { put_aside: Edited::Customer { customer, .. } } => ("customer_twice", customer.to_string()),
            Self::EditedTwice { put_aside: Edited::Order { order, .. } } => ("order_twice", order.to_string()),
            Self::OverAllocated { place, .. } => ("over_allocated", format!("{}@{}", place.0, place.1)),
        };
        Id::derived("case", kind, &subject)
    }

    /// The order it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::EditedTwice { put_aside: Edited::Order { order, .. } } => Some(*order),
            Self::Oversold { .. } | Self::OverAllocated { .. } | Self::Held { .. } | Self::EditedTwice { .. } => None,
            Self::Overpaid { order, .. }
            | Self::PaidAfterVoid { order }
            | Self::VoidedThoughPaid { order }
            | Self::OverRefunded { order, .. }
            | Self::HandedOverTwice { order }
            | Self::StepLost { order }
            | Self::UnknownOrder { order } => Some(*order),
        }
    }
}
