//! A new tablet's first read: the server's sealed rows as they are, instead of a year of its log.
//!
//! First what selling takes, in one answer: the catalogue, stock, customers, cases and a line about every order. Then
//! the orders themselves in parts, newest first, while the tablet sells. A part that is here stays; what is missing is
//! written down with each, so it goes on where it broke off.

use std::collections::HashMap;

use futures::future::join;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::desk::{Desk, Ports};
use super::ledger::{Sealed, fetch, json, touched};
use super::open::load;
use crate::domain::book::layered::Layer;
use crate::domain::value::hash::Hash;
use crate::domain::value::time::Timestamp;
use crate::store::articles::Articles;
use crate::store::blocks::is_block;
use crate::store::{LocalStore, MemoryStore, MetaKey, Row, SEALED_FORMAT, StoreError, Table, WriteBatch};
use crate::sync::protocol::{Cursor, LogEntry};

/// Rows that the server hands over first, as postcard: everything that it has sealed but the orders, as it was at one
/// moment.
#[derive(Serialize, Deserialize)]
pub struct Bootstrap {
    /// [`SEALED_FORMAT`] of the program that sealed it.
    pub format: u32,
    /// JSON of [`Cursor`].
    pub cursor: ByteBuf,
    /// JSON of [`Sealed`].
    pub sealed: ByteBuf,
    /// JSON of the settings.
    pub settings: ByteBuf,
    /// Rows of [`Table::HANDED`], in their order.
    pub rows: Vec<Vec<(u64, ByteBuf)>>,
    /// The orders, oldest first; together all blocks that count.
    pub parts: Vec<Part>,
    /// JSON of the asking tablet's own entries that are among what is sealed, from the number on that it asked with.
    pub echoed: ByteBuf,
}

/// Some blocks of orders on their way to a tablet, as postcard. Byte strings are read at once: number by number it
/// takes as long as reading what is in them.
pub type Blocks = Vec<ByteBuf>;

/// Some blocks of orders, which never change once they count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    pub first: u32,
    pub count: u32,
    /// Over the blocks' bytes.
    pub hash: Hash,
}

impl Part {
    pub fn of(first: u32, blocks: &[Hash]) -> Self {
        let hashes: Vec<&[u8]> = blocks.iter().map(|h| &h.0[..]).collect();
        Self { first, count: blocks.len() as u32, hash: Hash::of(&hashes) }
    }

    pub fn has(&self, block: u32) -> bool {
        (self.first..self.first.saturating_add(self.count)).contains(&block)
    }
}

/// Blocks in a part: four thousand orders, some 200 KB on the wire.
pub const PART_BLOCKS: u32 = 16;
/// Blocks in one write, so that an order taken meanwhile does not wait long.
const BLOCKS_A_WRITE: usize = 4;

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Says whether this tablet has read nothing of the log yet.
    pub fn is_new(&self) -> bool {
        self.ledger().is_new()
    }

    /// Says whether an earlier program folded what is sealed here: it stands until the server's own can take its place.
    pub fn is_of_another_fold(&self) -> bool {
        let ledger = self.ledger();
        ledger.identity.is_some() && ledger.sealed.is_of_another_fold()
    }

    /// Takes in what the server hands over first, in place of what an earlier program folded or stands in for it.
    /// `false` when it is of another version, or this tablet has read something meanwhile; then the log is read from
    /// its start, which ends in the same book.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written then.
    pub async fn take_bootstrap(&self, bytes: &[u8]) -> Result<bool, StoreError> {
        let Ok(found) = postcard::from_bytes::<Bootstrap>(bytes) else { return Ok(false) };
        let cursor: Option<Cursor> = serde_json::from_slice(&found.cursor).ok();
        let sealed: Option<Sealed> = serde_json::from_slice(&found.sealed).ok();
        let echoed: Option<Vec<LogEntry>> = serde_json::from_slice(&found.echoed).ok();
        let (Some(cursor), Some(sealed), Some(echoed)) = (cursor, sealed, echoed) else { return Ok(false) };
        let listed: u64 = found.parts.iter().map(|p| u64::from(p.count)).sum();
        if found.format != SEALED_FORMAT
            || found.rows.len() != Table::HANDED.len()
            || cursor.g != sealed.g
            || cursor.dig.is_none()
            || sealed.is_of_another_fold()
            || listed != u64::from(sealed.blocks)
        {
            return Ok(false);
        }
        let rows: Vec<Vec<Row>> = found.rows.into_iter().map(plain).collect();
        // The only rows that opening does not read; they are looked at before they are written all the same.
        let Ok(articles) = Articles::load(&rows[0]) else { return Ok(false) };
        let _turn = self.take_turn().await?;
        let mut batch = WriteBatch::relaxed();
        {
            let ledger = self.ledger();
            batch.guards.push((MetaKey::Identity, ledger.identity.as_ref().map(json)));
            if ledger.sealed.is_of_another_fold() || ledger.sealed.is_stand_in() {
                let known = (ledger.cursor != Cursor::default()).then(|| json(&ledger.cursor));
                batch.guards.extend([(MetaKey::Cursor, known), (MetaKey::Sealed, Some(json(&ledger.sealed)))]);
                batch.clear_sealed();
            } else {
                batch.guards.extend([(MetaKey::Cursor, None), (MetaKey::Sealed, None)]);
            }
        }
        for (table, rows) in Table::HANDED.iter().copied().zip(rows) {
            rows.into_iter().for_each(|(key, bytes)| batch.put(table, key, bytes));
        }
        let sealed = Sealed { dig: cursor.dig, ..sealed };
        // They do not come again with the log.
        let own: Vec<&LogEntry> =
            echoed.iter().filter(|e| self.ledger().unsent.get(&e.seq).is_some_and(|u| u.entry.h == e.h)).collect();
        self.put_echoed(&mut batch, &cursor, 0, own.into_iter());
        // Of what another fold sealed nothing stays.
        let here = if batch.clears.is_empty() { self.store.read(&[Table::Block]).await?.remove(0) } else { Vec::new() };
        let missing = parts_that_differ(&found.parts, &here);
        batch.put_meta(MetaKey::Missing, json(&missing));
        batch.put_meta(MetaKey::Settings, found.settings.into_vec());
        batch.put_meta(MetaKey::Sealed, json(&sealed));
        batch.put_meta(MetaKey::Cursor, json(&cursor));
        // What will be there is folded while the browser writes it: reading it back would take as long again.
        let soon = self.as_if_written(&batch, here).await?;
        let (written, fresh) = join(self.store.write(batch), load(&soon)).await;
        match (written, fresh) {
            (Ok(()), Ok(fresh)) => {
                fresh.dictionary.words().articles = Some(articles);
                self.take_over(fresh);
                Ok(true)
            }
            // Not what this version seals after all.
            (Ok(()), Err(StoreError::Corrupt { .. })) => {
                self.begin_anew_in_turn().await?;
                Ok(false)
            }
            (Err(StoreError::Stale), _) => {
                self.reload_in_turn().await?;
                Ok(false)
            }
            (Err(error), _) | (Ok(()), Err(error)) => Err(error),
        }
    }

    /// A store in memory that holds what a batch leaves behind, less what is not read at opening. An order that another
    /// tab takes meanwhile is not in it; that tab tells.
    pub(super) async fn as_if_written(&self, batch: &WriteBatch, blocks: Vec<Row>) -> Result<MemoryStore, StoreError> {
        let local = [Table::Meta, Table::Out, Table::Refused, Table::Tail];
        let mut there = WriteBatch::relaxed();
        for (table, rows) in local.into_iter().zip(self.store.read(&local).await?) {
            rows.into_iter().for_each(|(key, bytes)| there.put(table, key, bytes));
        }
        blocks.into_iter().for_each(|(key, bytes)| there.put(Table::Block, key, bytes));
        let store = MemoryStore::default();
        store.write(there).await?;
        let read = |table: &Table| !matches!(table, Table::Article | Table::Block);
        let puts = batch.puts.iter().filter(|(table, _, _)| read(table)).cloned().collect();
        store
            .write(WriteBatch {
                puts,
                deletes: batch.deletes.clone(),
                clears: batch.clears.clone(),
                ..WriteBatch::relaxed()
            })
            .await?;
        Ok(store)
    }

    /// The first number of which this tablet does not know what the server says.
    pub fn first_unsent(&self) -> u64 {
        let ledger = self.ledger();
        ledger.unsent.keys().next().copied().unwrap_or(ledger.writer.next_seq)
    }

    /// The next part that is missing: the one with this block, else the newest with an order that was placed since, or
    /// is open. What is older stays on the server until somebody opens it.
    pub fn next_part(&self, wanted: Option<u32>, since: Timestamp) -> Option<Part> {
        let ledger = self.ledger();
        let with = |block| ledger.missing.iter().find(|p| p.has(block));
        let newest = || ledger.missing.iter().rev().find(|p| ledger.columns.reaches(p.first, p.count, since));
        wanted.and_then(with).or_else(newest).copied()
    }

    /// Counts the blocks of orders that would still come.
    pub fn missing_blocks(&self, since: Timestamp) -> u32 {
        let ledger = self.ledger();
        ledger.missing.iter().filter(|p| ledger.columns.reaches(p.first, p.count, since)).map(|p| p.count).sum()
    }

    /// Takes a part in: postcard of its blocks, in their order. `false` when it is not that part any more: the server
    /// has begun its blocks anew, and so does this tablet. What are no blocks at all changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; the part is still missing then.
    pub async fn take_part(&self, part: Part, bytes: &[u8]) -> Result<bool, StoreError> {
        let blocks: Blocks = postcard::from_bytes(bytes).unwrap_or_default();
        let hashes: Vec<Hash> = blocks.iter().map(|b| Hash::of(&[b])).collect();
        let _turn = self.take_turn().await?;
        if Part::of(part.first, &hashes) != part {
            // Something between here and the server answered; it is asked again.
            if blocks.len() != part.count as usize || !blocks.iter().all(|b| is_block(b)) {
                return Err(StoreError::NotHere { block: part.first });
            }
            self.begin_anew_in_turn().await?;
            return Ok(false);
        }
        let (known, left) = {
            let missing = &self.ledger().missing;
            (json(missing), missing.iter().filter(|p| **p != part).copied().collect::<Vec<Part>>())
        };
        let mut keys = u64::from(part.first)..;
        let groups: Vec<_> = blocks.chunks(BLOCKS_A_WRITE).collect();
        for (i, group) in groups.iter().enumerate() {
            let mut batch = WriteBatch::relaxed();
            // Another tab may have begun anew.
            batch.guards.push((MetaKey::Missing, Some(known.clone())));
            for (bytes, key) in group.iter().zip(&mut keys) {
                batch.put(Table::Block, key, bytes.to_vec());
            }
            if i + 1 == groups.len() {
                batch.put_meta(MetaKey::Missing, json(&left));
            }
            self.store.write(batch).await?;
        }
        self.with_mut(|ledger| ledger.missing = left);
        self.replay_on_what_came().await?;
        Ok(true)
    }

    /// Folds what waits again: it may be about orders that are here only now.
    async fn replay_on_what_came(&self) -> Result<(), StoreError> {
        let wanted = {
            let ledger = self.ledger();
            let orders = touched(ledger.unsent.values().map(|u| &u.tx));
            let mut wanted = ledger.cold(orders.into_iter());
            wanted.retain(|block, _| ledger.not_here(*block).is_none());
            wanted
        };
        if wanted.is_empty() {
            return Ok(());
        }
        let dictionary = self.ledger().dictionary.clone();
        let found = fetch(&self.store, &dictionary, &wanted).await?;
        self.with_mut(|ledger| {
            for (id, order) in found {
                ledger.book.orders.put(Layer::Confirmed, id, order);
            }
            let changes = ledger.replay_unsent();
            ledger.refresh_columns(&changes.orders);
        });
        Ok(())
    }

    /// Forgets what was folded and sealed; the journal is not touched.
    ///
    /// # Errors
    /// [`StoreError`]; everything stands then.
    pub async fn begin_anew(&self) -> Result<(), StoreError> {
        let _turn = self.take_turn().await?;
        self.begin_anew_in_turn().await
    }

    async fn begin_anew_in_turn(&self) -> Result<(), StoreError> {
        let mut batch = WriteBatch::relaxed();
        batch.clear_sealed();
        batch.deletes.push((Table::Meta, MetaKey::Cursor as u64));
        self.store.write(batch).await?;
        self.reload_in_turn().await
    }
}

pub(super) fn plain(rows: Vec<(u64, ByteBuf)>) -> Vec<Row> {
    rows.into_iter().map(|(key, bytes)| (key, bytes.into_vec())).collect()
}

/// Lists what has to be fetched: the parts of which not every block is here as the server has it. A tablet that begins
/// anew has most of them.
fn parts_that_differ(parts: &[Part], here: &[Row]) -> Vec<Part> {
    let here: HashMap<u64, Hash> = here.iter().map(|(key, bytes)| (*key, Hash::of(&[bytes]))).collect();
    let is_here = |part: &Part| {
        let blocks =
            (part.first..part.first.saturating_add(part.count)).map_while(|block| here.get(&u64::from(block)).copied());
        let blocks: Vec<Hash> = blocks.collect();
        Part::of(part.first, &blocks) == *part
    };
    parts.iter().filter(|part| here.is_empty() || !is_here(part)).copied().collect()
}
