//! The whole program: the real server, real SQLite, real Chromium, one file per journey.
//!
//! Needs `DAYBOOK_DIST` (a built console), `chromium` and `chromedriver`; `./dev e2e` sees to all of it.

// The console is built for wasm32; this drives it from outside.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../bench/data.rs"]
mod data;
mod proxy;
mod put_away;
mod server;
mod tablet;

mod after_sales;
mod attention;
mod camera;
mod disputed;
mod edited_twice;
mod enrolled_again;
mod frozen_leader;
mod full_storage;
mod goods;
mod import;
mod killed;
mod languages;
mod lost_database;
mod market_day;
mod mended;
mod offers;
mod phone_order;
mod quotation;
mod reconcile;
mod recovered;
mod restored;
mod scanned;
mod scrolled;
mod signed_out;
mod slips;
mod speed;
mod staff;
mod stall;
mod statuses;
mod stockroom;
mod terminal;
mod till;
mod two_tabs;
mod updates;
mod vanished;
mod way_in;
mod web_shop;
