//! One store on the server: its fold in memory and its one writer.
//!
//! Invariant: a number `g` is given in a turn of the journal, so commit order is number order. The fold moves only after
//! the journal has committed. Whoever gets the lock does the work of everybody who waits, in one turn and one commit.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, PoisonError};

use serde_json::value::RawValue;
use tokio::sync::{Mutex, oneshot, watch};

use super::journal::{Chain, Journal, JournalError, LogRow, StoreRow, Turn, body_hash};
use super::kept::Kept;
use super::mark::Mark;
use crate::actions::Ledger;
use crate::actions::bootstrap::{self, Bootstrap};
use crate::actions::ledger::{self, json};
use crate::domain::Book;
use crate::domain::book::Changes;
use crate::domain::decide::{Context, Draft, Salts, Verdict, check};
use crate::domain::event::{Body, Event, Hash, Transaction};
use crate::domain::id::{IdSource, OrderId, Replica, StaffId};
use crate::domain::layered::Layer;
use crate::domain::rejection::Rejection;
use crate::domain::staff;
use crate::domain::time::Timestamp;
use crate::store::{LocalStore, MetaKey, SEALED_FORMAT, StoreError, Table, WriteBatch};
use crate::sync::merge::{fold, log_digest};
use crate::sync::protocol::{
    ALREADY_KNOWN, Answer, Cursor, Donation, LogEntry, MOST_PAGE, Need, PushEntry, SCHEMA, Status, SyncRequest, SyncResponse,
};

/// The server's own replica, under which it writes what comes in through it.
pub const SERVER: Replica = 1;
/// The fold is sealed when so many transactions came since.
const SEAL_AFTER: usize = 1_024;
/// The most requests whose transactions are written in one turn.
const MOST_JOBS: usize = 128;
/// Identifiers that the server sets aside for each of its own transactions, so none is used twice after a restart.
const IDS_A_TRANSACTION: u64 = 100_000;
/// The most bytes of a detached part's name.
const MOST_PART_NAME: usize = 64;
/// The most blocks in one answer to a new tablet: a quarter of a million orders, some 20 MB before compression.
const MOST_BOOTSTRAP_BLOCKS: u32 = 1_024;
/// What the name of an epoch begins with that was begun because the log was put back to an older state.
const RESTORED: char = 'r';

struct State {
    epoch: String,
    ledger: Ledger,
    safe_g: u64,
    /// Chains as the journal has them; forgotten when another process wrote.
    chains: HashMap<Replica, Chain>,
}

impl State {
    fn g(&self) -> u64 {
        self.ledger.cursor.g
    }

    fn dig(&self) -> Hash {
        self.ledger.cursor.dig.unwrap_or_default()
    }
}

/// See the module.
pub struct Shop {
    pub id: String,
    journal: Arc<dyn Journal>,
    kept: Kept,
    mark: Option<Mark>,
    seal_after: usize,
    clock: fn() -> i64,
    state: Mutex<State>,
    waiting: std::sync::Mutex<Vec<Job>>,
    recent: std::sync::Mutex<Recent>,
    /// The last number; whoever listens is told to come and read.
    hint: watch::Sender<u64>,
}

/// The end of the log, kept in memory: tablets that are awake ask for nothing else.
#[derive(Default)]
struct Recent {
    /// The number of the last entry, also when there is none here.
    last: u64,
    entries: VecDeque<LogEntry>,
    bytes: usize,
}

/// Units: bytes of bodies.
const MOST_RECENT: usize = 8 * 1024 * 1024;

impl Recent {
    fn push(&mut self, entry: LogEntry) {
        if entry.g != self.last + 1 {
            self.entries.clear();
            self.bytes = 0;
        }
        self.last = entry.g;
        self.bytes += weight(&entry);
        self.entries.push_back(entry);
        while self.bytes > MOST_RECENT {
            let Some(old) = self.entries.pop_front() else { break };
            self.bytes -= weight(&old);
        }
    }

    /// A page after `g`, if all of it is here. `known` is the last number that anybody spoke of.
    fn page(&self, after: u64, limit: usize, known: u64) -> Option<(Vec<LogEntry>, bool)> {
        let first = self.last + 1 - self.entries.len() as u64;
        if self.last < known || after + 1 < first || after > self.last {
            return None;
        }
        let skip = (after + 1 - first) as usize;
        let page: Vec<LogEntry> = self.entries.iter().skip(skip).take(limit).cloned().collect();
        let more = self.entries.len() - skip > page.len();
        Some((page, more))
    }
}

fn weight(entry: &LogEntry) -> usize {
    256 + entry.body.as_ref().map_or(0, |b| b.get().len()) + entry.pd.values().map(|p| p.data.len()).sum::<usize>()
}

/// Refused before anything was looked at.
#[derive(Clone, Debug)]
pub enum SyncError {
    Journal(JournalError),
    /// A number that is more than 2^63 and the like.
    Malformed(&'static str),
}

impl From<JournalError> for SyncError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Journal(error.into())
    }
}

/// A transaction as it came, read as far as can be done without the lock.
struct Pushed {
    entry: PushEntry,
    body: Option<Body>,
    hash: Hash,
}

impl Pushed {
    fn read(mut entry: PushEntry) -> Self {
        // No database may stumble over one; what is left out reads as erased.
        entry.pd.retain(|name, part| name.len() <= MOST_PART_NAME && !name.contains('\0') && !part.data.contains('\0'));
        let body = serde_json::from_str(entry.body.get()).ok();
        let hash = body_hash(entry.body.get());
        Self { entry, body, hash }
    }
}

/// A request that waits for the lock.
struct Job {
    replica: Replica,
    cursor: Cursor,
    push: Vec<Pushed>,
    done: oneshot::Sender<Result<Done, SyncError>>,
}

/// What became of a job.
#[derive(Default)]
struct Done {
    answers: Vec<Answer>,
    need: Option<Need>,
    chain: Chain,
}

/// What one turn writes.
#[derive(Default)]
struct Group {
    rows: Vec<LogRow>,
    /// Chains as they are with these rows.
    chains: HashMap<Replica, Chain>,
    /// Bodies that the log has; bodies of these rows too.
    known: HashSet<Hash>,
    changes: Changes,
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
        self.write(Timestamp(at), |_, _| Ok(super::demo::founding())).await
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
        let state = load_state(&*journal, &kept, &row, true).await?;
        let hint = watch::Sender::new(state.g());
        let recent = std::sync::Mutex::new(Recent { last: state.g(), ..Recent::default() });
        let (state, waiting) = (Mutex::new(state), std::sync::Mutex::default());
        Ok(Self { id: row.id, journal, kept, mark, seal_after: SEAL_AFTER, clock: super::now_ms, state, waiting, recent, hint })
    }

    /// Seals more often, so that a short test does it at all.
    pub fn sealing_after(self, transactions: usize) -> Self {
        Self { seal_after: transactions, ..self }
    }

    /// Tells the time otherwise, so that a test can be played again exactly.
    pub fn with_clock(self, clock: fn() -> i64) -> Self {
        Self { clock, ..self }
    }

    /// Notes that a replica was given out, so that it is not given out again if the database is put back.
    pub fn enrolled(&self, replica: Replica) {
        if let Some(mark) = &self.mark {
            mark.enrolled(replica);
        }
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
        self.state.lock().await.safe_g
    }

    /// Another process wrote up to `g`, or may have when `g` is 0.
    pub async fn told(&self, g: u64) -> Result<(), JournalError> {
        let g = if g > 0 { g } else { self.row().await?.g };
        self.hint.send_if_modified(|known| {
            let newer = g > *known;
            *known = g.max(*known);
            newer
        });
        Ok(())
    }

    /// Looks at the fold. Closed orders are in its columns, not in its book.
    pub async fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.state.lock().await.ledger)
    }

    /// The digest of the whole book, sealed orders and all: equal on every replica that has read as far.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn digest(&self) -> Result<Hash, JournalError> {
        let mut state = self.state.lock().await;
        let ids: Vec<OrderId> = state.ledger.columns.ids().collect();
        bring(&self.kept, &mut state.ledger, ids.into_iter()).await?;
        Ok(state.ledger.book.digest())
    }

    async fn row(&self) -> Result<StoreRow, JournalError> {
        let rows = self.journal.stores().await?;
        rows.into_iter().find(|r| r.id == self.id).ok_or_else(|| JournalError("the store is gone".into()))
    }

    /// Says that a verified backup holds everything up to `g`.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn backed_up(&self, g: u64) -> Result<(), JournalError> {
        self.journal.set_safe(&self.id, g).await?;
        let mut state = self.state.lock().await;
        state.safe_g = state.safe_g.max(g);
        Ok(())
    }

    /// Writes something of the server's own as one transaction.
    ///
    /// # Errors
    /// [`JournalError`], also when `make` refuses.
    pub async fn write(
        &self,
        at: Timestamp,
        make: impl FnOnce(&Book, &mut Context<'_>) -> Result<Draft, Rejection> + Send,
    ) -> Result<(), JournalError> {
        let mut state = self.state.lock().await;
        let mut turn = self.begin(&mut state).await?;
        let chain = chain(&mut state, &mut Group::default(), &mut *turn, SERVER).await?;
        let mut ids = IdSource { replica: SERVER, next: chain.last_seq * IDS_A_TRANSACTION + 1 };
        let salts = Salts::new(rand::random());
        let mut cx = Context { at, by: staff::FIRST, approved: None, ids: &mut ids, salts };
        let draft = make(&state.ledger.book, &mut cx).map_err(|r| JournalError(format!("refused: {r:?}")))?;
        let body = Body { at, off: 0, by: StaffId(staff::FIRST.0), ok: None, ev: draft.events };
        let text = serde_json::to_string(&body).map_err(|e| JournalError(e.to_string()))?;
        let h = Hash::link(chain.link, &text);
        let raw = RawValue::from_string(text).map_err(|e| JournalError(e.to_string()))?;
        let pushed = Pushed::read(PushEntry { seq: chain.last_seq + 1, h, body: raw, pd: draft.parts });
        let mut group = Group::default();
        let done = self.take(&mut state, &mut group, &mut *turn, SERVER, vec![pushed]).await;
        let done = match done {
            Ok(done) => done,
            Err(error) => {
                state.ledger.book.reset_pending();
                return Err(match error {
                    SyncError::Journal(error) => error,
                    SyncError::Malformed(what) => JournalError(what.into()),
                });
            }
        };
        self.commit(&mut state, turn, group).await?;
        match done.answers.first() {
            Some(row) if row.s == Status::Ok => Ok(()),
            other => Err(JournalError(format!("not taken: {other:?}"))),
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
            let state = self.state.lock().await;
            (state.epoch.clone(), state.safe_g)
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
                (page.into_iter().map(wire).collect(), more)
            }
        };
        if schema < SCHEMA {
            // An older program would fold what it cannot read as a case; it goes on once it was updated.
            let readable = response.tx.iter().take_while(|entry| entry.transaction().is_none_or(|tx| tx.body.schema() <= schema)).count();
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
        let mut state = self.state.lock().await;
        let mut turn = self.begin(&mut state).await?;
        if donation.epoch != state.epoch || !is_restored(&state.epoch) {
            return Ok(0);
        }
        let mut group = Group::default();
        for donated in donation.tx {
            if turn.chain(donated.replica).await?.is_none() {
                continue;
            }
            let taken = self.take(&mut state, &mut group, &mut *turn, donated.replica, vec![Pushed::read(donated.entry)]).await;
            if let Err(error @ SyncError::Journal(_)) = taken {
                state.ledger.book.reset_pending();
                return Err(error);
            }
        }
        let count = group.rows.len();
        self.commit(&mut state, turn, group).await?;
        Ok(count)
    }

    /// Everything sealed, as a new tablet takes it; `None` when there is little, or too much for one answer.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn bootstrap(&self) -> Result<Option<Bootstrap>, JournalError> {
        let sealed = self.look(|l| l.sealed).await;
        if sealed.g == 0 || sealed.blocks > MOST_BOOTSTRAP_BLOCKS {
            return Ok(None);
        }
        let mut tables = vec![Table::Meta];
        tables.extend(bootstrap::TABLES);
        // All tables in one read: sealing goes on meanwhile.
        let mut rows = self.journal.kept_read(&self.id, &tables).await?.into_iter();
        let meta: HashMap<u64, Vec<u8>> = rows.next().unwrap_or_default().into_iter().collect();
        let row = |key: MetaKey| meta.get(&(key as u64)).cloned();
        let found = row(MetaKey::Cursor).zip(row(MetaKey::Sealed)).zip(row(MetaKey::Settings));
        Ok(found.map(|((cursor, sealed), settings)| Bootstrap { format: SEALED_FORMAT, cursor, sealed, settings, rows: rows.collect() }))
    }

    // --- the work under the lock --------------------------------------------------------------------------------------

    async fn do_job(&self, replica: Replica, cursor: Cursor, push: Vec<PushEntry>) -> Result<Done, SyncError> {
        if push.is_empty() {
            let state = self.state.lock().await;
            // Another process may be further than this one knows; then it takes a turn to find out.
            if cursor.g <= state.g() && (cursor.epoch.is_empty() || state.epoch == cursor.epoch) {
                drop(state);
                return self.look_in(replica, &cursor).await;
            }
        }
        let (done, answer) = oneshot::channel();
        let job = Job { replica, cursor, push: push.into_iter().map(Pushed::read).collect(), done };
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(job);
        let mut state = self.state.lock().await;
        loop {
            let jobs: Vec<Job> = {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                let count = waiting.len().min(MOST_JOBS);
                waiting.drain(..count).collect()
            };
            if jobs.is_empty() {
                break;
            }
            self.work(&mut state, jobs).await;
        }
        drop(state);
        answer.await.unwrap_or_else(|_| Err(SyncError::Journal(JournalError("a round broke off".into()))))
    }

    /// A request that brings nothing needs no turn.
    async fn look_in(&self, replica: Replica, cursor: &Cursor) -> Result<Done, SyncError> {
        let need = {
            let state = self.state.lock().await;
            elsewhere(&*self.journal, &self.id, &state, cursor).await?
        };
        let chain = self.journal.chain(&self.id, replica).await?.unwrap_or_default();
        Ok(Done { answers: Vec::new(), need: need.then_some(Need::Reset), chain })
    }

    async fn work(&self, state: &mut State, jobs: Vec<Job>) {
        let mut senders = Vec::new();
        let mut requests = Vec::new();
        for job in jobs {
            senders.push(job.done);
            requests.push((job.replica, job.cursor, job.push));
        }
        match self.work_in_turn(state, requests).await {
            Ok(all) => {
                for (sender, done) in senders.into_iter().zip(all) {
                    let _ = sender.send(done);
                }
            }
            Err(error) => {
                // Nothing of it was written, or nobody knows; the next turn reads what the log says.
                state.ledger.book.reset_pending();
                state.chains.clear();
                for sender in senders {
                    let _ = sender.send(Err(error.clone().into()));
                }
            }
        }
    }

    async fn work_in_turn(
        &self,
        state: &mut State,
        requests: Vec<(Replica, Cursor, Vec<Pushed>)>,
    ) -> Result<Vec<Result<Done, SyncError>>, JournalError> {
        let mut turn = self.begin(state).await?;
        let mut group = Group::default();
        let hashes: Vec<Hash> = requests.iter().flat_map(|r| &r.2).map(|p| p.hash).collect();
        group.known = turn.known_bodies(&hashes).await?.into_iter().map(|(hash, _)| hash).collect();
        let mut all = Vec::new();
        for (replica, cursor, push) in requests {
            let done = if elsewhere(&*self.journal, &self.id, state, &cursor).await? {
                let chain = chain(state, &mut group, &mut *turn, replica).await?;
                Ok(Done { need: Some(Need::Reset), chain, answers: Vec::new() })
            } else {
                match self.take(state, &mut group, &mut *turn, replica, push).await {
                    Err(SyncError::Journal(error)) => return Err(error),
                    other => other,
                }
            };
            all.push(done);
        }
        self.commit(state, turn, group).await?;
        Ok(all)
    }

    /// Begins a turn, with the fold as far as the log is.
    async fn begin(&self, state: &mut State) -> Result<Box<dyn Turn>, JournalError> {
        let turn = self.journal.turn(&self.id).await?;
        let row = turn.store();
        if row.epoch != state.epoch {
            *state = load_state(&*self.journal, &self.kept, row, false).await?;
        } else if row.g > state.g() {
            state.chains.clear();
            catch_up(&*self.journal, &self.kept, state, row, false).await?;
        }
        state.safe_g = row.safe_g;
        // Whatever a turn that broke off left there.
        state.ledger.book.reset_pending();
        Ok(turn)
    }

    /// Takes a replica's transactions into the group, in order, as far as they continue its chain.
    async fn take(
        &self,
        state: &mut State,
        group: &mut Group,
        turn: &mut dyn Turn,
        replica: Replica,
        push: Vec<Pushed>,
    ) -> Result<Done, SyncError> {
        if push.iter().any(|p| p.entry.seq == 0 || p.entry.seq > i64::MAX as u64) {
            return Err(SyncError::Malformed("seq is out of range"));
        }
        let mut at = chain(state, group, turn, replica).await?;
        let touched: Vec<OrderId> =
            push.iter().filter_map(|p| p.body.as_ref()).flat_map(|b| b.ev.iter().filter_map(Event::order)).collect();
        bring(&self.kept, &mut state.ledger, touched.into_iter()).await?;
        let mut done = Done::default();
        for Pushed { entry, body, hash } in push {
            if entry.seq <= at.last_seq {
                let known = match group.rows.iter().find(|r| r.replica == replica && r.seq == entry.seq) {
                    Some(row) => Some(row.clone()),
                    None => turn.answered(replica, entry.seq).await?,
                };
                match known {
                    Some(row) if row.h == entry.h => {
                        done.answers.push(Answer { seq: row.seq, s: row.status, dup: true, code: row.code, g: row.g });
                        continue;
                    }
                    _ => {
                        done.need = Some(Need::Enrol);
                        break;
                    }
                }
            }
            if entry.seq > at.last_seq + 1 {
                break;
            }
            if Hash::link(at.link, entry.body.get()) != entry.h {
                done.need = Some(Need::Enrol);
                break;
            }
            // Under whatever identity it came: the same one sent twice was recognised by its number above.
            let known = group.known.contains(&hash);
            let g = state.g() + group.rows.len() as u64 + 1;
            let before = group.rows.last().map_or(state.dig(), |r| r.dig);
            at = Chain { last_seq: entry.seq, link: entry.h };
            let (row, changes) = judge(&mut state.ledger.book, replica, entry, body, g, before, known);
            if row.status != Status::Rej {
                group.known.insert(hash);
            }
            group.changes.merge(changes);
            done.answers.push(Answer { seq: row.seq, s: row.status, dup: false, code: row.code.clone(), g });
            group.rows.push(row);
        }
        group.chains.insert(replica, at);
        done.chain = at;
        Ok(done)
    }

    /// Writes a group, and moves the fold along.
    async fn commit(&self, state: &mut State, mut turn: Box<dyn Turn>, group: Group) -> Result<(), JournalError> {
        let Some(last) = group.rows.last() else {
            state.ledger.book.reset_pending();
            drop(turn);
            // What other processes wrote piles up here, too.
            if state.ledger.tail >= self.seal_after {
                self.seal(state).await;
            }
            return Ok(());
        };
        let written = match turn.append(&group.rows, (self.clock)()).await {
            Ok(()) => turn.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            state.ledger.book.reset_pending();
            state.chains.clear();
            return Err(error);
        }
        let ledger = &mut state.ledger;
        ledger.book.confirm_pending();
        ledger.touch(&group.changes);
        ledger.refresh_columns(&group.changes.orders);
        ledger.tail += group.rows.len();
        ledger.cursor = Cursor { epoch: state.epoch.clone(), g: last.g, dig: Some(last.dig) };
        state.chains.extend(group.chains);
        if let Some(mark) = &self.mark {
            mark.note(&state.epoch, last.g);
        }
        let last_g = last.g;
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            group.rows.into_iter().for_each(|row| recent.push(wire(row)));
        }
        self.hint.send_replace(last_g);
        if state.ledger.tail >= self.seal_after {
            self.seal(state).await;
        }
        Ok(())
    }

    /// Seals the fold. What goes wrong costs time at the next start, nothing else.
    async fn seal(&self, state: &mut State) {
        if let Err(error) = seal(&self.kept, &mut state.ledger).await {
            if error != StoreError::Stale {
                tracing::warn!(%error, "the fold could not be sealed");
            }
            // The ledger says it is sealed and is not.
            let loaded = match self.row().await {
                Ok(row) => load_state(&*self.journal, &self.kept, &row, true).await,
                Err(error) => Err(error),
            };
            match loaded {
                Ok(fresh) => *state = fresh,
                Err(error) => tracing::error!(%error, "the fold could not be read again"),
            }
        }
    }
}

/// In one write: another process may seal at the same moment, and neither may leave half of its rows among the other's.
async fn seal(kept: &Kept, ledger: &mut Ledger) -> Result<(), StoreError> {
    let sealing = ledger.begin_sealing();
    let (mut batch, sealed) = ledger.seal_rows(&sealing);
    batch.puts.extend(sealing.blocks.into_iter().flat_map(|b| b.puts));
    batch.put_meta(MetaKey::Cursor, json(&ledger.cursor));
    kept.write(batch).await?;
    ledger.end_sealing(sealed);
    Ok(())
}

/// Whether a tablet has read another log than this one.
async fn elsewhere(journal: &dyn Journal, store: &str, state: &State, cursor: &Cursor) -> Result<bool, JournalError> {
    if (!cursor.epoch.is_empty() && cursor.epoch != state.epoch) || cursor.g > state.g() {
        return Ok(true);
    }
    let Some(dig) = cursor.dig.filter(|_| cursor.g > 0) else { return Ok(false) };
    let ours = if cursor.g == state.g() { Some(state.dig()) } else { journal.digest_at(store, cursor.g).await? };
    Ok(ours != Some(dig))
}

async fn chain(state: &mut State, group: &mut Group, turn: &mut dyn Turn, replica: Replica) -> Result<Chain, JournalError> {
    if let Some(chain) = group.chains.get(&replica).or(state.chains.get(&replica)) {
        return Ok(*chain);
    }
    let chain = turn.chain(replica).await?.unwrap_or_default();
    state.chains.insert(replica, chain);
    Ok(chain)
}

/// Reads sealed orders into the book.
async fn bring(kept: &Kept, ledger: &mut Ledger, ids: impl Iterator<Item = OrderId>) -> Result<(), StoreError> {
    let wanted = ledger.cold(ids);
    for (id, order) in ledger::fetch(kept, &wanted).await? {
        ledger.book.orders.put(Layer::Confirmed, id, order);
    }
    Ok(())
}

/// The sealed fold, if it is of this very log, and what the log has since. Inside a turn nothing may be written beside it.
async fn load_state(journal: &dyn Journal, kept: &Kept, row: &StoreRow, may_write: bool) -> Result<State, JournalError> {
    let mut ledger = match ledger::load(kept).await {
        Ok(ledger) => ledger,
        Err(error @ StoreError::Corrupt { .. }) => {
            tracing::warn!(%error, "the sealed fold cannot be read; the log is folded from its start");
            Ledger::default()
        }
        Err(error) => return Err(error.into()),
    };
    let dig = journal.digest_at(&row.id, ledger.cursor.g).await?;
    let known = dig.is_some() && dig == ledger.cursor.dig.or(Some(Hash::default()));
    if !known || ledger.cursor.g != ledger.sealed.g {
        ledger = Ledger::default();
        if may_write {
            let mut batch = WriteBatch { clears: Table::DERIVED.to_vec(), ..WriteBatch::default() };
            batch.clears.push(Table::Meta);
            kept.write(batch).await?;
        }
    }
    ledger.cursor.epoch.clone_from(&row.epoch);
    let mut state = State { epoch: row.epoch.clone(), ledger, safe_g: row.safe_g, chains: HashMap::new() };
    catch_up(journal, kept, &mut state, row, may_write).await?;
    Ok(state)
}

/// Folds what the log has beyond the state, up to a store's number.
async fn catch_up(journal: &dyn Journal, kept: &Kept, state: &mut State, row: &StoreRow, may_seal: bool) -> Result<(), JournalError> {
    while state.g() < row.g {
        let (page, _) = journal.page(&row.id, state.g(), MOST_PAGE).await?;
        let Some(last) = page.last() else { return Err(JournalError("the log ends before its number".into())) };
        let (g, dig) = (last.g, last.dig);
        let transactions: Vec<Transaction> = page.iter().filter_map(|r| r.entry().transaction()).collect();
        bring(kept, &mut state.ledger, ledger::touched(transactions.iter()).into_iter()).await?;
        let changes = state.ledger.apply_confirmed(page.iter().map(LogRow::entry));
        state.ledger.refresh_columns(&changes.orders);
        state.ledger.cursor = Cursor { epoch: row.epoch.clone(), g, dig: Some(dig) };
        if may_seal && state.ledger.tail >= 8 * SEAL_AFTER {
            // A long log is sealed on the way, so that it is never in memory whole.
            seal(kept, &mut state.ledger).await?;
        }
    }
    Ok(())
}

/// Whether an epoch began because the log went back.
pub fn is_restored(epoch: &str) -> bool {
    epoch.starts_with(RESTORED)
}

fn new_epoch() -> String {
    super::auth::new_token()[..8].to_owned()
}

/// The name of an epoch that begins because the log went back.
pub fn restored_epoch() -> String {
    format!("{RESTORED}{}", &new_epoch()[1..])
}

/// Says what becomes of a transaction, and folds it into the pending layer so that the next one is judged with it.
/// `known` says that the log has this body under another replica: a tablet that was enrolled again sends it once more.
fn judge(book: &mut Book, replica: Replica, entry: PushEntry, body: Option<Body>, g: u64, before: Hash, known: bool) -> (LogRow, Changes) {
    let PushEntry { seq, h, body: raw, pd: parts } = entry;
    let mut row = LogRow {
        g,
        replica,
        seq,
        h,
        status: Status::Ok,
        code: None,
        body: String::from(Box::<str>::from(raw)),
        parts,
        dig: Hash::default(),
    };
    let mut changes = Changes::default();
    if known {
        row.status = Status::Rej;
        row.code = Some(ALREADY_KNOWN.to_owned());
    } else if let Some(body) = body {
        let tx = Transaction { replica, seq, body, parts: row.parts.clone() };
        match check(book, &tx) {
            Verdict::Ok => changes = book.apply(Layer::Pending, &tx),
            Verdict::Rejected(reason) => {
                row.status = Status::Rej;
                row.code = Some(reason.code());
            }
            Verdict::Held(reason) => {
                row.status = Status::Held;
                row.code = Some(reason.code());
            }
        }
    } else {
        row.status = Status::Held;
        row.code = Some(Rejection::UnknownEvent.code());
    }
    if row.status == Status::Held {
        changes = fold(book, Layer::Pending, &row.entry());
    }
    row.dig = log_digest(before, replica, seq, h, row.status);
    (row, changes)
}

fn wire(row: LogRow) -> LogEntry {
    let body = RawValue::from_string(row.body).ok();
    LogEntry { g: row.g, replica: row.replica, seq: row.seq, h: row.h, s: row.status, code: row.code, body, pd: row.parts }
}
