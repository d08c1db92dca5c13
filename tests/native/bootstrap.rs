//! A new tablet's first read ends in the same book as reading the log from its start.

use daybook::actions::bootstrap::{Blocks, Bootstrap, Part};
use daybook::domain::decide::Command;
use daybook::domain::order::OrderState;
use daybook::domain::shop::location;
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use daybook::store::{LocalStore, MetaKey, SEALED_FORMAT, StoreError, Table, WriteBatch};
use futures::executor::block_on;

use crate::support::{Shop, Tablet};

/// Orders of whatever age.
const ALL: Timestamp = Timestamp(i64::MIN);

/// A shop with more behind it than one sealing.
fn busy() -> (Shop, Tablet) {
    let shop = Shop::new();
    let a = shop.tablet();
    for n in 0..1_100 {
        a.sell(1 + n % 3);
    }
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(5_000))] })
        .expect("goods");
    a.place(1, None, false);
    a.sync_all();
    (shop, a)
}

fn bytes(shop: &Shop) -> Vec<u8> {
    let found: Bootstrap =
        shop.runtime.block_on(shop.shop().bootstrap(9, 1)).expect("the journal").expect("it was sealed");
    postcard::to_stdvec(&found).expect("bytes")
}

/// What the server answers when a tablet asks for a part.
fn part(shop: &Shop, part: Part) -> Vec<u8> {
    let blocks = shop.runtime.block_on(shop.shop().part(part.first, part.count)).expect("the journal");
    postcard::to_stdvec(&blocks.expect("the blocks are there")).expect("bytes")
}

fn take_all_parts(shop: &Shop, tablet: &Tablet) {
    while let Some(next) = tablet.desk.next_part(None, ALL) {
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
    assert_eq!(
        block_on(quick.desk.take_bootstrap(&bytes(&shop))),
        Ok(false),
        "only a tablet that has read nothing takes it"
    );
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
    let wanted = new.desk.next_part(Some(block), ALL).expect("it is missing");
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
    let next = tablet.desk.next_part(None, ALL).expect("parts");
    // A page of somebody's network, or bytes that were damaged on the way: it is asked again, and everything stands.
    let mut other: Vec<Vec<u8>> = postcard::from_bytes(&part(&shop, next)).expect("blocks");
    let good = other.clone();
    other[0][40] ^= 1;
    for wrong in [b"<!doctype html><title>Welcome</title>".to_vec(), postcard::to_stdvec(&other).expect("bytes")] {
        assert_eq!(block_on(tablet.desk.take_part(next, &wrong)), Err(StoreError::NotHere { block: next.first }));
        assert!(!tablet.desk.is_new() && tablet.desk.next_part(None, ALL) == Some(next));
    }
    // Blocks that can be read and are others: the server has begun anew.
    let mut other = good;
    other.swap(0, 1);
    let other = postcard::to_stdvec(&other).expect("bytes");
    assert_eq!(block_on(tablet.desk.take_part(next, &other)), Ok(false));
    assert!(tablet.desk.is_new());
    assert_eq!(tablet.desk.ledger().unsent.len(), 1);
    tablet.sync_all();
    assert_eq!(tablet.full_digest(), shop.digest());
}

#[test]
fn what_is_older_than_a_tablet_keeps_stays_on_the_server_until_it_is_opened_and_what_is_open_comes() {
    let (shop, a) = busy();
    let tablet = shop.fresh();
    assert_eq!(block_on(tablet.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    let columns = a.desk.ledger().columns.clone();
    let placed = |id| columns.row(id).and_then(|r| columns.summary(r)).map(|s| s.placed_at);
    let newest = columns.ids().filter_map(placed).max().expect("orders");
    let since = Timestamp(newest.0 + 1);
    assert_eq!((tablet.desk.next_part(None, since), tablet.desk.missing_blocks(since)), (None, 0));
    assert!(tablet.desk.next_part(None, Timestamp(0)).is_some());
    let old = tablet.desk.ledger().columns.ids().min().expect("orders");
    let Err(StoreError::NotHere { block }) = block_on(tablet.desk.load_orders([old].into_iter())) else {
        panic!("it is not here")
    };
    let wanted = tablet.desk.next_part(Some(block), since).expect("somebody opens it");
    assert_eq!(block_on(tablet.desk.take_part(wanted, &part(&shop, wanted))), Ok(true));
    assert!(block_on(tablet.desk.load_orders([old].into_iter())).is_ok());

    // One that nobody has closed is wanted however old it is.
    let mut columns = tablet.desk.ledger().columns.clone();
    let mut summary = columns.row(old).and_then(|r| columns.summary(r)).expect("a row");
    summary.state = OrderState::Confirmed;
    columns.put(&summary);
    let (block, _) = columns.place(old).expect("sealed");
    assert!(columns.reaches(block, 1, since));
}

#[test]
fn rows_of_another_format_are_let_go_of_and_fetched_again_and_nothing_unsent_is_lost() {
    let (shop, a) = busy();
    assert!(block_on(a.desk.seal(true)).expect("memory"));
    a.sell(1);
    let said =
        block_on(a.store.get(Table::Meta, &[MetaKey::Sealed as u64])).expect("memory").remove(0).expect("sealed");
    let mut said: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
    said["format"] = serde_json::json!(SEALED_FORMAT + 1);
    let mut batch = WriteBatch::strict();
    batch.put_meta(MetaKey::Sealed, serde_json::to_vec(&said).expect("JSON"));
    block_on(a.store.write(batch)).expect("memory");
    let a = a.restart();
    assert!(a.desk.mended.get() && a.waiting() == 1);
    a.sync_all();
    assert_eq!(a.full_digest(), shop.digest());
}

#[test]
fn what_another_program_folded_stands_until_the_servers_own_takes_its_place_and_nothing_unsent_is_lost() {
    let (shop, a) = busy();
    assert!(block_on(a.desk.seal(true)).expect("memory"));
    assert!(!a.desk.is_of_another_fold());
    let said =
        block_on(a.store.get(Table::Meta, &[MetaKey::Sealed as u64])).expect("memory").remove(0).expect("sealed");
    let mut said: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
    said["folded"] = serde_json::json!(daybook::actions::ledger::FOLD + 1);
    let mut batch = WriteBatch::strict();
    batch.put_meta(MetaKey::Sealed, serde_json::to_vec(&said).expect("JSON"));
    block_on(a.store.write(batch)).expect("memory");
    let a = a.restart();
    a.sell(1);
    assert!(a.desk.is_of_another_fold() && a.desk.ledger().columns.len() == 1_102, "it opens with all it had");
    assert!(block_on(a.desk.seal(true)).is_ok());
    assert!(a.desk.is_of_another_fold(), "sealing it again does not make it ours");
    assert_eq!(block_on(a.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    assert!(!a.desk.is_of_another_fold() && a.waiting() == 1);
    take_all_parts(&shop, &a);
    a.sync_all();
    assert_eq!((a.full_digest(), a.desk.ledger().columns.len()), (shop.digest(), 1_102));
}

#[test]
fn a_tablet_that_begins_anew_fetches_only_the_blocks_that_the_server_has_otherwise() {
    let (shop, _) = busy();
    let tablet = shop.fresh();
    assert_eq!(block_on(tablet.desk.take_bootstrap(&bytes(&shop))), Ok(true));
    take_all_parts(&shop, &tablet);
    let begin_anew = || {
        let mut request = tablet.desk.sync_request(1).expect("enrolled");
        request.cursor.epoch = "elsewhere".into();
        block_on(tablet.desk.apply_answer(tablet.ask(&request))).expect("memory");
        assert!(tablet.desk.is_new());
        assert_eq!(block_on(tablet.desk.take_bootstrap(&bytes(&shop))), Ok(true));
        tablet.desk.next_part(None, ALL)
    };
    assert_eq!(begin_anew(), None);
    tablet.sync_all();
    assert_eq!((tablet.full_digest(), tablet.restart().full_digest()), (shop.digest(), shop.digest()));
    // One of its blocks is something else, and one is not there at all.
    for spoil in [
        |batch: &mut WriteBatch| batch.put(Table::Block, 2, vec![0; 40]),
        |batch: &mut WriteBatch| batch.deletes.push((Table::Block, 0)),
    ] {
        let mut batch = WriteBatch::strict();
        spoil(&mut batch);
        block_on(tablet.store.write(batch)).expect("memory");
        while tablet.desk.ledger().sealed.g < tablet.desk.ledger().cursor.g {
            let mut request = tablet.desk.sync_request(1).expect("enrolled");
            request.cursor.epoch = "elsewhere".into();
            block_on(tablet.desk.apply_answer(tablet.ask(&request))).expect("memory");
        }
        let part = begin_anew().expect("it differs");
        assert!(part.has(0) && part.has(2));
        take_all_parts(&shop, &tablet);
        tablet.sync_all();
        assert_eq!((tablet.full_digest(), tablet.restart().full_digest()), (shop.digest(), shop.digest()));
    }
}

#[test]
fn byte_strings_are_on_the_wire_what_lists_of_numbers_were() {
    let bytes: Vec<Vec<u8>> = vec![vec![], vec![0, 1, 255], vec![7; 300]];
    let before = postcard::to_stdvec(&bytes).expect("bytes");
    let blocks: Blocks = bytes.iter().cloned().map(Into::into).collect();
    assert_eq!(postcard::to_stdvec(&blocks).expect("bytes"), before);
    assert_eq!(postcard::from_bytes::<Blocks>(&before), Ok(blocks));
}
