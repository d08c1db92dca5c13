//! Rules: what happens to an order untouched, and who gets the work.

use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money};
use daybook::domain::order::rule::{Act, Condition, Rule, Trigger};
use daybook::domain::order::{Assignee, Cart, Delivery, Mark, Method, OrderState, Paper, Priority, VoidReason};
use daybook::domain::payment::Outcome;
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location::{self, LocationKind};
use daybook::domain::shop::staff::{self, Role, Staff};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::id::{Id, OrderId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;

use crate::fulfilment::{available, confirmed, from, mark, other_place, phoned, place, receive, step, why};
use crate::support::{Shop, Tablet};

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

/// A thousand orders, half of them from each of two tablets without a network: all go from received to delivery note
/// without a hand, and every tablet and the server say the same of them.
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
        let person = Person {
            name: format!("客户 {n}"),
            phone: format!("138{n:08}"),
            address: format!("城南路 {n} 号"),
            ..Person::default()
        };
        let delivery = Some(Delivery { method: Method::Delivery, ..Delivery::default() });
        let cart =
            Cart { channel: channels[n % 4], new_customer: Some(person), delivery, ..tablet.cart(1 + n as i64 % 5) };
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
    assert_eq!(
        (held.state, work.priority, work.tags.as_slice()),
        (OrderState::Placed, Priority::High, &["大单".to_owned()][..])
    );
    let short = a.order(phoned(&a, 3));
    assert_eq!(
        (short.state, from(&short)),
        (OrderState::Confirmed, vec![(location::FIRST, 2)]),
        "short is not allocated"
    );
    assert_eq!(short.fulfilment.as_ref().map(|f| f.printed(Paper::DeliveryNote)), Some(0));
    let sold = a.order(a.sell(1));
    assert_eq!(sold.fulfilment, None, "what is handed over at once is nobody's work");
}

#[test]
fn a_rule_for_what_is_paid_acts_once_the_money_is_there_at_once_or_later() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    a.act(Command::SaveRule(Rule { when: Trigger::Paid, conditions: Vec::new(), ..untouched() }))
        .expect("an owner may");
    let unpaid = phoned(&a, 1);
    assert_eq!(a.order(unpaid).state, OrderState::Placed);
    let pay = |amount| Money {
        tender: Tender::Transfer,
        amount: Minor(amount),
        tendered: Minor(amount),
        reference: String::new(),
    };
    a.act(Command::Pay { order: unpaid, money: pay(280) }).expect("a deposit");
    assert_eq!(a.order(unpaid).state, OrderState::Placed);
    a.act(Command::Pay { order: unpaid, money: pay(1_000) }).expect("the rest");
    assert_eq!(a.order(unpaid).state, OrderState::Allocated);
    let cart = Cart { channel: Channel::Phone, ..a.cart(1) };
    let command = Command::Place {
        cart,
        number: String::new(),
        location: location::FIRST,
        money: Some(pay(1_280)),
        hand_over: false,
    };
    let at_once = a.act(command).expect("a good order").placed.expect("an order");
    assert_eq!(a.order(at_once).state, OrderState::Allocated);
}

#[test]
fn a_rule_cannot_say_what_may_not_stand_in_the_log() {
    let shop = Shop::new();
    let a = shop.tablet();
    let long = Rule { acts: vec![Act::Hold("x".repeat(61))], ..untouched() };
    assert!(matches!(why(a.act(Command::SaveRule(long))), Rejection::Flaw(Flaw::TooLong { .. })));
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
    let money =
        Money { tender: Tender::Transfer, amount: Minor(6_400), tendered: Minor(6_400), reference: String::new() };
    let cart = Cart { channel: Channel::Phone, ..a.cart(5) };
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: Some(money), hand_over: false };
    let order = a.act(command).expect("a good order").placed.expect("an order");
    assert_eq!((from(&a.order(order)), a.order(order).state), (vec![(location::FIRST, 3)], OrderState::Confirmed));
    assert_eq!(available(&a), 0);
}

#[test]
fn a_rule_for_what_is_paid_hears_of_a_terminals_money_too() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 3);
    a.act(Command::SaveRule(Rule { when: Trigger::Paid, conditions: Vec::new(), ..untouched() }))
        .expect("an owner may");
    let order = phoned(&a, 1);
    a.act(Command::Ask { order, tender: Tender::WechatPay, amount: Minor(1_280) }).expect("it is due");
    let attempt = a.order(order).attempts[0].id;
    a.act(Command::Answer { order, attempt, outcome: Outcome::Confirmed, reference: String::new() })
        .expect("it worked");
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
        Command::SetAside(daybook::domain::stock::lease::Lease {
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
    a.act(Command::SaveRule(Rule { conditions: Vec::new(), acts: vec![Act::AssignLeastBusy], ..untouched() }))
        .expect("an owner may");
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

#[test]
fn a_message_of_a_closed_order_is_still_to_be_sent_after_a_restart_and_on_every_tablet() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = a.sell(1);
    a.act(Command::Tell { order, text: "Thank you".into() }).expect("it may be said");
    let due = |t: &Tablet| {
        futures::executor::block_on(t.desk.load_open_orders()).expect("memory");
        let ledger = t.desk.ledger();
        ledger.book.orders.iter().filter(|(_, o)| o.is_message_due()).map(|(id, _)| *id).collect::<Vec<_>>()
    };
    for t in [&a, &b] {
        t.sync_all();
        assert_eq!(t.order(order).state, OrderState::Closed);
        futures::executor::block_on(t.desk.seal(true)).expect("memory");
        assert_eq!((due(t), due(&t.restart())), (vec![order], vec![order]), "sealed and read back");
    }
    // However many blocks of open orders stand after it.
    for _ in 0..20 {
        a.place(1, None, false);
        a.sync_all();
        futures::executor::block_on(a.desk.seal(true)).expect("memory");
    }
    assert!(due(&a.restart()).contains(&order));
    let again = b.restart();
    due(&again);
    again.act(Command::Told { order, sent: true }).expect("it is due");
    for t in [&again, &a] {
        t.sync_all();
        futures::executor::block_on(t.desk.seal(true)).expect("memory");
        assert_eq!((due(t), due(&t.restart())), (vec![], vec![]));
    }
    assert_eq!(a.full_digest(), shop.digest());
}
