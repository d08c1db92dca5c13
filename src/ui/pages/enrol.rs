//! The way in: a one-time code makes this browser a tablet of the store.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Language, fill};
use crate::platform::http::{self, Reply};
use crate::platform::storage;
use crate::sync::engine::Input;
use crate::sync::protocol::{EnrolRequest, Enrolment, Was};
use crate::ui::components::{Choice, Icon, TextField};
use crate::ui::state::{app, vanished};

/// The code in the address, as `./dev run` prints it.
fn code_in_address() -> String {
    let search = window().location().search().unwrap_or_default();
    web_sys::UrlSearchParams::new_with_str(&search).ok().and_then(|p| p.get("enrol")).unwrap_or_default()
}

#[component]
pub fn Enrol() -> impl IntoView {
    let app = app();
    let m = app.words();
    let code = RwSignal::new(code_in_address());
    let device = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<&'static str>);
    let enrol = move || {
        if busy.get_untracked() || code.with_untracked(|c| c.trim().is_empty()) {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            // Storage that cannot be read has nothing to name; the queue comes along all the same.
            let last = app.inner().desk.last_sent().await.unwrap_or_default();
            let request = EnrolRequest { code: code.get_untracked(), device: device.get_untracked(), last };
            let reply: Reply<Enrolment> = http::post("/v1/enrol", None, &request).await;
            busy.set(false);
            match reply {
                Reply::Ok(identity) => {
                    if app.inner().desk.enrol(identity).await.is_err() {
                        trouble.set(Some(m.not_saved_closed));
                        return;
                    }
                    let history = window().history().ok();
                    if let Some(history) = history {
                        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(crate::ui::routes::TAKE_ORDER));
                    }
                    if !storage::persist().await {
                        app.say(m.storage_not_persistent.to_owned(), false);
                    }
                    app.all_changed();
                    app.enrolled.set(true);
                    app.listen();
                    app.feed(Input::Enrolled);
                    app.mirror_soon();
                    app.wrote();
                }
                Reply::Status(403, _) => trouble.set(Some(m.enrol_wrong_code)),
                Reply::Status(429, _) => trouble.set(Some(m.enrol_too_many)),
                Reply::Status(..) => trouble.set(Some(m.enrol_refused)),
                Reply::None => trouble.set(Some(m.enrol_no_network)),
            }
        });
    };
    // Not while a tablet that still has everything is enrolled again.
    let missing = app.look(|l| l.identity.is_none()).then(vanished).flatten();
    // What the page itself kept may have gone along; the server's cookie stays.
    let was = RwSignal::new(None::<Was>);
    if missing.is_none() && app.look(|l| l.identity.is_none()) {
        spawn_local(async move {
            if let Some(found) = http::get::<Was>("/v1/was").await {
                was.try_set(Some(found));
            }
        });
    }
    view! {
        <main class="enrol">
            <section class="enrol__card">
                <p class="enrol__seal" aria-hidden="true">"日单"</p>
                <h1>{m.enrol_title}</h1>
                <p>{m.enrol_text}</p>
                {missing.map(|v| view! {
                    <p class="trouble" role="alert" data-vanished=v.waiting.to_string()>
                        <Icon name="alert" /><span>{fill(m.vanished, &[&v.prefix, &v.last, &v.waiting])}</span>
                    </p>
                })}
                {move || was.get().map(|w| view! {
                    <p class="trouble" role="alert" data-was=w.prefix.clone()>
                        <Icon name="alert" /><span>{fill(m.was_tablet, &[&w.prefix, &w.transactions])}</span>
                    </p>
                })}
                <form on:submit=move |e| { e.prevent_default(); enrol(); }>
                    <TextField label=m.enrol_code value=code placeholder="7KQ2-M9XD" />
                    <TextField label=m.enrol_device value=device placeholder=m.enrol_device_example />
                    {move || trouble.get().map(|t| view! { <p class="trouble" role="alert"><Icon name="alert" /><span>{t}</span></p> })}
                    <button class="button button--primary button--wide" type="submit" disabled=move || busy.get()>
                        {move || if busy.get() { m.working } else { m.enrol_go }}
                    </button>
                </form>
                <Choice options=Language::ALL.iter().map(|l| (*l, l.own_name().to_owned())).collect() value=Signal::derive(move || app.preferences.with(|p| p.language))
                    choose=move |l| app.prefer(|p| p.language = l) label=m.language />
            </section>
        </main>
    }
}
