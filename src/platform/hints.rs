//! The server's hints that there is something to read.

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

use crate::sync::protocol::hints_ticket;

/// Listens until dropped. The browser connects again by itself.
pub struct Hints {
    source: EventSource,
    _listeners: [EventListener; 2],
}

impl Hints {
    /// `heard` is told how far the log has come; with nothing when the stream begins anew, which may be another
    /// server's.
    pub fn listen(token: &str, heard: impl Fn(Option<u64>) + Clone + 'static) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Hint {
            g: u64,
        }
        let ticket = hints_ticket(token);
        let source = EventSource::new(&format!("/v1/hints?ticket={ticket}")).ok()?;
        let again = heard.clone();
        let message = move |event: &Event| {
            let text = event.dyn_ref::<MessageEvent>().and_then(|e| e.data().as_string()).unwrap_or_default();
            heard(serde_json::from_slice::<Hint>(text.as_bytes()).ok().map(|hint| hint.g));
        };
        let listeners = [
            EventListener::new(&source, "message", message),
            EventListener::new(&source, "open", move |_| again(None)),
        ];
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.source.close();
    }
}
