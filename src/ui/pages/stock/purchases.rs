//! Purchases: what is on order from whom, what has come of it, and what should be ordered.

use leptos::prelude::*;

use super::StockTabs;
use super::goods::{GoodsList, Item, read_lots, read_ordered};
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::stock::document::{Document, Purchase, Supplier};
use crate::domain::value::id::{Id, VariantId};
use crate::i18n::fill;
use crate::ui::components::{Alert, CheckField, Dialog, Icon, Printout, QuantityField, SelectField, Submit, TextField};
use crate::ui::state::{App, app};

/// Purchases that are complete and still shown.
const MOST_SHOWN: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sheet {
    /// With what should be ordered.
    New {
        propose: bool,
    },
    Receive(Id),
    Supplier(Option<Id>),
}

fn purchases(app: App) -> Vec<(Id, Purchase)> {
    app.documents.track();
    let mut all: Vec<(Id, Purchase)> = app.look(|l| {
        let only =
            |(id, d): (&Id, &Document)| if let Document::Purchase(p) = d { Some((*id, p.clone())) } else { None };
        l.book.documents.iter().filter_map(only).collect()
    });
    all.sort_by_key(|(id, p)| (p.closed, std::cmp::Reverse(p.ordered_at), *id));
    all
}

fn suppliers(app: App) -> Vec<Supplier> {
    app.settings.track();
    let mut all: Vec<Supplier> =
        app.look(|l| l.book.suppliers.iter().map(|(_, s)| s.clone()).filter(|s| s.active).collect());
    all.sort_by_key(|s| s.id);
    all
}

#[component]
pub fn Purchases() -> impl IntoView {
    let app = app();
    let m = app.words();
    // Opened from an alert, with what should be ordered.
    let asked = leptos_router::hooks::use_query_map().with_untracked(|q| q.get("propose").is_some())
        && !untrack(|| suppliers(app)).is_empty();
    let sheet = RwSignal::new(asked.then_some(Sheet::New { propose: true }));
    let all = Memo::new(move |_| purchases(app));
    let known = Memo::new(move |_| suppliers(app));
    let no_suppliers = move || known.with(Vec::is_empty);
    let name =
        move |id: Id| known.with(|all| all.iter().find(|s| s.id == id).map(|s| s.name.clone())).unwrap_or_default();
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.stock}</h1>
                <StockTabs />
                <button
                    class="button"
                    data-propose=""
                    disabled=no_suppliers
                    title=move || if no_suppliers() { m.no_suppliers } else { "" }
                    on:click=move |_| sheet.set(Some(Sheet::New { propose: true }))
                >
                    {m.purchase_propose}
                </button>
                <button
                    class="button button--primary"
                    disabled=no_suppliers
                    on:click=move |_| sheet.set(Some(Sheet::New { propose: false }))
                >
                    <Icon name="plus" />
                    <span>{m.new_purchase}</span>
                </button>
            </header>
            <Show
                when=move || !all.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <div class="empty">
                            <p>{move || if no_suppliers() { m.no_suppliers } else { m.no_purchases }}</p>
                        </div>
                    }
                }
            >
                {move || {
                    all
                        .get()
                        .into_iter()
                        .take(MOST_SHOWN)
                        .map(|(id, p)| {
                            let lines: Vec<String> = p
                                .goods()
                                .iter()
                                .take(4)
                                .map(|l| format!("{} × {}", app.line_name(l.variant), l.quantity.plain()))
                                .collect();
                            let open = !p.closed;
                            view! {
                                <div class="row" data-purchase=p.number>
                                    <span class="row__main">
                                        <strong>{p.number.clone()} " · " {name(p.supplier)}</strong>
                                        <small>{lines.join(", ")}</small>
                                    </span>
                                    <span class="badge">{if open { m.purchase_open } else { m.purchase_done }}</span>
                                    <span class="order-row__when">{app.moment(p.ordered_at)}</span>
                                    <strong class="row__figure">{app.price(p.total())}</strong>
                                    {open
                                        .then(|| {
                                            view! {
                                                <button
                                                    class="button button--small button--primary"
                                                    data-take-in=""
                                                    on:click=move |_| sheet.set(Some(Sheet::Receive(id)))
                                                >
                                                    {m.load_receive}
                                                </button>
                                            }
                                        })}
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </Show>
            <section class="panel suppliers">
                <h2>{m.suppliers}</h2>
                {move || {
                    known
                        .get()
                        .into_iter()
                        .map(|s| {
                            let id = s.id;
                            view! {
                                <div class="row">
                                    <span class="row__main">{s.name.clone()}<small>{s.phone}</small></span>
                                    <button
                                        class="button button--small"
                                        on:click=move |_| sheet.set(Some(Sheet::Supplier(Some(id))))
                                    >
                                        {m.edit}
                                    </button>
                                </div>
                            }
                        })
                        .collect_view()
                }}
                <button class="button" data-add-supplier="" on:click=move |_| sheet.set(Some(Sheet::Supplier(None)))>
                    <Icon name="plus" />
                    <span>{m.add_supplier}</span>
                </button>
            </section>
        </section>
        {move || {
            sheet
                .get()
                .map(|s| match s {
                    Sheet::New { propose } => view! { <NewPurchase propose sheet /> }.into_any(),
                    Sheet::Receive(id) => view! { <Receive id sheet /> }.into_any(),
                    Sheet::Supplier(id) => view! { <SupplierSheet id sheet /> }.into_any(),
                })
        }}
    }
}

#[component]
fn NewPurchase(propose: bool, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let known = untrack(|| suppliers(app));
    let supplier = RwSignal::new(known.first().map(|s| s.id.to_string()).unwrap_or_default());
    let location = app.location();
    let lead = known.first().map_or(0, |s| s.lead_days);
    let proposed = if propose { app.look(|l| l.book.proposal(location, app.now(), lead)) } else { Vec::new() };
    let nothing = propose && proposed.is_empty();
    let cost = move |v: VariantId| app.look(|l| l.book.costs.get(&v).map(|c| c.minor())).unwrap_or_default();
    let items = RwSignal::new(proposed.into_iter().map(|(v, q)| Item::new(v, q).at(app, cost(v))).collect::<Vec<_>>());
    let trouble = RwSignal::new(None::<&'static str>);
    let save = move || {
        let chosen = supplier.with_untracked(|s| s.parse::<Id>().ok());
        match (chosen, read_ordered(app, items)) {
            (Some(supplier), Some(lines)) => {
                app.dispatch(Command::Purchase { supplier, location, lines, number: String::new() }, move |_| {
                    sheet.set(None);
                });
            }
            (None, _) => trouble.set(Some(m.no_suppliers)),
            _ => trouble.set(Some(m.bad_amount)),
        }
    };
    view! {
        <Dialog title=m.new_purchase wide=true close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <SelectField
                    label=m.supplier
                    options=known.iter().map(|s| (s.id.to_string(), s.name.clone())).collect()
                    value=supplier
                />
                {nothing.then(|| view! { <p class="form__note">{m.purchase_nothing}</p> })}
                <GoodsList items costs=true />
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button button--primary" type="submit" disabled=move || items.with(Vec::is_empty)>
                        {m.purchase_order}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn Receive(id: Id, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let found = untrack(|| purchases(app)).into_iter().find(|(other, _)| *other == id).map(|(_, p)| p);
    found.map(|p| {
        let items = RwSignal::new(
            p.lines.iter().map(|l| Item::new(l.variant, p.incoming(l.variant)).at(app, l.cost)).collect::<Vec<_>>(),
        );
        let last = RwSignal::new(false);
        let labels = RwSignal::new(false);
        let trouble = RwSignal::new(None::<&'static str>);
        let save = move || match read_ordered(app, items).zip(read_lots(items)) {
            Some((goods, lots)) => {
                let came: Vec<(VariantId, u32)> =
                    goods.iter().map(|l| (l.variant, u32::try_from(l.quantity.0 / 1000).unwrap_or_default())).collect();
                app.dispatch(Command::Deliver { purchase: id, goods, last: last.get_untracked(), lots }, move |_| {
                    if labels.get_untracked() {
                        app.print(Printout::Labels(came));
                    }
                    sheet.set(None);
                    // What waited for these goods gets them, the first in turn first.
                    app.allocate_all();
                });
            }
            None => trouble.set(Some(m.bad_amount)),
        };
        view! {
            <Dialog title=fill("{} · {}", &[&m.load_receive, &p.number]) wide=true close=move || sheet.set(None)>
                <form
                    class="form"
                    on:submit=move |e| {
                        e.prevent_default();
                        save();
                    }
                >
                    <GoodsList items costs=true lots=true fixed=true />
                    <div class="form__pair">
                        <CheckField label=m.purchase_last value=last />
                        <CheckField label=m.print_labels value=labels />
                    </div>
                    <Alert text=trouble />
                    <Submit label=m.load_receive />
                </form>
            </Dialog>
        }
    })
}

#[component]
fn SupplierSheet(id: Option<Id>, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let before = id.and_then(|id| app.look(|l| l.book.suppliers.get(&id).cloned()));
    let before = before.unwrap_or(Supplier { lead_days: 3, active: true, ..Supplier::default() });
    let seen = StoredValue::new(Event::SupplierSet(before.clone()));
    let name = RwSignal::new(before.name.clone());
    let phone = RwSignal::new(before.phone.clone());
    let days = RwSignal::new(before.lead_days.to_string());
    let active = RwSignal::new(before.active);
    let save = move || {
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let Ok(lead_days) = text(days).parse() else {
            app.say(m.bad_quantity.to_owned(), true);
            return;
        };
        let supplier =
            Supplier { id: before.id, name: text(name), phone: text(phone), lead_days, active: active.get_untracked() };
        app.save_setting(&seen.get_value(), Command::SaveSupplier(supplier), move |_| sheet.set(None));
    };
    view! {
        <Dialog title=m.supplier close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <TextField label=m.name value=name />
                <TextField label=m.phone value=phone kind="tel" />
                <QuantityField label=m.lead_days value=days />
                <CheckField label=m.in_use value=active />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}
