//! Products: what is sold, in which variants, for how much.

mod making;

use leptos::prelude::*;
use leptos_router::components::A;

use super::stock::StockTabs;
use crate::domain::decide::Command;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::stock::document::Margin;
use crate::domain::value::id::{ProductId, TaxId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::named::{Named, named};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::i18n::fill;
use crate::ui::components::{
    Alert, AmountField, CheckField, Dialog, Icon, SelectField, TextField, VirtualList, parts_typed,
};
use crate::ui::routes;
use crate::ui::state::{App, app};

#[derive(Clone, Copy)]
struct Editing(RwSignal<Option<ProductId>>);

#[component]
pub fn Products() -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(String::new());
    let editing = Editing(RwSignal::new(None));
    provide_context(editing);
    let rows = Memo::new(move |_| {
        app.catalog.track();
        let wanted = query.get().trim().to_lowercase();
        let hits = (!wanted.is_empty()).then(|| app.find(&wanted));
        app.look(|l| {
            // Found through the index, or by name when it is no longer sold.
            let found: std::collections::HashSet<ProductId> =
                hits.iter().flatten().filter_map(|v| l.book.variants.get(v).copied()).collect();
            let passes =
                |p: &Product| wanted.is_empty() || found.contains(&p.id) || p.name.to_lowercase().contains(&wanted);
            let mut all: Vec<(bool, &str, ProductId)> = l
                .book
                .products
                .iter()
                .filter(|(_, p)| passes(p))
                .map(|(id, p)| (!p.active, p.name.as_str(), *id))
                .collect();
            all.sort();
            all.into_iter().map(|(_, _, id)| id).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="page page--list">
            <header class="page__head">
                <h1>{m.products}</h1>
                <StockTabs />
                <span class="page__count" data-count=move || rows.with(Vec::len).to_string()>
                    {move || fill(m.products_count, &[&rows.with(Vec::len)])}
                </span>
                <label class="search">
                    <Icon name="search" />
                    <input
                        class="search__input"
                        type="search"
                        autocomplete="off"
                        placeholder=m.search_products
                        aria-label=m.search_products
                        prop:value=move || query.get()
                        on:input=move |e| query.set(event_target_value(&e))
                    />
                </label>
                <button class="button button--primary" on:click=move |_| editing.0.set(Some(ProductId::default()))>
                    <Icon name="plus" />
                    <span>{m.add_product}</span>
                </button>
            </header>
            <Show
                when=move || !rows.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <div class="empty">
                            <p>
                                {move || {
                                    if query.with(String::is_empty) {
                                        app.said_of_none(m.no_products)
                                    } else {
                                        m.nothing_found
                                    }
                                }}
                            </p>
                            <A href=routes::IMPORT attr:class="button">
                                {m.import_file}
                            </A>
                        </div>
                    }
                }
            >
                <VirtualList items=rows row_height=64.0 draw=row />
            </Show>
        </section>
        {move || editing.0.get().map(|id| view! { <Edit id /> })}
    }
}

fn row(id: Signal<ProductId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing: Editing = expect_context();
    let product = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| l.book.products.get(&id.get()).cloned()).unwrap_or_default()
    });
    let price = move || {
        product.with(|p| {
            let least = p.variants.iter().map(|v| v.price).min().unwrap_or_default();
            let most = p.variants.iter().map(|v| v.price).max().unwrap_or_default();
            if least == most { app.price(least) } else { format!("{} – {}", app.price(least), app.price(most)) }
        })
    };
    view! {
        <button
            class="row row--button"
            data-off=move || (!product.with(|p| p.active)).then_some("")
            on:click=move |_| editing.0.set(Some(id.get_untracked()))
        >
            <span class="row__main">
                {move || product.with(|p| p.name.clone())}<small>{move || product.with(|p| p.category.clone())}</small>
            </span>
            {move || (!product.with(|p| p.active)).then(|| view! { <span class="badge">{m.not_sold}</span> })}
            <span class="row__wide">{move || fill(m.variants_count, &[&product.with(|p| p.variants.len())])}</span>
            <strong class="row__figure">{price}</strong>
        </button>
    }
}

/// One variant as it is being typed.
#[derive(Clone, Copy)]
struct Typed {
    id: VariantId,
    label: RwSignal<String>,
    sku: RwSignal<String>,
    barcode: RwSignal<String>,
    price: RwSignal<String>,
    low: RwSignal<String>,
}

impl Typed {
    fn of(currency: crate::domain::value::money::Currency, v: &Variant) -> Self {
        Self {
            id: v.id,
            label: RwSignal::new(v.label.clone()),
            sku: RwSignal::new(v.sku.clone()),
            barcode: RwSignal::new(v.barcode.clone()),
            price: RwSignal::new(if v.id == VariantId::default() { String::new() } else { currency.plain(v.price) }),
            low: RwSignal::new(v.low_at.map(Quantity::plain).unwrap_or_default()),
        }
    }
}

/// What a variant costs on average, and what the price that is typed leaves of it.
fn margin_of(app: App, typed: Typed) -> Option<(Minor, Option<Margin>)> {
    let price = typed.price.with(|p| app.currency().parse(p)).unwrap_or_default();
    app.look(|l| l.book.margin_of(typed.id, price, app.now()))
}

#[component]
fn Edit(id: ProductId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing: Editing = expect_context();
    let currency = app.currency();
    let new = id == ProductId::default();
    let product = app.look(|l| l.book.products.get(&id).cloned()).unwrap_or_else(|| Product {
        active: true,
        variants: vec![Variant::default()],
        ..Product::default()
    });
    let seen = (!new).then(|| product.hash());
    let name = RwSignal::new(product.name.clone());
    let category = RwSignal::new(product.category.clone());
    let unit = RwSignal::new(product.unit.name().to_owned());
    let tax = RwSignal::new(product.tax.map(|t| t.to_string()).unwrap_or_default());
    let active = RwSignal::new(product.active);
    let variants = RwSignal::new(product.variants.iter().map(|v| Typed::of(currency, v)).collect::<Vec<_>>());
    let trouble = RwSignal::new(None::<&'static str>);
    let taxes = {
        let mut all = vec![(String::new(), m.usual_tax.to_owned())];
        all.extend(app.look(|l| {
            l.book
                .taxes
                .iter()
                .filter(|(_, t)| t.active)
                .map(|(id, t)| (id.to_string(), t.name.clone()))
                .collect::<Vec<_>>()
        }));
        all
    };
    let units = Unit::ALL.iter().map(|u| (u.name().to_owned(), m.unit(*u).to_owned())).collect();
    let read = move || -> Result<Product, &'static str> {
        let mut read = Vec::new();
        for v in variants.get_untracked() {
            let price = currency.parse(&v.price.get_untracked()).map_err(|_| m.bad_amount)?;
            let low = v.low.get_untracked();
            let low_at = if low.trim().is_empty() { None } else { Some(Quantity::parse(&low).ok_or(m.bad_quantity)?) };
            let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
            read.push(Variant {
                id: v.id,
                label: text(v.label),
                sku: text(v.sku),
                barcode: text(v.barcode),
                price,
                low_at,
            });
        }
        Ok(Product {
            id,
            name: name.get_untracked().trim().to_owned(),
            category: category.get_untracked().trim().to_owned(),
            unit: unit.with_untracked(|u| named(Unit::ALL, u)).unwrap_or_default(),
            tax: tax.with_untracked(|t| t.parse::<TaxId>().ok()),
            active: active.get_untracked(),
            variants: read,
        })
    };
    let save = move || match read() {
        _ if parts_typed() => app.say(m.save_parts_first.to_owned(), true),
        Err(text) => trouble.set(Some(text)),
        Ok(product) => {
            trouble.set(None);
            app.dispatch(Command::SaveProduct { product, seen }, move |_| {
                editing.0.set(None);
                app.say(m.saved.to_owned(), false);
            });
        }
    };
    view! {
        <Dialog title=if new { m.add_product } else { m.product } close=move || editing.0.set(None) wide=true>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <TextField label=m.name value=name />
                    <TextField label=m.category value=category />
                </div>
                <div class="form__pair">
                    <SelectField label=m.unit_label options=units value=unit />
                    <SelectField label=m.tax options=taxes value=tax />
                </div>
                <CheckField label=m.is_sold value=active />
                {move || {
                    let all = variants.get();
                    let several = all.len() > 1;
                    all.into_iter()
                        .enumerate()
                        .map(|(at, v)| {
                            view! {
                                <fieldset class="variant">
                                    {several.then(|| view! { <TextField label=m.variant value=v.label /> })}
                                    <AmountField label=m.price value=v.price /> <TextField label=m.sku value=v.sku />
                                    <TextField label=m.barcode value=v.barcode />
                                    <AmountField label=m.low_at value=v.low placeholder="5" />
                                    {move || {
                                        app
                                            .manages()
                                            .then(|| margin_of(app, v))
                                            .flatten()
                                            .map(|(cost, margin)| {
                                                view! {
                                                    <p class="form__note variant__cost" data-cost=cost.0.to_string()>
                                                        {m.average_cost}
                                                        " "
                                                        {app.price(cost)}
                                                        {margin
                                                            .map(|of| {
                                                                format!(
                                                                    " · {} {} · {}",
                                                                    m.report_margin,
                                                                    app.price(of.left),
                                                                    of.share_bp.map(|bp| app.percent(bp)).unwrap_or_default(),
                                                                )
                                                            })}
                                                    </p>
                                                }
                                            })
                                    }}
                                    {(several && v.id == VariantId::default())
                                        .then(|| {
                                            view! {
                                                <button
                                                    class="button button--bare"
                                                    type="button"
                                                    aria-label=m.remove
                                                    on:click=move |_| {
                                                        variants
                                                            .update(|all| {
                                                                all.remove(at);
                                                            });
                                                    }
                                                >
                                                    <Icon name="close" />
                                                </button>
                                            }
                                        })}
                                </fieldset>
                            }
                        })
                        .collect_view()
                }}
                <Alert text=trouble />
                <div class="form__do">
                    <button
                        class="button"
                        type="button"
                        on:click=move |_| variants.update(|all| all.push(Typed::of(currency, &Variant::default())))
                    >
                        <Icon name="plus" />
                        <span>{m.add_variant}</span>
                    </button>
                    <button class="button button--primary" type="submit">
                        {m.save}
                    </button>
                </div>
            </form>
            {(!new).then(|| view! { <making::Making id /> })}
        </Dialog>
    }
}
