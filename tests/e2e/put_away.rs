//! A tablet that is put away seals what the day left, so that the next morning's opening does not fold it.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_that_is_put_away_seals_what_the_day_left_and_goes_on_selling() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.sell_many("绿茶", 70).await;
    assert!(
        a.rows_of("tail").await > 0 && a.rows_of("block").await == 0,
        "nothing is sealed while the page is looked at"
    );
    a.put_away().await;
    a.sealed().await;
    a.goto("/").await;
    let last = a.sell("绿茶", "豆腐").await;
    a.sent().await;
    a.open_room("/orders").await;
    a.shows_orders(71).await;
    let numbers = server.numbers().await;
    assert!(numbers.len() == 71 && numbers.contains(&last), "{numbers:?}");
    a.close().await;
}
