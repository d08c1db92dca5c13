//! A market Saturday: the van is loaded, two tablets sell without a network, what is left comes back, the van is
//! counted, the tills are closed, and everything adds up to nothing missing.

use daybook::domain::shop::location::LocationKind;
use daybook::domain::stock::document::Document;
use daybook::domain::value::quantity::Quantity;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const LOADED: [(&str, i64); 3] = [("绿茶", 12), ("豆腐", 12), ("年糕", 6)];

async fn add_goods(tablet: &Tablet, name: &str, pieces: i64) {
    tablet.fill("[data-add-goods]", name).await;
    tablet.click("[data-found]").await;
    tablet
        .until(
            "it is on the list",
            &format!("return [...document.querySelectorAll('.goods')].some(g => g.textContent.includes('{name}'))"),
        )
        .await;
    let mark = format!(
        "const g = [...document.querySelectorAll('.goods')].find(g => g.textContent.includes('{name}')); \
         document.querySelectorAll('[data-typing]').forEach(e => delete e.dataset.typing); g.querySelector('input').dataset.typing = ''; return true"
    );
    tablet.until(name, &mark).await;
    tablet.fill("[data-typing]", &pieces.to_string()).await;
}

async fn open_till(tablet: &Tablet) {
    tablet.open_room("/reports").await;
    tablet.fill(".settings form .input--figure", "100").await;
    tablet.click("[data-till-open]").await;
    tablet.wait("[data-till]").await;
    tablet.open_room("/").await;
}

/// Counts what the till says is in it, in pieces of one cent's worth each, and closes it.
async fn close_till(tablet: &Tablet) {
    tablet.open_room("/reports").await;
    let expected: i64 = tablet.attribute("[data-expected]", "data-expected").await.parse().expect("a figure");
    tablet.click("[data-till-count]").await;
    tablet.fill("[data-worth='10']", &(expected / 10).to_string()).await;
    tablet.click("[data-till-close]").await;
    assert_eq!(tablet.attribute("[data-z-difference]", "data-z-difference").await, "0");
    tablet.click(".dialog__head .button--bare").await;
}

async fn tab(tablet: &Tablet, path: &str) {
    tablet.open_room("/stock").await;
    tablet.click(&format!(".tabs a[href='{path}']")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_saturday_adds_up() {
    let server = Server::new();
    let driver = Driver::start();
    let (store, van) = Tablet::two_with_goods(&driver, &server).await;
    store.open_room("/settings").await;
    store.click_text(".panel .button", "Add a location").await;
    store.fill(".dialog .field input", "Van 1").await;
    store.click_text(".dialog .chip", "Van").await;
    store.click(".dialog button[type=submit]").await;
    store.sent().await;
    van.open_room("/settings").await;
    van.click_text(".chip", "Van 1").await;

    // Morning: the van is loaded, and whoever drives takes the load in.
    tab(&store, "/stock/loads").await;
    store.click("[data-new-load]").await;
    for (name, pieces) in LOADED {
        add_goods(&store, name, pieces).await;
    }
    store.click(".dialog button[type=submit]").await;
    store.wait("[data-load=under_way]").await;
    store.sent().await;
    tab(&van, "/stock/loads").await;
    van.click("[data-take-in]").await;
    van.click(".dialog button[type=submit]").await;
    van.wait("[data-load=arrived]").await;
    van.sent().await;

    // The day: both sell, neither hears of the other.
    for tablet in [&store, &van] {
        tablet.ready_for_offline().await;
        tablet.network(false).await;
        open_till(tablet).await;
    }
    for n in 0..10 {
        van.sell("绿茶", if n % 2 == 0 { "豆腐" } else { "年糕" }).await;
        store.sell("绿茶", "红茶").await;
    }

    // Evening: what is left goes back, counted piece by piece; then everybody is online again.
    tab(&van, "/stock/loads").await;
    van.click("[data-new-load]").await;
    van.click("[data-everything]").await;
    van.wait(".goods").await;
    van.click(".dialog button[type=submit]").await;
    van.wait("[data-load=under_way]").await;
    close_till(&van).await;
    for tablet in [&van, &store] {
        tablet.network(true).await;
        tablet.open_room("/settings").await;
        tablet.click("[data-send-now]").await;
        tablet.sent().await;
    }
    tab(&store, "/stock/loads").await;
    store.click("[data-take-in]").await;
    store.click(".dialog button[type=submit]").await;
    store.until("nothing is under way", "return !document.querySelector('[data-load=under_way]')").await;

    // The van is counted empty, while the store goes on selling.
    tab(&van, "/stock/counts").await;
    van.click("[data-new-stocktake]").await;
    van.click(".dialog button[type=submit]").await;
    for (name, _) in LOADED {
        van.click_text("[data-count-variant]", name).await;
        van.fill(".dialog .input--figure", "0").await;
        van.click("[data-count-save]").await;
        van.until("the sheet is closed", "return !document.querySelector('.dialog')").await;
    }
    assert_eq!(van.attribute("[data-variance]", "data-variance").await, "0");
    van.click("[data-post]").await;
    // The rest stays as it is in the books.
    van.click("[data-confirm]").await;
    van.wait("[data-stocktake=posted]").await;
    store.open_room("/").await;
    store.sell("绿茶", "豆腐").await;
    close_till(&store).await;
    van.sent().await;
    store.sent().await;

    let book = server.book().await;
    let tea = book.products.iter().find(|(_, p)| p.name.contains("绿茶")).map(|(_, p)| p.variants[0].id).expect("tea");
    let wheels = book.locations.iter().find(|(_, l)| l.kind == LocationKind::Van).map(|(id, _)| *id).expect("a van");
    let first = daybook::domain::shop::location::FIRST;
    assert!(book.levels.iter().filter(|((_, place), _)| *place == wheels).all(|(_, l)| l.on_hand == Quantity::ZERO));
    assert_eq!(book.level((tea, first)).on_hand, Quantity::whole(50 - 10 - 10 - 1));
    assert!(book.documents.iter().all(|(_, d)| match d {
        Document::Transfer(t) => t.received.is_some() && t.missing().is_empty(),
        _ => true,
    }));
    let closings: Vec<_> = book.tills.iter().flat_map(|(_, t)| t.closings.clone()).collect();
    assert_eq!((closings.len(), closings.iter().all(|c| c.difference().0 == 0)), (2, true));
    let taken: i64 = closings.iter().map(|c| c.expected.0 - 10_000).sum();
    let sold: i64 = book.orders.iter().map(|(_, o)| o.totals.total.0).sum();
    assert_eq!(taken, sold);
    assert_eq!(book.open_cases().count(), 0);
    store.close().await;
    van.close().await;
}
