//! Rules: when an order comes in, if it is of a kind, then this is done with it.

mod parts;
mod past;
mod sheet;
mod words;

use leptos::prelude::*;

use crate::domain::decide::Command;
use crate::domain::order::rule::{Act, Condition, Rule, Trigger};
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::id::Id;
use crate::ui::components::{Choice, Icon};
use crate::ui::state::app;

use sheet::RuleSheet;
use words::said;

#[component]
pub fn Rules() -> impl IntoView {
    let app = app();
    let m = app.words();
    let editing = RwSignal::new(None::<Rule>);
    let rules = move || {
        app.settings.track();
        app.look(|l| l.book.rules().into_iter().cloned().collect::<Vec<Rule>>())
    };
    // Swaps a rule with its neighbour.
    let shift = move |at: usize, by: isize| {
        let mut ids: Vec<Id> = untrack(rules).iter().map(|r| r.id).collect();
        if let Some(other) = at.checked_add_signed(by).filter(|other| *other < ids.len()) {
            ids.swap(at, other);
            app.dispatch(Command::OrderRules(ids), |_| {});
        }
    };
    let fresh = move |_| {
        editing.set(Some(Rule {
            id: Id::default(),
            name: String::new(),
            on: true,
            when: Trigger::Placed,
            conditions: vec![Condition::Clean],
            acts: vec![Act::Confirm, Act::Allocate, Act::DeliveryNote],
            ..Rule::default()
        }));
    };
    let sourcing = Memo::new(move |_| {
        app.settings.track();
        app.look(|l| l.book.sourcing())
    });
    view! {
        <section class="panel">
            <h2>{m.rules}</h2>
            <p class="quiet">{m.rules_text}</p>
            {move || {
                let all = rules();
                if all.is_empty() {
                    return view! { <p class="quiet">{m.no_rules}</p> }.into_any();
                }
                let last = all.len() - 1;
                all.into_iter()
                    .enumerate()
                    .map(|(at, r)| {
                        let edited = r.clone();
                        view! {
                            <div class="row" data-rule=r.name.clone() data-off=(!r.on).then_some("")>
                                <span class="row__main">{r.name.clone()}<small>{said(app, &r)}</small></span>
                                {(!r.on).then(|| view! { <span class="badge">{m.rule_off}</span> })}
                                {(last > 0)
                                    .then(|| {
                                        view! {
                                            <button
                                                class="button button--bare"
                                                data-rule-up=""
                                                title=m.rule_earlier
                                                aria-label=m.rule_earlier
                                                disabled=at == 0
                                                on:click=move |_| shift(at, -1)
                                            >
                                                <Icon name="up" />
                                            </button>
                                            <button
                                                class="button button--bare"
                                                data-rule-down=""
                                                title=m.rule_later
                                                aria-label=m.rule_later
                                                disabled=at == last
                                                on:click=move |_| shift(at, 1)
                                            >
                                                <Icon name="down" />
                                            </button>
                                        }
                                    })}
                                <button
                                    class="button button--small"
                                    on:click=move |_| editing.set(Some(edited.clone()))
                                >
                                    {m.edit}
                                </button>
                            </div>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
            <button class="button" data-add-rule="" on:click=fresh>
                <Icon name="plus" />
                <span>{m.add_rule}</span>
            </button>
            <h3>{m.allocation}</h3>
            <Choice
                options=Sourcing::ALL.iter().map(|s| (*s, m.sourcing(*s).to_owned())).collect()
                value=sourcing
                choose=move |s| app.dispatch(Command::SetSourcing(s), |_| {})
                label=m.allocation
            />
            {move || editing.get().map(|rule| view! { <RuleSheet rule editing /> })}
        </section>
    }
}
