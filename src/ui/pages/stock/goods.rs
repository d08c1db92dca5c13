//! A list of goods that is being put together: search, tap, say how many, and what they cost where that matters.

use std::collections::HashSet;

use leptos::prelude::*;

use super::batches::LotFields;
use crate::domain::stock::batch::Lot;
use crate::domain::stock::document::{Goods, Ordered};
use crate::domain::value::id::VariantId;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::ui::components::{CameraButton, Icon, PackChips, QuantityField, TextField};
use crate::ui::state::{App, app};

/// The most products that are offered for a search.
const MOST_FOUND: usize = 6;

/// One of the goods, as it is being typed.
#[derive(Clone, Copy)]
pub struct Item {
    pub variant: VariantId,
    pub quantity: RwSignal<String>,
    pub cost: RwSignal<String>,
    pub lot: LotFields,
}

impl Item {
    pub fn new(variant: VariantId, quantity: Quantity) -> Self {
        Self {
            variant,
            quantity: RwSignal::new(quantity.plain()),
            cost: RwSignal::default(),
            lot: LotFields::new(&Lot::default()),
        }
    }

    pub fn at(self, app: App, cost: Minor) -> Self {
        self.cost.set(app.currency().plain(cost));
        self
    }

    fn read(self) -> Option<Quantity> {
        Quantity::parse(&self.quantity.get_untracked())
    }
}

/// What was put together, without what is zero; `None` when something cannot be read.
pub fn read_goods(items: RwSignal<Vec<Item>>) -> Option<Goods> {
    let all: Option<Goods> = items.get_untracked().into_iter().map(|i| i.read().map(|q| (i.variant, q))).collect();
    all.map(|goods| goods.into_iter().filter(|(_, q)| q.0 != 0).collect())
}

/// Of which of them a lot was said; `None` when a day cannot be read.
pub fn read_lots(items: RwSignal<Vec<Item>>) -> Option<Vec<(VariantId, Lot)>> {
    let all: Option<Vec<(VariantId, Lot)>> =
        items.get_untracked().into_iter().map(|i| i.lot.read().map(|lot| (i.variant, lot))).collect();
    all.map(|lots| lots.into_iter().filter(|(_, lot)| !lot.is_empty()).collect())
}

/// The same with what it costs.
pub fn read_ordered(app: App, items: RwSignal<Vec<Item>>) -> Option<Vec<Ordered>> {
    let currency = app.currency();
    let one = |i: Item| {
        let text = i.cost.get_untracked();
        let cost = if text.trim().is_empty() { Minor::ZERO } else { currency.parse(&text).ok()? };
        Some(Ordered { variant: i.variant, quantity: i.read()?, cost })
    };
    let all: Option<Vec<Ordered>> = items.get_untracked().into_iter().map(one).collect();
    all.map(|lines| lines.into_iter().filter(|l| l.quantity.0 != 0).collect())
}

#[component]
pub fn GoodsList(
    items: RwSignal<Vec<Item>>,
    /// Says whether each has a cost.
    #[prop(optional)]
    costs: bool,
    /// Says whether each may be of a lot.
    #[prop(optional)]
    lots: bool,
    /// Says whether more can be added.
    #[prop(optional)]
    fixed: bool,
    /// Says whether what is scanned is checked against the quantities: an article's first scan begins at none.
    #[prop(optional)]
    checking: bool,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(String::new());
    let found = Memo::new(move |_| match query.with(|q| q.trim().is_empty()) {
        true => Vec::new(),
        false => app.find(&query.read()).into_iter().take(MOST_FOUND).collect::<Vec<VariantId>>(),
    });
    // A handler's signals belong to whatever drew the button; these have to outlive the list of what was found.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let add = move |variant: VariantId, more: Quantity| {
        let known = items.with_untracked(|all| all.iter().find(|i| i.variant == variant).copied());
        match known {
            Some(item) => {
                item.quantity.update(|q| *q = Quantity::parse(q).unwrap_or_default().saturating_add(more).plain());
            }
            None => {
                let cost = app.look(|l| l.book.costs.get(&variant).map(|c| c.minor())).unwrap_or_default();
                let item = owner.get_value().with(|| Item::new(variant, more).at(app, cost));
                items.update(|all| all.push(item));
            }
        }
        query.set(String::new());
    };
    let scanned = StoredValue::new(HashSet::<VariantId>::new());
    app.on_scan(move |article, _| {
        if fixed {
            return;
        }
        let first = scanned.try_update_value(|seen| seen.insert(article.variant)).unwrap_or_default();
        if checking && first {
            items.with_untracked(|all| {
                all.iter()
                    .filter(|i| i.variant == article.variant)
                    .for_each(|i| i.quantity.set(Quantity::ZERO.plain()));
            });
        }
        add(article.variant, article.quantity);
    });
    view! {
        {(!fixed)
            .then(|| {
                view! {
                    <label class="search">
                        <Icon name="search" />
                        <input
                            class="search__input"
                            type="search"
                            autocomplete="off"
                            placeholder=m.search_products
                            aria-label=m.search_products
                            data-add-goods=""
                            prop:value=move || query.get()
                            on:input=move |e| query.set(event_target_value(&e))
                        />
                        <CameraButton />
                    </label>
                }
            })}
        {move || {
            found
                .get()
                .into_iter()
                .map(|v| {
                    view! {
                        <button
                            type="button"
                            class="row row--button"
                            data-found=""
                            on:click=move |_| add(v, Quantity::ONE)
                        >
                            <Icon name="plus" />
                            <span class="row__main">{app.line_name(v)}</span>
                        </button>
                    }
                })
                .collect_view()
        }}
        {move || {
            items
                .get()
                .into_iter()
                .map(|item| {
                    view! {
                        <div class="goods" data-goods=item.variant.to_string()>
                            <span class="row__main">{app.line_name(item.variant)}</span>
                            <QuantityField label=m.quantity value=item.quantity />
                            {costs
                                .then(|| {
                                    view! {
                                        <label class="field">
                                            <span class="field__label">{m.cost}</span>
                                            <input
                                                class="input input--figure"
                                                inputmode="decimal"
                                                autocomplete="off"
                                                prop:value=move || item.cost.get()
                                                on:input=move |e| item.cost.set(event_target_value(&e))
                                            />
                                        </label>
                                    }
                                })}
                            {lots
                                .then(|| {
                                    view! {
                                        <TextField label=m.lot value=item.lot.code />
                                        <TextField label=m.expires value=item.lot.expires kind="date" />
                                    }
                                })}
                            <PackChips variant=item.variant value=item.quantity />
                            {(!fixed)
                                .then(|| {
                                    view! {
                                        <button
                                            type="button"
                                            class="button button--bare"
                                            aria-label=m.remove
                                            on:click=move |_| {
                                                items.update(|all| all.retain(|i| i.variant != item.variant));
                                            }
                                        >
                                            <Icon name="close" />
                                        </button>
                                    }
                                })}
                        </div>
                    }
                })
                .collect_view()
        }}
    }
}
