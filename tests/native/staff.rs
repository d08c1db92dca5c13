//! Who may do what, with whose consent, and what a PIN keeps out.

use daybook::actions::ActionError;
use daybook::domain::decide::{Command, Money};
use daybook::domain::event::Event;
use daybook::domain::goods::price::{Audience, Discount, Gift, Promotion};
use daybook::domain::order::{Cart, OrderState, VoidReason};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::location;
use daybook::domain::shop::profile::Profile;
use daybook::domain::shop::staff::{self, Actor, Pin, Role, Staff};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::{Id, StaffId};
use daybook::domain::value::money::Minor;
use daybook::sync::protocol::Status;
use futures::executor::block_on;

use crate::support::{Shop, Tablet};

fn hire(tablet: &Tablet, name: &str, role: Role) -> StaffId {
    let pin = Pin::new("4711", Hash([3; 16])).ok();
    tablet
        .act(Command::SaveStaff(Staff { id: StaffId::default(), name: name.into(), role, active: true, pin }))
        .expect("an owner may");
    tablet.desk.ledger().book.staff.iter().find(|(_, s)| s.name == name).map(|(id, _)| *id).expect("hired")
}

#[test]
fn a_pin_fits_itself_and_nothing_else() {
    let pin = Pin::new("024680", Hash([7; 16])).expect("six digits");
    assert!(pin.fits("024680"));
    for wrong in ["24680", "0246800", "024681", "", "０２４６８０"] {
        assert!(!pin.fits(wrong), "{wrong}");
    }
    for bad in ["123", "123456789", "12a4", ""] {
        assert_eq!(Pin::new(bad, Hash([7; 16])), Err(Flaw::Pin), "{bad}");
    }
    assert_ne!(pin.hash, Pin::new("024680", Hash([8; 16])).expect("six digits").hash, "salt counts");
}

#[test]
fn a_clerk_voids_what_is_paid_only_with_a_managers_consent_and_the_server_says_the_same() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let clerk = hire(&a, "Li", Role::Clerk);
    let manager = hire(&a, "Wang", Role::Manager);
    let other = hire(&a, "Zhao", Role::Clerk);
    let order = a.sell(1);
    let void = || Command::Void { order, reason: VoidReason::Mistake };
    let refused = Err(ActionError::Rejected(Rejection::RoleTooLow { needs: Role::Manager }));
    assert_eq!(block_on(a.desk.act(clerk, void(), Vec::new())).map(|_| ()), refused);
    let with = |approved| Actor { by: clerk, approved: Some(approved) };
    assert_eq!(
        block_on(a.desk.act(with(other), void(), Vec::new())).map(|_| ()),
        refused,
        "another clerk's consent is none"
    );
    block_on(a.desk.act(with(manager), void(), Vec::new())).expect("with a manager's consent");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(b.order(order).state, OrderState::Voided);
    assert_eq!(shop.digest(), b.full_digest());
}

#[test]
fn a_refund_that_a_tablet_makes_up_without_consent_is_held_and_a_case() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let clerk = hire(&a, "Li", Role::Clerk);
    let order = a.sell(1);
    let refund = Command::Refund { order, tender: Tender::Cash, amount: Minor(100) };
    // A changed program writes it all the same, under the clerk's name.
    let draft = block_on(a.desk.write(clerk, Vec::new(), |book, cx, _| {
        let owner = &mut *cx;
        owner.by = staff::FIRST;
        daybook::domain::decide::decide(book, refund.clone(), owner)
    }));
    draft.expect("nothing on the tablet stops it");
    let answer = a.ask(&a.desk.sync_request(256).expect("enrolled"));
    assert_eq!(answer.res.last().map(|r| (r.s, r.code.as_deref())), Some((Status::Held, Some("role_too_low"))));
    b.sync_all();
    assert_eq!(b.order(order).paid(), Minor(1280));
    assert_eq!(
        b.desk.ledger().book.open_cases().filter(|(_, c)| c.kind.order().is_none()).count(),
        2,
        "oversold, and held"
    );
}

#[test]
fn consent_is_written_into_the_log() {
    let shop = Shop::new();
    let a = shop.tablet();
    let manager = hire(&a, "Wang", Role::Manager);
    let clerk = hire(&a, "Li", Role::Clerk);
    let order = a.place(
        1,
        Some(Money { tender: Tender::Cash, amount: Minor(500), tendered: Minor(500), reference: String::new() }),
        false,
    );
    let refund = Command::Refund { order, tender: Tender::Cash, amount: Minor(500) };
    let receipt =
        block_on(a.desk.act(Actor { by: clerk, approved: Some(manager) }, refund, Vec::new())).expect("with consent");
    let ledger = a.desk.ledger();
    let body = &ledger.unsent[&receipt.seq].tx.body;
    assert_eq!((body.by, body.ok), (clerk, Some(manager)));
    assert!(matches!(body.ev[0], Event::PaymentRefunded(_)));
}

#[test]
fn what_the_server_refused_can_be_asked_for_again_with_consent_or_let_go_with_a_reason() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let (li, wang) = (hire(&a, "Li", Role::Manager), hire(&a, "Wang", Role::Manager));
    a.sync_all();
    b.sync_all();
    let variant = a.variant();
    // Li sets two prices offline; meanwhile the owner makes a clerk of Li.
    for price in [1, 2] {
        block_on(a.desk.act(li, Command::SetPrice { variant, price: Minor(price) }, Vec::new()))
            .expect("still a manager here");
    }
    b.act(Command::SaveStaff(Staff { id: li, name: "Li".into(), role: Role::Clerk, active: true, pin: None }))
        .expect("an owner may");
    b.sync_all();
    a.sync_all();
    let keys: Vec<u64> = a.desk.ledger().refused.keys().copied().collect();
    assert_eq!(keys.len(), 2);
    let again = block_on(a.desk.mend_refused(li, keys[1]));
    assert_eq!(again.map(|_| ()), Err(ActionError::Rejected(Rejection::RoleTooLow { needs: Role::Manager })));
    block_on(a.desk.mend_refused(Actor { by: li, approved: Some(wang) }, keys[1])).expect("with consent");
    let silent = block_on(a.desk.drop_refused(li, keys[0], "  "));
    assert!(matches!(silent, Err(ActionError::Rejected(Rejection::Flaw(Flaw::Empty { .. })))), "a reason is asked for");
    block_on(a.desk.drop_refused(li, keys[0], "superseded")).expect("with a reason");
    assert!(a.desk.ledger().refused.is_empty());
    let a = a.restart();
    a.sync_all();
    b.sync_all();
    let price = |t: &Tablet| t.desk.ledger().book.variant(variant).map(|(_, v)| v.price);
    assert_eq!((price(&a), price(&b)), (Some(Minor(2)), Some(Minor(2))));
    assert!(a.desk.ledger().refused.is_empty());
    assert_eq!(shop.digest(), a.full_digest());
}

#[test]
fn a_case_of_money_is_settled_in_one_step_and_closed() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = a.place(1, None, false);
    a.sync_all();
    b.sync_all();
    let pay = || Command::Pay {
        order,
        money: Money { tender: Tender::Cash, amount: Minor(1280), tendered: Minor(1280), reference: String::new() },
    };
    a.act(pay()).expect("unpaid here");
    b.act(pay()).expect("unpaid there too");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    let case = a
        .desk
        .ledger()
        .book
        .open_cases()
        .find(|(_, c)| c.kind.order() == Some(order))
        .map(|(id, _)| *id)
        .expect("overpaid");
    a.act(Command::SettleCase { case, order }).expect("an owner may");
    a.sync_all();
    b.sync_all();
    assert_eq!((b.order(order).paid(), b.order(order).due()), (Minor(1280), Minor(0)));
    assert!(!b.desk.ledger().book.open_cases().any(|(_, c)| c.kind.order() == Some(order)));
}

#[test]
fn a_clerk_takes_off_as_much_as_the_store_lets_clerks_and_more_only_with_consent() {
    let shop = Shop::new();
    let a = shop.tablet();
    let (clerk, manager) = (hire(&a, "Li", Role::Clerk), hire(&a, "Zhao", Role::Manager));
    let less = |line: u32, order: u32| {
        let mut cart = a.cart(2);
        cart.lines[0].discount = Discount::Percent(line);
        cart.discount = Discount::Percent(order);
        cart
    };
    let place =
        |cart| Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: true };
    let act = |by: Actor, command| block_on(a.desk.act(by, command, Vec::new()));
    let refused = Err(ActionError::Rejected(Rejection::RoleTooLow { needs: Role::Manager }));
    act(clerk.into(), place(less(10_000, 0))).expect("nothing was said of it");
    let profile = Profile { clerk_discount_bp: Some(2_000), ..a.desk.ledger().book.profile() };
    a.act(Command::SaveProfile(profile)).expect("an owner may");
    for (line, order) in [(2_100, 0), (0, 2_100), (1_500, 1_000), (10_000, 0)] {
        assert_eq!(act(clerk.into(), place(less(line, order))).map(|_| ()), refused, "{line} and {order}");
        act(Actor { by: clerk, approved: Some(manager) }, place(less(line, order))).expect("with consent");
        act(manager.into(), place(less(line, order))).expect("a manager may");
    }
    let order = act(clerk.into(), place(less(2_000, 0))).expect("a fifth").placed.expect("an order");
    let open =
        |cart| Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    let open = act(manager.into(), open(less(5_000, 0))).expect("a manager may").placed.expect("an order");
    // What was agreed to may stay; nothing is added to it.
    let edit = |cart| Command::Edit { order: open, cart };
    act(clerk.into(), edit(Cart { note: "soon".into(), ..less(5_000, 0) })).expect("no more than before");
    assert_eq!(act(clerk.into(), edit(less(6_000, 0))).map(|_| ()), refused);
    // The same sum off half the goods would be all of them.
    let mut half = a.cart(1);
    half.lines[0].discount = Discount::Amount(Minor(1_280));
    assert_eq!(act(clerk.into(), edit(half)).map(|_| ()), refused);
    // The store's own promotions are not the clerk's.
    let half = Promotion {
        id: Id::default(),
        name: "Half".into(),
        on: true,
        rank: 0,
        alone: false,
        audience: Audience::default(),
        scopes: Vec::new(),
        gives: Gift::Percent(5_000),
    };
    a.act(Command::SavePromotion(half)).expect("an owner may");
    act(clerk.into(), place(less(2_000, 0))).expect("a fifth of what is left");
    assert_eq!(act(clerk.into(), place(less(2_100, 0))).map(|_| ()), refused);
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    assert!(a.desk.ledger().book.orders.get(&order).is_some());
}
