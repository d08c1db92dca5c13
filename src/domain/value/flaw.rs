//! Flaws: what is wrong with a thing by itself, whatever the book says.

use serde::{Deserialize, Serialize};

use super::money::{Overflow, Unshared};
use super::named::Named;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, strum::IntoStaticStr, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[error("{}{}", self.name(), self.field().map_or(String::new(), |field| format!(": {}", field.name())))]
pub enum Flaw {
    /// A sum does not fit its integer.
    Overflow,
    /// A sum is to be shared out among nothing.
    NoWeights,
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
    /// The same is named twice.
    Twice {
        field: Field,
    },
    /// A part of something that is counted in pieces.
    NotDivisible,
    /// Nothing is in it.
    NoLines,
    /// A product without variants, or with more than there may be.
    NoVariants,
    /// The amounts do not add up to their total.
    Totals,
    /// A PIN is four to eight digits.
    Pin,
}

impl Flaw {
    /// The field that it is in, where it is in one.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Empty { field }
            | Self::TooLong { field, .. }
            | Self::Negative { field }
            | Self::TooMuch { field }
            | Self::NotAnAmount { field }
            | Self::Twice { field } => Some(*field),
            Self::Overflow
            | Self::NoWeights
            | Self::NotDivisible
            | Self::NoLines
            | Self::NoVariants
            | Self::Totals
            | Self::Pin => None,
        }
    }
}

/// The field that a flaw is in, where the same flaw can be in several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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

/// The most characters a name may have.
pub const MOST_NAME: usize = 200;

/// # Errors
/// [`Flaw::Empty`], [`Flaw::TooLong`].
pub fn check_name(text: &str, field: Field) -> Result<(), Flaw> {
    if text.trim().is_empty() {
        return Err(Flaw::Empty { field });
    }
    check_length(text, field)
}

/// # Errors
/// [`Flaw::TooLong`].
pub fn check_length(text: &str, field: Field) -> Result<(), Flaw> {
    if text.chars().count() > MOST_NAME { Err(Flaw::TooLong { field, most: MOST_NAME }) } else { Ok(()) }
}

impl From<Overflow> for Flaw {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

impl From<Unshared> for Flaw {
    fn from(error: Unshared) -> Self {
        match error {
            Unshared::NoWeights => Self::NoWeights,
            Unshared::Overflow => Self::Overflow,
        }
    }
}
