//! A basket that is made up of tea and cups, tea that comes in cases and expires: all of it on one tablet without a
//! network.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Five days from now, as a field for a day holds it.
const IN_FIVE_DAYS: &str = "const d = new Date(Date.now() + 5 * 86400000); return d.toLocaleDateString('sv')";

async fn open(tablet: &Tablet, room: &str, name: &str) {
    tablet.goto(room).await;
    tablet.wait(".virtual .row--button").await;
    tablet.click_text(".virtual .row--button", name).await;
    tablet.wait(".dialog").await;
}

async fn on_hand(tablet: &Tablet, name: &str, wanted: &str) {
    tablet.open_room("/stock").await;
    let script = format!(
        "const r = [...document.querySelectorAll('.virtual .row--button')].find(r => r.textContent.includes('{name}')); \
         return r && r.querySelector('[data-on-hand]').dataset.onHand === '{wanted}'"
    );
    tablet.until(&format!("{wanted} of {name}"), &script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kits_packs_and_batches_are_set_up_sold_and_seen_without_a_network() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.go_offline().await;
    // Tea comes in cases.
    open(&a, "/products", "绿茶").await;
    a.click("[data-add-pack]").await;
    a.type_in("Pack", "Case").await;
    a.type_in("Holds", "12").await;
    a.click("[data-save-packs]").await;
    a.until("it is saved", "return !!document.querySelector('.notice')").await;
    a.click(".dialog__head .button--bare").await;
    // A basket is made up of two teas and a cup.
    open(&a, "/products", "竹篮").await;
    for (search, pieces) in [("绿茶", "2"), ("茶杯", "1")] {
        a.fill("[data-add-goods]", search).await;
        a.click("[data-found]").await;
        a.until("it is in the list", "return !document.querySelector('[data-found]')").await;
        let mark = format!(
            "const g = [...document.querySelectorAll('[data-goods]')].find(g => g.textContent.includes('{search}')); g.querySelector('input').dataset.own = '{search}'; return true"
        );
        a.until("its quantity", &mark).await;
        a.fill(&format!("[data-own='{search}']"), pieces).await;
    }
    a.click("[data-save-kit]").await;
    a.open_room("/stock").await;
    // Twenty-four cups make twenty-four baskets.
    on_hand(&a, "竹篮", "24").await;
    // A case of tea comes in, and is good for five days.
    a.click_text(".virtual .row--button", "绿茶").await;
    a.click(".dialog [data-pack]").await;
    a.type_in("Lot", "L-7").await;
    let day = a.script(IN_FIVE_DAYS).await;
    let script = format!(
        "const e = document.querySelector('.dialog input[type=date]'); e.value = {day}; e.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
    );
    a.script(&script).await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-batch='L-7']").await;
    a.click(".dialog__head .button--bare").await;
    on_hand(&a, "绿茶", "62").await;
    a.click_text(".chip", "Expiring 1").await;
    a.until("only tea expires", "return document.querySelectorAll('.virtual .row--button').length === 1").await;
    // One basket is sold: two teas, of those that expire first, and a cup.
    a.open_room("/").await;
    a.click_text(".virtual .tile", "竹篮").await;
    a.click("[data-tender=cash]").await;
    a.wait("[data-taken]").await;
    on_hand(&a, "绿茶", "60").await;
    on_hand(&a, "茶杯", "23").await;
    on_hand(&a, "竹篮", "23").await;
    a.click_text(".virtual .row--button", "绿茶").await;
    a.until(
        "ten are left of the lot",
        "return document.querySelector(\"[data-batch='L-7']\").textContent.includes('10')",
    )
    .await;
    a.click(".dialog__head .button--bare").await;
    a.network(true).await;
    a.sent().await;
    a.close().await;
}
