//! Files in and out.

use gloo::file::futures::read_as_bytes;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{HtmlAnchorElement, TextDecoder, Url};

/// A chosen file's bytes; `None` when the browser could not read it.
pub async fn bytes(file: web_sys::File) -> Option<Vec<u8>> {
    read_as_bytes(&gloo::file::Blob::from(web_sys::Blob::from(file))).await.ok()
}

/// Reads GB 18030 with the browser's own tables, which saves bringing them along.
pub fn gbk(bytes: &[u8]) -> String {
    TextDecoder::new_with_label("gb18030")
        .and_then(|d| d.decode_with_u8_array(bytes))
        .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned())
}

/// Time that a browser may take to begin reading what it was offered. Units: ms.
const READING: u32 = 60_000;

/// Offers a text as a download.
pub fn save(name: &str, text: &str) {
    save_bytes(name, text.as_bytes(), "application/json");
}

/// Offers bytes as a download.
pub fn save_bytes(name: &str, bytes: &[u8], kind: &str) {
    let blob = gloo::file::Blob::new_with_options(bytes, Some(kind));
    let Ok(address) = Url::create_object_url_with_blob(blob.as_ref()) else { return };
    if let Ok(link) = gloo::utils::document().create_element("a")
        && let Ok(link) = link.dyn_into::<HtmlAnchorElement>()
    {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // Safari and Firefox begin to read only after this has returned, and would save nothing if the address were gone by
    // then.
    let revoke = move || {
        let _ = Url::revoke_object_url(&address);
    };
    Timeout::new(READING, revoke).forget();
}
