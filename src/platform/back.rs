//! The system's "back": the gesture or button of a telephone, Escape on a keyboard. Where the browser says what that
//! closes (`CloseWatcher`), it closes what is open and leaves the page alone.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

/// Listens until it is dropped.
pub struct Back {
    watcher: EventTarget,
    _listeners: [EventListener; 2],
}

impl Back {
    /// `may` is asked first, where the browser lets a page object. `None` where the browser does not tell.
    pub fn watch(may: impl Fn() -> bool + 'static, close: impl Fn() + 'static) -> Option<Self> {
        let class: Function = Reflect::get(&js_sys::global(), &"CloseWatcher".into()).ok()?.dyn_into().ok()?;
        let watcher: EventTarget = Reflect::construct(&class, &Array::new()).ok()?.dyn_into().ok()?;
        let cancel = EventListener::new_with_options(
            &watcher,
            "cancel",
            EventListenerOptions::enable_prevent_default(),
            move |event| {
                if !may() {
                    event.prevent_default();
                }
            },
        );
        let closed = EventListener::new(&watcher, "close", move |_| close());
        Some(Self { watcher, _listeners: [cancel, closed] })
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        // One that closed is gone by itself.
        let destroy = Reflect::get(&self.watcher, &"destroy".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
        let _ = destroy.map(|f| f.call0(&self.watcher)).unwrap_or(Ok(JsValue::UNDEFINED));
    }
}
