//! What the customer is to be told: written by a rule or by hand, sent with the tablet's own telephone or mail.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Sheet;
use super::handling::contact;
use crate::domain::decide::Command;
use crate::domain::order::{Message, Order as Record};
use crate::platform::clipboard;
use crate::ui::components::{Dialog, Icon, TextField};
use crate::ui::state::{App, app};

/// A message as the customer reads it.
pub fn said(app: App, order: &Record, message: &Message) -> String {
    message.filled(|name| match name {
        "customer" => contact(app, order).0,
        "number" => order.number.clone(),
        "total" => app.money(order.currency, order.charged()),
        "due" => app.money(order.currency, order.due()),
        "promised" => {
            let promised = order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref()).and_then(|d| d.promised);
            promised.map(|at| app.full_moment(at)).unwrap_or_default()
        }
        "store" => app.look(|l| l.book.profile().name),
        _ => String::new(),
    })
}

/// A text in an address; everything that might mean something there is escaped.
fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// The messages of an order that are due, and the ways to send them.
#[component]
pub fn DueMessages(order: Record) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let due: Vec<String> =
        order.messages.iter().filter(|message| message.is_due()).map(|message| said(app, &order, message)).collect();
    let text = due.join("\n");
    let (_, phone, _) = contact(app, &order);
    let email = order
        .customer
        .and_then(|c| app.look(|l| l.book.customers.get(&c).map(|c| c.person.email.clone())))
        .unwrap_or_default();
    let dial: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let sms = (!dial.is_empty()).then(|| format!("sms:{dial}?body={}", escaped(&text)));
    let mail = (!email.trim().is_empty()).then(|| {
        format!("mailto:{}?subject={}&body={}", escaped(email.trim()), escaped(&order.number), escaped(&text))
    });
    let copied = text.clone();
    let copy = move |text: String| {
        spawn_local(async move {
            let done = clipboard::write(&text).await;
            app.say(if done { m.message_copied } else { m.message_not_copied }.to_owned(), !done);
        });
    };
    let told = move |sent: bool| app.dispatch(Command::Told { order: id, sent }, |_| {});
    view! {
        <div class="message" data-message-due=order.number>
            <p class="note">{text}</p>
            <div class="order__do">
                {sms
                    .map(|href| {
                        view! {
                            <a class="button button--small" data-sms="" href=href>
                                {m.message_sms}
                            </a>
                        }
                    })}
                {mail
                    .map(|href| {
                        view! {
                            <a class="button button--small" data-mail="" href=href>
                                {m.message_mail}
                            </a>
                        }
                    })} <button class="button button--small" on:click=move |_| copy(copied.clone())>
                    {m.message_copy}
                </button>
                <button class="button button--small button--primary" data-told="" on:click=move |_| told(true)>
                    <Icon name="check" />
                    <span>{m.message_done}</span>
                </button> <button class="button button--small" on:click=move |_| told(false)>
                    {m.message_drop}
                </button>
            </div>
        </div>
    }
}

#[component]
pub fn MessageSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let text = RwSignal::new(String::new());
    let save = move || {
        app.dispatch(Command::Tell { order: id, text: text.get_untracked() }, move |_| {
            sheet.set(None);
            app.say(m.message_waits.to_owned(), false);
        });
    };
    let nobody = contact(app, &order).0.trim().is_empty();
    let known = StoredValue::new(order);
    let preview = move || {
        let message = Message { text: text.get(), sent: None };
        known.with_value(|order| said(app, order, &message))
    };
    view! {
        <Dialog title=m.message_write close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                {nobody.then(|| view! { <p class="note">{m.no_customer}</p> })}
                <TextField label=m.message_write value=text long=true />
                <p class="form__note">{m.message_text}</p>
                {move || text.with(|t| t.contains('{')).then(|| view! { <p class="note">{preview}</p> })}
                <div class="form__do">
                    <button
                        class="button button--primary"
                        type="submit"
                        disabled=move || text.with(|t| t.trim().is_empty())
                    >
                        {m.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
