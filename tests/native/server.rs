//! The server over HTTP, in this process, on loopback.

use std::path::PathBuf;

use daybook::server::routes::router;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Shop;

struct Http {
    shop: Shop,
    base: String,
    client: Client,
}

impl Http {
    fn new() -> Self {
        let shop = Shop::new();
        let folder = tempfile::tempdir().expect("a folder").keep();
        std::fs::write(folder.join("index.html"), "<!doctype html>").expect("a page");
        let base = shop.runtime.block_on(serve(&shop, folder));
        Self { shop, base, client: Client::new() }
    }

    fn post(&self, path: &str, token: Option<&str>, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        self.shop.runtime.block_on(async {
            let mut request = self.client.post(format!("{}{path}", self.base)).header("content-type", "application/json").body(body);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.expect("an answer");
            (response.status(), response.json().await.unwrap_or_default())
        })
    }

    fn code(&self) -> String {
        self.shop.runtime.block_on(async {
            let code = daybook::server::auth::new_code();
            let hash = daybook::server::auth::sha256(&daybook::server::auth::plain_code(&code));
            self.shop.server.journal.add_code(&self.shop.shop().id, &hash, daybook::server::now_ms() + 60_000).await.expect("a code");
            code
        })
    }

    fn enrol(&self) -> Value {
        let (status, tablet) = self.post("/v1/enrol", None, json!({ "code": self.code(), "device": "t" }).to_string());
        assert_eq!(status, StatusCode::OK);
        tablet
    }
}

async fn serve(shop: &Shop, console: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = router(shop.server.clone(), Some(console));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

fn request(tablet: &Value) -> Value {
    json!({ "v": 1, "store": tablet["store"], "replica": tablet["replica"], "schema": 1, "cursor": ":0", "push": [], "limit": 100 })
}

#[test]
fn a_code_enrols_one_tablet_and_no_second() {
    let http = Http::new();
    let code = http.code();
    let body = json!({ "code": code.to_lowercase().replace('-', " "), "device": "t" }).to_string();
    let (status, tablet) = http.post("/v1/enrol", None, body.clone());
    assert_eq!((status, tablet["prefix"].as_str()), (StatusCode::OK, Some("A")));
    let (status, error) = http.post("/v1/enrol", None, body);
    assert_eq!((status, error["code"].as_str()), (StatusCode::FORBIDDEN, Some("wrong_code")));
}

#[test]
fn codes_cannot_be_guessed_at_speed() {
    let http = Http::new();
    let guess = || http.post("/v1/enrol", None, json!({ "code": "AAAA-AAAA", "device": "t" }).to_string()).0;
    let answers: Vec<_> = (0..25).map(|_| guess()).collect();
    assert_eq!(answers[0], StatusCode::FORBIDDEN);
    assert_eq!(answers[24], StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_malformed_request_is_a_4xx_with_a_code_and_changes_nothing() {
    let http = Http::new();
    let tablet = http.enrol();
    let token = tablet["token"].as_str();
    let before = http.shop.digest();
    let mut version = request(&tablet);
    version["v"] = json!(2);
    let mut newer = request(&tablet);
    newer["schema"] = json!(2);
    let mut other = request(&tablet);
    other["replica"] = json!(99);
    let mut strange = request(&tablet);
    strange["strange"] = json!(true);
    let mut many = request(&tablet);
    many["push"] = json!(vec![json!({ "seq": 1, "h": "00000000000000000000000000000000", "body": {} }); 300]);
    let mut zero = request(&tablet);
    zero["push"] = json!([{ "seq": 0, "h": "00000000000000000000000000000000", "body": {} }]);
    for (body, status, code) in [
        ("not json".to_owned(), StatusCode::BAD_REQUEST, "malformed"),
        ("[".repeat(100_000), StatusCode::BAD_REQUEST, "malformed"),
        ("{}".to_owned(), StatusCode::BAD_REQUEST, "malformed"),
        (strange.to_string(), StatusCode::BAD_REQUEST, "malformed"),
        (zero.to_string(), StatusCode::BAD_REQUEST, "malformed"),
        (version.to_string(), StatusCode::UPGRADE_REQUIRED, "version"),
        (newer.to_string(), StatusCode::UPGRADE_REQUIRED, "version"),
        (other.to_string(), StatusCode::FORBIDDEN, "other_tablet"),
        (many.to_string(), StatusCode::PAYLOAD_TOO_LARGE, "too_many"),
    ] {
        let shown: String = body.chars().take(60).collect();
        let (found, error) = http.post("/v1/sync", token, body);
        assert_eq!((found, error["code"].as_str()), (status, Some(code)), "{shown}");
    }
    assert_eq!(http.shop.digest(), before);
    assert_eq!(http.post("/v1/sync", token, request(&tablet).to_string()).0, StatusCode::OK);
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let http = Http::new();
    let answer = http.shop.runtime.block_on(async {
        let mut stream = TcpStream::connect(http.base.trim_start_matches("http://")).await.expect("the server listens");
        let head = "POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("it takes the head");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    });
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn a_tablet_that_hangs_up_in_the_middle_of_a_round_does_not_upset_the_server() {
    let http = Http::new();
    let a = http.shop.tablet();
    let token = a.desk.ledger().identity.as_ref().map(|i| i.token.clone()).expect("enrolled");
    for _ in 0..25 {
        a.sell(1);
        let body = serde_json::to_string(&a.desk.sync_request(256).expect("enrolled")).expect("JSON");
        http.shop.runtime.block_on(async {
            let mut stream = TcpStream::connect(http.base.trim_start_matches("http://")).await.expect("the server listens");
            let head =
                format!("POST /v1/sync HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.expect("it takes the head");
            stream.write_all(body.as_bytes()).await.expect("it takes the body");
        });
    }
    a.sync_all();
    let b = http.shop.tablet();
    assert_eq!((a.waiting(), b.orders().len()), (0, 25));
    assert_eq!(b.full_digest(), http.shop.digest());
}

#[test]
fn an_unknown_token_is_a_401_everywhere() {
    let http = Http::new();
    let tablet = http.enrol();
    for path in ["/v1/sync", "/v1/codes"] {
        for token in [None, Some("wrong")] {
            let (status, error) = http.post(path, token, request(&tablet).to_string());
            assert_eq!((status, error["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("unknown_token")), "{path}");
        }
    }
}

#[test]
fn the_console_comes_with_a_strict_policy_and_every_page_is_the_page() {
    let http = Http::new();
    http.shop.runtime.block_on(async {
        for path in ["/", "/orders", "/orders/2-1"] {
            let response = http.client.get(format!("{}{path}", http.base)).send().await.expect("a page");
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
            assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
            assert_eq!(response.headers()["cache-control"], "no-cache");
        }
        let missing = http.client.get(format!("{}/v1/nothing", http.base)).send().await.expect("an answer");
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    });
}
