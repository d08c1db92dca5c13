//! Steps that are taken back.

use daybook::domain::decide::{Command, Money};
use daybook::domain::order::rule::{Act, Rule, Trigger};
use daybook::domain::order::{OrderState, StepKind, VoidReason};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::location::{self, LocationKind};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::id::{LocationId, OrderId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;

use crate::fulfilment::{available, confirmed, from, other_place, phoned, receive, step, why};
use crate::support::{Shop, Tablet};

fn to(tablet: &Tablet, order: OrderId, states: &[OrderState]) {
    for state in states {
        step(tablet, order, *state).expect("the table says so");
    }
}

fn undo(tablet: &Tablet, order: OrderId) {
    let last = tablet.order(order).last_step().expect("it can be taken back");
    tablet.act(Command::UndoStep { order, to: last.step.from }).expect("it may be");
}

/// Two of nine pieces are on their way, and both tablets know.
fn shipped(a: &Tablet, b: &Tablet) -> OrderId {
    receive(a, location::FIRST, 9);
    let order = confirmed(a, 2);
    to(a, order, &[OrderState::Picking, OrderState::Packed, OrderState::Shipped]);
    a.sync_all();
    b.sync_all();
    order
}

fn pay(tablet: &Tablet, order: OrderId) {
    let amount = tablet.order(order).due();
    let money = Money { tender: Tender::Cash, amount, tendered: amount, reference: String::new() };
    tablet.act(Command::Pay { order, money }).expect("it is due");
}

#[test]
fn what_was_shipped_by_mistake_is_packed_again_and_its_goods_are_where_they_were_set_aside() {
    use OrderState::{Allocated, Packed, Picking, Shipped};
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, location::FIRST, 3);
    let store_room = other_place(&a, "Store room", LocationKind::Store);
    receive(&a, store_room, 4);
    let order = confirmed(&a, 5);
    to(&a, order, &[Allocated, Picking, Packed]);
    let (aside, free) = (from(&a.order(order)), available(&a));
    to(&a, order, &[Shipped]);
    undo(&a, order);
    let back = a.order(order);
    assert_eq!((back.state, back.handed_over), (Packed, None));
    assert_eq!((from(&back), available(&a)), (aside, free));
    assert_eq!(back.due(), Minor(6_400), "what is owed does not change");
    // And on: as if nothing had been.
    to(&a, order, &[Shipped]);
    assert!(a.order(order).handed_over.is_some());
    let left: Quantity = [location::FIRST, store_room]
        .iter()
        .map(|place| level(&a, *place))
        .fold(Quantity::ZERO, Quantity::saturating_add);
    assert_eq!(left, Quantity::whole(2), "they left once");
    a.sync_all();
    b.sync_all();
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
}

fn level(tablet: &Tablet, place: LocationId) -> Quantity {
    tablet.desk.ledger().book.levels.get(&(tablet.variant(), place)).map_or(Quantity::ZERO, |level| level.on_hand)
}

#[test]
fn each_step_with_the_goods_can_be_taken_back_one_after_the_other_and_no_further() {
    use OrderState::{Allocated, Closed, Delivered, Packed, Picking, Shipped};
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    let order = confirmed(&a, 2);
    pay(&a, order);
    let way = [Allocated, Picking, Packed, Shipped, Delivered, Closed];
    to(&a, order, &way);
    for state in way[..5].iter().rev() {
        undo(&a, order);
        assert_eq!(a.order(order).state, *state);
    }
    assert_eq!(a.order(order).last_step(), None, "goods that are set aside are released");
    assert_eq!(
        why(a.act(Command::UndoStep { order, to: OrderState::Confirmed })),
        Rejection::IllegalStep { from: Allocated, to: OrderState::Confirmed }
    );
    assert_eq!(a.on_hand(), Quantity::whole(9));
}

#[test]
fn what_was_paid_and_handed_over_with_one_tap_comes_back_with_one() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    let order = phoned(&a, 2);
    pay(&a, order);
    to(&a, order, &[OrderState::HandedOver]);
    assert_eq!(a.order(order).state, OrderState::Closed);
    let last = a.order(order).last_step().expect("it can be taken back");
    assert_eq!((last.step.kind, last.step.from), (StepKind::HandOver, OrderState::Placed));
    undo(&a, order);
    let back = a.order(order);
    assert_eq!((back.state, back.handed_over, back.paid()), (OrderState::Placed, None, Minor(2_560)));
    assert_eq!(a.on_hand(), Quantity::whole(9));
}

#[test]
fn nothing_is_taken_back_that_something_rests_on() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    // A sale over the counter is voided.
    assert_eq!(a.order(a.sell(1)).last_step(), None);
    let voided = confirmed(&a, 1);
    to(&a, voided, &[OrderState::Picking]);
    a.act(Command::Void { order: voided, reason: VoidReason::Mistake }).expect("it may be");
    assert_eq!(a.order(voided).last_step(), None);
    let refunded = phoned(&a, 1);
    pay(&a, refunded);
    to(&a, refunded, &[OrderState::HandedOver]);
    a.act(Command::Refund { order: refunded, tender: Tender::Cash, amount: Minor(100) }).expect("an owner may");
    assert_eq!(a.order(refunded).last_step(), None);
    assert!(a.act(Command::UndoStep { order: refunded, to: OrderState::Placed }).is_err());
}

#[test]
fn a_step_that_two_tablets_take_back_is_taken_back_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = shipped(&a, &b);
    undo(&a, order);
    undo(&b, order);
    a.sync_all();
    b.sync_all();
    a.sync_all();
    assert_eq!((a.order(order).state, a.on_hand()), (OrderState::Packed, Quantity::whole(9)));
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
    assert_eq!(a.desk.ledger().book.cases.iter().count(), 0);
}

#[test]
fn a_step_back_that_meets_a_step_on_is_a_case_and_moves_no_goods() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = shipped(&a, &b);
    to(&a, order, &[OrderState::Delivered]);
    undo(&b, order);
    a.sync_all();
    b.sync_all();
    a.sync_all();
    assert_eq!((a.order(order).state, a.on_hand()), (OrderState::Delivered, Quantity::whole(7)));
    assert_eq!(a.desk.ledger().book.cases.iter().filter(|(_, case)| case.open).count(), 1);
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
}

#[test]
fn nobody_is_told_of_a_step_that_was_taken_back() {
    use OrderState::{Packed, Picking, Shipped};
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, location::FIRST, 9);
    let rule = Rule {
        name: "On its way".into(),
        on: true,
        when: Trigger::Shipped,
        acts: vec![Act::Message("{number} is on its way".into())],
        ..Rule::default()
    };
    a.act(Command::SaveRule(rule)).expect("an owner may");
    let order = confirmed(&a, 2);
    a.act(Command::Tell { order, text: "{number} is being packed".into() }).expect("a message");
    to(&a, order, &[Picking, Packed, Shipped]);
    assert_eq!(a.order(order).messages.iter().map(|m| m.sent).collect::<Vec<_>>(), [None, None]);
    undo(&a, order);
    assert_eq!(a.order(order).messages.iter().map(|m| m.sent).collect::<Vec<_>>(), [None, Some(false)]);
    to(&a, order, &[Shipped]);
    assert_eq!(a.order(order).messages.iter().map(|m| m.sent).collect::<Vec<_>>(), [None, Some(false), None]);
}
