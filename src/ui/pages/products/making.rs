//! What a thing comes in and is made of: sizes of pack, and the parts of a kit.

use leptos::prelude::*;

use crate::domain::decide::Command;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::value::id::{ProductId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::ui::components::{AmountField, Icon, SelectField, TextField};
use crate::ui::pages::stock::{GoodsList, Item, read_goods};
use crate::ui::state::app;

/// Packs and kit of one of a product's variants.
#[component]
pub fn Making(id: ProductId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let variants = app.look(|l| l.book.products.get(&id).map(|p| p.variants.clone())).unwrap_or_default();
    let first = variants.first().map(|v| v.id);
    let several = variants.len() > 1;
    let chosen = RwSignal::new(first.map(|v| v.to_string()).unwrap_or_default());
    let variant = move || chosen.with(|c| c.parse::<VariantId>().ok());
    let options = variants.iter().map(|v| (v.id.to_string(), v.label.clone())).collect();
    view! {
        {several.then(|| view! { <SelectField label=m.variant options value=chosen /> })}
        {move || {
            variant()
                .map(|v| {
                    view! {
                        <Packs variant=v />
                        <Parts variant=v />
                    }
                })
        }}
    }
}

/// A size of pack as it is being typed.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    barcode: RwSignal<String>,
    quantity: RwSignal<String>,
}

impl Typed {
    fn of(pack: &Pack) -> Self {
        let quantity = if pack.quantity == Quantity::ZERO { String::new() } else { pack.quantity.plain() };
        Self {
            name: RwSignal::new(pack.name.clone()),
            barcode: RwSignal::new(pack.barcode.clone()),
            quantity: RwSignal::new(quantity),
        }
    }

    fn read(self) -> Option<Pack> {
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        Some(Pack {
            name: text(self.name),
            barcode: text(self.barcode),
            quantity: Quantity::parse(&text(self.quantity))?,
        })
    }
}

#[component]
fn Packs(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let packs = RwSignal::new(app.look(|l| l.book.packs(variant).iter().map(Typed::of).collect::<Vec<_>>()));
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let add = move |_| {
        let fresh = owner
            .get_value()
            .with(|| Typed::of(&Pack { name: String::new(), barcode: String::new(), quantity: Quantity::ZERO }));
        packs.update(|all| all.push(fresh));
    };
    let save = move |_| {
        let read: Option<Vec<Pack>> = packs.get_untracked().into_iter().map(Typed::read).collect();
        match read {
            Some(packs) => {
                app.dispatch(Command::SetPacks { variant, packs }, move |_| app.say(m.saved.to_owned(), false));
            }
            None => app.say(m.bad_quantity.to_owned(), true),
        }
    };
    view! {
        <section class="form" data-part="">
            <h3>{m.packs}</h3>
            <p class="form__note">{m.packs_text}</p>
            {move || {
                packs
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(at, p)| {
                        view! {
                            <div class="goods" data-pack="">
                                <TextField label=m.pack_name value=p.name placeholder=m.pack_example />
                                <AmountField label=m.pack_holds value=p.quantity placeholder="12" />
                                <TextField label=m.barcode value=p.barcode />
                                <button
                                    type="button"
                                    class="button button--bare"
                                    aria-label=m.remove
                                    on:click=move |_| {
                                        packs
                                            .update(|all| {
                                                all.remove(at);
                                            });
                                    }
                                >
                                    <Icon name="close" />
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <div class="form__do">
                <button type="button" class="button" data-add-pack="" on:click=add>
                    <Icon name="plus" />
                    <span>{m.add_pack}</span>
                </button>
                <button type="button" class="button" data-save-packs="" data-saves="" on:click=save>
                    {m.save_packs}
                </button>
            </div>
        </section>
    }
}

#[component]
fn Parts(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let known = app.look(|l| l.book.kit(variant).map(|k| k.parts.clone())).unwrap_or_default();
    let items = RwSignal::new(known.into_iter().map(|(v, q)| Item::new(v, q)).collect::<Vec<_>>());
    let save = move |_| match read_goods(items) {
        Some(parts) => {
            app.dispatch(Command::SetKit(Kit { variant, parts }), move |_| app.say(m.saved.to_owned(), false));
        }
        None => app.say(m.bad_quantity.to_owned(), true),
    };
    view! {
        <section class="form" data-part="">
            <h3>{m.kit}</h3>
            <p class="form__note">{m.kit_text}</p>
            <GoodsList items />
            <div class="form__do">
                <button type="button" class="button" data-save-kit="" data-saves="" on:click=save>
                    {m.save_kit}
                </button>
            </div>
        </section>
    }
}
