//! A browser that throws the database and its mirror away: the tablet says what is missing instead of beginning as if
//! nothing had been.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_database_is_noticed_and_said() {
    let mut server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("market_products.csv").await;
    a.open_room("/").await;
    a.sell("绿茶", "豆腐").await;
    a.sent().await;
    // The server, not the tablet's network: a page that is left may send its last request without the emulated cut.
    server.kill();
    a.sell("绿茶", "豆腐").await;
    a.sell("红茶", "豆腐").await;
    assert_eq!(a.waiting().await, 2);
    a.page.goto("about:blank").await.expect("it opens");
    a.evict().await;
    server.start_again();
    a.goto("/").await;
    assert_eq!(a.attribute("[data-vanished]", "data-vanished").await, "2");
    let said = a.text("[data-vanished]").await;
    assert!(said.contains("A") && said.contains('3'), "which letter, which number: {said}");
    // Under a new identity it goes on; the letter is another one, so no number is printed twice.
    a.fill(".enrol input", &server.code()).await;
    a.click(".enrol button[type=submit]").await;
    a.wait(".shell").await;
    a.wait(".tile").await;
    let number = a.sell("绿茶", "豆腐").await;
    assert!(number.starts_with("B-"), "{number}");
    a.sent().await;
    // Everything that a page can write is gone; the server knows all the same which tablet this was, and how far it has
    // it.
    a.page.goto("about:blank").await.expect("it opens");
    a.evict_all().await;
    a.goto("/").await;
    assert_eq!(a.attribute("[data-was]", "data-was").await, "B");
    assert!(a.text("[data-was]").await.contains('1'));
    a.close().await;
}
