//! Sealing: folding the tail into blocks and chunks, so that opening stays quick however long the log gets.

use super::desk::{Desk, Ports};
use super::ledger::{FOLD, Ledger, Sealed, Tail, from_json, json};
use super::sealed::Settings;
use crate::domain::book::layered::Layer;
use crate::domain::order::Order;
use crate::domain::value::id::OrderId;
use crate::store::blocks::{encode, groups};
use crate::store::{LocalStore, MetaKey, SEALED_FORMAT, StoreError, Table, WriteBatch};
use crate::sync::protocol::LogEntry;

/// A tablet's tail is sealed when it has this many transactions.
pub const MOST_TAIL: usize = 512;
/// As many sealed tails of others' transactions are kept where the server says of no backup that holds them.
pub const MOST_HEARD: usize = 16;
/// Blocks in one write, so that an order taken meanwhile does not wait long.
const BLOCKS_A_WRITE: usize = 4;
/// The row of `stock` that holds the latest movements.
pub const MOVEMENTS_ROW: u64 = u32::MAX as u64;

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Seals the tail if it is long enough, or when `now` is set.
    ///
    /// # Errors
    /// [`StoreError`]; the tail is still there then, and nothing is lost.
    pub async fn seal(&self, now: bool) -> Result<bool, StoreError> {
        let _turn = self.take_turn().await?;
        let due = {
            let ledger = self.ledger();
            // Goods that stand in for the store's are of a log that is not read.
            !ledger.is_new() && (ledger.tail.reaches(MOST_TAIL) || (now && ledger.tail.transactions > 0))
        };
        if !due {
            return Ok(false);
        }
        match self.seal_in_turn().await {
            Ok(()) => Ok(true),
            Err(error) => {
                // Memory may be ahead of the store now; the store is what counts.
                self.reload_in_turn().await?;
                Err(error)
            }
        }
    }

    async fn seal_in_turn(&self) -> Result<(), StoreError> {
        let dictionary = self.ledger().dictionary.clone();
        dictionary.bring(&self.store).await?;
        let sealing = self.ledger().begin_sealing();
        for batch in sealing.blocks.clone() {
            self.store.write(batch).await?;
        }
        let (mut batch, sealed) = self.with_mut(|ledger| ledger.seal_rows(&sealing));
        let heard = self.keep_heard(&mut batch).await?;
        self.store.write(batch).await?;
        self.with_mut(|ledger| {
            ledger.end_sealing(sealed);
            ledger.heard_rows = heard;
        });
        Ok(())
    }

    /// Moves what others wrote out of the tail and beside it, as one row. Returns the rows there are then.
    async fn keep_heard(&self, batch: &mut WriteBatch) -> Result<Vec<u64>, StoreError> {
        let (tail, mut rows, own) = {
            let ledger = self.ledger();
            (ledger.tail_rows.clone(), ledger.heard_rows.clone(), ledger.identity.as_ref().map_or(0, |i| i.replica))
        };
        let mut heard: Vec<LogEntry> = Vec::new();
        for (key, bytes) in tail.iter().zip(self.store.get(Table::Tail, &tail).await?) {
            let bytes = bytes.ok_or(StoreError::Corrupt { table: Table::Tail, key: *key })?;
            heard.extend(
                from_json::<Vec<LogEntry>>(Table::Tail, *key, &bytes)?.into_iter().filter(|e| e.replica != own),
            );
        }
        if let Some(last) = heard.last() {
            batch.put(Table::Heard, last.g, json(&heard));
            rows.push(last.g);
        }
        let beyond = rows.len().saturating_sub(MOST_HEARD);
        batch.deletes.extend(rows.drain(..beyond).map(|g| (Table::Heard, g)));
        batch.put_meta(MetaKey::Heard, json(&rows));
        Ok(rows)
    }
}

/// A sealing under way. Written in this order: the blocks, then in one write the rows that make them count.
pub struct Sealing {
    pub blocks: Vec<WriteBatch>,
    orders: Vec<OrderId>,
    /// Number of them in each block.
    sizes: Vec<usize>,
    guards: Vec<(MetaKey, Option<Vec<u8>>)>,
    first: u32,
    count: u32,
}

impl Ledger {
    /// Packs the orders that changed since the last sealing into blocks. The dictionary has to have been read.
    pub fn begin_sealing(&self) -> Sealing {
        let mut orders: Vec<&Order> =
            self.dirty_orders.iter().filter_map(|id| self.book.orders.at(Layer::Confirmed, id)).collect();
        orders.sort_by_key(|o| (o.placed_at, o.id));
        let known = (self.sealed != Sealed::default()).then(|| json(&self.sealed));
        let mut guards = vec![(MetaKey::Sealed, known)];
        if self.identity.is_some() {
            // Another tab may have read on.
            guards.push((MetaKey::Cursor, Some(json(&self.cursor))));
        }
        let first = self.sealed.blocks;
        let mut words = self.dictionary.words();
        let packed: Vec<Vec<u8>> = groups(&orders).map(|group| encode(group, &mut words)).collect();
        drop(words);
        let sizes = groups(&orders).map(<[_]>::len).collect();
        let mut blocks = Vec::new();
        for (i, group) in packed.chunks(BLOCKS_A_WRITE).enumerate() {
            // Guarded too: another tab may have sealed into these numbers.
            let mut batch = WriteBatch { guards: guards.clone(), ..WriteBatch::relaxed() };
            for (j, bytes) in group.iter().enumerate() {
                batch.put(Table::Block, first as u64 + (i * BLOCKS_A_WRITE + j) as u64, bytes.clone());
            }
            blocks.push(batch);
        }
        Sealing {
            blocks,
            orders: orders.iter().map(|o| o.id).collect(),
            sizes,
            guards,
            first,
            count: packed.len() as u32,
        }
    }

    /// The rows that make the blocks count. If they are not written, the ledger has to be loaded again.
    pub fn seal_rows(&mut self, sealing: &Sealing) -> (WriteBatch, Sealed) {
        let mut ids = sealing.orders.iter().copied();
        for (block, size) in (sealing.first..).zip(&sealing.sizes) {
            self.columns.sealed(block, ids.by_ref().take(*size));
        }
        let folded = if self.sealed.g == 0 { Some(FOLD) } else { self.sealed.folded };
        let blocks = sealing.first + sealing.count;
        let sealed = Sealed { g: self.cursor.g, blocks, format: Some(SEALED_FORMAT), folded, dig: self.cursor.dig };
        let mut batch = WriteBatch { guards: sealing.guards.clone(), ..WriteBatch::relaxed() };
        batch.put_meta(MetaKey::Sealed, json(&sealed));
        self.columns.seal(&mut batch);
        let mut words = self.dictionary.words();
        let variants = &mut words.variants;
        let book = &self.book;
        self.chunked.seal(book, &mut batch, variants);
        words.seal(&mut batch);
        drop(words);
        batch.put(Table::Stock, MOVEMENTS_ROW, postcard::to_stdvec(book.confirmed_movements()).unwrap_or_default());
        if self.dirty_settings || self.sealed.g == 0 {
            batch.put_meta(MetaKey::Settings, json(&Settings::of(&self.book)));
        }
        batch.deletes.extend(self.tail_rows.iter().map(|g| (Table::Tail, *g)));
        (batch, sealed)
    }

    /// To be called once the rows are written.
    pub fn end_sealing(&mut self, sealed: Sealed) {
        self.sealed = sealed;
        self.tail = Tail::default();
        self.tail_rows.clear();
        self.dirty_orders.clear();
        self.dirty_settings = false;
        self.dictionary.words().sealed();
        self.chunked.sealed();
        self.unload_closed();
    }

    /// Drops sealed orders that nobody works on from memory; their blocks have them.
    fn unload_closed(&mut self) {
        let pending = self.unsent_orders();
        let cold: Vec<OrderId> = self
            .book
            .orders
            .confirmed()
            .filter(|(id, o)| !o.state.open() && !pending.contains(id) && self.columns.place(**id).is_some())
            // Nobody looks at them on the server.
            .filter(|(_, o)| self.identity.is_none() || !o.is_outstanding())
            .map(|(id, _)| *id)
            .collect();
        for id in cold {
            self.book.orders.unload(&id);
        }
    }
}
