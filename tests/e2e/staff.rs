//! A clerk, a manager and their PINs, at the till and without a network.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

impl Tablet {
    async fn hire(&self, name: &str, role: &str, pin: &str) {
        self.click("[data-add-staff]").await;
        self.wait(".dialog form").await;
        self.fill(".dialog input:not([type=password]):not([type=checkbox])", name).await;
        self.script(&format!("const s = document.querySelector('.dialog select'); s.value = '{role}'; s.dispatchEvent(new Event('change', {{bubbles: true}}));")).await;
        self.fill(".dialog input[type=password]", pin).await;
        self.click(".dialog button[type=submit]").await;
        self.until("the dialog is gone", "return !document.querySelector('.dialog')").await;
    }

    async fn be(&self, name: &str, pin: &str) {
        self.click(".status__who").await;
        self.click_text(".dialog .chip", name).await;
        self.fill(".dialog input[type=password]", pin).await;
        self.click(".dialog button[type=submit]").await;
        self.until("the till changed hands", "return !document.querySelector('.dialog')").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_gives_money_back_only_when_a_manager_types_a_pin() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("market_products.csv").await;
    a.ready_for_offline().await;
    a.open_room("/settings").await;
    a.hire("小李", "Clerk", "1111").await;
    a.hire("王经理", "Manager", "2580").await;
    a.sent().await;
    a.network(false).await;
    a.be("小李", "1111").await;
    assert!(a.text(".status__who").await.contains("小李"));
    a.open_room("/").await;
    let number = a.sell("绿茶", "豆腐").await;
    // Undoing a paid sale gives money back; a clerk alone may not.
    a.click("[data-undo]").await;
    a.wait("[data-who]").await;
    a.fill(".dialog input[type=password]", "0000").await;
    a.click(".dialog button[type=submit]").await;
    a.wait(".dialog .trouble").await;
    a.fill(".dialog input[type=password]", "2580").await;
    a.click(".dialog button[type=submit]").await;
    a.until("nobody is asked any more", "return !document.querySelector('[data-who]')").await;
    // After a restart the till is locked until its clerk is back.
    a.goto("/orders").await;
    a.wait("[data-who]").await;
    a.script("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })); window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))").await;
    a.wait("[data-who]").await;
    a.fill(".dialog input[type=password]", "1111").await;
    a.click(".dialog button[type=submit]").await;
    a.until("it is open", "return !document.querySelector('[data-who]')").await;
    a.network(true).await;
    a.sent().await;
    let book = server.book().await;
    let order = book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is there");
    assert_eq!((order.paid().0, order.refunds.len()), (0, 1));
    a.close().await;
}
