//! The cart under way and those put aside: changed, kept, and made an order.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use super::state::{App, PUT_ASIDE};
use crate::domain::order::Cart;
use crate::store::MetaKey;

/// What takes longer is shown to be under way. Units: ms.
const SLOW_MS: u32 = 100;

/// The cart under way and those put aside.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Carts {
    pub open: Cart,
    pub held: Vec<Cart>,
}

impl App {
    /// Changes the carts; they are kept across a restart, a moment after the last change.
    pub fn with_carts(self, change: impl FnOnce(&mut Carts)) {
        self.empty_spent();
        let before = self.carts.with_untracked(|c| c.held.clone());
        self.carts.update(change);
        let put_aside = self.carts.with_untracked(|c| c.held != before);
        let keep = move || {
            let bytes = self.carts_bytes();
            spawn_local(async move {
                let kept = self.inner().desk.keep(MetaKey::Carts, bytes).await;
                if let (true, Ok(()), Some(tabs)) = (put_aside, kept, self.inner().tabs.borrow().as_ref()) {
                    tabs.tell(PUT_ASIDE);
                }
            });
        };
        if put_aside {
            // The other tabs have to know at once: each writes the list whole.
            self.carts_were_kept();
            keep();
        } else {
            *self.inner().cart_timer.borrow_mut() = Some(Timeout::new(150, keep));
        }
    }

    /// The open cart becomes an order. `false` while another is becoming one.
    ///
    /// It is emptied on the screen when the order is written, which is a few milliseconds; to draw it empty before, and
    /// then again, would make both later. What takes longer is drawn: `slow` is called then.
    pub fn begin_placing(self, slow: impl FnOnce() + 'static) -> bool {
        let inner = self.inner();
        if inner.placing.replace(true) {
            return false;
        }
        // A write of the cart that is still due must not come after the one that empties it.
        self.carts_were_kept();
        let timer = Timeout::new(SLOW_MS, move || {
            self.empty_spent();
            slow();
        });
        *inner.spent.borrow_mut() = Some(timer);
        true
    }

    /// Says whether the cart was still as it was when the order was begun.
    pub fn end_placing(self, written: bool) -> bool {
        let inner = self.inner();
        inner.placing.set(false);
        if written {
            return self.empty_spent();
        }
        inner.spent.borrow_mut().take().is_some()
    }

    fn empty_spent(self) -> bool {
        let spent = self.inner().spent.borrow_mut().take().is_some();
        if spent {
            self.carts.update(|c| c.open = Cart::default());
        }
        spent
    }

    /// Another tab put a cart aside or took one up: the list is the same in all of them.
    pub fn reread_held(self) {
        spawn_local(async move {
            if let Ok(Some(kept)) = self.inner().desk.kept::<Carts>(MetaKey::Carts).await {
                self.carts.update(|c| c.held = kept.held);
            }
        });
    }

    pub fn carts_bytes(self) -> Vec<u8> {
        self.carts.with_untracked(|c| serde_json::to_vec(c).unwrap_or_default())
    }

    /// Forgets a write of the carts that is still due: they are written along with an order.
    pub fn carts_were_kept(self) {
        self.inner().cart_timer.borrow_mut().take();
    }
}
