//! Take order: catalogue on one side, cart on the other. A cash sale of two articles is three taps.

mod cart;
mod catalogue;
mod details;
mod line;
mod paste;
mod tender;

pub(in crate::ui) use details::Details;
pub(in crate::ui) use line::{discount_text, read_discount};
pub(in crate::ui) use paste::{Paste, ScanLog};
pub(in crate::ui) use tender::tenders_of;

use leptos::prelude::*;

use crate::domain::goods::price::Discount;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::order::{CartLine, Priced};
use crate::domain::rejection::Rejection;
use crate::domain::value::id::{ProductId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::ui::components::Dialog;
use crate::ui::rooms::enter;
use crate::ui::state::{App, app};

/// What is open over the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sheet {
    /// The variants of a product.
    Variants(ProductId),
    /// A line of the cart.
    Line(usize),
    Details,
    Tender,
    Held,
    Paste,
    Scans,
}

/// Shared by the pieces of this page.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    pub sheet: RwSignal<Option<Sheet>>,
    /// Says whether the cart covers the catalogue, on a phone.
    pub cart_open: RwSignal<bool>,
    pub busy: RwSignal<bool>,
    /// The open cart with its amounts.
    pub priced: Memo<Result<Priced, Rejection>>,
}

#[component]
pub fn TakeOrder() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter = Counter {
        sheet: RwSignal::new(None),
        cart_open: RwSignal::new(false),
        busy: RwSignal::new(false),
        priced: cart::priced(app),
    };
    provide_context(counter);
    let close = move || counter.sheet.set(None);
    app.on_scan(move |article, code| {
        app.remember_scan(code, article);
        let line = app.look(|l| l.book.variant(article.variant).map(|(p, v)| (p.clone(), v.clone())));
        if let Some((p, v)) = line {
            app.taken.set(None);
            app.with_carts(|c| {
                let discount = Discount::Amount(article.off);
                c.open.add(CartLine { quantity: article.quantity, discount, ..cart_line(app, &p, &v) });
            });
        }
    });
    view! {
        <div class="take" data-cart=move || counter.cart_open.get().then_some("open")>
            <catalogue::Catalogue />
            <cart::CartPane />
        </div>
        {move || {
            counter
                .sheet
                .get()
                .map(|sheet| match sheet {
                    Sheet::Variants(product) => view! { <Variants product /> }.into_any(),
                    Sheet::Line(at) => view! { <line::LineSheet at /> }.into_any(),
                    Sheet::Details => {
                        view! {
                            <Dialog title=m.order_details close>
                                {enter(|rooms| (rooms.details)())}
                            </Dialog>
                        }
                            .into_any()
                    }
                    Sheet::Tender => {
                        view! {
                            <Dialog title=m.take_payment close>
                                <tender::Tenders />
                            </Dialog>
                        }
                            .into_any()
                    }
                    Sheet::Paste => {
                        view! {
                            <Dialog title=m.paste_title close>
                                {enter(|rooms| (rooms.paste)())}
                            </Dialog>
                        }
                            .into_any()
                    }
                    Sheet::Scans => {
                        view! {
                            <Dialog title=m.scans close>
                                {enter(|rooms| (rooms.scans)())}
                            </Dialog>
                        }
                            .into_any()
                    }
                    Sheet::Held => {
                        view! {
                            <Dialog title=m.held_carts close>
                                <cart::Held />
                            </Dialog>
                        }
                            .into_any()
                    }
                })
        }}
    }
}

/// Puts one of a variant into the cart. What is sold by weight asks how much.
pub(super) fn add(app: App, counter: Counter, variant: VariantId) {
    let line = app.look(|l| l.book.variant(variant).map(|(p, v)| cart_line(app, p, v)));
    let Some(line) = line else { return };
    let weighed = line.unit.divisible();
    app.taken.set(None);
    let mut at = 0;
    app.with_carts(|c| at = c.open.add(line));
    counter.sheet.set(weighed.then_some(Sheet::Line(at)));
}

/// A line with one of a variant at its price on the list.
pub(in crate::ui) fn cart_line(app: App, product: &Product, variant: &Variant) -> CartLine {
    let rate = app.look(|l| l.book.rate(product).cloned());
    CartLine {
        variant: Some(variant.id),
        name: product.line_name(variant),
        sku: variant.sku.clone(),
        unit: product.unit,
        quantity: Quantity::ONE,
        unit_price: variant.price,
        discount: Discount::default(),
        tax_id: rate.as_ref().map(|r| r.id),
        rate_bp: rate.map_or(0, |r| r.at(app.now())),
    }
}

#[component]
fn Variants(product: ProductId) -> impl IntoView {
    let app = app();
    let counter: Counter = expect_context();
    let found = app.look(|l| l.book.products.get(&product).cloned());
    let location = app.location();
    found.map(|p| {
        let unit = p.unit;
        let tiles = p
            .variants
            .into_iter()
            .map(|v| {
                let id = v.id;
                let level = app.look(|l| l.book.sellable(id, location));
                view! {
                    <button
                        class="tile"
                        on:click=move |_| {
                            counter.sheet.set(None);
                            add(app, counter, id);
                        }
                    >
                        <span class="tile__name">
                            {if v.label.is_empty() { p.name.clone() } else { v.label.clone() }}
                        </span>
                        <span class="tile__foot">
                            <span class="tile__price">{app.price(v.price)}</span>
                            <span class="tile__level" data-level=level_word(level)>
                                {app.quantity(level, unit)}
                            </span>
                        </span>
                    </button>
                }
            })
            .collect_view();
        view! {
            <Dialog title=p.name close=move || counter.sheet.set(None)>
                <div class="tiles">{tiles}</div>
            </Dialog>
        }
    })
}

/// How a level looks: there, low, none, oversold.
pub(in crate::ui) fn level_word(level: Quantity) -> &'static str {
    match level.0 {
        ..=-1 => "oversold",
        0 => "none",
        1..=5_000 => "low",
        _ => "there",
    }
}
