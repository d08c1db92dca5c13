//! One line of the cart: how much, and what is taken off.

use leptos::prelude::*;

use super::Counter;
use crate::domain::goods::price::Discount;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::ui::components::{Alert, AmountField, Dialog, PackChips, QuantityField};
use crate::ui::state::app;

#[component]
pub fn LineSheet(at: usize) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let close = move || counter.sheet.set(None);
    let line = app.carts.with_untracked(|c| c.open.lines.get(at).cloned());
    line.map(|line| {
        let quantity = RwSignal::new(line.quantity.plain());
        let off = RwSignal::new(discount_text(app.currency(), line.discount));
        let trouble = RwSignal::new(None::<&'static str>);
        let save = move || {
            let currency = app.currency();
            let Some(amount) =
                quantity.with_untracked(|q| Quantity::parse(q)).filter(|q| *q > Quantity::ZERO && *q <= Quantity::MOST)
            else {
                trouble.set(Some(m.bad_quantity));
                return;
            };
            let Some(discount) = off.with_untracked(|o| read_discount(currency, o)) else {
                trouble.set(Some(m.bad_discount));
                return;
            };
            app.with_carts(|c| {
                if let Some(line) = c.open.lines.get_mut(at) {
                    line.quantity = amount;
                    line.discount = discount;
                }
            });
            close();
        };
        let remove = move |_| {
            app.with_carts(|c| {
                if at < c.open.lines.len() {
                    c.open.lines.remove(at);
                }
            });
            close();
        };
        view! {
            <Dialog title=line.name.clone() close>
                <form
                    class="form"
                    on:submit=move |e| {
                        e.prevent_default();
                        save();
                    }
                >
                    <p class="form__note">{app.price(line.unit_price)} " / " {m.unit(line.unit)}</p>
                    <QuantityField label=m.quantity value=quantity />
                    {line.variant.map(|v| view! { <PackChips variant=v value=quantity /> })}
                    <AmountField label=m.line_discount value=off placeholder=m.discount_example />
                    <Alert text=trouble />
                    <div class="form__do">
                        <button class="button button--danger" type="button" on:click=remove>
                            {m.remove}
                        </button>
                        <button class="button button--primary" type="submit">
                            {m.done}
                        </button>
                    </div>
                </form>
            </Dialog>
        }
    })
}

/// `5` is an amount, `10%` a share.
pub fn read_discount(currency: crate::domain::value::money::Currency, text: &str) -> Option<Discount> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Discount::default());
    }
    match text.strip_suffix(['%', '％']) {
        Some(share) => {
            let bp = crate::domain::value::money::parse_decimal(share.trim(), 2)?;
            u32::try_from(bp).ok().filter(|bp| *bp <= 10_000).map(Discount::Percent)
        }
        None => currency.parse(text).ok().filter(|a| a.0 >= 0).map(Discount::Amount),
    }
}

pub fn discount_text(currency: crate::domain::value::money::Currency, discount: Discount) -> String {
    match discount {
        Discount::Amount(Minor(0)) => String::new(),
        Discount::Amount(amount) => currency.plain(amount),
        Discount::Percent(bp) => {
            format!(
                "{}%",
                crate::domain::value::money::plain_decimal(i64::from(bp), 2)
                    .trim_end_matches('0')
                    .trim_end_matches('.')
            )
        }
    }
}
