//! From an offer to money: a quotation is accepted, paid, held up, split because a part has to wait, and that part paid
//! back.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_becomes_an_order_whose_waiting_part_is_split_off_with_its_money_and_paid_back() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/").await;
    for _ in 0..3 {
        a.click_text(".virtual .tile", "绿茶").await;
    }
    a.click(".cart__details").await;
    a.click_text(".dialog .chip", "Phone").await;
    a.type_in("Name", "李雷").await;
    a.type_in("Phone", "13800138000").await;
    a.type_in("E-mail", "li@example.com").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click("[data-quote]").await;
    let number = a.attribute("[data-taken]", "data-taken").await;
    a.open_room("/orders").await;
    a.click(&format!(".order-row[data-number='{number}']")).await;
    a.wait("[data-state=draft]").await;
    assert!(
        a.script("return !document.querySelector('[data-pay]')").await.as_bool().expect("a bool"),
        "nobody pays for an offer"
    );
    a.click("[data-step=accept]").await;
    a.wait("[data-state=placed]").await;
    a.click("[data-step=confirm]").await;
    a.wait("[data-state=confirmed]").await;
    a.click("[data-pay]").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-paid=paid]").await;
    // It waits for an answer, and nothing is done with it meanwhile.
    a.click("[data-hold]").await;
    a.fill(".dialog input", "asks for another box").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-step=allocate]:disabled").await;
    a.click("[data-go-on]").await;
    a.wait("[data-step=allocate]:enabled").await;

    a.click("[data-split]").await;
    a.fill(".dialog .stepper input", "1").await;
    a.click(".dialog button[type=submit]").await;
    let other = format!(
        "return document.querySelector('h1').textContent !== '{number}' && document.querySelector('[data-paid=paid]') && document.querySelector('h1').textContent"
    );
    let part =
        a.until("the part is an order of its own, and paid", &other).await.as_str().expect("a number").to_owned();
    a.click("[data-refund]").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-paid=refunded]").await;
    a.sent().await;

    let book = server.book().await;
    let find =
        |number: &str| book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is on the server");
    let (kept, gone) = (find(&number), find(&part));
    assert_eq!((kept.totals.total.0, kept.paid().0, kept.due().0), (3_600, 3_600, 0));
    assert_eq!((gone.totals.total.0, gone.paid().0, gone.refunds.len()), (1_800, 0, 1));
    assert_eq!(book.open_cases().count(), 0);
    let card = kept.customer.and_then(|c| book.customers.get(&c)).map(|c| c.person.email.clone());
    assert_eq!(card.as_deref(), Some("li@example.com"));
    b.open_room("/orders").await;
    b.click(&format!(".order-row[data-number='{number}']")).await;
    b.until("the other tablet has the mail, too", "return document.body.innerText.includes('li@example.com')").await;
    a.close().await;
    b.close().await;
}
