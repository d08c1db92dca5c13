//! What goods are made of and come in: kits, packs, and batches that expire.

use daybook::domain::decide::Command;
use daybook::domain::goods::kit::Kit;
use daybook::domain::goods::pack::Pack;
use daybook::domain::goods::product::{Product, Variant};
use daybook::domain::order::{Cart, CartLine, OrderState, VoidReason};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location::{self, Location, LocationKind};
use daybook::domain::stock::Adjustment;
use daybook::domain::stock::batch::{Batch, Lot};
use daybook::domain::stock::document::{Ordered, Supplier};
use daybook::domain::value::id::{Id, LocationId, OrderId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Day;
use daybook::domain::work::scan::look_up;
use daybook::domain::work::search::Index;

use crate::fulfilment::why;
use crate::support::{Shop, Tablet, tea};

const Q: fn(i64) -> Quantity = Quantity::whole;
const STORE: LocationId = location::FIRST;

/// A shop whose tea comes with a cup, and both in a gift box.
fn gift_box(tablet: &Tablet) -> (VariantId, VariantId, VariantId) {
    let product = |name: &str, sku: &str| {
        let variants = vec![Variant { sku: sku.into(), price: Minor(5_000), ..Variant::default() }];
        tablet
            .act(Command::SaveProduct { product: Product { name: name.into(), variants, ..tea() }, seen: None })
            .expect("an owner may");
        tablet.desk.ledger().book.skus()[sku]
    };
    let (cup, gift) = (product("茶杯", "CUP"), product("礼盒", "GIFT"));
    let kit = Kit { variant: gift, parts: vec![(tablet.variant(), Q(2)), (cup, Q(4))] };
    tablet.act(Command::SetKit(kit)).expect("an owner may");
    (tablet.variant(), cup, gift)
}

fn receive(tablet: &Tablet, variant: VariantId, pieces: i64) {
    tablet.act(Command::Receive { location: STORE, goods: vec![(variant, Q(pieces))] }).expect("goods in");
}

fn on_hand(tablet: &Tablet, variant: VariantId) -> i64 {
    tablet.desk.ledger().book.level((variant, STORE)).on_hand.0 / 1000
}

fn of(tablet: &Tablet, variant: VariantId, pieces: i64) -> Cart {
    let line = CartLine { variant: Some(variant), quantity: Q(pieces), ..tablet.cart(1).lines[0].clone() };
    Cart { lines: vec![line], channel: Channel::Phone, ..Cart::default() }
}

fn place(tablet: &Tablet, cart: Cart) -> OrderId {
    let command = Command::Place { cart, number: String::new(), location: STORE, money: None, hand_over: false };
    tablet.act(command).expect("a good order").placed.expect("an order was placed")
}

fn step(tablet: &Tablet, order: OrderId, to: OrderState) {
    tablet.act(Command::Step { order, to, location: STORE }).expect("the next step");
}

#[test]
fn a_kit_is_sold_as_one_and_leaves_the_shelf_as_what_it_is_made_of() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let (tea, cup, gift) = gift_box(&a);
    receive(&a, tea, 9);
    receive(&a, cup, 11);
    assert_eq!(a.desk.ledger().book.sellable(gift, STORE), Q(2), "eleven cups make two");
    let order = place(&a, of(&a, gift, 2));
    step(&a, order, OrderState::Confirmed);
    step(&a, order, OrderState::Allocated);
    let available = |v| a.desk.ledger().book.available((v, STORE));
    assert_eq!((available(tea), available(cup), available(gift)), (Q(5), Q(3), Q(0)));
    for to in [OrderState::Picking, OrderState::Packed, OrderState::HandedOver] {
        step(&a, order, to);
    }
    assert_eq!((on_hand(&a, tea), on_hand(&a, cup), on_hand(&a, gift)), (5, 3, 0));
    a.act(Command::Void { order, reason: VoidReason::Mistake }).expect("it may be");
    assert_eq!((on_hand(&a, tea), on_hand(&a, cup), on_hand(&a, gift)), (9, 11, 0));
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
}

#[test]
fn an_order_keeps_what_its_kits_were_made_of_through_edits_splits_and_merges() {
    let shop = Shop::new();
    let a = shop.tablet();
    let (tea, cup, gift) = gift_box(&a);
    receive(&a, tea, 50);
    receive(&a, cup, 50);
    let order = place(&a, of(&a, gift, 3));
    a.act(Command::SetKit(Kit { variant: gift, parts: vec![(tea, Q(1))] })).expect("an owner may");
    let split =
        a.act(Command::Split { order, take: vec![(0, Q(1))], number: String::new() }).expect("three can be parted");
    let part = split.placed.expect("a new order");
    for id in [order, part] {
        let kept = a.order(id);
        assert_eq!(kept.goods(&kept.lines[0])[1], (cup, Q(4 * (kept.lines[0].quantity.0 / 1000))));
    }
    // One that is taken now, or put in now, is what it is now.
    let newer = place(&a, of(&a, gift, 1));
    assert_eq!(a.order(newer).goods(&a.order(newer).lines[0]), [(tea, Q(1))]);
    let plain = place(&a, of(&a, cup, 1));
    a.act(Command::Edit { order: plain, cart: of(&a, gift, 2) }).expect("it is not gone");
    assert_eq!(a.order(plain).goods(&a.order(plain).lines[0]), [(tea, Q(2))]);
    a.act(Command::Edit { order, cart: of(&a, gift, 5) }).expect("it is not gone");
    assert_eq!(
        a.order(order).goods(&a.order(order).lines[0]),
        [(tea, Q(10)), (cup, Q(20))],
        "what was in it keeps its making"
    );
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn a_kit_that_lacks_a_part_is_short_and_waits() {
    let shop = Shop::new();
    let a = shop.tablet();
    let (tea, cup, gift) = gift_box(&a);
    receive(&a, tea, 10);
    receive(&a, cup, 3);
    let order = place(&a, of(&a, gift, 1));
    step(&a, order, OrderState::Confirmed);
    let whole = a.act(Command::Step { order, to: OrderState::Allocated, location: STORE });
    assert_eq!(why(whole), Rejection::ShortOf { short: Q(1) });
    let kept = a.order(order);
    assert_eq!(kept.short_of(0, &kept.lines[0]), Q(1));
    receive(&a, cup, 1);
    step(&a, order, OrderState::Allocated);
    assert!(a.order(order).is_allocated());
}

#[test]
fn a_kit_has_no_stock_of_its_own_and_is_made_of_no_kits() {
    let shop = Shop::new();
    let a = shop.tablet();
    let (tea, cup, gift) = gift_box(&a);
    assert_eq!(why(a.act(Command::Receive { location: STORE, goods: vec![(gift, Q(1))] })), Rejection::IsKit);
    let refused = |variant, parts| a.act(Command::SetKit(Kit { variant, parts })).is_err();
    assert!(refused(cup, vec![(gift, Q(1))]), "a kit is no part");
    assert!(refused(tea, vec![(cup, Q(1))]), "a part is no kit");
    assert!(
        refused(gift, vec![(gift, Q(1))])
            && refused(gift, vec![(tea, Q(1)), (tea, Q(1))])
            && refused(gift, vec![(tea, Q(0))])
    );
    a.act(Command::SetKit(Kit { variant: gift, parts: Vec::new() })).expect("an owner may");
    receive(&a, gift, 1);
}

#[test]
fn a_packs_barcode_stands_for_all_that_is_in_it() {
    let shop = Shop::new();
    let a = shop.tablet();
    let packs = vec![Pack { name: "箱".into(), barcode: "6901234567892".into(), quantity: Q(12) }];
    a.act(Command::SetPacks { variant: a.variant(), packs }).expect("an owner may");
    let ledger = a.desk.ledger();
    for code in ["6901234567892", "06901234567892"] {
        let found = look_up(&ledger.book, &Index::default(), code).expect("a pack");
        assert_eq!((found.variant, found.quantity), (a.variant(), Q(12)));
    }
    assert_eq!(look_up(&ledger.book, &Index::default(), "6901234567893"), None);
    drop(ledger);
    let nothing = vec![Pack { name: "箱".into(), barcode: String::new(), quantity: Q(0) }];
    assert!(a.act(Command::SetPacks { variant: a.variant(), packs: nothing }).is_err());
}

// --- batches
// ----------------------------------------------------------------------------------------------------------

fn lot(code: &str, expires: i32) -> Lot {
    Lot { code: code.into(), expires: Some(Day(expires)) }
}

fn come_in(tablet: &Tablet, code: &str, expires: i32, pieces: i64) {
    let (variant, lot) = (tablet.variant(), lot(code, expires));
    tablet.act(Command::ReceiveLot { location: STORE, variant, quantity: Q(pieces), lot }).expect("goods in");
}

fn batches(tablet: &Tablet, location: LocationId) -> Vec<(String, i64)> {
    let ledger = tablet.desk.ledger();
    let all = ledger.book.batches((tablet.variant(), location)).into_iter().flat_map(|b| b.iter());
    all.map(|b| (b.lot.code.clone(), b.quantity.0 / 1000)).collect()
}

fn named(all: &[(&str, i64)]) -> Vec<(String, i64)> {
    all.iter().map(|(code, pieces)| ((*code).to_owned(), *pieces)).collect()
}

#[test]
fn what_expires_first_goes_first_wherever_it_goes() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    come_in(&a, "late", 30, 10);
    come_in(&a, "early", 20, 5);
    assert_eq!(batches(&a, STORE), named(&[("early", 5), ("late", 10)]));
    assert_eq!(a.desk.ledger().book.expiring((a.variant(), STORE), Day(20)), Q(5));
    a.sell(3);
    let (location, variant) = (STORE, a.variant());
    a.act(Command::Adjust { location, variant, lost: Q(1), why: Adjustment::Expired }).expect("it went off");
    assert_eq!(batches(&a, STORE), named(&[("early", 1), ("late", 10)]));
    let van = Location { id: LocationId::default(), name: "Van".into(), kind: LocationKind::Van, active: true };
    a.act(Command::SaveLocation(van)).expect("an owner may");
    let van = a.desk.ledger().book.locations.iter().map(|(id, _)| *id).find(|id| *id != STORE).expect("it was made");
    a.act(Command::Send { from: STORE, to: van, goods: vec![(variant, Q(4))] }).expect("there are eleven");
    assert_eq!((batches(&a, STORE), batches(&a, van)), (named(&[("late", 7)]), named(&[])));
    let load = a.desk.ledger().book.documents.iter().map(|(id, _)| *id).max().expect("a load");
    a.act(Command::Arrived { transfer: load, goods: vec![(variant, Q(3))] }).expect("it came, one short");
    assert_eq!(batches(&a, van), named(&[("early", 1), ("late", 2)]));
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
    // And all of it is there after sealing and opening again.
    a.seal();
    let again = a.restart();
    assert_eq!((batches(&again, van), again.full_digest()), (named(&[("early", 1), ("late", 2)]), shop.digest()));
}

#[test]
fn of_batches_there_is_never_more_than_there_is_at_all() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(3);
    come_in(&a, "x", 20, 5);
    assert_eq!(batches(&a, STORE), named(&[("x", 2)]), "three of them were sold before they came");
    receive(&a, a.variant(), 4);
    assert_eq!(batches(&a, STORE), named(&[("x", 2)]), "what came without a batch is of none");
    let batch = |code: &str, expires, pieces| Batch { lot: lot(code, expires), quantity: Q(pieces) };
    let set = |batches| a.act(Command::SetBatches { location: STORE, variant: a.variant(), batches });
    set(vec![batch("z", 40, 3), batch("y", 30, 2)]).expect("somebody looked");
    assert_eq!(batches(&a, STORE), named(&[("y", 2), ("z", 3)]));
    assert!(set(vec![batch("z", 40, 0)]).is_err() && set(vec![Batch { lot: Lot::default(), quantity: Q(1) }]).is_err());
    a.act(Command::Count { location: STORE, variant: a.variant(), counted: Q(2) }).expect("somebody counted");
    assert_eq!(batches(&a, STORE), named(&[("z", 1)]));
}

#[test]
fn a_purchase_may_come_in_lots() {
    let shop = Shop::new();
    let a = shop.tablet();
    let supplier = Supplier { name: "山中茶厂".into(), lead_days: 3, active: true, ..Supplier::default() };
    a.act(Command::SaveSupplier(supplier)).expect("an owner may");
    let supplier = a.desk.ledger().book.suppliers.iter().map(|(id, _)| *id).next().expect("a supplier");
    let lines = vec![Ordered { variant: a.variant(), quantity: Q(6), cost: Minor(700) }];
    a.act(Command::Purchase { supplier, location: STORE, lines: lines.clone(), number: String::new() })
        .expect("it is ordered");
    let id: Id = a.desk.ledger().book.documents.iter().map(|(id, _)| *id).next().expect("a purchase");
    let lots = vec![(a.variant(), lot("T-7", 99))];
    a.act(Command::Deliver { purchase: id, goods: lines, last: false, lots }).expect("it came");
    assert_eq!((on_hand(&a, a.variant()), batches(&a, STORE)), (6, named(&[("T-7", 6)])));
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}
