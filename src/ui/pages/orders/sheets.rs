//! Sheets over an order: pay, ask a terminal, void, note, delivery, labels, whose it is.

use leptos::prelude::*;

use super::Sheet;
use crate::domain::decide::{Command, Money};
use crate::domain::order::{Assignee, Delivery, Mark, Method, Order as Record, Recipient, VoidReason};
use crate::domain::shop::tender::Tender;
use crate::domain::value::money::Minor;
use crate::domain::value::named::Named;
use crate::i18n::fill;
use crate::ui::components::{AmountField, Choice, CustomerChoice, CustomerFields, Dialog, Submit, TextField};
use crate::ui::pages::take_order::tenders_of;
use crate::ui::state::app;

#[component]
pub fn PaySheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let (id, currency, due) = (order.id, order.currency, order.due());
    let tender = RwSignal::new(Tender::Cash);
    let amount = RwSignal::new(String::new());
    let reference = RwSignal::new(String::new());
    let tenders = tenders_of(app, order.customer);
    // Cash may be rounded.
    let asked = move || if tender.get() == Tender::Cash { app.in_cash(due) } else { due };
    let given = Memo::new(move |_| {
        let text = amount.get();
        if text.trim().is_empty() { Some(asked()) } else { currency.parse(&text).ok().filter(|a| a.0 > 0) }
    });
    let pay = move || {
        let Some(given) = given.get_untracked() else { return };
        let due = untrack(asked);
        let tender = tender.get_untracked();
        let counts = given.min(due);
        if tender.is_asked() {
            // Written down before anybody is asked; what the terminal said is entered next.
            app.dispatch(Command::Ask { order: id, tender, amount: counts }, move |_| {
                sheet.set(None);
                app.answering.set(Some(id));
            });
            return;
        }
        let tendered = if tender == Tender::Cash { given } else { counts };
        let money = Money { tender, amount: counts, tendered, reference: reference.get_untracked().trim().to_owned() };
        app.dispatch(Command::Pay { order: id, money }, move |_| {
            sheet.set(None);
            let change = Minor(tendered.0 - counts.0);
            if change.0 > 0 {
                app.say(fill(m.change_is, &[&app.money(currency, change)]), false);
            }
        });
    };
    view! {
        <Dialog title=fill(m.pay_amount, &[&app.money(currency, due)]) close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    pay();
                }
            >
                <Choice options=tenders value=tender choose=move |t| tender.set(t) label=m.take_payment />
                {move || {
                    (asked() != due)
                        .then(|| {
                            view! { <p class="form__note">{fill(m.rounded_to, &[&app.money(currency, asked())])}</p> }
                        })
                }}
                <AmountField label=m.received value=amount placeholder=currency.plain(due) />
                {move || {
                    (tender.get() == Tender::Transfer)
                        .then(|| view! { <TextField label=m.reference value=reference /> })
                }}
                {move || {
                    given
                        .get()
                        .is_none()
                        .then(|| {
                            view! {
                                <p class="trouble" role="alert">
                                    {m.bad_amount}
                                </p>
                            }
                        })
                }}
                <div class="form__do">
                    <button class="button button--primary" type="submit" disabled=move || given.get().is_none()>
                        {move || {
                            if tender.get().is_asked() {
                                fill(m.ask_terminal, &[&app.money(currency, given.get().unwrap_or_default().min(due))])
                            } else {
                                m.take_payment.to_owned()
                            }
                        }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
pub fn VoidSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let paid = order.paid();
    let back = order.handed_over.is_some();
    view! {
        <Dialog title=fill(m.void_title, &[&order.number]) close=move || sheet.set(None)>
            {(paid.0 > 0)
                .then(|| {
                    view! { <p class="form__note">{fill(m.void_refunds, &[&app.money(order.currency, paid)])}</p> }
                })}
            {back.then(|| view! { <p class="form__note">{m.void_returns}</p> })}
            <div class="form">
                {VoidReason::ALL
                    .iter()
                    .map(|reason| {
                        let reason = *reason;
                        view! {
                            <button
                                class="button button--wide"
                                data-void=reason.name()
                                on:click=move |_| {
                                    app.dispatch(Command::Void { order: id, reason }, move |_| sheet.set(None));
                                }
                            >
                                {m.void_reason(reason)}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
        </Dialog>
    }
}

#[component]
pub fn NoteSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let text = RwSignal::new(order.note);
    let save = move || app.dispatch(Command::Note { order: id, text: text.get_untracked() }, move |_| sheet.set(None));
    view! {
        <Dialog title=m.note close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <TextField label=m.note value=text long=true />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}

#[component]
pub fn DeliverySheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let before = order.fulfilment.as_ref().and_then(|f| f.delivery.clone()).unwrap_or_default();
    let method = RwSignal::new(before.method);
    let promised = RwSignal::new(before.promised.map(|p| app.local(p)).unwrap_or_default());
    let name = RwSignal::new(before.recipient.name);
    let phone = RwSignal::new(before.recipient.phone);
    let address = RwSignal::new(before.recipient.address);
    let save = move || {
        let text = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let recipient = Recipient { name: text(name), phone: text(phone), address: text(address) };
        let delivery = Delivery {
            method: method.get_untracked(),
            promised: promised.with_untracked(|p| app.read_local(p)),
            recipient,
        };
        app.dispatch(Command::SetDelivery { order: id, delivery }, move |_| sheet.set(None));
    };
    view! {
        <Dialog title=m.delivery close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <Choice
                    options=Method::ALL.iter().map(|k| (*k, m.method(*k).to_owned())).collect()
                    value=method
                    choose=move |k| method.set(k)
                    label=m.delivery
                />
                <TextField label=m.promised value=promised kind="datetime-local" />
                <div class="form__pair">
                    <TextField label=m.recipient value=name placeholder=m.as_on_card />
                    <TextField label=m.phone value=phone kind="tel" placeholder=m.as_on_card />
                </div>
                <TextField label=m.recipient_address value=address placeholder=m.as_on_card />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}

/// One line of text that becomes a mark.
#[component]
pub fn LabelSheet(order: Record, sheet: RwSignal<Option<Sheet>>, what: Sheet) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let text = RwSignal::new(String::new());
    let save = move || {
        let text = text.get_untracked().trim().to_owned();
        let mark = match what {
            Sheet::Hold => Mark::Hold(Some(text)),
            Sheet::Station => Mark::Assigned(Some(Assignee::Station(text))),
            _ => Mark::Tag { tag: text, on: true },
        };
        app.dispatch(Command::Mark { order: id, mark }, move |_| sheet.set(None));
    };
    let (title, label) = match what {
        Sheet::Hold => (m.hold_order, m.hold_why),
        Sheet::Station => (m.new_station, m.station),
        _ => (m.add_tag, m.tags),
    };
    view! {
        <Dialog title close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <TextField label value=text />
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

/// Whose order it is.
#[component]
pub fn CustomerSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let choice = CustomerChoice::new(order.customer, Default::default());
    let save = move || {
        let command =
            Command::SetCustomer { order: id, customer: choice.chosen.get_untracked(), new: choice.new_person() };
        app.dispatch(command, move |_| sheet.set(None));
    };
    view! {
        <Dialog title=m.change_customer close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <CustomerFields choice />
                <Submit label=m.save />
            </form>
        </Dialog>
    }
}
