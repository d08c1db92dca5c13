//! One store on the server: its fold in memory and its one writer.
//!
//! Invariant: a number `g` is given in a turn of the journal, so commit order is number order. The fold moves only
//! after the journal has committed. Whoever gets the lock does the work of everybody who waits, in one turn and one
//! commit.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use serde_json::value::RawValue;
use tokio::sync::{Mutex, oneshot, watch};

use super::epoch::{is_restored, new_epoch, restored_epoch};
use super::fold::{Fold, SEAL_AFTER};
use super::group::{Done, Group, Pushed};
use super::journal::{Journal, JournalError, StoreRow, TabletRow, Turn};
use super::kept::Kept;
use super::mark::Mark;
use super::recent::Recent;
use crate::actions::Ledger;
use crate::actions::bootstrap::{Blocks, Bootstrap, PART_BLOCKS, Part};
use crate::actions::ledger::Sealed;
use crate::domain::Book;
use crate::domain::decide::{Context, Draft, Salts};
use crate::domain::event::Body;
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{IdSource, OrderId, Replica, StaffId};
use crate::domain::value::time::Timestamp;
use crate::store::{MetaKey, SEALED_FORMAT, StoreError, Table};
use crate::sync::protocol::{
    Cursor, Donation, Enrolment, Known, LogEntry, MOST_PAGE, Need, PushEntry, SCHEMA, Status, SyncRequest, SyncResponse,
};

pub use crate::domain::value::id::SERVER;
/// The most requests whose transactions are written in one turn.
const MOST_JOBS: usize = 128;
/// When so many requests fail one after the other, each in a turn of its own, it is not their fault.
const ALL_FAIL: u32 = 3;
/// Identifiers that the server sets aside for each of its own transactions, so none is used twice after a restart.
const IDS_A_TRANSACTION: u64 = 100_000;
/// The most blocks that a new tablet is told of: a million orders, whose lines in the list are some 60 MB.
const MOST_BOOTSTRAP_BLOCKS: u32 = 4_096;
/// The most earlier identities of one tablet that are looked up.
const MOST_IDENTITIES: usize = 64;

/// See the module.
pub struct Shop {
    pub id: String,
    journal: Arc<dyn Journal>,
    mark: Option<Mark>,
    seal_after: usize,
    clock: fn() -> i64,
    fold: Mutex<Fold>,
    waiting: std::sync::Mutex<Vec<Job>>,
    recent: std::sync::Mutex<Recent>,
    /// The last number; whoever listens is told to come and read.
    hint: watch::Sender<u64>,
}

/// Refused before anything was looked at.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A number that is more than 2^63 and the like.
    #[error("malformed: {0}")]
    Malformed(&'static str),
}

/// Why the server did not write something down in its own name.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// It may not be, and asking again changes nothing. The code of a rejection.
    #[error("refused: {0}")]
    Refused(String),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<Rejection> for WriteError {
    fn from(reason: Rejection) -> Self {
        Self::Refused(reason.code().to_owned())
    }
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Journal(error.into())
    }
}

impl From<SyncError> for WriteError {
    fn from(error: SyncError) -> Self {
        Self::Journal(match error {
            SyncError::Journal(error) => error,
            SyncError::Malformed(what) => JournalError(what.into()),
        })
    }
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Journal(error.into())
    }
}

/// A request that waits for the lock.
struct Job {
    replica: Replica,
    cursor: Cursor,
    push: Vec<Pushed>,
    done: oneshot::Sender<Result<Done, SyncError>>,
}

impl Job {
    fn answer(self, done: Result<Done, SyncError>) {
        // Whoever asked may have hung up.
        let _ = self.done.send(done);
    }
}

impl Shop {
    /// Founds a store: a first location, a first owner, a profile.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn found(journal: Arc<dyn Journal>, id: &str, at: i64, mark: Option<Mark>) -> Result<Self, JournalError> {
        let row = journal.found(id, &new_epoch(), at).await?;
        let shop = Self::load(journal, row, mark).await?;
        shop.finish_founding(at).await?;
        Ok(shop)
    }

    /// Writes a store's first transaction, also when the program ended before it came to that.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn finish_founding(&self, at: i64) -> Result<(), JournalError> {
        if self.look(|l| l.cursor.g).await > 0 {
            return Ok(());
        }
        self.journal.add_server(&self.id, at).await?;
        let founded = self.write(Timestamp(at), |_, _| Ok(super::demo::founding())).await;
        founded.map_err(|error| match error {
            WriteError::Journal(error) => error,
            WriteError::Refused(code) => JournalError(format!("a new store's own beginning was refused: {code}")),
        })
    }

    /// Opens a store: its sealed fold, and what the log has since. A log behind its mark begins a new epoch.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn load(journal: Arc<dyn Journal>, mut row: StoreRow, mark: Option<Mark>) -> Result<Self, JournalError> {
        if mark.as_ref().is_some_and(|m| m.is_ahead_of(&row)) {
            row.epoch = restored_epoch();
            tracing::warn!(
                store = row.id,
                g = row.g,
                "this database is older than its mark; a new epoch begins, tablets will send what is missing"
            );
            journal.new_epoch(&row.id, &row.epoch, mark.as_ref().map_or(0, Mark::replica) + 1).await?;
        }
        if let Some(mark) = &mark {
            mark.note(&row.epoch, row.g);
        }
        let kept = Kept { journal: journal.clone(), store: row.id.clone() };
        let fold = Fold::load(kept, &row, true).await?;
        let hint = watch::Sender::new(fold.g());
        let recent = std::sync::Mutex::new(Recent::from(fold.g()));
        let (fold, waiting) = (Mutex::new(fold), std::sync::Mutex::default());
        Ok(Self {
            id: row.id,
            journal,
            mark,
            seal_after: SEAL_AFTER,
            clock: super::now_ms,
            fold,
            waiting,
            recent,
            hint,
        })
    }

    /// Seals more often, so that a short test does it at all.
    pub fn sealing_after(self, transactions: usize) -> Self {
        Self { seal_after: transactions, ..self }
    }

    /// Lets tablets begin anew earlier, so that a short test does it at all.
    pub fn most_behind(mut self, entries: u64) -> Self {
        self.fold.get_mut().most_behind = entries;
        self
    }

    /// Tells the time otherwise, so that a test can be played again exactly.
    pub fn with_clock(self, clock: fn() -> i64) -> Self {
        Self { clock, ..self }
    }

    /// The identity of a tablet that the journal has just enrolled. Its replica is noted, so that it is not given out
    /// again if the database is put back. `last` is what the tablet knows of its earlier identities.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn identity(&self, tablet: TabletRow, token: String, last: &[Known]) -> Result<Enrolment, JournalError> {
        if let Some(mark) = &self.mark {
            mark.enrolled(tablet.replica);
        }
        let mut lacks = Vec::new();
        for known in last.iter().take(MOST_IDENTITIES) {
            if self.journal.answered(&self.id, known.replica, known.seq).await?.is_none_or(|row| row.h != known.h) {
                lacks.push(known.replica);
            }
        }
        Ok(Enrolment { store: tablet.store, token, replica: tablet.replica, prefix: tablet.prefix, lacks })
    }

    /// Listens to hints.
    pub fn hints(&self) -> watch::Receiver<u64> {
        self.hint.subscribe()
    }

    /// How many tablets listen.
    pub fn listening(&self) -> usize {
        self.hint.receiver_count()
    }

    /// The last number that a verified backup holds.
    pub async fn safe(&self) -> u64 {
        self.fold.lock().await.safe_g
    }

    /// Another process wrote up to `g`, or may have when `g` is 0.
    pub async fn told(&self, g: u64) -> Result<(), JournalError> {
        let g = if g > 0 { g } else { Kept { journal: self.journal.clone(), store: self.id.clone() }.row().await?.g };
        self.hint.send_if_modified(|known| {
            let newer = g > *known;
            *known = g.max(*known);
            newer
        });
        Ok(())
    }

    /// Looks at the fold. Closed orders are in its columns, not in its book.
    pub async fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.fold.lock().await.ledger)
    }

    /// The digest of the whole book, sealed orders and all: equal on every replica that has read as far.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn digest(&self) -> Result<Hash, JournalError> {
        let mut fold = self.fold.lock().await;
        let ids: Vec<OrderId> = fold.ledger.columns.ids().collect();
        fold.bring(ids.into_iter()).await?;
        Ok(fold.ledger.book.digest())
    }

    /// Says that a verified backup holds everything up to `g`.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn backed_up(&self, g: u64) -> Result<(), JournalError> {
        self.journal.set_safe(&self.id, g).await?;
        let mut fold = self.fold.lock().await;
        fold.safe_g = fold.safe_g.max(g);
        Ok(())
    }

    /// Writes something of the server's own as one transaction.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write(
        &self,
        at: Timestamp,
        make: impl FnOnce(&Book, &mut Context<'_>) -> Result<Draft, Rejection> + Send,
    ) -> Result<(), WriteError> {
        self.write_about(at, &[], make).await
    }

    /// The same, with some orders in the book, sealed or not. A draft without events is nothing to write.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write_about(
        &self,
        at: Timestamp,
        orders: &[OrderId],
        make: impl FnOnce(&Book, &mut Context<'_>) -> Result<Draft, Rejection> + Send,
    ) -> Result<(), WriteError> {
        let mut fold = self.fold.lock().await;
        let mut turn = self.begin(&mut fold).await?;
        fold.bring(orders.iter().copied()).await?;
        let chain = fold.chain(&mut *turn, SERVER).await?;
        let mut ids = IdSource { replica: SERVER, next: chain.last_seq * IDS_A_TRANSACTION + 1 };
        let salts = Salts::new(rand::random());
        let mut cx = Context { at, by: staff::FIRST, approved: None, ids: &mut ids, offline: false, salts };
        let draft = make(&fold.ledger.book, &mut cx)?;
        if draft.events.is_empty() {
            return Ok(());
        }
        let body = Body { at, off: 0, by: StaffId(staff::FIRST.0), ok: None, ev: draft.events };
        let text = serde_json::to_string(&body).map_err(|e| JournalError(e.to_string()))?;
        let h = Hash::link(chain.link, &text);
        let raw = RawValue::from_string(text).map_err(|e| JournalError(e.to_string()))?;
        let pushed = Pushed::read(SERVER, PushEntry { seq: chain.last_seq + 1, h, body: raw, pd: draft.parts });
        let mut group = Group::default();
        let done = group.take(&mut fold, &mut *turn, SERVER, &[pushed]).await;
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                fold.ledger.book.reset_pending();
                return Err(error.into());
            }
        };
        self.commit(&mut fold, turn, group).await?;
        match done.answers.first() {
            // Held is kept as it is, and is a case on every tablet: asking again would only make it two.
            Some(row) if matches!(row.s, Status::Ok | Status::Held) => Ok(()),
            Some(row) => Err(WriteError::Refused(row.code.clone().unwrap_or_default())),
            None => Err(JournalError("a write was not answered".into()).into()),
        }
    }

    /// One round with a tablet.
    ///
    /// # Errors
    /// [`SyncError`]; nothing was taken then.
    pub async fn sync(&self, replica: Replica, request: SyncRequest) -> Result<SyncResponse, SyncError> {
        let SyncRequest { cursor, push, limit, schema, .. } = request;
        let after = cursor.g;
        let done = self.do_job(replica, cursor, push).await?;
        let (epoch, safe) = {
            let fold = self.fold.lock().await;
            (fold.epoch.clone(), fold.safe_g)
        };
        let mut response = SyncResponse {
            epoch,
            now: (self.clock)(),
            last_seq: done.chain.last_seq,
            res: done.answers,
            from: after,
            to: after,
            more: false,
            tx: Vec::new(),
            need: done.need,
            safe,
            last_h: Some(done.chain.link),
            chains: Vec::new(),
        };
        match done.need {
            Some(Need::Reset) => {
                let tablets = self.journal.tablets(&self.id).await?;
                response.chains = tablets.into_iter().map(|t| (t.replica, t.chain.last_seq)).collect();
                return Ok(response);
            }
            Some(Need::Enrol) => return Ok(response),
            None => {}
        }
        let limit = limit.clamp(1, MOST_PAGE);
        let known = *self.hint.borrow();
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner).page(after, limit as usize, known);
        (response.tx, response.more) = match recent {
            Some(page) => page,
            None => {
                let (page, more) = self.journal.page(&self.id, after, limit).await?;
                (page.into_iter().map(LogEntry::from).collect(), more)
            }
        };
        if schema < SCHEMA {
            // An older program would fold what it cannot read as a case; it goes on once it was updated.
            let readable = response
                .tx
                .iter()
                .take_while(|entry| entry.transaction().is_none_or(|tx| tx.body.schema() <= schema))
                .count();
            response.more &= readable == response.tx.len();
            response.tx.truncate(readable);
        }
        response.to = response.tx.last().map_or(after, |entry| entry.g);
        Ok(response)
    }

    /// Takes in what other tablets have of transactions that this log lost. What does not continue a chain is left out.
    ///
    /// # Errors
    /// [`SyncError`].
    pub async fn donate(&self, donation: Donation) -> Result<usize, SyncError> {
        let mut fold = self.fold.lock().await;
        let mut turn = self.begin(&mut fold).await?;
        if donation.epoch != fold.epoch || !is_restored(&fold.epoch) {
            return Ok(0);
        }
        let mut group = Group::default();
        let donated: Vec<(Replica, Pushed)> =
            donation.tx.into_iter().map(|d| (d.replica, Pushed::read(d.replica, d.entry))).collect();
        // Who lost them may have sent them again meanwhile, under another identity.
        let bodies: Vec<Hash> = donated.iter().map(|(_, p)| p.body).collect();
        group.known = turn.known_bodies(&bodies).await?.into_iter().map(|(hash, _)| hash).collect();
        for (replica, pushed) in donated {
            if turn.chain(replica).await?.is_none() {
                continue;
            }
            let taken = group.take(&mut fold, &mut *turn, replica, &[pushed]).await;
            if let Err(error @ SyncError::Journal(_)) = taken {
                fold.ledger.book.reset_pending();
                return Err(error);
            }
        }
        let count = group.rows.len();
        self.commit(&mut fold, turn, group).await?;
        Ok(count)
    }

    /// Everything sealed but the orders, as a new tablet takes it, which does not know what became of its transactions
    /// from a number on; `None` when there is little, or too much.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn bootstrap(&self, replica: Replica, seq: u64) -> Result<Option<Bootstrap>, JournalError> {
        let mut fold = self.fold.lock().await;
        // All tables in one read: another process may seal meanwhile.
        let tables: Vec<Table> = std::iter::once(Table::Meta).chain(Table::HANDED.iter().copied()).collect();
        let mut rows = self.journal.kept_read(&self.id, &tables).await?.into_iter();
        let mut meta: HashMap<u64, Vec<u8>> = rows.next().unwrap_or_default().into_iter().collect();
        let mut row = |key: MetaKey| meta.remove(&(key as u64));
        let found = row(MetaKey::Cursor).zip(row(MetaKey::Sealed)).zip(row(MetaKey::Settings));
        let Some(((cursor, sealed), settings)) = found else { return Ok(None) };
        let Sealed { g, blocks, format, .. } = serde_json::from_slice(&sealed).unwrap_or_default();
        // Rows of another version are sealed anew with the next sealing.
        if blocks > MOST_BOOTSTRAP_BLOCKS || format != Some(SEALED_FORMAT) {
            return Ok(None);
        }
        let firsts = (0..).step_by(PART_BLOCKS as usize);
        let hashes = fold.block_hashes(blocks).await?.chunks(PART_BLOCKS as usize);
        let parts = hashes.zip(firsts).map(|(hashes, first)| Part::of(first, hashes)).collect();
        let mut echoed: Vec<LogEntry> = Vec::new();
        let mut next = seq;
        while let Some(row) = self.journal.answered(&self.id, replica, next).await?.filter(|row| row.g <= g) {
            echoed.push(row.into());
            next += 1;
        }
        let echoed = serde_json::to_vec(&echoed).map_err(|e| JournalError(e.to_string()))?;
        let rows = rows.map(|rows| rows.into_iter().map(|(key, bytes)| (key, bytes.into())).collect()).collect();
        let (cursor, sealed, settings, echoed) = (cursor.into(), sealed.into(), settings.into(), echoed.into());
        Ok(Some(Bootstrap { format: SEALED_FORMAT, cursor, sealed, settings, rows, parts, echoed }))
    }

    /// Blocks of orders, as a part of a bootstrap; `None` when some are not there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn part(&self, first: u32, count: u32) -> Result<Option<Blocks>, JournalError> {
        let keys: Vec<u64> = (first..first.saturating_add(count.min(PART_BLOCKS))).map(u64::from).collect();
        Ok(self
            .journal
            .kept_get(&self.id, Table::Block, &keys)
            .await?
            .into_iter()
            .map(|row| row.map(Into::into))
            .collect())
    }

    // --- the work under the lock
    // --------------------------------------------------------------------------------------

    async fn do_job(&self, replica: Replica, cursor: Cursor, push: Vec<PushEntry>) -> Result<Done, SyncError> {
        if push.is_empty() {
            let fold = self.fold.lock().await;
            // Another process may be further than this one knows; then it takes a turn to find out.
            if cursor.g <= fold.g() && (cursor.epoch.is_empty() || fold.epoch == cursor.epoch) {
                drop(fold);
                return self.look_in(replica, &cursor).await;
            }
        }
        let (done, answer) = oneshot::channel();
        let job =
            Job { replica, cursor, push: push.into_iter().map(|entry| Pushed::read(replica, entry)).collect(), done };
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(job);
        let mut fold = self.fold.lock().await;
        loop {
            let jobs: Vec<Job> = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let count = waiting.len().min(MOST_JOBS);
                waiting.drain(..count).collect()
            };
            if jobs.is_empty() {
                break;
            }
            self.work(&mut fold, jobs).await;
        }
        drop(fold);
        answer.await.unwrap_or_else(|_| Err(SyncError::Journal(JournalError("a round broke off".into()))))
    }

    /// A request that brings nothing needs no turn.
    async fn look_in(&self, replica: Replica, cursor: &Cursor) -> Result<Done, SyncError> {
        let need = {
            let fold = self.fold.lock().await;
            fold.is_elsewhere(cursor).await?
        };
        let chain = self.journal.chain(&self.id, replica).await?.unwrap_or_default();
        Ok(Done { answers: Vec::new(), need: need.then_some(Need::Reset), chain })
    }

    /// Does jobs in one turn. If that fails, each has a turn of its own, so that nothing that one of them brings keeps
    /// the others waiting; unless the database takes nothing at all.
    async fn work(&self, fold: &mut Fold, jobs: Vec<Job>) {
        match self.work_in_turn(fold, &jobs).await {
            Ok(all) => jobs.into_iter().zip(all).for_each(|(job, done)| job.answer(done)),
            Err(error) if jobs.len() == 1 => jobs.into_iter().for_each(|job| job.answer(Err(error.clone().into()))),
            Err(_) => {
                let mut failed = 0;
                for job in jobs {
                    let done = match failed {
                        ALL_FAIL.. => Err(JournalError("the database takes nothing".into())),
                        _ => self.work_in_turn(fold, std::slice::from_ref(&job)).await,
                    };
                    failed = if done.is_ok() { 0 } else { failed + 1 };
                    let first = done.map(|all| all.into_iter().next().unwrap_or_else(|| Ok(Done::default())));
                    job.answer(first.unwrap_or_else(|error| Err(error.into())));
                }
            }
        }
    }

    async fn work_in_turn(&self, fold: &mut Fold, jobs: &[Job]) -> Result<Vec<Result<Done, SyncError>>, JournalError> {
        let done = self.try_turn(fold, jobs).await;
        if done.is_err() {
            // Nothing of it was written, or nobody knows.
            fold.forget_turn();
        }
        done
    }

    async fn try_turn(&self, fold: &mut Fold, jobs: &[Job]) -> Result<Vec<Result<Done, SyncError>>, JournalError> {
        let mut turn = self.begin(fold).await?;
        let mut group = Group::default();
        let bodies: Vec<Hash> = jobs.iter().flat_map(|job| &job.push).map(|p| p.body).collect();
        group.known = turn.known_bodies(&bodies).await?.into_iter().map(|(hash, _)| hash).collect();
        let mut all = Vec::new();
        for Job { replica, cursor, push, .. } in jobs {
            let done = if fold.is_elsewhere(cursor).await? {
                let chain = group.chain(fold, &mut *turn, *replica).await;
                chain.map(|chain| Done { need: Some(Need::Reset), chain, answers: Vec::new() })
            } else {
                group.take(fold, &mut *turn, *replica, push).await
            };
            match done {
                Err(SyncError::Journal(error)) => return Err(error),
                other => all.push(other),
            }
        }
        self.commit(fold, turn, group).await?;
        Ok(all)
    }

    /// Begins a turn, with the fold as far as the log is.
    async fn begin(&self, fold: &mut Fold) -> Result<Box<dyn Turn>, JournalError> {
        let turn = self.journal.turn(&self.id).await?;
        let row = turn.store();
        if row.epoch != fold.epoch {
            fold.reload(row, false).await?;
        } else if row.g > fold.g() {
            fold.chains.clear();
            fold.catch_up(row, false).await?;
        }
        fold.safe_g = row.safe_g;
        // Whatever a turn that broke off left there.
        fold.ledger.book.reset_pending();
        Ok(turn)
    }

    /// Writes a group, and moves the fold along.
    async fn commit(&self, fold: &mut Fold, mut turn: Box<dyn Turn>, group: Group) -> Result<(), JournalError> {
        let Some(last) = group.rows.last() else {
            fold.ledger.book.reset_pending();
            drop(turn);
            // What other processes wrote piles up here, too.
            if fold.ledger.tail.reaches(self.seal_after) {
                fold.seal().await;
            }
            return Ok(());
        };
        let written = match turn.append(&group.rows, (self.clock)()).await {
            Ok(()) => turn.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            fold.forget_turn();
            return Err(error);
        }
        let ledger = &mut fold.ledger;
        ledger.book.confirm_pending();
        ledger.touch(&group.changes);
        ledger.refresh_columns(&group.changes.orders);
        group.rows.iter().for_each(|row| ledger.tail.add(row.body.len()));
        ledger.cursor = Cursor { epoch: fold.epoch.clone(), g: last.g, dig: Some(last.dig) };
        fold.chains.extend(group.chains);
        if let Some(mark) = &self.mark {
            mark.note(&fold.epoch, last.g);
        }
        let last_g = last.g;
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            group.rows.into_iter().for_each(|row| recent.push(row.into()));
        }
        self.hint.send_replace(last_g);
        if fold.ledger.tail.reaches(self.seal_after) {
            fold.seal().await;
        }
        Ok(())
    }
}
