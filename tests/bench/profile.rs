//! `./dev bench profile`: where the time goes while a new tablet reads the store, opens, sells, is scrolled, sends what
//! waited and takes a file in. Each as a profile that Chromium's developer tools open, and the heaviest of it for
//! people.
//!
//! The program keeps its functions' names for this, and is measured while it runs: read shares, not times.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::data::Year;
use crate::report::Report;
use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Between two samples. Units: microseconds.
const EVERY: u64 = 200;
/// Lines that are printed of each.
const PRINTED: usize = 24;

pub async fn profile(year: &Year, folder: &Path) {
    let server = Server::on(year.store().await);
    let driver = Driver::start();
    let tablet = Tablet::new(&driver, &server.address()).await;
    tablet.before_every_page(crate::PAGE).await;
    tablet.goto("/").await;
    begin(&tablet).await;
    tablet.enrol(&server.code()).await;
    crate::complete(&tablet).await;
    tablet.wait(".virtual .tile").await;
    end(&tablet, folder, "first-read").await;
    tablet.ready_for_offline().await;

    for (path, painted, name) in
        [("/orders", "order-row painted", "open-orders"), ("/", "tile painted", "ready-to-sell")]
    {
        begin(&tablet).await;
        tablet.goto(path).await;
        tablet.until(name, &format!("return window.firsts['{painted}']")).await;
        tablet
            .until(name, "return !!window.daybookTimings.find(t => t[0] === 'whole') || location.pathname === '/'")
            .await;
        end(&tablet, folder, name).await;
    }

    begin(&tablet).await;
    crate::sell_slowly(&tablet, 50).await;
    end(&tablet, folder, "sell").await;

    tablet.open_room("/orders").await;
    tablet.wait(".order-row").await;
    begin(&tablet).await;
    crate::scroll(&mut Report::default(), &tablet).await;
    end(&tablet, folder, "scroll").await;

    tablet.sent().await;
    tablet.network(false).await;
    tablet.open_room("/").await;
    tablet.wait(".virtual .tile").await;
    crate::sell(&tablet, 1_000).await;
    begin(&tablet).await;
    tablet.network(true).await;
    tablet.sent().await;
    end(&tablet, folder, "drain").await;
    tablet.close().await;

    let (server, file) = crate::file_of_orders().await;
    let tablet = crate::ready(&driver, &server).await;
    tablet.wait(".virtual .tile").await;
    tablet.goto("/import").await;
    begin(&tablet).await;
    crate::take_file_in(&tablet, file.path()).await;
    end(&tablet, folder, "import").await;
    tablet.close().await;
}

async fn begin(tablet: &Tablet) {
    tablet.cdp("Profiler.enable", json!({})).await;
    tablet.cdp("Profiler.setSamplingInterval", json!({ "interval": EVERY })).await;
    tablet.cdp("Profiler.start", json!({})).await;
}

async fn end(tablet: &Tablet, folder: &Path, name: &str) {
    let mut found = tablet.cdp("Profiler.stop", json!({})).await;
    let profile = found["profile"].take();
    let file: PathBuf = folder.join(format!("{name}.cpuprofile"));
    std::fs::write(&file, profile.to_string()).expect("it is written");
    println!("\n{name}: {}", file.display());
    print(&profile);
}

/// A function's own time, and that of everything it called, in milliseconds.
fn print(profile: &Value) {
    let nodes: HashMap<u64, &Value> = list(&profile["nodes"]).filter_map(|n| Some((n["id"].as_u64()?, n))).collect();
    let parents: HashMap<u64, u64> = nodes
        .iter()
        .flat_map(|(id, n)| list(&n["children"]).filter_map(Value::as_u64).map(move |child| (child, *id)))
        .collect();
    let name =
        |id: u64| plain(nodes.get(&id).and_then(|n| n["callFrame"]["functionName"].as_str()).unwrap_or_default());
    let (mut own, mut whole) = (HashMap::<String, f64>::new(), HashMap::<String, f64>::new());
    let samples = list(&profile["samples"]).filter_map(Value::as_u64);
    for (id, took) in samples.zip(list(&profile["timeDeltas"]).filter_map(Value::as_f64)) {
        *own.entry(name(id)).or_default() += took / 1000.0;
        let stack: HashSet<String> = std::iter::successors(Some(id), |id| parents.get(id).copied()).map(name).collect();
        stack.into_iter().for_each(|name| *whole.entry(name).or_default() += took / 1000.0);
    }
    for (what, all) in [("own", own), ("with what it calls", whole)] {
        let mut all: Vec<(String, f64)> = all.into_iter().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        println!("  {what}");
        all.iter().take(PRINTED).for_each(|(name, took)| println!("  {took:>9.1} ms  {name}"));
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Without the hash at a name's end, and not longer than a line.
fn plain(name: &str) -> String {
    let name = name.rsplit_once("::h").filter(|(_, hash)| hash.len() == 16).map_or(name, |(name, _)| name);
    if name.is_empty() { "(without a name)".to_owned() } else { name.chars().take(140).collect() }
}
