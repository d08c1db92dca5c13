//! The end of a store's log, in memory.

use std::collections::VecDeque;

use serde_json::value::RawValue;

use super::journal::LogRow;
use crate::sync::protocol::LogEntry;

/// The end of the log, kept in memory: tablets that are awake ask for nothing else.
#[derive(Default)]
pub(super) struct Recent {
    /// The number of the last entry, also when there is none here.
    last: u64,
    entries: VecDeque<LogEntry>,
    bytes: usize,
}

/// Units: bytes, as [`weight`] counts them.
const MOST_RECENT: usize = 8 * 1024 * 1024;

impl Recent {
    /// Nothing yet of a log that has come so far.
    pub fn from(last: u64) -> Self {
        Self { last, ..Self::default() }
    }

    pub fn push(&mut self, entry: LogEntry) {
        if entry.g != self.last + 1 {
            self.entries.clear();
            self.bytes = 0;
        }
        self.last = entry.g;
        self.bytes += weight(&entry);
        self.entries.push_back(entry);
        while self.bytes > MOST_RECENT {
            let Some(old) = self.entries.pop_front() else { break };
            self.bytes -= weight(&old);
        }
    }

    /// A page after `g`, if all of it is here. `known` is the last number that anybody spoke of.
    pub fn page(&self, after: u64, limit: usize, known: u64) -> Option<(Vec<LogEntry>, bool)> {
        let first = self.last + 1 - self.entries.len() as u64;
        if self.last < known || after + 1 < first || after > self.last {
            return None;
        }
        let skip = (after + 1 - first) as usize;
        let page: Vec<LogEntry> = self.entries.iter().skip(skip).take(limit).cloned().collect();
        let more = self.entries.len() - skip > page.len();
        Some((page, more))
    }
}

fn weight(entry: &LogEntry) -> usize {
    256 + entry.body.as_ref().map_or(0, |b| b.get().len()) + entry.pd.values().map(|p| p.data.len()).sum::<usize>()
}

impl From<LogRow> for LogEntry {
    fn from(row: LogRow) -> Self {
        let body = RawValue::from_string(row.body).ok();
        Self {
            g: row.g,
            replica: row.replica,
            seq: row.seq,
            h: row.h,
            s: row.status,
            code: row.code,
            body,
            pd: row.parts,
        }
    }
}
