//! Prices: whose list counts, what promotions take off, and that every cent is accounted for.

use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money};
use daybook::domain::goods::price;
use daybook::domain::goods::price::{Audience, Discount, Gift, ListPrice, OfferKind, PriceList, Promotion, Scope, Tag};
use daybook::domain::goods::product::Product;
use daybook::domain::order::{Cart, Order};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location;
use daybook::domain::shop::staff::{self, Role, Staff};
use daybook::domain::shop::tax::{RateChange, TaxRate};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::id::{CustomerId, Id, OrderId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use daybook::domain::work::finding::{Finding, findings};
use daybook::domain::work::pricing;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::fulfilment::why;
use crate::support::{Shop, Tablet};

/// What the support's tea costs on its tag.
const TAG: i64 = 1_280;

fn list(name: &str, audience: Audience, prices: Vec<ListPrice>) -> Command {
    Command::SavePriceList(PriceList { id: Id::default(), name: name.into(), on: true, audience, prices })
}

fn price(scope: Scope, least: i64, price: Tag) -> ListPrice {
    ListPrice { scope, least: Quantity::whole(least), price }
}

fn promotion(rank: u32, alone: bool, gives: Gift) -> Promotion {
    let name = format!("{rank}");
    Promotion {
        id: Id::default(),
        name,
        on: true,
        rank,
        alone,
        audience: Audience::default(),
        scopes: Vec::new(),
        gives,
    }
}

fn group(name: &str) -> Audience {
    Audience { groups: vec![name.into()], ..Audience::default() }
}

fn channel(channel: Channel) -> Audience {
    Audience { channels: vec![channel], ..Audience::default() }
}

fn customer(tablet: &Tablet, group: &str) -> CustomerId {
    let person = Person { name: "陈记小吃".into(), ..Person::default() };
    tablet.act(Command::SaveCustomer { customer: None, person, seen: None }).expect("a good card");
    let id = tablet.desk.ledger().book.customers.iter().map(|(id, _)| *id).max().expect("a customer");
    tablet
        .act(Command::SetAccount { customer: id, limit: Minor::ZERO, group: Some(group.into()) })
        .expect("an owner may");
    id
}

fn place(tablet: &Tablet, cart: Cart) -> OrderId {
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    tablet.act(command).expect("a good order").placed.expect("an order was placed")
}

fn unit_price(tablet: &Tablet, cart: Cart) -> i64 {
    tablet.order(place(tablet, cart)).lines[0].unit_price.0
}

fn total(tablet: &Tablet, cart: Cart) -> i64 {
    tablet.order(place(tablet, cart)).totals.total.0
}

#[test]
fn a_groups_list_counts_before_a_channels_and_that_before_everybodys() {
    let shop = Shop::new();
    let a = shop.tablet();
    let trade = customer(&a, "Trade");
    let one = |amount| vec![price(Scope::All, 0, Tag::Amount(Minor(amount)))];
    assert_eq!(unit_price(&a, a.cart(1)), TAG);
    a.act(list("everybody", Audience::default(), one(1_200))).expect("an owner may");
    assert_eq!(unit_price(&a, a.cart(1)), 1_200);
    // A marketplace takes its share: its list may be dearer.
    a.act(list("marketplace", channel(Channel::Marketplace), one(1_500))).expect("an owner may");
    let there = |customer| Cart { channel: Channel::Marketplace, customer, ..a.cart(1) };
    assert_eq!(unit_price(&a, there(None)), 1_500);
    assert_eq!(unit_price(&a, a.cart(1)), 1_200);
    a.act(list("trade", group("Trade"), one(900))).expect("an owner may");
    assert_eq!(unit_price(&a, there(Some(trade))), 900);
    a.act(list("trade, too", group("Trade"), one(850))).expect("an owner may");
    assert_eq!(unit_price(&a, there(Some(trade))), 850, "of equally narrow ones the lowest");
}

#[test]
fn in_a_list_the_narrowest_line_counts_and_of_those_the_greatest_quantity() {
    let shop = Shop::new();
    let a = shop.tablet();
    let tea = a.variant();
    let product = a.desk.ledger().book.variant(tea).expect("a product").0.clone();
    let category = "茶".to_owned();
    a.act(Command::SaveProduct { product: Product { category: category.clone(), ..product }, seen: None })
        .expect("an owner may");
    let prices = vec![
        price(Scope::All, 0, Tag::Less(1_000)),
        price(Scope::Category(category), 3, Tag::Less(2_500)),
        price(Scope::Variant(tea), 10, Tag::Amount(Minor(800))),
        price(Scope::Variant(tea), 20, Tag::Amount(Minor(700))),
    ];
    a.act(list("quantities", Audience::default(), prices)).expect("an owner may");
    for (pieces, each) in [(1, 1_152), (2, 1_152), (3, 960), (9, 960), (10, 800), (19, 800), (20, 700), (500, 700)] {
        assert_eq!(unit_price(&a, a.cart(pieces)), each, "{pieces} pieces");
    }
    // Two lines of one thing are one quantity.
    let mut two = a.cart(6);
    two.lines.push(two.lines[0].clone());
    assert_eq!(unit_price(&a, two), 800);
}

#[test]
fn an_order_freezes_the_list_that_it_was_computed_with() {
    let shop = Shop::new();
    let a = shop.tablet();
    let tags = vec![price(Scope::All, 0, Tag::Amount(Minor(1_000)))];
    a.act(list("summer", Audience::default(), tags)).expect("an owner may");
    let order = place(&a, Cart { channel: Channel::Phone, ..a.cart(2) });
    let summer = a.desk.ledger().book.price_lists.iter().map(|(_, l)| l.clone()).next().expect("a list");
    a.act(Command::SavePriceList(PriceList { on: false, ..summer })).expect("an owner may");
    let kept = a.order(order);
    assert_eq!((kept.lines[0].unit_price, kept.totals.total), (Minor(1_000), Minor(2_000)));
    assert_eq!(
        (kept.offers[0].kind, kept.offers[0].name.as_str(), kept.offers[0].amount),
        (OfferKind::List, "summer", Minor(560))
    );
    let found = findings(&a.desk.ledger().book, &kept, Timestamp(0));
    assert!(!found.iter().any(|f| matches!(f, Finding::Price { .. })), "{found:?}");
}

#[test]
fn a_price_that_is_not_the_buyers_is_found() {
    let shop = Shop::new();
    let a = shop.tablet();
    let trade = customer(&a, "Trade");
    let cart = Cart { channel: Channel::Phone, customer: Some(trade), ..a.cart(1) };
    let order = place(&a, cart);
    a.act(list("trade", group("Trade"), vec![price(Scope::All, 0, Tag::Amount(Minor(900)))])).expect("an owner may");
    let found = findings(&a.desk.ledger().book, &a.order(order), Timestamp(0));
    assert!(found.contains(&Finding::Price { line: 0, listed: Minor(900) }), "{found:?}");
}

#[test]
fn promotions_go_by_rank_and_one_that_stands_alone_shares_with_no_other() {
    let shop = Shop::new();
    let a = shop.tablet();
    let save = |p: Promotion| a.act(Command::SavePromotion(p)).expect("an owner may");
    save(promotion(2, false, Gift::Percent(1_000)));
    assert_eq!(total(&a, a.cart(2)), 2_304);
    save(promotion(1, false, Gift::Amount(Minor(80))));
    assert_eq!(total(&a, a.cart(2)), (2_560 - 160) * 9 / 10, "the amount first, then a tenth of what is left");
    save(promotion(3, true, Gift::Percent(5_000)));
    assert_eq!(total(&a, a.cart(2)), 2_160, "its lines are taken");
    save(promotion(0, true, Gift::Percent(5_000)));
    assert_eq!(total(&a, a.cart(2)), 1_280, "it was first");
    // The clerk's own comes off what is left.
    let mut cart = a.cart(2);
    cart.lines[0].discount = Discount::Percent(1_000);
    assert_eq!(total(&a, cart), 1_152);
}

#[test]
fn three_for_two_gives_the_cheapest() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.act(Command::SavePromotion(promotion(1, false, Gift::BuyGet { buy: 2, get: 1, off_bp: 10_000 })))
        .expect("an owner may");
    for (pieces, paid) in [(1, 1), (2, 2), (3, 2), (5, 4), (6, 4), (7, 5)] {
        assert_eq!(total(&a, a.cart(pieces)), paid * TAG, "{pieces} pieces");
    }
    let mut mixed = a.cart(2);
    mixed.lines.push(daybook::domain::order::CartLine {
        variant: None,
        unit_price: Minor(100),
        ..a.cart(1).lines[0].clone()
    });
    let order = a.order(place(&a, mixed));
    assert_eq!((order.totals.total, order.lines[1].discount), (Minor(2 * TAG), Minor(100)));
    let mut weighed = a.cart(9);
    weighed.lines[0].unit = daybook::domain::value::quantity::Unit::Kilogram;
    assert_eq!(total(&a, weighed), 9 * TAG, "what is weighed has no pieces");
}

#[test]
fn what_is_taken_off_the_whole_needs_its_sum_and_is_shared_to_the_last_cent() {
    let shop = Shop::new();
    let a = shop.tablet();
    let gives = Gift::Together { from: Minor(3_840), off: Discount::Amount(Minor(1_000)) };
    a.act(Command::SavePromotion(promotion(1, false, gives))).expect("an owner may");
    assert_eq!(total(&a, a.cart(2)), 2_560);
    let mut cart = a.cart(1);
    let line = cart.lines[0].clone();
    cart.lines.extend([line.clone(), line]);
    let order = a.order(place(&a, cart));
    assert_eq!(order.totals.total, Minor(2_840));
    assert_eq!(order.lines.iter().map(|l| l.discount.0).collect::<Vec<_>>(), [334, 333, 333]);
}

#[test]
fn an_offer_holds_from_its_first_moment_to_its_last_and_only_while_it_is_on() {
    let shop = Shop::new();
    let a = shop.tablet();
    let cart = a.cart(1);
    let audience = Audience { from: Some(Timestamp(1_000)), until: Some(Timestamp(2_000)), ..Audience::default() };
    let half = Promotion { audience, ..promotion(1, false, Gift::Percent(5_000)) };
    a.act(Command::SavePromotion(half)).expect("an owner may");
    let off = |at| {
        let ledger = a.desk.ledger();
        pricing::offers(&ledger.book, &cart, Timestamp(at)).expect("small").off(0)
    };
    assert_eq!([999, 1_000, 1_999, 2_000].map(|at| off(at).0), [0, 640, 640, 0]);
    let saved = a.desk.ledger().book.promotions.iter().map(|(_, p)| p.clone()).next().expect("it is there");
    a.act(Command::SavePromotion(Promotion { on: false, ..saved })).expect("an owner may");
    assert_eq!(off(1_500), Minor::ZERO);
}

#[test]
fn a_rate_changes_on_its_day_and_orders_keep_theirs() {
    let at = |from, rate_bp| RateChange { from: Timestamp(from), rate_bp };
    let rate = TaxRate {
        id: Default::default(),
        name: "VAT".into(),
        rate_bp: 300,
        active: true,
        changes: vec![at(10, 100), at(20, 200)],
    };
    assert_eq!([0, 9, 10, 19, 20, 99].map(|t| rate.at(Timestamp(t))), [300, 300, 100, 100, 200, 200]);
    assert!(rate.check().is_ok());
    assert!(TaxRate { changes: vec![at(1, 10_001)], ..rate }.check().is_err());
}

#[test]
fn a_clerk_sets_no_prices_and_nonsense_is_refused() {
    let shop = Shop::new();
    let a = shop.tablet();
    let clerk = Staff { id: Default::default(), name: "小李".into(), role: Role::Clerk, active: true, pin: None };
    a.act(Command::SaveStaff(clerk)).expect("an owner may");
    let clerk =
        a.desk.ledger().book.staff.iter().find(|(id, _)| **id != staff::FIRST).map(|(id, _)| *id).expect("a clerk");
    let tenth = || promotion(1, false, Gift::Percent(1_000));
    assert!(why(a.act_as(clerk, Command::SavePromotion(tenth()))) == Rejection::RoleTooLow { needs: Role::Manager });
    assert!(
        why(a.act_as(clerk, list("x", Audience::default(), Vec::new())))
            == Rejection::RoleTooLow { needs: Role::Manager }
    );
    for gives in [
        Gift::Percent(10_001),
        Gift::Amount(Minor(-1)),
        Gift::BuyGet { buy: 0, get: 1, off_bp: 1 },
        Gift::BuyGet { buy: 1, get: u32::MAX, off_bp: 1 },
        Gift::Together { from: Minor(-1), off: Discount::Percent(1) },
        Gift::Together { from: Minor(0), off: Discount::Amount(Minor(-1)) },
    ] {
        assert!(a.act(Command::SavePromotion(promotion(1, false, gives))).is_err(), "{gives:?}");
    }
    assert!(a.act(list("x", Audience::default(), vec![price(Scope::All, 0, Tag::Less(10_001))])).is_err());
    assert!(a.act(list("x", group(""), Vec::new())).is_err());
}

#[test]
fn lists_promotions_and_groups_are_the_same_on_every_tablet_and_on_the_server() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let trade = customer(&a, "Trade");
    a.act(list("trade", group("Trade"), vec![price(Scope::All, 5, Tag::Less(2_000))])).expect("an owner may");
    a.act(Command::SavePromotion(promotion(1, false, Gift::BuyGet { buy: 4, get: 1, off_bp: 5_000 })))
        .expect("an owner may");
    a.sync_all();
    b.sync_all();
    let cart = || Cart { customer: Some(trade), channel: Channel::Phone, ..a.cart(5) };
    assert_eq!(total(&b, cart()), total(&a, cart()));
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
}

/// Everything of an order is accounted for: prices less promotions, clerk's discounts and tax make what is paid.
fn adds_up(order: &Order) {
    for (i, line) in order.lines.iter().enumerate() {
        let full = line.unit_price.ratio(line.quantity.0, 1000).expect("small");
        assert_eq!(full.0 - line.discount.0, line.gross().0);
        assert!(price::off(&order.offers, i) <= line.discount && line.discount <= full);
    }
    assert_eq!(order.lines.iter().map(|l| l.gross().0).sum::<i64>(), order.totals.total.0);
}

fn gift() -> impl Strategy<Value = Gift> {
    prop_oneof![
        (0..=10_000_u32).prop_map(Gift::Percent),
        (0..5_000_i64).prop_map(|m| Gift::Amount(Minor(m))),
        (1..4_u32, 1..3_u32, 0..=10_000_u32).prop_map(|(buy, get, off_bp)| Gift::BuyGet { buy, get, off_bp }),
        (0..9_000_i64, 0..9_000_i64)
            .prop_map(|(from, m)| Gift::Together { from: Minor(from), off: Discount::Amount(Minor(m)) }),
        (0..9_000_i64, 0..=10_000_u32)
            .prop_map(|(from, bp)| Gift::Together { from: Minor(from), off: Discount::Percent(bp) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_promised_every_cent_is_accounted_for(
        lines in vec((1..20_i64, 0..9_999_i64), 1..6),
        gifts in vec((0..3_u32, any::<bool>(), gift()), 0..6),
        tag in prop_oneof![(0..=10_000_u32).prop_map(Tag::Less), (0..9_999_i64).prop_map(|m| Tag::Amount(Minor(m)))],
        own in 0..=10_000_u32,
    ) {
        let shop = Shop::new();
        let a = shop.tablet();
        a.act(list("all", Audience::default(), vec![price(Scope::All, 2, tag)])).expect("an owner may");
        for (rank, alone, gives) in gifts {
            a.act(Command::SavePromotion(promotion(rank, alone, gives))).expect("an owner may");
        }
        let line = a.cart(1).lines[0].clone();
        let lines = lines.into_iter().map(|(pieces, price)| daybook::domain::order::CartLine {
            quantity: Quantity::whole(pieces),
            unit_price: Minor(price),
            discount: Discount::Percent(own),
            ..line.clone()
        });
        let cart = Cart { lines: lines.collect(), ..Cart::default() };
        let order = a.order(place(&a, cart));
        adds_up(&order);
        let due = order.totals.total;
        if due > Minor::ZERO {
            let money = Money { tender: Tender::Cash, amount: due, tendered: due, reference: String::new() };
            a.act(Command::Pay { order: order.id, money }).expect("it is due");
        }
        a.sync_all();
        prop_assert_eq!(a.full_digest(), shop.digest());
        prop_assert!(a.desk.ledger().book.open_cases().next().is_none());
    }
}
