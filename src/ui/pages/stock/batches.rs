//! The batches at one place: what expires when, and setting that right.

use leptos::prelude::*;

use super::levels::Room;
use crate::domain::decide::Command;
use crate::domain::stock::batch::{Batch, Lot};
use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Day;
use crate::ui::components::{AmountField, Icon, TextField};
use crate::ui::state::app;

/// A batch as it is being typed.
#[derive(Clone, Copy)]
pub struct LotFields {
    pub code: RwSignal<String>,
    pub expires: RwSignal<String>,
}

impl LotFields {
    pub fn new(lot: &Lot) -> Self {
        Self {
            code: RwSignal::new(lot.code.clone()),
            expires: RwSignal::new(lot.expires.map(Day::iso).unwrap_or_default()),
        }
    }

    /// `None` when the day cannot be read.
    pub fn read(self) -> Option<Lot> {
        let day = self.expires.get_untracked();
        let expires = if day.trim().is_empty() { None } else { Some(Day::parse(&day)?) };
        Some(Lot { code: self.code.get_untracked().trim().to_owned(), expires })
    }
}

#[component]
pub fn Batches(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let room: Room = expect_context();
    let unit = app.look(|l| l.book.variant(variant).map(|(p, _)| p.unit)).unwrap_or_default();
    let known = Memo::new(move |_| {
        app.stock.track();
        let place = (variant, room.location.get());
        app.look(|l| l.book.batches(place).map(|b| b.iter().cloned().collect::<Vec<Batch>>())).unwrap_or_default()
    });
    let editing = RwSignal::new(None::<Vec<(LotFields, RwSignal<String>)>>);
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let typed = move |b: &Batch| {
        let quantity = if b.quantity == Quantity::ZERO { String::new() } else { b.quantity.plain() };
        owner.get_value().with(|| (LotFields::new(&b.lot), RwSignal::new(quantity)))
    };
    let begin = move |_| editing.set(Some(known.get_untracked().iter().map(typed).collect()));
    let add = move |_| {
        let fresh = typed(&Batch { lot: Lot::default(), quantity: Quantity::ZERO });
        editing.update(|all| all.get_or_insert_default().push(fresh));
    };
    let save = move |_| {
        let read = |(lot, quantity): (LotFields, RwSignal<String>)| {
            let text = quantity.get_untracked();
            let quantity = if text.trim().is_empty() { Some(Quantity::ZERO) } else { Quantity::parse(&text) };
            Some(Batch { lot: lot.read()?, quantity: quantity? })
        };
        let all: Option<Vec<Batch>> = editing.get_untracked().unwrap_or_default().into_iter().map(read).collect();
        let Some(all) = all else { return app.say(m.bad_quantity.to_owned(), true) };
        let batches = all.into_iter().filter(|b| b.quantity.0 != 0).collect();
        let location = room.location.get_untracked();
        app.dispatch(Command::SetBatches { location, variant, batches }, move |_| editing.set(None));
    };
    view! {
        <h3>{m.batches}</h3>
        {move || match editing.get() {
            None => {
                view! {
                    {known.with(Vec::is_empty).then(|| view! { <p class="quiet">{m.no_batches}</p> })}
                    <ul class="plain">
                        {known
                            .get()
                            .into_iter()
                            .map(|b| {
                                let over = b.lot.expires.is_some_and(|d| d < app.today());
                                view! {
                                    <li class="row" data-batch=b.lot.code>
                                        <span class="row__main">{app.lot(&b.lot)}</span>
                                        {over
                                            .then(|| {
                                                view! {
                                                    <span class="level" data-level="oversold">
                                                        {m.expired}
                                                    </span>
                                                }
                                            })}
                                        <strong class="row__figure">{app.quantity(b.quantity, unit)}</strong>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                    <div class="form__do">
                        <button type="button" class="button button--small" data-edit-batches="" on:click=begin>
                            {m.edit}
                        </button>
                    </div>
                }
                    .into_any()
            }
            Some(all) => {
                view! {
                    {all
                        .into_iter()
                        .map(|(lot, quantity)| {
                            view! {
                                <div class="goods">
                                    <TextField label=m.lot value=lot.code />
                                    <TextField label=m.expires value=lot.expires kind="date" />
                                    <AmountField label=m.quantity value=quantity />
                                </div>
                            }
                        })
                        .collect_view()}
                    <div class="form__do">
                        <button type="button" class="button button--small" on:click=add>
                            <Icon name="plus" />
                            <span>{m.add_batch}</span>
                        </button>
                        <button type="button" class="button button--small" on:click=move |_| editing.set(None)>
                            {m.back}
                        </button>
                        <button
                            type="button"
                            class="button button--primary button--small"
                            data-save-batches=""
                            on:click=save
                        >
                            {m.save}
                        </button>
                    </div>
                }
                    .into_any()
            }
        }}
    }
}
