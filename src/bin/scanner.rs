//! Reads barcodes out of pictures: a worker of its own, loaded when the camera is used in a browser that cannot read
//! them.
//!
//! Takes `[grey, width, height]`, one byte a dot, row by row; answers with the code's text, or with null. The first
//! message it sends says that it is there.

#[cfg(target_arch = "wasm32")]
fn main() {
    use js_sys::{Array, Uint8Array};
    use wasm_bindgen::prelude::*;
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = scope.clone();
    let listen = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        let grey = Uint8Array::new(&parts.get(0)).to_vec();
        let size = |i| parts.get(i).as_f64().unwrap_or_default() as u32;
        let text = read(grey, size(1), size(2)).map_or(JsValue::NULL, |text| JsValue::from_str(&text));
        let _ = answer.post_message(&text);
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    let _ = scope.post_message(&JsValue::TRUE);
}

/// The first code in a picture.
#[cfg(target_arch = "wasm32")]
fn read(grey: Vec<u8>, width: u32, height: u32) -> Option<String> {
    if width == 0 || height == 0 || grey.len() != width as usize * height as usize {
        return None;
    }
    let mut hints = rxing::DecodeHints { TryHarder: Some(true), ..rxing::DecodeHints::default() };
    let found = rxing::helpers::detect_in_luma_with_hints(grey, width, height, None, &mut hints);
    found.ok().map(|result| result.getText().to_owned())
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs in a browser, behind the console; build it with ./dev build.");
}
