//! From taken to packed: checks, allocation, assignment, rules, edits, splits and papers.

use std::collections::BTreeSet;

use daybook::actions::ActionError;
use daybook::domain::allocation::Sourcing;
use daybook::domain::case::{CaseKind, Edited};
use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money};
use daybook::domain::finding::{Finding, Severity, findings};
use daybook::domain::id::{CustomerId, Id, LocationId, OrderId, VariantId};
use daybook::domain::lease::Scarcity;
use daybook::domain::location::{self, Location, LocationKind};
use daybook::domain::money::Minor;
use daybook::domain::order::{
    Assignee, Cart, Channel, Delivery, Happened, Mark, Method, Order, OrderState, Paper, Priority, Recipient, Totals, VoidReason,
};
use daybook::domain::payment::{Outcome, Tender};
use daybook::domain::quantity::Quantity;
use daybook::domain::rejection::Rejection;
use daybook::domain::rule::{Act, Condition, Rule, Trigger};
use daybook::domain::settings::{CashRounding, Profile};
use daybook::domain::staff::{self, Role, Staff};
use daybook::domain::time::Timestamp;

use crate::support::{Shop, Tablet};

pub fn why<T>(done: Result<T, ActionError>) -> Rejection {
    match done {
        Err(ActionError::Rejected(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it may not be"),
    }
}

fn receive(tablet: &Tablet, location: LocationId, pieces: i64) {
    tablet.act(Command::Receive { location, goods: vec![(tablet.variant(), Quantity::whole(pieces))] }).expect("goods in");
}

/// An order by telephone, as it comes in.
fn phoned(tablet: &Tablet, pieces: i64) -> OrderId {
    place(tablet, Cart { channel: Channel::Phone, ..tablet.cart(pieces) })
}

fn place(tablet: &Tablet, cart: Cart) -> OrderId {
    let command = Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    tablet.act(command).expect("a good order").placed.expect("an order was placed")
}

fn confirmed(tablet: &Tablet, pieces: i64) -> OrderId {
    let order = phoned(tablet, pieces);
    step(tablet, order, OrderState::Confirmed).expect("nothing is wrong with it");
    order
}

fn step(tablet: &Tablet, order: OrderId, to: OrderState) -> Result<(), ActionError> {
    tablet.act(Command::Step { order, to, location: location::FIRST }).map(|_| ())
}

fn mark(tablet: &Tablet, order: OrderId, mark: Mark) {
    tablet.act(Command::Mark { order, mark }).expect("a mark");
}

fn available(tablet: &Tablet) -> i64 {
    tablet.desk.ledger().book.available((tablet.variant(), location::FIRST)).0 / 1000
}

fn other_place(tablet: &Tablet, name: &str, kind: LocationKind) -> LocationId {
    let place = Location { id: LocationId::default(), name: name.into(), kind, active: true };
    tablet.act(Command::SaveLocation(place)).expect("an owner may");
    let ledger = tablet.desk.ledger();
    ledger.book.locations.iter().find(|(_, l)| l.name == name).map(|(id, _)| *id).expect("it was made")
}

fn from(order: &Order) -> Vec<(LocationId, i64)> {
    order.fulfilment.iter().flat_map(|f| &f.allocated).map(|a| (a.location, a.quantity.0 / 1000)).collect()
}

fn all_open(tablet: &Tablet) -> BTreeSet<OrderId> {
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
    assert_eq!(why(step(&b, order, OrderState::Packed)), Rejection::IllegalStep { from: OrderState::Allocated, to: OrderState::Packed });
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
    let over = |t: &Tablet| t.desk.ledger().book.open_cases().any(|(_, c)| matches!(c.kind, CaseKind::OverAllocated { .. }));
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
    let split = a.act(Command::Split { order, take: vec![(0, Quantity::whole(2))], number: String::new() }).expect("two wait");
    let (kept, rest) = (a.order(order), a.order(split.placed.expect("a new order")));
    assert_eq!(kept.totals.total.0 + rest.totals.total.0, before.totals.total.0);
    assert_eq!(kept.totals.tax.0 + rest.totals.tax.0, before.totals.tax.0);
    assert_eq!((kept.state, rest.state), (OrderState::Allocated, OrderState::Confirmed));
    assert_ne!(kept.number, rest.number);
    assert_eq!(
        why(a.act(Command::Split { order, take: vec![(0, Quantity::whole(9))], number: String::new() })),
        Rejection::TooMuch { field: daybook::domain::rejection::Field::Quantity }
    );
    assert_eq!(why(a.act(Command::Split { order, take: vec![(0, Quantity::whole(5))], number: String::new() })), Rejection::EmptyCart);
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
    assert!(matches!(&case.1, CaseKind::EditedTwice { put_aside: Edited::Order { totals, .. } } if totals.total == Minor(2 * 1280)));
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

fn found(tablet: &Tablet, order: OrderId) -> Vec<Finding> {
    findings(&tablet.desk.ledger().book, &tablet.order(order), Timestamp(1_700_000_100_000))
}

/// Valid orders of every kind, and the same with one error each: at least 99 of 100 errors are seen, and no valid order is
/// stopped.
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
        let recipient = Recipient { name: "收件人".into(), phone: format!("+86 139-{:04}-{:04}", n, n + 1), address };
        let delivery = match n % 3 {
            0 => Some(Delivery { method: Method::Delivery, promised: Some(Timestamp(1_800_000_000_000)), recipient }),
            1 => Some(Delivery { method: Method::Delivery, ..Delivery::default() }),
            _ => Some(Delivery::default()),
        };
        let channel = [Channel::Phone, Channel::Email, Channel::Website, Channel::Marketplace][n as usize % 4];
        let good = Cart { channel, new_customer: Some(person.clone()), delivery: delivery.clone(), ..a.cart(1 + n % 6) };
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
                let money = Money { tender: Tender::OnAccount, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
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
    let clerk = a.desk.ledger().book.staff.iter().find(|(_, s)| s.role == Role::Clerk).map(|(id, _)| *id).expect("a clerk");
    let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
    let order = place(&a, Cart { channel: Channel::Phone, delivery, ..a.cart(1) });
    assert!(found(&a, order).contains(&Finding::NoAddress));
    let confirm = Command::Step { order, to: OrderState::Confirmed, location: location::FIRST };
    let done = futures::executor::block_on(a.desk.act(clerk, confirm, Vec::new()));
    assert_eq!(why(done), Rejection::RoleTooLow { needs: Role::Manager });
    step(&a, order, OrderState::Confirmed).expect("an owner's word");
}

// --- rules ------------------------------------------------------------------------------------------------------------

fn untouched() -> Rule {
    Rule {
        id: Id::default(),
        name: "Straight through".into(),
        on: true,
        when: Trigger::Placed,
        conditions: vec![Condition::Clean],
        acts: vec![Act::Confirm, Act::Allocate, Act::AssignLeastBusy, Act::DeliveryNote],
        ..Rule::default()
    }
}

/// A thousand orders, half of them from each of two tablets without a network: all go from received to delivery note without
/// a hand, and every tablet and the server say the same of them.
#[test]
fn with_a_rule_on_a_valid_order_with_stock_goes_through_untouched() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, location::FIRST, 10_000);
    a.act(Command::SaveRule(untouched())).expect("an owner may");
    a.sync_all();
    b.sync_all();
    let channels = [Channel::Phone, Channel::Email, Channel::Website, Channel::Marketplace];
    let mut orders = Vec::new();
    for n in 0..1_000 {
        let tablet = if n % 2 == 0 { &a } else { &b };
        let person =
            Person { name: format!("客户 {n}"), phone: format!("138{n:08}"), address: format!("城南路 {n} 号"), ..Person::default() };
        let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
        let cart = Cart { channel: channels[n % 4], new_customer: Some(person), delivery, ..tablet.cart(1 + n as i64 % 5) };
        orders.push(place(tablet, cart));
    }
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    for id in &orders {
        let (here, there) = (a.order(*id), b.order(*id));
        assert_eq!(here, there);
        let work = here.fulfilment.as_ref().expect("it was worked on");
        assert_eq!((here.state, work.printed(Paper::DeliveryNote)), (OrderState::Allocated, 1));
        assert_eq!(work.assigned, Some(Assignee::Staff(staff::FIRST)));
        assert_eq!(here.sheets(Paper::DeliveryNote), 0, "it is ready, and nobody has printed it");
    }
    a.act(Command::Print { orders: vec![orders[0]], paper: Paper::DeliveryNote }).expect("anybody may");
    assert_eq!(a.order(orders[0]).sheets(Paper::DeliveryNote), 1);
    a.sync_all();
    b.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(b.full_digest(), shop.digest());
}

#[test]
fn a_rule_only_acts_on_what_it_is_for_and_leaves_what_is_wrong_to_people() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 2);
    let large = Rule {
        name: "Large".into(),
        conditions: vec![Condition::AtLeast(Minor(10_000)), Condition::Channel(Channel::Phone)],
        acts: vec![Act::Priority(Priority::High), Act::Tag("大单".into()), Act::Hold("call back".into())],
        ..untouched()
    };
    a.act(Command::SaveRule(large)).expect("an owner may");
    a.act(Command::SaveRule(untouched())).expect("an owner may");
    let held = a.order(phoned(&a, 9));
    let work = held.fulfilment.as_deref().expect("it was worked on");
    assert_eq!((held.state, work.priority, work.tags.as_slice()), (OrderState::Placed, Priority::High, &["大单".to_owned()][..]));
    let short = a.order(phoned(&a, 3));
    assert_eq!((short.state, from(&short)), (OrderState::Confirmed, vec![(location::FIRST, 2)]), "short is not allocated");
    assert_eq!(short.fulfilment.as_ref().map(|f| f.printed(Paper::DeliveryNote)), Some(0));
    let sold = a.order(a.sell(1));
    assert_eq!(sold.fulfilment, None, "what is handed over at once is nobody's work");
}

#[test]
fn a_rule_for_what_is_paid_acts_once_the_money_is_there_at_once_or_later() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    a.act(Command::SaveRule(Rule { when: Trigger::Paid, conditions: Vec::new(), ..untouched() })).expect("an owner may");
    let unpaid = phoned(&a, 1);
    assert_eq!(a.order(unpaid).state, OrderState::Placed);
    let pay = |amount| Money { tender: Tender::Transfer, amount: Minor(amount), tendered: Minor(amount), reference: String::new() };
    a.act(Command::Pay { order: unpaid, money: pay(280) }).expect("a deposit");
    assert_eq!(a.order(unpaid).state, OrderState::Placed);
    a.act(Command::Pay { order: unpaid, money: pay(1_000) }).expect("the rest");
    assert_eq!(a.order(unpaid).state, OrderState::Allocated);
    let cart = Cart { channel: Channel::Phone, ..a.cart(1) };
    let command = Command::Place { cart, number: String::new(), location: location::FIRST, money: Some(pay(1_280)), hand_over: false };
    let at_once = a.act(command).expect("a good order").placed.expect("an order");
    assert_eq!(a.order(at_once).state, OrderState::Allocated);
}

#[test]
fn a_rule_cannot_say_what_may_not_stand_in_the_log() {
    let shop = Shop::new();
    let a = shop.tablet();
    let long = Rule { acts: vec![Act::Hold("x".repeat(61))], ..untouched() };
    assert!(matches!(why(a.act(Command::SaveRule(long))), Rejection::TooLong { .. }));
}

#[test]
fn two_rules_that_allocate_set_no_more_aside_than_there_is() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 3);
    let acts = vec![Act::Confirm, Act::Allocate];
    for when in [Trigger::Placed, Trigger::Paid] {
        let rule = Rule { when, conditions: Vec::new(), acts: acts.clone(), ..untouched() };
        a.act(Command::SaveRule(rule)).expect("an owner may");
    }
    let money = Money { tender: Tender::Transfer, amount: Minor(6_400), tendered: Minor(6_400), reference: String::new() };
    let cart = Cart { channel: Channel::Phone, ..a.cart(5) };
    let command = Command::Place { cart, number: String::new(), location: location::FIRST, money: Some(money), hand_over: false };
    let order = a.act(command).expect("a good order").placed.expect("an order");
    assert_eq!((from(&a.order(order)), a.order(order).state), (vec![(location::FIRST, 3)], OrderState::Confirmed));
    assert_eq!(available(&a), 0);
}

#[test]
fn a_rule_for_what_is_paid_hears_of_a_terminals_money_too() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 3);
    a.act(Command::SaveRule(Rule { when: Trigger::Paid, conditions: Vec::new(), ..untouched() })).expect("an owner may");
    let order = phoned(&a, 1);
    a.act(Command::Ask { order, tender: Tender::WechatPay, amount: Minor(1_280) }).expect("it is due");
    let attempt = a.order(order).attempts[0].id;
    a.act(Command::Answer { order, attempt, outcome: Outcome::Confirmed, reference: String::new() }).expect("it worked");
    assert_eq!(a.order(order).state, OrderState::Allocated);
}

#[test]
fn goods_leave_from_where_they_are_set_aside_also_when_edited_while_packed_and_come_back_there_when_undone() {
    let shop = Shop::new();
    let a = shop.tablet();
    let depot = other_place(&a, "Depot", LocationKind::Warehouse);
    receive(&a, depot, 10);
    let order = confirmed(&a, 5);
    for to in [OrderState::Allocated, OrderState::Picking, OrderState::Packed] {
        step(&a, order, to).expect("the next step");
    }
    a.act(Command::Edit { order, cart: a.cart(4) }).expect("it is not gone");
    assert_eq!((from(&a.order(order)), a.order(order).state), (vec![(depot, 4)], OrderState::Packed));
    let on_hand = |place| a.desk.ledger().book.level((a.variant(), place)).on_hand.0 / 1000;
    step(&a, order, OrderState::HandedOver).expect("here they are");
    assert_eq!((on_hand(location::FIRST), on_hand(depot)), (0, 6));
    a.act(Command::Void { order, reason: VoidReason::Mistake }).expect("it may be");
    assert_eq!((on_hand(location::FIRST), on_hand(depot)), (0, 10));
    assert!(a.desk.ledger().book.allocated.iter().all(|(_, q)| *q == Quantity::ZERO));
}

#[test]
fn what_was_set_aside_for_lines_that_changed_meanwhile_is_not_set_aside_for_others() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, location::FIRST, 9);
    let order = confirmed(&a, 5);
    a.sync_all();
    b.sync_all();
    a.act(Command::Edit { order, cart: a.cart(2) }).expect("it is open");
    step(&b, order, OrderState::Allocated).expect("there are nine");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(from(&a.order(order)), [(location::FIRST, 2)], "never more than a line needs");
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn an_order_promised_out_of_a_lease_gets_those_pieces() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 5);
    let replica = a.desk.ledger().identity.as_ref().expect("enrolled").replica;
    let lease = |pieces| {
        Command::SetAside(daybook::domain::lease::Lease {
            variant: a.variant(),
            location: location::FIRST,
            replica,
            quantity: Quantity::whole(pieces),
        })
    };
    a.act(lease(3)).expect("five are free");
    let order = confirmed(&a, 4);
    step(&a, order, OrderState::Allocated).expect("three are its own, one is free");
    assert!(matches!(why(a.act(lease(5))), Rejection::NotFree { .. }), "what is set aside for an order is not free");
}

#[test]
fn work_goes_to_whoever_has_least_and_a_closed_order_is_no_work() {
    let shop = Shop::new();
    let a = shop.tablet();
    for name in ["Ming", "Hong"] {
        let clerk = Staff { id: Default::default(), name: name.into(), role: Role::Clerk, active: true, pin: None };
        a.act(Command::SaveStaff(clerk)).expect("an owner may");
    }
    a.act(Command::SaveRule(Rule { conditions: Vec::new(), acts: vec![Act::AssignLeastBusy], ..untouched() })).expect("an owner may");
    let orders: Vec<OrderId> = (0..6).map(|_| phoned(&a, 1)).collect();
    let loads = |a: &Tablet| {
        let mut loads: Vec<u32> = a.desk.ledger().book.workload.iter().map(|(_, n)| *n).collect();
        loads.sort_unstable();
        loads
    };
    assert_eq!(loads(&a), [2, 2, 2]);
    a.act(Command::Void { order: orders[0], reason: VoidReason::Mistake }).expect("it may be");
    mark(&a, orders[1], Mark::Assigned(Some(Assignee::Station("打包台".into()))));
    assert_eq!(loads(&a), [1, 1, 1, 2]);
    a.sync_all();
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    assert_eq!(loads(&a.restart()), [1, 1, 1, 2], "sealed and read back");
}

// --- money ------------------------------------------------------------------------------------------------------------

fn on_account(amount: i64) -> Money {
    Money { tender: Tender::OnAccount, amount: Minor(amount), tendered: Minor(amount), reference: String::new() }
}

fn customer(tablet: &Tablet) -> CustomerId {
    let person = Person { name: "老王".into(), phone: "13900139000".into(), ..Person::default() };
    tablet.act(Command::SaveCustomer { customer: None, person, seen: None }).expect("a good card");
    tablet.desk.ledger().book.customers.iter().map(|(id, _)| *id).next().expect("a customer")
}

#[test]
fn goods_on_account_are_owed_up_to_the_limit_and_paid_later() {
    let shop = Shop::new();
    let a = shop.tablet();
    let id = customer(&a);
    let order = place(&a, Cart { channel: Channel::Phone, customer: Some(id), ..a.cart(3) });
    let due = 3 * 1280;
    assert_eq!(why(a.act(Command::Pay { order, money: on_account(due) })), Rejection::OverCredit { left: Minor::ZERO });
    a.act(Command::SetAccount { customer: id, limit: Minor(5_000), group: None }).expect("an owner may");
    a.act(Command::Pay { order, money: on_account(due) }).expect("within the limit");
    let account = |t: &Tablet| t.desk.ledger().book.accounts.get(&id).cloned().unwrap_or_default();
    assert_eq!((account(&a).owed, account(&a).left(), a.order(order).due()), (Minor(due), Minor(5_000 - due), Minor::ZERO));
    let stranger = phoned(&a, 1);
    assert_eq!(why(a.act(Command::Pay { order: stranger, money: on_account(1) })), Rejection::NoCustomer);
    let cash = |amount| Money { tender: Tender::Cash, amount: Minor(amount), tendered: Minor(amount), reference: String::new() };
    assert!(matches!(why(a.act(Command::SettleAccount { customer: id, money: cash(due + 1) })), Rejection::TooMuch { .. }));
    a.act(Command::OpenTill { float: Minor::ZERO }).expect("it is closed");
    a.act(Command::SettleAccount { customer: id, money: cash(due) }).expect("they pay");
    assert_eq!(account(&a).owed, Minor::ZERO);
    assert!(a.desk.ledger().book.tills.iter().any(|(_, t)| t.shift.as_ref().is_some_and(|s| s.expected() == Minor(due))));
    a.act(Command::Void { order, reason: VoidReason::CustomerChangedMind }).expect("it may be");
    assert_eq!(account(&a).owed, Minor(-due), "what went on the account comes off it");
}

#[test]
fn store_credit_is_what_was_given_back_and_no_more_can_be_spent() {
    let shop = Shop::new();
    let a = shop.tablet();
    let id = customer(&a);
    let order = place(&a, Cart { channel: Channel::Phone, customer: Some(id), ..a.cart(2) });
    let pay = |tender, amount| Money { tender, amount: Minor(amount), tendered: Minor(amount), reference: String::new() };
    a.act(Command::Pay { order, money: pay(Tender::Cash, 2_560) }).expect("cash");
    a.act(Command::Refund { order, tender: Tender::StoreCredit, amount: Minor(1_280) }).expect("an owner may");
    let next = place(&a, Cart { channel: Channel::Phone, customer: Some(id), ..a.cart(2) });
    assert_eq!(
        why(a.act(Command::Pay { order: next, money: pay(Tender::StoreCredit, 1_281) })),
        Rejection::OverCredit { left: Minor(1_280) }
    );
    a.act(Command::Pay { order: next, money: pay(Tender::StoreCredit, 1_280) }).expect("it is there");
    let account = a.desk.ledger().book.accounts.get(&id).cloned().unwrap_or_default();
    assert_eq!((account.credit, a.order(next).due()), (Minor::ZERO, Minor(1_280)));
}

#[test]
fn nobody_is_charged_again_before_somebody_has_looked_what_the_terminal_said() {
    let shop = Shop::new();
    let a = shop.tablet();
    let order = phoned(&a, 1);
    let ask = |t: &Tablet| t.act(Command::Ask { order, tender: Tender::Card, amount: Minor(1_280) });
    let attempt = |t: &Tablet| t.order(order).attempts.last().expect("asked").id;
    let answer = |t: &Tablet, outcome| t.act(Command::Answer { order, attempt: attempt(t), outcome, reference: "T-1".into() }).map(|_| ());
    ask(&a).expect("something is due");
    // The tablet dies while the terminal thinks; what was asked is still known.
    let a = a.restart();
    assert_eq!(why(ask(&a)), Rejection::AnswerOpen);
    let cash = Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    assert_eq!(why(a.act(Command::Pay { order, money: cash })), Rejection::AnswerOpen);
    answer(&a, Outcome::Unknown).expect("nobody knows");
    assert_eq!(why(ask(&a)), Rejection::AnswerOpen);
    answer(&a, Outcome::Declined).expect("somebody looked");
    ask(&a).expect("once more");
    answer(&a, Outcome::Confirmed).expect("it worked");
    assert_eq!(why(answer(&a, Outcome::Confirmed)), Rejection::AnswerOpen, "once");
    let paid = a.order(order);
    assert_eq!((paid.due(), paid.payments.len(), paid.payments[0].reference.as_str()), (Minor::ZERO, 1, "T-1"));
}

#[test]
fn the_sum_set_aside_at_a_place_is_what_open_orders_claim_there() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 40);
    let mut dice = 7_u64;
    let mut orders: Vec<OrderId> = Vec::new();
    for _ in 0..300 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let roll = (dice >> 33) as usize;
        if orders.len() < 5 || roll.is_multiple_of(6) {
            orders.push(confirmed(&a, 1 + (roll / 7 % 6) as i64));
            continue;
        }
        let order = orders[roll / 11 % orders.len()];
        // What may not be is refused, and changes nothing.
        let _ = match roll / 3 % 7 {
            0 => a.act(Command::Allocate(order)),
            1 => a.act(Command::Release(order)),
            2 => a.act(Command::Edit { order, cart: a.cart(1 + (roll % 9) as i64) }),
            3 => a.act(Command::AllocateAll(orders.iter().copied().collect())),
            4 => a.act(Command::Step { order, to: OrderState::HandedOver, location: location::FIRST }),
            5 => a.act(Command::Void { order, reason: VoidReason::Mistake }),
            _ => a.act(Command::Split { order, take: vec![(0, Quantity::ONE)], number: String::new() }),
        };
        let claimed: i64 = a.orders().iter().flat_map(|o| o.claims().into_values()).map(|q| q.0).sum();
        let ledger = a.desk.ledger();
        let place: (VariantId, LocationId) = (a.variant(), location::FIRST);
        assert_eq!(ledger.book.allocated(place).0, claimed);
    }
}

#[test]
fn a_paid_order_is_split_and_every_cent_stays_with_goods_that_cost_it() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.act(Command::OpenTill { float: Minor(10_000) }).expect("a till");
    let total = Minor(5 * 1280);
    let money = Money { tender: Tender::WechatPay, amount: total, tendered: total, reference: "wx1".into() };
    let order = a.place(5, Some(money), false);
    a.act(Command::Mark { order, mark: Mark::Tag { tag: "gift".into(), on: true } }).expect("a tag");
    let till = |tablet: &Tablet| {
        let ledger = tablet.desk.ledger();
        ledger.book.tills.iter().filter_map(|(_, t)| t.shift.as_ref().map(|s| (s.total(), s.payments, s.refunded))).next()
    };
    let before = till(&a);
    let split = a.act(Command::Split { order, take: vec![(0, Quantity::whole(2))], number: String::new() }).expect("two wait");
    let rest = split.placed.expect("a new order");
    for tablet in [&a, &b] {
        tablet.sync_all();
        let (kept, rest) = (tablet.order(order), tablet.order(rest));
        assert_eq!((kept.paid(), rest.paid()), (kept.totals.total, rest.totals.total), "each is paid");
        assert_eq!(kept.paid().0 + rest.paid().0, total.0);
        assert_eq!((rest.payments[0].tender, rest.payments[0].reference.as_str()), (Tender::WechatPay, "wx1"));
        assert_eq!(rest.fulfilment.expect("marks").tags, ["gift"]);
        assert_eq!(tablet.desk.ledger().book.open_cases().count(), 0);
        assert_eq!(till(tablet), before, "no till holds more or less by it");
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    // A part that is paid and cannot come is paid back where its money is.
    a.act(Command::Refund { order: rest, tender: Tender::WechatPay, amount: a.order(rest).paid() }).expect("a manager may");
    assert_eq!(a.order(rest).paid(), Minor::ZERO);
}

#[test]
fn money_of_an_order_that_was_given_back_meanwhile_does_not_come_twice() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let total = Minor(4 * 1280);
    let money = Money { tender: Tender::Cash, amount: total, tendered: total, reference: String::new() };
    let order = a.place(4, Some(money), false);
    a.sync_all();
    b.sync_all();
    // Both split it, neither knowing of the other.
    let halves = [&a, &b].map(|t| {
        let take = vec![(0, Quantity::whole(3))];
        t.act(Command::Split { order, take, number: String::new() }).expect("it is open").placed.expect("a new order")
    });
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    for tablet in [&a, &b] {
        let paid: i64 = [order, halves[0], halves[1]].iter().map(|o| tablet.order(*o).paid().0).sum();
        assert_eq!(paid, total.0, "what was paid once counts once");
        assert_eq!(tablet.full_digest(), shop.digest());
    }
}

#[test]
fn an_accepted_quotation_is_an_order_like_any_other_rules_and_scarcity_and_all() {
    let shop = Shop::new();
    let a = shop.tablet();
    let variant = a.variant();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(3))] }).expect("goods");
    let acts = vec![Act::Confirm, Act::Allocate];
    a.act(Command::SaveRule(Rule { name: "all".into(), on: true, acts, ..Rule::default() })).expect("a rule");
    let quote = |pieces| place(&a, Cart { channel: Channel::Phone, quote: true, ..a.cart(pieces) });
    let (small, large) = (quote(2), quote(3));
    assert_eq!(a.order(small).state, OrderState::Draft);
    step(&a, small, OrderState::Placed).expect("accepted");
    assert_eq!((a.order(small).state, a.order(small).is_allocated()), (OrderState::Allocated, true));
    a.act(Command::SetScarcity { variant, scarcity: Some(Scarcity::Block) }).expect("scarce");
    a.sync_all();
    assert!(matches!(
        why(a.act(Command::Step { order: large, to: OrderState::Placed, location: location::FIRST })),
        Rejection::Scarce { .. }
    ));
}

#[test]
fn a_sum_paid_in_cash_is_rounded_as_the_store_says_and_every_book_adds_up() {
    let shop = Shop::new();
    let a = shop.tablet();
    let profile = a.desk.ledger().book.profile();
    let rounding = Some(CashRounding { step: Minor(50), down: true });
    a.act(Command::SaveProfile(Profile { cash_rounding: rounding, ..profile })).expect("an owner may");
    a.act(Command::OpenTill { float: Minor(0) }).expect("a till");
    let cash =
        |amount: i64, given: i64| Money { tender: Tender::Cash, amount: Minor(amount), tendered: Minor(given), reference: String::new() };
    let sold = a.try_place(1, Some(cash(1_250, 2_000)), true).expect("rounded from 12.80").placed.expect("an order");
    let order = a.order(sold);
    assert_eq!(
        (order.totals.total, order.totals.adjustment, order.paid(), order.state),
        (Minor(1_250), Minor(-30), Minor(1_250), OrderState::Closed)
    );
    // To the cent it may be paid, too; and by card it always is.
    let card = Money { tender: Tender::Card, ..cash(1_250, 1_250) };
    let part = a.try_place(1, Some(card), true).expect("a part").placed.expect("an order");
    assert_eq!(a.order(part).due(), Minor(30));
    // The rest of what was handed over already.
    let rest = a.place(1, Some(cash(300, 300)), true);
    assert_eq!(a.order(rest).due(), Minor(980));
    a.act(Command::Pay { order: rest, money: cash(950, 1_000) }).expect("rounded");
    let order = a.order(rest);
    assert_eq!((order.due(), order.state, order.totals.total), (Minor(0), OrderState::Closed, Minor(1_250)));
    a.sync_all();
    let held: i64 = a.desk.ledger().book.tills.iter().filter_map(|(_, t)| t.shift.as_ref()).map(|s| s.expected().0).sum();
    assert_eq!(held, 1_250 + 300 + 950, "what is in the drawer");
    assert_eq!(a.desk.ledger().book.open_cases().filter(|(_, c)| !matches!(c.kind, CaseKind::Oversold { .. })).count(), 0);
    assert_eq!(a.full_digest(), shop.digest());
    for (step, down, from, to) in
        [(5, false, 1_282, 1_280), (5, false, 1_283, 1_285), (10, false, 1_285, 1_290), (100, true, 99, 0), (5, false, -3, -5)]
    {
        assert_eq!(CashRounding { step: Minor(step), down }.round(Minor(from)), Minor(to), "{from}");
    }
}

#[test]
fn at_the_counter_the_terminal_is_asked_after_the_order_is_written_and_goods_go_when_it_has_answered() {
    let shop = Shop::new();
    let a = shop.tablet();
    let ask = || {
        let command = Command::PlaceAndAsk { cart: a.cart(1), number: String::new(), location: location::FIRST, tender: Tender::Card };
        a.act(command).expect("it is written").placed.expect("an order")
    };
    let order = ask();
    let known = a.restart().order(order);
    assert_eq!((known.state, known.attempts[0].outcome, known.paid()), (OrderState::Placed, Outcome::Intended, Minor(0)));
    let money = Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    assert!(matches!(why(a.act(Command::Pay { order, money: money.clone() })), Rejection::AnswerOpen), "nobody pays twice");
    let answer = |order, outcome| {
        let attempt = a.order(order).attempts.last().expect("one").id;
        a.act(Command::Answer { order, attempt, outcome, reference: "T1".into() }).expect("it said so")
    };
    answer(order, Outcome::Confirmed);
    let known = a.order(order);
    assert_eq!((known.state, known.handed_over, known.payments[0].reference.as_str()), (OrderState::Closed, Some(location::FIRST), "T1"));
    // Declined or run out: another way to pay, and the goods go along with it.
    for outcome in [Outcome::Declined, Outcome::Expired] {
        let order = ask();
        answer(order, outcome);
        assert_eq!((a.order(order).state, a.order(order).due()), (OrderState::Placed, Minor(1_280)));
        a.act(Command::Pay { order, money: money.clone() }).expect("in cash then");
        assert_eq!((a.order(order).state, a.order(order).handed_over), (OrderState::Closed, Some(location::FIRST)));
    }
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn somebody_may_choose_where_goods_come_from_and_that_stays_and_is_written_down() {
    let shop = Shop::new();
    let a = shop.tablet();
    let depot = Location { id: LocationId::default(), name: "Depot".into(), kind: LocationKind::Warehouse, active: true };
    a.act(Command::SaveLocation(depot)).expect("an owner may");
    let depot =
        a.desk.ledger().book.locations.iter().find(|(_, l)| l.kind == LocationKind::Warehouse).map(|(id, _)| *id).expect("it is there");
    receive(&a, location::FIRST, 10);
    receive(&a, depot, 4);
    let order = phoned(&a, 3);
    step(&a, order, OrderState::Confirmed).expect("clean");
    step(&a, order, OrderState::Allocated).expect("there");
    let from = |tablet: &Tablet| tablet.order(order).fulfilment.expect("work").allocated.iter().map(|x| x.location).collect::<Vec<_>>();
    assert_eq!(from(&a), [location::FIRST]);
    a.act(Command::AllocateFrom { order, line: 0, location: depot }).expect("it has enough");
    assert_eq!((from(&a), a.order(order).state), (vec![depot], OrderState::Allocated));
    assert!(a.order(order).history.iter().any(|e| e.what == Happened::AllocatedByHand { whole: true }));
    // Setting aside anew leaves what somebody chose.
    let other = phoned(&a, 2);
    step(&a, other, OrderState::Confirmed).expect("clean");
    a.act(Command::AllocateAll([order, other].into())).expect("anew");
    assert_eq!(from(&a), [depot]);
    assert!(matches!(
        why(a.act(Command::AllocateFrom { order: other, line: 0, location: LocationId(Id::derived("l", "x", "y")) })),
        Rejection::UnknownLocation
    ));
    // More than is there: what there is, and the rest is short.
    let large = phoned(&a, 5);
    step(&a, large, OrderState::Confirmed).expect("clean");
    a.act(Command::AllocateFrom { order: large, line: 0, location: depot }).expect("one is left");
    let known = a.order(large);
    assert_eq!((known.short_of(0, &known.lines[0]), known.state), (Quantity::whole(4), OrderState::Confirmed));
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}
