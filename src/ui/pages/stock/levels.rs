//! Levels at one location.

use leptos::prelude::*;
use leptos_router::components::A;

use super::StockTabs;
use super::sheet::VariantSheet;
use crate::domain::book::Book;
use crate::domain::id::{LocationId, VariantId};
use crate::domain::quantity::Quantity;
use crate::domain::time::Day;
use crate::i18n::fill;
use crate::ui::components::{Choice, Icon, VirtualList};
use crate::ui::routes;
use crate::ui::state::app;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum View {
    All,
    Low,
    Out,
    Oversold,
    Expiring,
}

/// How soon something expires to be worth a look. Units: days.
const SOON: [i32; 3] = [7, 30, 90];

#[derive(Clone, Copy)]
pub(super) struct Room {
    pub location: RwSignal<LocationId>,
    pub open: RwSignal<Option<VariantId>>,
}

impl View {
    const ALERTS: [Self; 4] = [Self::Low, Self::Out, Self::Oversold, Self::Expiring];
}

/// What is there; of a kit, how many can be made.
fn on_hand(book: &Book, variant: VariantId, location: LocationId) -> Quantity {
    if book.kit(variant).is_some() { book.sellable(variant, location) } else { book.level((variant, location)).on_hand }
}

fn passes(book: &Book, variant: VariantId, location: LocationId, view: View, day: Day) -> bool {
    let level = on_hand(book, variant, location);
    match view {
        View::All => true,
        View::Low => level > Quantity::ZERO && book.variant(variant).is_some_and(|(_, v)| level <= v.low_at.unwrap_or(Quantity::whole(5))),
        View::Out => level == Quantity::ZERO,
        View::Oversold => level < Quantity::ZERO,
        View::Expiring => book.expiring((variant, location), day) > Quantity::ZERO,
    }
}

#[component]
pub fn Stock() -> impl IntoView {
    let app = app();
    let m = app.words();
    let room = Room { location: RwSignal::new(app.location()), open: RwSignal::new(None) };
    provide_context(room);
    let query = RwSignal::new(String::new());
    let shown = RwSignal::new(View::All);
    let within = RwSignal::new(SOON[1]);
    let rows = Memo::new(move |_| {
        app.catalog.track();
        app.stock.track();
        let location = room.location.get();
        let view = shown.get();
        let found = app.find(&query.read());
        app.look(|l| {
            let day = Day(app.today().0.saturating_add(within.get()));
            found.into_iter().filter(|v| passes(&l.book, *v, location, view, day)).collect::<Vec<_>>()
        })
    });
    let places = app.places();
    let any = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| !l.book.products.is_empty())
    });
    // What wants a look at this place, kind by kind.
    let alerts = Memo::new(move |_| {
        app.catalog.track();
        app.stock.track();
        let location = room.location.get();
        let day = Day(app.today().0.saturating_add(within.get()));
        app.look(|l| {
            let mut counts = [0_usize; 4];
            for v in l.book.products.iter().filter(|(_, p)| p.active).flat_map(|(_, p)| &p.variants) {
                for (count, view) in counts.iter_mut().zip(View::ALERTS) {
                    *count += usize::from(passes(&l.book, v.id, location, view, day));
                }
            }
            counts
        })
    });
    let views = move || {
        let words = [m.low, m.out, m.oversold, m.expiring];
        let counted = View::ALERTS.into_iter().zip(words).zip(alerts.get());
        let mut views = vec![(View::All, m.all.to_owned())];
        views.extend(counted.map(|((view, word), n)| (view, if n > 0 { format!("{word} {n}") } else { word.to_owned() })));
        views
    };
    view! {
        <section class="page page--list">
            <header class="page__head">
                <h1>{m.stock}</h1>
                <StockTabs />
                <span class="page__count">{move || fill(m.variants_count, &[&rows.with(Vec::len)])}</span>
                <label class="search">
                    <Icon name="search" />
                    <input class="search__input" type="search" autocomplete="off" placeholder=m.search_products aria-label=m.search_products
                        prop:value=move || query.get() on:input=move |e| query.set(event_target_value(&e)) />
                </label>
            </header>
            <div class="page__filters">
                {move || view! { <Choice options=places.get() value=room.location choose=move |l| room.location.set(l) label=m.location /> }}
                {move || view! { <Choice options=views() value=shown choose=move |v| shown.set(v) label=m.filter /> }}
                {move || (shown.get() == View::Expiring).then(|| view! {
                    <Choice options=SOON.iter().map(|d| (*d, fill(m.expiring_within, &[d]))).collect() value=within choose=move |d| within.set(d) label=m.expiring />
                })}
            </div>
            <Show when=move || any.get() fallback=move || view! {
                <div class="empty"><p>{m.no_products}</p><A href=routes::PRODUCTS attr:class="button button--primary">{m.add_product}</A><A href=routes::IMPORT attr:class="button">{m.import_file}</A></div>
            }>
                <Show when=move || !rows.with(Vec::is_empty) fallback=move || view! { <p class="empty">{m.nothing_found}</p> }>
                    <VirtualList items=rows row_height=64.0 draw=row />
                </Show>
            </Show>
        </section>
        {move || room.open.get().map(|variant| view! { <VariantSheet variant /> })}
    }
}

fn row(id: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let room: Room = expect_context();
    let what = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| l.book.variant(id).map(|(p, v)| (p.line_name(v), v.sku.clone(), p.unit, v.low_at)))
    });
    let level = Memo::new(move |_| {
        app.stock.track();
        let location = room.location.get();
        app.look(|l| on_hand(&l.book, id, location))
    });
    let expires = Memo::new(move |_| {
        app.stock.track();
        let place = (id, room.location.get());
        app.look(|l| l.book.batches(place).and_then(|b| b.iter().next().map(|b| b.lot.clone())))
            .map(|lot| app.lot(&lot))
            .unwrap_or_default()
    });
    let word = move || {
        let low = what.get().and_then(|w| w.3).unwrap_or(Quantity::whole(5));
        match level.get() {
            q if q < Quantity::ZERO => ("oversold", m.oversold),
            Quantity(0) => ("none", m.out),
            q if q <= low => ("low", m.low),
            _ => ("there", ""),
        }
    };
    view! {
        <button class="row row--button" data-variant=id.to_string() on:click=move |_| room.open.set(Some(id))>
            <span class="row__main">{move || what.get().map(|w| w.0)}<small>{move || what.get().map(|w| w.1)} {move || expires.with(|e| (!e.is_empty()).then(|| format!(" · {e}")))}</small></span>
            <span class="level" data-level=move || word().0>{move || word().1}</span>
            <strong class="row__figure" data-on-hand=move || level.get().plain()>{move || what.get().map(|w| app.quantity(level.get(), w.2))}</strong>
        </button>
    }
}
