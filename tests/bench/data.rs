//! A store's year from one seed: products, customers and orders as a busy shop has them.
//!
//! Orders have 1 to 8 lines, names in Chinese and English, thirteen months of time; of the products a few sell most
//! (Zipf).

// Each of the binaries that share it uses a part.
#![allow(dead_code)]

#[path = "../native/simulation/dice.rs"]
mod dice;

use daybook::domain::decide::Draft;
use daybook::domain::event::{Event, OrderPlaced};
use daybook::domain::goods::product::{Product, Variant};
use daybook::domain::order::{Line, OrderState, Totals, add_up};
use daybook::domain::payment::Payment;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::tender::Tender;
use daybook::domain::shop::{location, staff};
use daybook::domain::stock::{Movement, Reason};
use daybook::domain::value::id::{Id, MovementId, OrderId, PaymentId, ProductId, VariantId};
use daybook::domain::value::money::{Currency, Minor};
use daybook::domain::value::quantity::{Quantity, Unit};
use daybook::domain::value::time::Timestamp;
use daybook::server::Server;
use daybook::server::shop::Shop;
use dice::Dice;
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-11-01, in ms.
pub const END: i64 = 1_793_491_200_000;
const THIRTEEN_MONTHS: i64 = 395 * 86_400_000;
const THINGS: [(&str, &str); 12] = [
    ("龙井茶", "Longjing tea"),
    ("辣椒酱", "Chilli sauce"),
    ("竹篮", "Bamboo basket"),
    ("土鸡蛋", "Farm eggs"),
    ("蜂蜜", "Honey"),
    ("东北大米", "Rice"),
    ("围巾", "Scarf"),
    ("陶杯", "Clay cup"),
    ("豆腐", "Tofu"),
    ("葡萄", "Grapes"),
    ("手工皂", "Soap"),
    ("笔记本", "Notebook"),
];

/// A rank of `n` that follows Zipf's law with exponent 1, near enough: small ones come most.
fn zipf(dice: &mut Dice, n: u64) -> u64 {
    let unit = (dice.roll() >> 11) as f64 / (1_u64 << 53) as f64;
    (((n as f64 + 1.0).powf(unit)) as u64).saturating_sub(1).min(n - 1)
}

/// An order of the store's first place with nothing in it.
pub fn blank() -> OrderPlaced {
    OrderPlaced {
        order: OrderId::default(),
        number: String::new(),
        channel: Channel::Counter,
        external: None,
        placed_at: None,
        location: location::FIRST,
        currency: Currency::CNY,
        prices_include_tax: true,
        customer: None,
        note: None,
        lines: Vec::new(),
        totals: Totals::default(),
        state: OrderState::Closed,
        payments: Vec::new(),
        refunds: Vec::new(),
        offers: Vec::new(),
        kits: Vec::new(),
    }
}

/// A store's catalogue and orders, the same for the same seed.
pub struct Year {
    pub products: u64,
    pub orders: u64,
}

/// What is sold with two taps.
pub const QUICK: &str = "!快卖";
/// Variants of one product.
const VARIANTS: u64 = 4;

impl Year {
    fn variant(n: u64) -> VariantId {
        VariantId(Id::derived("variant", "bench", &n.to_string()))
    }

    fn name(n: u64) -> String {
        let (zh, en) = THINGS[(n % THINGS.len() as u64) as usize];
        format!("{zh} {en} {}", n / THINGS.len() as u64)
    }

    fn price(n: u64) -> Minor {
        Minor(100 + (n * 7_919) as i64 % 20_000)
    }

    pub fn product(n: u64) -> Product {
        let variants = (0..VARIANTS).map(|v| {
            let id = n * VARIANTS + v;
            Variant {
                id: Self::variant(id),
                label: ["S", "M", "L", "XL"][v as usize].into(),
                sku: format!("SKU-{id:06}"),
                barcode: format!("69{id:011}"),
                price: Self::price(n),
                low_at: None,
            }
        });
        Product {
            id: ProductId(Id::derived("product", "bench", &n.to_string())),
            name: Self::name(n),
            category: format!("类 {}", n % 20),
            unit: Unit::Piece,
            tax: None,
            active: true,
            variants: variants.collect(),
        }
    }

    pub fn order(&self, n: u64) -> OrderPlaced {
        let mut dice = Dice::new(n + 1);
        let at = Timestamp(END - THIRTEEN_MONTHS + (n as i64 * (THIRTEEN_MONTHS / self.orders.max(1) as i64)));
        let count = 1 + zipf(&mut dice, 8);
        let lines: Vec<Line> = (0..count)
            .map(|_| {
                let product = zipf(&mut dice, self.products);
                let quantity = Quantity::whole(1 + zipf(&mut dice, 5) as i64);
                let unit_price = Self::price(product);
                Line {
                    variant: Some(Self::variant(product * VARIANTS + dice.below(VARIANTS))),
                    name: Self::name(product),
                    sku: format!("SKU-{:06}", product * VARIANTS),
                    unit: Unit::Piece,
                    quantity,
                    unit_price,
                    discount: Minor(0),
                    tax_id: None,
                    rate_bp: 0,
                    net: unit_price.ratio(quantity.0, 1000).expect("small numbers"),
                    tax: Minor(0),
                }
            })
            .collect();
        let totals = add_up(&lines, Minor(0), Minor(0), Minor(0)).expect("small numbers");
        // The newest fiftieth is still under way.
        let closed = n < self.orders - self.orders / 50;
        let payment = Payment {
            id: PaymentId(Id { replica: 9, n: 2 * n + 2 }),
            tender: [Tender::Cash, Tender::WechatPay, Tender::Alipay][dice.below(3) as usize],
            amount: totals.total,
            tendered: totals.total,
            reference: String::new(),
            at,
            by: staff::FIRST,
        };
        OrderPlaced {
            // As a tablet gives them, not as an import derives them.
            order: OrderId(Id { replica: 9, n: 2 * n + 1 }),
            number: format!("Z-{}", n + 1),
            channel: [Channel::Counter, Channel::Stall, Channel::Phone, Channel::Website][dice.below(4) as usize],
            placed_at: Some(at),
            lines,
            totals,
            state: if closed { OrderState::Closed } else { OrderState::Placed },
            payments: if closed { vec![payment] } else { Vec::new() },
            ..blank()
        }
    }

    /// One product with one variant, at the top of the list, to be sold with two taps.
    pub fn quick() -> Product {
        let variant =
            Variant { id: Self::variant(u64::MAX), sku: QUICK.into(), price: Minor(500), ..Variant::default() };
        let id = ProductId(Id::derived("product", "bench", QUICK));
        Product {
            id,
            name: QUICK.into(),
            category: "快".into(),
            active: true,
            variants: vec![variant],
            ..Product::default()
        }
    }

    /// A store's folder with all of it.
    pub async fn store(&self) -> TempDir {
        let data = tempfile::tempdir().expect("a folder");
        let (_, ending) = tokio::sync::watch::channel(false);
        let server = Server::open(data.path(), ending).await.expect("a server");
        self.fill(&server.shop().expect("a store")).await;
        server.journal.close().await;
        data
    }

    async fn fill(&self, shop: &Shop) {
        let draft = Draft { events: vec![Event::ProductSet(Self::quick())], ..Draft::default() };
        shop.write(Timestamp(END), move |_, _| Ok(draft)).await.expect("the store takes it");
        for first in (0..self.products).step_by(40) {
            let last = (first + 40).min(self.products);
            let mut events: Vec<Event> = (first..last).map(|n| Event::ProductSet(Self::product(n))).collect();
            for id in first * VARIANTS..last * VARIANTS {
                events.push(Event::StockMoved(Movement {
                    id: MovementId(Id::derived("opening", "bench", &id.to_string())),
                    variant: Self::variant(id),
                    location: location::FIRST,
                    change: Quantity::whole(100),
                    reason: Reason::Opening,
                    at: Timestamp(END - THIRTEEN_MONTHS),
                    by: staff::FIRST,
                }));
            }
            let draft = Draft { events, ..Draft::default() };
            shop.write(Timestamp(END), move |_, _| Ok(draft)).await.expect("the store takes it");
        }
        for first in (0..self.orders).step_by(100) {
            let events =
                (first..(first + 100).min(self.orders)).map(|n| Event::OrderPlaced(Box::new(self.order(n)))).collect();
            let draft = Draft { events, ..Draft::default() };
            shop.write(Timestamp(END), move |_, _| Ok(draft)).await.expect("the store takes it");
        }
    }

    /// An order as a JavaScript program would keep it.
    pub fn document(&self, n: u64) -> Value {
        let order = self.order(n);
        json!({
            "id": order.order.to_string(),
            "number": order.number,
            "channel": order.channel,
            "state": order.state,
            "placedAt": order.placed_at.unwrap_or_default().0,
            "total": order.totals.total.0,
            "paid": order.payments.iter().map(|p| p.amount.0).sum::<i64>(),
            "customer": "",
            "lines": order.lines.iter().map(|l| json!({
                "variant": l.variant.map(|v| v.to_string()),
                "name": l.name,
                "sku": l.sku,
                "quantity": l.quantity.0,
                "price": l.unit_price.0,
                "total": l.gross().0,
            })).collect::<Vec<_>>(),
        })
    }
}
