//! The sheet in which a rule is made, changed, tried and removed.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::parts::{
    PartList, act_values, acts, condition_values, conditions, key_or_text, part_of, read_act, read_condition,
};
use super::past::{Log, Trial, Tried, try_on_past};
use super::words::{act_value, act_word, condition_word, trigger_word};
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::order::rule::{Act, Rule, Trigger};
use crate::domain::value::id::Id;
use crate::domain::value::named::Named;
use crate::ui::components::{Alert, CheckField, Choice, Dialog, TextField};
use crate::ui::state::app;

#[component]
pub(super) fn RuleSheet(rule: Rule, editing: RwSignal<Option<Rule>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = rule.id;
    let seen = StoredValue::new(Event::RuleSet(rule.clone()));
    let name = RwSignal::new(rule.name.clone());
    let on = RwSignal::new(rule.on);
    let when = RwSignal::new(rule.when);
    let conditions_of = RwSignal::new(
        rule.conditions.iter().map(|c| part_of(&conditions(), c, key_or_text(app, c))).collect::<Vec<_>>(),
    );
    let act_key = |a: &Act| if let Act::Priority(p) = a { p.name().to_owned() } else { act_value(app, a) };
    let acts_of = RwSignal::new(rule.acts.iter().map(|a| part_of(&acts(), a, act_key(a))).collect::<Vec<_>>());
    let trouble = RwSignal::new(false);
    let tried = RwSignal::new(None::<Tried>);
    let (rank, made) = (rule.rank, rule.id != Id::default());
    let read = move || -> Option<Rule> {
        let conditions =
            conditions_of.get_untracked().into_iter().map(|p| read_condition(app, p)).collect::<Option<Vec<_>>>()?;
        let acts = acts_of.get_untracked().into_iter().map(|p| read_act(app, p)).collect::<Option<Vec<_>>>()?;
        Some(Rule {
            id,
            name: name.get_untracked().trim().to_owned(),
            on: on.get_untracked(),
            when: when.get_untracked(),
            conditions,
            acts,
            rank,
            gone: false,
        })
    };
    let remove = move |_| {
        let Event::RuleSet(rule) = seen.get_value() else { return };
        app.save_setting(&seen.get_value(), Command::SaveRule(Rule { gone: true, on: false, ..rule }), move |_| {
            editing.set(None);
        });
    };
    let save = move || match read() {
        Some(rule) => app.save_setting(&seen.get_value(), Command::SaveRule(rule), move |_| editing.set(None)),
        None => trouble.set(true),
    };
    let try_it = move |_| match read() {
        Some(rule) => spawn_local(async move { tried.try_set(Some(try_on_past(app, rule).await)).map_or((), drop) }),
        None => trouble.set(true),
    };
    view! {
        <Dialog title=m.rules wide=true close=move || editing.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <div class="form__pair">
                    <TextField label=m.rule_name value=name />
                    <CheckField label=m.rule_on value=on />
                </div>
                <h3>{m.rule_when}</h3>
                <Choice
                    options=Trigger::ALL.iter().map(|t| (*t, trigger_word(m, *t).to_owned())).collect()
                    value=when
                    choose=move |t| when.set(t)
                    label=m.rule_when
                />
                <h3>{m.rule_if}</h3>
                <PartList
                    parts=conditions_of
                    kinds=conditions().iter().map(|c| condition_word(m, c)).collect()
                    values=condition_values
                    add=m.rule_add_condition
                />
                <h3>{m.rule_then}</h3>
                <PartList
                    parts=acts_of
                    kinds=acts().iter().map(|a| act_word(m, a)).collect()
                    values=act_values
                    add=m.rule_add_act
                />
                <Alert text=Signal::derive(move || trouble.get().then_some(m.bad_amount)) />
                {move || tried.get().map(|tried| view! { <Trial tried /> })}
                {made.then(|| view! { <Log rule=id /> })}
                <div class="form__do">
                    {made
                        .then(|| {
                            view! {
                                <button class="button button--danger" type="button" data-rule-remove="" on:click=remove>
                                    {m.rule_remove}
                                </button>
                            }
                        })} <button class="button" type="button" data-try="" on:click=try_it>
                        {m.rule_try}
                    </button> <button class="button button--primary" type="submit">
                        {m.save}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
