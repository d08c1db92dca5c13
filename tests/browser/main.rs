//! In headless Chromium: the store's contract on IndexedDB, and what only a browser can show.

#![cfg(target_arch = "wasm32")]

#[path = "../contract/local_store.rs"]
mod local_store;
#[path = "../contract/mirror.rs"]
mod mirror;

use daybook::platform::mirror::BrowserMirror;
use daybook::store::indexed_db::IndexedDb;
use daybook::store::{LocalStore, MetaKey, Table, WriteBatch};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A name that no other test uses.
fn name(of: &str) -> String {
    format!("test-{of}-{}", js_sys::Date::now())
}

#[wasm_bindgen_test]
async fn indexed_db_keeps_to_the_contract() {
    let store = IndexedDb::open(&name("contract")).await.expect("Chromium keeps data");
    local_store::check(&store).await;
}

#[wasm_bindgen_test]
async fn the_browsers_cache_keeps_to_the_contract_of_a_mirror() {
    mirror::check(&BrowserMirror::default()).await;
}

#[wasm_bindgen_test]
async fn a_tab_gives_way_to_a_newer_version_and_says_so() {
    let name = name("version");
    let store = IndexedDb::open(&name).await.expect("it opens");
    let factory = web_sys::window().and_then(|w| w.indexed_db().ok()).flatten().expect("Chromium has it");
    let newer = factory.open_with_u32(&name, 1_000).expect("it is asked for");
    let opened = js_sys::Promise::new(&mut |done, failed| {
        newer.set_onsuccess(Some(&done));
        newer.set_onerror(Some(&failed));
    });
    wasm_bindgen_futures::JsFuture::from(opened).await.expect("the newer one does not wait");
    assert_eq!(store.read(&[Table::Meta]).await, Err(daybook::store::StoreError::Superseded));
}

#[wasm_bindgen_test]
async fn what_was_written_is_there_for_the_next_page() {
    let name = name("reopen");
    {
        let store = IndexedDb::open(&name).await.expect("it opens");
        let mut batch = WriteBatch::strict();
        batch.put(Table::Out, 7, b"order".to_vec());
        batch.put_meta(MetaKey::Writer, b"w".to_vec());
        store.write(batch).await.expect("it is written");
    }
    let store = IndexedDb::open(&name).await.expect("it opens again");
    assert_eq!(store.get(Table::Out, &[7]).await.expect("it reads"), [Some(b"order".to_vec())]);
}

#[wasm_bindgen_test]
async fn of_two_tabs_that_write_at_once_one_is_told_to_look_again() {
    let name = name("tabs");
    let (one, two) = (IndexedDb::open(&name).await.expect("it opens"), IndexedDb::open(&name).await.expect("it opens"));
    let batch = |mark: u8| {
        let mut batch = WriteBatch::strict();
        batch.guards.push((MetaKey::Writer, None));
        batch.put_meta(MetaKey::Writer, vec![mark]);
        batch.put(Table::Out, 1, vec![mark]);
        batch
    };
    let (a, b) = futures::join!(one.write(batch(1)), two.write(batch(2)));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let winner = if a.is_ok() { 1 } else { 2 };
    assert_eq!(one.get(Table::Out, &[1]).await.expect("it reads"), [Some(vec![winner])]);
}

#[wasm_bindgen_test]
fn money_is_written_to_the_last_digit_beyond_two_to_the_53() {
    use daybook::domain::value::money::{Currency, Minor};
    let text = daybook::platform::intl::money("en-GB", Currency::CNY, false, Minor(900_719_925_474_099_301));
    assert!(text.ends_with("9,007,199,254,740,993.01"), "{text}");
}

#[wasm_bindgen_test]
fn pinyin_initials_come_from_the_browsers_own_tables() {
    let initials = daybook::domain::work::search::Initials::new(daybook::platform::files::gbk);
    assert_eq!(initials.of("龙井茶 Longjing 阿座"), "ljcaz");
}
