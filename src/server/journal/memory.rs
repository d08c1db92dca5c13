//! A journal that is gone with the process, for the simulation: quick, and it can be put back to an older state.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc};

use super::{
    Chain, IntakeRow, Journal, JournalError, LogRow, NewTablet, REPLICAS_SKIPPED, Result, StoreRow, TabletRow, Turn,
};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Replica, prefix};
use crate::planted::{Bug, is};
use crate::store::{Row, Table, WriteBatch};
use crate::sync::protocol::Status;

#[derive(Clone, Default)]
struct Data {
    store: Option<StoreRow>,
    next_replica: Replica,
    tablets: BTreeMap<Replica, (TabletRow, [u8; 32], [u8; 32])>,
    codes: HashMap<[u8; 32], i64>,
    intakes: BTreeMap<String, IntakeRow>,
    log: Vec<LogRow>,
    seqs: HashMap<(Replica, u64), usize>,
    bodies: HashSet<(Hash, Replica)>,
    kept: BTreeMap<(&'static str, u64), Vec<u8>>,
}

/// One store in memory. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryJournal {
    data: Arc<std::sync::Mutex<Data>>,
    turn: Arc<Mutex<()>>,
}

/// A state to go back to.
pub struct Backup(Data);

impl MemoryJournal {
    fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state at this moment.
    pub async fn backup(&self) -> Backup {
        Backup(self.data().clone())
    }

    /// Puts an older state back, as copying a file over the database would.
    pub async fn restore(&self, backup: &Backup) {
        *self.data() = backup.0.clone();
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn stores(&self) -> Result<Vec<StoreRow>> {
        let data = self.data();
        Ok(data.store.iter().map(|s| StoreRow { next_replica: data.next_replica, ..s.clone() }).collect())
    }

    async fn found(&self, id: &str, epoch: &str, _at: i64) -> Result<StoreRow> {
        let row = StoreRow { id: id.into(), epoch: epoch.into(), g: 0, safe_g: 0, next_replica: 2 };
        let mut data = self.data();
        if data.store.is_some() {
            return Err(JournalError("a store in memory is alone".into()));
        }
        data.next_replica = 2;
        data.store = Some(row.clone());
        Ok(row)
    }

    async fn new_epoch(&self, _store: &str, epoch: &str, next: Replica) -> Result<()> {
        let mut data = self.data();
        data.next_replica = (data.next_replica + REPLICAS_SKIPPED).max(next);
        if let Some(store) = &mut data.store {
            epoch.clone_into(&mut store.epoch);
        }
        Ok(())
    }

    async fn set_safe(&self, _store: &str, g: u64) -> Result<()> {
        if let Some(store) = &mut self.data().store {
            store.safe_g = store.safe_g.max(g);
        }
        Ok(())
    }

    async fn tablets(&self, _store: &str) -> Result<Vec<TabletRow>> {
        Ok(self.data().tablets.values().map(|t| t.0.clone()).collect())
    }

    async fn tablet_by_token(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>> {
        Ok(self.data().tablets.values().find(|t| t.1 == *hash && !t.0.revoked).map(|t| t.0.clone()))
    }

    async fn tablet_by_ticket(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>> {
        Ok(self.data().tablets.values().find(|t| t.2 == *hash && !t.0.revoked).map(|t| t.0.clone()))
    }

    async fn add_code(&self, _store: &str, hash: &[u8; 32], expires_at: i64) -> Result<()> {
        self.data().codes.insert(*hash, expires_at);
        Ok(())
    }

    async fn enrol(&self, code: &[u8; 32], new: NewTablet<'_>) -> Result<Option<TabletRow>> {
        let mut data = self.data();
        if data.codes.get(code).is_none_or(|expires| *expires <= new.at) {
            return Ok(None);
        }
        let Some(store) = data.store.as_ref().map(|s| s.id.clone()) else { return Ok(None) };
        data.codes.remove(code);
        let replica = data.next_replica;
        data.next_replica += 1;
        let row = TabletRow {
            store,
            replica,
            prefix: prefix(replica),
            device: new.device.to_owned(),
            chain: Chain::default(),
            enrolled_at: new.at,
            revoked: false,
        };
        data.tablets.insert(replica, (row.clone(), new.token_hash, new.ticket_hash));
        Ok(Some(row))
    }

    async fn add_server(&self, store: &str, at: i64) -> Result<()> {
        let row = TabletRow {
            store: store.to_owned(),
            replica: 1,
            prefix: "0".into(),
            device: "server".into(),
            chain: Chain::default(),
            enrolled_at: at,
            revoked: false,
        };
        self.data().tablets.entry(1).or_insert((row, [0; 32], [0; 32]));
        Ok(())
    }

    async fn intake(&self, name: &str) -> Result<Option<IntakeRow>> {
        Ok(self.data().intakes.get(name).cloned())
    }

    async fn intakes(&self, _store: &str) -> Result<Vec<IntakeRow>> {
        Ok(self.data().intakes.values().cloned().collect())
    }

    async fn set_intake(&self, row: &IntakeRow, _at: i64) -> Result<()> {
        self.data().intakes.insert(row.name.clone(), row.clone());
        Ok(())
    }

    async fn heard_intake(&self, name: &str, at: i64) -> Result<()> {
        if let Some(row) = self.data().intakes.get_mut(name) {
            row.heard_at = Some(at);
        }
        Ok(())
    }

    async fn remove_intake(&self, _store: &str, name: &str) -> Result<()> {
        self.data().intakes.remove(name);
        Ok(())
    }

    async fn revoke(&self, _store: &str, replica: Replica, _at: i64) -> Result<bool> {
        Ok(self.data().tablets.get_mut(&replica).map(|t| t.0.revoked = true).is_some())
    }

    async fn chain(&self, _store: &str, replica: Replica) -> Result<Option<Chain>> {
        Ok(self.data().tablets.get(&replica).map(|t| t.0.chain))
    }

    async fn answered(&self, _store: &str, replica: Replica, seq: u64) -> Result<Option<LogRow>> {
        let data = self.data();
        Ok(data.seqs.get(&(replica, seq)).map(|i| data.log[*i].clone()))
    }

    async fn turn(&self, _store: &str) -> Result<Box<dyn Turn>> {
        let alone = self.turn.clone().lock_owned().await;
        let store = self.data().store.clone().ok_or_else(|| JournalError("there is no store".into()))?;
        Ok(Box::new(MemoryTurn { journal: self.clone(), store, rows: Vec::new(), _alone: alone }))
    }

    async fn page(&self, _store: &str, after: u64, limit: u32) -> Result<(Vec<LogRow>, bool)> {
        let data = self.data();
        let rows = data.log.get(after as usize..).unwrap_or_default();
        let page = &rows[..rows.len().min(limit as usize)];
        let mut page = page.to_vec();
        if is(Bug::BareSequence) && page.len() > 1 && data.log.len().is_multiple_of(3) {
            // One that took its number earlier has not committed yet.
            page.remove(page.len() - 2);
        }
        Ok((page, rows.len() > limit as usize))
    }

    async fn digest_at(&self, _store: &str, g: u64) -> Result<Option<Hash>> {
        let data = self.data();
        Ok(if g == 0 { Some(Hash::default()) } else { data.log.get(g as usize - 1).map(|r| r.dig) })
    }

    async fn kept_read(&self, _store: &str, tables: &[Table]) -> Result<Vec<Vec<Row>>> {
        let data = self.data();
        let of = |t: &Table| {
            data.kept.range((t.name(), 0)..=(t.name(), u64::MAX)).map(|((_, k), v)| (*k, v.clone())).collect()
        };
        Ok(tables.iter().map(of).collect())
    }

    async fn kept_get(&self, _store: &str, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>> {
        let data = self.data();
        Ok(keys.iter().map(|k| data.kept.get(&(table.name(), *k)).cloned()).collect())
    }

    async fn kept_write(&self, _store: &str, batch: &WriteBatch) -> Result<bool> {
        let mut data = self.data();
        if batch.expected().any(|(table, key, bytes)| data.kept.get(&(table.name(), key)).map(Vec::as_slice) != bytes) {
            return Ok(false);
        }
        for table in &batch.clears {
            data.kept.retain(|(name, _), _| *name != table.name());
        }
        for (table, key) in &batch.deletes {
            data.kept.remove(&(table.name(), *key));
        }
        for (table, key, bytes) in &batch.puts {
            data.kept.insert((table.name(), *key), bytes.clone());
        }
        data.kept.extend(batch.claims.iter().map(|key| ((Table::Claim.name(), *key), Vec::new())));
        Ok(true)
    }

    async fn listen(&self) -> Result<Option<mpsc::Receiver<(String, u64)>>> {
        Ok(None)
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn close(&self) {}
}

struct MemoryTurn {
    journal: MemoryJournal,
    store: StoreRow,
    rows: Vec<LogRow>,
    _alone: OwnedMutexGuard<()>,
}

#[async_trait]
impl Turn for MemoryTurn {
    fn store(&self) -> &StoreRow {
        &self.store
    }

    fn dig(&self) -> Hash {
        self.journal.data().log.last().map(|r| r.dig).unwrap_or_default()
    }

    async fn chain(&mut self, replica: Replica) -> Result<Option<Chain>> {
        self.journal.chain(&self.store.id, replica).await
    }

    async fn answered(&mut self, replica: Replica, seq: u64) -> Result<Option<LogRow>> {
        self.journal.answered(&self.store.id, replica, seq).await
    }

    async fn known_bodies(&mut self, hashes: &[Hash]) -> Result<HashSet<(Hash, Replica)>> {
        let data = self.journal.data();
        let by = |h: &Hash| {
            data.tablets.keys().map(|r| (*h, *r)).filter(|pair| data.bodies.contains(pair)).collect::<Vec<_>>()
        };
        Ok(hashes.iter().flat_map(by).collect())
    }

    async fn append(&mut self, rows: &[LogRow], _at: i64) -> Result<()> {
        let next = (self.journal.data().log.len() + self.rows.len()) as u64 + 1;
        if rows.iter().zip(next..).any(|(row, g)| row.g != g) {
            return Err(JournalError("rows do not continue the log".into()));
        }
        self.rows.extend_from_slice(rows);
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        let data = &mut *self.journal.data();
        for row in std::mem::take(&mut self.rows) {
            data.seqs.insert((row.replica, row.seq), data.log.len());
            if row.status != Status::Rej {
                data.bodies.insert((Hash::of_body(&row.body), row.replica));
            }
            if let Some(tablet) = data.tablets.get_mut(&row.replica) {
                tablet.0.chain = Chain { last_seq: row.seq, link: row.h };
            }
            if let Some(store) = &mut data.store {
                store.g = row.g;
            }
            data.log.push(row);
        }
        Ok(())
    }
}
