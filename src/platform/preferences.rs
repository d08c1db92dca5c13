//! Small settings of this tablet alone. In local storage, because they are needed before the database is open.

use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::Storage;

// `gloo::storage` would bring a second JSON reader along (see `http`).
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

pub fn load<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_slice(storage()?.get_item(key).ok()??.as_bytes()).ok()
}

/// Best effort: a browser that refuses keeps the setting until the page is closed.
pub fn save<T: Serialize>(key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        let _ = storage.set_item(key, &text);
    }
}

pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}
