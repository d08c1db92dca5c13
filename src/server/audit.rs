//! Walking a store's whole log: is anything missing, altered, or said twice?

use std::collections::HashMap;

use serde::Serialize;

use super::journal::{Chain, Journal, JournalError, LogRow, StoreRow};
use crate::domain::Book;
use crate::domain::book::layered::Layer;
use crate::domain::event::Body;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::Replica;
use crate::sync::merge::{fold, log_digest};
use crate::sync::protocol::MOST_PAGE;

/// What an audit found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub store: String,
    pub epoch: String,
    /// Transactions walked.
    pub rows: u64,
    /// How far each replica's chain goes.
    pub chains: Vec<(Replica, u64)>,
    /// Parts that were erased at somebody's wish.
    pub erased: u64,
    pub findings: Vec<Finding>,
    /// The digest of the log, and of the book that it folds to.
    pub log: String,
    pub book: String,
}

/// One thing that is not as it was written.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A number has no row.
    Missing { g: u64 },
    /// A replica's transactions have a gap before this one.
    Gap { g: u64, replica: Replica, expected: u64, found: u64 },
    /// A body is not what was hashed, or a link before it was changed.
    Altered { g: u64, replica: Replica, seq: u64 },
    /// The log's own digest does not hold at this row: a status, a replica or an order was changed.
    Digest { g: u64 },
    /// A detached part is not what its transaction says.
    Part { g: u64, name: String },
    /// A tablet's row and the log disagree on how far its chain goes.
    Chain { replica: Replica, row: u64, log: u64 },
    /// The store's number and the log disagree.
    Length { row: u64, log: u64 },
}

/// Walks a log from its start.
///
/// # Errors
/// [`JournalError`] when it cannot be read at all.
pub async fn audit(journal: &dyn Journal, store: &StoreRow) -> Result<Report, JournalError> {
    look_through(journal, store, true).await
}

/// The same without folding: what a log adds up to takes memory for every order, and a running server has none to
/// spare.
///
/// # Errors
/// [`JournalError`].
pub async fn audit_chains(journal: &dyn Journal, store: &StoreRow) -> Result<Report, JournalError> {
    look_through(journal, store, false).await
}

async fn look_through(journal: &dyn Journal, store: &StoreRow, folds: bool) -> Result<Report, JournalError> {
    let mut report = Report { store: store.id.clone(), epoch: store.epoch.clone(), ..Report::default() };
    let mut chains = HashMap::<Replica, Chain>::new();
    let mut book = Book::default();
    let mut dig = Hash::default();
    let mut g = 0;
    loop {
        let (page, more) = journal.page(&store.id, g, MOST_PAGE).await?;
        for row in &page {
            if row.g != g + 1 {
                report.findings.push(Finding::Missing { g: g + 1 });
            }
            g = row.g;
            report.rows += 1;
            walk(row, chains.entry(row.replica).or_default(), &mut dig, &mut report);
            if folds {
                fold(&mut book, Layer::Confirmed, &row.entry());
            }
        }
        if !more {
            break;
        }
    }
    if g != store.g {
        report.findings.push(Finding::Length { row: store.g, log: g });
    }
    for tablet in journal.tablets(&store.id).await? {
        let walked = chains.get(&tablet.replica).copied().unwrap_or_default();
        if walked != tablet.chain {
            report.findings.push(Finding::Chain {
                replica: tablet.replica,
                row: tablet.chain.last_seq,
                log: walked.last_seq,
            });
        }
    }
    report.chains = chains.into_iter().map(|(replica, chain)| (replica, chain.last_seq)).collect();
    report.chains.sort_unstable();
    report.log = dig.to_string();
    report.book = if folds { book.digest().to_string() } else { String::new() };
    Ok(report)
}

fn walk(row: &LogRow, chain: &mut Chain, dig: &mut Hash, report: &mut Report) {
    let &LogRow { g, replica, seq, h, .. } = row;
    if seq != chain.last_seq + 1 {
        report.findings.push(Finding::Gap { g, replica, expected: chain.last_seq + 1, found: seq });
    } else if Hash::link(chain.link, &row.body) != h {
        report.findings.push(Finding::Altered { g, replica, seq });
    }
    *chain = Chain { last_seq: seq, link: h };
    *dig = log_digest(*dig, replica, seq, h, row.status);
    if *dig != row.dig {
        report.findings.push(Finding::Digest { g });
        *dig = row.dig;
    }
    let Ok(body) = serde_json::from_str::<Body>(&row.body) else { return };
    for reference in body.ev.iter().flat_map(|e| e.personal()) {
        match row.parts.get(&reference.pd) {
            None => report.erased += 1,
            Some(part) if part.hash() != reference.ph => {
                report.findings.push(Finding::Part { g, name: reference.pd.clone() });
            }
            Some(_) => {}
        }
    }
}
