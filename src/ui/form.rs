//! The form by which a one-time code makes this browser a tablet of the store. Two programs draw it: the one that comes
//! first (`way_in.rs`) and is no more than this, and the console, which takes over what was typed into the other's.

use gloo::timers::future::TimeoutFuture;
use leptos::children::ViewFn;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, NodeList};

use super::components::{Choice, Icon, TextField};
use super::preferences::Preferences;
use crate::i18n::Language;

/// The form that the other program has drawn, until it is taken over.
const EARLIER: &str = "main.enrol[data-first]";
/// Units: ms.
const LOOK_AGAIN_MS: u32 = 50;

/// What is in the form, and what becomes of it.
#[derive(Clone, Copy)]
pub struct Fields {
    pub preferences: RwSignal<Preferences>,
    pub code: RwSignal<String>,
    pub device: RwSignal<String>,
    /// Says whether it was sent and is not answered yet.
    pub sent: RwSignal<bool>,
    /// Why it did not work.
    pub trouble: RwSignal<Option<&'static str>>,
    /// What the console has to say above the fields.
    pub above: RwSignal<Option<ViewFn>>,
}

/// The code in the address, as `./dev run` prints it.
fn code_in_address() -> String {
    let search = window().location().search().unwrap_or_default();
    web_sys::UrlSearchParams::new_with_str(&search).ok().and_then(|p| p.get("enrol")).unwrap_or_default()
}

impl Fields {
    pub fn new() -> Self {
        Self {
            preferences: RwSignal::new(Preferences::stored()),
            code: RwSignal::new(code_in_address()),
            device: RwSignal::new(String::new()),
            sent: RwSignal::new(false),
            trouble: RwSignal::new(None),
            above: RwSignal::new(None),
        }
    }

    pub fn language(self) -> Memo<Language> {
        Memo::new(move |_| self.preferences.with(|p| p.language))
    }

    /// Has the page itself in the language and the light that are set.
    pub fn dress_page(self) {
        let language = self.language();
        let light = Memo::new(move |_| self.preferences.with(|p| p.light));
        Effect::new(move |_| {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("lang", language.get().locale());
                let _ = root.set_attribute("data-light", light.get().name());
            }
        });
    }

    /// Takes over what was typed into the earlier form, before another is drawn with these fields;
    /// [`Self::replace_earlier`] is to follow at once. Whoever is in the middle of a character is waited for: it would
    /// be lost.
    pub async fn take_over(self) {
        while earlier().is_some_and(|form| form.has_attribute("data-composing")) {
            TimeoutFuture::new(LOOK_AGAIN_MS).await;
        }
        let Some(earlier) = earlier() else { return };
        for (field, input) in [self.code, self.device].into_iter().zip(inputs(&earlier)) {
            field.set(input.value());
        }
        // It may have set another language than was stored when this program began.
        let set = Preferences::stored();
        self.preferences.update(|p| p.language = set.language);
    }

    /// Takes the earlier form away. The one that was drawn with these fields, if one was, has the focus where the other
    /// had it.
    pub fn replace_earlier(self) {
        let Some(earlier) = earlier() else { return };
        let typed = inputs(&earlier);
        let sent = earlier.has_attribute("data-sent");
        let focus = document().active_element();
        let hand =
            typed.iter().position(|input| focus.as_ref().is_some_and(|f| f.is_same_node(Some(input)))).map(|at| {
                let input = &typed[at];
                (at, input.value(), input.selection_start().ok().flatten(), input.selection_end().ok().flatten())
            });
        earlier.remove();
        if let Some((at, text, start, end)) = hand
            && let Some(form) = document().query_selector("main.enrol").ok().flatten()
            && let Some(input) = inputs(&form).get(at)
        {
            // The cursor stays where it is when the same text is set again, and it will be.
            input.set_value(&text);
            let _ = input.focus();
            let _ = input.set_selection_start(start).and_then(|()| input.set_selection_end(end));
        }
        self.sent.set(sent);
    }
}

fn earlier() -> Option<Element> {
    document().query_selector(EARLIER).ok().flatten()
}

/// Says whether the other program has a form on the page.
pub fn has_earlier() -> bool {
    earlier().is_some()
}

fn inputs(form: &Element) -> Vec<HtmlInputElement> {
    let found: Option<NodeList> = form.query_selector_all("input").ok();
    let found = found.into_iter().flat_map(|list| (0..list.length()).filter_map(move |i| list.get(i)));
    found.filter_map(|node| node.dyn_into().ok()).collect()
}

#[component]
pub fn Form(
    fields: Fields,
    /// Says whether the console will take it over.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let language = fields.language();
    let composing = RwSignal::new(false);
    let send = move || {
        if !fields.sent.get_untracked() && fields.code.with_untracked(|c| !c.trim().is_empty()) {
            fields.trouble.set(None);
            fields.sent.set(true);
        }
    };
    move || {
        let m = language.get().way_in();
        view! {
            <main
                class="enrol"
                data-first=first.then_some("")
                data-sent=move || fields.sent.get().then_some("")
                data-composing=move || composing.get().then_some("")
                on:compositionstart=move |_| composing.set(true)
                on:compositionend=move |_| composing.set(false)
            >
                <section class="enrol__card">
                    <p class="enrol__seal" aria-hidden="true">
                        "日单"
                    </p>
                    <h1>{m.enrol_title}</h1>
                    <p>{m.enrol_text}</p>
                    {move || fields.above.get().map(|above| above.run())}
                    <form on:submit=move |e| {
                        e.prevent_default();
                        send();
                    }>
                        <TextField label=m.enrol_code value=fields.code placeholder="7KQ2-M9XD" />
                        <TextField label=m.enrol_device value=fields.device placeholder=m.enrol_device_example />
                        {move || {
                            fields
                                .trouble
                                .get()
                                .map(|t| {
                                    view! {
                                        <p class="trouble" role="alert">
                                            <Icon name="alert" />
                                            <span>{t}</span>
                                        </p>
                                    }
                                })
                        }}
                        <button
                            class="button button--primary button--wide"
                            type="submit"
                            disabled=move || fields.sent.get()
                        >
                            {move || if fields.sent.get() { m.working } else { m.enrol_go }}
                        </button>
                    </form>
                    <Choice
                        options=Language::ALL.iter().map(|l| (*l, l.own_name().to_owned())).collect()
                        value=language
                        choose=move |l| Preferences::change(fields.preferences, |p| p.language = l)
                        label=m.language
                    />
                </section>
            </main>
        }
    }
}
