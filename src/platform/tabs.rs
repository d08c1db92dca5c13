//! Several tabs of one tablet: any may write, one syncs.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "daybook";

/// Tells the other tabs, and hears them.
pub struct Tabs {
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Opens the channel; `heard` is called when another tab wrote. For the life of the page.
    pub fn open(heard: impl Fn(String) + 'static) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        if let Some(channel) = &channel {
            EventListener::new(channel, "message", move |event| {
                if let Some(text) = event.dyn_ref::<MessageEvent>().and_then(|m| m.data().as_string()) {
                    heard(text);
                }
            })
            .forget();
        }
        Self { channel }
    }

    pub fn tell(&self, what: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(what));
        }
    }
}

/// Whether this tab is the one that syncs.
pub type Leading = Rc<Cell<bool>>;

/// Waits for the lock that one tab holds for as long as it lives; then `elected` is called. Without Web Locks every tab
/// leads, which the guards of the store make safe, if wasteful.
pub fn lead(elected: impl Fn() + 'static) -> Leading {
    let leading = Leading::default();
    let flag = leading.clone();
    // Not in `web-sys` without its unstable flag, so it is called by name.
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(JsValue::is_truthy);
    let locks = web_sys::window().and_then(|w| get(&w.navigator(), "locks"));
    let request = locks.as_ref().and_then(|l| get(l, "request")).and_then(|r| r.dyn_into::<Function>().ok());
    let (Some(locks), Some(request)) = (locks, request) else {
        leading.set(true);
        elected();
        return leading;
    };
    let hold = Closure::<dyn FnMut(JsValue) -> js_sys::Promise>::new(move |_| {
        flag.set(true);
        elected();
        // Never resolved: the lock is held until the tab is gone.
        js_sys::Promise::new(&mut |_, _| {})
    });
    let _ = request.call2(&locks, &"daybook-sync".into(), hold.as_ref());
    hold.forget();
    leading
}
