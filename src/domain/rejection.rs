//! Why something may not happen. A reason is a variant with data; its words live in `i18n`.

use serde::{Deserialize, Serialize};

use super::order::OrderState;
use crate::domain::shop::staff::{Role, RoleTooLow};
use crate::domain::value::flaw::Flaw;
use crate::domain::value::id::{OrderId, VariantId};
use crate::domain::value::money::{Minor, Overflow, Unshared};
use crate::domain::value::quantity::Quantity;

/// A reason to refuse. Its variant's name in snake case is its code on the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, strum::IntoStaticStr, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[error("{}", match self { Self::Flaw(flaw) => flaw.to_string(), other => other.code().to_owned() })]
pub enum Rejection {
    /// Something is wrong with what was handed in, whatever the book says.
    Flaw(Flaw),
    /// Less than this role may not do it.
    RoleTooLow {
        needs: Role,
    },
    UnknownVariant {
        variant: VariantId,
    },
    UnknownOrder {
        order: OrderId,
    },
    UnknownLocation,
    UnknownProduct,
    /// A case that is not there, or that closes itself.
    UnknownCase,
    /// A payment under this identifier is there already.
    PaymentKnown,
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

impl Rejection {
    /// The code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Flaw(flaw) => flaw.into(),
            other => other.into(),
        }
    }
}

impl From<Flaw> for Rejection {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<Overflow> for Rejection {
    fn from(_: Overflow) -> Self {
        Self::Flaw(Flaw::Overflow)
    }
}

impl From<Unshared> for Rejection {
    fn from(error: Unshared) -> Self {
        Self::Flaw(error.into())
    }
}

impl From<RoleTooLow> for Rejection {
    fn from(error: RoleTooLow) -> Self {
        Self::RoleTooLow { needs: error.needs }
    }
}
