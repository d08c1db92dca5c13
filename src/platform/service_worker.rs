//! The worker that holds the whole app, so that it opens without a network.

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

/// Time between two questions for a new version.
const LOOK_MS: u32 = 30 * 60_000;

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    js_sys::Reflect::get(&navigator, &"serviceWorker".into()).ok()?.dyn_into().ok()
}

/// Registers the worker; `waiting` is called when a new version is here and waits to be let in.
pub async fn register(waiting: impl Fn() + Clone + 'static) {
    let Some(container) = container() else { return };
    let Ok(registered) = JsFuture::from(container.register("/service_worker.js")).await else { return };
    let Ok(registration) = registered.dyn_into::<ServiceWorkerRegistration>() else { return };
    // The page itself may not be under the worker's control yet, after a first visit; an older version is there all the
    // same.
    let is_update = |r: &ServiceWorkerRegistration| r.active().is_some();
    if registration.waiting().is_some() && is_update(&registration) {
        waiting();
    }
    let looked = registration.clone();
    // A page that stays open for weeks would never ask by itself.
    Interval::new(LOOK_MS, move || drop(looked.update())).forget();
    let watched = registration.clone();
    EventListener::new(&registration, "updatefound", move |_| {
        let Some(fresh) = watched.installing() else { return };
        let (worker, watched, waiting) = (fresh.clone(), watched.clone(), waiting.clone());
        EventListener::new(&fresh, "statechange", move |_| {
            if worker.state() == web_sys::ServiceWorkerState::Installed && is_update(&watched) {
                waiting();
            }
        })
        .forget();
    })
    .forget();
}

/// Has the worker keep what is fetched only when it is used: it was used.
pub async fn keep_what_was_used() {
    let Some(container) = container() else { return };
    let Ok(found) = JsFuture::from(container.get_registration()).await else { return };
    let Ok(registration) = found.dyn_into::<ServiceWorkerRegistration>() else { return };
    if let Some(active) = registration.active() {
        let _ = active.post_message(&JsValue::from_str("keep"));
    }
}

/// Lets the new version in and opens it.
pub async fn update() {
    let Some(container) = container() else { return };
    let Ok(found) = JsFuture::from(container.get_registration()).await else { return };
    let Ok(registration) = found.dyn_into::<ServiceWorkerRegistration>() else { return };
    let Some(waiting) = registration.waiting() else { return };
    EventListener::once(&container, "controllerchange", |_| {
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    })
    .forget();
    let _ = waiting.post_message(&JsValue::from_str("activate"));
}
