//! Detached parts: what is personal stands beside a transaction's hashed body, so that it can be erased without
//! breaking the chain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hash::Hash;

/// Points to a detached part and says what it must hash to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalRef {
    pub pd: String,
    /// SHA-256 over salt and data, the first 16 bytes in hex.
    pub ph: Hash,
}

/// Personal data beside a transaction's body: erased without breaking the chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub salt: Hash,
    /// The JSON text of what is personal.
    pub data: String,
}

/// Detached parts by name.
pub type Parts = BTreeMap<String, Part>;

impl Part {
    pub fn hash(&self) -> Hash {
        Hash::of(&[&self.salt.0, self.data.as_bytes()])
    }
}
