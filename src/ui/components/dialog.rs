//! A sheet over the page, closed by Escape, by its cross or by a tap beside it.

use leptos::ev::{MouseEvent, keydown};
use leptos::prelude::*;

use super::Icon;
use crate::ui::state::words;

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
    let m = words();
    let listener = window_event_listener(keydown, move |e| {
        if e.key() == "Escape" {
            close();
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <div class="dialog" data-wide=wide.then_some("") data-fixed=fixed.then_some("") on:click=move |_| close()>
            <section class="dialog__sheet" role="dialog" aria-modal="true" aria-label=move || title.get() on:click=|e: MouseEvent| e.stop_propagation()>
                <header class="dialog__head">
                    <h2>{move || title.get()}</h2>
                    {(!fixed).then(|| view! { <button type="button" class="button button--bare" aria-label=m.close on:click=move |_| close()><Icon name="close" /></button> })}
                </header>
                <div class="dialog__body">{children()}</div>
            </section>
        </div>
    }
}
