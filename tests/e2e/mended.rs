//! A row of the tablet's storage is damaged: what the server has is fetched again by itself, what it has not is kept.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Overwrites the first row of a table with bytes that are none of ours.
const DAMAGE: &str = "return new Promise((done, fail) => { const o = indexedDB.open('daybook'); o.onerror = fail; o.onsuccess = () => { \
    const t = o.result.transaction('tail', 'readwrite'); const s = t.objectStore('tail'); \
    s.getAllKeys().onsuccess = e => { s.put(new Uint8Array([255, 254, 253]), e.target.result[0]); }; \
    t.oncomplete = () => { o.result.close(); done(true); }; t.onerror = fail; } })";

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_is_read_anew_by_itself_and_an_order_that_was_not_sent_is_still_there() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.open_room("/").await;
    let first = a.sell("绿茶", "豆腐").await;
    a.go_offline().await;
    let second = a.sell("红茶", "豆腐").await;
    assert_eq!(a.script(DAMAGE).await, true);
    a.goto("/").await;
    a.until(
        "it is said",
        "const n = document.querySelector('.notice[data-bad]'); return n && n.textContent.includes('read anew')",
    )
    .await;
    assert_eq!(a.waiting().await, 1, "what was not sent is kept");
    a.network(true).await;
    a.goto("/").await;
    a.wait(".tile").await;
    a.sent().await;
    a.open_room("/orders").await;
    a.shows_orders(2).await;
    let mut there = server.numbers().await;
    there.sort();
    assert_eq!(there, [first, second]);
    // From here on it is as if nothing had been.
    a.goto("/orders").await;
    a.shows_orders(2).await;
    a.close().await;
}
