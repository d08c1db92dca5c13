//! Written beside the database and not into it: if the browser threw the database away, this says what was in it.

use serde::{Deserialize, Serialize};

use crate::platform::preferences;

/// `pwa/boot.js` asks for it, too: it has to know before there is a program.
const KEY: &str = "daybook.marker";

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Marker {
    pub prefix: String,
    /// How many transactions had not been sent when it was last known.
    pub waiting: usize,
    /// The number of the last order that was taken.
    pub last: u64,
}

impl Marker {
    /// What is here, or was; `None` where no tablet of a store ever was.
    pub fn left() -> Option<Self> {
        preferences::load(KEY).filter(|m: &Self| !m.prefix.is_empty())
    }

    pub fn leave(&self) {
        preferences::save(KEY, self);
    }

    /// Forgets that there was something here: it was taken away on purpose.
    pub fn forget() {
        preferences::remove(KEY);
    }
}
