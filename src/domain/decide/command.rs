//! What a person wants done.

use std::collections::BTreeSet;

use crate::domain::customer::Person;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::goods::price::{PriceList, Promotion};
use crate::domain::goods::product::Product;
use crate::domain::order::rule::Rule;
use crate::domain::order::{Cart, Delivery, Mark, OrderState, Paper, ReturnReason, VoidReason};
use crate::domain::payment::Outcome;
use crate::domain::payment::till::Counted;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Staff;
use crate::domain::shop::tax::{RateSum, TaxRate};
use crate::domain::shop::tender::Tender;
use crate::domain::stock::Adjustment;
use crate::domain::stock::batch::{Batch, Lot};
use crate::domain::stock::document::{Goods, Ordered, Supplier};
use crate::domain::stock::lease::{Lease, Scarcity};
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, PaymentId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

/// Money as it comes over the counter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Money {
    pub tender: Tender,
    /// The sum that counts towards the order.
    pub amount: Minor,
    /// The sum that was handed over.
    pub tendered: Minor,
    pub reference: String,
}

/// Something a person wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Places the cart as an order; with `money` it is paid, with `hand_over` the goods go along, with both it is
    /// closed.
    Place {
        cart: Cart,
        number: String,
        location: LocationId,
        money: Option<Money>,
        hand_over: bool,
    },
    /// Places the cart as an order, and says that a terminal is about to be asked for what it costs; the goods stay
    /// until it has answered.
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
    /// Takes goods of single lines back, and gives money back for them.
    Return {
        order: OrderId,
        /// Positions of lines, and how much of each.
        goods: Vec<(u16, Quantity)>,
        why: ReturnReason,
        /// The place where they can be sold again; `None` when they cannot.
        location: Option<LocationId>,
        refund: Vec<(Tender, Minor)>,
    },
    Step {
        order: OrderId,
        to: OrderState,
        location: LocationId,
    },
    /// Takes the last step back: the one that led away from `to`.
    UndoStep {
        order: OrderId,
        to: OrderState,
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
    /// Sets whose order it is; somebody who has no card yet gets one.
    SetCustomer {
        order: OrderId,
        customer: Option<CustomerId>,
        new: Option<Person>,
    },
    /// Writes a message for the customer, to be sent.
    Tell {
        order: OrderId,
        text: String,
    },
    /// Says that the messages that were due were sent, or let go.
    Told {
        order: OrderId,
        sent: bool,
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
        /// The tax in what this tablet sold in the shift ([`super::taxes_since`]).
        taxes: Vec<RateSum>,
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
    /// Sets goods of one line aside from a place that somebody chose.
    AllocateFrom {
        order: OrderId,
        line: u16,
        location: LocationId,
    },
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
        /// Those of them that are of a lot.
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
    /// The rules in the order in which they act.
    OrderRules(Vec<Id>),
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
            | Self::Return { order, .. }
            | Self::SetCustomer { order, .. }
            | Self::Tell { order, .. }
            | Self::Told { order, .. }
            | Self::Step { order, .. }
            | Self::UndoStep { order, .. }
            | Self::Void { order, .. }
            | Self::Note { order, .. }
            | Self::SettleCase { order, .. }
            | Self::SetDelivery { order, .. }
            | Self::Mark { order, .. }
            | Self::Allocate(order)
            | Self::Release(order)
            | Self::Edit { order, .. }
            | Self::AllocateFrom { order, .. }
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

    /// Says whether it is decided on what only the whole log says: what this tablet's till took, how much is on a
    /// shelf, what is leased to whom, what a customer owes or has in credit. Goods that stand in for the store's do not
    /// have all of that.
    pub fn needs_the_log(&self) -> bool {
        match self {
            Self::OpenTill { .. }
            | Self::CloseTill { .. }
            | Self::MoveCash { .. }
            | Self::Count { .. }
            | Self::CountFor { .. }
            | Self::EndStocktake { .. }
            | Self::SetAside(_)
            | Self::SettleAccount { .. } => true,
            Self::Place { money: Some(money), .. } | Self::Pay { money, .. } => money.tender.needs_customer(),
            _ => false,
        }
    }
}
