//! Import: a file in, a preview with every issue, and only then a change.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use leptos::html::Input;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use super::stock::StockTabs;
use crate::actions::import::Progress;
use crate::domain::order::Channel;
use crate::i18n::fill;
use crate::import::{self, Column, Issue, Kind, Mapping, Origin, Preview, Severity};
use crate::platform::http::{self, Reply};
use crate::platform::{files, preferences};
use crate::ui::components::{Icon, SelectField};
use crate::ui::state::{App, app};

/// Where it stands.
#[derive(Clone)]
enum Stage {
    Choose,
    Preview,
    Running(Progress),
    Done(Progress),
}

/// Issues shown at once; the figure above says how many there are.
const MOST_ISSUES: usize = 200;

#[component]
pub fn Import() -> impl IntoView {
    let app = app();
    let m = app.words();
    let file = NodeRef::<Input>::new();
    let name = RwSignal::new(String::new());
    let text = StoredValue::new(String::new());
    let kind = RwSignal::new(String::new());
    let mapping = RwSignal::new(None::<Mapping>);
    let origin = RwSignal::new(Origin::default());
    let preview = RwSignal::new(None::<Preview>);
    let stage = RwSignal::new_local(Stage::Choose);
    let cancel = StoredValue::new_local(Rc::new(Cell::new(false)));
    let read = move || {
        let chosen = kind.with_untracked(|k| Kind::ALL.into_iter().find(|x| x.name() == k));
        let store = import::Store { currency: app.currency() };
        let found = text.with_value(|t| import::read(t, chosen, mapping.get_untracked().as_ref(), &origin.get_untracked(), store));
        preview.set(Some(found));
        stage.set(Stage::Preview);
    };
    let choose = move |_| {
        let Some(chosen) = file.get_untracked().and_then(|i| i.files()).and_then(|f| f.get(0)) else { return };
        name.set(chosen.name());
        mapping.set(None);
        kind.set(String::new());
        origin.set(Origin::default());
        spawn_local(async move {
            match files::bytes(chosen).await {
                Some(bytes) => {
                    let Some(found) = as_text(app, &bytes).await else { return };
                    text.set_value(found);
                    read();
                    // A file of this form was read before, and somebody said what its columns mean and where it is from.
                    let header = preview.with_untracked(|p| p.as_ref().map(|p| p.header.clone())).unwrap_or_default();
                    if let Some(known) = remembered().remove(&header.join("\t")) {
                        mapping.set(known.mapping);
                        origin.set(known.origin);
                        read();
                    }
                }
                None => app.say(m.file_unreadable.to_owned(), true),
            }
        });
    };
    let run = move |_| {
        let Some(found) = preview.get_untracked() else { return };
        let stop = cancel.with_value(Rc::clone);
        stop.set(false);
        stage.set(Stage::Running(Progress::default()));
        spawn_local(async move {
            let go_on = async |progress: Progress| {
                stage.set(Stage::Running(progress));
                // Lets the page paint and an order be taken meanwhile.
                TimeoutFuture::new(0).await;
                !stop.get()
            };
            let done = app.inner().desk.import(app.staff(), app.location(), &found, go_on).await;
            app.all_changed();
            app.wrote();
            match done {
                Ok(progress) => stage.set(Stage::Done(progress)),
                Err(error) => {
                    app.complain(&error);
                    stage.set(Stage::Preview);
                }
            }
        });
    };
    view! {
        <section class="page">
            <header class="page__head"><h1>{m.import}</h1><StockTabs /></header>
            <section class="panel import">
                <p>{m.import_text}</p>
                <label class="button button--primary import__choose">
                    <Icon name="file" /><span>{m.choose_file}</span>
                    <input class="visually-hidden" type="file" accept=".csv,.tsv,.txt,.json,.xlsx,.xls,.ods" node_ref=file on:change=choose />
                </label>
                <p class="quiet">{move || name.get()}</p>
            </section>
            {move || match stage.get() {
                Stage::Choose => ().into_any(),
                Stage::Preview => preview.get().map(|found| view! { <Shown found kind mapping origin read=move || read() run /> }).into_any(),
                Stage::Running(p) => view! {
                    <section class="panel" aria-live="polite">
                        <p>{fill(m.import_running, &[&p.done, &p.of])}</p>
                        <progress max=p.of.to_string() value=p.done.to_string()></progress>
                        <button class="button" on:click=move |_| cancel.with_value(|c| c.set(true))>{m.cancel}</button>
                    </section>
                }.into_any(),
                Stage::Done(p) => view! {
                    <section class="panel" data-imported=p.done.to_string()>
                        <h2>{if p.done == p.of { m.import_done } else { m.import_cancelled }}</h2>
                        <p>{fill(m.import_result, &[&(p.done - p.known), &p.known])}</p>
                    </section>
                }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Shown(
    found: Preview,
    kind: RwSignal<String>,
    mapping: RwSignal<Option<Mapping>>,
    origin: RwSignal<Origin>,
    read: impl Fn() + Copy + Send + Sync + 'static,
    run: impl Fn(web_sys::MouseEvent) + Copy + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let nothing = found.products.is_empty() && found.orders.is_empty();
    let kinds = {
        let mut all = vec![(String::new(), m.kind_auto.to_owned())];
        all.extend(Kind::ALL.iter().map(|k| (k.name().to_owned(), m.file_kind(*k).to_owned())));
        all
    };
    // Set by hand: read again as what was chosen.
    Effect::new(move |last: Option<String>| {
        let now = kind.get();
        if last.is_some_and(|l| l != now) {
            read();
        }
        now
    });
    let totals = found
        .totals()
        .into_iter()
        .map(|(c, t)| app.money(c, crate::domain::money::Minor(i64::try_from(t).unwrap_or(i64::MAX))))
        .collect::<Vec<_>>()
        .join(" + ");
    let counts =
        [(m.products, found.products.len()), (m.variants, found.variants()), (m.orders, found.orders.len()), (m.lines, found.lines())];
    let sample: Vec<(String, String)> = found
        .products
        .iter()
        .take(5)
        .map(|p| (p.name.clone(), p.variants.first().map(|v| app.price(v.price)).unwrap_or_default()))
        .chain(
            found
                .orders
                .iter()
                .take(5)
                .map(|o| (format!("{} {}", o.placed.number, o.person.called()), app.money(o.placed.currency, o.placed.totals.total))),
        )
        .collect();
    let mapped = matches!(found.kind, Some(Kind::ProductsCsv | Kind::OrdersCsv));
    let issues = found.issues.len();
    view! {
        <section class="panel">
            <SelectField label=m.kind_label options=kinds value=kind />
            <p class="quiet">{found.kind.map(|k| m.file_kind(k))}</p>
            <ul class="counts">
                {counts.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| view! { <li><strong>{n}</strong><span>{name}</span></li> }).collect_view()}
                {(!totals.is_empty()).then(|| view! { <li><strong>{totals}</strong><span>{m.total}</span></li> })}
            </ul>
            {(found.kind == Some(Kind::OrdersCsv)).then(|| view! { <Source header=found.header.clone() mapping origin read /> })}
            {mapped.then(|| view! { <Columns header=found.header.clone() used=found.mapping.clone() mapping origin read /> })}
            <ul class="plain">{sample.into_iter().map(|(name, figure)| view! { <li class="row"><span class="row__main">{name}</span><strong>{figure}</strong></li> }).collect_view()}</ul>
            <button class="button button--primary" data-import="" disabled=nothing on:click=run>{if nothing { m.import_nothing } else { m.import_go }}</button>
        </section>
        {(issues > 0).then(|| view! {
            <section class="panel">
                <h2>{fill(m.issues_count, &[&issues])}</h2>
                <p class="quiet">{m.issues_text}</p>
                <table class="table">
                    <thead><tr><th class="figure">{m.file_line}</th><th>{m.file_column}</th><th>{m.file_issue}</th></tr></thead>
                    <tbody>{found.issues.iter().take(MOST_ISSUES).map(|i| view! {
                        <tr data-severity=if i.code.severity() == Severity::Error { "error" } else { "warning" }>
                            <td class="figure">{i.line}</td><td>{i.column.clone()}</td><td>{issue(app, i)}</td>
                        </tr>
                    }).collect_view()}</tbody>
                </table>
            </section>
        })}
    }
}

/// Where the orders of a table come from.
#[component]
fn Source(
    header: Vec<String>,
    mapping: RwSignal<Option<Mapping>>,
    origin: RwSignal<Origin>,
    read: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let header = StoredValue::new(header.join("\t"));
    let change = move |change: &dyn Fn(&mut Origin)| {
        origin.update(|o| change(o));
        let form = Form { mapping: mapping.get_untracked(), origin: origin.get_untracked() };
        header.with_value(|header| remember(header, form));
        read();
    };
    let channel = origin.with_untracked(|o| o.channel);
    view! {
        <div class="form__pair">
            <label class="field">
                <span class="field__label">{m.import_source}</span>
                <input class="input" autocomplete="off" data-source="" maxlength="40" value=origin.with_untracked(|o| o.name.clone())
                    on:change=move |e| { let name = event_target_value(&e).trim().to_owned(); if !name.is_empty() { change(&|o| o.name.clone_from(&name)); } } />
            </label>
            <label class="field">
                <span class="field__label">{m.channel_label}</span>
                <select class="input" data-channel="" on:change=move |e| {
                    let chosen = event_target_value(&e);
                    if let Some(chosen) = Channel::ALL.into_iter().find(|c| format!("{c:?}") == chosen) { change(&|o| o.channel = chosen); }
                }>
                    {Channel::ALL.map(|c| view! { <option value=format!("{c:?}") selected=c == channel>{m.channel(c)}</option> }).collect_view()}
                </select>
            </label>
        </div>
        <p class="quiet">{m.import_source_text}</p>
    }
}

/// Which column of the file means what.
#[component]
fn Columns(
    header: Vec<String>,
    used: Mapping,
    mapping: RwSignal<Option<Mapping>>,
    origin: RwSignal<Origin>,
    read: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let names = header.clone();
    let header = StoredValue::new(header);
    let row = move |column: Column| {
        let at = used.0.get(&column).copied();
        let base = used.clone();
        let change = move |e: web_sys::Event| {
            let mut changed = base.clone();
            match event_target_value(&e).parse::<usize>() {
                Ok(at) => {
                    changed.0.insert(column, at);
                }
                Err(_) => {
                    changed.0.remove(&column);
                }
            }
            let form = Form { mapping: Some(changed.clone()), origin: origin.get_untracked() };
            remember(&header.with_value(|h| h.join("\t")), form);
            mapping.set(Some(changed));
            read();
        };
        view! {
            <label class="field">
                <span class="field__label">{m.file_column_name(column)}</span>
                <select class="input" on:change=change>
                    <option value="" selected=at.is_none()>"—"</option>
                    {names.iter().enumerate().map(|(i, h)| view! { <option value=i.to_string() selected=at == Some(i)>{h.clone()}</option> }).collect_view()}
                </select>
            </label>
        }
    };
    view! { <details class="mapping"><summary>{m.columns}</summary><div class="mapping__all">{Column::ALL.into_iter().map(row).collect_view()}</div></details> }
}

/// What somebody said of files with such columns.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Form {
    /// `None` while the guess stands.
    mapping: Option<Mapping>,
    origin: Origin,
}

/// Where that is remembered, by the names of a file's columns.
const FORMS: &str = "daybook.forms";
/// Where earlier versions remembered mappings alone.
const MAPPINGS: &str = "daybook.mappings";
/// The most that are remembered.
const MOST_FORMS: usize = 50;

fn remembered() -> BTreeMap<String, Form> {
    let earlier = || {
        let mappings: BTreeMap<String, Mapping> = preferences::load(MAPPINGS).unwrap_or_default();
        mappings.into_iter().map(|(header, mapping)| (header, Form { mapping: Some(mapping), ..Form::default() })).collect()
    };
    preferences::load(FORMS).unwrap_or_else(earlier)
}

fn remember(header: &str, form: Form) {
    let mut all = remembered();
    if all.len() >= MOST_FORMS {
        all.pop_first();
    }
    all.insert(header.to_owned(), form);
    preferences::save(FORMS, &all);
}

/// A file's text. A workbook is turned into a table by the server, so that its reader is not in the download.
async fn as_text(app: App, bytes: &[u8]) -> Option<String> {
    let m = app.words();
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Some(import::text::decode(bytes, &files::gbk));
    }
    let token = app.look(|l| l.identity.as_ref().map(|i| i.token.clone())).unwrap_or_default();
    match http::post_bytes("/v1/sheet", &token, bytes).await {
        Reply::Ok(text) => return Some(import::text::decode(&text, &files::gbk)),
        Reply::Status(401, _) => app.say(m.link_not_enrolled.to_owned(), true),
        Reply::Status(..) => app.say(m.file_unreadable.to_owned(), true),
        Reply::None => app.say(m.workbook_needs_network.to_owned(), true),
    }
    None
}

fn issue(app: App, issue: &Issue) -> String {
    use crate::import::IssueCode as C;
    let m = app.words();
    match &issue.code {
        C::NotRecognised => m.issue_not_recognised.to_owned(),
        C::BadJson { column_number } => fill(m.issue_bad_json, &[column_number]),
        C::UnclosedQuote => m.issue_unclosed_quote.to_owned(),
        C::MissingColumn => m.issue_missing_column.to_owned(),
        C::BadAmount { text } => fill(m.issue_bad_amount, &[text]),
        C::BadQuantity { text } => fill(m.issue_bad_quantity, &[text]),
        C::BadDate { text } => fill(m.issue_bad_date, &[text]),
        C::OddCurrency { text } => fill(m.issue_odd_currency, &[text]),
        C::NoName => m.issue_no_name.to_owned(),
        C::NoReference => m.issue_no_reference.to_owned(),
        C::NoLines => m.issue_no_lines.to_owned(),
        C::TooManyLines { most } => fill(m.issue_too_many_lines, &[most]),
        C::DuplicateSku { sku } => fill(m.issue_duplicate_sku, &[sku]),
        C::UnknownStatus { text } => fill(m.issue_unknown_status, &[text]),
        C::TotalDiffers { by } => fill(m.issue_total_differs, &[by]),
        C::PaidUnknown => m.issue_paid_unknown.to_owned(),
    }
}
