//! Stocktakes: count a place while sales go on, look at what differs, post it.

use leptos::prelude::*;

use super::StockTabs;
use crate::domain::decide::Command;
use crate::domain::goods::product::Product;
use crate::domain::stock::document::{Count, Document, Stocktake};
use crate::domain::value::id::{Id, LocationId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::{CheckField, Confirm, Dialog, Icon, QuantityField, SelectField, Submit, VirtualList};
use crate::ui::state::{App, app};

fn stocktakes(app: App) -> Vec<(Id, Stocktake)> {
    app.documents.track();
    let mut all: Vec<(Id, Stocktake)> = app.look(|l| {
        let only =
            |(id, d): (&Id, &Document)| if let Document::Stocktake(s) = d { Some((*id, s.clone())) } else { None };
        l.book.documents.iter().filter_map(only).collect()
    });
    all.sort_by_key(|(id, s)| (s.ended.is_some(), std::cmp::Reverse(s.opened_at), *id));
    all
}

/// What a count differs by.
fn differs(app: App, location: LocationId, variant: VariantId, count: &Count) -> Quantity {
    app.look(|l| count.variance(l.book.level((variant, location))))
}

/// What that is in money, at what the goods cost, or else at their price.
fn worth(app: App, variant: VariantId, variance: Quantity) -> Minor {
    app.look(|l| {
        let cost = l.book.costs.get(&variant).map(|c| c.minor());
        let each = cost.or_else(|| l.book.variant(variant).map(|(_, v)| v.price)).unwrap_or_default();
        each.ratio(variance.0, 1000).unwrap_or_default()
    })
}

/// What all counts differ by, in money. Saturates.
fn variance(app: App, stocktake: &Stocktake) -> Minor {
    Minor(stocktake.counts.iter().fold(0_i64, |sum, (variant, count)| {
        let variance = differs(app, stocktake.location, *variant, count);
        sum.saturating_add(worth(app, *variant, variance).0)
    }))
}

/// Which of the goods are listed.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Listed {
    #[default]
    All,
    NotCounted,
    /// To be counted again before it is posted.
    Differing,
}

/// Which stocktake is open, and which of its goods is being counted.
#[derive(Clone, Copy)]
struct Counting {
    id: Id,
    variant: RwSignal<Option<VariantId>>,
    /// Says whether what is expected is kept from whoever is at the till.
    blind: Memo<bool>,
}

#[component]
pub fn Stocktakes() -> impl IntoView {
    let app = app();
    let m = app.words();
    let adding = RwSignal::new(false);
    let open = RwSignal::new(None::<Id>);
    let all = Memo::new(move |_| stocktakes(app));
    let place = move |s: &Stocktake| {
        app.look(|l| l.book.locations.get(&s.location).map(|p| p.name.clone())).unwrap_or_default()
    };
    view! {
        {move || match open.get() {
            Some(id) => view! { <Sheets id open /> }.into_any(),
            None => {
                view! {
                    <section class="page">
                        <header class="page__head">
                            <h1>{m.stock}</h1>
                            <StockTabs />
                            <button
                                class="button button--primary"
                                data-new-stocktake=""
                                on:click=move |_| adding.set(true)
                            >
                                <Icon name="plus" />
                                <span>{m.new_stocktake}</span>
                            </button>
                        </header>
                        <Show
                            when=move || !all.with(Vec::is_empty)
                            fallback=move || {
                                view! {
                                    <div class="empty">
                                        <p>{m.no_stocktakes}</p>
                                    </div>
                                }
                            }
                        >
                            {move || {
                                all
                                    .get()
                                    .into_iter()
                                    .map(|(id, s)| {
                                        let what = if s.category.is_empty() {
                                            m.stocktake_all.to_owned()
                                        } else {
                                            s.category.clone()
                                        };
                                        let hidden = s.ended.is_none() && s.blind;
                                        let money = (!hidden).then(|| app.price(variance(app, &s)));
                                        let word = match s.ended {
                                            None => m.under_way,
                                            Some(true) => m.stocktake_posted,
                                            Some(false) => m.stocktake_dropped,
                                        };
                                        view! {
                                            <button
                                                class="row row--button"
                                                data-stocktake=match s.ended {
                                                    None => "open",
                                                    Some(true) => "posted",
                                                    Some(false) => "dropped",
                                                }
                                                on:click=move |_| open.set(Some(id))
                                            >
                                                <span class="row__main">
                                                    <strong>{place(&s)} " · " {what}</strong>
                                                    <small>{app.full_moment(s.opened_at)}</small>
                                                </span>
                                                <span class="badge">{word}</span>
                                                <strong class="row__figure">{money}</strong>
                                            </button>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </Show>
                    </section>
                }
                    .into_any()
            }
        }}
        {move || adding.get().then(|| view! { <NewStocktake adding open /> })}
    }
}

#[component]
fn NewStocktake(adding: RwSignal<bool>, open: RwSignal<Option<Id>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let places = app.places().get_untracked();
    let location = RwSignal::new(app.location().to_string());
    let category = RwSignal::new(String::new());
    let blind = RwSignal::new(false);
    let mut categories: Vec<String> =
        app.look(|l| l.book.products.iter().map(|(_, p)| p.category.clone()).filter(|c| !c.is_empty()).collect());
    categories.sort();
    categories.dedup();
    let mut options = vec![(String::new(), m.stocktake_all.to_owned())];
    options.extend(categories.into_iter().map(|c| (c.clone(), c)));
    let save = move || {
        let Some(location) = location.with_untracked(|l| l.parse().ok()) else { return };
        let command =
            Command::OpenStocktake { location, category: category.get_untracked(), blind: blind.get_untracked() };
        app.dispatch(command, move |receipt| {
            adding.set(false);
            open.set(receipt.changes.documents.iter().next().copied());
        });
    };
    view! {
        <Dialog title=m.new_stocktake close=move || adding.set(false)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <p class="form__note">{m.stocktake_text}</p>
                <SelectField
                    label=m.location
                    options=places.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
                    value=location
                />
                <SelectField label=m.category options value=category />
                <CheckField label=m.stocktake_blind value=blind />
                <Submit label=m.new_stocktake />
            </form>
        </Dialog>
    }
}

/// The count sheets of one stocktake.
#[component]
fn Sheets(id: Id, open: RwSignal<Option<Id>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(String::new());
    let listed = RwSignal::new(Listed::All);
    let found = Memo::new(move |_| {
        app.documents.track();
        stocktake(app, id)
    });
    let running = Memo::new(move |_| found.with(|s| s.as_ref().is_some_and(|s| s.ended.is_none())));
    let manager = Memo::new(move |_| app.manages());
    // Whoever may post it may look at what differs; until they do, they count like everybody else.
    let blind = Memo::new(move |_| {
        let hidden = running.get() && found.with(|s| s.as_ref().is_some_and(|s| s.blind));
        hidden && !(manager.get() && listed.get() == Listed::Differing)
    });
    let counting = Counting { id, variant: RwSignal::new(None), blind };
    provide_context(counting);
    let rows = Memo::new(move |_| {
        app.catalog.track();
        let Some(open) = found.get() else { return Vec::new() };
        let all = app.find(&query.read());
        let listed = listed.get();
        app.look(|l| {
            let of_category = |p: &Product| open.category.is_empty() || p.category == open.category;
            // What is made up of others is counted as what it is made of.
            let fits = |v: &VariantId| {
                l.book.kit(*v).is_none() && l.book.variant(*v).is_some_and(|(p, _)| p.active && of_category(p))
            };
            let shown = |v: &VariantId| match (listed, open.counts.get(v)) {
                (Listed::All, _) | (Listed::NotCounted, None) => true,
                (Listed::Differing, Some(count)) => count.variance(l.book.level((*v, open.location))).0 != 0,
                (Listed::NotCounted, Some(_)) | (Listed::Differing, None) => false,
            };
            all.into_iter().filter(|v| fits(v) && shown(v)).collect::<Vec<_>>()
        })
    });
    let counted = move || found.with(|s| s.as_ref().map_or(0, |s| s.counts.len()));
    let all = Memo::new(move |_| {
        app.catalog.track();
        let category = found.with(|s| s.as_ref().map(|s| s.category.clone())).unwrap_or_default();
        app.look(|l| {
            let products = l
                .book
                .products
                .iter()
                .map(|(_, p)| p)
                .filter(|p| p.active && (category.is_empty() || p.category == category));
            products.flat_map(|p| &p.variants).filter(|v| l.book.kit(v.id).is_none()).count()
        })
    });
    let differs = Memo::new(move |_| found.with(|s| s.as_ref().map(|s| variance(app, s))).unwrap_or_default());
    // Each scan counts one more of what is on the shelf.
    app.on_scan(move |article, _| {
        let open = untrack(|| stocktake(app, id)).filter(|s| s.ended.is_none());
        let Some(open) = open else { return };
        let before = open.counts.get(&article.variant).map(|c| c.counted).unwrap_or_default();
        let counted = before.saturating_add(article.quantity);
        app.dispatch(Command::CountFor { stocktake: id, variant: article.variant, counted }, move |_| {
            app.say(format!("{}: {}", app.line_name(article.variant), counted.plain()), false);
        });
    });
    let chip = move |what: Listed, text: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || (listed.get() == what).to_string()
                on:click=move |_| listed.set(what)
            >
                {text}
            </button>
        }
    };
    let end = move |post: bool| app.dispatch(Command::EndStocktake { stocktake: id, post }, move |_| open.set(None));
    // What was not counted stays as it is in the books; what was counted goes when it is abandoned.
    let asked = RwSignal::new(None::<bool>);
    let ask = move |post: bool| {
        let (n, of) = untrack(|| (counted(), all.get()));
        if if post { n < of } else { n > 0 } { asked.set(Some(post)) } else { end(post) }
    };
    view! {
        <section class="page page--list">
            <header class="page__head">
                <button class="button button--bare" aria-label=m.back on:click=move |_| open.set(None)>
                    <Icon name="back" />
                </button>
                <h1>{m.stocktakes}</h1>
                <span class="page__count" data-counted=move || counted().to_string()>
                    {move || fill(m.stocktake_counted, &[&counted(), &all.get()])}
                </span>
                {move || {
                    (!blind.get())
                        .then(|| {
                            view! {
                                <strong data-variance=differs
                                    .get()
                                    .0
                                    .to_string()>{m.stocktake_variance} " " {app.price(differs.get())}</strong>
                            }
                        })
                }}
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
                <Show when=move || running.get()>
                    <button class="button" data-drop="" on:click=move |_| ask(false)>
                        {m.stocktake_drop}
                    </button>
                    <button
                        class="button button--primary"
                        data-post=""
                        disabled=move || counted() == 0
                        on:click=move |_| ask(true)
                    >
                        {m.stocktake_post}
                    </button>
                </Show>
            </header>
            <div class="chips" role="group" aria-label=m.stocktakes>
                {chip(Listed::All, m.all)}
                {chip(Listed::NotCounted, m.stocktake_not_yet)}
                {move || {
                    (manager.get() || !found.with(|s| s.as_ref().is_some_and(|s| s.blind)))
                        .then(|| chip(Listed::Differing, m.stocktake_differing))
                }}
            </div>
            <VirtualList items=rows row_height=64.0 draw=row />
        </section>
        {move || {
            asked
                .get()
                .map(|post| {
                    let (n, of) = untrack(|| (counted(), all.get()));
                    let (text, yes) = if post {
                        (fill(m.stocktake_post_partly, &[&n, &of, &of.saturating_sub(n)]), m.stocktake_post)
                    } else {
                        (fill(m.stocktake_drop_text, &[&n]), m.stocktake_drop)
                    };
                    view! {
                        <Confirm title=m.stocktakes text yes close=move || asked.set(None) act=move || end(post) />
                    }
                })
        }}
        {move || counting.variant.get().filter(|_| running.get()).map(|variant| view! { <CountSheet variant /> })}
    }
}

fn stocktake(app: App, id: Id) -> Option<Stocktake> {
    app.look(|l| if let Some(Document::Stocktake(s)) = l.book.documents.get(&id) { Some(s.clone()) } else { None })
}

fn row(variant: Signal<VariantId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counting: Counting = expect_context();
    let unit = move || app.look(|l| l.book.variant(variant.get()).map(|(p, _)| p.unit)).unwrap_or_default();
    let shown = Memo::new(move |_| {
        app.documents.track();
        app.stock.track();
        let variant = variant.get();
        let counted =
            |s: &Stocktake| s.counts.get(&variant).map(|count| (*count, differs(app, s.location, variant, count)));
        stocktake(app, counting.id).map(|s| (counted(&s), counting.blind.get()))
    });
    view! {
        <button
            class="row row--button"
            data-count-variant=move || variant.get().to_string()
            on:click=move |_| counting.variant.set(Some(variant.get_untracked()))
        >
            <span class="row__main">{move || app.line_name(variant.get())}</span>
            {move || match shown.get() {
                Some((Some((count, variance)), blind)) => {
                    view! {
                        {(count.times > 1)
                            .then(|| view! { <span class="badge">{fill(m.counted_times, &[&count.times])}</span> })}
                        {(!blind && variance.0 != 0)
                            .then(|| {
                                view! {
                                    <span class="mark">
                                        {if variance.0 > 0 { "+" } else { "" }} {app.quantity(variance, unit())} " · "
                                        {app.price(worth(app, variant.get(), variance))}
                                    </span>
                                }
                            })}
                        <strong class="row__figure">{app.quantity(count.counted, unit())}</strong>
                    }
                        .into_any()
                }
                _ => view! { <span class="quiet">{m.stocktake_not_yet}</span> }.into_any(),
            }}
        </button>
    }
}

#[component]
fn CountSheet(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counting: Counting = expect_context();
    let open = stocktake(app, counting.id);
    let expected = open
        .as_ref()
        .filter(|_| !counting.blind.get_untracked())
        .map(|s| app.look(|l| l.book.level((variant, s.location)).on_hand));
    // What nobody has counted is not nothing.
    let before = open.and_then(|s| s.counts.get(&variant).map(|c| c.counted.plain())).unwrap_or_default();
    let value = RwSignal::new(before);
    let save = move || match value.with_untracked(|v| Quantity::parse(v)).filter(|q| *q >= Quantity::ZERO) {
        Some(counted) => app.dispatch(Command::CountFor { stocktake: counting.id, variant, counted }, move |_| {
            counting.variant.set(None);
        }),
        None => app.say(m.bad_quantity.to_owned(), true),
    };
    view! {
        <Dialog title=app.line_name(variant) close=move || counting.variant.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                {expected.map(|q| view! { <p class="form__note">{fill(m.stocktake_expected, &[&q.plain()])}</p> })}
                <QuantityField label=m.counted value=value />
                <div class="form__do">
                    <button class="button button--primary" type="submit" data-count-save="">
                        {m.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
