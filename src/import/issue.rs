//! What was found wrong in a file, and where.

use serde::{Deserialize, Serialize};

/// One thing wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Issue {
    /// Counted from 1.
    pub line: u32,
    /// The column's or field's name; empty when it is the whole line.
    pub column: String,
    #[serde(flatten)]
    pub code: IssueCode,
}

/// Fault of a file or a line. Its variant's name in snake case is its code in JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum IssueCode {
    /// Nothing that this program knows.
    NotRecognised,
    /// Not JSON from here on.
    BadJson {
        column_number: usize,
    },
    /// A quotation mark is never closed; what follows it could not be told apart.
    UnclosedQuote,
    MissingColumn,
    BadAmount {
        text: String,
    },
    BadQuantity {
        text: String,
    },
    BadDate {
        text: String,
    },
    OddCurrency {
        text: String,
    },
    NoName,
    NoReference,
    NoLines,
    TooManyLines {
        most: usize,
    },
    DuplicateSku {
        sku: String,
    },
    UnknownStatus {
        text: String,
    },
    /// The source's total is not what its lines add up to; the difference is kept on the order.
    TotalDiffers {
        by: String,
    },
    /// The source says that something was paid, not how much.
    PaidUnknown,
}

/// Consequence that an issue has for its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It was left out.
    Error,
    /// It was taken, and should be looked at.
    Warning,
}

impl IssueCode {
    pub fn severity(&self) -> Severity {
        match self {
            Self::DuplicateSku { .. }
            | Self::BadDate { .. }
            | Self::UnknownStatus { .. }
            | Self::TotalDiffers { .. }
            | Self::PaidUnknown
            | Self::UnclosedQuote => Severity::Warning,
            _ => Severity::Error,
        }
    }
}
