//! What the shop is: its nouns, their rules, and the fold that turns events into state.
//!
//! Pure: no await, clock, randomness, log, browser or database. Time and identifiers are arguments. The same code runs
//! on every tablet and on the server, which is why the two cannot differ by a cent or a piece.
//!
//! Reading order: `id` `time` `money` `quantity` `tax`, then the nouns, then `order`, then `event` (what is written
//! down), `decide` (what may happen), `fold` (what follows from what happened) and `book` (what all of it adds up to).

pub mod id;
pub mod money;
pub mod pricing;
pub mod quantity;
pub mod tax;
pub mod time;

pub mod account;
pub mod catalog;
pub mod customer;
pub mod gtin;
pub mod lease;
pub mod location;
pub mod pack;
pub mod payment;
pub mod settings;
pub mod staff;
pub mod stock;

pub mod order;

pub mod allocation;
pub mod finding;
pub mod rule;

pub mod case;
pub mod document;
pub mod event;
pub mod reconcile;
pub mod rejection;

pub mod batch;
pub mod book;
pub mod check;
pub mod decide;
mod fold;
pub mod kit;
pub mod layered;
pub mod reorder;
pub mod scan;
pub mod search;
pub mod texts;
pub mod till;

pub use book::Book;
pub use event::{Event, Transaction};
pub use rejection::Rejection;
