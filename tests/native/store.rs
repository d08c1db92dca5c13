//! The store's contract in memory, and the forms of what is kept.

use daybook::domain::order::Order;
use daybook::store::{MemoryStore, blocks};
use futures::executor::block_on;

use crate::support;

#[test]
fn the_store_in_memory_keeps_to_the_contract() {
    block_on(crate::local_store::check(&MemoryStore::default()));
}

#[test]
fn a_block_reads_back_and_a_flipped_bit_is_noticed() {
    let shop = support::Shop::new();
    let desk = shop.tablet();
    for _ in 0..3 {
        desk.sell(1);
    }
    let orders: Vec<Order> = desk.orders();
    let bytes = blocks::encode(&orders.iter().collect::<Vec<_>>());
    assert_eq!(blocks::decode(&bytes), Some(orders));
    for at in [0, 1, 20, 30, bytes.len() - 1] {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert_eq!(blocks::decode(&broken), None, "byte {at}");
    }
    assert_eq!(blocks::decode(&bytes[..10]), None);
}

#[test]
fn a_block_of_the_version_before_reads_as_it_was() {
    let data = |name: &str| std::fs::read(format!("{}/tests/data/blocks/{name}", env!("CARGO_MANIFEST_DIR"))).expect("it is there");
    let orders = blocks::decode(&data("v2.bin")).expect("it reads");
    let stored: Vec<serde_json::Value> = serde_json::from_slice(&data("v2.json")).expect("JSON");
    assert_eq!(orders.len(), stored.len());
    for (order, stored) in orders.iter().zip(stored) {
        let now = serde_json::to_value(order).expect("it writes");
        for (field, was) in stored.as_object().expect("an order") {
            assert_eq!(&now[field], was, "{field}");
        }
    }
}

#[test]
fn what_was_sealed_is_the_same_after_opening_again() {
    let shop = support::Shop::new();
    let desk = shop.tablet();
    for n in 0..600 {
        desk.sell(1 + n % 3);
    }
    desk.sync_all();
    assert!(desk.seal(), "six hundred transactions are worth sealing");
    let digest = desk.full_digest();
    let again = desk.restart();
    assert_eq!(again.full_digest(), digest);
    assert_eq!(again.desk.ledger().columns.len(), 600);
    again.sell(2);
    again.sync_all();
    assert_eq!(again.restart().desk.ledger().columns.len(), 601);
}

#[test]
fn pinyin_initials_find_a_product() {
    use daybook::domain::search::{Index, Initials};
    let initials = Initials::new(daybook::server::cli::gbk);
    assert_eq!(initials.of("春风小铺"), "cfxp");
    let shop = support::Shop::new();
    let desk = shop.tablet();
    let index = Index::build(&desk.desk.ledger().book, &initials);
    for query in ["龙井", "lj", "LONG", "lj-1", "long jing", ""] {
        assert_eq!(index.find(query), [desk.variant()], "{query}");
    }
    assert!(index.find("zzz").is_empty());
    assert_eq!(index.exact(" LJ-1 "), Some(desk.variant()));
}
