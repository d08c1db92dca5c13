//! After the sale: goods come back, an order's price and customer are put right, the customer is told; without a
//! network, and the other tablet agrees.

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

#[tokio::test(flavor = "multi_thread")]
async fn goods_of_one_line_come_back_with_their_money_and_every_figure_says_so() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.go_offline().await;
    a.open_till("100").await;
    a.open_room("/").await;
    a.click_text(".virtual .tile", "绿茶").await;
    let number = a.sell("绿茶", "豆腐").await;
    a.open_order(&number).await;
    a.click("[data-return]").await;
    a.fill("[data-return-line='0'] input", "1").await;
    a.until("a tea's worth", "return document.querySelector('[data-return-money]').textContent.includes('18')").await;
    a.click("[data-return-go]").await;
    a.sheet_is_closed().await;
    assert_eq!(a.attribute("[data-returned]", "data-returned").await, "1");
    assert_eq!(a.attribute("[data-returned-worth]", "data-returned-worth").await, "1800");
    // Two of tea and a tofu less a tea, and the money that is in the till.
    a.open_room("/reports").await;
    assert_eq!(a.attribute("[data-expected]", "data-expected").await, "12250");
    assert_eq!(a.attribute("[data-tender=cash]", "data-minor").await, "2250");
    a.until("the goods that sold", "const g = [...document.querySelectorAll('[data-article]')].map(e => +e.dataset.article); return g.length === 2 && g[0] === 1800 && g[1] === 450").await;
    a.comes_back().await;
    let book = server.book().await;
    let order = book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is on the server");
    assert_eq!((order.charged().0, order.paid().0, order.due().0), (2_250, 2_250, 0));
    let tea = order.lines[0].variant.expect("tea");
    assert_eq!(book.level((tea, order.location)).on_hand.0, 49_000);
    b.open_room("/orders").await;
    b.click(&format!(".order-row[data-number='{number}']")).await;
    b.wait("[data-returned='1']").await;
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_and_a_customer_are_put_right_and_the_customer_is_told_when_it_is_packed() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    // A rule that tells the customer, made on the screen and tried on what there is.
    a.open_room("/settings").await;
    a.click("[data-add-rule]").await;
    a.type_in("Name of the rule", "Ready").await;
    a.click_text(".dialog .chip", "an order is packed").await;
    for _ in 0..4 {
        a.click(".dialog .part .button--bare").await;
    }
    a.until("nothing is left", "return !document.querySelector('.dialog .part')").await;
    a.click_text(".dialog .button--small", "Add a step").await;
    a.wait(".dialog .part select").await;
    let message = "const s = document.querySelector('.dialog .part select'); s.value = [...s.options].find(o => o.textContent === 'Write the message').value; \
                   s.dispatchEvent(new Event('change', { bubbles: true })); return true";
    a.script(message).await;
    a.fill(".dialog .part textarea", "{customer}, {number} is ready").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-rule=Ready]").await;
    a.sent().await;
    b.until("the other tablet has it", "return true").await;

    a.open_room("/").await;
    a.click_text(".virtual .tile", "绿茶").await;
    a.click(".cart__details").await;
    a.click_text(".dialog .chip", "Phone").await;
    a.type_in("Name", "李雷").await;
    a.type_in("Phone", "13800138000").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click(".pay__main").await;
    let number = a.attribute("[data-taken]", "data-taken").await;
    a.sent().await;

    b.network(false).await;
    b.open_order(&number).await;
    b.click("[data-edit]").await;
    b.fill("[data-edit-line='0'] .field:nth-of-type(2) input, [data-edit-line='0'] label.field input", "15").await;
    b.click(".dialog button[type=submit]").await;
    b.sheet_is_closed().await;
    b.click("[data-customer-change]").await;
    b.click(".dialog .row .button--bare").await;
    b.type_in("Name", "韩梅梅").await;
    b.type_in("Phone", "13900139000").await;
    b.click(".dialog button[type=submit]").await;
    b.until("it is hers", "return document.querySelector('.person').textContent.includes('韩梅梅')").await;
    for (step, state) in [("confirm", "confirmed"), ("start_picking", "picking"), ("pack", "packed")] {
        b.click(&format!("[data-step={step}]")).await;
        b.wait(&format!("[data-state={state}]")).await;
    }
    b.open_room("/work").await;
    let due = format!("[data-message-due='{number}']");
    let said = b.text(&due).await;
    assert!(said.contains(&format!("韩梅梅, {number} is ready")), "{said}");
    let sms = b.attribute(&format!("{due} [data-sms]"), "href").await;
    assert!(sms.starts_with("sms:13900139000?body=") && !sms.contains(' '), "{sms}");
    b.click("[data-told]").await;
    b.until("nothing is due", "return !document.querySelector('[data-message-due]')").await;
    b.comes_back().await;
    let book = server.book().await;
    let order = book.orders.iter().map(|(_, o)| o).find(|o| o.number == number).expect("it is on the server");
    assert_eq!((order.totals.total.0, order.messages[0].sent), (1_500, Some(true)));
    let name = order.customer.and_then(|c| book.customers.get(&c)).map(|c| c.person.name.clone());
    assert_eq!(name.as_deref(), Some("韩梅梅"));
    a.open_order(&number).await;
    a.until("the first tablet sees it", "return document.body.innerText.includes('韩梅梅, ')").await;
    a.close().await;
    b.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_orders_become_one_and_rules_change_places_and_go() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.sent().await;
    a.open_room("/settings").await;
    for name in ["First", "Second"] {
        a.click("[data-add-rule]").await;
        a.type_in("Name of the rule", name).await;
        a.click("[data-try]").await;
        a.wait("[data-tried='0']").await;
        a.click(".dialog button[type=submit]").await;
        a.wait(&format!("[data-rule={name}]")).await;
    }
    a.click("[data-rule=Second] [data-rule-up]").await;
    let order =
        "const r = [...document.querySelectorAll('[data-rule]')].map(e => e.dataset.rule).join(); return r === ";
    a.until("they changed places", &format!("{order}'Second,First'")).await;
    for name in ["Second", "First"] {
        a.click_text(&format!("[data-rule={name}] .button--small"), "Edit").await;
        a.click("[data-rule-remove]").await;
        a.until("it is gone", &format!("return !document.querySelector('[data-rule={name}]')")).await;
    }
    let mut numbers = Vec::new();
    for (i, product) in ["绿茶", "豆腐"].into_iter().enumerate() {
        a.open_room("/").await;
        a.click_text(".virtual .tile", product).await;
        a.click(".cart__details").await;
        a.click_text(".dialog .chip", "Phone").await;
        if i == 0 {
            a.type_in("Name", "李雷").await;
        } else {
            a.type_in("Find a customer", "李雷").await;
            a.click("[data-customer]").await;
        }
        a.click(".dialog button[type=submit]").await;
        a.sheet_is_closed().await;
        a.click(".pay__main").await;
        numbers.push(a.attribute("[data-taken]", "data-taken").await);
        a.click_text(".taken button", "Next customer").await;
    }
    a.open_order(&numbers[0]).await;
    a.click_text(".order__more .button", "Merge").await;
    a.click_text(".dialog .row--button", &numbers[1]).await;
    a.sheet_is_closed().await;
    a.until("both are in it", "return document.querySelectorAll('.order__lines tbody tr').length === 2").await;
    a.sent().await;
    let book = server.book().await;
    let total = |n: &str| {
        book.orders.iter().map(|(_, o)| o).find(|o| o.number == n).map(|o| (o.totals.total.0, o.state)).expect("there")
    };
    assert_eq!(total(&numbers[0]).0, 2_250);
    assert_eq!(total(&numbers[1]).1, daybook::domain::order::OrderState::Voided);
    a.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_on_account_are_owed_and_paid_in_two_parts_without_a_network() {
    let server = Server::new();
    let driver = Driver::start();
    let a = Tablet::with_goods(&driver, &server).await;
    a.go_offline().await;
    a.open_room("/customers").await;
    a.click(".page__head .button--primary").await;
    a.type_in("Name", "李雷").await;
    a.type_in("Phone", "13800138000").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click_text(".virtual .row--button", "李雷").await;
    a.type_in("May owe at most", "100").await;
    a.click("[data-limit]").await;
    a.until("it is saved", "return !!document.querySelector('.notice')").await;
    a.click(".dialog__head .button--bare").await;

    a.open_room("/").await;
    a.click_text(".virtual .tile", "绿茶").await;
    a.click(".cart__details").await;
    a.click_text(".dialog .chip", "Phone").await;
    a.type_in("Find a customer", "李雷").await;
    a.click("[data-customer]").await;
    a.click(".dialog button[type=submit]").await;
    a.sheet_is_closed().await;
    a.click(".pay__main").await;
    let number = a.attribute("[data-taken]", "data-taken").await;
    a.open_order(&number).await;
    a.click("[data-pay]").await;
    a.click_text(".dialog .chip", "On account").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-paid=paid]").await;
    a.open_room("/customers").await;
    a.click_text(".virtual .row--button", "李雷").await;
    assert_eq!(a.attribute("[data-owed]", "data-owed").await, "1800");
    a.type_in("Received", "10").await;
    a.click("[data-settle]").await;
    a.wait("[data-owed='800']").await;
    a.until("the rest is proposed", "return document.querySelector('[data-settle]').textContent.includes('8.00')")
        .await;
    a.click("[data-settle]").await;
    a.wait("[data-owed='0']").await;
    a.network(true).await;
    a.click(".dialog__head .button--bare").await;
    a.open_room("/settings").await;
    a.click("[data-send-now]").await;
    a.sent().await;
    let book = server.book().await;
    assert_eq!(book.accounts.iter().map(|(_, account)| account.owed.0).collect::<Vec<_>>(), [0]);
    a.close().await;
}
