//! Web shops: signed messages become orders once, and what changes there is heard here.

use base64ct::{Base64, Encoding};
use daybook::domain::customer::Person;
use daybook::domain::decide::Command;
use daybook::domain::order::rule::{Act, Condition, Rule};
use daybook::domain::order::{Cart, Delivery, Method, Order, OrderState, Paper};
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location;
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use daybook::server::intake::{Refused, Taken, is_signed, take_in};
use daybook::server::journal::IntakeRow;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::support::{Shop, Tablet};

const AT: Timestamp = Timestamp(1_700_000_500_000);

fn row(name: &str, kind: &str) -> IntakeRow {
    IntakeRow {
        name: name.into(),
        store: String::new(),
        kind: kind.into(),
        secret: "a long secret".into(),
        heard_at: None,
    }
}

fn hand_in(shop: &Shop, row: &IntakeRow, body: &str) -> Result<Taken, Refused> {
    shop.runtime.block_on(take_in(&shop.shop(), row, body, AT))
}

fn sample(name: &str, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let path = format!("{}/tests/data/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("a sample")).expect("JSON");
    let list = all.get("orders").unwrap_or(&all);
    let mut first = list[0].clone();
    change(&mut first);
    first.to_string()
}

fn placed(tablet: &Tablet, taken: Result<Taken, Refused>) -> Order {
    match taken {
        Ok(Taken::Placed(id)) => {
            tablet.sync_all();
            tablet.order(id)
        }
        other => panic!("{other:?}"),
    }
}

const SIMPLE: &str = r#"{
    "reference": "W-17",
    "customer": { "name": "李雷", "phone": "13800138000", "address": "城南路 18 号" },
    "lines": [{ "sku": "LJ-1", "quantity": 2 }, { "name": "礼盒包装", "unit_price": "5.00" }],
    "shipping": 8, "paid": "38.60", "note": "不要辣", "promised_at": "2023-11-20T10:00:00+08:00", "coupon": "kept"
}"#;

#[test]
fn a_signature_fits_one_body_and_one_secret() {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"key").expect("any key");
    mac.update(b"body");
    let bytes = mac.finalize().into_bytes();
    let base64 = Base64::encode_string(&bytes);
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    for good in [base64, hex.clone(), format!("sha256={hex}")] {
        assert!(is_signed("key", b"body", &good));
        assert!(!is_signed("key", b"bodY", &good));
        assert!(!is_signed("Key", b"body", &good));
    }
    for bad in ["", "x", &hex[..62], "zz", "====", &"é".repeat(32)] {
        assert!(!is_signed("key", b"body", bad), "{bad}");
    }
}

#[test]
fn an_order_of_a_website_reaches_every_tablet_priced_by_the_list() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = placed(&a, hand_in(&shop, &row("site", "json"), SIMPLE));
    assert_eq!(order.totals.total, Minor(2 * 1280 + 500 + 800));
    assert_eq!(order.paid(), Minor(3_860));
    assert_eq!((order.number.as_str(), order.note.as_str(), order.lines.len()), ("W-17", "不要辣", 2));
    assert_eq!(order.lines[0].variant, Some(a.variant()));
    let delivery = order.fulfilment.as_ref().and_then(|f| f.delivery.as_ref()).expect("where it goes");
    assert_eq!(delivery.promised, Timestamp::parse("2023-11-20T02:00:00Z"));
    b.sync_all();
    assert_eq!(b.order(order.id), order);
    assert_eq!(b.full_digest(), shop.digest());
    let log = shop.runtime.block_on(shop.server.journal.page(&shop.shop().id, 0, 100)).expect("the journal").0;
    assert!(log.iter().any(|r| r.parts.values().any(|p| p.data.contains("coupon"))), "what has no place here is kept");
}

#[test]
fn a_message_that_is_repeated_changes_nothing_and_a_later_one_tells_what_is_new() {
    let shop = Shop::new();
    let a = shop.tablet();
    let woo = row("woocommerce", "woocommerce");
    let pending = |paid: bool| {
        sample("woocommerce_orders.json", |o| {
            o["status"] = if paid { "processing" } else { "pending" }.into();
            o["date_paid_gmt"] = serde_json::Value::Null;
            o["date_paid"] = serde_json::Value::Null;
            o["refunds"] = serde_json::json!([]);
        })
    };
    let order = placed(&a, hand_in(&shop, &woo, &pending(false)));
    assert_eq!((order.paid(), order.state), (Minor::ZERO, OrderState::Placed));
    for _ in 0..3 {
        assert_eq!(hand_in(&shop, &woo, &pending(false)).expect("known"), Taken::Known(order.id));
    }
    assert_eq!(hand_in(&shop, &woo, &pending(true)).expect("paid"), Taken::Changed(order.id));
    assert_eq!(hand_in(&shop, &woo, &pending(true)).expect("known"), Taken::Known(order.id));
    a.sync_all();
    assert_eq!(a.order(order.id).due(), Minor::ZERO);
    assert_eq!(a.order(order.id).payments.len(), 1);
    let called_off = sample("woocommerce_orders.json", |o| {
        o["status"] = "cancelled".into();
        o["date_paid_gmt"] = serde_json::Value::Null;
        o["date_paid"] = serde_json::Value::Null;
    });
    assert_eq!(hand_in(&shop, &woo, &called_off).expect("called off"), Taken::Changed(order.id));
    a.sync_all();
    // The money is still there; a person has to look, and is told once.
    let held = a.order(order.id);
    assert!(held.state.open() && held.fulfilment.is_some_and(|f| f.hold.is_some()));
    assert_eq!(hand_in(&shop, &woo, &called_off).expect("known"), Taken::Known(order.id));
}

#[test]
fn shops_that_speak_alike_do_not_share_references_and_a_file_of_the_first_is_the_same_order() {
    let shop = Shop::new();
    let a = shop.tablet();
    let text = sample("shopify_orders.json", |_| {});
    let first = placed(&a, hand_in(&shop, &row("shopify", "shopify"), &text));
    let second = placed(&a, hand_in(&shop, &row("second", "shopify"), &text));
    assert_ne!(first.id, second.id);
    let preview = daybook::import::read(
        &text,
        Some(daybook::import::Kind::ShopifyOrders),
        None,
        &daybook::import::Origin::default(),
        daybook::import::Store { currency: daybook::domain::value::money::Currency::CNY },
    );
    assert_eq!(preview.orders[0].placed.order, first.id);
}

#[test]
fn what_cannot_be_read_says_why_and_writes_nothing() {
    let shop = Shop::new();
    let g = || shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
    let before = g();
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"lines":[]}"#,
        r#"{"reference":"x","lines":[]}"#,
        r#"{"reference":"x","lines":[{"name":"y"}]}"#,
    ] {
        assert!(hand_in(&shop, &row("site", "json"), body).is_err(), "{body}");
        assert!(hand_in(&shop, &row("s", "shopify"), body).is_err(), "{body}");
        assert!(hand_in(&shop, &row("w", "woocommerce"), body).is_err(), "{body}");
    }
    assert_eq!(g(), before);
}

#[test]
fn a_rule_takes_a_websites_order_from_received_to_allocated_on_the_server() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(9))] })
        .expect("goods in");
    let rule = Rule {
        name: "Web".into(),
        on: true,
        conditions: vec![Condition::Paid],
        acts: vec![Act::Confirm, Act::Allocate, Act::DeliveryNote],
        ..Rule::default()
    };
    a.act(Command::SaveRule(rule)).expect("an owner may");
    a.sync_all();
    let body = r#"{"reference":"W-18","customer":{"name":"韩梅梅","phone":"13900139000","address":"学院路 5 号"},"lines":[{"sku":"LJ-1","quantity":4}],"paid":"51.20"}"#;
    let order = placed(&b, hand_in(&shop, &row("site", "json"), body));
    assert_eq!(order.state, OrderState::Allocated);
    assert_eq!(order.fulfilment.as_ref().map(|f| f.printed(Paper::DeliveryNote)), Some(1));
    assert_eq!(b.desk.ledger().book.available((b.variant(), location::FIRST)), Quantity::whole(5));
}

#[test]
fn a_form_never_overwrites_a_card_and_each_order_keeps_its_own_address() {
    let shop = Shop::new();
    let a = shop.tablet();
    let body = |reference: &str, address: &str| {
        format!(
            r#"{{"reference":"{reference}","customer":{{"name":"{}","phone":"13900139000","address":"{address}"}},"lines":[{{"sku":"LJ-1"}}],"paid":"12.80"}}"#,
            "长".repeat(500)
        )
    };
    let first = placed(&a, hand_in(&shop, &row("site", "json"), &body("1", "A 路 1 号")));
    let second = placed(&a, hand_in(&shop, &row("site", "json"), &body("2", "B 路 2 号")));
    assert_eq!(first.customer, second.customer);
    let address = |o: &Order| {
        let delivery = a.order(o.id).fulfilment.and_then(|f| f.delivery).expect("where it goes");
        delivery.recipient.address
    };
    assert_eq!((address(&first).as_str(), address(&second).as_str()), ("A 路 1 号", "B 路 2 号"));
    let ledger = a.desk.ledger();
    let card = first.customer.and_then(|c| ledger.book.customers.get(&c)).expect("a card");
    assert_eq!((card.person.address.as_str(), card.person.name.chars().count()), ("A 路 1 号", 200));
    assert_eq!(second.payments[0].at, AT);
}

#[test]
fn what_is_changed_in_the_shop_is_changed_here_until_the_goods_are_gone_and_what_people_changed_is_kept_beside_it() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(9))] })
        .expect("goods in");
    a.sync_all();
    let site = row("site", "json");
    let body = |pieces: u32, address: &str| {
        format!(
            r#"{{"reference":"W-30","customer":{{"name":"李雷","phone":"13800138000","address":"{address}"}},"lines":[{{"sku":"LJ-1","quantity":{pieces}}}]}}"#
        )
    };
    let order = placed(&a, hand_in(&shop, &site, &body(2, "城南路 18 号")));
    a.act(Command::Step { order: order.id, to: OrderState::Confirmed, location: location::FIRST }).expect("clean");
    a.act(Command::Step { order: order.id, to: OrderState::Allocated, location: location::FIRST })
        .expect("there are nine");
    a.sync_all();
    // Four of them now, to another address: what is set aside follows.
    assert_eq!(hand_in(&shop, &site, &body(4, "学院路 5 号")).expect("changed"), Taken::Changed(order.id));
    assert_eq!(hand_in(&shop, &site, &body(4, "学院路 5 号")).expect("known"), Taken::Known(order.id));
    a.sync_all();
    let now = a.order(order.id);
    let to = now.fulfilment.as_ref().and_then(|f| f.delivery.as_ref()).map(|d| d.recipient.address.clone());
    assert_eq!(
        (now.totals.total, now.state, to.as_deref()),
        (Minor(4 * 1_280), OrderState::Allocated, Some("学院路 5 号"))
    );
    assert_eq!(a.desk.ledger().book.allocated((a.variant(), location::FIRST)), Quantity::whole(4));
    assert!(a.desk.ledger().book.open_cases().next().is_none());
    // And back again: what the shop itself changed before is still the shop's to change.
    assert_eq!(hand_in(&shop, &site, &body(4, "城南路 18 号")).expect("changed"), Taken::Changed(order.id));
    assert_eq!(hand_in(&shop, &site, &body(4, "学院路 5 号")).expect("changed"), Taken::Changed(order.id));
    a.sync_all();
    let to = a.order(order.id).fulfilment.and_then(|f| f.delivery).map(|d| d.recipient.address);
    assert_eq!(to.as_deref(), Some("学院路 5 号"));
    // Somebody gives one more here; the shop repeats itself, and then says three: both versions are kept for a person.
    a.act(Command::Edit { order: order.id, cart: a.cart(5) }).expect("nothing has left");
    a.sync_all();
    assert_eq!(hand_in(&shop, &site, &body(4, "学院路 5 号")).expect("known"), Taken::Known(order.id));
    assert_eq!(hand_in(&shop, &site, &body(3, "学院路 5 号")).expect("changed"), Taken::Changed(order.id));
    a.sync_all();
    assert_eq!(a.order(order.id).lines[0].quantity, Quantity::whole(3));
    assert_eq!(a.desk.ledger().book.open_cases().count(), 1, "what was put aside");
    // Once the goods are gone a person is told, once, and nothing moves.
    for to in [OrderState::Picking, OrderState::Packed, OrderState::Shipped] {
        a.act(Command::Step { order: order.id, to, location: location::FIRST }).expect("the table says so");
    }
    a.sync_all();
    let before = a.order(order.id);
    assert_eq!(hand_in(&shop, &site, &body(1, "学院路 5 号")).expect("told"), Taken::Changed(order.id));
    assert_eq!(hand_in(&shop, &site, &body(1, "学院路 5 号")).expect("known"), Taken::Known(order.id));
    a.sync_all();
    let after = a.order(order.id);
    assert_eq!((&after.lines, after.totals), (&before.lines, before.totals));
    assert_eq!(after.fulfilment.as_ref().map(|f| f.tags.len()), Some(1));
    b.sync_all();
    assert_eq!(b.order(order.id), after);
    assert_eq!(b.full_digest(), shop.digest());
}

#[test]
fn orders_that_were_split_or_are_being_packed_are_left_as_they_are_and_so_is_an_address_that_somebody_set() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(9))] })
        .expect("goods in");
    a.sync_all();
    let site = row("site", "json");
    let body = |reference: &str, pieces: u32| {
        format!(
            r#"{{"reference":"{reference}","customer":{{"name":"李雷","phone":"13800138000","address":"城南路 18 号"}},"lines":[{{"sku":"LJ-1","quantity":{pieces}}}]}}"#
        )
    };
    let tags = |order: &Order| order.fulfilment.as_ref().map_or(0, |f| f.tags.len());
    // Half of it is another order by now.
    let split = placed(&a, hand_in(&shop, &site, &body("W-40", 4)));
    a.act(Command::Split { order: split.id, take: vec![(0, Quantity::whole(2))], number: String::new() })
        .expect("nothing has left");
    // Somebody is picking it.
    let picked = placed(&a, hand_in(&shop, &site, &body("W-41", 2)));
    for to in [OrderState::Confirmed, OrderState::Picking] {
        a.act(Command::Step { order: picked.id, to, location: location::FIRST }).expect("the table says so");
    }
    // The customer rang: it goes elsewhere.
    let rung = placed(&a, hand_in(&shop, &site, &body("W-42", 1)));
    let mut delivery = rung.fulfilment.clone().and_then(|f| f.delivery).expect("it has an address");
    delivery.recipient.address = "学院路 5 号".into();
    a.act(Command::SetDelivery { order: rung.id, delivery }).expect("nothing has left");
    // And tea costs more from now on: what was agreed stays.
    let agreed = placed(&a, hand_in(&shop, &site, &body("W-43", 1)));
    a.act(Command::SetPrice { variant: a.variant(), price: Minor(1_500) }).expect("an owner may");
    a.sync_all();
    let before = [split.id, picked.id].map(|id| a.order(id));
    for (reference, pieces) in [("W-40", 3), ("W-41", 1)] {
        assert!(matches!(hand_in(&shop, &site, &body(reference, pieces)), Ok(Taken::Changed(_))), "{reference}");
        assert!(matches!(hand_in(&shop, &site, &body(reference, pieces)), Ok(Taken::Known(_))), "{reference}");
    }
    assert_eq!(hand_in(&shop, &site, &body("W-42", 1)).expect("known"), Taken::Known(rung.id));
    assert_eq!(hand_in(&shop, &site, &body("W-43", 1)).expect("known"), Taken::Known(agreed.id));
    a.sync_all();
    assert_eq!(a.order(agreed.id).totals.total, Minor(1_280));
    for before in before {
        let after = a.order(before.id);
        assert_eq!((&after.lines, after.totals, tags(&after)), (&before.lines, before.totals, 1));
    }
    let to = a.order(rung.id).fulfilment.and_then(|f| f.delivery).map(|d| d.recipient.address);
    assert_eq!(to.as_deref(), Some("学院路 5 号"));
    assert!(a.desk.ledger().book.open_cases().next().is_none());
    assert_eq!(a.full_digest(), shop.digest());
}

/// A thousand orders: a third handed in by a website, a third taken on a tablet with a network, a third on one without.
/// All go from received to delivery note without a hand, and every tablet and the server say the same of them.
#[test]
fn a_thousand_orders_from_every_side_go_from_received_to_delivery_note_untouched() {
    let shop = Shop::new();
    let (online, offline) = (shop.tablet(), shop.tablet());
    let goods = vec![(online.variant(), Quantity::whole(10_000))];
    online.act(Command::Receive { location: location::FIRST, goods }).expect("goods in");
    let rule = Rule {
        name: "Straight through".into(),
        on: true,
        conditions: vec![Condition::Clean],
        acts: vec![Act::Confirm, Act::Allocate, Act::AssignLeastBusy, Act::DeliveryNote],
        ..Rule::default()
    };
    online.act(Command::SaveRule(rule)).expect("an owner may");
    online.sync_all();
    offline.sync_all();
    let person = |n: usize| Person {
        name: format!("客户 {n}"),
        phone: format!("138{n:08}"),
        address: format!("城南路 {n} 号"),
        ..Person::default()
    };
    let mut orders = Vec::new();
    for n in 0..1_000 {
        let p = person(n);
        let pieces = 1 + n as i64 % 5;
        match n % 3 {
            0 => {
                let body = format!(
                    r#"{{"reference":"W-{n}","customer":{{"name":"{}","phone":"{}","address":"{}"}},"lines":[{{"sku":"LJ-1","quantity":{pieces}}}]}}"#,
                    p.name, p.phone, p.address
                );
                let Ok(Taken::Placed(id)) = hand_in(&shop, &row("site", "json"), &body) else {
                    panic!("order {n} was not taken")
                };
                orders.push(id);
            }
            side => {
                let tablet = if side == 1 { &online } else { &offline };
                let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
                let cart = Cart { channel: Channel::Phone, new_customer: Some(p), delivery, ..tablet.cart(pieces) };
                let place = Command::Place {
                    cart,
                    number: String::new(),
                    location: location::FIRST,
                    money: None,
                    hand_over: false,
                };
                orders.push(tablet.act(place).expect("a good cart").placed.expect("it was placed"));
                if side == 1 {
                    online.sync_all();
                }
            }
        }
    }
    for tablet in [&offline, &online, &offline] {
        tablet.sync_all();
    }
    for id in &orders {
        let order = online.order(*id);
        let work = order.fulfilment.as_ref().expect("it was worked on");
        assert_eq!(
            (order.state, work.printed(Paper::DeliveryNote), order.is_allocated()),
            (OrderState::Allocated, 1, true),
            "{}",
            order.number
        );
        assert_eq!(offline.order(*id), order);
    }
    let ledger = online.desk.ledger();
    assert_eq!(ledger.book.open_cases().count(), 0);
    assert_eq!(
        ledger.book.allocated((online.variant(), location::FIRST)),
        Quantity::whole((0..1_000).map(|n| 1 + n % 5).sum())
    );
    drop(ledger);
    assert_eq!(online.full_digest(), shop.digest());
    assert_eq!(offline.full_digest(), shop.digest());
}
