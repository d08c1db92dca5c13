//! The ledger: a book with what keeps it small. Columns over all orders, blocks of sealed ones, chunks of everything
//! else.
//!
//! A tablet's [`super::Desk`] and the server's shop both hold one. What is written for it is the same on both sides, so
//! a new tablet can be given the server's own rows.

use std::collections::{BTreeMap, HashSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bootstrap::Part;
use super::sealed::Chunked;
use crate::domain::book::case::Case;
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes};
use crate::domain::event::{Event, Transaction};
use crate::domain::order::{Order, OrderState};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Id, OrderId};
use crate::store::columns::{Filter, Summary};
use crate::store::{Columns, Dictionary, LocalStore, SEALED_FORMAT, StoreError, Table, blocks};
use crate::sync::merge::{Entry, fold};
use crate::sync::protocol::{Cursor, Enrolment, PushEntry};

/// State that the next own transaction needs. One row, written with every transaction, guarded against other tabs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Writer {
    pub next_seq: u64,
    /// The hash that the next transaction continues.
    pub link: Hash,
    /// The number of the next order; printed behind the tablet's prefix.
    pub next_number: u64,
    pub next_id: u64,
}

impl Default for Writer {
    fn default() -> Self {
        Self { next_seq: 1, link: Hash::default(), next_number: 1, next_id: 1 }
    }
}

impl Writer {
    /// Continues the chain with an entry, as it was written or written anew.
    pub fn chain(&mut self, entry: &PushEntry) -> PushEntry {
        self.link = Hash::link(self.link, entry.body.get());
        let entry = PushEntry { seq: self.next_seq, h: self.link, ..entry.clone() };
        self.next_seq += 1;
        entry
    }
}

impl Writer {
    /// Returns what whoever goes on from here claims. Fifty-two bits of a hash over all of it: keys stay below 2^53, as
    /// the browser needs them, and a fresh identity begins with identifiers of its own.
    pub fn claim(&self) -> u64 {
        let hash = Hash::of(&[&json(self)]).0;
        hash[..8].iter().fold(0, |n, byte| n << 8 | u64::from(*byte)) >> 12
    }
}

/// Size of the part of the log that is not sealed: it is read and folded again at each opening.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    pub transactions: usize,
    /// Of their bodies.
    pub bytes: usize,
}

/// Bytes of bodies that count as one transaction: an import writes a hundred orders with one.
const BYTES_A_TRANSACTION: usize = 1_024;

impl Tail {
    pub fn add(&mut self, bytes: usize) {
        self.transactions += 1;
        self.bytes += bytes;
    }

    /// Says whether it is as much as so many ordinary transactions.
    pub fn reaches(&self, transactions: usize) -> bool {
        self.transactions.max(self.bytes / BYTES_A_TRANSACTION) >= transactions
    }
}

/// Place up to which the log is folded into blocks and chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sealed {
    pub g: u64,
    /// Blocks that count; rows beyond are of a sealing that never ended.
    pub blocks: u32,
    /// [`crate::store::SEALED_FORMAT`] of the program that sealed it; `None` before the first sealing.
    pub format: Option<u32>,
    /// [`FOLD`] of the programs that folded it, all of it; `None` before the first sealing.
    pub folded: Option<u32>,
    /// The digest of the log up to there; `None` before the first sealing.
    pub dig: Option<Hash>,
}

/// The version of the fold. Raised when an entry that earlier programs fold, too, comes to something else: whoever has
/// sealed what another one folded reads it anew, or two would disagree for good.
pub const FOLD: u32 = 1;

impl Sealed {
    /// Says whether it is of the format that this program reads.
    pub fn is_readable(&self) -> bool {
        self.format.is_none_or(|format| format == SEALED_FORMAT)
    }

    /// Says whether a program with another fold made some of it.
    pub fn is_of_another_fold(&self) -> bool {
        self.g > 0 && self.folded != Some(FOLD)
    }

    /// Says that goods of this format, and nothing else, stand in for what the store has.
    pub fn stand_in(self) -> Self {
        Self { format: self.format.or(Some(SEALED_FORMAT)), ..Self::default() }
    }

    /// Says whether that is what it says.
    pub fn is_stand_in(&self) -> bool {
        self.g == 0 && self.format.is_some()
    }

    /// Returns where a tablet stands in a log of this epoch once it has let go of what it read after the last sealing.
    pub fn cursor(&self, epoch: &str) -> Option<Cursor> {
        let dig = self.dig.filter(|_| self.g > 0)?;
        Some(Cursor { epoch: epoch.to_owned(), g: self.g, dig: Some(dig) })
    }
}

/// An own transaction that the server has not confirmed.
#[derive(Clone, Debug)]
pub struct Unsent {
    pub entry: PushEntry,
    pub tx: Transaction,
    pub bytes: usize,
}

/// Own transactions that came back in the log together, kept until a backup of the server holds them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentGroup {
    pub epoch: String,
    /// The last of their numbers in that epoch; the greatest there is when it is not known any more.
    pub g: u64,
    pub tx: Vec<PushEntry>,
}

impl SentGroup {
    /// Says whether its last transaction has a greater number.
    pub fn ends_after(&self, seq: u64) -> bool {
        self.tx.last().is_some_and(|e| e.seq > seq)
    }
}

/// An own transaction that the server refused, waiting for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    pub entry: PushEntry,
    pub code: String,
}

/// Everything a tablet knows, in memory. Written only through [`super::Desk`].
#[derive(Debug, Default)]
pub struct Ledger {
    pub identity: Option<Enrolment>,
    pub book: Book,
    pub columns: Columns,
    /// Things that sealed rows name by number.
    pub dictionary: Dictionary,
    pub writer: Writer,
    pub cursor: Cursor,
    pub sealed: Sealed,
    /// Parts of the sealed orders that are not here yet.
    pub missing: Vec<Part>,
    pub unsent: BTreeMap<u64, Unsent>,
    /// The backup, as epoch and number, up to which own confirmed transactions were let go of; in memory only.
    pub let_go: (String, u64),
    pub refused: BTreeMap<u64, Refused>,
    /// [`MetaKey::Carts`] as it was read, for the screen to take.
    pub carts: Option<Vec<u8>>,
    /// Transactions that were confirmed since the last sealing.
    pub tail: Tail,
    pub(super) tail_rows: Vec<u64>,
    /// Rows of what others wrote and this tablet sealed, oldest first.
    pub(super) heard_rows: Vec<u64>,
    /// The last own transaction that the server said it has; in memory only.
    pub acked: u64,
    /// The server's clock less ours. Units: ms.
    pub clock_offset: i64,
    pub(super) dirty_orders: HashSet<OrderId>,
    pub(super) dirty_settings: bool,
    pub(super) chunked: Chunked,
}

impl Ledger {
    /// Says whether this tablet has read nothing of the log yet. Goods that stand in for the store's may be here
    /// ([`Sealed::stand_in`]).
    pub fn is_new(&self) -> bool {
        self.cursor == Cursor::default() && self.sealed.g == 0 && self.identity.is_some()
    }

    /// Cases that wait for a person. Before anything was read there are none: what waits here is about goods that are
    /// not here yet.
    pub fn open_cases(&self) -> impl Iterator<Item = (&Id, &Case)> {
        let is_new = self.is_new();
        self.book.open_cases().filter(move |_| !is_new)
    }

    /// Sealed orders that are not in memory, by block.
    pub fn cold(&self, ids: impl Iterator<Item = OrderId>) -> BTreeMap<u32, Vec<(OrderId, u16)>> {
        let mut wanted = BTreeMap::<u32, Vec<(OrderId, u16)>>::new();
        for id in ids.filter(|id| self.book.orders.at(Layer::Confirmed, id).is_none()) {
            if let Some((block, offset)) = self.columns.place(id) {
                wanted.entry(block).or_default().push((id, offset));
            }
        }
        wanted
    }

    /// The newest open orders among the sealed ones.
    pub fn open_orders(&mut self, most: usize) -> Vec<OrderId> {
        let states = OrderState::ALL.into_iter().filter(|s| s.open()).collect();
        let rows = self.columns.select(&Filter { states, ..Filter::default() });
        rows.into_iter().filter_map(|row| self.columns.id(row)).take(most).collect()
    }

    /// The part with a block that is not here yet.
    pub fn not_here(&self, block: u32) -> Option<Part> {
        self.missing.iter().find(|p| p.has(block)).copied()
    }

    pub fn refresh_columns<'a>(&mut self, orders: impl IntoIterator<Item = &'a OrderId>) {
        for id in orders {
            match self.book.orders.get(id) {
                Some(order) => self.columns.put(&Summary::of(order)),
                // Listed while it was pending, and held or refused since; a sealed one is only out of memory.
                None => self.columns.remove_unsealed(*id),
            }
        }
    }

    /// Remembers what the next sealing has to write.
    pub fn touch(&mut self, changes: &Changes) {
        self.dirty_orders.extend(changes.orders.iter().copied());
        self.dirty_settings |= changes.settings || changes.tills;
        self.chunked.touch(&self.book, changes);
    }

    /// Folds confirmed entries in. The orders that they touch must be in memory ([`Self::cold`]).
    pub fn apply_confirmed<'a>(&mut self, entries: impl Iterator<Item = Entry<'a>>) -> Changes {
        let mut all = Changes::default();
        for entry in entries {
            let changes = fold(&mut self.book, Layer::Confirmed, &entry);
            self.touch(&changes);
            all.merge(changes);
            self.tail.add(entry.body.map_or(0, str::len));
        }
        all
    }

    /// Plays the unsent transactions on top of what is confirmed, anew.
    pub(super) fn replay_unsent(&mut self) -> Changes {
        let mut changes = self.book.pending_changes();
        self.book.reset_pending();
        for unsent in self.unsent.values() {
            changes.merge(self.book.apply(Layer::Pending, &unsent.tx));
        }
        changes
    }

    /// Orders with unsent transactions on them.
    pub fn unsent_orders(&self) -> HashSet<OrderId> {
        self.book.orders.pending().map(|(id, _)| *id).collect()
    }
}

/// Orders touched by some events.
pub fn touched<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> HashSet<OrderId> {
    transactions.flat_map(|tx| tx.body.ev.iter().flat_map(Event::orders)).collect()
}

/// As rows and bodies are written.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

pub(super) fn from_json<T: DeserializeOwned>(table: Table, key: u64, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt { table, key })
}

/// Reads sealed orders.
///
/// # Errors
/// [`StoreError`]; `Corrupt` also for a block that is not there or holds other orders.
pub async fn fetch<S: LocalStore>(
    store: &S,
    dictionary: &Dictionary,
    wanted: &BTreeMap<u32, Vec<(OrderId, u16)>>,
) -> Result<Vec<(OrderId, Order)>, StoreError> {
    let keys: Vec<u64> = wanted.keys().map(|b| u64::from(*b)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store.get(Table::Block, &keys).await?;
    dictionary.bring(store).await?;
    let words = dictionary.words();
    let mut found = Vec::new();
    for ((block, orders), row) in wanted.iter().zip(rows) {
        let corrupt = || StoreError::Corrupt { table: Table::Block, key: u64::from(*block) };
        let held = row.as_deref().and_then(|bytes| blocks::decode(bytes, &words)).ok_or_else(corrupt)?;
        for (id, offset) in orders {
            let order = held.get(usize::from(*offset)).filter(|o| o.id == *id).ok_or_else(corrupt)?;
            found.push((*id, order.clone()));
        }
    }
    Ok(found)
}
