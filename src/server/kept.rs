//! The sealed fold on the server: a tablet's own rows, kept in the journal's database.

use std::sync::Arc;

use super::journal::{Journal, JournalError, StoreRow};
use crate::store::{LocalStore, Row, StoreError, Table, WriteBatch};

/// See the module.
#[derive(Clone)]
pub struct Kept {
    pub journal: Arc<dyn Journal>,
    pub store: String,
}

impl Kept {
    /// The store's row as it is now.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn row(&self) -> Result<StoreRow, JournalError> {
        let rows = self.journal.stores().await?;
        rows.into_iter().find(|r| r.id == self.store).ok_or_else(|| JournalError("the store is gone".into()))
    }
}

fn refused(error: JournalError) -> StoreError {
    StoreError::Refused { why: error.0 }
}

impl LocalStore for Kept {
    async fn read(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.journal.kept_read(&self.store, tables).await.map_err(refused)
    }

    async fn get(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.journal.kept_get(&self.store, table, keys).await.map_err(refused)
    }

    async fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        if self.journal.kept_write(&self.store, &batch).await.map_err(refused)? {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}
