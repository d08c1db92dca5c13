//! Why something may not happen. A reason is a variant with data; its words live in `i18n`.

use serde::{Deserialize, Serialize};

use super::id::{OrderId, VariantId};
use super::money::Minor;
use super::order::OrderState;
use super::quantity::Quantity;
use super::staff::Role;

/// A reason to refuse. Its variant's name in snake case is its code on the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// A sum does not fit its integer.
    Overflow,
    /// Nothing to share out among.
    NoWeights,
    EmptyCart,
    NoVariants,
    Empty {
        field: Field,
    },
    TooLong {
        field: Field,
        most: usize,
    },
    Negative {
        field: Field,
    },
    TooMuch {
        field: Field,
    },
    NotAnAmount {
        field: Field,
    },
    /// A part of a piece.
    NotDivisible,
    UnknownVariant {
        variant: VariantId,
    },
    UnknownOrder {
        order: OrderId,
    },
    UnknownLocation,
    /// From a place to itself.
    SamePlace,
    UnknownStaff,
    UnknownTax,
    /// The state table has no such step.
    IllegalStep {
        from: OrderState,
        to: OrderState,
    },
    NotPaid {
        due: Minor,
    },
    /// Less was handed over than the payment says.
    TenderedTooLittle,
    /// More would go back than came in.
    OverRefund {
        most: Minor,
    },
    /// The amounts on the order do not add up to its total.
    Totals,
    RoleTooLow {
        needs: Role,
    },
    /// Not four to eight digits.
    Pin,
    /// An event that this version does not know.
    UnknownEvent,
    /// A detached part is missing or is not what its hash says.
    Part,
    TooManyEvents,
    /// More of something scarce than this tablet may promise.
    Scarce {
        variant: VariantId,
        left: Quantity,
    },
    /// More is to be set aside than is there for nobody else.
    NotFree {
        free: Quantity,
    },
    /// Goods are missing.
    ShortOf {
        short: Quantity,
    },
    /// Somebody put the order on hold.
    OnHold,
    /// The checks found something that a manager has to agree to.
    Found,
    /// More than the customer may owe, or has in credit.
    OverCredit {
        left: Minor,
    },
    NoCustomer,
    /// A terminal was asked, and nobody knows yet what it said.
    AnswerOpen,
    /// A stocktake of the same goods is under way.
    BeingCounted,
    /// It is a kit: what it is made of is counted.
    IsKit,
    /// Its goods are gone already.
    Gone,
    /// There is a shift already.
    TillOpen,
    /// There is no shift.
    TillClosed,
    /// It takes what the store has, and that is not here yet.
    NotReadYet,
    /// The last owner cannot be taken away.
    LastOwner,
}

/// What a rejection is about, where the same reason fits several fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Category,
    Sku,
    Barcode,
    Price,
    Quantity,
    Discount,
    Amount,
    Rate,
    Phone,
    Reason,
}

impl Rejection {
    /// The code on the wire.
    pub fn code(&self) -> String {
        // Either `"code"` or `{"code":{..}}`: the first quoted word in both.
        let json = serde_json::to_string(self).unwrap_or_default();
        json.split('"').nth(1).unwrap_or_default().to_owned()
    }
}
