//! One variant's stock: every location, the latest movements, and receive, count, write off, transfer.

use leptos::prelude::*;

use super::batches::{Batches, LotFields};
use super::levels::Room;
use crate::domain::decide::Command;
use crate::domain::stock::batch::Lot;
use crate::domain::stock::lease::{Lease, Scarcity};
use crate::domain::stock::{Adjustment, Movement, Reason};
use crate::domain::value::id::{Replica, VariantId, prefix};
use crate::domain::value::quantity::Quantity;
use crate::i18n::fill;
use crate::ui::components::{
    Alert, Choice, Dialog, LabelChoice, MOST_LABELS, PackChips, Printout, QuantityField, SelectField, TextField,
};
use crate::ui::state::{App, app};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doing {
    Receive,
    Count,
    WriteOff,
    Transfer,
    Labels,
}

#[component]
pub fn VariantSheet(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let room: Room = expect_context();
    let name = app.look(|l| l.book.variant(variant).map(|(p, v)| p.line_name(v))).unwrap_or_default();
    let unit = app.look(|l| l.book.variant(variant).map(|(p, _)| p.unit)).unwrap_or_default();
    let doing = RwSignal::new(Doing::Receive);
    let quantity = RwSignal::new(String::new());
    let why = RwSignal::new("0".to_owned());
    let to = RwSignal::new(String::new());
    let lot = LotFields::new(&Lot::default());
    let trouble = RwSignal::new(None::<&'static str>);
    let places = app.places();
    let save = move || {
        let Some(amount) = quantity.with_untracked(|q| Quantity::parse(q)) else {
            trouble.set(Some(m.bad_quantity));
            return;
        };
        trouble.set(None);
        let location = room.location.get_untracked();
        let command = match doing.get_untracked() {
            Doing::Labels => {
                let count = u32::try_from(amount.0 / 1000).unwrap_or_default().clamp(1, MOST_LABELS);
                app.print(Printout::Labels(vec![(variant, count)]));
                return;
            }
            Doing::Receive => {
                let Some(lot) = lot.read() else {
                    trouble.set(Some(m.bad_quantity));
                    return;
                };
                Command::ReceiveLot { location, variant, quantity: amount, lot }
            }
            Doing::Count => Command::Count { location, variant, counted: amount },
            Doing::WriteOff => {
                let why = why
                    .with_untracked(|w| w.parse::<usize>().ok())
                    .and_then(|i| Adjustment::ALL.get(i).copied())
                    .unwrap_or(Adjustment::Lost);
                Command::Adjust { location, variant, lost: amount, why }
            }
            Doing::Transfer => {
                let Some(to) = to.with_untracked(|t| t.parse().ok()).filter(|t| *t != location) else {
                    trouble.set(Some(m.choose_location));
                    return;
                };
                Command::Transfer { from: location, to, variant, quantity: amount }
            }
        };
        // What waited for goods gets what came, the first in turn first.
        let came = matches!(command, Command::ReceiveLot { .. } | Command::Count { .. } | Command::Transfer { .. });
        app.dispatch(command, move |_| {
            if came {
                app.allocate_all();
            }
            quantity.set(String::new());
            lot.code.set(String::new());
            lot.expires.set(String::new());
            app.say(m.saved.to_owned(), false);
        });
    };
    let doings = vec![
        (Doing::Receive, m.receive.to_owned()),
        (Doing::Count, m.count.to_owned()),
        (Doing::WriteOff, m.write_off.to_owned()),
        (Doing::Transfer, m.transfer.to_owned()),
        (Doing::Labels, m.labels.to_owned()),
    ];
    let others = move || {
        let here = room.location.get();
        let mut options = vec![(String::new(), m.choose_location.to_owned())];
        options.extend(places.get().into_iter().filter(|(id, _)| *id != here).map(|(id, name)| (id.to_string(), name)));
        options
    };
    view! {
        <Dialog title=name close=move || room.open.set(None)>
            <ul class="plain levels">
                {move || {
                    app.stock.track();
                    app.documents.track();
                    places
                        .get()
                        .into_iter()
                        .map(|(id, name)| {
                            let place = (variant, id);
                            let (level, allocated, available, incoming) = app
                                .look(|l| {
                                    let b = &l.book;
                                    (b.level(place).on_hand, b.allocated(place), b.available(place), b.incoming(place))
                                });
                            let mut more = Vec::new();
                            if allocated.0 != 0 {
                                more.push(format!("{} {}", m.set_aside_for_orders, app.quantity(allocated, unit)));
                            }
                            if available != level {
                                more.push(format!("{} {}", m.available, app.quantity(available, unit)));
                            }
                            if incoming.0 != 0 {
                                more.push(format!("{} {}", m.incoming, app.quantity(incoming, unit)));
                            }
                            let here = id == room.location.get();
                            view! {
                                <li class="row" data-here=here.then_some("")>
                                    <span class="row__main">{name}<small>{more.join(" · ")}</small></span>
                                    <strong class="row__figure" data-level=super::super::take_order::level_word(level)>
                                        {app.quantity(level, unit)}
                                    </strong>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <Choice
                    options=doings
                    value=doing
                    choose=move |d| {
                        trouble.set(None);
                        doing.set(d);
                    }
                    label=m.stock
                />
                {move || {
                    (doing.get() == Doing::WriteOff)
                        .then(|| {
                            let options = Adjustment::ALL
                                .iter()
                                .enumerate()
                                .map(|(i, a)| (i.to_string(), reason(app, &a.reason())))
                                .collect();
                            view! { <SelectField label=m.reason options value=why /> }
                        })
                }}
                {move || {
                    (doing.get() == Doing::Transfer)
                        .then(|| view! { <SelectField label=m.transfer_to options=others() value=to /> })
                }}
                {move || {
                    let label = match doing.get() {
                        Doing::Count => m.counted,
                        Doing::Labels => m.labels_count,
                        _ => m.quantity,
                    };
                    view! { <QuantityField label=label value=quantity /> }
                }}
                <PackChips variant value=quantity />
                {move || (doing.get() == Doing::Labels).then(|| view! { <LabelChoice /> })}
                {move || {
                    (doing.get() == Doing::Receive)
                        .then(|| {
                            view! {
                                <div class="form__pair">
                                    <TextField label=m.lot value=lot.code />
                                    <TextField label=m.expires value=lot.expires kind="date" />
                                </div>
                            }
                        })
                }}
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button button--primary" type="submit" data-stock-save="">
                        {move || if doing.get() == Doing::Labels { m.print_labels } else { m.save }}
                    </button>
                </div>
            </form>
            <Batches variant />
            <Scarce variant />
            <h3>{m.movements}</h3>
            <ol class="history">
                {move || {
                    app.stock.track();
                    let found: Vec<Movement> = app
                        .look(|l| l.book.movements().filter(|x| x.variant == variant).take(40).cloned().collect());
                    if found.is_empty() {
                        return view! { <li class="quiet">{m.no_movements}</li> }.into_any();
                    }
                    found
                        .into_iter()
                        .map(|x| {
                            let place = app
                                .look(|l| l.book.locations.get(&x.location).map(|p| p.name.clone()))
                                .unwrap_or_default();
                            let sign = if x.change.0 > 0 { "+" } else { "" };
                            view! {
                                <li>
                                    <time>{app.moment(x.at)}</time>
                                    <span>{reason(app, &x.reason)} " · " {place}</span>
                                    <strong class="figure">{sign} {app.quantity(x.change, unit)}</strong>
                                </li>
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </ol>
        </Dialog>
    }
}

/// Says whether a variant is scarce, and what of it is set aside for whom.
#[component]
fn Scarce(variant: VariantId) -> impl IntoView {
    let app = app();
    let m = app.words();
    let room: Room = expect_context();
    let own = app.look(|l| l.identity.as_ref().map(|i| i.replica)).unwrap_or_default();
    let scarcity = Memo::new(move |_| {
        app.settings.track();
        app.look(|l| l.book.scarce.get(&variant).copied().flatten())
    });
    let leases = Memo::new(move |_| {
        app.tills.track();
        let place = (variant, room.location.get());
        let mut all: Vec<(Replica, Quantity)> = app.look(|l| {
            let here = l.book.leases.iter().filter(|((p, _), left)| *p == place && **left > Quantity::ZERO);
            here.map(|((_, replica), left)| (*replica, *left)).collect()
        });
        all.sort();
        all
    });
    let kinds = vec![
        (None, m.scarce_no.to_owned()),
        (Some(Scarcity::Warn), m.scarce_warn.to_owned()),
        (Some(Scarcity::Block), m.scarce_block.to_owned()),
    ];
    let quantity = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let lease = move |replica, quantity| {
        Command::SetAside(Lease { variant, location: room.location.get_untracked(), replica, quantity })
    };
    let save = move || {
        let Some(amount) = quantity.with_untracked(|q| Quantity::parse(q)) else {
            trouble.set(Some(m.bad_quantity));
            return;
        };
        trouble.set(None);
        app.dispatch(lease(own, amount), move |_| quantity.set(String::new()));
    };
    view! {
        <h3>{m.scarce}</h3>
        <p class="quiet">{m.scarce_text}</p>
        <Choice
            options=kinds
            value=scarcity
            choose=move |scarcity| {
                app
                    .dispatch(
                        Command::SetScarcity {
                            variant,
                            scarcity,
                        },
                        |_| {},
                    );
            }
            label=m.scarce
        />
        <Show when=move || scarcity.get().is_some()>
            <ul class="plain">
                {move || {
                    leases
                        .get()
                        .into_iter()
                        .map(|(replica, left)| {
                            view! {
                                <li class="row" data-lease=replica.to_string()>
                                    <span class="row__main">
                                        {fill(m.set_aside_for, &[&prefix(replica), &left.plain()])}
                                    </span>
                                    <button
                                        class="button button--small"
                                        on:click=move |_| app.dispatch(lease(replica, Quantity::ZERO), |_| {})
                                    >
                                        {m.give_free}
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <form
                class="form"
                on:submit=move |e| {
                    e.prevent_default();
                    save();
                }
            >
                <QuantityField label=m.set_aside value=quantity />
                <Alert text=trouble />
                <div class="form__do">
                    <button class="button" type="submit">
                        {m.save}
                    </button>
                </div>
            </form>
        </Show>
    }
}

fn reason(app: App, reason: &Reason) -> String {
    let m = app.words();
    let number = |order| {
        app.look(|l| l.columns.row(order).and_then(|r| l.columns.summary(r)).map(|s| s.number)).unwrap_or_default()
    };
    let place = |id| app.look(|l| l.book.locations.get(&id).map(|p| p.name.clone())).unwrap_or_default();
    match reason {
        Reason::Received => m.reason_received.to_owned(),
        Reason::Sold(order) => fill(m.reason_sold, &[&number(*order)]),
        Reason::Returned(order) => fill(m.reason_returned, &[&number(*order)]),
        Reason::Damaged => m.reason_damaged.to_owned(),
        Reason::Expired => m.reason_expired.to_owned(),
        Reason::Lost => m.reason_lost.to_owned(),
        Reason::OwnUse => m.reason_own_use.to_owned(),
        Reason::Counted { expected } => fill(m.reason_counted, &[&expected.plain()]),
        Reason::Opening => m.reason_opening.to_owned(),
        Reason::TransferOut(to) => fill(m.reason_transfer_out, &[&place(*to)]),
        Reason::TransferIn(from) => fill(m.reason_transfer_in, &[&place(*from)]),
    }
}
