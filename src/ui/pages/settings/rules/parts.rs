//! Conditions and acts while they are put together.

use leptos::prelude::*;

use super::words::condition_value;
use crate::domain::order::rule::{Act, Condition};
use crate::domain::order::{Assignee, Method, Priority};
use crate::domain::shop::channel::Channel;
use crate::domain::value::named::{Named, named};
use crate::ui::components::Icon;
use crate::ui::state::{App, app};

/// A condition or an act that is being built: which one, and its value as it is typed or chosen.
#[derive(Clone, Copy)]
pub(super) struct Part {
    kind: RwSignal<usize>,
    value: RwSignal<String>,
}

/// Way in which a part's value is given.
pub(super) enum Value {
    None,
    Text,
    /// Several lines.
    Long,
    Amount,
    OneOf(Vec<(String, String)>),
}

pub(super) fn conditions() -> Vec<Condition> {
    let zero = crate::domain::value::money::Minor::ZERO;
    vec![
        Condition::Clean,
        Condition::Channel(Channel::default()),
        Condition::AtLeast(zero),
        Condition::Below(zero),
        Condition::Paid,
        Condition::Method(Method::default()),
        Condition::HasTag(String::new()),
        Condition::HasCategory(String::new()),
    ]
}

pub(super) fn acts() -> Vec<Act> {
    vec![
        Act::Confirm,
        Act::Allocate,
        Act::DeliveryNote,
        Act::Priority(Priority::Urgent),
        Act::Assign(Assignee::Station(String::new())),
        Act::AssignLeastBusy,
        Act::Tag(String::new()),
        Act::Hold(String::new()),
        Act::Message(String::new()),
    ]
}

pub(super) fn condition_values(app: App, kind: usize) -> Value {
    let m = app.words();
    match conditions().get(kind) {
        Some(Condition::Channel(_)) => {
            Value::OneOf(Channel::ALL.iter().map(|c| (c.name().to_owned(), m.channel(*c).to_owned())).collect())
        }
        Some(Condition::Method(_)) => {
            Value::OneOf(Method::ALL.iter().map(|k| (k.name().to_owned(), m.method(*k).to_owned())).collect())
        }
        Some(Condition::AtLeast(_) | Condition::Below(_)) => Value::Amount,
        Some(Condition::HasTag(_) | Condition::HasCategory(_)) => Value::Text,
        _ => Value::None,
    }
}

pub(super) fn act_values(app: App, kind: usize) -> Value {
    let m = app.words();
    match acts().get(kind) {
        Some(Act::Priority(_)) => {
            Value::OneOf(Priority::ALL.iter().map(|p| (p.name().to_owned(), m.priority(*p).to_owned())).collect())
        }
        Some(Act::Assign(_) | Act::Tag(_) | Act::Hold(_)) => Value::Text,
        Some(Act::Message(_)) => Value::Long,
        _ => Value::None,
    }
}

pub(super) fn read_condition(app: App, part: Part) -> Option<Condition> {
    let value = part.value.get_untracked().trim().to_owned();
    let amount = || app.currency().parse(&value).ok();
    Some(match conditions().get(part.kind.get_untracked())? {
        Condition::Channel(_) => Condition::Channel(named(Channel::ALL, &value).unwrap_or_default()),
        Condition::Method(_) => Condition::Method(named(Method::ALL, &value).unwrap_or_default()),
        Condition::AtLeast(_) => Condition::AtLeast(amount()?),
        Condition::Below(_) => Condition::Below(amount()?),
        Condition::HasTag(_) => Condition::HasTag(value),
        Condition::HasCategory(_) => Condition::HasCategory(value),
        other => other.clone(),
    })
}

pub(super) fn read_act(app: App, part: Part) -> Option<Act> {
    let value = part.value.get_untracked().trim().to_owned();
    let people =
        || app.look(|l| l.book.staff.iter().find(|(_, s)| s.name == value).map(|(id, _)| Assignee::Staff(*id)));
    Some(match acts().get(part.kind.get_untracked())? {
        Act::Priority(_) => Act::Priority(named(Priority::ALL, &value).unwrap_or_default()),
        Act::Assign(_) => Act::Assign(people().unwrap_or(Assignee::Station(value.clone()))),
        Act::Tag(_) => Act::Tag(value),
        Act::Hold(_) => Act::Hold(value),
        Act::Message(_) => Act::Message(value),
        other => other.clone(),
    })
}

pub(super) fn part_of<T>(all: &[T], one: &T, value: String) -> Part {
    let same = |a: &T| std::mem::discriminant(a) == std::mem::discriminant(one);
    Part { kind: RwSignal::new(all.iter().position(same).unwrap_or_default()), value: RwSignal::new(value) }
}

pub(super) fn key_or_text(app: App, condition: &Condition) -> String {
    match condition {
        Condition::Channel(channel) => channel.name().to_owned(),
        Condition::Method(method) => method.name().to_owned(),
        other => condition_value(app, other),
    }
}

/// Conditions or acts of a rule, each to be changed and removed, and a button for one more.
#[component]
pub(super) fn PartList(
    parts: RwSignal<Vec<Part>>,
    /// Words for each kind that a part can be of.
    kinds: Vec<&'static str>,
    values: fn(App, usize) -> Value,
    /// Word on the button.
    add: &'static str,
) -> impl IntoView {
    let kinds: Vec<_> = kinds.into_iter().enumerate().collect();
    let remove = move |at| {
        parts.update(|all| {
            all.remove(at);
        });
    };
    let more = move |_| parts.update(|all| all.push(Part { kind: RwSignal::new(0), value: RwSignal::default() }));
    view! {
        {move || {
            parts
                .get()
                .into_iter()
                .enumerate()
                .map(|(at, part)| view! { <PartRow part kinds=kinds.clone() values remove=move || remove(at) /> })
                .collect_view()
        }}
        <button type="button" class="button button--small" on:click=more>
            <Icon name="plus" />
            <span>{add}</span>
        </button>
    }
}

/// One condition or act: what it is, and its value.
#[component]
fn PartRow(
    part: Part,
    kinds: Vec<(usize, &'static str)>,
    values: fn(App, usize) -> Value,
    remove: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let value = part.value;
    view! {
        <div class="part">
            <select
                class="input"
                aria-label=m.rule_if
                on:change=move |e| {
                    part.kind.set(event_target_value(&e).parse().unwrap_or_default());
                    value.set(String::new());
                }
            >
                {kinds
                    .into_iter()
                    .map(|(i, word)| {
                        view! {
                            <option value=i.to_string() selected=move || part.kind.get() == i>
                                {word}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            {move || match values(app, part.kind.get()) {
                Value::None => ().into_any(),
                Value::Text => {
                    view! {
                        <input
                            class="input"
                            aria-label=m.name
                            prop:value=move || value.get()
                            on:input=move |e| value.set(event_target_value(&e))
                        />
                    }
                        .into_any()
                }
                Value::Long => {
                    view! {
                        <textarea
                            class="input"
                            rows="3"
                            aria-label=m.message_write
                            placeholder=m.message_text
                            prop:value=move || value.get()
                            on:input=move |e| value.set(event_target_value(&e))
                        ></textarea>
                    }
                        .into_any()
                }
                Value::Amount => {
                    view! {
                        <input
                            class="input input--figure"
                            inputmode="decimal"
                            aria-label=m.amount
                            prop:value=move || value.get()
                            on:input=move |e| value.set(event_target_value(&e))
                        />
                    }
                        .into_any()
                }
                Value::OneOf(options) => {
                    if !options.iter().any(|(key, _)| *key == value.get_untracked()) {
                        value.set(options.first().map(|(key, _)| key.clone()).unwrap_or_default());
                    }
                    view! {
                        <select class="input" aria-label=m.name on:change=move |e| value.set(event_target_value(&e))>
                            {options
                                .into_iter()
                                .map(|(key, text)| {
                                    let own = key.clone();
                                    view! {
                                        <option value=key selected=move || value.get() == own>
                                            {text}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                    }
                        .into_any()
                }
            }}
            <button type="button" class="button button--bare" aria-label=m.remove on:click=move |_| remove()>
                <Icon name="close" />
            </button>
        </div>
    }
}
