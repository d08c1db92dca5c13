//! The recovery file: any age program can open it, and what is in it arrives exactly once.

use std::io::{Read, Write};

use daybook::actions::recovery::{RecoveryError, open, seal};
use futures::executor::block_on;

use crate::support::Shop;

const WORDS: &str = "correct horse battery";

#[test]
fn what_we_seal_age_opens_and_what_age_seals_we_open() {
    for size in [0, 1, 1000, 65_536, 65_537, 200_000] {
        let plain: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
        let ours = seal(&plain, WORDS, &[7; 48]).expect("it seals");
        assert_eq!(open(&ours, WORDS).as_deref(), Ok(plain.as_slice()));
        let mut read = Vec::new();
        let identity = age::scrypt::Identity::new(WORDS.to_owned().into());
        let decryptor = age::Decryptor::new(ours.as_slice()).expect("age knows the header");
        decryptor
            .decrypt(std::iter::once(&identity as &dyn age::Identity))
            .expect("age opens it")
            .read_to_end(&mut read)
            .expect("all of it");
        assert_eq!(read, plain);
        let mut theirs = Vec::new();
        let mut recipient = age::scrypt::Recipient::new(WORDS.to_owned().into());
        recipient.set_work_factor(10);
        let encryptor =
            age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).expect("a recipient");
        let mut writer = encryptor.wrap_output(&mut theirs).expect("a header");
        writer.write_all(&plain).expect("memory");
        writer.finish().expect("memory");
        assert_eq!(open(&theirs, WORDS).as_deref(), Ok(plain.as_slice()));
    }
}

#[test]
fn a_wrong_passphrase_and_a_changed_file_are_told_apart_and_give_nothing() {
    let file = seal(b"orders", WORDS, &[7; 48]).expect("it seals");
    assert_eq!(open(&file, "another phrase"), Err(RecoveryError::Passphrase));
    for at in [3, 60, file.len() - 40, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(open(&changed, WORDS).is_err(), "byte {at}");
    }
    for broken in [&b""[..], b"age-encryption.org/v1\n---", &file[..file.len() - 30], b"\n---\n\n"] {
        assert!(open(broken, WORDS).is_err());
    }
}

#[test]
fn what_a_recovery_file_holds_arrives_exactly_once_whoever_sends_it() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    b.sync_all();
    let lost: Vec<_> = (0..5).map(|_| a.sell(1)).collect();
    assert!(matches!(a.desk.recovery_file("short"), Err(RecoveryError::TooShort)));
    let file = a.desk.recovery_file(WORDS).expect("a good phrase").expect("five wait");
    assert_eq!(a.waiting(), 5, "writing the file changes nothing");
    // The tablet falls into the harbour. Its file is taken in elsewhere, twice for good measure.
    assert_eq!(block_on(b.desk.take_recovery(&file, WORDS)), Ok(5));
    assert_eq!(block_on(b.desk.take_recovery(&file, WORDS)), Ok(0));
    assert_eq!(b.orders().len(), 5);
    b.sync_all();
    assert_eq!(block_on(b.restart().desk.take_recovery(&file, WORDS)), Ok(0), "also after it was sent");
    // It is fished out again, and sends what it had.
    a.sync_all();
    b.sync_all();
    assert_eq!((a.waiting(), b.waiting()), (0, 0));
    assert_eq!(b.orders().iter().map(|o| o.id).collect::<Vec<_>>(), lost);
    assert_eq!(a.on_hand(), daybook::domain::value::quantity::Quantity::whole(-5));
    assert_eq!((a.full_digest(), b.full_digest()), (shop.digest(), shop.digest()));
    assert!(a.desk.ledger().refused.is_empty(), "nothing that a person has to look at");
    assert!(matches!(a.desk.recovery_file(WORDS), Ok(None)), "nothing waits any more");
}

#[test]
fn a_tablet_that_takes_its_own_file_back_moves_nothing_twice() {
    let shop = Shop::new();
    let a = shop.tablet();
    (0..3).for_each(|_| {
        a.sell(1);
    });
    let file = a.desk.recovery_file(WORDS).expect("a good phrase").expect("three wait");
    a.sync_all();
    assert_eq!(block_on(a.desk.take_recovery(&file, WORDS)), Ok(3), "it cannot know; the server does");
    a.sync_all();
    assert_eq!(a.on_hand(), daybook::domain::value::quantity::Quantity::whole(-3));
    assert_eq!((a.orders().len(), a.waiting(), a.full_digest()), (3, 0, shop.digest()));
}

#[test]
fn a_file_with_a_body_that_this_version_cannot_read_is_refused_whole() {
    let shop = Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.sell(1);
    let file = a.desk.recovery_file(WORDS).expect("a good phrase").expect("one waits");
    let newer =
        String::from_utf8(open(&file, WORDS).expect("it opens")).expect("JSON").replace("order_placed", "order_dreamt");
    let newer = seal(newer.as_bytes(), WORDS, &[9; 48]).expect("it seals");
    assert_eq!(block_on(b.desk.take_recovery(&newer, WORDS)), Err(RecoveryError::NotOurs));
    assert_eq!((b.waiting(), b.restart().waiting()), (0, 0), "the tablet opens as before");
}
