//! Bought, labelled, sold, counted: a purchase with its cost, labels for what came, the Z report with its tax, all of
//! it printed.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Remembers what the printer was given, because no printer is here.
const PRINTS: &str = "window.prints = []; window.print = () => { const p = document.querySelector('.paper, .slip'); window.prints.push([p.className, p.textContent, p.querySelectorAll('svg').length]); window.dispatchEvent(new Event('afterprint')); }";

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_bought_in_two_parts_labelled_sold_and_every_figure_follows() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.before_every_page(PRINTS).await;
    a.ready_for_offline().await;
    a.sent().await;
    // The store's usual tax, so that there is some.
    a.goto("/settings").await;
    a.click_text(".panel .button", "Add a rate").await;
    a.type_in("Name", "VAT").await;
    a.type_in("Rate", "13").await;
    a.click(".dialog button[type=submit]").await;
    a.click_text(".panel .button--small", "Make usual").await;
    a.until(
        "it is the usual one",
        "return !![...document.querySelectorAll('.badge')].find(b => b.textContent === 'Usual')",
    )
    .await;
    a.sent().await;
    a.network(false).await;
    a.open_room("/stock").await;
    a.click("a[href='/stock/purchases']").await;
    a.click("[data-add-supplier]").await;
    a.type_in("Name", "Tea farm").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click_text(".page__head .button--primary", "New purchase").await;
    a.fill("[data-add-goods]", "绿茶").await;
    a.click("[data-found]").await;
    let mark = "const g = document.querySelectorAll('[data-goods] input'); if (g.length < 2) return false; g[0].dataset.own = 'quantity'; g[1].dataset.own = 'cost'; return true";
    a.until("its fields", mark).await;
    a.fill("[data-own=quantity]", "20").await;
    a.fill("[data-own=cost]", "6").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-purchase]").await;
    // Twelve come, with labels; then the rest.
    a.click("[data-take-in]").await;
    a.until("its fields", mark).await;
    a.fill("[data-own=quantity]", "12").await;
    a.click_text(".dialog .check", "Print labels").await;
    a.click(".dialog button[type=submit]").await;
    let labels = a.until("labels are printed", "return window.prints[0]").await;
    assert!(labels[0].as_str().is_some_and(|c| c.contains("labels")), "{labels}");
    assert!(labels[1].as_str().is_some_and(|t| t.matches("绿茶").count() == 12), "{labels}");
    assert_eq!(labels[2], 12, "a barcode on each");
    a.click("[data-take-in]").await;
    a.click(".dialog button[type=submit]").await;
    a.until("it is complete", "return !document.querySelector('[data-take-in]')").await;
    a.open_room("/stock").await;
    // Seventy at six each: what was there before is taken to cost what the first that came did.
    a.wait("[data-stock-value='42000']").await;

    a.open_till("0").await;
    a.open_room("/").await;
    a.sell("绿茶", "绿茶").await;
    a.open_room("/reports").await;
    // 36.00 with 13 % inside: 4.14; two teas at six each.
    assert_eq!(a.attribute("[data-rate='1300']", "data-tax").await, "414");
    assert_eq!(a.attribute("[data-margin]", "data-margin").await, (3_600 - 414 - 1_200).to_string());
    a.click("[data-till-count]").await;
    a.fill("[data-worth='1000']", "3").await;
    a.fill("[data-worth='100']", "6").await;
    a.click("[data-till-close]").await;
    assert_eq!(a.attribute("[data-z-difference]", "data-z-difference").await, "0");
    assert_eq!(a.attribute(".dialog [data-tax-rate='1300']", "data-tax").await, "414");
    a.click("[data-z-print]").await;
    let z = a.until("it is printed", "return window.prints[1]").await;
    let text = z[1].as_str().expect("text");
    assert!(
        z[0].as_str().is_some_and(|c| c.contains("slip")) && text.contains("13") && text.contains("4.14"),
        "{text}"
    );
    a.click(".dialog__head .button--bare").await;
    a.network(true).await;
    a.sent().await;
    let book = server.book().await;
    let tea = book.products.iter().find(|(_, p)| p.name.contains("绿茶")).map(|(_, p)| p.variants[0].id).expect("tea");
    assert_eq!(book.level((tea, daybook::domain::shop::location::FIRST)).on_hand.0, 68_000);
    let closing = book.tills.iter().flat_map(|(_, t)| t.closings.clone()).next().expect("a closing");
    assert_eq!(closing.taxes.iter().map(|t| t.tax.0).sum::<i64>(), 414);
    a.close().await;
}
