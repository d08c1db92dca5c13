//! How far the log had come, noted outside the database: a database that is behind its mark was put back to an older
//! state, and must not give the same numbers to other transactions as if nothing had happened.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::journal::{JournalError, StoreRow};

/// A small file beside the database. Clones share it.
///
/// Shape: `{epoch} {g}\n`, padded to [`LENGTH`] bytes. It is written after each commit and not flushed: a mark that is a
/// little behind never raises a false alarm, and tablets notice by the log's digest what it misses.
#[derive(Clone)]
pub struct Mark(Place);

#[derive(Clone)]
enum Place {
    File(Arc<File>),
    /// For the simulation.
    Memory(Arc<Mutex<Option<(String, u64)>>>),
}

const LENGTH: usize = 64;

impl Mark {
    /// Opens the mark of a data folder, making it when there is none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(data: &Path, store: &str) -> Result<Self, JournalError> {
        let path = data.join(format!("mark-{store}"));
        let fail = |e: std::io::Error| JournalError(format!("{}: {e}", path.display()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fail)?;
        Ok(Self(Place::File(Arc::new(file))))
    }

    /// A mark that is gone with the process.
    pub fn in_memory() -> Self {
        Self(Place::Memory(Arc::default()))
    }

    /// What was noted last, if it can be read.
    pub fn read(&self) -> Option<(String, u64)> {
        let mut file = match &self.0 {
            Place::File(file) => &**file,
            Place::Memory(noted) => return noted.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let mut text = String::new();
        std::io::Seek::rewind(&mut file).ok()?;
        file.take(LENGTH as u64).read_to_string(&mut text).ok()?;
        let (epoch, g) = text.trim().split_once(' ')?;
        Some((epoch.to_owned(), g.parse().ok()?))
    }

    /// Whether the database is older than what was noted.
    pub fn is_ahead_of(&self, row: &StoreRow) -> bool {
        self.read().is_some_and(|(epoch, g)| epoch != row.epoch || g > row.g)
    }

    /// Notes how far the log has come. What cannot be noted is logged; the transactions are safe all the same.
    pub fn note(&self, epoch: &str, g: u64) {
        let file = match &self.0 {
            Place::File(file) => file,
            Place::Memory(noted) => {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some((epoch.to_owned(), g));
                return;
            }
        };
        let mut line = [b' '; LENGTH];
        let mut rest = &mut line[..LENGTH - 1];
        let written = write!(rest, "{epoch} {g}");
        line[LENGTH - 1] = b'\n';
        if let Err(error) = written.and_then(|()| file.write_all_at(&line, 0)) {
            tracing::warn!(%error, "the mark cannot be written");
        }
    }
}
