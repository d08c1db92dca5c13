//! A store's fold on the server: the ledger that a tablet has, sealed into the same rows beside the log.

use std::collections::HashMap;

use super::journal::{Chain, JournalError, LogRow, StoreRow, Turn};
use super::kept::Kept;
use crate::actions::ledger::{self, json};
use crate::actions::{Ledger, open};
use crate::domain::book::layered::Layer;
use crate::domain::event::Transaction;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{OrderId, Replica};
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};
use crate::sync::protocol::{Cursor, MOST_PAGE};

/// The fold is sealed when so many transactions came since.
pub const SEAL_AFTER: usize = 1_024;
/// A tablet further behind than this begins anew. Measured in entries, not days: it is their number that takes time.
const MOST_BEHIND: u64 = 1_000_000;
/// Blocks that are read at once to be hashed.
const HASHED_AT_ONCE: u64 = 64;

/// See the module.
pub struct Fold {
    kept: Kept,
    pub epoch: String,
    pub ledger: Ledger,
    pub safe_g: u64,
    /// Chains as the journal has them; forgotten when another process wrote.
    pub chains: HashMap<Replica, Chain>,
    /// Hashes of the first sealed blocks, as many as were asked for or sealed here.
    hashes: Vec<Hash>,
    /// Units: log entries.
    pub most_behind: u64,
}

impl Fold {
    /// The sealed fold, if it is of this very log, and what the log has since. Inside a turn nothing may be written
    /// beside it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn load(kept: Kept, row: &StoreRow, may_write: bool) -> Result<Self, JournalError> {
        let mut unreadable = false;
        let mut ledger = match open::load(&kept).await {
            Ok(ledger) => ledger,
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::warn!(%error, "the sealed fold cannot be read; the log is folded from its start");
                unreadable = true;
                Ledger::default()
            }
            Err(error) => return Err(error.into()),
        };
        let dig = kept.journal.digest_at(&row.id, ledger.cursor.g).await?;
        let known = dig.is_some() && dig == ledger.cursor.dig.or(Some(Hash::default()));
        let earlier = ledger.sealed.is_of_another_fold();
        if earlier {
            tracing::info!(store = row.id, "an earlier version folded the log; it is folded anew, once");
        }
        // Rows that stay would keep the next sealing from being written.
        if unreadable || !known || earlier || ledger.cursor.g != ledger.sealed.g {
            ledger = Ledger::default();
            if may_write {
                let mut batch = WriteBatch { clears: Table::DERIVED.to_vec(), ..WriteBatch::default() };
                batch.clears.push(Table::Meta);
                kept.write(batch).await?;
            }
        }
        ledger.cursor.epoch.clone_from(&row.epoch);
        let mut fold = Self {
            kept,
            epoch: row.epoch.clone(),
            ledger,
            safe_g: row.safe_g,
            chains: HashMap::new(),
            hashes: Vec::new(),
            most_behind: MOST_BEHIND,
        };
        fold.catch_up(row, may_write).await?;
        Ok(fold)
    }

    /// Reads everything anew.
    ///
    /// # Errors
    /// [`JournalError`]; the fold stands as it was then.
    pub async fn reload(&mut self, row: &StoreRow, may_write: bool) -> Result<(), JournalError> {
        *self = Self { most_behind: self.most_behind, ..Self::load(self.kept.clone(), row, may_write).await? };
        Ok(())
    }

    pub fn g(&self) -> u64 {
        self.ledger.cursor.g
    }

    pub fn dig(&self) -> Hash {
        self.ledger.cursor.dig.unwrap_or_default()
    }

    /// Folds what the log has beyond this, up to a store's number.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn catch_up(&mut self, row: &StoreRow, may_seal: bool) -> Result<(), JournalError> {
        while self.g() < row.g {
            let (page, _) = self.kept.journal.page(&row.id, self.g(), MOST_PAGE).await?;
            let Some(last) = page.last() else { return Err(JournalError("the log ends before its number".into())) };
            let (g, dig) = (last.g, last.dig);
            let transactions: Vec<Transaction> = page.iter().filter_map(|r| r.entry().transaction()).collect();
            self.bring(ledger::touched(transactions.iter()).into_iter()).await?;
            let changes = self.ledger.apply_confirmed(page.iter().map(LogRow::entry));
            self.ledger.refresh_columns(&changes.orders);
            self.ledger.cursor = Cursor { epoch: row.epoch.clone(), g, dig: Some(dig) };
            if may_seal && self.ledger.tail.reaches(8 * SEAL_AFTER) {
                // A long log is sealed on the way, so that it is never in memory whole.
                self.write_sealed().await?;
            }
        }
        Ok(())
    }

    /// Reads sealed orders into the book.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bring(&mut self, ids: impl Iterator<Item = OrderId>) -> Result<(), StoreError> {
        let wanted = self.ledger.cold(ids);
        for (id, order) in ledger::fetch(&self.kept, &self.ledger.dictionary, &wanted).await? {
            self.ledger.book.orders.put(Layer::Confirmed, id, order);
        }
        Ok(())
    }

    /// Says whether a tablet has read another log than this one, or is so far behind that it is sooner here by reading
    /// what is sealed than entry by entry.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn is_elsewhere(&self, cursor: &Cursor) -> Result<bool, JournalError> {
        if cursor.g > 0 && cursor.g.saturating_add(self.most_behind) < self.ledger.sealed.g {
            return Ok(true);
        }
        if (!cursor.epoch.is_empty() && cursor.epoch != self.epoch) || cursor.g > self.g() {
            return Ok(true);
        }
        let Some(dig) = cursor.dig.filter(|_| cursor.g > 0) else { return Ok(false) };
        let ours = if cursor.g == self.g() {
            Some(self.dig())
        } else {
            self.kept.journal.digest_at(&self.kept.store, cursor.g).await?
        };
        Ok(ours != Some(dig))
    }

    /// Where a replica's chain stands in the log.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn chain(&mut self, turn: &mut dyn Turn, replica: Replica) -> Result<Chain, JournalError> {
        if let Some(chain) = self.chains.get(&replica) {
            return Ok(*chain);
        }
        let chain = turn.chain(replica).await?.unwrap_or_default();
        self.chains.insert(replica, chain);
        Ok(chain)
    }

    /// Forgets what a turn left that was not committed; the next one reads what the log says.
    pub fn forget_turn(&mut self) {
        self.ledger.book.reset_pending();
        self.chains.clear();
    }

    /// Seals the fold. What goes wrong costs time at the next start, nothing else.
    pub async fn seal(&mut self) {
        let Err(error) = self.write_sealed().await else { return };
        if error != StoreError::Stale {
            tracing::warn!(%error, "the fold could not be sealed");
        }
        // The ledger says it is sealed and is not.
        let loaded = match self.kept.row().await {
            Ok(row) => self.reload(&row, true).await,
            Err(error) => Err(error),
        };
        if let Err(error) = loaded {
            tracing::error!(%error, "the fold could not be read again");
        }
    }

    /// Hashes of the first blocks. Those that were sealed before this process began are read once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn block_hashes(&mut self, blocks: u32) -> Result<&[Hash], StoreError> {
        let blocks = u64::from(blocks);
        while (self.hashes.len() as u64) < blocks {
            let from = self.hashes.len() as u64;
            let keys: Vec<u64> = (from..blocks.min(from + HASHED_AT_ONCE)).collect();
            for (key, row) in keys.iter().zip(self.kept.get(Table::Block, &keys).await?) {
                let bytes = row.ok_or(StoreError::Corrupt { table: Table::Block, key: *key })?;
                self.hashes.push(Hash::of(&[&bytes]));
            }
        }
        Ok(&self.hashes[..blocks as usize])
    }

    /// In one write: another process may seal at the same moment, and neither may leave half of its rows among the
    /// other's.
    async fn write_sealed(&mut self) -> Result<(), StoreError> {
        self.ledger.dictionary.bring(&self.kept).await?;
        let sealing = self.ledger.begin_sealing();
        let (mut batch, sealed) = self.ledger.seal_rows(&sealing);
        let first = batch.puts.len();
        batch.puts.extend(sealing.blocks.into_iter().flat_map(|b| b.puts));
        let hashes: Vec<Hash> = batch.puts[first..].iter().map(|(_, _, bytes)| Hash::of(&[bytes])).collect();
        let first = sealed.blocks as usize - hashes.len();
        batch.put_meta(MetaKey::Cursor, json(&self.ledger.cursor));
        self.kept.write(batch).await?;
        self.ledger.end_sealing(sealed);
        if self.hashes.len() == first {
            self.hashes.extend(hashes);
        }
        Ok(())
    }
}
