//! How long things take, for whoever asks: a page that has a list `daybookTimings` before the console begins gets
//! `[name, ms]` pairs in it. Without one nothing is measured and nothing piles up.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static LIST: Option<Array> = Reflect::get(&js_sys::global(), &"daybookTimings".into()).ok().and_then(|list| list.dyn_into().ok());
}

/// From its making to its end.
pub struct Span {
    name: &'static str,
    since: Option<f64>,
}

/// Begins to measure, if somebody asked.
pub fn span(name: &'static str) -> Span {
    Span { name, since: LIST.with(Option::is_some).then(now) }
}

/// Says when something was done, in ms since the page began.
pub fn mark(name: &'static str) {
    LIST.with(|list| list.as_ref().map(|list| list.push(&Array::of2(&name.into(), &JsValue::from_f64(now())))));
}

fn now() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(since) = self.since else { return };
        let took = Array::of2(&self.name.into(), &JsValue::from_f64(now() - since));
        LIST.with(|list| list.as_ref().map(|list| list.push(&took)));
    }
}
