//! Shopify: the product CSV of its admin, and orders as its REST Admin API sends them.
//!
//! Source: help.shopify.com "Using CSV files to import and export products"; shopify.dev, REST Admin API, Order.

use std::collections::HashMap;

use serde::Deserialize;

use super::json::{Each, Text, each_order};
use super::table::{self, Row, Table};
use super::{Found, IssueCode, Preview, Store, clean};
use crate::domain::customer::Person;
use crate::domain::goods::product::{Product, Variant};
use crate::domain::order::{Line, OrderState};
use crate::domain::shop::channel::Channel;
use crate::domain::value::id::{Id, ProductId, VariantId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;

const SOURCE: &str = "shopify";

// --- products
// ---------------------------------------------------------------------------------------------------------

/// Reads a product CSV: a product is all rows with its handle; rows that only bring another picture are passed over.
pub fn products(text: &str, store: Store) -> Preview {
    let table = table::read(text);
    let mut preview = Preview { header: table.header.clone(), ..Preview::default() };
    for name in ["Handle", "Variant Price"] {
        if table.column(name).is_none() {
            preview.issue(1, name, IssueCode::MissingColumn);
        }
    }
    if !preview.issues.is_empty() {
        return preview;
    }
    if let Some(line) = table.unclosed {
        preview.issue(line, "", IssueCode::UnclosedQuote);
    }
    let columns = Columns::of(&table);
    let mut position = HashMap::<String, usize>::new();
    let mut skus = HashMap::<String, u32>::new();
    for row in &table.rows {
        let handle = row.cell(columns.handle);
        if handle.is_empty() {
            preview.issue(row.line, "Handle", IssueCode::NoReference);
            continue;
        }
        let title = clean(row.cell(columns.title));
        let at = match position.get(handle) {
            Some(at) => *at,
            None if title.is_empty() => {
                preview.issue(row.line, "Title", IssueCode::NoName);
                continue;
            }
            None => {
                preview.products.push(columns.product(row, handle, title));
                position.insert(handle.to_owned(), preview.products.len() - 1);
                preview.products.len() - 1
            }
        };
        columns.variant(row, handle, at, store, &mut skus, &mut preview);
    }
    preview.products.retain(|p| !p.variants.is_empty());
    preview
}

struct Columns {
    handle: Option<usize>,
    title: Option<usize>,
    category: Option<usize>,
    published: Option<usize>,
    status: Option<usize>,
    options: [Option<usize>; 3],
    sku: Option<usize>,
    barcode: Option<usize>,
    price: Option<usize>,
    quantity: Option<usize>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        Self {
            handle: table.column("Handle"),
            title: table.column("Title"),
            category: table.column("Type").or_else(|| table.column("Custom Product Type")),
            published: table.column("Published"),
            status: table.column("Status"),
            options: [table.column("Option1 Value"), table.column("Option2 Value"), table.column("Option3 Value")],
            sku: table.column("Variant SKU"),
            barcode: table.column("Variant Barcode"),
            price: table.column("Variant Price"),
            quantity: table.column("Variant Inventory Qty"),
        }
    }

    fn product(&self, row: &Row, handle: &str, name: String) -> Product {
        let hidden = row.cell(self.published).eq_ignore_ascii_case("false")
            || row.cell(self.status).eq_ignore_ascii_case("archived");
        Product {
            id: ProductId(Id::derived("product", SOURCE, handle)),
            name,
            category: clean(row.cell(self.category)),
            unit: Unit::Piece,
            tax: None,
            active: !hidden,
            variants: Vec::new(),
        }
    }

    fn variant(
        &self,
        row: &Row,
        handle: &str,
        at: usize,
        store: Store,
        skus: &mut HashMap<String, u32>,
        preview: &mut Preview,
    ) {
        let options: Vec<&str> = self.options.iter().map(|c| row.cell(*c)).filter(|o| !o.is_empty()).collect();
        let price = row.cell(self.price);
        if price.is_empty() && options.is_empty() {
            return; // a row that only brings another picture
        }
        let Ok(price) = store.currency.parse(price) else {
            preview.issue(row.line, "Variant Price", IssueCode::BadAmount { text: clean(price) });
            return;
        };
        if price < Minor::ZERO {
            preview.issue(row.line, "Variant Price", IssueCode::BadAmount { text: store.currency.plain(price) });
            return;
        }
        // A leading apostrophe keeps spreadsheets from turning a barcode into a number.
        let sku = clean(row.cell(self.sku).trim_start_matches('\''));
        if !sku.is_empty() && skus.insert(sku.clone(), row.line).is_some() {
            preview.issue(row.line, "Variant SKU", IssueCode::DuplicateSku { sku: sku.clone() });
        }
        let key = options.join("\u{1f}");
        let id = VariantId(Id::derived("variant", SOURCE, &format!("{handle}\u{1f}{key}")));
        let plain = options.as_slice() == ["Default Title"];
        let variant = Variant {
            id,
            label: if plain { String::new() } else { clean(&options.join(" / ")) },
            sku,
            barcode: clean(row.cell(self.barcode).trim_start_matches('\'')),
            price,
            low_at: None,
        };
        let quantity = row.cell(self.quantity);
        match Quantity::parse(quantity) {
            Some(Quantity(0)) => {}
            Some(q) => preview.opening.push((id, q)),
            None if quantity.is_empty() => {}
            None => preview.issue(row.line, "Variant Inventory Qty", IssueCode::BadQuantity { text: clean(quantity) }),
        }
        let variants = &mut preview.products[at].variants;
        match variants.iter_mut().find(|v| v.id == id) {
            Some(same) => *same = variant,
            None => variants.push(variant),
        }
    }
}

// --- orders -----------------------------------------------------------------------------------------------------------

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    id: Text,
    name: Text,
    order_number: Text,
    created_at: Text,
    processed_at: Text,
    currency: Text,
    taxes_included: bool,
    total_price: Text,
    total_tax: Text,
    total_discounts: Text,
    financial_status: Text,
    fulfillment_status: Text,
    cancelled_at: Text,
    closed_at: Text,
    confirmed: Option<bool>,
    note: Text,
    email: Text,
    phone: Text,
    line_items: Vec<Item>,
    shipping_lines: Vec<Shipping>,
    tax_lines: Vec<TaxLine>,
    refunds: Vec<RefundEntry>,
    billing_address: Option<Address>,
    shipping_address: Option<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    title: Text,
    name: Text,
    sku: Text,
    quantity: Text,
    price: Text,
    total_discount: Text,
    discount_allocations: Vec<Allocation>,
    tax_lines: Vec<TaxLine>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Allocation {
    amount: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TaxLine {
    price: Text,
    rate: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Shipping {
    price: Text,
    discounted_price: Text,
    tax_lines: Vec<TaxLine>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RefundEntry {
    transactions: Vec<RefundTransaction>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RefundTransaction {
    amount: Text,
    kind: Text,
    status: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    name: Text,
    first_name: Text,
    last_name: Text,
    address1: Text,
    address2: Text,
    city: Text,
    province: Text,
    zip: Text,
    country: Text,
    phone: Text,
}

/// Reads orders: one order, a list, or an object with `order` or `orders`.
pub fn orders(text: &str) -> Preview {
    let mut preview = Preview::default();
    each_order(text, &mut preview, |each: Each<Order>, preview| {
        if let Some(found) = order(&each, preview) {
            found.finish(preview);
        }
    });
    preview
}

/// Reads the table that the shop's back office exports: the first row of an order has all of it, each further row one
/// more line.
///
/// Source: help.shopify.com, "Exporting orders to a CSV file".
pub fn orders_csv(text: &str) -> Preview {
    let mut preview = Preview::default();
    let table = table::read(text);
    if let Some(line) = table.unclosed {
        preview.issue(line, "", IssueCode::UnclosedQuote);
    }
    let Some(name) = table.column("Name") else {
        preview.issue(1, "Name", IssueCode::MissingColumn);
        return preview;
    };
    for rows in table.grouped(name) {
        let each = Each { line: rows[0].line, order: exported(&table, &rows) };
        if let Some(found) = order(&each, &mut preview) {
            found.finish(&mut preview);
        }
    }
    preview
}

/// An exported order, as the interface would have sent it.
fn exported(table: &Table, rows: &[&Row]) -> Order {
    let cell = |row: &Row, column: &str| Text::from(row.cell(table.column(column)));
    let of = |column: &str| cell(rows[0], column);
    let either = |a: &str, b: &str| Some(of(a)).filter(|t| !t.is_empty()).unwrap_or_else(|| of(b));
    let item = |row: &&&Row| Item {
        name: cell(row, "Lineitem name"),
        sku: cell(row, "Lineitem sku"),
        quantity: cell(row, "Lineitem quantity"),
        price: cell(row, "Lineitem price"),
        total_discount: cell(row, "Lineitem discount"),
        ..Item::default()
    };
    let address = |kind: &str| {
        let of = |what: &str| of(&format!("{kind} {what}"));
        let line = Some(of("Address1")).filter(|t| !t.is_empty()).unwrap_or_else(|| of("Street"));
        Address {
            name: of("Name"),
            address1: line,
            address2: of("Address2"),
            city: of("City"),
            province: of("Province"),
            // An apostrophe keeps spreadsheets from taking it for a number.
            zip: Text::from(of("Zip").trim_start_matches('\'')),
            country: of("Country"),
            phone: Text::from(of("Phone").trim_start_matches('\'')),
            ..Address::default()
        }
    };
    let is_there = |a: &Address| !a.name.is_empty() || !a.address1.is_empty();
    // It does not say whether prices include tax; the sums do.
    let amount = |column: &str| crate::domain::value::money::parse_decimal(&of(column), 6).unwrap_or_default();
    let taxes_included =
        amount("Taxes") > 0 && amount("Subtotal").saturating_add(amount("Shipping")) == amount("Total");
    let refunded = of("Refunded Amount");
    let refund = RefundTransaction { amount: refunded.clone(), kind: Text::from("refund"), status: Text::default() };
    Order {
        id: either("Id", "Name"),
        name: of("Name"),
        created_at: of("Created at"),
        currency: of("Currency"),
        taxes_included,
        total_price: of("Total"),
        total_tax: of("Taxes"),
        total_discounts: of("Discount Amount"),
        financial_status: Text::from(of("Financial Status").to_lowercase().as_str()),
        fulfillment_status: Text::from(of("Fulfillment Status").to_lowercase().as_str()),
        cancelled_at: of("Cancelled at"),
        note: of("Notes"),
        email: of("Email"),
        phone: of("Phone"),
        line_items: rows
            .iter()
            .filter(|row| !cell(row, "Lineitem quantity").is_empty())
            .map(|row| item(&row))
            .collect(),
        shipping_lines: vec![Shipping { price: of("Shipping"), ..Shipping::default() }],
        refunds: if refunded.is_empty() { Vec::new() } else { vec![RefundEntry { transactions: vec![refund] }] },
        billing_address: Some(address("Billing")).filter(is_there),
        shipping_address: Some(address("Shipping")).filter(is_there),
        ..Order::default()
    }
}

fn order(each: &Each<Order>, preview: &mut Preview) -> Option<Found> {
    let (o, line) = (&each.order, each.line);
    let mut amounts = Amounts { currency: Currency::default(), line, preview };
    if o.id.is_empty() {
        amounts.preview.issue(line, "id", IssueCode::NoReference);
        return None;
    }
    let Ok(currency) = o.currency.parse() else {
        amounts.preview.issue(line, "currency", IssueCode::OddCurrency { text: clean(&o.currency) });
        return None;
    };
    amounts.currency = currency;
    let mut lines = Vec::new();
    for item in &o.line_items {
        lines.push(amounts.item(item, o.taxes_included)?);
    }
    if lines.is_empty() {
        amounts.preview.issue(line, "line_items", IssueCode::NoLines);
        return None;
    }
    let mut shipping = Minor::ZERO;
    let mut shipping_tax = Minor::ZERO;
    for s in &o.shipping_lines {
        let price = if s.discounted_price.is_empty() { &s.price } else { &s.discounted_price };
        shipping = shipping.plus(amounts.get("shipping_lines.price", price)?).ok()?;
        for t in &s.tax_lines {
            shipping_tax = shipping_tax.plus(amounts.get("shipping_lines.tax_lines.price", &t.price)?).ok()?;
        }
    }
    if !o.taxes_included {
        shipping = shipping.plus(shipping_tax).ok()?;
    }
    let total = amounts.get("total_price", &o.total_price)?;
    let total_discount = amounts.get("total_discounts", &o.total_discounts)?;
    let total_tax = amounts.get("total_tax", &o.total_tax)?;
    spread_discount(&mut lines, total_discount)?;
    let rate = o.tax_lines.first().map_or(0, |t| rate_bp(&t.rate));
    spread_tax(&mut lines, total_tax.minus(shipping_tax).ok()?, o.taxes_included, rate)?;
    let (paid, refunded) = money(o, total, &mut amounts)?;
    let status = (o.financial_status.as_str(), o.fulfillment_status.as_str());
    let state = match status {
        _ if !o.cancelled_at.is_empty() => OrderState::Voided,
        ("voided", _) => OrderState::Voided,
        _ if !o.closed_at.is_empty() => OrderState::Closed,
        (_, "fulfilled") => OrderState::Shipped,
        _ if o.confirmed == Some(true) => OrderState::Confirmed,
        _ => OrderState::Placed,
    };
    let placed = if o.processed_at.is_empty() { &o.created_at } else { &o.processed_at };
    let placed_at = amounts.time("created_at", placed);
    let number = if o.name.is_empty() { &o.order_number } else { &o.name };
    Some(Found {
        source: SOURCE.into(),
        reference: clean(&o.id),
        number: clean(number),
        placed_at,
        currency,
        prices_include_tax: o.taxes_included,
        channel: Channel::Website,
        state,
        lines,
        shipping,
        shipping_tax,
        total: Some(total),
        paid,
        refunded,
        person: person(o),
        note: o.note.trim().chars().take(2000).collect(),
        line,
    })
}

/// Reads amounts of one order, telling what is wrong with them.
struct Amounts<'a> {
    currency: Currency,
    line: u32,
    preview: &'a mut Preview,
}

impl Amounts<'_> {
    /// An amount; nothing is zero.
    fn get(&mut self, field: &str, text: &Text) -> Option<Minor> {
        if text.is_empty() {
            return Some(Minor::ZERO);
        }
        match self.currency.parse(text) {
            Ok(amount) => Some(amount),
            Err(_) => {
                self.preview.issue(self.line, field, IssueCode::BadAmount { text: clean(text) });
                None
            }
        }
    }

    fn time(&mut self, field: &str, text: &Text) -> Option<Timestamp> {
        let time = Timestamp::parse(text);
        if time.is_none() {
            self.preview.issue(self.line, field, IssueCode::BadDate { text: clean(text) });
        }
        time
    }

    fn item(&mut self, item: &Item, included: bool) -> Option<Line> {
        let Some(quantity) = Quantity::parse(&item.quantity).filter(|q| *q > Quantity::ZERO && *q <= Quantity::MOST)
        else {
            self.preview.issue(
                self.line,
                "line_items.quantity",
                IssueCode::BadQuantity { text: clean(&item.quantity) },
            );
            return None;
        };
        let unit_price = self.get("line_items.price", &item.price)?;
        let mut discount = Minor::ZERO;
        for a in &item.discount_allocations {
            discount = discount.plus(self.get("line_items.discount_allocations.amount", &a.amount)?).ok()?;
        }
        if item.discount_allocations.is_empty() {
            discount = self.get("line_items.total_discount", &item.total_discount)?;
        }
        let mut tax = Minor::ZERO;
        for t in &item.tax_lines {
            tax = tax.plus(self.get("line_items.tax_lines.price", &t.price)?).ok()?;
        }
        let amount = unit_price.ratio(quantity.0, 1000).ok()?.minus(discount).ok()?;
        let net = if included { amount.minus(tax).ok()? } else { amount };
        let name = clean(if item.name.is_empty() { &item.title } else { &item.name });
        let rate_bp = item.tax_lines.iter().map(|t| rate_bp(&t.rate)).sum::<u32>().min(10_000);
        let name = if name.is_empty() { "—".into() } else { name };
        Some(Line {
            variant: None,
            name,
            sku: clean(&item.sku),
            unit: Unit::Piece,
            quantity,
            unit_price,
            discount,
            tax_id: None,
            rate_bp,
            net,
            tax,
        })
    }
}

/// A rate written as a fraction (`0.06`) in basis points.
fn rate_bp(text: &Text) -> u32 {
    crate::domain::value::money::parse_decimal(text, 6)
        .and_then(|micro| u32::try_from(micro / 100).ok())
        .unwrap_or(0)
        .min(10_000)
}

/// Discounts of the whole order that its lines do not show.
fn spread_discount(lines: &mut [Line], total: Minor) -> Option<()> {
    let shown: Minor = lines.iter().map(|l| l.discount).sum();
    let left = total.minus(shown).ok()?;
    if left <= Minor::ZERO {
        return Some(());
    }
    let weights: Vec<i64> = lines.iter().map(|l| l.net.0).collect();
    for (line, share) in lines.iter_mut().zip(left.share(&weights).ok()?) {
        line.discount = line.discount.plus(share).ok()?;
        line.net = line.net.minus(share).ok()?;
    }
    Some(())
}

/// Tax of the whole order that its lines do not show.
fn spread_tax(lines: &mut [Line], total: Minor, included: bool, rate: u32) -> Option<()> {
    let shown: Minor = lines.iter().map(|l| l.tax).sum();
    let left = total.minus(shown).ok()?;
    if left <= Minor::ZERO {
        return Some(());
    }
    let weights: Vec<i64> = lines.iter().map(|l| l.net.0).collect();
    let Ok(shares) = left.share(&weights) else { return Some(()) };
    for (line, share) in lines.iter_mut().zip(shares) {
        line.tax = line.tax.plus(share).ok()?;
        line.rate_bp = rate;
        if included {
            line.net = line.net.minus(share).ok()?;
        }
    }
    Some(())
}

fn money(o: &Order, total: Minor, amounts: &mut Amounts<'_>) -> Option<(Minor, Minor)> {
    let mut refunded = Minor::ZERO;
    for t in o.refunds.iter().flat_map(|r| &r.transactions) {
        if t.kind.as_str() == "refund" && t.status.as_str() != "failure" {
            refunded = refunded.plus(amounts.get("refunds.transactions.amount", &t.amount)?).ok()?;
        }
    }
    Some(match o.financial_status.as_str() {
        "paid" => (total, refunded),
        "refunded" => (total, total),
        "partially_refunded" => (total, refunded),
        "partially_paid" => {
            amounts.preview.issue(amounts.line, "financial_status", IssueCode::PaidUnknown);
            (Minor::ZERO, refunded)
        }
        "" | "pending" | "authorized" | "voided" | "expired" | "unpaid" => (Minor::ZERO, Minor::ZERO),
        other => {
            let text = clean(other);
            amounts.preview.issue(amounts.line, "financial_status", IssueCode::UnknownStatus { text });
            (Minor::ZERO, Minor::ZERO)
        }
    })
}

fn person(o: &Order) -> Person {
    let empty = Address::default();
    let a = o.shipping_address.as_ref().or(o.billing_address.as_ref()).unwrap_or(&empty);
    let joined =
        |parts: &[&Text]| parts.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    let name = if a.name.is_empty() { joined(&[&a.first_name, &a.last_name]) } else { a.name.to_string() };
    Person {
        name: clean(&name),
        phone: clean(if o.phone.is_empty() { &a.phone } else { &o.phone }),
        email: clean(&o.email),
        address: clean(&joined(&[&a.address1, &a.address2, &a.city, &a.province, &a.zip, &a.country])),
        note: String::new(),
    }
}
