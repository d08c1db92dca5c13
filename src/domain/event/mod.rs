//! What is written down: events, and the transactions that hold them. Nothing here is ever changed or removed.

use crate::domain::value::hash::Hash;
use crate::domain::value::part::{Parts, PersonalRef};
pub mod check;
mod documents;
pub(in crate::domain) mod fold;
mod orders;
mod payments;

use serde::{Deserialize, Serialize};

use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::goods::price::{Offered, PriceList, Promotion};
use crate::domain::goods::product::Product;
use crate::domain::order::rule::Rule;
use crate::domain::order::{Allocation, EditReason, External, Line, Mark, Method, OrderState, Paper, ReturnReason, Totals, VoidReason};
use crate::domain::payment::till::{CashMove, Counted};
use crate::domain::payment::{Attempt, Outcome, Payment, Refund};
use crate::domain::shop::channel::Channel;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Staff;
use crate::domain::shop::tax::{RateSum, TaxRate};
use crate::domain::stock::Movement;
use crate::domain::stock::batch::Batch;
use crate::domain::stock::document::{Goods, Ordered, Supplier};
use crate::domain::stock::lease::{Lease, Scarcity};
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, PaymentId, Replica, StaffId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// Something that happened, or that somebody asks to be so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    ProfileSet(Profile),
    TaxRateSet(TaxRate),
    LocationSet(Location),
    StaffSet(Staff),
    ProductSet(Product),
    PriceSet(PriceSet),
    CustomerSet(CustomerSet),
    OrderPlaced(Box<OrderPlaced>),
    OrderMoved(OrderMoved),
    OrderVoided(OrderVoided),
    OrderNoted(OrderNoted),
    GoodsHandedOver(GoodsMoved),
    GoodsReturned(GoodsMoved),
    PaymentTaken(PaymentTaken),
    PaymentRefunded(PaymentRefunded),
    StockMoved(Movement),
    CaseResolved(CaseResolved),
    RefusalDropped(RefusalDropped),
    ProductEdited(Box<ProductEdited>),
    ScarcitySet(ScarcitySet),
    /// Sets what is left of a lease.
    LeaseSet(Lease),
    TillOpened(TillOpened),
    CashMoved(CashMove),
    TillClosed(TillClosed),
    DeliverySet(DeliverySet),
    OrderMarked(OrderMarked),
    OrderEdited(Box<OrderEdited>),
    StockAllocated(StockAllocated),
    PaperPrinted(PaperPrinted),
    RuleSet(Rule),
    /// For the log and the order's history.
    RuleApplied(RuleApplied),
    SourcingSet(SourcingSet),
    AccountSet(AccountSet),
    AccountSettled(AccountSettled),
    PaymentAsked(PaymentAsked),
    PaymentAnswered(PaymentAnswered),
    /// For the log alone.
    SourceKept(SourceKept),
    TransferSent(TransferSent),
    TransferReceived(TransferReceived),
    PurchaseOrdered(PurchaseOrdered),
    PurchaseReceived(PurchaseReceived),
    SupplierSet(Supplier),
    StocktakeOpened(StocktakeOpened),
    StocktakeCounted(StocktakeCounted),
    StocktakeEnded(StocktakeEnded),
    PriceListSet(PriceList),
    PromotionSet(Promotion),
    KitSet(Kit),
    PacksSet(PacksSet),
    /// Of what is at a place, so much is of a lot.
    LotReceived(LotReceived),
    /// The batches at a place, as somebody counted them.
    BatchesSet(BatchesSet),
    PaymentMatched(PaymentMatched),
    HeldAccepted(HeldAccepted),
    SettingEdited(SettingEdited),
    MoneyMoved(MoneyMoved),
    LinesReturned(LinesReturned),
    CustomerChanged(CustomerChanged),
    MessageDue(MessageDue),
    MessageSent(MessageSent),
    StockCounted(StockCounted),
    StepUndone(StepUndone),
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

payloads! {
    /// Somebody looked at a transaction of this tablet that the server had refused, and let it go.
    RefusalDropped { seq: u64, code: String, reason: String, }
    /// A product that was there before; `was` is its hash as whoever edited it saw it.
    ProductEdited { product: Product, was: Hash, }
    /// The till of the tablet that wrote it begins a shift.
    TillOpened { float: Minor, }
    /// The till of the tablet that wrote it ends its shift; `left` stays in it.
    TillClosed {
        counted: Vec<Counted>,
        left: Minor,
        /// The tax in what this tablet sold since the till was opened, rate by rate, as it knew it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        taxes: Vec<RateSum>,
    }
    /// Whether a variant is scarce.
    ScarcitySet { variant: VariantId, scarcity: Option<Scarcity>, }
    /// A new order with everything it was computed from.
    OrderPlaced {
        order: OrderId,
        number: String,
        channel: Channel,
        external: Option<External>,
        /// When it was placed elsewhere; `None` is the transaction's own time.
        placed_at: Option<Timestamp>,
        location: LocationId,
        currency: Currency,
        prices_include_tax: bool,
        customer: Option<CustomerId>,
        note: Option<PersonalRef>,
        lines: Vec<Line>,
        totals: Totals,
        /// Where it stood elsewhere; `Placed` for an order taken here. Goods of imported orders do not move.
        state: OrderState,
        /// Money that changed hands elsewhere.
        payments: Vec<Payment>,
        refunds: Vec<Refund>,
        /// The price lists and promotions in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offers: Vec<Offered>,
        /// What the kits in it are made of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kits: Vec<Kit>,
    }
    /// A step along the state table.
    OrderMoved { order: OrderId, from: OrderState, to: OrderState, }
    /// Voided; `paid_seen` is the money that whoever voided it knew of and has not given back.
    OrderVoided { order: OrderId, reason: VoidReason, paid_seen: Minor, }
    OrderNoted { order: OrderId, note: PersonalRef, }
    /// All goods of an order left from, or came back to, a location.
    GoodsMoved { order: OrderId, location: LocationId, }
    PaymentTaken {
        order: OrderId,
        payment: Payment,
        /// Whose account it is on, as whoever took it knew; `None` for money that is on nobody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
    }
    PaymentRefunded { order: OrderId, refund: Refund, }
    CaseResolved { case: Id, }
    /// Where an order goes and when; `to` is who receives it, if that is not the customer as the card has them.
    DeliverySet { order: OrderId, method: Method, promised: Option<Timestamp>, to: Option<PersonalRef>, }
    OrderMarked { order: OrderId, mark: Mark, }
    /// Other lines in an order; `was` is the hash of those that whoever changed them saw.
    OrderEdited {
        order: OrderId,
        lines: Vec<Line>,
        totals: Totals,
        was: Hash,
        why: EditReason,
        /// What kits that are new in it are made of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kits: Vec<Kit>,
        /// The offers in these lines; `None` keeps those whose lines are what they were.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offers: Option<Vec<Offered>>,
    }
    /// The goods that are set aside for an order from now on; none gives all back.
    StockAllocated {
        order: OrderId,
        allocated: Vec<Allocation>,
        /// Somebody chose the place, against what the store's way of sourcing says.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    }
    PaperPrinted { order: OrderId, paper: Paper, }
    RuleApplied { order: OrderId, rule: Id, }
    SourcingSet { sourcing: Sourcing, }
    /// How much a customer may owe, and which group they are of.
    AccountSet {
        customer: CustomerId,
        limit: Minor,
        /// Whose prices are theirs; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    }
    /// A customer paid what they owe.
    AccountSettled { customer: CustomerId, payment: Payment, }
    /// A terminal is about to be asked for money.
    PaymentAsked { order: OrderId, attempt: Attempt, }
    /// What it said. Money that came is a payment of its own, with the same identifier.
    PaymentAnswered { order: OrderId, attempt: PaymentId, outcome: Outcome, }
    /// The message in which another system handed an order in, as it came.
    SourceKept {
        order: OrderId,
        data: PersonalRef,
        /// What it says of lines and sums, as one hash.
        content: Hash,
    }
    /// Goods left one place for another.
    TransferSent { id: Id, from: LocationId, to: LocationId, goods: Goods, }
    /// What of them arrived.
    TransferReceived { id: Id, goods: Goods, }
    PurchaseOrdered { id: Id, number: String, supplier: Id, location: LocationId, lines: Vec<Ordered>, }
    /// What came of a purchase; with `last`, nothing more is expected.
    PurchaseReceived { id: Id, goods: Vec<Ordered>, last: bool, }
    StocktakeOpened { id: Id, location: LocationId, category: String, blind: bool, }
    /// `expected` is what the ledger of the tablet that counted said.
    StocktakeCounted {
        id: Id,
        variant: VariantId,
        counted: Quantity,
        expected: Quantity,
        /// [`crate::domain::stock::Level::corrected`] as it knew it.
        corrected: Quantity,
    }
    /// A shelf was counted by itself: the ledger of the tablet that counted said `expected`, and had been corrected by
    /// `corrected` so far.
    StockCounted { variant: VariantId, location: LocationId, counted: Quantity, expected: Quantity, corrected: Quantity, }
    /// Posted, or dropped.
    StocktakeEnded { id: Id, post: bool, }
    /// The sizes of pack that a thing comes in.
    PacksSet { variant: VariantId, packs: Vec<Pack>, }
    /// A payment was found on a statement; `booking` is that line's key.
    PaymentMatched { order: OrderId, payment: PaymentId, booking: String, }
    LotReceived { variant: VariantId, location: LocationId, batch: Batch, }
    /// Money that was paid for one order counts for another from now on: a part of it that became an order of its own. No till
    /// holds more or less by it.
    MoneyMoved { from: OrderId, to: OrderId, parts: Vec<MovedPayment>, }
    /// So much of a payment; `new` is what it is called there.
    MovedPayment { payment: PaymentId, new: PaymentId, amount: Minor, }
    /// Facts that the server could not apply count from here on; `orders` are those they are about.
    HeldAccepted { case: Id, orders: Vec<OrderId>, }
    /// One of the store's settings ([`Event::setting`]) that was there before; `was` is its hash as whoever changed it saw it.
    SettingEdited { set: Box<Event>, was: Hash, }
    BatchesSet { variant: VariantId, location: LocationId, batches: Vec<Batch>, }
    /// Goods of some lines came back; money that goes back for them is an event of its own.
    LinesReturned {
        order: OrderId,
        /// Positions of lines, and how much of each.
        goods: Vec<(u16, Quantity)>,
        why: ReturnReason,
        /// Where they can be sold again; `None` when they cannot.
        location: Option<LocationId>,
    }
    /// The step that was taken at this moment was not so: the order stands where it stood, and its goods are back.
    StepUndone { order: OrderId, step: Timestamp, to: OrderState, }
    CustomerChanged { order: OrderId, customer: Option<CustomerId>, }
    /// The customer is to be told; nothing personal is in the text, which has names in braces for what is.
    MessageDue { order: OrderId, text: String, }
    /// Somebody sent the messages that were due, or let them go.
    MessageSent { order: OrderId, sent: bool, /** How many of its messages whoever says so had seen. */ seen: u16, }
}

/// A new price for one variant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSet {
    pub variant: VariantId,
    pub price: Minor,
    /// The price that whoever set it saw; `None` where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Minor>,
}

/// A customer's card, whose content is the detached part `person`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerSet {
    pub customer: CustomerId,
    pub person: PersonalRef,
    /// A hash of the card that whoever edited it saw, with the salt of the part: it says nothing once that is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Hash>,
}

/// Whether an event may be refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It happened. Nobody can refuse it.
    Fact,
    /// It is asked for, and may be refused.
    Request,
}

impl Event {
    pub fn class(&self) -> Class {
        match self {
            Self::ProfileSet(_)
            | Self::TaxRateSet(_)
            | Self::LocationSet(_)
            | Self::StaffSet(_)
            | Self::ProductSet(_)
            | Self::PriceSet(_)
            | Self::CustomerSet(_)
            | Self::ProductEdited(_)
            | Self::ScarcitySet(_)
            | Self::LeaseSet(_)
            | Self::RuleSet(_)
            | Self::SourcingSet(_)
            | Self::SupplierSet(_)
            | Self::StocktakeEnded(_)
            | Self::AccountSet(_)
            | Self::PriceListSet(_)
            | Self::PromotionSet(_)
            | Self::KitSet(_)
            | Self::PacksSet(_)
            | Self::HeldAccepted(_)
            | Self::SettingEdited(_)
            | Self::CaseResolved(_) => Class::Request,
            Self::OrderPlaced(_)
            | Self::OrderMoved(_)
            | Self::OrderVoided(_)
            | Self::OrderNoted(_)
            | Self::GoodsHandedOver(_)
            | Self::GoodsReturned(_)
            | Self::PaymentTaken(_)
            | Self::PaymentRefunded(_)
            | Self::StockMoved(_)
            | Self::RefusalDropped(_)
            | Self::TillOpened(_)
            | Self::CashMoved(_)
            | Self::TillClosed(_)
            | Self::DeliverySet(_)
            | Self::OrderMarked(_)
            | Self::OrderEdited(_)
            | Self::StockAllocated(_)
            | Self::PaperPrinted(_)
            | Self::RuleApplied(_)
            | Self::AccountSettled(_)
            | Self::PaymentAsked(_)
            | Self::PaymentAnswered(_)
            | Self::SourceKept(_)
            | Self::TransferSent(_)
            | Self::TransferReceived(_)
            | Self::PurchaseOrdered(_)
            | Self::PurchaseReceived(_)
            | Self::StocktakeOpened(_)
            | Self::PaymentMatched(_)
            | Self::MoneyMoved(_)
            | Self::LinesReturned(_)
            | Self::CustomerChanged(_)
            | Self::MessageDue(_)
            | Self::MessageSent(_)
            | Self::StockCounted(_)
            | Self::StepUndone(_)
            | Self::LotReceived(_)
            | Self::BatchesSet(_)
            | Self::StocktakeCounted(_) => Class::Fact,
        }
    }

    /// The order it is about.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::OrderPlaced(e) => Some(e.order),
            Self::OrderMoved(e) => Some(e.order),
            Self::OrderVoided(e) => Some(e.order),
            Self::OrderNoted(e) => Some(e.order),
            Self::GoodsHandedOver(e) | Self::GoodsReturned(e) => Some(e.order),
            Self::PaymentTaken(e) => Some(e.order),
            Self::PaymentRefunded(e) => Some(e.order),
            Self::DeliverySet(e) => Some(e.order),
            Self::OrderMarked(e) => Some(e.order),
            Self::OrderEdited(e) => Some(e.order),
            Self::StockAllocated(e) => Some(e.order),
            Self::PaperPrinted(e) => Some(e.order),
            Self::RuleApplied(e) => Some(e.order),
            Self::PaymentAsked(e) => Some(e.order),
            Self::PaymentAnswered(e) => Some(e.order),
            Self::SourceKept(e) => Some(e.order),
            Self::PaymentMatched(e) => Some(e.order),
            Self::MoneyMoved(e) => Some(e.from),
            Self::LinesReturned(e) => Some(e.order),
            Self::CustomerChanged(e) => Some(e.order),
            Self::StepUndone(e) => Some(e.order),
            Self::MessageDue(e) => Some(e.order),
            Self::MessageSent(e) => Some(e.order),
            _ => None,
        }
    }

    /// All orders that must be at hand before it is folded.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> {
        let more = match self {
            Self::HeldAccepted(e) => e.orders.as_slice(),
            Self::MoneyMoved(e) => std::slice::from_ref(&e.to),
            _ => &[],
        };
        self.order().into_iter().chain(more.iter().copied())
    }

    /// Which of the store's settings it sets: one name a setting; `None` for every other event.
    pub fn setting(&self) -> Option<String> {
        Some(match self {
            Self::ProfileSet(_) => "profile".to_owned(),
            Self::SourcingSet(_) => "sourcing".to_owned(),
            Self::TaxRateSet(e) => format!("tax {}", e.id),
            Self::LocationSet(e) => format!("location {}", e.id),
            Self::StaffSet(e) => format!("staff {}", e.id),
            Self::RuleSet(e) => format!("rule {}", e.id),
            Self::PriceListSet(e) => format!("price_list {}", e.id),
            Self::PromotionSet(e) => format!("promotion {}", e.id),
            Self::SupplierSet(e) => format!("supplier {}", e.id),
            Self::KitSet(e) => format!("kit {}", e.variant),
            Self::PacksSet(e) => format!("packs {}", e.variant),
            _ => return None,
        })
    }

    /// Over its JSON.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&serde_json::to_vec(self).unwrap_or_default()])
    }

    /// The detached part it points to.
    pub fn personal(&self) -> Option<&PersonalRef> {
        match self {
            Self::CustomerSet(e) => Some(&e.person),
            Self::OrderPlaced(e) => e.note.as_ref(),
            Self::OrderNoted(e) => Some(&e.note),
            Self::DeliverySet(e) => e.to.as_ref(),
            Self::SourceKept(e) => Some(&e.data),
            _ => None,
        }
    }
}

/// The hashed body of a transaction: all of it happens, or none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The tablet's clock.
    pub at: Timestamp,
    /// The last measured difference to the server's clock. Units: ms.
    pub off: i64,
    pub by: StaffId,
    /// Who agreed to it, where `by` alone might not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<StaffId>,
    pub ev: Vec<Event>,
}

impl Body {
    /// The first schema whose programs can read it.
    pub fn schema(&self) -> u32 {
        1
    }
}

/// The most events one transaction may hold.
pub const MOST_EVENTS: usize = 1000;

/// A transaction as it was read: its place in its replica's chain, its events and what stands beside them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    pub replica: Replica,
    pub seq: u64,
    pub body: Body,
    pub parts: Parts,
}
