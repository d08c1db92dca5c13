//! Where the server writes things down: one log per store, numbered without gaps in commit order.
//!
//! Three implementations share one contract (`tests/native/journal.rs`): SQLite and PostgreSQL in `sql`, and one in
//! memory for the simulation. What is relied on is little: serialisable turns by a lock on one row, unique keys, and
//! commits that survive a crash; any database that speaks PostgreSQL's protocol and keeps that can stand in.

mod checkpoint;
mod memory;
mod sql;

use std::collections::HashSet;
use std::fmt;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::domain::value::hash::Hash;
use crate::domain::value::id::Replica;
use crate::domain::value::part::Parts;
use crate::store::{Row, StoreError, Table, WriteBatch};
use crate::sync::merge::Entry;
use crate::sync::protocol::Status;

pub use memory::{Backup, MemoryJournal};
pub use sql::SqlJournal;

/// The database did not do it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("journal: {0}")]
pub struct JournalError(pub String);

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

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self(format!("the sealed fold: {error}"))
    }
}

pub type Result<T> = std::result::Result<T, JournalError>;

/// A store as the journal has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreRow {
    pub id: String,
    pub epoch: String,
    pub g: u64,
    /// The last number that a verified backup holds.
    pub safe_g: u64,
    /// The replica that the next tablet will have.
    pub next_replica: Replica,
}

/// A tablet as the journal has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TabletRow {
    pub store: String,
    pub replica: Replica,
    pub prefix: String,
    pub device: String,
    pub chain: Chain,
    /// Units: ms since 1970.
    pub enrolled_at: i64,
    pub revoked: bool,
}

/// Where a replica's chain stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    pub last_seq: u64,
    /// The hash that the next transaction continues.
    pub link: Hash,
}

/// One transaction as it is written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRow {
    pub g: u64,
    pub replica: Replica,
    pub seq: u64,
    pub h: Hash,
    pub status: Status,
    pub code: Option<String>,
    pub body: String,
    pub parts: Parts,
    /// One hash over the log up to and with this row.
    pub dig: Hash,
}

impl LogRow {
    /// A row as the fold takes it.
    pub fn entry(&self) -> Entry<'_> {
        Entry {
            replica: self.replica,
            seq: self.seq,
            h: self.h,
            status: self.status,
            code: self.code.as_deref(),
            body: Some(&self.body),
            parts: &self.parts,
        }
    }
}

/// What enrolment writes.
#[derive(Clone, Copy, Debug)]
pub struct NewTablet<'a> {
    pub device: &'a str,
    pub token_hash: [u8; 32],
    pub ticket_hash: [u8; 32],
    /// Units: ms since 1970.
    pub at: i64,
}

/// A web shop that may hand orders in.
#[derive(Clone, PartialEq, Eq)]
pub struct IntakeRow {
    /// Stands in its address; one for all stores of a server.
    pub name: String,
    pub store: String,
    pub kind: String,
    /// Signs what it sends.
    pub secret: String,
    /// Units: ms since 1970.
    pub heard_at: Option<i64>,
}

/// Without the secret: it must not come into a log by accident.
impl fmt::Debug for IntakeRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) of {}", self.name, self.kind, self.store)
    }
}

/// The log of one or more stores, and who may write into it.
#[async_trait]
pub trait Journal: Send + Sync {
    async fn stores(&self) -> Result<Vec<StoreRow>>;
    async fn found(&self, id: &str, epoch: &str, at: i64) -> Result<StoreRow>;
    /// Says that the log was put back to an older state. Replicas that may have been given out since are not given
    /// again: many are skipped, and all below `next`.
    async fn new_epoch(&self, store: &str, epoch: &str, next: Replica) -> Result<()>;
    /// Says that a verified backup holds everything up to `g`.
    async fn set_safe(&self, store: &str, g: u64) -> Result<()>;

    async fn tablets(&self, store: &str) -> Result<Vec<TabletRow>>;
    async fn tablet_by_token(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>>;
    async fn tablet_by_ticket(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>>;
    async fn add_code(&self, store: &str, hash: &[u8; 32], expires_at: i64) -> Result<()>;
    /// Uses a code up and makes a tablet of it, both or neither. `None` when the code is unknown, old or used.
    async fn enrol(&self, code: &[u8; 32], new: NewTablet<'_>) -> Result<Option<TabletRow>>;
    /// Makes the server's own tablet row, under which it writes what comes in through it.
    async fn add_server(&self, store: &str, at: i64) -> Result<()>;
    /// Shuts a tablet out for ever. `false` when there is no such tablet.
    async fn revoke(&self, store: &str, replica: Replica, at: i64) -> Result<bool>;

    async fn intake(&self, name: &str) -> Result<Option<IntakeRow>>;
    async fn intakes(&self, store: &str) -> Result<Vec<IntakeRow>>;
    /// Sets a shop up, or gives it another secret.
    async fn set_intake(&self, row: &IntakeRow, at: i64) -> Result<()>;
    async fn heard_intake(&self, name: &str, at: i64) -> Result<()>;
    async fn remove_intake(&self, store: &str, name: &str) -> Result<()>;

    /// Where a replica's chain stands; `None` for one that was never enrolled.
    async fn chain(&self, store: &str, replica: Replica) -> Result<Option<Chain>>;
    /// What was said of a replica's transaction.
    async fn answered(&self, store: &str, replica: Replica, seq: u64) -> Result<Option<LogRow>>;
    /// Begins a turn: nobody else appends to the store until it has ended, in this process or another.
    async fn turn(&self, store: &str) -> Result<Box<dyn Turn>>;
    /// A page of the log after `g`, with what is personal beside it. The flag says whether there is more.
    async fn page(&self, store: &str, after: u64, limit: u32) -> Result<(Vec<LogRow>, bool)>;
    /// The digest of the log at `g`; `None` when there is no such row.
    async fn digest_at(&self, store: &str, g: u64) -> Result<Option<Hash>>;

    async fn kept_read(&self, store: &str, tables: &[Table]) -> Result<Vec<Vec<Row>>>;
    async fn kept_get(&self, store: &str, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>>;
    /// `false` when a guard does not hold.
    async fn kept_write(&self, store: &str, batch: &WriteBatch) -> Result<bool>;

    /// Numbers that other processes have written, as they come. `None` where there can be no other process.
    async fn listen(&self) -> Result<Option<mpsc::Receiver<(String, u64)>>>;
    /// A round trip to the database.
    async fn ping(&self) -> Result<()>;
    /// Writes what is left, and closes.
    async fn close(&self);
}

/// The right to append to a store's log, until it is committed or dropped.
#[async_trait]
pub trait Turn: Send {
    /// The store as it is while this turn lasts.
    fn store(&self) -> &StoreRow;
    /// The digest of the log so far.
    fn dig(&self) -> Hash;
    async fn chain(&mut self, replica: Replica) -> Result<Option<Chain>>;
    /// What was said of a replica's transaction.
    async fn answered(&mut self, replica: Replica, seq: u64) -> Result<Option<LogRow>>;
    /// Which of these bodies are in the log, with the replica that wrote them. Rejected ones do not count.
    async fn known_bodies(&mut self, hashes: &[Hash]) -> Result<HashSet<(Hash, Replica)>>;
    /// Appends rows that continue the log, and moves their replicas' chains along.
    async fn append(&mut self, rows: &[LogRow], at: i64) -> Result<()>;
    /// When this returns, everything appended is on the medium.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// How many replicas an epoch skips: those that an older state of the log may have given out without knowing.
const REPLICAS_SKIPPED: u32 = 100;
