//! Where the server writes things down: one log per store, numbered without gaps in commit order.

mod sqlite;

use std::fmt;

use crate::domain::event::{Hash, Parts};
use crate::domain::id::Replica;
use crate::sync::protocol::Status;

pub use sqlite::Journal;

/// The database did not do it.
#[derive(Debug)]
pub struct JournalError(pub String);

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "journal: {}", self.0)
    }
}

impl std::error::Error for JournalError {}

impl From<sqlx::Error> for JournalError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<sqlx::migrate::MigrateError> for JournalError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(error.to_string())
    }
}

/// A store as the journal has it.
#[derive(Clone, Debug)]
pub struct StoreRow {
    pub id: String,
    pub epoch: String,
    pub g: u64,
}

/// A tablet as the journal has it.
#[derive(Clone, Debug)]
pub struct TabletRow {
    pub store: String,
    pub replica: Replica,
    pub prefix: String,
    pub device: String,
    pub last_seq: u64,
    pub link: Hash,
    pub revoked: bool,
}

/// One transaction as it is written down.
#[derive(Clone, Debug)]
pub struct LogRow {
    pub g: u64,
    pub replica: Replica,
    pub seq: u64,
    pub h: Hash,
    pub status: Status,
    pub code: Option<String>,
    pub body: String,
    pub parts: Parts,
}

/// What enrolment writes.
pub struct NewTablet<'a> {
    pub device: &'a str,
    pub token_hash: [u8; 32],
    pub ticket_hash: [u8; 32],
    pub at: i64,
}
