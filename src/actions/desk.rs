//! The desk: one tablet's book, its journal of unsent transactions, and the one way to write into it.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, HashSet};

use futures::lock::{Mutex, MutexGuard};
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;

use super::ledger::{Ledger, SentGroup, Unsent, Writer, fetch, from_json, json};
use super::open::{glance, load};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes};
use crate::domain::decide::{Command, Context, Draft, MOST_NOTE, Salts, ask_again, decide};
use crate::domain::event::{Body, Event, MOST_EVENTS, RefusalDropped, Transaction};
use crate::domain::order::Order;
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Actor;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{IdSource, OrderId};
use crate::domain::value::time::Timestamp;
use crate::planted::{Bug, is};
use crate::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch, sent_by};
use crate::sync::protocol::{Enrolment, Known, MOST_REQUEST_BYTES, PushEntry};

/// World that an action needs: clock and chance.
pub trait Ports {
    /// The clock of this tablet: recorded, never obeyed.
    fn now(&self) -> Timestamp;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 32];
}

/// Why an action did not happen. Nothing was written then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ActionError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The tablet's storage refused: what was to be saved is not saved.
    #[error(transparent)]
    NotSaved(#[from] StoreError),
    /// This tablet belongs to no store yet.
    #[error("this tablet belongs to no store")]
    NotEnrolled,
}

impl From<Flaw> for ActionError {
    fn from(flaw: Flaw) -> Self {
        Self::Rejected(flaw.into())
    }
}

/// Description of a committed transaction.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    pub seq: u64,
    pub changes: Changes,
    /// The order that was placed by it.
    pub placed: Option<OrderId>,
}

/// See the module.
pub struct Desk<S, P> {
    pub store: S,
    pub ports: P,
    /// One writer at a time in this tab; other tabs are kept off by guards.
    pub(super) turn: Mutex<()>,
    pub(super) ledger: RefCell<Ledger>,
    /// Number from which identifiers go on after opening: storage that was copied to another machine would give the
    /// same ones out there.
    fresh_ids: Cell<Option<u64>>,
    /// Says whether everything is read, not only a glance.
    whole: Cell<bool>,
    /// Says whether the last round failed: then nobody says what others sell.
    pub offline: Cell<bool>,
    /// Says whether a row that can be fetched again could not be read, and all of them were let go of for it.
    pub mended: Cell<bool>,
}

/// Reads everything. Where a row that the server has, too, cannot be read, all of those are let go of, to be fetched
/// again; what only this tablet has is never touched. The flag says whether that was so.
async fn load_mended<S: LocalStore>(store: &S) -> Result<(Ledger, bool), StoreError> {
    match load(store).await {
        Err(error) if error.can_be_fetched_again() => {
            let mut batch = WriteBatch::relaxed();
            batch.let_go_of_sealed();
            store.write(batch).await?;
            Ok((load(store).await?, true))
        }
        other => Ok((other?, false)),
    }
}

/// A place in a replica's identifiers that nobody else has, as far as dice go.
fn fresh_ids(ports: &impl Ports) -> u64 {
    let dice = ports.random();
    (u64::from(u32::from_le_bytes([dice[0], dice[1], dice[2], dice[3]])) << 20) + 1
}

/// As many open orders are kept in memory for comparison.
const MOST_OPEN: usize = 1_000;
/// Blocks that are read for them, the newest: a shop's open orders stand together, and opening has to stay quick where
/// they do not.
const MOST_OPEN_BLOCKS: usize = 16;

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Opens what the store holds.
    ///
    /// # Errors
    /// [`StoreError`]; corrupt rows of the journal are an error, because an order may be in them.
    pub async fn open(store: S, ports: P) -> Result<Self, StoreError> {
        let (ledger, mended) = load_mended(&store).await?;
        let desk = Self::with(store, ports, ledger);
        desk.mended.set(mended);
        Ok(desk)
    }

    /// Opens with a [`glance`] at the newest orders; [`Self::read_whole`] reads the rest, and whatever writes or opens
    /// an order before that does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn glance(store: S, ports: P) -> Result<Self, StoreError> {
        let ledger = match glance(&store).await {
            Err(error) if error.can_be_fetched_again() => return Self::open(store, ports).await,
            other => other?,
        };
        let desk = Self::with(store, ports, ledger);
        desk.whole.set(false);
        Ok(desk)
    }

    fn with(store: S, ports: P, ledger: Ledger) -> Self {
        let fresh_ids = Cell::new(Some(fresh_ids(&ports)));
        Self {
            store,
            ports,
            turn: Mutex::new(()),
            ledger: RefCell::new(ledger),
            fresh_ids,
            whole: Cell::new(true),
            offline: Cell::new(true),
            mended: Cell::new(false),
        }
    }

    /// One writer at a time, and none before everything is read.
    pub(super) async fn take_turn(&self) -> Result<MutexGuard<'_, ()>, StoreError> {
        let turn = self.turn.lock().await;
        if !self.whole.get() {
            self.reload_in_turn().await?;
        }
        Ok(turn)
    }

    /// Reads what a [`Self::glance`] left out, if that was not done yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_whole(&self) -> Result<(), StoreError> {
        if self.whole.get() { Ok(()) } else { self.take_turn().await.map(drop) }
    }

    /// Looks into the ledger. The borrow must not live across an await.
    pub fn ledger(&self) -> Ref<'_, Ledger> {
        self.ledger.borrow()
    }

    /// Looks into the ledger where looking sorts or caches.
    pub fn with_mut<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.ledger.borrow_mut())
    }

    /// Reads everything again, because another tab wrote.
    ///
    /// # Errors
    /// [`StoreError`]; what was known stays then.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        self.reload_in_turn().await
    }

    pub(super) async fn reload_in_turn(&self) -> Result<(), StoreError> {
        let (fresh, mended) = load_mended(&self.store).await?;
        self.mended.set(self.mended.get() || mended);
        self.take_over(fresh);
        Ok(())
    }

    /// Lets go of all rows that the server has, too, because one of them cannot be read; they are fetched again. What
    /// was asked for is looked at once more first: another tab may have written it anew.
    ///
    /// # Errors
    /// [`StoreError`]; everything stands then.
    pub async fn mend(&self, asked: OrderId) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        self.reload_in_turn().await?;
        let wanted = self.ledger().cold([asked].into_iter());
        let dictionary = self.ledger().dictionary.clone();
        match fetch(&self.store, &dictionary, &wanted).await {
            Err(error) if error.can_be_fetched_again() => {}
            other => return other.map(drop),
        }
        let mut batch = WriteBatch::relaxed();
        let known = (self.ledger().cursor.clone(), self.ledger().sealed);
        batch.guards.extend([(MetaKey::Cursor, Some(json(&known.0))), (MetaKey::Sealed, Some(json(&known.1)))]);
        batch.let_go_of_sealed();
        self.store.write(batch).await?;
        self.mended.set(true);
        self.reload_in_turn().await
    }

    /// Puts what was read in the place of what was known.
    pub(super) fn take_over(&self, fresh: Ledger) {
        self.whole.set(true);
        let mut ledger = self.ledger.borrow_mut();
        let (acked, clock_offset) = (ledger.acked, ledger.clock_offset);
        *ledger = Ledger { acked, clock_offset, ..fresh };
    }

    /// Takes an identity. What waits goes along: it continues the new identity's chain, byte for byte as it was
    /// written, so what the server had already under the old one is recognised by the identifiers inside and not done
    /// twice.
    ///
    /// # Errors
    /// [`StoreError`]; the old identity stands then.
    pub async fn enrol(&self, identity: Enrolment) -> Result<(), StoreError> {
        let _turn = self.take_turn().await?;
        for _ in 0..8 {
            let batch = self.rechain(&identity).await?;
            match self.store.write(batch).await {
                Ok(()) => {
                    self.reload_in_turn().await?;
                    self.ledger.borrow_mut().acked = 0;
                    return Ok(());
                }
                // Another tab wrote an order that this one has not read; it has to come along.
                Err(StoreError::Stale) => self.reload_in_turn().await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Stale)
    }

    /// The last of each identity's transactions that came back in the log and are in no backup, for the server to look
    /// up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_sent(&self) -> Result<Vec<Known>, StoreError> {
        let mut last = BTreeMap::new();
        for (key, bytes) in self.store.read(&[Table::Sent]).await?.into_iter().flatten() {
            let group: SentGroup = from_json(Table::Sent, key, &bytes)?;
            if let Some(e) = group.tx.last() {
                last.insert(sent_by(key), Known { replica: sent_by(key), seq: e.seq, h: e.h });
            }
        }
        Ok(last.into_values().collect())
    }

    /// The journal as the chain of a new identity. What the server once confirmed and does not have any more goes
    /// before.
    async fn rechain(&self, identity: &Enrolment) -> Result<WriteBatch, StoreError> {
        let mut lost = Vec::new();
        let mut deletes = Vec::new();
        for (key, bytes) in self.store.read(&[Table::Sent]).await?.into_iter().flatten() {
            if identity.lacks.contains(&sent_by(key)) {
                lost.extend(from_json::<SentGroup>(Table::Sent, key, &bytes)?.tx);
                deletes.push((Table::Sent, key));
            }
        }
        let ledger = self.ledger.borrow();
        let mut batch = WriteBatch::strict();
        let known = ledger.identity.as_ref().map(json);
        batch.guards.push((MetaKey::Writer, known.is_some().then(|| json(&ledger.writer))));
        batch.guards.push((MetaKey::Identity, known));
        // A tab that does not know yet may not go on as who it was.
        batch.puts.push((Table::Claim, ledger.writer.claim(), Vec::new()));
        batch.put_meta(MetaKey::Identity, json(identity));
        // A replaced server may give an old replica number out again, so identifiers start at a place of their own, and
        // a printed number is never printed again.
        let mut writer =
            Writer { next_id: fresh_ids(&self.ports), next_number: ledger.writer.next_number, ..Writer::default() };
        batch.clears.push(Table::Out);
        batch.deletes = deletes;
        if ledger.sealed.is_stand_in() {
            // They were another identity's, and maybe another store's.
            batch.clear_sealed();
        }
        for known in lost.iter().chain(ledger.unsent.values().map(|u| &u.entry)).filter(|_| !is(Bug::QueueDropped)) {
            let entry = writer.chain(known);
            batch.put(Table::Out, entry.seq, json(&entry));
        }
        batch.put_meta(MetaKey::Writer, json(&writer));
        Ok(batch)
    }

    /// Decides a command and writes it down. When this returns `Ok`, it is on the medium.
    ///
    /// `beside` goes into the same transaction: local rows that belong with it, like the cart that became an order.
    ///
    /// # Errors
    /// [`ActionError`]; nothing was written then.
    pub async fn act(
        &self,
        by: impl Into<Actor>,
        command: Command,
        beside: Vec<(MetaKey, Vec<u8>)>,
    ) -> Result<Receipt, ActionError> {
        if command.needs_the_log() && self.ledger().is_new() {
            return Err(Rejection::NotReadYet.into());
        }
        let mut orders = command.orders();
        if let Command::TakePutAside(case) | Command::AcceptHeld(case) = &command {
            orders.extend(self.ledger().book.cases.get(case).into_iter().flat_map(|case| case.kind.orders()));
        }
        self.load_orders(orders.into_iter()).await?;
        self.write(by, beside, |book, cx, number| {
            let mut command = command.clone();
            if let Command::Place { number: n, .. }
            | Command::PlaceAndAsk { number: n, .. }
            | Command::Split { number: n, .. }
            | Command::Purchase { number: n, .. } = &mut command
            {
                number.clone_into(n);
            }
            decide(book, command, cx)
        })
        .await
    }

    /// Writes what `make` drafts as one strict transaction. It may be asked again when another tab was faster.
    ///
    /// # Errors
    /// [`ActionError`].
    pub async fn write(
        &self,
        by: impl Into<Actor>,
        beside: Vec<(MetaKey, Vec<u8>)>,
        make: impl Fn(&Book, &mut Context<'_>, &str) -> Result<Draft, Rejection>,
    ) -> Result<Receipt, ActionError> {
        let by = by.into();
        let _turn = self.take_turn().await?;
        for attempt in 0..8 {
            let (mut batch, unsent, writer) = self.prepare(by, &make)?;
            if attempt > 0 {
                // Two states of a writer may share a claim, once in millions of years; what is stored decides then.
                batch.waive_claims();
            }
            for (key, bytes) in &beside {
                batch.put_meta(*key, bytes.clone());
            }
            match self.store.write(batch).await {
                Ok(()) => return Ok(self.committed(unsent, writer)),
                Err(StoreError::Stale) => self.reload_in_turn().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(ActionError::NotSaved(StoreError::Stale))
    }

    fn prepare(
        &self,
        by: Actor,
        make: &impl Fn(&Book, &mut Context<'_>, &str) -> Result<Draft, Rejection>,
    ) -> Result<(WriteBatch, Unsent, Writer), ActionError> {
        let ledger = self.ledger.borrow();
        let identity = ledger.identity.as_ref().ok_or(ActionError::NotEnrolled)?;
        let mut writer = ledger.writer;
        let mut ids = IdSource { replica: identity.replica, next: self.fresh_ids.get().unwrap_or(writer.next_id) };
        let number = format!("{}-{}", identity.prefix, writer.next_number);
        let at = self.ports.now();
        let salts = Salts::new(self.ports.random());
        let mut cx =
            Context { at, by: by.by, approved: by.approved, ids: &mut ids, offline: self.offline.get(), salts };
        let Draft { events, parts } = make(&ledger.book, &mut cx, &number)?;
        if events.len() > MOST_EVENTS {
            return Err(Rejection::TooManyEvents.into());
        }
        let numbered = |e: &Event| match e {
            Event::OrderPlaced(o) => o.number == number,
            Event::PurchaseOrdered(p) => p.number == number,
            _ => false,
        };
        if events.iter().any(numbered) {
            writer.next_number += 1;
        }
        let body = Body { at, off: ledger.clock_offset, by: by.by, ok: by.approved, ev: events };
        let raw = to_raw_value(&body).map_err(|_| Rejection::UnknownEvent)?;
        writer.next_id = ids.next;
        let entry = writer.chain(&PushEntry { seq: 0, h: Hash::default(), body: raw, pd: parts.clone() });
        let bytes = json(&entry);
        let size = bytes.len();
        // What the server could never take must not stand in the queue.
        if size > MOST_REQUEST_BYTES / 2 {
            return Err(Rejection::TooManyEvents.into());
        }
        let mut batch = WriteBatch::strict();
        if !is(Bug::SeqOutsideTransaction) {
            batch.guards.push((MetaKey::Writer, Some(json(&ledger.writer))));
            batch.claims.push(ledger.writer.claim());
        }
        batch.put(Table::Out, entry.seq, bytes);
        batch.put_meta(MetaKey::Writer, json(&writer));
        let tx = Transaction { replica: identity.replica, seq: entry.seq, body, parts };
        Ok((batch, Unsent { entry, tx, bytes: size }, writer))
    }

    fn committed(&self, unsent: Unsent, writer: Writer) -> Receipt {
        let mut ledger = self.ledger.borrow_mut();
        ledger.writer = writer;
        self.fresh_ids.set(None);
        let seq = unsent.entry.seq;
        let placed =
            unsent.tx.body.ev.iter().find_map(|e| if let Event::OrderPlaced(o) = e { Some(o.order) } else { None });
        let changes = ledger.book.apply(Layer::Pending, &unsent.tx);
        ledger.unsent.insert(seq, unsent);
        ledger.refresh_columns(&changes.orders);
        Receipt { seq, changes, placed }
    }

    /// Writes local rows that no other tablet needs to know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(&self, key: MetaKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        let mut batch = WriteBatch::relaxed();
        batch.put_meta(key, bytes);
        self.store.write(batch).await
    }

    /// Local rows back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept<T: DeserializeOwned>(&self, key: MetaKey) -> Result<Option<T>, StoreError> {
        let rows = self.store.get(Table::Meta, &[key as u64]).await?;
        Ok(rows.into_iter().next().flatten().and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Asks again for what the server refused, as a new transaction, now that somebody may or what was missing is
    /// there. It leaves the tray once the new one is on the medium; asked for twice, it is the same twice.
    ///
    /// # Errors
    /// [`ActionError`]; it stays in the tray then.
    pub async fn mend_refused(&self, by: impl Into<Actor>, key: u64) -> Result<Receipt, ActionError> {
        let Some(refused) = self.ledger().refused.get(&key).cloned() else {
            return Err(Rejection::UnknownEvent.into());
        };
        let body: Body =
            serde_json::from_slice(refused.entry.body.get().as_bytes()).map_err(|_| Rejection::UnknownEvent)?;
        let receipt = self.write(by, Vec::new(), |book, cx, _| ask_again(book, &body, &refused.entry.pd, cx)).await?;
        self.forget_refused(key).await?;
        Ok(receipt)
    }

    /// Lets go of what the server refused. That, and why, goes into the log.
    ///
    /// # Errors
    /// [`ActionError`]; it stays in the tray then.
    pub async fn drop_refused(&self, by: impl Into<Actor>, key: u64, reason: &str) -> Result<Receipt, ActionError> {
        let Some(refused) = self.ledger().refused.get(&key).cloned() else {
            return Err(Rejection::UnknownEvent.into());
        };
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Rejection::Flaw(Flaw::Empty { field: Field::Reason }).into());
        }
        let reason: String = reason.chars().take(MOST_NOTE).collect();
        let event = Event::RefusalDropped(RefusalDropped { seq: refused.entry.seq, code: refused.code, reason });
        let make =
            |_: &Book, _: &mut Context<'_>, _: &str| Ok(Draft { events: vec![event.clone()], ..Draft::default() });
        let receipt = self.write(by, Vec::new(), make).await?;
        self.forget_refused(key).await?;
        Ok(receipt)
    }

    async fn forget_refused(&self, seq: u64) -> Result<(), StoreError> {
        let _turn = self.take_turn().await?;
        let mut batch = WriteBatch::strict();
        batch.deletes.push((Table::Refused, seq));
        self.store.write(batch).await?;
        self.ledger.borrow_mut().refused.remove(&seq);
        Ok(())
    }

    /// Brings the newest open orders back into memory: what is taken is compared with them. So are those that are
    /// outstanding: they are listed. To be called once it is open, and once everything is here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load_open_orders(&self) -> Result<(), StoreError> {
        let here = self.with_mut(|ledger| {
            let open = ledger.open_orders(MOST_OPEN);
            let mut open = ledger.cold(open.into_iter());
            open.retain(|block, _| ledger.not_here(*block).is_none());
            while open.len() > MOST_OPEN_BLOCKS {
                open.pop_first();
            }
            // However old they are: nobody else says that somebody waits for an answer.
            let outstanding = ledger.book.outstanding.iter().filter(|(_, is)| **is).map(|(id, _)| *id);
            let mut outstanding = ledger.cold(outstanding);
            outstanding.retain(|block, _| ledger.not_here(*block).is_none());
            open.into_values()
                .chain(outstanding.into_values())
                .flatten()
                .map(|(id, _)| id)
                .collect::<HashSet<OrderId>>()
        });
        self.load_orders(here.into_iter()).await
    }

    /// Brings sealed orders back into memory.
    ///
    /// # Errors
    /// [`StoreError`]; `NotHere` while the server has not handed one over yet.
    pub async fn load_orders(&self, ids: impl Iterator<Item = OrderId>) -> Result<(), StoreError> {
        self.read_whole().await?;
        let wanted = {
            let ledger = self.ledger.borrow();
            ledger.cold(ids)
        };
        if let Some(block) = wanted.keys().find(|block| self.ledger().not_here(**block).is_some()) {
            return Err(StoreError::NotHere { block: *block });
        }
        let dictionary = self.ledger().dictionary.clone();
        for (id, order) in fetch(&self.store, &dictionary, &wanted).await? {
            let mut ledger = self.ledger.borrow_mut();
            // It may have been loaded, and changed, while the block was read.
            if ledger.book.orders.at(Layer::Confirmed, &id).is_none() {
                ledger.book.orders.put(Layer::Confirmed, id, order);
            }
        }
        Ok(())
    }

    /// Some orders as they are, for figures: sealed ones are read and not kept in memory. Those that the server has not
    /// handed over yet are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_orders(&self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        self.read_whole().await?;
        let (mut orders, wanted) = {
            let ledger = self.ledger.borrow();
            let known: Vec<Order> = ids.iter().filter_map(|id| ledger.book.orders.get(id).cloned()).collect();
            let mut wanted = ledger.cold(ids.iter().copied().filter(|id| ledger.book.orders.get(id).is_none()));
            wanted.retain(|block, _| ledger.not_here(*block).is_none());
            (known, wanted)
        };
        let dictionary = self.ledger().dictionary.clone();
        orders.extend(fetch(&self.store, &dictionary, &wanted).await?.into_iter().map(|(_, order)| order));
        Ok(orders)
    }
}
