//! Asks before something is done that is not easily taken back.

use leptos::prelude::*;

use super::Dialog;
use crate::ui::state::words;

/// Says what would happen, and does it when that is agreed to.
#[component]
pub fn Confirm(
    #[prop(into)] title: Signal<String>,
    /// What would happen.
    text: String,
    /// The word on the button.
    #[prop(into)]
    yes: String,
    /// Called when it is to go, done or not.
    close: impl Fn() + Copy + Send + Sync + 'static,
    act: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let m = words();
    view! {
        <Dialog title close>
            <p>{text}</p>
            <div class="form__do">
                <button class="button" type="button" on:click=move |_| close()>
                    {m.cancel}
                </button>
                <button
                    class="button button--primary"
                    type="button"
                    data-confirm=""
                    on:click=move |_| {
                        close();
                        act();
                    }
                >
                    {yes}
                </button>
            </div>
        </Dialog>
    }
}
