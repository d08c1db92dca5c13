//! Reads other systems' files, in a worker of its own that ends with the import.
//!
//! Takes `[ask]` or `[ask, file]`, where the first is the JSON of [`daybook::import::reading::Ask`]; answers each with
//! bytes, in the order in which it was asked. The first message it sends says that it is there.

#[cfg(target_arch = "wasm32")]
fn main() {
    use std::cell::RefCell;

    use daybook::import::reading::{Ask, MOST_FILE, Outline, Reader, Unreadable};
    use daybook::platform::files;
    use js_sys::{Array, Uint8Array};
    use wasm_bindgen::prelude::*;
    use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageEvent};

    fn bytes(file: &Blob) -> Result<Vec<u8>, Unreadable> {
        if file.size() > MOST_FILE as f64 {
            return Err(Unreadable::TooLarge);
        }
        let buffer =
            FileReaderSync::new().and_then(|r| r.read_as_array_buffer(file)).map_err(|_| Unreadable::Broken)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    fn answer(reader: &mut Reader, ask: Ask, file: Option<&Blob>) -> Vec<u8> {
        match ask {
            Ask::Read(how) => {
                let taken = file.map_or(Ok(()), |file| reader.take(&bytes(file)?, &files::gbk));
                let found: Result<Outline, Unreadable> = taken.map(|()| reader.read(&how));
                serde_json::to_vec(&found).unwrap_or_default()
            }
            Ask::Batch(at) => postcard::to_stdvec(&reader.batch(at)).unwrap_or_default(),
        }
    }

    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answers = scope.clone();
    let reader = RefCell::new(Reader::default());
    let listen = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        let asked = Uint8Array::new(&parts.get(0)).to_vec();
        let file: Option<Blob> = parts.get(1).dyn_into().ok();
        let said = match serde_json::from_slice(&asked) {
            Ok(ask) => answer(&mut reader.borrow_mut(), ask, file.as_ref()),
            Err(_) => Vec::new(),
        };
        let said = Uint8Array::from(said.as_slice());
        let _ = answers.post_message_with_transfer(&said, &Array::of1(&said.buffer()));
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    let _ = scope.post_message(&JsValue::TRUE);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser, behind the console; build it with ./dev build.");
}
