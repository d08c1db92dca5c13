//! A scanner that types: its bursts are caught before any field, whatever has the focus.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use crate::domain::work::scan::{Act, Burst};

/// After so long without a key a burst is over. Units: ms.
const OVER: u32 = 80;

/// A field, and what it held before a burst that may have begun.
struct Before {
    field: Field,
    value: String,
}

enum Field {
    Input(HtmlInputElement),
    Text(HtmlTextAreaElement),
}

impl Field {
    fn focused() -> Option<Self> {
        let element = web_sys::window()?.document()?.active_element()?;
        match element.dyn_into::<HtmlInputElement>() {
            Ok(input) => Some(Self::Input(input)),
            Err(other) => other.dyn_into().ok().map(Self::Text),
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Input(e) => e.value(),
            Self::Text(e) => e.value(),
        }
    }

    /// Sets what the field holds and tells the page, as if it had been typed.
    fn set(&self, value: &str) {
        let target: &web_sys::EventTarget = match self {
            Self::Input(e) => {
                e.set_value(value);
                e
            }
            Self::Text(e) => {
                e.set_value(value);
                e
            }
        };
        if let Ok(event) = Event::new("input") {
            let _ = target.dispatch_event(&event);
        }
    }
}

/// Listens, for as long as it is kept.
pub struct Listening {
    _keys: EventListener,
    _input: EventListener,
}

/// Takes what a burst wrote into a field, before it was known to be one, out again.
fn restore(before: Option<Before>) {
    if let Some(before) = before.filter(|b| b.field.value() != b.value) {
        before.field.set(&before.value);
    }
}

/// Calls `scanned` with every code.
pub fn listen(scanned: impl Fn(String) + 'static) -> Option<Listening> {
    let window = web_sys::window()?;
    let scanned = Rc::new(scanned);
    let burst = Rc::new(RefCell::new(Burst::default()));
    let before = Rc::new(RefCell::new(None::<Before>));
    let over = RefCell::new(None::<Timeout>);
    // What a person types between is not to come before what was kept back.
    let flush = {
        let (burst, before, scanned) = (Rc::clone(&burst), Rc::clone(&before), Rc::clone(&scanned));
        move || {
            if !burst.borrow().holds_back() {
                return;
            }
            let ended = burst.borrow_mut().gave_up();
            let field = before.borrow_mut().take();
            match (ended, field) {
                (Ok(code), field) => {
                    restore(field);
                    scanned(code);
                }
                (Err(swallowed), Some(before)) => before.field.set(&(before.field.value() + &swallowed)),
                (Err(_), None) => {}
            }
        }
    };
    let typed = flush.clone();
    let capture = || EventListenerOptions { phase: gloo::events::EventListenerPhase::Capture, passive: false };
    let input = EventListener::new_with_options(&window, "beforeinput", capture(), move |_| typed());
    let keys = EventListener::new_with_options(&window, "keydown", capture(), move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.is_composing() || event.key() == "Shift" {
            return;
        }
        let at = event.time_stamp() as i64;
        let key = event.key();
        let goes_on = matches!(key.as_str(), "Enter" | "Tab") || key.chars().count() == 1;
        if !goes_on || burst.borrow().begins(at) {
            flush();
        }
        if burst.borrow().begins(at) {
            *before.borrow_mut() = Field::focused().map(|field| Before { value: field.value(), field });
        }
        let act = burst.borrow_mut().key(&key, at);
        over.borrow_mut().take();
        match act {
            Act::Leave => {}
            Act::Swallow => {
                event.prevent_default();
                event.stop_propagation();
                *over.borrow_mut() = Some(Timeout::new(OVER, flush.clone()));
            }
            Act::Scanned(code) => {
                event.prevent_default();
                event.stop_propagation();
                restore(before.borrow_mut().take());
                scanned(code);
            }
        }
    });
    Some(Listening { _keys: keys, _input: input })
}
