//! What every journal keeps to: SQLite, PostgreSQL, and the one in memory.

use std::collections::HashSet;
use std::sync::Arc;

use daybook::domain::value::hash::Hash;
use daybook::domain::value::part::{Part, Parts};
use daybook::server::Server;
use daybook::server::journal::{Chain, Journal, LogRow, MemoryJournal, NewTablet, SqlJournal};
use daybook::server::kept::Kept;
use daybook::sync::merge::log_digest;
use daybook::sync::protocol::{Cursor, PushEntry, SCHEMA, Status, SyncRequest, VERSION};
use futures::future::join_all;
use serde_json::value::RawValue;

use crate::local_store;
use crate::postgres::Cluster;

fn row(g: u64, replica: u32, seq: u64, before: Hash) -> LogRow {
    let (body, h) = (format!("{{\"n\":{seq}}}"), Hash::of(&[&[replica as u8], &seq.to_be_bytes()]));
    let status = if seq.is_multiple_of(5) { Status::Rej } else { Status::Ok };
    let mut parts = Parts::new();
    if seq == 2 {
        parts.insert("p1".into(), Part { salt: h, data: "\"王芳\"".into() });
    }
    let code = (status == Status::Rej).then(|| "role_too_low".to_owned());
    LogRow { g, replica, seq, h, status, code, body, parts, dig: log_digest(before, replica, seq, h, status) }
}

async fn tablet(journal: &dyn Journal, n: u8) -> u32 {
    journal.add_code("s1", &[n; 32], 1_000).await.expect("a code");
    let new = NewTablet { device: "t", token_hash: [n + 100; 32], ticket_hash: [n + 150; 32], at: 10 };
    journal.enrol(&[n; 32], new).await.expect("the journal").expect("a fresh code").replica
}

async fn append(journal: &dyn Journal, replica: u32, count: u64) {
    let mut turn = journal.turn("s1").await.expect("a turn");
    let chain = turn.chain(replica).await.expect("the journal").expect("it is enrolled");
    let (mut g, mut dig) = (turn.store().g, turn.dig());
    let mut rows = Vec::new();
    for n in 1..=count {
        g += 1;
        rows.push(row(g, replica, chain.last_seq + n, dig));
        dig = rows[rows.len() - 1].dig;
    }
    turn.append(&rows, 0).await.expect("it is appended");
    turn.commit().await.expect("it is committed");
}

async fn check(journal: Arc<dyn Journal>) {
    let j = &*journal;
    j.found("s1", "e1", 0).await.expect("a store");
    j.ping().await.expect("it is there");

    // Codes are used once and not after their time; replicas are numbered from 2.
    let (a, b) = (tablet(j, 1).await, tablet(j, 2).await);
    assert_eq!((a, b), (2, 3));
    let new = NewTablet { device: "t", token_hash: [9; 32], ticket_hash: [8; 32], at: 10 };
    assert!(j.enrol(&[1; 32], new).await.expect("the journal").is_none(), "a code is used once");
    j.add_code("s1", &[7; 32], 10).await.expect("a code");
    assert!(j.enrol(&[7; 32], new).await.expect("the journal").is_none(), "a code ends");
    assert_eq!(
        j.tablet_by_token(&[101; 32]).await.expect("the journal").map(|t| (t.replica, t.prefix)),
        Some((2, "A".into()))
    );
    assert_eq!(j.tablet_by_ticket(&[152; 32]).await.expect("the journal").map(|t| t.replica), Some(3));

    // What is appended is read back in order, with parts, chains, digests.
    append(j, a, 3).await;
    append(j, b, 70).await;
    append(j, a, 2).await;
    assert_eq!(j.stores().await.expect("the journal")[0].g, 75);
    let mut dig = Hash::default();
    let mut after = 0;
    loop {
        let (page, more) = j.page("s1", after, 20).await.expect("a page");
        for row in &page {
            assert_eq!(row.g, after + 1, "numbers have no gaps");
            dig = log_digest(dig, row.replica, row.seq, row.h, row.status);
            assert_eq!(row.dig, dig);
            assert_eq!(row.parts.len(), usize::from(row.seq == 2), "parts are beside their row");
            after = row.g;
        }
        if !more {
            break;
        }
    }
    assert_eq!(after, 75);
    assert_eq!(j.digest_at("s1", 75).await.expect("the journal"), Some(dig));
    assert_eq!(j.digest_at("s1", 76).await.expect("the journal"), None);
    assert_eq!(j.chain("s1", a).await.expect("the journal").map(|c| c.last_seq), Some(5));
    assert_eq!(j.chain("s1", 99).await.expect("the journal"), None::<Chain>);
    let answered = j.answered("s1", a, 5).await.expect("the journal").expect("it is there");
    assert_eq!((answered.g, answered.status, answered.code.as_deref()), (75, Status::Rej, Some("role_too_low")));

    // A turn that is dropped leaves nothing behind; rows that do not continue the log are refused.
    let mut turn = j.turn("s1").await.expect("a turn");
    turn.append(&[row(76, a, 6, dig)], 0).await.expect("it is appended");
    drop(turn);
    assert_eq!(j.stores().await.expect("the journal")[0].g, 75);
    let mut turn = j.turn("s1").await.expect("a turn");
    assert!(turn.append(&[row(78, a, 6, dig)], 0).await.is_err(), "a number is left out");
    let hashes = [Hash::of_body("{\"n\":1}"), Hash::of_body("{\"n\":5}"), Hash::of_body("never")];
    let known = turn.known_bodies(&hashes).await.expect("the journal");
    assert_eq!(known, HashSet::from([(hashes[0], a), (hashes[0], b)]), "rejected bodies do not count");
    drop(turn);

    // Revoked tablets are unknown; a new epoch never gives an old replica out again.
    assert!(j.revoke("s1", b, 20).await.expect("the journal"));
    assert!(j.tablet_by_token(&[102; 32]).await.expect("the journal").is_none());
    j.new_epoch("s1", "e2", 0).await.expect("the journal");
    assert!(tablet(j, 3).await > 3 + 50);
    j.set_safe("s1", 60).await.expect("the journal");
    j.set_safe("s1", 50).await.expect("the journal");
    let store = j.stores().await.expect("the journal").remove(0);
    assert_eq!((store.epoch.as_str(), store.safe_g), ("e2", 60));

    local_store::check(&Kept { journal: journal.clone(), store: "s1".into() }).await;
    j.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_in_memory() {
    check(Arc::new(MemoryJournal::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_in_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    check(Arc::new(SqlJournal::sqlite(&folder.path().join("odd ?#% name")).await.expect("a file"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_in_postgresql() {
    let cluster = Cluster::shared();
    check(Arc::new(SqlJournal::postgres(&cluster.database()).await.expect("a database"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_postgresql_give_numbers_without_gaps_and_in_commit_order() {
    let cluster = Cluster::shared();
    let address = cluster.database();
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let mut servers = Vec::new();
    for folder in &folders {
        let (_, ending) = tokio::sync::watch::channel(false);
        let journal = Arc::new(SqlJournal::postgres(&address).await.expect("a database"));
        servers.push(Server::with(journal, folder.path(), ending).await.expect("a server"));
    }
    let shop = |n: usize| servers[n].shop().expect("a store");
    let mut replicas = Vec::new();
    for n in 0..8 {
        replicas.push(tablet(&*servers[0].journal, n).await);
    }
    let start = shop(0).look(|l| l.cursor.g).await;
    // Every tablet writes 25 notes, each to the other server than the one before, all at once; two readers follow.
    let writers = replicas.iter().map(|replica| {
        let shops = [shop(0), shop(1)];
        async move {
            let mut link = Hash::default();
            for seq in 1..=25_u64 {
                let body =
                    format!("{{\"at\":{seq},\"off\":0,\"by\":\"0-1\",\"ev\":[{{\"case_resolved\":{{\"case\":\"{replica}-{seq}\"}}}}]}}");
                link = Hash::link(link, &body);
                let entry = PushEntry { seq, h: link, body: RawValue::from_string(body).expect("JSON"), pd: Parts::new() };
                let request = SyncRequest {
                    v: VERSION,
                    store: "s1".into(),
                    replica: *replica,
                    schema: SCHEMA,
                    cursor: Cursor::default(),
                    push: vec![entry],
                    limit: 1,
                };
                let answer = shops[seq as usize % 2].sync(*replica, request).await.expect("it is taken");
                assert_eq!((answer.last_seq, answer.need), (seq, None));
            }
        }
    });
    let readers = (0..2).map(|n| {
        let journal = servers[n].journal.clone();
        async move {
            let mut g = start;
            while g < start + 200 {
                let (page, _) = journal.page("s1", g, 50).await.expect("a page");
                for row in page {
                    assert_eq!(row.g, g + 1, "a reader has passed a number that was not committed yet");
                    g = row.g;
                }
                tokio::task::yield_now().await;
            }
        }
    });
    let mut hint = shop(1).hints();
    tokio::join!(join_all(writers), join_all(readers));
    tokio::time::timeout(std::time::Duration::from_secs(10), hint.wait_for(|g| *g == start + 200))
        .await
        .expect("it hears of it")
        .expect("alive");
    for n in 0..2 {
        shop(n)
            .write(daybook::domain::value::time::Timestamp(1), |_, _| Ok(Default::default()))
            .await
            .expect("a turn catches up");
    }
    let digests = [shop(0).digest().await.expect("the journal"), shop(1).digest().await.expect("the journal")];
    assert_eq!(digests[0], digests[1], "both servers fold the same");
}

#[test]
fn what_may_not_be_is_refused_as_that_and_not_as_a_failure_of_the_database() {
    use daybook::domain::Rejection;
    use daybook::server::shop::WriteError;
    let shop = crate::support::Shop::new();
    let before = shop.digest();
    let now = daybook::domain::value::time::Timestamp(1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let refused = runtime.block_on(shop.shop().write(now, |_, _| Err(Rejection::Gone)));
    assert!(matches!(refused, Err(WriteError::Refused(code)) if code == "gone"));
    assert_eq!(shop.digest(), before);
}
