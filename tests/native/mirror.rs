//! The browser loses the database: what only this tablet had is in its mirror.

use daybook::actions::Desk;
use daybook::domain::decide::Command;
use daybook::domain::{location, staff};
use daybook::store::mirror::{MemoryMirror, Mirror, Mirrored};
use daybook::store::{LocalStore, MemoryStore, Table};
use futures::executor::block_on;

use crate::support::{Bench, Shop, Tablet};

type MirroredDesk = Desk<Mirrored<MemoryStore, MemoryMirror>, Bench>;

/// A tablet's storage, opened as the console does it.
fn open(store: &MemoryStore, mirror: &MemoryMirror) -> MirroredDesk {
    block_on(async {
        let desk = Desk::open(Mirrored::new(store.clone(), mirror.clone()), Bench::default()).await.expect("it opens");
        desk.restore().await.expect("what was put back opens");
        desk
    })
}

fn sell(desk: &MirroredDesk, tablet: &Tablet) -> String {
    let place = Command::Place { cart: tablet.cart(1), number: String::new(), location: location::FIRST, money: None, hand_over: false };
    let placed = block_on(desk.act(staff::FIRST, place, Vec::new())).expect("a good order").placed.expect("an order");
    desk.ledger().book.orders.get(&placed).expect("it is here").number.clone()
}

/// A tablet of a shop that sold one order and sent it, and then one that it did not send.
fn sold_two(shop: &Shop) -> (Tablet, MemoryMirror, [String; 2]) {
    let tablet = shop.tablet();
    let mirror = MemoryMirror::default();
    let desk = open(&tablet.store, &mirror);
    block_on(desk.store.tidy()).expect("memory");
    let first = sell(&desk, &tablet);
    tablet.restart().sync_all();
    block_on(desk.reload()).expect("memory");
    let second = sell(&desk, &tablet);
    (tablet, mirror, [first, second])
}

#[test]
fn a_tablet_whose_database_is_lost_is_who_it_was_with_everything_that_was_not_sent_and_no_number_twice() {
    let shop = Shop::new();
    let (tablet, mirror, numbers) = sold_two(&shop);
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    assert!(desk.ledger().identity.is_some());
    // Goods come from the server.
    let again = tablet.restart();
    again.sync_all();
    assert_eq!(again.waiting(), 0);
    block_on(desk.reload()).expect("memory");
    let third = sell(&desk, &again);
    again.restart().sync_all();
    let other = shop.tablet();
    let mut there: Vec<String> = other.orders().into_iter().map(|o| o.number).collect();
    there.sort();
    assert_eq!(there, [numbers[0].clone(), numbers[1].clone(), third]);
    assert_eq!(other.full_digest(), shop.digest());
}

#[test]
fn what_is_tidied_has_what_is_not_sent_and_nothing_else() {
    let shop = Shop::new();
    let (tablet, mirror, _) = sold_two(&shop);
    let count = || block_on(mirror.names()).len();
    assert_eq!(count(), 4, "who it is, the writer, one that is sent and one that is not");
    let desk = open(&tablet.store, &mirror);
    block_on(desk.store.tidy()).expect("memory");
    assert_eq!(count(), 3);
    // It was cleared by somebody else, or had no room.
    mirror.clear();
    block_on(desk.store.tidy()).expect("memory");
    assert_eq!(count(), 3);
    tablet.store.lose();
    assert_eq!(open(&tablet.store, &mirror).ledger().unsent.len(), 1);
    tablet.restart().sync_all();
    assert_eq!(shop.tablet().orders().len(), 2);
}

#[test]
fn a_tablet_that_was_signed_out_stays_signed_out() {
    let shop = Shop::new();
    let (tablet, mirror, _) = sold_two(&shop);
    tablet.restart().sync_all();
    let desk = open(&tablet.store, &mirror);
    // Killed before the mirror had followed.
    let late = mirror.copy();
    assert_eq!(block_on(desk.sign_out()), Ok(()));
    assert_eq!(block_on(mirror.names()), Vec::<String>::new());
    assert!(open(&tablet.store, &late).ledger().identity.is_none());
}

#[test]
fn a_record_that_cannot_be_read_is_left_out_and_keeps_nobody_from_opening() {
    let shop = Shop::new();
    let (tablet, mirror, _) = sold_two(&shop);
    let no_body = format!("\n{{\"seq\":6,\"h\":\"{}\",\"body\":1}}", "0".repeat(32));
    mirror.put("out/6".to_owned(), no_body.into_bytes());
    for (name, bytes) in [("out/7", &b"{}\n{}"[..]), ("out/8", b""), ("out/x", b"\n"), ("else", b"1"), ("out/9", b"\xff\n\xff")] {
        mirror.put(name.to_owned(), bytes.to_vec());
    }
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    // The one that was sent came along; the server knows it.
    assert_eq!(desk.ledger().unsent.len(), 2);
    // A mirror without an identity is none.
    mirror.put("identity".to_owned(), b"{".to_vec());
    tablet.store.lose();
    assert!(open(&tablet.store, &mirror).ledger().identity.is_none());
    let left = block_on(tablet.store.read(&[Table::Out])).expect("memory");
    assert!(left[0].is_empty());
}

#[test]
fn a_second_identity_takes_the_place_of_the_first() {
    let shop = Shop::new();
    let (tablet, mirror, numbers) = sold_two(&shop);
    let desk = open(&tablet.store, &mirror);
    let identity = shop.tablet().desk.ledger().identity.clone().expect("it is enrolled");
    let replica = identity.replica;
    block_on(desk.enrol(identity)).expect("memory");
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    assert_eq!(desk.ledger().identity.as_ref().map(|i| i.replica), Some(replica));
    assert_eq!(desk.ledger().unsent.len(), 1, "{} came along", numbers[1]);
}

#[test]
fn a_store_with_a_mirror_keeps_to_the_contract() {
    block_on(crate::local_store::check(&Mirrored::new(MemoryStore::default(), MemoryMirror::default())));
}

#[test]
fn the_mirror_in_memory_keeps_to_the_contract() {
    block_on(crate::mirror_contract::check(&MemoryMirror::default()));
}
