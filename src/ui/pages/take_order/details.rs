//! What goes with an order beside its lines: channel, customer, note, carriage, a discount on the whole.

use leptos::prelude::*;

use super::Counter;
use super::line::{discount_text, read_discount};
use crate::domain::order::{Delivery, Method, Recipient};
use crate::domain::shop::channel::Channel;
use crate::domain::value::money::Minor;
use crate::ui::components::{Alert, AmountField, Choice, CustomerChoice, CustomerFields, Submit, TextField};
use crate::ui::state::app;

#[component]
pub fn Details() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let cart = app.carts.with_untracked(|c| c.open.clone());
    let channel = RwSignal::new(cart.channel);
    let customer = CustomerChoice::new(cart.customer, cart.new_customer.clone().unwrap_or_default());
    let chosen = customer.chosen;
    let delivery = cart.delivery.unwrap_or_default();
    let method = RwSignal::new(delivery.method);
    let promised = RwSignal::new(delivery.promised.map(|p| app.local(p)).unwrap_or_default());
    let elsewhere = RwSignal::new(delivery.recipient.address);
    let note = RwSignal::new(cart.note);
    let off = RwSignal::new(discount_text(app.currency(), cart.discount));
    let shipping =
        RwSignal::new(if cart.shipping.0 == 0 { String::new() } else { app.currency().plain(cart.shipping) });
    let trouble = RwSignal::new(None::<&'static str>);
    let save = move || {
        let currency = app.currency();
        let Some(discount) = off.with_untracked(|o| read_discount(currency, o)) else {
            trouble.set(Some(m.bad_discount));
            return;
        };
        let carriage =
            shipping.with_untracked(|s| if s.trim().is_empty() { Ok(Minor::ZERO) } else { currency.parse(s) });
        let Some(carriage) = carriage.ok().filter(|c| c.0 >= 0) else {
            trouble.set(Some(m.bad_amount));
            return;
        };
        let to = elsewhere.get_untracked().trim().to_owned();
        let recipient = Recipient {
            address: if chosen.get_untracked().is_some() { to } else { String::new() },
            ..Recipient::default()
        };
        let delivery = Delivery {
            method: method.get_untracked(),
            promised: promised.with_untracked(|p| app.read_local(p)),
            recipient,
        };
        app.with_carts(|c| {
            c.open.delivery = (!channel.get_untracked().face_to_face()).then_some(delivery);
            c.open.channel = channel.get_untracked();
            c.open.customer = chosen.get_untracked();
            c.open.new_customer = customer.new_person();
            c.open.note = note.get_untracked();
            c.open.discount = discount;
            c.open.shipping = carriage;
        });
        counter.sheet.set(None);
    };
    let channels = [Channel::Counter, Channel::Phone, Channel::Email, Channel::Website, Channel::Marketplace];
    view! {
        <form
            class="form"
            on:submit=move |e| {
                e.prevent_default();
                save();
            }
        >
            <Choice
                options=channels.iter().map(|c| (*c, m.channel(*c).to_owned())).collect()
                value=channel
                choose=move |c| channel.set(c)
                label=m.channel_label
            />
            <CustomerFields choice=customer />
            {move || {
                (!channel.get().face_to_face())
                    .then(|| {
                        view! {
                            <div class="form__pair">
                                <Choice
                                    options=Method::ALL.iter().map(|k| (*k, m.method(*k).to_owned())).collect()
                                    value=method
                                    choose=move |k| method.set(k)
                                    label=m.delivery
                                />
                                <TextField label=m.promised value=promised kind="datetime-local" />
                            </div>
                            {move || {
                                (method.get() == Method::Delivery && chosen.get().is_some())
                                    .then(|| {
                                        view! {
                                            <TextField
                                                label=m.recipient_address
                                                value=elsewhere
                                                placeholder=m.as_on_card
                                            />
                                        }
                                    })
                            }}
                        }
                    })
            }}
            <div class="form__pair">
                <AmountField label=m.order_discount value=off placeholder=m.discount_example />
                <AmountField label=m.shipping value=shipping placeholder="0" />
            </div>
            <TextField label=m.note value=note long=true />
            <Alert text=trouble />
            <Submit label=m.done />
        </form>
    }
}
