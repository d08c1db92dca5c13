//! What may happen. A command is checked against the book and becomes events, or a reason why not.
//!
//! What a tablet decided is checked again on the server ([`crate::domain::event::check`]), which trusts no tablet.

pub mod automation;
mod cases;
mod catalogue;
mod command;
mod documents;
mod fulfilment;
mod orders;
mod returns;
mod stock;

pub use command::{Command, Money};

pub use fulfilment::relined;
pub use orders::automate;

use cases::{settle, take_put_aside};
use catalogue::{customer_event, save_product};
use orders::{
    check_note, matched, note, over_the_counter, pay, payment_event, place, place_and_ask, set_customer, take_step,
    tell, undo_step, void, waits_at_the_counter,
};
use returns::{refund, refund_event};
use stock::{count, move_goods, receive};

use crate::domain::book::case::CaseKind;
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, known_location};
use crate::domain::event::check::{check_all, check_events, with_approval};
use crate::domain::event::{
    AccountSet, BatchesSet, Body, CaseResolved, Event, HeldAccepted, LotReceived, MessageSent, PacksSet, PriceSet,
    ScarcitySet, SettingEdited, SourcingSet, TillClosed, TillOpened, Transaction,
};
use crate::domain::order::rule::Rule;
use crate::domain::order::{MOST_MESSAGES, Order, OrderState, by_rate};
use crate::domain::payment::till::{CashMove, Counted, Shift};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::shop::tax::RateSum;
use crate::domain::stock::Reason;
use crate::domain::stock::batch::Batch;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Id, IdSource, LocationId, OrderId, Replica, StaffId, TaxId};
use crate::domain::value::part::{Part, Parts, PersonalRef};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// The most characters of a free note.
pub const MOST_NOTE: usize = 2_000;

/// Everything that a decision needs beside the book: who, when, and where new identifiers come from.
pub struct Context<'a> {
    pub at: Timestamp,
    pub by: StaffId,
    /// The person who agreed to it, beside `by`.
    pub approved: Option<StaffId>,
    pub ids: &'a mut IdSource,
    /// Says whether this tablet does not hear what others sell.
    pub offline: bool,
    pub salts: Salts,
}

/// Salts for detached parts, drawn from one random seed.
pub struct Salts {
    pub seed: [u8; 32],
    pub taken: u64,
}

impl Salts {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, taken: 0 }
    }

    pub fn take(&mut self) -> Hash {
        self.taken += 1;
        Hash::of(&[&self.seed, &self.taken.to_be_bytes()])
    }
}

/// Events that are to be written down together, with what is personal beside them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    pub events: Vec<Event>,
    pub parts: Parts,
}

impl Draft {
    /// Sets something personal aside and says how an event points to it.
    pub fn set_aside<T: serde::Serialize>(&mut self, salts: &mut Salts, data: &T) -> PersonalRef {
        let part = Part { salt: salts.take(), data: serde_json::to_string(data).unwrap_or_default() };
        let reference = PersonalRef { pd: format!("p{}", self.parts.len() + 1), ph: part.hash() };
        self.parts.insert(reference.pd.clone(), part);
        reference
    }
}

/// Turns a command into events.
///
/// # Errors
/// The reason why it may not happen; nothing has changed then.
pub fn decide(book: &Book, command: Command, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    let role = role_of(book, cx)?;
    match command {
        Command::Place { cart, number, location, money, hand_over } => {
            place(book, cx, cart, number, location, money, hand_over)
        }
        Command::PlaceAndAsk { cart, number, location, tender } => {
            place_and_ask(book, cx, cart, number, location, tender)
        }
        Command::Pay { order, money } => pay(book, find(book, order)?, money, role, cx),
        Command::Refund { order, tender, amount } => refund(find(book, order)?, tender, amount, role, cx),
        Command::Return { order, goods, why, location, refund } => {
            returns::take_back(book, find(book, order)?, goods, why, location, &refund, role, cx)
        }
        Command::SetCustomer { order, customer, new } => set_customer(book, find(book, order)?, customer, new, cx),
        Command::Tell { order, text } => tell(find(book, order)?, text),
        Command::Told { order, sent } => {
            let seen = find(book, order)?.messages.len().min(MOST_MESSAGES) as u16;
            one(Event::MessageSent(MessageSent { order, sent, seen }))
        }
        Command::Step { order, to, location } => take_step(book, find(book, order)?, to, location, role, cx),
        Command::UndoStep { order, to } => undo_step(find(book, order)?, to),
        Command::Void { order, reason } => void(find(book, order)?, reason, role, cx),
        Command::Note { order, text } => note(find(book, order)?.id, &text, cx),
        Command::Receive { location, goods } => receive(book, location, &goods, cx),
        Command::ReceiveLot { location, variant, quantity, lot } => {
            let mut draft = receive(book, location, &[(variant, quantity)], cx)?;
            if !lot.is_empty() {
                let batch = Batch { lot, quantity };
                draft.events.push(Event::LotReceived(LotReceived { variant, location, batch }));
            }
            Ok(draft)
        }
        Command::SetBatches { location, variant, batches } => {
            known_location(book, location)?;
            one(Event::BatchesSet(BatchesSet { variant, location, batches }))
        }
        Command::SetKit(kit) => one(Event::KitSet(kit)),
        Command::SetPacks { variant, packs } => one(Event::PacksSet(PacksSet { variant, packs })),
        Command::Adjust { location, variant, lost, why } => {
            let change = positive(lost)?.saturating_neg();
            one(move_goods(book, variant, location, change, why.reason(), cx)?)
        }
        Command::Count { location, variant, counted } => count(book, location, variant, counted),
        Command::Transfer { from, to, variant, quantity } => {
            let quantity = positive(quantity)?;
            let out = move_goods(book, variant, from, quantity.saturating_neg(), Reason::TransferOut(to), cx)?;
            let back = move_goods(book, variant, to, quantity, Reason::TransferIn(from), cx)?;
            Ok(Draft { events: vec![out, back], ..Draft::default() })
        }
        Command::SaveProduct { product, seen } => save_product(product, seen, cx),
        Command::SetScarcity { variant, scarcity } => one(Event::ScarcitySet(ScarcitySet { variant, scarcity })),
        Command::SetAside(lease) => one(Event::LeaseSet(lease)),
        Command::SetPrice { variant, price } => {
            let was = book.variant(variant).map(|(_, v)| v.price);
            one(Event::PriceSet(PriceSet { variant, price, was }))
        }
        Command::SaveCustomer { customer, person, seen } => {
            let mut draft = Draft::default();
            customer_event(&mut draft, customer, &person, seen.as_ref(), cx)?;
            Ok(draft)
        }
        Command::SaveProfile(profile) => one(Event::ProfileSet(profile)),
        Command::SaveTaxRate(mut rate) => {
            if rate.id == TaxId::default() {
                rate.id = TaxId(cx.ids.take());
            }
            one(Event::TaxRateSet(rate))
        }
        Command::SaveLocation(mut location) => {
            if location.id == LocationId::default() {
                location.id = LocationId(cx.ids.take());
            }
            one(Event::LocationSet(location))
        }
        Command::SaveStaff(mut staff) => {
            if staff.id == StaffId::default() {
                staff.id = StaffId(cx.ids.take());
            }
            one(Event::StaffSet(staff))
        }
        Command::SettleCase { case, order } => settle(book, case, order, role, cx),
        Command::OpenTill { float } => match shift(book, cx) {
            Some(_) => Err(Rejection::TillOpen),
            None => one(Event::TillOpened(TillOpened { float })),
        },
        Command::MoveCash { amount, reason } => {
            shift(book, cx).ok_or(Rejection::TillClosed)?;
            one(Event::CashMoved(CashMove { amount, reason: reason.trim().to_owned(), at: cx.at, by: cx.by }))
        }
        Command::CloseTill { counted, left, taxes } => {
            shift(book, cx).ok_or(Rejection::TillClosed)?;
            let counted: Vec<Counted> = counted.into_iter().filter(|c| c.pieces > 0).collect();
            one(Event::TillClosed(TillClosed { counted, left, taxes }))
        }
        Command::SetDelivery { order, delivery } => {
            let mut draft = Draft::default();
            fulfilment::set_delivery(&mut draft, find(book, order)?.id, &delivery, cx)?;
            Ok(draft)
        }
        Command::Mark { order, mark } => fulfilment::mark(find(book, order)?, mark),
        Command::Allocate(order) => fulfilment::allocate_one(book, find(book, order)?, false),
        Command::AllocateFrom { order, line, location } => {
            fulfilment::allocate_by_hand(book, find(book, order)?, line, location)
        }
        Command::Release(order) => fulfilment::release(find(book, order)?),
        Command::AllocateAll(orders) => Ok(fulfilment::allocate_all(book, &orders)),
        Command::Edit { order, cart } => fulfilment::edit(book, find(book, order)?, &cart, role),
        Command::Split { order, take, number } => fulfilment::split(book, find(book, order)?, &take, number, cx),
        Command::Merge { into, from } => {
            let (into, from) = fulfilment::both(book, into, from)?;
            fulfilment::merge(book, into, from)
        }
        Command::Print { orders, paper } => fulfilment::print(&orders, paper),
        Command::Send { from, to, goods } => documents::send(book, from, to, goods, cx),
        Command::Arrived { transfer, goods } => documents::receive_transfer(book, transfer, goods),
        Command::Purchase { supplier, location, lines, number } => {
            documents::purchase(book, supplier, location, lines, number, cx)
        }
        Command::Deliver { purchase, goods, last, lots } => {
            documents::receive_purchase(book, purchase, goods, last, &lots)
        }
        Command::SaveSupplier(mut supplier) => {
            if supplier.id == Id::default() {
                supplier.id = cx.ids.take();
            }
            one(Event::SupplierSet(supplier))
        }
        Command::OpenStocktake { location, category, blind } => {
            documents::open_stocktake(book, location, category, blind, cx)
        }
        Command::CountFor { stocktake, variant, counted } => documents::count_for(book, stocktake, variant, counted),
        Command::EndStocktake { stocktake, post } => documents::end_stocktake(book, stocktake, post, role),
        Command::SaveRule(mut rule) => {
            if rule.id == Id::default() {
                rule.id = cx.ids.take();
                // A new one comes last, also where they were put in an order.
                let last = book.rules.iter().map(|(_, r)| r.rank).max().unwrap_or_default();
                rule.rank = if last > 0 { last.saturating_add(1) } else { 0 };
            }
            one(Event::RuleSet(rule))
        }
        Command::OrderRules(ids) => {
            let rank = |id: &Id| ids.iter().position(|i| i == id).map(|at| at as u32 + 1);
            let moved = book
                .rules
                .iter()
                .filter_map(|(id, rule)| Some(Rule { rank: rank(id)?, ..rule.clone() }).filter(|r| r != rule));
            Ok(Draft { events: moved.map(Event::RuleSet).collect(), ..Draft::default() })
        }
        Command::SetSourcing(sourcing) => one(Event::SourcingSet(SourcingSet { sourcing })),
        Command::Match(pairs) => matched(book, pairs),
        Command::SavePriceList(mut list) => {
            if list.id == Id::default() {
                list.id = cx.ids.take();
            }
            one(Event::PriceListSet(list))
        }
        Command::SavePromotion(mut promotion) => {
            if promotion.id == Id::default() {
                promotion.id = cx.ids.take();
            }
            one(Event::PromotionSet(promotion))
        }
        Command::SetAccount { customer, limit, group } => one(Event::AccountSet(AccountSet { customer, limit, group })),
        Command::SettleAccount { customer, money } => fulfilment::settle_account(book, customer, money, cx),
        Command::Ask { order, tender, amount } => fulfilment::ask(find(book, order)?, tender, amount, cx),
        Command::Answer { order, attempt, outcome, reference } => {
            fulfilment::answer(book, find(book, order)?, attempt, outcome, reference, cx)
        }
        Command::TakePutAside(case) => take_put_aside(book, case, cx),
        Command::AcceptHeld(case) => match book.cases.get(&case).filter(|c| c.open).map(|c| &c.kind) {
            Some(CaseKind::HeldFacts { kept, .. }) => {
                one(Event::HeldAccepted(HeldAccepted { case, orders: kept.orders() }))
            }
            _ => Err(Rejection::Gone),
        },
        Command::AsSeen(seen, command) => decide(book, *command, cx).map(|mut draft| {
            for event in &mut draft.events {
                if let Event::SettingEdited(e) = event {
                    e.was = seen;
                }
            }
            draft
        }),
        Command::ResolveCase(case) => one(Event::CaseResolved(CaseResolved { case })),
    }
    .and_then(|mut draft| {
        for event in &mut draft.events {
            // What was there before says which it was, so that nobody's change is lost without a word.
            if let Some(now) = event.setting_now(book, Layer::Pending) {
                *event = Event::SettingEdited(SettingEdited { set: Box::new(event.clone()), was: now.hash() });
            }
        }
        check_events(book, role, cx.ids.replica, &draft.events, &draft.parts)?;
        Ok(draft)
    })
}

/// Events that were refused once, to be asked for again as they are.
///
/// # Errors
/// Why they may still not be.
pub fn ask_again(book: &Book, body: &Body, parts: &Parts, cx: &Context<'_>) -> Result<Draft, Rejection> {
    book.staff.get(&cx.by).filter(|s| s.active).ok_or(Rejection::UnknownStaff)?;
    let body = Body { by: cx.by, ok: cx.approved, ..body.clone() };
    let tx = Transaction { replica: cx.ids.replica, seq: 0, body, parts: parts.clone() };
    check_all(book, &tx)?;
    Ok(Draft { events: tx.body.ev, parts: tx.parts })
}

/// The role of whoever does it, with the consent of whoever agreed.
fn role_of(book: &Book, cx: &Context<'_>) -> Result<Role, Rejection> {
    let role = book.staff.get(&cx.by).filter(|s| s.active).map(|s| s.role).ok_or(Rejection::UnknownStaff)?;
    Ok(with_approval(book, role, cx.approved))
}

fn shift<'a>(book: &'a Book, cx: &Context<'_>) -> Option<&'a Shift> {
    book.tills.get(&cx.ids.replica).and_then(|till| till.shift.as_ref())
}

/// The tax in what a tablet sold since its till was opened, rate by rate.
pub fn taxes_since<'a>(
    replica: Replica,
    since: Timestamp,
    orders: impl IntoIterator<Item = &'a Order>,
) -> Vec<RateSum> {
    let counts = |o: &&Order| {
        o.id.0.replica == replica && o.placed_at >= since && !matches!(o.state, OrderState::Draft | OrderState::Voided)
    };
    by_rate(orders.into_iter().filter(counts).flat_map(Order::taxes))
}

fn one(event: Event) -> Result<Draft, Rejection> {
    Ok(Draft { events: vec![event], ..Draft::default() })
}

fn find(book: &Book, order: OrderId) -> Result<&Order, Rejection> {
    book.orders.get(&order).ok_or(Rejection::UnknownOrder { order })
}

fn positive(quantity: Quantity) -> Result<Quantity, Rejection> {
    match quantity {
        q if q <= Quantity::ZERO => Err(Rejection::Flaw(Flaw::Negative { field: Field::Quantity })),
        q if q > Quantity::MOST => Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity })),
        q => Ok(q),
    }
}
