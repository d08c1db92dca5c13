//! Whose order it is: somebody known, found by name or number, or somebody new.

use leptos::prelude::*;

use super::{Icon, TextField};
use crate::domain::customer::Person;
use crate::domain::value::id::CustomerId;
use crate::ui::state::{App, app};

/// What is chosen or typed.
#[derive(Clone, Copy)]
pub struct CustomerChoice {
    pub chosen: RwSignal<Option<CustomerId>>,
    name: RwSignal<String>,
    phone: RwSignal<String>,
    email: RwSignal<String>,
    address: RwSignal<String>,
}

impl CustomerChoice {
    pub fn new(chosen: Option<CustomerId>, typed: Person) -> Self {
        Self {
            chosen: RwSignal::new(chosen),
            name: RwSignal::new(typed.name),
            phone: RwSignal::new(typed.phone),
            email: RwSignal::new(typed.email),
            address: RwSignal::new(typed.address),
        }
    }

    /// Somebody who has no card yet, when one was typed in.
    pub fn new_person(self) -> Option<Person> {
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let person = Person {
            name: text(self.name),
            phone: text(self.phone),
            email: text(self.email),
            address: text(self.address),
            ..Person::default()
        };
        (self.chosen.get_untracked().is_none() && !person.called().is_empty()).then_some(person)
    }
}

#[component]
pub fn CustomerFields(choice: CustomerChoice) -> impl IntoView {
    let app = app();
    let m = app.words();
    let CustomerChoice { chosen, name, phone, email, address } = choice;
    let who = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let wanted = who.get().trim().to_lowercase();
        if wanted.is_empty() { Vec::new() } else { find(app, &wanted) }
    });
    move || match chosen.get() {
        Some(id) => {
            let called = app.look(|l| l.book.customers.get(&id).map(|c| c.person.clone())).unwrap_or_default();
            view! {
                <p class="row">
                    <Icon name="person" />
                    <span class="row__main">{called.called().to_owned()}</span>
                    <span>{called.phone}</span>
                    <button
                        class="button button--bare"
                        type="button"
                        aria-label=m.remove
                        on:click=move |_| chosen.set(None)
                    >
                        <Icon name="close" />
                    </button>
                </p>
            }
            .into_any()
        }
        None => view! {
            <TextField label=m.find_customer value=who placeholder=m.find_customer_example />
            {move || {
                found
                    .get()
                    .into_iter()
                    .map(|(id, called, phone)| {
                        view! {
                            <button
                                class="row row--button"
                                type="button"
                                data-customer=id.to_string()
                                on:click=move |_| {
                                    chosen.set(Some(id));
                                    who.set(String::new());
                                }
                            >
                                <span class="row__main">{called}</span>
                                <span>{phone}</span>
                            </button>
                        }
                    })
                    .collect_view()
            }}
            <div class="form__pair">
                <TextField label=m.customer_name value=name />
                <TextField label=m.phone value=phone kind="tel" />
            </div>
            <TextField label=m.email value=email kind="email" />
            <TextField label=m.address value=address />
        }
        .into_any(),
    }
}

/// The first customers whose name or number has the text in it.
fn find(app: App, wanted: &str) -> Vec<(CustomerId, String, String)> {
    app.look(|l| {
        l.book
            .customers
            .iter()
            .filter(|(_, c)| c.person.is_found_by(wanted))
            .take(5)
            .map(|(id, c)| (*id, c.person.called().to_owned(), c.person.phone.clone()))
            .collect()
    })
}
