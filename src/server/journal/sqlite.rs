//! The journal in SQLite: embedded, one writer, write-ahead log, every commit flushed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Row, query};

use super::{JournalError, LogRow, NewTablet, StoreRow, TabletRow};
use crate::domain::event::{Hash, Part, Parts};
use crate::domain::id::Replica;
use crate::sync::protocol::Status;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("src/server/journal/migrations");

/// The most bytes of bodies in one page; a page ends early rather than grow beyond it.
const MOST_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// See the module. Clones share the database.
#[derive(Clone)]
pub struct Journal {
    pool: SqlitePool,
}

impl Journal {
    /// Opens `daybook.sqlite` in a folder, making both when they are not there.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn open(data: &Path) -> Result<Self, JournalError> {
        let fail = |e: std::io::Error| JournalError(format!("{}: {e}", data.display()));
        std::fs::create_dir_all(data).map_err(fail)?;
        let options = SqliteConnectOptions::new()
            .filename(data.join("daybook.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool })
    }

    /// A journal that is gone with the process, for the simulation.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn in_memory() -> Result<Self, JournalError> {
        // One connection: another one would see another database.
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool })
    }

    /// Writes what is left in the write-ahead log into the file, and closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub async fn stores(&self) -> Result<Vec<StoreRow>, JournalError> {
        let rows = query("select id, epoch, g from store order by id").fetch_all(&self.pool).await?;
        rows.iter().map(|r| Ok(StoreRow { id: r.try_get(0)?, epoch: r.try_get(1)?, g: unsigned(r, 2)? })).collect()
    }

    pub async fn found(&self, id: &str, epoch: &str, at: i64) -> Result<StoreRow, JournalError> {
        query("insert into store (id, epoch, g, created_at) values (?, ?, 0, ?)").bind(id).bind(epoch).bind(at).execute(&self.pool).await?;
        Ok(StoreRow { id: id.into(), epoch: epoch.into(), g: 0 })
    }

    pub async fn tablets(&self, store: &str) -> Result<Vec<TabletRow>, JournalError> {
        let rows = query(&format!("{TABLET} where store = ? order by replica")).bind(store).fetch_all(&self.pool).await?;
        rows.iter().map(tablet).collect()
    }

    pub async fn tablet_by_token(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>, JournalError> {
        let row =
            query(&format!("{TABLET} where token_hash = ? and revoked_at is null")).bind(&hash[..]).fetch_optional(&self.pool).await?;
        row.as_ref().map(tablet).transpose()
    }

    pub async fn tablet_by_ticket(&self, hash: &[u8; 32]) -> Result<Option<TabletRow>, JournalError> {
        let row =
            query(&format!("{TABLET} where ticket_hash = ? and revoked_at is null")).bind(&hash[..]).fetch_optional(&self.pool).await?;
        row.as_ref().map(tablet).transpose()
    }

    pub async fn add_code(&self, store: &str, hash: &[u8; 32], expires_at: i64) -> Result<(), JournalError> {
        query("insert into code (hash, store, expires_at) values (?, ?, ?)")
            .bind(&hash[..])
            .bind(store)
            .bind(expires_at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Uses a code up and makes a tablet of it, both or neither. `None` when the code is unknown, old or used.
    pub async fn enrol(&self, code: &[u8; 32], new: NewTablet<'_>) -> Result<Option<TabletRow>, JournalError> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let used = query("update code set used_at = ? where hash = ? and used_at is null and expires_at > ? returning store")
            .bind(new.at)
            .bind(&code[..])
            .bind(new.at)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(used) = used else { return Ok(None) };
        let store: String = used.try_get(0)?;
        let row = query("select coalesce(max(replica), 0) + 1 from tablet where store = ?").bind(&store).fetch_one(&mut *tx).await?;
        // Replica 1 is the server itself.
        let replica = Replica::try_from(unsigned(&row, 0)?.max(2)).map_err(|e| JournalError(e.to_string()))?;
        let prefix = prefix(replica);
        query("insert into tablet (store, replica, prefix, device, token_hash, ticket_hash, link, enrolled_at) values (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(&store)
            .bind(i64::from(replica))
            .bind(&prefix)
            .bind(new.device)
            .bind(&new.token_hash[..])
            .bind(&new.ticket_hash[..])
            .bind(&[0_u8; 16][..])
            .bind(new.at)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        let device = new.device.to_owned();
        Ok(Some(TabletRow { store, replica, prefix, device, last_seq: 0, link: Hash::default(), revoked: false }))
    }

    /// Makes the server's own tablet row, under which it writes what comes in through it.
    pub async fn add_server(&self, store: &str, at: i64) -> Result<(), JournalError> {
        // No token hashes to these bytes: SHA-256 values of a store's name cannot be presented as a token's.
        query("insert or ignore into tablet (store, replica, prefix, device, token_hash, ticket_hash, link, enrolled_at) values (?, 1, '0', 'server', ?, ?, ?, ?)")
            .bind(store)
            .bind(format!("server of {store}").into_bytes())
            .bind(format!("server of {store}").into_bytes())
            .bind(&[0_u8; 16][..])
            .bind(at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Appends rows of one replica: rows, its chain and the store's number move together.
    pub async fn append(&self, store: &str, rows: &[LogRow], at: i64) -> Result<(), JournalError> {
        let Some(last) = rows.last() else { return Ok(()) };
        let mut tx = self.pool.begin_with("begin immediate").await?;
        for row in rows {
            query("insert into log (store, g, replica, seq, h, status, code, body, body_hash, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(store)
                .bind(signed(row.g)?)
                .bind(i64::from(row.replica))
                .bind(signed(row.seq)?)
                .bind(&row.h.0[..])
                .bind(status_number(row.status))
                .bind(&row.code)
                .bind(&row.body)
                .bind(&Hash::of(&[row.body.as_bytes()]).0[..])
                .bind(at)
                .execute(&mut *tx)
                .await?;
            for (name, part) in &row.parts {
                query("insert into part (store, g, name, salt, data) values (?, ?, ?, ?, ?)")
                    .bind(store)
                    .bind(signed(row.g)?)
                    .bind(name)
                    .bind(&part.salt.0[..])
                    .bind(&part.data)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        let moved = query("update store set g = ? where id = ? and g = ?")
            .bind(signed(last.g)?)
            .bind(store)
            .bind(signed(last.g)? - rows.len() as i64)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() != 1 {
            return Err(JournalError("another process writes to this journal".into()));
        }
        query("update tablet set last_seq = ?, link = ? where store = ? and replica = ?")
            .bind(signed(last.seq)?)
            .bind(&last.h.0[..])
            .bind(store)
            .bind(i64::from(last.replica))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was said of a replica's transaction.
    pub async fn answered(&self, store: &str, replica: Replica, seq: u64) -> Result<Option<LogRow>, JournalError> {
        let row = query(&format!("{LOG} where store = ? and replica = ? and seq = ?"))
            .bind(store)
            .bind(i64::from(replica))
            .bind(signed(seq)?)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(log_row).transpose()
    }

    /// Whether another replica has written this very body.
    pub async fn has_body(&self, store: &str, replica: Replica, body: &str) -> Result<bool, JournalError> {
        let row = query("select 1 from log where store = ? and body_hash = ? and replica <> ? and status <> 1")
            .bind(store)
            .bind(&Hash::of(&[body.as_bytes()]).0[..])
            .bind(i64::from(replica))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// A page of the log after `g`, with what is personal beside it. The flag says whether there is more.
    pub async fn page(&self, store: &str, after: u64, limit: u32) -> Result<(Vec<LogRow>, bool), JournalError> {
        let mut tx = self.pool.begin().await?;
        let select = "select g, replica, seq, h, status, code, body, \
             (select coalesce(sum(length(data)), 0) from part where part.store = log.store and part.g = log.g) \
             from log where store = ? and g > ? order by g limit ?";
        let mut rows = Vec::new();
        let mut bytes = 0;
        let mut more = false;
        {
            // Read one by one, so that a page of large rows is never in memory whole.
            let mut found = query(select).bind(store).bind(signed(after)?).bind(i64::from(limit) + 1).fetch(&mut *tx);
            while let Some(row) = found.try_next().await? {
                let parts = usize::try_from(unsigned(&row, 7)?).unwrap_or(usize::MAX);
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
            let parts = query("select g, name, salt, data from part where store = ? and g > ? and g <= ?")
                .bind(store)
                .bind(signed(after)?)
                .bind(signed(last)?)
                .fetch_all(&mut *tx)
                .await?;
            let mut by_g = BTreeMap::<u64, Parts>::new();
            for part in &parts {
                let salt = hash(part.try_get(2)?)?;
                by_g.entry(unsigned(part, 0)?).or_default().insert(part.try_get(1)?, Part { salt, data: part.try_get(3)? });
            }
            for row in &mut rows {
                row.parts = by_g.remove(&row.g).unwrap_or_default();
            }
        }
        Ok((rows, more))
    }
}

const TABLET: &str = "select store, replica, prefix, device, last_seq, link, revoked_at from tablet";
const LOG: &str = "select g, replica, seq, h, status, code, body from log";

fn tablet(row: &SqliteRow) -> Result<TabletRow, JournalError> {
    Ok(TabletRow {
        store: row.try_get(0)?,
        replica: Replica::try_from(unsigned(row, 1)?).map_err(|e| JournalError(e.to_string()))?,
        prefix: row.try_get(2)?,
        device: row.try_get(3)?,
        last_seq: unsigned(row, 4)?,
        link: hash(row.try_get(5)?)?,
        revoked: row.try_get::<Option<i64>, _>(6)?.is_some(),
    })
}

fn log_row(row: &SqliteRow) -> Result<LogRow, JournalError> {
    Ok(LogRow {
        g: unsigned(row, 0)?,
        replica: Replica::try_from(unsigned(row, 1)?).map_err(|e| JournalError(e.to_string()))?,
        seq: unsigned(row, 2)?,
        h: hash(row.try_get(3)?)?,
        status: match row.try_get::<i64, _>(4)? {
            0 => Status::Ok,
            1 => Status::Rej,
            _ => Status::Held,
        },
        code: row.try_get(5)?,
        body: row.try_get(6)?,
        parts: Parts::new(),
    })
}

fn status_number(status: Status) -> i64 {
    match status {
        Status::Ok => 0,
        Status::Rej => 1,
        Status::Held => 2,
    }
}

fn signed(n: u64) -> Result<i64, JournalError> {
    i64::try_from(n).map_err(|e| JournalError(e.to_string()))
}

fn unsigned(row: &SqliteRow, column: usize) -> Result<u64, JournalError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|e| JournalError(e.to_string()))
}

fn hash(bytes: Vec<u8>) -> Result<Hash, JournalError> {
    bytes.try_into().map(Hash).map_err(|_| JournalError("a hash is not 16 bytes".into()))
}

/// Number prefixes: A to Z, then AA, AB and so on, by replica.
fn prefix(replica: Replica) -> String {
    let mut n = replica - 1;
    let mut letters = Vec::new();
    while n > 0 {
        n -= 1;
        letters.push(b'A' + (n % 26) as u8);
        n /= 26;
    }
    letters.reverse();
    String::from_utf8(letters).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn every_tablet_has_a_prefix_of_its_own() {
        assert_eq!((prefix(2), prefix(27), prefix(28)), ("A".into(), "Z".into(), "AA".into()));
        let all: std::collections::HashSet<_> = (2..5_000).map(prefix).collect();
        assert_eq!(all.len(), 4_998);
    }
}
