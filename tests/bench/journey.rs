//! A page of real use: a year of purchases of a real shop, from several tablets.
//!
//! Source: The Complete Journey (84.51°), 1,469,307 lines in 155,848 baskets of 92,331 products, as `journey.py` writes
//! it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use daybook::domain::decide::Draft;
use daybook::domain::event::{Body, Event, OrderPlaced};
use daybook::domain::goods::product::{Product, Variant};
use daybook::domain::order::{Line, add_up};
use daybook::domain::payment::Payment;
use daybook::domain::shop::staff;
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::{Id, OrderId, PaymentId, ProductId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::part::Parts;
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::Timestamp;
use daybook::sync::protocol::{Cursor, Enrolment, PushEntry, SCHEMA, SyncRequest, SyncResponse, VERSION};
use serde_json::json;
use serde_json::value::RawValue;
use tempfile::TempDir;

use super::server::Server;

/// The shop's tills.
pub const TABLETS: usize = 4;
/// Bytes of bodies in one request.
const MOST_PUSH: usize = 240 * 1024;

fn variant(product: &str) -> VariantId {
    VariantId(Id::derived("variant", "journey", product))
}

/// A store's folder with the products.
pub async fn products(folder: &Path) -> (TempDir, HashMap<String, String>) {
    let mut names = HashMap::new();
    let mut all = Vec::new();
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).from_path(folder.join("products.csv")).expect("the products");
    for row in rows.records() {
        let row = row.expect("a row");
        let (id, department, category, kind, size) = (&row[0], &row[2], &row[3], &row[4], &row[5]);
        let name = [kind, category, department].into_iter().find(|t| !t.is_empty()).unwrap_or(id);
        names.insert(id.to_owned(), name.to_owned());
        let one = Variant { id: variant(id), label: size.to_owned(), sku: id.to_owned(), ..Variant::default() };
        all.push(Product {
            id: ProductId(Id::derived("product", "journey", id)),
            name: name.to_owned(),
            category: department.to_owned(),
            unit: Unit::Piece,
            tax: None,
            active: true,
            variants: vec![one],
        });
    }
    let data = tempfile::tempdir().expect("a folder");
    let (_, ending) = tokio::sync::watch::channel(false);
    let server = daybook::server::Server::open(data.path(), ending).await.expect("a server");
    let shop = server.shop().expect("a store");
    for some in all.chunks(150) {
        let draft = Draft { events: some.iter().cloned().map(Event::ProductSet).collect(), ..Draft::default() };
        shop.write(Timestamp(super::data::END), move |_, _| Ok(draft)).await.expect("the store takes it");
    }
    server.journal.close().await;
    (data, names)
}

/// Baskets in the order of time, each with the shop's store and its lines.
struct Basket {
    store: u64,
    at: i64,
    lines: Vec<(String, i64, i64)>,
}

fn baskets(folder: &Path) -> Vec<Basket> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_path(folder.join("lines.csv")).expect("the lines");
    let (mut baskets, mut known) = (Vec::<Basket>::new(), HashMap::<String, usize>::new());
    for row in rows.records() {
        let row = row.expect("a row");
        let number = |i: usize| row[i].parse::<i64>().expect("a number");
        let at = *known.entry(row[0].to_owned()).or_insert_with(|| {
            baskets.push(Basket { store: number(1) as u64, at: number(3), lines: Vec::new() });
            baskets.len() - 1
        });
        // Fuel is in hundreds of gallons there, and a few lines are of nothing.
        let pieces = Some(number(5)).filter(|n| (1..=200).contains(n)).unwrap_or(1);
        baskets[at].lines.push((row[4].to_owned(), pieces, number(6).max(0)));
    }
    baskets
}

struct Till {
    me: Enrolment,
    seq: u64,
    id: u64,
    link: Hash,
    waiting: Vec<PushEntry>,
    bytes: usize,
}

impl Till {
    fn take(&mut self, basket: &Basket, names: &HashMap<String, String>) {
        let lines: Vec<Line> = basket.lines.iter().map(|line| sold(line, names)).collect();
        let totals = add_up(&lines, Minor(0), Minor(0), Minor(0)).expect("small numbers");
        let at = Timestamp(basket.at);
        let mut id = || {
            self.id += 1;
            Id { replica: self.me.replica, n: self.id }
        };
        let (order, payment) = (OrderId(id()), PaymentId(id()));
        self.seq += 1;
        let placed = OrderPlaced {
            order,
            number: format!("{}-{}", self.me.prefix, self.seq),
            placed_at: Some(at),
            lines,
            totals,
            payments: vec![Payment {
                id: payment,
                tender: Tender::Card,
                amount: totals.total,
                tendered: totals.total,
                reference: String::new(),
                at,
                by: staff::FIRST,
            }],
            ..super::data::blank()
        };
        let body = Body { at, off: 0, by: staff::FIRST, ok: None, ev: vec![Event::OrderPlaced(Box::new(placed))] };
        let body = serde_json::to_string(&body).expect("JSON");
        self.link = Hash::link(self.link, &body);
        self.bytes += body.len();
        let body = RawValue::from_string(body).expect("JSON");
        self.waiting.push(PushEntry { seq: self.seq, h: self.link, body, pd: Parts::new() });
    }

    async fn push(&mut self, client: &reqwest::Client, address: &str) {
        if self.waiting.is_empty() {
            return;
        }
        let request = SyncRequest {
            v: VERSION,
            store: self.me.store.clone(),
            replica: self.me.replica,
            schema: SCHEMA,
            cursor: Cursor::default(),
            push: std::mem::take(&mut self.waiting),
            limit: 1,
        };
        self.bytes = 0;
        let body = serde_json::to_vec(&request).expect("JSON");
        let answer = client
            .post(format!("{address}/v1/sync"))
            .bearer_auth(&self.me.token)
            .body(body)
            .send()
            .await
            .expect("an answer");
        let bytes = answer.bytes().await.expect("bytes");
        let answer: SyncResponse =
            serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&bytes)));
        assert_eq!(answer.last_seq, self.seq);
        let bad = answer.res.iter().find(|r| r.s != daybook::sync::protocol::Status::Ok);
        assert!(bad.is_none(), "{bad:?}");
    }
}

/// A line that adds up: what a price for one leaves over is taken off again.
fn sold((product, pieces, value): &(String, i64, i64), names: &HashMap<String, String>) -> Line {
    let each = (value + pieces - 1) / pieces;
    Line {
        variant: Some(variant(product)),
        name: names.get(product).unwrap_or(product).clone(),
        sku: product.clone(),
        unit: Unit::Piece,
        quantity: Quantity::whole(*pieces),
        unit_price: Minor(each),
        discount: Minor(each * pieces - value),
        tax_id: None,
        rate_bp: 0,
        net: Minor(*value),
        tax: Minor(0),
    }
}

/// The year comes in from the tills, in the order of time, over the wire. How many orders and lines, and in how many
/// seconds.
pub async fn replay(folder: &Path, server: &Server, names: &HashMap<String, String>) -> (usize, usize, f64) {
    let baskets = baskets(folder);
    let (address, client) = (server.address(), reqwest::Client::new());
    let mut tills = Vec::new();
    for _ in 0..TABLETS {
        let body = json!({ "code": server.code(), "device": "till" }).to_string();
        let answer = client.post(format!("{address}/v1/enrol")).body(body).send().await.expect("an answer");
        let me = serde_json::from_slice(&answer.bytes().await.expect("bytes")).expect("an identity");
        tills.push(Till { me, seq: 0, id: 0, link: Hash::default(), waiting: Vec::new(), bytes: 0 });
    }
    let begun = Instant::now();
    for basket in &baskets {
        let till = &mut tills[(basket.store % TABLETS as u64) as usize];
        till.take(basket, names);
        if till.waiting.len() >= 250 || till.bytes >= MOST_PUSH {
            till.push(&client, &address).await;
        }
    }
    for till in &mut tills {
        till.push(&client, &address).await;
    }
    (baskets.len(), baskets.iter().map(|b| b.lines.len()).sum(), begun.elapsed().as_secs_f64())
}
