//! From taken to packed: checks, allocation, assignment, rules, edits, splits and papers.

use std::collections::BTreeSet;

use daybook::actions::ActionError;
use daybook::domain::book::case::{CaseKind, Edited};
use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money};
use daybook::domain::order::{
    Cart, Delivery, Mark, Method, Order, OrderState, Priority, Recipient, Totals, VoidReason,
};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location::{self, Location, LocationKind};
use daybook::domain::shop::staff::{Role, Staff};
use daybook::domain::shop::tender::Tender;
use daybook::domain::stock::sourcing::Sourcing;
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::id::{LocationId, OrderId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use daybook::domain::work::finding::{Finding, Severity, findings};

use crate::support::{Shop, Tablet};

pub fn why<T>(done: Result<T, ActionError>) -> Rejection {
    match done {
        Err(ActionError::Rejected(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it may not be"),
    }
}

pub fn receive(tablet: &Tablet, location: LocationId, pieces: i64) {
    tablet
        .act(Command::Receive { location, goods: vec![(tablet.variant(), Quantity::whole(pieces))] })
        .expect("goods in");
}

/// An order by telephone, as it comes in.
pub fn phoned(tablet: &Tablet, pieces: i64) -> OrderId {
    place(tablet, Cart { channel: Channel::Phone, ..tablet.cart(pieces) })
}

pub fn place(tablet: &Tablet, cart: Cart) -> OrderId {
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    tablet.act(command).expect("a good order").placed.expect("an order was placed")
}

pub fn confirmed(tablet: &Tablet, pieces: i64) -> OrderId {
    let order = phoned(tablet, pieces);
    step(tablet, order, OrderState::Confirmed).expect("nothing is wrong with it");
    order
}

pub fn step(tablet: &Tablet, order: OrderId, to: OrderState) -> Result<(), ActionError> {
    tablet.act(Command::Step { order, to, location: location::FIRST }).map(|_| ())
}

pub fn mark(tablet: &Tablet, order: OrderId, mark: Mark) {
    tablet.act(Command::Mark { order, mark }).expect("a mark");
}

pub fn available(tablet: &Tablet) -> i64 {
    tablet.desk.ledger().book.available((tablet.variant(), location::FIRST)).0 / 1000
}

pub fn other_place(tablet: &Tablet, name: &str, kind: LocationKind) -> LocationId {
    let place = Location { id: LocationId::default(), name: name.into(), kind, active: true };
    tablet.act(Command::SaveLocation(place)).expect("an owner may");
    let ledger = tablet.desk.ledger();
    ledger.book.locations.iter().find(|(_, l)| l.name == name).map(|(id, _)| *id).expect("it was made")
}

pub fn from(order: &Order) -> Vec<(LocationId, i64)> {
    order.fulfilment.iter().flat_map(|f| &f.allocated).map(|a| (a.location, a.quantity.0 / 1000)).collect()
}

pub fn all_open(tablet: &Tablet) -> BTreeSet<OrderId> {
    tablet.orders().iter().filter(|o| o.state.open()).map(|o| o.id).collect()
}

#[test]
fn what_is_set_aside_is_not_available_and_leaves_the_shelf_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, location::FIRST, 10);
    let order = confirmed(&a, 4);
    step(&a, order, OrderState::Allocated).expect("there are ten");
    assert_eq!((available(&a), a.on_hand()), (6, Quantity::whole(10)));
    a.sync_all();
    b.sync_all();
    assert_eq!(available(&b), 6);
    assert_eq!(
        why(step(&b, order, OrderState::Packed)),
        Rejection::IllegalStep { from: OrderState::Allocated, to: OrderState::Packed }
    );
    step(&b, order, OrderState::Picking).expect("the next step");
    step(&b, order, OrderState::Packed).expect("the next step");
    step(&b, order, OrderState::Shipped).expect("the next step");
    assert_eq!((available(&b), b.on_hand()), (6, Quantity::whole(6)));
    b.sync_all();
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    assert!(a.desk.ledger().book.allocated.iter().all(|(_, q)| *q == Quantity::ZERO));
}

#[test]
fn voiding_releasing_and_editing_give_back_what_was_set_aside() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 10);
    let voided = confirmed(&a, 4);
    step(&a, voided, OrderState::Allocated).expect("there are ten");
    a.act(Command::Void { order: voided, reason: VoidReason::NotAvailable }).expect("it may be");
    assert_eq!(available(&a), 10);
    let order = confirmed(&a, 4);
    step(&a, order, OrderState::Allocated).expect("there are ten");
    step(&a, order, OrderState::Confirmed).expect("released");
    assert_eq!((available(&a), a.order(order).state), (10, OrderState::Confirmed));
    step(&a, order, OrderState::Allocated).expect("there are ten");
    a.act(Command::Edit { order, cart: a.cart(7) }).expect("it is not gone");
    assert_eq!((available(&a), a.order(order).state), (3, OrderState::Allocated), "set aside again for the new lines");
    a.act(Command::Edit { order, cart: a.cart(12) }).expect("it is not gone");
    assert_eq!((available(&a), a.order(order).state), (0, OrderState::Confirmed), "as far as there are any");
    assert_eq!(a.order(order).totals.total, Minor(12 * 1280));
}

#[test]
fn the_urgent_comes_first_then_the_earlier_promised_then_the_earlier_taken() {
    let shop = Shop::new();
    let a = shop.tablet();
    let first = confirmed(&a, 5);
    let promised = confirmed(&a, 5);
    let urgent = confirmed(&a, 5);
    let delivery = Delivery { promised: Some(Timestamp(1_900_000_000_000)), ..Delivery::default() };
    a.act(Command::SetDelivery { order: promised, delivery }).expect("it may be");
    mark(&a, urgent, Mark::Priority(Priority::Urgent));
    receive(&a, location::FIRST, 12);
    a.act(Command::AllocateAll(all_open(&a))).expect("there are some");
    let got = |id| from(&a.order(id)).iter().map(|(_, n)| n).sum::<i64>();
    assert_eq!((got(urgent), got(promised), got(first)), (5, 5, 2));
    let states = [urgent, promised, first].map(|id| a.order(id).state);
    assert_eq!(states, [OrderState::Allocated, OrderState::Allocated, OrderState::Confirmed]);
    // The last becomes the most urgent, and the goods change hands; asked again, nothing is left to do.
    mark(&a, first, Mark::Priority(Priority::Urgent));
    a.act(Command::AllocateAll(all_open(&a))).expect("there are some");
    assert_eq!((got(first), got(urgent), got(promised)), (5, 5, 2));
    let events = a.desk.ledger().unsent.len();
    let again = a.act(Command::AllocateAll(all_open(&a))).expect("nothing to do is fine");
    assert!(again.changes.orders.is_empty(), "the same again changes nothing");
    assert_eq!(a.desk.ledger().unsent.len(), events + 1);
}

#[test]
fn goods_come_from_where_the_rule_says_and_leave_from_there() {
    let shop = Shop::new();
    let a = shop.tablet();
    let depot = other_place(&a, "Depot", LocationKind::Warehouse);
    let stall = other_place(&a, "Stall", LocationKind::Stall);
    receive(&a, location::FIRST, 3);
    receive(&a, depot, 10);
    receive(&a, stall, 50);
    let order = confirmed(&a, 8);
    step(&a, order, OrderState::Allocated).expect("two places have them");
    assert_eq!(from(&a.order(order)), [(location::FIRST, 3), (depot, 5)], "own first, and never from a stall");
    step(&a, order, OrderState::HandedOver).expect("here they are");
    let on_hand = |place| a.desk.ledger().book.level((a.variant(), place)).on_hand.0 / 1000;
    assert_eq!((on_hand(location::FIRST), on_hand(depot), on_hand(stall)), (0, 5, 50));
    a.act(Command::SetSourcing(Sourcing::OwnOnly)).expect("an owner may");
    let order = confirmed(&a, 1);
    assert_eq!(why(step(&a, order, OrderState::Allocated)), Rejection::ShortOf { short: Quantity::whole(1) });
    a.act(Command::SetSourcing(Sourcing::MostFree)).expect("an owner may");
    receive(&a, location::FIRST, 1);
    step(&a, order, OrderState::Allocated).expect("the depot has most");
    assert_eq!(from(&a.order(order)), [(depot, 1)]);
}

#[test]
fn two_tablets_that_set_the_same_goods_aside_make_a_case_that_closes_itself() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, location::FIRST, 5);
    a.sync_all();
    b.sync_all();
    let (x, y) = (confirmed(&a, 4), confirmed(&b, 4));
    step(&a, x, OrderState::Allocated).expect("five are there");
    step(&b, y, OrderState::Allocated).expect("five are there");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    let over =
        |t: &Tablet| t.desk.ledger().book.open_cases().any(|(_, c)| matches!(c.kind, CaseKind::OverAllocated { .. }));
    assert!(over(&a) && over(&b));
    assert_eq!(available(&a), -3);
    a.act(Command::AllocateAll(all_open(&a))).expect("the first in turn gets them");
    assert!(!over(&a));
    let mut states = [a.order(x).state, a.order(y).state];
    states.sort();
    assert_eq!(states, [OrderState::Confirmed, OrderState::Allocated], "one has them all, the other waits");
}

#[test]
fn a_part_that_cannot_go_yet_becomes_an_order_of_its_own_and_no_cent_is_lost() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 5);
    let order = confirmed(&a, 7);
    a.act(Command::Allocate(order)).expect("five are there");
    let before = a.order(order);
    let split =
        a.act(Command::Split { order, take: vec![(0, Quantity::whole(2))], number: String::new() }).expect("two wait");
    let (kept, rest) = (a.order(order), a.order(split.placed.expect("a new order")));
    assert_eq!(kept.totals.total.0 + rest.totals.total.0, before.totals.total.0);
    assert_eq!(kept.totals.tax.0 + rest.totals.tax.0, before.totals.tax.0);
    assert_eq!((kept.state, rest.state), (OrderState::Allocated, OrderState::Confirmed));
    assert_ne!(kept.number, rest.number);
    assert_eq!(
        why(a.act(Command::Split { order, take: vec![(0, Quantity::whole(9))], number: String::new() })),
        Rejection::Flaw(Flaw::TooMuch { field: daybook::domain::value::flaw::Field::Quantity })
    );
    assert_eq!(
        why(a.act(Command::Split { order, take: vec![(0, Quantity::whole(5))], number: String::new() })),
        Rejection::Flaw(Flaw::NoLines)
    );
}

#[test]
fn two_orders_of_one_customer_become_one() {
    let shop = Shop::new();
    let a = shop.tablet();
    let person = Person { name: "李雷".into(), phone: "13800138000".into(), ..Person::default() };
    let first = place(&a, Cart { channel: Channel::Phone, new_customer: Some(person), ..a.cart(1) });
    let customer = a.order(first).customer;
    let second = place(&a, Cart { channel: Channel::Phone, customer, ..a.cart(3) });
    let stranger = phoned(&a, 1);
    assert_eq!(why(a.act(Command::Merge { into: first, from: stranger })), Rejection::NoCustomer);
    a.act(Command::Merge { into: first, from: second }).expect("one customer");
    assert_eq!(a.order(first).totals.total, Minor(4 * 1280));
    assert_eq!(a.order(second).state, OrderState::Voided);
    assert_eq!(why(a.act(Command::Merge { into: first, from: second })), Rejection::Gone);
}

#[test]
fn an_order_edited_by_two_at_once_is_a_case_with_both_versions() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = phoned(&a, 1);
    a.sync_all();
    b.sync_all();
    a.act(Command::Edit { order, cart: a.cart(2) }).expect("it is open");
    b.act(Command::Edit { order, cart: b.cart(3) }).expect("it is open");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(a.order(order).totals.total, Minor(3 * 1280), "the later counts");
    let case = a.desk.ledger().book.open_cases().map(|(id, c)| (*id, c.kind.clone())).next().expect("a case");
    assert!(
        matches!(&case.1, CaseKind::EditedTwice { put_aside: Edited::Order { totals, .. } } if totals.total == Minor(2 * 1280))
    );
    a.act(Command::TakePutAside(case.0)).expect("one tap");
    assert_eq!(a.order(order).totals.total, Minor(2 * 1280));
}

#[test]
fn nothing_goes_on_while_an_order_is_on_hold_and_what_is_gone_is_not_edited() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 5);
    let order = confirmed(&a, 1);
    mark(&a, order, Mark::Hold(Some("waits for the customer".into())));
    assert_eq!(why(step(&a, order, OrderState::HandedOver)), Rejection::OnHold);
    assert_eq!(why(a.act(Command::Allocate(order))), Rejection::OnHold);
    a.act(Command::AllocateAll(all_open(&a))).expect("it is passed over");
    assert_eq!(available(&a), 5);
    mark(&a, order, Mark::Hold(None));
    step(&a, order, OrderState::HandedOver).expect("it goes on");
    assert_eq!(why(a.act(Command::Edit { order, cart: a.cart(2) })), Rejection::Gone);
}

#[test]
fn a_quotation_and_an_order_are_not_merged_whichever_comes_first() {
    let shop = Shop::new();
    let a = shop.tablet();
    let person = Person { name: "Li".into(), phone: "13800138000".into(), ..Person::default() };
    let placed = place(&a, Cart { channel: Channel::Phone, new_customer: Some(person), ..a.cart(1) });
    let customer = a.order(placed).customer;
    let quote = place(&a, Cart { channel: Channel::Phone, customer, quote: true, ..a.cart(1) });
    for (into, from) in [(placed, quote), (quote, placed)] {
        assert!(matches!(why(a.act(Command::Merge { into, from })), Rejection::IllegalStep { .. }));
    }
}

#[test]
fn one_person_by_web_and_by_telephone_with_the_same_lines_is_a_likely_duplicate() {
    let shop = Shop::new();
    let a = shop.tablet();
    let by = |channel, phone: &str| {
        let person = Person { name: "Li".into(), phone: phone.into(), address: "1 Road".into(), ..Person::default() };
        let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
        place(&a, Cart { channel, new_customer: Some(person), delivery, ..a.cart(2) })
    };
    let web = by(Channel::Website, "+86 138-0013-8000");
    let phone = by(Channel::Phone, "13800138000");
    let other = by(Channel::Phone, "13900139000");
    assert_ne!(a.order(web).customer, a.order(phone).customer, "they have a card each");
    let ledger = a.desk.ledger();
    let duplicate_of = |id: OrderId| {
        let order = ledger.book.orders.get(&id).expect("it is here");
        findings(&ledger.book, order, order.placed_at).into_iter().find_map(|f| match f {
            Finding::Duplicate { order } => Some(order),
            _ => None,
        })
    };
    assert_eq!((duplicate_of(phone), duplicate_of(web), duplicate_of(other)), (Some(web), None, None));
}

#[test]
fn a_quotation_is_owed_and_counted_by_nobody_until_it_is_accepted() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 5);
    let quote = place(&a, Cart { channel: Channel::Phone, quote: true, ..a.cart(2) });
    assert_eq!((a.order(quote).state, a.order(quote).due()), (OrderState::Draft, Minor::ZERO));
    let money = Money { tender: Tender::Cash, amount: Minor(100), tendered: Minor(100), reference: String::new() };
    assert!(matches!(why(a.act(Command::Pay { order: quote, money })), Rejection::IllegalStep { .. }));
    assert!(matches!(why(a.act(Command::Allocate(quote))), Rejection::IllegalStep { .. }));
    step(&a, quote, OrderState::Placed).expect("accepted");
    assert_eq!(a.order(quote).due(), Minor(2 * 1280));
}

// --- checks -----------------------------------------------------------------------------------------------------------

pub fn found(tablet: &Tablet, order: OrderId) -> Vec<Finding> {
    findings(&tablet.desk.ledger().book, &tablet.order(order), Timestamp(1_700_000_100_000))
}

/// Valid orders of every kind, and the same with one error each: at least 99 of 100 errors are seen, and no valid order
/// is stopped.
#[test]
fn the_checks_see_what_is_wrong_and_stop_nothing_that_is_right() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 5_000);
    let (mut errors, mut seen, mut stopped) = (0, 0, 0);
    for n in 0..120_i64 {
        let person = Person {
            name: format!("客户 {n}"),
            phone: format!("138{:08}", n * 7_919),
            address: if n % 3 == 0 { String::new() } else { format!("城南路 {n} 号") },
            ..Person::default()
        };
        let address = format!("学院路 {n} 号");
        let recipient =
            Recipient { name: "收件人".into(), phone: format!("+86 139-{:04}-{:04}", n, n + 1), address };
        let delivery = match n % 3 {
            0 => Some(Delivery { method: Method::Delivery, promised: Some(Timestamp(1_800_000_000_000)), recipient }),
            1 => Some(Delivery { method: Method::Delivery, ..Delivery::default() }),
            _ => Some(Delivery::default()),
        };
        let channel = [Channel::Phone, Channel::Email, Channel::Website, Channel::Marketplace][n as usize % 4];
        let good =
            Cart { channel, new_customer: Some(person.clone()), delivery: delivery.clone(), ..a.cart(1 + n % 6) };
        let order = place(&a, good.clone());
        let severity = found(&a, order).iter().map(Finding::severity).max();
        stopped += usize::from(severity.is_some_and(|s| s >= Severity::Warn));
        let mut bad = Cart { customer: a.order(order).customer, new_customer: None, ..good.clone() };
        let expected: fn(&Finding) -> bool = match n % 6 {
            0 => {
                bad.lines[0].unit_price = Minor(128);
                bad.lines[0].quantity = Quantity::whole(90);
                |f| matches!(f, Finding::Price { .. })
            }
            1 => {
                bad.customer = None;
                bad.new_customer = Some(Person { address: String::new(), ..person });
                bad.delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
                |f| matches!(f, Finding::NoAddress)
            }
            2 => {
                bad.customer = None;
                bad.new_customer = Some(Person { phone: "1380013".chars().rev().take(5).collect(), ..person });
                bad.delivery = Some(Delivery::default());
                |f| matches!(f, Finding::PhoneForm)
            }
            3 => |f| matches!(f, Finding::Duplicate { .. }),
            4 => {
                bad.lines[0].quantity = Quantity::whole(2_000);
                |f| matches!(f, Finding::Unusual { .. })
            }
            _ => {
                bad.lines[0].variant = None;
                |f| matches!(f, Finding::Unknown { .. })
            }
        };
        let wrong = place(&a, bad);
        errors += 1;
        seen += usize::from(found(&a, wrong).iter().any(expected));
        a.act(Command::Void { order: wrong, reason: VoidReason::Mistake }).expect("out of the way");
        // What a file or a web shop may bring that no screen lets through.
        let good = a.order(order);
        let (wrong, expected): (Order, fn(&Finding) -> bool) = match n % 3 {
            0 => {
                let totals = Totals { total: Minor(good.totals.total.0 + 100), ..good.totals };
                (Order { totals, ..good.clone() }, |f| matches!(f, Finding::Totals))
            }
            1 => {
                let mut lines = good.lines.clone();
                lines[0].quantity = Quantity::whole(100_000);
                (Order { lines, ..good.clone() }, |f| matches!(f, Finding::Short { .. }))
            }
            _ => {
                // A card that owes more than it may.
                let customer = good.customer.expect("a card");
                a.act(Command::SetAccount { customer, limit: Minor(1), group: None }).expect("an owner may");
                let owing = place(&a, Cart { channel: Channel::Phone, customer: Some(customer), ..a.cart(1) });
                let money = Money {
                    tender: Tender::OnAccount,
                    amount: Minor(1_280),
                    tendered: Minor(1_280),
                    reference: String::new(),
                };
                a.act(Command::Pay { order: owing, money }).expect("a manager may let them owe");
                (good.clone(), |f| matches!(f, Finding::Credit { .. }))
            }
        };
        errors += 1;
        seen += usize::from(findings(&a.desk.ledger().book, &wrong, Timestamp(1_700_000_100_000)).iter().any(expected));
    }
    assert!(seen * 100 >= errors * 99, "{seen} of {errors} errors were seen");
    assert_eq!(stopped, 0, "valid orders were held up");
}

#[test]
fn what_stops_an_order_takes_a_managers_word() {
    let shop = Shop::new();
    let a = shop.tablet();
    let clerk = Staff { id: Default::default(), name: "Ming".into(), role: Role::Clerk, active: true, pin: None };
    a.act(Command::SaveStaff(clerk)).expect("an owner may");
    let clerk =
        a.desk.ledger().book.staff.iter().find(|(_, s)| s.role == Role::Clerk).map(|(id, _)| *id).expect("a clerk");
    let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
    let order = place(&a, Cart { channel: Channel::Phone, delivery, ..a.cart(1) });
    assert!(found(&a, order).contains(&Finding::NoAddress));
    let confirm = Command::Step { order, to: OrderState::Confirmed, location: location::FIRST };
    let done = futures::executor::block_on(a.desk.act(clerk, confirm, Vec::new()));
    assert_eq!(why(done), Rejection::RoleTooLow { needs: Role::Manager });
    step(&a, order, OrderState::Confirmed).expect("an owner's word");
}
