//! Signs that a round may be worth while. They are hints; only a round trip decides.

use gloo::events::EventListener;
use gloo::utils::{document, window};

/// Calls whenever the network comes or goes and whenever the page is looked at again. For the life of the page.
pub fn on_change(changed: impl Fn() + Clone + 'static) {
    for name in ["online", "offline", "focus", "pageshow"] {
        let changed = changed.clone();
        EventListener::new(&window(), name, move |_| changed()).forget();
    }
    EventListener::new(&document(), "visibilitychange", move |_| changed()).forget();
}

/// Says whether nobody can see the page: the tablet was put away, or something else is in front of it.
pub fn is_page_hidden() -> bool {
    document().hidden()
}
