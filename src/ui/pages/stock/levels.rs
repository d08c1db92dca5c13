//! Levels at one location.

use leptos::prelude::*;
use leptos_router::components::A;

use super::StockTabs;
use super::sheet::VariantSheet;
use crate::domain::book::Book;
use crate::domain::value::id::{LocationId, VariantId};
use crate::domain::value::named::Named;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Day;
use crate::domain::work::reorder::{Alert, Pace, lead_days};
use crate::i18n::fill;
use crate::ui::components::{Choice, Icon, VirtualList};
use crate::ui::routes;
use crate::ui::state::app;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum View {
    All,
    Only(Alert),
}

/// How soon something expires to be worth a look. Units: days.
const SOON: [i32; 3] = [7, 30, 90];

#[derive(Clone, Copy)]
pub(super) struct Room {
    pub location: RwSignal<LocationId>,
    pub open: RwSignal<Option<VariantId>>,
    /// What is sold there, and how long an order takes.
    pub pace: Memo<(Pace, u32)>,
}

/// What is there; of a kit, how many can be made.
fn on_hand(book: &Book, variant: VariantId, location: LocationId) -> Quantity {
    if book.kit(variant).is_some() { book.sellable(variant, location) } else { book.level((variant, location)).on_hand }
}

#[component]
pub fn Stock() -> impl IntoView {
    let app = app();
    let m = app.words();
    let location = RwSignal::new(app.location());
    let pace = Memo::new(move |_| {
        app.stock.track();
        app.settings.track();
        app.look(|l| (Pace::at(&l.book, location.get(), app.now()), lead_days(&l.book)))
    });
    let room = Room { location, open: RwSignal::new(None), pace };
    provide_context(room);
    let query = RwSignal::new(String::new());
    // Opened from an alert.
    let asked = leptos_router::hooks::use_query_map().with_untracked(|q| q.get("alert"));
    let asked = Alert::ALL.into_iter().find(|a| asked.as_deref() == Some(a.name()));
    let shown = RwSignal::new(asked.map_or(View::All, View::Only));
    let within = RwSignal::new(SOON[1]);
    let rows = Memo::new(move |_| {
        app.catalog.track();
        app.stock.track();
        let location = room.location.get();
        let view = shown.get();
        let found = app.find(&query.read());
        let View::Only(alert) = view else { return found };
        app.look(|l| {
            let day = Day(app.today().0.saturating_add(within.get()));
            let (pace, lead) = &*room.pace.read();
            found.into_iter().filter(|v| l.book.alert(*v, location, pace, *lead, alert, day)).collect::<Vec<_>>()
        })
    });
    let value = Memo::new(move |_| {
        app.stock.track();
        let worth = app.look(|l| l.book.stock_value(room.location.get()).0);
        (app.manages() && worth.0 > 0).then_some(worth)
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
        app.look(|l| l.book.alerts(location, app.now(), day))
    });
    let views = move || {
        let words = [m.low, m.out, m.oversold, m.expiring];
        let counted = Alert::ALL.into_iter().zip(words).zip(alerts.get());
        let mut views = vec![(View::All, m.all.to_owned())];
        views.extend(counted.map(|((alert, word), n)| {
            (View::Only(alert), if n > 0 { format!("{word} {n}") } else { word.to_owned() })
        }));
        views
    };
    view! {
        <section class="page page--list">
            <header class="page__head">
                <h1>{m.stock}</h1>
                <StockTabs />
                <span class="page__count">{move || fill(m.variants_count, &[&rows.with(Vec::len)])}</span>
                {move || {
                    value
                        .get()
                        .map(|worth| {
                            view! {
                                <span class="page__count" data-stock-value=worth.0.to_string()>
                                    {m.stock_value}
                                    " "
                                    {app.price(worth)}
                                </span>
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
            </header>
            <div class="page__filters">
                {move || {
                    view! {
                        <Choice
                            options=places.get()
                            value=room.location
                            choose=move |l| room.location.set(l)
                            label=m.location
                        />
                    }
                }}
                {move || view! { <Choice options=views() value=shown choose=move |v| shown.set(v) label=m.filter /> }}
                {move || {
                    (shown.get() == View::Only(Alert::Expiring))
                        .then(|| {
                            view! {
                                <Choice
                                    options=SOON.iter().map(|d| (*d, fill(m.expiring_within, &[d]))).collect()
                                    value=within
                                    choose=move |d| within.set(d)
                                    label=m.expiring
                                />
                            }
                        })
                }}
            </div>
            <Show
                when=move || any.get()
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
                    when=move || !rows.with(Vec::is_empty)
                    fallback=move || view! { <p class="empty">{m.nothing_found}</p> }
                >
                    <VirtualList items=rows row_height=64.0 draw=row />
                </Show>
            </Show>
        </section>
        {move || room.open.get().map(|variant| view! { <VariantSheet variant /> })}
    }
}

fn row(id: Signal<VariantId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let room: Room = expect_context();
    let what = Memo::new(move |_| {
        app.catalog.track();
        app.look(|l| l.book.variant(id.get()).map(|(p, v)| (p.line_name(v), v.sku.clone(), p.unit)))
    });
    let level = Memo::new(move |_| {
        app.stock.track();
        let location = room.location.get();
        app.look(|l| on_hand(&l.book, id.get(), location))
    });
    let expires = Memo::new(move |_| {
        app.stock.track();
        let place = (id.get(), room.location.get());
        app.look(|l| l.book.batches(place).and_then(|b| b.iter().next().map(|b| b.lot.clone())))
            .map(|lot| app.lot(&lot))
            .unwrap_or_default()
    });
    let word = move || {
        let low = room.pace.with(|(pace, lead)| app.look(|l| l.book.low_at(id.get(), pace, *lead)));
        match level.get() {
            q if q < Quantity::ZERO => ("oversold", m.oversold),
            Quantity(0) => ("none", m.out),
            q if q <= low => ("low", m.low),
            _ => ("there", ""),
        }
    };
    view! {
        <button
            class="row row--button"
            data-variant=move || id.get().to_string()
            on:click=move |_| room.open.set(Some(id.get_untracked()))
        >
            <span class="row__main">
                {move || what.get().map(|w| w.0)}
                <small>
                    {move || what.get().map(|w| w.1)}
                    {move || expires.with(|e| (!e.is_empty()).then(|| format!(" · {e}")))}
                </small>
            </span>
            <span class="level" data-level=move || word().0>
                {move || word().1}
            </span>
            <strong class="row__figure" data-on-hand=move || level.get().plain()>
                {move || what.get().map(|w| app.quantity(level.get(), w.2))}
            </strong>
        </button>
    }
}
