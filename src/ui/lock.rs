//! The lock: who left the till alone is asked for the PIN again, and wrong ones have to be waited for.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::state::{App, Asked};
use crate::platform::preferences;

/// After so long without a touch it locks. Units: minutes; `0` is never.
pub const CHOICES: [u32; 4] = [0, 5, 15, 60];
/// How often it is looked at. Units: ms.
const EVERY: u32 = 10_000;
/// Wrong PINs in a row before it has to be waited.
const MOST_TRIES: u32 = 5;
/// Units: ms.
const WAIT: i64 = 30_000;
const TRIES: &str = "daybook.tries";

/// Wrong PINs in a row. Kept across a restart: loading the page again gives nobody more of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tries {
    count: u32,
    last: i64,
}

impl Tries {
    pub fn known() -> Self {
        preferences::load(TRIES).unwrap_or_default()
    }

    /// Says whether it has to be waited. A clock that was set back does not make it longer.
    pub fn blocked(self, now: i64) -> bool {
        self.count >= MOST_TRIES && (0..WAIT).contains(&(now - self.last))
    }

    /// After one more wrong one.
    pub fn wrong(self, now: i64) -> Self {
        // Whoever waited begins anew.
        let count = if self.count >= MOST_TRIES { 1 } else { self.count + 1 };
        let tries = Self { count, last: now };
        preferences::save(TRIES, &tries);
        tries
    }

    pub fn right() {
        preferences::remove(TRIES);
    }
}

impl App {
    /// Locks when nobody has touched the page for as long as is set; for the life of the page.
    pub fn watch_idle(self) {
        let touched = Rc::new(Cell::new(self.now().0));
        for event in ["pointerdown", "keydown"] {
            let touched = Rc::clone(&touched);
            EventListener::new(&window(), event, move |_| touched.set(self.now().0)).forget();
        }
        let look = move || {
            let after = i64::from(self.preferences.with_untracked(|p| p.lock_after_min)) * 60_000;
            // A clock that jumped locks at worst once too often.
            let left = self.now().0.saturating_sub(touched.get()).saturating_abs() >= after;
            if after > 0 && left && self.asked.get_untracked() != Some(Asked::Locked) {
                touched.set(self.now().0);
                self.lock();
            }
        };
        let on_return = look.clone();
        // A tablet that slept has no timers; it is looked at when it wakes.
        EventListener::new(&document(), "visibilitychange", move |_| on_return()).forget();
        Interval::new(EVERY, look).forget();
    }
}
