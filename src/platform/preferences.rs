//! Small settings of this tablet alone. In local storage, because they are needed before the database is open.

use gloo::storage::{LocalStorage, Storage};
use serde::{Serialize, de::DeserializeOwned};

pub fn load<T: DeserializeOwned>(key: &str) -> Option<T> {
    LocalStorage::get(key).ok()
}

/// Best effort: a browser that refuses keeps the setting until the page is closed.
pub fn save<T: Serialize>(key: &str, value: &T) {
    let _ = LocalStorage::set(key, value);
}
