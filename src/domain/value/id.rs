//! Identifiers: made by a tablet without asking anyone, or derived from what another system calls a thing.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// One storage of one tablet, as the server numbered it at enrolment. `0` stands for derived identifiers.
pub type Replica = u32;

/// The server's own replica, under which it writes what comes in through it.
pub const SERVER: Replica = 1;

/// The body of every identifier: who made it, and that maker's running number.
///
/// Invariant: a replica never makes the same `n` twice; the counter advances in the transaction that uses it.
/// Shape: JSON text `"{replica}-{n}"` (a JSON number would lose digits beyond 2^53), elsewhere the two integers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Id {
    pub replica: Replica,
    pub n: u64,
}

impl Hash for Id {
    /// One number instead of two: opening a tablet hashes some hundred thousand of them.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.n ^ u64::from(self.replica).rotate_right(20));
    }
}

impl Id {
    /// The identifier of a thing that another system named: the same name always gives the same identifier, so taking
    /// the same file in twice changes nothing.
    pub fn derived(kind: &str, channel: &str, reference: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [kind, channel, reference] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        Self { replica: 0, n: u64::from_be_bytes(first) }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.replica, self.n)
    }
}

/// The text is not an identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an identifier has the form REPLICA-NUMBER")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (replica, n) = text.split_once('-').ok_or(NotAnId)?;
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(replica) || !digits(n) {
            return Err(NotAnId);
        }
        Ok(Self { replica: replica.parse().map_err(|_| NotAnId)?, n: n.parse().map_err(|_| NotAnId)? })
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.replica, self.n).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
            text.parse().map_err(de::Error::custom)
        } else {
            let (replica, n) = Deserialize::deserialize(deserializer)?;
            Ok(Self { replica, n })
        }
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Id);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl From<$name> for Id {
            fn from(id: $name) -> Self { id.0 }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { text.parse().map(Self) }
        }
    )*};
}

ids! {
    /// A customer's order.
    OrderId
    /// A product: what the shop calls one thing, in one or more variants.
    ProductId
    /// A variant: what is counted, priced and sold (a shirt in blue, size M).
    VariantId
    /// A customer.
    CustomerId
    /// A place that holds stock: store, stall, van, warehouse.
    LocationId
    /// A person who works here.
    StaffId
    /// A payment or a refund.
    PaymentId
    /// A movement of stock.
    MovementId
    /// A tax rate.
    TaxId
}

/// A replica's running numbers, handed out in order.
///
/// Invariant: what is taken from it is used only if the transaction that stores the new counter commits.
#[derive(Clone, Copy, Debug)]
pub struct IdSource {
    pub replica: Replica,
    pub next: u64,
}

impl IdSource {
    /// The next identifier of this replica.
    pub fn take(&mut self) -> Id {
        let id = Id { replica: self.replica, n: self.next };
        self.next += 1;
        id
    }
}

/// The letters before a tablet's order numbers: A to Z, then AA, AB and so on.
pub fn prefix(replica: Replica) -> String {
    let mut n = replica.saturating_sub(1);
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
    use super::*;

    #[test]
    fn every_tablet_has_a_prefix_of_its_own() {
        assert_eq!((prefix(2), prefix(27), prefix(28)), ("A".into(), "Z".into(), "AA".into()));
        let all: std::collections::HashSet<_> = (2..5_000).map(prefix).collect();
        assert_eq!(all.len(), 4_998);
    }

    #[test]
    fn an_identifier_survives_json_beyond_two_to_the_53() {
        let id = OrderId(Id { replica: 7, n: u64::MAX });
        let text = serde_json::to_string(&id).expect("an id is text");
        assert_eq!(text, "\"7-18446744073709551615\"");
        assert_eq!(serde_json::from_str::<OrderId>(&text).expect("it reads back"), id);
    }

    #[test]
    fn a_derived_identifier_depends_on_every_part_and_on_nothing_else() {
        assert_eq!(Id::derived("order", "shop", "1"), Id::derived("order", "shop", "1"));
        assert_ne!(Id::derived("order", "shop", "1"), Id::derived("order", "sho", "p1"));
        assert_ne!(Id::derived("order", "shop", "1"), Id::derived("variant", "shop", "1"));
    }

    #[test]
    fn what_is_not_an_identifier_is_refused() {
        for text in ["", "7", "-1", "7-", "7-x", "+7-1", "7--1", "4294967296-1"] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }
}
