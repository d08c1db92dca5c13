//! What was found in a file, before anything of it is taken in: figures, examples, issues, and what its columns mean.

use leptos::prelude::*;

use super::Said;
use super::remembered::{Form, remember};
use crate::domain::shop::channel::Channel;
use crate::domain::value::named::{Named, named};
use crate::i18n::fill;
use crate::import::reading::Outline;
use crate::import::{Column, Issue, IssueCode, Kind, Mapping, Origin, Severity};
use crate::ui::components::SelectField;
use crate::ui::state::{App, app};

#[component]
pub fn Shown(
    found: Outline,
    said: Said,
    read: impl Fn() + Copy + Send + Sync + 'static,
    run: impl Fn(web_sys::MouseEvent) + Copy + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let Said { kind, mapping, origin } = said;
    let nothing = found.things() == 0;
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
    let totals = found.totals.iter().map(|(c, t)| app.money(*c, *t)).collect::<Vec<_>>().join(" + ");
    let counts =
        [(m.products, found.products), (m.variants, found.variants), (m.orders, found.orders), (m.lines, found.lines)];
    let products = found
        .sample_products
        .iter()
        .map(|(name, price)| (name.clone(), price.map(|p| app.price(p)).unwrap_or_default()));
    let orders = found.sample_orders.iter().map(|(name, currency, total)| (name.clone(), app.money(*currency, *total)));
    let sample: Vec<(String, String)> = products.chain(orders).collect();
    let mapped = matches!(found.kind, Some(Kind::ProductsCsv | Kind::OrdersCsv));
    let issues = found.issue_count;
    let missing: Vec<Column> = found.issues.iter().filter_map(missing_column).collect();
    let found_out = kind.with_untracked(String::is_empty).then_some(found.kind).flatten();
    view! {
        <section class="panel">
            <SelectField label=m.kind_label options=kinds value=kind />
            {found_out.map(|k| view! { <p class="quiet">{m.file_kind(k)}</p> })}
            <ul class="counts">
                {counts
                    .into_iter()
                    .filter(|(_, n)| *n > 0)
                    .map(|(name, n)| {
                        view! {
                            <li>
                                <strong>{n}</strong>
                                <span>{name}</span>
                            </li>
                        }
                    })
                    .collect_view()}
                {(!totals.is_empty())
                    .then(|| {
                        view! {
                            <li>
                                <strong>{totals}</strong>
                                <span>{m.total}</span>
                            </li>
                        }
                    })}
            </ul>
            {(found.kind == Some(Kind::OrdersCsv))
                .then(|| view! { <Source header=found.header.clone() mapping origin read /> })}
            {mapped
                .then(|| {
                    view! {
                        <Columns header=found.header.clone() used=found.mapping.clone() missing mapping origin read />
                    }
                })}
            <ul class="plain">
                {sample
                    .into_iter()
                    .map(|(name, figure)| {
                        view! {
                            <li class="row">
                                <span class="row__main">{name}</span>
                                <strong>{figure}</strong>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <button class="button button--primary" data-import="" disabled=nothing on:click=run>
                {if nothing { m.import_nothing } else { m.import_go }}
            </button>
        </section>
        {(issues > 0)
            .then(|| {
                view! {
                    <section class="panel">
                        <h2>{fill(m.issues_count, &[&issues])}</h2>
                        <p class="quiet">{m.issues_text}</p>
                        <table class="table">
                            <thead>
                                <tr>
                                    <th class="figure">{m.file_line}</th>
                                    <th>{m.file_column}</th>
                                    <th>{m.file_issue}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {found
                                    .issues
                                    .iter()
                                    .map(|i| {
                                        view! {
                                            <tr data-severity=if i.code.severity() == Severity::Error {
                                                "error"
                                            } else {
                                                "warning"
                                            }>
                                                <td class="figure">{i.line}</td>
                                                <td>{column_name(app, i)}</td>
                                                <td>{issue(app, i)}</td>
                                            </tr>
                                        }
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    </section>
                }
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
                <input
                    class="input"
                    autocomplete="off"
                    data-source=""
                    maxlength="40"
                    value=origin.with_untracked(|o| o.name.clone())
                    on:change=move |e| {
                        let name = event_target_value(&e).trim().to_owned();
                        if !name.is_empty() {
                            change(&|o| o.name.clone_from(&name));
                        }
                    }
                />
            </label>
            <label class="field">
                <span class="field__label">{m.channel_label}</span>
                <select
                    class="input"
                    data-channel=""
                    on:change=move |e| {
                        let chosen = event_target_value(&e);
                        if let Some(chosen) = named(Channel::ALL, &chosen) {
                            change(&|o| o.channel = chosen);
                        }
                    }
                >
                    {Channel::ALL
                        .map(|c| {
                            view! {
                                <option value=c.name() selected=c == channel>
                                    {m.channel(c)}
                                </option>
                            }
                        })
                        .collect_view()}
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
    /// What has to be said by a person.
    missing: Vec<Column>,
    mapping: RwSignal<Option<Mapping>>,
    origin: RwSignal<Origin>,
    read: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let app = app();
    let m = app.words();
    let names = header.clone();
    let header = StoredValue::new(header);
    let open = !missing.is_empty();
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
                <select class="input" aria-invalid=missing.contains(&column).then_some("true") on:change=change>
                    <option value="" selected=at.is_none()>
                        "—"
                    </option>
                    {names
                        .iter()
                        .enumerate()
                        .map(|(i, h)| {
                            view! {
                                <option value=i.to_string() selected=at == Some(i)>
                                    {h.clone()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
        }
    };
    view! {
        <details class="mapping" open=open>
            <summary>{m.columns}</summary>
            <div class="mapping__all">{Column::ALL.into_iter().map(row).collect_view()}</div>
        </details>
    }
}

/// What no column of the file means, and one has to.
fn missing_column(issue: &Issue) -> Option<Column> {
    Column::ALL.into_iter().find(|c| issue.code == IssueCode::MissingColumn && c.name() == issue.column)
}

/// A column of the file as it is called there; one that is missing, by what it would mean.
fn column_name(app: App, issue: &Issue) -> String {
    missing_column(issue).map_or_else(|| issue.column.clone(), |c| app.words().file_column_name(c).to_owned())
}

fn issue(app: App, issue: &Issue) -> String {
    use IssueCode as C;
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
