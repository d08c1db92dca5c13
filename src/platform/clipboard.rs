//! What can be pasted elsewhere.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Puts a text there. Returns whether the browser took it: a page without HTTPS has no clipboard, and a person may
/// refuse.
pub async fn write(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let navigator: JsValue = window.navigator().into();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .ok()
        .and_then(|c| c.dyn_into::<web_sys::Clipboard>().ok());
    let Some(clipboard) = clipboard else { return false };
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
