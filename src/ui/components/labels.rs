//! Labels for shelves and goods, on sheets or rolls. Seen by the printer alone (see `print.css`).

use leptos::prelude::*;

use super::papers::Barcode;
use super::{CheckField, Choice};
use crate::domain::value::id::VariantId;
use crate::i18n::fill;
use crate::report::barcode::{best, qr};
use crate::ui::preferences::LabelStock;
use crate::ui::state::app;

/// The most labels of one printing: a few sheets, or a roll's patience.
pub const MOST_LABELS: u32 = 500;

impl LabelStock {
    pub const ALL: [Self; 4] = [Self::Sheet, Self::Roll50, Self::Roll40, Self::Roll60];

    /// As `print.css` calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::Roll50 => "roll50",
            Self::Roll40 => "roll40",
            Self::Roll60 => "roll60",
        }
    }
}

/// What this tablet's printer has in it.
#[component]
pub fn LabelChoice() -> impl IntoView {
    let app = app();
    let m = app.words();
    let rolls = ["50 × 30 mm", "40 × 30 mm", "60 × 40 mm"].map(|size| fill(m.label_roll, &[&size]));
    let options = LabelStock::ALL.into_iter().zip([m.label_sheet.to_owned()].into_iter().chain(rolls)).collect();
    let square = RwSignal::new(app.preferences.with_untracked(|p| p.label_qr));
    Effect::new(move |_| {
        let on = square.get();
        if app.preferences.with_untracked(|p| p.label_qr) != on {
            app.prefer(|p| p.label_qr = on);
        }
    });
    view! {
        <Choice
            options
            value=Signal::derive(move || app.preferences.with(|p| p.labels))
            choose=move |s| app.prefer(|p| p.labels = s)
            label=m.labels
        />
        <CheckField label=m.label_qr value=square />
    }
}

/// So many labels of each variant: its name, its price, and its barcode, or else its SKU as bars, or a QR code.
#[component]
pub fn Labels(goods: Vec<(VariantId, u32)>) -> impl IntoView {
    let app = app();
    let (size, square) = app.preferences.with_untracked(|p| (p.labels, p.label_qr));
    let all = goods.into_iter().filter_map(|(variant, count)| {
        let (name, v, unit) =
            app.look(|l| l.book.variant(variant).map(|(p, v)| (p.line_name(v), v.clone(), p.unit)))?;
        let code = if v.barcode.trim().is_empty() { v.sku.clone() } else { v.barcode.clone() };
        let symbol = if square { qr(&code) } else { best(&code) };
        let price = app.price(v.price);
        let unit = app.words().unit(unit);
        let one = move || {
            view! {
                <div class="label">
                    <p class="label__name">{name.clone()}</p>
                    <p class="label__price">{price.clone()} <small>" / " {unit}</small></p>
                    {symbol
                        .clone()
                        .map(|symbol| {
                            let square = symbol.width == symbol.height;
                            view! {
                                <div data-square=square.then_some("")>
                                    <Barcode symbol />
                                </div>
                            }
                        })}
                    <p class="label__code">{code.clone()}</p>
                </div>
            }
        };
        Some((0..count.min(MOST_LABELS)).map(|_| one()).collect_view())
    });
    view! {
        <article class="paper labels" data-stock=size.name() aria-hidden="true">
            {all.collect_view()}
        </article>
    }
}
