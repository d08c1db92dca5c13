//! What is written down: events, and the transactions that hold them. Nothing here is ever changed or removed.
//!
//! An event is declared once, as a row of the table below. Its payload, its check (what may stand in the log) and its
//! fold (what it does to the book) stand in the file of its noun. `check` and `fold` only go through the events of a
//! transaction.

mod case;
pub mod check;
mod customer;
mod documents;
pub(in crate::domain) mod fold;
mod fulfilment;
mod goods;
mod kept;
mod messages;
mod orders;
mod payments;
mod returns;
mod shop;
mod stock;
#[macro_use]
mod table;
mod till;
mod transaction;

pub use case::*;
pub use customer::*;
pub use documents::*;
pub use fulfilment::*;
pub use goods::*;
pub use messages::*;
pub use orders::*;
pub use payments::*;
pub use returns::*;
pub use stock::*;
pub use till::*;
pub use transaction::{Body, MOST_EVENTS, Transaction};

use check::Check;
use fold::Fold;

use crate::domain::book::Book;
use crate::domain::book::layered::Layer;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::price::{PriceList, Promotion};
use crate::domain::goods::product::Product;
use crate::domain::order::rule::Rule;
use crate::domain::payment::till::CashMove;
use crate::domain::rejection::Rejection;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::{Role, Staff};
use crate::domain::shop::tax::TaxRate;
use crate::domain::stock::Movement;
use crate::domain::stock::document::Supplier;
use crate::domain::stock::lease::Lease;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::OrderId;
use crate::domain::value::part::PersonalRef;

events! {
    #[doc = "Sets what the store is called and how it computes."]
    "profile_set" ProfileSet(Profile): Request, Owner, since 1, about [], setting ["profile"], parts [];
    #[doc = "Sets a tax rate."]
    "tax_rate_set" TaxRateSet(TaxRate): Request, Manager, since 1, about [], setting ["tax" id], parts [];
    #[doc = "Sets a place that holds stock."]
    "location_set" LocationSet(Location): Request, Manager, since 1, about [], setting ["location" id], parts [];
    #[doc = "Sets a person who works here."]
    "staff_set" StaffSet(Staff): Request, Owner, since 1, about [], setting ["staff" id], parts [];
    #[doc = "Sets a rule that acts on orders."]
    "rule_set" RuleSet(Rule): Request, Manager, since 1, about [], setting ["rule" id], parts [];
    #[doc = "Sets where goods for orders come from."]
    "sourcing_set" SourcingSet(SourcingSet): Request, Manager, since 1, about [], setting ["sourcing"], parts [];
    #[doc = "Sets a setting that was there before, and says which version whoever changed it saw."]
    "setting_edited" SettingEdited(SettingEdited): Request, Clerk, since 1, about [], setting none, parts [];

    #[doc = "Sets a product with its variants."]
    "product_set" ProductSet(Product): Request, Manager, since 1, about [], setting none, parts [];
    #[doc = "Sets a product that was there before, and says which version whoever edited it saw."]
    "product_edited" ProductEdited(Box<ProductEdited>): Request, Manager, since 1, about [], setting none, parts [];
    #[doc = "Sets the price of one variant."]
    "price_set" PriceSet(PriceSet): Request, Manager, since 1, about [], setting none, parts [];
    #[doc = "Sets a price list."]
    "price_list_set" PriceListSet(PriceList): Request, Manager, since 1, about [], setting ["price_list" id], parts [];
    #[doc = "Sets a promotion."]
    "promotion_set" PromotionSet(Promotion): Request, Manager, since 1, about [], setting ["promotion" id], parts [];
    #[doc = "Sets the parts of a kit."]
    "kit_set" KitSet(Kit): Request, Manager, since 1, about [], setting ["kit" variant], parts [];
    #[doc = "Sets the packs that a variant comes in."]
    "packs_set" PacksSet(PacksSet): Request, Manager, since 1, about [], setting ["packs" variant], parts [];
    #[doc = "Says whether a variant is scarce."]
    "scarcity_set" ScarcitySet(ScarcitySet): Request, Manager, since 1, about [], setting none, parts [];
    #[doc = "Sets what is left of a lease; another tablet's takes a manager."]
    "lease_set" LeaseSet(Lease): Request, Clerk, since 1, about [], setting none, parts [];

    #[doc = "Sets a customer's card."]
    "customer_set" CustomerSet(CustomerSet): Request, Clerk, since 1, about [], setting none, parts [person];
    #[doc = "Sets how much a customer may owe and which group they are of."]
    "account_set" AccountSet(AccountSet): Request, Manager, since 1, about [], setting none, parts [];
    #[doc = "Says that a customer paid what they owe."]
    "account_settled" AccountSettled(AccountSettled): Fact, Clerk, since 1, about [], setting none, parts [];

    #[doc = "Places an order with everything it was computed from."]
    "order_placed" OrderPlaced(Box<OrderPlaced>): Fact, Clerk, since 1, about [order], setting none, parts [note];
    #[doc = "Takes a step along the state table."]
    "order_moved" OrderMoved(OrderMoved): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Takes the last step back."]
    "step_undone" StepUndone(StepUndone): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Voids an order."]
    "order_voided" OrderVoided(OrderVoided): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Writes a note on an order."]
    "order_noted" OrderNoted(OrderNoted): Fact, Clerk, since 1, about [order], setting none, parts [note];
    #[doc = "Puts other lines in an order; more than rounding takes a manager where it says it is rounding."]
    "order_edited" OrderEdited(Box<OrderEdited>): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says whose order it is."]
    "customer_changed" CustomerChanged(CustomerChanged): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Keeps the message in which another system handed an order in."]
    "source_kept" SourceKept(SourceKept): Fact, Clerk, since 1, about [order], setting none, parts [data];

    #[doc = "Says where an order goes and when."]
    "delivery_set" DeliverySet(DeliverySet): Fact, Clerk, since 1, about [order], setting none, parts [to];
    #[doc = "Puts a mark on an order."]
    "order_marked" OrderMarked(OrderMarked): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Sets goods aside for an order."]
    "stock_allocated" StockAllocated(StockAllocated): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that a paper was printed."]
    "paper_printed" PaperPrinted(PaperPrinted): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that a rule acted, for the log and the order's history."]
    "rule_applied" RuleApplied(RuleApplied): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that all goods of an order left."]
    "goods_handed_over" GoodsHandedOver(GoodsHandedOver): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that all goods of an order came back."]
    "goods_returned" GoodsReturned(GoodsReturned): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that goods of some lines came back."]
    "lines_returned" LinesReturned(LinesReturned): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that the customer is to be told something."]
    "message_due" MessageDue(MessageDue): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that the messages that were due were sent, or let go."]
    "message_sent" MessageSent(MessageSent): Fact, Clerk, since 1, about [order], setting none, parts [];

    #[doc = "Says that money came for an order."]
    "payment_taken" PaymentTaken(PaymentTaken): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says that money went back; without a manager it is kept and is no part of the books by itself."]
    "payment_refunded" PaymentRefunded(PaymentRefunded): Fact, Manager, since 1, about [order], setting none, parts [];
    #[doc = "Says that a terminal is about to be asked for money."]
    "payment_asked" PaymentAsked(PaymentAsked): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says what the terminal said."]
    "payment_answered" PaymentAnswered(PaymentAnswered): Fact, Clerk, since 1, about [order], setting none, parts [];
    #[doc = "Says which line of a statement a payment is."]
    "payment_matched" PaymentMatched(PaymentMatched): Fact, Manager, since 1, about [order], setting none, parts [];
    #[doc = "Moves money that was paid for one order to a part of it that became an order of its own."]
    "money_moved" MoneyMoved(MoneyMoved): Fact, Clerk, since 1, about [from, to], setting none, parts [];

    #[doc = "Opens the till of the tablet that wrote it."]
    "till_opened" TillOpened(TillOpened): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Puts cash in or takes it out beside sales."]
    "cash_moved" CashMoved(CashMove): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Closes the till of the tablet that wrote it."]
    "till_closed" TillClosed(TillClosed): Fact, Clerk, since 1, about [], setting none, parts [];

    #[doc = "Moves goods."]
    "stock_moved" StockMoved(Movement): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Says how much is on a shelf."]
    "stock_counted" StockCounted(StockCounted): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Says that so much of what is at a place is of a lot."]
    "lot_received" LotReceived(LotReceived): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Says which batches are at a place."]
    "batches_set" BatchesSet(BatchesSet): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Sends goods from one place to another."]
    "transfer_sent" TransferSent(TransferSent): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Says what of a transfer arrived."]
    "transfer_received" TransferReceived(TransferReceived): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Orders goods from a supplier."]
    "purchase_ordered" PurchaseOrdered(PurchaseOrdered): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Says what came of a purchase."]
    "purchase_received" PurchaseReceived(PurchaseReceived): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Sets a supplier."]
    "supplier_set" SupplierSet(Supplier): Request, Manager, since 1, about [], setting ["supplier" id], parts [];
    #[doc = "Opens a stocktake."]
    "stocktake_opened" StocktakeOpened(StocktakeOpened): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Counts one thing for a stocktake."]
    "stocktake_counted" StocktakeCounted(StocktakeCounted): Fact, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Posts a stocktake, or drops it."]
    "stocktake_ended" StocktakeEnded(StocktakeEnded): Request, Manager, since 1, about [], setting none, parts [];

    #[doc = "Takes a case as seen to; facts that the server held take a manager."]
    "case_resolved" CaseResolved(CaseResolved): Request, Clerk, since 1, about [], setting none, parts [];
    #[doc = "Has facts that the server held count from here on."]
    "held_accepted" HeldAccepted(HeldAccepted): Request, Manager, since 1, about [orders], setting none, parts [];
    #[doc = "Says that a refused transaction was looked at and let go, for the log alone."]
    "refusal_dropped" RefusalDropped(RefusalDropped): Fact, Clerk, since 1, about [], setting none, parts [];
}

/// One row of the table of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// The name on the wire.
    pub name: &'static str,
    pub doc: &'static str,
    pub class: Class,
    /// The least role that may write it.
    pub least: Role,
    /// The schema since which it exists.
    pub since: u32,
    /// Fields with the orders it is about.
    pub about: &'static [&'static str],
    /// The kind of setting it sets.
    pub setting: Option<&'static str>,
    /// Fields with its detached parts.
    pub parts: &'static [&'static str],
}

/// Says whether an event may be refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It happened. Nobody can refuse it.
    Fact,
    /// It is asked for, and may be refused.
    Request,
}

impl Event {
    /// A hash over its JSON.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&serde_json::to_vec(self).unwrap_or_default()])
    }
}

/// The longest detached part: a note of the most characters there may be, each written as an escape. Units: bytes.
const MOST_PART: usize = 32 * 1024;

/// Properties of a payload that do not stand in the table.
pub(in crate::domain) trait Happening {
    /// The longest of its detached parts. Units: bytes.
    fn most_part(&self) -> usize {
        MOST_PART
    }

    /// Notes what it brings that later events of its transaction may name.
    fn bring(&self, _own: &mut check::Own) {}

    /// Says whether it may stand in the log, trusting nothing in it; asked by tablet and server alike. That its first
    /// order is known, its parts are what they were and its writer has the least role is asked before.
    ///
    /// # Errors
    /// Why it may not.
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection>;

    /// Does to the book what follows from it. Total: it may not fail.
    fn fold(&self, fold: &mut Fold<'_>);
}

/// A payload that sets one of the store's settings.
trait Setting: Sized {
    /// The setting as the book has it.
    fn now(&self, book: &Book, layer: Layer) -> Option<Self>;
}

/// A field with orders.
trait About {
    fn one(&self) -> Option<OrderId>;
    fn add_to(&self, all: &mut Vec<OrderId>);
}

impl About for OrderId {
    fn one(&self) -> Option<OrderId> {
        Some(*self)
    }

    fn add_to(&self, all: &mut Vec<OrderId>) {
        all.push(*self);
    }
}

impl About for Vec<OrderId> {
    fn one(&self) -> Option<OrderId> {
        None
    }

    fn add_to(&self, all: &mut Vec<OrderId>) {
        all.extend(self);
    }
}

/// A field with a detached part.
trait Detached {
    fn reference(&self) -> Option<&PersonalRef>;
}

impl Detached for PersonalRef {
    fn reference(&self) -> Option<&PersonalRef> {
        Some(self)
    }
}

impl Detached for Option<PersonalRef> {
    fn reference(&self) -> Option<&PersonalRef> {
        self.as_ref()
    }
}

impl<T: Happening> Happening for Box<T> {
    fn most_part(&self) -> usize {
        (**self).most_part()
    }

    fn bring(&self, own: &mut check::Own) {
        (**self).bring(own);
    }

    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        (**self).check(cx)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        (**self).fold(fold);
    }
}
