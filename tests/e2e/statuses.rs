//! Every status that a server, a proxy or a hotel's network may answer with: the queue is kept, and goes out
//! afterwards.

use crate::proxy::Proxy;
use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const STATUSES: [u16; 21] =
    [204, 301, 400, 401, 403, 404, 405, 408, 409, 411, 413, 418, 422, 425, 426, 429, 500, 502, 503, 504, 507];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_whole_sync_is_answered_with_nothing_is_lost() {
    let server = Server::new();
    let proxy = Proxy::to(server.port).await;
    let driver = Driver::start();
    let base = format!("http://127.0.0.1:{}", proxy.port);
    let a = Tablet::enrolled(&driver, &base, &server.code()).await;
    a.import("market_products.csv").await;
    a.sent().await;
    a.open_room("/").await;
    let mut taken = Vec::new();
    for status in STATUSES {
        proxy.answer(status);
        taken.push(a.sell("绿茶", "豆腐").await);
        let patience = std::time::Instant::now();
        while proxy.refused() == 0 {
            assert!(patience.elapsed() < crate::tablet::PATIENCE, "{status} was never said");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        a.until("the tablet says so", "return document.querySelector('.status:not([data-link=connected])')").await;
        assert_eq!(a.waiting().await, 1, "{status}: the queue is kept");
        proxy.answer(0);
        // A person looks, and taps "send now"; nobody waits for a minute in a test.
        a.open_room("/settings").await;
        a.click("[data-send-now]").await;
        a.sent().await;
        a.open_room("/").await;
        a.wait(".tile").await;
    }
    let there = server.numbers().await;
    taken.sort();
    assert_eq!(there, taken);
    a.close().await;
}
