//! What is done with an order between taking it and handing it over: what the checks found, where it goes, who sees to
//! it, and which goods are set aside.

use leptos::prelude::*;

use super::Sheet;
use super::history::{assignee, number};
use crate::domain::decide::Command;
use crate::domain::order::{Assignee, Mark, Order as Record, OrderState, Priority, waits_for_goods};
use crate::domain::value::named::Named;
use crate::domain::work::finding::{Finding, Severity, findings};
use crate::i18n::fill;
use crate::ui::components::{Choice, Icon};
use crate::ui::state::{App, app};

/// A finding in words.
pub fn finding(app: App, order: &Record, found: &Finding) -> String {
    let m = app.words();
    let line = found.line().and_then(|l| order.lines.get(usize::from(l)));
    let name = line.map(|l| l.name.as_str()).unwrap_or_default();
    let money = |amount| app.money(order.currency, amount);
    let quantity = |q| line.map_or_else(String::new, |l| app.quantity(q, l.unit));
    match found {
        Finding::Totals => m.found_totals.to_owned(),
        Finding::NoAddress => m.found_no_address.to_owned(),
        Finding::NoPhone => m.found_no_phone.to_owned(),
        Finding::PhoneForm => fill(m.found_phone_form, &[&contact(app, order).1]),
        Finding::Duplicate { order } => fill(m.found_duplicate, &[&number(app, *order)]),
        Finding::Price { listed, .. } => {
            let price = line.map(|l| l.unit_price).unwrap_or_default();
            fill(m.found_price, &[&name, &money(price), &money(*listed)])
        }
        Finding::NotSold { .. } => fill(m.found_not_sold, &[&name]),
        Finding::Unknown { .. } => fill(m.found_unknown, &[&name]),
        Finding::Short { short, .. } => fill(m.found_short, &[&name, &quantity(*short)]),
        Finding::Unusual { usual, .. } => {
            let ordered = line.map(|l| l.quantity).unwrap_or_default();
            fill(m.found_unusual, &[&name, &quantity(ordered), &quantity(*usual)])
        }
        Finding::Late => m.found_late.to_owned(),
        Finding::Credit { over } => fill(m.found_credit, &[&money(*over)]),
    }
}

/// Who receives an order: name, telephone, address; from the delivery, or from the customer's card.
pub fn contact(app: App, order: &Record) -> (String, String, String) {
    let card = order
        .customer
        .and_then(|c| app.look(|l| l.book.customers.get(&c).map(|c| c.person.clone())))
        .unwrap_or_default();
    let to =
        order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref()).map(|d| d.recipient.clone()).unwrap_or_default();
    let or = |own: String, card: String| if own.trim().is_empty() { card } else { own };
    (or(to.name, card.name), or(to.phone, card.phone), or(to.address, card.address))
}

/// The choice that asks for a name; no station is called like that.
const NEW_STATION: &str = "+";

#[component]
pub fn Handling(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let work = order.fulfilment.as_deref().cloned().unwrap_or_default();
    let open = order.state.open();
    let checks = (open && order.handed_over.is_none()).then(|| {
        let found = app.look(|l| findings(&l.book, &order, app.now()));
        view! { <Checks order=order.clone() found /> }
    });
    let delivery = work.delivery.clone().map(|d| {
        let (name, phone, address) = contact(app, &order);
        view! {
            <p class="person" data-delivery="">
                <strong>
                    {m.method(d.method)}
                    {d
                        .promised
                        .map(|p| {
                            view! {
                                " · "
                                {fill(m.promised_short, &[&app.full_moment(p)])}
                            }
                        })}
                </strong>
                <span>{name} " " {phone}</span>
                <span>{address}</span>
            </p>
        }
    });
    let act = move |mark: Mark| app.dispatch(Command::Mark { order: id, mark }, |_| {});
    let priority = work.priority;
    let people = app.look(|l| {
        let mut all: Vec<_> =
            l.book.staff.iter().filter(|(_, s)| s.active).map(|(id, s)| (*id, s.name.clone())).collect();
        all.sort();
        all
    });
    let who = assignee(app, work.assigned.as_ref());
    let assigned = work.assigned.clone();
    let assign = move |key: String| {
        if key == NEW_STATION {
            return sheet.set(Some(Sheet::Station));
        }
        let to = match key.strip_prefix("staff:") {
            Some(id) => id.parse().ok().map(Assignee::Staff),
            None if key.is_empty() => None,
            None => Some(Assignee::Station(key)),
        };
        act(Mark::Assigned(to));
    };
    let mut others = app.look(|l| l.book.stations());
    if matches!(assigned, Some(Assignee::Station(_))) && !others.contains(&who) {
        others.push(who);
    }
    view! {
        <section class="panel handling">
            <h2>{m.fulfilment}</h2>
            {work
                .hold
                .clone()
                .map(|reason| {
                    view! {
                        <p class="note row">
                            <span class="row__main">{fill(m.on_hold, &[&reason])}</span>
                            <button class="button button--small" data-go-on="" on:click=move |_| act(Mark::Hold(None))>
                                {m.go_on}
                            </button>
                        </p>
                    }
                })}
            {checks}
            <div class="row">
                <span class="row__main">{m.delivery}</span>
                {open
                    .then(|| {
                        view! {
                            <button
                                class="button button--small"
                                data-set-delivery=""
                                on:click=move |_| sheet.set(Some(Sheet::Delivery))
                            >
                                {m.edit}
                            </button>
                        }
                    })}
            </div>
            {delivery}
            {open
                .then(|| {
                    view! {
                        <div class="row handling__row">
                            <span class="row__main">{m.priority_label}</span>
                            <Choice
                                options=Priority::ALL.iter().map(|p| (*p, m.priority(*p).to_owned())).collect()
                                value=Signal::stored(priority)
                                choose=move |p| act(Mark::Priority(p))
                                label=m.priority_label
                            />
                        </div>
                        <label class="row handling__row">
                            <span class="row__main">{m.assigned_to}</span>
                            <select
                                class="input page__select"
                                data-assign=""
                                on:change=move |e| assign(event_target_value(&e))
                            >
                                <option value="" selected=assigned.is_none()>
                                    {m.nobody}
                                </option>
                                {people
                                    .into_iter()
                                    .map(|(id, name)| {
                                        let chosen = work.assigned == Some(Assignee::Staff(id));
                                        view! {
                                            <option value=format!("staff:{id}") selected=chosen>
                                                {name}
                                            </option>
                                        }
                                    })
                                    .collect_view()}
                                {others
                                    .into_iter()
                                    .map(|name| {
                                        let chosen = work.assigned == Some(Assignee::Station(name.clone()));
                                        view! {
                                            <option value=name selected=chosen>
                                                {name.clone()}
                                            </option>
                                        }
                                    })
                                    .collect_view()}
                                <option value=NEW_STATION>{m.new_station}</option>
                            </select>
                        </label>
                    }
                })}
            <div class="row handling__row">
                <span class="row__main">{m.tags}</span>
                {work
                    .tags
                    .iter()
                    .cloned()
                    .map(|tag| {
                        let off = tag.clone();
                        view! {
                            <button
                                class="chip"
                                title=m.remove
                                disabled=!open
                                on:click=move |_| act(Mark::Tag {
                                    tag: off.clone(),
                                    on: false,
                                })
                            >
                                {tag}
                                " ×"
                            </button>
                        }
                    })
                    .collect_view()}
                {open
                    .then(|| {
                        view! {
                            <button class="button button--small" on:click=move |_| sheet.set(Some(Sheet::Label))>
                                <Icon name="plus" />
                                <span>{m.add_tag}</span>
                            </button>
                        }
                    })}
            </div>
            {waits_for_goods(&order).then(|| view! { <Allocated order=order.clone() /> })}
        </section>
    }
}

#[component]
fn Checks(order: Record, found: Vec<Finding>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let worst = found.iter().map(Finding::severity).max();
    let word = match worst {
        None => "clean",
        Some(Severity::Note) => "note",
        Some(Severity::Warn) => "warn",
        Some(Severity::Stop) => "stop",
    };
    view! {
        <div class="findings" data-checks=word>
            {found
                .is_empty()
                .then(|| {
                    view! {
                        <p>
                            <Icon name="check" />
                            <span>{m.checks_clean}</span>
                        </p>
                    }
                })}
            {found
                .iter()
                .map(|f| {
                    let severity = f.severity().name();
                    view! {
                        <p data-severity=severity>
                            <Icon name="alert" />
                            <span>{finding(app, &order, f)}</span>
                        </p>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// What is set aside for each line, from where and why, and what is missing.
#[component]
fn Allocated(order: Record) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let work = order.fulfilment.as_deref().cloned().unwrap_or_default();
    let place = |id| app.look(|l| l.book.locations.get(&id).map(|p| p.name.clone())).unwrap_or_default();
    let places = app.places();
    let may = matches!(order.state, OrderState::Confirmed | OrderState::Allocated);
    let rows = order
        .lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.variant.is_some())
        .map(|(i, l)| {
            // Another place than the one that was chosen by itself.
            let from_where = work.allocated.iter().find(|a| usize::from(a.line) == i).map(|a| a.location);
            let all = untrack(|| places.get());
            let choose = move |text: String| {
                if let Ok(location) = text.parse() {
                    app.dispatch(Command::AllocateFrom { order: id, line: i as u16, location }, |_| {});
                }
            };
            let from: Vec<String> = work
                .allocated
                .iter()
                .filter(|a| usize::from(a.line) == i)
                .map(|a| {
                    fill(
                        m.allocated_from,
                        &[&app.quantity(a.quantity, l.unit), &place(a.location), &app.quantity(a.free, l.unit)],
                    )
                })
                .collect();
            let short = order.short_of(i, l).0;
            view! {
                <li class="row" data-short=(short > 0).then_some("")>
                    <span class="row__main">{l.name.clone()}<small>{from.join("; ")}</small></span>
                    {(may && all.len() > 1)
                        .then(|| {
                            view! {
                                <select
                                    class="input page__select"
                                    data-from=""
                                    aria-label=m.allocate_from
                                    on:change=move |e| choose(event_target_value(&e))
                                >
                                    <option value="" selected=from_where.is_none()>
                                        {m.allocate_from}
                                    </option>
                                    {all
                                        .into_iter()
                                        .map(|(id, name)| {
                                            view! {
                                                <option value=id.to_string() selected=from_where == Some(id)>
                                                    {name}
                                                </option>
                                            }
                                        })
                                        .collect_view()}
                                </select>
                            }
                        })}
                    {(short > 0)
                        .then(|| {
                            view! {
                                <span class="level" data-level="low">
                                    {fill(
                                        m.short_by,
                                        &[&app.quantity(crate::domain::value::quantity::Quantity(short), l.unit)],
                                    )}
                                </span>
                            }
                        })}
                </li>
            }
        })
        .collect_view();
    let some = !work.allocated.is_empty();
    view! {
        <h3>{m.allocation}</h3>
        {if some || may {
            view! {
                <ul class="plain" data-allocation=order.is_allocated().then_some("whole")>
                    {rows}
                </ul>
            }
                .into_any()
        } else {
            view! { <p class="quiet">{m.nothing_allocated}</p> }.into_any()
        }}
        <div class="order__do">
            {(may && !order.is_allocated())
                .then(|| {
                    view! {
                        <button
                            class="button button--small"
                            data-allocate-part=""
                            on:click=move |_| app.dispatch(Command::Allocate(id), |_| {})
                        >
                            {m.allocate_part}
                        </button>
                    }
                })}
            {(some && order.state == OrderState::Confirmed)
                .then(|| {
                    view! {
                        <button
                            class="button button--small"
                            on:click=move |_| app.dispatch(Command::Release(id), |_| {})
                        >
                            {m.step(crate::domain::order::StepKind::Release)}
                        </button>
                    }
                })}
        </div>
    }
}
