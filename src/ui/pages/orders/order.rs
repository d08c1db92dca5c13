//! One order: lines, payments, history, and the next steps that the state table allows.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};
use wasm_bindgen_futures::spawn_local;

use super::Sheet;
use super::edit::{EditSheet, MergeSheet, SplitSheet};
use super::handling::Handling;
use super::history::happened;
use super::messages::{DueMessages, MessageSheet, said};
use super::returns::{RefundSheet, ReturnSheet};
use super::sheets::{CustomerSheet, DeliverySheet, LabelSheet, NoteSheet, PaySheet, VoidSheet};
use super::steps::{take_step, undo_step};
use crate::domain::goods::price::OfferKind;
use crate::domain::order::{Order as Record, OrderState, Paper, StepKind, steps_from};
use crate::domain::value::id::OrderId;
use crate::domain::value::money::Minor;
use crate::domain::value::named::Named;
use crate::i18n::fill;
use crate::store::StoreError;
use crate::ui::components::{Icon, Printout};
use crate::ui::routes;
use crate::ui::state::app;

#[component]
pub fn Order() -> impl IntoView {
    let app = app();
    let m = app.words();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").and_then(|id| id.parse::<OrderId>().ok())));
    // A sealed order is read from its block first.
    let loaded = RwSignal::new(0_u32);
    let not_here = RwSignal::new(false);
    Effect::new(move |_| {
        app.orders.track();
        if let Some(id) = id.get() {
            spawn_local(async move {
                match app.inner().desk.load_orders([id].into_iter()).await {
                    Ok(()) => {
                        loaded.try_update(|n| *n += 1);
                    }
                    Err(StoreError::NotHere { block }) => {
                        not_here.try_set(true);
                        app.fetch_parts(Some(block));
                    }
                    Err(error) => app.unreadable(id, error),
                }
            });
        }
    });
    let order = Memo::new(move |_| {
        app.orders.track();
        app.people.track();
        loaded.track();
        id.get().and_then(|id| app.look(|l| l.book.orders.get(&id).cloned()))
    });
    let asked = use_query_map().with_untracked(|q| q.get("do"));
    let sheet = RwSignal::new(match asked.as_deref() {
        Some(routes::EDIT) => Some(Sheet::Edit),
        Some(routes::SPLIT) => Some(Sheet::Split),
        Some(routes::REFUND) => Some(Sheet::Refund),
        _ => None,
    });
    view! {
        <section class="page">
            {move || match order.get() {
                Some(order) => view! { <Shown order sheet /> }.into_any(),
                None if loaded.get() > 0 => {
                    view! {
                        <div class="empty">
                            <p>{m.no_such_order}</p>
                            <A href=routes::ORDERS attr:class="button">
                                {m.orders}
                            </A>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="empty" aria-busy="true">
                            {move || if not_here.get() { m.order_not_here } else { m.opening }}
                        </p>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Shown(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let id = order.id;
    let currency = order.currency;
    let money = move |amount: Minor| app.money(currency, amount);
    let customer = order.customer.and_then(|c| app.look(|l| l.book.customers.get(&c).map(|c| c.person.clone())));
    let due = order.due();
    let open = order.state != OrderState::Voided;
    let editable = order.handed_over.is_none() && order.state.open();
    let attempt = order.attempts.iter().find(|a| a.outcome.is_open()).cloned();
    let held = order.fulfilment.as_ref().is_some_and(|f| f.hold.is_some());
    let handled = !order.channel.face_to_face() || order.fulfilment.is_some() || order.state == OrderState::Draft;
    let papers: Vec<Paper> = match order.state {
        OrderState::Draft => vec![Paper::Quotation],
        _ if handled => Paper::ALL.to_vec(),
        _ => Vec::new(),
    };
    let comes_back = order.handed_over.is_some() && open && (0..order.lines.len()).any(|i| order.kept_of(i).0 > 0);
    let messages_due = order.is_message_due().then(|| order.clone());
    let told: Vec<String> =
        order.messages.iter().filter(|t| t.sent == Some(true)).map(|t| said(app, &order, t)).collect();
    let unsent = move || {
        app.sync.track();
        app.is_unsent(id)
    };
    let steps = steps_from(order.state)
        .filter(|s| s.kind != StepKind::Void)
        .enumerate()
        .map(|(i, s)| {
            let to = s.to;
            let class = if i == 0 { "button button--primary" } else { "button" };
            let blocked = held || (s.needs_payment && due.0 > 0);
            view! {
                <button
                    class=class
                    data-step=s.kind.name()
                    disabled=blocked
                    title=if blocked { m.pay_first } else { "" }
                    on:click=move |_| take_step(app, id, to)
                >
                    {m.step(s.kind)}
                </button>
            }
        })
        .collect_view();
    let last = order.last_step().map(|last| last.step);
    let can_void = steps_from(order.state).any(|s| s.kind == StepKind::Void);
    let sheet_order = order.clone();
    view! {
        <header class="page__head">
            <A href=routes::ORDERS attr:class="button button--bare" attr:aria-label=m.back>
                <Icon name="back" />
            </A>
            <h1>{order.number.clone()}</h1>
            <span class="state" data-state=order.state.name()>
                {m.state(order.state)}
            </span>
            <span class="paid" data-paid=order.payment_state().name()>
                {m.payment_state(order.payment_state())}
            </span>
            <span class="badge">{m.channel(order.channel)}</span>
            {move || {
                unsent()
                    .then(|| {
                        view! {
                            <span class="unsent">
                                <Icon name="sync" />
                                <span>{m.not_sent}</span>
                            </span>
                        }
                    })
            }}
            <span class="page__count">{app.full_moment(order.placed_at)}</span>
        </header>
        <div class="order">
            <div class="order__do">
                {attempt
                    .clone()
                    .map(|a| {
                        view! {
                            <button
                                class="button button--primary"
                                data-answer-open=""
                                on:click=move |_| app.answering.set(Some(id))
                            >
                                {fill(m.terminal_open, &[&m.tender(a.tender), &money(a.amount)])}
                            </button>
                        }
                    })}
                {(open && due.0 > 0 && attempt.is_none())
                    .then(|| {
                        view! {
                            <button
                                class="button button--primary"
                                data-pay=""
                                on:click=move |_| sheet.set(Some(Sheet::Pay))
                            >
                                {fill(m.pay_amount, &[&money(due)])}
                            </button>
                        }
                    })} {steps}
            </div>
            <div class="order__do order__more">
                <button class="button" on:click=move |_| app.print(Printout::Slip(id))>
                    <Icon name="print" />
                    <span>{m.print_slip}</span>
                </button>
                {papers
                    .into_iter()
                    .map(|paper| {
                        view! {
                            <button
                                class="button"
                                data-print=paper.name()
                                on:click=move |_| app.print(Printout::Papers(paper, vec![id]))
                            >
                                <Icon name="print" />
                                <span>{m.paper(paper)}</span>
                            </button>
                        }
                    })
                    .collect_view()}
                {editable
                    .then(|| {
                        view! {
                            <button class="button" data-edit="" on:click=move |_| sheet.set(Some(Sheet::Edit))>
                                {m.edit_lines}
                            </button>
                            <button class="button" data-split="" on:click=move |_| sheet.set(Some(Sheet::Split))>
                                {m.split}
                            </button>
                            <button class="button" on:click=move |_| sheet.set(Some(Sheet::Merge))>
                                {m.merge}
                            </button>
                            {(!held)
                                .then(|| {
                                    view! {
                                        <button
                                            class="button"
                                            data-hold=""
                                            on:click=move |_| sheet.set(Some(Sheet::Hold))
                                        >
                                            {m.hold_order}
                                        </button>
                                    }
                                })}
                        }
                    })}
                {last
                    .map(|s| {
                        view! {
                            <button class="button" data-undo-step="" on:click=move |_| undo_step(app, id, s.from)>
                                <Icon name="undo" />
                                <span>{fill(m.undo_step, &[&m.step(s.kind)])}</span>
                            </button>
                        }
                    })}
                {comes_back
                    .then(|| {
                        view! {
                            <button class="button" data-return="" on:click=move |_| sheet.set(Some(Sheet::Return))>
                                {m.return_goods}
                            </button>
                        }
                    })}
                {(order.paid().0 > 0)
                    .then(|| {
                        view! {
                            <button class="button" data-refund="" on:click=move |_| sheet.set(Some(Sheet::Refund))>
                                {m.refund}
                            </button>
                        }
                    })}
                <button class="button" on:click=move |_| sheet.set(Some(Sheet::Note))>
                    <Icon name="note" />
                    <span>{m.note}</span>
                </button>
                {can_void
                    .then(|| {
                        view! {
                            <button
                                class="button button--danger"
                                data-step="void"
                                on:click=move |_| sheet.set(Some(Sheet::Void))
                            >
                                {m.step(StepKind::Void)}
                            </button>
                        }
                    })}
            </div>
            <section class="panel order__lines">
                <h2>{m.lines}</h2>
                <table class="table">
                    <thead>
                        <tr>
                            <th>{m.name}</th>
                            <th class="figure">{m.quantity}</th>
                            <th class="figure">{m.price}</th>
                            <th class="figure">{m.amount}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {order
                            .lines
                            .iter()
                            .enumerate()
                            .map(|(i, l)| {
                                view! {
                                    <tr>
                                        <td>
                                            {l.name.clone()}
                                            {(!l.sku.is_empty()).then(|| view! { <small>{l.sku.clone()}</small> })}
                                            {order
                                                .offers
                                                .iter()
                                                .filter(|o| usize::from(o.line) == i)
                                                .map(|o| {
                                                    view! {
                                                        <small data-offer=o
                                                            .name
                                                            .clone()>
                                                            {o.name.clone()}
                                                            {(o.kind == OfferKind::Promotion)
                                                                .then(|| format!(" −{}", money(o.amount)))}
                                                        </small>
                                                    }
                                                })
                                                .collect_view()}
                                        </td>
                                        <td class="figure">
                                            {app.quantity(l.quantity, l.unit)}
                                            {Some(order.returned_of(i))
                                                .filter(|q| q.0 > 0)
                                                .map(|q| {
                                                    view! {
                                                        <small data-returned=q
                                                            .plain()>
                                                            {fill(m.returned_short, &[&app.quantity(q, l.unit)])}
                                                        </small>
                                                    }
                                                })}
                                        </td>
                                        <td class="figure">{money(l.unit_price)}</td>
                                        <td class="figure">
                                            {money(l.gross())}
                                            {(l.discount.0 > 0)
                                                .then(|| view! { <small>"−" {money(l.discount)}</small> })}
                                        </td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
                <dl class="sums">
                    {(order.totals.discount.0 > 0)
                        .then(|| {
                            view! {
                                <div>
                                    <dt>{m.discount}</dt>
                                    <dd>"−" {money(order.totals.discount)}</dd>
                                </div>
                            }
                        })}
                    {(order.totals.shipping.0 != 0)
                        .then(|| {
                            view! {
                                <div>
                                    <dt>{m.shipping}</dt>
                                    <dd>{money(order.totals.shipping)}</dd>
                                </div>
                            }
                        })}
                    {(order.totals.adjustment.0 != 0)
                        .then(|| {
                            view! {
                                <div>
                                    <dt>{m.adjustment}</dt>
                                    <dd>{money(order.totals.adjustment)}</dd>
                                </div>
                            }
                        })}
                    {(order.totals.tax.0 != 0)
                        .then(|| {
                            view! {
                                <div>
                                    <dt>{m.tax_included}</dt>
                                    <dd>{money(order.totals.tax)}</dd>
                                </div>
                            }
                        })} <div class="sums__total">
                        <dt>{m.total}</dt>
                        <dd>{money(order.totals.total)}</dd>
                    </div>
                    {(order.returned().0 != 0)
                        .then(|| {
                            view! {
                                <div>
                                    <dt>{m.goods_returned}</dt>
                                    <dd data-returned-worth=order
                                        .returned()
                                        .0
                                        .to_string()>"−" {money(order.returned())}</dd>
                                </div>
                            }
                        })} <div>
                        <dt>{m.paid}</dt>
                        <dd>{money(order.paid())}</dd>
                    </div>
                    {(due.0 > 0)
                        .then(|| {
                            view! {
                                <div class="sums__due">
                                    <dt>{m.left_to_pay}</dt>
                                    <dd>{money(due)}</dd>
                                </div>
                            }
                        })}
                    {Some(order.owed_back())
                        .filter(|back| back.0 > 0)
                        .map(|back| {
                            view! {
                                <div class="sums__due">
                                    <dt>{m.left_to_give_back}</dt>
                                    <dd data-give-back=back.0.to_string()>{money(back)}</dd>
                                </div>
                            }
                        })}
                </dl>
            </section>
            {handled.then(|| view! { <Handling order=order.clone() sheet /> })}
            <section class="panel">
                <div class="panel__head">
                    <h2>{m.customer}</h2>
                    {open
                        .then(|| {
                            view! {
                                <button
                                    class="button button--small"
                                    data-message=""
                                    on:click=move |_| sheet.set(Some(Sheet::Message))
                                >
                                    {m.message_write}
                                </button>
                                <button
                                    class="button button--small"
                                    data-customer-change=""
                                    on:click=move |_| sheet.set(Some(Sheet::Customer))
                                >
                                    {m.change_customer}
                                </button>
                            }
                        })}
                </div>
                {match customer {
                    Some(p) => {
                        view! {
                            <p class="person">
                                <strong>{p.name.clone()}</strong>
                                <span>{p.phone.clone()}</span>
                                <span>{p.email.clone()}</span>
                                <span>{p.address}</span>
                            </p>
                        }
                            .into_any()
                    }
                    None => view! { <p class="quiet">{m.no_customer}</p> }.into_any(),
                }}
                {order.external.clone().map(|e| view! { <p class="quiet">{e.source} " · " {e.reference}</p> })}
                {(!order.note.is_empty()).then(|| view! { <p class="note">{order.note.clone()}</p> })}
                {messages_due
                    .map(|order| {
                        view! {
                            <h3>{m.messages}</h3>
                            <DueMessages order />
                        }
                    })}
                {told
                    .into_iter()
                    .map(|text| view! { <p class="quiet">{m.message_done} ": " {text}</p> })
                    .collect_view()}
            </section>
            <section class="panel">
                <h2>{m.payments}</h2>
                {order.payments.is_empty().then(|| view! { <p class="quiet">{m.no_payments}</p> })}
                <ul class="plain">
                    {order
                        .payments
                        .iter()
                        .filter(|p| p.amount.0 > 0)
                        .map(|p| {
                            view! {
                                <li class="row">
                                    <span class="row__main">
                                        {m.tender(p.tender)}
                                        {(!p.reference.is_empty())
                                            .then(|| view! { <small>{p.reference.clone()}</small> })}
                                    </span>
                                    <span>{app.moment(p.at)}</span>
                                    <strong>{money(p.amount)}</strong>
                                </li>
                            }
                        })
                        .collect_view()}
                    {order
                        .refunds
                        .iter()
                        .map(|r| {
                            view! {
                                <li class="row">
                                    <span class="row__main">{fill(m.refund_by, &[&m.tender(r.tender)])}</span>
                                    <span>{app.moment(r.at)}</span>
                                    <strong>"−" {money(r.amount)}</strong>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
            <section class="panel order__history">
                <h2>{m.history}</h2>
                <ol class="history">
                    {order
                        .history
                        .iter()
                        .map(|h| {
                            let by = app.look(|l| l.book.staff.get(&h.by).map(|s| s.name.clone())).unwrap_or_default();
                            view! {
                                <li>
                                    <time>{app.full_moment(h.at)}</time>
                                    <span>{happened(app, currency, &h.what)}</span>
                                    <small>{by}</small>
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </section>
        </div>
        {move || {
            sheet
                .get()
                .map(|s| {
                    let order = sheet_order.clone();
                    match s {
                        Sheet::Pay => view! { <PaySheet order sheet /> }.into_any(),
                        Sheet::Void => view! { <VoidSheet order sheet /> }.into_any(),
                        Sheet::Note => view! { <NoteSheet order sheet /> }.into_any(),
                        Sheet::Refund => view! { <RefundSheet order sheet /> }.into_any(),
                        Sheet::Delivery => view! { <DeliverySheet order sheet /> }.into_any(),
                        what @ (Sheet::Label | Sheet::Hold | Sheet::Station) => {
                            view! { <LabelSheet order sheet what /> }.into_any()
                        }
                        Sheet::Edit => view! { <EditSheet order sheet /> }.into_any(),
                        Sheet::Split => view! { <SplitSheet order sheet /> }.into_any(),
                        Sheet::Merge => view! { <MergeSheet order sheet /> }.into_any(),
                        Sheet::Return => view! { <ReturnSheet order sheet /> }.into_any(),
                        Sheet::Customer => view! { <CustomerSheet order sheet /> }.into_any(),
                        Sheet::Message => view! { <MessageSheet order sheet /> }.into_any(),
                    }
                })
        }}
    }
}
