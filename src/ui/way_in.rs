//! What comes first on a device that was never a tablet (`bin/way_in.rs`): the form, while the console is fetched. It
//! does nothing itself; the console takes it over ([`Fields::take_over`]). A program of its own and not a part of the
//! console: a console in one more part would be larger every day (by 34 KB) for what is seen once.

use leptos::prelude::*;

use super::components::Icon;
use super::form::{Fields, Form};
use super::marker::Marker;

/// What `pwa/boot.js` says when the console could not be fetched, and is told when that is to be tried again.
const MISSING: &str = "daybook-missing";
const AGAIN: &str = "daybook-again";

#[component]
pub fn Root() -> impl IntoView {
    // Whoever was a tablet before does not wait for the form, but for the console that is missing.
    let known = Marker::left().is_some();
    let fields = Fields::new();
    fields.dress_page();
    let missing = RwSignal::new(known);
    let language = fields.language();
    let listener = window_event_listener_untyped(MISSING, move |_| {
        fields.trouble.set(Some(language.get_untracked().way_in().enrol_no_network));
        fields.sent.set(false);
        missing.set(true);
    });
    on_cleanup(move || listener.remove());
    let again = move || {
        missing.set(false);
        if let Ok(event) = web_sys::Event::new(AGAIN) {
            let _ = window().dispatch_event(&event);
        }
    };
    Effect::new(move |_| {
        if fields.sent.get() && missing.get_untracked() {
            again();
        }
    });
    move || {
        if !known {
            return view! { <Form fields first=true /> }.into_any();
        }
        let m = language.get().way_in();
        view! {
            <main class="enrol stop" data-first="">
                <Icon name="alert" />
                <p>{m.console_missing}</p>
                <button class="button button--primary" disabled=move || !missing.get() on:click=move |_| again()>
                    {m.try_again}
                </button>
            </main>
        }
        .into_any()
    }
}
