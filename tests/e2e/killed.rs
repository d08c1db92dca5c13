//! Fifty kills at moments that nobody chose: what the screen called taken is there, and nothing is there twice.

use std::collections::HashSet;
use std::time::Duration;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Moments differ from run to run; the rule holds at all of them.
fn moment(most_ms: u64) -> Duration {
    Duration::from_micros(
        u64::from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos()))
            % (most_ms * 1000),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_of_the_browser_lose_no_order_that_was_called_taken() {
    let server = Server::new();
    let driver = Driver::start();
    let mut tablet = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    tablet.import("market_products.csv").await;
    tablet.ready_for_offline().await;
    let mut taken = Vec::new();
    for round in 0..50 {
        // Every other life is lived without a network.
        tablet.network(round % 2 == 0).await;
        tablet.open_room("/").await;
        taken.push(tablet.sell("绿茶", "豆腐").await);
        tablet.begin_to_sell("红茶").await;
        tokio::time::sleep(moment(60)).await;
        tablet = tablet.kill().start(&driver).await;
        tablet.goto("/").await;
        tablet.wait(".tile").await;
        if tablet.script("return !!document.querySelector('.cart__line')").await == true {
            // The cart that was under way is here again; it is sold now.
            let before = taken.len();
            tablet.click("[data-tender=cash]").await;
            taken.push(tablet.attribute("[data-taken]", "data-taken").await);
            assert_eq!(taken.len(), before + 1);
        }
    }
    tablet.sent().await;
    let there = server.numbers().await;
    let unique: HashSet<&String> = there.iter().collect();
    assert_eq!(unique.len(), there.len(), "a number twice");
    for number in &taken {
        assert!(unique.contains(number), "{number} was called taken and is gone");
    }
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), taken.len(), "a number was given twice");
    tablet.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_tablets_send_loses_and_doubles_nothing() {
    let mut server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/").await;
    let mut taken = Vec::new();
    for _ in 0..15 {
        taken.push(a.sell("绿茶", "豆腐").await);
        taken.push(b.sell("红茶", "年糕").await);
        // The round that this woke is somewhere between the tablet and the disk.
        tokio::time::sleep(moment(12)).await;
        server.kill();
        server.start_again();
    }
    for tablet in [&a, &b] {
        tablet.open_room("/orders").await;
        tablet.shows_orders(30).await;
        tablet.sent().await;
    }
    let there = server.numbers().await;
    taken.sort();
    assert_eq!(there, taken);
    server.command(&["audit"]);
    a.close().await;
    b.close().await;
}
