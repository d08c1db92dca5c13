//! A row of chips of which one is chosen.

use leptos::prelude::*;

#[component]
pub fn Choice<T>(
    /// What can be chosen, with its words.
    options: Vec<(T, String)>,
    /// What is chosen.
    #[prop(into)]
    value: Signal<T>,
    /// Called with what is tapped.
    choose: impl Fn(T) + Copy + 'static,
    /// What the row is for.
    #[prop(into)]
    label: String,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    view! {
        <div class="chips" role="group" aria-label=label>
            {options
                .into_iter()
                .map(|(option, text)| {
                    let (shown, tapped) = (option.clone(), option);
                    view! {
                        <button type="button" class="chip" aria-pressed=move || (value.get() == shown).to_string() on:click=move |_| choose(tapped.clone())>
                            {text}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
