//! Tables and keys. Keys are integers, values are bytes; what a value means is said here and read where it is used.

use crate::domain::book::tables;

macro_rules! schema {
    (
        settings $settings:tt
        chunks { $(
            #[doc = $doc:literal]
            $name:ident: $key:ty => $value:ty, ($table:ident $label:literal $size:literal $form:ident $mirrored:ident $by:ident),
            empty $empty:expr, marks $marks:expr;
        )* }
        others $others:tt
        changes $changes:tt
    ) => {
        /// A table (an object store of the browser's database).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Table {
            /// [`MetaKey`] -> JSON.
            Meta,
            /// Own unsent transactions, the journal: seq -> JSON of a `PushEntry`. Never migrated, pruned or cleared by
            /// a timer.
            Out,
            /// States of the writer that somebody went on from: [`WriteBatch::claims`](super::WriteBatch) -> nothing.
            /// Only grows, also when everything else goes; a few bytes an order.
            Claim,
            /// Own transactions that came back in the log: [`sent_key`] of the last of a group -> JSON of a
            /// `SentGroup`. Kept until a verified backup of the server holds them, to be sent again if the server loses
            /// them. Not read at opening.
            Sent,
            /// Others' transactions that were sealed here: last g -> JSON array of `LogEntry`. The latest are kept
            /// until a verified backup of the server holds them, to be handed in if the server loses them and whoever
            /// wrote them does not have them any more. Not read at opening.
            Heard,
            /// Own transactions that the server refused: seq -> JSON of a `Refused`.
            Refused,
            /// Confirmed, not yet sealed: last g of the page -> JSON array of `LogEntry`.
            Tail,
            /// Sealed orders: block number -> `blocks`. Written once.
            Block,
            /// Variants by number: row -> `dictionary`. Only grows.
            Variant,
            /// Goods that lines of sealed orders sell: row -> `articles`. Only grows. Not read at opening.
            Article,
            /// Columns over sealed orders: segment -> `columns`.
            Index,
            $(#[doc = $doc] $table,)*
        }

        impl Table {
            pub const ALL: &[Self] = &[
                Self::Meta,
                Self::Out,
                Self::Claim,
                Self::Sent,
                Self::Heard,
                Self::Refused,
                Self::Tail,
                Self::Block,
                Self::Variant,
                Self::Article,
                Self::Index,
                $(Self::$table,)*
            ];

            /// Tables of what is folded and can be fetched again; a reset empties these and nothing else.
            pub const DERIVED: &[Self] =
                &[Self::Heard, Self::Tail, Self::Block, Self::Variant, Self::Article, Self::Index, $(Self::$table,)*];

            /// Sealed tables that are read at every opening, in the order in which they are taken in.
            pub const SEALED: &[Self] = &[Self::Variant, Self::Index, $(Self::$table,)*];

            /// Tables that a new tablet is handed first, in this order.
            pub const HANDED: &[Self] = &[Self::Article, Self::Variant, Self::Index, $(Self::$table,)*];

            /// Tables that the mirror has for selling, in this order.
            pub const MIRRORED: &[Self] = &{
                const KEPT: [(Table, bool); Table::SEALED.len()] = {
                    let mut kept = [(Table::Tail, true); Table::SEALED.len()];
                    kept[1] = (Table::Variant, true);
                    let mut _at = 2;
                    $(kept[_at] = (Table::$table, schema!(@mirrored $mirrored)); _at += 1;)*
                    kept
                };
                const COUNT: usize = {
                    let (mut at, mut count) = (0, 0);
                    while at < KEPT.len() {
                        count += KEPT[at].1 as usize;
                        at += 1;
                    }
                    count
                };
                let (mut all, mut at, mut next) = ([Table::Tail; COUNT], 0, 0);
                while at < KEPT.len() {
                    if KEPT[at].1 {
                        all[next] = KEPT[at].0;
                        next += 1;
                    }
                    at += 1;
                }
                all
            };

            pub fn name(self) -> &'static str {
                match self {
                    Self::Meta => "meta",
                    Self::Out => "out",
                    Self::Claim => "claim",
                    Self::Sent => "sent",
                    Self::Heard => "heard",
                    Self::Refused => "refused",
                    Self::Tail => "tail",
                    Self::Block => "block",
                    Self::Variant => "variant",
                    Self::Article => "article",
                    Self::Index => "index",
                    $(Self::$table => $label,)*
                }
            }
        }
    };
    (@mirrored mirrored) => { true };
    (@mirrored apart) => { false };
}

tables!(schema);

/// Rows of `meta`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MetaKey {
    /// Identity of this tablet: JSON of `sync::protocol::Enrolment`.
    Identity = 1,
    /// State that the next own transaction needs: JSON of `actions::ledger::Writer`.
    Writer = 2,
    /// Place up to which the log was read: JSON of `sync::protocol::Cursor`.
    Cursor = 3,
    /// Place up to which it was sealed: JSON of `actions::ledger::Sealed`.
    Sealed = 4,
    /// The cart under way and those put aside: JSON. Local to this tablet.
    Carts = 6,
    /// Language, light, location, who is at the till: JSON. Local to this tablet.
    Preferences = 7,
    /// Profile, rates, locations and staff, as sealed: JSON, so that fields can be added.
    Settings = 8,
    /// Parts of the server's orders that are not here yet: JSON of a list of `actions::bootstrap::Part`.
    Missing = 10,
    /// The rows of [`Table::Heard`], oldest first: JSON.
    Heard = 11,
    /// Hashes of bodies that came out of recovery files, so that a file can be taken in twice: JSON.
    Recovered = 9,
}

impl MetaKey {
    /// Rows that say what is sealed; they go when what is sealed goes.
    pub const SEALED: [Self; 4] = [Self::Sealed, Self::Settings, Self::Missing, Self::Heard];
}

/// The version of the browser's database. Raised when a table is added; no row is ever rewritten by it.
pub const DATABASE_VERSION: u32 = 1;

/// The version of everything that is sealed: blocks, columns, chunks. Raised when any of them changes its form: rows of
/// another version are let go of and fetched again, and a new tablet takes the log instead of them.
pub const SEALED_FORMAT: u32 = 1;

/// The key of a group of `sent`: whose it was, and its last seq.
pub fn sent_key(replica: u32, seq: u64) -> u64 {
    // Keys stay below 2^53, as the browser needs them.
    (u64::from(replica) << 31) | (seq & 0x7fff_ffff)
}

/// Returns the writer whose group it was.
pub fn sent_by(key: u64) -> u32 {
    (key >> 31) as u32
}
