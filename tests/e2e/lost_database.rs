//! The browser loses its database by itself, and the tablet goes on as who it was.

use std::fs;
use std::path::Path;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// The database's log as a kill leaves it that comes between the two writes of a record: its head is there, and its
/// body is not. LevelDB writes on behind it, and cannot read what it wrote at the opening after the next.
fn tear(profile: &Path) {
    const BLOCK: usize = 32 * 1024;
    // A checksum, a length of 200, and "all of it".
    const HEAD: [u8; 7] = [1, 2, 3, 4, 200, 0, 1];
    let databases = fs::read_dir(profile.join("Default/IndexedDB")).expect("a profile with a database").flatten();
    let files =
        databases.flat_map(|folder| fs::read_dir(folder.path()).expect("a folder").flatten()).map(|file| file.path());
    let log = files.filter(|path| path.extension().is_some_and(|e| e == "log")).max().expect("a log");
    let mut bytes = fs::read(&log).expect("it is read");
    let left = BLOCK - bytes.len() % BLOCK;
    if left < HEAD.len() {
        bytes.resize(bytes.len() + left, 0);
    }
    bytes.extend(HEAD);
    fs::write(&log, bytes).expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_the_browser_loses_costs_no_order_and_no_number_is_given_twice() {
    let mut server = Server::new();
    let driver = Driver::start();
    let tablet = Tablet::with_goods(&driver, &server).await;
    tablet.open_room("/").await;
    let mut taken = vec![tablet.sell("绿茶", "豆腐").await];
    tablet.sent().await;
    server.kill();
    taken.push(tablet.sell("绿茶", "豆腐").await);
    tablet.mirrored().await;
    let stopped = tablet.kill();
    tear(stopped.profile());
    let tablet = stopped.start(&driver).await;
    tablet.goto("/").await;
    tablet.wait("[data-waiting]").await;
    taken.push(tablet.sell("红茶", "豆腐").await);
    taken.push(tablet.sell("红茶", "绿茶").await);
    tablet.mirrored().await;
    tablet.goods_kept().await;
    // The opening at which the browser begins with an empty database, still without a network.
    let tablet = tablet.stop().await.start(&driver).await;
    tablet.goto("/").await;
    tablet.wait(".shell").await;
    // What was sent and not tidied out of the mirror yet is sent once more, and known there.
    let waiting = tablet.waiting().await;
    let said = tablet.text(".notice").await;
    assert!(waiting >= 3 && said.contains(&waiting.to_string()), "what was kept is said: {waiting}, {said}");
    // Goods and whoever sells them were kept, too.
    taken.push(tablet.sell("绿茶", "红茶").await);
    server.start_again();
    tablet.sent().await;
    taken.push(tablet.sell("绿茶", "豆腐").await);
    tablet.sent().await;
    taken.sort();
    assert_eq!(server.numbers().await, taken);
    assert!(taken.iter().all(|number| number.starts_with("A-")), "{taken:?}");
    server.command(&["audit"]);
    tablet.close().await;
}
