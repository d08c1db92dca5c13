//! One round of sync: what goes out, and what is done with the answer.

use super::desk::{Desk, Ports, Refused, json, touched};
use crate::domain::book::Changes;
use crate::domain::event::Transaction;
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};
use crate::sync::engine::Outcome;
use crate::sync::protocol::{
    ALREADY_KNOWN, Cursor, LogEntry, MOST_PAGE, Need, SCHEMA, Status, SyncRequest, SyncResponse, VERSION, push_size,
};

/// What an answer did here.
#[derive(Debug)]
pub struct Applied {
    pub outcome: Outcome,
    pub changes: Changes,
    /// The log is read from its start again: everything has changed.
    pub reset: bool,
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// The next request, with at most so many transactions. `None` before enrolment.
    pub fn sync_request(&self, most: usize) -> Option<SyncRequest> {
        let ledger = self.ledger();
        let identity = ledger.identity.as_ref()?;
        let waiting = || ledger.unsent.range(ledger.acked + 1..).map(|(_, u)| u);
        let count = push_size(waiting().map(|u| u.bytes), most);
        Some(SyncRequest {
            v: VERSION,
            store: identity.store.clone(),
            replica: identity.replica,
            schema: SCHEMA,
            cursor: ledger.cursor.clone(),
            push: waiting().take(count).map(|u| u.entry.clone()).collect(),
            limit: MOST_PAGE,
        })
    }

    /// Takes an answer in: the page, the new cursor and the removal of own transactions that came back, in one write.
    ///
    /// An answer to a question that was asked from elsewhere (another tab was faster) is dropped; it is asked again.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then, and the same page will be asked for again.
    pub async fn apply_answer(&self, answer: SyncResponse) -> Result<Applied, StoreError> {
        let _turn = self.turn.lock().await;
        let outcome = |outcome| Ok(Applied { outcome, changes: Changes::default(), reset: false });
        {
            let mut ledger = self.ledger.borrow_mut();
            ledger.clock_offset = answer.now.saturating_sub(self.ports.now().0);
            ledger.acked = answer.last_seq.min(ledger.writer.next_seq - 1);
        }
        match answer.need {
            Some(Need::Enrol) => return outcome(Outcome::NeedsEnrolment),
            Some(Need::Reset) => {
                self.reset(&answer.epoch).await?;
                return Ok(Applied { outcome: Outcome::Applied { more: true }, changes: Changes::default(), reset: true });
            }
            None => {}
        }
        let (cursor, epoch_is_new) = {
            let ledger = self.ledger();
            (ledger.cursor.clone(), ledger.cursor.epoch.is_empty())
        };
        if answer.from != cursor.g || (answer.epoch != cursor.epoch && !epoch_is_new) {
            return outcome(Outcome::Applied { more: true });
        }
        let first = self.ledger().unsent.keys().next().copied();
        if first.is_some_and(|first| first > answer.last_seq + 1) {
            // The server has lost what this tablet no longer holds; under a new identity the rest can go on.
            return outcome(Outcome::NeedsEnrolment);
        }
        // Only what gets on is asked again at once.
        let more = answer.more || (!answer.res.is_empty() && self.ledger().unsent.range(answer.last_seq + 1..).next().is_some());
        if answer.tx.is_empty() && !epoch_is_new {
            return outcome(Outcome::Applied { more });
        }
        let changes = match self.take_page(&cursor, &answer).await {
            Err(StoreError::Stale) => {
                self.reload_in_turn().await?;
                return outcome(Outcome::Applied { more: true });
            }
            other => other?,
        };
        Ok(Applied { outcome: Outcome::Applied { more }, changes, reset: false })
    }

    async fn take_page(&self, from: &Cursor, answer: &SyncResponse) -> Result<Changes, StoreError> {
        let to = Cursor { epoch: answer.epoch.clone(), g: answer.to };
        let transactions: Vec<Transaction> = answer.tx.iter().filter_map(LogEntry::transaction).collect();
        self.load_orders(touched(transactions.iter()).into_iter()).await?;
        let own = self.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let echoed = || answer.tx.iter().filter(|e| e.replica == own);

        let mut batch = WriteBatch::relaxed();
        let known = (*from != Cursor::default()).then(|| json(from));
        batch.guards.push((MetaKey::Cursor, known));
        // Rows of the journal are named by this identity's numbers.
        batch.guards.push((MetaKey::Identity, self.ledger().identity.as_ref().map(json)));
        batch.put_meta(MetaKey::Cursor, json(&to));
        if !answer.tx.is_empty() {
            batch.put(Table::Tail, to.g, json(&answer.tx));
        }
        let mut refused = Vec::new();
        for entry in echoed() {
            batch.deletes.push((Table::Out, entry.seq));
            // What the log has under an earlier identity is there, and nothing a person has to look at.
            let known = entry.code.as_deref() == Some(ALREADY_KNOWN);
            if let (Status::Rej, false, Some(unsent)) = (entry.s, known, self.ledger().unsent.get(&entry.seq)) {
                let row = Refused { entry: unsent.entry.clone(), code: entry.code.clone().unwrap_or_default() };
                // An earlier identity of this tablet may have left a row under the same number.
                let mut key = entry.seq;
                while self.ledger().refused.contains_key(&key) {
                    key += 1 << 32;
                }
                batch.put(Table::Refused, key, json(&row));
                refused.push((key, row));
            }
        }
        self.store.write(batch).await?;

        let mut ledger = self.ledger.borrow_mut();
        ledger.cursor = to.clone();
        ledger.tail += answer.tx.len();
        if !answer.tx.is_empty() {
            ledger.tail_rows.push(to.g);
        }
        for entry in echoed() {
            ledger.unsent.remove(&entry.seq);
        }
        ledger.refused.extend(refused);
        let mut changes = ledger.apply_confirmed(&answer.tx);
        changes.merge(ledger.replay_unsent());
        let orders = changes.orders.clone();
        ledger.refresh_columns(&orders);
        Ok(changes)
    }

    /// Forgets what was folded, keeps what is unsent, and reads the log from its start.
    async fn reset(&self, epoch: &str) -> Result<(), StoreError> {
        let mut batch = WriteBatch::relaxed();
        batch.clears.extend(Table::DERIVED);
        batch.deletes.push((Table::Meta, MetaKey::Sealed as u64));
        batch.deletes.push((Table::Meta, MetaKey::Settings as u64));
        batch.put_meta(MetaKey::Cursor, json(&Cursor { epoch: epoch.to_owned(), g: 0 }));
        self.store.write(batch).await?;
        self.reload_in_turn().await
    }
}
