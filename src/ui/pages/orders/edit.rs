//! Changing an order's lines: edit, split, merge.

use leptos::prelude::*;

use super::Sheet;
use crate::domain::decide::Command;
use crate::domain::goods::price::{Buyer, Discount};
use crate::domain::order::{Cart, CartLine, Line, Order as Record, OrderState};
use crate::domain::value::id::{OrderId, VariantId};
use crate::domain::value::money::Currency;
use crate::domain::value::quantity::Quantity;
use crate::domain::work::pricing;
use crate::i18n::fill;
use crate::ui::components::{Alert, AmountField, Dialog, Icon, QuantityField, Submit, TextField};
use crate::ui::pages::take_order::{cart_line, discount_text, read_discount};
use crate::ui::routes;
use crate::ui::state::app;

/// The most products that are offered for a search.
const MOST_FOUND: usize = 6;

/// A line as it was sold, to be counted anew. What was taken off it shrinks and grows with it.
fn again(line: &Line, quantity: Quantity) -> CartLine {
    let off = line.discount.ratio(quantity.0, line.quantity.0.max(1)).unwrap_or_default();
    CartLine {
        variant: line.variant,
        name: line.name.clone(),
        sku: line.sku.clone(),
        unit: line.unit,
        quantity,
        unit_price: line.unit_price,
        discount: Discount::Amount(if quantity == line.quantity { line.discount } else { off }),
        tax_id: line.tax_id,
        rate_bp: line.rate_bp,
    }
}

/// A line while it is edited.
#[derive(Clone)]
struct Editing {
    line: CartLine,
    quantity: RwSignal<String>,
    price: RwSignal<String>,
    off: RwSignal<String>,
}

impl Editing {
    fn new(currency: Currency, line: CartLine) -> Self {
        let quantity = RwSignal::new(line.quantity.plain());
        let price = RwSignal::new(currency.plain(line.unit_price));
        let off = RwSignal::new(discount_text(currency, line.discount));
        Self { line, quantity, price, off }
    }
}

#[component]
pub fn EditSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let currency = order.currency;
    let was: Vec<Line> = order.lines.clone();
    let buyer = StoredValue::new(app.look(|l| Buyer::of(&l.book, &order)));
    let lines =
        RwSignal::new(order.lines.iter().map(|l| Editing::new(currency, again(l, l.quantity))).collect::<Vec<_>>());
    let shipping = RwSignal::new(currency.plain(order.totals.shipping));
    let off = RwSignal::new(String::new());
    let query = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let found = Memo::new(move |_| {
        if query.with(|q| q.trim().is_empty()) {
            Vec::new()
        } else {
            app.find(&query.read()).into_iter().take(MOST_FOUND).collect::<Vec<VariantId>>()
        }
    });
    // A handler's signals belong to whatever drew the button; these have to outlive the list of what was found.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let add = move |variant: VariantId| {
        if let Some(line) = app
            .look(|l| l.book.variant(variant).map(|(p, v)| (p.clone(), v.clone())))
            .map(|(p, v)| cart_line(app, &p, &v))
        {
            let fresh = owner.get_value().with(|| Editing::new(currency, line));
            lines.update(|all| all.push(fresh));
        }
        query.set(String::new());
    };
    let save = move || {
        let mut cart = Cart::default();
        for (i, editing) in lines.get_untracked().into_iter().enumerate() {
            let Some(quantity) = Quantity::parse(&editing.quantity.get_untracked()) else {
                trouble.set(Some(m.bad_quantity));
                return;
            };
            let Some(price) = editing.price.with_untracked(|p| currency.parse(p)).ok().filter(|p| p.0 >= 0) else {
                trouble.set(Some(m.bad_amount));
                return;
            };
            let Some(discount) = editing.off.with_untracked(|o| read_discount(currency, o)) else {
                trouble.set(Some(m.bad_discount));
                return;
            };
            if quantity <= Quantity::ZERO {
                continue;
            }
            // What was taken off shrinks and grows with the line, unless somebody says how much it is.
            let as_it_was = was.get(i).map(|before| again(before, quantity));
            let before = as_it_was.unwrap_or_else(|| {
                let tag = editing.line.unit_price;
                let listed = editing.line.variant.and_then(|v| {
                    app.look(|l| pricing::listed(&l.book, &buyer.get_value(), v, quantity, tag).map(|(price, _)| price))
                });
                CartLine { quantity, unit_price: listed.unwrap_or(tag), ..editing.line.clone() }
            });
            let unit_price = if price == editing.line.unit_price { before.unit_price } else { price };
            let discount = if discount == editing.line.discount { before.discount } else { discount };
            cart.lines.push(CartLine { unit_price, discount, ..before });
        }
        let Ok(carriage) = shipping.with_untracked(|s| currency.parse(s)) else {
            trouble.set(Some(m.bad_amount));
            return;
        };
        let Some(discount) = off.with_untracked(|o| read_discount(currency, o)) else {
            trouble.set(Some(m.bad_discount));
            return;
        };
        cart.shipping = carriage;
        cart.discount = discount;
        app.dispatch(Command::Edit { order: id, cart }, move |_| sheet.set(None));
    };
    view! {
        <Dialog title=fill("{} · {}", &[&m.edit_lines, &order.number]) wide=true close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                {move || {
                    lines
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(i, editing)| {
                            view! {
                                <fieldset class="edit-priced" data-edit-line=i.to_string()>
                                    <legend>{editing.line.name.clone()}</legend>
                                    <QuantityField label=m.quantity value=editing.quantity />
                                    <AmountField label=m.price value=editing.price />
                                    <AmountField
                                        label=m.line_discount_edit
                                        value=editing.off
                                        placeholder=m.discount_example
                                    />
                                </fieldset>
                            }
                        })
                        .collect_view()
                }}
                <TextField label=m.add_line value=query placeholder=m.search_products />
                {move || {
                    found
                        .get()
                        .into_iter()
                        .map(|v| {
                            view! {
                                <button type="button" class="row row--button" on:click=move |_| add(v)>
                                    <Icon name="plus" />
                                    <span class="row__main">{app.line_name(v)}</span>
                                </button>
                            }
                        })
                        .collect_view()
                }}
                <div class="form__pair">
                    <AmountField label=m.shipping value=shipping />
                    <AmountField label=m.order_discount value=off placeholder=m.discount_example />
                </div>
                <Alert text=trouble />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}

#[component]
pub fn SplitSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    // What is short is what usually waits.
    let short = |i: usize, l: &Line| {
        order.fulfilment.as_ref().filter(|f| !f.allocated.is_empty()).map_or(Quantity::ZERO, |_| order.short_of(i, l))
    };
    let rows: Vec<(String, String, RwSignal<String>)> = order
        .lines
        .iter()
        .enumerate()
        .map(|(i, l)| (l.name.clone(), app.quantity(l.quantity, l.unit), RwSignal::new(short(i, l).plain())))
        .collect();
    let fields: Vec<RwSignal<String>> = rows.iter().map(|r| r.2).collect();
    let trouble = RwSignal::new(None::<&'static str>);
    let navigate = StoredValue::new_local(leptos_router::hooks::use_navigate());
    let save = move || {
        let navigate = navigate.with_value(Clone::clone);
        let read: Option<Vec<Quantity>> = fields.iter().map(|f| Quantity::parse(&f.get_untracked())).collect();
        let Some(read) = read.filter(|all| all.iter().all(|q| *q >= Quantity::ZERO)) else {
            trouble.set(Some(m.bad_quantity));
            return;
        };
        let take =
            read.into_iter().enumerate().filter(|(_, q)| *q > Quantity::ZERO).map(|(i, q)| (i as u16, q)).collect();
        app.dispatch(Command::Split { order: id, take, number: String::new() }, move |receipt| {
            sheet.set(None);
            if let Some(new) = receipt.placed {
                navigate(&routes::order(new), Default::default());
            }
        });
    };
    view! {
        <Dialog title=fill("{} · {}", &[&m.split, &order.number]) close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <p class="form__note">{m.split_text}</p>
                {rows
                    .into_iter()
                    .map(|(name, all, field)| {
                        view! {
                            <div class="form__pair edit-line">
                                <span>{name}<small>{all}</small></span>
                                <QuantityField label=m.split_out value=field />
                            </div>
                        }
                    })
                    .collect_view()}
                <Alert text=trouble />
                <Submit label=m.split />
            </form>
        </Dialog>
    }
}

#[component]
pub fn MergeSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let into = order.id;
    let others: Vec<Record> = app.look(|l| {
        let fits = |o: &&Record| {
            o.id != into
                && o.customer == order.customer
                && order.customer.is_some()
                && o.state.open()
                && (o.state == OrderState::Draft) == (order.state == OrderState::Draft)
                && o.handed_over.is_none()
                && o.paid().0 == 0
        };
        l.book.orders.iter().map(|(_, o)| o).filter(fits).cloned().collect()
    });
    let take = move |from: OrderId| app.dispatch(Command::Merge { into, from }, move |_| sheet.set(None));
    view! {
        <Dialog title=fill("{} · {}", &[&m.merge, &order.number]) close=move || sheet.set(None)>
            <p class="form__note">{if others.is_empty() { m.merge_none } else { m.merge_text }}</p>
            {others
                .into_iter()
                .map(|o| {
                    let from = o.id;
                    view! {
                        <button class="row row--button" on:click=move |_| take(from)>
                            <strong class="row__main">{o.number.clone()}</strong>
                            <span>{app.moment(o.placed_at)}</span>
                            <strong>{app.money(o.currency, o.totals.total)}</strong>
                        </button>
                    }
                })
                .collect_view()}
        </Dialog>
    }
}
