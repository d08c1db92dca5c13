//! The second place for what only this tablet has: the browser's cache of answers, which keeps files of its own and
//! shares nothing with its databases. Missing where a page is not served over HTTPS or from this machine, as the
//! service worker is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Cache, CacheStorage, Request, Response};

use crate::store::mirror::Mirror;

/// The service worker lets go of old versions of the program by their names, and this is none.
const CACHE: &str = "mirror";
/// Before every name. The service worker answers nothing below `/v1/`.
const PATH: &str = "/v1/mirror/";

/// Delay before the mirror is written: what was just done is drawn first.
const SOON_MS: u32 = 10;

enum Change {
    Put(String, Vec<u8>),
    Remove(String),
    Clear,
}

#[derive(Default)]
struct Waiting {
    changes: RefCell<Vec<Change>>,
    under_way: Cell<bool>,
}

/// See the module.
#[derive(Default)]
pub struct BrowserMirror {
    waiting: Rc<Waiting>,
}

impl BrowserMirror {
    fn change(&self, change: Change) {
        self.waiting.changes.borrow_mut().push(change);
        if !self.waiting.under_way.replace(true) {
            let waiting = Rc::clone(&self.waiting);
            spawn_local(async move {
                loop {
                    TimeoutFuture::new(SOON_MS).await;
                    let changes = waiting.changes.take();
                    if changes.is_empty() {
                        break;
                    }
                    // A browser that keeps nothing here keeps nothing.
                    let _ = write(changes).await;
                }
                waiting.under_way.set(false);
            });
        }
    }
}

fn caches() -> Result<CacheStorage, JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    Reflect::get(&window, &"caches".into())?.dyn_into()
}

async fn cache() -> Result<Cache, JsValue> {
    JsFuture::from(caches()?.open(CACHE)).await?.dyn_into()
}

/// Writes what the changes come to, name by name: the browser may overtake a `put` with a `delete` that was asked for
/// after it.
async fn write(changes: Vec<Change>) -> Result<(), JsValue> {
    let mut last: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let mut clear = false;
    for change in changes {
        match change {
            Change::Put(name, bytes) => drop(last.insert(name, Some(bytes))),
            Change::Remove(name) => drop(last.insert(name, None)),
            Change::Clear => {
                last.clear();
                clear = true;
            }
        }
    }
    if clear {
        JsFuture::from(caches()?.delete(CACHE)).await?;
    }
    let cache = cache().await?;
    let mut asked: Vec<Promise> = Vec::with_capacity(last.len());
    for (name, bytes) in last {
        let path = format!("{PATH}{name}");
        asked.push(match bytes {
            Some(bytes) => cache
                .put_with_str(&path, &Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes.as_slice())))?),
            None => cache.delete_with_str(&path),
        });
    }
    for done in asked {
        // One that is refused keeps nobody from writing the others.
        let _ = JsFuture::from(done).await;
    }
    Ok(())
}

async fn names() -> Result<Vec<String>, JsValue> {
    let requests: Array = JsFuture::from(cache().await?.keys()).await?.dyn_into()?;
    let name =
        |request: JsValue| request.dyn_into::<Request>().ok()?.url().split_once(PATH).map(|(_, name)| name.to_owned());
    Ok(requests.iter().filter_map(name).collect())
}

async fn get(name: &str) -> Result<Vec<u8>, JsValue> {
    let found: Response = JsFuture::from(cache().await?.match_with_str(&format!("{PATH}{name}"))).await?.dyn_into()?;
    let bytes = JsFuture::from(found.array_buffer()?).await?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

impl Mirror for BrowserMirror {
    fn put(&self, name: String, bytes: Vec<u8>) {
        self.change(Change::Put(name, bytes));
    }

    fn remove(&self, name: String) {
        self.change(Change::Remove(name));
    }

    fn clear(&self) {
        self.change(Change::Clear);
    }

    async fn names(&self) -> Vec<String> {
        names().await.unwrap_or_default()
    }

    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        get(name).await.ok()
    }
}
