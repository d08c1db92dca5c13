//! A new tablet's first read: the server's sealed rows as they are, instead of a year of its log.

use serde::{Deserialize, Serialize};

use super::desk::{Desk, Ports};
use super::ledger::{Sealed, json};
use crate::store::{LocalStore, MetaKey, Row, SEALED_FORMAT, StoreError, Table, WriteBatch};
use crate::sync::protocol::Cursor;

/// What the server hands over, as postcard: everything that it has sealed, as it was at one moment.
#[derive(Serialize, Deserialize)]
pub struct Bootstrap {
    /// [`SEALED_FORMAT`] of the program that sealed it.
    pub format: u32,
    /// JSON of [`Cursor`].
    pub cursor: Vec<u8>,
    /// JSON of [`Sealed`].
    pub sealed: Vec<u8>,
    /// JSON of the settings.
    pub settings: Vec<u8>,
    /// Rows of [`TABLES`], in their order.
    pub rows: Vec<Vec<Row>>,
}

/// The tables that are handed over. Blocks come first, so that they are there before anything points to them.
pub const TABLES: [Table; 6] = [Table::Block, Table::Index, Table::Stock, Table::Catalog, Table::People, Table::Case];
/// Blocks in one write, so that an order taken meanwhile does not wait long.
const BLOCKS_A_WRITE: usize = 4;

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Whether this tablet has read nothing of the log yet.
    pub fn is_new(&self) -> bool {
        let ledger = self.ledger();
        ledger.cursor == Cursor::default() && ledger.sealed == Sealed::default() && ledger.identity.is_some()
    }

    /// Takes the server's sealed rows in. `false` when they are of another version, or this tablet has read something
    /// meanwhile; then the log is read from its start, which ends in the same book.
    ///
    /// # Errors
    /// [`StoreError`]; what was written so far counts for nothing, and the log is read from its start.
    pub async fn take_bootstrap(&self, bytes: &[u8]) -> Result<bool, StoreError> {
        let Ok(found) = postcard::from_bytes::<Bootstrap>(bytes) else { return Ok(false) };
        let cursor: Option<Cursor> = serde_json::from_slice(&found.cursor).ok();
        let sealed: Option<Sealed> = serde_json::from_slice(&found.sealed).ok();
        let (Some(cursor), Some(sealed)) = (cursor, sealed) else { return Ok(false) };
        if found.format != SEALED_FORMAT || found.rows.len() != TABLES.len() || cursor.g != sealed.g || cursor.dig.is_none() {
            return Ok(false);
        }
        let _turn = self.turn.lock().await;
        let guards = vec![(MetaKey::Identity, self.ledger().identity.as_ref().map(json)), (MetaKey::Cursor, None), (MetaKey::Sealed, None)];
        let batch = || WriteBatch { guards: guards.clone(), ..WriteBatch::relaxed() };
        let written = async {
            let mut last = batch();
            for (table, rows) in TABLES.into_iter().zip(found.rows) {
                if table == Table::Block {
                    for group in rows.chunks(BLOCKS_A_WRITE) {
                        let mut blocks = batch();
                        group.iter().for_each(|(key, bytes)| blocks.put(table, *key, bytes.clone()));
                        self.store.write(blocks).await?;
                    }
                } else {
                    rows.into_iter().for_each(|(key, bytes)| last.put(table, key, bytes));
                }
            }
            last.put_meta(MetaKey::Settings, found.settings);
            last.put_meta(MetaKey::Sealed, json(&sealed));
            last.put_meta(MetaKey::Cursor, json(&cursor));
            self.store.write(last).await
        };
        match written.await {
            Ok(()) => {}
            Err(StoreError::Stale) => {
                self.reload_in_turn().await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        match self.reload_in_turn().await {
            Ok(()) => Ok(true),
            Err(StoreError::Corrupt { .. }) => {
                // Not what this version seals after all; the journal is not touched.
                let mut batch = WriteBatch::relaxed();
                batch.clear_sealed();
                batch.deletes.push((Table::Meta, MetaKey::Cursor as u64));
                self.store.write(batch).await?;
                self.reload_in_turn().await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
