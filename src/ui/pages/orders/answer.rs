//! What a terminal, or a customer's telephone, said of money that it was asked for. Written down before it was asked;
//! shown wherever that was done.

use leptos::prelude::*;

use crate::domain::decide::Command;
use crate::domain::payment::Outcome;
use crate::domain::value::id::OrderId;
use crate::i18n::fill;
use crate::report::barcode::qr;
use crate::ui::components::{Barcode, Dialog, TextField};
use crate::ui::state::app;

#[component]
pub fn Answer(order: OrderId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let known = app.look(|l| l.book.orders.get(&order).cloned());
    let open = known.and_then(|o| o.attempts.iter().find(|a| a.outcome.is_open()).cloned().map(|a| (o.currency, a)));
    let close = move || app.answering.set(None);
    open.map(|(currency, attempt)| {
        let asked = attempt.id;
        let reference = RwSignal::new(String::new());
        let answer = move |outcome: Outcome| {
            let reference = reference.get_untracked().trim().to_owned();
            app.dispatch(Command::Answer { order, attempt: asked, outcome, reference }, move |_| close());
        };
        // The shop's own printed code: the customer scans it here.
        let code = app.look(|l| l.book.profile.get(&()).and_then(|p| p.pay_codes.get(&attempt.tender).cloned()));
        let code = code.and_then(|text| qr(&text));
        let text = if code.is_some() { m.pay_code_text } else { m.terminal_text };
        view! {
            <Dialog title=fill("{} {}", &[&m.tender(attempt.tender), &app.money(currency, attempt.amount)]) close=close>
                <div class="form" data-answering="">
                    {code
                        .map(|symbol| {
                            view! {
                                <div class="pay-code" data-pay-code="">
                                    <Barcode symbol />
                                </div>
                            }
                        })}
                    <p class="form__note">{text}</p>
                    <TextField label=m.reference value=reference />
                    <button
                        class="button button--primary button--wide"
                        data-answer="confirmed"
                        on:click=move |_| answer(Outcome::Confirmed)
                    >
                        {m.terminal_confirmed}
                    </button>
                    <div class="form__pair">
                        <button class="button" data-answer="declined" on:click=move |_| answer(Outcome::Declined)>
                            {m.terminal_declined}
                        </button>
                        <button class="button" data-answer="expired" on:click=move |_| answer(Outcome::Expired)>
                            {m.terminal_expired}
                        </button>
                    </div>
                    <button
                        class="button button--wide"
                        data-answer="unknown"
                        on:click=move |_| answer(Outcome::Unknown)
                    >
                        {m.terminal_unknown}
                    </button>
                </div>
            </Dialog>
        }
    })
}
