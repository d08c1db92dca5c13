//! A barcode held before the camera, read by our own reader: the Chromium of the tests has none.

use std::io::Write;

use barcoders::sym::code128::Code128;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// A film of one picture, with a barcode in it, as Chromium plays it in place of a camera.
fn film(text: &str) -> tempfile::NamedTempFile {
    const WIDTH: usize = 800;
    const HEIGHT: usize = 600;
    const MODULE: usize = 4;
    let bars = Code128::new(format!("\u{0181}{text}")).expect("plain letters").encode();
    let left = (WIDTH - bars.len() * MODULE) / 2;
    let dark = |x: usize, y: usize| {
        (150..450).contains(&y) && x.checked_sub(left).and_then(|x| bars.get(x / MODULE)).is_some_and(|bar| *bar == 1)
    };
    let grey: Vec<u8> = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| if dark(x, y) { 20 } else { 235 })).collect();
    let mut file = tempfile::NamedTempFile::with_suffix(".y4m").expect("a file");
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg").expect("it can be written");
    for _ in 0..5 {
        file.write_all(b"FRAME\n").expect("it can be written");
        file.write_all(&grey).expect("it can be written");
        file.write_all(&[128; WIDTH * HEIGHT / 2]).expect("it can be written");
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_barcode_before_the_camera_is_an_article_in_the_cart_once_also_without_a_network() {
    let server = Server::new();
    let driver = Driver::start();
    let film = film("6900000000000");
    let a = Tablet::with_camera(&driver, &server, film.path()).await;
    a.goto("/").await;
    a.wait(".tile").await;
    let lines = "return document.querySelectorAll('.cart__line').length === 1 && document.querySelector('.cart__line output').textContent === '1'";
    a.click("[data-camera]").await;
    a.wait("[data-read='6900000000000']").await;
    a.until("it is in the cart once", lines).await;
    a.click(".dialog__head .button--bare").await;
    a.until("the camera is off", "return !document.querySelector('.camera')").await;
    // The reader was fetched once and is kept.
    let kept = "const c = await caches.open((await caches.keys())[0]); return !!(await c.match('/scanner_bg.wasm'))";
    a.until("the reader is kept", kept).await;
    a.network(false).await;
    a.goto("/").await;
    a.click("[data-camera]").await;
    a.wait("[data-read='6900000000000']").await;
    a.close().await;
}
