//! The browser loses the database: what only this tablet had is in its mirror.

use daybook::actions::desk::Receipt;
use daybook::actions::{ActionError, Desk};
use daybook::domain::decide::{Command, Money};
use daybook::domain::rejection::Rejection;
use daybook::domain::shop::tender::Tender;
use daybook::domain::shop::{location, staff};
use daybook::domain::stock::lease::{Lease, Scarcity};
use daybook::domain::value::id::Id;
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;
use daybook::store::mirror::{MemoryMirror, Mirror, Mirrored};
use daybook::store::{LocalStore, MemoryStore, MetaKey, Table};
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
    let place = Command::Place {
        cart: tablet.cart(1),
        number: String::new(),
        location: location::FIRST,
        money: None,
        hand_over: false,
    };
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
    for (name, bytes) in
        [("out/7", &b"{}\n{}"[..]), ("out/8", b""), ("out/x", b"\n"), ("else", b"1"), ("out/9", b"\xff\n\xff")]
    {
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

/// A shop with more than one sealing behind it, and one of its tablets with goods kept in the mirror.
fn kept(orders: i64) -> (Shop, Tablet, MemoryMirror) {
    let shop = Shop::new();
    let seller = shop.tablet();
    let goods = vec![(seller.variant(), Quantity::whole(5_000))];
    seller.act(Command::Receive { location: location::FIRST, goods }).expect("goods");
    for _ in 0..orders {
        seller.sell(1);
    }
    seller.sync_all();
    let tablet = shop.tablet();
    tablet.seal();
    let mirror = MemoryMirror::default();
    let desk = open(&tablet.store, &mirror);
    block_on(desk.store.tidy()).expect("memory");
    block_on(desk.store.keep_goods()).expect("memory");
    (shop, tablet, mirror)
}

fn why(done: Result<Receipt, ActionError>) -> Rejection {
    match done {
        Err(ActionError::Rejected(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_network_a_tablet_whose_database_is_lost_sells_what_was_kept_and_ends_where_the_log_ends() {
    // Sealed with something after it; never sealed; read from what the server sealed, and from the log.
    for (orders, sealed_there) in [(1_100, true), (700, false), (20, false)] {
        let (shop, tablet, mirror) = kept(orders);
        let before = tablet.restart();
        let on_hand = before.on_hand();
        tablet.store.lose();
        let desk = open(&tablet.store, &mirror);
        assert!(desk.ledger().is_new(), "nothing of the log was read");
        let first = sell(&desk, &before);
        // Killed and opened once more, still without a network.
        let desk = open(&tablet.store, &mirror);
        let second = sell(&desk, &before);
        assert_ne!(first, second);
        let again = tablet.restart();
        assert_eq!((again.waiting(), again.on_hand()), (2, on_hand));
        assert!(again.desk.ledger().book.staff.get(&staff::FIRST).is_some());
        assert_eq!(block_on(again.desk.seal(true)), Ok(false), "what stands in is never sealed");
        if sealed_there {
            let seq = again.desk.first_unsent();
            let found =
                shop.runtime.block_on(shop.shop().bootstrap(9, seq)).expect("the journal").expect("it was sealed");
            assert_eq!(block_on(again.desk.take_bootstrap(&postcard::to_stdvec(&found).expect("bytes"))), Ok(true));
            while let Some(part) = again.desk.next_part(None, Timestamp(i64::MIN)) {
                let blocks = shop.runtime.block_on(shop.shop().part(part.first, part.count)).expect("the journal");
                let blocks = postcard::to_stdvec(&blocks.expect("the blocks are there")).expect("bytes");
                assert_eq!(block_on(again.desk.take_part(part, &blocks)), Ok(true));
            }
        }
        again.sync_all();
        assert_eq!(again.waiting(), 0);
        assert_eq!(again.full_digest(), shop.digest());
        assert_eq!(again.desk.ledger().columns.len() as i64, orders + 2);
        block_on(again.desk.seal(true)).expect("memory");
        assert_eq!(again.restart().full_digest(), shop.digest());
    }
}

#[test]
fn until_the_log_is_read_nothing_is_decided_that_takes_all_of_it() {
    let (shop, tablet, mirror) = kept(3);
    let desk = open(&tablet.store, &mirror);
    let replica = desk.ledger().identity.as_ref().map_or(0, |i| i.replica);
    let variant = tablet.variant();
    let lease = Lease { variant, location: location::FIRST, replica, quantity: Quantity::whole(9) };
    let other = Lease { replica: replica + 1, quantity: Quantity::whole(4), ..lease };
    for command in [
        Command::SetScarcity { variant, scarcity: Some(Scarcity::Block) },
        Command::SetAside(lease),
        Command::SetAside(other),
    ] {
        block_on(desk.act(staff::FIRST, command, Vec::new())).expect("an owner may");
    }
    tablet.restart().sync_all();
    let desk = open(&tablet.store, &mirror);
    block_on(desk.store.tidy()).expect("memory");
    block_on(desk.store.keep_goods()).expect("memory");
    assert_eq!(
        desk.ledger().book.promisable((variant, location::FIRST), replica, true),
        Some((Scarcity::Block, Quantity::whole(9)))
    );
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    let read = tablet.restart();
    let act = |command| block_on(desk.act(staff::FIRST, command, Vec::new()));
    assert_eq!(
        desk.ledger().book.promisable((variant, location::FIRST), replica, true),
        Some((Scarcity::Block, Quantity::ZERO))
    );
    assert_eq!(why(act(Command::OpenTill { float: Minor(0) })), Rejection::NotReadYet);
    let close = Command::CloseTill { counted: Vec::new(), left: Minor(0), taxes: Vec::new() };
    let owed =
        Money { tender: Tender::StoreCredit, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
    let (stocktake, counted) = (Id::default(), Quantity::ONE);
    let all = [
        close.clone(),
        Command::MoveCash { amount: Minor(5), reason: "a".into() },
        Command::Count { location: location::FIRST, variant, counted },
        Command::CountFor { stocktake, variant, counted },
        Command::EndStocktake { stocktake, post: true },
        Command::SetAside(lease),
        Command::Place {
            cart: read.cart(1),
            number: String::new(),
            location: location::FIRST,
            money: Some(owed),
            hand_over: true,
        },
    ];
    for command in all {
        assert_eq!(why(act(command)), Rejection::NotReadYet);
    }
    // What is leased to another tablet is so here, too.
    assert_eq!(desk.ledger().book.leased((variant, location::FIRST), replica + 1), Quantity::whole(4));
    let nothing = block_on(desk.import(staff::FIRST, location::FIRST, 0, async || None, async |_| true));
    assert_eq!(why(nothing.map(|_| Receipt::default())), Rejection::NotReadYet);
    tablet.restart().sync_all();
    let read = tablet.restart();
    assert_eq!(why(read.act(close)), Rejection::TillClosed);
    assert_eq!(
        read.desk.ledger().book.promisable((variant, location::FIRST), replica, true),
        Some((Scarcity::Block, Quantity::whole(9)))
    );
    assert_eq!(read.full_digest(), shop.digest());
}

#[test]
fn goods_that_cannot_be_read_are_left_out_and_what_was_not_sent_is_here_all_the_same() {
    for cut in [0, 1, 40, 400, usize::MAX] {
        let (shop, tablet, mirror) = kept(700);
        sell(&open(&tablet.store, &mirror), &tablet);
        let mut bytes = block_on(mirror.get("goods")).expect("they were kept");
        match cut {
            // A row in the middle, and the record still reads.
            usize::MAX => {
                let at = bytes.len() / 2;
                bytes[at..at + 64].fill(255);
            }
            cut => bytes.truncate(cut),
        }
        mirror.put("goods".to_owned(), bytes);
        tablet.store.lose();
        let desk = open(&tablet.store, &mirror);
        assert_eq!(desk.ledger().unsent.len(), 1);
        let again = tablet.restart();
        again.sync_all();
        assert_eq!(again.full_digest(), shop.digest());
    }
}

#[test]
fn goods_are_kept_again_only_when_something_was_read_and_never_of_what_stands_in() {
    let (shop, tablet, mirror) = kept(5);
    let record = || block_on(mirror.get("goods")).expect("they were kept");
    let desk = open(&tablet.store, &mirror);
    let keep = || block_on(desk.store.keep_goods()).expect("memory");
    keep();
    mirror.put("goods".to_owned(), b"as they were".to_vec());
    keep();
    assert_eq!(record(), b"as they were");
    let price = Command::SetPrice { variant: tablet.variant(), price: Minor(5) };
    block_on(desk.act(staff::FIRST, price, Vec::new())).expect("an owner may");
    tablet.restart().sync_all();
    keep();
    let kept = record();
    assert_ne!(kept, b"as they were");
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    block_on(desk.store.keep_goods()).expect("memory");
    assert_eq!(record(), kept, "what stands in is not what was read");
    let price = desk.ledger().book.products.iter().map(|(_, p)| p.variants[0].price).next();
    assert_eq!(price, Some(Minor(5)));
    drop(shop);
}

#[test]
fn goods_of_another_identity_are_not_taken_in_and_do_not_stay() {
    let (shop, tablet, mirror) = kept(5);
    let goods = block_on(mirror.get("goods")).expect("they were kept");
    let identity = || shop.tablet().desk.ledger().identity.clone().expect("it is enrolled");
    let desk = open(&tablet.store, &mirror);
    block_on(desk.enrol(identity())).expect("memory");
    assert_eq!(block_on(mirror.get("goods")), None, "they go with who they were of");
    block_on(desk.store.tidy()).expect("memory");
    mirror.put("goods".to_owned(), goods);
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    assert!(desk.ledger().identity.is_some() && desk.ledger().book.products.is_empty());
    // What stands in goes with an identity, too.
    let (_other, tablet, mirror) = kept(5);
    tablet.store.lose();
    let desk = open(&tablet.store, &mirror);
    assert!(!desk.ledger().book.products.is_empty());
    block_on(desk.enrol(identity())).expect("memory");
    assert!(desk.ledger().book.products.is_empty());
}

#[test]
fn a_tab_that_does_not_know_of_the_goods_reads_nothing_on_top_of_them() {
    let (shop, tablet, mirror) = kept(700);
    let seller = shop.tablet();
    tablet.store.lose();
    // It opened when only the identity was back.
    let early = {
        let store = Mirrored::new(tablet.store.clone(), mirror.clone());
        assert!(block_on(store.restore()).expect("memory"));
        tablet.restart()
    };
    assert!(early.desk.ledger().is_new() && early.desk.ledger().book.products.is_empty());
    let desk = open(&tablet.store, &mirror);
    assert!(!desk.ledger().book.products.is_empty(), "the second of two writes is made up for");
    early.sync_all();
    seller.sync_all();
    for tab in [&early, &tablet.restart()] {
        assert_eq!(tab.full_digest(), shop.digest());
        assert_eq!(tab.on_hand(), seller.on_hand());
    }
}

#[test]
fn a_database_that_is_lost_under_an_open_page_does_not_take_the_mirror_along() {
    let (_shop, tablet, mirror) = kept(3);
    let desk = open(&tablet.store, &mirror);
    sell(&desk, &tablet);
    let before = block_on(mirror.names());
    tablet.store.lose();
    block_on(desk.store.tidy()).expect("memory");
    block_on(desk.store.keep_goods()).expect("memory");
    assert_eq!(block_on(mirror.names()), before);
    assert_eq!(open(&tablet.store, &mirror).ledger().unsent.len(), 1);
}

#[test]
fn carts_are_kept_too() {
    let (_shop, tablet, mirror) = kept(1);
    let desk = open(&tablet.store, &mirror);
    block_on(desk.keep(MetaKey::Carts, b"[1]".to_vec())).expect("memory");
    tablet.store.lose();
    assert_eq!(open(&tablet.store, &mirror).ledger().carts.as_deref(), Some(&b"[1]"[..]));
    let emptied = vec![(MetaKey::Carts, b"[]".to_vec())];
    let desk = open(&tablet.store, &mirror);
    let place = Command::Place {
        cart: tablet.cart(1),
        number: String::new(),
        location: location::FIRST,
        money: None,
        hand_over: false,
    };
    block_on(desk.act(staff::FIRST, place, emptied)).expect("a good order");
    tablet.store.lose();
    assert_eq!(open(&tablet.store, &mirror).ledger().carts.as_deref(), Some(&b"[]"[..]));
}

#[test]
fn a_store_with_a_mirror_keeps_to_the_contract() {
    block_on(crate::local_store::check(&Mirrored::new(MemoryStore::default(), MemoryMirror::default())));
}

#[test]
fn the_mirror_in_memory_keeps_to_the_contract() {
    block_on(crate::mirror_contract::check(&MemoryMirror::default()));
}
