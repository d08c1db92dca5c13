//! A guard, not a measurement (`./dev bench` measures): with ten thousand orders a tablet is not slower than raw
//! IndexedDB on the same machine in the same minute, by bounds so wide that only a real loss crosses them.

use std::time::Duration;

use crate::data::{QUICK, Year};
use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const PAGE: &str = include_str!("../bench/page.js");
const LONG: Duration = Duration::from_secs(60);

/// Reads as many raw records of the same size, as a program without blocks and columns would at its start.
const RAW: &str = "window.rawRead = null; (async () => {
  const open = indexedDB.open('raw-orders', 1);
  open.onupgradeneeded = () => open.result.createObjectStore('orders', { keyPath: 'id' });
  const db = await new Promise(done => { open.onsuccess = () => done(open.result); });
  const tx = db.transaction('orders', 'readwrite');
  const line = n => ({ variant: 'v' + n, name: '龙井茶 Longjing tea', sku: 'SKU-' + n, quantity: 1000, price: 1280, total: 1280 });
  for (let n = 0; n < 10000; n++) tx.objectStore('orders').put({ id: n, number: 'A-' + n, state: 'closed', placedAt: n, total: 2560, lines: [line(n), line(n + 1)] });
  await new Promise(done => { tx.oncomplete = done; });
  const begun = performance.now();
  const all = db.transaction('orders').objectStore('orders').getAll();
  await new Promise(done => { all.onsuccess = done; });
  window.rawRead = performance.now() - begun;
})()";

async fn number(tablet: &Tablet, script: &str) -> f64 {
    tablet.within(LONG, script, &format!("return {script}")).await.as_f64().expect("a figure")
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_orders_open_and_sell_about_as_quickly_as_raw_indexed_db() {
    let server = Server::on(Year { products: 500, orders: 10_000 }.store().await);
    let driver = Driver::start();
    let tablet = Tablet::new(&driver, &server.address()).await;
    tablet.before_every_page(PAGE).await;
    tablet.enrol(&server.code()).await;
    number(&tablet, "(window.daybookTimings.find(t => t[0] === 'complete') || [])[1]").await;
    tablet.wait(".virtual .tile").await;
    tablet.script(&format!("window.sold = null; window.sell('{QUICK}', 15, 30)")).await;
    tablet.within(LONG, "everything is sold", "return window.sold").await;
    let figures = |name: &str| format!("return {name}");
    let list = |value: serde_json::Value| {
        value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect::<Vec<_>>()
    };
    let ours =
        median(list(tablet.script(&figures("window.writes.filter(w => w[0] === 'strict').map(w => w[1])")).await));
    let raw = median(list(tablet.script(&figures("window.rawTook")).await));
    assert!(ours < 6.0 * raw + 20.0, "an order took {ours} ms, a raw write {raw} ms");
    tablet.script(RAW).await;
    let raw = number(&tablet, "window.rawRead").await;
    tablet.ready_for_offline().await;
    tablet.goto("/orders").await;
    tablet.wait(".order-row").await;
    tablet.shows_orders(10_015).await;
    let open = number(&tablet, "window.daybookTimings.find(t => t[0] === 'open')[1]").await;
    assert!(open < 3.0 * raw + 150.0, "opening took {open} ms, reading raw records {raw} ms");
    tablet.script("document.querySelectorAll('.page .chip').forEach(c => c.click())").await;
    let slowest =
        number(&tablet, "Math.max(...window.daybookTimings.filter(t => t[0] === 'select').map(t => t[1]))").await;
    assert!(slowest < 50.0, "a filter took {slowest} ms");
    tablet.close().await;
}
