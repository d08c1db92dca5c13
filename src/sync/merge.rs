//! How one entry of the server's log becomes part of the book: the same on every tablet and on the server.

use super::protocol::Status;
use crate::domain::book::case::Kept;
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, Changes};
use crate::domain::event::{Body, Transaction};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::Replica;
use crate::domain::value::part::Parts;

/// The code of a case for a body that this version cannot read although the server took it.
const UNREADABLE: &str = "unreadable";

/// An entry as either side has it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub replica: Replica,
    pub seq: u64,
    pub h: Hash,
    pub status: Status,
    pub code: Option<&'a str>,
    /// JSON; rejected entries need none.
    pub body: Option<&'a str>,
    pub parts: &'a Parts,
}

impl Entry<'_> {
    /// The transaction that is to be folded in; `None` for what has no effect or cannot be read by this version.
    pub fn transaction(&self) -> Option<Transaction> {
        if self.status != Status::Ok {
            return None;
        }
        let body: Body = serde_json::from_slice(self.body?.as_bytes()).ok()?;
        Some(Transaction { replica: self.replica, seq: self.seq, body, parts: self.parts.clone() })
    }
}

/// Folds an entry in. Rejected ones are numbers without effect; what cannot be applied is a case.
pub fn fold(book: &mut Book, layer: Layer, entry: &Entry<'_>) -> Changes {
    match (entry.status, entry.transaction()) {
        (Status::Rej, _) => Changes::default(),
        (_, Some(tx)) => book.apply(layer, &tx),
        (_, None) => {
            let kept = Kept { body: entry.body.unwrap_or_default().to_owned(), parts: entry.parts.clone() };
            book.apply_held(layer, entry.replica, entry.seq, entry.code.unwrap_or(UNREADABLE), kept)
        }
    }
}

/// One hash over a log up to an entry: two that read the same log have the same at every number, and one that was
/// altered, cut or replaced anywhere before shows at the next round.
pub fn log_digest(before: Hash, replica: Replica, seq: u64, h: Hash, status: Status) -> Hash {
    let status = match status {
        Status::Ok => 0_u8,
        Status::Rej => 1,
        Status::Held => 2,
    };
    Hash::of(&[&before.0, &replica.to_be_bytes(), &seq.to_be_bytes(), &h.0, &[status]])
}
