//! Money: accounts, credit, terminals, cash that is rounded, and orders that are split when paid.

use daybook::domain::book::case::CaseKind;
use daybook::domain::customer::Person;
use daybook::domain::decide::{Command, Money};
use daybook::domain::order::rule::{Act, Rule};
use daybook::domain::order::{Cart, Happened, Mark, OrderState, VoidReason};
use daybook::domain::payment::Outcome;
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location::{self, Location, LocationKind};
use daybook::domain::shop::profile::{CashRounding, Profile};
use daybook::domain::shop::tender::Tender;
use daybook::domain::stock::lease::Scarcity;
use daybook::domain::value::flaw::Flaw;
use daybook::domain::value::id::{CustomerId, Id, LocationId, OrderId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;

use crate::fulfilment::{confirmed, phoned, place, receive, step, why};
use crate::support::{Shop, Tablet};

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
    assert_eq!(
        (account(&a).owed, account(&a).left(), a.order(order).due()),
        (Minor(due), Minor(5_000 - due), Minor::ZERO)
    );
    let stranger = phoned(&a, 1);
    assert_eq!(why(a.act(Command::Pay { order: stranger, money: on_account(1) })), Rejection::NoCustomer);
    let cash = |amount| Money {
        tender: Tender::Cash,
        amount: Minor(amount),
        tendered: Minor(amount),
        reference: String::new(),
    };
    assert!(matches!(
        why(a.act(Command::SettleAccount { customer: id, money: cash(due + 1) })),
        Rejection::Flaw(Flaw::TooMuch { .. })
    ));
    a.act(Command::OpenTill { float: Minor::ZERO }).expect("it is closed");
    a.act(Command::SettleAccount { customer: id, money: cash(due) }).expect("they pay");
    assert_eq!(account(&a).owed, Minor::ZERO);
    assert!(
        a.desk.ledger().book.tills.iter().any(|(_, t)| t.shift.as_ref().is_some_and(|s| s.expected() == Minor(due)))
    );
    a.act(Command::Void { order, reason: VoidReason::CustomerChangedMind }).expect("it may be");
    assert_eq!(account(&a).owed, Minor(-due), "what went on the account comes off it");
}

#[test]
fn store_credit_is_what_was_given_back_and_no_more_can_be_spent() {
    let shop = Shop::new();
    let a = shop.tablet();
    let id = customer(&a);
    let order = place(&a, Cart { channel: Channel::Phone, customer: Some(id), ..a.cart(2) });
    let pay =
        |tender, amount| Money { tender, amount: Minor(amount), tendered: Minor(amount), reference: String::new() };
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
    let answer = |t: &Tablet, outcome| {
        t.act(Command::Answer { order, attempt: attempt(t), outcome, reference: "T-1".into() }).map(|_| ())
    };
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
        ledger
            .book
            .tills
            .iter()
            .filter_map(|(_, t)| t.shift.as_ref().map(|s| (s.total(), s.payments, s.refunded)))
            .next()
    };
    let before = till(&a);
    let split =
        a.act(Command::Split { order, take: vec![(0, Quantity::whole(2))], number: String::new() }).expect("two wait");
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
    a.act(Command::Refund { order: rest, tender: Tender::WechatPay, amount: a.order(rest).paid() })
        .expect("a manager may");
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
    let cash = |amount: i64, given: i64| Money {
        tender: Tender::Cash,
        amount: Minor(amount),
        tendered: Minor(given),
        reference: String::new(),
    };
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
    let held: i64 =
        a.desk.ledger().book.tills.iter().filter_map(|(_, t)| t.shift.as_ref()).map(|s| s.expected().0).sum();
    assert_eq!(held, 1_250 + 300 + 950, "what is in the drawer");
    assert_eq!(
        a.desk.ledger().book.open_cases().filter(|(_, c)| !matches!(c.kind, CaseKind::Oversold { .. })).count(),
        0
    );
    assert_eq!(a.full_digest(), shop.digest());
    for (step, down, from, to) in [
        (5, false, 1_282, 1_280),
        (5, false, 1_283, 1_285),
        (10, false, 1_285, 1_290),
        (100, true, 99, 0),
        (5, false, -3, -5),
    ] {
        assert_eq!(CashRounding { step: Minor(step), down }.round(Minor(from)), Minor(to), "{from}");
    }
}

#[test]
fn at_the_counter_the_terminal_is_asked_after_the_order_is_written_and_goods_go_when_it_has_answered() {
    let shop = Shop::new();
    let a = shop.tablet();
    let ask = || {
        let command = Command::PlaceAndAsk {
            cart: a.cart(1),
            number: String::new(),
            location: location::FIRST,
            tender: Tender::Card,
        };
        a.act(command).expect("it is written").placed.expect("an order")
    };
    let order = ask();
    let known = a.restart().order(order);
    assert_eq!(
        (known.state, known.attempts[0].outcome, known.paid()),
        (OrderState::Placed, Outcome::Intended, Minor(0))
    );
    let money = Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    assert!(
        matches!(why(a.act(Command::Pay { order, money: money.clone() })), Rejection::AnswerOpen),
        "nobody pays twice"
    );
    let answer = |order, outcome| {
        let attempt = a.order(order).attempts.last().expect("one").id;
        a.act(Command::Answer { order, attempt, outcome, reference: "T1".into() }).expect("it said so")
    };
    answer(order, Outcome::Confirmed);
    let known = a.order(order);
    assert_eq!(
        (known.state, known.handed_over, known.payments[0].reference.as_str()),
        (OrderState::Closed, Some(location::FIRST), "T1")
    );
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
    let depot =
        Location { id: LocationId::default(), name: "Depot".into(), kind: LocationKind::Warehouse, active: true };
    a.act(Command::SaveLocation(depot)).expect("an owner may");
    let depot = a
        .desk
        .ledger()
        .book
        .locations
        .iter()
        .find(|(_, l)| l.kind == LocationKind::Warehouse)
        .map(|(id, _)| *id)
        .expect("it is there");
    receive(&a, location::FIRST, 10);
    receive(&a, depot, 4);
    let order = phoned(&a, 3);
    step(&a, order, OrderState::Confirmed).expect("clean");
    step(&a, order, OrderState::Allocated).expect("there");
    let from = |tablet: &Tablet| {
        tablet.order(order).fulfilment.expect("work").allocated.iter().map(|x| x.location).collect::<Vec<_>>()
    };
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
