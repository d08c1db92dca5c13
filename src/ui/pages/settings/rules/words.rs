//! Rules in words.

use crate::domain::order::rule::{Act, Condition, Rule, Trigger};
use crate::i18n::Messages;
use crate::ui::state::App;

fn with_value(word: &str, value: &str) -> String {
    if value.is_empty() { word.to_owned() } else { format!("{word} {value}") }
}

/// A rule in one sentence.
pub(super) fn said(app: App, rule: &Rule) -> String {
    let m = app.words();
    let conditions: Vec<String> =
        rule.conditions.iter().map(|c| with_value(condition_word(m, c), &condition_value(app, c))).collect();
    let acts: Vec<String> = rule.acts.iter().map(|a| with_value(act_word(m, a), &act_value(app, a))).collect();
    let conditions = if conditions.is_empty() { m.rule_always.to_owned() } else { conditions.join(" + ") };
    format!("{}; {} → {}", trigger_word(m, rule.when), conditions, acts.join(", "))
}

pub(super) fn trigger_word(m: &Messages, trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Placed => m.when_placed,
        Trigger::Paid => m.when_paid,
        Trigger::Packed => m.when_packed,
        Trigger::Shipped => m.when_shipped,
    }
}

pub(super) fn condition_word(m: &Messages, condition: &Condition) -> &'static str {
    match condition {
        Condition::Channel(_) => m.if_channel,
        Condition::AtLeast(_) => m.if_at_least,
        Condition::Below(_) => m.if_below,
        Condition::Paid => m.if_paid,
        Condition::Method(_) => m.if_method,
        Condition::HasTag(_) => m.if_tag,
        Condition::HasCategory(_) => m.if_category,
        Condition::Clean => m.if_clean,
    }
}

pub(super) fn condition_value(app: App, condition: &Condition) -> String {
    let m = app.words();
    match condition {
        Condition::Channel(channel) => m.channel(*channel).to_owned(),
        Condition::AtLeast(amount) | Condition::Below(amount) => app.currency().plain(*amount),
        Condition::Method(method) => m.method(*method).to_owned(),
        Condition::HasTag(text) | Condition::HasCategory(text) => text.clone(),
        Condition::Paid | Condition::Clean => String::new(),
    }
}

pub(super) fn act_word(m: &Messages, act: &Act) -> &'static str {
    match act {
        Act::Confirm => m.then_confirm,
        Act::Allocate => m.then_allocate,
        Act::Priority(_) => m.then_priority,
        Act::Assign(_) => m.then_assign,
        Act::AssignLeastBusy => m.then_least_busy,
        Act::Tag(_) => m.then_tag,
        Act::Hold(_) => m.then_hold,
        Act::DeliveryNote => m.then_note,
        Act::Message(_) => m.then_message,
    }
}

pub(super) fn act_value(app: App, act: &Act) -> String {
    match act {
        Act::Priority(priority) => app.words().priority(*priority).to_owned(),
        Act::Assign(to) => crate::ui::pages::assignee(app, Some(to)),
        Act::Tag(text) | Act::Hold(text) | Act::Message(text) => text.clone(),
        _ => String::new(),
    }
}
