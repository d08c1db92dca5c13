//! Papers for orders: pick list, packing slip, delivery note. Seen by the printer alone (see `print.css`).

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::domain::order::{Line, Order, Paper};
use crate::domain::value::id::{LocationId, OrderId, Replica, VariantId};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::i18n::fill;
use crate::report::barcode::{Symbol, best};
use crate::ui::pages::contact;
use crate::ui::state::{App, app};

/// Bars or squares of a symbol, as large as the style sheet says.
#[component]
pub fn Barcode(symbol: Symbol) -> impl IntoView {
    let around = format!("0 0 {} {}", symbol.width, symbol.height);
    view! {
        <svg class="barcode" viewBox=around preserveAspectRatio="none" shape-rendering="crispEdges" aria-hidden="true">
            <path d=symbol.path fill="#000" />
        </svg>
    }
}

#[component]
pub fn Papers(paper: Paper, orders: Vec<OrderId>) -> impl IntoView {
    let app = app();
    let all: Vec<Order> = app.look(|l| orders.iter().filter_map(|id| l.book.orders.get(id).cloned()).collect());
    match paper {
        Paper::PickList => view! { <PickList orders=all /> }.into_any(),
        _ => all.into_iter().map(|order| view! { <Sheet paper order /> }).collect_view().into_any(),
    }
}

/// What goods of several orders are to be fetched, place by place, with how much goes into which order.
#[component]
fn PickList(orders: Vec<Order>) -> impl IntoView {
    struct Fetch {
        variant: Option<VariantId>,
        unit: Unit,
        sum: Quantity,
        into: Vec<String>,
    }
    type Goods = BTreeMap<(String, String), Fetch>;
    let app = app();
    let m = app.words();
    let mut places = BTreeMap::<LocationId, Goods>::new();
    for order in &orders {
        for (i, line) in order.lines.iter().enumerate() {
            // Of a kit, what it is made of is fetched.
            let parts = if line.variant.is_some() {
                order.goods(line).into_iter().map(|(v, q)| (Some(v), q)).collect()
            } else {
                vec![(None, line.quantity)]
            };
            for (variant, needed) in parts {
                let known = variant.filter(|v| Some(*v) != line.variant).and_then(|v| {
                    app.look(|l| l.book.variant(v).map(|(p, x)| (p.line_name(x), x.sku.clone(), p.unit)))
                });
                let (name, sku, unit) = known.unwrap_or((line.name.clone(), line.sku.clone(), line.unit));
                let mut left = needed;
                let set_aside = order
                    .fulfilment
                    .iter()
                    .flat_map(|f| &f.allocated)
                    .filter(|a| usize::from(a.line) == i && Some(a.variant) == variant);
                let mut from: Vec<(LocationId, Quantity)> = set_aside.map(|a| (a.location, a.quantity)).collect();
                from.iter().for_each(|(_, q)| left = left.saturating_add(q.saturating_neg()));
                if left > Quantity::ZERO {
                    from.push((order.location, left));
                }
                for (place, quantity) in from {
                    let goods = places.entry(place).or_default();
                    let fetch = goods.entry((name.clone(), sku.clone())).or_insert(Fetch {
                        variant,
                        unit,
                        sum: Quantity::ZERO,
                        into: Vec::new(),
                    });
                    fetch.sum = fetch.sum.saturating_add(quantity);
                    fetch.into.push(format!("{} × {}", order.number, app.quantity(quantity, unit)));
                }
            }
        }
    }
    let numbers = orders.iter().map(|o| o.number.as_str()).collect::<Vec<_>>().join(", ");
    view! {
        <article class="paper" aria-hidden="true">
            <header class="paper__head">
                <div>
                    <h1>{m.paper(Paper::PickList)}</h1>
                    <p>{app.full_moment(app.now())}</p>
                    <p>{numbers}</p>
                </div>
            </header>
            {places
                .into_iter()
                .map(|(place, goods)| {
                    let name = app.look(|l| l.book.locations.get(&place).map(|p| p.name.clone())).unwrap_or_default();
                    view! {
                        <h2>{name}</h2>
                        <table>
                            <thead>
                                <tr>
                                    <th></th>
                                    <th>{m.name}</th>
                                    <th>{m.sku}</th>
                                    <th class="figure">{m.quantity}</th>
                                    <th>{m.orders}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {goods
                                    .into_iter()
                                    .map(|((name, sku), f)| {
                                        let first = f
                                            .variant
                                            .map(|v| {
                                                app
                                                    .look(|l| {
                                                        l
                                                            .book
                                                            .batches((v, place))
                                                            .map(|b| b.first(f.sum))
                                                            .unwrap_or_default()
                                                    })
                                            })
                                            .unwrap_or_default();
                                        let lots: Vec<String> = first
                                            .iter()
                                            .map(|b| {
                                                format!("{} × {}", app.lot(&b.lot), app.quantity(b.quantity, f.unit))
                                            })
                                            .collect();
                                        // What expires first is to be fetched first.
                                        view! {
                                            <tr>
                                                <td class="paper__box"></td>
                                                <td>{name} <small>{lots.join("; ")}</small></td>
                                                <td>{sku}</td>
                                                <td class="figure">
                                                    <strong>{app.quantity(f.sum, f.unit)}</strong>
                                                </td>
                                                <td>{f.into.join(", ")}</td>
                                            </tr>
                                        }
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    }
                })
                .collect_view()}
            <footer class="paper__foot">
                <p>{m.picked_by} " ____________________"</p>
            </footer>
        </article>
    }
}

/// What a kit is made of; nothing for what is none.
fn made_of(app: App, order: &Order, line: &Line) -> String {
    let parts = order.goods(line).into_iter().filter(|(v, _)| Some(*v) != line.variant);
    parts.map(|(v, q)| format!("{} × {}", app.line_name(v), q.plain())).collect::<Vec<_>>().join(", ")
}

/// A packing slip (no prices), a delivery note or a quotation of one order.
#[component]
fn Sheet(paper: Paper, order: Order) -> impl IntoView {
    let app = app();
    let m = app.words();
    let profile = app.look(|l| l.book.profile());
    let prices = matches!(paper, Paper::DeliveryNote | Paper::Quotation);
    let offered = paper == Paper::Quotation;
    let money = move |amount| app.money(order.currency, amount);
    let number = paper.number(&order.number);
    let (name, phone, address) = contact(app, &order);
    let times = order.sheets(paper);
    let delivery = order.fulfilment.as_ref().and_then(|f| f.delivery.clone());
    let count: Quantity = order
        .lines
        .iter()
        .filter(|l| !l.unit.divisible())
        .fold(Quantity::ZERO, |sum, l| sum.saturating_add(l.quantity));
    view! {
        <article class="paper" aria-hidden="true">
            <header class="paper__head">
                <div>
                    <h1>
                        {m.paper(paper)}
                        {(times > 1).then(|| view! { <small>{fill(m.copy_mark, &[&(times - 1)])}</small> })}
                    </h1>
                    <p>
                        <strong>{profile.name}</strong>
                    </p>
                    <p>{profile.address} " " {profile.phone}</p>
                </div>
                <div class="paper__number">
                    {best(&number).map(|symbol| view! { <Barcode symbol /> })}<strong>{number}</strong>
                    <p>{app.full_moment(order.placed_at)}</p>
                </div>
            </header>
            <section class="paper__to">
                <p>
                    <strong>{name}</strong>
                    " "
                    {phone}
                </p>
                <p>{address}</p>
                {delivery
                    .map(|d| {
                        view! {
                            <p>
                                {m.method(d.method)}
                                {d
                                    .promised
                                    .map(|p| {
                                        view! {
                                            " · "
                                            {fill(m.promised_short, &[&app.full_moment(p)])}
                                        }
                                    })}
                            </p>
                        }
                    })}
                {(!order.note.is_empty()).then(|| view! { <p>{m.note} ": " {order.note.clone()}</p> })}
            </section>
            <table>
                <thead>
                    <tr>
                        <th></th>
                        <th>{m.name}</th>
                        <th>{m.sku}</th>
                        <th class="figure">{m.quantity}</th>
                        {prices
                            .then(|| {
                                view! {
                                    <th class="figure">{m.price}</th>
                                    <th class="figure">{m.amount}</th>
                                }
                            })}
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
                                    <td>{i + 1}</td>
                                    <td>{l.name.clone()} <small>{made_of(app, &order, l)}</small></td>
                                    <td>{l.sku.clone()}</td>
                                    <td class="figure">{app.quantity(l.quantity, l.unit)}</td>
                                    {prices
                                        .then(|| {
                                            view! {
                                                <td class="figure">{money(l.unit_price)}</td>
                                                <td class="figure">{money(l.gross())}</td>
                                            }
                                        })}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
                {prices
                    .then(|| {
                        view! {
                            <tfoot>
                                {(order.totals.shipping.0 != 0)
                                    .then(|| {
                                        view! {
                                            <tr>
                                                <td colspan="5">{m.shipping}</td>
                                                <td class="figure">{money(order.totals.shipping)}</td>
                                            </tr>
                                        }
                                    })} <tr>
                                    <td colspan="5">{m.total}</td>
                                    <td class="figure">
                                        <strong>{money(order.totals.total)}</strong>
                                    </td>
                                </tr>
                                {(order.totals.tax.0 > 0)
                                    .then(|| {
                                        view! {
                                            <tr>
                                                <td colspan="5">{m.tax_included}</td>
                                                <td class="figure">{money(order.totals.tax)}</td>
                                            </tr>
                                        }
                                    })}
                                {(order.due().0 > 0)
                                    .then(|| {
                                        view! {
                                            <tr>
                                                <td colspan="5">{m.left_to_pay}</td>
                                                <td class="figure">
                                                    <strong>{money(order.due())}</strong>
                                                </td>
                                            </tr>
                                        }
                                    })}
                            </tfoot>
                        }
                    })}
            </table>
            <footer class="paper__foot">
                <p>{fill(m.items_count, &[&count.plain()])}</p>
                {(prices && !offered).then(|| view! { <p>{m.received_by} " ____________________"</p> })}
                {offered.then(|| view! { <p>{fill(m.quote_note, &[&app.full_moment(order.placed_at)])}</p> })}
            </footer>
        </article>
    }
}

/// What the printer is to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Printout {
    Slip(OrderId),
    Papers(Paper, Vec<OrderId>),
    /// So many of each.
    Labels(Vec<(VariantId, u32)>),
    /// A till's closing, by its tablet and number.
    Closing(Replica, u64),
}

impl App {
    /// Prints. That a paper was printed is written down first, so that every further one is marked as a copy.
    pub fn print(self, what: Printout) {
        match what {
            Printout::Papers(paper, orders) => {
                let command = crate::domain::decide::Command::Print { orders: orders.clone(), paper };
                self.dispatch(command, move |_| self.printout.set(Some(Printout::Papers(paper, orders))));
            }
            other => self.printout.set(Some(other)),
        }
    }
}
