//! What every `LocalStore` keeps to. The same sentences are checked natively in memory and in Chromium on IndexedDB.

use daybook::store::{LocalStore, MetaKey, StoreError, Table, WriteBatch};

/// Every rule, on a fresh and empty store.
pub async fn check(store: &impl LocalStore) {
    what_is_written_is_read_back_in_key_order(store).await;
    a_batch_whose_guard_does_not_hold_writes_nothing(store).await;
    what_was_claimed_is_never_claimed_again(store).await;
    deletes_and_clears_go_before_puts(store).await;
    rows_come_in_the_order_asked_for(store).await;
    bytes_come_back_exactly(store).await;
}

async fn what_is_written_is_read_back_in_key_order(store: &impl LocalStore) {
    let mut batch = WriteBatch::strict();
    for key in [300, 2, 10, 1] {
        batch.put(Table::Out, key, vec![key as u8]);
    }
    batch.put_meta(MetaKey::Writer, b"w1".to_vec());
    store.write(batch).await.expect("an empty store takes a batch");
    let read = store.read(&[Table::Out, Table::Meta, Table::Block]).await.expect("it can be read");
    assert_eq!(read[0].iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 10, 300]);
    assert_eq!(read[1], [(MetaKey::Writer as u64, b"w1".to_vec())]);
    assert!(read[2].is_empty());
}

async fn a_batch_whose_guard_does_not_hold_writes_nothing(store: &impl LocalStore) {
    for (guard, expected) in [(Some(b"other".to_vec()), false), (None, false), (Some(b"w1".to_vec()), true)] {
        let mut batch = WriteBatch::strict();
        batch.guards.push((MetaKey::Writer, guard.clone()));
        batch.put(Table::Out, 99, vec![9]);
        let written = store.write(batch).await;
        assert_eq!(written, if expected { Ok(()) } else { Err(StoreError::Stale) }, "{guard:?}");
        let found = store.get(Table::Out, &[99]).await.expect("it can be read");
        assert_eq!(found[0].is_some(), expected, "{guard:?}");
    }
}

async fn what_was_claimed_is_never_claimed_again(store: &impl LocalStore) {
    let claim = |guard: &[u8], key: u64| {
        let mut batch = WriteBatch::strict();
        batch.guards.push((MetaKey::Writer, Some(guard.to_vec())));
        batch.claims.push(key);
        batch.put(Table::Out, 98, vec![key as u8]);
        batch
    };
    let out = async || store.get(Table::Out, &[98]).await.expect("it can be read").remove(0);
    assert_eq!(store.write(claim(b"w1", 1)).await, Ok(()));
    assert_eq!(store.write(claim(b"w1", 2)).await, Ok(()));
    assert_eq!(store.write(claim(b"w1", 1)).await, Err(StoreError::Stale), "somebody went on from there");
    assert_eq!(out().await, Some(vec![2]), "nothing of it was written");
    // Guards alone count where the claim is waived.
    let mut waived = claim(b"w1", 1);
    waived.waive_claims();
    assert_eq!(store.write(waived).await, Ok(()));
    let mut waived = claim(b"other", 3);
    waived.waive_claims();
    assert_eq!(store.write(waived).await, Err(StoreError::Stale));
    assert_eq!(out().await, Some(vec![1]));
    let mut batch = WriteBatch::strict();
    batch.deletes.push((Table::Out, 98));
    store.write(batch).await.expect("it is tidied");
}

async fn deletes_and_clears_go_before_puts(store: &impl LocalStore) {
    let mut batch = WriteBatch::relaxed();
    batch.deletes.push((Table::Out, 99));
    batch.deletes.push((Table::Out, 12_345));
    batch.clears.push(Table::Meta);
    batch.put_meta(MetaKey::Cursor, b"c".to_vec());
    batch.put(Table::Out, 1, vec![7]);
    store.write(batch).await.expect("a mixed batch");
    let read = store.read(&[Table::Out, Table::Meta]).await.expect("it can be read");
    assert_eq!(
        read[0].iter().map(|r| (r.0, r.1.clone())).collect::<Vec<_>>(),
        [(1, vec![7]), (2, vec![2]), (10, vec![10]), (300, vec![44])]
    );
    assert_eq!(read[1], [(MetaKey::Cursor as u64, b"c".to_vec())]);
}

async fn rows_come_in_the_order_asked_for(store: &impl LocalStore) {
    let found = store.get(Table::Out, &[300, 5, 1]).await.expect("it can be read");
    assert_eq!(found, [Some(vec![44]), None, Some(vec![7])]);
    assert!(store.get(Table::Out, &[]).await.expect("nothing asked").is_empty());
    store.write(WriteBatch::strict()).await.expect("an empty batch is no mistake");
}

async fn bytes_come_back_exactly(store: &impl LocalStore) {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut batch = WriteBatch::relaxed();
    batch.put(Table::Block, 0, all.clone());
    batch.put(Table::Block, u64::from(u32::MAX), Vec::new());
    store.write(batch).await.expect("large and empty rows");
    assert_eq!(
        store.get(Table::Block, &[0, u64::from(u32::MAX)]).await.expect("it can be read"),
        [Some(all), Some(Vec::new())]
    );
}
