//! A new tablet's first read ends in the same book as reading the log from its start.

use daybook::actions::bootstrap::{Bootstrap, Part};
use daybook::domain::decide::Command;
use daybook::domain::location;
use daybook::domain::money::Minor;
use daybook::domain::quantity::Quantity;
use daybook::store::StoreError;
use futures::executor::block_on;

use crate::support::{Shop, Tablet};

/// A shop with more behind it than one sealing.
fn busy() -> (Shop, Tablet) {
    let shop = Shop::new();
    let a = shop.tablet();
    for n in 0..1_100 {
        a.sell(1 + n % 3);
    }
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(5_000))] }).expect("goods");
    a.place(1, None, false);
    a.sync_all();
    (shop, a)
}

fn bytes(shop: &Shop) -> Vec<u8> {
    let found: Bootstrap = shop.runtime.block_on(shop.shop().bootstrap(9, 1)).expect("the journal").expect("it was sealed");
    postcard::to_stdvec(&found).expect("bytes")
}

/// What the server answers when a tablet asks for a part.
fn part(shop: &Shop, part: Part) -> Vec<u8> {
    let blocks = shop.runtime.block_on(shop.shop().part(part.first, part.count)).expect("the journal");
    postcard::to_stdvec(&blocks.expect("the blocks are there")).expect("bytes")
}

fn take_all_parts(shop: &Shop, tablet: &Tablet) {
    while let Some(next) = tablet.desk.next_part(None) {
        assert_eq!(block_on(tablet.desk.take_part(next, &part(shop, next))), Ok(true));
    }
}

#[test]
fn a_new_tablet_reads_the_servers_rows_and_ends_where_the_log_ends() {
    let (shop, a) = busy();
    let slow = shop.tablet();
    let quick = shop.fresh();
    assert!(quick.desk.is_new());
    assert_eq!(block_on(quick.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    let left = quick.desk.sync_request(1).map(|r| r.cursor.g).expect("enrolled");
    assert!(left >= 1_000, "the log goes on from {left}");
    quick.sell(2);
    for tablet in [&quick, &slow, &a, &quick] {
        tablet.sync_all();
    }
    take_all_parts(&shop, &quick);
    for tablet in [&quick, &slow, &a, &quick.restart()] {
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    assert_eq!(quick.desk.ledger().columns.len(), 1_102);
    assert!(!quick.desk.is_new());
    assert_eq!(block_on(quick.desk.take_bootstrap(&bytes(&shop))), Ok(false), "only a tablet that has read nothing takes it");
    // It seals on from there.
    block_on(quick.desk.seal(true)).expect("memory");
    assert_eq!(quick.restart().full_digest(), shop.digest());
}

#[test]
fn rows_of_another_version_broken_rows_and_a_full_disk_leave_the_tablet_as_new_as_it_was() {
    let (shop, _) = busy();
    let good = bytes(&shop);
    let other = {
        let mut found: Bootstrap = postcard::from_bytes(&good).expect("it reads back");
        found.format += 1;
        postcard::to_stdvec(&found).expect("bytes")
    };
    let broken = {
        let mut found: Bootstrap = postcard::from_bytes(&good).expect("it reads back");
        found.rows[0][0].1.truncate(20);
        postcard::to_stdvec(&found).expect("bytes")
    };
    for bad in [&b""[..], b"<html>", &good[..good.len() / 2], &other, &broken] {
        let tablet = shop.fresh();
        assert_eq!(block_on(tablet.desk.take_bootstrap(bad)), Ok(false));
        assert!(tablet.desk.is_new());
        tablet.sync_all();
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    let tablet = shop.fresh();
    tablet.store.fail_next(StoreError::Full);
    assert_eq!(block_on(tablet.desk.take_bootstrap(&good)), Err(StoreError::Full));
    assert!(tablet.desk.is_new());
    assert_eq!(block_on(tablet.desk.take_bootstrap(&good)), Ok(true));
}

#[test]
fn a_tablet_sells_before_the_older_orders_are_here_and_goes_on_where_it_broke_off() {
    let (shop, a) = busy();
    let old = a.desk.ledger().columns.ids().min().expect("orders");
    let new = shop.fresh();
    assert_eq!(block_on(new.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    assert_eq!(new.desk.ledger().columns.len(), 1_024, "every sealed order is listed");
    new.sell(1);
    let not_here = block_on(new.desk.load_orders([old].into_iter()));
    let Err(StoreError::NotHere { block }) = not_here else { panic!("{not_here:?}") };
    // Somebody else gives money back for it; that cannot be folded in before it is here.
    let refund = Command::Refund { order: old, tender: Default::default(), amount: Minor(1) };
    a.act(refund).expect("the first is the owner");
    a.sync_all();
    let request = new.desk.sync_request(10).expect("enrolled");
    let cursor = request.cursor.clone();
    let answer = shop.runtime.block_on(shop.shop().sync(request.replica, request)).expect("the server");
    assert_eq!(block_on(new.desk.apply_answer(answer)).map(|_| ()), Err(StoreError::NotHere { block }));
    // It is opened again meanwhile, with what there is, and nothing was folded past it.
    let new = new.restart();
    assert_eq!(new.desk.ledger().cursor, cursor);
    let wanted = new.desk.next_part(Some(block)).expect("it is missing");
    assert!(wanted.has(block));
    assert_eq!(block_on(new.desk.take_part(wanted, &part(&shop, wanted))), Ok(true));
    take_all_parts(&shop, &new);
    new.sync_all();
    a.sync_all();
    assert_eq!(new.full_digest(), shop.digest());
    assert_eq!(new.restart().full_digest(), a.full_digest());
}

#[test]
fn a_part_that_is_not_what_was_named_makes_the_tablet_begin_anew_and_keeps_what_waits() {
    let (shop, _) = busy();
    let tablet = shop.fresh();
    assert_eq!(block_on(tablet.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    tablet.sell(1);
    let next = tablet.desk.next_part(None).expect("parts");
    let mut other: Vec<Vec<u8>> = postcard::from_bytes(&part(&shop, next)).expect("blocks");
    other[0][40] ^= 1;
    let other = postcard::to_stdvec(&other).expect("bytes");
    assert_eq!(block_on(tablet.desk.take_part(next, &other)), Ok(false));
    assert!(tablet.desk.is_new());
    assert_eq!(tablet.desk.ledger().unsent.len(), 1);
    tablet.sync_all();
    assert_eq!(tablet.full_digest(), shop.digest());
}
