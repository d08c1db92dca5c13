//! Orders that web shops hand in: what is written down of one that is new, and of one that comes again.
//!
//! Identifiers are derived from the shop's name and its reference, so a message that is repeated changes nothing.

use std::collections::HashMap;

use super::import::take_orders;
use crate::domain::book::Book;
use crate::domain::customer::Person;
use crate::domain::decide::{Context, Draft, automate, automation, relined};
use crate::domain::event::{
    DeliverySet, Event, OrderMarked, OrderPlaced, OrderVoided, PaymentRefunded, PaymentTaken, SourceKept,
};
use crate::domain::goods::gtin::Gtin;
use crate::domain::goods::price::{Buyer, Discount};
use crate::domain::order::rule::Trigger;
use crate::domain::order::{
    Cart, CartLine, EditReason, External, Happened, MOST_LABEL, Mark, Method, Order, OrderState, Recipient, Source,
    VoidReason,
};
use crate::domain::payment::{Payment, Refund};
use crate::domain::rejection::Rejection;
use crate::domain::shop::channel::Channel;
use crate::domain::shop::tender::Tender;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Id, LocationId, OrderId, PaymentId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;
use crate::domain::work::pricing;
use crate::import::web::{WebLine, WebOrder};
use crate::import::{ImportedOrder, clean};

/// The most bytes of a message that are kept beside the order.
pub const MOST_KEPT: usize = 64 * 1024;

/// An order as a web shop handed it in.
pub struct HandedIn {
    pub order: ImportedOrder,
    pub method: Method,
    pub promised: Option<Timestamp>,
    /// The message as it came: what Daybook has no place for is not lost.
    pub message: String,
    /// Hash of what the shop says of lines and sums, where the order here has more than that in it.
    pub said: Option<Hash>,
}

impl HandedIn {
    /// Gives an order the identifiers of the shop that handed it in, which may be one of several that speak alike.
    pub fn new(mut order: ImportedOrder, shop: &str, message: String) -> Self {
        let placed = &mut order.placed;
        if let Some(external) = &mut placed.external
            && external.source != shop
        {
            shop.clone_into(&mut external.source);
            placed.order = OrderId(Id::derived("order", shop, &external.reference));
            for p in &mut placed.payments {
                p.id = PaymentId(Id::derived("payment", shop, &external.reference));
            }
            for r in &mut placed.refunds {
                r.id = PaymentId(Id::derived("refund", shop, &external.reference));
            }
        }
        let method = if order.person.address.is_empty() { Method::PickUp } else { Method::Delivery };
        Self { order, method, promised: None, message, said: None }
    }

    /// Hashes what the shop says of lines and sums, as it said it: nothing of what it is called or costs here,
    /// and nothing personal.
    fn content(&self) -> Hash {
        let placed = &self.order.placed;
        self.said
            .unwrap_or_else(|| Hash::of(&[&postcard::to_stdvec(&(&placed.lines, placed.totals)).unwrap_or_default()]))
    }

    fn recipient(&self) -> Recipient {
        let p = &self.order.person;
        Recipient { name: p.name.clone(), phone: p.phone.clone(), address: p.address.clone() }
    }

    /// The message as it came, kept beside the order with what can change of it.
    fn keep(&self, draft: &mut Draft, cx: &mut Context<'_>) {
        let message = if self.message.len() <= MOST_KEPT { self.message.as_str() } else { "" };
        let data = draft.set_aside(&mut cx.salts, &message);
        draft.events.push(Event::SourceKept(SourceKept { order: self.id(), data, content: self.content() }));
    }

    pub fn id(&self) -> OrderId {
        self.order.placed.order
    }

    /// Events for an order that nobody knows yet. Rules and checks see it as any other that comes in.
    pub fn place(&self, book: &Book, cx: &mut Context<'_>, location: LocationId) -> Draft {
        let mut order = self.order.clone();
        // What the shop calls processing is to be checked here all the same.
        if order.placed.state == OrderState::Confirmed {
            order.placed.state = OrderState::Placed;
        }
        for payment in order.placed.payments.iter_mut().filter(|p| p.at == Timestamp::default()) {
            payment.at = cx.at;
        }
        let id = order.placed.order;
        let mut draft = take_orders(book, cx, &[&order], &book.skus(), location);
        if order.placed.state.open() {
            let recipient = self.recipient();
            let to = (!recipient.is_empty()).then(|| draft.set_aside(&mut cx.salts, &recipient));
            let delivery = DeliverySet { order: id, method: self.method, promised: self.promised, to };
            draft.events.push(Event::DeliverySet(delivery));
        }
        self.keep(&mut draft, cx);
        automate(book, &mut draft, cx);
        draft
    }

    /// Events for one that is known: what was changed there, money that came or went there meanwhile, and that it was
    /// called off.
    pub fn again(&self, book: &Book, known: &Order, words: Words<'_>, cx: &mut Context<'_>) -> Draft {
        let mut draft = Draft::default();
        let placed = &self.order.placed;
        let order = known.id;
        let off = placed.state == OrderState::Voided || known.state == OrderState::Voided;
        if !off {
            self.changed(book, known, words.changed, cx, &mut draft);
        }
        let edited =
            draft.events.iter().find_map(|e| if let Event::OrderEdited(e) = e { Some(e.totals) } else { None });
        let known = &Order { totals: edited.unwrap_or(known.totals), ..known.clone() };
        let reference = placed.external.as_ref().map(|e| format!("{}/{}", e.source, e.reference)).unwrap_or_default();
        let there = |tender: Tender| tender == Tender::Channel;
        let paid: Minor = placed.payments.iter().map(|p| p.amount).sum();
        let back: Minor = placed.refunds.iter().map(|r| r.amount).sum();
        let had: Minor = known.payments.iter().filter(|p| there(p.tender)).map(|p| p.amount).sum();
        let gave: Minor = known.refunds.iter().filter(|r| there(r.tender)).map(|r| r.amount).sum();
        let more = |now: Minor, before: Minor| Minor(now.0.saturating_sub(before.0));
        if paid > had {
            let id = PaymentId(Id::derived("payment", &reference, &paid.0.to_string()));
            let amount = more(paid, had);
            let payment = Payment {
                id,
                tender: Tender::Channel,
                amount,
                tendered: amount,
                reference: String::new(),
                at: cx.at,
                by: cx.by,
            };
            let mut after = known.clone();
            after.payments.push(payment.clone());
            draft.events.push(Event::PaymentTaken(PaymentTaken { order, payment, customer: None }));
            if known.handed_over.is_none() && after.due() <= Minor::ZERO && placed.state != OrderState::Voided {
                draft.events.extend(automation::run(book, Trigger::Paid, known, &mut after, None, cx.at));
            }
        }
        if back > gave {
            let id = PaymentId(Id::derived("refund", &reference, &back.0.to_string()));
            let refund = Refund { id, tender: Tender::Channel, amount: more(back, gave), at: cx.at, by: cx.by };
            draft.events.push(Event::PaymentRefunded(PaymentRefunded { order, refund }));
        }
        if placed.state == OrderState::Voided && known.state != OrderState::Voided {
            let left =
                known.paid().0.saturating_add(more(paid, had).0.max(0)).saturating_sub(more(back, gave).0.max(0));
            if known.handed_over.is_none() && left <= 0 {
                let voided = OrderVoided { order, reason: VoidReason::CustomerChangedMind, paid_seen: Minor::ZERO };
                draft.events.push(Event::OrderVoided(voided));
            } else {
                // Money or goods are out: a person has to see to it, and is told once.
                let reason: String = words.called_off.chars().take(MOST_LABEL).collect();
                if known
                    .fulfilment
                    .as_ref()
                    .is_none_or(|f| f.hold.as_ref() != Some(&reason) && !f.tags.contains(&reason))
                {
                    let gone = known.handed_over.is_some();
                    let mark = if gone { Mark::Tag { tag: reason, on: true } } else { Mark::Hold(Some(reason)) };
                    draft.events.push(Event::OrderMarked(OrderMarked { order, mark }));
                }
            }
        }
        draft
    }
}

/// Marks of an order of which a person has to see to what a shop says, in the store's own words.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub called_off: &'a str,
    pub changed: &'a str,
}

impl HandedIn {
    /// Other lines or another address in the shop. What is being packed, has left or was split stays as it is, and a
    /// person is told, once; lines that people changed here are put aside as a case with both versions, an address that
    /// they set is left alone.
    fn changed(&self, book: &Book, known: &Order, word: &str, cx: &mut Context<'_>, draft: &mut Draft) {
        let order = known.id;
        // Of orders of before it is not known what was said of them.
        let Some(Source { said, own, deliveries }) = known.source else {
            return self.keep(draft, cx);
        };
        let work = known.fulfilment.as_deref();
        let other_lines = said != self.content();
        let as_it_said = known.deliveries_set() == deliveries as usize;
        let delivery = work.and_then(|f| f.delivery.as_ref()).filter(|_| as_it_said);
        let elsewhere = delivery.filter(|d| d.recipient != self.recipient());
        if !other_lines && elsewhere.is_none() {
            return;
        }
        let parted = |why: &EditReason| matches!(why, EditReason::SplitInto(_) | EditReason::MergedFrom(_));
        let parted = known.history.iter().any(|e| matches!(&e.what, Happened::Edited { why, .. } if parted(why)));
        let under_way = !matches!(known.state, OrderState::Placed | OrderState::Confirmed | OrderState::Allocated);
        if known.handed_over.is_some() || under_way || (parted && other_lines) {
            let tag: String = word.chars().take(MOST_LABEL).collect();
            if work.is_none_or(|f| !f.tags.contains(&tag)) {
                draft.events.push(Event::OrderMarked(OrderMarked { order, mark: Mark::Tag { tag, on: true } }));
            }
        } else {
            if other_lines {
                let now = take_orders(book, cx, &[&self.order], &book.skus(), known.location);
                let Some(Event::OrderPlaced(now)) = now.events.into_iter().find(|e| matches!(e, Event::OrderPlaced(_)))
                else {
                    return;
                };
                // Whether it is still what the shop made of it.
                let seen = Some(known.hash()).filter(|hash| *hash == own);
                draft.events.extend(relined(book, known, now.lines, now.totals, seen));
            }
            if let Some(before) = elsewhere {
                let to = draft.set_aside(&mut cx.salts, &self.recipient());
                let promised = self.promised.or(before.promised);
                draft.events.push(Event::DeliverySet(DeliverySet {
                    order,
                    method: self.method,
                    promised,
                    to: Some(to),
                }));
            }
        }
        if other_lines || draft.events.iter().any(|e| matches!(e, Event::DeliverySet(_))) {
            self.keep(draft, cx);
        }
    }
}

/// Reads Daybook's own form. Prices that are left out are those of the website at that moment, promotions aside: the
/// customer was told of none.
///
/// # Errors
/// What is missing or cannot be read.
pub fn read_web_order(
    book: &Book,
    shop: &str,
    web: &WebOrder,
    message: String,
    at: Timestamp,
) -> Result<HandedIn, Rejection> {
    let profile = book.profile();
    let reference = clean(&web.reference);
    let reference = reference.as_str();
    if reference.is_empty() {
        return Err(Rejection::Flaw(Flaw::Empty { field: Field::Name }));
    }
    let amount = |text: &str| match text.trim() {
        "" => Ok(Minor::ZERO),
        text => profile.currency.parse(text).map_err(|_| Rejection::Flaw(Flaw::NotAnAmount { field: Field::Amount })),
    };
    let skus = book.skus();
    let lines = web.lines.iter().map(|line| read_line(book, &skus, line, at)).collect::<Result<Vec<_>, _>>()?;
    let cart = Cart { lines, shipping: amount(&web.shipping)?, channel: Channel::Website, ..Cart::default() };
    let priced = cart.price(profile.prices_include_tax)?;
    let paid = amount(&web.paid)?;
    let payments = if paid > Minor::ZERO {
        let id = PaymentId(Id::derived("payment", shop, reference));
        vec![Payment {
            id,
            tender: Tender::Channel,
            amount: paid,
            tendered: paid,
            reference: String::new(),
            at: Timestamp::default(),
            by: crate::domain::shop::staff::FIRST,
        }]
    } else {
        Vec::new()
    };
    let placed = OrderPlaced {
        order: OrderId(Id::derived("order", shop, reference)),
        number: reference.chars().take(40).collect(),
        channel: Channel::Website,
        external: Some(External { source: shop.to_owned(), reference: reference.to_owned() }),
        placed_at: None,
        location: crate::domain::shop::location::FIRST,
        currency: profile.currency,
        prices_include_tax: profile.prices_include_tax,
        customer: None,
        note: None,
        lines: priced.lines,
        totals: priced.totals,
        state: OrderState::Placed,
        payments,
        refunds: Vec::new(),
        offers: Vec::new(),
        kits: Vec::new(),
    };
    let person = Person {
        name: clean(&web.customer.name),
        phone: clean(&web.customer.phone),
        email: clean(&web.customer.email),
        address: clean(&web.customer.address),
        note: String::new(),
    };
    let order = ImportedOrder {
        placed,
        person,
        note: web.note.trim().chars().take(crate::domain::decide::MOST_NOTE).collect(),
        line: 1,
    };
    let mut handed = HandedIn::new(order, shop, message);
    handed.method = web.delivery.unwrap_or(handed.method);
    handed.promised = Timestamp::parse(&web.promised_at);
    let of_line =
        |l: &'_ WebLine| [&l.sku, &l.barcode, &l.name, &l.quantity, &l.unit_price].map(|t| t.as_str().to_owned());
    let said: Vec<String> = web.lines.iter().flat_map(of_line).chain([web.shipping.as_str().to_owned()]).collect();
    handed.said = Some(Hash::of(&[said.join("\u{1f}").as_bytes()]));
    Ok(handed)
}

fn read_line(
    book: &Book,
    skus: &HashMap<String, VariantId>,
    line: &WebLine,
    at: Timestamp,
) -> Result<CartLine, Rejection> {
    let quantity = if line.quantity.trim().is_empty() { Some(Quantity::ONE) } else { Quantity::parse(&line.quantity) };
    let quantity = quantity.ok_or(Rejection::Flaw(Flaw::Negative { field: Field::Quantity }))?;
    let by_barcode = || {
        let wanted = Gtin::parse(&line.barcode)?;
        let mut all = book.products.iter().flat_map(|(_, p)| &p.variants);
        all.find(|v| Gtin::parse(&v.barcode) == Some(wanted)).map(|v| v.id)
    };
    let variant = skus.get(line.sku.trim()).filter(|_| !line.sku.trim().is_empty()).copied().or_else(by_barcode);
    let known = variant.and_then(|v| book.variant(v));
    let price = match (line.unit_price.trim(), known) {
        ("", Some((_, v))) => {
            let buyer = Buyer { channel: Channel::Website, group: String::new(), at };
            pricing::listed(book, &buyer, v.id, quantity, v.price).map_or(v.price, |(price, _)| price)
        }
        ("", None) => return Err(Rejection::Flaw(Flaw::Empty { field: Field::Price })),
        (text, _) => book
            .profile()
            .currency
            .parse(text)
            .map_err(|_| Rejection::Flaw(Flaw::NotAnAmount { field: Field::Price }))?,
    };
    let rate =
        known.and_then(|(p, _)| book.rate(p)).or_else(|| book.profile().usual_tax.and_then(|t| book.taxes.get(&t)));
    Ok(CartLine {
        variant,
        name: known.map_or_else(|| clean(&line.name), |(p, v)| p.line_name(v)),
        sku: clean(&line.sku),
        unit: known.map_or(Unit::Piece, |(p, _)| p.unit),
        quantity,
        unit_price: price,
        discount: Discount::default(),
        tax_id: rate.map(|r| r.id),
        rate_bp: rate.map_or(0, |r| r.at(at)),
    })
}
