//! After-sales: goods of single lines come back, money goes back the way it came, an order changes hands, customers are
//! told.

use daybook::domain::book::case::CaseKind;
use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money, taxes_since};
use daybook::domain::goods::price::{Audience, Discount, Gift, OfferKind, Promotion, off};
use daybook::domain::order::rule::{Act, Condition, Rule, Trigger};
use daybook::domain::order::{Cart, CartLine, OrderState, Paper, ReturnReason, VoidReason, by_rate};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location;
use daybook::domain::shop::staff::{Role, Staff};
use daybook::domain::shop::tax::{RateSum, TaxRate};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::id::{CustomerId, OrderId, TaxId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use proptest::prelude::*;

use crate::fulfilment::why;
use crate::support::{self, Shop, Tablet};

const Q: fn(i64) -> Quantity = Quantity::whole;

fn pay(tender: Tender, amount: i64) -> Money {
    Money { tender, amount: Minor(amount), tendered: Minor(amount), reference: String::new() }
}

fn take_back(tablet: &Tablet, order: OrderId, pieces: i64, refund: &[(Tender, i64)]) -> Command {
    let _ = tablet;
    let refund = refund.iter().map(|(tender, amount)| (*tender, Minor(*amount))).collect();
    Command::Return {
        order,
        goods: vec![(0, Q(pieces))],
        why: ReturnReason::ChangedMind,
        location: Some(location::FIRST),
        refund,
    }
}

fn somebody(tablet: &Tablet, role: Role) -> daybook::domain::value::id::StaffId {
    let staff = Staff { id: Default::default(), name: format!("{role:?}"), role, active: true, pin: None };
    tablet.act(Command::SaveStaff(staff)).expect("an owner may");
    let ledger = tablet.desk.ledger();
    ledger.book.staff.iter().filter(|(_, s)| s.role == role).map(|(id, _)| *id).max().expect("there is one")
}

fn customer(tablet: &Tablet, name: &str) -> CustomerId {
    let person = Person { name: name.into(), phone: "13900139000".into(), ..Person::default() };
    tablet.act(Command::SaveCustomer { customer: None, person, seen: None }).expect("a good card");
    let ledger = tablet.desk.ledger();
    ledger.book.customers.iter().filter(|(_, c)| c.person.name == name).map(|(id, _)| *id).next().expect("a customer")
}

fn untouched() -> Rule {
    Rule {
        name: "Straight through".into(),
        on: true,
        conditions: vec![Condition::Clean],
        acts: vec![Act::Confirm, Act::Allocate, Act::DeliveryNote],
        ..Rule::default()
    }
}

fn receive(tablet: &Tablet, pieces: i64) {
    tablet
        .act(Command::Receive { location: location::FIRST, goods: vec![(tablet.variant(), Q(pieces))] })
        .expect("goods in");
}

fn place(tablet: &Tablet, cart: Cart) -> OrderId {
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    tablet.act(command).expect("a good cart").placed.expect("it was placed")
}

#[test]
fn goods_of_a_line_come_back_with_their_money_and_the_rest_of_the_order_stands() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 10);
    let order = a.sell(3);
    assert_eq!(a.on_hand(), Q(7));
    a.act(take_back(&a, order, 1, &[(Tender::Cash, 1280)])).expect("an owner may");
    let known = a.order(order);
    assert_eq!(
        (a.on_hand(), known.state, known.due(), known.paid()),
        (Q(8), OrderState::Closed, Minor::ZERO, Minor(2560))
    );
    assert_eq!((known.returned(), known.charged(), known.kept_of(0)), (Minor(1280), Minor(2560), Q(2)));
    assert!(
        matches!(why(a.act(take_back(&a, order, 3, &[]))), Rejection::Flaw(Flaw::TooMuch { .. })),
        "two are left with the customer"
    );
    // The rest comes back when it is voided: neither goods nor money twice.
    a.act(Command::Void { order, reason: VoidReason::CustomerChangedMind }).expect("it may be");
    let known = a.order(order);
    assert_eq!((a.on_hand(), known.paid()), (Q(10), Minor::ZERO));
    for tablet in [&a, &b] {
        tablet.sync_all();
    }
    assert_eq!((b.on_hand(), b.order(order)), (Q(10), known));
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(why(a.act(take_back(&a, order, 1, &[]))), Rejection::Gone, "there is nothing left of it");
    // Sealed and read again, it is what it was.
    let other = a.sell(2);
    let damaged = Command::Return {
        order: other,
        goods: vec![(0, Q(1))],
        why: ReturnReason::Defective,
        location: None,
        refund: Vec::new(),
    };
    a.act(damaged).expect("goods without money are anybody's to take back");
    assert_eq!(a.on_hand(), Q(8), "what cannot be sold again is not on the shelf");
    assert_eq!(a.order(other).due(), Minor(-1280), "its money waits");
    a.sync_all();
    let before = a.order(other);
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    assert_eq!(a.restart().order(other), before);
}

#[test]
fn money_goes_back_the_way_it_came_unless_the_owner_says_otherwise() {
    let shop = Shop::new();
    let a = shop.tablet();
    let (clerk, manager) = (somebody(&a, Role::Clerk), somebody(&a, Role::Manager));
    let card = Money { tender: Tender::Card, ..pay(Tender::Card, 1280) };
    let order = a.place(1, Some(card), true);
    let refund = |tender, amount| Command::Refund { order, tender, amount: Minor(amount) };
    assert_eq!(why(a.act_as(clerk, refund(Tender::Card, 100))), Rejection::RoleTooLow { needs: Role::Manager });
    assert_eq!(why(a.act_as(manager, refund(Tender::Cash, 100))), Rejection::RoleTooLow { needs: Role::Owner });
    a.act_as(manager, refund(Tender::Card, 100)).expect("the way it came");
    a.act(refund(Tender::Cash, 100)).expect("the owner may");
    // Of the card's money 1,180 is left, of all money 1,080.
    assert_eq!(why(a.act_as(manager, refund(Tender::Card, 1_081))), Rejection::OverRefund { most: Minor(1_080) });
    assert_eq!(a.order(order).ways_back(Minor(2_000)), [(Tender::Card, Minor(1_080))]);
    // A return asks for the same.
    let back = |tender| take_back(&a, order, 1, &[(tender, 1_000)]);
    assert_eq!(why(a.act_as(manager, back(Tender::Cash))), Rejection::RoleTooLow { needs: Role::Owner });
    assert_eq!(why(a.act_as(clerk, back(Tender::Card))), Rejection::RoleTooLow { needs: Role::Manager });
    a.act_as(manager, back(Tender::Card)).expect("the way it came");
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    assert!(a.desk.ledger().book.open_cases().next().is_none());
}

#[test]
fn two_tablets_that_take_the_same_goods_back_put_them_on_the_shelf_once_and_somebody_looks() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 5);
    let order = a.sell(2);
    a.sync_all();
    b.sync_all();
    b.order(order);
    a.act(take_back(&a, order, 2, &[])).expect("both");
    b.act(take_back(&b, order, 1, &[])).expect("one of them, as far as B knows");
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    for tablet in [&a, &b] {
        assert_eq!((tablet.on_hand(), tablet.order(order).returned()), (Q(5), Minor(2_560)));
        let open: Vec<CaseKind> = tablet.desk.ledger().book.open_cases().map(|(_, c)| c.kind.clone()).collect();
        assert_eq!(open, [CaseKind::ReturnedTwice { order }]);
    }
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn what_comes_back_of_an_order_on_delivery_is_not_asked_for() {
    let shop = Shop::new();
    let a = shop.tablet();
    let order = a.place(2, None, true);
    assert_eq!((a.order(order).state, a.order(order).due()), (OrderState::HandedOver, Minor(2_560)));
    a.act(take_back(&a, order, 1, &[])).expect("it came back");
    assert_eq!(a.order(order).due(), Minor(1_280));
    a.act(take_back(&a, order, 1, &[])).expect("and the other");
    assert_eq!((a.order(order).state, a.order(order).due()), (OrderState::Closed, Minor::ZERO));
}

#[test]
fn two_tablets_that_count_the_same_shelf_correct_it_once_whoever_hears_of_whom_when() {
    let count = |t: &Tablet, counted| {
        let variant = t.variant();
        t.act(Command::Count { location: location::FIRST, variant, counted: Q(counted) }).expect("it is counted");
    };
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 10);
    a.sync_all();
    b.sync_all();
    // Eight are there. Both find two missing, and neither knows of the other.
    count(&a, 8);
    count(&b, 8);
    b.sell(1);
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!((a.on_hand(), b.on_hand()), (Q(7), Q(7)));
    // A stocktake that was posted, and a count that had not heard of it.
    let open = Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: false };
    a.act(open).expect("a place");
    let id = a.desk.ledger().book.documents.iter().map(|(id, _)| *id).max().expect("a document");
    a.sync_all();
    b.sync_all();
    let variant = a.variant();
    a.act(Command::CountFor { stocktake: id, variant, counted: Q(5) }).expect("it is open");
    a.act(Command::EndStocktake { stocktake: id, post: true }).expect("an owner may");
    a.sync_all();
    count(&b, 5);
    b.sync_all();
    a.sync_all();
    assert_eq!((a.on_hand(), b.on_hand()), (Q(5), Q(5)), "two were missing, not four");
    // Who has heard of it corrects what is wrong since.
    count(&a, 4);
    a.sync_all();
    b.sync_all();
    assert_eq!((a.on_hand(), b.on_hand()), (Q(4), Q(4)));
    assert_eq!(a.full_digest(), shop.digest());
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    let level = a.restart().desk.ledger().book.level((variant, location::FIRST));
    assert_eq!((level.on_hand, level.corrected), (Q(4), Q(-5)), "sealed and read back");
}

#[test]
fn an_order_becomes_another_customers_unless_it_is_on_somebodys_account() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let (wang, li) = (customer(&a, "老王"), customer(&a, "老李"));
    let order = place(&a, Cart { channel: Channel::Phone, customer: Some(wang), ..a.cart(1) });
    a.act(Command::SetCustomer { order, customer: Some(li), new: None }).expect("it was a slip");
    assert_eq!(a.order(order).customer, Some(li));
    let new = Person { name: "小张".into(), ..Person::default() };
    a.act(Command::SetCustomer { order, customer: None, new: Some(new) }).expect("somebody new");
    let third = a.order(order).customer.expect("a card was made");
    assert_eq!(a.desk.ledger().book.customers.get(&third).map(|c| c.person.name.clone()), Some("小张".into()));
    a.act(Command::SetAccount { customer: third, limit: Minor(10_000), group: None }).expect("an owner may");
    a.act(Command::Pay { order, money: pay(Tender::OnAccount, 1_280) }).expect("within the limit");
    assert_eq!(why(a.act(Command::SetCustomer { order, customer: Some(li), new: None })), Rejection::NoCustomer);
    a.sync_all();
    b.sync_all();
    assert_eq!(b.order(order).customer, Some(third));
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn a_debt_stays_with_whom_it_was_agreed_also_when_the_order_became_somebody_elses_meanwhile() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let (wang, li) = (customer(&a, "老王"), customer(&a, "老李"));
    a.act(Command::SetAccount { customer: wang, limit: Minor(10_000), group: None }).expect("an owner may");
    let order = place(&a, Cart { channel: Channel::Phone, customer: Some(wang), ..a.cart(1) });
    a.sync_all();
    b.sync_all();
    // Neither knows of the other: b is heard first.
    b.act(Command::SetCustomer { order, customer: Some(li), new: None }).expect("it was a slip");
    a.act(Command::Pay { order, money: pay(Tender::OnAccount, 1_280) }).expect("within the limit");
    b.sync_all();
    a.sync_all();
    b.sync_all();
    for tablet in [&a, &b] {
        let ledger = tablet.desk.ledger();
        let owed = |id| ledger.book.accounts.get(&id).map_or(Minor::ZERO, |account| account.owed);
        assert_eq!((owed(wang), owed(li)), (Minor(1_280), Minor::ZERO));
        let cases: Vec<_> = ledger.book.open_cases().map(|(_, case)| case.kind.clone()).collect();
        assert_eq!(cases, [CaseKind::StepLost { order }]);
        assert_eq!(tablet.order(order).customer, Some(wang), "whoever has it on their account");
    }
    // And it comes off the account that it is on.
    b.act(Command::Refund { order, tender: Tender::OnAccount, amount: Minor(1_280) }).expect("an owner may");
    b.sync_all();
    a.sync_all();
    let owed = |id| a.desk.ledger().book.accounts.get(&id).map_or(Minor::ZERO, |account| account.owed);
    assert_eq!((owed(wang), owed(li)), (Minor::ZERO, Minor::ZERO));
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(b.full_digest(), shop.digest());
}

#[test]
fn whoever_says_that_messages_were_sent_says_it_of_those_that_they_had_seen() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = place(&a, Cart { channel: Channel::Phone, ..a.cart(1) });
    a.act(Command::Tell { order, text: "It is packed".into() }).expect("by hand");
    a.sync_all();
    b.sync_all();
    a.act(Command::Tell { order, text: "It is 12.80".into() }).expect("by hand");
    a.sync_all();
    b.act(Command::Told { order, sent: true }).expect("b has seen the first");
    b.sync_all();
    a.sync_all();
    for tablet in [&a, &b] {
        assert_eq!(tablet.order(order).messages.iter().map(|m| m.sent).collect::<Vec<_>>(), [Some(true), None]);
    }
}

#[test]
fn a_rule_writes_what_the_customer_is_told_and_a_person_says_that_it_was_sent() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    receive(&a, 5);
    let rule = Rule {
        name: "Ready".into(),
        on: true,
        when: Trigger::Packed,
        acts: vec![Act::Message("{customer}: {number} can be fetched".into())],
        ..Rule::default()
    };
    a.act(Command::SaveRule(rule.clone())).expect("an owner may");
    let empty = Rule { acts: vec![Act::Message("  ".into())], ..rule };
    assert!(matches!(why(a.act(Command::SaveRule(empty))), Rejection::Flaw(Flaw::Empty { .. })));
    let order = place(&a, Cart { channel: Channel::Phone, ..a.cart(1) });
    for to in [OrderState::Confirmed, OrderState::Picking, OrderState::Packed] {
        assert!(a.order(order).messages.is_empty());
        a.act(Command::Step { order, to, location: location::FIRST }).expect("the table says so");
    }
    let due = a.order(order).messages;
    assert_eq!(
        due.iter().map(|m| (m.text.as_str(), m.sent)).collect::<Vec<_>>(),
        [("{customer}: {number} can be fetched", None)]
    );
    a.sync_all();
    b.sync_all();
    b.act(Command::Told { order, sent: true }).expect("it was sent");
    b.act(Command::Tell { order, text: "And it is {total}".into() }).expect("by hand");
    b.sync_all();
    a.sync_all();
    let told: Vec<_> = a.order(order).messages.iter().map(|m| m.sent).collect();
    assert_eq!(told, [Some(true), None]);
    assert_eq!(a.full_digest(), shop.digest());
    let before = a.order(order);
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    assert_eq!(a.restart().order(order), before);
}

#[test]
fn rules_act_in_the_order_that_they_are_put_in_and_one_that_is_gone_does_not_act() {
    let shop = Shop::new();
    let a = shop.tablet();
    let tagged =
        |name: &str| Rule { name: name.into(), acts: vec![Act::Tag(name.into())], on: true, ..Rule::default() };
    for name in ["one", "two", "three"] {
        a.act(Command::SaveRule(tagged(name))).expect("an owner may");
    }
    let names = |t: &Tablet| t.desk.ledger().book.rules().iter().map(|r| r.name.clone()).collect::<Vec<_>>();
    let tags = |t: &Tablet| {
        let order = place(t, Cart { channel: Channel::Phone, ..t.cart(1) });
        t.order(order).fulfilment.map(|f| f.tags).unwrap_or_default()
    };
    assert_eq!(tags(&a), ["one", "two", "three"]);
    let mut ids: Vec<_> = a.desk.ledger().book.rules().iter().map(|r| r.id).collect();
    ids.rotate_left(1);
    a.act(Command::OrderRules(ids.clone())).expect("an owner may");
    assert_eq!(
        (names(&a), tags(&a)),
        (vec!["two".into(), "three".into(), "one".into()], vec!["two".into(), "three".into(), "one".into()])
    );
    let gone = a.desk.ledger().book.rules.get(&ids[1]).cloned().map(|r| Rule { gone: true, ..r }).expect("it is there");
    a.act(Command::SaveRule(gone)).expect("an owner may");
    assert_eq!(tags(&a), ["two", "one"]);
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
    let clerk = somebody(&a, Role::Clerk);
    assert_eq!(
        why(a.act_as(clerk, Command::OrderRules(ids.into_iter().rev().collect()))),
        Rejection::RoleTooLow { needs: Role::Manager }
    );
}

#[test]
fn a_dry_run_says_what_a_rule_would_have_made_of_past_orders_and_writes_nothing() {
    let shop = Shop::new();
    let a = shop.tablet();
    receive(&a, 5);
    let done = place(&a, Cart { channel: Channel::Phone, ..a.cart(2) });
    for to in [OrderState::Confirmed, OrderState::Picking, OrderState::Packed, OrderState::HandedOver] {
        a.act(Command::Step { order: done, to, location: location::FIRST }).expect("the table says so");
    }
    let waiting = a.waiting();
    let dry = |rule: &Rule, id| {
        rule.dry_run(&a.desk.ledger().book, &a.desk.ledger().book.orders.get(&id).cloned().expect("it is here"))
    };
    let would = dry(&untouched(), done).expect("it would have acted");
    assert_eq!((would.state, would.fulfilment.map(|f| f.allocated.len())), (OrderState::Allocated, Some(1)));
    let other = Rule { conditions: vec![Condition::Channel(Channel::Stall)], ..untouched() };
    assert!(dry(&other, done).is_none());
    // More than there is now: it would have been confirmed, and waited.
    let large = place(&a, Cart { channel: Channel::Phone, ..a.cart(9) });
    assert_eq!(dry(&untouched(), large).map(|o| o.state), Some(OrderState::Confirmed));
    assert_eq!(a.waiting(), waiting + 1, "only the order itself was written");
}

#[test]
fn a_closing_has_the_tax_of_what_was_sold_rate_by_rate_and_keeps_it() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(1);
    a.act(Command::OpenTill { float: Minor::ZERO }).expect("it is closed");
    let order = a.sell(2);
    let voided = a.sell(5);
    a.act(Command::Void { order: voided, reason: VoidReason::Mistake }).expect("it may be");
    let mut cart = a.cart(1);
    cart.lines.push(CartLine { variant: None, name: "Book".into(), rate_bp: 900, ..cart.lines[0].clone() });
    let money = Some(pay(Tender::Cash, 2_560));
    a.act(Command::Place { cart, number: String::new(), location: location::FIRST, money, hand_over: true })
        .expect("paid");
    a.act(take_back(&a, order, 1, &[(Tender::Cash, 1_280)])).expect("it came back");
    let (replica, since) = {
        let ledger = a.desk.ledger();
        let replica = ledger.identity.as_ref().map_or(0, |i| i.replica);
        (replica, ledger.book.tills.get(&replica).and_then(|t| t.shift.as_ref()).map_or(Default::default(), |s| s.at))
    };
    let taxes = taxes_since(replica, since, &a.orders());
    a.act(Command::CloseTill { counted: Vec::new(), left: Minor::ZERO, taxes }).expect("it is open");
    // Two teas at 3 % and a book at 9 %, each with its tax inside 12.80.
    let expected = [
        RateSum { rate_bp: 300, net: Minor(2 * 1_280 - 74), tax: Minor(74) },
        RateSum { rate_bp: 900, net: Minor(1_280 - 106), tax: Minor(106) },
    ];
    let closing = |t: &Tablet| {
        t.desk.ledger().book.tills.iter().flat_map(|(_, till)| till.closings.clone()).last().expect("a closing")
    };
    assert_eq!(closing(&a).taxes, expected);
    a.act(Command::Void { order, reason: VoidReason::Mistake }).expect("it may be");
    assert_eq!(closing(&a).taxes, expected, "what was closed stays what it was");
    a.sync_all();
    b.sync_all();
    assert_eq!(closing(&b).taxes, expected);
    assert_eq!(a.full_digest(), shop.digest());
    assert_eq!(closing(&b).difference(), Minor(-3_840));
}

#[test]
fn what_an_order_was_computed_with_goes_along_when_it_is_split_and_merged() {
    let shop = Shop::new();
    let a = shop.tablet();
    let wang = customer(&a, "老王");
    let promotion = Promotion {
        id: Default::default(),
        name: "Tea week".into(),
        on: true,
        rank: 1,
        alone: false,
        audience: Audience::default(),
        scopes: Vec::new(),
        gives: Gift::Percent(1_111),
    };
    a.act(Command::SavePromotion(promotion)).expect("an owner may");
    let cart =
        || Cart { channel: Channel::Phone, customer: Some(wang), discount: Discount::Amount(Minor(7)), ..a.cart(3) };
    let order = place(&a, cart());
    let before = a.order(order);
    let promised = |o: &daybook::domain::order::Order| o.offers.iter().map(|f| f.amount.0).sum::<i64>();
    let part = a
        .act(Command::Split { order, take: vec![(0, Q(1))], number: String::new() })
        .expect("one of three")
        .placed
        .expect("a part");
    let (rest, part) = (a.order(order), a.order(part));
    assert_eq!((rest.offers.len(), part.offers.len()), (1, 1));
    assert_eq!(promised(&rest) + promised(&part), promised(&before));
    for o in [&rest, &part] {
        assert!(off(&o.offers, 0) <= o.lines[0].discount && o.offers[0].kind == OfferKind::Promotion);
    }
    let other = place(&a, cart());
    let theirs = promised(&a.order(other));
    a.act(Command::Merge { into: rest.id, from: other }).expect("the same customer");
    let merged = a.order(rest.id);
    assert_eq!(merged.offers.iter().map(|f| f.line).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(promised(&merged), promised(&rest) + theirs);
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn carriage_is_taxed_as_the_store_says_and_stays_so_when_it_changes() {
    let shop = Shop::new();
    let a = shop.tablet();
    let rate =
        TaxRate { id: TaxId::default(), name: "Carriage".into(), rate_bp: 900, active: true, changes: Vec::new() };
    a.act(Command::SaveTaxRate(rate)).expect("an owner may");
    let id = a.desk.ledger().book.taxes.iter().find(|(_, t)| t.name == "Carriage").map(|(id, _)| *id);
    let mut profile = a.desk.ledger().book.profile();
    profile.shipping_tax = id;
    profile.name = "Shop".into();
    a.act(Command::SaveProfile(profile)).expect("an owner may");
    let order = place(&a, Cart { channel: Channel::Phone, shipping: Minor(1_090), ..a.cart(1) });
    let known = a.order(order);
    assert_eq!(
        (known.totals.shipping, known.totals.shipping_tax, known.totals.total),
        (Minor(1_090), Minor(90), Minor(2_370))
    );
    let cart = Cart { shipping: Minor(2_180), ..a.cart(1) };
    a.act(Command::Edit { order, cart }).expect("nothing has left");
    assert_eq!(a.order(order).totals.shipping_tax, Minor(180));
    let sums = by_rate(a.order(order).taxes());
    assert_eq!(sums.iter().map(|s| s.net.0 + s.tax.0).sum::<i64>(), a.order(order).charged().0);
}

#[test]
fn a_paper_of_a_quotation_needs_no_mark_and_no_stock() {
    let shop = Shop::new();
    let a = shop.tablet();
    let quote = place(&a, Cart { channel: Channel::Phone, quote: true, ..a.cart(2) });
    a.act(Command::Print { orders: vec![quote], paper: Paper::Quotation }).expect("it may be printed");
    assert_eq!((a.order(quote).state, a.order(quote).sheets(Paper::Quotation)), (OrderState::Draft, 1));
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

proptest! {
    #[test]
    fn a_line_that_comes_back_piece_by_piece_is_worth_what_it_came_to(
        price in 1..100_000_i64, pieces in 1..30_i64, rate in 0..2_500_u32, percent in 0..10_000_u32, cuts in prop::collection::vec(1..8_i64, 1..12)
    ) {
        let shop_line = CartLine {
            variant: None, name: "x".into(), sku: String::new(), unit: daybook::domain::value::quantity::Unit::Piece, quantity: Q(pieces),
            unit_price: Minor(price), discount: Discount::Percent(percent), tax_id: None, rate_bp: rate,
        };
        let mut cart = Cart::default();
        cart.add(shop_line);
        let priced = cart.price(true).expect("a good cart");
        let mut order = daybook::domain::order::Order { lines: priced.lines.clone(), totals: priced.totals, ..support::blank() };
        let mut sum = (0, 0);
        for cut in cuts.into_iter().chain([pieces]) {
            let back = Q(cut).min(order.kept_of(0));
            let (amount, tax) = order.worth_of(0, back);
            prop_assert!(tax <= amount || amount.0 < 0);
            order.returned.push(daybook::domain::order::Returned { line: 0, quantity: back, amount, tax, why: ReturnReason::Other });
            sum = (sum.0 + amount.0, sum.1 + tax.0);
            let taxes = order.taxes();
            prop_assert_eq!(taxes.iter().map(|t| t.net.0 + t.tax.0).sum::<i64>(), order.charged().0);
        }
        prop_assert_eq!(sum, (priced.lines[0].gross().0, priced.lines[0].tax.0));
        prop_assert_eq!(order.charged(), Minor::ZERO);
    }
}
