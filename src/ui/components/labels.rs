//! Labels for shelves and goods, on sheets or rolls. Seen by the printer alone (see `print.css`).

use leptos::prelude::*;

use super::papers::Barcode;
use crate::domain::id::VariantId;
use crate::report::barcode::best;
use crate::ui::state::app;

/// So many labels of one variant: its name, its price, and its barcode, or else its SKU as bars.
#[component]
pub fn Labels(variant: VariantId, count: u32) -> impl IntoView {
    let app = app();
    let found = app.look(|l| l.book.variant(variant).map(|(p, v)| (p.line_name(v), v.clone(), p.unit)));
    found.map(|(name, v, unit)| {
        let code = if v.barcode.trim().is_empty() { v.sku.clone() } else { v.barcode.clone() };
        let symbol = best(&code);
        let price = app.price(v.price);
        let unit = app.words().unit(unit);
        let one = move || {
            view! {
                <div class="label">
                    <p class="label__name">{name.clone()}</p>
                    <p class="label__price">{price.clone()} <small>" / " {unit}</small></p>
                    {symbol.clone().map(|symbol| {
                        let square = symbol.width == symbol.height;
                        view! { <div data-square=square.then_some("")><Barcode symbol /></div> }
                    })}
                    <p class="label__code">{code.clone()}</p>
                </div>
            }
        };
        view! { <article class="paper labels" aria-hidden="true">{(0..count).map(|_| one()).collect_view()}</article> }
    })
}
