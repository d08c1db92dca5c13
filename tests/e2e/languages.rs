//! Both languages on every room, and nothing wider than the screen.

use serde_json::json;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const ROOMS: [&str; 7] = ["/", "/orders", "/work", "/stock", "/customers", "/reports", "/settings"];

#[tokio::test(flavor = "multi_thread")]
async fn every_room_fits_every_screen_in_both_languages() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::enrolled(&driver, &server.address(), &server.code()).await;
    a.import("market_products.csv").await;
    a.open_room("/").await;
    a.sell("绿茶", "豆腐").await;
    for (language, word) in [("English", "Take order"), ("中文", "接单")] {
        a.open_room("/settings").await;
        a.click_text(".settings .chip", language).await;
        a.until(word, &format!("return document.querySelector('.rail').textContent.includes({})", json!(word))).await;
        for (width, height) in [(1180, 820), (820, 1180), (390, 844), (1440, 900)] {
            a.page.set_window_rect(0, 0, width, height).await.expect("a window has a size");
            for room in ROOMS {
                a.open_room(room).await;
                a.wait(".shell__page > *").await;
                a.wait(&format!(".rail a[href='{room}'][data-here]")).await;
                assert_eq!(
                    a.script("return document.querySelectorAll('.rail [data-here]').length").await,
                    1,
                    "one room is marked"
                );
                let wider = a
                    .script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    .await;
                assert_eq!(wider, 0, "{room} at {width} in {language}");
                let small = a
                    .script(
                        "return [...document.querySelectorAll('button, .rail a, select')].filter(e => { const r = e.getBoundingClientRect(); \
                         return r.width && (r.height < 47.5 || r.width < 44) }).map(e => e.className + ' ' + e.textContent)",
                    )
                    .await;
                assert_eq!(small, json!([]), "targets are large enough: {room} at {width} in {language}");
            }
        }
    }
    a.close().await;
}
