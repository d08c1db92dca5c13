//! A tap that follows another at once and at the same place was meant for what was there before it, not for what the
//! first one brought there.

use std::cell::Cell;

use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use gloo::utils::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

/// Two taps within this time are one. Units: ms.
const AT_ONCE_MS: f64 = 400.0;
/// A finger does not hit the same place more exactly. Units: CSS pixels.
const SAME_PLACE: f64 = 32.0;
/// Selector of what does one thing a tap.
const DOES: &str = "button, a[href], summary";
/// Selector of what does one thing itself, and not what is in it.
const DOES_ITSELF: &str = "[data-tap]";
/// Selector of what is meant to be tapped several times in a row: tiles, steppers, sizes of pack.
const AGAIN: &str = "[data-again]";

/// Swallows the second of two taps, for the life of the page. A script's clicks and a keyboard's pass.
pub fn guard() {
    let last = Cell::new((f64::MIN, 0.0, 0.0));
    let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
    EventListener::new_with_options(&window(), "click", options, move |event| {
        let Some((tapped, tap)) = tap(event) else { return };
        let (at, x, y) = (event.time_stamp(), f64::from(tap.client_x()), f64::from(tap.client_y()));
        let (before, old_x, old_y) = last.get();
        let same_place = (x - old_x).abs().max((y - old_y).abs()) < SAME_PLACE;
        if at - before < AT_ONCE_MS && same_place && tapped.closest(AGAIN).ok().flatten().is_none() {
            event.stop_immediate_propagation();
            event.prevent_default();
        } else {
            last.set((at, x, y));
        }
    })
    .forget();
}

/// Finds what of [`DOES`] or [`DOES_ITSELF`] a person tapped.
fn tap(event: &Event) -> Option<(Element, &MouseEvent)> {
    let tap = event.dyn_ref::<MouseEvent>().filter(|tap| event.is_trusted() && tap.detail() > 0)?;
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let tapped = if target.matches(DOES_ITSELF).ok()? { target } else { target.closest(DOES).ok()?? };
    Some((tapped, tap))
}
