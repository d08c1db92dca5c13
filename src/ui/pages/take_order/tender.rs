//! Every way to pay: cash with change, card by reference, in part, later.

use leptos::prelude::*;

use super::Counter;
use super::cart::{ask, take};
use crate::domain::decide::Money;
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::CustomerId;
use crate::domain::value::money::Minor;
use crate::i18n::fill;
use crate::ui::components::{AmountField, Choice, TextField};
use crate::ui::state::{App, app};

#[component]
pub fn Tenders() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let priced = counter.priced;
    let total = Memo::new(move |_| priced.with(|p| p.as_ref().map_or(Minor::ZERO, |p| p.totals.total)));
    let face_to_face = app.carts.with_untracked(|c| c.open.channel.face_to_face());
    let tender = RwSignal::new(Tender::Cash);
    let tenders = tenders_of(app, app.carts.with_untracked(|c| c.open.customer));
    let handed = RwSignal::new(String::new());
    let reference = RwSignal::new(String::new());
    let sum = total;
    // Cash may be rounded.
    let total = Memo::new(move |_| match tender.get() {
        Tender::Cash => app.in_cash(sum.get()),
        _ => sum.get(),
    });
    let given = Memo::new(move |_| {
        let text = handed.get();
        if text.trim().is_empty() {
            Some(total.get())
        } else {
            app.currency()
                .parse(&text)
                .ok()
                .filter(|a| a.0 > 0 && a.0 <= most_handed(total.get(), app.currency().decimals()))
        }
    });
    let change = Memo::new(move |_| given.get().map(|g| Minor(g.0 - total.get().0)));
    // What is paid whole over the counter by a terminal is asked for once it is written down.
    let asks = move |tender: Tender, given: Minor, total: Minor| {
        face_to_face && tender.is_asked() && given >= total && total > Minor::ZERO
    };
    let go = move || {
        let (Some(given), total) = (given.get_untracked(), total.get_untracked()) else { return };
        let tender = tender.get_untracked();
        if asks(tender, given, total) {
            return ask(app, counter, tender);
        }
        let amount = given.min(total);
        let tendered = if tender == Tender::Cash { given } else { amount };
        take(
            app,
            counter,
            Some(Money { tender, amount, tendered, reference: reference.get_untracked().trim().to_owned() }),
            face_to_face,
        );
    };
    let cannot = move || counter.busy.get() || given.get().is_none();
    view! {
        <form
            class="form tender"
            on:submit=move |e| {
                e.prevent_default();
                go();
            }
        >
            <p class="tender__total">
                <span>{m.total}</span>
                <strong>{move || app.price(total.get())}</strong>
            </p>
            <Choice options=tenders value=tender choose=move |t| tender.set(t) label=m.take_payment />
            <AmountField label=m.received value=handed placeholder=app.currency().plain(total.get_untracked()) />
            <div class="chips">
                {move || {
                    (tender.get() == Tender::Cash)
                        .then(|| {
                            notes(total.get(), app.currency().decimals())
                                .into_iter()
                                .map(|note| {
                                    let plain = app.currency().plain(note);
                                    view! {
                                        <button class="chip" type="button" on:click=move |_| handed.set(plain.clone())>
                                            {app.price(note)}
                                        </button>
                                    }
                                })
                                .collect_view()
                        })
                }}
            </div>
            {move || {
                (!matches!(tender.get(), Tender::Cash | Tender::OnAccount | Tender::StoreCredit)
                    && !given.get().is_some_and(|g| asks(tender.get(), g, total.get())))
                    .then(|| view! { <TextField label=m.reference value=reference /> })
            }}
            {move || match change.get() {
                Some(c) if c.0 > 0 && tender.get() == Tender::Cash => {
                    Some(
                        view! {
                            <p class="tender__change">
                                <span>{m.change}</span>
                                <strong>{app.price(c)}</strong>
                            </p>
                        }
                            .into_any(),
                    )
                }
                Some(c) if c.0 < 0 => {
                    Some(
                        view! {
                            <p class="tender__change" data-short="">
                                <span>{m.left_to_pay}</span>
                                <strong>{app.price(Minor(-c.0))}</strong>
                            </p>
                        }
                            .into_any(),
                    )
                }
                None => {
                    Some(
                        view! {
                            <p class="tender__change" data-short="">
                                <span>{m.bad_amount}</span>
                                <strong></strong>
                            </p>
                        }
                            .into_any(),
                    )
                }
                _ => None,
            }}
            <div class="form__do">
                <button
                    class="button"
                    type="button"
                    disabled=move || counter.busy.get()
                    on:click=move |_| take(app, counter, None, face_to_face)
                >
                    {m.pay_later}
                </button>
                <button class="button button--primary" type="submit" data-take="" disabled=cannot>
                    {move || {
                        if given.get().is_some_and(|g| asks(tender.get(), g, total.get())) {
                            fill(m.ask_terminal, &[&app.price(total.get())])
                        } else {
                            m.take_order_now.to_owned()
                        }
                    }}
                </button>
            </div>
        </form>
    }
}

/// What can be chosen: on account, and from store credit, for customers who have either.
pub(in crate::ui) fn tenders_of(app: App, customer: Option<CustomerId>) -> Vec<(Tender, String)> {
    let m = app.words();
    let account = customer.and_then(|c| app.look(|l| l.book.accounts.get(&c).cloned())).unwrap_or_default();
    let own = [(Tender::OnAccount, account.limit.0 > 0), (Tender::StoreCredit, account.credit.0 > 0)];
    let own = own.into_iter().filter(|(_, has)| *has).map(|(tender, _)| tender);
    Tender::OFFERED.into_iter().chain(own).map(|t| (t, m.tender(t).to_owned())).collect()
}

/// More than a hundred times the sum, and than ten thousand, nobody hands over: it was typed by a slip.
fn most_handed(total: Minor, decimals: u32) -> i64 {
    total.0.saturating_mul(100).max(10_000 * 10_i64.pow(decimals))
}

/// What a customer may hand over: the sum rounded up to the notes people carry.
fn notes(total: Minor, decimals: u32) -> Vec<Minor> {
    let unit = 10_i64.pow(decimals);
    let mut sums: Vec<Minor> = [1, 5, 10, 20, 50, 100]
        .iter()
        .map(|n| n * unit)
        .map(|n| Minor((total.0 + n - 1) / n * n))
        .filter(|s| *s > total)
        .collect();
    sums.dedup();
    sums.truncate(4);
    sums
}
