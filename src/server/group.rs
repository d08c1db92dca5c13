//! What one turn writes: transactions of whoever waits, each judged against the fold with those before it.

use std::collections::{HashMap, HashSet};

use super::fold::Fold;
use super::journal::{Chain, LogRow, Turn};
use super::shop::SyncError;
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes};
use crate::domain::event::check::{Verdict, check};
use crate::domain::event::{Event, Transaction};
use crate::domain::rejection::Rejection;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{OrderId, Replica};
use crate::sync::merge::{self, log_digest};
use crate::sync::protocol::{ALREADY_KNOWN, Answer, Need, PushEntry, Status};

/// The most bytes of a detached part's name.
const MOST_PART_NAME: usize = 64;

/// A transaction as it came, read as far as can be done without the lock.
pub struct Pushed {
    entry: PushEntry,
    /// `None` when this version cannot read the body.
    tx: Option<Transaction>,
    pub body: Hash,
}

impl Pushed {
    pub fn read(replica: Replica, mut entry: PushEntry) -> Self {
        // No database may stumble over one; what is left out reads as erased.
        entry.pd.retain(|name, part| name.len() <= MOST_PART_NAME && !name.contains('\0') && !part.data.contains('\0'));
        let body = serde_json::from_str(entry.body.get()).ok();
        let tx = body.map(|body| Transaction { replica, seq: entry.seq, body, parts: entry.pd.clone() });
        let body = Hash::of_body(entry.body.get());
        Self { entry, tx, body }
    }

    /// Orders that it is about.
    fn orders(&self) -> impl Iterator<Item = OrderId> {
        self.tx.iter().flat_map(|tx| tx.body.ev.iter().flat_map(Event::orders))
    }
}

/// What became of a request's transactions.
#[derive(Default)]
pub struct Done {
    pub answers: Vec<Answer>,
    pub need: Option<Need>,
    pub chain: Chain,
}

/// See the module.
#[derive(Default)]
pub struct Group {
    pub rows: Vec<LogRow>,
    /// Chains as they are with these rows.
    pub chains: HashMap<Replica, Chain>,
    /// Bodies that the log has; bodies of these rows too.
    pub known: HashSet<Hash>,
    pub changes: Changes,
}

impl Group {
    /// Where a replica's chain stands with these rows.
    ///
    /// # Errors
    /// [`SyncError::Journal`].
    pub async fn chain(&self, fold: &mut Fold, turn: &mut dyn Turn, replica: Replica) -> Result<Chain, SyncError> {
        match self.chains.get(&replica) {
            Some(chain) => Ok(*chain),
            None => Ok(fold.chain(turn, replica).await?),
        }
    }

    /// Takes a replica's transactions in, in order, as far as they continue its chain.
    ///
    /// # Errors
    /// [`SyncError`].
    pub async fn take(
        &mut self,
        fold: &mut Fold,
        turn: &mut dyn Turn,
        replica: Replica,
        push: &[Pushed],
    ) -> Result<Done, SyncError> {
        if push.iter().any(|p| p.entry.seq == 0 || p.entry.seq > i64::MAX as u64) {
            return Err(SyncError::Malformed("seq is out of range"));
        }
        let mut at = self.chain(fold, turn, replica).await?;
        fold.bring(push.iter().flat_map(Pushed::orders)).await?;
        let mut done = Done::default();
        for pushed in push {
            let entry = &pushed.entry;
            if entry.seq <= at.last_seq {
                let known = match self.rows.iter().find(|r| r.replica == replica && r.seq == entry.seq) {
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
            at = Chain { last_seq: entry.seq, link: entry.h };
            let row = self.judge(fold, replica, pushed);
            done.answers.push(Answer { seq: row.seq, s: row.status, dup: false, code: row.code.clone(), g: row.g });
            self.rows.push(row);
        }
        self.chains.insert(replica, at);
        done.chain = at;
        Ok(done)
    }

    /// Says what becomes of a transaction, and folds it into the pending layer so that the next one is judged with it.
    fn judge(&mut self, fold: &mut Fold, replica: Replica, pushed: &Pushed) -> LogRow {
        let PushEntry { seq, h, body, pd } = &pushed.entry;
        let (last_g, last_dig) = self.rows.last().map_or((fold.g(), fold.dig()), |r| (r.g, r.dig));
        // Under whatever identity it came: a tablet that was enrolled again sends it once more. The same one sent twice
        // was recognised by its number.
        let known = self.known.contains(&pushed.body);
        let (status, code) =
            if known { (Status::Rej, Some(ALREADY_KNOWN.to_owned())) } else { verdict(&fold.ledger.book, pushed) };
        let row = LogRow {
            g: last_g + 1,
            replica,
            seq: *seq,
            h: *h,
            status,
            code,
            body: body.get().to_owned(),
            parts: pd.clone(),
            dig: log_digest(last_dig, replica, *seq, *h, status),
        };
        let changes = match (status, &pushed.tx) {
            (Status::Rej, _) => return row,
            (Status::Ok, Some(tx)) => fold.ledger.book.apply(Layer::Pending, tx),
            _ => merge::fold(&mut fold.ledger.book, Layer::Pending, &row.entry()),
        };
        self.known.insert(pushed.body);
        self.changes.merge(changes);
        row
    }
}

fn verdict(book: &Book, pushed: &Pushed) -> (Status, Option<String>) {
    match pushed.tx.as_ref().map(|tx| check(book, tx)) {
        Some(Verdict::Ok) => (Status::Ok, None),
        Some(Verdict::Rejected(reason)) => (Status::Rej, Some(reason.code().to_owned())),
        Some(Verdict::Held(reason)) => (Status::Held, Some(reason.code().to_owned())),
        None => (Status::Held, Some(Rejection::UnknownEvent.code().to_owned())),
    }
}
