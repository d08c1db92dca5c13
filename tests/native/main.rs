//! Native tests: one binary, a file per noun.

mod support;

#[path = "../contract/local_store.rs"]
mod local_store;
#[path = "../contract/mirror.rs"]
mod mirror_contract;

mod backup;
#[path = "../bench/report.rs"]
mod bench_report;
mod bootstrap;
mod cases;
mod chat;
mod fulfilment;
mod fuzz;
mod goods;
mod import;
mod intake;
mod journal;
mod laws;
mod leases;
mod mirror;
mod openapi;
mod payments;
mod postgres;
mod pricing;
mod reconcile;
mod recovery;
mod reports;
mod returns;
mod rules;
mod serve;
mod server;
mod sign_out;
mod simulation;
mod staff;
mod stockroom;
mod store;
mod sync;
mod tidy;
mod till;
mod undo;
mod wire;
