//! The main journey: orders taken at a stall without a network, a browser that is killed, and the store's tablet.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::proxy::Proxy;
use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// What stands between the stall and the store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Network,
    Server,
}

const PAIRS: [(&str, &str); 5] =
    [("绿茶", "豆腐"), ("红茶", "年糕"), ("茶杯", "木勺"), ("手擀面", "辣椒酱"), ("瓷碗", "陈醋")];

#[tokio::test(flavor = "multi_thread")]
async fn orders_taken_without_a_network_survive_a_kill_and_arrive_once() {
    journey(Cut::Network).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_taken_while_the_server_is_down_survive_a_kill_and_arrive_once() {
    journey(Cut::Server).await;
}

async fn journey(cut: Cut) {
    let mut server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.ready_for_offline().await;
    a.sent().await;

    match cut {
        Cut::Network => a.network(false).await,
        Cut::Server => server.kill(),
    }
    a.goto("/").await; // cold: from the service worker and IndexedDB alone
    a.wait(".tile").await;
    let mut numbers = Vec::new();
    for n in 0..20 {
        let (first, second) = PAIRS[n % PAIRS.len()];
        numbers.push(a.sell(first, second).await);
    }
    numbers.push(a.sell("竹篮", "木勺").await);
    let a = a.kill().start(&driver).await;

    if cut == Cut::Network {
        a.network(false).await;
    }
    a.goto("/orders").await;
    a.wait(".order-row").await;
    assert_eq!(a.attribute("[data-count]", "data-count").await, "21", "nothing is missing after the kill");
    assert_eq!(a.waiting().await, 21);

    b.open_room("/orders").await;
    let back = match cut {
        Cut::Network => {
            a.network(true).await;
            Instant::now()
        }
        Cut::Server => {
            server.start_again();
            // The tablet asks again by itself; its backoff is over when it is connected.
            a.until("A is connected", "return document.querySelector('[data-link=connected]')").await;
            Instant::now()
        }
    };
    b.shows_orders(21).await;
    let took = back.elapsed();
    assert!(took < Duration::from_secs(2), "B had to wait {took:?}");
    a.sent().await;

    let unique: HashSet<&String> = numbers.iter().collect();
    assert_eq!(unique.len(), 21, "no number twice");
    let book = server.book().await;
    let mut there: Vec<String> = book.orders.iter().map(|(_, o)| o.number.clone()).collect();
    let mut taken = numbers.clone();
    there.sort();
    taken.sort();
    assert_eq!(there, taken, "what A was told is taken is on the server, once");
    let levels = a.levels().await;
    assert_eq!(levels, b.levels().await, "stock agrees on both tablets");
    for (variant, on_hand) in levels.as_object().expect("levels") {
        let place = (variant.parse().expect("an id"), daybook::domain::shop::location::FIRST);
        assert_eq!(
            on_hand.as_str().expect("a figure"),
            book.level(place).on_hand.plain(),
            "and on the server: {variant}"
        );
    }
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_after_the_servers_commit_doubles_nothing() {
    let server = Server::new();
    let wire = Proxy::to(server.port).await;
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &format!("http://127.0.0.1:{}", wire.port), &server.code()).await;
    a.import("market_products.csv").await;
    a.sent().await;
    a.open_room("/").await;
    wire.lose_answers(true);
    let first = a.sell("绿茶", "豆腐").await;
    let start = Instant::now();
    while server.book().await.orders.is_empty() {
        assert!(start.elapsed() < crate::tablet::PATIENCE, "the server never committed");
    }
    let second = a.sell("红茶", "年糕").await;
    assert_eq!(a.waiting().await, 2, "A cannot know that one arrived");
    assert!(wire.lost() > 0);
    wire.lose_answers(false);
    a.sent().await;
    let there = server.numbers().await;
    assert_eq!(there, [first, second]);
    a.close().await;
}
