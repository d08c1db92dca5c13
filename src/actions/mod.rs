//! What a person or a timer can do. Each reads, asks the pure middle, and writes one batch.
//!
//! Generic over the store and over [`Ports`], so all of it runs natively in tests.

pub mod bootstrap;
pub mod desk;
pub mod import;
pub mod intake;
pub mod ledger;
pub mod open;
pub mod recovery;
pub mod restore;
pub mod run_sync;
pub mod seal;
mod sealed;
pub mod sign_out;

pub use desk::{ActionError, Desk, Ports};
pub use ledger::Ledger;
