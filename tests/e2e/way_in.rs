//! A new device on a bad network: the form is there before the console, and waits for it.

use serde_json::json;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_there_before_the_console_and_what_was_typed_into_it_stays() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::new(&driver, &server.address()).await;
    a.block(&["*console-*_bg.wasm"]).await;
    a.goto("/").await;
    a.wait(".enrol .trouble").await;
    a.click_text(".enrol .chip", "English").await;
    a.until(
        "the form is in English",
        "return document.documentElement.lang === 'en-GB' && document.body.innerText.includes('Enrolment code')",
    )
    .await;
    a.fill(".enrol input", &server.code()).await;
    a.script("document.querySelector('.enrol input').id = 'typed'; document.querySelector('.enrol button[type=submit]').focus()").await;
    // Sent while what answers it is not there: it is fetched again, and says so when that fails, too.
    a.click(".enrol button[type=submit]").await;
    a.until(
        "it says that the network is needed",
        "return !!document.querySelector('.enrol .trouble') && !document.querySelector('.enrol [type=submit]').disabled",
    )
    .await;
    assert!(a.text(".enrol .trouble").await.contains("network"));
    a.block(&[]).await;
    let kept = a.script("const e = document.querySelector('#typed'); return !!e && e.value.length > 0").await;
    assert_eq!(kept, json!(true), "the field is the same one, with what was typed");
    a.click(".enrol button[type=submit]").await;
    a.wait(".shell").await;
    // Chosen before the console was there, and kept.
    a.goto("/").await;
    a.wait(".shell").await;
    assert_eq!(a.script("return document.documentElement.lang").await, json!("en-GB"));
    // Who has been a tablet is not shown the form, but what is in the way.
    a.ready_for_offline().await;
    a.forget_program().await;
    a.block(&["*console-*_bg.wasm"]).await;
    a.goto("/").await;
    a.wait(".stop button").await;
    a.block(&[]).await;
    a.click(".stop button").await;
    a.wait(".shell").await;
    a.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_takes_over_the_form_under_the_hand_that_types_into_it() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::new(&driver, &server.address()).await;
    a.before_every_page("window.daybookTimings = []").await;
    a.block(&["*console-*_bg.wasm"]).await;
    a.goto(&format!("/?enrol={}", server.code())).await;
    a.wait(".enrol .trouble").await;
    a.fill(".enrol label:nth-of-type(2) input", "Stall").await;
    let type_on = "const e = document.querySelector('.enrol label:nth-of-type(2) input'); e.focus(); e.setSelectionRange(2, 4); \
                   e.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true })); return true";
    a.until("somebody types", type_on).await;
    a.wait(".enrol[data-composing]").await;
    a.block(&[]).await;
    a.script("window.dispatchEvent(new Event('daybook-again'))").await;
    // It is there, has read what is stored, and waits for the character.
    let ready = "return !!window.daybookTimings && window.daybookTimings.some(t => t[0] === 'open')";
    a.until("the console is there", ready).await;
    assert_eq!(a.script("return !!document.querySelector('.enrol[data-first]')").await, json!(true));
    a.script("document.activeElement.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))").await;
    a.until(
        "the console has the form",
        "return !!document.querySelector('.enrol') && !document.querySelector('.enrol[data-first]')",
    )
    .await;
    let hand = "const all = [...document.querySelectorAll('.enrol input')], e = document.activeElement; \
                return [all.length, all.indexOf(e), e.value, e.selectionStart, e.selectionEnd, all[0].value.length > 0]";
    assert_eq!(a.script(hand).await, json!([2, 1, "Stall", 2, 4, true]));
    a.click(".enrol button[type=submit]").await;
    a.wait(".shell").await;
    a.close().await;
}
