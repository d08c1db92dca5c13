//! A server that is put back to a backup which is fifty orders old gets them again, each once.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_orders_that_a_restored_server_lacks_come_back_from_the_tablets() {
    let mut server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/").await;
    let mut taken = Vec::new();
    for _ in 0..5 {
        taken.push(a.sell("绿茶", "豆腐").await);
        taken.push(b.sell("红茶", "年糕").await);
    }
    a.sent().await;
    b.sent().await;
    let backup = server.data.path().join("ten-orders.sqlite");
    let said = server.command(&["backup", "--to", &backup.to_string_lossy()]);
    assert!(said.contains("read back and audited"), "{said}");
    for _ in 0..25 {
        taken.push(a.sell("茶杯", "木勺").await);
        taken.push(b.sell("瓷碗", "陈醋").await);
    }
    a.sent().await;
    b.sent().await;
    server.kill();
    server.command(&["restore", &backup.to_string_lossy()]);
    server.start_again();
    for tablet in [&a, &b] {
        tablet.open_room("/settings").await;
        tablet.click("[data-send-now]").await;
        tablet.sent().await;
        tablet.open_room("/orders").await;
        tablet.shows_orders(60).await;
    }
    let there = server.numbers().await;
    taken.sort();
    assert_eq!(there, taken);
    assert_eq!(a.levels().await, b.levels().await);
    server.command(&["audit"]);
    a.close().await;
    b.close().await;
}
