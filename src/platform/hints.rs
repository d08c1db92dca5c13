//! The server's hints that there is something to read.

use gloo::events::EventListener;
use web_sys::EventSource;

use crate::sync::protocol::hints_ticket;

/// Listens until dropped. The browser connects again by itself.
pub struct Hints {
    source: EventSource,
    _listeners: [EventListener; 2],
}

impl Hints {
    pub fn listen(token: &str, heard: impl Fn() + Clone + 'static) -> Option<Self> {
        let ticket = hints_ticket(token);
        let source = EventSource::new(&format!("/v1/hints?ticket={ticket}")).ok()?;
        let again = heard.clone();
        let listeners = [EventListener::new(&source, "message", move |_| heard()), EventListener::new(&source, "open", move |_| again())];
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.source.close();
    }
}
