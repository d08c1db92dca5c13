//! The program as it is started: HTTPS, an orderly end, and what it writes into its log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use daybook::domain::shop::staff;
use daybook::domain::shop::staff::{Pin, Staff};
use daybook::domain::value::hash::Hash;
use daybook::server::audit::audit;
use daybook::server::journal::{Journal, SqlJournal};
use daybook::sync::protocol::{PIN_HEADER, SCHEMA, STAFF_HEADER};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

/// A running server that ends with the test.
struct Running {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    base: String,
    code: String,
    log: Option<ChildStderr>,
}

impl Running {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daybook"))
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .args(more)
            .env("DAYBOOK_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let (base, code) =
            line.trim().split_once("/?enrol=").unwrap_or_else(|| panic!("the address to open, and not {line:?}"));
        let log = child.stderr.take();
        Self { base: base.to_owned(), code: code.to_owned(), child, log }
    }

    fn address(&self) -> &str {
        self.base.split("//").nth(1).expect("an address")
    }

    /// Asks it to end, and gives its log.
    fn stop(mut self) -> String {
        let mut log = self.log.take().expect("piped");
        let read = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = log.read_to_string(&mut text);
            text
        });
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        assert!(asked.success());
        let begun = Instant::now();
        let ended = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(begun.elapsed() < Duration::from_secs(15), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(ended.success(), "{ended}");
        read.join().expect("a log")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a stream, and everything that comes back.
fn ask(mut stream: impl Read + Write, head: &str, body: &str) -> String {
    let request =
        format!("{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    // Some peers end without a word; what was read counts.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn plain(running: &Running) -> TcpStream {
    let stream = TcpStream::connect(running.address()).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    stream
}

fn body(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

#[test]
fn it_serves_https_from_certificate_files_and_says_which_file_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let path = |p: &Path| p.to_str().expect("text").to_owned();
    let running = Running::start(&folder.path().join("data"), &["--tls-cert", &path(&cert), "--tls-key", &path(&key)]);
    assert!(running.base.starts_with("https://"));

    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(made.cert.der().to_vec())).expect("a root");
    let config = Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(config, name).expect("a client");
    let answer = ask(StreamOwned::new(connection, plain(&running)), "GET /healthz HTTP/1.1", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!ask(plain(&running), "GET /healthz HTTP/1.1", "").contains("200"), "nothing is said in the open");
    running.stop();

    std::fs::write(&key, "not a key").expect("a file");
    let out = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(["serve", "--port", "0", "--data"])
        .arg(folder.path().join("data"))
        .args(["--tls-cert", &path(&cert), "--tls-key", &path(&key)])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && said.contains("key.pem"), "{said}");
}

#[test]
fn asked_to_end_it_answers_what_is_under_way_ends_streams_and_leaves_a_whole_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path(), &[]);
    let tablet = body(&ask(
        plain(&running),
        "POST /v1/enrol HTTP/1.1",
        &json!({ "code": running.code, "device": "t" }).to_string(),
    ));
    let token = tablet["token"].as_str().expect("a token").to_owned();
    // A stream that would never end by itself.
    let ticket = daybook::sync::protocol::hints_ticket(&token);
    let mut stream = plain(&running);
    stream
        .write_all(format!("GET /v1/hints?ticket={ticket} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())
        .expect("it is sent");
    let mut first = [0; 12];
    stream.read_exact(&mut first).expect("an answer begins");
    assert_eq!(&first, b"HTTP/1.1 200");
    // A request of which half has arrived when it is asked to end.
    let request =
        json!({ "v": 1, "store": tablet["store"], "replica": tablet["replica"], "schema": daybook::sync::protocol::SCHEMA, "cursor": ":0", "limit": 10 }).to_string();
    let (half, rest) = request.split_at(20);
    let mut slow = plain(&running);
    let head = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{half}",
        request.len()
    );
    slow.write_all(head.as_bytes()).expect("it is sent");
    let late = std::thread::spawn({
        let rest = rest.to_owned();
        move || {
            std::thread::sleep(Duration::from_millis(400));
            slow.write_all(rest.as_bytes()).expect("it is still there");
            let mut answer = [0; 12];
            slow.read_exact(&mut answer).expect("an answer");
            answer
        }
    });
    std::thread::sleep(Duration::from_millis(100));
    let log = running.stop();
    assert_eq!(&late.join().expect("a thread"), b"HTTP/1.1 200");
    assert!(log.contains("stopping"));
    let mut left = Vec::new();
    stream.read_to_end(&mut left).expect("the stream has an end");

    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let journal = SqlJournal::sqlite(folder.path()).await.expect("a database");
        let store = journal.stores().await.expect("stores").remove(0);
        assert!(audit(&journal, &store).await.expect("an audit").findings.is_empty());
        journal.close().await;
    });
}

#[test]
fn no_secret_is_in_the_log_however_much_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path(), &["--metrics-token", "metrics-secret-1"]);
    let post = |path: &str, token: &str, more: &str, body: &str| {
        ask(
            plain(&running),
            &format!("POST {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json{more}"),
            body,
        )
    };
    let tablet = body(&post("/v1/enrol", "", "", &json!({ "code": running.code, "device": "t" }).to_string()));
    let token = tablet["token"].as_str().expect("a token");
    // The owner gets a PIN; a web shop gets a secret.
    let owner = Staff {
        id: staff::FIRST,
        name: "Me".into(),
        role: staff::Role::Owner,
        active: true,
        pin: Pin::new("73194682", Hash::default()).ok(),
    };
    let text = serde_json::to_string(&json!({ "at": 1, "off": 0, "by": staff::FIRST, "ev": [{ "staff_set": owner }] }))
        .expect("JSON");
    let h = Hash::link(Hash::default(), &text);
    let push = format!(
        r#"{{"v":1,"store":{},"replica":{},"schema":{SCHEMA},"cursor":":0","limit":10,"push":[{{"seq":1,"h":"{h}","body":{text}}}]}}"#,
        tablet["store"], tablet["replica"]
    );
    assert_eq!(body(&post("/v1/sync", token, "", &push))["res"][0]["s"], "ok");
    let who = format!("\r\n{STAFF_HEADER}: {}\r\n{PIN_HEADER}: 73194682", staff::FIRST);
    let code = body(&post("/v1/codes", token, &who, ""))["code"].as_str().expect("a code").to_owned();
    let shop = json!({ "set": { "name": "web", "kind": "json", "secret": "shop-secret-123" } }).to_string();
    assert!(body(&post("/v1/intakes", token, &who, &shop))["shops"].is_array());
    let wrong = post("/v1/codes", "wrong-token-77", "", "");
    assert!(wrong.starts_with("HTTP/1.1 401"), "{wrong}");
    ask(plain(&running), "GET /metrics HTTP/1.1\r\nauthorization: Bearer metrics-secret-1", "");
    let ticket = daybook::sync::protocol::hints_ticket(token);
    let mut hints = plain(&running);
    hints
        .write_all(format!("GET /v1/hints?ticket={ticket} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())
        .expect("it is sent");
    hints.read_exact(&mut [0; 12]).expect("an answer begins");
    let first = running.code.clone();
    let log = running.stop();
    assert!(log.lines().count() > 20, "it says much: {log}");
    for secret in [token, &ticket, &first, &code, "73194682", "shop-secret-123", "wrong-token-77", "metrics-secret-1"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }

    let out = Command::new(env!("CARGO_BIN_EXE_daybook"))
        .args(["audit", "--data"])
        .arg(folder.path())
        .args(["--database", "postgres://me:database-secret@127.0.0.1:1/none"])
        .output()
        .expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stderr), String::from_utf8_lossy(&out.stdout));
    assert!(!out.status.success() && !said.contains("database-secret"), "{said}");
}
