//! Sealing: folding the tail into blocks and chunks, so that opening stays quick however long the log gets.

use super::desk::{Desk, Ports, Sealed, json};
use crate::domain::id::OrderId;
use crate::domain::layered::Layer;
use crate::domain::order::Order;
use crate::store::blocks::{BLOCK_ORDERS, encode};
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};

/// The tail is sealed when it has this many transactions.
pub const MOST_TAIL: usize = 512;
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
        let _turn = self.turn.lock().await;
        let due = {
            let ledger = self.ledger();
            ledger.tail >= MOST_TAIL || (now && ledger.tail > 0)
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
        let (blocks, orders) = self.encode_blocks();
        let (first, guards) = {
            let ledger = self.ledger();
            let known = (ledger.sealed != Sealed::default()).then(|| json(&ledger.sealed));
            (ledger.sealed.blocks, vec![(MetaKey::Sealed, known), (MetaKey::Cursor, Some(json(&ledger.cursor)))])
        };
        for (i, group) in blocks.chunks(BLOCKS_A_WRITE).enumerate() {
            // Guarded too: another tab may have sealed into these numbers.
            let mut batch = WriteBatch { guards: guards.clone(), ..WriteBatch::relaxed() };
            for (j, bytes) in group.iter().enumerate() {
                let block = first as usize + i * BLOCKS_A_WRITE + j;
                batch.put(Table::Block, block as u64, bytes.clone());
            }
            self.store.write(batch).await?;
        }
        let (batch, sealed) = self.with_mut(|ledger| {
            for (i, ids) in orders.chunks(BLOCK_ORDERS).enumerate() {
                ledger.columns.sealed(first + i as u32, ids.iter().copied());
            }
            let sealed = Sealed { g: ledger.cursor.g, blocks: first + blocks.len() as u32 };
            let mut batch = WriteBatch { guards, ..WriteBatch::relaxed() };
            batch.put_meta(MetaKey::Sealed, json(&sealed));
            ledger.columns.seal(&mut batch);
            let book = &ledger.book;
            let layer = Layer::Confirmed;
            ledger.products.seal(&mut batch, |k| book.products.at(layer, k));
            ledger.customers.seal(&mut batch, |k| book.customers.at(layer, k));
            ledger.levels.seal(&mut batch, |k| book.levels.at(layer, k));
            ledger.cases.seal(&mut batch, |k| book.cases.at(layer, k));
            batch.put(Table::Stock, MOVEMENTS_ROW, postcard::to_stdvec(book.confirmed_movements()).unwrap_or_default());
            if ledger.dirty_settings || ledger.sealed.g == 0 {
                batch.put_meta(MetaKey::Settings, postcard::to_stdvec(&ledger.settings()).unwrap_or_default());
            }
            batch.deletes.extend(ledger.tail_rows.iter().map(|g| (Table::Tail, *g)));
            (batch, sealed)
        });
        self.store.write(batch).await?;
        self.with_mut(|ledger| {
            ledger.sealed = sealed;
            ledger.tail = 0;
            ledger.tail_rows.clear();
            ledger.dirty_orders.clear();
            ledger.dirty_settings = false;
            ledger.products.sealed();
            ledger.customers.sealed();
            ledger.levels.sealed();
            ledger.cases.sealed();
            ledger.unload_closed();
        });
        Ok(())
    }

    fn encode_blocks(&self) -> (Vec<Vec<u8>>, Vec<OrderId>) {
        let ledger = self.ledger();
        let mut orders: Vec<&Order> = ledger.dirty_orders.iter().filter_map(|id| ledger.book.orders.at(Layer::Confirmed, id)).collect();
        orders.sort_by_key(|o| (o.placed_at, o.id));
        let ids = orders.iter().map(|o| o.id).collect();
        (orders.chunks(BLOCK_ORDERS).map(encode).collect(), ids)
    }
}

impl super::Ledger {
    /// Drops sealed orders that nobody works on from memory; their blocks have them.
    fn unload_closed(&mut self) {
        let pending = self.unsent_orders();
        let cold: Vec<OrderId> = self
            .book
            .orders
            .confirmed()
            .filter(|(id, o)| !o.state.open() && !pending.contains(id) && self.columns.place(**id).is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in cold {
            self.book.orders.unload(&id);
        }
    }
}
