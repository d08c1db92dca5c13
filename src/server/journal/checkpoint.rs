//! SQLite's write-ahead log, written back beside the turns.

use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row, query};

/// How often it is looked at whether the write-ahead log is to be written back, and after how many bytes of bodies it
/// is.
const EVERY: Duration = Duration::from_millis(100);
const AFTER: u64 = 1024 * 1024;
/// A pass writes back what is there when it begins; the next, shorter one what came meanwhile. With all of it written
/// back the log begins anew, and does not grow.
const PASSES: usize = 4;

/// Writes SQLite's write-ahead log back into the file beside the turns, which SQLite would hold up for it. Where this
/// does not come to its end, SQLite does it itself, later (`wal_autocheckpoint`).
pub async fn keep_up(file: SqliteConnectOptions, appended: Weak<AtomicU64>) {
    let Ok(mut connection) = file.connect().await else { return };
    let mut written_back = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        // The journal is gone.
        let Some(appended) = appended.upgrade().map(|a| a.load(Ordering::Relaxed)) else { return };
        if appended - written_back < AFTER {
            continue;
        }
        written_back = appended;
        for _ in 0..PASSES {
            let pass = query("pragma wal_checkpoint(passive)").fetch_one(&mut connection).await;
            let pages = pass.and_then(|row| Ok((row.try_get::<i64, _>(1)?, row.try_get::<i64, _>(2)?)));
            if pages.map_or(true, |(log, back)| log == back) {
                break;
            }
        }
    }
}
