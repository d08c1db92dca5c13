//! A server that does not know the tablet any more: the queue is kept, and goes along to the new one.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_keeps_the_queue_until_the_tablet_is_enrolled_again() {
    let mut server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("market_products.csv").await;
    a.sent().await;
    a.open_room("/").await;
    server.kill();
    let number = a.sell("绿茶", "豆腐").await;
    server.start_empty();
    a.open_room("/settings").await;
    a.click("[data-send-now]").await;
    a.until("the tablet says what is wrong", "return document.querySelector('.settings .trouble')").await;
    assert_eq!(a.waiting().await, 1);
    a.click(".settings .trouble button").await;
    a.fill(".enrol input", &server.code()).await;
    a.click(".enrol button[type=submit]").await;
    a.wait(".shell").await;
    a.sent().await;
    let there = server.numbers().await;
    assert_eq!(there, [number]);
    a.close().await;
}
