//! The server over HTTP, in this process, on loopback.

use std::path::PathBuf;

use daybook::domain::decide::Command;
use daybook::domain::shop::staff::{Pin, Role, Staff};
use daybook::domain::value::id::StaffId;
use daybook::server::routes::router;
use daybook::sync::protocol::{PIN_HEADER, STAFF_HEADER};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Shop, tamper};

pub struct Http {
    pub shop: Shop,
    pub base: String,
    pub client: Client,
}

impl Http {
    pub fn new() -> Self {
        let shop = Shop::new();
        let folder = tempfile::tempdir().expect("a folder").keep();
        std::fs::write(folder.join("index.html"), "<!doctype html>").expect("a page");
        let base = shop.runtime.block_on(serve(&shop, folder));
        Self { shop, base, client: Client::new() }
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        self.post_as(path, token, None, body)
    }

    /// The same, with somebody at the tablet, and their PIN.
    pub fn post_as(
        &self,
        path: &str,
        token: Option<&str>,
        who: Option<(StaffId, &str)>,
        body: impl Into<reqwest::Body>,
    ) -> (StatusCode, Value) {
        self.shop.runtime.block_on(async {
            let mut request =
                self.client.post(format!("{}{path}", self.base)).header("content-type", "application/json").body(body);
            if let Some((by, pin)) = who {
                request = request.header(STAFF_HEADER, by.to_string()).header(PIN_HEADER, pin);
            }
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.expect("an answer");
            (response.status(), response.json().await.unwrap_or_default())
        })
    }

    pub fn code(&self) -> String {
        self.shop.runtime.block_on(async {
            let code = daybook::server::auth::new_code();
            let hash = daybook::server::auth::sha256(&daybook::server::auth::plain_code(&code));
            self.shop
                .server
                .journal
                .add_code(&self.shop.shop().id, &hash, daybook::server::now_ms() + 60_000)
                .await
                .expect("a code");
            code
        })
    }

    pub fn enrol(&self) -> Value {
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
    json!({ "v": 1, "store": tablet["store"], "replica": tablet["replica"], "schema": daybook::sync::protocol::OLDEST_SCHEMA, "cursor": ":0", "push": [], "limit": 100 })
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
    newer["schema"] = json!(daybook::sync::protocol::SCHEMA + 1);
    let mut too_old = request(&tablet);
    too_old["schema"] = json!(daybook::sync::protocol::OLDEST_SCHEMA - 1);
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
        (too_old.to_string(), StatusCode::UPGRADE_REQUIRED, "version"),
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
            let mut stream =
                TcpStream::connect(http.base.trim_start_matches("http://")).await.expect("the server listens");
            let head = format!(
                "POST /v1/sync HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
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

#[test]
fn health_is_open_and_figures_are_for_whoever_has_the_token() {
    let mut http = Http::new();
    http.shop.server.metrics_token = Some(daybook::server::auth::sha256("let me look"));
    let base = http.shop.runtime.block_on(serve(&http.shop, tempfile::tempdir().expect("a folder").keep()));
    http.enrol();
    let get = |path: &str, token: Option<&str>| {
        http.shop.runtime.block_on(async {
            let mut request = http.client.get(format!("{base}{path}"));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.expect("an answer");
            (response.status(), response.text().await.unwrap_or_default())
        })
    };
    assert_eq!(get("/healthz", None).0, StatusCode::OK);
    for token in [None, Some("guess")] {
        assert_eq!(get("/metrics", token).0, StatusCode::NOT_FOUND);
    }
    let (status, text) = get("/metrics", Some("let me look"));
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("daybook_log_transactions{store=\"s1\"} 1"), "{text}");
    assert!(text.contains("daybook_requests_total{route=\"/healthz\",status=\"200\"} 1"), "{text}");
}

#[test]
fn a_tablet_that_asks_without_end_is_told_to_wait_and_others_are_not() {
    let http = Http::new();
    let (wild, calm) = (http.enrol(), http.enrol());
    let ask = |tablet: &Value| http.post("/v1/tablets", tablet["token"].as_str(), "\"look\"").0;
    let refused = (0..400).map(|_| ask(&wild)).filter(|s| *s == StatusCode::TOO_MANY_REQUESTS).count();
    assert!(refused > 0, "400 requests at once are too many");
    assert_eq!(ask(&calm), StatusCode::OK);
}

#[test]
fn what_the_database_refuses_of_one_tablet_holds_no_other_up() {
    let shop = Shop::new();
    let tablets: Vec<_> = (0..4).map(|_| shop.tablet()).collect();
    let poison =
        "create trigger poison before insert on log when new.replica = 3 begin select raise(abort, 'refused'); end";
    shop.runtime.block_on(tamper(&shop.folder().join("daybook.sqlite"), poison));
    tablets.iter().for_each(|t| {
        t.sell(1);
    });
    let requests: Vec<_> = tablets.iter().map(|t| t.desk.sync_request(10).expect("enrolled")).collect();
    let served = shop.shop();
    // The first takes the lock alone; the others wait, and share a turn.
    let answers =
        shop.runtime.block_on(futures::future::join_all(requests.into_iter().map(|r| served.sync(r.replica, r))));
    let taken: Vec<_> = answers.iter().map(|a| a.as_ref().ok().map(|a| a.res.len())).collect();
    assert_eq!(taken, [Some(1), None, Some(1), Some(1)]);
}

#[test]
fn only_a_manager_with_their_pin_lets_tablets_in_shuts_them_out_or_sets_up_a_web_shop() {
    let http = Http::new();
    let store = http.shop.tablet();
    let pin = |digits| Some(Pin::new(digits, daybook::domain::value::hash::Hash::default()).expect("digits"));
    let clerk = Staff { id: StaffId::default(), name: "Mei".into(), role: Role::Clerk, active: true, pin: pin("1111") };
    let manager = Staff { name: "Bo".into(), role: Role::Manager, pin: pin("2222"), ..clerk };
    let gone = Staff { name: "Old".into(), active: false, ..manager };
    for person in [clerk, manager, gone] {
        store.act(Command::SaveStaff(person)).expect("an owner may");
    }
    store.sync_all();
    let named = |name: &str| {
        let ledger = store.desk.ledger();
        ledger.book.staff.iter().find(|(_, s)| s.name == name).map(|(id, _)| *id).expect("somebody")
    };
    let (clerk, manager, gone) = (named("Mei"), named("Bo"), named("Old"));
    let (tablet, lost) = (http.enrol(), http.enrol());
    let token = tablet["token"].as_str();
    let shut_out = json!({ "shut_out": { "replica": lost["replica"] } }).to_string();
    let shop = json!({ "set": { "name": "web", "kind": "json", "secret": null } }).to_string();
    for (path, body) in [("/v1/codes", ""), ("/v1/tablets", &*shut_out), ("/v1/intakes", &*shop)] {
        for who in [None, Some((clerk, "1111")), Some((manager, "")), Some((manager, "1111")), Some((gone, "2222"))] {
            let (status, error) = http.post_as(path, token, who, body.to_owned());
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {who:?}");
            let wrong = who.is_some_and(|(id, _)| id == manager);
            assert_eq!(error["code"], if wrong { "wrong_pin" } else { "role_too_low" });
        }
        assert_eq!(http.post_as(path, token, Some((manager, "2222")), body.to_owned()).0, StatusCode::OK, "{path}");
    }
    let (_, tablets) = http.post("/v1/tablets", token, "\"look\"");
    let line = tablets
        .as_array()
        .expect("a list")
        .iter()
        .find(|t| t["replica"] == lost["replica"])
        .expect("it is there")
        .clone();
    assert_eq!(line["shut_out"], true);
    // Within three seconds it is known everywhere.
    std::thread::sleep(std::time::Duration::from_millis(3_100));
    assert_eq!(http.post("/v1/sync", lost["token"].as_str(), request(&lost).to_string()).0, StatusCode::UNAUTHORIZED);
    // Nobody walks through all PINs.
    let tried = (0..30).map(|n| http.post_as("/v1/codes", token, Some((manager, &format!("9{n:03}"))), "").0);
    assert!(tried.filter(|s| *s == StatusCode::TOO_MANY_REQUESTS).count() > 0);
    // A stolen one that guesses keeps nobody else from shutting it out.
    let other = http.enrol();
    assert_eq!(http.post_as("/v1/codes", other["token"].as_str(), Some((manager, "2222")), "").0, StatusCode::OK);
}

#[test]
fn of_two_stores_on_one_server_neither_reads_writes_or_shuts_out_what_is_the_others() {
    let first = Http::new();
    // A second store in the same journal; a server that is opened on it serves both.
    let (runtime, journal) = (first.shop.runtime.clone(), first.shop.server.journal.clone());
    let at = daybook::server::now_ms();
    runtime.block_on(daybook::server::shop::Shop::found(journal.clone(), "second", at, None)).expect("a second store");
    let marks = tempfile::tempdir().expect("a folder");
    let (_, ending) = tokio::sync::watch::channel(false);
    let server = runtime.block_on(daybook::server::Server::with(journal, marks.path(), ending)).expect("a server");
    let base = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = router(server.clone(), None);
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    });
    let http = Http { base, ..first };
    let enrol = |store: &str| {
        let code = daybook::server::auth::new_code();
        let hash = daybook::server::auth::sha256(&daybook::server::auth::plain_code(&code));
        runtime.block_on(server.journal.add_code(store, &hash, at + 60_000)).expect("a code");
        let (status, tablet) = http.post("/v1/enrol", None, json!({ "code": code, "device": store }).to_string());
        assert_eq!((status, tablet["store"].as_str()), (StatusCode::OK, Some(store)));
        tablet
    };
    let own = http.shop.shop().id.clone();
    let (a, b) = (enrol(&own), enrol("second"));
    let digest = |store: &str| runtime.block_on(server.shops[store].digest()).expect("the journal");
    let (before, others) = (digest(&own), digest("second"));
    let token = |t: &Value| t["token"].as_str().map(str::to_owned);
    // Under its own name it gets its own log; under the other's nothing.
    let (status, answer) = http.post("/v1/sync", token(&b).as_deref(), request(&b).to_string());
    assert_eq!((status, answer["tx"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)), "how it was founded");
    for (by, of) in [(&a, &b), (&b, &a)] {
        let mut asked = request(by);
        asked["store"] = of["store"].clone();
        assert_eq!(http.post("/v1/sync", token(by).as_deref(), asked.to_string()).0, StatusCode::FORBIDDEN);
        let mut asked = request(of);
        asked["replica"] = by["replica"].clone();
        assert_eq!(http.post("/v1/sync", token(by).as_deref(), asked.to_string()).0, StatusCode::FORBIDDEN);
    }
    // What one writes is in its own log alone.
    let body = format!(
        r#"{{"at":1,"off":0,"by":"{}","ev":[{{"till_opened":{{"float":500}}}}]}}"#,
        daybook::domain::shop::staff::FIRST
    );
    let link = serde_json::from_value(b["h"].clone()).unwrap_or_default();
    let h = daybook::domain::value::hash::Hash::link(link, &body);
    let mut push = request(&b);
    push["push"] =
        json!([{ "seq": 1, "h": h.to_string(), "body": serde_json::from_str::<Value>(&body).expect("JSON") }]);
    let raw = push.to_string().replace(&serde_json::from_str::<Value>(&body).expect("JSON").to_string(), &body);
    let (status, answer) = http.post("/v1/sync", token(&b).as_deref(), raw);
    assert_eq!(
        (status, answer["res"][0]["s"].as_str().is_some() || answer["res"][0].is_object()),
        (StatusCode::OK, true),
        "{answer}"
    );
    assert_eq!(digest(&own), before);
    assert_ne!(digest("second"), others);
    // Lists and what is shut out are the store's own: both have a tablet with the same number.
    assert_eq!(a["replica"], b["replica"]);
    let owner = Some((daybook::domain::shop::staff::FIRST, ""));
    let (_, tablets) = http.post_as("/v1/tablets", token(&b).as_deref(), owner, "\"look\"");
    let devices: Vec<&str> = tablets.as_array().expect("a list").iter().filter_map(|t| t["device"].as_str()).collect();
    assert!(devices.contains(&"second") && !devices.contains(&own.as_str()), "{devices:?}");
    let other = enrol("second");
    let shut_out = json!({ "shut_out": { "replica": b["replica"] } }).to_string();
    assert_eq!(http.post_as("/v1/tablets", token(&other).as_deref(), owner, shut_out).0, StatusCode::OK);
    std::thread::sleep(std::time::Duration::from_millis(3_100));
    assert_eq!(http.post("/v1/sync", token(&b).as_deref(), request(&b).to_string()).0, StatusCode::UNAUTHORIZED);
    assert_eq!(http.post("/v1/sync", token(&a).as_deref(), request(&a).to_string()).0, StatusCode::OK);
}
