//! How much room there is, and whether the browser promises to keep what we write.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

/// State of our storage, as the browser tells it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Room {
    /// Units: bytes.
    pub used: f64,
    pub quota: f64,
    /// The browser will not throw our data away by itself.
    pub persistent: bool,
}

fn manager() -> Option<StorageManager> {
    // Missing in pages that are not served over HTTPS or from this machine.
    let navigator = web_sys::window()?.navigator();
    let manager = js_sys::Reflect::get(&navigator, &"storage".into()).ok()?;
    manager.dyn_into().ok()
}

/// Asks the browser to keep our data, and says whether it will.
pub async fn persist() -> bool {
    let Some(promise) = manager().and_then(|m| m.persist().ok()) else { return false };
    JsFuture::from(promise).await.is_ok_and(|v| v.is_truthy())
}

pub async fn room() -> Option<Room> {
    let manager = manager()?;
    let estimate = JsFuture::from(manager.estimate().ok()?).await.ok()?;
    let figure =
        |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok().and_then(|v| v.as_f64()).unwrap_or_default();
    let persistent = JsFuture::from(manager.persisted().ok()?).await.is_ok_and(|v| v.is_truthy());
    Some(Room { used: figure("usage"), quota: figure("quota"), persistent })
}
