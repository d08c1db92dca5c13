//! From a web shop's message to an allocated order on two tablets.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::server::Server;
use crate::tablet::{Driver, Tablet};

const ORDER: &str = r#"{
    "reference": "W-17",
    "customer": { "name": "李雷", "phone": "13800138000", "address": "城南路 18 号" },
    "lines": [{ "sku": "MK-01", "quantity": 3 }],
    "paid": "54.00"
}"#;

fn signature(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_message_of_a_web_shop_is_allocated_by_a_rule_and_on_both_tablets_in_a_moment() {
    let server = Server::new();
    let driver = Driver::start();
    let (a, b) = Tablet::two_with_goods(&driver, &server).await;
    a.open_room("/settings").await;
    a.click("[data-add-rule]").await;
    a.fill(".dialog .field input", "Straight through").await;
    a.click(".dialog button[type=submit]").await;
    a.wait("[data-rule]").await;
    a.click("[data-add-shop]").await;
    a.fill(".dialog .field input", "my-site").await;
    a.click(".dialog button[type=submit]").await;
    let secret = a.attribute("[data-secret]", "data-secret").await;
    a.wait("[data-shop=my-site]").await;
    a.sent().await;
    b.open_room("/orders").await;

    let client = reqwest::Client::new();
    let hand_in = |signature: String| {
        let address = format!("{}/v1/intake/my-site", server.address());
        client.post(address).header("x-daybook-signature", signature).body(ORDER).send()
    };
    let refused = hand_in(signature("another secret", ORDER)).await.expect("an answer");
    assert_eq!(refused.status(), 401);
    for taken in ["placed", "known", "known"] {
        let answer = hand_in(signature(&secret, ORDER)).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let said: serde_json::Value = answer.json().await.expect("JSON");
        assert_eq!(said["taken"], taken);
    }
    a.open_room("/orders").await;
    for tablet in [&a, &b] {
        tablet.wait(".order-row[data-number='W-17'] [data-state=allocated]").await;
        tablet.wait(".order-row[data-number='W-17'] [data-paid=paid]").await;
    }
    let book = server.book().await;
    assert_eq!(book.orders.iter().count(), 1);
    a.close().await;
    b.close().await;
}
