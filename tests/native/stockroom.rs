//! Loads under way, purchases and stocktakes: nothing is in two places, nothing is counted twice.

use daybook::domain::decide::Command;
use daybook::domain::order::OrderState;
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::location::{self, Location, LocationKind};
use daybook::domain::shop::staff::{Role, Staff};
use daybook::domain::stock::Adjustment;
use daybook::domain::stock::document::{Document, Ordered, Stocktake, Supplier, Transfer};
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::id::{Id, LocationId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::{Day, Timestamp};
use daybook::domain::work::reorder::{Alert, Pace, lead_days};

use crate::fulfilment::why;
use crate::support::{Shop, Tablet};

const Q: fn(i64) -> Quantity = Quantity::whole;

fn van(tablet: &Tablet) -> LocationId {
    let van = Location { id: LocationId::default(), name: "Van".into(), kind: LocationKind::Van, active: true };
    tablet.act(Command::SaveLocation(van)).expect("an owner may");
    let ledger = tablet.desk.ledger();
    ledger.book.locations.iter().find(|(_, l)| l.kind == LocationKind::Van).map(|(id, _)| *id).expect("it was made")
}

fn on_hand(tablet: &Tablet, place: LocationId) -> Quantity {
    tablet.desk.ledger().book.level((tablet.variant(), place)).on_hand
}

fn receive(tablet: &Tablet, pieces: i64) {
    tablet
        .act(Command::Receive { location: location::FIRST, goods: vec![(tablet.variant(), Q(pieces))] })
        .expect("goods in");
}

fn latest(tablet: &Tablet) -> Id {
    tablet.desk.ledger().book.documents.iter().map(|(id, _)| *id).max().expect("a document")
}

fn transfer(tablet: &Tablet, id: Id) -> Transfer {
    match tablet.desk.ledger().book.documents.get(&id) {
        Some(Document::Transfer(t)) => t.clone(),
        other => panic!("{other:?}"),
    }
}

fn stocktake(tablet: &Tablet, id: Id) -> Stocktake {
    match tablet.desk.ledger().book.documents.get(&id) {
        Some(Document::Stocktake(s)) => s.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn goods_under_way_are_at_neither_place_and_arrive_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 20);
    let van = van(&a);
    a.act(Command::Send { from: location::FIRST, to: van, goods: vec![(a.variant(), Q(8))] })
        .expect("there are twenty");
    let id = latest(&a);
    a.sync_all();
    b.sync_all();
    let place = (b.variant(), van);
    assert_eq!(
        (on_hand(&b, location::FIRST), on_hand(&b, van), b.desk.ledger().book.incoming(place)),
        (Q(12), Q(0), Q(8))
    );
    // Both receive it without knowing of each other, one of them a piece short.
    b.act(Command::Arrived { transfer: id, goods: vec![(b.variant(), Q(7))] }).expect("it came");
    a.act(Command::Arrived { transfer: id, goods: vec![(a.variant(), Q(8))] }).expect("it came");
    for tablet in [&b, &a, &b] {
        tablet.sync_all();
    }
    for tablet in [&a, &b] {
        assert_eq!((on_hand(tablet, van), tablet.desk.ledger().book.incoming(place)), (Q(7), Q(0)));
        assert_eq!(transfer(tablet, id).missing(), [(tablet.variant(), Q(1))]);
    }
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(why(a.act(Command::Arrived { transfer: id, goods: Vec::new() })), Rejection::Gone);
    assert_eq!(
        why(a.act(Command::Send { from: van, to: van, goods: vec![(a.variant(), Q(1))] })),
        Rejection::SamePlace
    );
    assert_eq!(
        why(a.act(Command::Send { from: van, to: location::FIRST, goods: Vec::new() })),
        Rejection::Flaw(Flaw::NoLines)
    );
}

#[test]
fn a_count_stands_against_what_was_there_when_it_was_counted_whatever_is_sold_meanwhile() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 20);
    a.act(Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: true }).expect("a place");
    let id = latest(&a);
    a.sync_all();
    b.sync_all();
    let variant = a.variant();
    // Three are sold on B, which A does not know of; A counts seventeen on the shelf, one too few.
    b.sell(3);
    b.sync_all();
    a.sync_all();
    a.act(Command::CountFor { stocktake: id, variant, counted: Q(16) }).expect("it is open");
    a.sell(2);
    b.sell(1);
    let level = a.desk.ledger().book.level((variant, location::FIRST));
    assert_eq!(stocktake(&a, id).counts[&variant].variance(level), Q(-1));
    a.act(Command::EndStocktake { stocktake: id, post: true }).expect("an owner may");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(on_hand(&a, location::FIRST), Q(20 - 3 - 2 - 1 - 1));
    assert_eq!(on_hand(&b, location::FIRST), Q(13));
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(why(b.act(Command::CountFor { stocktake: id, variant, counted: Q(1) })), Rejection::Gone, "it is over");
}

#[test]
fn counting_again_replaces_the_count_and_a_dropped_stocktake_moves_nothing() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, 5);
    a.act(Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: false })
        .expect("a place");
    let (id, variant) = (latest(&a), a.variant());
    for counted in [9, 3, 4] {
        a.act(Command::CountFor { stocktake: id, variant, counted: Q(counted) }).expect("it is open");
    }
    let count = stocktake(&a, id).counts[&variant];
    assert_eq!((count.counted, count.times), (Q(4), 3));
    let clerk = Staff { id: Default::default(), name: "Ming".into(), role: Role::Clerk, active: true, pin: None };
    a.act(Command::SaveStaff(clerk)).expect("an owner may");
    let clerk =
        a.desk.ledger().book.staff.iter().find(|(_, s)| s.role == Role::Clerk).map(|(id, _)| *id).expect("a clerk");
    let post = Command::EndStocktake { stocktake: id, post: true };
    let done = futures::executor::block_on(a.desk.act(clerk, post, Vec::new()));
    assert_eq!(why(done), Rejection::RoleTooLow { needs: Role::Manager });
    a.act(Command::EndStocktake { stocktake: id, post: false }).expect("an owner may");
    assert_eq!(on_hand(&a, location::FIRST), Q(5));
}

#[test]
fn a_purchase_comes_in_parts_and_goods_cost_what_they_cost_on_average() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let supplier = Supplier { name: "茶农合作社".into(), lead_days: 5, active: true, ..Supplier::default() };
    a.act(Command::SaveSupplier(supplier)).expect("an owner may");
    let supplier = a.desk.ledger().book.suppliers.iter().map(|(id, _)| *id).next().expect("a supplier");
    let variant = a.variant();
    let of = |pieces, cost| Ordered { variant, quantity: Q(pieces), cost: Minor(cost) };
    let order = |lines| Command::Purchase { supplier, location: location::FIRST, lines, number: String::new() };
    a.act(order(vec![of(30, 700)])).expect("a good purchase");
    let id = latest(&a);
    let place = (variant, location::FIRST);
    let incoming = |t: &Tablet| t.desk.ledger().book.incoming(place);
    assert_eq!(incoming(&a), Q(30));
    a.act(Command::Deliver { purchase: id, goods: vec![of(10, 700)], last: false, lots: Vec::new() }).expect("it came");
    assert_eq!((incoming(&a), on_hand(&a, location::FIRST)), (Q(20), Q(10)));
    a.act(Command::Deliver { purchase: id, goods: vec![of(20, 850)], last: false, lots: Vec::new() }).expect("it came");
    a.sync_all();
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    b.sync_all();
    for tablet in [&a.restart(), &b] {
        let ledger = tablet.desk.ledger();
        let Some(Document::Purchase(purchase)) = ledger.book.documents.get(&id) else { panic!("it is there") };
        assert!(purchase.closed && purchase.number.contains('-'));
        assert_eq!(ledger.book.costs.get(&variant).map(|c| c.minor()), Some(Minor(800)));
    }
    assert_eq!(b.full_digest(), shop.digest());
    assert_eq!(
        why(b.act(Command::Deliver { purchase: id, goods: vec![of(1, 1)], last: true, lots: Vec::new() })),
        Rejection::Gone
    );
    let first = a.place(1, None, false);
    assert_ne!(a.order(first).number, "A-1", "a purchase has used the number");
}

#[test]
fn what_was_there_before_the_first_purchase_is_taken_to_have_cost_the_same() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, 50);
    let supplier = Supplier { name: "茶农合作社".into(), lead_days: 5, active: true, ..Supplier::default() };
    a.act(Command::SaveSupplier(supplier)).expect("an owner may");
    let supplier = a.desk.ledger().book.suppliers.iter().map(|(id, _)| *id).next().expect("a supplier");
    let of = |pieces, cost| Ordered { variant: a.variant(), quantity: Q(pieces), cost: Minor(cost) };
    for (pieces, cost, average, value) in [(10, 600, 600, 36_000), (60, 800, 700, 84_000)] {
        let lines = vec![of(pieces, cost)];
        a.act(Command::Purchase { supplier, location: location::FIRST, lines: lines.clone(), number: String::new() })
            .expect("a good one");
        a.act(Command::Deliver { purchase: latest(&a), goods: lines, last: true, lots: Vec::new() }).expect("it came");
        let ledger = a.desk.ledger();
        assert_eq!(ledger.book.costs.get(&a.variant()).map(|c| c.minor()), Some(Minor(average)));
        assert_eq!(ledger.book.stock_value(location::FIRST), (Minor(value), 0));
    }
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn whatever_is_sent_counted_and_sold_every_piece_is_somewhere() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, 100);
    let van = van(&a);
    let variant = a.variant();
    let mut dice = 11_u64;
    let (mut sold, mut lost) = (0, 0);
    let mut under_way: Vec<(Id, i64)> = Vec::new();
    for _ in 0..200 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let roll = (dice >> 33) as i64;
        match roll % 3 {
            0 => {
                let (from, to) = if roll / 3 % 2 == 0 { (location::FIRST, van) } else { (van, location::FIRST) };
                let pieces = 1 + roll / 7 % 5;
                a.act(Command::Send { from, to, goods: vec![(variant, Q(pieces))] }).expect("goods");
                under_way.push((latest(&a), pieces));
            }
            1 if !under_way.is_empty() => {
                let (id, pieces) = under_way.swap_remove(roll as usize / 3 % under_way.len());
                let arrived = (pieces - roll / 11 % 2).max(0);
                lost += pieces - arrived;
                a.act(Command::Arrived { transfer: id, goods: vec![(variant, Q(arrived))] }).expect("it came");
            }
            _ => {
                a.sell(1);
                sold += 1;
            }
        }
        let moving: i64 = under_way.iter().map(|(_, n)| n).sum();
        assert_eq!((on_hand(&a, location::FIRST).0 + on_hand(&a, van).0) / 1000 + moving + sold + lost, 100);
    }
}

#[test]
fn two_tablets_without_a_network_count_one_shelf_and_the_difference_is_posted_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 10);
    a.sync_all();
    b.sync_all();
    let open = Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: false };
    let count = |tablet: &Tablet, pieces| {
        tablet.act(open.clone()).expect("it knows of no other");
        let id = latest(tablet);
        tablet
            .act(Command::CountFor { stocktake: id, variant: tablet.variant(), counted: Q(pieces) })
            .expect("it is open");
        id
    };
    let (first, second) = (count(&a, 8), count(&b, 7));
    a.sync_all();
    b.sync_all();
    a.sync_all();
    a.act(Command::EndStocktake { stocktake: first, post: true }).expect("an owner may");
    a.sync_all();
    b.sync_all();
    b.act(Command::EndStocktake { stocktake: second, post: true }).expect("an owner may");
    b.sync_all();
    a.sync_all();
    assert_eq!(
        (on_hand(&a, location::FIRST), on_hand(&b, location::FIRST)),
        (Q(7), Q(7)),
        "the last count, and not both differences"
    );
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn the_same_goods_are_in_one_stocktake_at_a_time() {
    let shop = Shop::new();
    let a = shop.tablet();
    let open = |category: &str| {
        a.act(Command::OpenStocktake { location: location::FIRST, category: category.into(), blind: false })
    };
    open("Tea").expect("nobody counts");
    open("Food").expect("other goods");
    for category in ["Tea", ""] {
        assert_eq!(why(open(category)), Rejection::BeingCounted);
    }
    a.act(Command::EndStocktake { stocktake: latest(&a), post: false }).expect("an owner may");
    open("Food").expect("it is over");
}

#[test]
fn low_follows_what_is_sold_unless_somebody_set_a_level_and_what_is_proposed_lasts_until_it_comes() {
    let shop = Shop::new();
    let a = shop.tablet();
    let variant = a.variant();
    let now = || Timestamp(1_700_000_000_000 + 10 * 86_400_000);
    let look = |alert: Alert| {
        let ledger = a.desk.ledger();
        let pace = Pace::at(&ledger.book, location::FIRST, now());
        ledger.book.alert(variant, location::FIRST, &pace, lead_days(&ledger.book), alert, Day(0))
    };
    assert!(!look(Alert::Out), "what was never kept here is not missing");
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(100))] }).expect("goods");
    assert!(!look(Alert::Low) && !look(Alert::Out));
    // Forty in ten days are four a day; an order takes three days, and three are for safety.
    for _ in 0..8 {
        a.sell(5);
    }
    let ledger = a.desk.ledger();
    let pace = Pace::at(&ledger.book, location::FIRST, now());
    assert_eq!((pace.days, pace.a_day(variant)), (10, Quantity::whole(4)));
    assert_eq!(ledger.book.low_at(variant, &pace, 3), Quantity::whole(24));
    drop(ledger);
    assert!(!look(Alert::Low));
    a.act(Command::Adjust { location: location::FIRST, variant, lost: Quantity::whole(36), why: Adjustment::Lost })
        .expect("lost");
    assert!(look(Alert::Low), "twenty-four are left");
    let proposed = a.desk.ledger().book.proposal(location::FIRST, now(), 3);
    assert_eq!(proposed, [(variant, Quantity::whole(24))], "to twice the level at which it is low");
    assert_eq!(a.desk.ledger().book.alerts(location::FIRST, now(), Day(0)), [1, 0, 0, 0]);
    // Somebody knows better.
    let mut product = a.desk.ledger().book.products.iter().map(|(_, p)| p.clone()).next().expect("tea");
    product.variants[0].low_at = Some(Quantity::whole(3));
    let seen = a.desk.ledger().book.products.iter().map(|(_, p)| p.hash()).next();
    a.act(Command::SaveProduct { product, seen }).expect("an owner may");
    assert!(!look(Alert::Low));
    // What is set aside for others is not there to sell.
    let order = a.place(22, None, false);
    a.act(Command::Step { order, to: OrderState::Confirmed, location: location::FIRST }).expect("clean");
    a.act(Command::Allocate(order)).expect("there");
    assert!(look(Alert::Low));
    a.sell(24);
    assert!(look(Alert::Out) && !look(Alert::Low));
    a.sell(1);
    assert!(look(Alert::Oversold) && !look(Alert::Out));
    // On its way, it is not ordered again.
    let location = location::FIRST;
    let supplier = Supplier { name: "Hill".into(), lead_days: 3, active: true, ..Default::default() };
    a.act(Command::SaveSupplier(supplier)).expect("an owner may");
    let supplier = a.desk.ledger().book.suppliers.iter().map(|(id, _)| *id).next().expect("one");
    let lines = vec![Ordered { variant, quantity: Quantity::whole(200), cost: Minor(5) }];
    a.act(Command::Purchase { supplier, location, lines, number: String::new() }).expect("ordered");
    assert!(a.desk.ledger().book.proposal(location, now(), 3).is_empty());
}
