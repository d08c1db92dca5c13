//! Other systems' files: bytes in, a preview out. A file with mistakes is not an error: what could be read is returned,
//! with a list of issues that say line, column and reason.
//!
//! Pure: nothing is written here. Identifiers are derived from the source's own, so reading a file twice yields the
//! same.

pub mod batch;
pub mod chat;
pub mod generic;
pub mod issue;
pub mod json;
mod promise;
pub mod reading;
pub mod sheet;
pub mod shopify;
pub mod statement;
pub mod table;
pub mod text;
pub mod web;
pub mod woocommerce;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::customer::Person;
use crate::domain::event::OrderPlaced;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::price::Offered;
use crate::domain::goods::product::Product;
use crate::domain::order::{External, Line, MOST_LINES, OrderState, Totals, add_up};
use crate::domain::payment::{Payment, Refund};
use crate::domain::shop::channel::Channel;
use crate::domain::shop::tender::Tender;
use crate::domain::shop::{location, staff};
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, PaymentId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::part::PersonalRef;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

pub use generic::{Column, Mapping};
pub use issue::{Issue, IssueCode, Severity};

/// Kind of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kind {
    ShopifyProducts,
    ShopifyOrders,
    /// The table that the back office exports.
    ShopifyOrdersCsv,
    WoocommerceOrders,
    /// The table that exports write.
    WoocommerceOrdersCsv,
    /// Any table of products, by its columns.
    ProductsCsv,
    /// Any table of order lines, by its columns.
    OrdersCsv,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::ShopifyProducts,
        Self::ShopifyOrders,
        Self::ShopifyOrdersCsv,
        Self::WoocommerceOrders,
        Self::WoocommerceOrdersCsv,
        Self::ProductsCsv,
        Self::OrdersCsv,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::ShopifyProducts => "shopify-products",
            Self::ShopifyOrders => "shopify-orders",
            Self::ShopifyOrdersCsv => "shopify-orders-csv",
            Self::WoocommerceOrders => "woocommerce-orders",
            Self::WoocommerceOrdersCsv => "woocommerce-orders-csv",
            Self::ProductsCsv => "products-csv",
            Self::OrdersCsv => "orders-csv",
        }
    }
}

/// An order as another system has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportedOrder {
    /// Complete but for customer, note and variants, which are filled in when it is taken in.
    #[serde(with = "Placed")]
    pub placed: OrderPlaced,
    pub person: Person,
    pub note: String,
    /// Line of the file in which it starts.
    pub line: u32,
}

/// All fields of an order in a row, for a form that does not name them: the one in the log leaves empty ones out.
#[derive(Serialize, Deserialize)]
#[serde(remote = "OrderPlaced")]
struct Placed {
    order: OrderId,
    number: String,
    channel: Channel,
    external: Option<External>,
    placed_at: Option<Timestamp>,
    location: LocationId,
    currency: Currency,
    prices_include_tax: bool,
    customer: Option<CustomerId>,
    note: Option<PersonalRef>,
    lines: Vec<Line>,
    totals: Totals,
    state: OrderState,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    offers: Vec<Offered>,
    kits: Vec<Kit>,
}

/// Content of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preview {
    pub kind: Option<Kind>,
    pub products: Vec<Product>,
    /// Levels that the file gives with its products.
    pub opening: Vec<(VariantId, Quantity)>,
    pub orders: Vec<ImportedOrder>,
    pub issues: Vec<Issue>,
    /// The header and the mapping that was used, for tables that can be mapped by hand.
    pub header: Vec<String>,
    pub mapping: Mapping,
}

impl Preview {
    pub fn variants(&self) -> usize {
        self.products.iter().map(|p| p.variants.len()).sum()
    }

    pub fn lines(&self) -> usize {
        self.orders.iter().map(|o| o.placed.lines.len()).sum()
    }

    /// Order totals by currency.
    pub fn totals(&self) -> BTreeMap<Currency, i128> {
        let mut totals = BTreeMap::new();
        for o in &self.orders {
            *totals.entry(o.placed.currency).or_default() += i128::from(o.placed.totals.total.0);
        }
        totals
    }

    pub(crate) fn issue(&mut self, line: u32, column: &str, code: IssueCode) {
        self.issues.push(Issue { line, column: column.to_owned(), code });
    }
}

/// Facts about the store that reading needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store {
    /// The currency of prices without one.
    pub currency: Currency,
}

/// Source of the orders of a table: two marketplaces may call theirs by one number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// Orders of one name and number are the same order.
    pub name: String,
    pub channel: Channel,
}

impl Default for Origin {
    fn default() -> Self {
        Self { name: "table".into(), channel: Channel::Website }
    }
}

/// Reads a file's text. Without a kind it is found out from the content.
pub fn read(text: &str, kind: Option<Kind>, mapping: Option<&Mapping>, origin: &Origin, store: Store) -> Preview {
    let Some(kind) = kind.or_else(|| recognise(text)) else {
        let mut preview = Preview::default();
        preview.issue(1, "", IssueCode::NotRecognised);
        return preview;
    };
    let mut preview = match kind {
        Kind::ShopifyProducts => shopify::products(text, store),
        Kind::ShopifyOrders => shopify::orders(text),
        Kind::ShopifyOrdersCsv => shopify::orders_csv(text),
        Kind::WoocommerceOrders => woocommerce::orders(text),
        Kind::WoocommerceOrdersCsv => woocommerce::orders_csv(text, store),
        Kind::ProductsCsv => generic::products(text, mapping, store),
        Kind::OrdersCsv => generic::orders(text, mapping, origin, store),
    };
    preview.kind = Some(kind);
    preview
}

/// Recognises what a text looks like.
pub fn recognise(text: &str) -> Option<Kind> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        let head: String = text.chars().take(20_000).collect();
        let has = |name: &str| head.contains(&format!("\"{name}\""));
        return if has("date_created_gmt") || has("order_key") || has("customer_note") {
            Some(Kind::WoocommerceOrders)
        } else if has("financial_status") || has("fulfillment_status") || has("total_price") || has("orders") {
            Some(Kind::ShopifyOrders)
        } else {
            None
        };
    }
    let header = table::header(text)?;
    let has = |name: &str| header.iter().any(|h| h.trim().eq_ignore_ascii_case(name));
    if has("Handle") && has("Variant Price") {
        return Some(Kind::ShopifyProducts);
    }
    if has("Lineitem quantity") && has("Lineitem name") && has("Financial Status") {
        return Some(Kind::ShopifyOrdersCsv);
    }
    if has("Order Number") && has("Order Status") && has("Item Name") && has("Item Cost") {
        return Some(Kind::WoocommerceOrdersCsv);
    }
    let guess = Mapping::guess(&header);
    if guess.has(Column::Reference) && (guess.has(Column::Quantity) || guess.has(Column::Total)) {
        Some(Kind::OrdersCsv)
    } else if guess.has(Column::Name) && guess.has(Column::Price) {
        Some(Kind::ProductsCsv)
    } else {
        None
    }
}

/// The parts of an order that every reader finds in its own way.
pub(crate) struct Found {
    pub source: String,
    pub reference: String,
    pub number: String,
    pub placed_at: Option<Timestamp>,
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub channel: Channel,
    pub state: OrderState,
    pub lines: Vec<Line>,
    pub shipping: Minor,
    pub shipping_tax: Minor,
    /// Sum that the source says the order costs.
    pub total: Option<Minor>,
    pub paid: Minor,
    pub refunded: Minor,
    pub person: Person,
    pub note: String,
    pub line: u32,
}

impl Found {
    /// Adds up what was found; a difference to the source's own total is kept and told.
    pub fn finish(self, preview: &mut Preview) {
        if self.lines.len() > MOST_LINES {
            preview.issue(self.line, "", IssueCode::TooManyLines { most: MOST_LINES });
            return;
        }
        let unadjusted = add_up(&self.lines, self.shipping, self.shipping_tax, Minor::ZERO);
        let adjustment = match (&unadjusted, self.total) {
            (Ok(totals), Some(total)) => total.minus(totals.total),
            _ => Ok(Minor::ZERO),
        };
        let totals = adjustment.and_then(|a| add_up(&self.lines, self.shipping, self.shipping_tax, a));
        let Ok(totals) = totals else {
            preview.issue(self.line, "", IssueCode::BadAmount { text: String::new() });
            return;
        };
        if totals.adjustment != Minor::ZERO {
            let by = self.currency.plain(totals.adjustment);
            preview.issue(self.line, "total", IssueCode::TotalDiffers { by });
        }
        let id = |kind: &str| Id::derived(kind, &self.source, &self.reference);
        let at = self.placed_at.unwrap_or_default();
        let mut payments = Vec::new();
        let mut refunds = Vec::new();
        if self.paid > Minor::ZERO {
            payments.push(Payment {
                id: PaymentId(id("payment")),
                tender: Tender::Channel,
                amount: self.paid,
                tendered: self.paid,
                reference: String::new(),
                at,
                by: staff::FIRST,
            });
        }
        if self.refunded > Minor::ZERO {
            refunds.push(Refund {
                id: PaymentId(id("refund")),
                tender: Tender::Channel,
                amount: self.refunded,
                at,
                by: staff::FIRST,
            });
        }
        let external = External { source: self.source.clone(), reference: self.reference.clone() };
        let placed = OrderPlaced {
            order: OrderId(id("order")),
            number: if self.number.is_empty() { self.reference.clone() } else { self.number },
            channel: self.channel,
            external: Some(external),
            placed_at: self.placed_at,
            location: location::FIRST,
            currency: self.currency,
            prices_include_tax: self.prices_include_tax,
            customer: None,
            note: None,
            lines: self.lines,
            totals,
            state: self.state,
            payments,
            refunds,
            offers: Vec::new(),
            kits: Vec::new(),
        };
        preview.orders.push(ImportedOrder { placed, person: self.person, note: self.note, line: self.line });
    }
}

/// Text cut to what a name may be, without what a screen cannot show.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(crate::domain::value::flaw::MOST_NAME)
        .collect::<String>()
        .trim()
        .to_owned()
}
