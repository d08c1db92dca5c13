//! Several tabs of one tablet: any may write, one syncs.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Date, Function, Math, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "daybook";
/// Message of a tab that wrote.
pub const WROTE: &str = "wrote";
/// Messages of the tab that syncs, about the connection, and of a tab that was just opened and asks for it.
pub const CONNECTED: &str = "connected";
pub const NOT_CONNECTED: &str = "not connected";
pub const HOW_IS_THE_LINK: &str = "how is the link";

thread_local! {
    /// The browser is freezing this tab, or has. What it began now would not end, and hold up the others.
    static ASLEEP: Cell<bool> = const { Cell::new(false) };
}

/// Tells the other tabs, and hears them.
pub struct Tabs {
    channel: Option<BroadcastChannel>,
}

impl Tabs {
    /// Opens the channel; `heard` is called when another tab wrote, and when this one wakes up. For the life of the
    /// page.
    pub fn open(heard: impl Fn(String) + 'static) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let heard = Rc::new(heard);
        if let Some(document) = web_sys::window().and_then(|w| w.document()) {
            EventListener::new(&document, "freeze", |_| ASLEEP.set(true)).forget();
            let heard = heard.clone();
            EventListener::new(&document, "resume", move |_| {
                ASLEEP.set(false);
                heard(WROTE.to_owned());
            })
            .forget();
        }
        if let Some(channel) = &channel {
            EventListener::new(channel, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|m| m.data().as_string());
                if let Some(text) = text.filter(|_| !ASLEEP.get()) {
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

/// Says whether this tab is the one that syncs.
pub type Leading = Rc<Cell<bool>>;

/// The lock that one tab holds for as long as it lives.
const LOCK: &str = "daybook-sync";
/// Channel on which the leader says that it is awake.
const BEATS: &str = "daybook-lead";
const BEAT_MS: u32 = 4_000;
/// A leader that was not heard for so long is frozen, and is replaced.
const SILENCE_MS: f64 = 13_000.0;

/// Waits until this tab leads; then, and whenever it leads again, `elected` is called. A leader that a browser has
/// frozen is replaced by a tab that is awake. Without Web Locks every tab leads, which the guards of the store make
/// safe, if wasteful. For the life of the page.
pub fn lead(elected: impl Fn() + 'static) -> Leading {
    let leading = Leading::default();
    let beats = BroadcastChannel::new(BEATS).ok();
    let beat = beats.clone();
    let elected: Rc<dyn Fn()> = Rc::new(move || {
        // Said at once, so that no other tab takes the lead as well.
        if let Some(beats) = &beat {
            let _ = beats.post_message(&JsValue::from_str("beat"));
        }
        elected();
    });
    let Some(locks) = Locks::find() else {
        leading.set(true);
        elected();
        return leading;
    };
    queue(locks.clone(), leading.clone(), elected.clone());
    let heard = Rc::new(Cell::new(Date::now()));
    if let Some(beats) = &beats {
        let heard = heard.clone();
        EventListener::new(beats, "message", move |_| heard.set(Date::now())).forget();
    }
    let flag = leading.clone();
    // Tabs look at different times, or they would replace the leader and each other.
    let own_pace = BEAT_MS - (Math::random() * 1_500.0) as u32;
    Interval::new(own_pace, move || {
        if flag.get() {
            heard.set(Date::now());
            if let Some(beats) = &beats {
                let _ = beats.post_message(&JsValue::from_str("beat"));
            }
        } else if Date::now() - heard.get() > SILENCE_MS {
            heard.set(Date::now());
            let (locks, leading, elected) = (locks.clone(), flag.clone(), elected.clone());
            spawn_local(async move { locks.hold(true, &leading, &elected).await });
        }
    })
    .forget();
    leading
}

/// Stands in the queue for the lock, and again whenever it was taken away.
fn queue(locks: Locks, leading: Leading, elected: Rc<dyn Fn()>) {
    spawn_local(async move {
        loop {
            locks.hold(false, &leading, &elected).await;
            // A browser that refuses locks must not be asked all the time.
            TimeoutFuture::new(BEAT_MS).await;
        }
    });
}

/// Not in `web-sys` without its unstable flag, so it is called by name.
#[derive(Clone)]
struct Locks {
    manager: JsValue,
    request: Function,
}

impl Locks {
    fn find() -> Option<Self> {
        let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(JsValue::is_truthy);
        let manager = get(&web_sys::window()?.navigator(), "locks")?;
        let request = get(&manager, "request")?.dyn_into().ok()?;
        Some(Self { manager, request })
    }

    /// Gets the lock, and comes back when it was lost.
    async fn hold(&self, steal: bool, leading: &Leading, elected: &Rc<dyn Fn()>) {
        let (flag, elected) = (leading.clone(), elected.clone());
        let held = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
            flag.set(true);
            elected();
            // The lock is held until the tab is gone or frozen, or another takes it.
            let freed = flag.clone();
            Promise::new(&mut |free, _| {
                let freed = freed.clone();
                if let Some(document) = web_sys::window().and_then(|w| w.document()) {
                    EventListener::once(&document, "freeze", move |_| {
                        freed.set(false);
                        let _ = free.call0(&JsValue::NULL);
                    })
                    .forget();
                }
            })
        });
        let options = Object::new();
        let _ = Reflect::set(&options, &"steal".into(), &steal.into());
        let asked = self.request.call3(&self.manager, &LOCK.into(), &options, held.as_ref());
        if let Some(promise) = asked.ok().and_then(|p| p.dyn_into::<Promise>().ok()) {
            let _ = JsFuture::from(promise).await;
        }
        leading.set(false);
    }
}
