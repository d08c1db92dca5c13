//! What two tablets did without knowing of each other, seen to on one screen: a setting changed twice, lines that came
//! after the goods had gone, the same goods taken back twice. And a sum that is rounded for cash, whose every book adds
//! up.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

impl Tablet {
    /// Types into a field of the store's profile.
    async fn type_into_profile(&self, label: &str, text: &str) {
        self.wait("[data-store-profile] .field").await;
        let mark = format!(
            "const f = [...document.querySelectorAll('[data-store-profile] .field')].find(f => f.textContent.trim().startsWith('{label}')); \
             if (!f) return false; f.querySelector('input').dataset.own = ''; return true"
        );
        self.until(label, &mark).await;
        self.fill("[data-own]", text).await;
        self.script("delete document.querySelector('[data-own]').dataset.own").await;
    }

    async fn save_profile(&self) {
        self.click("[data-store-profile] button[type=submit]").await;
        self.until("it is saved", "return !!document.querySelector('.notice')").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_changed_by_two_is_shown_with_both_sides_and_the_other_can_be_taken() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    for (tablet, address) in [(&a, "North Road 1"), (&b, "South Road 2")] {
        tablet.open_room("/settings").await;
        tablet.network(false).await;
        tablet.type_into_profile("Address", address).await;
        tablet.save_profile().await;
    }
    a.comes_back().await;
    b.comes_back().await;
    a.open_room("/work").await;
    let case = a.text("[data-case]").await;
    assert!(case.contains("North Road 1") && case.contains("South Road 2"), "{case}");
    assert_eq!(server.book().await.profile().address, "South Road 2", "the later counts until somebody says otherwise");
    a.click("[data-put-aside]").await;
    a.until("the case is closed", "return !document.querySelector('[data-case]')").await;
    a.sent().await;
    assert_eq!(server.book().await.profile().address, "North Road 1");
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_for_goods_that_had_gone_become_an_order_of_their_own_and_goods_come_back_once() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/").await;
    a.click_text(".virtual .tile", "绿茶").await;
    a.click(".cart__details").await;
    a.click_text(".dialog .chip", "Phone").await;
    a.type_in("Name", "李雷").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click(".pay__main").await;
    let number = a.attribute("[data-taken]", "data-taken").await;
    a.sent().await;
    b.open_order(&number).await;
    for tablet in [&a, &b] {
        tablet.network(false).await;
    }
    // B hands it over; A, who cannot know, makes it three.
    for step in ["confirm", "hand_over"] {
        b.click(&format!("[data-step={step}]")).await;
    }
    b.wait("[data-state=handed_over]").await;
    a.open_order(&number).await;
    a.click("[data-edit]").await;
    a.fill("[data-edit-line='0'] .stepper input", "3").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    b.comes_back().await;
    a.comes_back().await;
    a.open_room("/work").await;
    a.click("[data-take-late]").await;
    a.wait(".cart__details").await;
    a.until("two are in the cart", "return document.querySelector('.cart').textContent.includes('36')").await;
    a.click(".pay__main").await;
    let second = a.attribute("[data-taken]", "data-taken").await;
    assert_ne!(second, number);
    a.sent().await;
    // The first comes back: on both tablets, though it was one.
    for tablet in [&a, &b] {
        tablet.open_order(&number).await;
        tablet.wait("[data-return]").await;
        tablet.network(false).await;
    }
    for tablet in [&a, &b] {
        tablet.click("[data-return]").await;
        tablet.click("[data-return-go]").await;
        tablet.sheet_is_closed().await;
    }
    a.comes_back().await;
    b.comes_back().await;
    b.open_room("/work").await;
    let case = b.text("[data-case]").await;
    assert!(case.contains(&number), "{case}");
    let book = server.book().await;
    let order = book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is there");
    assert_eq!((order.returned.len(), order.charged().0), (1, 0));
    let tea = order.lines[0].variant.expect("tea");
    assert_eq!(book.level((tea, order.location)).on_hand.0, 50_000, "what came back is on the shelf once");
    b.click_text("[data-case] .button--small", "Done").await;
    b.until("the case is closed", "return !document.querySelector('[data-case]')").await;
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_is_rounded_for_cash_and_order_till_and_report_say_the_same() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.ready_for_offline().await;
    a.open_room("/settings").await;
    a.wait("[data-store-profile] select").await;
    let to_the_yuan = "const s = document.querySelector('[data-store-profile] select'); s.value = '100'; s.dispatchEvent(new Event('change', { bubbles: true })); \
                       const d = [...document.querySelectorAll('[data-store-profile] .check')].find(c => c.textContent.includes('Always down')).querySelector('input'); d.click(); return true";
    a.script(to_the_yuan).await;
    a.save_profile().await;
    a.sent().await;
    a.network(false).await;
    a.open_till("0").await;
    a.open_room("/").await;
    let number = a.sell("绿茶", "豆腐").await;
    a.open_room("/reports").await;
    assert_eq!(a.attribute("[data-expected]", "data-expected").await, "2200", "22.50, rounded down");
    assert_eq!(a.attribute("[data-report=all]", "data-minor").await, "2200");
    assert_eq!(a.attribute("[data-tender=cash]", "data-minor").await, "2200");
    a.comes_back().await;
    let book = server.book().await;
    let order = book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is there");
    assert_eq!((order.totals.adjustment.0, order.totals.total.0, order.due().0), (-50, 2_200, 0));
    assert_eq!(order.taxes().iter().map(|t| t.net.0 + t.tax.0).sum::<i64>(), 2_200);
    a.close().await;
}
