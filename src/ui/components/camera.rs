//! The camera as a scanner: what it reads goes where a scanner's codes go.

use std::cell::Cell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use leptos::html::Video;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Dialog, Icon};
use crate::i18n::fill;
use crate::platform::camera::{self, Trouble};
use crate::ui::state::app;

/// Between two pictures. Units: ms.
const EVERY: u32 = 120;
/// The same code again within this time is the same thing still held before the camera. Units: ms.
const SAME: i64 = 2_000;

/// Opens the camera.
#[component]
pub fn CameraButton() -> impl IntoView {
    let app = app();
    let m = app.words();
    view! {
        <button
            type="button"
            class="button button--bare"
            data-camera=""
            aria-label=m.camera
            title=m.camera
            on:click=move |_| app.scans.camera.set(true)
        >
            <Icon name="camera" />
        </button>
    }
}

/// The camera's picture, over everything, for as long as it is open.
#[component]
pub fn CameraSheet() -> impl IntoView {
    let app = app();
    let m = app.words();
    let video = NodeRef::<Video>::new();
    let trouble = RwSignal::new(None::<Trouble>);
    let ready = RwSignal::new(false);
    let last = RwSignal::new(String::new());
    let open = Rc::new(Cell::new(true));
    let gone = StoredValue::new_local(Rc::clone(&open));
    on_cleanup(move || gone.with_value(|open| open.set(false)));
    let take = app.scanner();
    Effect::new(move |_| {
        let Some(video) = video.get() else { return };
        let (open, take) = (Rc::clone(&open), Rc::clone(&take));
        spawn_local(async move {
            let camera = match camera::open(video).await {
                Ok(camera) => camera,
                Err(why) => {
                    trouble.try_set(Some(why));
                    return;
                }
            };
            ready.try_set(true);
            let mut before = (String::new(), i64::MIN);
            while open.get() {
                if let Some(code) = camera.read().await.filter(|_| open.get()) {
                    let now = app.now().0;
                    if code != before.0 || now.saturating_sub(before.1) > SAME {
                        last.try_set(code.clone());
                        take(code.clone());
                    }
                    before = (code, now);
                }
                TimeoutFuture::new(EVERY).await;
            }
        });
    });
    view! {
        <Dialog title=m.camera close=move || app.scans.camera.set(false)>
            {move || match trouble.get() {
                Some(why) => {
                    let text = match why {
                        Trouble::None => m.camera_none,
                        Trouble::Denied => m.camera_denied,
                        Trouble::NoReader => m.camera_no_reader,
                    };
                    view! {
                        <p class="trouble" role="alert">
                            <Icon name="alert" />
                            <span>{text}</span>
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! { <p class="form__note">{move || if ready.get() { m.camera_text } else { m.opening }}</p> }
                        .into_any()
                }
            }}
            <video
                class="camera"
                data-ready=move || ready.get().then_some("")
                node_ref=video
                autoplay
                playsinline
                muted
            ></video>
            {move || {
                last
                    .with(|code| {
                        (!code.is_empty())
                            .then(|| {
                                view! {
                                    <p class="badge" data-read=code.clone()>
                                        {fill(m.camera_read, &[code])}
                                    </p>
                                }
                            })
                    })
            }}
        </Dialog>
    }
}
