//! How tablets and server come to the same truth: the wire form, the client's state machine, and the merge.
//!
//! Pure, and used by both sides. Nothing here talks to a network or a clock.

pub mod engine;
pub mod merge;
pub mod protocol;

pub use engine::{Effect, Engine, Input, Outcome};
pub use protocol::{Cursor, LogEntry, PushEntry, SyncRequest, SyncResponse};
