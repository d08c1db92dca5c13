//! Three tabs, of which the one that syncs is frozen: another takes over within twenty seconds.

use std::time::{Duration, Instant};

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_leader_is_replaced_within_twenty_seconds() {
    let server = Server::new();
    let driver = Driver::start();
    let tablet = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    tablet.import("market_products.csv").await;
    tablet.sent().await;
    let leader = tablet.page.window().await.expect("a window");
    let mut others = Vec::new();
    for _ in 0..2 {
        let tab = tablet.page.new_tab().await.expect("a tab");
        tablet.page.switch_to_window(tab.clone()).await.expect("it can be shown");
        tablet.goto("/").await;
        tablet.wait(".tile").await;
        others.push(tab);
    }
    tablet.page.switch_to_window(leader).await.expect("it can be shown");
    tablet.freeze().await;
    let frozen = Instant::now();
    tablet.page.switch_to_window(others[0].clone()).await.expect("it can be shown");
    let number = tablet.sell("绿茶", "豆腐").await;
    loop {
        let there = server.numbers().await;
        if there == [number.clone()] {
            break;
        }
        assert!(frozen.elapsed() < Duration::from_secs(20), "nobody took over");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tablet.sent().await;
    tablet.close().await;
}
