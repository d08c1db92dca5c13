//! The till: what should be in it, what was counted, and that every tablet says the same of it.

use daybook::actions::ActionError;
use daybook::domain::decide::{Command, Money};
use daybook::domain::order::VoidReason;
use daybook::domain::payment::till::{Counted, Till};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::flaw::{Field, Flaw};
use daybook::domain::value::id::Replica;
use daybook::domain::value::money::Minor;

use crate::support::{Shop, Tablet};

fn replica(tablet: &Tablet) -> Replica {
    tablet.desk.ledger().identity.as_ref().expect("enrolled").replica
}

fn till(tablet: &Tablet, of: &Tablet) -> Till {
    tablet.desk.ledger().book.tills.get(&replica(of)).cloned().unwrap_or_default()
}

fn open(tablet: &Tablet, float: i64) {
    tablet.act(Command::OpenTill { float: Minor(float) }).expect("it is closed");
}

fn close(tablet: &Tablet, worth: i64, pieces: u32, left: i64) -> Result<(), ActionError> {
    let counted = vec![Counted { worth: Minor(worth), pieces }, Counted { worth: Minor(50), pieces: 0 }];
    tablet.act(Command::CloseTill { counted, left: Minor(left), taxes: Vec::new() }).map(|_| ())
}

#[test]
fn what_should_be_in_the_till_is_its_float_and_all_cash_since_and_no_other_money() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(1);
    open(&a, 10_000);
    a.sell(2);
    let wechat =
        Money { tender: Tender::WechatPay, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    a.place(1, Some(wechat), true);
    let undone = a.sell(1);
    a.act(Command::Void { order: undone, reason: VoidReason::Mistake }).expect("an owner may");
    a.act(Command::MoveCash { amount: Minor(-3_000), reason: "supplier".into() }).expect("it is open");
    // Another tablet's cash is in another drawer.
    b.sell(5);
    let shift = till(&a, &a).shift.expect("it is open");
    assert_eq!(shift.expected(), Minor(10_000 + 2 * 1_280 - 3_000));
    assert_eq!((shift.total(), shift.payments, shift.refunded), (Minor(3 * 1_280), 3, Minor(1_280)));
    close(&a, 100, 95, 5_000).expect("it is open");
    let z = till(&a, &a).closings[0].clone();
    assert_eq!((z.number, z.counted, z.expected, z.difference()), (1, Minor(9_500), Minor(9_560), Minor(-60)));
    for tablet in [&a, &b, &a] {
        tablet.sync_all();
    }
    assert_eq!(till(&b, &a), till(&a, &a));
    assert_eq!(b.full_digest(), shop.digest());
    futures::executor::block_on(a.desk.seal(true)).expect("memory");
    assert_eq!(till(&a.restart(), &a), till(&b, &a), "sealed and read back");
}

#[test]
fn a_sale_draws_the_till_anew_and_not_the_settings_somebody_is_typing() {
    let shop = Shop::new();
    let a = shop.tablet();
    open(&a, 0);
    let changes = a.try_place(1, None, false).expect("an order").changes;
    assert!(!changes.settings && !changes.tills);
    let paid = Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    let changes = a.try_place(1, Some(paid), true).expect("an order").changes;
    assert!(changes.tills && !changes.settings);
}

#[test]
fn a_till_is_opened_and_closed_in_turn_and_takes_no_nonsense() {
    let shop = Shop::new();
    let a = shop.tablet();
    let why = |done: Result<(), ActionError>| match done.expect_err("it may not be") {
        ActionError::Rejected(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(close(&a, 100, 1, 0)), Rejection::TillClosed);
    assert_eq!(
        why(a.act(Command::OpenTill { float: Minor(-1) }).map(|_| ())),
        Rejection::Flaw(Flaw::Negative { field: Field::Amount })
    );
    open(&a, 0);
    assert_eq!(why(a.act(Command::OpenTill { float: Minor(0) }).map(|_| ())), Rejection::TillOpen);
    let moved =
        |amount, reason: &str| a.act(Command::MoveCash { amount: Minor(amount), reason: reason.into() }).map(|_| ());
    assert_eq!(why(moved(0, "x")), Rejection::Flaw(Flaw::Empty { field: Field::Amount }));
    assert_eq!(why(moved(5, " ")), Rejection::Flaw(Flaw::Empty { field: Field::Reason }));
    assert_eq!(why(close(&a, 100, 1, 101)), Rejection::Flaw(Flaw::TooMuch { field: Field::Amount }));
    assert_eq!(why(close(&a, i64::MAX, 2, 0)), Rejection::Flaw(Flaw::Overflow));
    close(&a, 100, 0, 0).expect("an empty till can be closed");
    open(&a, 0);
    assert_eq!(till(&a, &a).closed, 1);
}
