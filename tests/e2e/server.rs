//! A `daybook serve` of one's own, on a free port and a folder that goes away.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use daybook::domain::book::Book;
use daybook::domain::book::layered::Layer;
use daybook::domain::event::{Body, Event};
use daybook::domain::value::hash::Hash;
use daybook::domain::value::id::StaffId;
use daybook::domain::value::part::Parts;
use daybook::domain::value::time::Timestamp;
use daybook::sync::merge::fold;
use daybook::sync::protocol::{Cursor, Enrolment, PushEntry, SCHEMA, SyncRequest, SyncResponse};
use serde_json::value::RawValue;
use tempfile::TempDir;

pub struct Server {
    process: Child,
    pub data: TempDir,
    pub port: u16,
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_daybook"))
}

pub fn console() -> PathBuf {
    PathBuf::from(std::env::var("DAYBOOK_DIST").expect("DAYBOOK_DIST names a built console (./dev e2e sets it)"))
}

fn start(data: &Path, port: u16, files: &Path) -> (Child, u16) {
    let mut process = program()
        .args(["serve", "--empty", "--port", &port.to_string(), "--data"])
        .arg(data)
        .arg("--console")
        .arg(files)
        .env("DAYBOOK_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("it prints its address");
    let port = line.split(':').nth(2).and_then(|rest| rest.split('/').next()).and_then(|p| p.parse().ok());
    (process, port.unwrap_or_else(|| panic!("no address in {line:?}")))
}

impl Server {
    pub fn new() -> Self {
        Self::on(tempfile::tempdir().expect("a folder"))
    }

    /// Serves what is in a folder.
    pub fn on(data: TempDir) -> Self {
        let (process, port) = start(data.path(), 0, &console());
        Self { process, data, port }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        self.process.kill().expect("it was running");
        self.process.wait().expect("it has ended");
    }

    /// The same store on the same port.
    pub fn start_again(&mut self) {
        self.process = start(self.data.path(), self.port, &console()).0;
    }

    /// Another store on the same port, as after a lost disk.
    pub fn start_empty(&mut self) {
        self.data = tempfile::tempdir().expect("a folder");
        self.start_again();
    }

    /// Runs the command line on this server's folder, and says what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        let output = program().args(arguments).arg("--data").arg(self.data.path()).output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The same store with another version of the console.
    pub fn start_with(&mut self, console: &Path) {
        self.process = start(self.data.path(), self.port, console).0;
    }

    /// A fresh enrolment code.
    pub fn code(&self) -> String {
        let output = program().args(["enrol", "--data"]).arg(self.data.path()).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Another tablet writes one transaction, whatever it says, and tells its prefix.
    pub async fn write_as_another(&self, by: StaffId, ev: Vec<Event>) -> String {
        let client = reqwest::Client::new();
        let body = serde_json::json!({ "code": self.code(), "device": "other" }).to_string();
        let answer = client.post(format!("{}/v1/enrol", self.address())).body(body).send().await.expect("an answer");
        let me: Enrolment = serde_json::from_str(&answer.text().await.expect("text")).expect("an identity");
        let body =
            serde_json::to_string(&Body { at: Timestamp(1_790_000_000_000), off: 0, by, ok: None, ev }).expect("JSON");
        let h = Hash::link(Hash::default(), &body);
        let push = vec![PushEntry { seq: 1, h, body: RawValue::from_string(body).expect("JSON"), pd: Parts::new() }];
        let cursor = Cursor::default();
        let request =
            SyncRequest { v: 1, store: me.store, replica: me.replica, schema: SCHEMA, cursor, push, limit: 1 };
        let body = serde_json::to_string(&request).expect("JSON");
        let answer = client
            .post(format!("{}/v1/sync", self.address()))
            .bearer_auth(&me.token)
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success());
        me.prefix
    }

    /// The numbers of all orders.
    pub async fn numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = self.book().await.orders.iter().map(|(_, o)| o.number.clone()).collect();
        numbers.sort();
        numbers
    }

    /// What the server's log folds to, read as any tablet would.
    pub async fn book(&self) -> Book {
        let client = reqwest::Client::new();
        let body = serde_json::json!({ "code": self.code(), "device": "check" }).to_string();
        let answer = client.post(format!("{}/v1/enrol", self.address())).body(body).send().await.expect("an answer");
        let me: Enrolment = serde_json::from_str(&answer.text().await.expect("text")).expect("an identity");
        let mut book = Book::default();
        let mut cursor = Cursor::default();
        loop {
            let request = SyncRequest {
                v: 1,
                store: me.store.clone(),
                replica: me.replica,
                schema: SCHEMA,
                cursor,
                push: Vec::new(),
                limit: 500,
            };
            let body = serde_json::to_string(&request).expect("JSON");
            let answer = client
                .post(format!("{}/v1/sync", self.address()))
                .bearer_auth(&me.token)
                .body(body)
                .send()
                .await
                .expect("an answer");
            let page: SyncResponse = serde_json::from_str(&answer.text().await.expect("text")).expect("a page");
            for entry in &page.tx {
                fold(&mut book, Layer::Confirmed, &entry.entry());
            }
            cursor = Cursor { epoch: page.epoch, g: page.to, dig: None };
            if !page.more {
                return book;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
