//! The clock and the dice.

use crate::actions::Ports;
use crate::domain::value::time::Timestamp;

/// The browser's.
pub struct Browser;

impl Ports for Browser {
    fn now(&self) -> Timestamp {
        Timestamp(js_sys::Date::now() as i64)
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let filled = web_sys::window()
            .and_then(|w| w.crypto().ok())
            .and_then(|c| c.get_random_values_with_u8_array(&mut bytes).ok());
        // Without real randomness salts would be guessable; a page without `crypto` is no browser that Daybook runs in.
        assert!(filled.is_some(), "the browser has no source of randomness");
        bytes
    }
}
