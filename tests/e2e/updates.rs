//! A new version is put up while the old one sells: the old one goes on, the new one waits for an empty cart, and until
//! everything is sent.

use std::path::Path;

use crate::server::{Server, console};
use crate::tablet::{Driver, Tablet};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// The console as a later build would be: another set, another page.
fn next_version(to: &Path) {
    copy(&console(), to);
    for (file, from, with) in [
        ("index.html", "<head>", "<head><meta name=\"daybook-version\" content=\"2\">"),
        ("service_worker.js", "version: \"", "version: \"2"),
    ] {
        let path = to.join(file);
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.contains(from), "{file}");
        std::fs::write(&path, text.replacen(from, with, 1)).expect("it is written");
        let _ = std::fs::remove_file(to.join(format!("{file}.br")));
    }
}

const IS_NEW: &str = "return !!document.querySelector('meta[name=daybook-version]')";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_waits_for_an_empty_cart_and_for_what_is_not_sent_and_comes_in_without_a_network() {
    let mut server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.network(false).await;
    a.goto("/").await;
    let first = a.sell("绿茶", "豆腐").await;

    // Version 2 is put up while the tablet is away. It sells on, also after a restart without a network.
    let later = tempfile::tempdir().expect("a folder");
    next_version(later.path());
    server.kill();
    server.start_with(later.path());
    a.goto("/").await;
    a.wait(".tile").await;
    assert_eq!(a.script(IS_NEW).await, false);
    let second = a.sell("红茶", "豆腐").await;

    // The network returns. The old version sends what it has; the new one is fetched and waits for the cart.
    a.network(true).await;
    a.goto("/").await;
    a.click_text(".virtual .tile", "茶杯").await;
    a.wait(".status button:disabled").await;
    assert_eq!(a.script(IS_NEW).await, false, "a cart is open");
    let third = a.sell("木勺", "茶杯").await;
    a.sent().await;
    // Once more without a network: still the old one, and an order that is not sent, which the update waits for.
    a.network(false).await;
    a.goto("/").await;
    a.wait(".tile").await;
    assert_eq!(a.script(IS_NEW).await, false);
    let fourth = a.sell("绿茶", "豆腐").await;
    a.wait("[data-update]:disabled").await;
    a.network(true).await;
    a.open_room("/settings").await;
    a.click("[data-send-now]").await;
    a.sent().await;

    // Let in without a network: the whole new set is here already.
    a.network(false).await;
    a.click("[data-update]").await;
    a.until("the new version is open", IS_NEW).await;
    a.open_room("/").await;
    a.wait(".tile").await;
    let fifth = a.sell("红茶", "豆腐").await;
    assert_eq!(a.waiting().await, 1);
    let sets = a.script("return caches.keys().then(k => k.filter(n => n.startsWith('daybook-')).length)").await;
    assert_eq!(sets, 2, "the previous set is kept");
    a.network(true).await;
    a.open_room("/settings").await;
    a.click("[data-send-now]").await;
    a.sent().await;
    let there = server.numbers().await;
    assert_eq!(there, [first, second, third, fourth, fifth]);
    a.close().await;
}
