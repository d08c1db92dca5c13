//! Cases: what the fold could take in, but a person has to look at.

use serde::{Deserialize, Serialize};

use crate::domain::customer::Person;
use crate::domain::goods::product::Product;
use crate::domain::order::{Line, Totals};
use crate::domain::stock::Place;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, Id, OrderId, Replica, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::part::Parts;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// One thing to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Case {
    pub kind: CaseKind,
    pub at: Timestamp,
    pub open: bool,
}

impl Case {
    /// A hash of all that is said of it.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&postcard::to_stdvec(self).unwrap_or_default()])
    }
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
    /// Two people changed the same thing, neither knowing of the other; the later counts, and this is what it put
    /// aside.
    EditedTwice { put_aside: Edited },
    /// More is set aside at a place than is there.
    OverAllocated { place: Place, short: Quantity },
    /// The server keeps facts that it could not apply, and a manager may have them count all the same.
    HeldFacts { replica: Replica, seq: u64, code: String, kept: Box<Kept> },
    /// Lines came in for an order whose goods were gone already; they are not in it.
    LateLines { order: OrderId, lines: Vec<Line>, totals: Totals },
    /// More of a line came back than was sold: two tablets took the same goods in.
    ReturnedTwice { order: OrderId },
}

/// A transaction that the server could not apply, as it came. It is let go of once somebody has seen to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// JSON of a [`Body`], the exact bytes that were hashed.
    pub body: String,
    pub parts: Parts,
}

/// The longest body that is kept with a case; a longer one is in the log alone. Units: bytes.
pub const MOST_KEPT: usize = 64 * 1024;

/// The thing that was changed, as it was before the later change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edited {
    Price {
        variant: VariantId,
        price: Minor,
    },
    Product(Box<Product>),
    Customer {
        customer: CustomerId,
        person: Person,
    },
    Order {
        order: OrderId,
        lines: Vec<Line>,
        totals: Totals,
    },
    /// Of the store's settings: JSON of the [`Event`] that would set it so.
    Setting {
        subject: String,
        event: String,
    },
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
            Self::ReturnedTwice { order } => ("returned_twice", order.to_string()),
            Self::Held { replica, seq, .. } | Self::HeldFacts { replica, seq, .. } => {
                ("held", format!("{replica}:{seq}"))
            }
            Self::EditedTwice { put_aside: Edited::Price { variant, .. } } => ("price_twice", variant.to_string()),
            Self::EditedTwice { put_aside: Edited::Product(product) } => ("product_twice", product.id.to_string()),
            Self::EditedTwice { put_aside: Edited::Customer { customer, .. } } => {
                ("customer_twice", customer.to_string())
            }
            Self::EditedTwice { put_aside: Edited::Order { order, .. } } => ("order_twice", order.to_string()),
            Self::EditedTwice { put_aside: Edited::Setting { subject, .. } } => ("setting_twice", subject.clone()),
            // Another's lines are another case: neither puts the other out of sight.
            Self::LateLines { order, lines, .. } => {
                ("late_lines", format!("{order} {}", Hash::of(&[&postcard::to_stdvec(lines).unwrap_or_default()])))
            }
            Self::OverAllocated { place, .. } => ("over_allocated", format!("{}@{}", place.0, place.1)),
        };
        Id::derived("case", kind, &subject)
    }

    /// As it is once somebody has seen to it: without what is personal.
    pub fn seen_to(self) -> Self {
        match self {
            Self::HeldFacts { replica, seq, code, .. } => Self::Held { replica, seq, code },
            other => other,
        }
    }

    /// The order it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::EditedTwice { put_aside: Edited::Order { order, .. } } => Some(*order),
            Self::Oversold { .. }
            | Self::OverAllocated { .. }
            | Self::Held { .. }
            | Self::HeldFacts { .. }
            | Self::EditedTwice { .. } => None,
            Self::LateLines { order, .. }
            | Self::Overpaid { order, .. }
            | Self::PaidAfterVoid { order }
            | Self::VoidedThoughPaid { order }
            | Self::OverRefunded { order, .. }
            | Self::HandedOverTwice { order }
            | Self::StepLost { order }
            | Self::ReturnedTwice { order }
            | Self::UnknownOrder { order } => Some(*order),
        }
    }
}
