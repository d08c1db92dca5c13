//! `./dev bench server`: two hundred tablets that push and pull, against the real server as a process of its own, on
//! SQLite and on PostgreSQL. One JSON object per figure, and a table for people.
//!
//! Closed loop first (each tablet sends as soon as it was answered): transactions a second. Then half of that rate, at
//! set times, whatever the server does: the time from when a request was due to its answer.

#[path = "../native/postgres.rs"]
mod postgres;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use daybook::domain::value::hash::Hash;
use daybook::domain::value::part::Parts;
use daybook::sync::protocol::{Cursor, Enrolment, PushEntry, SCHEMA, SyncRequest, SyncResponse, VERSION};
use serde_json::json;
use serde_json::value::RawValue;

const TABLETS: usize = 200;
/// Orders in one request.
const BATCH: usize = 8;
/// Entries that a tablet asks for at a time.
const PAGE: u32 = 64;

struct Server {
    process: Child,
    address: String,
    data: tempfile::TempDir,
    database: Option<String>,
}

impl Server {
    fn start(database: Option<String>) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.args(["serve", "--port", "0", "--backup-hours", "0", "--data"]).arg(data.path());
        if let Some(database) = &database {
            command.args(["--database", database]);
        }
        let mut process = command
            .env("DAYBOOK_LOG", std::env::var("DAYBOOK_LOG").unwrap_or_else(|_| "warn".into()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("an address");
        let address = line.split("/?").next().unwrap_or_default().to_owned();
        Self { process, address, data, database }
    }

    fn code(&self) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.args(["enrol", "--data"]).arg(self.data.path());
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        String::from_utf8(command.output().expect("it runs").stdout).expect("text").trim().to_owned()
    }

    /// Memory of the server. Units: MB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or_default() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Tablet {
    me: Enrolment,
    client: reqwest::Client,
    url: String,
    seq: u64,
    link: Hash,
    cursor: Cursor,
}

/// An order of two lines, paid in cash and handed over, as the console writes it.
fn body(replica: u32, n: u64) -> String {
    let line = |name: &str, price: i64| {
        json!({ "variant": null, "name": name, "sku": "LJ-1", "unit": "piece", "quantity": 2000, "unit_price": price, "discount": 0,
            "tax_id": null, "rate_bp": 300, "net": price * 2 - 40, "tax": 40 })
    };
    let (first, second) = (line("龙井 Longjing", 1280), line("茶杯 Cup", 3600));
    let order = format!("{replica}-{n}");
    json!({ "at": 1_700_000_000_000_u64 + n, "off": 0, "by": "0-1", "ev": [
        { "order_placed": { "order": order, "number": format!("T{replica}-{n}"), "channel": "stall", "external": null, "placed_at": null,
            "location": "0-1", "currency": "CNY", "prices_include_tax": true, "customer": null, "note": null, "lines": [first, second],
            "totals": { "discount": 0, "tax": 80, "shipping": 0, "shipping_tax": 0, "adjustment": 0, "total": 9760 },
            "state": "placed", "payments": [], "refunds": [] } },
        { "payment_taken": { "order": order, "payment": { "id": format!("{replica}-{}", n + 1_000_000_000), "tender": "cash",
            "amount": 9760, "tendered": 10000, "reference": "", "at": 1_700_000_000_000_u64 + n, "by": "0-1" } } },
        { "order_moved": { "order": order, "from": "placed", "to": "handed_over" } },
        { "goods_handed_over": { "order": order, "location": "0-1" } },
        { "order_moved": { "order": order, "from": "handed_over", "to": "closed" } }
    ] })
    .to_string()
}

impl Tablet {
    async fn enrol(server: &Server, code: &str) -> Self {
        let client = reqwest::Client::new();
        let body = json!({ "code": code, "device": "bench" }).to_string();
        let answer = client.post(format!("{}/v1/enrol", server.address)).body(body).send().await.expect("an answer");
        let me: Enrolment = serde_json::from_slice(&answer.bytes().await.expect("bytes")).expect("an identity");
        let url = format!("{}/v1/sync", server.address);
        Self { me, client, url, seq: 0, link: Hash::default(), cursor: Cursor::default() }
    }

    /// Pushes a batch and pulls a page; how many transactions were taken.
    async fn round(&mut self) -> usize {
        let mut push = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            self.seq += 1;
            let body = body(self.me.replica, self.seq);
            self.link = Hash::link(self.link, &body);
            push.push(PushEntry {
                seq: self.seq,
                h: self.link,
                body: RawValue::from_string(body).expect("JSON"),
                pd: Parts::new(),
            });
        }
        let request = SyncRequest {
            v: VERSION,
            store: self.me.store.clone(),
            replica: self.me.replica,
            schema: SCHEMA,
            cursor: self.cursor.clone(),
            push,
            limit: PAGE,
        };
        let body = serde_json::to_vec(&request).expect("JSON");
        let answer =
            self.client.post(&self.url).bearer_auth(&self.me.token).body(body).send().await.expect("an answer");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("bytes");
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
        let answer: SyncResponse = serde_json::from_slice(&bytes).expect("a page");
        assert_eq!(answer.last_seq, self.seq);
        // The rest of the log is read by the page that follows; the digest is another test's.
        self.cursor = Cursor { epoch: answer.epoch, g: answer.to, dig: None };
        answer.res.iter().filter(|r| r.s == daybook::sync::protocol::Status::Ok).count()
    }
}

fn percentile(sorted: &[f64], p: f64) -> f64 {
    sorted.get(((sorted.len() as f64 - 1.0) * p) as usize).copied().unwrap_or_default()
}

fn say(name: &str, value: f64, unit: &str, n: usize, p50: Option<f64>, p99: Option<f64>) {
    println!(
        "{}",
        json!({ "name": name, "value": (value * 100.0).round() / 100.0, "unit": unit, "n": n, "p50": p50, "p99": p99 })
    );
}

async fn measure(kind: &str, server: Server, seconds: u64) {
    let mut tablets = Vec::new();
    for _ in 0..TABLETS {
        tablets.push(Tablet::enrol(&server, &server.code()).await);
    }
    let before = server.memory();
    let taken = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let runs: Vec<_> = tablets
        .into_iter()
        .map(|mut tablet| {
            let taken = taken.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let asked = Instant::now();
                    taken.fetch_add(tablet.round().await as u64, Ordering::Relaxed);
                    times.push(asked.elapsed().as_secs_f64() * 1000.0);
                }
                (tablet, times)
            })
        })
        .collect();
    let mut tablets = Vec::new();
    let mut times = Vec::new();
    for run in runs {
        let (tablet, own) = run.await.expect("it ran");
        tablets.push(tablet);
        times.extend(own);
    }
    let full = taken.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let n = times.len();
    say(
        &format!("server {kind}: transactions, closed loop"),
        full,
        "1/s",
        n,
        Some(percentile(&times, 0.5)),
        Some(percentile(&times, 0.99)),
    );
    let middle = server.memory();

    // Half of the aim of 5,000/s, or of what it reached if that is less, at set times.
    let rate = full.min(5_000.0) / 2.0;
    let pause = Duration::from_secs_f64(TABLETS as f64 * BATCH as f64 / rate);
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let runs: Vec<_> = tablets
        .into_iter()
        .enumerate()
        .map(|(i, mut tablet)| {
            tokio::spawn(async move {
                let mut times = Vec::new();
                let mut due = start + pause.mul_f64(i as f64 / TABLETS as f64);
                while due < end {
                    tokio::time::sleep_until(due.into()).await;
                    tablet.round().await;
                    times.push(due.elapsed().as_secs_f64() * 1000.0);
                    due += pause;
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for run in runs {
        times.extend(run.await.expect("it ran"));
    }
    times.sort_by(f64::total_cmp);
    let (p50, p99) = (percentile(&times, 0.5), percentile(&times, 0.99));
    say(&format!("server {kind}: answer at {rate:.0} transactions/s"), p50, "ms", times.len(), Some(p50), Some(p99));
    let after = server.memory();
    say(&format!("server {kind}: memory, idle"), before as f64, "MB", 1, None, None);
    say(&format!("server {kind}: memory after the first half"), middle as f64, "MB", 1, None, None);
    say(&format!("server {kind}: memory after all"), after as f64, "MB", 1, None, None);
    println!(
        "{kind:>10} {full:>8.0} tx/s   half rate p50 {p50:>6.1} ms  p99 {p99:>6.1} ms   {before} -> {middle} -> {after} MB"
    );
}

#[tokio::main]
async fn main() {
    let seconds = std::env::var("DAYBOOK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(10);
    measure("SQLite", Server::start(None), seconds).await;
    let cluster = postgres::Cluster::shared();
    measure("PostgreSQL", Server::start(Some(cluster.database())), seconds).await;
}
