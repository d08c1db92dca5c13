//! A day at the till without a network: open, sell, take cash out, count, close; the figures agree everywhere.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_till_is_opened_sold_from_counted_and_closed_offline_and_the_other_tablet_agrees() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.go_offline().await;
    a.open_till("100").await;
    a.open_room("/").await;
    // 18.00 + 4.50 in cash, twice.
    a.sell("绿茶", "豆腐").await;
    a.sell("绿茶", "豆腐").await;
    a.open_room("/reports").await;
    assert_eq!(a.attribute("[data-expected]", "data-expected").await, "14500");
    assert_eq!(a.attribute("[data-report=all]", "data-minor").await, "4500");
    a.click("[data-till-move]").await;
    // A nought too many is asked about.
    a.fill(".dialog .input--figure", "200").await;
    a.click("[data-paid-out]").await;
    a.wait(".dialog .trouble").await;
    a.fill(".dialog .input--figure", "20").await;
    a.fill(".dialog .input:not(.input--figure)", "进货").await;
    a.click("[data-paid-out]").await;
    a.sheet_is_closed().await;
    assert_eq!(a.attribute("[data-expected]", "data-expected").await, "12500");
    a.click("[data-till-count]").await;
    a.fill("[data-worth='10000']", "1").await;
    a.fill("[data-worth='2000']", "1").await;
    a.click("[data-till-close]").await;
    assert_eq!(a.attribute("[data-z-difference]", "data-z-difference").await, "-500");
    assert_eq!(a.attribute("[data-z-expected]", "data-z-expected").await, "12500");
    a.click(".dialog__head .button--bare").await;
    a.wait("[data-till-open]").await;

    let book = server.book().await;
    assert!(book.tills.is_empty(), "nothing was sent");
    a.comes_back().await;
    let book = server.book().await;
    let till = book.tills.iter().map(|(_, t)| t.clone()).next().expect("a till");
    assert_eq!(till.closings[0].difference().0, -500);
    b.open_room("/reports").await;
    b.until(
        "B knows of the sales",
        "const r = document.querySelector('[data-report=all]'); return r && r.dataset.minor === '4500'",
    )
    .await;
    a.close().await;
    b.close().await;
}
