//! How the table of events becomes code: one row an event, one column a property. A row without one of its columns does
//! not compile.

/// Declares payloads: structs as they stand in a transaction's body.
macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

/// Declares the events.
///
/// Columns: doc, wire name, variant and payload, class, least role, the schema since which it exists, the payload's
/// fields with the orders it is about (the first is the order that has to be known), the setting it sets (a word, and
/// the fields that tell it from others of its kind), and the fields with its detached parts.
macro_rules! events {
    ($(
        #[doc = $doc:literal]
        $wire:literal $name:ident($payload:ty): $class:ident, $least:ident, since $since:literal,
        about [$($about:ident),*], setting $setting:tt, parts [$($part:ident),*];
    )*) => {
        /// Something that happened, or that somebody asks to be so. Its properties stand in one table (`daybook events`
        /// prints it); its payload, its check and its fold in the file of its noun.
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub enum Event {
            $(#[doc = $doc] #[serde(rename = $wire)] $name($payload),)*
        }

        impl Event {
            /// Every event there is, in the order of the table.
            pub const TABLE: &'static [Row] = &[$(Row {
                name: $wire,
                doc: $doc,
                class: Class::$class,
                least: Role::$least,
                since: $since,
                about: &[$(stringify!($about)),*],
                setting: events!(@word $setting),
                parts: &[$(stringify!($part)),*],
            },)*];

            /// The name on the wire.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $wire,)* }
            }

            pub fn class(&self) -> Class {
                match self { $(Self::$name(_) => Class::$class,)* }
            }

            /// The least role that may write it; what it says may take more (its check).
            pub fn least(&self) -> Role {
                match self { $(Self::$name(_) => Role::$least,)* }
            }

            /// The schema since which it exists.
            pub fn since(&self) -> u32 {
                match self { $(Self::$name(_) => $since,)* }
            }

            /// The order it is about.
            pub fn order(&self) -> Option<OrderId> {
                match self { $(Self::$name(_e) => events!(@first _e $($about)*),)* }
            }

            /// All orders that must be at hand before it is folded.
            pub fn orders(&self) -> Vec<OrderId> {
                let mut _all = Vec::new();
                match self { $(Self::$name(_e) => { $(_e.$about.add_to(&mut _all);)* })* }
                _all
            }

            /// The store's setting that it sets: one name a setting; `None` for every other event.
            pub fn setting(&self) -> Option<String> {
                match self { $(Self::$name(_e) => events!(@setting _e $setting),)* }
            }

            /// The setting that it sets as the book has it: the event that would set it so.
            pub fn setting_now(&self, _book: &Book, _layer: Layer) -> Option<Self> {
                match self { $(Self::$name(_e) => events!(@now _e $name _book _layer $setting),)* }
            }

            /// The detached parts it points to.
            pub fn personal(&self) -> Vec<&PersonalRef> {
                match self { $(Self::$name(_e) => {
                    let parts: &[Option<&PersonalRef>] = &[$(_e.$part.reference()),*];
                    parts.iter().copied().flatten().collect()
                })* }
            }

            pub(in crate::domain) fn happening(&self) -> &dyn Happening {
                match self { $(Self::$name(e) => e,)* }
            }
        }
    };
    (@word none) => { None };
    (@word [$word:literal $($field:ident)*]) => { Some($word) };
    (@first $e:ident) => { None };
    (@first $e:ident $about:ident $($more:ident)*) => { $e.$about.one() };
    (@setting $e:ident none) => { None };
    (@setting $e:ident [$word:literal]) => { Some($word.to_owned()) };
    (@setting $e:ident [$word:literal $field:ident]) => { Some(format!("{} {}", $word, $e.$field)) };
    (@now $e:ident $name:ident $book:ident $layer:ident none) => { None };
    (@now $e:ident $name:ident $book:ident $layer:ident [$($_:tt)*]) => { $e.now($book, $layer).map(Self::$name) };
}

pub(super) use payloads;
