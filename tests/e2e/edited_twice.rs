//! Two people change one customer's card at once: both versions are shown, and either can be chosen.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

impl Tablet {
    async fn edit_phone(&self, phone: &str) {
        self.open_room("/customers").await;
        self.click(".virtual .row--button").await;
        self.fill(".dialog input[type=tel]", phone).await;
        self.click(".dialog button[type=submit]").await;
        self.until("the sheet is closed", "return !document.querySelector('.dialog')").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_of_a_card_are_shown_and_one_is_chosen() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/customers").await;
    a.click(".page__head .button--primary, .empty .button--primary").await;
    a.fill(".dialog input", "李雷").await;
    a.fill(".dialog input[type=tel]", "1").await;
    a.click(".dialog button[type=submit]").await;
    a.sent().await;
    b.open_room("/customers").await;
    b.wait(".virtual .row--button").await;
    for tablet in [&a, &b] {
        tablet.network(false).await;
    }
    a.edit_phone("13800000001").await;
    b.edit_phone("13900000002").await;
    for tablet in [&a, &b] {
        tablet.network(true).await;
        tablet.open_room("/settings").await;
        tablet.click("[data-send-now]").await;
        tablet.sent().await;
    }
    a.open_room("/work").await;
    a.wait("[data-case]").await;
    let both = a.text("[data-case] table").await;
    assert!(both.contains("13800000001") && both.contains("13900000002"), "{both}");
    a.click("[data-put-aside]").await;
    a.until("the case is closed", "return !document.querySelector('[data-case]')").await;
    a.sent().await;
    b.open_room("/customers").await;
    b.until("the chosen one is here", "return document.body.innerText.includes('13800000001')").await;
    a.close().await;
    b.close().await;
}
