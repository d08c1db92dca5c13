//! The browser's store. All of `indexed_db_futures` that Daybook uses is in this file.
//!
//! Two rules of IndexedDB shape it: a transaction ends by itself when nothing is asked of it, so nothing else is
//! awaited inside one; and a request leaves when it is built, so a batch is built whole and then committed.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use futures::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use indexed_db_futures::database::Database;
use indexed_db_futures::error::{DomException, Error, OpenDbError};
use indexed_db_futures::future::BasicRequest;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use indexed_db_futures::typed_array::TypedArray;

use super::schema::DATABASE_VERSION;
use super::{Durability, LocalStore, Row, StoreError, Table, WriteBatch};

/// An open that takes longer than this waits for another tab.
const OPEN_MS: u32 = 10_000;

/// See the module.
pub struct IndexedDb {
    name: String,
    handle: Rc<RefCell<Option<Database>>>,
    /// Says whether guards held in the database that is open: from then on, claims do in their place.
    seen: Cell<bool>,
}

impl IndexedDb {
    /// Opens a database, making it when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Refused`], [`StoreError::Blocked`].
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let store = Self { name: name.to_owned(), handle: Rc::default(), seen: Cell::new(false) };
        store.handle().await?;
        Ok(store)
    }

    /// The open database; one that died (a frozen tab, cleared data) is opened anew.
    async fn handle(&self) -> Result<Database, StoreError> {
        if let Some(database) = self.handle.borrow().as_ref() {
            return Ok(database.clone());
        }
        let open =
            Database::open(self.name.as_str()).with_version(DATABASE_VERSION).with_on_upgrade_needed(|_, database| {
                let present: Vec<String> = database.object_store_names().collect();
                for table in Table::ALL.iter().filter(|t| !present.iter().any(|p| p == t.name())) {
                    database.create_object_store(table.name()).build()?;
                }
                Ok(())
            });
        let open = open.build().map_err(|e| opening(&e))?.into_future();
        let database = match select(pin!(open), pin!(TimeoutFuture::new(OPEN_MS))).await {
            Either::Left((opened, _)) => opened.map_err(|e| opening(&e))?,
            Either::Right(_) => return Err(StoreError::Blocked),
        };
        *self.handle.borrow_mut() = Some(database.clone());
        self.seen.set(false);
        self.give_way(&database);
        Ok(database)
    }

    /// Lets go of the database when another tab brings a newer version of it: that tab would wait for this one for
    /// ever.
    fn give_way(&self, database: &Database) {
        let Ok(mut changes) = database.version_changes() else { return };
        let (handle, database) = (Rc::clone(&self.handle), database.clone());
        wasm_bindgen_futures::spawn_local(async move {
            if changes.recv().await.is_some() {
                handle.borrow_mut().take();
            }
            drop(changes);
            database.close();
        });
    }

    /// A dead handle is let go, so that the next call opens anew.
    fn failed(&self, error: &Error) -> StoreError {
        let error = reason(error);
        if error == StoreError::Closed {
            self.handle.borrow_mut().take();
        }
        error
    }

    async fn read_all(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, Error> {
        let database = self.handle.borrow().clone().ok_or_else(closed)?;
        let names: Vec<&str> = tables.iter().map(|t| t.name()).collect();
        let transaction = database.transaction(names).with_mode(TransactionMode::Readonly).build()?;
        let mut asked = Vec::with_capacity(tables.len());
        for table in tables {
            let store = transaction.object_store(table.name())?;
            let keys = store.get_all_keys::<f64>().primitive()?;
            let values = store.get_all::<TypedArray<u8>>().primitive()?;
            asked.push((keys, values));
        }
        let mut read = Vec::with_capacity(tables.len());
        for (keys, values) in asked {
            let keys = keys.await?.collect::<Result<Vec<f64>, _>>()?;
            let values = values.await?.collect::<Result<Vec<_>, _>>()?;
            read.push(keys.into_iter().map(|k| k as u64).zip(values.into_iter().map(Vec::from)).collect());
        }
        Ok(read)
    }

    async fn get_some(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let database = self.handle.borrow().clone().ok_or_else(closed)?;
        let transaction = database.transaction(table.name()).with_mode(TransactionMode::Readonly).build()?;
        let store = transaction.object_store(table.name())?;
        let mut asked = Vec::with_capacity(keys.len());
        for key in keys {
            asked.push(store.get::<TypedArray<u8>, _, _>(*key as f64).primitive()?);
        }
        let mut read = Vec::with_capacity(keys.len());
        for request in asked {
            read.push(request.await?.map(Vec::from));
        }
        Ok(read)
    }

    /// `Ok(false)` when a guard does not hold.
    async fn write_all(&self, batch: &WriteBatch) -> Result<bool, Error> {
        let database = self.handle.borrow().clone().ok_or_else(closed)?;
        let mut names: Vec<&str> = Vec::new();
        let touched =
            batch.puts.iter().map(|p| p.0).chain(batch.deletes.iter().map(|d| d.0)).chain(batch.clears.iter().copied());
        let guarded = !batch.guards.is_empty() && (batch.claims.is_empty() || !self.seen.get());
        let claimed = (!batch.claims.is_empty()).then_some(Table::Claim);
        for table in touched.chain(guarded.then_some(Table::Meta)).chain(claimed) {
            if !names.contains(&table.name()) {
                names.push(table.name());
            }
        }
        if names.is_empty() {
            return Ok(true);
        }
        let durability = match batch.durability {
            Durability::Strict => TransactionDurability::Strict,
            Durability::Relaxed => TransactionDurability::Relaxed,
        };
        let transaction = database
            .transaction(names)
            .with_mode(TransactionMode::Readwrite)
            .with_options(TransactionOptions::new().with_durability(durability))
            .build()?;
        // Asked first and answered first, but not waited for: the writes follow at once, and all of it is undone if a
        // guard does not hold. Waiting in between would cost each order a round trip to the browser's storage process.
        // A claim that somebody has made already undoes it by itself, so with claims alone the commit follows at once,
        // too.
        let guards = if guarded { ask_guards(&transaction, batch)? } else { Vec::new() };
        let mut claims = Vec::with_capacity(batch.claims.len());
        for key in &batch.claims {
            let store = transaction.object_store(Table::Claim.name())?;
            claims.push(store.add(TypedArray::<u8>::new(Vec::new())).with_key(*key as f64).primitive()?);
        }
        for table in &batch.clears {
            transaction.object_store(table.name())?.clear()?;
        }
        for (table, key) in &batch.deletes {
            transaction.object_store(table.name())?.delete::<f64, _>(*key as f64).primitive()?;
        }
        for (table, key, bytes) in &batch.puts {
            transaction
                .object_store(table.name())?
                .put(TypedArray::<u8>::new(bytes.clone()))
                .with_key(*key as f64)
                .primitive()?;
        }
        for (found, expected) in guards {
            if found.await?.map(Vec::from) != *expected {
                transaction.abort().await?;
                return Ok(false);
            }
        }
        if let Err(error) = transaction.commit().await {
            for claim in claims {
                if let Err(Error::DomException(DomException::ConstraintError(_))) = claim.await {
                    return Ok(false);
                }
            }
            return Err(error);
        }
        if guarded {
            self.seen.set(true);
        }
        Ok(true)
    }
}

type Guard<'a> = (BasicRequest<Option<TypedArray<u8>>>, &'a Option<Vec<u8>>);

fn ask_guards<'a>(transaction: &Transaction<'_>, batch: &'a WriteBatch) -> Result<Vec<Guard<'a>>, Error> {
    if batch.guards.is_empty() {
        return Ok(Vec::new());
    }
    let meta = transaction.object_store(Table::Meta.name())?;
    batch.guards.iter().map(|(key, expected)| Ok((meta.get(f64::from(*key as u32)).primitive()?, expected))).collect()
}

impl LocalStore for IndexedDb {
    async fn read(&self, tables: &[Table]) -> Result<Vec<Vec<Row>>, StoreError> {
        self.handle().await?;
        self.read_all(tables).await.map_err(|e| self.failed(&e))
    }

    async fn get(&self, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.handle().await?;
        self.get_some(table, keys).await.map_err(|e| self.failed(&e))
    }

    async fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        for again in [true, false] {
            self.handle().await?;
            return match self.write_all(&batch).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(StoreError::Stale),
                Err(error) => match self.failed(&error) {
                    // The handle was dead before anything was asked of it; a fresh one may do.
                    StoreError::Closed if again => continue,
                    error => Err(error),
                },
            };
        }
        Err(StoreError::Closed)
    }
}

fn closed() -> Error {
    let gone = web_sys::DomException::new_with_message_and_name("the database is closed", "InvalidStateError");
    gone.map_or_else(Into::into, |e| DomException::from(e).into())
}

fn reason(error: &Error) -> StoreError {
    match error {
        Error::DomException(DomException::InvalidStateError(_) | DomException::NotFoundError(_)) => StoreError::Closed,
        Error::DomException(DomException::Other(e)) if e.name() == "QuotaExceededError" => StoreError::Full,
        Error::DomException(DomException::Other(e)) if e.name() == "VersionError" => StoreError::Superseded,
        other => StoreError::Refused { why: other.to_string() },
    }
}

fn opening(error: &OpenDbError) -> StoreError {
    match error {
        OpenDbError::Base(error) => match reason(error) {
            StoreError::Closed => StoreError::Refused { why: error.to_string() },
            other => other,
        },
        other => StoreError::Refused { why: other.to_string() },
    }
}
