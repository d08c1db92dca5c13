//! A statement of the bank beside the payments.

use std::io::Write;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_held_against_the_payments_and_what_is_accepted_stays() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.goto("/").await;
    let mut numbers = Vec::new();
    for (tile, tender) in [("绿茶", "wechat_pay"), ("红茶", "alipay"), ("豆腐", "cash")] {
        a.click_text(".virtual .tile", tile).await;
        a.click(&format!("[data-tender={tender}]")).await;
        let taken = a
            .until("it is taken", "const t = document.querySelector('[data-taken]'); return t && t.dataset.taken")
            .await;
        numbers.push(taken.as_str().expect("a number").to_owned());
        a.click_text(".taken button", "Next customer").await;
    }
    let today = a.script("return new Date().toLocaleDateString('sv')").await;
    let today = today.as_str().expect("a day");
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").expect("a file");
    let lines = [
        "Account,DE00".to_owned(),
        "Date,Description,Amount".to_owned(),
        format!("{today},Payment {},18.00", numbers[0]),
        format!("{today},somebody,22.50"),
        format!("{today},unknown,99.00"),
    ];
    writeln!(file, "{}", lines.join("\n")).expect("it can be written");
    let choose = async || {
        a.open_room("/reports").await;
        a.choose("[data-statement]", file.path()).await;
        a.wait("[data-booking]").await;
    };
    choose().await;
    a.wait("[data-booking=guess]").await;
    a.wait("[data-booking=nothing]").await;
    a.click("[data-accept-all]").await;
    a.wait("[data-booking=known]").await;
    a.click("[data-booking=guess] [data-accept]").await;
    a.until("both are found", "return document.querySelectorAll('[data-booking=known]').length === 2").await;
    a.until("nothing is missing", "return document.querySelector('[data-missing]').dataset.missing === '0'").await;
    a.sent().await;
    // The same file again says so.
    a.goto("/").await;
    choose().await;
    a.until("both are known", "return document.querySelectorAll('[data-booking=known]').length === 2").await;
    a.close().await;
}
