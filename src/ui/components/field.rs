//! Labelled inputs. What is typed stays as it is typed; it is read when it is used.

use leptos::prelude::*;

#[component]
pub fn TextField(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] placeholder: String,
    /// `text`, `tel`, `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Several lines.
    #[prop(optional)]
    long: bool,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            {if long {
                view! {
                    <textarea
                        class="input"
                        rows="3"
                        prop:value=move || value.get()
                        on:input=move |e| value.set(event_target_value(&e))
                        placeholder=placeholder
                    ></textarea>
                }
                    .into_any()
            } else {
                view! {
                    <input
                        class="input"
                        type=kind
                        autocomplete="off"
                        prop:value=move || value.get()
                        on:input=move |e| value.set(event_target_value(&e))
                        placeholder=placeholder
                    />
                }
                    .into_any()
            }}
        </label>
    }
}

/// Money, as digits.
#[component]
pub fn AmountField(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] placeholder: String,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input
                class="input input--figure"
                inputmode="decimal"
                autocomplete="off"
                prop:value=move || value.get()
                on:input=move |e| value.set(event_target_value(&e))
                on:focus=select_all
                placeholder=placeholder
            />
        </label>
    }
}

/// How many, with a step down and up.
#[component]
pub fn QuantityField(#[prop(into)] label: String, value: RwSignal<String>) -> impl IntoView {
    let step = move |by: i64| {
        let now = crate::domain::value::quantity::Quantity::parse(&value.get_untracked()).unwrap_or_default();
        value.set(crate::domain::value::quantity::Quantity((now.0 + by * 1000).max(0)).plain());
    };
    view! {
        <div class="field">
            <span class="field__label">{label.clone()}</span>
            <div class="stepper" data-again="">
                <button type="button" class="button stepper__step" aria-label="−1" on:click=move |_| step(-1)>
                    <super::Icon name="minus" />
                </button>
                <input
                    class="input input--figure"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-label=label
                    prop:value=move || value.get()
                    on:input=move |e| value.set(event_target_value(&e))
                    on:focus=select_all
                />
                <button type="button" class="button stepper__step" aria-label="+1" on:click=move |_| step(1)>
                    <super::Icon name="plus" />
                </button>
            </div>
        </div>
    }
}

#[component]
pub fn CheckField(#[prop(into)] label: String, value: RwSignal<bool>) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || value.get()
                on:change=move |e| value.set(event_target_checked(&e))
            />
            <span>{label}</span>
        </label>
    }
}

/// One of a few, by key.
#[component]
pub fn SelectField(
    #[prop(into)] label: String,
    /// Keys and words.
    options: Vec<(String, String)>,
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <select class="input" prop:value=move || value.get() on:change=move |e| value.set(event_target_value(&e))>
                {options
                    .into_iter()
                    .map(|(key, text)| {
                        let own = key.clone();
                        view! {
                            <option value=key selected=move || value.get() == own>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
    }
}

fn select_all(event: web_sys::FocusEvent) {
    event_target::<web_sys::HtmlInputElement>(&event).select();
}
