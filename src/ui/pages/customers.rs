//! Customers: who they are and how to reach them.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::domain::customer::Person;
use crate::domain::decide::{Command, Money};
use crate::domain::order::{OrderState, PaymentState};
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::CustomerId;
use crate::i18n::fill;
use crate::store::columns::Filter;
use crate::ui::components::{AmountField, Choice, Dialog, Icon, Submit, TextField, VirtualList, parts_typed};
use crate::ui::pages::settings::known_groups;
use crate::ui::routes;
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
        let wanted = query.get();
        app.look(|l| {
            let mut found: Vec<(&str, CustomerId)> = l
                .book
                .customers
                .iter()
                .filter(|(_, c)| c.person.is_found_by(&wanted))
                .map(|(id, c)| (c.person.called(), *id))
                .collect();
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
                    <input
                        class="search__input"
                        type="search"
                        autocomplete="off"
                        placeholder=m.find_customer_example
                        aria-label=m.find_customer
                        prop:value=move || query.get()
                        on:input=move |e| query.set(event_target_value(&e))
                    />
                </label>
                <button class="button button--primary" on:click=move |_| editing.0.set(Some(None))>
                    <Icon name="plus" />
                    <span>{m.add_customer}</span>
                </button>
            </header>
            <Show
                when=move || !rows.with(Vec::is_empty)
                fallback=move || {
                    view! {
                        <p class="empty">
                            {move || if query.with(String::is_empty) { m.no_customers } else { m.nothing_found }}
                        </p>
                    }
                }
            >
                <VirtualList items=rows row_height=64.0 draw=row />
            </Show>
        </section>
        {move || editing.0.get().map(|id| view! { <Edit id /> })}
    }
}

fn row(id: Signal<CustomerId>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing: Editing = expect_context();
    let person = Memo::new(move |_| {
        app.people.track();
        app.look(|l| l.book.customers.get(&id.get()).map(|c| c.person.clone())).unwrap_or_default()
    });
    let owed = Memo::new(move |_| {
        app.people.track();
        app.look(|l| l.book.accounts.get(&id.get()).map(|a| a.owed)).filter(|owed| owed.0 > 0)
    });
    view! {
        <button class="row row--button" on:click=move |_| editing.0.set(Some(Some(id.get_untracked())))>
            <strong class="row__main">{move || person.with(|p| p.called().to_owned())}</strong>
            {move || {
                owed
                    .get()
                    .map(|owed| {
                        view! {
                            <span class="paid" data-paid="unpaid">
                                {m.account_owed}
                                " "
                                {app.price(owed)}
                            </span>
                        }
                    })
            }}
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
    let person =
        id.and_then(|id| app.look(|l| l.book.customers.get(&id).map(|c| c.person.clone()))).unwrap_or_default();
    let seen = id.map(|_| person.clone());
    let name = RwSignal::new(person.name);
    let phone = RwSignal::new(person.phone);
    let email = RwSignal::new(person.email);
    let address = RwSignal::new(person.address);
    let note = RwSignal::new(person.note);
    let save = move || {
        if parts_typed() {
            return app.say(m.save_parts_first.to_owned(), true);
        }
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let person = Person {
            name: text(name),
            phone: text(phone),
            email: text(email),
            address: text(address),
            note: text(note),
        };
        app.dispatch(Command::SaveCustomer { customer: id, person, seen: seen.clone() }, move |_| editing.0.set(None));
    };
    view! {
        <Dialog title=if id.is_some() { m.customer } else { m.add_customer } close=move || editing.0.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <TextField label=m.customer_name value=name />
                    <TextField label=m.phone value=phone kind="tel" />
                </div>
                <TextField label=m.email value=email kind="email" />
                <TextField label=m.address value=address />
                <TextField label=m.note value=note long=true />
                <Submit label=m.save />
            </form>
            {id
                .map(|id| {
                    view! {
                        <OrdersOf id />
                        <AccountPart id />
                    }
                })}
        </Dialog>
    }
}

/// How many orders a customer has, and the way to them.
#[component]
fn OrdersOf(id: CustomerId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let called = app.look(|l| l.book.customers.get(&id).map(|c| c.person.called().to_owned())).unwrap_or_default();
    let count = |payments: Vec<PaymentState>| {
        let states = OrderState::ALL.into_iter().filter(|s| *s != OrderState::Voided).collect();
        let filter = Filter { of: Some(id), payments, states, ..Filter::default() };
        app.look_mut(|l| l.columns.select(&filter).len())
    };
    let (all, unpaid) = (count(Vec::new()), count(vec![PaymentState::Unpaid, PaymentState::Part]));
    let href = format!("{}?find={}", routes::ORDERS, String::from(js_sys::encode_uri_component(&called)));
    view! {
        <A href attr:class="row row--button" attr:data-orders-of=all.to_string()>
            <span class="row__main">{fill(m.customer_orders, &[&all])}</span>
            {(unpaid > 0)
                .then(|| {
                    view! {
                        <span class="paid" data-paid="unpaid">
                            {fill(m.customer_unpaid, &[&unpaid])}
                        </span>
                    }
                })}
            <Icon name="next" />
        </A>
    }
}

/// What a customer owes, may owe, and has in credit.
#[component]
fn AccountPart(id: CustomerId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let account = Memo::new(move |_| {
        app.people.track();
        app.look(|l| l.book.accounts.get(&id).cloned()).unwrap_or_default()
    });
    let limit = RwSignal::new(app.currency().plain(account.get_untracked().limit));
    let group = RwSignal::new(account.get_untracked().group);
    let tender = RwSignal::new(Tender::Cash);
    let save = move |_| match limit.with_untracked(|l| app.currency().parse(l)) {
        Ok(limit) => app.dispatch(
            Command::SetAccount { customer: id, limit, group: Some(group.with_untracked(|g| g.trim().to_owned())) },
            move |_| app.say(m.saved.to_owned(), false),
        ),
        Err(_) => app.say(m.bad_amount.to_owned(), true),
    };
    // All of it, or a part.
    let sum = RwSignal::new(String::new());
    let reference = RwSignal::new(String::new());
    let paid = move || {
        let owed = account.get().owed;
        let text = sum.get();
        if text.trim().is_empty() {
            Some(owed)
        } else {
            app.currency().parse(&text).ok().filter(|a| a.0 > 0 && *a <= owed)
        }
    };
    let settle = move |_| {
        let Some(amount) = untrack(paid) else { return app.say(m.bad_amount.to_owned(), true) };
        let reference_text = reference.get_untracked().trim().to_owned();
        let money = Money { tender: tender.get_untracked(), amount, tendered: amount, reference: reference_text };
        app.dispatch(Command::SettleAccount { customer: id, money }, move |_| {
            sum.set(String::new());
            reference.set(String::new());
            app.say(m.saved.to_owned(), false);
        });
    };
    view! {
        <section class="form" data-part="">
            <h3>{m.account}</h3>
            <dl class="facts">
                <div>
                    <dt>{m.account_owed}</dt>
                    <dd data-owed=move || account.get().owed.0.to_string()>{move || app.price(account.get().owed)}</dd>
                </div>
                <div>
                    <dt>{m.account_credit}</dt>
                    <dd>{move || app.price(account.get().credit)}</dd>
                </div>
            </dl>
            <TextField label=m.customer_group value=group placeholder=m.customer_group_example />
            <div class="chips">
                {known_groups(app)
                    .into_iter()
                    .map(|g| {
                        let chosen = g.clone();
                        view! {
                            <button type="button" class="chip" on:click=move |_| group.set(chosen.clone())>
                                {g}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <div class="form__pair">
                <AmountField label=m.account_limit value=limit />
                <button class="button" data-limit="" data-saves="" on:click=save>
                    {m.save_account}
                </button>
            </div>
            {move || {
                (account.get().owed.0 > 0)
                    .then(|| {
                        view! {
                            <Choice
                                options=Tender::OFFERED.iter().map(|t| (*t, m.tender(*t).to_owned())).collect()
                                value=tender
                                choose=move |t| tender.set(t)
                                label=m.take_payment
                            />
                            <div class="form__pair">
                                <AmountField
                                    label=m.received
                                    value=sum
                                    placeholder=app.currency().plain(account.get_untracked().owed)
                                />
                                <TextField label=m.reference value=reference />
                            </div>
                            <button
                                class="button button--primary button--wide"
                                data-settle=""
                                data-saves=""
                                disabled=move || paid().is_none()
                                on:click=settle
                            >
                                {move || fill(m.account_settle, &[&app.price(paid().unwrap_or_default())])}
                            </button>
                        }
                    })
            }}
        </section>
    }
}
