//! Loads: goods on their way from one place to another. The van in the morning, and what is left at night.

use leptos::prelude::*;

use super::StockTabs;
use super::goods::{GoodsList, Item, read_goods};
use crate::domain::decide::Command;
use crate::domain::stock::document::{Document, Transfer};
use crate::domain::value::id::{Id, LocationId};
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::{Alert, Confirm, Dialog, Icon, SelectField, Submit};
use crate::ui::state::{App, app};

/// Loads that have arrived and are still shown.
const MOST_PAST: usize = 30;

fn place(app: App, id: LocationId) -> String {
    app.look(|l| l.book.locations.get(&id).map(|p| p.name.clone())).unwrap_or_default()
}

fn transfers(app: App) -> Vec<(Id, Transfer)> {
    app.documents.track();
    let mut all: Vec<(Id, Transfer)> = app.look(|l| {
        let only =
            |(id, d): (&Id, &Document)| if let Document::Transfer(t) = d { Some((*id, t.clone())) } else { None };
        l.book.documents.iter().filter_map(only).collect()
    });
    all.sort_by_key(|(id, t)| (t.received.is_some(), std::cmp::Reverse(t.sent_at), *id));
    all
}

#[component]
pub fn Loads() -> impl IntoView {
    let app = app();
    let m = app.words();
    let adding = RwSignal::new(false);
    let receiving = RwSignal::new(None::<Id>);
    let all = Memo::new(move |_| transfers(app));
    let goods = move |t: &Transfer| {
        let mut text: Vec<String> =
            t.goods.iter().take(4).map(|(v, q)| format!("{} × {}", app.line_name(*v), q.plain())).collect();
        if t.goods.len() > text.len() {
            text.push(format!("+{}", t.goods.len() - 4));
        }
        text.join(", ")
    };
    view! {
        <section class="page">
            <header class="page__head">
                <h1>{m.stock}</h1>
                <StockTabs />
                <button class="button button--primary" data-new-load="" on:click=move |_| adding.set(true)>
                    <Icon name="plus" />
                    <span>{m.new_load}</span>
                </button>
            </header>
            <Show
                when=move || !all.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <div class="empty">
                            <p>{m.no_loads}</p>
                        </div>
                    }
                }
            >
                {move || {
                    all
                        .get()
                        .into_iter()
                        .take(MOST_PAST)
                        .map(|(id, t)| {
                            let missing: Quantity = t
                                .missing()
                                .into_iter()
                                .fold(Quantity::ZERO, |sum, (_, q)| sum.saturating_add(q));
                            let open = t.received.is_none();
                            view! {
                                <div class="row" data-load=if open { "under_way" } else { "arrived" }>
                                    <span class="row__main">
                                        <strong>
                                            {fill(m.load_from_to, &[&place(app, t.from), &place(app, t.to)])}
                                        </strong>
                                        <small>{goods(&t)}</small>
                                    </span>
                                    {(missing.0 != 0)
                                        .then(|| {
                                            view! {
                                                <span class="mark">{fill(m.load_missing, &[&missing.plain()])}</span>
                                            }
                                        })}
                                    <span class="badge">{if open { m.under_way } else { m.arrived }}</span>
                                    <span class="order-row__when">{app.moment(t.sent_at)}</span>
                                    {open
                                        .then(|| {
                                            view! {
                                                <button
                                                    class="button button--small button--primary"
                                                    data-take-in=""
                                                    on:click=move |_| receiving.set(Some(id))
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
        </section>
        {move || adding.get().then(|| view! { <NewLoad adding /> })}
        {move || receiving.get().map(|id| view! { <TakeIn id receiving /> })}
    }
}

#[component]
fn NewLoad(adding: RwSignal<bool>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let places = app.places().get_untracked();
    let options: Vec<(String, String)> = places.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let from = RwSignal::new(app.location().to_string());
    let elsewhere = places.iter().find(|(id, _)| *id != app.location()).map(|(id, _)| id.to_string());
    let to = RwSignal::new(elsewhere.unwrap_or_default());
    let items = RwSignal::new(Vec::<Item>::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let asked = RwSignal::new(None::<(String, Command)>);
    let read = move |s: RwSignal<String>| s.with_untracked(|t| t.parse::<LocationId>().ok());
    let everything = move |_| {
        let Some(here) = read(from) else { return };
        let there = app.look(|l| {
            let mut all: Vec<_> = l
                .book
                .levels
                .iter()
                .filter(|((_, p), level)| *p == here && level.on_hand > Quantity::ZERO)
                .map(|((v, _), level)| (*v, level.on_hand))
                .collect();
            all.sort();
            all
        });
        items.set(
            there.into_iter().take(crate::domain::stock::document::MOST_GOODS).map(|(v, q)| Item::new(v, q)).collect(),
        );
    };
    let as_before = move |_| {
        let (from, to) = (read(from), read(to));
        let last = untrack(|| transfers(app))
            .into_iter()
            .map(|(_, t)| t)
            .filter(|t| Some(t.from) == from && Some(t.to) == to)
            .max_by_key(|t| t.sent_at);
        if let Some(last) = last {
            items.set(last.goods.into_iter().map(|(v, q)| Item::new(v, q)).collect());
        }
    };
    let save = move || {
        let (Some(from), Some(to)) = (read(from), read(to)) else {
            trouble.set(Some(m.choose_location));
            return;
        };
        match read_goods(items) {
            Some(goods) => {
                trouble.set(None);
                let here = |v| app.look(|l| l.book.level((v, from)).on_hand);
                let more = goods
                    .iter()
                    .find(|(v, q)| *q > here(*v))
                    .map(|(v, q)| fill(m.load_more_than, &[&app.line_name(*v), &here(*v).plain(), &q.plain()]));
                let command = Command::Send { from, to, goods };
                match more {
                    Some(text) => asked.set(Some((text, command))),
                    None => app.dispatch(command, move |_| adding.set(false)),
                }
            }
            None => trouble.set(Some(m.bad_quantity)),
        }
    };
    view! {
        <Dialog title=m.new_load wide=true close=move || adding.set(false)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <SelectField label=m.load_from options=options.clone() value=from />
                    <SelectField label=m.transfer_to options value=to />
                </div>
                <div class="chips">
                    <button type="button" class="chip" data-everything="" on:click=everything>
                        {m.load_all_back}
                    </button>
                    <button type="button" class="chip" data-as-before="" on:click=as_before>
                        {m.load_as_before}
                    </button>
                </div>
                <GoodsList items />
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button button--primary" type="submit" disabled=move || items.with(Vec::is_empty)>
                        {m.load_send}
                    </button>
                </div>
            </form>
        </Dialog>
        {move || {
            asked
                .get()
                .map(|(text, command)| {
                    view! {
                        <Confirm
                            title=m.new_load
                            text
                            yes=m.load_send
                            close=move || asked.set(None)
                            act=move || app.dispatch(command.clone(), move |_| adding.set(false))
                        />
                    }
                })
        }}
    }
}

#[component]
fn TakeIn(id: Id, receiving: RwSignal<Option<Id>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let found = untrack(|| transfers(app)).into_iter().find(|(other, _)| *other == id).map(|(_, t)| t);
    found.map(|t| {
        let items = RwSignal::new(t.goods.iter().map(|(v, q)| Item::new(*v, *q)).collect::<Vec<_>>());
        let trouble = RwSignal::new(None::<&'static str>);
        let save = move || match read_goods(items) {
            Some(goods) => app.dispatch(Command::Arrived { transfer: id, goods }, move |_| {
                receiving.set(None);
                app.allocate_all();
            }),
            None => trouble.set(Some(m.bad_quantity)),
        };
        view! {
            <Dialog
                title=fill(m.load_from_to, &[&place(app, t.from), &place(app, t.to)])
                wide=true
                close=move || receiving.set(None)
            >
                <form
                    class="form"
                    on:submit=move |e| {
                        e.prevent_default();
                        save();
                    }
                >
                    <p class="form__note">{m.load_receive_text}</p>
                    <GoodsList items checking=true />
                    <Alert text=trouble />
                    <Submit label=m.load_receive />
                </form>
            </Dialog>
        }
    })
}
