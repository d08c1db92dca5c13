//! After-sales: goods of single lines come back, money goes back.

use leptos::prelude::*;

use super::Sheet;
use crate::domain::decide::Command;
use crate::domain::order::{Order as Record, ReturnReason};
use crate::domain::shop::tender::Tender;
use crate::domain::value::id::LocationId;
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::{AmountField, Choice, Dialog, QuantityField, SelectField};
use crate::ui::state::app;

/// How the money for goods goes back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Money {
    SameWay,
    Credit,
    Not,
}

/// What is chosen for goods that cannot be sold again; no place is called like that.
const NOWHERE: &str = "-";

#[component]
pub fn ReturnSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let (id, currency) = (order.id, order.currency);
    let rows: Vec<(u16, String, String, RwSignal<String>)> = order
        .lines
        .iter()
        .enumerate()
        .filter(|(i, _)| order.kept_of(*i) > Quantity::ZERO)
        .map(|(i, l)| {
            let kept = order.kept_of(i);
            (
                i as u16,
                l.name.clone(),
                fill(m.return_kept, &[&app.quantity(kept, l.unit)]),
                RwSignal::new("0".to_owned()),
            )
        })
        .collect();
    if let [(at, _, _, only)] = rows.as_slice() {
        only.set(order.kept_of(usize::from(*at)).min(Quantity::ONE).plain());
    }
    let fields = StoredValue::new(rows.iter().map(|(at, _, _, text)| (*at, *text)).collect::<Vec<_>>());
    let why = RwSignal::new(ReturnReason::default());
    let mut places: Vec<(String, String)> =
        untrack(|| app.places().get()).into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    places.push((NOWHERE.to_owned(), m.return_nowhere.to_owned()));
    let to = RwSignal::new(order.handed_over.unwrap_or(app.location()).to_string());
    let paid = order.paid() > Minor::ZERO;
    let mut ways = Vec::new();
    if paid {
        ways.push((Money::SameWay, m.return_same_way.to_owned()));
        ways.extend(order.customer.map(|_| (Money::Credit, m.tender(Tender::StoreCredit).to_owned())));
    }
    ways.push((Money::Not, m.return_no_money.to_owned()));
    let money = RwSignal::new(if paid { Money::SameWay } else { Money::Not });
    let known = StoredValue::new(order.clone());
    let read = move || -> Option<Vec<(u16, Quantity)>> {
        let each = fields.get_value().into_iter().map(|(at, text)| {
            let text = text.get();
            let quantity = if text.trim().is_empty() { Some(Quantity::ZERO) } else { Quantity::parse(&text) }?;
            let fits = quantity >= Quantity::ZERO && known.with_value(|o| quantity <= o.kept_of(usize::from(at)));
            fits.then_some((at, quantity))
        });
        let goods: Vec<(u16, Quantity)> = each.collect::<Option<_>>()?;
        Some(goods.into_iter().filter(|(_, q)| *q > Quantity::ZERO).collect())
    };
    // What of it is to go back, and what it had cost.
    let back = Memo::new(move |_| {
        let goods = read()?;
        known.with_value(|o| {
            let after = o.after_return(&goods, ReturnReason::default());
            let worth = Minor(after.returned().0 - o.returned().0);
            let due = after.owed_back().min(after.paid());
            let ways = match money.get() {
                Money::SameWay => after.ways_back(due),
                Money::Credit if due > Minor::ZERO => vec![(Tender::StoreCredit, due)],
                Money::Credit | Money::Not => Vec::new(),
            };
            Some((goods.clone(), worth, ways))
        })
    });
    let save = move || {
        let Some((goods, _, refund)) = back.get_untracked() else { return };
        let location = to.get_untracked().parse::<LocationId>().ok();
        let command = Command::Return { order: id, goods, why: why.get_untracked(), location, refund };
        app.dispatch(command, move |_| sheet.set(None));
    };
    let nothing = move || back.with(|b| b.as_ref().is_none_or(|(goods, _, _)| goods.is_empty()));
    view! {
        <Dialog title=fill("{} · {}", &[&m.return_goods, &order.number]) close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <p class="form__note">{m.take_back_text}</p>
                {rows
                    .into_iter()
                    .map(|(at, name, kept, field)| {
                        view! {
                            <div class="form__pair edit-line" data-return-line=at.to_string()>
                                <span>{name}<small>{kept}</small></span>
                                <QuantityField label=m.quantity value=field />
                            </div>
                        }
                    })
                    .collect_view()}
                <Choice
                    options=ReturnReason::ALL.iter().map(|r| (*r, m.return_reason(*r).to_owned())).collect()
                    value=why
                    choose=move |r| why.set(r)
                    label=m.return_why
                />
                <SelectField label=m.return_to options=places value=to />
                <span class="field__label">{m.return_money}</span>
                <Choice options=ways value=money choose=move |w| money.set(w) label=m.return_money />
                {move || {
                    back
                        .with(|b| {
                            let (_, _, ways) = b.as_ref()?;
                            let (tender, _) = ways.iter().find(|(t, _)| t.goes_back_by_hand())?;
                            Some(view! { <p class="form__note">{fill(m.refund_by_hand, &[&m.tender(*tender)])}</p> })
                        })
                }}
                // What it comes to is seen with the button.
                <div class="form__do">
                    {move || {
                        back
                            .with(|b| match b {
                                None => {
                                    view! {
                                        <p class="trouble" role="alert">
                                            {m.bad_quantity}
                                        </p>
                                    }
                                        .into_any()
                                }
                                Some((_, worth, ways)) => {
                                    let parts: Vec<String> = ways
                                        .iter()
                                        .map(|(t, a)| format!("{} {}", m.tender(*t), app.money(currency, *a)))
                                        .collect();
                                    view! {
                                        <p class="cart__total">
                                            <span>{fill(m.return_worth, &[&app.money(currency, *worth)])}</span>
                                            <strong data-return-money="">{parts.join(" + ")}</strong>
                                        </p>
                                    }
                                        .into_any()
                                }
                            })
                    }} <button class="button button--primary" type="submit" data-return-go="" disabled=nothing>
                        {m.return_goods}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
pub fn RefundSheet(order: Record, sheet: RwSignal<Option<Sheet>>) -> impl IntoView {
    let app = app();
    let m = app.words();
    let (id, currency, most) = (order.id, order.currency, order.paid());
    // The way it came first; store credit needs a customer; cash for what came otherwise is the owner's word.
    let mut tenders: Vec<Tender> =
        order.ways_back(most).into_iter().map(|(t, _)| t).filter(|t| *t != Tender::Channel).collect();
    if order.customer.is_some() {
        tenders.push(Tender::StoreCredit);
    }
    tenders.push(Tender::Cash);
    let mut seen = std::collections::HashSet::new();
    tenders.retain(|t| seen.insert(*t));
    let first = tenders.first().copied().unwrap_or_default();
    let tender = RwSignal::new(first);
    // What is owed back, where something is.
    let owed = order.owed_back();
    let at_first = if owed > Minor::ZERO { owed } else { most };
    // Paid on another system, none of it came by a way that is offered here.
    let same_way = if first == Tender::StoreCredit { most } else { order.came_by(first).min(most) };
    let at_first = if same_way > Minor::ZERO { at_first.min(same_way) } else { at_first };
    let amount = RwSignal::new(currency.plain(at_first.max(Minor::ZERO)));
    let known = StoredValue::new(order.clone());
    let read = move || currency.parse(&amount.get()).ok().filter(|a| a.0 > 0 && *a <= most);
    let save = move || {
        if let Some(amount) = untrack(read) {
            app.dispatch(Command::Refund { order: id, tender: tender.get_untracked(), amount }, move |_| {
                sheet.set(None);
            });
        }
    };
    let other_way = move || read().is_some_and(|a| known.with_value(|o| !o.goes_back_as_it_came(tender.get(), a)));
    view! {
        <Dialog title=fill("{} · {}", &[&m.refund, &order.number]) close=move || sheet.set(None)>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <p class="form__note">{fill(m.refund_most, &[&app.money(currency, most)])}</p>
                <Choice
                    options=tenders.iter().map(|t| (*t, m.tender(*t).to_owned())).collect()
                    value=tender
                    choose=move |t| tender.set(t)
                    label=m.refund
                />
                <AmountField label=m.amount value=amount />
                {move || {
                    read()
                        .is_none()
                        .then(|| {
                            view! {
                                <p class="trouble" role="alert">
                                    {m.bad_amount}
                                </p>
                            }
                        })
                }}
                {move || {
                    tender
                        .get()
                        .goes_back_by_hand()
                        .then(|| {
                            view! { <p class="form__note">{fill(m.refund_by_hand, &[&m.tender(tender.get())])}</p> }
                        })
                }}
                {move || other_way().then(|| view! { <p class="form__note">{m.refund_other_way}</p> })}
                <div class="form__do">
                    <button class="button button--primary" type="submit" disabled=move || read().is_none()>
                        {m.refund}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
