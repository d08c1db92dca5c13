//! WooCommerce: orders as its REST API sends them. Line totals are net there; tax stands beside them.
//!
//! Source: woocommerce.github.io/woocommerce-rest-api-docs, Orders.

use serde::Deserialize;

use super::json::{Each, Text, each_order};
use super::table::{self, Row, Table};
use super::{Found, IssueCode, Preview, Store, clean};
use crate::domain::customer::Person;
use crate::domain::order::{Line, OrderState};
use crate::domain::shop::channel::Channel;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::Timestamp;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    id: Text,
    number: Text,
    status: Text,
    currency: Text,
    prices_include_tax: bool,
    date_created_gmt: Text,
    date_created: Text,
    date_paid_gmt: Text,
    date_paid: Text,
    shipping_total: Text,
    shipping_tax: Text,
    total: Text,
    customer_note: Text,
    billing: Option<Address>,
    shipping: Option<Address>,
    line_items: Vec<Item>,
    fee_lines: Vec<Item>,
    refunds: Option<Vec<Refund>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    name: Text,
    sku: Text,
    quantity: Text,
    subtotal: Text,
    subtotal_tax: Text,
    total: Text,
    total_tax: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refund {
    total: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    first_name: Text,
    last_name: Text,
    company: Text,
    address_1: Text,
    address_2: Text,
    city: Text,
    state: Text,
    postcode: Text,
    country: Text,
    email: Text,
    phone: Text,
}

/// Reads orders; drafts and bin are left out.
pub fn orders(text: &str) -> Preview {
    let mut preview = Preview::default();
    each_order(text, &mut preview, |each: Each<Order>, preview| {
        if let Some(found) = order(&each, preview) {
            found.finish(preview);
        }
    });
    preview
}

/// Reads the table that order exports of WooCommerce write by default, a row for each line.
///
/// Source: the default columns of "Advanced Order Export For WooCommerce" on wordpress.org.
pub fn orders_csv(text: &str, store: Store) -> Preview {
    let mut preview = Preview::default();
    let table = table::read(text);
    if let Some(line) = table.unclosed {
        preview.issue(line, "", IssueCode::UnclosedQuote);
    }
    let Some(number) = table.column("Order Number") else {
        preview.issue(1, "Order Number", IssueCode::MissingColumn);
        return preview;
    };
    for rows in table.grouped(number) {
        let each = Each { line: rows[0].line, order: exported(&table, &rows, store) };
        if let Some(found) = order(&each, &mut preview) {
            found.finish(&mut preview);
        }
    }
    preview
}

/// An exported order, as the interface would have sent it. Tax stands on the order alone there; lines bear it by what
/// they cost.
fn exported(table: &Table, rows: &[&Row], store: Store) -> Order {
    let cell = |row: &Row, column: &str| Text::from(row.cell(table.column(column)));
    let of = |column: &str| cell(rows[0], column);
    let item = |row: &&Row| {
        let (each, quantity) = (cell(row, "Item Cost"), cell(row, "Quantity (- Refund)"));
        let quantity = if quantity.is_empty() { cell(row, "Quantity") } else { quantity };
        let micro = crate::domain::value::money::parse_decimal(&each, 6).unwrap_or_default();
        let all = Quantity::parse(&quantity).and_then(|q| Minor(micro).ratio(q.0, 1000).ok()).unwrap_or_default();
        let total = Text::from(crate::domain::value::money::plain_decimal(all.0, 6).as_str());
        Item { name: cell(row, "Item Name"), sku: cell(row, "SKU"), quantity, total, ..Item::default() }
    };
    let address = |kind: &str| {
        let of = |what: &str| of(&format!("{what} ({kind})"));
        Address {
            first_name: of("First Name"),
            last_name: of("Last Name"),
            company: of("Company"),
            address_1: Some(of("Address 1&2")).filter(|t| !t.is_empty()).unwrap_or_else(|| of("Address 1")),
            address_2: of("Address 2"),
            city: of("City"),
            state: of("State Code"),
            postcode: of("Postcode"),
            country: of("Country Code"),
            email: of("Email"),
            phone: of("Phone"),
        }
    };
    let status = of("Order Status").to_lowercase().replace(' ', "-");
    let status = match status.as_str() {
        "pending-payment" => "pending",
        other => other,
    };
    let currency =
        Some(of("Order Currency")).filter(|t| !t.is_empty()).unwrap_or_else(|| Text::from(store.currency.code()));
    let refunded = of("Order Refund Amount");
    let mut items: Vec<Item> = rows.iter().filter(|row| !cell(row, "Item Name").is_empty()).map(item).collect();
    let micro = |text: &str| crate::domain::value::money::parse_decimal(text, 6).unwrap_or_default();
    let shipping_tax = of("Order Shipping Tax Amount");
    let tax = Minor(micro(&of("Order Total Tax Amount")).saturating_sub(micro(&shipping_tax)));
    let weights: Vec<i64> = items.iter().map(|i| micro(&i.total)).collect();
    for (item, share) in items.iter_mut().zip(tax.share(&weights).unwrap_or_default()) {
        item.total_tax = Text::from(crate::domain::value::money::plain_decimal(share.0, 6).as_str());
    }
    Order {
        id: Some(of("Order ID")).filter(|t| !t.is_empty()).unwrap_or_else(|| of("Order Number")),
        number: of("Order Number"),
        status: Text::from(status),
        currency,
        date_created: of("Order Date"),
        date_paid: of("Paid Date"),
        shipping_total: of("Order Shipping Amount"),
        total: of("Order Total Amount"),
        customer_note: of("Customer Note"),
        billing: Some(address("Billing")),
        shipping: Some(address("Shipping")),
        line_items: items,
        shipping_tax,
        refunds: (!refunded.is_empty()).then(|| vec![Refund { total: refunded }]),
        ..Order::default()
    }
}

fn order(each: &Each<Order>, preview: &mut Preview) -> Option<Found> {
    let (o, line) = (&each.order, each.line);
    if o.id.is_empty() {
        preview.issue(line, "id", IssueCode::NoReference);
        return None;
    }
    let Ok(currency) = o.currency.parse::<Currency>() else {
        preview.issue(line, "currency", IssueCode::OddCurrency { text: clean(&o.currency) });
        return None;
    };
    let amount = |preview: &mut Preview, field: &str, text: &Text| -> Option<Minor> {
        if text.is_empty() {
            return Some(Minor::ZERO);
        }
        // WooCommerce computes with more decimals than the currency has.
        let parsed = crate::domain::value::money::parse_decimal(text, 8)
            .and_then(|v| Minor(v).ratio(1, 10_i64.pow(8 - currency.decimals())).ok());
        if parsed.is_none() {
            preview.issue(line, field, IssueCode::BadAmount { text: clean(text) });
        }
        parsed
    };
    let mut lines = Vec::new();
    for (item, fee) in o.line_items.iter().map(|i| (i, false)).chain(o.fee_lines.iter().map(|i| (i, true))) {
        let quantity = if fee { Some(Quantity::ONE) } else { Quantity::parse(&item.quantity) };
        let Some(quantity) = quantity.filter(|q| *q > Quantity::ZERO && *q <= Quantity::MOST) else {
            preview.issue(line, "line_items.quantity", IssueCode::BadQuantity { text: clean(&item.quantity) });
            return None;
        };
        let net = amount(preview, "line_items.total", &item.total)?;
        let tax = amount(preview, "line_items.total_tax", &item.total_tax)?;
        let (subtotal, subtotal_tax) = match item.subtotal.is_empty() {
            true => (net, tax),
            false => (
                amount(preview, "line_items.subtotal", &item.subtotal)?,
                amount(preview, "line_items.subtotal_tax", &item.subtotal_tax)?,
            ),
        };
        let (before, after) = match o.prices_include_tax {
            true => (subtotal.plus(subtotal_tax).ok()?, net.plus(tax).ok()?),
            false => (subtotal, net),
        };
        let name = clean(&item.name);
        lines.push(Line {
            variant: None,
            name: if name.is_empty() { "—".into() } else { name },
            sku: clean(&item.sku),
            unit: if quantity.is_whole() { Unit::Piece } else { Unit::Kilogram },
            quantity,
            unit_price: before.ratio(1000, quantity.0).ok()?,
            discount: before.minus(after).ok()?,
            tax_id: None,
            rate_bp: if net.0 > 0 {
                u32::try_from(tax.ratio(10_000, net.0).ok()?.0).unwrap_or(0).min(10_000)
            } else {
                0
            },
            net,
            tax,
        });
    }
    if lines.is_empty() {
        preview.issue(line, "line_items", IssueCode::NoLines);
        return None;
    }
    let shipping_tax = amount(preview, "shipping_tax", &o.shipping_tax)?;
    let shipping = amount(preview, "shipping_total", &o.shipping_total)?.plus(shipping_tax).ok()?;
    let total = amount(preview, "total", &o.total)?;
    let mut refunded = Minor::ZERO;
    for refund in o.refunds.iter().flatten() {
        refunded = refunded.plus(Minor(amount(preview, "refunds.total", &refund.total)?.0.saturating_abs())).ok()?;
    }
    let paid_by_date = !o.date_paid_gmt.is_empty() || !o.date_paid.is_empty();
    let (state, paid) = match o.status.as_str() {
        "pending" | "on-hold" => (OrderState::Placed, paid_by_date),
        "processing" => (OrderState::Confirmed, true),
        "completed" => (OrderState::Closed, true),
        "cancelled" | "failed" => (OrderState::Voided, false),
        "refunded" => {
            refunded = total;
            (OrderState::Closed, true)
        }
        "checkout-draft" | "auto-draft" | "trash" => {
            preview.issue(line, "status", IssueCode::UnknownStatus { text: clean(&o.status) });
            return None;
        }
        other => {
            preview.issue(line, "status", IssueCode::UnknownStatus { text: clean(other) });
            (OrderState::Placed, paid_by_date)
        }
    };
    let placed = if o.date_created_gmt.is_empty() { &o.date_created } else { &o.date_created_gmt };
    let placed_at = Timestamp::parse(placed);
    if placed_at.is_none() {
        preview.issue(line, "date_created_gmt", IssueCode::BadDate { text: clean(placed) });
    }
    Some(Found {
        source: "woocommerce".into(),
        reference: clean(&o.id),
        number: clean(if o.number.is_empty() { &o.id } else { &o.number }),
        placed_at,
        currency,
        prices_include_tax: o.prices_include_tax,
        channel: Channel::Website,
        state,
        lines,
        shipping,
        shipping_tax,
        total: Some(total),
        paid: if paid { total } else { Minor::ZERO },
        refunded,
        person: person(o),
        note: o.customer_note.trim().chars().take(2000).collect(),
        line,
    })
}

fn person(o: &Order) -> Person {
    let empty = Address::default();
    let billing = o.billing.as_ref().unwrap_or(&empty);
    let a = o.shipping.as_ref().filter(|a| !a.first_name.is_empty() || !a.address_1.is_empty()).unwrap_or(billing);
    let joined =
        |parts: &[&Text]| parts.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    Person {
        name: clean(&joined(&[&a.first_name, &a.last_name, &a.company])),
        phone: clean(if billing.phone.is_empty() { &a.phone } else { &billing.phone }),
        email: clean(&billing.email),
        address: clean(&joined(&[&a.address_1, &a.address_2, &a.city, &a.state, &a.postcode, &a.country])),
        note: String::new(),
    }
}
