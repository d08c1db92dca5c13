//! Sync between tablets and the real server core.

use daybook::actions::ActionError;
use daybook::domain::book::case::CaseKind;
use daybook::domain::decide::{Command, Money};
use daybook::domain::event::{Event, PriceSet};
use daybook::domain::order::{OrderState, PaymentState, VoidReason};
use daybook::domain::shop::location;
use daybook::domain::shop::staff::{self, Role, Staff};
use daybook::domain::shop::tender::Tender;
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::{StaffId, VariantId};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::store::StoreError;
use daybook::sync::engine::Outcome;
use daybook::sync::protocol::{Cursor, Need, PushEntry, SCHEMA, Status, SyncRequest, SyncResponse};
use futures::executor::block_on;
use serde_json::value::RawValue;

use crate::support::{Shop, Tablet};

fn cash(amount: i64) -> Money {
    Money { tender: Tender::Cash, amount: Minor(amount), tendered: Minor(amount), reference: String::new() }
}

fn agree(shop: &Shop, tablets: &[&Tablet]) {
    for tablet in tablets {
        tablet.sync_all();
    }
    for tablet in tablets {
        tablet.sync_all();
        assert_eq!(tablet.waiting(), 0);
        assert_eq!(tablet.full_digest(), shop.digest(), "every replica folds to the same digest");
    }
}

#[test]
fn orders_taken_offline_arrive_on_the_other_tablet_exactly_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let taken: Vec<_> = (0..21).map(|_| a.sell(1)).collect();
    assert_eq!(b.orders().len(), 0);
    agree(&shop, &[&a, &b]);
    let there: Vec<_> = b.orders().iter().map(|o| o.id).collect();
    assert_eq!(there, taken);
    assert_eq!((a.on_hand(), b.on_hand()), (Quantity::whole(-21), Quantity::whole(-21)));
    let mut numbers: Vec<_> = b.orders().into_iter().map(|o| o.number).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 21);
}

#[test]
fn an_answer_that_is_lost_after_the_servers_commit_doubles_nothing() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(2);
    let request = a.desk.sync_request(256).expect("enrolled");
    let lost = a.ask(&request);
    assert_eq!(lost.res.len(), 1);
    let again = a.ask(&request);
    assert!(again.res[0].dup);
    assert_eq!((again.res[0].g, again.res[0].s), (lost.res[0].g, lost.res[0].s));
    agree(&shop, &[&a, &b]);
    assert_eq!(b.orders().len(), 1);
}

#[test]
fn an_order_that_was_taken_survives_a_crash_and_its_number_is_never_used_again() {
    let shop = Shop::new();
    let a = shop.tablet();
    let first = a.sell(1);
    let a = a.restart();
    assert_eq!(a.waiting(), 1);
    let second = a.sell(1);
    assert_ne!(a.order(first).number, a.order(second).number);
    let a = a.restart();
    agree(&shop, &[&a]);
    assert_eq!(a.orders().len(), 2);
}

#[test]
fn a_write_that_fails_takes_nothing_and_uses_no_number() {
    let shop = Shop::new();
    let a = shop.tablet();
    let before = a.desk.ledger().writer;
    a.store.fail_next(StoreError::Full);
    let cart = a.cart(1);
    let command =
        Command::Place { cart, number: String::new(), location: location::FIRST, money: None, hand_over: false };
    assert_eq!(a.act(command).err(), Some(ActionError::NotSaved(StoreError::Full)));
    assert_eq!((a.waiting(), a.orders().len()), (0, 0));
    assert_eq!(a.desk.ledger().writer, before);
    a.sell(1);
    agree(&shop, &[&a]);
}

#[test]
fn two_tabs_of_one_tablet_never_use_one_number_twice() {
    let shop = Shop::new();
    let a = shop.tablet();
    let tab = a.restart();
    let mut numbers = Vec::new();
    for _ in 0..5 {
        numbers.push(a.order(a.sell(1)).number);
        numbers.push(tab.order(tab.sell(1)).number);
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
    let a = a.restart();
    agree(&shop, &[&a]);
    assert_eq!(a.orders().len(), 10);
}

#[test]
fn one_refused_request_does_not_hold_the_queue_up() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let clerk = Staff { id: StaffId::default(), name: "Li".into(), role: Role::Manager, active: true, pin: None };
    a.act(Command::SaveStaff(clerk)).expect("an owner may");
    agree(&shop, &[&a, &b]);
    let manager = {
        let ledger = a.desk.ledger();
        ledger.book.staff.iter().map(|(id, _)| *id).find(|id| *id != staff::FIRST).expect("the manager")
    };
    // B lowers the role while A, offline, still thinks it is a manager's price.
    b.act(Command::SaveStaff(Staff { id: manager, name: "Li".into(), role: Role::Clerk, active: true, pin: None }))
        .expect("an owner may");
    let variant = a.variant();
    block_on(a.desk.act(manager, Command::SetPrice { variant, price: Minor(1) }, Vec::new()))
        .expect("it is still a manager here");
    let sold = a.sell(1);
    b.sync_all();
    agree(&shop, &[&a, &b]);
    assert_eq!(b.order(sold).state, OrderState::Closed);
    let ledger = a.desk.ledger();
    assert_eq!(ledger.refused.values().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["role_too_low"]);
    assert_eq!(ledger.book.variant(variant).expect("it is there").1.price, Minor(1280));
    drop(ledger);
    assert_eq!(a.restart().desk.ledger().refused.len(), 1, "it waits for a person, across a restart");
}

#[test]
fn a_fact_that_cannot_be_applied_is_kept_and_everybody_is_told() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let request = a.desk.sync_request(256).expect("enrolled");
    let unknown = r#"{"at":1,"off":0,"by":"0-1","ev":[{"moon_phase_noted":{}}]}"#;
    let body = RawValue::from_string(unknown.into()).expect("JSON");
    let seq = a.desk.ledger().writer.next_seq;
    let h = Hash::link(a.desk.ledger().writer.link, body.get());
    let mut forged = request;
    forged.push = vec![PushEntry { seq, h, body, pd: Default::default() }];
    let answer = a.ask(&forged);
    assert_eq!((answer.res[0].s, answer.res[0].code.as_deref()), (Status::Held, Some("unknown_event")));
    agree(&shop, &[&b]);
    let ledger = b.desk.ledger();
    assert!(
        ledger
            .book
            .open_cases()
            .any(|(_, c)| matches!(&c.kind, CaseKind::HeldFacts { code, .. } if code == "unknown_event"))
    );
}

#[test]
fn a_gap_stops_the_push_and_a_broken_chain_asks_for_enrolment() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sell(1);
    let mut gap = a.desk.sync_request(256).expect("enrolled");
    gap.push.remove(0);
    let answer = a.ask(&gap);
    assert!(answer.res.is_empty() && answer.need.is_none());
    let mut edited = a.desk.sync_request(256).expect("enrolled");
    edited.push.truncate(1);
    let changed = edited.push[0].body.get().replace("1280", "1");
    edited.push[0].body = RawValue::from_string(changed).expect("still JSON");
    assert_eq!(a.ask(&edited).need, Some(Need::Enrol));
    agree(&shop, &[&a]);
    assert_eq!(a.orders().len(), 2);
}

#[test]
fn a_transaction_under_a_used_number_with_another_hash_is_a_clone() {
    let shop = Shop::new();
    let a = shop.tablet();
    let clone = a.clone_profile();
    a.sell(1);
    a.sync_all();
    clone.sell(3);
    assert_eq!(clone.round(), Outcome::NeedsEnrolment);
    assert_eq!(clone.waiting(), 1, "its order is still there");
}

#[test]
fn a_server_with_another_log_is_read_from_its_start_and_nothing_unsent_is_lost() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sync_all();
    a.sell(2);
    let mut request = a.desk.sync_request(256).expect("enrolled");
    request.cursor = Cursor { epoch: "elsewhere".into(), g: 3, dig: None };
    let answer = a.ask(&request);
    assert_eq!(answer.need, Some(Need::Reset));
    block_on(a.desk.apply_answer(answer)).expect("a reset is stored");
    assert_eq!(a.waiting(), 1);
    agree(&shop, &[&a]);
    assert_eq!(a.orders().len(), 2);
}

#[test]
fn pay_beats_void() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    for void_first in [true, false] {
        let order = a.place(1, None, false);
        agree(&shop, &[&a, &b]);
        a.act(Command::Pay { order, money: cash(1280) }).expect("it is due");
        b.act(Command::Void { order, reason: VoidReason::Mistake }).expect("it is open");
        let (first, second) = if void_first { (&b, &a) } else { (&a, &b) };
        first.sync_all();
        second.sync_all();
        agree(&shop, &[&a, &b]);
        let there = b.order(order);
        assert_ne!(there.state, OrderState::Voided, "void first: {void_first}");
        assert_eq!(there.payment_state(), PaymentState::Paid);
        let ledger = b.desk.ledger();
        assert!(ledger.book.open_cases().any(|(_, c)| c.kind.order() == Some(order)));
    }
}

#[test]
fn two_payments_for_one_order_are_both_kept_and_a_case() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = a.place(1, None, false);
    agree(&shop, &[&a, &b]);
    for tablet in [&a, &b] {
        tablet.act(Command::Pay { order, money: cash(1280) }).expect("it is due here");
    }
    agree(&shop, &[&a, &b]);
    assert_eq!(a.order(order).paid(), Minor(2560));
    let ledger = a.desk.ledger();
    assert!(ledger.book.open_cases().any(|(_, c)| c.kind == CaseKind::Overpaid { order, over: Minor(1280) }));
}

#[test]
fn two_tablets_that_hand_over_the_same_goods_move_them_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let order = a.place(2, Some(cash(2560)), false);
    agree(&shop, &[&a, &b]);
    for tablet in [&a, &b] {
        tablet
            .act(Command::Step { order, to: OrderState::HandedOver, location: location::FIRST })
            .expect("it is open here");
    }
    agree(&shop, &[&a, &b]);
    assert_eq!(a.on_hand(), Quantity::whole(-2));
    let ledger = a.desk.ledger();
    assert!(ledger.book.open_cases().any(|(_, c)| c.kind == CaseKind::HandedOverTwice { order }));
}

#[test]
fn selling_below_zero_is_a_case_that_closes_itself() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(3);
    assert_eq!(a.desk.ledger().book.open_cases().count(), 1);
    let variant = a.variant();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(3))] })
        .expect("goods come in");
    assert_eq!(a.desk.ledger().book.open_cases().count(), 0);
    agree(&shop, &[&a]);
}

#[test]
fn a_count_changes_the_level_by_what_its_tablet_saw_and_later_movements_still_count() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let variant = a.variant();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(10))] })
        .expect("goods come in");
    agree(&shop, &[&a, &b]);
    a.act(Command::Count { location: location::FIRST, variant, counted: Quantity::whole(9) }).expect("a count");
    b.sell(4);
    b.sync_all();
    agree(&shop, &[&a, &b]);
    assert_eq!(a.on_hand(), Quantity::whole(5), "one was missing when it was counted, four were sold after");
}

#[test]
fn the_servers_fold_survives_a_restart() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    agree(&shop, &[&a]);
    let row = shop.runtime.block_on(shop.server.journal.stores()).expect("the journal")[0].clone();
    let again = shop
        .runtime
        .block_on(daybook::server::shop::Shop::load(shop.server.journal.clone(), row, None))
        .expect("the log folds");
    let digest = shop.runtime.block_on(again.digest()).expect("the journal");
    assert_eq!(digest, shop.digest());
}

/// A format that changes must not keep a server from sealing for ever: its rows are folded again from the log, once.
#[test]
fn a_server_whose_sealed_rows_are_of_another_format_folds_anew_and_seals_again() {
    use daybook::server::kept::Kept;
    use daybook::server::shop::Shop as Served;
    use daybook::store::{LocalStore, MetaKey, SEALED_FORMAT, WriteBatch};
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sync_all();
    let digest = shop.digest();
    let journal = shop.server.journal.clone();
    shop.runtime.block_on(async {
        let row = journal.stores().await.expect("the journal")[0].clone();
        let kept = Kept { journal: journal.clone(), store: row.id.clone() };
        let said = serde_json::json!({ "g": 1, "blocks": 0, "format": SEALED_FORMAT + 1, "folded": 1, "dig": null });
        let mut batch = WriteBatch::relaxed();
        batch.put_meta(MetaKey::Sealed, serde_json::to_vec(&said).expect("JSON"));
        kept.write(batch).await.expect("the journal");
        let again = Served::load(journal.clone(), row, None).await.expect("it loads").sealing_after(1);
        assert_eq!(again.digest().await.expect("the journal"), digest);
        let now = daybook::domain::value::time::Timestamp(1);
        let change = |book: &daybook::domain::Book, _: &mut daybook::domain::decide::Context<'_>| {
            let event = Event::ProfileSet(book.profile());
            Ok(daybook::domain::decide::Draft { events: vec![event], ..Default::default() })
        };
        again.write(now, change).await.expect("it is written");
        let sealed = again.look(|l| (l.sealed.format, l.sealed.g == l.cursor.g)).await;
        assert_eq!(sealed, (Some(SEALED_FORMAT), true));
    });
}

#[test]
fn an_unknown_price_change_is_rejected_and_not_held() {
    let event = Event::PriceSet(PriceSet { variant: VariantId::default(), price: Minor(1), was: None });
    assert_eq!(event.class(), daybook::domain::event::Class::Request);
}

#[test]
fn a_tablet_that_is_enrolled_again_brings_its_queue_along_and_doubles_nothing() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(1);
    // The server has this one; the tablet never heard so.
    a.ask(&a.desk.sync_request(256).expect("enrolled"));
    a.sell(2);
    shop.enrol_again(&a);
    assert_eq!(a.waiting(), 2);
    let third = a.sell(3);
    agree(&shop, &[&a, &b]);
    assert_eq!((b.orders().len(), b.on_hand()), (3, Quantity::whole(-6)));
    let mut numbers: Vec<_> = b.orders().into_iter().map(|o| o.number).collect();
    numbers.dedup();
    assert_eq!((numbers.len(), b.order(third).state), (3, OrderState::Closed));
}

#[test]
fn an_order_says_whether_anything_is_to_be_paid() {
    let shop = Shop::new();
    let a = shop.tablet();
    let order = a.place(1, None, false);
    assert_eq!(a.order(order).payment_state(), PaymentState::Unpaid);
    a.act(Command::Pay { order, money: cash(280) }).expect("a deposit");
    assert_eq!(a.order(order).payment_state(), PaymentState::Part);
    a.act(Command::Void { order, reason: VoidReason::CustomerChangedMind }).expect("an owner may");
    let voided = a.order(order);
    assert_eq!((voided.payment_state(), voided.paid(), voided.due()), (PaymentState::Refunded, Minor(0), Minor(0)));
    let other = a.place(1, None, false);
    a.act(Command::Void { order: other, reason: VoidReason::Mistake }).expect("nothing was paid");
    assert_eq!(a.order(other).payment_state(), PaymentState::NotDue);
    let sold = a.sell(2);
    a.act(Command::Void { order: sold, reason: VoidReason::Mistake }).expect("an owner may");
    assert_eq!(a.on_hand(), Quantity::ZERO, "goods that were handed over come back");
    agree(&shop, &[&a]);
}

#[test]
fn goods_received_under_two_identities_of_one_tablet_are_received_once() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let variant = a.variant();
    let clone = a.clone_profile();
    a.act(Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(10))] })
        .expect("goods come in");
    let clone_of_waiting = a.clone_profile();
    a.sync_all();
    drop(clone);
    shop.enrol_again(&clone_of_waiting);
    clone_of_waiting.sell(1);
    agree(&shop, &[&a, &b, &clone_of_waiting]);
    assert_eq!(b.on_hand(), Quantity::whole(9));
    assert_eq!(clone_of_waiting.desk.ledger().refused.len(), 0, "nobody has to look at it");
}

#[test]
fn an_order_that_another_tab_took_comes_along_when_this_one_enrols_again() {
    let shop = Shop::new();
    let a = shop.tablet();
    let tab = a.restart();
    let order = tab.sell(2);
    shop.enrol_again(&a);
    agree(&shop, &[&a]);
    assert_eq!(a.order(order).state, OrderState::Closed);
}

/// An answer of a server whose log has nothing of this tablet.
fn answer_without_us(tablet: &Tablet) -> SyncResponse {
    let mut answer = tablet.ask(&tablet.desk.sync_request(0).expect("enrolled"));
    (answer.last_seq, answer.res, answer.tx, answer.to) = (0, Vec::new(), Vec::new(), answer.from);
    (answer.last_h, answer.safe) = (None, 0);
    answer
}

#[test]
fn what_came_back_once_and_is_lost_on_the_server_is_sent_again_also_where_no_reset_says_so() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sync_all();
    let before = a.desk.ledger().writer.next_seq;
    let answer = answer_without_us(&a);
    assert_eq!(block_on(a.desk.apply_answer(answer)).expect("it is stored").outcome, Outcome::Applied { more: true });
    let a = a.restart();
    assert_eq!((a.waiting() as u64, a.desk.ledger().writer.next_seq), (before - 1, before), "all of it waits again");
    // It was there after all: the server says so, and nothing is doubled.
    agree(&shop, &[&a]);
    assert_eq!((a.waiting(), a.desk.ledger().columns.len()), (0, 1));
}

#[test]
fn a_server_that_lost_what_a_tablet_no_longer_holds_asks_for_enrolment_and_does_not_spin() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sync_all();
    let g = shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
    shop.runtime.block_on(shop.shop().backed_up(g)).expect("the journal");
    a.sync_all();
    assert!(shop.kept_by(&a).is_empty(), "a backup holds it");
    a.sell(1);
    let answer = answer_without_us(&a);
    assert_eq!(block_on(a.desk.apply_answer(answer)).expect("it is stored").outcome, Outcome::NeedsEnrolment);
    assert_eq!(a.waiting(), 1);
}

#[test]
fn an_order_that_the_server_holds_leaves_the_list_and_becomes_a_case() {
    let shop = Shop::new();
    let a = shop.tablet();
    let order = a.sell(1);
    let request = a.desk.sync_request(256).expect("enrolled");
    let mut answer = a.ask(&request);
    for entry in &mut answer.tx {
        (entry.s, entry.code) = (Status::Held, Some("totals".into()));
    }
    block_on(a.desk.apply_answer(answer)).expect("it is stored");
    let ledger = a.desk.ledger();
    assert_eq!((ledger.columns.len(), ledger.columns.contains(order)), (0, false));
    assert!(ledger.book.open_cases().any(|(_, c)| matches!(c.kind, CaseKind::HeldFacts { .. })));
}

#[test]
fn a_transaction_that_the_server_could_never_take_is_not_written() {
    use daybook::domain::customer::Person;
    use daybook::domain::decide::Draft;
    let shop = Shop::new();
    let a = shop.tablet();
    let event = Event::PriceSet(PriceSet { variant: a.variant(), price: Minor(1), was: None });
    let many = block_on(a.desk.write(staff::FIRST, Vec::new(), |_, _, _| {
        Ok(Draft { events: vec![event.clone(); 1001], ..Draft::default() })
    }));
    assert!(matches!(many, Err(ActionError::Rejected(_))));
    let large = block_on(a.desk.write(staff::FIRST, Vec::new(), |_, cx, _| {
        let mut draft = Draft::default();
        draft.set_aside(&mut cx.salts, &Person { note: "x".repeat(2_000_000), ..Person::default() });
        Ok(draft)
    }));
    assert!(matches!(large, Err(ActionError::Rejected(_))));
    assert_eq!(a.waiting(), 0);
}

#[test]
fn what_came_back_of_a_long_queue_is_seen_as_if_the_rest_were_played_anew() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let cash = |pieces: i64| Money {
        tender: Tender::Cash,
        amount: Minor(1280 * pieces),
        tendered: Minor(1280 * pieces),
        reference: String::new(),
    };
    let mut orders = Vec::new();
    for n in 1..=12 {
        orders.push(a.place(1 + n % 3, None, false));
    }
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(9))] })
        .expect("goods in");
    // Later transactions are about orders that earlier ones in the queue placed.
    for (n, order) in orders.iter().enumerate() {
        match n % 3 {
            0 => a.act(Command::Pay { order: *order, money: cash(1) }).map(drop),
            1 => a.act(Command::Void { order: *order, reason: VoidReason::Mistake }).map(drop),
            _ => a.act(Command::Step { order: *order, to: OrderState::Confirmed, location: location::FIRST }).map(drop),
        }
        .expect("it may be");
    }
    let view = |tablet: &Tablet| {
        let ledger = tablet.desk.ledger();
        let mut rows: Vec<_> = (0..ledger.columns.len() as u32).filter_map(|r| ledger.columns.summary(r)).collect();
        rows.sort_by_key(|s| s.id);
        let mut cases: Vec<_> = ledger.book.open_cases().map(|(id, c)| (*id, c.clone())).collect();
        cases.sort_by_key(|(id, _)| *id);
        let mut unsent: Vec<_> = ledger.unsent_orders().into_iter().collect();
        unsent.sort();
        let level = ledger.book.level((a.variant(), location::FIRST));
        let movements: Vec<_> = ledger.book.movements().cloned().collect();
        let till = ledger.book.tills.iter().map(|(k, t)| (*k, t.clone())).max_by_key(|(k, _)| *k);
        drop(ledger);
        (tablet.orders(), rows, (level, movements), cases, unsent, till)
    };
    for round in 0.. {
        if a.waiting() == 0 {
            break;
        }
        if round == 3 {
            // Somebody else's order between two rounds.
            b.sell(2);
            b.sync_all();
        }
        let answer = a.ask(&a.desk.sync_request(3).expect("enrolled"));
        block_on(a.desk.apply_answer(answer)).expect("it is stored");
        assert_eq!(view(&a), view(&a.restart()), "round {round}");
    }
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

/// A tablet of an earlier schema syncs on; what it cannot read is kept from it, with all that comes after it, until it
/// is updated. There is no earlier schema before the first release: this asks as one would.
#[test]
fn a_tablet_of_an_earlier_schema_is_handed_nothing_that_it_cannot_read_and_all_of_it_once_it_is_updated() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(1);
    let told = a.place(1, None, false);
    a.act(Command::Tell { order: told, text: "{number}".into() }).expect("anybody may");
    a.sync_all();
    let asked = |schema: u32| {
        let request = SyncRequest { schema, ..b.desk.sync_request(256).expect("the tablet is enrolled") };
        b.ask(&request)
    };
    let (all, none) = (asked(SCHEMA), asked(0));
    assert_eq!((all.tx.len(), none.tx.len()), (3, 0));
    assert!(!none.more, "it does not ask in vain");
    assert!(all.tx.iter().filter_map(|e| e.transaction()).all(|tx| (1..=SCHEMA).contains(&tx.body.schema())));
    block_on(b.desk.apply_answer(none)).expect("a memory store takes it");
    b.sync_all();
    assert_eq!(b.full_digest(), shop.digest());
    assert_eq!(b.order(told).messages.len(), 1);
}
