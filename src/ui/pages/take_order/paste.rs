//! A pasted chat or e-mail: what was understood is marked, the rest stays to be read.

use leptos::prelude::*;

use super::{Counter, cart_line};
use crate::domain::customer::Person;
use crate::domain::order::CartLine;
use crate::domain::shop::channel::Channel;
use crate::i18n::fill;
use crate::import::chat::{Meaning, Piece, read};
use crate::ui::components::{Choice, Icon, TextField};
use crate::ui::state::app;

#[component]
pub fn Paste() -> impl IntoView {
    let app = app();
    let m = app.words();
    let counter: Counter = expect_context();
    let text = RwSignal::new(String::new());
    let channel = RwSignal::new(Channel::Phone);
    let pieces = Memo::new(move |_| {
        app.catalog.track();
        let index = app.index();
        text.with(|t| app.look(|l| read(t, &l.book, &index, app.now())))
    });
    let goods = move || pieces.with(|all| all.iter().filter(|p| matches!(p.meaning, Meaning::Goods { .. })).count());
    let take = move |_| {
        let found = pieces.get_untracked();
        let mut person = Person::default();
        let mut rest = Vec::new();
        let mut lines = Vec::new();
        let mut promised = None;
        for piece in found {
            match piece.meaning {
                Meaning::Goods { variant, quantity } => {
                    let line = app.look(|l| l.book.variant(variant).map(|(p, v)| (p.clone(), v.clone())));
                    lines.extend(line.map(|(p, v)| CartLine { quantity, ..cart_line(app, &p, &v) }));
                }
                Meaning::Name(name) => person.name = name,
                Meaning::Phone(phone) => person.phone = phone,
                Meaning::Email(email) => person.email = email,
                Meaning::Address(address) => person.address = address,
                Meaning::Promised(at) => promised = Some(at),
                Meaning::Rest => rest.push(piece.text),
            }
        }
        // Whoever is known by this number is not made a second time.
        let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
        let known = app.look(|l| {
            let wanted = digits(&person.phone);
            let mut all = l.book.customers.iter();
            all.find(|(_, c)| !wanted.is_empty() && digits(&c.person.phone) == wanted).map(|(id, _)| *id)
        });
        app.taken.set(None);
        app.with_carts(|c| {
            // It is an order of its own: what is in the cart is another customer's.
            if !c.open.is_empty() {
                let other = std::mem::take(&mut c.open);
                c.held.push(other);
            }
            for line in lines {
                c.open.add(line);
            }
            c.open.channel = channel.get_untracked();
            c.open.customer = known.or(c.open.customer);
            let delivery = c.open.delivery.get_or_insert_default();
            delivery.promised = promised.or(delivery.promised);
            if !person.address.is_empty() {
                delivery.method = crate::domain::order::Method::Delivery;
            }
            if c.open.customer.is_some() {
                delivery.recipient.address.clone_from(&person.address);
            } else if !person.called().is_empty() {
                c.open.new_customer = Some(person);
            }
            if !rest.is_empty() {
                let note = rest.join("\n");
                c.open.note = if c.open.note.is_empty() { note } else { format!("{}\n{note}", c.open.note) };
            }
        });
        counter.sheet.set(None);
    };
    let channels = [Channel::Phone, Channel::Email, Channel::Website, Channel::Marketplace];
    view! {
        <div class="form">
            <Choice
                options=channels.iter().map(|c| (*c, m.channel(*c).to_owned())).collect()
                value=channel
                choose=move |c| channel.set(c)
                label=m.channel_label
            />
            <TextField label=m.paste_text value=text long=true placeholder=m.paste_example />
            <ul class="plain pasted">
                {move || {
                    pieces
                        .get()
                        .into_iter()
                        .map(|piece| {
                            let (kind, said) = understood(&piece);
                            view! {
                                <li class="row" data-meaning=kind>
                                    <span class="row__main">{piece.text.clone()}</span>
                                    <span class="badge">{said}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <div class="form__do">
                <button
                    class="button button--primary"
                    data-paste-take=""
                    disabled=move || pieces.with(Vec::is_empty)
                    on:click=take
                >
                    <Icon name="check" />
                    <span>{move || fill(m.paste_take, &[&goods()])}</span>
                </button>
            </div>
        </div>
    }
}

/// What a piece was taken for, and in words.
fn understood(piece: &Piece) -> (&'static str, String) {
    let app = app();
    let m = app.words();
    match &piece.meaning {
        Meaning::Goods { variant, quantity } => {
            ("goods", format!("{} × {}", app.line_name(*variant), quantity.plain()))
        }
        Meaning::Name(_) => ("name", m.customer_name.to_owned()),
        Meaning::Phone(_) => ("phone", m.phone.to_owned()),
        Meaning::Email(_) => ("email", m.email.to_owned()),
        Meaning::Address(_) => ("address", m.address.to_owned()),
        Meaning::Promised(at) => ("promised", fill(m.promised_short, &[&app.full_moment(*at)])),
        Meaning::Rest => ("rest", m.note.to_owned()),
    }
}

/// What was scanned into the cart, each to be taken back.
#[component]
pub fn ScanLog() -> impl IntoView {
    let app = app();
    let m = app.words();
    let undo = move |at: usize| {
        let Some(scan) = app.scans.log.with_untracked(|log| log.get(at).cloned()) else { return };
        app.scans.log.update(|log| {
            log.remove(at);
        });
        app.with_carts(|c| {
            if let Some(i) = c.open.lines.iter().position(|l| l.variant == Some(scan.variant)) {
                let line = &mut c.open.lines[i];
                line.quantity = line.quantity.saturating_add(scan.quantity.saturating_neg());
                if line.quantity.0 <= 0 {
                    c.open.lines.remove(i);
                }
            }
        });
    };
    view! {
        {move || {
            app
                .scans
                .log
                .get()
                .into_iter()
                .enumerate()
                .map(|(at, scan)| {
                    view! {
                        <div class="row">
                            <span class="row__main">
                                {app.line_name(scan.variant)} " × " {scan.quantity.plain()}
                                <small>{scan.code.clone()}</small>
                            </span>
                            <span>{app.moment(scan.at)}</span>
                            <button class="button button--small" data-scan-undo="" on:click=move |_| undo(at)>
                                <Icon name="undo" />
                                <span>{m.undo}</span>
                            </button>
                        </div>
                    }
                })
                .collect_view()
        }}
    }
}
