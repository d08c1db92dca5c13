//! Customers: who they are and how to reach them.

use leptos::prelude::*;

use crate::domain::customer::Person;
use crate::domain::decide::Command;
use crate::domain::id::CustomerId;
use crate::i18n::fill;
use crate::ui::components::{Dialog, Icon, TextField, VirtualList};
use crate::ui::state::app;

#[derive(Clone, Copy)]
struct Editing(RwSignal<Option<Option<CustomerId>>>);

#[component]
pub fn Customers() -> impl IntoView {
    let app = app();
    let m = app.words();
    let query = RwSignal::new(String::new());
    let editing = Editing(RwSignal::new(None));
    provide_context(editing);
    let rows = Memo::new(move |_| {
        app.people.track();
        let wanted = query.get().trim().to_lowercase();
        app.look(|l| {
            let hit = |p: &Person| {
                wanted.is_empty()
                    || p.name.to_lowercase().contains(&wanted)
                    || p.phone.contains(&wanted)
                    || p.email.to_lowercase().contains(&wanted)
            };
            let mut found: Vec<(&str, CustomerId)> =
                l.book.customers.iter().filter(|(_, c)| hit(&c.person)).map(|(id, c)| (c.person.called(), *id)).collect();
            found.sort();
            found.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="page page--list">
            <header class="page__head">
                <h1>{m.customers}</h1>
                <span class="page__count">{move || fill(m.customers_count, &[&rows.with(Vec::len)])}</span>
                <label class="search">
                    <Icon name="search" />
                    <input class="search__input" type="search" autocomplete="off" placeholder=m.find_customer_example aria-label=m.find_customer
                        prop:value=move || query.get() on:input=move |e| query.set(event_target_value(&e)) />
                </label>
                <button class="button button--primary" on:click=move |_| editing.0.set(Some(None))><Icon name="plus" /><span>{m.add_customer}</span></button>
            </header>
            <Show when=move || !rows.with(Vec::is_empty) fallback=move || view! {
                <p class="empty">{move || if query.with(String::is_empty) { m.no_customers } else { m.nothing_found }}</p>
            }>
                <VirtualList items=rows row_height=64.0 draw=row />
            </Show>
        </section>
        {move || editing.0.get().map(|id| view! { <Edit id /> })}
    }
}

fn row(id: CustomerId) -> impl IntoView {
    let app = app();
    let editing: Editing = expect_context();
    let person = Memo::new(move |_| {
        app.people.track();
        app.look(|l| l.book.customers.get(&id).map(|c| c.person.clone())).unwrap_or_default()
    });
    view! {
        <button class="row row--button" on:click=move |_| editing.0.set(Some(Some(id)))>
            <strong class="row__main">{move || person.with(|p| p.called().to_owned())}</strong>
            <span>{move || person.with(|p| p.phone.clone())}</span>
            <span class="row__wide">{move || person.with(|p| p.address.clone())}</span>
        </button>
    }
}

#[component]
fn Edit(id: Option<CustomerId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing: Editing = expect_context();
    let person = id.and_then(|id| app.look(|l| l.book.customers.get(&id).map(|c| c.person.clone()))).unwrap_or_default();
    let seen = id.map(|_| person.clone());
    let name = RwSignal::new(person.name);
    let phone = RwSignal::new(person.phone);
    let email = RwSignal::new(person.email);
    let address = RwSignal::new(person.address);
    let note = RwSignal::new(person.note);
    let save = move || {
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let person = Person { name: text(name), phone: text(phone), email: text(email), address: text(address), note: text(note) };
        app.dispatch(Command::SaveCustomer { customer: id, person, seen: seen.clone() }, move |_| editing.0.set(None));
    };
    view! {
        <Dialog title=if id.is_some() { m.customer } else { m.add_customer } close=move || editing.0.set(None)>
            <form class="form" on:submit=move |e| { e.prevent_default(); save(); }>
                <div class="form__pair"><TextField label=m.customer_name value=name /><TextField label=m.phone value=phone kind="tel" /></div>
                <TextField label=m.email value=email kind="email" />
                <TextField label=m.address value=address />
                <TextField label=m.note value=note long=true />
                <div class="form__do"><button class="button button--primary" type="submit">{m.save}</button></div>
            </form>
        </Dialog>
    }
}
