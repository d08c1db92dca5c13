//! Two tabs of one tablet: either may sell, no number is used twice, each sees what the other did.

use thirtyfour::prelude::*;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_take_orders_in_turn_and_agree() {
    let server = Server::new();
    let driver = Driver::start();
    let tablet = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    tablet.import("market_products.csv").await;
    tablet.open_room("/").await;
    let first = tablet.page.window().await.expect("a window");
    let second = tablet.page.new_tab().await.expect("a second tab");
    tablet.page.switch_to_window(second.clone()).await.expect("it can be shown");
    tablet.goto("/").await;
    let mut numbers = Vec::new();
    for n in 0..6 {
        let window: &WindowHandle = if n % 2 == 0 { &first } else { &second };
        tablet.page.switch_to_window(window.clone()).await.expect("it can be shown");
        numbers.push(tablet.sell("绿茶", "豆腐").await);
    }
    // What one tab puts aside, the other can take up.
    tablet.page.switch_to_window(first.clone()).await.expect("it can be shown");
    tablet.click_text(".virtual .tile", "竹篮").await;
    tablet.click(".cart__head .button:nth-last-child(2)").await;
    tablet.wait(".cart__head [data-held]").await;
    tablet.page.switch_to_window(second.clone()).await.expect("it can be shown");
    tablet.click(".cart__head [data-held]").await;
    tablet.click_text(".dialog .row", "竹篮").await;
    tablet.until("the cart is here", "return document.querySelector('.cart').textContent.includes('竹篮')").await;
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 6);
    for window in [first, second] {
        tablet.page.switch_to_window(window).await.expect("it can be shown");
        tablet.open_room("/orders").await;
        tablet.shows_orders(6).await;
        tablet.sent().await;
    }
    assert_eq!(server.book().await.orders.len(), 6);
    tablet.close().await;
}
