//! A scanner that types into whatever has the focus, and an order pasted from a chat.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Keys as a scanner sends them: eight milliseconds apart, into the field that has the focus, which shows what is not
/// kept from it.
async fn scan(tablet: &Tablet, code: &str) {
    let script = format!(
        "window.scanned = false; (async () => {{ for (const key of [...'{code}', 'Enter']) {{ \
           const e = document.activeElement; \
           const go = e.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true, cancelable: true }})); \
           if (go && key.length === 1 && 'value' in e) {{ e.value += key; e.dispatchEvent(new Event('input', {{ bubbles: true }})); }} \
           await new Promise(r => setTimeout(r, 8)); }} window.scanned = true; }})(); return true"
    );
    tablet.script(&script).await;
    tablet.until("the scanner is done", "return window.scanned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_into_the_cart_and_never_into_the_field_that_has_the_focus() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.goto("/").await;
    a.wait(".tile").await;
    // Into the quantity of a line.
    a.click_text(".virtual .tile", "豆腐").await;
    a.click(".cart__what").await;
    a.wait(".dialog .input--figure").await;
    a.script("document.querySelector('.dialog .input--figure').focus()").await;
    let before = a.script("return document.activeElement.value").await;
    scan(&a, "6900000000000").await;
    assert_eq!(a.script("return document.activeElement.value").await, before);
    a.until("green tea is in the cart", "return document.querySelectorAll('.cart__line').length === 2").await;
    a.click(".dialog__head .button--bare").await;
    // Into nothing at all, twice; one is taken back.
    a.script("document.activeElement.blur()").await;
    scan(&a, "6900000000000").await;
    let count = |n: u32| {
        format!("return document.querySelectorAll('.cart__line')[1].querySelector('output').textContent === '{n}'")
    };
    a.until("two of it", &count(2)).await;
    a.click("[data-scans]").await;
    a.click("[data-scan-undo]").await;
    a.until("one of it", &count(1)).await;
    a.click(".dialog__head .button--bare").await;
    // A code that nobody knows is said; an order's own number opens it.
    scan(&a, "0000000").await;
    a.wait(".notice[data-bad]").await;
    a.click("[data-tender=cash]").await;
    a.wait("[data-taken]").await;
    a.open_room("/stock").await;
    scan(&a, "A-1-").await;
    scan(&a, "D-A-1").await;
    a.wait(".order .order__lines").await;
    a.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_from_a_chat_is_a_cart_with_what_was_not_understood_in_its_note() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.network(false).await;
    a.goto("/").await;
    a.wait(".tile").await;
    a.click("[data-paste]").await;
    let text = "老板好！\n两盒绿茶，豆腐3块\n姓名：李雷\n电话：13800138000\n地址：学院路 5 号";
    let script = format!(
        "const t = document.querySelector('.dialog textarea'); t.value = {}; t.dispatchEvent(new Event('input')); return true",
        serde_json::json!(text)
    );
    a.script(&script).await;
    a.until(
        "two kinds of goods are understood",
        "return document.querySelectorAll('[data-meaning=goods]').length === 2",
    )
    .await;
    a.wait("[data-meaning=rest]").await;
    a.click("[data-paste-take]").await;
    a.until("they are in the cart", "return document.querySelectorAll('.cart__line').length === 2").await;
    a.click(".pay__main").await;
    a.wait("[data-taken]").await;
    a.click(".taken a").await;
    a.wait(".order .note").await;
    assert_eq!(a.text(".order .note").await, "老板好！");
    assert!(a.text("[data-delivery]").await.contains("学院路 5 号"));
    a.close().await;
}
