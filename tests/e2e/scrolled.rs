//! Rows of a list are used again while it is scrolled: wherever one stops, each shows its own order, in order, once.

use serde_json::{Value, json};

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const ORDERS: usize = 60;

/// The rows from top to bottom as they are seen: number, what is written, link.
const ROWS: &str = "const rows = [...document.querySelectorAll('.order-row')]; \
    const top = r => r.getBoundingClientRect().top; \
    if (rows.some((r, i) => i && top(r) <= top(rows[i - 1]))) return 'out of order'; \
    return rows.map(r => [r.dataset.number, r.querySelector('.order-row__number').textContent, r.getAttribute('href')])";

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_list_is_scrolled_to_each_row_shows_its_own_order_once() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.sell_many("绿茶", ORDERS).await;
    a.open_room("/orders").await;
    a.shows_orders(ORDERS).await;
    let book = server.book().await;
    let mut newest_first: Vec<_> = book.orders.iter().map(|(id, o)| (o.placed_at, *id, o.number.clone())).collect();
    newest_first.sort();
    newest_first.reverse();
    let expected: Vec<Value> =
        newest_first.iter().map(|(_, id, number)| json!([number, number, format!("/orders/{id}")])).collect();
    // A row at a time, a screen at a time, all the way down and back.
    for top in [0, 68, 136, 500, 2_000, 100_000, 1_200, 1_132, 0] {
        a.script(&format!("document.querySelector('.virtual').scrollTop = {top}")).await;
        // Until the order that has to be at the top of what is seen is there.
        let shown = format!(
            "const expected = {}; const rows = () => {{ {ROWS} }}; \
             const at = Math.floor(document.querySelector('.virtual').scrollTop / 68); const all = rows(); \
             return Array.isArray(all) && all.some(r => r[0] === expected[at][0]) ? all : null",
            Value::from(expected.clone())
        );
        let rows = a.until("the list is there", &shown).await;
        let rows = rows.as_array().expect("rows").clone();
        let at =
            expected.iter().position(|e| *e == rows[0]).unwrap_or_else(|| panic!("{} is none of the orders", rows[0]));
        assert_eq!(rows, expected[at..at + rows.len()], "scrolled to {top}");
    }
    a.close().await;
}
