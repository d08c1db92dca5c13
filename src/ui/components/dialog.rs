//! A sheet over the page, closed by "back", by its cross or by a tap beside it. It keeps the keyboard's focus, and what
//! was typed into it does not go by a slip of the finger.

use leptos::ev::{self, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::Icon;
use crate::platform::back::Back;
use crate::ui::state::app;

/// What can have the keyboard's focus.
const FOCUSABLE: &str =
    "button:not([disabled]), a[href], input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary";
/// Where something is saved by itself.
const PART: &str = "form, [data-part]";

#[component]
pub fn Dialog(
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// Called when it is to go.
    close: impl Fn() + Copy + Send + Sync + 'static,
    /// Wide enough for a table.
    #[prop(optional)]
    wide: bool,
    /// It cannot be put aside.
    #[prop(optional)]
    fixed: bool,
    children: Children,
) -> impl IntoView {
    // Drawn by one function for all of them: the program has it once.
    frame(title, Callback::new(move |()| close()), wide, fixed, children)
}

fn frame(title: Signal<String>, close: Callback<()>, wide: bool, fixed: bool, children: Children) -> AnyView {
    let app = app();
    let m = app.words();
    let close = move || close.run(());
    let sheet = NodeRef::<html::Section>::new();
    let unsaved =
        move || sheet.get_untracked().is_some_and(|s| s.query_selector("[data-typed]").ok().flatten().is_some());
    // By a slip, nothing that was typed goes.
    let may = move || {
        let typed = unsaved();
        if typed {
            app.say(m.typed_not_saved.to_owned(), true);
        }
        !typed
    };
    // The cross is meant; but one of several parts that was saved does not save the others.
    let asked = StoredValue::new(false);
    let cross = move || {
        let parts = sheet.get_untracked().is_some_and(|s| s.query_selector("[data-part]").ok().flatten().is_some());
        if parts && unsaved() && !asked.get_value() {
            asked.set_value(true);
            app.say(m.typed_close_again.to_owned(), true);
        } else {
            // What was said of it is over, too.
            app.notice.set(None);
            close();
        }
    };
    if !fixed {
        // On the next turn: it is gone with what it is called by.
        let closing = move || request_animation_frame(close);
        let told = StoredValue::new_local(Back::watch(may, closing)).with_value(Option::is_some);
        let escape = window_event_listener(ev::keydown, move |e| {
            if !told && e.key() == "Escape" && may() {
                close();
            }
        });
        on_cleanup(move || escape.remove());
    }
    let before = document().active_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    let keep_focus = window_event_listener(ev::keydown, move |e| {
        if e.key() == "Tab" && sheet.try_get_untracked().flatten().is_some_and(|s| hold_focus(&s, e.shift_key())) {
            e.prevent_default();
        }
    });
    on_cleanup(move || {
        keep_focus.remove();
        if let Some(Some(element)) = before.try_get_value().filter(|e| e.as_ref().is_some_and(|e| e.is_connected())) {
            let _ = element.focus();
        }
    });
    Effect::new(move |_| {
        if let Some(sheet) = sheet.get().filter(|s| !has_focus(s)) {
            // Not a field: a telephone would bring its keyboard up.
            let _ = sheet.focus();
        }
    });
    view! {
        <div
            class="dialog"
            data-tap=""
            data-wide=wide.then_some("")
            data-fixed=fixed.then_some("")
            on:click=move |_| {
                if may() {
                    close();
                }
            }
        >
            <section
                class="dialog__sheet"
                role="dialog"
                aria-modal="true"
                tabindex="-1"
                node_ref=sheet
                aria-label=move || title.get()
                on:click=|e: MouseEvent| {
                    e.stop_propagation();
                    saved(&e);
                }
                on:input=typed
            >
                <header class="dialog__head">
                    <h2>{move || title.get()}</h2>
                    {(!fixed)
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="button button--bare"
                                    aria-label=m.close
                                    on:click=move |_| cross()
                                >
                                    <Icon name="close" />
                                </button>
                            }
                        })}
                </header>
                <div class="dialog__body">{children()}</div>
            </section>
        </div>
    }
    .into_any()
}

/// The part of a dialog that an event is about.
fn part(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(PART).ok()?
}

/// Remembers that something was typed that a button has to save.
fn typed(event: web_sys::Event) {
    let field = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let searched = field.is_some_and(|f| f.get_attribute("type").is_some_and(|t| t == "search"));
    if let Some(part) = part(&event).filter(|_| !searched) {
        let _ = part.set_attribute("data-typed", "");
    }
}

/// A part that is saved by a button of its own says so.
fn saved(event: &web_sys::Event) {
    let saves = event
        .target()
        .and_then(|t| t.dyn_into::<Element>().ok())
        .and_then(|t| t.closest("[data-saves]").ok().flatten());
    if let Some(part) = saves.and_then(|_| part(event)) {
        let _ = part.remove_attribute("data-typed");
    }
}

/// Says whether something was typed into a part of the open dialog that is saved by itself.
pub fn parts_typed() -> bool {
    document().query_selector(".dialog [data-part][data-typed]").ok().flatten().is_some()
}

fn has_focus(sheet: &HtmlElement) -> bool {
    document().active_element().is_some_and(|e| sheet.contains(Some(&e)))
}

/// Keeps the focus of a Tab inside, of several dialogs in the one on top; whether it was moved.
fn hold_focus(sheet: &HtmlElement, backwards: bool) -> bool {
    let sheets = document().query_selector_all(".dialog__sheet").ok();
    let top = sheets.and_then(|all| all.item(all.length().checked_sub(1)?));
    if !top.is_some_and(|top| top.is_same_node(Some(sheet))) {
        return false;
    }
    let Ok(all) = sheet.query_selector_all(FOCUSABLE) else { return false };
    let at = |i: u32| all.item(i).and_then(|n| n.dyn_into::<HtmlElement>().ok());
    let (Some(first), Some(last)) = (at(0), all.length().checked_sub(1).and_then(at)) else { return false };
    let active = document().active_element();
    let is = |e: &HtmlElement| active.as_ref().is_some_and(|a| a.is_same_node(Some(e)));
    let to = match backwards {
        _ if !has_focus(sheet) => first,
        true if is(&first) || is(sheet) => last,
        false if is(&last) => first,
        _ => return false,
    };
    let _ = to.focus();
    true
}
