//! The wire form of `POST /v1/sync` and `POST /v1/enrol`. Samples are kept in `tests/data/wire`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::merge;
use crate::domain::event::Transaction;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::Replica;
use crate::domain::value::part::Parts;

/// The protocol's version; another one is answered with 426.
pub const VERSION: u32 = 1;
/// The schema of events that this program writes: the greatest `since` of the table of events.
pub const SCHEMA: u32 = 1;
/// The oldest schema that the server takes; a tablet of an older one has to be updated first.
pub const OLDEST_SCHEMA: u32 = 1;
/// The most transactions in one push.
pub const MOST_PUSH: usize = 256;
/// The most bytes of one push; a single larger transaction goes alone.
pub const MOST_PUSH_BYTES: usize = 320 * 1024;
/// The most bytes of a request's body that the server reads.
pub const MOST_REQUEST_BYTES: usize = 2 * 1024 * 1024;
/// The most transactions in one page.
pub const MOST_PAGE: u32 = 2_000;

/// Place up to which a tablet has read: an epoch of the server's log, the last number in it, and the digest of the log
/// up to there.
///
/// Shape: `"{epoch}:{g}"` or `"{epoch}:{g}:{digest}"`; a new tablet has `":0"`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cursor {
    pub epoch: String,
    pub g: u64,
    /// `None` before anything was read.
    pub dig: Option<Hash>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.g)?;
        self.dig.map_or(Ok(()), |dig| write!(f, ":{dig}"))
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHAT: &str = "a cursor has the form EPOCH:NUMBER or EPOCH:NUMBER:DIGEST";
        let mut pieces = text.split(':');
        let (epoch, g) = pieces.next().zip(pieces.next()).ok_or(WHAT)?;
        let dig = pieces.next().map(str::parse).transpose().map_err(|_| WHAT)?;
        if epoch.len() > 32 || !epoch.bytes().all(|b| b.is_ascii_alphanumeric()) || pieces.next().is_some() {
            return Err(WHAT);
        }
        Ok(Self { epoch: epoch.to_owned(), g: g.parse().map_err(|_| WHAT)?, dig })
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The code of a rejection that says: the log has this very body already, under another identity of the tablet.
pub const ALREADY_KNOWN: &str = "already_known";

/// Request of a tablet: what it has, and where it stands.
#[derive(Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    pub v: u32,
    pub store: String,
    pub replica: Replica,
    pub schema: u32,
    pub cursor: Cursor,
    #[serde(default)]
    pub push: Vec<PushEntry>,
    pub limit: u32,
}

/// One transaction on its way to the server: the exact bytes that were hashed, and what stands beside them.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct PushEntry {
    pub seq: u64,
    pub h: Hash,
    pub body: Box<RawValue>,
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub pd: Parts,
}

impl PushEntry {
    /// About as much as it takes in a request. Units: bytes.
    pub fn size(&self) -> usize {
        // What is in quotes grows where it has quotes of its own.
        let parts: usize = self.pd.iter().map(|(name, part)| name.len() + 2 * part.data.len() + 64).sum();
        self.body.get().len() + parts + 128
    }
}

/// Fate of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    /// A request that may not be; it is in the log as a number without effect.
    Rej,
    /// A fact that could not be applied; kept as it is.
    Held,
}

/// The server's answer to one pushed transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub seq: u64,
    pub s: Status,
    /// The server had it already and repeats its answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dup: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub g: u64,
}

/// One transaction in the server's order.
#[derive(Clone, Serialize, Deserialize, Debug)]
pub struct LogEntry {
    pub g: u64,
    pub replica: Replica,
    pub seq: u64,
    pub h: Hash,
    pub s: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The exact bytes that were hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub pd: Parts,
}

impl LogEntry {
    /// As [`merge`] takes it.
    pub fn entry(&self) -> merge::Entry<'_> {
        merge::Entry {
            replica: self.replica,
            seq: self.seq,
            h: self.h,
            status: self.s,
            code: self.code.as_deref(),
            body: self.body.as_deref().map(RawValue::get),
            parts: &self.pd,
        }
    }

    /// The transaction that is to be folded in, if any.
    pub fn transaction(&self) -> Option<Transaction> {
        self.entry().transaction()
    }
}

/// Derives the ticket with which a tablet listens to hints. It cannot be turned back into the token, so it may stand in
/// an address.
pub fn hints_ticket(token: &str) -> String {
    Hash::of(&[b"hints", token.as_bytes()]).to_string()
}

/// Step that the tablet has to take before it can go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The server's log was replaced: read it from the start, and send again what it lacks.
    Reset,
    /// This storage was cloned or restored; it needs an identity of its own.
    Enrol,
}

/// Answer of the server.
#[derive(Serialize, Deserialize, Debug)]
pub struct SyncResponse {
    pub epoch: String,
    /// The server's clock. Units: ms since 1970.
    pub now: i64,
    /// The last transaction of this replica that the server has.
    pub last_seq: u64,
    pub res: Vec<Answer>,
    pub from: u64,
    pub to: u64,
    pub more: bool,
    pub tx: Vec<LogEntry>,
    pub need: Option<Need>,
    /// The last number that a verified backup of the server holds; up to there the tablet need not keep its own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub safe: u64,
    /// The hash of `last_seq`. A tablet that has another one there shares its identity with a copy of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_h: Option<Hash>,
    /// With `reset`: how far the log has everybody's transactions, so that tablets can hand in what it lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<(Replica, u64)>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Transactions of other tablets that a server that was put back to an older state may lack: `POST /v1/donate`.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Donation {
    pub v: u32,
    /// The epoch that the server announced with `reset`.
    pub epoch: String,
    pub tx: Vec<Donated>,
}

/// One transaction of any replica.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Donated {
    pub replica: Replica,
    pub entry: PushEntry,
}

/// A tablet's request for an identity.
#[derive(Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    pub code: String,
    /// Name of the tablet in lists.
    pub device: String,
    /// From a tablet that had an identity before: the last of its transactions that came back in the log, for each of
    /// its identities whose transactions are in no backup yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last: Vec<Known>,
}

/// A transaction that a tablet once saw in the server's log.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Known {
    pub replica: Replica,
    pub seq: u64,
    pub h: Hash,
}

/// A tablet's identity in a store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    pub store: String,
    /// Secret.
    pub token: String,
    pub replica: Replica,
    /// Before every order number of this tablet, for ever.
    pub prefix: String,
    /// Identities whose last transaction the server does not have any more; what is kept of them is sent again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Replica>,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enrolment {{ store: {:?}, replica: {}, prefix: {:?} }}", self.store, self.replica, self.prefix)
    }
}

/// A code for another tablet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewCode {
    pub code: String,
    /// The server's clock. Units: ms since 1970.
    pub expires_at: i64,
}

/// The body of every answer that is not 200.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    pub code: String,
    pub message: String,
}

/// Counts the transactions of a queue that go into one push: as many as fit, at least one.
pub fn push_size(sizes: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut bytes = 0;
    let fits = sizes.take(most.max(1)).take_while(|size| {
        bytes += size;
        bytes <= MOST_PUSH_BYTES
    });
    fits.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for text in [":0", "9f3c:184467", "9f3c:5:000102030405060708090a0b0c0d0e0f"] {
            assert_eq!(text.parse::<Cursor>().expect("a cursor").to_string(), text);
        }
        for text in ["", "5", "a:b", "a b:1", "a:-1", "a:1:b", "a:1:000102030405060708090a0b0c0d0e0f:"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_transaction_larger_than_a_push_goes_alone() {
        assert_eq!(push_size([MOST_PUSH_BYTES + 1, 10].into_iter(), 256), 1);
        assert_eq!(push_size([10, MOST_PUSH_BYTES, 10].into_iter(), 256), 1);
        assert_eq!(push_size(std::iter::repeat_n(10, 1000), 256), 256);
        assert_eq!(push_size(std::iter::repeat_n(10, 1000), 0), 1);
    }
}

/// `POST /v1/intakes`: what to do with the web shops that hand orders in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntakeChange {
    Look,
    Set {
        name: String,
        kind: String,
        /// Without one, the server makes one and shows it once.
        secret: Option<String>,
    },
    Remove {
        name: String,
    },
}

/// The web shops there are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeAnswer {
    pub shops: Vec<IntakeShop>,
    pub secret: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IntakeShop {
    pub name: String,
    pub kind: String,
    /// The server's clock, when it last handed something in. Units: ms since 1970.
    pub heard_at: Option<i64>,
}

/// The header that says who at a tablet asks for something that not everybody may: a `StaffId`.
pub const STAFF_HEADER: &str = "daybook-staff";
/// The header with that person's PIN, where they have one. Secret.
pub const PIN_HEADER: &str = "daybook-pin";

/// `POST /v1/tablets`: what to do with a store's tablets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TabletChange {
    Look,
    /// One that was lost: its token says nothing from now on.
    ShutOut {
        replica: Replica,
    },
}

/// A tablet of the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TabletLine {
    pub replica: Replica,
    pub prefix: String,
    pub device: String,
    /// The server's clock. Units: ms since 1970.
    pub enrolled_at: i64,
    pub shut_out: bool,
    /// Number of transactions that the log has of it.
    pub transactions: u64,
}

/// `GET /v1/was`: which tablet a browser was before its storage was emptied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Was {
    pub prefix: String,
    /// Number of its transactions that the log has.
    pub transactions: u64,
}
