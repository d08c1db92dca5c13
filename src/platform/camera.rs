//! The camera, and what reads barcodes out of its pictures: the browser's own reader where it has one, else ours.

use futures::future::{Either, select};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};

use super::service_worker;
use super::worker::Worker;

/// The worker that reads pictures; loaded when it is needed first.
const READER: &str = "/scanner_loader.js";
/// Pictures are read at this width: enough for a barcode that fills half of it. Units: dots.
const WIDTH: u32 = 800;
/// A picture that takes longer than this to read is given up. Units: ms.
const PATIENCE: u32 = 15_000;

/// Why there is no picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The browser gives no camera to a page: it has none, or the address is not a secure one.
    None,
    /// Somebody said no.
    Denied,
    /// The reader could not be loaded; it needs the network once.
    NoReader,
}

/// A camera that is on, for as long as this is kept.
pub struct Camera {
    stream: MediaStream,
    video: HtmlVideoElement,
    reader: Reader,
}

enum Reader {
    /// `BarcodeDetector`.
    Browser(JsValue),
    Ours {
        worker: Worker,
        canvas: HtmlCanvasElement,
    },
}

/// Says whether the browser reads barcodes by itself.
fn detector() -> Option<JsValue> {
    let class: Function = Reflect::get(&js_sys::global(), &"BarcodeDetector".into()).ok()?.dyn_into().ok()?;
    Reflect::construct(&class, &Array::new()).ok()
}

/// Loads our own reader and waits until it says that it is there.
async fn load() -> Result<Reader, Trouble> {
    let document = web_sys::window().and_then(|w| w.document()).ok_or(Trouble::NoReader)?;
    let canvas: HtmlCanvasElement =
        document.create_element("canvas").ok().and_then(|e| e.dyn_into().ok()).ok_or(Trouble::NoReader)?;
    let worker = Worker::load(READER).await.ok_or(Trouble::NoReader)?;
    wasm_bindgen_futures::spawn_local(service_worker::keep_what_was_used());
    Ok(Reader::Ours { worker, canvas })
}

/// Turns the camera on, the one that looks away from the user if there are two.
///
/// # Errors
/// [`Trouble`].
pub async fn open(video: HtmlVideoElement) -> Result<Camera, Trouble> {
    let devices = web_sys::window().and_then(|w| w.navigator().media_devices().ok()).ok_or(Trouble::None)?;
    // Where the address is not a secure one there is no such object, whatever its type says.
    if devices.is_undefined() {
        return Err(Trouble::None);
    }
    let wanted = Object::new();
    let _ = Reflect::set(&wanted, &"facingMode".into(), &"environment".into());
    let _ = Reflect::set(&wanted, &"width".into(), &1280.into());
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wanted);
    let asked = devices.get_user_media_with_constraints(&constraints).map_err(|_| Trouble::None)?;
    let stream: MediaStream = match JsFuture::from(asked).await {
        Ok(stream) => stream.unchecked_into(),
        Err(error) => {
            let name = Reflect::get(&error, &"name".into()).ok().and_then(|n| n.as_string()).unwrap_or_default();
            return Err(if name == "NotAllowedError" { Trouble::Denied } else { Trouble::None });
        }
    };
    video.set_src_object(Some(&stream));
    if let Ok(playing) = video.play() {
        let _ = JsFuture::from(playing).await;
    }
    let reader = match detector() {
        Some(detector) => Reader::Browser(detector),
        None => match load().await {
            Ok(reader) => reader,
            Err(trouble) => {
                stop(&stream);
                return Err(trouble);
            }
        },
    };
    Ok(Camera { stream, video, reader })
}

impl Camera {
    /// Reads what is in the picture now.
    pub async fn read(&self) -> Option<String> {
        match &self.reader {
            Reader::Browser(detector) => {
                let detect: Function = Reflect::get(detector, &"detect".into()).ok()?.dyn_into().ok()?;
                let found: Promise = detect.call1(detector, &self.video).ok()?.dyn_into().ok()?;
                let codes: Array = JsFuture::from(found).await.ok()?.dyn_into().ok()?;
                Reflect::get(&codes.get(0), &"rawValue".into()).ok()?.as_string().filter(|text| !text.is_empty())
            }
            Reader::Ours { worker, canvas } => {
                let (grey, width, height) = self.picture(canvas)?;
                let message = Array::of3(&Uint8Array::from(grey.as_slice()), &width.into(), &height.into());
                match select(worker.ask(&message), gloo::timers::future::TimeoutFuture::new(PATIENCE)).await {
                    Either::Left((answer, _)) => answer.ok()?.as_string(),
                    Either::Right(_) => None,
                }
            }
        }
    }

    /// The picture in grey.
    fn picture(&self, canvas: &HtmlCanvasElement) -> Option<(Vec<u8>, u32, u32)> {
        let (full, high) = (self.video.video_width(), self.video.video_height());
        if full == 0 || high == 0 {
            return None;
        }
        let width = full.min(WIDTH);
        let height = (high * width / full).max(1);
        canvas.set_width(width);
        canvas.set_height(height);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context
            .draw_image_with_html_video_element_and_dw_and_dh(
                &self.video,
                0.0,
                0.0,
                f64::from(width),
                f64::from(height),
            )
            .ok()?;
        let dots = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height)).ok()?.data();
        // Source of the weights: ITU-R BT.601.
        let grey = |p: &[u8]| ((u32::from(p[0]) * 299 + u32::from(p[1]) * 587 + u32::from(p[2]) * 114) / 1000) as u8;
        Some((dots.chunks_exact(4).map(grey).collect(), width, height))
    }
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        stop(&self.stream);
        self.video.set_src_object(None);
    }
}
