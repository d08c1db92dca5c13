//! The journal in a database: SQLite (embedded, one writer, write-ahead log, every commit flushed) or PostgreSQL.
//!
//! Both run the same statements; they differ in how a turn begins, in their tables' types, and in that several
//! processes may share a PostgreSQL database and tell each other what they wrote.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::any::{Any, AnyPoolOptions, AnyRow};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgListener;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor, Row as _, query};
use tokio::sync::mpsc;

use super::{
    Chain, IntakeRow, Journal, JournalError, LogRow, NewTablet, REPLICAS_SKIPPED, Result, StoreRow, TabletRow, Turn,
    checkpoint,
};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Replica, prefix};
use crate::domain::value::part::{Part, Parts};
use crate::store::{Row, Table, WriteBatch};
use crate::sync::merge::log_digest;
use crate::sync::protocol::Status;

static SQLITE: Migrator = sqlx::migrate!("src/server/journal/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/server/journal/migrations/postgres");

/// The most bytes of bodies in one page; a page ends early rather than grow beyond it.
const MOST_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Rows in one statement, largest first: few different statements, so each is prepared once.
const ROWS_A_STATEMENT: [usize; 3] = [64, 8, 1];
/// The channel on which processes tell each other what they wrote.
const CHANNEL: &str = "daybook";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flavour {
    Sqlite,
    Postgres,
}

/// See the module. Clones share the database.
#[derive(Clone)]
pub struct SqlJournal {
    pool: AnyPool,
    /// For turns. SQLite has one writer at a time in any case, and one connection keeps its pages in memory.
    turns: AnyPool,
    flavour: Flavour,
    address: String,
    /// Of bodies and rows, since it was opened. Units: bytes.
    appended: Arc<AtomicU64>,
}

fn drivers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(sqlx::any::install_default_drivers);
}

/// A file's name as a part of an address.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3F").replace('#', "%23")
}

impl SqlJournal {
    /// Opens `daybook.sqlite` in a folder, making both when they are not there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn sqlite(data: &Path) -> Result<Self> {
        let fail = |e: std::io::Error| JournalError(format!("{}: {e}", data.display()));
        std::fs::create_dir_all(data).map_err(fail)?;
        Self::sqlite_file(&data.join("daybook.sqlite")).await
    }

    /// Opens a SQLite file, making it when it is not there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn sqlite_file(file: &Path) -> Result<Self> {
        drivers();
        // A pool would try a file that is no database again and again; one connection says at once what is wrong with
        // it.
        let mut first = SqliteConnectOptions::new().filename(file).create_if_missing(true).connect().await?;
        query("pragma schema_version").fetch_one(&mut first).await?;
        let (version,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&mut first).await?;
        first.close().await?;
        check_sqlite(&version)?;
        let address = format!("sqlite://{}?mode=rwc", escaped(file));
        let options = |most| {
            AnyPoolOptions::new().max_connections(most).after_connect(|connection, _| {
                Box::pin(async move {
                    let pragmas = "pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; \
                                   pragma foreign_keys = on; pragma cache_size = -32768; \
                                   pragma wal_autocheckpoint = 16384";
                    connection.execute(pragmas).await.map(|_| ())
                })
            })
        };
        let turns = options(1).connect(&address).await?;
        SQLITE.run(&turns).await?;
        let pool = options(7).connect_lazy(&address)?;
        let journal = Self { pool, turns, flavour: Flavour::Sqlite, address, appended: Arc::default() };
        journal.fill_digests().await?;
        tokio::spawn(checkpoint::keep_up(
            SqliteConnectOptions::new().filename(file),
            Arc::downgrade(&journal.appended),
        ));
        Ok(journal)
    }

    /// Opens a PostgreSQL database.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn postgres(address: &str) -> Result<Self> {
        drivers();
        let options = AnyPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10));
        let pool = options.connect(address).await?;
        POSTGRES.run(&pool).await?;
        Ok(Self {
            turns: pool.clone(),
            pool,
            flavour: Flavour::Postgres,
            address: address.to_owned(),
            appended: Arc::default(),
        })
    }

    /// Copies everything committed so far into a new SQLite file, while others go on writing.
    ///
    /// # Errors
    /// [`JournalError`], also from PostgreSQL, which has tools of its own for this.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        if self.flavour == Flavour::Postgres {
            return Err(JournalError("this copies SQLite".into()));
        }
        query("vacuum into $1").bind(file.display().to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Says whether the database is a file of ours.
    pub fn is_sqlite(&self) -> bool {
        self.flavour == Flavour::Sqlite
    }

    /// SQLite's own look at every page of the file.
    ///
    /// # Errors
    /// [`JournalError`] with what it found.
    pub async fn check_file(&self) -> Result<()> {
        if self.flavour == Flavour::Sqlite {
            let row = query("pragma integrity_check").fetch_one(&self.pool).await?;
            let said: String = row.try_get(0)?;
            if said != "ok" {
                return Err(JournalError(format!("the file is damaged: {said}")));
            }
        }
        Ok(())
    }

    /// Rows that were written before there were digests get theirs.
    async fn fill_digests(&self) -> Result<()> {
        let stores = query("select distinct store from log where dig is null").fetch_all(&self.pool).await?;
        for store in stores {
            let store: String = store.try_get(0)?;
            let mut tx = self.pool.begin_with("begin immediate").await?;
            let row = query("select coalesce(max(g), 0) from log where store = $1 and dig is not null")
                .bind(&store)
                .fetch_one(&mut *tx);
            let mut g = row.await?.try_get::<i64, _>(0)?;
            let mut dig = Hash::default();
            if g > 0 {
                let row = query("select dig from log where store = $1 and g = $2")
                    .bind(&store)
                    .bind(g)
                    .fetch_one(&mut *tx)
                    .await?;
                dig = hash(row.try_get(0)?)?;
            }
            loop {
                let rows = query(
                    "select g, replica, seq, h, status from log where store = $1 and g > $2 order by g limit 1000",
                )
                .bind(&store)
                .bind(g)
                .fetch_all(&mut *tx)
                .await?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    g = row.try_get(0)?;
                    dig = log_digest(
                        dig,
                        replica(row, 1)?,
                        unsigned(row, 2)?,
                        hash(row.try_get(3)?)?,
                        status(row.try_get(4)?),
                    );
                    let set = query("update log set dig = $1 where store = $2 and g = $3")
                        .bind(dig.0.to_vec())
                        .bind(&store)
                        .bind(g);
                    set.execute(&mut *tx).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    async fn one_tablet(&self, column: &str, hash: &[u8; 32]) -> Result<Option<TabletRow>> {
        let sql = format!("{TABLET} where {column} = $1 and revoked_at is null");
        let row = built(sql).bind(hash.to_vec()).fetch_optional(&self.pool).await?;
        row.as_ref().map(tablet).transpose()
    }

    async fn begin(&self) -> Result<sqlx::Transaction<'static, Any>> {
        Ok(match self.flavour {
            Flavour::Sqlite => self.turns.begin_with("begin immediate").await?,
            Flavour::Postgres => self.turns.begin().await?,
        })
    }
}

#[async_trait]
impl Journal for SqlJournal {
    async fn stores(&self) -> Result<Vec<StoreRow>> {
        let rows = built(format!("{STORE} order by id")).fetch_all(&self.pool).await?;
        rows.iter().map(store_row).collect()
    }

    async fn found(&self, id: &str, epoch: &str, at: i64) -> Result<StoreRow> {
        let insert =
            query("insert into store (id, epoch, g, created_at) values ($1, $2, 0, $3)").bind(id).bind(epoch).bind(at);
        insert.execute(&self.pool).await?;
        Ok(StoreRow { id: id.into(), epoch: epoch.into(), g: 0, safe_g: 0, next_replica: 2 })
    }

    async fn new_epoch(&self, store: &str, epoch: &str, next: Replica) -> Result<()> {
        let update = query(
            "update store set epoch = $1, \
             next_replica = case when next_replica + $2 > $3 then next_replica + $2 else $3 end where id = $4",
        );
        let skipped = i64::from(REPLICAS_SKIPPED);
        update.bind(epoch).bind(skipped).bind(i64::from(next)).bind(store).execute(&self.pool).await?;
        Ok(())
    }

    async fn set_safe(&self, store: &str, g: u64) -> Result<()> {
        let update = query("update store set safe_g = $1 where id = $2 and safe_g < $1");
        update.bind(signed(g)?).bind(store).execute(&self.pool).await?;
        Ok(())
    }

    async fn tablets(&self, store: &str) -> Result<Vec<TabletRow>> {
        let rows =
            built(format!("{TABLET} where store = $1 order by replica")).bind(store).fetch_all(&self.pool).await?;
        rows.iter().map(tablet).collect()
    }

    async fn tablet_by_token(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>> {
        self.one_tablet("token_hash", hash).await
    }

    async fn tablet_by_ticket(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>> {
        self.one_tablet("ticket_hash", hash).await
    }

    async fn add_code(&self, store: &str, hash: &[u8; 32], expires_at: i64) -> Result<()> {
        let insert = query("insert into code (hash, store, expires_at) values ($1, $2, $3)");
        insert.bind(hash.to_vec()).bind(store).bind(expires_at).execute(&self.pool).await?;
        Ok(())
    }

    async fn enrol(&self, code: &[u8; 32], new: NewTablet<'_>) -> Result<Option<TabletRow>> {
        let mut tx = self.begin().await?;
        let used = query(
            "update code set used_at = $1 where hash = $2 and used_at is null and expires_at > $1 returning store",
        )
        .bind(new.at)
        .bind(code.to_vec())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(used) = used else { return Ok(None) };
        let store: String = used.try_get(0)?;
        let row = query("update store set next_replica = next_replica + 1 where id = $1 returning next_replica - 1")
            .bind(&store)
            .fetch_one(&mut *tx)
            .await?;
        let replica = replica(&row, 0)?;
        let prefix = prefix(replica);
        query(NEW_TABLET)
            .bind(&store)
            .bind(i64::from(replica))
            .bind(&prefix)
            .bind(new.device)
            .bind(new.token_hash.to_vec())
            .bind(new.ticket_hash.to_vec())
            .bind(vec![0_u8; 16])
            .bind(new.at)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        let device = new.device.to_owned();
        Ok(Some(TabletRow {
            store,
            replica,
            prefix,
            device,
            chain: Chain::default(),
            enrolled_at: new.at,
            revoked: false,
        }))
    }

    async fn add_server(&self, store: &str, at: i64) -> Result<()> {
        // No token hashes to these bytes: SHA-256 values of a store's name cannot be presented as a token's.
        let nobody = format!("server of {store}").into_bytes();
        built(format!("{NEW_TABLET} on conflict do nothing"))
            .bind(store)
            .bind(1_i64)
            .bind("0")
            .bind("server")
            .bind(nobody.clone())
            .bind(nobody)
            .bind(vec![0_u8; 16])
            .bind(at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn intake(&self, name: &str) -> Result<Option<IntakeRow>> {
        let row = query("select name, store, kind, secret, heard_at from intake where name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(intake_row).transpose()
    }

    async fn intakes(&self, store: &str) -> Result<Vec<IntakeRow>> {
        let select = query("select name, store, kind, secret, heard_at from intake where store = $1 order by name");
        select.bind(store).fetch_all(&self.pool).await?.iter().map(intake_row).collect()
    }

    async fn set_intake(&self, row: &IntakeRow, at: i64) -> Result<()> {
        let insert = query(
            "insert into intake (name, store, kind, secret, created_at) values ($1, $2, $3, $4, $5)
             on conflict (name) do update set kind = excluded.kind, secret = excluded.secret",
        );
        insert.bind(&row.name).bind(&row.store).bind(&row.kind).bind(&row.secret).bind(at).execute(&self.pool).await?;
        Ok(())
    }

    async fn heard_intake(&self, name: &str, at: i64) -> Result<()> {
        query("update intake set heard_at = $1 where name = $2").bind(at).bind(name).execute(&self.pool).await?;
        Ok(())
    }

    async fn remove_intake(&self, store: &str, name: &str) -> Result<()> {
        query("delete from intake where store = $1 and name = $2").bind(store).bind(name).execute(&self.pool).await?;
        Ok(())
    }

    async fn revoke(&self, store: &str, replica: Replica, at: i64) -> Result<bool> {
        let update = query(
            "update tablet set revoked_at = $1 where store = $2 and replica = $3 and replica > 1 and revoked_at is null",
        );
        Ok(update.bind(at).bind(store).bind(i64::from(replica)).execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn chain(&self, store: &str, replica: Replica) -> Result<Option<Chain>> {
        chain(&mut *self.pool.acquire().await?, store, replica).await
    }

    async fn answered(&self, store: &str, replica: Replica, seq: u64) -> Result<Option<LogRow>> {
        answered(&mut *self.pool.acquire().await?, store, replica, seq).await
    }

    async fn turn(&self, store: &str) -> Result<Box<dyn Turn>> {
        let mut tx = self.begin().await?;
        let lock = if self.flavour == Flavour::Postgres { " for update" } else { "" };
        let row = built(format!("{STORE} where id = $1{lock}")).bind(store).fetch_one(&mut *tx).await?;
        let store = store_row(&row)?;
        let mut dig = Hash::default();
        if store.g > 0 {
            let row = query("select dig from log where store = $1 and g = $2").bind(&store.id).bind(signed(store.g)?);
            dig = hash(row.fetch_one(&mut *tx).await?.try_get(0)?)?;
        }
        Ok(Box::new(SqlTurn { tx, store, dig, flavour: self.flavour, appended: self.appended.clone() }))
    }

    async fn page(&self, store: &str, after: u64, limit: u32) -> Result<(Vec<LogRow>, bool)> {
        let mut tx = self.pool.begin().await?;
        let select = "select g, replica, seq, h, status, code, body, dig, \
             (select cast(coalesce(sum(length(data)), 0) as bigint) from part where part.store = log.store and part.g = log.g) \
             from log where store = $1 and g > $2 order by g limit $3";
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut more = false;
        {
            // Read one by one, so that a page of large rows is never in memory whole.
            let mut found = query(select).bind(store).bind(signed(after)?).bind(i64::from(limit) + 1).fetch(&mut *tx);
            while let Some(row) = found.try_next().await? {
                let parts = usize::try_from(unsigned(&row, 8)?).unwrap_or(usize::MAX);
                let row = log_row(&row)?;
                bytes += row.body.len().saturating_add(parts);
                if rows.len() == limit as usize || (bytes > MOST_PAGE_BYTES && !rows.is_empty()) {
                    more = true;
                    break;
                }
                rows.push(row);
            }
        }
        if let Some(last) = rows.last().map(|r| r.g) {
            let parts = query("select g, name, salt, data from part where store = $1 and g > $2 and g <= $3")
                .bind(store)
                .bind(signed(after)?)
                .bind(signed(last)?)
                .fetch_all(&mut *tx)
                .await?;
            let mut by_g = BTreeMap::<u64, Parts>::new();
            for part in &parts {
                let salt = hash(part.try_get(2)?)?;
                by_g.entry(unsigned(part, 0)?)
                    .or_default()
                    .insert(part.try_get(1)?, Part { salt, data: part.try_get(3)? });
            }
            for row in &mut rows {
                row.parts = by_g.remove(&row.g).unwrap_or_default();
            }
        }
        Ok((rows, more))
    }

    async fn digest_at(&self, store: &str, g: u64) -> Result<Option<Hash>> {
        if g == 0 {
            return Ok(Some(Hash::default()));
        }
        let row = query("select dig from log where store = $1 and g = $2")
            .bind(store)
            .bind(signed(g)?)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|r| hash(r.try_get(0)?)).transpose()
    }

    async fn kept_read(&self, store: &str, tables: &[Table]) -> Result<Vec<Vec<Row>>> {
        let mut tx = match self.flavour {
            Flavour::Sqlite => self.pool.begin().await?,
            // All tables as they are at one moment.
            Flavour::Postgres => self.pool.begin_with("begin isolation level repeatable read").await?,
        };
        let mut all = Vec::new();
        for table in tables {
            let select = query("select key, bytes from kept where store = $1 and tab = $2 order by key")
                .bind(store)
                .bind(table.name());
            let rows = select.fetch_all(&mut *tx).await?;
            all.push(rows.iter().map(|r| Ok((unsigned(r, 0)?, r.try_get(1)?))).collect::<Result<Vec<Row>>>()?);
        }
        Ok(all)
    }

    async fn kept_get(&self, store: &str, table: Table, keys: &[u64]) -> Result<Vec<Option<Vec<u8>>>> {
        let mut found = Vec::with_capacity(keys.len());
        let mut connection = self.pool.acquire().await?;
        for key in keys {
            let select = query("select bytes from kept where store = $1 and tab = $2 and key = $3");
            let row =
                select.bind(store).bind(table.name()).bind(signed(*key)?).fetch_optional(&mut *connection).await?;
            found.push(row.map(|r| r.try_get(0)).transpose()?);
        }
        Ok(found)
    }

    async fn kept_write(&self, store: &str, batch: &WriteBatch) -> Result<bool> {
        let mut tx = self.begin().await?;
        if self.flavour == Flavour::Postgres {
            // Two processes that seal take turns, or both would find the guards good.
            query("select pg_advisory_xact_lock(hashtext($1))")
                .bind(format!("kept {store}"))
                .fetch_one(&mut *tx)
                .await?;
        }
        for (table, key, expected) in batch.expected() {
            let select = query("select bytes from kept where store = $1 and tab = $2 and key = $3");
            let row = select.bind(store).bind(table.name()).bind(signed(key)?).fetch_optional(&mut *tx).await?;
            let present: Option<Vec<u8>> = row.map(|r| r.try_get(0)).transpose()?;
            if present.as_deref() != expected {
                return Ok(false);
            }
        }
        for table in &batch.clears {
            query("delete from kept where store = $1 and tab = $2")
                .bind(store)
                .bind(table.name())
                .execute(&mut *tx)
                .await?;
        }
        for (table, key) in &batch.deletes {
            let delete = query("delete from kept where store = $1 and tab = $2 and key = $3");
            delete.bind(store).bind(table.name()).bind(signed(*key)?).execute(&mut *tx).await?;
        }
        self.appended.fetch_add(batch.puts.iter().map(|(_, _, bytes)| bytes.len() as u64).sum(), Ordering::Relaxed);
        let empty = Vec::new();
        let claims = batch.claims.iter().map(|key| (&Table::Claim, key, &empty));
        for (table, key, bytes) in batch.puts.iter().map(|(table, key, bytes)| (table, key, bytes)).chain(claims) {
            query(
                "insert into kept (store, tab, key, bytes) values ($1, $2, $3, $4) \
                 on conflict (store, tab, key) do update set bytes = excluded.bytes",
            )
            .bind(store)
            .bind(table.name())
            .bind(signed(*key)?)
            .bind(bytes.clone())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn listen(&self) -> Result<Option<mpsc::Receiver<(String, u64)>>> {
        if self.flavour == Flavour::Sqlite {
            return Ok(None);
        }
        let mut listener = PgListener::connect(&self.address).await?;
        listener.listen(CHANNEL).await?;
        let (sender, receiver) = mpsc::channel(256);
        tokio::spawn(async move {
            loop {
                let told = match listener.try_recv().await {
                    Ok(Some(told)) => {
                        told.payload().rsplit_once(':').and_then(|(s, g)| Some((s.to_owned(), g.parse().ok()?)))
                    }
                    // The connection broke, and is made anew by the next call; whatever was said meanwhile was not
                    // heard.
                    Ok(None) => Some((String::new(), 0)),
                    Err(error) => {
                        tracing::warn!(%error, "hints of other processes cannot be heard");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        Some((String::new(), 0))
                    }
                };
                if let Some(told) = told
                    && sender.send(told).await.is_err()
                {
                    return;
                }
            }
        });
        Ok(Some(receiver))
    }

    async fn ping(&self) -> Result<()> {
        query("select 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    async fn close(&self) {
        self.pool.close().await;
        if self.flavour == Flavour::Sqlite
            && let Err(error) = query("pragma wal_checkpoint(truncate)").fetch_all(&self.turns).await
        {
            // What is in the write-ahead log stays there, and is read from there.
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
        self.turns.close().await;
    }
}

struct SqlTurn {
    tx: sqlx::Transaction<'static, Any>,
    store: StoreRow,
    dig: Hash,
    flavour: Flavour,
    appended: Arc<AtomicU64>,
}

#[async_trait]
impl Turn for SqlTurn {
    fn store(&self) -> &StoreRow {
        &self.store
    }

    fn dig(&self) -> Hash {
        self.dig
    }

    async fn chain(&mut self, replica: Replica) -> Result<Option<Chain>> {
        chain(&mut self.tx, &self.store.id, replica).await
    }

    async fn answered(&mut self, replica: Replica, seq: u64) -> Result<Option<LogRow>> {
        answered(&mut self.tx, &self.store.id, replica, seq).await
    }

    async fn known_bodies(&mut self, hashes: &[Hash]) -> Result<HashSet<(Hash, Replica)>> {
        let mut known = HashSet::new();
        for some in in_statements(hashes) {
            let places: Vec<String> = (2..some.len() + 2).map(|n| format!("${n}")).collect();
            let sql = format!(
                // The empty text keeps planners from walking all of a store; the hash is what finds the rows.
                "select body_hash, replica from log where body_hash in ({}) and store || '' = $1 and status <> 1",
                places.join(", ")
            );
            let mut select = built(sql).bind(&self.store.id);
            for hash in some {
                select = select.bind(hash.0.to_vec());
            }
            for row in select.fetch_all(&mut *self.tx).await? {
                known.insert((hash(row.try_get(0)?)?, replica(&row, 1)?));
            }
        }
        Ok(known)
    }

    async fn append(&mut self, rows: &[LogRow], at: i64) -> Result<()> {
        let Some(last) = rows.last() else { return Ok(()) };
        if rows.iter().zip(self.store.g + 1..).any(|(row, g)| row.g != g) {
            return Err(JournalError("rows do not continue the log".into()));
        }
        self.appended.fetch_add(rows.iter().map(|row| row.body.len() as u64).sum(), Ordering::Relaxed);
        for some in in_statements(rows) {
            let sql = format!(
                "insert into log (store, g, replica, seq, h, status, code, body, body_hash, at, dig) values {}",
                places(some.len(), 11)
            );
            let mut insert = built(sql);
            for row in some {
                insert = insert
                    .bind(&self.store.id)
                    .bind(signed(row.g)?)
                    .bind(i64::from(row.replica))
                    .bind(signed(row.seq)?)
                    .bind(row.h.0.to_vec())
                    .bind(status_number(row.status))
                    .bind(&row.code)
                    .bind(&row.body)
                    .bind(Hash::of_body(&row.body).0.to_vec())
                    .bind(at)
                    .bind(row.dig.0.to_vec());
            }
            insert.execute(&mut *self.tx).await?;
        }
        let parts: Vec<(u64, &String, &Part)> =
            rows.iter().flat_map(|r| r.parts.iter().map(|(name, part)| (r.g, name, part))).collect();
        for some in in_statements(&parts) {
            let sql = format!("insert into part (store, g, name, salt, data) values {}", places(some.len(), 5));
            let mut insert = built(sql);
            for (g, name, part) in some {
                insert = insert
                    .bind(&self.store.id)
                    .bind(signed(*g)?)
                    .bind(*name)
                    .bind(part.salt.0.to_vec())
                    .bind(&part.data);
            }
            insert.execute(&mut *self.tx).await?;
        }
        let chains: BTreeMap<Replica, Chain> =
            rows.iter().map(|r| (r.replica, Chain { last_seq: r.seq, link: r.h })).collect();
        for (replica, chain) in chains {
            query("update tablet set last_seq = $1, link = $2 where store = $3 and replica = $4")
                .bind(signed(chain.last_seq)?)
                .bind(chain.link.0.to_vec())
                .bind(&self.store.id)
                .bind(i64::from(replica))
                .execute(&mut *self.tx)
                .await?;
        }
        query("update store set g = $1 where id = $2")
            .bind(signed(last.g)?)
            .bind(&self.store.id)
            .execute(&mut *self.tx)
            .await?;
        self.store.g = last.g;
        self.dig = last.dig;
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        if self.flavour == Flavour::Postgres {
            let told = format!("{}:{}", self.store.id, self.store.g);
            // Heard by the others when this commits, not before.
            query("select cast(pg_notify($1, $2) as text)").bind(CHANNEL).bind(told).fetch_one(&mut *self.tx).await?;
        }
        self.tx.commit().await?;
        Ok(())
    }
}

const STORE: &str = "select id, epoch, g, safe_g, next_replica from store";
const TABLET: &str = "select store, replica, prefix, device, last_seq, link, enrolled_at, revoked_at from tablet";
const LOG: &str = "select g, replica, seq, h, status, code, body, dig from log";
const NEW_TABLET: &str = "insert into tablet (store, replica, prefix, device, token_hash, ticket_hash, link, enrolled_at) \
                          values ($1, $2, $3, $4, $5, $6, $7, $8)";

async fn chain(connection: &mut AnyConnection, store: &str, replica: Replica) -> Result<Option<Chain>> {
    let select = query("select last_seq, link from tablet where store = $1 and replica = $2");
    let row = select.bind(store).bind(i64::from(replica)).fetch_optional(connection).await?;
    row.map(|r| Ok(Chain { last_seq: unsigned(&r, 0)?, link: hash(r.try_get(1)?)? })).transpose()
}

async fn answered(connection: &mut AnyConnection, store: &str, replica: Replica, seq: u64) -> Result<Option<LogRow>> {
    let select = format!("{LOG} where store = $1 and replica = $2 and seq = $3");
    let row = built(select).bind(store).bind(i64::from(replica)).bind(signed(seq)?).fetch_optional(connection).await?;
    row.as_ref().map(log_row).transpose()
}

/// A query built from constants of this file and numbered places; whatever comes from outside is bound.
fn built<'q>(sql: String) -> sqlx::query::Query<'q, Any, sqlx::any::AnyArguments> {
    query(AssertSqlSafe(sql))
}

/// The oldest SQLite that may be used: earlier ones can damage a database when one connection resets the write-ahead
/// log while another checkpoints, as this program does. Source: SQLite's release notes, 3.51.3.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

fn check_sqlite(version: &str) -> Result<()> {
    let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
    if numbers.as_slice() >= OLDEST_SQLITE.as_slice() {
        return Ok(());
    }
    let [major, minor, patch] = OLDEST_SQLITE;
    Err(JournalError(format!("SQLite {version} is too old: {major}.{minor}.{patch} or later is needed")))
}

/// Things in groups of a few fixed sizes.
fn in_statements<T>(all: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let size = ROWS_A_STATEMENT.into_iter().find(|n| *n <= rest.len())?;
        let (some, others) = rest.split_at(size);
        rest = others;
        Some(some)
    })
}

/// `($1, $2), ($3, $4)` and so on.
fn places(rows: usize, columns: usize) -> String {
    let row = |r: usize| (1..=columns).map(|c| format!("${}", r * columns + c)).collect::<Vec<_>>().join(", ");
    (0..rows).map(|r| format!("({})", row(r))).collect::<Vec<_>>().join(", ")
}

fn store_row(row: &AnyRow) -> Result<StoreRow> {
    Ok(StoreRow {
        id: row.try_get(0)?,
        epoch: row.try_get(1)?,
        g: unsigned(row, 2)?,
        safe_g: unsigned(row, 3)?,
        next_replica: replica(row, 4)?,
    })
}

fn tablet(row: &AnyRow) -> Result<TabletRow> {
    Ok(TabletRow {
        store: row.try_get(0)?,
        replica: replica(row, 1)?,
        prefix: row.try_get(2)?,
        device: row.try_get(3)?,
        chain: Chain { last_seq: unsigned(row, 4)?, link: hash(row.try_get(5)?)? },
        enrolled_at: row.try_get(6)?,
        revoked: row.try_get::<Option<i64>, _>(7)?.is_some(),
    })
}

fn log_row(row: &AnyRow) -> Result<LogRow> {
    Ok(LogRow {
        g: unsigned(row, 0)?,
        replica: replica(row, 1)?,
        seq: unsigned(row, 2)?,
        h: hash(row.try_get(3)?)?,
        status: status(row.try_get(4)?),
        code: row.try_get(5)?,
        body: row.try_get(6)?,
        parts: Parts::new(),
        dig: hash(row.try_get(7)?)?,
    })
}

fn status(number: i64) -> Status {
    match number {
        0 => Status::Ok,
        1 => Status::Rej,
        _ => Status::Held,
    }
}

fn status_number(status: Status) -> i64 {
    match status {
        Status::Ok => 0,
        Status::Rej => 1,
        Status::Held => 2,
    }
}

fn signed(n: u64) -> Result<i64> {
    i64::try_from(n).map_err(|e| JournalError(e.to_string()))
}

fn unsigned(row: &AnyRow, column: usize) -> Result<u64> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|e| JournalError(e.to_string()))
}

fn replica(row: &AnyRow, column: usize) -> Result<Replica> {
    Replica::try_from(unsigned(row, column)?).map_err(|e| JournalError(e.to_string()))
}

fn hash(bytes: Vec<u8>) -> Result<Hash> {
    bytes.try_into().map(Hash).map_err(|_| JournalError("a hash is not 16 bytes".into()))
}

fn intake_row(row: &AnyRow) -> Result<IntakeRow> {
    Ok(IntakeRow {
        name: row.try_get(0)?,
        store: row.try_get(1)?,
        kind: row.try_get(2)?,
        secret: row.try_get(3)?,
        heard_at: row.try_get(4)?,
    })
}
