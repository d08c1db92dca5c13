//! Customers. What is personal stands beside the event that names it, so that it can be forgotten.

use serde::{Deserialize, Serialize};

use super::event::Hash;
use super::id::CustomerId;

/// A customer as the shop knows them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    /// Empty in every field once the person asked to be forgotten.
    pub person: Person,
}

/// What is personal about a customer. Travels as a detached part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub note: String,
}

impl Person {
    /// A hash that only tells something to whoever has the salt.
    pub fn hash(&self, salt: Hash) -> Hash {
        Hash::of(&[&salt.0, &serde_json::to_vec(self).unwrap_or_default()])
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The best short way to call them.
    pub fn called(&self) -> &str {
        [&self.name, &self.phone, &self.email].into_iter().find(|s| !s.is_empty()).map_or("", String::as_str)
    }
}
