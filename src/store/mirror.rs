//! A second place for what only this tablet has, should the browser lose the database.
//!
//! Browsers do, whatever durability was asked for. Chromium's LevelDB goes on writing behind a record that a kill cut
//! off, cannot read that log the next time, and begins with an empty one (`google/leveldb`, issue 1287): a kill between
//! two writes of one record, about one in a thousand while somebody sells, and everything is gone at the opening after
//! the next. So who this tablet is, where its chain stands, what it has not sent, what was refused and the carts stand
//! in a place of another kind, too ([`Mirror`]). What the server has is fetched from there; until it is reached, goods
//! as they were some time ago stand in for it ([`Goods`]).
//!
//! The mirror follows the database a moment later and is never waited for: a kill in that moment loses nothing, unless
//! the browser had lost the database as well. It may have more than the database: what was sent stays in it until it is
//! [`Mirrored::tidy`]. Sent again, the server says that it has it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{LocalStore, MetaKey, Row, StoreError, Table, WriteBatch};
use crate::domain::event::Body;
use crate::sync::protocol::{Enrolment, PushEntry};

/// The second place: records by name. Best effort; a place that is missing or full keeps nothing and says nothing.
#[allow(async_fn_in_trait, reason = "used generically inside this crate; a browser's futures are never Send")]
pub trait Mirror {
    /// Written soon, in the order asked for.
    fn put(&self, name: String, bytes: Vec<u8>);

    /// Gone soon, in the order asked for.
    fn remove(&self, name: String);

    /// All of them gone soon, in the order asked for.
    fn clear(&self);

    /// The names of all that is there by now.
    async fn names(&self) -> Vec<String>;

    async fn get(&self, name: &str) -> Option<Vec<u8>>;
}

/// [`Enrolment`], as in `meta`.
const IDENTITY: &str = "identity";
/// The writer's row, as in `meta`, where no transaction brought it along.
const WRITER: &str = "writer";
/// `out/{seq}`: the writer's row after it, a line feed, and the row of the journal.
const OUT: &str = "out/";
/// `refused/{key}`: the row.
const REFUSED: &str = "refused/";

/// The row of the carts, as in `meta`.
const CARTS: &str = "carts";
/// Postcard of [`Goods`]: one record, so it is all of one moment or not there.
const GOODS: &str = "goods";
/// Confirmed rows of one moment, with which a tablet whose database was lost can sell until it reaches the server.
#[derive(Serialize, Deserialize)]
pub struct Goods {
    /// Identity of the tablet whose they are: the row of `meta`.
    pub identity: ByteBuf,
    /// The rows of `meta`; none before the first sealing.
    pub sealed: Option<ByteBuf>,
    pub settings: Option<ByteBuf>,
    /// Rows of [`Table::MIRRORED`], in their order.
    pub rows: Vec<Vec<(u64, ByteBuf)>>,
}

/// Bytes that a row takes in the record beside its own, at most, its part of the rest among them.
const A_ROW_MORE: usize = 64;

/// So many sent transactions in the mirror are worth tidying.
const UNTIDY: usize = 64;

/// A store whose rows of [`Table::Out`] and [`Table::Refused`], identity, writer and carts stand in a [`Mirror`], too.
pub struct Mirrored<S, M> {
    store: S,
    mirror: M,
    /// Rows that left the journal since it was tidied.
    settled: Cell<usize>,
    /// Cursor of the log when this page last wrote the goods.
    kept: RefCell<Option<Vec<u8>>>,
}

/// As much of a writer's row as says which is the latest.
#[derive(Deserialize)]
struct Next {
    next_seq: u64,
}

impl<S: LocalStore, M: Mirror> Mirrored<S, M> {
    pub fn new(store: S, mirror: M) -> Self {
        Self { store, mirror, settled: Cell::new(0), kept: RefCell::default() }
    }

    /// Puts what the mirror has back into a database that was lost. To be asked when no identity was found: a tablet
    /// that was signed out has none either, but has claims left. `false` when there is nothing to be put back.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was put back then.
    pub async fn restore(&self) -> Result<bool, StoreError> {
        let Some(identity) = self.mirror.get(IDENTITY).await.filter(|row| is::<Enrolment>(row)) else {
            return Ok(false);
        };
        if self.store.get(Table::Meta, &[MetaKey::Identity as u64]).await?.iter().any(Option::is_some) {
            return Ok(false);
        }
        if self.has_claims().await? {
            // Signed out, and what was kept of it did not go along.
            self.mirror.clear();
            return Ok(false);
        }
        let mut batch = WriteBatch::strict();
        let mut writers = vec![self.mirror.get(WRITER).await.unwrap_or_default()];
        for name in self.mirror.names().await {
            let Some((table, key)) = place(&name) else { continue };
            let Some(record) = self.mirror.get(&name).await else { continue };
            if table == Table::Refused {
                batch.put(table, key, record);
                continue;
            }
            let (writer, row) = split(&record);
            writers.push(writer.to_vec());
            // One that cannot be read would keep the whole tablet from opening.
            let entry = serde_json::from_slice::<PushEntry>(row).ok();
            if entry.is_some_and(|e| e.seq == key && is::<Body>(e.body.get().as_bytes())) {
                batch.put(Table::Out, key, row.to_vec());
            }
        }
        let next = |row: &Vec<u8>| serde_json::from_slice::<Next>(row).map_or(0, |w| w.next_seq);
        if let Some(writer) = writers.into_iter().max_by_key(next).filter(|row| next(row) > 0) {
            batch.put_meta(MetaKey::Writer, writer);
        }
        batch.put_meta(MetaKey::Identity, identity);
        if let Some(carts) = self.mirror.get(CARTS).await {
            batch.put_meta(MetaKey::Carts, carts);
        }
        // Another tab may be doing the same.
        batch.guards.push((MetaKey::Identity, None));
        match self.store.write(batch).await {
            Ok(()) | Err(StoreError::Stale) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Says whether this storage belonged to somebody: claims stay, whatever else goes.
    async fn has_claims(&self) -> Result<bool, StoreError> {
        Ok(self.store.read(&[Table::Claim]).await?.iter().any(|rows| !rows.is_empty()))
    }

    /// Goods as they were kept last, if any.
    pub async fn goods(&self) -> Option<Goods> {
        postcard::from_bytes(&self.mirror.get(GOODS).await?).ok()
    }

    /// Keeps goods as they are now, unless this page kept them when the log was read as far, or nothing of it was read.
    /// It reads all of them: to be called when nobody waits, not often, and after [`Self::tidy`], or what was sent is
    /// in both.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_goods(&self) -> Result<(), StoreError> {
        let read_to = self.store.get(Table::Meta, &[MetaKey::Cursor as u64]).await?.pop().flatten();
        if read_to.is_none() || read_to == *self.kept.borrow() {
            return Ok(());
        }
        let tables: Vec<Table> = std::iter::once(Table::Meta).chain(Table::MIRRORED.iter().copied()).collect();
        let mut tables = self.store.read(&tables).await?.into_iter();
        let mut meta: BTreeMap<u64, Vec<u8>> = tables.next().unwrap_or_default().into_iter().collect();
        let mut row = |key: MetaKey| meta.remove(&(key as u64));
        let (Some(read_to), Some(identity)) = (row(MetaKey::Cursor), row(MetaKey::Identity)) else { return Ok(()) };
        let (sealed, settings) = (row(MetaKey::Sealed).map(Into::into), row(MetaKey::Settings).map(Into::into));
        let rows: Vec<Vec<(u64, ByteBuf)>> =
            tables.map(|rows| rows.into_iter().map(|(key, bytes)| (key, bytes.into())).collect()).collect();
        // Megabytes: room for them once, instead of twice as much each time it is used up.
        let room = rows.iter().flatten().map(|(_, bytes)| bytes.len() + A_ROW_MORE).sum();
        let goods = Goods { identity: identity.into(), sealed, settings, rows };
        if let Ok(bytes) = postcard::to_extend(&goods, Vec::with_capacity(room)) {
            self.mirror.put(GOODS.to_owned(), bytes);
            *self.kept.borrow_mut() = Some(read_to);
        }
        Ok(())
    }

    /// Says whether [`Self::tidy`] is worth its while.
    pub fn is_untidy(&self) -> bool {
        self.settled.get() >= UNTIDY
    }

    /// Brings the mirror to what the database has: removes what was sent and adds what is missing. To be called once it
    /// is open, and when it [`Self::is_untidy`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tidy(&self) -> Result<(), StoreError> {
        self.settled.set(0);
        // Names first: whatever is there by now was in the database before, so nothing newer than what is read next is
        // removed.
        let there = self.mirror.names().await;
        let mut tables = self.store.read(&[Table::Meta, Table::Out, Table::Refused]).await?.into_iter();
        let mut next = || tables.next().unwrap_or_default();
        let (meta, out, refused): (BTreeMap<u64, Vec<u8>>, Vec<Row>, Vec<Row>) =
            (next().into_iter().collect(), next(), next());
        let row = |key: MetaKey| meta.get(&(key as u64));
        let (Some(identity), Some(writer)) = (row(MetaKey::Identity), row(MetaKey::Writer)) else {
            // Without a claim, either, the database was lost under this page: the next opening puts back what is here.
            if self.has_claims().await? {
                self.mirror.clear();
            }
            return Ok(());
        };
        self.mirror.put(IDENTITY.to_owned(), identity.clone());
        self.mirror.put(WRITER.to_owned(), writer.clone());
        if let Some(carts) = row(MetaKey::Carts) {
            self.mirror.put(CARTS.to_owned(), carts.clone());
        }
        let mut wanted = Vec::with_capacity(out.len() + refused.len());
        wanted.extend(out.into_iter().map(|(seq, row)| (format!("{OUT}{seq}"), record(&[], &row))));
        wanted.extend(refused.into_iter().map(|(key, row)| (format!("{REFUSED}{key}"), row)));
        let wanted: BTreeMap<String, Vec<u8>> = wanted.into_iter().collect();
        for name in there.iter().filter(|name| place(name).is_some() && !wanted.contains_key(*name)) {
            self.mirror.remove(name.clone());
        }
        for (name, record) in wanted {
            if !there.contains(&name) {
                self.mirror.put(name, record);
            }
        }
        Ok(())
    }

    /// Takes over what was just written.
    fn follow(&self, changes: &Changes) {
        if changes.anew {
            self.mirror.clear();
            self.kept.take();
        }
        if let Some(identity) = &changes.identity {
            self.mirror.put(IDENTITY.to_owned(), identity.clone());
        }
        if let Some(carts) = &changes.carts {
            self.mirror.put(CARTS.to_owned(), carts.clone());
        }
        let writer = changes.writer.as_deref().unwrap_or_default();
        if changes.out.is_empty() && !writer.is_empty() {
            self.mirror.put(WRITER.to_owned(), writer.to_vec());
        }
        for (seq, row) in &changes.out {
            self.mirror.put(format!("{OUT}{seq}"), record(writer, row));
        }
        for (key, row) in &changes.refused {
            let name = format!("{REFUSED}{key}");
            match row {
                Some(row) => self.mirror.put(name, row.clone()),
                None => self.mirror.remove(name),
            }
        }
        // What a new beginning did not bring along is added soon.
        let settled = if changes.anew { UNTIDY } else { changes.settled };
        self.settled.set(self.settled.get() + settled);
    }
}

/// Part of a batch that concerns the mirror.
#[derive(Default)]
struct Changes {
    anew: bool,
    identity: Option<Vec<u8>>,
    writer: Option<Vec<u8>>,
    carts: Option<Vec<u8>>,
    out: Vec<Row>,
    refused: Vec<(u64, Option<Vec<u8>>)>,
    settled: usize,
}

impl Changes {
    fn of(batch: &WriteBatch) -> Self {
        let mut changes =
            Self { anew: batch.clears.iter().any(|t| matches!(t, Table::Out | Table::Meta)), ..Self::default() };
        for (table, key) in &batch.deletes {
            match table {
                Table::Out => changes.settled += 1,
                Table::Refused => changes.refused.push((*key, None)),
                _ => {}
            }
        }
        for (table, key, bytes) in &batch.puts {
            match table {
                Table::Out => changes.out.push((*key, bytes.clone())),
                Table::Refused => changes.refused.push((*key, Some(bytes.clone()))),
                Table::Meta if *key == MetaKey::Identity as u64 => changes.identity = Some(bytes.clone()),
                Table::Meta if *key == MetaKey::Writer as u64 => changes.writer = Some(bytes.clone()),
                Table::Meta if *key == MetaKey::Carts as u64 => changes.carts = Some(bytes.clone()),
                _ => {}
            }
        }
        changes
    }
}

impl<S: LocalStore, M: Mirror> LocalStore for Mirrored<S, M> {
    async fn read(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.store.read(tables).await
    }

    async fn get(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.store.get(table, keys).await
    }

    async fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        let changes = Changes::of(&batch);
        self.store.write(batch).await?;
        self.follow(&changes);
        Ok(())
    }
}

fn is<T: for<'a> Deserialize<'a>>(json: &[u8]) -> bool {
    serde_json::from_slice::<T>(json).is_ok()
}

fn record(writer: &[u8], row: &[u8]) -> Vec<u8> {
    [writer, b"\n", row].concat()
}

fn split(record: &[u8]) -> (&[u8], &[u8]) {
    // JSON as it is written here has no line feed.
    let end = record.iter().position(|b| *b == b'\n').unwrap_or(record.len());
    (&record[..end], record.get(end + 1..).unwrap_or_default())
}

/// The row that a record's name stands for.
fn place(name: &str) -> Option<(Table, u64)> {
    let (table, key) = match name.strip_prefix(OUT) {
        Some(seq) => (Table::Out, seq),
        None => (Table::Refused, name.strip_prefix(REFUSED)?),
    };
    Some((table, key.parse().ok()?))
}

/// A mirror in memory, for tests and simulation. Clones share the same records.
#[derive(Clone, Debug, Default)]
pub struct MemoryMirror {
    records: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

impl MemoryMirror {
    /// A copy that shares nothing.
    pub fn copy(&self) -> Self {
        Self { records: Rc::new(RefCell::new(self.records.borrow().clone())) }
    }
}

impl Mirror for MemoryMirror {
    fn put(&self, name: String, bytes: Vec<u8>) {
        self.records.borrow_mut().insert(name, bytes);
    }

    fn remove(&self, name: String) {
        self.records.borrow_mut().remove(&name);
    }

    fn clear(&self) {
        self.records.borrow_mut().clear();
    }

    async fn names(&self) -> Vec<String> {
        self.records.borrow().keys().cloned().collect()
    }

    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.records.borrow().get(name).cloned()
    }
}
