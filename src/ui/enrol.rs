//! What the form (`form.rs`) asks for: enrolling, and what it has to say of what was here before.

use leptos::children::ViewFn;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::components::Icon;
use super::form::Fields;
use super::marker::Marker;
use super::routes;
use super::state::App;
use crate::i18n::fill;
use crate::platform::http::{self, Reply};
use crate::platform::storage;
use crate::sync::engine::Input;
use crate::sync::protocol::{EnrolRequest, Enrolment, Was};

impl App {
    /// Answers the form from now on. To be called below an owner that lasts.
    pub fn answer_form(self, fields: Fields) {
        let was = RwSignal::new(None::<Was>);
        fields.above.set(Some(ViewFn::from(move || self.what_was_here(was))));
        // What the page itself kept may have gone along; the server's cookie stays.
        if self.is_nobodys() && Marker::left().is_none() {
            spawn_local(async move {
                if let Some(found) = http::get::<Was>("/v1/was").await {
                    was.try_set(Some(found));
                }
            });
        }
        Effect::new(move |_| {
            if fields.sent.get() {
                spawn_local(async move {
                    fields.trouble.set(self.enrol(fields).await.err());
                    fields.sent.set(false);
                });
            }
        });
    }

    /// Not a tablet that still has everything and is enrolled again.
    fn is_nobodys(self) -> bool {
        self.look(|l| l.identity.is_none())
    }

    fn what_was_here(self, was: RwSignal<Option<Was>>) -> impl IntoView {
        let m = self.words();
        let missing = if self.is_nobodys() { Marker::left() } else { None };
        view! {
            {missing
                .map(|v| {
                    view! {
                        <p class="trouble" role="alert" data-vanished=v.waiting.to_string()>
                            <Icon name="alert" />
                            <span>{fill(m.vanished, &[&v.prefix, &v.last, &v.waiting])}</span>
                        </p>
                    }
                })}
            {move || {
                was
                    .get()
                    .map(|w| {
                        view! {
                            <p class="trouble" role="alert" data-was=w.prefix>
                                <Icon name="alert" />
                                <span>{fill(m.was_tablet, &[&w.prefix, &w.transactions])}</span>
                            </p>
                        }
                    })
            }}
        }
    }

    /// Makes this device a tablet of the store, or says why not.
    async fn enrol(self, fields: Fields) -> Result<(), &'static str> {
        let m = self.words();
        // Storage that cannot be read has nothing to name; the queue comes along all the same.
        let last = self.inner().desk.last_sent().await.unwrap_or_default();
        let request = EnrolRequest { code: fields.code.get_untracked(), device: fields.device.get_untracked(), last };
        let identity = match http::post("/v1/enrol", None, &request).await {
            Reply::<Enrolment>::Ok(identity) => identity,
            Reply::Status(403, _) => return Err(m.enrol_wrong_code),
            Reply::Status(429, _) => return Err(m.enrol_too_many),
            Reply::Status(..) => return Err(m.enrol_refused),
            Reply::None => return Err(m.enrol_no_network),
        };
        self.inner().desk.enrol(identity).await.map_err(|_| m.not_saved_closed)?;
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(routes::TAKE_ORDER));
        }
        if !storage::persist().await {
            self.say(m.storage_not_persistent.to_owned(), false);
        }
        self.all_changed();
        self.enrolled.set(true);
        self.listen();
        self.feed(Input::Enrolled);
        self.mirror_soon();
        self.wrote();
        Ok(())
    }
}
