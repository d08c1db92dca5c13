//! A store in memory, for tests and simulation. It can be told to fail, and to lose what was not flushed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Durability, LocalStore, Row, StoreError, Table, WriteBatch};

type Key = (&'static str, u64);
type Rows = BTreeMap<Key, Vec<u8>>;
/// Bytes that one write replaced, to be put back in reverse order.
type Undo = Vec<(Key, Option<Vec<u8>>)>;

/// Clones share the same rows, as tabs of one browser do.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    rows: Rc<RefCell<Rows>>,
    /// Bytes that each relaxed write since the last strict one replaced. Recorded only when asked for.
    unflushed: Rc<RefCell<Option<Vec<Undo>>>>,
    /// The next write fails with this.
    fail: Rc<RefCell<Option<StoreError>>>,
    writes: Rc<Cell<u64>>,
    /// Says whether guards held through this handle.
    seen: Cell<bool>,
}

impl MemoryStore {
    /// A store whose relaxed writes can be lost by [`Self::cut_power`].
    pub fn with_power_cuts() -> Self {
        Self { unflushed: Rc::new(RefCell::new(Some(Vec::new()))), ..Self::default() }
    }

    /// Makes the next write fail.
    pub fn fail_next(&self, error: StoreError) {
        *self.fail.borrow_mut() = Some(error);
    }

    /// Counts the batches that were written.
    pub fn writes(&self) -> u64 {
        self.writes.get()
    }

    /// A copy that shares nothing: a cloned profile, a backup.
    pub fn copy(&self) -> Self {
        Self { rows: Rc::new(RefCell::new(self.rows.borrow().clone())), ..Self::default() }
    }

    /// Loses everything, as a browser does that cannot read its own database.
    pub fn lose(&self) {
        self.rows.borrow_mut().clear();
        self.fail.borrow_mut().take();
        if let Some(unflushed) = self.unflushed.borrow_mut().as_mut() {
            unflushed.clear();
        }
    }

    /// Loses the last so many relaxed writes; a strict one and all before it are on the medium.
    pub fn cut_power(&self, most: usize) {
        if let Some(unflushed) = self.unflushed.borrow_mut().as_mut() {
            let mut rows = self.rows.borrow_mut();
            for undo in unflushed.drain(unflushed.len().saturating_sub(most)..).rev() {
                for (key, before) in undo.into_iter().rev() {
                    match before {
                        Some(bytes) => rows.insert(key, bytes),
                        None => rows.remove(&key),
                    };
                }
            }
        }
    }
}

impl LocalStore for MemoryStore {
    async fn read(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, StoreError> {
        let rows = self.rows.borrow();
        let of =
            |t: &Table| rows.range((t.name(), 0)..=(t.name(), u64::MAX)).map(|((_, k), v)| (*k, v.clone())).collect();
        Ok(tables.iter().map(of).collect())
    }

    async fn get(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let rows = self.rows.borrow();
        Ok(keys.iter().map(|k| rows.get(&(table.name(), *k)).cloned()).collect())
    }

    async fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        if let Some(error) = self.fail.borrow_mut().take() {
            return Err(error);
        }
        let mut rows = self.rows.borrow_mut();
        if batch.claims.iter().any(|key| rows.contains_key(&(Table::Claim.name(), *key))) {
            return Err(StoreError::Stale);
        }
        // A claim has to be enough by itself, as soon as the guards held once.
        let claimed = !batch.claims.is_empty() && self.seen.get();
        for (key, expected) in batch.guards.iter().filter(|_| !claimed) {
            if rows.get(&(Table::Meta.name(), *key as u64)) != expected.as_ref() {
                return Err(StoreError::Stale);
            }
        }
        self.seen.set(self.seen.get() || !batch.guards.is_empty());
        let mut batch = batch;
        batch.waive_claims();
        let mut undo = Undo::new();
        for table in &batch.clears {
            let keys: Vec<Key> = rows.range((table.name(), 0)..=(table.name(), u64::MAX)).map(|(k, _)| *k).collect();
            undo.extend(keys.into_iter().map(|key| (key, rows.remove(&key))));
        }
        for (table, key) in &batch.deletes {
            undo.push(((table.name(), *key), rows.remove(&(table.name(), *key))));
        }
        for (table, key, bytes) in batch.puts {
            undo.push(((table.name(), key), rows.insert((table.name(), key), bytes)));
        }
        if let Some(unflushed) = self.unflushed.borrow_mut().as_mut() {
            match batch.durability {
                Durability::Strict => unflushed.clear(),
                Durability::Relaxed => unflushed.push(undo),
            }
        }
        self.writes.set(self.writes.get() + 1);
        Ok(())
    }
}
