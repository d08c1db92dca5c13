//! Backups, audits, and what happens when a server is put back to an older state.

use std::path::Path;

use daybook::actions::seal::MOST_HEARD;
use daybook::domain::value::hash::Hash;
use daybook::domain::value::part::Part;
use daybook::server::audit::{Finding, audit};
use daybook::server::backup::{Verified, back_up, prune, restore, verify};
use daybook::server::journal::{Journal, SqlJournal};
use daybook::store::{LocalStore, MetaKey, Table, WriteBatch};
use daybook::sync::engine::Outcome;
use daybook::sync::protocol::PushEntry;
use futures::executor::block_on;
use serde_json::value::RawValue;

use crate::support::{Shop, Tablet, tamper};

fn numbers(tablet: &Tablet) -> Vec<String> {
    let ledger = tablet.desk.ledger();
    let mut all: Vec<String> =
        (0..ledger.columns.len() as u32).filter_map(|r| ledger.columns.summary(r)).map(|s| s.number).collect();
    all.sort();
    all
}

#[test]
fn a_server_put_back_fifty_orders_gets_them_all_again_from_the_tablets() {
    let mut shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    (0..10).for_each(|_| {
        a.sell(1);
    });
    a.sync_all();
    let file = shop.folder().join("good.sqlite");
    let verified = backed_up(&shop, &file);
    shop.runtime.block_on(async {
        let journal = journal_of(&shop).await;
        assert!(journal.copy_to(&file).await.is_err(), "a backup is never written over");
        journal.close().await;
    });
    (0..50).for_each(|n| {
        if n % 2 == 0 {
            a.sell(1)
        } else {
            b.sell(1)
        };
    });
    a.sync_all();
    b.sync_all();
    // One tablet saw all of it and sells on while the server is away; another is enrolled after the backup.
    let late = shop.tablet();
    late.sell(1);
    late.sync_all();
    a.sync_all();
    a.sell(1);
    let expected = {
        let mut all = numbers(&a);
        all.sort();
        all
    };
    shop.runtime.block_on(shop.server.journal.close());
    shop.runtime.block_on(restore(shop.folder(), &verified.file, 0)).expect("it is restored");
    shop.reopen();
    let (a, b) = (shop.again(&a), shop.again(&b));
    for tablet in [&a, &b, &a, &b] {
        tablet.sync_all();
    }
    // What the late tablet alone wrote was handed in by one that had read it, or comes when it is enrolled again.
    let late = shop.again(&late);
    shop.enrol_again(&late);
    for tablet in [&late, &a, &b] {
        tablet.sync_all();
    }
    assert_eq!(numbers(&a), expected, "62 orders, each once");
    assert_eq!((numbers(&b), numbers(&late)), (expected.clone(), expected));
    for tablet in [&a, &b, &late] {
        assert_eq!(tablet.waiting(), 0);
        assert_eq!(tablet.full_digest(), shop.digest());
    }
    assert_eq!(a.on_hand(), b.on_hand());
}

#[test]
fn what_a_tablet_that_is_gone_wrote_comes_back_from_one_that_had_sealed_it() {
    let mut shop = Shop::new();
    let (gone, here) = (shop.tablet(), shop.tablet());
    let verified = backed_up(&shop, &shop.folder().join("good.sqlite"));
    for _ in 0..3 {
        for _ in 0..4 {
            gone.sell(1);
        }
        gone.sync_all();
        here.sync_all();
        assert!(block_on(here.desk.seal(true)).expect("memory"));
    }
    let expected = numbers(&here);
    drop(gone);
    shop.runtime.block_on(shop.server.journal.close());
    shop.runtime.block_on(restore(shop.folder(), &verified.file, 0)).expect("it is restored");
    shop.reopen();
    let here = shop.again(&here);
    here.sync_all();
    assert_eq!((numbers(&here), expected.len()), (expected, 12));
    assert_eq!(here.full_digest(), shop.digest());
}

/// Backs a server up, does something, and puts the server back; the tablet, opened again.
fn put_back(shop: &mut Shop, tablet: &Tablet, after: impl FnOnce(&Tablet)) -> Tablet {
    let verified = backed_up(shop, &shop.folder().join("good.sqlite"));
    after(tablet);
    shop.runtime.block_on(shop.server.journal.close());
    shop.runtime.block_on(restore(shop.folder(), &verified.file, 0)).expect("it is restored");
    shop.reopen();
    shop.again(tablet)
}

fn sell_and_sync(tablet: &Tablet, orders: usize) {
    (0..orders).for_each(|_| {
        tablet.sell(1);
    });
    tablet.sync_all();
}

#[test]
fn a_tablet_whose_server_was_put_back_reads_again_only_what_it_had_not_sealed() {
    let mut shop = Shop::new();
    let a = shop.tablet();
    sell_and_sync(&a, 10);
    assert!(block_on(a.desk.seal(true)).expect("memory"));
    sell_and_sync(&a, 3);
    let sealed = a.desk.ledger().sealed;
    let a = put_back(&mut shop, &a, |a| sell_and_sync(a, 5));
    a.sell(1);
    assert_eq!(a.round(), Outcome::Applied { more: true });
    let cursor = a.desk.ledger().cursor.clone();
    assert_eq!((cursor.g, cursor.dig, a.desk.ledger().sealed), (sealed.g, sealed.dig, sealed));
    assert_eq!(
        (numbers(&a).len(), a.waiting()),
        (16, 6),
        "what the server has comes again; what it lost and what is new wait here"
    );
    assert_eq!(a.restart().full_digest(), a.full_digest());
    a.sync_all();
    assert_eq!((numbers(&a).len(), a.waiting(), a.desk.ledger().sealed), (19, 0, sealed));
    assert_eq!((a.full_digest(), a.restart().full_digest()), (shop.digest(), shop.digest()));
    // They are kept until a backup holds them, by the numbers that they have now.
    assert!(!shop.kept_by(&a).is_empty());
    let g = shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
    shop.runtime.block_on(shop.shop().backed_up(g)).expect("the journal");
    a.round();
    assert_eq!(shop.kept_by(&a), Vec::<u64>::new());
}

#[test]
fn a_tablet_that_sealed_what_the_server_lost_reads_everything_anew() {
    let mut shop = Shop::new();
    let a = shop.tablet();
    sell_and_sync(&a, 10);
    let a = put_back(&mut shop, &a, |a| {
        sell_and_sync(a, 5);
        assert!(block_on(a.desk.seal(true)).expect("memory"));
        sell_and_sync(a, 2);
    });
    assert_eq!(a.round(), Outcome::Applied { more: true });
    assert_eq!((a.desk.ledger().cursor.g, a.waiting()), (0, 7));
    a.sync_all();
    assert_eq!((numbers(&a).len(), a.waiting()), (17, 0));
    assert_eq!((a.full_digest(), a.restart().full_digest()), (shop.digest(), shop.digest()));
}

#[test]
fn a_log_that_tablets_made_whole_again_is_not_read_anew() {
    let mut shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let a = put_back(&mut shop, &a, |a| {
        sell_and_sync(&b, 5);
        a.sync_all();
        assert!(block_on(a.desk.seal(true)).expect("memory"));
        sell_and_sync(&b, 2);
        a.sync_all();
    });
    let sealed = a.desk.ledger().sealed;
    a.sync_all();
    assert_eq!((numbers(&a).len(), a.desk.ledger().sealed), (7, sealed), "the other's came back as they had been");
    assert_eq!((a.full_digest(), a.restart().full_digest()), (shop.digest(), shop.digest()));
}

#[test]
fn a_server_that_was_put_back_whole_has_nothing_read_again() {
    let mut shop = Shop::new();
    let a = shop.tablet();
    sell_and_sync(&a, 10);
    assert!(block_on(a.desk.seal(true)).expect("memory"));
    let (sealed, before) = (a.desk.ledger().sealed, a.desk.ledger().cursor.clone());
    let a = put_back(&mut shop, &a, |_| {});
    assert_eq!(a.round(), Outcome::Applied { more: true });
    let now = a.desk.ledger().cursor.clone();
    assert_eq!((now.g, now.dig), (before.g, before.dig));
    assert_ne!(now.epoch, before.epoch);
    sell_and_sync(&a, 1);
    assert_eq!((numbers(&a).len(), a.full_digest()), (11, shop.digest()));
    assert_eq!(a.desk.ledger().sealed, sealed);
}

#[test]
fn a_log_that_was_read_wrong_is_read_again_from_where_it_was_right() {
    let shop = Shop::new();
    let a = shop.tablet();
    sell_and_sync(&a, 4);
    assert!(block_on(a.desk.seal(true)).expect("memory"));
    sell_and_sync(&a, 4);
    let sealed = a.desk.ledger().sealed;
    let mut cursor = a.desk.ledger().cursor.clone();
    cursor.dig = Some(Hash::of(&[b"something else"]));
    let mut batch = WriteBatch::strict();
    batch.put_meta(MetaKey::Cursor, serde_json::to_vec(&cursor).expect("JSON"));
    block_on(a.store.write(batch)).expect("memory");
    let a = a.restart();
    assert_eq!(a.round(), Outcome::Applied { more: true });
    assert_eq!(a.desk.ledger().cursor.g, sealed.g);
    a.sync_all();
    assert_eq!((numbers(&a).len(), a.full_digest()), (8, shop.digest()));
    assert_eq!(a.desk.ledger().sealed, sealed);
}

#[test]
fn what_stands_beside_bodies_counts_for_the_size_of_a_donation() {
    let entry = |text: &str| {
        let part = Part { salt: Hash::default(), data: text.into() };
        PushEntry {
            seq: 1,
            h: Hash::default(),
            body: RawValue::from_string("{}".into()).expect("JSON"),
            pd: [("p1".into(), part)].into(),
        }
    };
    for text in ["\"".repeat(60_000), "x".repeat(60_000), String::new()] {
        let entry = entry(&text);
        let bytes = serde_json::to_vec(&entry).expect("JSON").len();
        assert!(entry.size() >= bytes, "{} < {bytes}", entry.size());
    }
}

#[test]
fn what_others_wrote_is_let_go_once_a_backup_holds_it_and_never_grows_without_end() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    let heard = || block_on(b.store.read(&[Table::Heard])).expect("memory").into_iter().flatten().count();
    for _ in 0..MOST_HEARD + 3 {
        a.sell(1);
        a.sync_all();
        b.sync_all();
        assert!(block_on(b.desk.seal(true)).expect("memory"));
    }
    assert_eq!(heard(), MOST_HEARD);
    let g = shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
    shop.runtime.block_on(shop.shop().backed_up(g - 2)).expect("the journal");
    b.sync_all();
    assert_eq!(heard(), 2);
    assert_eq!(b.restart().full_digest(), shop.digest());
}

fn backed_up(shop: &Shop, file: &Path) -> Verified {
    shop.runtime.block_on(async {
        let journal = journal_of(shop).await;
        let made = back_up(&journal, file).await.expect("a backup");
        // Nobody may have the file open when it is replaced.
        journal.close().await;
        made
    })
}

async fn journal_of(shop: &Shop) -> SqlJournal {
    SqlJournal::sqlite(shop.folder()).await.expect("the journal")
}

#[test]
fn what_a_verified_backup_holds_tablets_let_go_of() {
    let shop = Shop::new();
    let a = shop.tablet();
    (0..5).for_each(|_| {
        a.sell(1);
    });
    a.sync_all();
    assert!(!shop.kept_by(&a).is_empty(), "confirmed is not safe yet");
    let g = shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
    shop.runtime.block_on(shop.shop().backed_up(g)).expect("the journal");
    a.sync_all();
    assert!(shop.kept_by(&a).is_empty());
    a.sell(1);
    a.sync_all();
    assert_eq!(shop.kept_by(&a).len(), 1, "what came later is kept");
}

#[test]
fn what_is_kept_under_a_number_that_is_not_known_any_more_goes_with_what_came_after_it() {
    let shop = Shop::new();
    let a = shop.tablet();
    sell_and_sync(&a, 3);
    // As a tablet has it that began anew with what the server has sealed.
    let mut batch = WriteBatch::relaxed();
    for (key, bytes) in block_on(a.store.read(&[Table::Sent])).expect("memory").remove(0) {
        let mut group: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        group["g"] = u64::MAX.into();
        batch.put(Table::Sent, key, serde_json::to_vec(&group).expect("JSON"));
    }
    assert!(!batch.puts.is_empty());
    block_on(a.store.write(batch)).expect("memory");
    let back_up = || {
        let g = shop.runtime.block_on(shop.shop().look(|l| l.cursor.g));
        shop.runtime.block_on(shop.shop().backed_up(g)).expect("the journal");
        a.sync_all();
    };
    back_up();
    assert!(!shop.kept_by(&a).is_empty(), "nobody knows whether the backup holds it");
    sell_and_sync(&a, 1);
    back_up();
    assert_eq!(shop.kept_by(&a), Vec::<u64>::new());
}

#[test]
fn an_audit_finds_every_kind_of_tampering() {
    let shop = Shop::new();
    let a = shop.tablet();
    (0..4).for_each(|_| {
        a.sell(1);
    });
    a.sync_all();
    let report = |journal: SqlJournal| async move {
        let store = journal.stores().await.expect("the journal").remove(0);
        audit(&journal, &store).await.expect("it can be read").findings
    };
    assert_eq!(shop.runtime.block_on(async { report(journal_of(&shop).await).await }), []);
    for (sql, expected) in [
        (
            "update log set body = replace(body, '1280', '1180') where g = 4",
            Finding::Altered { g: 4, replica: 2, seq: 3 },
        ),
        ("update log set status = 1 where g = 4", Finding::Digest { g: 4 }),
        ("delete from log where g = 4", Finding::Missing { g: 4 }),
        ("delete from log where g = 6", Finding::Length { row: 6, log: 5 }),
        ("update tablet set last_seq = 9 where replica = 2", Finding::Chain { replica: 2, row: 9, log: 5 }),
    ] {
        let file = shop.folder().join("tampered.sqlite");
        let _ = std::fs::remove_file(&file);
        let found = shop.runtime.block_on(async {
            journal_of(&shop).await.copy_to(&file).await.expect("a copy");
            tamper(&file, sql).await;
            let refused = verify(&file).await;
            assert!(refused.is_err(), "{sql}: nobody may rely on this copy");
            report(SqlJournal::sqlite_file(&file).await.expect("a file")).await
        });
        assert!(found.contains(&expected), "{sql}: {found:?}");
    }
}

#[test]
fn only_the_newest_backups_are_kept_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "daybook-20260101T000000Z.sqlite",
        "daybook-20260102T000000Z.sqlite",
        "daybook-20260103T000000Z.sqlite",
        "accounts.sqlite",
    ] {
        std::fs::write(folder.path().join(name), "x").expect("a file");
    }
    prune(folder.path(), 2).expect("it can be read");
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["accounts.sqlite", "daybook-20260102T000000Z.sqlite", "daybook-20260103T000000Z.sqlite"]);
}

#[test]
fn a_file_that_is_no_backup_is_refused_and_the_store_stays_as_it_was() {
    let shop = Shop::new();
    let a = shop.tablet();
    a.sell(1);
    a.sync_all();
    let before = shop.digest();
    for content in [&b"not a database"[..], b""] {
        let file = shop.folder().join("odd");
        std::fs::write(&file, content).expect("a file");
        assert!(shop.runtime.block_on(restore(shop.folder(), &file, 0)).is_err());
    }
    assert_eq!(shop.digest(), before);
    assert_eq!(a.round(), Outcome::Applied { more: false });
}

#[test]
fn a_letter_that_was_given_out_after_the_backup_is_never_given_out_again() {
    let mut shop = Shop::new();
    let a = shop.tablet();
    a.sync_all();
    let file = shop.folder().join("before.sqlite");
    shop.runtime.block_on(async {
        let journal = journal_of(&shop).await;
        back_up(&journal, &file).await.expect("a backup");
        journal.close().await;
    });
    // A tablet is enrolled and prints numbers, of which the server hears nothing before its disk is put back.
    let lost = shop.tablet();
    let number = lost.order(lost.sell(1)).number;
    shop.runtime.block_on(shop.server.journal.close());
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(shop.folder().join(format!("daybook.sqlite{ending}")));
    }
    std::fs::copy(&file, shop.folder().join("daybook.sqlite")).expect("copied by hand");
    shop.reopen();
    let fresh = shop.tablet();
    let first = fresh.order(fresh.sell(1)).number;
    assert_ne!(first, number);
    let lost = shop.again(&lost);
    shop.enrol_again(&lost);
    for tablet in [&lost, &fresh, &lost] {
        tablet.sync_all();
    }
    assert_eq!(numbers(&lost).len(), 2);
    assert_eq!(lost.full_digest(), shop.digest());
}
