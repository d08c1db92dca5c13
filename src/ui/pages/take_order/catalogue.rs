//! What can be sold: search, categories, tiles.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Counter, Sheet, add, level_word};
use crate::domain::value::id::ProductId;
use crate::domain::value::quantity::Quantity;
use crate::ui::components::{CameraButton, Icon, VirtualList};
use crate::ui::routes;
use crate::ui::state::app;

#[component]
pub fn Catalogue() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let query = RwSignal::new(String::new());
    let category = RwSignal::new(String::new());
    let categories = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| {
            let names: BTreeSet<String> = l
                .book
                .products
                .iter()
                .filter(|(_, p)| p.active && !p.category.is_empty())
                .map(|(_, p)| p.category.clone())
                .collect();
            names.into_iter().collect::<Vec<_>>()
        })
    });
    let products = Memo::new(move |_| {
        app.catalog.track();
        let found = app.find_products(&query.read());
        let wanted = category.get();
        if wanted.is_empty() {
            return found;
        }
        app.look(|l| {
            found.into_iter().filter(|p| l.book.products.get(p).is_some_and(|p| p.category == wanted)).collect()
        })
    });
    let none_at_all = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| l.book.products.is_empty())
    });
    // A scanner types the code and Enter; a person who typed until one thing was left means that one.
    let enter = move || {
        let exact = query.with_untracked(|q| app.index().exact(q));
        let found = exact.or_else(|| {
            let found = app.find(&query.read_untracked());
            (found.len() == 1).then(|| found[0])
        });
        if let Some(variant) = found {
            add(app, counter, variant);
            query.set(String::new());
        }
    };
    view! {
        <section class="catalogue" aria-label=m.products>
            <div class="catalogue__bar">
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
                        on:keydown=move |e| {
                            if e.key() == "Enter" {
                                enter();
                            }
                        }
                    />
                    <CameraButton />
                </label>
                <div class="chips chips--scroll" role="group" aria-label=m.category>
                    <button
                        class="chip"
                        aria-pressed=move || category.with(String::is_empty).to_string()
                        on:click=move |_| category.set(String::new())
                    >
                        {m.all}
                    </button>
                    <For
                        each=move || categories.get()
                        key=|c| c.clone()
                        children=move |c: String| {
                            let (own, tapped) = (c.clone(), c.clone());
                            view! {
                                <button
                                    class="chip"
                                    aria-pressed=move || (category.get() == own).to_string()
                                    on:click=move |_| category.set(tapped.clone())
                                >
                                    {c}
                                </button>
                            }
                        }
                    />
                </div>
            </div>
            <Show
                when=move || !none_at_all.get()
                fallback=move || {
                    view! {
                        <div class="empty">
                            <p>{move || app.said_of_none(m.no_products)}</p>
                            <A href=routes::PRODUCTS attr:class="button button--primary">
                                {m.add_product}
                            </A>
                            <A href=routes::IMPORT attr:class="button">
                                {m.import_file}
                            </A>
                        </div>
                    }
                }
            >
                <Show
                    when=move || !products.with(Vec::is_empty)
                    fallback=move || view! { <p class="empty">{m.nothing_found}</p> }
                >
                    <VirtualList items=products row_height=112.0 least_width=158.0 draw=tile />
                </Show>
            </Show>
        </section>
    }
}

fn tile(id: Signal<ProductId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let found = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| l.book.products.get(&id.get()).cloned()).unwrap_or_default()
    });
    let in_cart = Memo::new(move |_| {
        found.with(|p| {
            app.carts.with(|c| {
                let own = |v| p.variants.iter().any(|x| Some(x.id) == v);
                Quantity(c.open.lines.iter().filter(|l| own(l.variant)).map(|l| l.quantity.0).sum())
            })
        })
    });
    let level = Memo::new(move |_| {
        app.stock.track();
        let location = app.preferences.with(|p| p.location);
        app.look(|l| found.with(|p| Quantity(p.variants.iter().map(|v| l.book.sellable(v.id, location).0).sum())))
    });
    let price = move || {
        found.with(|p| {
            let least = p.variants.iter().map(|v| v.price).min().unwrap_or_default();
            let varies = p.variants.iter().any(|v| v.price != least);
            let text = app.price(least);
            if varies { crate::i18n::fill(m.from_price, &[&text]) } else { text }
        })
    };
    let tap = move |_| match found.with_untracked(|p| (p.variants.len(), p.variants.first().map(|v| v.id))) {
        (1, Some(variant)) => add(app, counter, variant),
        _ => counter.sheet.set(Some(Sheet::Variants(id.get_untracked()))),
    };
    view! {
        <button class="tile" data-again="" data-product=move || id.get().to_string() on:click=tap>
            <span class="tile__name">{move || found.with(|p| p.name.clone())}</span>
            <span class="tile__foot">
                <span class="tile__price">{price}</span>
                <span class="tile__level" data-level=move || level_word(level.get())>
                    {move || app.quantity(level.get(), found.with(|p| p.unit))}
                </span>
            </span>
            {move || {
                (in_cart.get().0 > 0)
                    .then(|| {
                        view! {
                            <b class="tile__count" data-long=(in_cart.get().plain().len() > 2).then_some("")>
                                {in_cart.get().plain()}
                            </b>
                        }
                    })
            }}
        </button>
    }
}
