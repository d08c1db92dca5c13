//! The store's contract in memory, and the forms of what is kept.

use daybook::actions::Desk;
use daybook::domain::customer::Person;
use daybook::domain::decide::Command;
use daybook::domain::order::{Order, OrderState, VoidReason};
use daybook::domain::shop::location;
use daybook::domain::stock::batch::Lot;
use daybook::domain::stock::document::{Ordered, Supplier};
use daybook::domain::value::money::Minor;
use daybook::domain::value::quantity::Quantity;
use daybook::store::columns::Filter;
use daybook::store::dictionary::Words;
use daybook::store::{LocalStore, MemoryStore, MetaKey, StoreError, Table, WriteBatch, blocks};
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
    let mut words = Words::default();
    let bytes = blocks::encode(&orders.iter().collect::<Vec<_>>(), &mut words);
    assert!(blocks::is_block(&bytes));
    assert_eq!(blocks::decode(&bytes, &words), Some(orders));
    for at in [0, 1, 20, 30, bytes.len() - 1] {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert_eq!(blocks::decode(&broken, &words), None, "byte {at}");
    }
    assert_eq!(blocks::decode(&bytes[..10], &words), None);
    // Of what is not in the list nothing is known.
    assert_eq!(blocks::decode(&bytes, &Words::default()), None);
}

#[test]
fn very_large_orders_share_no_block_that_could_not_be_read_again() {
    let shop = support::Shop::new();
    let desk = shop.tablet();
    let one = desk.order(desk.sell(1));
    let large = Order { note: "x".repeat(9 * 1024 * 1024), ..one.clone() };
    let mixed = [&one, &large, &large, &one, &large];
    let sizes: Vec<usize> = blocks::groups(&mixed).map(<[_]>::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
    for group in blocks::groups(&mixed) {
        let mut words = Words::default();
        let bytes = blocks::encode(group, &mut words);
        assert_eq!(blocks::decode(&bytes, &words).map(|orders| orders.len()), Some(group.len()));
    }
    let many: Vec<&Order> = std::iter::repeat_n(&one, 600).collect();
    assert_eq!(blocks::groups(&many).map(<[_]>::len).collect::<Vec<_>>(), [256, 256, 88]);
    assert_eq!(blocks::groups(&[]).count(), 0);
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
    use daybook::domain::work::search::{Index, Initials};
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

#[test]
fn a_glance_shows_the_newest_orders_as_they_are_and_whatever_writes_reads_the_rest_first() {
    let shop = support::Shop::new();
    let desk = shop.tablet();
    let first = desk.sell(1);
    for n in 0..600 {
        desk.sell(1 + n % 3);
    }
    desk.sync_all();
    assert!(desk.seal());
    let confirmed = desk.sell(1);
    desk.sync_all();
    let unsent = desk.sell(2);
    let newest = |desk: &Desk<MemoryStore, support::Bench>| {
        desk.with_mut(|l| {
            let rows = l.columns.select(&Filter::default());
            rows.into_iter().take(50).filter_map(|row| l.columns.summary(row)).collect::<Vec<_>>()
        })
    };
    let whole = block_on(Desk::open(desk.store.clone(), support::Bench::default())).expect("it opens");
    let glanced = block_on(Desk::glance(desk.store.clone(), support::Bench::default())).expect("it opens");
    assert_eq!(newest(&glanced), newest(&whole));
    assert_eq!(newest(&glanced).iter().map(|s| s.id).take(2).collect::<Vec<_>>(), [unsent, confirmed]);
    assert!(glanced.ledger().book.products.is_empty(), "goods come with the rest");
    let sealed = block_on(Desk::glance(desk.store.clone(), support::Bench::default())).expect("it opens");
    assert_eq!(block_on(sealed.load_orders([first].into_iter())), Ok(()));
    let tablet = desk.over(glanced);
    tablet.act(Command::Void { order: confirmed, reason: VoidReason::Mistake }).expect("it may be voided");
    assert!(!tablet.desk.ledger().book.products.is_empty());
    assert_eq!(tablet.order(confirmed).state, OrderState::Voided);
    assert_eq!(tablet.order(unsent).lines, desk.order(unsent).lines);
    assert_eq!(tablet.restart().full_digest(), tablet.full_digest());
}

/// What the server has, too, is let go of where it cannot be read, and fetched again; the journal, the writer and who
/// the tablet is are never touched, whatever they say.
#[test]
fn a_row_that_cannot_be_read_is_fetched_again_and_nothing_that_only_this_tablet_has_is_lost() {
    let shop = support::Shop::new();
    let (a, b) = (shop.tablet(), shop.tablet());
    a.act(Command::Receive { location: location::FIRST, goods: vec![(a.variant(), Quantity::whole(99))] })
        .expect("goods in");
    let supplier = Supplier { name: "茶农".into(), lead_days: 5, active: true, ..Supplier::default() };
    a.act(Command::SaveSupplier(supplier)).expect("an owner may");
    let supplier = a.desk.ledger().book.suppliers.iter().map(|(id, _)| *id).next().expect("a supplier");
    let lines = vec![Ordered { variant: a.variant(), quantity: Quantity::whole(3), cost: Minor(700) }];
    a.act(Command::Purchase { supplier, location: location::FIRST, lines: lines.clone(), number: String::new() })
        .expect("a good one");
    let purchase = a.desk.ledger().book.documents.iter().map(|(id, _)| *id).next().expect("a document");
    let lot = Lot { code: "L".into(), expires: None };
    a.act(Command::Deliver { purchase, goods: lines, last: true, lots: vec![(a.variant(), lot)] }).expect("it came");
    let person = Person { name: "老王".into(), ..Person::default() };
    a.act(Command::SaveCustomer { customer: None, person, seen: None }).expect("a good card");
    let oversold = a.sell(200);
    for _ in 0..20 {
        a.sell(1);
    }
    a.sync_all();
    block_on(a.desk.seal(true)).expect("memory");
    b.sell(1);
    b.sync_all();
    a.sync_all();
    let waiting = [a.sell(1), a.sell(2)];
    let rows = |store: &MemoryStore, table: Table| block_on(store.read(&[table])).expect("memory").remove(0);
    let untouched = [Table::Out, Table::Claim, Table::Sent, Table::Heard];
    let garbage = vec![0xFF; 9];
    let meta = [MetaKey::Sealed, MetaKey::Settings, MetaKey::Cursor].map(|key| (Table::Meta, key as u64));
    let tables = Table::DERIVED.iter().copied().filter(|t| *t != Table::Heard).map(|t| {
        let first = rows(&a.store, t).first().map(|(key, _)| *key);
        (t, first.unwrap_or_else(|| panic!("there is something in {t:?}")))
    });
    for (table, key) in tables.chain(meta) {
        let store = a.store.copy();
        let mut batch = WriteBatch::strict();
        batch.put(table, key, garbage.clone());
        block_on(store.write(batch)).expect("memory");
        let desk = block_on(Desk::open(store.clone(), support::Bench::default()))
            .unwrap_or_else(|e| panic!("{table:?} {key}: {e}"));
        let tablet = a.with(store.clone(), desk);
        // What opening does not read is noticed when somebody asks for it.
        if let Err(error) = block_on(tablet.desk.load_orders([oversold].into_iter())) {
            assert!(error.can_be_fetched_again(), "{table:?}: {error}");
            block_on(tablet.desk.mend(oversold)).expect("memory");
        }
        assert!(tablet.desk.mended.get(), "{table:?} {key}");
        assert_eq!(tablet.waiting(), 2, "{table:?}");
        for table in untouched {
            assert_eq!(rows(&store, table), rows(&a.store, table), "{table:?}");
        }
        assert_eq!(tablet.order(waiting[1]).lines[0].quantity, Quantity::whole(2));
    }
    // The last of them syncs, and is what it was.
    let last = a.store.copy();
    let mut batch = WriteBatch::strict();
    batch.put(Table::Index, rows(&last, Table::Index)[0].0, garbage.clone());
    block_on(last.write(batch)).expect("memory");
    let desk = block_on(Desk::open(last.clone(), support::Bench::default())).expect("it opens");
    let tablet = a.with(last, desk);
    tablet.sync_all();
    assert_eq!(tablet.waiting(), 0);
    assert_eq!(tablet.full_digest(), shop.digest());
    // What is nowhere else stops it, and stays as it is.
    for (table, key) in [
        (Table::Out, rows(&a.store, Table::Out)[0].0),
        (Table::Meta, MetaKey::Writer as u64),
        (Table::Meta, MetaKey::Identity as u64),
    ] {
        let store = a.store.copy();
        let mut batch = WriteBatch::strict();
        batch.put(table, key, garbage.clone());
        block_on(store.write(batch)).expect("memory");
        let before: Vec<_> = Table::ALL.iter().map(|t| rows(&store, *t)).collect();
        let error = block_on(Desk::open(store.clone(), support::Bench::default())).err().expect("nothing is guessed");
        assert_eq!(error, StoreError::Corrupt { table, key });
        assert_eq!(before, Table::ALL.iter().map(|t| rows(&store, *t)).collect::<Vec<_>>());
    }
}
