//! A full device and a browser that keeps nothing: what could not be kept is said not to be, and the cart stays.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_kept_is_not_called_taken_and_its_cart_stays() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("market_products.csv").await;
    a.sent().await;
    // Chromium remembers for half a minute how much room it found, so the room has to be gone before it looks.
    let a = a.kill().start(&driver).await;
    a.quota(Some(1)).await;
    a.goto("/").await;
    a.click_text(".virtual .tile", "绿茶").await;
    a.click("[data-tender=cash]").await;
    a.wait(".notice[data-bad]").await;
    assert_eq!(a.script("return document.querySelectorAll('[data-taken]').length").await, 0);
    assert!(a.text(".cart").await.contains("绿茶"), "the cart is kept");
    a.quota(None).await;
    a.click("[data-tender=cash]").await;
    assert_eq!(a.attribute("[data-taken]", "data-taken").await, "A-1", "the number was not used up");
    a.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_nothing_takes_no_orders_and_says_why() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::new(&driver, &server.address()).await;
    a.before_every_page("Object.defineProperty(window, 'indexedDB', { get: () => null })").await;
    a.goto("/").await;
    a.wait(".stop button").await;
    assert_eq!(a.script("return document.querySelectorAll('.tile, .enrol').length").await, 0);
    a.close().await;
}
