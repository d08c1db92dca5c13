//! Known bugs that can be planted, so that the simulation can show that it would find them.
//!
//! Only with the feature `planted`, which no build that is shipped has; without it [`is`] is `false` and costs nothing.

/// A bug that other systems have shipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// The cursor is written before the page that it stands for.
    CursorBeforeData,
    /// A transaction's number is taken from memory, not in the transaction that stores it.
    SeqOutsideTransaction,
    /// A tablet that has to be enrolled again forgets what it had not sent.
    QueueDropped,
    /// A count sets the level instead of moving it.
    CountOverwrites,
    /// Readers may pass a number whose transaction is not committed yet.
    BareSequence,
}

impl Bug {
    pub const ALL: [Self; 5] = [
        Self::CursorBeforeData,
        Self::SeqOutsideTransaction,
        Self::QueueDropped,
        Self::CountOverwrites,
        Self::BareSequence,
    ];
}

#[cfg(feature = "planted")]
mod switch {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static BUG: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a bug in everything that this thread does, or takes it out.
    pub fn plant(bug: Option<Bug>) {
        BUG.set(bug);
    }

    /// Says whether a bug is planted.
    pub fn is(bug: Bug) -> bool {
        BUG.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub use switch::{is, plant};

/// Says whether a bug is planted.
#[cfg(not(feature = "planted"))]
#[inline]
pub const fn is(_bug: Bug) -> bool {
    false
}
