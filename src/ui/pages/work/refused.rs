//! Changes that the server refused, and what can be done about each.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::event::{Body, Event};
use crate::i18n::fill;
use crate::platform::files;
use crate::ui::components::{Dialog, Icon, Submit, TextField};
use crate::ui::state::{App, app};
use crate::ui::words::code_words;

/// What was asked for, in words.
fn asked_for(app: App, seq: u64) -> String {
    let m = app.words();
    let body = app
        .look(|l| l.refused.get(&seq).and_then(|r| serde_json::from_slice::<Body>(r.entry.body.get().as_bytes()).ok()));
    let said = body.iter().flat_map(|b| &b.ev).filter_map(|event| {
        let event = if let Event::SettingEdited(e) = event { &*e.set } else { event };
        Some(match event {
            Event::PriceSet(e) => fill(m.what_price, &[&app.line_name(e.variant), &app.price(e.price)]),
            Event::ProductSet(e) => fill(m.what_product, &[&e.name]),
            Event::StaffSet(e) => fill(m.what_staff, &[&e.name]),
            Event::ProfileSet(e) => fill(m.what_setting, &[&e.name]),
            Event::TaxRateSet(e) => fill(m.what_setting, &[&e.name]),
            Event::LocationSet(e) => fill(m.what_setting, &[&e.name]),
            Event::CustomerSet(_) => m.what_customer.to_owned(),
            Event::ProductEdited(e) => fill(m.what_product, &[&e.product.name]),
            Event::ScarcitySet(e) => fill(m.what_scarcity, &[&app.line_name(e.variant)]),
            Event::LeaseSet(e) => fill(m.what_lease, &[&app.line_name(e.variant), &e.quantity.plain()]),
            Event::RuleSet(e) => fill(m.what_setting, &[&e.name]),
            Event::KitSet(e) => fill(m.what_setting, &[&format!("{} · {}", m.kit, app.line_name(e.variant))]),
            Event::PacksSet(e) => fill(m.what_setting, &[&format!("{} · {}", m.packs, app.line_name(e.variant))]),
            Event::PriceListSet(e) => fill(m.what_setting, &[&e.name]),
            Event::PromotionSet(e) => fill(m.what_setting, &[&e.name]),
            Event::SourcingSet(_) => fill(m.what_setting, &[&m.allocation]),
            Event::AccountSet(_) => fill(m.what_setting, &[&m.account]),
            Event::SupplierSet(e) => format!("{} {}", m.what_supplier, e.name),
            Event::StocktakeEnded(_) => m.what_stocktake.to_owned(),
            Event::CaseResolved(_) | Event::HeldAccepted(_) => m.what_case.to_owned(),
            _ => return None,
        })
    });
    said.take(3).collect::<Vec<_>>().join(" · ")
}

#[component]
pub fn Refused(seq: u64, code: String) -> impl IntoView {
    let app = app();
    let m = app.words();
    let dropping = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let export = move |_| {
        let text = app.look(|l| l.refused.get(&seq).and_then(|r| serde_json::to_string(r).ok())).unwrap_or_default();
        files::save(&format!("daybook-refused-{seq}.json"), &text);
    };
    let let_go = move || {
        spawn_local(async move {
            let text = reason.get_untracked();
            let done = app.inner().desk.drop_refused(app.staff(), seq, &text).await;
            if app.done(&done) {
                dropping.try_set(false);
            }
        });
    };
    view! {
        <div class="row" data-refused=seq.to_string()>
            <Icon name="alert" />
            <span class="row__main">
                {asked_for(app, seq)}
                <small class="quiet">{fill(m.refused_row, &[&seq, &code_words(app, &code)])}</small>
            </span>
            <button class="button button--small button--primary" on:click=move |_| app.mend(seq)>
                {m.try_again_change}
            </button>
            <button class="button button--small" on:click=export>
                {m.export}
            </button>
            <button class="button button--small" on:click=move |_| dropping.set(true)>
                {m.drop}
            </button>
        </div>
        {move || {
            dropping
                .get()
                .then(|| {
                    view! {
                        <Dialog title=m.drop_reason.to_owned() close=move || dropping.set(false)>
                            <form
                                class="form"
                                on:submit=move |e| {
                                    e.prevent_default();
                                    let_go();
                                }
                            >
                                <TextField label=m.note value=reason />
                                <Submit label=m.drop />
                            </form>
                        </Dialog>
                    }
                })
        }}
    }
}
