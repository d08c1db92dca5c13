//! Import on the screen: issues by line, twice the same file, odd encodings.

use thirtyfour::prelude::*;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_shows_its_issues_and_changes_nothing_the_second_time() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("shopify_products.csv").await;
    a.import("orders_gbk.csv").await;
    a.open_room("/orders").await;
    assert_eq!(a.attribute("[data-count]", "data-count").await, "2");
    a.import("orders_gbk.csv").await;
    assert!(a.text("[data-imported]").await.contains('0'));
    a.open_room("/orders").await;
    assert_eq!(a.attribute("[data-count]", "data-count").await, "2");
    // A workbook, without a network.
    a.ready_for_offline().await;
    a.network(false).await;
    a.import("orders.xlsx").await;
    a.network(true).await;
    a.open_room("/orders").await;
    assert_eq!(a.attribute("[data-count]", "data-count").await, "4");
    a.goto("/import").await;
    a.wait("input[type=file]").await;
    let broken = format!("{}/tests/data/import/broken.csv", env!("CARGO_MANIFEST_DIR"));
    a.page.find(By::Css("input[type=file]")).await.expect("it is there").send_keys(broken).await.expect("a file");
    a.wait("tr[data-severity]").await;
    assert!(a.text("table").await.contains('3'), "the line is named");
    a.close().await;
}
