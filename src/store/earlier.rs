//! What earlier versions sealed, as they had it. Read, never written; what is read becomes what this version has.
//!
//! postcard writes fields one after the other, so a form that only grew at its end holds the one before it whole.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::document::{self, Goods, Purchase, Stocktake, Transfer};
use crate::domain::id::{CustomerId, LocationId, OrderId, PaymentId, StaffId, TaxId, VariantId};
use crate::domain::kit::Kit;
use crate::domain::money::Currency;
use crate::domain::order::{
    self, Assignee, Channel, Delivery, Entry, External, Fulfilment, Line, Order, OrderState, Paper, Priority, Totals,
};
use crate::domain::payment::{Attempt, Payment, Refund};
use crate::domain::pricing::Offered;
use crate::domain::quantity::Quantity;
use crate::domain::settings::Profile;
use crate::domain::stock::Level;
use crate::domain::time::Timestamp;

/// The profile as the first version sealed it.
#[derive(Deserialize)]
pub struct FirstProfile {
    name: String,
    address: String,
    phone: String,
    tax_number: String,
    slip_foot: String,
    currency: Currency,
    prices_include_tax: bool,
    usual_tax: Option<TaxId>,
    offset_min: i32,
}

impl From<FirstProfile> for Profile {
    fn from(e: FirstProfile) -> Self {
        Self {
            name: e.name,
            address: e.address,
            phone: e.phone,
            tax_number: e.tax_number,
            slip_foot: e.slip_foot,
            currency: e.currency,
            prices_include_tax: e.prices_include_tax,
            usual_tax: e.usual_tax,
            offset_min: e.offset_min,
            ..Self::default()
        }
    }
}

/// An order in blocks of versions 1 and 2.
#[derive(Deserialize)]
pub struct SecondOrder {
    id: OrderId,
    number: String,
    channel: Channel,
    external: Option<External>,
    placed_at: Timestamp,
    by: StaffId,
    location: LocationId,
    currency: Currency,
    prices_include_tax: bool,
    state: OrderState,
    customer: Option<CustomerId>,
    note: String,
    lines: Vec<Line>,
    totals: Totals,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    handed_over: Option<LocationId>,
    history: Vec<Entry>,
}

impl From<SecondOrder> for Order {
    fn from(e: SecondOrder) -> Self {
        Self {
            id: e.id,
            number: e.number,
            channel: e.channel,
            external: e.external,
            placed_at: e.placed_at,
            by: e.by,
            location: e.location,
            currency: e.currency,
            prices_include_tax: e.prices_include_tax,
            state: e.state,
            customer: e.customer,
            note: e.note,
            lines: e.lines,
            totals: e.totals,
            payments: e.payments,
            refunds: e.refunds,
            handed_over: e.handed_over,
            history: e.history,
            fulfilment: None,
            attempts: Vec::new(),
            offers: Vec::new(),
            kits: Vec::new(),
            matched: Vec::new(),
            returned: Vec::new(),
            messages: Vec::new(),
            source: None,
        }
    }
}

/// An order in blocks of version 3.
#[derive(Deserialize)]
pub struct ThirdOrder {
    before: SecondOrder,
    fulfilment: Option<ThirdFulfilment>,
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct ThirdFulfilment {
    delivery: Option<Delivery>,
    priority: Priority,
    hold: Option<String>,
    assigned: Option<Assignee>,
    tags: Vec<String>,
    allocated: Vec<ThirdAllocation>,
    printed: Vec<(Paper, u32)>,
}

/// Before there were kits, what was set aside for a line was the line's own variant.
#[derive(Deserialize)]
struct ThirdAllocation {
    line: u16,
    location: LocationId,
    quantity: Quantity,
    free: Quantity,
}

impl From<ThirdOrder> for Order {
    fn from(e: ThirdOrder) -> Self {
        let order = Self::from(e.before);
        let allocation = |a: ThirdAllocation| {
            let variant = order.lines.get(usize::from(a.line))?.variant?;
            Some(order::Allocation { line: a.line, variant, location: a.location, quantity: a.quantity, free: a.free })
        };
        let fulfilment = e.fulfilment.map(|f| {
            Box::new(Fulfilment {
                delivery: f.delivery,
                priority: f.priority,
                hold: f.hold,
                assigned: f.assigned,
                tags: f.tags,
                allocated: f.allocated.into_iter().filter_map(allocation).collect(),
                printed: f.printed,
            })
        });
        Self { fulfilment, attempts: e.attempts, ..order }
    }
}

/// An order in blocks of version 4.
#[derive(Deserialize)]
pub struct FourthOrder {
    before: SecondOrder,
    fulfilment: Option<Box<Fulfilment>>,
    attempts: Vec<Attempt>,
    offers: Vec<Offered>,
    kits: Vec<Kit>,
    matched: Vec<(PaymentId, String)>,
}

impl From<FourthOrder> for Order {
    fn from(e: FourthOrder) -> Self {
        let FourthOrder { before, fulfilment, attempts, offers, kits, matched } = e;
        Self { fulfilment, attempts, offers, kits, matched, ..before.into() }
    }
}

/// A level as sealed by formats up to 5, one after the other, and by format 6, packed.
#[derive(Clone, Copy, Deserialize)]
pub struct SixthLevel {
    pub on_hand: Quantity,
    pub movements: u64,
    pub opened: bool,
}

impl From<SixthLevel> for Level {
    fn from(e: SixthLevel) -> Self {
        Self { on_hand: e.on_hand, movements: e.movements, opened: e.opened, ..Self::default() }
    }
}

/// A document of the stockroom as sealed by formats up to 6.
#[derive(Deserialize)]
pub enum SixthDocument {
    Transfer(Transfer),
    Purchase(Purchase),
    Stocktake(SixthStocktake),
}

#[derive(Deserialize)]
pub struct SixthStocktake {
    location: LocationId,
    category: String,
    blind: bool,
    opened_at: Timestamp,
    by: StaffId,
    counts: BTreeMap<VariantId, SixthCount>,
    ended: Option<bool>,
}

/// Before counts said which corrections they knew of.
#[derive(Deserialize)]
struct SixthCount {
    counted: Quantity,
    expected: Quantity,
    at: Timestamp,
    by: StaffId,
    times: u32,
}

impl From<SixthStocktake> for Stocktake {
    fn from(e: SixthStocktake) -> Self {
        let count = |c: SixthCount| document::Count {
            counted: c.counted,
            expected: c.expected,
            at: c.at,
            by: c.by,
            times: c.times,
            corrected: None,
        };
        Self {
            location: e.location,
            category: e.category,
            blind: e.blind,
            opened_at: e.opened_at,
            by: e.by,
            counts: e.counts.into_iter().map(|(variant, c)| (variant, count(c))).collect(),
            ended: e.ended,
        }
    }
}

impl From<SixthDocument> for document::Document {
    fn from(document: SixthDocument) -> Self {
        match document {
            SixthDocument::Transfer(transfer) => Self::Transfer(transfer),
            SixthDocument::Purchase(purchase) => Self::Purchase(purchase),
            SixthDocument::Stocktake(stocktake) => Self::Stocktake(stocktake.into()),
        }
    }
}

/// A document of the stockroom as sealed by formats up to 3.
#[derive(Deserialize)]
pub enum ThirdDocument {
    Transfer(ThirdTransfer),
    Purchase(Purchase),
    Stocktake(SixthStocktake),
}

/// Before there were batches.
#[derive(Deserialize)]
pub struct ThirdTransfer {
    from: LocationId,
    to: LocationId,
    goods: Goods,
    sent_at: Timestamp,
    by: StaffId,
    received: Option<Goods>,
}

impl From<ThirdDocument> for document::Document {
    fn from(document: ThirdDocument) -> Self {
        match document {
            ThirdDocument::Transfer(t) => Self::Transfer(document::Transfer {
                from: t.from,
                to: t.to,
                goods: t.goods,
                sent_at: t.sent_at,
                by: t.by,
                received: t.received,
                batches: Vec::new(),
            }),
            ThirdDocument::Purchase(purchase) => Self::Purchase(purchase),
            ThirdDocument::Stocktake(stocktake) => Self::Stocktake(stocktake.into()),
        }
    }
}
