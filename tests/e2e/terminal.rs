//! Money that a terminal, or a customer's telephone, has to say it gave: written down before it is asked, and asked
//! once.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_shown_with_the_sum_and_a_lost_answer_is_looked_for_before_anybody_pays_again() {
    let server = Server::new();
    let driver = Driver::start();
    let tablet = Tablet::with_goods(&driver, &server).await;
    // The shop's own printed code, once and for all; and cash without small coins.
    tablet.open_room("/settings").await;
    tablet.wait("[data-store-profile] input").await;
    tablet.script("const f = [...document.querySelectorAll('[data-store-profile] .field')].find(f => f.textContent.includes('微信') || f.textContent.includes('WeChat')); f.querySelector('input').dataset.typing = ''").await;
    tablet.fill("[data-typing]", "wxp://f2f0abc").await;
    tablet.click("[data-store-profile] button[type=submit]").await;
    tablet.sent().await;

    tablet.open_room("/").await;
    tablet.click_text(".virtual .tile", "绿茶").await;
    tablet.click("[data-tender=wechat_pay]").await;
    tablet.wait("[data-pay-code] svg").await;
    let number = tablet.attribute("[data-taken]", "data-taken").await;
    assert_eq!(status(&server, &number).await, (1_800, 0, false), "it is written down, and nothing has been paid");
    tablet.click("[data-answer=confirmed]").await;
    tablet.until("the sheet is closed", "return !document.querySelector('[data-answering]')").await;
    tablet.sent().await;
    assert_eq!(status(&server, &number).await, (1_800, 1_800, true));

    // Without a network, too: the answer is lost, and the browser with it.
    tablet.network(false).await;
    tablet.click_text(".virtual .tile", "红茶").await;
    tablet.click("[data-tender=wechat_pay]").await;
    tablet.wait("[data-pay-code] svg").await;
    let number = tablet.attribute("[data-taken]", "data-taken").await;
    let tablet = tablet.kill().start(&driver).await;
    tablet.goto("/work").await;
    tablet.click(&format!("[data-unanswered='{number}']")).await;
    tablet.click("[data-answer=unknown]").await;
    tablet.until("the sheet is closed", "return !document.querySelector('[data-answering]')").await;
    tablet.click(&format!("[data-unanswered='{number}']")).await;
    tablet.click("[data-answer=expired]").await;
    tablet.until("nothing is open", "return !document.querySelector('[data-unanswered]')").await;
    // It has not come; the customer pays in cash, and the goods go along.
    tablet.open_room("/orders").await;
    tablet.click_text(".order-row", &number).await;
    tablet.click("[data-pay]").await;
    tablet.click(".dialog button[type=submit]").await;
    tablet.until("it is paid", "return document.querySelector('[data-state=closed]')").await;
    tablet.sent().await;
    assert_eq!(status(&server, &number).await, (2_250, 2_250, true));
    tablet.close().await;
}

/// Total, what was paid, whether the goods went along.
async fn status(server: &Server, number: &str) -> (i64, i64, bool) {
    loop {
        let book = server.book().await;
        let found = book
            .orders
            .iter()
            .find(|(_, o)| o.number == number)
            .map(|(_, o)| (o.totals.total.0, o.paid().0, o.handed_over.is_some()));
        if let Some(found) = found {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
