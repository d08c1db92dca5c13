//! `./dev bench console`: the whole console in real Chromium with a year of orders, beside other browser databases with
//! the same orders on the same machine in the same run. Ratios are the result; times only say something of this
//! machine.
//!
//! `DAYBOOK_BENCH` narrows it: `quick` (the most telling of ours), `console` (ours), `import` (a file of ours),
//! `growth` (ours at 1,000 to a million orders), `peers`, `journey` (a year of a real shop); all but the first without
//! it. `profile` says where the time goes.

// Each module is shared with the end-to-end tests, which use more of it.
#![allow(dead_code)]

mod data;
mod journey;
mod profile;
mod report;
#[path = "../e2e/server.rs"]
mod server;
#[path = "../e2e/tablet.rs"]
mod tablet;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use data::{QUICK, Year};
use report::Report;
use serde_json::{Value, json};
use server::Server;
use tablet::{Driver, Tablet};

const PAGE: &str = include_str!("page.js");
const LONG: Duration = Duration::from_secs(240);
const PEERS: [&str; 6] = ["raw", "dexie", "rxdb", "pouchdb", "lokijs", "tinybase"];

fn main() {
    // Cargo passes `--bench`; it also runs this with no arguments under `cargo test --benches`.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let chosen = std::env::var("DAYBOOK_BENCH").unwrap_or_default();
    let wanted = |name: &str| chosen.is_empty() || chosen == name;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&page).expect("a folder");
    let mut report = Report::default();
    runtime.block_on(async {
        let orders = std::env::var("DAYBOOK_BENCH_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
        let year = Year { products: 23_000, orders };
        if chosen == "profile" {
            profile::profile(&year, &page).await;
            return;
        }
        if chosen == "quick" {
            quick(&mut report, &year).await;
        }
        if chosen == "boot" {
            opening(&mut report, &year).await;
        }
        if chosen == "import" {
            import(&mut report, &Driver::start()).await;
        }
        if wanted("console") {
            console(&mut report, &year).await;
        }
        if wanted("peers") {
            peers(&mut report, &year).await;
        }
        if wanted("journey") {
            real_year(&mut report).await;
        }
        if wanted("growth") {
            growth(&mut report).await;
        }
    });
    report.finish(&page.join("console.html"));
}

// --- what a page says
// -------------------------------------------------------------------------------------------------

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// What our own code measured under a name.
async fn timings(tablet: &Tablet, name: &str) -> Vec<f64> {
    numbers(
        &tablet.script(&format!("return window.daybookTimings.filter(t => t[0] === '{name}').map(t => t[1])")).await,
    )
}

/// How long strict writes took, newest last.
async fn strict(tablet: &Tablet) -> Vec<f64> {
    numbers(&tablet.script("return window.writes.filter(w => w[0] === 'strict').map(w => w[1])").await)
}

async fn number(tablet: &Tablet, script: &str) -> f64 {
    tablet.script(script).await.as_f64().unwrap_or(f64::NAN)
}

async fn sell(tablet: &Tablet, times: usize) -> Vec<f64> {
    tablet.script(&format!("window.sold = null; window.sell({}, {times})", json!(QUICK))).await;
    numbers(&tablet.within(LONG, "everything is sold", "return window.sold").await)
}

/// With a breath between two orders, in which the last one is sent: still a hundred times quicker than a stall.
async fn sell_slowly(tablet: &Tablet, times: usize) -> Vec<f64> {
    tablet.script(&format!("window.sold = null; window.sell({}, {times}, 80)", json!(QUICK))).await;
    numbers(&tablet.within(LONG, "everything is sold", "return window.sold").await)
}

async fn ready(driver: &Driver, server: &Server) -> Tablet {
    let tablet = Tablet::new(driver, &server.address()).await;
    tablet.before_every_page(PAGE).await;
    tablet.enrol(&server.code()).await;
    tablet
}

/// Until every older order is here.
async fn complete(tablet: &Tablet) -> f64 {
    let script = "const t = window.daybookTimings.find(t => t[0] === 'complete'); return t ? t[1] : null";
    tablet.within(LONG, "all orders are here", script).await.as_f64().expect("a time")
}

const DISK: &str = "return navigator.storage.estimate().then(e => ((e.usageDetails || {}).indexedDB || e.usage) / 1e6)";
const MEMORY: &str = "return window.daybookMemory() / 1e6";
const WIRE: &str = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/v1/')).reduce((s, e) => s + e.transferSize, 0) / 1e6";

// --- our own
// ----------------------------------------------------------------------------------------------------------

async fn console(report: &mut Report, year: &Year) {
    eprintln!("console: {} orders, {} variants", year.orders, year.products * 4);
    let server = Server::on(year.store().await);
    let driver = Driver::start();

    let tablet = first_read(report, &driver, &server).await;
    boot(report, &tablet, 15, "").await;
    mirror(report, &tablet).await;
    commits(report, &tablet).await;
    filters(report, &tablet).await;
    scroll(report, &tablet).await;
    drain(report, &tablet).await;
    report.one("disk, 100,000 orders", number(&tablet, DISK).await, "MB", Some(8.0));
    market_day(report, &tablet).await;
    tablet.close().await;

    while_reading(report, &driver, &server).await;
    import(report, &driver).await;
    let size: u64 = download();
    report.one("download, brotli, everything", size as f64 / 1000.0, "KB", Some(250.0));
}

/// Opening alone: on a market's network for the first time, and from then on.
async fn opening(report: &mut Report, year: &Year) {
    let server = Server::on(year.store().await);
    let driver = Driver::start();
    first_visit(report, &driver, &server).await;
    let tablet = first_read(report, &driver, &server).await;
    boot(report, &tablet, 15, "").await;
    tablet.close().await;
}

/// A device that was never here, over 1 Mbit/s with 100 ms of latency: when it shows the form, and when it could enrol.
async fn first_visit(report: &mut Report, driver: &Driver, server: &Server) {
    let (mut form, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let tablet = Tablet::new(driver, &server.address()).await;
        tablet.before_every_page(PAGE).await;
        tablet.cdp("Network.enable", json!({})).await;
        let market =
            json!({ "offline": false, "latency": 100, "downloadThroughput": 125_000, "uploadThroughput": 125_000 });
        tablet.cdp("Network.emulateNetworkConditions", market).await;
        tablet.goto("/").await;
        form.extend(tablet.within(LONG, "the form", "return window.firsts['form painted']").await.as_f64());
        // The console asks who this was before it answers the form.
        let asked = "const e = performance.getEntriesByType('resource').find(e => e.name.endsWith('/v1/was')); return e && e.startTime";
        answers.extend(tablet.within(LONG, "the console is there", asked).await.as_f64());
        tablet.close().await;
    }
    report.many("first visit at 1 Mbit/s: form shown", form, "ms", false, Some(3_000.0));
    report.many("first visit at 1 Mbit/s: console there", answers, "ms", false, None);
}

/// What changes most from one try to the next, in half a minute.
async fn quick(report: &mut Report, year: &Year) {
    let server = Server::on(year.store().await);
    let driver = Driver::start();
    let tablet = first_read(report, &driver, &server).await;
    boot(report, &tablet, 7, "").await;
    mirror(report, &tablet).await;
    commits(report, &tablet).await;
    filters(report, &tablet).await;
    scroll(report, &tablet).await;
    report.one("disk, 100,000 orders", number(&tablet, DISK).await, "MB", Some(8.0));
    tablet.close().await;
}

async fn first_read(report: &mut Report, driver: &Driver, server: &Server) -> Tablet {
    let (mut sellable, mut whole) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..3 {
        let tablet = ready(driver, server).await;
        whole.push(complete(&tablet).await);
        tablet.wait(".virtual .tile").await;
        // Enrolment is one request; the first read begins when the page has its answer.
        let begun = number(
            &tablet,
            "return performance.getEntriesByType('resource').find(e => e.name.includes('/v1/bootstrap')).startTime",
        )
        .await;
        let tile = number(&tablet, "return window.firsts['tile painted']").await;
        sellable.push(tile - begun);
        if let Some(done) = whole.last_mut() {
            *done -= begun;
        }
        if let Some(previous) = last.replace(tablet) {
            Tablet::close(previous).await;
        }
    }
    let tablet = last.expect("three were read");
    report.many("new tablet: able to sell", sellable, "ms", false, Some(300.0));
    report.many("new tablet: complete", whole, "ms", false, Some(1_500.0));
    report.one("new tablet: on the wire", number(&tablet, WIRE).await, "MB", Some(2.5));
    let writes =
        number(&tablet, "return window.writes.filter(w => w[0] === 'relaxed').reduce((s, w) => s + w[1], 0)").await;
    report.one("persist 100,000 orders", writes, "ms", Some(200.0));
    tablet.ready_for_offline().await;
    tablet
}

async fn boot(report: &mut Report, tablet: &Tablet, times: usize, of: &str) {
    let (mut shown, mut open, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times {
        tablet.goto("/orders").await;
        let at = tablet.until("orders are shown", "return window.firsts['order-row painted']").await;
        shown.extend(at.as_f64());
        open.extend(timings(tablet, "open").await);
        let script = "const t = window.daybookTimings.find(t => t[0] === 'whole'); return t ? t[1] : null";
        let all = tablet.within(LONG, "all orders are read", script).await.as_f64();
        whole.extend(all.zip(at.as_f64()).map(|(all, at)| (all - at).max(0.0)));
    }
    report.many(&format!("{of}boot: newest orders shown"), shown, "ms", false, Some(200.0));
    report.many(&format!("{of}boot: all orders filterable, after that"), whole, "ms", false, Some(120.0));
    let (mut shown, mut everything) = (Vec::new(), Vec::new());
    for _ in 0..times {
        tablet.goto("/").await;
        shown.extend(tablet.until("goods are shown", "return window.firsts['tile painted']").await.as_f64());
        everything.extend(timings(tablet, "open").await);
    }
    report.many(&format!("{of}boot: ready to sell"), shown, "ms", false, Some(200.0));
    report.many(&format!("{of}boot: storage part"), open, "ms", false, Some(40.0));
    report.many(&format!("{of}boot: storage part, everything"), everything, "ms", false, None);
    report.one(&format!("{of}wasm memory"), number(tablet, MEMORY).await, "MB", Some(64.0));
}

/// What is put aside for a lost database, some seconds after an opening.
async fn mirror(report: &mut Report, tablet: &Tablet) {
    tablet.goto("/").await;
    tablet.wait(".virtual .tile").await;
    sell(tablet, 1).await;
    tablet.sent().await;
    let before = number(tablet, MEMORY).await;
    tablet.script("window.longTasks.length = 0").await;
    tablet.within(LONG, "goods are kept", "return window.daybookTimings.some(t => t[0] === 'keep goods')").await;
    report.many("goods kept in the mirror, in the background", timings(tablet, "keep goods").await, "ms", false, None);
    report.one(
        "goods kept in the mirror: longest task",
        number(tablet, "return Math.max(0, ...window.longTasks)").await,
        "ms",
        Some(50.0),
    );
    report.one("goods kept in the mirror: memory grows by", number(tablet, MEMORY).await - before, "MB", None);
    let size = "return caches.open('mirror').then(c => c.match('/v1/mirror/goods')).then(r => r ? r.blob() : null).then(b => b ? b.size / 1e6 : 0)";
    report.one("goods kept in the mirror: size", number(tablet, size).await, "MB", None);
}

async fn commits(report: &mut Report, tablet: &Tablet) {
    tablet.goto("/").await;
    tablet.wait(".virtual .tile").await;
    sell(tablet, 20).await;
    let before = strict(tablet).await.len();
    let painted = sell_slowly(tablet, 200).await;
    let ours = strict(tablet).await.split_off(before);
    let raw = numbers(&tablet.script("return window.rawTook").await);
    let median = report.many("order committed, strict", ours.clone(), "ms", false, Some(1.5));
    report.many("order committed, strict (p95)", ours, "ms", true, Some(3.0));
    let mut raw_sorted = raw;
    raw_sorted.sort_by(f64::total_cmp);
    let raw_median = report::quantile(&raw_sorted, 0.5);
    report.peers("order committed, strict", json!({ "raw, five records": raw_median }));
    report.one("order committed against raw", median / raw_median, "x", Some(1.1));
    report.many("tap to taken, painted", painted, "ms", true, Some(32.0));
}

async fn filters(report: &mut Report, tablet: &Tablet) {
    tablet.open_room("/orders").await;
    tablet.wait(".order-row").await;
    tablet.script("window.daybookTimings.length = 0").await;
    for _ in 0..10 {
        tablet.script("document.querySelectorAll('.page .chip').forEach(c => c.click())").await;
    }
    report.many("filter 100,000 orders by state and date", timings(tablet, "select").await, "ms", true, Some(1.0));
    tablet.script("window.daybookTimings.length = 0").await;
    type_in(tablet, &["z-99", "z-12345", "z-500", "nothing"]).await;
    report.many("text search over 100,000 orders", timings(tablet, "select").await, "ms", true, Some(5.0));
    tablet.open_room("/").await;
    tablet.wait(".virtual .tile").await;
    type_in(tablet, &["warm"]).await;
    tablet.script("window.daybookTimings.length = 0").await;
    type_in(tablet, &["龙井 12", "tea 9", "ljc", "SKU-0042", "6900000012345"]).await;
    report.many("search as you type over 92,000 variants", timings(tablet, "find").await, "ms", true, Some(8.0));
}

/// Types letter by letter into the room's search.
async fn type_in(tablet: &Tablet, words: &[&str]) {
    for word in words {
        let script = format!(
            "const f = document.querySelector('.search__input'); let s = ''; for (const c of {}) {{ s += c; f.value = s; \
             f.dispatchEvent(new Event('input', {{ bubbles: true }})); await new Promise(d => requestAnimationFrame(() => setTimeout(d))); }} \
             f.value = ''; f.dispatchEvent(new Event('input', {{ bubbles: true }})); window.typed = true;",
            json!(word)
        );
        tablet.script(&format!("window.typed = false; (async () => {{ {script} }})()")).await;
        tablet.within(LONG, "it is typed", "return window.typed").await;
    }
}

async fn scroll(report: &mut Report, tablet: &Tablet) {
    tablet.open_room("/orders").await;
    tablet.wait(".order-row").await;
    tablet.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
    tablet.script("window.scrolled = null; window.scrollList(300, 900)").await;
    let found = tablet.within(LONG, "it is scrolled", "return window.scrolled").await;
    tablet.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await;
    report.many("scroll, 4 x throttled: our script a frame", numbers(&found["own"]), "ms", true, Some(16.7));
    report.many("scroll, 4 x throttled: between frames", numbers(&found["between"]), "ms", true, None);
    report.one("scroll: rows in the page", found["nodes"].as_f64().unwrap_or(f64::NAN), "rows", Some(40.0));
}

async fn drain(report: &mut Report, tablet: &Tablet) {
    tablet.sent().await;
    tablet.network(false).await;
    tablet.open_room("/").await;
    tablet.wait(".virtual .tile").await;
    sell(tablet, 1_000).await;
    assert_eq!(tablet.waiting().await, 1_000);
    tablet.open_room("/settings").await;
    tablet.script("performance.clearResourceTimings(); performance.setResourceTimingBufferSize(1000)").await;
    tablet.network(true).await;
    let script = "window.drained = null; const b = performance.now(); document.querySelector('[data-send-now]').click(); \
                  const o = new MutationObserver(() => { if (!document.querySelector('[data-waiting]')) { o.disconnect(); window.drained = performance.now() - b; } }); \
                  o.observe(document, { childList: true, subtree: true, attributes: true });";
    tablet.script(script).await;
    let took = tablet.within(LONG, "it is drained", "return window.drained").await;
    report.one("drain 1,000 offline orders", took.as_f64().unwrap_or(f64::NAN), "ms", Some(400.0));
    let requests = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/v1/sync')).length";
    report.one("drain 1,000 offline orders: requests", number(tablet, requests).await, "", Some(4.0));
}

async fn market_day(report: &mut Report, tablet: &Tablet) {
    let before = number(tablet, MEMORY).await;
    tablet.open_room("/").await;
    tablet.wait(".virtual .tile").await;
    sell(tablet, 2_000).await;
    tablet.sent().await;
    report.one("a market day (2,000 orders): memory grows by", number(tablet, MEMORY).await - before, "MB", Some(4.0));
    boot_after(report, tablet, "boot in the middle of a market day").await;
    tablet.put_away().await;
    tablet.sealed().await;
    boot_after(report, tablet, "boot after a market day").await;
}

async fn boot_after(report: &mut Report, tablet: &Tablet, what: &str) {
    let (mut shown, mut open) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        tablet.goto("/orders").await;
        shown.extend(tablet.until("orders are shown", "return window.firsts['order-row painted']").await.as_f64());
        open.extend(timings(tablet, "open").await);
    }
    report.many(what, shown, "ms", false, Some(200.0));
    report.many(&format!("{what}: storage part"), open, "ms", false, None);
}

/// Orders taken while the older ones come in.
async fn while_reading(report: &mut Report, driver: &Driver, server: &Server) {
    let mut took = Vec::new();
    for _ in 0..3 {
        let tablet = ready(driver, server).await;
        tablet.wait(".virtual .tile").await;
        tablet.script(&format!("window.sold = null; window.sell({}, 40)", json!(QUICK))).await;
        let done = complete(&tablet).await;
        tablet.within(LONG, "everything is sold", "return window.sold").await;
        let script = format!("return window.writes.filter(w => w[0] === 'strict' && w[2] < {done}).map(w => w[1])");
        took.extend(numbers(&tablet.script(&script).await));
        tablet.close().await;
    }
    report.many("order committed while a year comes in", took, "ms", true, Some(25.0));
}

/// Orders in the file that is taken in through the screen.
const FILED: u64 = 20_000;

/// The file, and a server that has the goods in it.
async fn file_of_orders() -> (Server, tempfile::NamedTempFile) {
    let year = Year { products: 500, orders: FILED };
    let server = Server::on(Year { products: 500, orders: 0 }.store().await);
    let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    let mut csv = std::io::BufWriter::new(file.reopen().expect("a file"));
    writeln!(csv, "Order,Date,Product,SKU,Quantity,Price").expect("it is written");
    for n in 0..FILED {
        let order = year.order(n);
        for line in &order.lines {
            let (quantity, price) = (line.quantity.0 / 1000, line.unit_price.0 as f64 / 100.0);
            writeln!(csv, "{},2026-01-02 10:00,{},{},{quantity},{price:.2}", order.number, line.name, line.sku)
                .expect("it is written");
        }
    }
    csv.flush().expect("it is written");
    drop(csv);
    (server, file)
}

/// How long it took until the preview was there, and until everything was taken in. Units: seconds.
async fn take_file_in(tablet: &Tablet, file: &Path) -> (f64, f64) {
    let begun = Instant::now();
    tablet.choose("input[type=file]", file).await;
    tablet.within(LONG, "the preview", "return !!document.querySelector('[data-import]:not([disabled])')").await;
    let preview = begun.elapsed().as_secs_f64();
    tablet.click("[data-import]").await;
    tablet.within(LONG, "the import", "return !!document.querySelector('[data-imported]')").await;
    (preview, begun.elapsed().as_secs_f64())
}

async fn import(report: &mut Report, driver: &Driver) {
    let (server, file) = file_of_orders().await;
    let tablet = ready(driver, &server).await;
    tablet.wait(".virtual .tile").await;
    tablet.goto("/import").await;
    tablet.script("window.longTasks.length = 0").await;
    let (preview, whole) = take_file_in(&tablet, file.path()).await;
    report.one("import of 20,000 orders: orders a second", FILED as f64 / whole, "1/s", None);
    report.one("import of 20,000 orders: until the preview", preview * 1000.0, "ms", None);
    let longest = "return Math.max(0, ...window.longTasks)";
    report.one("import of 20,000 orders: longest task", number(&tablet, longest).await, "ms", Some(50.0));
    tablet.close().await;
}

fn download() -> u64 {
    let files = std::fs::read_dir(server::console()).expect("a built console").flatten();
    let sent = |p: &Path| ["wasm.br", "js.br", "css.br"].iter().any(|end| p.to_string_lossy().ends_with(end));
    files.filter(|f| sent(&f.path())).filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum()
}

/// A year of a real shop: it comes in from several tills, and another tablet reads, opens, searches and adds it up.
async fn real_year(report: &mut Report) {
    let folder = PathBuf::from(
        std::env::var("DAYBOOK_JOURNEY").expect("DAYBOOK_JOURNEY names the folder (./dev bench sets it)"),
    );
    let (data, names) = journey::products(&folder).await;
    let server = Server::on(data);
    let (orders, lines, seconds) = journey::replay(&folder, &server, &names).await;
    eprintln!(
        "journey: {orders} orders with {lines} lines of {} products, from {} tills",
        names.len(),
        journey::TABLETS
    );
    report.one("journey: orders taken in from four tills", orders as f64 / seconds, "1/s", None);
    let driver = Driver::start();
    let tablet = ready(&driver, &server).await;
    tablet.wait(".virtual .tile").await;
    let begun = number(
        &tablet,
        "return performance.getEntriesByType('resource').find(e => e.name.includes('/v1/bootstrap')).startTime",
    )
    .await;
    report.one(
        "journey: new tablet able to sell",
        number(&tablet, "return window.firsts['tile painted']").await - begun,
        "ms",
        None,
    );
    report.one("journey: new tablet complete", complete(&tablet).await - begun, "ms", None);
    report.one("journey: on the wire", number(&tablet, WIRE).await, "MB", None);
    tablet.ready_for_offline().await;
    boot(report, &tablet, 5, "journey: ").await;
    tablet.goto("/reports").await;
    tablet.wait(".page [aria-pressed]").await;
    // Everything, the last of the spans.
    let add_up = "window.added = null; const begun = performance.now(); \
                  [...document.querySelector('.page [aria-pressed]').parentElement.children].at(-1).click(); \
                  const o = new MutationObserver(() => { const c = document.querySelector('[data-report=all]'); \
                  if (c && !window.added) { window.added = [performance.now() - begun, Number(c.dataset.orders)]; } }); \
                  o.observe(document, { childList: true, subtree: true });";
    tablet.script(add_up).await;
    let added = tablet.within(LONG, "the report", "return window.added").await;
    assert_eq!(added[1], orders as u64);
    report.one("journey: report over the year", added[0].as_f64().unwrap_or(f64::NAN), "ms", None);
    tablet.open_room("/orders").await;
    tablet.wait(".order-row").await;
    tablet.script("window.daybookTimings.length = 0").await;
    type_in(&tablet, &["a-99", "b-12345", "nothing"]).await;
    report.many("journey: text search over orders", timings(&tablet, "select").await, "ms", true, None);
    tablet.open_room("/").await;
    tablet.wait(".virtual .tile").await;
    type_in(&tablet, &["warm"]).await;
    tablet.script("window.daybookTimings.length = 0").await;
    type_in(&tablet, &["bread", "milk 2", "yogurt", "1029743"]).await;
    report.many("journey: search as you type", timings(&tablet, "find").await, "ms", true, None);
    report.one("journey: disk", number(&tablet, DISK).await, "MB", None);
    tablet.close().await;
}

/// How the figures that people feel grow with the number of orders.
async fn growth(report: &mut Report) {
    const FIGURES: [(&str, &str); 6] = [
        ("new tablet complete", "ms"),
        ("boot", "ms"),
        ("wasm memory", "MB"),
        ("disk", "MB"),
        ("filter", "ms"),
        ("order committed", "ms"),
    ];
    let sizes = [1_000, 10_000, 100_000, 1_000_000];
    for orders in sizes {
        eprintln!("growth: {orders} orders");
        let begun = Instant::now();
        let server = Server::on(Year { products: 1_000, orders }.store().await);
        eprintln!("  the server's log was made in {:.0} s", begun.elapsed().as_secs_f64());
        let driver = Driver::start();
        let tablet = ready(&driver, &server).await;
        let done = complete(&tablet).await;
        report.one(&format!("growth {orders}: new tablet complete"), done, "ms", None);
        tablet.ready_for_offline().await;
        let mut shown = Vec::new();
        for _ in 0..5 {
            tablet.goto("/orders").await;
            shown.extend(
                tablet.within(LONG, "orders are shown", "return window.firsts['order-row painted']").await.as_f64(),
            );
        }
        report.many(&format!("growth {orders}: boot"), shown, "ms", false, None);
        tablet.within(LONG, "all orders are read", "return window.daybookTimings.some(t => t[0] === 'whole')").await;
        report.one(&format!("growth {orders}: wasm memory"), number(&tablet, MEMORY).await, "MB", None);
        report.one(&format!("growth {orders}: disk"), number(&tablet, DISK).await, "MB", None);
        tablet
            .script(
                "window.daybookTimings.length = 0; document.querySelectorAll('.page .chip').forEach(c => c.click())",
            )
            .await;
        report.many(&format!("growth {orders}: filter"), timings(&tablet, "select").await, "ms", true, None);
        tablet.goto("/").await;
        tablet.wait(".virtual .tile").await;
        let before = strict(&tablet).await.len();
        sell(&tablet, 50).await;
        report.many(
            &format!("growth {orders}: order committed"),
            strict(&tablet).await.split_off(before),
            "ms",
            false,
            None,
        );
        tablet.close().await;
    }
    for (figure, unit) in FIGURES {
        let value = |orders: &u64| {
            report.0.iter().find(|f| f.name == format!("growth {orders}: {figure}")).map(|f| (*orders as f64, f.value))
        };
        let points = sizes.iter().filter_map(value).collect();
        report.curve(figure, unit, points);
    }
}

// --- the others
// -------------------------------------------------------------------------------------------------------

/// Serves the peers' page and the same orders as JSON, on loopback.
async fn serve_peers(orders: Vec<Value>) -> String {
    use axum::Router;
    use axum::http::header::CONTENT_TYPE;
    use axum::response::Html;
    use axum::routing::get;
    let bundle = std::env::var("DAYBOOK_PEERS").expect("DAYBOOK_PEERS names the bundle (./dev bench sets it)");
    let bundle: &'static str = std::fs::read_to_string(bundle).expect("the bundle").leak();
    let orders: &'static str = serde_json::to_string(&orders).expect("JSON").leak();
    let app = Router::new()
        .route(
            "/",
            get(|| async { Html("<!doctype html><meta charset=utf-8><script type=module src=/peers.js></script>") }),
        )
        .route("/peers.js", get(move || async move { ([(CONTENT_TYPE, "text/javascript")], bundle) }))
        .route("/orders.json", get(move || async move { ([(CONTENT_TYPE, "application/json")], orders) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Calls one of the page's verbs on a page that was just opened.
async fn call(tablet: &Tablet, peer: &str, verb: &str) -> Value {
    tablet.goto(&format!("/?peer={peer}")).await;
    tablet.within(LONG, "the page", "return window.ready").await;
    let script = format!(
        "window.done = null; window.bench.{verb}.then(r => {{ window.done = r }}, e => {{ window.done = {{ error: String(e) }} }})"
    );
    tablet.script(&script).await;
    tablet.within(LONG, verb, "return window.done").await
}

async fn peers(report: &mut Report, year: &Year) {
    eprintln!("peers: {} orders", year.orders);
    let base = serve_peers((0..year.orders).map(|n| year.document(n)).collect()).await;
    let driver = Driver::start();
    let since = data::END - 30 * 86_400_000;
    let (mut write, mut boot, mut filter, mut disk) = (json!({}), json!({}), json!({}), json!({}));
    for peer in PEERS {
        // A profile of its own, so that what it keeps on disk is its own.
        let tablet = Tablet::new(&driver, &base).await;
        let wrote = call(&tablet, peer, "write()").await;
        let mut boots = Vec::new();
        for _ in 0..3 {
            let found = call(&tablet, peer, "boot()").await;
            if found["found"] == 50 {
                boots.extend(found["ms"].as_f64());
            }
        }
        boots.sort_by(f64::total_cmp);
        if boots.len() < 3 {
            eprintln!("  {peer} did not get its orders back: {wrote}");
            tablet.close().await;
            continue;
        }
        let filtered = call(&tablet, peer, &format!("filter('closed', {since})")).await;
        let used = call(&tablet, peer, "disk()").await;
        eprintln!(
            "  {peer:<9} write {} boot {:.1} filter {} disk {}",
            wrote["ms"], boots[1], filtered["ms"], used["bytes"]
        );
        write[peer] = wrote["ms"].clone();
        boot[peer] = json!(boots[1]);
        filter[peer] = filtered["ms"].clone();
        disk[peer] = json!(used["bytes"].as_f64().map(|b| b / 1e6));
        tablet.close().await;
    }
    report.peers("persist 100,000 orders", write);
    report.peers("boot: storage part", boot);
    report.peers("filter 100,000 orders by state and date", filter);
    report.peers("disk, 100,000 orders", disk);
}
