//! A new tablet's first read ends in the same book as reading the log from its start.

use daybook::actions::bootstrap::Bootstrap;
use daybook::domain::decide::Command;
use daybook::domain::location;
use daybook::domain::quantity::Quantity;
use daybook::store::{LocalStore, StoreError, Table, WriteBatch};
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
    let found: Bootstrap = shop.runtime.block_on(shop.shop().bootstrap()).expect("the journal").expect("it was sealed");
    postcard::to_stdvec(&found).expect("bytes")
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
        found.rows[1][0].1.truncate(20);
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
fn blocks_that_were_left_by_a_bootstrap_that_broke_off_do_no_harm() {
    let (shop, _) = busy();
    let tablet = shop.fresh();
    let found: Bootstrap = postcard::from_bytes(&bytes(&shop)).expect("it reads back");
    let mut batch = WriteBatch::relaxed();
    found.rows[0].iter().for_each(|(key, bytes)| batch.put(Table::Block, *key, bytes.clone()));
    block_on(tablet.store.write(batch)).expect("memory");
    let tablet = tablet.restart();
    assert!(tablet.desk.is_new());
    tablet.sync_all();
    tablet.sell(1);
    tablet.sync_all();
    block_on(tablet.desk.seal(true)).expect("memory");
    assert_eq!(tablet.restart().full_digest(), shop.digest());
}
