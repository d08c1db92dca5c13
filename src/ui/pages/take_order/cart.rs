//! The cart, its foot with the ways to pay, and what is shown once an order was taken.

use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen_futures::spawn_local;

use super::{Counter, Sheet};
use crate::domain::decide::{Command, Money};
use crate::domain::goods::price;
use crate::domain::order::{Cart, CartLine, OrderState, Priced, VoidReason};
use crate::domain::rejection::Rejection;
use crate::domain::shop::channel::Channel;
use crate::domain::shop::location::LocationKind;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::Flaw;
use crate::domain::value::id::OrderId;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::work::pricing;
use crate::i18n::fill;
use crate::store::MetaKey;
use crate::sync::engine::Link;
use crate::ui::carts::Carts;
use crate::ui::components::{Icon, Printout};
use crate::ui::routes;
use crate::ui::state::{App, app};

/// The open cart with its amounts.
pub(super) fn priced(app: App) -> Memo<Result<Priced, Rejection>> {
    Memo::new(move |_| {
        app.settings.track();
        app.people.track();
        app.carts.with(|c| work_out(app, &c.open))
    })
}

/// A cart at the prices of this moment, as it would be placed.
fn work_out(app: App, cart: &Cart) -> Result<Priced, Rejection> {
    let (included, offers) = app.look(|l| {
        let included = l.book.profile.get(&()).is_none_or(|p| p.prices_include_tax);
        (included, pricing::offers(&l.book, &as_placed(app, cart), app.now()))
    });
    Ok(cart.price_with(included, offers?)?)
}

/// Where a stall sells over its counter, that is a channel of its own.
fn as_placed(app: App, cart: &Cart) -> Cart {
    let location = app.location();
    let stall = app.look(|l| l.book.locations.get(&location).is_some_and(|p| p.kind == LocationKind::Stall));
    let channel = if stall && cart.channel == Channel::Counter { Channel::Stall } else { cart.channel };
    Cart { channel, ..cart.clone() }
}

/// Takes the open cart as an order. It leaves the screen at once, so that it cannot be taken twice and what is tapped
/// meanwhile is the next customer's; the same write that keeps the order empties it on the medium. When that fails,
/// nothing was taken and the cart is back.
pub(super) fn take(app: App, counter: Counter, money: Option<Money>, hand_over: bool) {
    let location = app.location();
    place(app, counter, move |cart| Command::Place { cart, number: String::new(), location, money, hand_over }, |_| {});
}

/// Takes the open cart as an order whose goods go along once a terminal, or the customer's telephone, has said that
/// they are paid. That it is asked is written down with the order, before it is.
pub(super) fn ask(app: App, counter: Counter, tender: Tender) {
    let location = app.location();
    let make = move |cart| Command::PlaceAndAsk { cart, number: String::new(), location, tender };
    place(app, counter, make, move |order| app.answering.set(order));
}

fn place(
    app: App,
    counter: Counter,
    make: impl FnOnce(Cart) -> Command + 'static,
    then: impl FnOnce(Option<OrderId>) + 'static,
) {
    let Carts { open, held } = app.carts.get_untracked();
    if open.lines.is_empty() {
        return;
    }
    // An offer began or ended since the total was shown: the customer was told another sum.
    let told = counter.priced.with_untracked(|p| p.as_ref().ok().map(|p| p.totals.total));
    if work_out(app, &open).ok().map(|p| p.totals.total) != told {
        app.with_carts(|_| {});
        app.say(app.words().prices_changed.to_owned(), true);
        return;
    }
    let slow = move || {
        counter.busy.try_set(true);
        app.scans.log.update(Vec::clear);
    };
    if !app.begin_placing(slow) {
        return;
    }
    let after = Carts { open: Cart::default(), held };
    let beside = vec![(MetaKey::Carts, serde_json::to_vec(&after).unwrap_or_default())];
    spawn_local(async move {
        let done = app.act(make(as_placed(app, &open)), beside).await;
        let untouched = app.end_placing(done.is_ok());
        counter.busy.try_set(false);
        match done {
            Ok(receipt) => {
                if untouched {
                    app.scans.log.update(Vec::clear);
                }
                counter.sheet.try_set(None);
                then(receipt.placed);
                if app.carts.with_untracked(|c| c.open.is_empty()) {
                    app.taken.set(receipt.placed);
                } else {
                    // The next customer's cart was begun meanwhile; the order's write knew nothing of it.
                    app.with_carts(|_| {});
                }
            }
            Err(_) if untouched => app.with_carts(|c| c.open.quote = false),
            Err(_) => app.with_carts(|c| {
                let newer = std::mem::replace(&mut c.open, Cart { quote: false, ..open });
                if !newer.is_empty() {
                    c.held.push(newer);
                }
            }),
        }
    });
}

#[component]
pub fn CartPane() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let priced = counter.priced;
    let total = move || priced.with(|p| p.as_ref().map_or(Minor::ZERO, |p| p.totals.total));
    let count = Memo::new(move |_| app.carts.with(|c| c.open.lines.len()));
    let held = Memo::new(move |_| app.carts.with(|c| c.held.len()));
    let hold = move |_| {
        app.with_carts(|c| {
            let open = std::mem::take(&mut c.open);
            c.held.push(open);
        });
        app.scans.log.update(Vec::clear);
    };
    let clear = move |_| {
        let before = app.carts.with_untracked(|c| c.open.clone());
        app.with_carts(|c| c.open = Cart::default());
        app.scans.log.update(Vec::clear);
        app.say_done(m.cart_cleared.to_owned(), move || {
            let before = before.clone();
            app.with_carts(|c| {
                let newer = std::mem::replace(&mut c.open, before);
                if !newer.is_empty() {
                    c.held.push(newer);
                }
            });
        });
    };
    let customer = Memo::new(move |_| {
        app.people.track();
        app.carts.with(|c| match (c.open.customer, &c.open.new_customer) {
            (Some(id), _) => {
                app.look(|l| l.book.customers.get(&id).map(|c| c.person.called().to_owned())).unwrap_or_default()
            }
            (None, Some(person)) => person.called().to_owned(),
            _ => String::new(),
        })
    });
    view! {
        <button class="take__bar" on:click=move |_| counter.cart_open.update(|o| *o = !*o)>
            <span>{move || fill(m.lines_count, &[&count.get()])}</span>
            <strong>{move || app.price(total())}</strong>
            <Icon name="next" />
        </button>
        <section class="cart" aria-label=m.cart>
            <header class="cart__head">
                <button
                    class="button button--bare cart__back"
                    aria-label=m.back
                    on:click=move |_| counter.cart_open.set(false)
                >
                    <Icon name="back" />
                </button>
                <h1>{m.cart}</h1>
                {move || {
                    (held.get() > 0)
                        .then(|| {
                            view! {
                                <button
                                    class="button button--small"
                                    data-held=""
                                    on:click=move |_| counter.sheet.set(Some(Sheet::Held))
                                >
                                    {fill(m.held_count, &[&held.get()])}
                                </button>
                            }
                        })
                }}
                {move || {
                    let n = app.scans.log.with(Vec::len);
                    (n > 0)
                        .then(|| {
                            view! {
                                <button
                                    class="button button--small"
                                    data-scans=n.to_string()
                                    on:click=move |_| counter.sheet.set(Some(Sheet::Scans))
                                >
                                    {m.scans}
                                    " "
                                    {n}
                                </button>
                            }
                        })
                }}
                <button
                    class="button button--small"
                    data-paste=""
                    on:click=move |_| counter.sheet.set(Some(Sheet::Paste))
                >
                    {m.paste}
                </button>
                <button
                    class="button button--bare"
                    aria-label=m.hold
                    title=m.hold
                    disabled=move || count.get() == 0
                    on:click=hold
                >
                    <Icon name="hold" />
                </button>
                <button
                    class="button button--bare"
                    aria-label=m.clear
                    title=m.clear
                    disabled=move || app.carts.with(|c| c.open.is_empty())
                    data-clear=""
                    on:click=clear
                >
                    <Icon name="bin" />
                </button>
            </header>
            <Show when=move || app.taken.get().is_none() fallback=move || view! { <Taken /> }>
                <Show when=move || { count.get() > 0 } fallback=move || view! { <p class="empty">{m.empty_cart}</p> }>
                    <ol class="cart__lines">
                        <For each=move || 0..count.get() key=|at| *at children=move |at| view! { <CartRow at /> } />
                    </ol>
                </Show>
                <div class="cart__foot">
                    <button class="cart__details" on:click=move |_| counter.sheet.set(Some(Sheet::Details))>
                        <Icon name="person" />
                        <span>
                            {move || {
                                let c = customer.get();
                                if c.is_empty() { m.details_hint.to_owned() } else { c }
                            }}
                        </span>
                        {move || app.carts.with(|c| (!c.open.note.is_empty()).then(|| view! { <Icon name="note" /> }))}
                    </button>
                    {move || {
                        priced
                            .with(|p| {
                                p
                                    .as_ref()
                                    .ok()
                                    .filter(|p| p.totals.discount.0 > 0)
                                    .map(|p| {
                                        view! {
                                            <p class="cart__sum">
                                                <span>{m.discount}</span>
                                                <span>"−" {app.price(p.totals.discount)}</span>
                                            </p>
                                        }
                                    })
                            })
                    }}
                    {move || {
                        priced
                            .with(|p| {
                                p
                                    .as_ref()
                                    .ok()
                                    .filter(|p| p.totals.shipping.0 > 0)
                                    .map(|p| {
                                        view! {
                                            <p class="cart__sum">
                                                <span>{m.shipping}</span>
                                                <span>{app.price(p.totals.shipping)}</span>
                                            </p>
                                        }
                                    })
                            })
                    }}
                    {move || {
                        priced
                            .with(|p| match p {
                                Err(Rejection::Flaw(Flaw::NoLines)) | Ok(_) => None,
                                Err(reason) => {
                                    Some(
                                        view! {
                                            <p class="trouble" role="alert">
                                                <Icon name="alert" />
                                                <span>{crate::ui::words::rejection(app, reason)}</span>
                                            </p>
                                        },
                                    )
                                }
                            })
                    }}
                    <p class="cart__total">
                        <span>{m.total}</span>
                        <strong data-total="">{move || app.price(total())}</strong>
                    </p>
                    <Pay />
                </div>
            </Show>
        </section>
    }
}

/// The three quickest ways to pay, and a door to all others.
#[component]
fn Pay() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let priced = counter.priced;
    let face_to_face = Memo::new(move |_| app.carts.with(|c| c.open.channel.face_to_face()));
    let cannot = move || counter.busy.get() || priced.with(Result::is_err);
    let rounded = Memo::new(move |_| {
        let total = priced.with(|p| p.as_ref().map_or(Minor::ZERO, |p| p.totals.total));
        let cash = app.in_cash(total);
        (cash != total).then_some(cash)
    });
    let exact = move |tender: Tender| {
        let total = priced.with_untracked(|p| p.as_ref().ok().map(|p| p.totals.total));
        if let Some(total) = total {
            if app.look(|l| l.book.profile.get(&()).is_some_and(|p| p.pay_codes.contains_key(&tender)))
                && total > Minor::ZERO
            {
                return ask(app, counter, tender);
            }
            let total = if tender == Tender::Cash { rounded.get_untracked().unwrap_or(total) } else { total };
            take(app, counter, Some(Money { tender, amount: total, tendered: total, reference: String::new() }), true);
        }
    };
    view! {
        <Show
            when=move || face_to_face.get()
            fallback=move || {
                view! {
                    <div class="pay">
                        <button
                            class="button button--primary pay__main"
                            disabled=cannot
                            on:click=move |_| take(app, counter, None, false)
                        >
                            {m.place_order}
                        </button>
                        <button
                            class="button pay__more"
                            disabled=cannot
                            on:click=move |_| counter.sheet.set(Some(Sheet::Tender))
                        >
                            {m.deposit}
                        </button>
                        <button
                            class="button pay__more"
                            data-quote=""
                            disabled=cannot
                            on:click=move |_| {
                                app.with_carts(|c| c.open.quote = true);
                                take(app, counter, None, false);
                            }
                        >
                            {m.save_quotation}
                        </button>
                    </div>
                }
            }
        >
            <div class="pay">
                <button
                    class="button button--primary pay__main"
                    data-tender="cash"
                    disabled=cannot
                    on:click=move |_| exact(Tender::Cash)
                >
                    <Icon name="cash" />
                    <span>
                        {m.tender(Tender::Cash)}
                        {move || {
                            rounded.get().map(|cash| view! { <small data-rounded="">" " {app.price(cash)}</small> })
                        }}
                    </span>
                </button>
                <button
                    class="button"
                    data-tender="wechat_pay"
                    disabled=cannot
                    on:click=move |_| exact(Tender::WechatPay)
                >
                    {m.tender(Tender::WechatPay)}
                </button>
                <button class="button" data-tender="alipay" disabled=cannot on:click=move |_| exact(Tender::Alipay)>
                    {m.tender(Tender::Alipay)}
                </button>
                <button
                    class="button pay__more"
                    disabled=cannot
                    on:click=move |_| counter.sheet.set(Some(Sheet::Tender))
                >
                    {m.more_ways}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn CartRow(at: usize) -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let line = Memo::new(move |_| app.carts.with(|c| c.open.lines.get(at).cloned()));
    let step = move |by: i64| {
        app.with_carts(|c| {
            if let Some(line) = c.open.lines.get_mut(at) {
                line.quantity = Quantity(line.quantity.0 + by * 1000);
                if line.quantity <= Quantity::ZERO {
                    c.open.lines.remove(at);
                }
            }
        });
    };
    // The price that counts, what promotions take off, and their names.
    let offer = Memo::new(move |_| {
        counter.priced.with(|p| {
            let p = p.as_ref().ok()?;
            let own = p.offered.iter().filter(|o| usize::from(o.line) == at);
            let names: Vec<String> = own.map(|o| o.name.clone()).collect();
            Some((p.lines.get(at)?.unit_price, price::off(&p.offered, at), names))
        })
    });
    let amount = move |l: &CartLine, unit_price: Minor, promoted: Minor| {
        let full = Minor(unit_price.ratio(l.quantity.0, 1000).unwrap_or_default().0 - promoted.0);
        Minor(full.0 - l.discount.of(full).unwrap_or_default().0)
    };
    // Of something scarce, what may surely be promised here, when it is less than what is in the cart.
    let short = Memo::new(move |_| {
        app.stock.track();
        app.settings.track();
        app.tills.track();
        let offline = app.sync.with(|s| s.link != Link::Connected);
        let (variant, wanted) = line.with(|l| l.as_ref().and_then(|l| Some((l.variant?, l.quantity))))?;
        let found = app.look(|l| {
            let replica = l.identity.as_ref().map_or(0, |i| i.replica);
            l.book.promisable((variant, app.location()), replica, offline)
        });
        found.map(|(_, left)| left).filter(|left| wanted > *left)
    });
    move || {
        line.get().map(|l| {
            let (unit_price, promoted, names) = offer.get().unwrap_or((l.unit_price, Minor::ZERO, Vec::new()));
            view! {
                <li class="cart__line" data-short=short.get().map(Quantity::plain)>
                    <button class="cart__what" on:click=move |_| counter.sheet.set(Some(Sheet::Line(at)))>
                        <span class="cart__name">{l.name.clone()}</span>
                        <span class="cart__price">
                            {(unit_price != l.unit_price)
                                .then(|| {
                                    view! {
                                        <s>{app.price(l.unit_price)}</s>
                                        " "
                                    }
                                })} {app.price(unit_price)}
                            {names
                                .into_iter()
                                .map(|name| {
                                    view! {
                                        <em class="mark" data-offer=name>
                                            {name.clone()}
                                        </em>
                                    }
                                })
                                .collect_view()}
                            {(!l.discount.is_none()).then(|| view! { <em class="mark">{m.discount}</em> })}
                            {move || {
                                short
                                    .get()
                                    .map(|left| view! { <em class="mark">{fill(m.scarce_left, &[&left.plain()])}</em> })
                            }}
                        </span>
                    </button>
                    <div class="cart__count" data-again="">
                        <button class="button button--round" aria-label=m.one_less on:click=move |_| step(-1)>
                            <Icon name="minus" />
                        </button>
                        <output>{app.quantity(l.quantity, l.unit)}</output>
                        <button class="button button--round" aria-label=m.one_more on:click=move |_| step(1)>
                            <Icon name="plus" />
                        </button>
                    </div>
                    <strong class="cart__amount">{app.price(amount(&l, unit_price, promoted))}</strong>
                </li>
            }
        })
    }
}

/// Shown once an order is on the medium, and not before.
#[component]
fn Taken() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let order = move || {
        app.orders.track();
        app.taken.get().and_then(|id| app.look(|l| l.book.orders.get(&id).cloned()))
    };
    let undo = move |id: OrderId| {
        app.dispatch(Command::Void { order: id, reason: VoidReason::Mistake }, move |_| {
            app.taken.set(None);
            app.say(m.undone.to_owned(), false);
        });
    };
    let next = move |_| {
        app.taken.set(None);
        counter.cart_open.set(false);
    };
    move || {
        order().map(|o| {
            let id = o.id;
            let change: Minor = o.payments.iter().map(|p| p.change()).sum();
            view! {
                <div class="taken" data-taken=o.number>
                    <p class="taken__mark">
                        <Icon name="check" />
                    </p>
                    <h2>{if o.state == OrderState::Draft { m.quotation } else { m.taken }}</h2>
                    <p class="taken__number">{o.number.clone()}</p>
                    <p class="taken__total">{app.money(o.currency, o.totals.total)}</p>
                    {(change.0 > 0)
                        .then(|| {
                            view! {
                                <p class="taken__change">
                                    <span>{m.change}</span>
                                    <strong>{app.money(o.currency, change)}</strong>
                                </p>
                            }
                        })}
                    {(o.due().0 > 0)
                        .then(|| {
                            view! { <p class="taken__due">{fill(m.still_due, &[&app.money(o.currency, o.due())])}</p> }
                        })}
                    <div class="taken__do">
                        <A href=routes::order(id) attr:class="button">
                            {m.look}
                        </A>
                        <button class="button" on:click=move |_| app.print(Printout::Slip(id))>
                            <Icon name="print" />
                            <span>{m.print_slip}</span>
                        </button>
                        <button class="button" data-undo="" on:click=move |_| undo(id)>
                            <Icon name="undo" />
                            <span>{m.undo}</span>
                        </button>
                        <button class="button button--primary" on:click=next>
                            {m.next_customer}
                        </button>
                    </div>
                </div>
            }
        })
    }
}

/// Carts that were put aside.
#[component]
pub fn Held() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let resume = move |at: usize| {
        app.with_carts(|c| {
            if at < c.held.len() {
                let cart = c.held.remove(at);
                let open = std::mem::replace(&mut c.open, cart);
                if !open.is_empty() {
                    c.held.push(open);
                }
            }
        });
        app.taken.set(None);
        counter.sheet.set(None);
    };
    move || {
        app.carts.with(|c| {
            c.held
                .iter()
                .enumerate()
                .map(|(at, cart)| {
                    let names = cart.lines.iter().map(|l| l.name.as_str()).take(4).collect::<Vec<_>>().join(", ");
                    view! {
                        <button class="row row--button" on:click=move |_| resume(at)>
                            <span class="row__main">{names}</span>
                            <span>{fill(m.lines_count, &[&cart.lines.len()])}</span>
                        </button>
                    }
                })
                .collect_view()
        })
    }
}
