//! Fuzzing: hostile bytes to the endpoints, to the fold and to every reader of files, chats and statements. Nothing may
//! panic, hang or eat memory.
//!
//! Inputs are the stored samples, cut, doubled, spliced and bent by dice with a seed. `DAYBOOK_FUZZ` says how many
//! (`./dev fuzz`); what once failed is kept in `tests/data/fuzz` and tried first, for ever.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daybook::domain::book::Book;
use daybook::domain::book::layered::Layer;
use daybook::domain::value::hash::Hash;
use daybook::domain::value::money::Currency;
use daybook::domain::value::part::Parts;
use daybook::import::{self, Kind, Origin, Store};
use daybook::server::cli::gbk;
use daybook::server::journal::MemoryJournal;
use daybook::server::shop::Shop;
use daybook::store::articles::Articles;
use daybook::store::dictionary::{Variants, Words};
use daybook::store::{Columns, LocalStore, Table, blocks, rows};
use daybook::sync::merge::{Entry, fold};
use daybook::sync::protocol::{Donation, PushEntry, Status, SyncRequest};
use futures::executor::block_on;
use serde_json::value::RawValue;

use crate::simulation::dice::Dice;

/// No single input may take longer, in a build without optimisation.
const SLOW: Duration = Duration::from_secs(3);

fn folder(name: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(path).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    files.sort();
    files.into_iter().filter_map(|f| std::fs::read(f).ok()).collect()
}

/// Bytes that programs stumble over.
const SPICE: [&[u8]; 22] = [
    b"-1",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"1e999",
    b"0.1",
    b"null",
    b"\"\"",
    b"[",
    b"{",
    b"]",
    b"}",
    b"\"",
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\"0-18446744073709551615\"",
    b"999999999999999999999",
];

fn bend(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[dice.below(corpus.len() as u64) as usize].clone();
    for _ in 0..1 + dice.below(6) {
        let at = dice.below(bytes.len() as u64 + 1) as usize;
        let to = (at + dice.below(64) as usize).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let piece = bytes[at..to].to_vec();
                let times = 1 + dice.below(40) as usize;
                bytes.splice(at..at, piece.repeat(times));
            }
            3 => drop(bytes.splice(at..to, SPICE[dice.below(SPICE.len() as u64) as usize].iter().copied())),
            4 => drop(bytes.splice(at..at, SPICE[dice.below(SPICE.len() as u64) as usize].iter().copied())),
            5 => {
                let other = &corpus[dice.below(corpus.len() as u64) as usize];
                let from = dice.below(other.len() as u64 + 1) as usize;
                let end = (from + dice.below(400) as usize).min(other.len());
                bytes.splice(at..to, other[from..end].iter().copied());
            }
            6 if at < bytes.len() => bytes[at] = dice.roll() as u8,
            _ => {
                // Another number where one stood.
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit).map(|d| at + d) {
                    let end =
                        bytes[digit..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |e| digit + e);
                    bytes.splice(digit..end, SPICE[dice.below(5) as usize].iter().copied());
                }
            }
        }
    }
    bytes.truncate(300_000);
    bytes
}

fn fuzz(what: &str, corpus: &[Vec<u8>], target: impl FnMut(&[u8])) {
    fuzz_some(what, 1, corpus, target);
}

/// The same with one run in so many.
fn fuzz_some(what: &str, one_in: u64, corpus: &[Vec<u8>], mut target: impl FnMut(&[u8])) {
    let runs = std::env::var("DAYBOOK_FUZZ").ok().and_then(|v| v.parse().ok()).unwrap_or(10_000_u64) / one_in;
    let seed = std::env::var("DAYBOOK_FROM").ok().and_then(|v| v.parse().ok()).unwrap_or(1_u64);
    let mut dice = Dice::new(seed);
    let kept = folder("fuzz");
    for run in 0..runs + kept.len() as u64 {
        let input = kept.get(run as usize).cloned().unwrap_or_else(|| bend(&mut dice, corpus));
        let start = Instant::now();
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target(&input)));
        let slow = start.elapsed() > SLOW;
        if ended.is_err() || slow {
            let file = std::env::temp_dir().join(format!("daybook-fuzz-{what}-{run}"));
            let _ = std::fs::write(&file, &input);
            panic!(
                "{what}: {} (keep {} in tests/data/fuzz)",
                if slow { "too slow" } else { "a panic" },
                file.display()
            );
        }
    }
}

fn bodies() -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for sample in folder("wire") {
        if let Ok(request) = serde_json::from_slice::<SyncRequest>(&sample) {
            bodies.extend(request.push.iter().map(|e| e.body.get().as_bytes().to_vec()));
        }
    }
    assert!(!bodies.is_empty());
    bodies
}

#[test]
fn no_body_makes_the_fold_or_the_server_panic_or_disagree() {
    let journal = MemoryJournal::default();
    let shop = block_on(Shop::found(Arc::new(journal.clone()), "s1", 0, None)).expect("a store").sealing_after(50);
    let mut link = Hash::default();
    let mut seq = 0;
    let mut book = Book::default();
    let mut said = std::collections::BTreeMap::<String, usize>::new();
    fuzz("body", &bodies(), |bytes| {
        let Ok(body) = RawValue::from_string(String::from_utf8_lossy(bytes).into_owned()) else { return };
        let parts = Parts::new();
        let entry = Entry {
            replica: 9,
            seq: 1,
            h: link,
            status: Status::Ok,
            code: None,
            body: Some(body.get()),
            parts: &parts,
        };
        fold(&mut book, Layer::Confirmed, &entry);
        // What the server takes has to fold the same when it is read again.
        seq += 1;
        link = Hash::link(link, body.get());
        let push = vec![PushEntry { seq, h: link, body, pd: parts }];
        let request = SyncRequest {
            v: 1,
            store: "s1".into(),
            replica: 9,
            schema: daybook::sync::protocol::SCHEMA,
            cursor: Default::default(),
            push,
            limit: 1,
        };
        let answer = block_on(shop.sync(9, request)).expect("the journal is in memory");
        for row in &answer.res {
            *said.entry(format!("{:?}", row.s)).or_default() += 1;
        }
        if answer.need.is_some() {
            // The journal knows no tablet 9, so the chain begins anew in each turn.
            (seq, link) = (0, Hash::default());
        }
    });
    assert!(said.len() >= 2, "some bodies are taken and some are not: {said:?}");
    let digest = block_on(shop.digest()).expect("memory");
    let row = block_on(daybook::server::journal::Journal::stores(&journal)).expect("memory").remove(0);
    let again = block_on(Shop::load(Arc::new(journal), row, None)).expect("it folds again");
    assert_eq!(block_on(again.digest()).expect("memory"), digest);
}

#[test]
fn no_request_makes_the_reader_panic() {
    fuzz("request", &folder("wire"), |bytes| {
        let _ = serde_json::from_slice::<SyncRequest>(bytes);
        let _ = serde_json::from_slice::<Donation>(bytes);
    });
}

#[test]
fn no_file_makes_an_importer_panic_or_hang() {
    let corpus = folder("import");
    let mut turn = 0;
    fuzz("import", &corpus, |bytes| {
        let text = import::text::decode(bytes, &gbk);
        turn += 1;
        let kind = if turn % 2 == 0 { None } else { Some(Kind::ALL[turn / 2 % Kind::ALL.len()]) };
        let preview = import::read(&text, kind, None, &Origin::default(), Store { currency: Currency::CNY });
        // Nothing grows out of nothing.
        assert!(preview.orders.len() + preview.products.len() + preview.issues.len() <= 4 * bytes.len() + 16);
    });
}

#[test]
fn no_chat_makes_the_reader_panic_and_every_letter_of_it_is_left_visible() {
    let (book, index) = crate::chat::shop();
    fuzz("chat", &folder("chat"), |bytes| {
        let text = import::text::decode(bytes, &gbk);
        let said: String = import::chat::read(&text, &book, &index, daybook::domain::value::time::Timestamp::default())
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        assert_eq!(plain(&said), plain(&text));
    });
}

#[test]
fn no_statement_makes_the_reader_panic_or_find_more_lines_than_there_are() {
    fuzz("statement", &folder("statement"), |bytes| {
        let text = import::text::decode(bytes, &gbk);
        if let Some(statement) = import::statement::read(&text, Currency::CNY, 28_800_000) {
            assert!(statement.bookings.len() <= text.lines().count() + text.matches('\r').count());
        }
    });
}

#[test]
fn no_workbook_makes_the_reader_panic() {
    let corpus: Vec<Vec<u8>> = folder("import").into_iter().filter(|b| b.starts_with(b"PK")).collect();
    fuzz("workbook", &corpus, |bytes| {
        if import::sheet::is_workbook(bytes) {
            let _ = import::sheet::to_csv(bytes);
        }
    });
}

#[test]
fn no_row_that_a_tablet_kept_makes_what_reads_it_panic() {
    let shop = crate::support::Shop::new();
    let desk = shop.tablet();
    for n in 0..300 {
        desk.sell(1 + n % 3);
    }
    desk.sync_all();
    block_on(desk.desk.seal(true)).expect("memory");
    let tables = [Table::Variant, Table::Article, Table::Block, Table::Index, Table::Stock, Table::Catalog];
    let rows = block_on(desk.store.read(&tables)).expect("memory");
    let variants = Variants::load(&rows[0]).expect("what was written");
    let words = Words { variants, articles: Some(Articles::load(&rows[1]).expect("what was written")) };
    let corpus: Vec<Vec<u8>> = rows.into_iter().flatten().map(|(_, bytes)| bytes).collect();
    fuzz("row", &corpus, |bytes| {
        let _ = blocks::decode(bytes, &Words::default());
        let _ = postcard::from_bytes::<daybook::actions::bootstrap::Bootstrap>(bytes);
        let _ = (Articles::load(&[(0, bytes.to_vec())]), Variants::load(&[(0, bytes.to_vec())]));
        let _ = rows::read_levels(bytes, &words.variants);
        let _ = rows::read_products(bytes, &words.variants);
        let _ = Columns::load(vec![(0, bytes.to_vec())], 4);
        // With a sum that is right again, or nothing beyond it would ever be reached.
        if let Some((head, data)) = bytes.split_at_checked(23) {
            let mut block = head.to_vec();
            block[19..].copy_from_slice(&crc32fast::hash(data).to_le_bytes());
            block.extend_from_slice(data);
            let _ = blocks::decode(&block, &words);
        }
    });
}

#[test]
fn no_request_makes_the_endpoints_fail_and_a_good_one_is_answered_afterwards() {
    let http = crate::server::Http::new();
    let tablet = http.enrol();
    let token = tablet["token"].as_str().expect("a token").to_owned();
    let corpus: Vec<Vec<u8>> =
        folder("wire").into_iter().chain([b"\"look\"".to_vec(), b"{\"shut_out\":{\"replica\":3}}".to_vec()]).collect();
    let paths = ["/v1/sync", "/v1/donate", "/v1/enrol", "/v1/tablets", "/v1/intakes", "/v1/intake/web", "/v1/codes"];
    let mut turn = 0;
    // A twentieth of the runs: each is a request over a socket.
    fuzz_some("endpoint", 20, &corpus, |bytes| {
        turn += 1;
        let body = match serde_json::from_slice::<serde_json::Value>(bytes) {
            // Some get past the first look.
            Ok(mut value) if value.is_object() && turn % 2 == 0 => {
                value["store"] = tablet["store"].clone();
                value["replica"] = tablet["replica"].clone();
                value.to_string().into_bytes()
            }
            _ => bytes.to_vec(),
        };
        let (status, answer) = http.post(paths[turn % paths.len()], Some(&token), body);
        assert!(!status.is_server_error(), "{status} {answer}");
        assert!(status.is_success() || answer["code"].is_string() || status.as_u16() == 429, "{status} {answer}");
    });
    let calm = http.enrol();
    let good = serde_json::json!({ "v": 1, "store": calm["store"], "replica": calm["replica"], "schema": daybook::sync::protocol::SCHEMA, "cursor": ":0", "limit": 10 });
    let (status, _) = http.post("/v1/sync", calm["token"].as_str(), good.to_string());
    assert!(status.is_success());
}
