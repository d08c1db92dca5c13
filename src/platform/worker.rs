//! A program of our own beside the page: it is asked, and answers in the order in which it was asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::oneshot::{self, Receiver, Sender};
use futures::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use web_sys::MessageEvent;

/// Callers that wait for an answer, in order.
type Waiting = Rc<RefCell<VecDeque<Sender<JsValue>>>>;

/// A worker, for as long as this is kept.
pub struct Worker {
    worker: web_sys::Worker,
    waiting: Waiting,
    _listen: Closure<dyn Fn(MessageEvent)>,
    _fail: Closure<dyn Fn(JsValue)>,
}

/// Time that a worker may take to load. Units: ms.
const PATIENCE: u32 = 15_000;

impl Worker {
    /// Loads one and waits until it says that it is there; `None` when it cannot be loaded.
    pub async fn load(script: &str) -> Option<Self> {
        let worker = web_sys::Worker::new(script).ok()?;
        let waiting = Waiting::default();
        let heard = Rc::clone(&waiting);
        let listen = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let next = heard.borrow_mut().pop_front();
            if let Some(next) = next {
                let _ = next.send(event.data());
            }
        });
        worker.set_onmessage(Some(listen.as_ref().unchecked_ref()));
        let failed = Rc::clone(&waiting);
        // Whoever waits is told by the end of the channel.
        let fail = Closure::<dyn Fn(JsValue)>::new(move |_| failed.borrow_mut().clear());
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        let there = next(&waiting);
        let this = Self { worker, waiting, _listen: listen, _fail: fail };
        match select(there, TimeoutFuture::new(PATIENCE)).await {
            Either::Left((Ok(_), _)) => Some(this),
            _ => None,
        }
    }

    /// Asks. The channel ends without an answer when the worker fails.
    pub fn ask(&self, message: &JsValue) -> Receiver<JsValue> {
        let answer = next(&self.waiting);
        if self.worker.post_message(message).is_err() {
            self.waiting.borrow_mut().pop_back();
        }
        answer
    }
}

fn next(waiting: &Waiting) -> Receiver<JsValue> {
    let (send, receive) = oneshot::channel();
    waiting.borrow_mut().push_back(send);
    receive
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
