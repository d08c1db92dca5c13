//! A tablet that does not come back: its recovery file is taken in on another one, and each order arrives once.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_file_brings_unsent_orders_to_another_tablet_once() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    let downloads = tempfile::tempdir().expect("a folder");
    a.downloads_to(downloads.path()).await;
    a.open_room("/").await;
    a.network(false).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(a.sell("绿茶", "豆腐").await);
    }
    a.open_room("/settings").await;
    a.fill("input[type=password]", "短").await;
    a.click("[data-recovery-save]").await;
    a.wait(".notice[data-bad]").await;
    a.fill("input[type=password]", "market day 2026").await;
    a.click("[data-recovery-save]").await;
    let file = a.downloaded(downloads.path(), ".age").await;
    assert!(std::fs::read(&file).expect("a file").starts_with(b"age-encryption.org/v1\n"));

    b.open_room("/settings").await;
    b.fill("input[type=password]", "market day 2026").await;
    b.choose("[data-recovery-take]", &file).await;
    b.sent().await;
    b.open_room("/orders").await;
    b.shows_orders(3).await;
    // The tablet comes back after all.
    a.network(true).await;
    a.click("[data-send-now]").await;
    a.sent().await;
    let there = server.numbers().await;
    assert_eq!(there, taken);
    assert_eq!(a.levels().await, b.levels().await);
    a.close().await;
    b.close().await;
}
