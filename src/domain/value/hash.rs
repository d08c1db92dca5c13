//! Hashes: how bodies, chains and things that somebody saw are told apart.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Sixteen bytes of SHA-256.
///
/// Shape: 32 hex digits in JSON, 16 bytes elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Hash(pub [u8; 16]);

impl Hash {
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        Self(short)
    }

    /// A hash by which a body is recognised when it comes again under another identity: over its exact bytes.
    pub fn of_body(body: &str) -> Self {
        Self::of(&[body.as_bytes()])
    }

    /// The next link of a replica's chain: over the previous link and the exact bytes of the body.
    pub fn link(previous: Self, body: &str) -> Self {
        Self::of(&[&previous.0, body.as_bytes()])
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // One number instead of sixteen: a log is full of them.
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl std::str::FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHAT: &str = "a hash is 32 hex digits";
        // A number may have a sign, a hash may not.
        let digits = Some(text).filter(|text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = digits.and_then(|text| u128::from_str_radix(text, 16).ok()).ok_or(WHAT)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            <[u8; 16]>::deserialize(deserializer).map(Self)
        }
    }
}
