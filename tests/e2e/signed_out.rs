//! A tablet that is signed out: not while something waits, and then nothing of the store is left on it.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_signs_out_only_when_all_is_sent_and_reads_anew_without_losing_anything() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.network(false).await;
    a.open_room("/").await;
    a.sell("绿茶", "豆腐").await;
    a.open_room("/settings").await;
    a.click("[data-sign-out]").await;
    a.click("[data-sign-out-sure]").await;
    a.wait(".dialog .trouble").await;
    a.click(".dialog__head .button--bare").await;
    a.network(true).await;
    a.click("[data-send-now]").await;
    a.sent().await;

    a.click("[data-read-anew]").await;
    a.open_room("/orders").await;
    a.shows_orders(1).await;

    a.open_room("/settings").await;
    a.click("[data-sign-out]").await;
    a.click("[data-sign-out-sure]").await;
    a.wait(".enrol input").await;
    let left = a.script("return localStorage.getItem('daybook.marker')").await;
    assert!(left.is_null(), "nothing is missed");
    assert!(server.command(&["tablets"]).contains("shut out"), "its token is worth nothing");
    a.enrol(&server.code()).await;
    a.open_room("/orders").await;
    a.shows_orders(1).await;
    a.close().await;
}
