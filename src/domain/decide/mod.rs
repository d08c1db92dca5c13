//! What may happen. A command is checked against the book and becomes events, or a reason why not.
//!
//! What a tablet decided is checked again on the server ([`crate::domain::check`]), which trusts no tablet.

mod documents;
mod fulfilment;

use std::collections::BTreeSet;

pub use documents::check_supplier;
pub use fulfilment::check_mark;

use crate::domain::allocation::Sourcing;
use crate::domain::batch::{Batch, Lot};
use crate::domain::book::Book;
use crate::domain::case::{CaseKind, Edited};
use crate::domain::catalog::{Product, check_length};
use crate::domain::check::{check_lots, check_request, check_till, with_approval};
use crate::domain::customer::Person;
use crate::domain::document::{Goods, Ordered, Supplier};
use crate::domain::event::{
    AccountSet, BatchesSet, CaseResolved, CustomerSet, Event, GoodsMoved, Hash, HeldAccepted, LotReceived, OrderEdited, OrderMoved,
    OrderNoted, OrderPlaced, OrderVoided, PacksSet, Part, Parts, PaymentAsked, PaymentMatched, PaymentRefunded, PaymentTaken, PersonalRef,
    PriceSet, ProductEdited, ScarcitySet, SettingEdited, SourcingSet, TillClosed, TillOpened,
};
use crate::domain::id::{CustomerId, Id, IdSource, LocationId, MovementId, OrderId, PaymentId, ProductId, StaffId, TaxId, VariantId};
use crate::domain::kit::Kit;
use crate::domain::layered::Layer;
use crate::domain::lease::{Lease, Scarcity};
use crate::domain::location::Location;
use crate::domain::money::Minor;
use crate::domain::order::{Cart, Delivery, EditReason, Mark, Order, OrderState, Paper, StepKind, VoidReason, add_up, step};
use crate::domain::pack::Pack;
use crate::domain::payment::{Attempt, Outcome, Payment, Refund, Tender};
use crate::domain::pricing::{self, PriceList, Promotion};
use crate::domain::quantity::Quantity;
use crate::domain::reconcile::MOST_PAIRS;
use crate::domain::rejection::{Field, Rejection};
use crate::domain::rule::{self, Rule, Trigger};
use crate::domain::settings::Profile;
use crate::domain::staff::{Role, Staff};
use crate::domain::stock::{Adjustment, Movement, Reason};
use crate::domain::tax::TaxRate;
use crate::domain::till::{CashMove, Counted, Shift};
use crate::domain::time::Timestamp;

/// The most characters of a free note.
pub const MOST_NOTE: usize = 2_000;

/// Money as it comes over the counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Money {
    pub tender: Tender,
    /// What counts towards the order.
    pub amount: Minor,
    /// What was handed over.
    pub tendered: Minor,
    pub reference: String,
}

/// Something a person wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Places the cart as an order; with `money` it is paid, with `hand_over` the goods go along, with both it is closed.
    Place {
        cart: Cart,
        number: String,
        location: LocationId,
        money: Option<Money>,
        hand_over: bool,
    },
    /// Places the cart as an order, and says that a terminal is about to be asked for what it costs; the goods stay until it
    /// has answered.
    PlaceAndAsk {
        cart: Cart,
        number: String,
        location: LocationId,
        tender: Tender,
    },
    Pay {
        order: OrderId,
        money: Money,
    },
    Refund {
        order: OrderId,
        tender: Tender,
        amount: Minor,
    },
    Step {
        order: OrderId,
        to: OrderState,
        location: LocationId,
    },
    /// Voids an order: money goes back the way it came, goods go back to where they left from.
    Void {
        order: OrderId,
        reason: VoidReason,
    },
    Note {
        order: OrderId,
        text: String,
    },
    Receive {
        location: LocationId,
        goods: Vec<(VariantId, Quantity)>,
    },
    /// Takes goods of a lot in.
    ReceiveLot {
        location: LocationId,
        variant: VariantId,
        quantity: Quantity,
        lot: Lot,
    },
    /// Says which batches are at a place.
    SetBatches {
        location: LocationId,
        variant: VariantId,
        batches: Vec<Batch>,
    },
    /// Says what a thing is made up of; nothing makes it an ordinary one.
    SetKit(Kit),
    SetPacks {
        variant: VariantId,
        packs: Vec<Pack>,
    },
    Adjust {
        location: LocationId,
        variant: VariantId,
        lost: Quantity,
        why: Adjustment,
    },
    Count {
        location: LocationId,
        variant: VariantId,
        counted: Quantity,
    },
    Transfer {
        from: LocationId,
        to: LocationId,
        variant: VariantId,
        quantity: Quantity,
    },
    /// Saves a product; identifiers that are all zero are new.
    /// `seen` is the hash of the product as it was when editing began.
    SaveProduct {
        product: Product,
        seen: Option<Hash>,
    },
    SetPrice {
        variant: VariantId,
        price: Minor,
    },
    SaveCustomer {
        customer: Option<CustomerId>,
        person: Person,
        /// The card as it was when editing began.
        seen: Option<Person>,
    },
    /// Says whether a variant is scarce.
    SetScarcity {
        variant: VariantId,
        scarcity: Option<Scarcity>,
    },
    /// Sets pieces aside for a tablet; zero gives them back.
    SetAside(Lease),
    SaveProfile(Profile),
    SaveTaxRate(TaxRate),
    SaveLocation(Location),
    SaveStaff(Staff),
    /// Begins a shift at this tablet's till.
    OpenTill {
        float: Minor,
    },
    /// Puts cash in, or takes it out when negative, for another reason than a sale.
    MoveCash {
        amount: Minor,
        reason: String,
    },
    /// Ends the shift with a count.
    CloseTill {
        counted: Vec<Counted>,
        left: Minor,
    },
    /// Takes a case as seen to; what it is about stays as it is.
    ResolveCase(Id),
    /// Has facts that the server could not apply count all the same.
    AcceptHeld(Id),
    /// Changes a setting that was seen with this hash; without it, what this tablet knows counts as seen.
    AsSeen(Hash, Box<Command>),
    /// Of two changes to the same thing, lets the one count that was put aside.
    TakePutAside(Id),
    SetDelivery {
        order: OrderId,
        delivery: Delivery,
    },
    Mark {
        order: OrderId,
        mark: Mark,
    },
    /// Sets goods aside for an order, as far as they are there.
    Allocate(OrderId),
    /// Gives back what is set aside for it.
    Release(OrderId),
    /// Sets goods aside anew for all of these, the first in turn first.
    AllocateAll(BTreeSet<OrderId>),
    /// Other lines, shipping and discounts; of the cart nothing else counts.
    Edit {
        order: OrderId,
        cart: Cart,
    },
    /// Takes quantities of lines out into a new order.
    Split {
        order: OrderId,
        take: Vec<(u16, Quantity)>,
        number: String,
    },
    /// Takes the lines of another order in.
    Merge {
        into: OrderId,
        from: OrderId,
    },
    /// Says that a paper was printed.
    Print {
        orders: Vec<OrderId>,
        paper: Paper,
    },
    /// Sends goods on their way to another place.
    Send {
        from: LocationId,
        to: LocationId,
        goods: Goods,
    },
    /// Takes in what arrived of them.
    Arrived {
        transfer: Id,
        goods: Goods,
    },
    Purchase {
        supplier: Id,
        location: LocationId,
        lines: Vec<Ordered>,
        number: String,
    },
    /// Takes in what came of a purchase.
    Deliver {
        purchase: Id,
        goods: Vec<Ordered>,
        /// Nothing more is expected.
        last: bool,
        /// Which of them are of a lot.
        lots: Vec<(VariantId, Lot)>,
    },
    SaveSupplier(Supplier),
    OpenStocktake {
        location: LocationId,
        category: String,
        blind: bool,
    },
    CountFor {
        stocktake: Id,
        variant: VariantId,
        counted: Quantity,
    },
    /// Posts a stocktake, or drops it.
    EndStocktake {
        stocktake: Id,
        post: bool,
    },
    SaveRule(Rule),
    SetSourcing(Sourcing),
    /// Says which payments are on a statement, each with the key of its line.
    Match(Vec<(OrderId, PaymentId, String)>),
    SavePriceList(PriceList),
    SavePromotion(Promotion),
    SetAccount {
        customer: CustomerId,
        limit: Minor,
        /// `None` leaves it.
        group: Option<String>,
    },
    SettleAccount {
        customer: CustomerId,
        money: Money,
    },
    /// Says that a terminal is about to be asked.
    Ask {
        order: OrderId,
        tender: Tender,
        amount: Minor,
    },
    /// Says what it said.
    Answer {
        order: OrderId,
        attempt: PaymentId,
        outcome: Outcome,
        reference: String,
    },
    /// Does what puts a case right: gives back what was paid too much, takes what went out too much, voids for good.
    SettleCase {
        case: Id,
        order: OrderId,
    },
}

impl Command {
    /// The orders it is about, as far as they exist.
    pub fn orders(&self) -> Vec<OrderId> {
        match self {
            Self::Pay { order, .. }
            | Self::Refund { order, .. }
            | Self::Step { order, .. }
            | Self::Void { order, .. }
            | Self::Note { order, .. }
            | Self::SettleCase { order, .. }
            | Self::SetDelivery { order, .. }
            | Self::Mark { order, .. }
            | Self::Allocate(order)
            | Self::Release(order)
            | Self::Edit { order, .. }
            | Self::Split { order, .. }
            | Self::Ask { order, .. }
            | Self::Answer { order, .. } => vec![*order],
            Self::Match(pairs) => pairs.iter().map(|(order, _, _)| *order).collect(),
            Self::AllocateAll(orders) => orders.iter().copied().collect(),
            Self::Print { orders, .. } => orders.clone(),
            Self::Merge { into, from } => vec![*into, *from],
            _ => Vec::new(),
        }
    }
}

/// What a decision needs beside the book: who, when, and where new identifiers come from.
pub struct Context<'a> {
    pub at: Timestamp,
    pub by: StaffId,
    /// Who agreed to it, beside `by`.
    pub approved: Option<StaffId>,
    pub ids: &'a mut IdSource,
    /// Whether this tablet does not hear what others sell.
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
        Command::Place { cart, number, location, money, hand_over } => place(book, cx, cart, number, location, money, hand_over),
        Command::PlaceAndAsk { cart, number, location, tender } => place_and_ask(book, cx, cart, number, location, tender),
        Command::Pay { order, money } => pay(book, find(book, order)?, money, role, cx),
        Command::Refund { order, tender, amount } => {
            role.at_least(Role::Manager)?;
            refund(find(book, order)?, tender, amount, cx)
        }
        Command::Step { order, to, location } => take_step(book, find(book, order)?, to, location, role, cx),
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
        Command::Count { location, variant, counted } => count(book, location, variant, counted, cx),
        Command::Transfer { from, to, variant, quantity } => {
            let quantity = positive(quantity)?;
            let out = move_goods(book, variant, from, quantity.saturating_neg(), Reason::TransferOut(to), cx)?;
            let back = move_goods(book, variant, to, quantity, Reason::TransferIn(from), cx)?;
            Ok(Draft { events: vec![out, back], ..Draft::default() })
        }
        Command::SaveProduct { product, seen } => {
            role.at_least(Role::Manager)?;
            save_product(product, seen, cx)
        }
        Command::SetScarcity { variant, scarcity } => one(Event::ScarcitySet(ScarcitySet { variant, scarcity })),
        Command::SetAside(lease) => {
            if lease.replica != cx.ids.replica {
                role.at_least(Role::Manager)?;
            }
            one(Event::LeaseSet(lease))
        }
        Command::SetPrice { variant, price } => {
            role.at_least(Role::Manager)?;
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
        Command::CloseTill { counted, left } => {
            shift(book, cx).ok_or(Rejection::TillClosed)?;
            let counted: Vec<Counted> = counted.into_iter().filter(|c| c.pieces > 0).collect();
            one(Event::TillClosed(TillClosed { counted, left }))
        }
        Command::SetDelivery { order, delivery } => {
            let mut draft = Draft::default();
            fulfilment::set_delivery(&mut draft, find(book, order)?.id, &delivery, cx)?;
            Ok(draft)
        }
        Command::Mark { order, mark } => fulfilment::mark(find(book, order)?, mark),
        Command::Allocate(order) => fulfilment::allocate_one(book, find(book, order)?, false),
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
        Command::Purchase { supplier, location, lines, number } => documents::purchase(book, supplier, location, lines, number, cx),
        Command::Deliver { purchase, goods, last, lots } => documents::receive_purchase(book, purchase, goods, last, &lots),
        Command::SaveSupplier(mut supplier) => {
            if supplier.id == Id::default() {
                supplier.id = cx.ids.take();
            }
            one(Event::SupplierSet(supplier))
        }
        Command::OpenStocktake { location, category, blind } => documents::open_stocktake(book, location, category, blind, cx),
        Command::CountFor { stocktake, variant, counted } => documents::count_for(book, stocktake, variant, counted),
        Command::EndStocktake { stocktake, post } => documents::end_stocktake(book, stocktake, post, role),
        Command::SaveRule(mut rule) => {
            if rule.id == Id::default() {
                rule.id = cx.ids.take();
            }
            one(Event::RuleSet(rule))
        }
        Command::SetSourcing(sourcing) => one(Event::SourcingSet(SourcingSet { sourcing })),
        Command::Match(pairs) => {
            role.at_least(Role::Manager)?;
            matched(book, pairs)
        }
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
            Some(CaseKind::HeldFacts { kept, .. }) => one(Event::HeldAccepted(HeldAccepted { case, orders: kept.orders() })),
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
            if let Some(now) = book.setting(Layer::Pending, event) {
                *event = Event::SettingEdited(SettingEdited { set: Box::new(event.clone()), was: now.hash() });
            }
        }
        for event in &draft.events {
            check_request(book, role, event)?;
            check_till(event)?;
            check_lots(event)?;
        }
        Ok(draft)
    })
}

/// What whoever does it may do, with the consent of whoever agreed.
fn role_of(book: &Book, cx: &Context<'_>) -> Result<Role, Rejection> {
    let role = book.staff.get(&cx.by).filter(|s| s.active).map(|s| s.role).ok_or(Rejection::UnknownStaff)?;
    Ok(with_approval(book, role, cx.approved))
}

fn shift<'a>(book: &'a Book, cx: &Context<'_>) -> Option<&'a Shift> {
    book.tills.get(&cx.ids.replica).and_then(|till| till.shift.as_ref())
}

fn one(event: Event) -> Result<Draft, Rejection> {
    Ok(Draft { events: vec![event], ..Draft::default() })
}

fn find(book: &Book, order: OrderId) -> Result<&Order, Rejection> {
    book.orders.get(&order).ok_or(Rejection::UnknownOrder { order })
}

fn positive(quantity: Quantity) -> Result<Quantity, Rejection> {
    match quantity {
        q if q <= Quantity::ZERO => Err(Rejection::Negative { field: Field::Quantity }),
        q if q > Quantity::MOST => Err(Rejection::TooMuch { field: Field::Quantity }),
        q => Ok(q),
    }
}

// --- orders -----------------------------------------------------------------------------------------------------------

fn place(
    book: &Book,
    cx: &mut Context<'_>,
    cart: Cart,
    number: String,
    location: LocationId,
    money: Option<Money>,
    hand_over: bool,
) -> Result<Draft, Rejection> {
    let profile = book.profile();
    let mut priced = cart.price_with(profile.prices_include_tax, pricing::offers(book, &cart, cx.at)?)?;
    if let Some(by) = money.as_ref().and_then(|m| rounded_by(&profile, m, priced.totals.total)) {
        let t = priced.totals;
        priced.totals = add_up(&priced.lines, t.shipping, t.shipping_tax, t.adjustment.plus(by)?)?;
    }
    known_location(book, location)?;
    if !hand_over && !cart.quote {
        let lines = cart.lines.iter().filter_map(|l| Some((l.variant?, l.quantity)));
        scarce(book, lines.flat_map(|(variant, quantity)| book.goods(variant, quantity)), location, cx)?;
    }
    let order = OrderId(cx.ids.take());
    let total = priced.totals.total;
    let mut draft = Draft::default();
    let customer = match (cart.customer, &cart.new_customer) {
        (Some(id), _) => Some(id),
        (None, Some(person)) => Some(customer_event(&mut draft, None, person, None, cx)?),
        (None, None) => None,
    };
    let note = match cart.note.trim() {
        "" => None,
        text => {
            check_note(text)?;
            Some(draft.set_aside(&mut cx.salts, &text))
        }
    };
    draft.events.push(Event::OrderPlaced(Box::new(OrderPlaced {
        order,
        number,
        channel: cart.channel,
        external: None,
        placed_at: None,
        location,
        currency: profile.currency,
        prices_include_tax: profile.prices_include_tax,
        customer,
        note,
        kits: book.kits_of(&priced.lines),
        lines: priced.lines,
        totals: priced.totals,
        state: if cart.quote { OrderState::Draft } else { OrderState::Placed },
        payments: Vec::new(),
        refunds: Vec::new(),
        offers: priced.offered,
    })));
    if let Some(delivery) = cart.delivery.as_ref().filter(|_| !hand_over) {
        fulfilment::set_delivery(&mut draft, order, delivery, cx)?;
    }
    if cart.quote {
        // Nobody pays for what is only offered, and nothing goes along.
        let nothing_moves = money.is_none() && !hand_over;
        return if nothing_moves { Ok(draft) } else { Err(Rejection::IllegalStep { from: OrderState::Draft, to: OrderState::HandedOver }) };
    }
    let mut paid = Minor::ZERO;
    if let Some(money) = money {
        paid = money.amount;
        if paid > total {
            return Err(Rejection::TooMuch { field: Field::Amount });
        }
        // An order that costs nothing is closed without a payment.
        if total > Minor::ZERO {
            fulfilment::account_bears(book, customer, &money, role_of(book, cx)?)?;
            draft.events.push(payment_event(order, money, cx)?);
        }
    }
    if hand_over {
        draft.events.push(Event::OrderMoved(OrderMoved { order, from: OrderState::Placed, to: OrderState::HandedOver }));
        draft.events.push(Event::GoodsHandedOver(GoodsMoved { order, location }));
        if paid == total {
            draft.events.push(Event::OrderMoved(OrderMoved { order, from: OrderState::HandedOver, to: OrderState::Closed }));
        }
    } else {
        automate(book, &mut draft, cx);
    }
    Ok(draft)
}

fn place_and_ask(
    book: &Book,
    cx: &mut Context<'_>,
    cart: Cart,
    number: String,
    location: LocationId,
    tender: Tender,
) -> Result<Draft, Rejection> {
    let mut draft = place(book, cx, cart, number, location, None, true)?;
    draft.events.retain(|e| !matches!(e, Event::OrderMoved(_) | Event::GoodsHandedOver(_)));
    let placed = draft.events.iter().find_map(|e| if let Event::OrderPlaced(o) = e { Some((o.order, o.totals.total)) } else { None });
    let (order, amount) = placed.filter(|(_, total)| *total > Minor::ZERO).ok_or(Rejection::EmptyCart)?;
    let attempt = Attempt { id: PaymentId(cx.ids.take()), tender, amount, at: cx.at, outcome: Outcome::Intended };
    draft.events.push(Event::PaymentAsked(PaymentAsked { order, attempt }));
    Ok(draft)
}

/// Lets the store's rules act on the orders that a draft places.
pub fn automate(book: &Book, draft: &mut Draft, cx: &Context<'_>) {
    let placed = draft.events.iter().filter_map(|e| if let Event::OrderPlaced(o) = e { Some(&**o) } else { None });
    let orders: Vec<Order> = placed.filter(|o| o.state == OrderState::Placed).map(|o| Order::drafted(o, draft, cx)).collect();
    for known in orders {
        let mut order = known.clone();
        let card = draft.events.iter().find_map(|e| match e {
            Event::CustomerSet(c) if Some(c.customer) == order.customer => draft.parts.get(&c.person.pd),
            _ => None,
        });
        let person: Option<Person> = card.and_then(|part| serde_json::from_slice(part.data.as_bytes()).ok());
        draft.events.extend(rule::run(book, Trigger::Placed, &known, &mut order, person.as_ref(), cx.at));
        if order.due() <= Minor::ZERO && order.paid() > Minor::ZERO {
            draft.events.extend(rule::run(book, Trigger::Paid, &known, &mut order, person.as_ref(), cx.at));
        }
    }
}

impl Order {
    /// An order as it will be once a draft has happened, as far as rules look.
    fn drafted(e: &OrderPlaced, draft: &Draft, cx: &Context<'_>) -> Self {
        let mut order = Self::placed(e, String::new(), cx.at, cx.by);
        for event in &draft.events {
            match event {
                Event::DeliverySet(d) if d.order == e.order => {
                    let part = d.to.as_ref().and_then(|to| draft.parts.get(&to.pd));
                    let recipient = part.and_then(|p| serde_json::from_slice(p.data.as_bytes()).ok()).unwrap_or_default();
                    let delivery = Delivery { method: d.method, promised: d.promised, recipient };
                    order.fulfilment.get_or_insert_default().delivery = Some(delivery);
                }
                Event::PaymentTaken(p) if p.order == e.order => order.payments.push(p.payment.clone()),
                _ => {}
            }
        }
        order
    }
}

/// What may not be promised because it may be promised elsewhere.
fn scarce(
    book: &Book,
    goods: impl Iterator<Item = (VariantId, Quantity)>,
    location: LocationId,
    cx: &Context<'_>,
) -> Result<(), Rejection> {
    let mut wanted = std::collections::BTreeMap::<VariantId, Quantity>::new();
    for (variant, needed) in goods {
        let sum = wanted.entry(variant).or_default();
        *sum = sum.saturating_add(needed);
    }
    for (variant, wanted) in wanted {
        match book.promisable((variant, location), cx.ids.replica, cx.offline) {
            Some((Scarcity::Block, left)) if wanted > left => return Err(Rejection::Scarce { variant, left }),
            _ => {}
        }
    }
    Ok(())
}

/// What rounding adds to a sum that is paid off in cash; `None` where nothing is rounded.
fn rounded_by(profile: &Profile, money: &Money, due: Minor) -> Option<Minor> {
    let rounded = profile.in_cash(due);
    let all = money.tender == Tender::Cash && money.amount == rounded && rounded != due && rounded >= Minor::ZERO;
    all.then(|| Minor(rounded.0.saturating_sub(due.0)))
}

fn payment_event(order: OrderId, money: Money, cx: &mut Context<'_>) -> Result<Event, Rejection> {
    if money.amount <= Minor::ZERO {
        return Err(Rejection::Negative { field: Field::Amount });
    }
    if money.tendered < money.amount {
        return Err(Rejection::TenderedTooLittle);
    }
    let Money { tender, amount, tendered, reference } = money;
    let payment = Payment { id: PaymentId(cx.ids.take()), tender, amount, tendered, reference, at: cx.at, by: cx.by };
    Ok(Event::PaymentTaken(PaymentTaken { order, payment }))
}

fn pay(book: &Book, order: &Order, money: Money, role: Role, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    fulfilment::no_answer_open(order)?;
    fulfilment::account_bears(book, order.customer, &money, role)?;
    if order.state == OrderState::Draft {
        return Err(Rejection::IllegalStep { from: OrderState::Draft, to: OrderState::Closed });
    }
    if order.state == OrderState::Voided {
        return Err(Rejection::IllegalStep { from: OrderState::Voided, to: OrderState::Placed });
    }
    let mut draft = Draft::default();
    let mut order = order.clone();
    if let Some(by) = rounded_by(&book.profile(), &money, order.due()).filter(|_| order.due() > Minor::ZERO) {
        let (t, was) = (order.totals, order.hash());
        let totals = add_up(&order.lines, t.shipping, t.shipping_tax, t.adjustment.plus(by)?)?;
        let edited = OrderEdited { order: order.id, lines: order.lines.clone(), totals, was, why: EditReason::Rounded, kits: Vec::new() };
        draft.events.push(Event::OrderEdited(Box::new(edited)));
        order.totals = totals;
    }
    if money.amount > order.due() {
        return Err(Rejection::TooMuch { field: Field::Amount });
    }
    let settles = money.amount == order.due();
    // Rounded down to nothing, there is nothing to pay.
    if money.amount > Minor::ZERO || draft.events.is_empty() {
        draft.events.push(payment_event(order.id, money, cx)?);
    }
    if settles && order.state == OrderState::HandedOver {
        let (from, to) = (OrderState::HandedOver, OrderState::Closed);
        draft.events.push(Event::OrderMoved(OrderMoved { order: order.id, from, to }));
    }
    if settles && waits_at_the_counter(&order) {
        draft.events.extend(over_the_counter(&order));
    } else if settles
        && order.handed_over.is_none()
        && let Some(Event::PaymentTaken(p)) = draft.events.last()
    {
        let mut after = order.clone();
        after.payments.push(p.payment.clone());
        draft.events.extend(rule::run(book, Trigger::Paid, &order, &mut after, None, cx.at));
    }
    Ok(draft)
}

/// Whether the customer stands there and takes the goods along once they are paid: a terminal was asked over the counter.
fn waits_at_the_counter(order: &Order) -> bool {
    let there = order.channel.face_to_face() && order.state == OrderState::Placed && order.handed_over.is_none();
    there && order.fulfilment.is_none() && !order.attempts.is_empty()
}

/// The goods of a paid order go along.
fn over_the_counter(order: &Order) -> [Event; 3] {
    let moved = |from, to| Event::OrderMoved(OrderMoved { order: order.id, from, to });
    [
        moved(OrderState::Placed, OrderState::HandedOver),
        Event::GoodsHandedOver(GoodsMoved { order: order.id, location: order.location }),
        moved(OrderState::HandedOver, OrderState::Closed),
    ]
}

fn refund(order: &Order, tender: Tender, amount: Minor, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    if amount <= Minor::ZERO {
        return Err(Rejection::Negative { field: Field::Amount });
    }
    if amount > order.paid() {
        return Err(Rejection::OverRefund { most: order.paid() });
    }
    if tender.needs_customer() && order.customer.is_none() {
        return Err(Rejection::NoCustomer);
    }
    one(refund_event(order.id, tender, amount, cx))
}

fn refund_event(order: OrderId, tender: Tender, amount: Minor, cx: &mut Context<'_>) -> Event {
    let refund = Refund { id: PaymentId(cx.ids.take()), tender, amount, at: cx.at, by: cx.by };
    Event::PaymentRefunded(PaymentRefunded { order, refund })
}

fn take_step(book: &Book, order: &Order, to: OrderState, location: LocationId, role: Role, cx: &Context<'_>) -> Result<Draft, Rejection> {
    let illegal = Rejection::IllegalStep { from: order.state, to };
    // Voiding has consequences for money and goods, and a command of its own.
    let found = step(order.state, to).filter(|s| s.to != OrderState::Voided).ok_or(illegal)?;
    fulfilment::not_held(order)?;
    match found.kind {
        StepKind::Confirm => fulfilment::checked(book, order, role, cx)?,
        StepKind::Allocate => return fulfilment::allocate_one(book, order, true),
        StepKind::Release => return fulfilment::release(order),
        _ => {}
    }
    if found.needs_payment && order.due() > Minor::ZERO {
        return Err(Rejection::NotPaid { due: order.due() });
    }
    let mut events = vec![Event::OrderMoved(OrderMoved { order: order.id, from: order.state, to })];
    if found.kind == StepKind::Accept {
        // It is promised now, and the store's rules act on it as on any order that is placed.
        scarce(book, order.lines.iter().flat_map(|l| order.goods(l)), order.location, cx)?;
        let mut after = Order { state: to, ..order.clone() };
        events.extend(rule::run(book, Trigger::Placed, order, &mut after, None, cx.at));
    }
    if found.moves_goods {
        events.push(Event::GoodsHandedOver(GoodsMoved { order: order.id, location }));
        if to == OrderState::HandedOver && order.due() <= Minor::ZERO {
            events.push(Event::OrderMoved(OrderMoved { order: order.id, from: to, to: OrderState::Closed }));
        }
    }
    Ok(Draft { events, ..Draft::default() })
}

fn void(order: &Order, reason: VoidReason, role: Role, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    fulfilment::no_answer_open(order)?;
    step(order.state, OrderState::Voided).ok_or(Rejection::IllegalStep { from: order.state, to: OrderState::Voided })?;
    if order.paid() > Minor::ZERO {
        role.at_least(Role::Manager)?;
    }
    let mut draft = Draft::default();
    let mut by_tender = std::collections::BTreeMap::<Tender, i64>::new();
    for p in &order.payments {
        let sum = by_tender.entry(p.tender).or_default();
        *sum = sum.saturating_add(p.amount.0);
    }
    for r in &order.refunds {
        let sum = by_tender.entry(r.tender).or_default();
        *sum = sum.saturating_sub(r.amount.0);
    }
    let mut left = order.paid().0;
    for (tender, amount) in by_tender {
        let amount = amount.clamp(0, left.max(0));
        if amount > 0 {
            left -= amount;
            draft.events.push(refund_event(order.id, tender, Minor(amount), cx));
        }
    }
    if let Some(location) = order.handed_over {
        draft.events.push(Event::GoodsReturned(GoodsMoved { order: order.id, location }));
    }
    draft.events.push(Event::OrderVoided(OrderVoided { order: order.id, reason, paid_seen: Minor::ZERO }));
    Ok(draft)
}

fn settle(book: &Book, case: Id, order: OrderId, role: Role, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    let order = find(book, order)?;
    let kind = book.cases.get(&case).filter(|c| c.open).map(|c| &c.kind).ok_or(Rejection::Empty { field: Field::Reason })?;
    let mut draft = match kind {
        CaseKind::Overpaid { .. } => {
            role.at_least(Role::Manager)?;
            let over = order.due().0.saturating_neg();
            let tender = order.payments.last().map(|p| p.tender).unwrap_or_default();
            // Somebody else may have given it back meanwhile.
            if over > 0 { refund(order, tender, Minor(over), cx)? } else { Draft::default() }
        }
        CaseKind::PaidAfterVoid { .. } | CaseKind::VoidedThoughPaid { .. } if order.state != OrderState::Voided => {
            void(order, VoidReason::Mistake, role, cx)?
        }
        CaseKind::OverRefunded { .. } => {
            let over = order.paid().0.saturating_neg();
            let tender = order.refunds.last().map(|r| r.tender).unwrap_or_default();
            let money = Money { tender, amount: Minor(over), tendered: Minor(over), reference: String::new() };
            if over > 0 { Draft { events: vec![payment_event(order.id, money, cx)?], ..Draft::default() } } else { Draft::default() }
        }
        _ => Draft::default(),
    };
    draft.events.push(Event::CaseResolved(CaseResolved { case }));
    Ok(draft)
}

fn take_put_aside(book: &Book, case: Id, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    let kind = book.cases.get(&case).filter(|c| c.open).map(|c| &c.kind);
    let Some(CaseKind::EditedTwice { put_aside }) = kind else { return Err(Rejection::Empty { field: Field::Reason }) };
    let mut draft = Draft::default();
    match put_aside.clone() {
        Edited::Price { variant, price } => {
            let was = book.variant(variant).map(|(_, v)| v.price);
            draft.events.push(Event::PriceSet(PriceSet { variant, price, was }));
        }
        Edited::Product(product) => {
            let was = book.products.get(&product.id).map(Product::hash).unwrap_or_default();
            draft.events.push(Event::ProductEdited(Box::new(ProductEdited { product: *product, was })));
        }
        Edited::Order { order, lines, totals } => {
            let order = find(book, order)?;
            let kits = book.kits_of(&lines);
            let edited = OrderEdited { order: order.id, lines, totals, was: order.hash(), why: EditReason::Edited, kits };
            draft.events.push(Event::OrderEdited(Box::new(edited)));
        }
        Edited::Setting { event, .. } => {
            let event: Event = serde_json::from_slice(event.as_bytes()).map_err(|_| Rejection::UnknownEvent)?;
            draft.events.push(event);
        }
        Edited::Customer { customer, person } => {
            let seen = book.customers.get(&customer).map(|c| c.person.clone());
            customer_event(&mut draft, Some(customer), &person, seen.as_ref(), cx)?;
        }
    }
    draft.events.push(Event::CaseResolved(CaseResolved { case }));
    Ok(draft)
}

fn matched(book: &Book, pairs: Vec<(OrderId, PaymentId, String)>) -> Result<Draft, Rejection> {
    if pairs.is_empty() || pairs.len() > MOST_PAIRS {
        return Err(Rejection::TooMuch { field: Field::Quantity });
    }
    let mut events = Vec::with_capacity(pairs.len());
    for (order, payment, booking) in pairs {
        let known = find(book, order)?;
        if !known.payments.iter().any(|p| p.id == payment) || known.matched.iter().any(|(p, _)| *p == payment) {
            return Err(Rejection::Gone);
        }
        events.push(Event::PaymentMatched(PaymentMatched { order, payment, booking }));
    }
    Ok(Draft { events, ..Draft::default() })
}

fn note(order: OrderId, text: &str, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    check_note(text)?;
    let mut draft = Draft::default();
    let note = draft.set_aside(&mut cx.salts, &text.trim());
    draft.events.push(Event::OrderNoted(OrderNoted { order, note }));
    Ok(draft)
}

fn check_note(text: &str) -> Result<(), Rejection> {
    if text.chars().count() > MOST_NOTE { Err(Rejection::TooLong { field: Field::Reason, most: MOST_NOTE }) } else { Ok(()) }
}

// --- stock ------------------------------------------------------------------------------------------------------------

pub(in crate::domain) fn known_location(book: &Book, location: LocationId) -> Result<(), Rejection> {
    book.locations.get(&location).map(|_| ()).ok_or(Rejection::UnknownLocation)
}

fn move_goods(
    book: &Book,
    variant: VariantId,
    location: LocationId,
    change: Quantity,
    reason: Reason,
    cx: &mut Context<'_>,
) -> Result<Event, Rejection> {
    known_location(book, location)?;
    let (product, _) = book.variant(variant).ok_or(Rejection::UnknownVariant { variant })?;
    if book.kit(variant).is_some() {
        return Err(Rejection::IsKit);
    }
    if !product.unit.divisible() && !change.is_whole() {
        return Err(Rejection::NotDivisible);
    }
    Ok(Event::StockMoved(Movement { id: MovementId(cx.ids.take()), variant, location, change, reason, at: cx.at, by: cx.by }))
}

fn receive(book: &Book, location: LocationId, goods: &[(VariantId, Quantity)], cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    if goods.is_empty() {
        return Err(Rejection::EmptyCart);
    }
    let mut draft = Draft::default();
    for (variant, quantity) in goods {
        draft.events.push(move_goods(book, *variant, location, positive(*quantity)?, Reason::Received, cx)?);
    }
    Ok(draft)
}

fn count(book: &Book, location: LocationId, variant: VariantId, counted: Quantity, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    if counted < Quantity::ZERO {
        return Err(Rejection::Negative { field: Field::Quantity });
    }
    if counted > Quantity::MOST {
        return Err(Rejection::TooMuch { field: Field::Quantity });
    }
    let expected = book.level((variant, location)).on_hand;
    let change = counted.saturating_add(expected.saturating_neg());
    one(move_goods(book, variant, location, change, Reason::Counted { expected }, cx)?)
}

// --- catalogue, customers ---------------------------------------------------------------------------------------------

fn save_product(mut product: Product, seen: Option<Hash>, cx: &mut Context<'_>) -> Result<Draft, Rejection> {
    if product.id == ProductId::default() {
        product.id = ProductId(cx.ids.take());
    }
    for v in &mut product.variants {
        if v.id == VariantId::default() {
            v.id = VariantId(cx.ids.take());
        }
    }
    one(match seen {
        Some(was) => Event::ProductEdited(Box::new(ProductEdited { product, was })),
        None => Event::ProductSet(product),
    })
}

fn customer_event(
    draft: &mut Draft,
    customer: Option<CustomerId>,
    person: &Person,
    seen: Option<&Person>,
    cx: &mut Context<'_>,
) -> Result<CustomerId, Rejection> {
    if person.called().is_empty() {
        return Err(Rejection::Empty { field: Field::Name });
    }
    for text in [&person.name, &person.email, &person.address, &person.note] {
        check_length(text, Field::Name)?;
    }
    check_length(&person.phone, Field::Phone)?;
    let customer = customer.unwrap_or_else(|| CustomerId(cx.ids.take()));
    let person = draft.set_aside(&mut cx.salts, person);
    let was = draft.parts.get(&person.pd).zip(seen).map(|(part, seen)| seen.hash(part.salt));
    draft.events.push(Event::CustomerSet(CustomerSet { customer, person, was }));
    Ok(customer)
}
