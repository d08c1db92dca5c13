//! The wire form, held against stored samples. From the first release on a sample is never edited: what old tablets
//! send stays readable.

use daybook::domain::event::{Body, Event};
use daybook::domain::value::hash::Hash;
use daybook::sync::protocol::{EnrolRequest, Enrolment, ErrorBody, SyncRequest, SyncResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn sample(name: &str) -> String {
    let path = format!("{}/tests/data/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Reads a sample and writes it again: nothing is lost, added or renamed.
fn check<T: Serialize + DeserializeOwned>(name: &str) -> T {
    let text = sample(name);
    let value: T = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let again: serde_json::Value =
        serde_json::from_slice(&serde_json::to_vec(&value).expect("it writes")).expect("JSON");
    let stored: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(again, stored, "{name}");
    value
}

#[test]
fn every_sample_reads_and_writes_as_it_was() {
    check::<SyncRequest>("sync_request");
    check::<SyncResponse>("sync_response");
    check::<EnrolRequest>("enrol_request");
    check::<Enrolment>("enrol_response");
    check::<ErrorBody>("error");
}

#[test]
fn every_event_of_the_table_has_a_sample_that_reads_and_writes_as_it_was() {
    let body: Body = check("body");
    let sampled: std::collections::BTreeSet<&str> = body.ev.iter().map(Event::name).collect();
    let table: std::collections::BTreeSet<&str> = Event::TABLE.iter().map(|row| row.name).collect();
    assert_eq!(sampled, table);
    let said: serde_json::Value = serde_json::from_str(&sample("body")).expect("JSON");
    for (event, said) in body.ev.iter().zip(said["ev"].as_array().expect("events")) {
        assert!(said.get(event.name()).is_some(), "the name on the wire is the table's: {}", event.name());
    }
}

#[test]
fn the_schema_that_this_program_writes_is_the_newest_of_the_table() {
    assert_eq!(Event::TABLE.iter().map(|row| row.since).max(), Some(daybook::sync::protocol::SCHEMA));
}

#[test]
fn every_body_in_the_samples_can_be_folded_and_continues_its_chain() {
    let request: SyncRequest = check("sync_request");
    let mut link = Hash::default();
    for entry in &request.push {
        link = Hash::link(link, entry.body.get());
        assert_eq!(link, entry.h, "seq {}", entry.seq);
        serde_json::from_str::<Body>(entry.body.get()).unwrap_or_else(|e| panic!("seq {}: {e}", entry.seq));
    }
    let response: SyncResponse = check("sync_response");
    assert!(response.tx.iter().all(|e| e.transaction().is_some() == (e.s == daybook::sync::protocol::Status::Ok)));
}

#[test]
fn a_field_that_is_not_in_the_protocol_is_refused() {
    let with = sample("sync_request").replacen('{', "{\"extra\":1,", 1);
    assert!(serde_json::from_str::<SyncRequest>(&with).is_err());
}

#[test]
fn an_event_that_is_not_known_does_not_read_as_another() {
    let body = r#"{"at":1,"off":0,"by":"0-1","ev":[{"price_set":{"variant":"0-1","price":5,"also":1}}]}"#;
    assert!(serde_json::from_str::<Body>(body).is_err());
}

#[test]
fn an_entry_that_this_version_cannot_read_is_a_case_and_not_silence() {
    use daybook::domain::book::Book;
    use daybook::domain::book::layered::Layer;
    use daybook::domain::value::part::Parts;
    use daybook::sync::merge::{Entry, fold};
    use daybook::sync::protocol::Status;
    let parts = Parts::new();
    for (status, cases) in [(Status::Ok, 1), (Status::Held, 1), (Status::Rej, 0)] {
        let mut book = Book::default();
        let entry = Entry {
            replica: 9,
            seq: 1,
            h: Hash::default(),
            status,
            code: None,
            body: Some("{\"later\":1}"),
            parts: &parts,
        };
        fold(&mut book, Layer::Confirmed, &entry);
        assert_eq!(book.open_cases().count(), cases, "{status:?}");
    }
}
