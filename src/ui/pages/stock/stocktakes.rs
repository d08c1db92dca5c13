//! Stocktakes: count a place while sales go on, look at what differs, post it.

use leptos::prelude::*;

use super::StockTabs;
use crate::domain::decide::Command;
use crate::domain::document::{Document, Stocktake};
use crate::domain::id::{Id, VariantId};
use crate::domain::money::Minor;
use crate::domain::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::{CheckField, Dialog, Icon, QuantityField, SelectField, VirtualList};
use crate::ui::state::{App, app};

fn stocktakes(app: App) -> Vec<(Id, Stocktake)> {
    app.documents.track();
    let mut all: Vec<(Id, Stocktake)> = app.look(|l| {
        let only = |(id, d): (&Id, &Document)| if let Document::Stocktake(s) = d { Some((*id, s.clone())) } else { None };
        l.book.documents.iter().filter_map(only).collect()
    });
    all.sort_by_key(|(id, s)| (s.ended.is_some(), std::cmp::Reverse(s.opened_at), *id));
    all
}

/// What counts differ by: how much is gone or too many, in money at what goods cost, or else at their price.
fn variance(app: App, stocktake: &Stocktake) -> (usize, Minor) {
    app.look(|l| {
        let mut sum = 0_i64;
        let mut differing = 0;
        for (variant, count) in stocktake.counts.iter().filter(|(_, c)| c.variance().0 != 0) {
            let cost = l.book.costs.get(variant).map(|c| c.minor());
            let each = cost.or_else(|| l.book.variant(*variant).map(|(_, v)| v.price)).unwrap_or_default();
            sum = sum.saturating_add(each.ratio(count.variance().0, 1000).unwrap_or_default().0);
            differing += 1;
        }
        (differing, Minor(sum))
    })
}

/// Which stocktake is open, and which of its goods is being counted.
#[derive(Clone, Copy)]
struct Counting {
    id: Id,
    variant: RwSignal<Option<VariantId>>,
}

#[component]
pub fn Stocktakes() -> impl IntoView {
    let app = app();
    let m = app.words();
    let adding = RwSignal::new(false);
    let open = RwSignal::new(None::<Id>);
    let all = Memo::new(move |_| stocktakes(app));
    let place = move |s: &Stocktake| app.look(|l| l.book.locations.get(&s.location).map(|p| p.name.clone())).unwrap_or_default();
    view! {
        {move || match open.get() {
            Some(id) => view! { <Sheets id open /> }.into_any(),
            None => view! {
                <section class="page">
                    <header class="page__head">
                        <h1>{m.stock}</h1><StockTabs />
                        <button class="button button--primary" data-new-stocktake="" on:click=move |_| adding.set(true)><Icon name="plus" /><span>{m.new_stocktake}</span></button>
                    </header>
                    <Show when=move || !all.with(Vec::is_empty) fallback=move || view! { <div class="empty"><p>{m.no_stocktakes}</p></div> }>
                        {move || all.get().into_iter().map(|(id, s)| {
                            let what = if s.category.is_empty() { m.stocktake_all.to_owned() } else { s.category.clone() };
                            let (_, money) = variance(app, &s);
                            let word = match s.ended { None => m.under_way, Some(true) => m.stocktake_posted, Some(false) => m.stocktake_dropped };
                            view! {
                                <button class="row row--button" data-stocktake=format!("{:?}", s.ended) on:click=move |_| open.set(Some(id))>
                                    <span class="row__main"><strong>{place(&s)} " · " {what}</strong><small>{app.full_moment(s.opened_at)}</small></span>
                                    <span class="badge">{word}</span>
                                    <strong class="row__figure">{app.price(money)}</strong>
                                </button>
                            }
                        }).collect_view()}
                    </Show>
                </section>
            }.into_any(),
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
        let command = Command::OpenStocktake { location, category: category.get_untracked(), blind: blind.get_untracked() };
        app.dispatch(command, move |receipt| {
            adding.set(false);
            open.set(receipt.changes.documents.iter().next().copied());
        });
    };
    view! {
        <Dialog title=m.new_stocktake close=move || adding.set(false)>
            <form class="form" on:submit=move |e| { e.prevent_default(); save(); }>
                <p class="form__note">{m.stocktake_text}</p>
                <SelectField label=m.location options=places.iter().map(|(id, name)| (id.to_string(), name.clone())).collect() value=location />
                <SelectField label=m.category options value=category />
                <CheckField label=m.stocktake_blind value=blind />
                <div class="form__do"><button class="button button--primary" type="submit">{m.new_stocktake}</button></div>
            </form>
        </Dialog>
    }
}

/// The count sheets of one stocktake.
#[component]
fn Sheets(id: Id, open: RwSignal<Option<Id>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counting = Counting { id, variant: RwSignal::new(None) };
    provide_context(counting);
    let query = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        app.documents.track();
        stocktake(app, id)
    });
    let rows = Memo::new(move |_| {
        app.catalog.track();
        let category = found.with(|s| s.as_ref().map(|s| s.category.clone())).unwrap_or_default();
        let all = app.find(&query.read());
        app.look(|l| {
            let fits = |v: &VariantId| l.book.variant(*v).is_some_and(|(p, _)| p.active && (category.is_empty() || p.category == category));
            all.into_iter().filter(fits).collect::<Vec<_>>()
        })
    });
    let counted = move || found.with(|s| s.as_ref().map_or(0, |s| s.counts.len()));
    let differs = Memo::new(move |_| found.with(|s| s.as_ref().map(|s| variance(app, s))).unwrap_or_default());
    let running = Memo::new(move |_| found.with(|s| s.as_ref().is_some_and(|s| s.ended.is_none())));
    app.on_scan(move |article, _| counting.variant.set(Some(article.variant)));
    let end = move |post: bool| app.dispatch(Command::EndStocktake { stocktake: id, post }, move |_| open.set(None));
    view! {
        <section class="page page--list">
            <header class="page__head">
                <button class="button button--bare" aria-label=m.back on:click=move |_| open.set(None)><Icon name="back" /></button>
                <h1>{m.stocktakes}</h1>
                <span class="page__count" data-counted=move || counted().to_string()>{move || fill(m.stocktake_counted, &[&counted(), &rows.with(Vec::len)])}</span>
                <strong data-variance=move || differs.get().1.0.to_string()>{m.stocktake_variance} " " {move || app.price(differs.get().1)}</strong>
                <label class="search">
                    <Icon name="search" />
                    <input class="search__input" type="search" autocomplete="off" placeholder=m.search_products aria-label=m.search_products
                        prop:value=move || query.get() on:input=move |e| query.set(event_target_value(&e)) />
                </label>
                <Show when=move || running.get()>
                    <button class="button" on:click=move |_| end(false)>{m.stocktake_drop}</button>
                    <button class="button button--primary" data-post="" disabled=move || counted() == 0 on:click=move |_| end(true)>{m.stocktake_post}</button>
                </Show>
            </header>
            <VirtualList items=rows row_height=64.0 draw=row />
        </section>
        {move || counting.variant.get().filter(|_| running.get()).map(|variant| view! { <CountSheet variant /> })}
    }
}

fn stocktake(app: App, id: Id) -> Option<Stocktake> {
    app.look(|l| if let Some(Document::Stocktake(s)) = l.book.documents.get(&id) { Some(s.clone()) } else { None })
}

fn row(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counting: Counting = expect_context();
    let name = app.line_name(variant);
    let unit = app.look(|l| l.book.variant(variant).map(|(p, _)| p.unit)).unwrap_or_default();
    let shown = Memo::new(move |_| {
        app.documents.track();
        stocktake(app, counting.id).map(|s| (s.counts.get(&variant).copied(), s.blind && s.ended.is_none()))
    });
    view! {
        <button class="row row--button" data-count-variant=variant.to_string() on:click=move |_| counting.variant.set(Some(variant))>
            <span class="row__main">{name}</span>
            {move || match shown.get() {
                Some((Some(count), blind)) => {
                    let variance = count.variance();
                    view! {
                        {(count.times > 1).then(|| view! { <span class="badge">{fill(m.counted_times, &[&count.times])}</span> })}
                        {(!blind && variance.0 != 0).then(|| view! { <span class="mark">{if variance.0 > 0 { "+" } else { "" }} {app.quantity(variance, unit)}</span> })}
                        <strong class="row__figure">{app.quantity(count.counted, unit)}</strong>
                    }.into_any()
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
    let expected = open.as_ref().filter(|s| !s.blind).map(|s| app.look(|l| l.book.level((variant, s.location)).on_hand));
    let before = open.and_then(|s| s.counts.get(&variant).map(|c| c.counted)).unwrap_or_default();
    let value = RwSignal::new(before.plain());
    let save = move || match value.with_untracked(|v| Quantity::parse(v)).filter(|q| *q >= Quantity::ZERO) {
        Some(counted) => app.dispatch(Command::CountFor { stocktake: counting.id, variant, counted }, move |_| counting.variant.set(None)),
        None => app.say(m.bad_quantity.to_owned(), true),
    };
    view! {
        <Dialog title=app.line_name(variant) close=move || counting.variant.set(None)>
            <form class="form" on:submit=move |e| { e.prevent_default(); save(); }>
                {expected.map(|q| view! { <p class="form__note">{fill(m.stocktake_expected, &[&q.plain()])}</p> })}
                <QuantityField label=m.counted value=value />
                <div class="form__do"><button class="button button--primary" type="submit" data-count-save="">{m.save}</button></div>
            </form>
        </Dialog>
    }
}
