//! Ends of forms: the line that says what is wrong in them, and the button that takes them.

use leptos::prelude::*;

/// Line that says what keeps a form from being taken, read out to whoever cannot see it; empty while there is nothing
/// to say.
#[component]
pub fn Alert(#[prop(into)] text: Signal<Option<&'static str>>) -> impl IntoView {
    move || {
        text.get().map(|text| {
            view! {
                <p class="trouble" role="alert">
                    {text}
                </p>
            }
        })
    }
}

/// The one button of a form.
#[component]
pub fn Submit(label: &'static str) -> impl IntoView {
    view! {
        <div class="form__do">
            <button class="button button--primary" type="submit">
                {label}
            </button>
        </div>
    }
}
