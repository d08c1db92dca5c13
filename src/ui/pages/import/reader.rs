//! The reader of files, as the page sees it (`bin/reader.rs`).

use std::rc::Rc;

use futures::channel::oneshot::Receiver;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::File;

use crate::import::batch::Batch;
use crate::import::reading::{Ask, How, Outline, Unreadable};
use crate::platform::worker::Worker;

const SCRIPT: &str = "/reader_loader.js";

/// Why there is no preview.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// The reader itself could not be loaded; it needs the network once.
    #[error("the reader could not be loaded")]
    NoReader,
    #[error(transparent)]
    File(#[from] Unreadable),
}

/// A reader with one file, for as long as this is kept.
pub struct Reader(Worker);

impl Reader {
    pub async fn load() -> Result<Self, Failure> {
        Worker::load(SCRIPT).await.map(Self).ok_or(Failure::NoReader)
    }

    fn ask(&self, ask: &Ask, file: Option<&File>) -> Receiver<JsValue> {
        let asked = Uint8Array::from(serde_json::to_vec(ask).unwrap_or_default().as_slice());
        let message = Array::of1(&asked);
        if let Some(file) = file {
            message.push(file);
        }
        self.0.ask(&message)
    }

    /// Reads a file, or the last one again. A reader that fails over a file says no more; that is the file's doing too.
    pub async fn read(&self, how: &How, file: Option<&File>) -> Result<Outline, Failure> {
        let said = self.ask(&Ask::Read(how.clone()), file).await.map(|said| Uint8Array::new(&said).to_vec());
        let found: Option<Result<Outline, Unreadable>> = said.ok().and_then(|said| serde_json::from_slice(&said).ok());
        found.unwrap_or(Err(Unreadable::Broken)).map_err(Failure::File)
    }

    /// What is in the file, from its beginning.
    pub fn batches(self: &Rc<Self>) -> Batches {
        Batches { reader: Rc::clone(self), at: 1, ahead: self.ask(&Ask::Batch(0), None), failed: false }
    }
}

/// Batch after batch, each asked for while the one before is written.
pub struct Batches {
    reader: Rc<Reader>,
    at: usize,
    ahead: Receiver<JsValue>,
    failed: bool,
}

impl Batches {
    /// `None` past the last, and when the reader has failed.
    pub async fn next(&mut self) -> Option<Batch> {
        let next = self.reader.ask(&Ask::Batch(self.at), None);
        self.at += 1;
        let said = std::mem::replace(&mut self.ahead, next).await;
        let found: Option<Option<Batch>> =
            said.ok().and_then(|said| postcard::from_bytes(&Uint8Array::new(&said).to_vec()).ok());
        self.failed = found.is_none();
        found.flatten()
    }

    /// Says whether it ended because the reader failed.
    pub fn failed(&self) -> bool {
        self.failed
    }
}
