//! What a person has to look at, and what can be done about it right there.

use daybook::domain::event::{Event, OrderPlaced};
use daybook::domain::order::{OrderState, Totals};
use daybook::domain::shop::channel::Channel;
use daybook::domain::shop::{location, staff};
use daybook::domain::stock::{Movement, Reason};
use daybook::domain::value::id::{Id, MovementId, OrderId};
use daybook::domain::value::money::{Currency, Minor};
use daybook::domain::value::quantity::Quantity;
use daybook::domain::value::time::Timestamp;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

/// An order that the server keeps and cannot apply: its sum is not that of its lines.
fn wrong_order() -> Event {
    Event::OrderPlaced(Box::new(OrderPlaced {
        order: OrderId(Id { replica: 99, n: 1 }),
        number: "Q-7".into(),
        channel: Channel::Phone,
        external: None,
        placed_at: None,
        location: location::FIRST,
        currency: Currency::CNY,
        prices_include_tax: true,
        customer: None,
        note: None,
        lines: Vec::new(),
        totals: Totals { total: Minor(4_200), ..Totals::default() },
        state: OrderState::Placed,
        payments: Vec::new(),
        refunds: Vec::new(),
        offers: Vec::new(),
        kits: Vec::new(),
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_did_not_count_are_accepted_and_an_oversold_place_is_counted_again() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    server.write_as_another(staff::FIRST, vec![wrong_order()]).await;
    a.open_room("/work").await;
    a.until(
        "what it says is shown",
        "const c = document.querySelector('[data-case]'); return c && c.innerText.includes('Q-7')",
    )
    .await;
    assert!(!server.numbers().await.contains(&"Q-7".to_owned()), "it does not count yet");
    a.click("[data-accept]").await;
    a.until("the case is closed", "return !document.querySelector('[data-case]')").await;
    a.sent().await;
    assert!(server.numbers().await.contains(&"Q-7".to_owned()));
    b.open_room("/orders").await;
    b.until("the other tablet lists it", "return document.body.innerText.includes('Q-7')").await;

    // More of something goes than is there.
    let cakes =
        server.book().await.products.iter().flat_map(|(_, p)| &p.variants).find(|v| v.sku == "MK-04").map(|v| v.id);
    let gone = Movement {
        id: MovementId(Id { replica: 99, n: 2 }),
        variant: cakes.expect("rice cakes"),
        location: location::FIRST,
        change: Quantity::whole(-100),
        reason: Reason::Sold(OrderId(Id { replica: 99, n: 1 })),
        at: Timestamp(1_790_000_000_000),
        by: staff::FIRST,
    };
    server.write_as_another(staff::FIRST, vec![Event::StockMoved(gone)]).await;
    b.open_room("/work").await;
    b.wait("[data-case] [data-recount]").await;
    assert!(b.text("[data-case]").await.contains("Q-7"), "the orders that took from there are named");
    b.fill("[data-recount] input", "5").await;
    b.click("[data-recount] button[type=submit]").await;
    b.until("the case closes itself", "return !document.querySelector('[data-case]')").await;
    b.sent().await;
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_tablet_is_shut_out_on_another_ones_screen() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    // The second one that was enrolled.
    let lost = "B";
    a.open_room("/settings").await;
    a.click("[data-new-code]").await;
    a.wait("[data-code]").await;
    a.click(&format!("[data-tablet={lost}] [data-shut-out]")).await;
    a.click("[data-shut-out-now]").await;
    a.until("it is off the list", &format!("return !document.querySelector('[data-tablet={lost}]')")).await;
    b.open_room("/settings").await;
    // A token that was shown lately is looked up again within three seconds.
    let told = "const s = document.querySelector('.status').dataset.link; if (s !== 'connected') return s; document.querySelector('[data-send-now]')?.click(); return null";
    b.until("it is told", told).await;
    a.close().await;
    b.close().await;
}
