//! Slips of the finger: two taps for one, a tap beside, the wrong button. None of them costs anything.

use serde_json::json;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Taps the middle of something as a finger does, so many times at once.
async fn tap(tablet: &Tablet, css: &str, times: usize) {
    let script = format!(
        "const b = document.querySelector({}).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]",
        json!(css)
    );
    let at = tablet.script(&script).await;
    for _ in 0..times {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            tablet.cdp("Input.dispatchMouseEvent", event).await;
        }
    }
}

async fn in_cart(tablet: &Tablet, pieces: &str) {
    let script = format!(
        "const o = document.querySelector('.cart__count output'); return (o ? o.textContent : '') === '{pieces}'"
    );
    tablet.until(&format!("{pieces} in the cart"), &script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_finger_costs_nothing() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.open_room("/").await;
    a.wait(".virtual .tile").await;
    // What is meant to be tapped several times counts each.
    a.click_text(".virtual .tile", "绿茶").await;
    in_cart(&a, "1").await;
    tap(&a, ".cart__count button:last-child", 3).await;
    in_cart(&a, "4").await;
    // An emptied cart can be had back.
    a.click("[data-clear]").await;
    in_cart(&a, "").await;
    a.click("[data-undo-last]").await;
    in_cart(&a, "4").await;
    // A second tap does not hit what the first one brought.
    tap(&a, "[data-tender=cash]", 2).await;
    a.wait("[data-taken]").await;
    a.sent().await;
    a.until("what was taken is still said", "return !!document.querySelector('[data-taken]')").await;
    assert_eq!(server.numbers().await.len(), 1);
    // What was typed does not go by a tap beside it, or by "back".
    a.open_room("/customers").await;
    a.click(".page__head .button--primary").await;
    a.type_in("Name", "Li Lei").await;
    a.script("document.querySelector('.dialog').click()").await;
    for kind in ["keyDown", "keyUp"] {
        let escape = json!({ "type": kind, "key": "Escape", "code": "Escape", "windowsVirtualKeyCode": 27 });
        a.cdp("Input.dispatchKeyEvent", escape).await;
    }
    a.until("it is said", "return !!document.querySelector('.notice[data-bad]')").await;
    a.click(".dialog button[type=submit]").await;
    a.until("it is closed", "return !document.querySelector('.dialog')").await;
    // What is saved by a button of its own is not lost with another's.
    a.click_text(".virtual .row--button", "Li Lei").await;
    // The sale was to nobody by name.
    a.wait("[data-orders-of='0']").await;
    a.type_in("Customer group", "Trade").await;
    a.click(".dialog button[type=submit]").await;
    a.until(
        "it is still open",
        "return !!document.querySelector('.dialog') && !!document.querySelector('.notice[data-bad]')",
    )
    .await;
    a.click("[data-limit]").await;
    a.until("it is saved", "return !!document.querySelector('.notice:not([data-bad])')").await;
    a.click(".dialog button[type=submit]").await;
    a.until("it is closed", "return !document.querySelector('.dialog')").await;
    a.click_text(".virtual .row--button", "Li Lei").await;
    a.until("both are there", "return [...document.querySelectorAll('.dialog input')].some(i => i.value === 'Trade')")
        .await;
    a.close().await;
}
