//! Reconciliation: what a statement says is found among payments, once, and nothing is guessed twice.

use daybook::domain::decide::{Command, Money};
use daybook::domain::order::{Cart, Order};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::location;
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::id::{OrderId, PaymentId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::time::Timestamp;
use daybook::domain::work::reconcile::{Booking, Proposal, missing, propose};

use crate::fulfilment::why;
use crate::support::{Shop, Tablet};

/// When the support's clocks begin.
const AT: Timestamp = Timestamp(1_700_000_000_000);
const DAY: i64 = 86_400_000;

fn paid(tablet: &Tablet, pieces: i64, tender: Tender, reference: &str) -> OrderId {
    let due = Minor(1_280 * pieces);
    tablet.place(pieces, Some(Money { tender, amount: due, tendered: due, reference: reference.into() }), true)
}

fn booking(days: i64, amount: i64, text: &str) -> Booking {
    Booking {
        line: 1,
        at: Timestamp(AT.0 + days * DAY),
        amount: Minor(amount),
        text: text.into(),
        key: format!("{days}/{amount}/{text}"),
    }
}

fn proposals(tablet: &Tablet, bookings: &[Booking]) -> Vec<Proposal> {
    let orders = tablet.orders();
    propose(bookings, &orders.iter().collect::<Vec<&Order>>(), 480)
}

fn payment(tablet: &Tablet, order: OrderId) -> PaymentId {
    tablet.order(order).payments[0].id
}

#[test]
fn a_line_that_names_a_reference_or_an_order_is_sure_and_an_amount_alone_is_a_guess() {
    let shop = Shop::new();
    let a = shop.tablet();
    let by_reference = paid(&a, 1, Tender::Card, "4200001");
    let by_number = paid(&a, 1, Tender::Transfer, "");
    let by_amount = paid(&a, 2, Tender::Alipay, "");
    paid(&a, 3, Tender::Cash, "");
    let number = a.order(by_number).number;
    let found = proposals(
        &a,
        &[
            booking(1, 2_560, "thanks"),
            booking(1, 1_280, &format!("for {number}")),
            booking(0, 1_280, "POS 4200001 fee 0"),
            booking(1, 3_840, "cash is in no bank"),
            booking(9, 2_560, "long after"),
            booking(0, -1_280, "money that went out"),
        ],
    );
    let one = |order, sure| Proposal::Payment { order, payment: payment(&a, order), sure };
    assert_eq!(found[..3], [one(by_amount, false), one(by_number, true), one(by_reference, true)]);
    assert!(found[3..].iter().all(|p| *p == Proposal::Nothing), "{found:?}");
}

#[test]
fn a_number_inside_a_longer_one_names_nothing_and_of_two_equals_neither_is_guessed() {
    let shop = Shop::new();
    let a = shop.tablet();
    let first = paid(&a, 1, Tender::Card, "");
    paid(&a, 1, Tender::Card, "");
    let number = a.order(first).number;
    let found = proposals(&a, &[booking(0, 1_280, &format!("{number}7")), booking(0, 1_280, &format!("X-{number}"))]);
    assert_eq!(found, [Proposal::Nothing, Proposal::Nothing]);
}

#[test]
fn a_days_cards_come_in_one_sum_less_a_fee() {
    let shop = Shop::new();
    let a = shop.tablet();
    let orders: Vec<OrderId> = (1..4).map(|n| paid(&a, n, Tender::Card, "")).collect();
    let sum = 1_280 * 6;
    let fee = 46;
    let found = proposals(&a, &[booking(1, sum - fee, "ACQUIRER PAYOUT")]);
    let Proposal::Day { tender, payments, fee: kept, .. } = &found[0] else { panic!("{found:?}") };
    assert_eq!((*tender, *kept), (Tender::Card, Minor(fee)));
    let wanted: Vec<(OrderId, PaymentId)> = orders.iter().map(|o| (*o, payment(&a, *o))).collect();
    assert_eq!(*payments, wanted);
    assert_eq!(proposals(&a, &[booking(1, 5_000, "far too little")]), [Proposal::Nothing]);
    assert_eq!(proposals(&a, &[booking(20, sum, "far too late")]), [Proposal::Nothing]);
}

#[test]
fn what_is_accepted_stays_accepted_everywhere_and_is_proposed_no_more() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = paid(&a, 1, Tender::Card, "77");
    let line = booking(0, 1_280, "POS 77");
    let pair = (order, payment(&a, order), line.key.clone());
    a.act(Command::Match(vec![pair.clone()])).expect("an owner may");
    assert_eq!(proposals(&a, std::slice::from_ref(&line)), [Proposal::Known]);
    assert_eq!(why(a.act(Command::Match(vec![pair]))), Rejection::Gone);
    let orders = a.orders();
    assert_eq!(missing(&orders.iter().collect::<Vec<_>>()), Minor::ZERO);
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(b.order(order).matched.len(), 1);
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
    a.seal();
    assert_eq!(a.restart().full_digest(), shop.digest());
}

#[test]
fn a_transfer_for_an_order_that_is_owed_is_proposed_as_its_payment() {
    let shop = Shop::new();
    let a = shop.tablet();
    let cart = Cart { channel: Channel::Phone, ..a.cart(4) };
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    let order = a.act(command).expect("a good order").placed.expect("an order");
    let named = booking(2, 5_120, &format!("transfer {}", a.order(order).number));
    assert_eq!(proposals(&a, &[named]), [Proposal::Due { order, sure: true }]);
    assert_eq!(proposals(&a, &[booking(2, 5_120, "Li")]), [Proposal::Due { order, sure: false }]);
}
