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
    a.hire("小李", "clerk", "1111").await;
    a.hire("王经理", "manager", "2580").await;
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

/// A manager changed two prices away from the network, and is none any more when they arrive: both are refused, and
/// kept. One is asked for again by somebody who may, the other is saved to a file and let go of with a reason.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refused_is_kept_asked_for_again_or_let_go_of_with_a_reason() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    let downloads = tempfile::tempdir().expect("a folder");
    a.downloads_to(downloads.path()).await;
    a.open_room("/settings").await;
    a.hire("王经理", "manager", "2580").await;
    a.sent().await;
    b.open_room("/settings").await;
    b.until("the other tablet knows of it", "return document.body.innerText.includes('王经理')").await;
    a.network(false).await;
    a.be("王经理", "2580").await;
    for (name, price) in [("绿茶", "19"), ("豆腐", "5")] {
        // Without loading the page anew: the tablet stays away, and its till open.
        a.open_room("/stock").await;
        a.click("a[href='/products']").await;
        a.wait(".virtual .row--button:not([data-variant])").await;
        a.click_text(".virtual .row--button", name).await;
        a.fill(".dialog .variant .input--figure", price).await;
        a.click(".dialog form button[type=submit]").await;
        a.until("it is saved", "return !document.querySelector('.dialog')").await;
    }
    // Meanwhile the owner makes a clerk of them.
    b.script(
        "const r = [...document.querySelectorAll('.row')].find(r => r.textContent.includes('王经理')); r.querySelector('button').click()",
    )
    .await;
    b.wait(".dialog select").await;
    b.script(
        "const s = document.querySelector('.dialog select'); s.value = 'clerk'; s.dispatchEvent(new Event('change', {bubbles: true}));",
    )
    .await;
    b.click(".dialog button[type=submit]").await;
    b.until("it is saved", "return !document.querySelector('.dialog')").await;
    b.sent().await;
    a.comes_back().await;
    a.open_room("/work").await;
    a.until("both are kept", "return document.querySelectorAll('[data-refused]').length === 2").await;
    let tray = a.script("return [...document.querySelectorAll('[data-refused]')].map(r => r.textContent).join()").await;
    assert!(tray.as_str().is_some_and(|t| t.contains("绿茶") && t.contains("豆腐")), "{tray}");
    // Whoever is at the till may not, either; the owner may.
    a.click(".status__who").await;
    a.click_text(".dialog .chip", "Owner").await;
    a.click(".dialog button[type=submit]").await;
    a.until("the owner is at the till", "return !document.querySelector('.dialog')").await;
    a.script("const r = [...document.querySelectorAll('[data-refused]')].find(r => r.textContent.includes('绿茶')); r.querySelector('.button--primary').click()").await;
    a.until("one is left", "return document.querySelectorAll('[data-refused]').length === 1").await;
    a.click_text("[data-refused] .button", "Export").await;
    let file = a.downloaded(downloads.path(), ".json").await;
    assert!(std::fs::read_to_string(file).expect("text").contains("role_too_low"));
    a.click_text("[data-refused] .button", "Drop").await;
    a.fill(".dialog .input", "agreed otherwise").await;
    a.click(".dialog button[type=submit]").await;
    a.until("the tray is empty", "return !document.querySelector('[data-refused]')").await;
    a.sent().await;
    let book = server.book().await;
    let price =
        |name: &str| book.products.iter().find(|(_, p)| p.name.contains(name)).map(|(_, p)| p.variants[0].price.0);
    assert_eq!((price("绿茶"), price("豆腐")), (Some(1_900), Some(450)));
    a.close().await;
    b.close().await;
}
