//! A row of chips of which one is chosen.

use std::sync::Arc;

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
    let (values, words): (Vec<T>, Vec<String>) = options.into_iter().unzip();
    let values: Arc<[T]> = values.into();
    let known = Arc::clone(&values);
    let chosen = Signal::derive(move || value.with(|chosen| known.iter().position(|v| v == chosen)));
    // Drawn by one function for all of them: the program has it once.
    chips(
        words,
        chosen,
        UnsyncCallback::new(move |at: usize| values.get(at).cloned().into_iter().for_each(choose)),
        label,
    )
}

fn chips(words: Vec<String>, chosen: Signal<Option<usize>>, choose: UnsyncCallback<usize>, label: String) -> AnyView {
    let chip = move |(at, text): (usize, String)| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || (chosen.get() == Some(at)).to_string()
                on:click=move |_| choose.run(at)
            >
                {text}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=label>
            {words.into_iter().enumerate().map(chip).collect_view()}
        </div>
    }
    .into_any()
}
