//! The document at `/v1/openapi.json`, held against the routes and against what really goes over the wire.

use std::collections::BTreeSet;

use daybook::domain::shop::staff;
use daybook::server::routes::OPENAPI;
use daybook::sync::protocol::{Donated, Donation, IntakeChange, SyncRequest, TabletChange, VERSION};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::server::Http;

fn document() -> Value {
    serde_json::from_str(OPENAPI).expect("JSON")
}

fn sample(name: &str) -> Value {
    let path = format!("{}/tests/data/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a sample")).expect("JSON")
}

/// One schema of the document, with the others to point to.
fn validator(doc: &Value, name: &str) -> Validator {
    let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": doc["components"] });
    jsonschema::draft202012::new(&schema).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn every_route_is_in_the_document_and_nothing_else_is() {
    let doc = document();
    let source = std::fs::read_to_string(format!("{}/src/server/routes/mod.rs", env!("CARGO_MANIFEST_DIR")))
        .expect("the routes");
    let mut routes: Vec<(String, String)> = source
        .lines()
        .flat_map(|l| l.split(".route(\"").skip(1))
        .map(|rest| {
            let (path, call) = rest.split_once("\", ").expect("a route");
            let path = if ["/healthz", "/metrics"].contains(&path) { path.to_owned() } else { format!("/v1{path}") };
            (path, call.split('(').next().unwrap_or_default().to_owned())
        })
        .collect();
    routes.sort();
    let paths = doc["paths"].as_object().expect("paths");
    let mut told: Vec<(String, String)> = paths
        .iter()
        .flat_map(|(path, m)| m.as_object().into_iter().flatten().map(|(method, _)| (path.clone(), method.clone())))
        .collect();
    told.sort();
    assert_eq!(told, routes);
}

/// Values that went over the wire, or are written as the program writes them, by the schema that they have to fit.
fn values() -> Vec<(&'static str, Value)> {
    let http = Http::new();
    let store = http.shop.tablet();
    let tablet = http.enrol();
    let token = tablet["token"].as_str();
    let owner = Some((staff::FIRST, ""));
    fn wire(value: impl serde::Serialize) -> Value {
        serde_json::to_value(value).expect("JSON")
    }

    store.sell(1);
    let request: SyncRequest = store.desk.sync_request(10).expect("enrolled");
    let donated = request.push.iter().map(|entry| Donated { replica: 2, entry: entry.clone() }).collect();
    let donation = wire(Donation { v: VERSION, epoch: "e".into(), tx: donated });
    store.sync_all();
    let body = json!({ "v": 1, "store": "s1", "replica": tablet["replica"], "schema": daybook::sync::protocol::SCHEMA, "cursor": ":0", "limit": 10 });
    let (_, page) = http.post("/v1/sync", token, body.to_string());
    let mut lost = body.clone();
    lost["cursor"] = json!("elsewhere:9");
    let (_, reset) = http.post("/v1/sync", token, lost.to_string());
    assert_eq!(reset["need"], "reset");
    let (_, code) = http.post_as("/v1/codes", token, owner, "");
    let (_, error) = http.post("/v1/sync", None, "");
    let set = IntakeChange::Set { name: "web".into(), kind: "json".into(), secret: None };
    let shut = TabletChange::ShutOut { replica: 9 };
    let (_, shops) = http.post_as("/v1/intakes", token, owner, wire(&set).to_string());
    let (_, tablets) = http.post("/v1/tablets", token, "\"look\"");
    let order = json!({
        "reference": "W-1", "placed_at": "2026-11-24T10:00:00+08:00", "currency": "CNY",
        "customer": { "name": "Li", "phone": "13800000001", "address": "Road 1" },
        "lines": [{ "sku": "LJ-1", "quantity": 2 }, { "name": "Cup", "quantity": "1", "unit_price": "9.90" }],
        "shipping": "5.00", "note": "at noon", "delivery": "delivery", "promised_at": "2026-11-25T10:00:00+08:00"
    });
    let push = donation["tx"][0]["entry"].clone();
    let personal = json!({ "p1": { "salt": "00".repeat(16), "data": "{}" } });
    vec![
        ("SyncRequest", sample("sync_request")),
        ("SyncRequest", wire(&request)),
        ("SyncRequest", body),
        ("SyncResponse", sample("sync_response")),
        ("SyncResponse", page.clone()),
        ("SyncResponse", reset),
        ("Answer", sample("sync_response")["res"][0].clone()),
        ("LogEntry", page["tx"][0].clone()),
        ("PushEntry", push.clone()),
        ("Hash", push["h"].clone()),
        ("Parts", personal),
        ("Donation", donation),
        ("EnrolRequest", sample("enrol_request")),
        ("Enrolment", sample("enrol_response")),
        ("Enrolment", tablet.clone()),
        ("NewCode", code),
        ("WebOrder", order),
        ("IntakeChange", wire(IntakeChange::Look)),
        ("IntakeChange", wire(&set)),
        ("IntakeChange", wire(IntakeChange::Remove { name: "web".into() })),
        ("IntakeAnswer", shops),
        ("TabletChange", json!("look")),
        ("TabletChange", wire(&shut)),
        ("TabletLine", tablets[0].clone()),
        ("Was", wire(daybook::sync::protocol::Was { prefix: "A".into(), transactions: 7 })),
        ("Error", sample("error")),
        ("Error", error),
    ]
}

#[test]
fn what_goes_over_the_wire_fits_its_schema_and_what_is_not_of_it_does_not() {
    let doc = document();
    let values = values();
    let known: BTreeSet<&str> =
        doc["components"]["schemas"].as_object().expect("schemas").keys().map(String::as_str).collect();
    let held: BTreeSet<&str> = values.iter().map(|(name, _)| *name).collect();
    assert_eq!(held, known, "every schema is held against a value");
    for (name, value) in values {
        let schema = validator(&doc, name);
        let errors: Vec<String> = schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}: {value}");
        assert!(!schema.is_valid(&json!(7.5)), "{name}");
        if let Some(fields) = value.as_object().filter(|_| name != "Parts") {
            for required in doc["components"]["schemas"][name]["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                let mut without = fields.clone();
                without.remove(required);
                assert!(!schema.is_valid(&Value::Object(without)), "{name} without {required}");
            }
        }
    }
}
