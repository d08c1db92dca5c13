//! Rules: when an order comes in, if it is of a kind, then this is done with it.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::order::rule::{Act, Condition, Rule, Trigger};
use crate::domain::order::{Assignee, Happened, Method, Order, OrderState, Priority};
use crate::domain::shop::channel::Channel;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::named::{Named, named};
use crate::domain::value::time::Timestamp;
use crate::i18n::{Messages, fill};
use crate::store::columns::Filter;
use crate::ui::components::{CheckField, Choice, Dialog, Icon, TextField};
use crate::ui::routes;
use crate::ui::state::{App, app};

/// Past orders that a rule is tried on.
const TRIED_ON: usize = 500;
/// Of these, so many in one go, and so many are listed.
const TRIED_AT_ONCE: usize = 20;
const TRIED_SHOWN: usize = 20;
/// The latest that a rule did.
const LOGGED: usize = 10;

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

/// A rule in one sentence.
fn said(app: App, rule: &Rule) -> String {
    let m = app.words();
    let conditions: Vec<String> =
        rule.conditions.iter().map(|c| with_value(condition_word(m, c), &condition_value(app, c))).collect();
    let acts: Vec<String> = rule.acts.iter().map(|a| with_value(act_word(m, a), &act_value(app, a))).collect();
    let conditions = if conditions.is_empty() { m.rule_always.to_owned() } else { conditions.join(" + ") };
    format!("{}; {} → {}", trigger_word(m, rule.when), conditions, acts.join(", "))
}

fn with_value(word: &str, value: &str) -> String {
    if value.is_empty() { word.to_owned() } else { format!("{word} {value}") }
}

fn trigger_word(m: &Messages, trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Placed => m.when_placed,
        Trigger::Paid => m.when_paid,
        Trigger::Packed => m.when_packed,
        Trigger::Shipped => m.when_shipped,
    }
}

fn condition_word(m: &Messages, condition: &Condition) -> &'static str {
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

fn condition_value(app: App, condition: &Condition) -> String {
    let m = app.words();
    match condition {
        Condition::Channel(channel) => m.channel(*channel).to_owned(),
        Condition::AtLeast(amount) | Condition::Below(amount) => app.currency().plain(*amount),
        Condition::Method(method) => m.method(*method).to_owned(),
        Condition::HasTag(text) | Condition::HasCategory(text) => text.clone(),
        Condition::Paid | Condition::Clean => String::new(),
    }
}

fn act_word(m: &Messages, act: &Act) -> &'static str {
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

fn act_value(app: App, act: &Act) -> String {
    match act {
        Act::Priority(priority) => app.words().priority(*priority).to_owned(),
        Act::Assign(to) => crate::ui::pages::assignee(app, Some(to)),
        Act::Tag(text) | Act::Hold(text) | Act::Message(text) => text.clone(),
        _ => String::new(),
    }
}

/// A condition or an act that is being built: which one, and its value as it is typed or chosen.
#[derive(Clone, Copy)]
struct Part {
    kind: RwSignal<usize>,
    value: RwSignal<String>,
}

/// What a part's value is chosen or typed from.
enum Value {
    None,
    Text,
    /// Several lines.
    Long,
    Amount,
    OneOf(Vec<(String, String)>),
}

fn conditions() -> Vec<Condition> {
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

fn acts() -> Vec<Act> {
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

fn condition_values(app: App, kind: usize) -> Value {
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

fn act_values(app: App, kind: usize) -> Value {
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

fn read_condition(app: App, part: Part) -> Option<Condition> {
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

fn read_act(app: App, part: Part) -> Option<Act> {
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

fn part_of<T>(all: &[T], one: &T, value: String) -> Part {
    let same = |a: &T| std::mem::discriminant(a) == std::mem::discriminant(one);
    Part { kind: RwSignal::new(all.iter().position(same).unwrap_or_default()), value: RwSignal::new(value) }
}

fn key_or_text(app: App, condition: &Condition) -> String {
    match condition {
        Condition::Channel(channel) => channel.name().to_owned(),
        Condition::Method(method) => method.name().to_owned(),
        other => condition_value(app, other),
    }
}

#[component]
fn RuleSheet(rule: Rule, editing: RwSignal<Option<Rule>>) -> impl IntoView {
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
    let names = move |words: Vec<&'static str>| words.into_iter().enumerate().collect::<Vec<_>>();
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
                {move || {
                    conditions_of
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(at, part)| {
                            view! {
                                <PartRow
                                    part
                                    kinds=names(conditions().iter().map(|c| condition_word(m, c)).collect())
                                    values=condition_values
                                    remove=move || {
                                        conditions_of
                                            .update(|all| {
                                                all.remove(at);
                                            });
                                    }
                                />
                            }
                        })
                        .collect_view()
                }}
                <button
                    type="button"
                    class="button button--small"
                    on:click=move |_| {
                        conditions_of
                            .update(|all| {
                                all
                                    .push(Part {
                                        kind: RwSignal::new(0),
                                        value: RwSignal::default(),
                                    });
                            });
                    }
                >
                    <Icon name="plus" />
                    <span>{m.rule_add_condition}</span>
                </button>
                <h3>{m.rule_then}</h3>
                {move || {
                    acts_of
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(at, part)| {
                            view! {
                                <PartRow
                                    part
                                    kinds=names(acts().iter().map(|a| act_word(m, a)).collect())
                                    values=act_values
                                    remove=move || {
                                        acts_of
                                            .update(|all| {
                                                all.remove(at);
                                            });
                                    }
                                />
                            }
                        })
                        .collect_view()
                }}
                <button
                    type="button"
                    class="button button--small"
                    on:click=move |_| {
                        acts_of
                            .update(|all| {
                                all
                                    .push(Part {
                                        kind: RwSignal::new(0),
                                        value: RwSignal::default(),
                                    });
                            });
                    }
                >
                    <Icon name="plus" />
                    <span>{m.rule_add_act}</span>
                </button>
                {move || {
                    trouble
                        .get()
                        .then(|| {
                            view! {
                                <p class="trouble" role="alert">
                                    {m.bad_amount}
                                </p>
                            }
                        })
                }}
                {move || {
                    tried
                        .get()
                        .map(|tried| {
                            view! {
                                <div class="tried" data-tried=tried.acted.to_string()>
                                    <p class="form__note">
                                        {if tried.acted == 0 {
                                            fill(m.rule_would_none, &[&tried.of])
                                        } else {
                                            fill(m.rule_tried, &[&tried.acted, &tried.of])
                                        }} " " {m.rule_would_text}
                                    </p>
                                    <ul class="history">
                                        {tried
                                            .shown
                                            .into_iter()
                                            .map(|(number, text)| {
                                                view! {
                                                    <li>
                                                        <strong>{number}</strong>
                                                        <span>{text}</span>
                                                    </li>
                                                }
                                            })
                                            .collect_view()}
                                    </ul>
                                </div>
                            }
                        })
                }}
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

/// The latest orders on this tablet that a rule acted on.
#[component]
fn Log(rule: Id) -> impl IntoView {
    let app = app();
    let m = app.words();
    let acted = RwSignal::new(None);
    spawn_local(async move {
        acted.try_set(Some(acted_on(app, rule).await));
    });
    view! {
        <h3>{m.rule_log}</h3>
        {move || {
            acted
                .get()
                .map(|acted: Vec<(Timestamp, OrderId, String)>| {
                    let count = acted.len();
                    view! {
                        {(count == 0).then(|| view! { <p class="quiet">{m.rule_log_none}</p> })}
                        <ul class="history" data-rule-log=count.to_string()>
                            {acted
                                .into_iter()
                                .take(LOGGED)
                                .map(|(at, id, number)| {
                                    view! {
                                        <li>
                                            <time>{app.full_moment(at)}</time>
                                            <span>
                                                <A href=routes::order(id)>{number}</A>
                                            </span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })
        }}
    }
}

/// Of the latest orders those that a rule acted on, and when it last did; the latest first.
async fn acted_on(app: App, rule: Id) -> Vec<(Timestamp, OrderId, String)> {
    let when = |o: &Order| o.history.iter().rev().find(|e| e.what == Happened::Ruled(rule)).map(|e| e.at);
    // Those that are not on this tablet yet are left out.
    let orders = app.inner().desk.read_orders(&latest(app)).await.unwrap_or_default();
    let mut acted: Vec<_> = orders.iter().filter_map(|o| Some((when(o)?, o.id, o.number.clone()))).collect();
    acted.sort();
    acted.reverse();
    acted
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

/// What a rule would have made of the latest orders.
#[derive(Clone)]
struct Tried {
    acted: usize,
    of: usize,
    /// Some of those that it would have acted on: their numbers, and what they would be.
    shown: Vec<(String, String)>,
}

/// The latest orders, the newest first.
fn latest(app: App) -> Vec<OrderId> {
    app.look_mut(|l| {
        let rows = l.columns.select(&Filter::default());
        rows.into_iter().filter_map(|r| l.columns.id(r)).take(TRIED_ON).collect()
    })
}

/// Tries a rule on the latest orders, as they were when they came in. Nothing is written.
async fn try_on_past(app: App, rule: Rule) -> Tried {
    let ids = latest(app);
    // Those that are not on this tablet yet are left out, and not counted.
    let _ = app.inner().desk.load_orders(ids.iter().copied()).await;
    let mut tried = Tried { acted: 0, of: 0, shown: Vec::new() };
    for part in ids.chunks(TRIED_AT_ONCE) {
        app.look(|l| {
            let past = part.iter().filter_map(|id| l.book.orders.get(id)).filter(|o| o.state != OrderState::Draft);
            for order in past {
                tried.of += 1;
                let Some(would) = rule.dry_run(&l.book, order) else { continue };
                tried.acted += 1;
                if tried.shown.len() < TRIED_SHOWN {
                    tried.shown.push((order.number.clone(), became(app, &would)));
                }
            }
        });
        // The screen has its turn between.
        gloo::timers::future::TimeoutFuture::new(0).await;
    }
    tried
}

/// What an order would be, in words.
fn became(app: App, order: &Order) -> String {
    let m = app.words();
    let mut words = vec![m.state(order.state).to_owned()];
    if let Some(work) = &order.fulfilment {
        words.extend((work.priority != Priority::Normal).then(|| m.priority(work.priority).to_owned()));
        words.extend(work.assigned.as_ref().map(|to| crate::ui::pages::assignee(app, Some(to))));
        words.extend(work.tags.iter().cloned());
        words.extend(work.hold.as_ref().map(|reason| fill(m.on_hold, &[reason])));
    }
    words.extend(order.messages.iter().map(|message| message.text.clone()));
    words.join(" · ")
}
