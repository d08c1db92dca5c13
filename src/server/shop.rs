//! One store on the server: its fold in memory and its one writer.
//!
//! Invariant: a number `g` is given under the lock, so commit order is number order. The fold in memory moves only after
//! the journal has committed.

use std::collections::HashMap;

use serde_json::value::RawValue;
use tokio::sync::{Mutex, watch};

use super::journal::{Journal, JournalError, LogRow, StoreRow};
use crate::domain::decide::{Context, Draft, Salts, Verdict, check};
use crate::domain::event::{Body, Hash, Transaction};
use crate::domain::id::{IdSource, Replica, StaffId};
use crate::domain::layered::Layer;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::domain::{Book, staff};
use crate::sync::merge::{Entry, fold};
use crate::sync::protocol::{ALREADY_KNOWN, Answer, LogEntry, MOST_PAGE, Need, PushEntry, Status, SyncRequest, SyncResponse};

/// The server's own replica, under which it writes what comes in through it.
pub const SERVER: Replica = 1;

/// Where a replica's chain stands.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    last_seq: u64,
    link: Hash,
}

struct State {
    book: Book,
    g: u64,
    chains: HashMap<Replica, Chain>,
    next_id: u64,
}

/// See the module.
pub struct Shop {
    pub id: String,
    pub epoch: String,
    journal: Journal,
    state: Mutex<State>,
    /// The last number; whoever listens is told to come and read.
    hint: watch::Sender<u64>,
}

/// Refused before anything was looked at.
#[derive(Debug)]
pub enum SyncError {
    Journal(JournalError),
    /// A transaction that is more than 2^63 and the like.
    Malformed(&'static str),
}

impl From<JournalError> for SyncError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Shop {
    /// Founds a store: a first location, a first owner, a profile.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn found(journal: Journal, id: &str, at: i64) -> Result<Self, JournalError> {
        let epoch = super::auth::new_token()[..8].to_owned();
        let row = journal.found(id, &epoch, at).await?;
        let shop = Self::load(journal, row).await?;
        shop.finish_founding(at).await?;
        Ok(shop)
    }

    /// Writes a store's first transaction, also when the program ended before it came to that.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn finish_founding(&self, at: i64) -> Result<(), JournalError> {
        if self.look(|_, g| g).await > 0 {
            return Ok(());
        }
        self.journal.add_server(&self.id, at).await?;
        self.write(Timestamp(at), |_, _| Ok(super::demo::founding())).await
    }

    /// Folds a store's log.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn load(journal: Journal, row: StoreRow) -> Result<Self, JournalError> {
        let mut book = Book::default();
        let mut g = 0;
        let mut next_id = 1;
        loop {
            let (page, more) = journal.page(&row.id, g, MOST_PAGE).await?;
            for row in &page {
                g = row.g;
                fold(&mut book, &entry(row));
                if row.replica == SERVER {
                    next_id = row.seq * IDS_A_TRANSACTION + 1;
                }
            }
            if !more {
                break;
            }
        }
        let tablets = journal.tablets(&row.id).await?;
        let chains = tablets.into_iter().map(|t| (t.replica, Chain { last_seq: t.last_seq, link: t.link })).collect();
        let state = Mutex::new(State { book, g, chains, next_id });
        Ok(Self { id: row.id, epoch: row.epoch, journal, state, hint: watch::Sender::new(g) })
    }

    /// Listens to hints.
    pub fn hints(&self) -> watch::Receiver<u64> {
        self.hint.subscribe()
    }

    /// Makes an enrolled tablet known.
    pub async fn enrolled(&self, replica: Replica) {
        self.state.lock().await.chains.insert(replica, Chain::default());
    }

    /// Looks at the fold.
    pub async fn look<T>(&self, look: impl FnOnce(&Book, u64) -> T) -> T {
        let state = self.state.lock().await;
        look(&state.book, state.g)
    }

    /// Writes something of the server's own as one transaction.
    ///
    /// # Errors
    /// [`JournalError`], also when `make` refuses.
    pub async fn write(
        &self,
        at: Timestamp,
        make: impl FnOnce(&Book, &mut Context<'_>) -> Result<Draft, Rejection>,
    ) -> Result<(), JournalError> {
        let mut state = self.state.lock().await;
        let chain = state.chains.get(&SERVER).copied().unwrap_or_default();
        let mut ids = IdSource { replica: SERVER, next: state.next_id };
        let salts = Salts::new(rand::random());
        let mut cx = Context { at, by: staff::FIRST, ids: &mut ids, salts };
        let draft = make(&state.book, &mut cx).map_err(|r| JournalError(format!("refused: {r:?}")))?;
        let body = Body { at, off: 0, by: StaffId(staff::FIRST.0), ev: draft.events };
        let text = serde_json::to_string(&body).map_err(|e| JournalError(e.to_string()))?;
        let h = Hash::link(chain.link, &text);
        let raw = RawValue::from_string(text).map_err(|e| JournalError(e.to_string()))?;
        let entry = PushEntry { seq: chain.last_seq + 1, h, body: raw, pd: draft.parts };
        let (rows, _) = self.take(&mut state, SERVER, &[entry]).await.map_err(|e| match e {
            SyncError::Journal(e) => e,
            SyncError::Malformed(what) => JournalError(what.into()),
        })?;
        state.next_id = (chain.last_seq + 1) * IDS_A_TRANSACTION + 1;
        match rows.first() {
            Some(row) if row.s == Status::Ok => Ok(()),
            other => Err(JournalError(format!("not taken: {other:?}"))),
        }
    }

    /// One round with a tablet.
    ///
    /// # Errors
    /// [`SyncError`]; nothing was taken then.
    pub async fn sync(&self, replica: Replica, request: &SyncRequest) -> Result<SyncResponse, SyncError> {
        let mut state = self.state.lock().await;
        let mut response = SyncResponse {
            epoch: self.epoch.clone(),
            now: super::now_ms(),
            last_seq: state.chains.get(&replica).copied().unwrap_or_default().last_seq,
            res: Vec::new(),
            from: request.cursor.g,
            to: request.cursor.g,
            more: false,
            tx: Vec::new(),
            need: None,
        };
        let elsewhere = !request.cursor.epoch.is_empty() && request.cursor.epoch != self.epoch;
        if elsewhere || request.cursor.g > state.g {
            response.need = Some(Need::Reset);
            return Ok(response);
        }
        let (answers, need) = self.take(&mut state, replica, &request.push).await?;
        response.res = answers;
        response.need = need;
        response.last_seq = state.chains.get(&replica).copied().unwrap_or_default().last_seq;
        drop(state);
        if need.is_some() {
            return Ok(response);
        }
        let (page, more) = self.journal.page(&self.id, request.cursor.g, request.limit.clamp(1, MOST_PAGE)).await?;
        response.to = page.last().map_or(request.cursor.g, |row| row.g);
        response.more = more;
        response.tx = page.into_iter().map(wire).collect();
        Ok(response)
    }

    /// Takes a replica's transactions in, in order, as far as they continue its chain.
    async fn take(&self, state: &mut State, replica: Replica, push: &[PushEntry]) -> Result<(Vec<Answer>, Option<Need>), SyncError> {
        // Whatever a round that broke off left there.
        state.book.reset_pending();
        let mut chain = state.chains.get(&replica).copied().unwrap_or_default();
        let mut answers = Vec::new();
        let mut rows: Vec<LogRow> = Vec::new();
        let mut need = None;
        for entry in push {
            if entry.seq == 0 || entry.seq > i64::MAX as u64 {
                state.book.reset_pending();
                return Err(SyncError::Malformed("seq is out of range"));
            }
            if entry.seq <= chain.last_seq {
                let known = match rows.iter().find(|r| r.seq == entry.seq) {
                    Some(row) => Some(row.clone()),
                    None => self.journal.answered(&self.id, replica, entry.seq).await?,
                };
                match known {
                    Some(row) if row.h == entry.h => {
                        answers.push(Answer { seq: row.seq, s: row.status, dup: true, code: row.code, g: row.g });
                        continue;
                    }
                    _ => {
                        need = Some(Need::Enrol);
                        break;
                    }
                }
            }
            if entry.seq > chain.last_seq + 1 {
                break;
            }
            let body = entry.body.get();
            if Hash::link(chain.link, body) != entry.h {
                need = Some(Need::Enrol);
                break;
            }
            let g = state.g + rows.len() as u64 + 1;
            let known = self.journal.has_body(&self.id, replica, body).await?;
            let row = judge(&mut state.book, replica, entry, g, known);
            chain = Chain { last_seq: entry.seq, link: entry.h };
            answers.push(Answer { seq: row.seq, s: row.status, dup: false, code: row.code.clone(), g });
            rows.push(row);
        }
        state.book.reset_pending();
        if !rows.is_empty() {
            self.journal.append(&self.id, &rows, super::now_ms()).await?;
            for row in &rows {
                fold(&mut state.book, &entry(row));
            }
            state.g += rows.len() as u64;
            state.chains.insert(replica, chain);
            self.hint.send_replace(state.g);
        }
        Ok((answers, need))
    }
}

/// Identifiers that the server sets aside for each of its own transactions, so none is used twice after a restart.
const IDS_A_TRANSACTION: u64 = 100_000;

/// Says what becomes of a transaction, and folds it into the pending layer so that the next one is judged with it.
/// `known` says that the log has this body under another replica: a tablet that was enrolled again sends it once more.
fn judge(book: &mut Book, replica: Replica, entry: &PushEntry, g: u64, known: bool) -> LogRow {
    let body = entry.body.get().to_owned();
    let mut row = LogRow { g, replica, seq: entry.seq, h: entry.h, status: Status::Ok, code: None, body, parts: entry.pd.clone() };
    if known {
        row.status = Status::Rej;
        row.code = Some(ALREADY_KNOWN.to_owned());
        return row;
    }
    match serde_json::from_str::<Body>(&row.body) {
        Err(_) => {
            row.status = Status::Held;
            row.code = Some(Rejection::UnknownEvent.code());
        }
        Ok(body) => {
            let tx = Transaction { replica, seq: entry.seq, body, parts: entry.pd.clone() };
            match check(book, &tx) {
                Verdict::Ok => {
                    book.apply(Layer::Pending, &tx);
                }
                Verdict::Rejected(reason) => {
                    row.status = Status::Rej;
                    row.code = Some(reason.code());
                }
                Verdict::Held(reason) => {
                    row.status = Status::Held;
                    row.code = Some(reason.code());
                }
            }
        }
    }
    row
}

fn wire(row: LogRow) -> LogEntry {
    let body = (row.status != Status::Rej).then(|| RawValue::from_string(row.body).ok()).flatten();
    LogEntry { g: row.g, replica: row.replica, seq: row.seq, h: row.h, s: row.status, code: row.code, body, pd: row.parts }
}

/// A row as the fold takes it.
fn entry(row: &LogRow) -> Entry<'_> {
    Entry { replica: row.replica, seq: row.seq, status: row.status, code: row.code.as_deref(), body: Some(&row.body), parts: &row.parts }
}
