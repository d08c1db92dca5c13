//! The sizes of pack that a thing comes in, to be added with a tap.

use leptos::prelude::*;

use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;
use crate::ui::state::app;

/// Chips that add a pack to a quantity that is being typed; nothing for what comes in none.
#[component]
pub fn PackChips(variant: VariantId, value: RwSignal<String>) -> impl IntoView {
    let app = app();
    let packs = app.look(|l| l.book.packs(variant).to_vec());
    let add = move |more: Quantity| {
        value.update(|text| *text = Quantity::parse(text).unwrap_or_default().saturating_add(more).plain());
    };
    (!packs.is_empty()).then(|| {
        let chips = packs.into_iter().map(|p| {
            let more = p.quantity;
            view! {
                <button type="button" class="chip" data-pack="" on:click=move |_| add(more)>
                    "+ "
                    {p.name}
                    " ("
                    {more.plain()}
                    ")"
                </button>
            }
        });
        view! {
            <div class="chips" data-again="">
                {chips.collect_view()}
            </div>
        }
    })
}
