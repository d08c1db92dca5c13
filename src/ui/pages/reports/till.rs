//! This tablet's till: open it, move cash, see what should be in it, count and close, and look back.

use std::collections::BTreeMap;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::decide::{Command, taxes_since};
use crate::domain::payment::till::{Closing, Counted, Shift, Till, denominations};
use crate::domain::shop::tax::RateSum;
use crate::domain::value::id::{OrderId, Replica, prefix};
use crate::domain::value::money::Minor;
use crate::i18n::fill;
use crate::store::columns::Filter;
use crate::ui::components::{Alert, AmountField, Dialog, Icon, Printout, TextField};
use crate::ui::state::{App, app};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sheet {
    Move,
    Close,
    /// What the shift says so far.
    Now,
    Past(u64),
}

fn tender_rows(app: App, shift: &Shift) -> impl IntoView + use<> {
    let m = app.words();
    let rows = shift.takings.iter().map(|(tender, amount)| {
        view! {
            <div>
                <dt>{m.tender(*tender)}</dt>
                <dd>{app.price(*amount)}</dd>
            </div>
        }
    });
    rows.collect_view()
}

#[component]
pub fn TillPanel() -> impl IntoView {
    let app = app();
    let m = app.words();
    let sheet = RwSignal::new(None::<Sheet>);
    let float = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let till = Memo::new(move |_| {
        app.tills.track();
        app.look(|l| l.identity.as_ref().and_then(|i| l.book.tills.get(&i.replica).cloned())).unwrap_or_default()
    });
    let left = move || till.with(|t: &Till| t.closings.last().map(|c| c.left)).unwrap_or_default();
    let open = move || {
        let text = float.get_untracked();
        let amount = if text.trim().is_empty() { Some(left()) } else { app.currency().parse(&text).ok() };
        let Some(amount) = amount.filter(|a| a.0 >= 0) else {
            trouble.set(Some(m.bad_amount));
            return;
        };
        trouble.set(None);
        app.dispatch(Command::OpenTill { float: amount }, move |_| float.set(String::new()));
    };
    // Whoever counts does not see what should come out; a manager may look.
    let may_look = move || app.manages();
    view! {
        <section class="panel">
            <h2>{m.till}</h2>
            {move || {
                till
                    .with(|t| match &t.shift {
                        None => {
                            view! {
                                <p>{m.till_text}</p>
                                <form
                                    class="form"
                                    on:submit=move |e| {
                                        e.prevent_default();
                                        open();
                                    }
                                >
                                    <AmountField
                                        label=m.till_float
                                        value=float
                                        placeholder=app.currency().plain(left())
                                    />
                                    <Alert text=trouble />
                                    <div class="form__do">
                                        <button class="button button--primary" type="submit" data-till-open="">
                                            {m.till_open}
                                        </button>
                                    </div>
                                </form>
                            }
                                .into_any()
                        }
                        Some(shift) => {
                            let by = app
                                .look(|l| l.book.staff.get(&shift.by).map(|s| s.name.clone()))
                                .unwrap_or_default();
                            let moves = shift
                                .moves
                                .iter()
                                .map(|x| {
                                    view! {
                                        <li>
                                            <time>{app.moment(x.at)}</time>
                                            <span>{x.reason.clone()}</span>
                                            <strong class="figure">{app.price(x.amount)}</strong>
                                        </li>
                                    }
                                });
                            view! {
                                <p class="form__note">{fill(m.till_opened, &[&app.full_moment(shift.at), &by])}</p>
                                <dl class="facts" data-till="">
                                    <div>
                                        <dt>{m.till_float}</dt>
                                        <dd>{app.price(shift.float)}</dd>
                                    </div>
                                    {may_look().then(|| tender_rows(app, shift))}
                                    <div>
                                        <dt>{m.payments}</dt>
                                        <dd>{shift.payments}</dd>
                                    </div>
                                    {may_look()
                                        .then(|| {
                                            view! {
                                                <div>
                                                    <dt>{m.till_expected}</dt>
                                                    <dd data-expected=shift
                                                        .expected()
                                                        .0
                                                        .to_string()>{app.price(shift.expected())}</dd>
                                                </div>
                                            }
                                        })}
                                </dl>
                                <ul class="history">{moves.collect_view()}</ul>
                                <div class="form__do">
                                    {may_look()
                                        .then(|| {
                                            view! {
                                                <button
                                                    class="button"
                                                    data-till-x=""
                                                    on:click=move |_| sheet.set(Some(Sheet::Now))
                                                >
                                                    {m.till_x}
                                                </button>
                                            }
                                        })}
                                    <button
                                        class="button"
                                        data-till-move=""
                                        on:click=move |_| sheet.set(Some(Sheet::Move))
                                    >
                                        {m.till_move}
                                    </button>
                                    <button
                                        class="button button--primary"
                                        data-till-count=""
                                        on:click=move |_| sheet.set(Some(Sheet::Close))
                                    >
                                        {m.till_close}
                                    </button>
                                </div>
                            }
                                .into_any()
                        }
                    })
            }}
            {move || {
                till
                    .with(|t| {
                        (!t.closings.is_empty())
                            .then(|| {
                                let rows = t
                                    .closings
                                    .iter()
                                    .rev()
                                    .map(|c| {
                                        let number = c.number;
                                        view! {
                                            <button
                                                class="row row--button"
                                                data-closing=number.to_string()
                                                data-difference=c.difference().0.to_string()
                                                on:click=move |_| sheet.set(Some(Sheet::Past(number)))
                                            >
                                                <span class="row__main">
                                                    {fill(m.till_z, &[&number])}<small>{app.full_moment(c.at)}</small>
                                                </span>
                                                <span
                                                    class="level"
                                                    data-level=if c.difference().0 < 0 { "oversold" } else { "there" }
                                                >
                                                    {difference(app, c)}
                                                </span>
                                                <strong class="row__figure">{app.price(c.shift.total())}</strong>
                                            </button>
                                        }
                                    });
                                view! {
                                    <h3>{m.till_closings}</h3>
                                    <div>{rows.collect_view()}</div>
                                }
                            })
                    })
            }}
        </section>
        {move || {
            sheet
                .get()
                .map(|open| match open {
                    Sheet::Move => view! { <MoveSheet till sheet /> }.into_any(),
                    Sheet::Close => view! { <CloseSheet sheet /> }.into_any(),
                    Sheet::Now => {
                        till.with(|t| t.shift.clone()).map(|shift| view! { <NowSheet shift sheet /> }).into_any()
                    }
                    Sheet::Past(number) => {
                        till.with(|t| t.closings.iter().find(|c| c.number == number).cloned())
                            .map(|closing| view! { <PastSheet closing sheet /> })
                            .into_any()
                    }
                })
        }}
    }
}

fn difference(app: App, closing: &Closing) -> String {
    let m = app.words();
    match closing.difference() {
        Minor(0) => m.till_right.to_owned(),
        over if over.0 > 0 => fill(m.till_over, &[&app.price(over)]),
        short => fill(m.till_short, &[&app.price(Minor(short.0.saturating_neg()))]),
    }
}

#[component]
fn MoveSheet(till: Memo<Till>, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let amount = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    // What was asked about once is meant.
    let asked = RwSignal::new(None::<Minor>);
    let should_be_there = move || till.with_untracked(|t| t.shift.as_ref().map(Shift::expected)).unwrap_or_default();
    let go = move |sign: i64| {
        let Some(sum) = app.currency().parse(&amount.get_untracked()).ok().filter(|a| a.0 > 0) else {
            trouble.set(Some(m.bad_amount));
            return;
        };
        if sign < 0 && sum > should_be_there() && asked.get_untracked() != Some(sum) {
            asked.set(Some(sum));
            trouble.set(Some(m.till_more_than_there));
            return;
        }
        let command = Command::MoveCash { amount: Minor(sign * sum.0), reason: reason.get_untracked() };
        app.dispatch(command, move |_| sheet.set(None));
    };
    view! {
        <Dialog title=m.till_move close=move || sheet.set(None)>
            <form class="form" on:submit=|e| e.prevent_default()>
                <AmountField label=m.amount value=amount />
                <TextField label=m.reason value=reason />
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button" type="button" data-paid-in="" on:click=move |_| go(1)>
                        {m.till_paid_in}
                    </button>
                    <button class="button button--primary" type="button" data-paid-out="" on:click=move |_| go(-1)>
                        {m.till_paid_out}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// A blind count: notes and coins first; what should have been there is shown once it is closed.
#[component]
fn CloseSheet(sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let pieces: BTreeMap<i64, RwSignal<String>> =
        denominations(app.currency()).iter().map(|worth| (*worth, RwSignal::new(String::new()))).collect();
    let left = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let read = {
        let pieces = pieces.clone();
        move || -> Option<Vec<Counted>> {
            let each = pieces.iter().rev().map(|(worth, text)| {
                let text = text.get();
                let pieces = if text.trim().is_empty() { 0 } else { text.trim().parse().ok()? };
                Some(Counted { worth: Minor(*worth), pieces })
            });
            each.collect()
        }
    };
    let read = StoredValue::new(read);
    let sum = move || read.with_value(|read| read()).and_then(|all| crate::domain::payment::till::add_up(&all).ok());
    let go = move || {
        let counted = read.with_value(|read| read());
        let text = left.get_untracked();
        let left = if text.trim().is_empty() { Some(Minor::ZERO) } else { app.currency().parse(&text).ok() };
        let (Some(counted), Some(left)) = (counted, left) else {
            trouble.set(Some(m.bad_amount));
            return;
        };
        trouble.set(None);
        spawn_local(async move {
            let taxes = taxes(app).await;
            app.dispatch(Command::CloseTill { counted, left, taxes }, move |_| {
                let number = app.look(|l| {
                    let replica = l.identity.as_ref().map_or(0, |i| i.replica);
                    l.book.tills.get(&replica).map_or(0, |t| t.closed)
                });
                sheet.set(Some(Sheet::Past(number)));
            });
        });
    };
    let waiting = move || app.sync.with(|s| s.waiting);
    view! {
        <Dialog title=m.till_close close=move || sheet.set(None)>
            {move || (waiting() > 0).then(|| view! { <p class="form__note">{fill(m.till_waiting, &[&waiting()])}</p> })}
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    go();
                }
            >
                <div class="coins">
                    {pieces
                        .into_iter()
                        .rev()
                        .map(|(worth, text)| {
                            view! {
                                <label class="coins__one">
                                    <span>{app.price(Minor(worth))}</span>
                                    <input
                                        class="input input--figure"
                                        inputmode="numeric"
                                        autocomplete="off"
                                        data-worth=worth.to_string()
                                        prop:value=move || text.get()
                                        on:input=move |e| text.set(event_target_value(&e))
                                    />
                                </label>
                            }
                        })
                        .collect_view()}
                </div>
                <p class="cart__total">
                    <span>{m.till_counted}</span>
                    <strong data-counted="">{move || sum().map(|s| app.price(s))}</strong>
                </p>
                <AmountField label=m.till_left value=left placeholder="0" />
                {move || {
                    (sum().is_none())
                        .then(|| {
                            view! {
                                <p class="trouble" role="alert">
                                    {m.bad_quantity}
                                </p>
                            }
                        })
                }}
                <Alert text=trouble />
                <div class="form__do">
                    <button
                        class="button button--primary"
                        type="submit"
                        data-till-close=""
                        disabled=move || sum().is_none()
                    >
                        {m.till_close}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// The X report: what the shift says so far. Nothing is closed by it.
#[component]
fn NowSheet(shift: Shift, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let print = move |_| {
        let replica = app.look(|l| l.identity.as_ref().map_or(0, |i| i.replica));
        app.print(Printout::Closing(replica, RUNNING));
    };
    view! {
        <Dialog title=m.till_x close=move || sheet.set(None)>
            <ShiftFigures shift />
            <div class="form__do">
                <button class="button" data-x-print="" on:click=print>
                    <Icon name="print" />
                    <span>{m.print_papers}</span>
                </button>
            </div>
        </Dialog>
    }
}

/// The tax in what this tablet sold in the shift that is open, as far as it is here.
async fn taxes(app: App) -> Vec<RateSum> {
    let (replica, since, ids) = app.look_mut(|l| {
        let replica = l.identity.as_ref().map_or(0, |i| i.replica);
        let since = l.book.tills.get(&replica).and_then(|t| t.shift.as_ref()).map(|s| s.at);
        let rows = l.columns.select(&Filter { since, ..Filter::default() });
        let ids: Vec<OrderId> =
            rows.into_iter().filter_map(|r| l.columns.id(r)).filter(|id| id.0.replica == replica).collect();
        (replica, since.unwrap_or_default(), ids)
    });
    match app.inner().desk.read_orders(&ids).await {
        Ok(orders) => taxes_since(replica, since, &orders),
        // The money is counted all the same.
        Err(error) => {
            app.complain(&error.into());
            Vec::new()
        }
    }
}

/// Tax rate by rate.
fn tax_rows(app: App, taxes: &[RateSum]) -> impl IntoView + use<> {
    let m = app.words();
    let rows: Vec<_> = taxes.iter().map(|t| (app.percent(t.rate_bp), app.price(t.net), t.tax, t.rate_bp)).collect();
    rows.into_iter()
        .map(|(rate, net, tax, bp)| {
            view! {
                <div data-tax-rate=bp.to_string() data-tax=tax.0.to_string()>
                    <dt>{m.tax} " " {rate} " · " {m.net_amount} " " {net}</dt>
                    <dd>{app.price(tax)}</dd>
                </div>
            }
        })
        .collect_view()
}

/// The number of a closing that is none yet; real ones begin at 1.
const RUNNING: u64 = 0;

/// What a shift says so far, and what of its tablet's has not arrived yet.
#[component]
fn ShiftFigures(shift: Shift) -> impl IntoView {
    let app = app();
    let m = app.words();
    let by = app.look(|l| l.book.staff.get(&shift.by).map(|s| s.name.clone())).unwrap_or_default();
    let waiting = app.sync.with_untracked(|s| s.waiting);
    let moves = shift.moves.clone().into_iter().map(move |x| {
        view! {
            <li>
                <time>{app.moment(x.at)}</time>
                <span>{x.reason}</span>
                <strong class="figure">{app.price(x.amount)}</strong>
            </li>
        }
    });
    view! {
        <p class="form__note">{app.full_moment(shift.at)} " – " {app.full_moment(app.now())} " · " {by}</p>
        {(waiting > 0).then(|| view! { <p class="form__note">{fill(m.till_waiting, &[&waiting])}</p> })}
        <dl class="facts" data-x-report="">
            {tender_rows(app, &shift)}
            <div>
                <dt>{m.total}</dt>
                <dd>{app.price(shift.total())}</dd>
            </div>
            <div>
                <dt>{m.payments}</dt>
                <dd>{shift.payments}</dd>
            </div>
            {(shift.refunded.0 > 0)
                .then(|| {
                    view! {
                        <div>
                            <dt>{m.refunds}</dt>
                            <dd>{app.price(shift.refunded)}</dd>
                        </div>
                    }
                })}
            <div>
                <dt>{m.till_float}</dt>
                <dd>{app.price(shift.float)}</dd>
            </div>
            <div>
                <dt>{m.till_expected}</dt>
                <dd data-x-expected=shift.expected().0.to_string()>{app.price(shift.expected())}</dd>
            </div>
        </dl>
        <ul class="history">{moves.collect_view()}</ul>
    }
}

#[component]
fn PastSheet(closing: Closing, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let number = closing.number;
    let print = move |_| {
        let replica = app.look(|l| l.identity.as_ref().map_or(0, |i| i.replica));
        app.print(Printout::Closing(replica, number));
    };
    view! {
        <Dialog title=fill(m.till_z, &[&number]) close=move || sheet.set(None)>
            <ClosingFigures closing />
            <div class="form__do">
                <button class="button" data-z-print="" on:click=print>
                    <Icon name="print" />
                    <span>{m.print_papers}</span>
                </button>
            </div>
        </Dialog>
    }
}

/// A closing as the printer is to have it.
#[component]
pub fn PrintedClosing(replica: Replica, number: u64) -> impl IntoView {
    let app = app();
    let m = app.words();
    let found =
        app.look(|l| l.book.tills.get(&replica).and_then(|t| t.closings.iter().find(|c| c.number == number).cloned()));
    let name = app.look(|l| l.book.profile().name);
    if number == RUNNING {
        let shift = app.look(|l| l.book.tills.get(&replica).and_then(|t| t.shift.clone()));
        return shift
            .map(|shift| {
                view! {
                    <article class="slip" aria-hidden="true">
                        <h1>{name}</h1>
                        <p class="slip__number">{m.till_x} " · " {prefix(replica)}</p>
                        <ShiftFigures shift />
                    </article>
                }
            })
            .into_any();
    }
    let closing = found.map(|closing| {
        view! {
            <article class="slip" aria-hidden="true">
                <h1>{name}</h1>
                <p class="slip__number">{fill(m.till_z, &[&number])} " · " {prefix(replica)}</p>
                <ClosingFigures closing />
            </article>
        }
    });
    closing.into_any()
}

/// What a closing says: from when to when, by whom, what was taken, what should have been there and what was.
#[component]
fn ClosingFigures(closing: Closing) -> impl IntoView {
    let app = app();
    let m = app.words();
    let name = move |id| app.look(|l| l.book.staff.get(&id).map(|s| s.name.clone())).unwrap_or_default();
    let (from, to) = (app.full_moment(closing.shift.at), app.full_moment(closing.at));
    let moves = closing.shift.moves.clone().into_iter().map(move |x| {
        view! {
            <li>
                <time>{app.moment(x.at)}</time>
                <span>{x.reason}</span>
                <strong class="figure">{app.price(x.amount)}</strong>
            </li>
        }
    });
    view! {
        <p class="form__note">{from} " – " {to} " · " {name(closing.shift.by)} " / " {name(closing.by)}</p>
        <dl class="facts">
            {tender_rows(app, &closing.shift)} <div>
                <dt>{m.total}</dt>
                <dd>{app.price(closing.shift.total())}</dd>
            </div> {tax_rows(app, &closing.taxes)} <div>
                <dt>{m.payments}</dt>
                <dd>{closing.shift.payments}</dd>
            </div>
            {(closing.shift.refunded.0 > 0)
                .then(|| {
                    view! {
                        <div>
                            <dt>{m.refunds}</dt>
                            <dd>{app.price(closing.shift.refunded)}</dd>
                        </div>
                    }
                })} <div>
                <dt>{m.till_float}</dt>
                <dd>{app.price(closing.shift.float)}</dd>
            </div> <div>
                <dt>{m.till_expected}</dt>
                <dd data-z-expected=closing.expected.0.to_string()>{app.price(closing.expected)}</dd>
            </div> <div>
                <dt>{m.till_counted}</dt>
                <dd data-z-counted=closing.counted.0.to_string()>{app.price(closing.counted)}</dd>
            </div> <div>
                <dt>{m.till_difference}</dt>
                <dd>
                    <strong data-z-difference=closing.difference().0.to_string()>{difference(app, &closing)}</strong>
                </dd>
            </div> <div>
                <dt>{m.till_left}</dt>
                <dd>{app.price(closing.left)}</dd>
            </div>
        </dl>
        <ul class="history">{moves.collect_view()}</ul>
    }
}
