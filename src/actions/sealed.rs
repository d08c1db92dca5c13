//! What of the book is sealed, table by table, as the tables of the book say.

use serde::{Deserialize, Serialize};

use crate::domain::book::layered::{Layer, Layered};
use crate::domain::book::{self, Book, Changes, table, tables};
use crate::domain::customer::account::Account;
use crate::domain::goods::kit::Kit;
use crate::domain::goods::pack::Pack;
use crate::domain::goods::price::{PriceList, Promotion};
use crate::domain::order::Assignee;
use crate::domain::order::rule::Rule;
use crate::domain::payment::till::Till;
use crate::domain::shop::location::Location;
use crate::domain::shop::profile::Profile;
use crate::domain::shop::staff::Staff;
use crate::domain::shop::tax::TaxRate;
use crate::domain::stock::Place;
use crate::domain::stock::document::Supplier;
use crate::domain::stock::lease::Scarcity;
use crate::domain::stock::sourcing::Sourcing;
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, ProductId, Replica, StaffId, TaxId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::store::chunks::Chunks;
use crate::store::dictionary::Variants;
use crate::store::{Row, StoreError, Table, WriteBatch, rows};

macro_rules! sealed {
    (
        settings { $(
            #[doc = $set_doc:literal]
            $set:ident: $set_key:ty => $set_value:ty, empty $set_empty:expr, marks $set_marks:expr;
        )* }
        chunks { $(
            #[doc = $doc:literal]
            $name:ident: $key:ty => $value:ty, ($table:ident $label:literal $size:literal $form:ident $mirrored:ident $by:ident),
            empty $empty:expr, marks $marks:expr;
        )* }
        others $others:tt
        changes $changes:tt
    ) => {
        /// The tables that are one row together.
        #[derive(Serialize, Deserialize, Default)]
        #[serde(default)]
        pub(super) struct Settings {
            $($set: Vec<($set_key, $set_value)>,)*
        }

        impl Settings {
            /// Takes what is confirmed of them; entries that say nothing are left out.
            pub fn of(book: &Book) -> Self {
                Self { $($set: copies::<table::$set>(&book.$set),)* }
            }

            pub fn load(self, book: &mut Book) {
                $(self.$set.into_iter().for_each(|(key, value)| book.$set.put(Layer::Confirmed, key, value));)*
            }
        }

        /// Map from entries of chunked tables to the rows they stand in.
        #[derive(Debug)]
        pub(super) struct Chunked {
            $($name: Chunks<$key>,)*
        }

        impl Default for Chunked {
            fn default() -> Self {
                Self { $($name: Chunks::new(Table::$table, $size),)* }
            }
        }

        impl Chunked {
            /// Remembers which rows the next sealing has to write.
            pub fn touch(&mut self, book: &Book, changes: &Changes) {
                $(for key in changes.$by.iter().filter(|key| book.$name.at(Layer::Confirmed, key).is_some()) {
                    self.$name.touch(key);
                })*
            }

            pub fn seal(&self, book: &Book, batch: &mut WriteBatch, variants: &mut Variants) {
                $(self.$name.seal(batch, sealed!(@write $form $key), variants, |k| book.$name.at(Layer::Confirmed, k));)*
            }

            /// To be called once a sealed batch is committed.
            pub fn sealed(&mut self) {
                $(self.$name.sealed();)*
            }

            /// Takes the rows of the chunked tables in; `next` hands over those of the next one, in the order of the
            /// tables.
            ///
            /// # Errors
            /// [`StoreError::Corrupt`].
            pub fn load(&mut self, book: &mut Book, variants: &Variants, mut next: impl FnMut() -> Vec<Row>) -> Result<(), StoreError> {
                $(self.$name.load(next(), sealed!(@read $form $key), variants, |k, v| book.$name.put(Layer::Confirmed, k, v))?;)*
                Ok(())
            }
        }
    };
    (@write packed $key:ty) => { <$key as rows::Packed>::write };
    (@write plain $key:ty) => { rows::write };
    (@read packed $key:ty) => { <$key as rows::Packed>::read };
    (@read plain $key:ty) => { rows::read };
}

tables!(sealed);

/// Copies of a table's confirmed entries.
fn copies<T: book::Table>(map: &Layered<T::Key, T::Value>) -> Vec<(T::Key, T::Value)>
where
    T::Value: Clone,
{
    book::entries::<T>(map).into_iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
