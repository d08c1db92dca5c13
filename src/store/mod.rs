//! What a tablet keeps: few, large, immutable byte rows behind one small trait.
//!
//! The layout: a tiny journal of own unsent transactions (`out`), pages of confirmed ones (`tail`) and, folded and
//! sealed, orders in blocks with columns over them (`block`, `index`) and everything else in chunks. The cost of
//! IndexedDB is per row and not per byte, so nothing that comes in thousands has a row of its own. What many rows name
//! (variants, what lines sell) stands once in a dictionary (`variant`, `article`), and columns are packed (`packed`),
//! for the disk and for the wire.
//!
//! Not in here: what any of it means (`domain`), and when it is written (`actions`).

pub mod articles;
pub mod blocks;
pub mod chunks;
pub mod columns;
pub mod dictionary;
#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
pub mod memory;
pub mod mirror;
mod packed;
mod row_of;
pub mod rows;
pub mod schema;

pub use columns::Columns;
pub use dictionary::Dictionary;
pub use memory::MemoryStore;
pub use mirror::Mirrored;
pub use schema::{MetaKey, SEALED_FORMAT, Table, sent_by, sent_key};

/// Durability that a write must have before it is called done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// On the medium: a power cut right after it loses nothing. For what a person was told is saved.
    #[default]
    Strict,
    /// Handed to the operating system. For what can be fetched or computed again.
    Relaxed,
}

/// One row: its key and bytes.
pub type Row = (u64, Vec<u8>);

/// All of it is written, or nothing.
#[derive(Clone, Debug, Default)]
pub struct WriteBatch {
    pub durability: Durability,
    /// The batch is written only if these rows of `meta` are still what the writer thinks they are; otherwise another
    /// tab was faster.
    pub guards: Vec<(MetaKey, Option<Vec<u8>>)>,
    /// The batch is written only if nobody has claimed this before, and claims it for ever. It says the same as a guard
    /// on what every tab claims before it goes on from there, and needs no answer before the commit: a store may take
    /// it instead of the guards, once it has seen them hold.
    pub claims: Vec<u64>,
    pub puts: Vec<(Table, u64, Vec<u8>)>,
    pub deletes: Vec<(Table, u64)>,
    /// Every row of these tables goes before anything is put.
    pub clears: Vec<Table>,
}

impl WriteBatch {
    pub fn strict() -> Self {
        Self::default()
    }

    pub fn relaxed() -> Self {
        Self { durability: Durability::Relaxed, ..Self::default() }
    }

    pub fn put(&mut self, table: Table, key: u64, bytes: Vec<u8>) {
        self.puts.push((table, key, bytes));
    }

    pub fn put_meta(&mut self, key: MetaKey, bytes: Vec<u8>) {
        self.put(Table::Meta, key as u64, bytes);
    }

    /// Lists what has to stand, or not to, in which rows: guards and claims as one.
    pub fn expected(&self) -> impl Iterator<Item = (Table, u64, Option<&[u8]>)> {
        let guards = self.guards.iter().map(|(key, bytes)| (Table::Meta, *key as u64, bytes.as_deref()));
        guards.chain(self.claims.iter().map(|key| (Table::Claim, *key, None)))
    }

    /// Claims as plain rows: the guards are what counts.
    pub fn waive_claims(&mut self) {
        self.puts.extend(self.claims.drain(..).map(|key| (Table::Claim, key, Vec::new())));
    }

    /// Forgets everything that was folded and sealed; the log is read anew.
    pub fn clear_sealed(&mut self) {
        self.clears.extend(Table::DERIVED);
        self.deletes.extend(MetaKey::SEALED.map(|key| (Table::Meta, key as u64)));
    }

    /// The same where a row of it cannot be read: what is kept of others' transactions for a server that loses them
    /// stays.
    pub fn let_go_of_sealed(&mut self) {
        self.clear_sealed();
        self.clears.retain(|table| *table != Table::Heard);
        self.deletes.retain(|row| *row != (Table::Meta, MetaKey::Heard as u64));
        self.deletes.push((Table::Meta, MetaKey::Cursor as u64));
    }
}

/// Why the store did not do it. Nothing was written then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another tab wrote first: read again and decide again.
    #[error("another tab wrote first")]
    Stale,
    /// The medium or the quota is full.
    #[error("the medium or the quota is full")]
    Full,
    /// The browser keeps nothing here (a private window, a setting).
    #[error("the storage is refused: {why}")]
    Refused { why: String },
    /// The handle died (the tab was frozen, the data was cleared).
    #[error("the storage was closed")]
    Closed,
    /// A newer version of the program has the data now, in another tab.
    #[error("a newer version of the program has the data")]
    Superseded,
    /// An open that never answered: another tab holds an older version.
    #[error("another tab holds the data")]
    Blocked,
    /// An order that the server has not handed over yet.
    #[error("block {block} is not here yet")]
    NotHere { block: u32 },
    /// Bytes that are not what was written.
    #[error("row {key} of {} is not what was written", table.name())]
    Corrupt { table: Table, key: u64 },
}

impl StoreError {
    /// Says whether it is a row that the server has, too, so that it can be let go of and fetched again.
    pub fn can_be_fetched_again(&self) -> bool {
        match self {
            Self::Corrupt { table: Table::Meta, key } => {
                MetaKey::SEALED.iter().chain(&[MetaKey::Cursor]).any(|known| *known as u64 == *key)
            }
            Self::Corrupt { table, .. } => Table::DERIVED.contains(table),
            _ => false,
        }
    }
}

/// A tablet's storage. Two implementations share one contract (`tests/contract/local_store.rs`).
#[allow(async_fn_in_trait, reason = "used generically inside this crate; a browser's futures are never Send")]
pub trait LocalStore {
    /// All rows of some tables, each in key order, as they are at one moment.
    ///
    /// # Errors
    /// [`StoreError`], except `Stale` and `Full`.
    async fn read(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, StoreError>;

    /// Some rows of one table, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError`], except `Stale` and `Full`.
    async fn get(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Writes a batch. When this returns `Ok`, it is committed as surely as the batch asks for.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the batch was written then.
    async fn write(&self, batch: WriteBatch) -> Result<(), StoreError>;
}
