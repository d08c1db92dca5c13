//! What the shop is: its nouns, their rules, and the fold that turns events into state.
//!
//! Pure: no await, clock, randomness, log, browser or database. Time and identifiers are arguments. The same code runs
//! on every tablet and on the server, which is why the two cannot differ by a cent or a piece.
//!
//! Floor by floor, and each imports only floors below it (`tests/native/tidy.rs` holds that): values; the nouns by area
//! of the trade; why something is refused; the book, which is what all events add up to, with its cases and questions;
//! work, which is computed from the book; events, with what each checks and folds; and decide, which turns a command
//! into events.

pub mod value;

pub mod shop;

pub mod goods;

pub mod customer;

pub mod payment;

pub mod stock;

pub mod order;

pub mod rejection;

pub mod book;

pub mod work;

pub mod event;

pub mod decide;

pub use book::Book;
pub use event::{Event, Transaction};
pub use rejection::Rejection;
