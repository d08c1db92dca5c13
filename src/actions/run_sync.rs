//! One round of sync: what goes out, and what is done with the answer.

use super::desk::{Desk, Ports};
use super::ledger::{Refused, SentGroup, from_json, json, touched};
use crate::domain::book::Changes;
use crate::domain::event::Transaction;
use crate::domain::value::id::Replica;
use crate::planted::{Bug, is};
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch, sent_by, sent_key};
use crate::sync::engine::Outcome;
use crate::sync::merge::log_digest;
use crate::sync::protocol::{
    ALREADY_KNOWN, Answer, Cursor, Donated, Donation, LogEntry, MOST_PAGE, MOST_PUSH, Need, PushEntry, SCHEMA, Status,
    SyncRequest, SyncResponse, VERSION, push_size,
};

/// Effect of an answer here.
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
        let _turn = self.take_turn().await?;
        let outcome = |outcome| Ok(Applied { outcome, changes: Changes::default(), reset: false });
        if self.shares_identity(&answer).await? {
            return outcome(Outcome::NeedsEnrolment);
        }
        {
            let mut ledger = self.ledger.borrow_mut();
            ledger.clock_offset = answer.now.saturating_sub(self.ports.now().0);
            ledger.acked = answer.last_seq.min(ledger.writer.next_seq - 1);
        }
        match answer.need {
            Some(Need::Enrol) => return outcome(Outcome::NeedsEnrolment),
            Some(Need::Reset) => {
                match self.reset(&answer).await {
                    Err(StoreError::Stale) => self.reload_in_turn().await?,
                    other => other?,
                }
                return Ok(Applied {
                    outcome: Outcome::Applied { more: true },
                    changes: Changes::default(),
                    reset: true,
                });
            }
            None => self.let_go_of_stand_in().await?,
        }
        let (cursor, epoch_is_new) = {
            let ledger = self.ledger();
            (ledger.cursor.clone(), ledger.cursor.epoch.is_empty())
        };
        if answer.from != cursor.g || (answer.epoch != cursor.epoch && !epoch_is_new) {
            return outcome(Outcome::Applied { more: true });
        }
        // Everything before what waits came back in the log once. An answer from where this tablet stands that has less
        // is of a server that lost it: put back twice, it may have had nothing to say of the first time.
        let waits_from = {
            let ledger = self.ledger();
            ledger.unsent.keys().next().copied().unwrap_or(ledger.writer.next_seq)
        };
        if waits_from > answer.last_seq + 1 {
            return match self.take_back(&answer, waits_from).await {
                Ok(true) => outcome(Outcome::Applied { more: true }),
                // It lost what this tablet no longer holds; under a new identity the rest can go on.
                Ok(false) => outcome(Outcome::NeedsEnrolment),
                Err(StoreError::Stale) => {
                    self.reload_in_turn().await?;
                    outcome(Outcome::Applied { more: true })
                }
                Err(error) => Err(error),
            };
        }
        // Only what gets on is asked again at once.
        let more = answer.more
            || (!answer.res.is_empty() && self.ledger().unsent.range(answer.last_seq + 1..).next().is_some());
        self.let_go(&answer).await?;
        let mut changes = match self.settle_known(&cursor, &answer).await {
            Err(StoreError::Stale) => {
                self.reload_in_turn().await?;
                return outcome(Outcome::Applied { more: true });
            }
            other => other?,
        };
        if answer.tx.is_empty() && !epoch_is_new {
            return Ok(Applied { outcome: Outcome::Applied { more }, changes, reset: false });
        }
        let page = match self.take_page(&cursor, &answer).await {
            Err(StoreError::Stale) => {
                self.reload_in_turn().await?;
                return outcome(Outcome::Applied { more: true });
            }
            other => other?,
        };
        changes.merge(page);
        Ok(Applied { outcome: Outcome::Applied { more }, changes, reset: false })
    }

    /// Settles what waits and is in the log before this tablet's cursor: it is folded here already and never comes
    /// again. Sent once more, it leaves the queue with the answer that says so.
    async fn settle_known(&self, cursor: &Cursor, answer: &SyncResponse) -> Result<Changes, StoreError> {
        let own = self.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let known = |r: &Answer| {
            let unsent = &self.ledger().unsent;
            let entry = unsent.get(&r.seq).filter(|_| r.dup && r.g <= cursor.g).map(|u| u.entry.clone())?;
            let PushEntry { seq, h, body, pd } = entry;
            Some(LogEntry { g: r.g, replica: own, seq, h, s: r.s, code: r.code.clone(), body: Some(body), pd })
        };
        let known: Vec<LogEntry> = answer.res.iter().filter_map(known).collect();
        if known.is_empty() {
            return Ok(Changes::default());
        }
        let mut batch = WriteBatch::relaxed();
        batch.guards.push((MetaKey::Cursor, Some(json(cursor))));
        batch.guards.push((MetaKey::Identity, self.ledger().identity.as_ref().map(json)));
        let refused = self.put_echoed(&mut batch, cursor, answer.safe, known.iter());
        self.store.write(batch).await?;
        let mut ledger = self.ledger.borrow_mut();
        for entry in &known {
            ledger.unsent.remove(&entry.seq);
        }
        ledger.refused.extend(refused);
        let changes = ledger.replay_unsent();
        let orders = changes.orders.clone();
        ledger.refresh_columns(&orders);
        Ok(changes)
    }

    /// Says whether the server has something under this identity that this storage never wrote: there is a copy of it
    /// somewhere.
    async fn shares_identity(&self, answer: &SyncResponse) -> Result<bool, StoreError> {
        let Some(theirs) = answer.last_h.filter(|_| answer.last_seq > 0) else { return Ok(false) };
        {
            let ledger = self.ledger();
            let last = ledger.writer.next_seq - 1;
            if answer.last_seq >= last {
                return Ok(answer.last_seq > last || theirs != ledger.writer.link);
            }
            if let Some(unsent) = ledger.unsent.get(&answer.last_seq) {
                return Ok(unsent.entry.h != theirs);
            }
            if ledger.unsent.range(..answer.last_seq).next().is_some() {
                // Confirmed out of order is not possible.
                return Ok(true);
            }
            if ledger.unsent.keys().next().is_some_and(|first| *first == answer.last_seq + 1) && answer.need.is_none() {
                // Everything before the queue came back in the log once already.
                return Ok(false);
            }
        }
        let own = self.ledger().identity.as_ref().map_or(0, |i| i.replica);
        for (key, bytes) in
            self.store.read(&[Table::Sent]).await?.into_iter().flatten().filter(|(key, _)| sent_by(*key) == own)
        {
            let group: SentGroup = from_json(Table::Sent, key, &bytes)?;
            if let Some(ours) = group.tx.iter().find(|e| e.seq == answer.last_seq) {
                return Ok(ours.h != theirs);
            }
        }
        Ok(false)
    }

    async fn take_page(&self, from: &Cursor, answer: &SyncResponse) -> Result<Changes, StoreError> {
        let before = if from.g == 0 { Some(Default::default()) } else { from.dig };
        let dig = before.map(|dig| answer.tx.iter().fold(dig, |dig, e| log_digest(dig, e.replica, e.seq, e.h, e.s)));
        let to = Cursor { epoch: answer.epoch.clone(), g: answer.to, dig };
        let transactions: Vec<Transaction> = answer.tx.iter().filter_map(LogEntry::transaction).collect();
        self.load_orders(touched(transactions.iter()).into_iter()).await?;
        let own = self.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let echoed = || answer.tx.iter().filter(|e| e.replica == own);

        let mut batch = WriteBatch::relaxed();
        let known = (*from != Cursor::default()).then(|| json(from));
        batch.guards.push((MetaKey::Cursor, known));
        // Rows of the journal are named by this identity's numbers.
        batch.guards.push((MetaKey::Identity, self.ledger().identity.as_ref().map(json)));
        if *from == Cursor::default() {
            // Another tab may have put goods there that stand in for the store's.
            batch.guards.push((MetaKey::Sealed, None));
        }
        batch.put_meta(MetaKey::Cursor, json(&to));
        if !answer.tx.is_empty() {
            batch.put(Table::Tail, to.g, json(&answer.tx));
        }
        let refused = self.put_echoed(&mut batch, &to, answer.safe, echoed());
        if is(Bug::CursorBeforeData) {
            let mut cursor = WriteBatch { guards: batch.guards.clone(), ..WriteBatch::relaxed() };
            cursor.put_meta(MetaKey::Cursor, json(&to));
            self.store.write(cursor).await?;
            batch.guards.clear();
        }
        self.store.write(batch).await?;

        let mut ledger = self.ledger.borrow_mut();
        ledger.cursor = to.clone();
        if !answer.tx.is_empty() {
            ledger.tail_rows.push(to.g);
        }
        for entry in echoed() {
            ledger.unsent.remove(&entry.seq);
        }
        ledger.refused.extend(refused);
        let mut changes = ledger.apply_confirmed(answer.tx.iter().map(LogEntry::entry));
        changes.merge(ledger.replay_unsent());
        let orders = changes.orders.clone();
        ledger.refresh_columns(&orders);
        Ok(changes)
    }

    /// Own transactions that the server has said something of leave the queue: what it took is kept until a backup of
    /// it is safe, what it refused goes to a person.
    pub(super) fn put_echoed<'a>(
        &self,
        batch: &mut WriteBatch,
        to: &Cursor,
        safe: u64,
        echoed: impl Iterator<Item = &'a LogEntry>,
    ) -> Vec<(u64, Refused)> {
        let ledger = self.ledger();
        let own = ledger.identity.as_ref().map_or(0, |i| i.replica);
        let (mut tx, mut refused) = (Vec::new(), Vec::new());
        for e in echoed {
            batch.deletes.push((Table::Out, e.seq));
            let unsent = ledger.unsent.get(&e.seq);
            if unsent.is_none() {
                // It came back once before; a group that ended with it is part of this one now.
                batch.deletes.push((Table::Sent, sent_key(own, e.seq)));
            }
            // What the log has under an earlier identity is there, and nothing a person has to look at.
            let known = e.code.as_deref() == Some(ALREADY_KNOWN);
            if let (Status::Rej, false, Some(unsent)) = (e.s, known, unsent) {
                let row = Refused { entry: unsent.entry.clone(), code: e.code.clone().unwrap_or_default() };
                // An earlier identity of this tablet may have left a row under the same number. The same one comes back
                // a second time when the server had lost it.
                let mut key = e.seq;
                while ledger.refused.get(&key).is_some_and(|r| r.entry.h != e.h) {
                    key += 1 << 32;
                }
                batch.put(Table::Refused, key, json(&row));
                refused.push((key, row));
            }
            if let Some(body) = e.body.clone().filter(|_| e.g > safe) {
                tx.push(PushEntry { seq: e.seq, h: e.h, body, pd: e.pd.clone() });
            }
        }
        if let Some(last) = tx.last() {
            let key = sent_key(own, last.seq);
            batch.put(Table::Sent, key, json(&SentGroup { epoch: to.epoch.clone(), g: to.g, tx }));
        }
        refused
    }

    /// The server's log is not the one that was read here. Keeps what is unsent, puts back into the journal what the
    /// server lost, and lets go of what was read since the last sealing: it is read again from there. If what is sealed
    /// is not of that log either, the server says so again; then this forgets all that was folded, and reads as a new
    /// tablet does what it does not have.
    async fn reset(&self, answer: &SyncResponse) -> Result<(), StoreError> {
        let mut batch = WriteBatch::strict();
        let (own, mut writer) = {
            let ledger = self.ledger();
            batch.guards.push((MetaKey::Identity, ledger.identity.as_ref().map(json)));
            batch.guards.push((MetaKey::Writer, Some(json(&ledger.writer))));
            batch.guards.push((MetaKey::Cursor, (ledger.cursor != Cursor::default()).then(|| json(&ledger.cursor))));
            (ledger.identity.as_ref().map_or(0, |i| i.replica), ledger.writer)
        };
        let mut groups: Vec<(u64, SentGroup)> = Vec::new();
        for (key, bytes) in self.store.read(&[Table::Sent]).await?.into_iter().flatten() {
            groups.push((key, from_json(Table::Sent, key, &bytes)?));
        }
        let back = {
            let ledger = self.ledger();
            // In a new epoch what is sealed may stand though nothing was read since.
            let worth_asking = |sealed: &Cursor| sealed.g < ledger.cursor.g || sealed.epoch != ledger.cursor.epoch;
            let sealed = ledger.sealed.cursor(&answer.epoch).filter(worth_asking);
            // What is sealed here and not there would count twice until the server has said so.
            let lost = |g: u64| {
                groups.iter().any(|(key, of)| sent_by(*key) == own && of.g <= g && of.ends_after(answer.last_seq))
            };
            sealed.filter(|sealed| !lost(sealed.g))
        };
        for (key, group) in groups {
            if back.as_ref().is_some_and(|sealed| group.g <= sealed.g) {
                batch.put(Table::Sent, key, json(&SentGroup { epoch: answer.epoch.clone(), ..group }));
                continue;
            }
            if sent_by(key) != own {
                batch.deletes.push((Table::Sent, key));
                // Written under an earlier identity: it goes on as this one's; what is there all the same is
                // recognised.
                for entry in group.tx {
                    let entry = writer.chain(&entry);
                    batch.put(Table::Out, entry.seq, json(&entry));
                }
                continue;
            }
            keep_or_send(&mut batch, own, key, group, answer);
        }
        let before = self.ledger().writer;
        if writer != before {
            batch.put(Table::Claim, before.claim(), Vec::new());
        }
        batch.put_meta(MetaKey::Writer, json(&writer));
        match back {
            Some(sealed) => {
                batch.clears.push(Table::Tail);
                batch.put_meta(MetaKey::Cursor, json(&sealed));
            }
            None => {
                batch.clear_sealed();
                // Those that the server has, too, need not come again.
                batch.clears.retain(|table| *table != Table::Block);
                // As a new tablet, it may read what the server has sealed instead of the log from its start.
                batch.deletes.push((Table::Meta, MetaKey::Cursor as u64));
            }
        }
        self.store.write(batch).await?;
        self.reload_in_turn().await?;
        let mut ledger = self.ledger.borrow_mut();
        ledger.acked = answer.last_seq.min(ledger.writer.next_seq - 1);
        Ok(())
    }

    /// Puts own confirmed transactions that the server lacks back into the journal. `false` when some of them are not
    /// here.
    async fn take_back(&self, answer: &SyncResponse, waits_from: u64) -> Result<bool, StoreError> {
        let mut batch = WriteBatch::strict();
        let own = {
            let ledger = self.ledger();
            batch.guards.push((MetaKey::Identity, ledger.identity.as_ref().map(json)));
            batch.guards.push((MetaKey::Writer, Some(json(&ledger.writer))));
            ledger.identity.as_ref().map_or(0, |i| i.replica)
        };
        let mut back = 0;
        for (key, bytes) in
            self.store.read(&[Table::Sent]).await?.into_iter().flatten().filter(|(key, _)| sent_by(*key) == own)
        {
            let group: SentGroup = from_json(Table::Sent, key, &bytes)?;
            if group.ends_after(answer.last_seq) {
                back += keep_or_send(&mut batch, own, key, group, answer);
            }
        }
        if back != waits_from - 1 - answer.last_seq {
            return Ok(false);
        }
        self.store.write(batch).await?;
        self.reload_in_turn().await?;
        let mut ledger = self.ledger.borrow_mut();
        ledger.acked = answer.last_seq.min(ledger.writer.next_seq - 1);
        Ok(true)
    }

    /// Lets go of own confirmed transactions that a verified backup of the server holds.
    async fn let_go(&self, answer: &SyncResponse) -> Result<(), StoreError> {
        let known = self.ledger().let_go.clone();
        if answer.safe == 0 || (known.0 == answer.epoch && answer.safe <= known.1) {
            return Ok(());
        }
        let mut batch = WriteBatch::relaxed();
        batch.guards.push((MetaKey::Identity, self.ledger().identity.as_ref().map(json)));
        // What one tablet wrote has its numbers in the order in which it was written: a group whose number is not known
        // any more has a lesser one than the next.
        let mut next = None;
        for (key, bytes) in self.store.read(&[Table::Sent]).await?.into_iter().flatten().rev() {
            let group: SentGroup = from_json(Table::Sent, key, &bytes)?;
            if group.epoch != answer.epoch {
                continue;
            }
            let g = next.filter(|(by, _)| *by == sent_by(key)).map_or(group.g, |(_, g)| group.g.min(g));
            next = Some((sent_by(key), g));
            if g <= answer.safe {
                batch.deletes.push((Table::Sent, key));
            }
        }
        // Of this epoch, too: with another one they were all handed in, and went.
        let (safe, left): (Vec<u64>, Vec<u64>) = self.ledger().heard_rows.iter().partition(|g| **g <= answer.safe);
        if !safe.is_empty() {
            batch.guards.push((MetaKey::Heard, Some(json(&self.ledger().heard_rows))));
            batch.deletes.extend(safe.into_iter().map(|g| (Table::Heard, g)));
            batch.put_meta(MetaKey::Heard, json(&left));
        }
        match self.store.write(batch).await {
            Err(StoreError::Stale) => return Ok(()),
            other => other?,
        }
        let mut ledger = self.ledger.borrow_mut();
        ledger.heard_rows = left;
        ledger.let_go = (answer.epoch.clone(), answer.safe);
        Ok(())
    }

    /// Lists what this tablet still has of others' transactions that the server says it lacks; to be handed in before
    /// the answer is applied. Each is small enough for one request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn donations(&self, answer: &SyncResponse) -> Result<Vec<Donation>, StoreError> {
        if answer.need != Some(Need::Reset) {
            return Ok(Vec::new());
        }
        let own = self.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let there = |replica| answer.chains.iter().find(|c| c.0 == replica).map(|c| c.1);
        let mut lacking = Vec::new();
        for (key, bytes) in self.store.read(&[Table::Heard, Table::Tail]).await?.into_iter().flatten() {
            for e in from_json::<Vec<LogEntry>>(Table::Tail, key, &bytes)? {
                let lacks = e.replica != own && there(e.replica).is_some_and(|last| e.seq > last);
                if let (true, Some(body)) = (lacks, e.body) {
                    lacking
                        .push(Donated { replica: e.replica, entry: PushEntry { seq: e.seq, h: e.h, body, pd: e.pd } });
                }
            }
        }
        let mut donations = Vec::new();
        while !lacking.is_empty() {
            let size = push_size(lacking.iter().map(|d| d.entry.size()), MOST_PUSH);
            let rest = lacking.split_off(size.min(lacking.len()));
            donations.push(Donation {
                v: VERSION,
                epoch: answer.epoch.clone(),
                tx: std::mem::replace(&mut lacking, rest),
            });
        }
        Ok(donations)
    }
}

/// Of a group that came back in the log once, what the server has stays kept, and what it lacks goes into the journal
/// again. Returns how many those are.
fn keep_or_send(batch: &mut WriteBatch, own: Replica, key: u64, group: SentGroup, answer: &SyncResponse) -> u64 {
    batch.deletes.push((Table::Sent, key));
    let (there, lost): (Vec<PushEntry>, Vec<PushEntry>) = group.tx.into_iter().partition(|e| e.seq <= answer.last_seq);
    if let Some(last) = there.last() {
        batch.put(
            Table::Sent,
            sent_key(own, last.seq),
            json(&SentGroup { epoch: answer.epoch.clone(), g: u64::MAX, tx: there }),
        );
    }
    for entry in &lost {
        batch.put(Table::Out, entry.seq, json(entry));
    }
    lost.len() as u64
}
