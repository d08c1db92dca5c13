//! Orders as blocks of versions 1 and 2 have them. Read, never written.

use serde::Deserialize;

use crate::domain::id::{CustomerId, LocationId, OrderId, StaffId};
use crate::domain::money::Currency;
use crate::domain::order::{Channel, Entry, External, Line, Order, OrderState, Totals};
use crate::domain::payment::{Payment, Refund};
use crate::domain::time::Timestamp;

#[derive(Deserialize)]
pub struct Earlier {
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

impl From<Earlier> for Order {
    fn from(e: Earlier) -> Self {
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
        }
    }
}
