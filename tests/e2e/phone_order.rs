//! An order by telephone, from the call to the delivery note: taken without a network, handled by a rule, packed and
//! handed over on the other tablet.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// Remembers what the printer was given, because no printer is here.
const PRINTS: &str = "window.prints = []; window.print = () => { window.prints.push(document.querySelector('.paper, .slip').innerText || document.querySelector('.paper, .slip').textContent); window.dispatchEvent(new Event('afterprint')); }";

async fn take_by_phone(tablet: &Tablet, product: &str, name: &str, phone: &str, address: &str) -> String {
    tablet.open_room("/").await;
    tablet.click_text(".virtual .tile", product).await;
    tablet.click(".cart__details").await;
    tablet.click_text(".dialog .chip", "Phone").await;
    tablet.click_text(".dialog .chip", "Delivery").await;
    tablet.type_in("Name", name).await;
    tablet.type_in("Phone", phone).await;
    tablet.type_in("Address", address).await;
    tablet.click(".dialog button[type=submit]").await;
    tablet.until("the sheet is closed", "return !document.querySelector('.dialog')").await;
    let before =
        tablet.script("const t = document.querySelector('[data-taken]'); return t ? t.dataset.taken : ''").await;
    tablet.click(".pay__main").await;
    let script = format!(
        "const t = document.querySelector('[data-taken]'); return t && t.dataset.taken !== {before} ? t.dataset.taken : null"
    );
    let number = tablet.until("the order is taken", &script).await.as_str().expect("a number").to_owned();
    tablet.click_text(".taken button", "Next customer").await;
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_by_telephone_goes_to_its_delivery_note_without_a_network_and_is_packed_on_the_other_tablet() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    for tablet in [&a, &b] {
        tablet.before_every_page(PRINTS).await;
    }
    a.ready_for_offline().await;
    a.sent().await;
    // The rule that the sheet offers: clean orders are confirmed, allocated and get their note.
    a.open_room("/settings").await;
    a.click("[data-add-rule]").await;
    a.type_in("Name of the rule", "Straight through").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-rule]").await;
    a.sent().await;
    a.network(false).await;
    a.goto("/").await;
    a.wait(".tile").await;
    let clean = take_by_phone(&a, "绿茶", "李雷", "13800138000", "城南路 18 号").await;
    // Without an address it is left to people, and stops.
    let stopped = take_by_phone(&a, "红茶", "韩梅梅", "13900139000", " ").await;
    a.open_order(&clean).await;
    assert_eq!(a.attribute(".page__head .state", "data-state").await, "allocated");
    a.wait("[data-allocation=whole]").await;
    a.click("[data-print=delivery_note]").await;
    let note = a.until("the note is printed", "return window.prints[0]").await;
    let note = note.as_str().expect("text").to_owned();
    for words in [format!("D-{clean}").as_str(), "李雷", "城南路 18 号", "绿茶"] {
        assert!(note.contains(words), "{words} is not on the note: {note}");
    }
    assert!(!note.contains("Copy"), "the rule made it ready, and nobody had printed it: {note}");
    a.click("[data-print=delivery_note]").await;
    let again = a.until("the note is printed again", "return window.prints[1]").await;
    assert!(again.as_str().expect("text").contains("Copy 1"), "{again}");
    a.open_room("/work").await;
    a.click_text(".chip", "To check").await;
    a.wait(&format!(".queue__row[data-number='{stopped}'] [data-severity=stop]")).await;
    a.open_order(&stopped).await;
    a.wait("[data-checks=stop]").await;
    a.click("[data-set-delivery]").await;
    a.type_in("Delivery address", "学院路 5 号").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-checks=clean]").await;
    a.click("[data-step=confirm]").await;
    a.open_room("/work").await;
    a.click_text(".chip", "To allocate").await;
    a.click("[data-allocate-all]").await;
    a.wait(".queue .empty").await;
    a.network(true).await;
    a.open_room("/settings").await;
    a.click("[data-send-now]").await;
    a.sent().await;

    b.goto("/work").await;
    b.click_text(".chip", "To pick 2").await;
    b.click_text(".queue__do .button", "Choose all").await;
    b.click("[data-pick-list]").await;
    let list = b.until("the list is printed", "return window.prints[0]").await;
    let list = list.as_str().expect("text").to_owned();
    for words in [clean.as_str(), stopped.as_str(), "绿茶", "红茶"] {
        assert!(list.contains(words), "{words} is not on the list: {list}");
    }
    for step in ["start_picking", "pack"] {
        b.click(&format!(".queue__row[data-number='{clean}'] [data-next={step}]")).await;
    }
    // It was not packed yet, after all.
    b.click("[data-undo-last]").await;
    b.click(&format!(".queue__row[data-number='{clean}'] [data-next=pack]")).await;
    b.click_text(".chip", "To hand over 1").await;
    b.click(&format!(".queue__row[data-number='{clean}'] [data-next=ship]")).await;
    b.wait(".queue .empty").await;
    // The carrier had not taken it along; now it has.
    b.open_order(&clean).await;
    b.click("[data-undo-step]").await;
    b.wait(".page__head .state[data-state=packed]").await;
    b.click("[data-step=ship]").await;
    b.wait(".page__head .state[data-state=shipped]").await;
    b.sent().await;
    let book = server.book().await;
    let tea = book.products.iter().find(|(_, p)| p.name.contains("绿茶")).map(|(_, p)| p.variants[0].id).expect("tea");
    let place = (tea, daybook::domain::shop::location::FIRST);
    assert_eq!((book.level(place).on_hand.0, book.allocated(place).0), (49_000, 0));
    a.close().await;
    b.close().await;
}
