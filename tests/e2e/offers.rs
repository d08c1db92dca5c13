//! Price lists and promotions are set on one tablet and counted on another that has no network.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

async fn save(tablet: &Tablet) {
    tablet.click(".dialog button[type=submit]").await;
    tablet.until("the sheet is closed", "return !document.querySelector('.dialog')").await;
}

async fn total(tablet: &Tablet, wanted: &str) {
    let script = format!("return document.querySelector('[data-total]').textContent.includes('{wanted}')");
    tablet.until(&format!("the total is {wanted}"), &script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_of_a_group_and_promotions_are_counted_without_a_network_and_printed() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    b.ready_for_offline().await;
    a.open_room("/customers").await;
    a.click(".page__head .button--primary").await;
    a.type_in("Name", "陈记小吃").await;
    save(&a).await;
    a.click_text(".row--button", "陈记小吃").await;
    a.type_in("Customer group", "Trade").await;
    a.click("[data-limit]").await;
    a.open_room("/settings").await;
    a.click("[data-add-list]").await;
    a.type_in("Name", "Trade prices").await;
    a.click("[data-scope=all]").await;
    a.type_in("Price", "10%").await;
    a.type_in("Customer groups", "Trade").await;
    save(&a).await;
    a.wait("[data-price-list='Trade prices']").await;
    a.click("[data-add-promotion]").await;
    a.type_in("Name", "Three for two").await;
    a.click_text(".dialog .chip", "Buy some, get some").await;
    a.click_text(".dialog .chip", "Category Tea").await;
    save(&a).await;
    a.wait("[data-promotion='Three for two']").await;
    a.sent().await;
    b.until("the offers are here", "return !document.querySelector('[data-waiting]')").await;
    b.open_room("/settings").await;
    b.wait("[data-promotion='Three for two']").await;
    b.wait("[data-price-list='Trade prices']").await;
    b.network(false).await;
    b.goto("/").await;
    for _ in 0..3 {
        b.click_text(".virtual .tile", "绿茶").await;
    }
    // Three at 18.00, of which one is given.
    total(&b, "36.00").await;
    b.wait(".cart__line [data-offer='Three for two']").await;
    b.click(".cart__details").await;
    b.type_in("Find a customer", "陈记").await;
    b.click_text(".dialog .row--button", "陈记小吃").await;
    save(&b).await;
    total(&b, "32.40").await;
    b.wait(".cart__line [data-offer='Trade prices']").await;
    b.click("[data-tender=cash]").await;
    let number = b
        .until("the order is taken", "const t = document.querySelector('[data-taken]'); return t && t.dataset.taken")
        .await;
    let number = number.as_str().expect("a number").to_owned();
    b.network(true).await;
    b.sent().await;
    a.open_room("/orders").await;
    a.click(&format!(".order-row[data-number='{number}']")).await;
    a.wait("[data-offer='Three for two']").await;
    a.wait("[data-offer='Trade prices']").await;
    let sums = a.text(".sums").await;
    assert!(sums.contains("32.40") && sums.contains("16.20"), "{sums}");
}
