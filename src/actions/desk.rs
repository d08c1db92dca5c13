//! The desk: one tablet's book, its journal of unsent transactions, and the one way to write into it.

use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, HashSet};

use futures::lock::Mutex;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::domain::book::{Book, Changes};
use crate::domain::decide::{Command, Context, Draft, Salts, decide};
use crate::domain::event::{Body, Event, Hash, MOST_EVENTS, Transaction};
use crate::domain::id::{CustomerId, Id, IdSource, OrderId, ProductId, StaffId, TaxId};
use crate::domain::layered::Layer;
use crate::domain::location::Location;
use crate::domain::order::Order;
use crate::domain::rejection::Rejection;
use crate::domain::settings::Profile;
use crate::domain::staff::Staff;
use crate::domain::stock::{Level, Movement, Place};
use crate::domain::tax::TaxRate;
use crate::domain::time::Timestamp;
use crate::store::chunks::Chunks;
use crate::store::columns::Summary;
use crate::store::{Columns, LocalStore, MetaKey, StoreError, Table, WriteBatch, blocks};
use crate::sync::merge::fold;
use crate::sync::protocol::{Cursor, Enrolment, LogEntry, MOST_REQUEST_BYTES, PushEntry};

/// What an action needs of the world.
pub trait Ports {
    /// The clock of this tablet: recorded, never obeyed.
    fn now(&self) -> Timestamp;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 32];
}

/// Why an action did not happen. Nothing was written then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ActionError {
    Rejected(Rejection),
    /// The tablet's storage refused: what was to be saved is not saved.
    NotSaved(StoreError),
    /// This tablet belongs to no store yet.
    NotEnrolled,
}

impl From<Rejection> for ActionError {
    fn from(reason: Rejection) -> Self {
        Self::Rejected(reason)
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        Self::NotSaved(error)
    }
}

/// What the next own transaction needs. One row, written with every transaction, guarded against other tabs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Writer {
    pub next_seq: u64,
    /// The hash that the next transaction continues.
    pub link: Hash,
    /// The number of the next order; printed behind the tablet's prefix.
    pub next_number: u64,
    pub next_id: u64,
}

impl Default for Writer {
    fn default() -> Self {
        Self { next_seq: 1, link: Hash::default(), next_number: 1, next_id: 1 }
    }
}

/// How far the log is folded into blocks and chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sealed {
    pub g: u64,
    /// Blocks that count; rows beyond are of a sealing that never ended.
    pub blocks: u32,
}

/// An own transaction that the server has not confirmed.
#[derive(Clone, Debug)]
pub struct Unsent {
    pub entry: PushEntry,
    pub tx: Transaction,
    pub bytes: usize,
}

/// An own transaction that the server refused, waiting for a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    pub entry: PushEntry,
    pub code: String,
}

/// Profile, rates, places and people, as one row.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Settings {
    pub profile: Option<Profile>,
    pub taxes: Vec<TaxRate>,
    pub locations: Vec<Location>,
    pub staff: Vec<Staff>,
}

/// Everything a tablet knows, in memory. Written only through [`Desk`].
#[derive(Debug)]
pub struct Ledger {
    pub identity: Option<Enrolment>,
    pub book: Book,
    pub columns: Columns,
    pub writer: Writer,
    pub cursor: Cursor,
    pub sealed: Sealed,
    pub unsent: BTreeMap<u64, Unsent>,
    pub refused: BTreeMap<u64, Refused>,
    /// Transactions confirmed since the last sealing.
    pub tail: usize,
    pub(super) tail_rows: Vec<u64>,
    /// The last own transaction that the server said it has; in memory only.
    pub acked: u64,
    /// The server's clock less ours. Units: ms.
    pub clock_offset: i64,
    pub(super) dirty_orders: HashSet<OrderId>,
    pub(super) dirty_settings: bool,
    pub(super) products: Chunks<ProductId>,
    pub(super) customers: Chunks<CustomerId>,
    pub(super) levels: Chunks<Place>,
    pub(super) cases: Chunks<Id>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            identity: None,
            book: Book::default(),
            columns: Columns::default(),
            writer: Writer::default(),
            cursor: Cursor::default(),
            sealed: Sealed::default(),
            unsent: BTreeMap::new(),
            refused: BTreeMap::new(),
            tail: 0,
            tail_rows: Vec::new(),
            acked: 0,
            clock_offset: 0,
            dirty_orders: HashSet::new(),
            dirty_settings: false,
            products: Chunks::new(Table::Catalog, 128),
            customers: Chunks::new(Table::People, 256),
            levels: Chunks::new(Table::Stock, 1024),
            cases: Chunks::new(Table::Case, 256),
        }
    }
}

/// What a committed transaction was.
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
}

impl<S: LocalStore, P: Ports> Desk<S, P> {
    /// Opens what the store holds.
    ///
    /// # Errors
    /// [`StoreError`]; corrupt rows of the journal are an error, because an order may be in them.
    pub async fn open(store: S, ports: P) -> Result<Self, StoreError> {
        let ledger = load(&store).await?;
        Ok(Self { store, ports, turn: Mutex::new(()), ledger: RefCell::new(ledger) })
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
        let fresh = load(&self.store).await?;
        let mut ledger = self.ledger.borrow_mut();
        let (acked, clock_offset) = (ledger.acked, ledger.clock_offset);
        *ledger = Ledger { acked, clock_offset, ..fresh };
        Ok(())
    }

    /// Takes an identity. What waits goes along: it continues the new identity's chain, byte for byte as it was written,
    /// so what the server had already under the old one is recognised by the identifiers inside and not done twice.
    ///
    /// # Errors
    /// [`StoreError`]; the old identity stands then.
    pub async fn enrol(&self, identity: Enrolment) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        for _ in 0..8 {
            let batch = self.rechain(&identity);
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

    /// The journal as the chain of a new identity.
    fn rechain(&self, identity: &Enrolment) -> WriteBatch {
        let ledger = self.ledger.borrow();
        let mut batch = WriteBatch::strict();
        let known = ledger.identity.as_ref().map(json);
        batch.guards.push((MetaKey::Writer, known.is_some().then(|| json(&ledger.writer))));
        batch.guards.push((MetaKey::Identity, known));
        batch.put_meta(MetaKey::Identity, json(identity));
        // A replaced server may give an old replica number out again, so identifiers start at a place of their own, and
        // a printed number is never printed again.
        let dice = self.ports.random();
        let start = u64::from(u32::from_le_bytes([dice[0], dice[1], dice[2], dice[3]])) << 20;
        let mut writer = Writer { next_id: start + 1, next_number: ledger.writer.next_number, ..Writer::default() };
        batch.clears.push(Table::Out);
        for unsent in ledger.unsent.values() {
            writer.link = Hash::link(writer.link, unsent.entry.body.get());
            let entry = PushEntry { seq: writer.next_seq, h: writer.link, ..unsent.entry.clone() };
            batch.put(Table::Out, entry.seq, json(&entry));
            writer.next_seq += 1;
        }
        batch.put_meta(MetaKey::Writer, json(&writer));
        batch
    }

    /// Decides a command and writes it down. When this returns `Ok`, it is on the medium.
    ///
    /// `beside` goes into the same transaction: local rows that belong with it, like the cart that became an order.
    ///
    /// # Errors
    /// [`ActionError`]; nothing was written then.
    pub async fn act(&self, by: StaffId, command: Command, beside: Vec<(MetaKey, Vec<u8>)>) -> Result<Receipt, ActionError> {
        self.load_orders(command.order().into_iter()).await?;
        self.write(by, beside, |book, cx, number| {
            let mut command = command.clone();
            if let Command::Place { number: n, .. } = &mut command {
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
        by: StaffId,
        beside: Vec<(MetaKey, Vec<u8>)>,
        make: impl Fn(&Book, &mut Context<'_>, &str) -> Result<Draft, Rejection>,
    ) -> Result<Receipt, ActionError> {
        let _turn = self.turn.lock().await;
        for _ in 0..8 {
            let (mut batch, unsent, writer) = self.prepare(by, &make)?;
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
        by: StaffId,
        make: &impl Fn(&Book, &mut Context<'_>, &str) -> Result<Draft, Rejection>,
    ) -> Result<(WriteBatch, Unsent, Writer), ActionError> {
        let ledger = self.ledger.borrow();
        let identity = ledger.identity.as_ref().ok_or(ActionError::NotEnrolled)?;
        let mut writer = ledger.writer;
        let mut ids = IdSource { replica: identity.replica, next: writer.next_id };
        let number = format!("{}-{}", identity.prefix, writer.next_number);
        let at = self.ports.now();
        let mut cx = Context { at, by, ids: &mut ids, salts: Salts::new(self.ports.random()) };
        let Draft { events, parts } = make(&ledger.book, &mut cx, &number)?;
        if events.len() > MOST_EVENTS {
            return Err(Rejection::TooManyEvents.into());
        }
        if events.iter().any(|e| matches!(e, Event::OrderPlaced(o) if o.number == number)) {
            writer.next_number += 1;
        }
        let seq = writer.next_seq;
        let body = Body { at, off: ledger.clock_offset, by, ev: events };
        let raw = RawValue::from_string(String::from_utf8(json(&body)).unwrap_or_default()).map_err(|_| Rejection::UnknownEvent)?;
        writer.link = Hash::link(writer.link, raw.get());
        writer.next_seq += 1;
        writer.next_id = ids.next;
        let entry = PushEntry { seq, h: writer.link, body: raw, pd: parts.clone() };
        let bytes = json(&entry);
        let size = bytes.len();
        // What the server could never take must not stand in the queue.
        if size > MOST_REQUEST_BYTES / 2 {
            return Err(Rejection::TooManyEvents.into());
        }
        let mut batch = WriteBatch::strict();
        batch.guards.push((MetaKey::Writer, Some(json(&ledger.writer))));
        batch.put(Table::Out, seq, bytes);
        batch.put_meta(MetaKey::Writer, json(&writer));
        let tx = Transaction { replica: identity.replica, seq, body, parts };
        Ok((batch, Unsent { entry, tx, bytes: size }, writer))
    }

    fn committed(&self, unsent: Unsent, writer: Writer) -> Receipt {
        let mut ledger = self.ledger.borrow_mut();
        ledger.writer = writer;
        let seq = unsent.entry.seq;
        let placed = unsent.tx.body.ev.iter().find_map(|e| if let Event::OrderPlaced(o) = e { Some(o.order) } else { None });
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

    /// Takes a refused transaction out of the tray; a person has seen to it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn drop_refused(&self, seq: u64) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let mut batch = WriteBatch::strict();
        batch.deletes.push((Table::Refused, seq));
        self.store.write(batch).await?;
        self.ledger.borrow_mut().refused.remove(&seq);
        Ok(())
    }

    /// Brings sealed orders back into memory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load_orders(&self, ids: impl Iterator<Item = OrderId>) -> Result<(), StoreError> {
        let wanted = {
            let ledger = self.ledger.borrow();
            ledger.cold(ids)
        };
        for (id, order) in fetch(&self.store, &wanted).await? {
            let mut ledger = self.ledger.borrow_mut();
            // It may have been loaded, and changed, while the block was read.
            if ledger.book.orders.at(Layer::Confirmed, &id).is_none() {
                ledger.book.orders.put(Layer::Confirmed, id, order);
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Sealed orders that are not in memory, by block.
    pub(super) fn cold(&self, ids: impl Iterator<Item = OrderId>) -> BTreeMap<u32, Vec<(OrderId, u16)>> {
        let mut wanted = BTreeMap::<u32, Vec<(OrderId, u16)>>::new();
        for id in ids.filter(|id| self.book.orders.at(Layer::Confirmed, id).is_none()) {
            if let Some((block, offset)) = self.columns.place(id) {
                wanted.entry(block).or_default().push((id, offset));
            }
        }
        wanted
    }

    pub(super) fn refresh_columns<'a>(&mut self, orders: impl IntoIterator<Item = &'a OrderId>) {
        for id in orders {
            match self.book.orders.get(id) {
                Some(order) => self.columns.put(&Summary::of(order)),
                // Listed while it was pending, and held or refused since; a sealed one is only out of memory.
                None => self.columns.remove_unsealed(*id),
            }
        }
    }

    /// Remembers what the next sealing has to write.
    pub(super) fn touch(&mut self, changes: &Changes) {
        self.dirty_orders.extend(changes.orders.iter().copied());
        self.dirty_settings |= changes.settings;
        changes.products.iter().for_each(|k| self.products.touch(k));
        changes.customers.iter().for_each(|k| self.customers.touch(k));
        changes.places.iter().for_each(|k| self.levels.touch(k));
        changes.cases.iter().for_each(|k| self.cases.touch(k));
    }

    /// Folds confirmed entries in.
    pub(super) fn apply_confirmed(&mut self, entries: &[LogEntry]) -> Changes {
        let mut all = Changes::default();
        for entry in entries {
            let changes = fold(&mut self.book, &entry.entry());
            self.touch(&changes);
            all.merge(changes);
        }
        all
    }

    /// Plays the unsent transactions on top of what is confirmed, anew.
    pub(super) fn replay_unsent(&mut self) -> Changes {
        let mut changes = Changes::default();
        changes.orders.extend(self.book.orders.pending().map(|(id, _)| *id));
        changes.places.extend(self.book.levels.pending().map(|(place, _)| *place));
        changes.products.extend(self.book.products.pending().map(|(id, _)| *id));
        changes.customers.extend(self.book.customers.pending().map(|(id, _)| *id));
        changes.cases.extend(self.book.cases.pending().map(|(id, _)| *id));
        self.book.reset_pending();
        for unsent in self.unsent.values() {
            changes.merge(self.book.apply(Layer::Pending, &unsent.tx));
        }
        changes
    }

    /// Orders with unsent transactions on them.
    pub fn unsent_orders(&self) -> HashSet<OrderId> {
        self.book.orders.pending().map(|(id, _)| *id).collect()
    }
}

/// Orders touched by some events.
pub(super) fn touched<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> HashSet<OrderId> {
    transactions.flat_map(|tx| tx.body.ev.iter().filter_map(Event::order)).collect()
}

pub(super) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn from_json<T: DeserializeOwned>(table: Table, key: u64, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt { table, key })
}

async fn fetch<S: LocalStore>(store: &S, wanted: &BTreeMap<u32, Vec<(OrderId, u16)>>) -> Result<Vec<(OrderId, Order)>, StoreError> {
    let keys: Vec<u64> = wanted.keys().map(|b| u64::from(*b)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store.get(Table::Block, &keys).await?;
    let mut found = Vec::new();
    for ((block, orders), row) in wanted.iter().zip(rows) {
        let corrupt = StoreError::Corrupt { table: Table::Block, key: u64::from(*block) };
        let held = row.as_deref().and_then(blocks::decode).ok_or(corrupt)?;
        for (id, offset) in orders {
            if let Some(order) = held.get(usize::from(*offset)).filter(|o| o.id == *id) {
                found.push((*id, order.clone()));
            }
        }
    }
    Ok(found)
}

/// Reads everything but the blocks, in one transaction, and folds the tail and the unsent transactions over it.
async fn load<S: LocalStore>(store: &S) -> Result<Ledger, StoreError> {
    use Table as T;
    let tables = [T::Meta, T::Out, T::Refused, T::Tail, T::Index, T::Stock, T::Catalog, T::People, T::Case];
    let mut rows = store.read(&tables).await?.into_iter();
    let mut next = || rows.next().unwrap_or_default();
    let meta: BTreeMap<u64, Vec<u8>> = next().into_iter().collect();
    let (out, refused, tail) = (next(), next(), next());
    let mut ledger = Ledger::default();
    fn get<V: DeserializeOwned>(meta: &BTreeMap<u64, Vec<u8>>, key: MetaKey) -> Result<Option<V>, StoreError> {
        meta.get(&(key as u64)).map(|bytes| from_json(Table::Meta, key as u64, bytes)).transpose()
    }
    ledger.identity = get(&meta, MetaKey::Identity)?;
    ledger.writer = get(&meta, MetaKey::Writer)?.unwrap_or_default();
    ledger.cursor = get(&meta, MetaKey::Cursor)?.unwrap_or_default();
    ledger.sealed = get(&meta, MetaKey::Sealed)?.unwrap_or_default();
    ledger.columns = Columns::load(next(), ledger.sealed.blocks)?;
    ledger.load_sealed(meta.get(&(MetaKey::Settings as u64)), next(), next(), next(), next())?;

    let replica = ledger.identity.as_ref().map_or(0, |i| i.replica);
    for (seq, bytes) in out {
        let entry: PushEntry = from_json(Table::Out, seq, &bytes)?;
        let body: Body = from_json(Table::Out, seq, entry.body.get().as_bytes())?;
        let tx = Transaction { replica, seq, body, parts: entry.pd.clone() };
        ledger.unsent.insert(seq, Unsent { entry, tx, bytes: bytes.len() });
    }
    for (seq, bytes) in refused {
        ledger.refused.insert(seq, from_json(Table::Refused, seq, &bytes)?);
    }
    let mut pages = Vec::new();
    for (g, bytes) in tail {
        ledger.tail_rows.push(g);
        pages.push(from_json::<Vec<LogEntry>>(Table::Tail, g, &bytes)?);
    }
    let confirmed: Vec<Transaction> = pages.iter().flatten().filter_map(LogEntry::transaction).collect();
    let needed = touched(confirmed.iter().chain(ledger.unsent.values().map(|u| &u.tx)));
    for (id, order) in fetch(store, &ledger.cold(needed.into_iter())).await? {
        ledger.book.orders.put(Layer::Confirmed, id, order);
    }
    for page in &pages {
        ledger.tail += page.len();
        let changes = ledger.apply_confirmed(page);
        ledger.refresh_columns(&changes.orders);
    }
    let changes = ledger.replay_unsent();
    ledger.refresh_columns(&changes.orders);
    Ok(ledger)
}

impl Ledger {
    fn load_sealed(
        &mut self,
        settings: Option<&Vec<u8>>,
        stock: Vec<crate::store::Row>,
        catalog: Vec<crate::store::Row>,
        people: Vec<crate::store::Row>,
        cases: Vec<crate::store::Row>,
    ) -> Result<(), StoreError> {
        let layer = Layer::Confirmed;
        let book = &mut self.book;
        if let Some(bytes) = settings {
            let corrupt = StoreError::Corrupt { table: Table::Meta, key: MetaKey::Settings as u64 };
            let settings: Settings = postcard::from_bytes(bytes).map_err(|_| corrupt)?;
            if let Some(profile) = settings.profile {
                book.profile.put(layer, (), profile);
            }
            settings.taxes.into_iter().for_each(|t| book.taxes.put(layer, t.id, t));
            settings.locations.into_iter().for_each(|l| book.locations.put(layer, l.id, l));
            settings.staff.into_iter().for_each(|s| book.staff.put(layer, s.id, s));
        }
        let (movements, levels): (Vec<_>, Vec<_>) = stock.into_iter().partition(|(key, _)| *key == super::seal::MOVEMENTS_ROW);
        for (key, bytes) in movements {
            let corrupt = StoreError::Corrupt { table: Table::Stock, key };
            let movements: Vec<Movement> = postcard::from_bytes(&bytes).map_err(|_| corrupt)?;
            book.restore_movements(movements);
        }
        self.levels.load(levels, |place, level: Level| book.levels.put(layer, place, level))?;
        self.products.load(catalog, |id, product: crate::domain::catalog::Product| {
            for v in &product.variants {
                book.variants.put(layer, v.id, id);
            }
            book.products.put(layer, id, product);
        })?;
        self.customers.load(people, |id, customer| book.customers.put(layer, id, customer))?;
        self.cases.load(cases, |id, case| book.cases.put(layer, id, case))
    }

    pub(super) fn settings(&self) -> Settings {
        fn sorted<K: Ord + Clone + Eq + std::hash::Hash, V: Clone>(map: &crate::domain::layered::Layered<K, V>) -> Vec<V> {
            let mut rows: Vec<_> = map.confirmed().collect();
            rows.sort_by(|a, b| a.0.cmp(b.0));
            rows.into_iter().map(|(_, v)| v.clone()).collect()
        }
        Settings {
            profile: self.book.profile.at(Layer::Confirmed, &()).cloned(),
            taxes: sorted::<TaxId, _>(&self.book.taxes),
            locations: sorted(&self.book.locations),
            staff: sorted(&self.book.staff),
        }
    }
}
