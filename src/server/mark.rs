//! How far a store had come, noted outside the database: a database that is behind its mark was put back to an older
//! state, and must not give the same numbers to other transactions, or to other tablets, as if nothing had happened.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::journal::{JournalError, StoreRow};
use crate::domain::value::id::Replica;

/// What was noted last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Noted {
    epoch: String,
    g: u64,
    /// The greatest replica that was given out.
    replica: Replica,
}

/// A small file beside the database. Clones share it.
///
/// Shape: `{epoch} {g} {replica}\n`, padded to 64 bytes. It is written after each commit and enrolment and not
/// flushed: a mark that is a little behind never raises a false alarm, and tablets notice by the log's digest what it
/// misses.
#[derive(Clone)]
pub struct Mark {
    /// `None` for one that is gone with the process.
    file: Option<Arc<File>>,
    noted: Arc<Mutex<Noted>>,
}

const LENGTH: usize = 64;

impl Mark {
    /// Opens the mark of a data folder, making it when there is none. One that cannot be read is as none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(data: &Path, store: &str) -> Result<Self, JournalError> {
        let path = data.join(format!("mark-{store}"));
        let fail = |e: std::io::Error| JournalError(format!("{}: {e}", path.display()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fail)?;
        let mut bytes = [0; LENGTH];
        let read = file.read_at(&mut bytes, 0).map_err(fail)?;
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        let mut words = text.split_whitespace();
        let noted = (|| {
            let (epoch, g) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
            // The first version noted no replica.
            let replica = words.next().and_then(|w| w.parse().ok()).unwrap_or_default();
            Some(Noted { epoch, g, replica })
        })();
        Ok(Self { file: Some(Arc::new(file)), noted: Arc::new(Mutex::new(noted.unwrap_or_default())) })
    }

    /// A mark that is gone with the process.
    pub fn in_memory() -> Self {
        Self { file: None, noted: Arc::default() }
    }

    /// Says whether the database is older than what was noted.
    pub fn is_ahead_of(&self, row: &StoreRow) -> bool {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        !noted.epoch.is_empty() && (noted.epoch != row.epoch || noted.g > row.g || noted.replica >= row.next_replica)
    }

    /// The greatest replica that was given out, as far as was noted.
    pub fn replica(&self) -> Replica {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).replica
    }

    /// Notes how far the log has come.
    pub fn note(&self, epoch: &str, g: u64) {
        self.change(|noted| {
            epoch.clone_into(&mut noted.epoch);
            noted.g = g;
        });
    }

    /// Notes that a replica was given out.
    pub fn enrolled(&self, replica: Replica) {
        self.change(|noted| noted.replica = noted.replica.max(replica));
    }

    /// What cannot be noted is logged; the transactions are safe all the same.
    fn change(&self, change: impl FnOnce(&mut Noted)) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut noted);
        let Some(file) = &self.file else { return };
        let mut line = [b' '; LENGTH];
        let mut rest = &mut line[..LENGTH - 1];
        let written = write!(rest, "{} {} {}", noted.epoch, noted.g, noted.replica);
        line[LENGTH - 1] = b'\n';
        if let Err(error) = written.and_then(|()| file.write_all_at(&line, 0)) {
            tracing::warn!(%error, "the mark cannot be written");
        }
    }
}
