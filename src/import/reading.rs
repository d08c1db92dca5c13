//! What the page and the reader of files say to each other: the reader is a worker of its own (`bin/reader.rs`), so
//! that a file of any size neither holds up a sale nor stays in the console's memory.

use serde::{Deserialize, Serialize};

use super::batch::{Batch, Batches};
use super::text::{self, GbkDecoder};
use super::{Issue, Kind, Mapping, Origin, Preview, Store, read, sheet};
use crate::domain::value::money::{Currency, Minor};

/// The largest file that is read. Units: bytes.
pub const MOST_FILE: usize = 200 * 1024 * 1024;
/// Issues that are shown; a figure says how many there are.
const MOST_ISSUES: usize = 200;
/// Things of each kind that are shown before anything is taken in.
const SAMPLES: usize = 5;

/// Way in which a file is to be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct How {
    /// `None` finds out.
    pub kind: Option<Kind>,
    /// `None` guesses.
    pub mapping: Option<Mapping>,
    pub origin: Origin,
    /// Of prices without one.
    pub currency: Currency,
}

/// Question of the page, in JSON. With [`Ask::Read`] the file may come along; without one the last is read again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Answered with JSON of `Result<Outline, Unreadable>`.
    Read(How),
    /// Answered with postcard of `Option<Batch>`.
    Batch(usize),
}

/// Why a file cannot be read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum Unreadable {
    /// The browser does not hand it over, or it is a broken workbook.
    #[error("the file cannot be read")]
    Broken,
    #[error("the file is too large")]
    TooLarge,
}

/// Content of a file, as far as a person looks at it before it is taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outline {
    pub kind: Option<Kind>,
    pub products: usize,
    pub variants: usize,
    pub orders: usize,
    pub lines: usize,
    /// Order totals by currency.
    pub totals: Vec<(Currency, Minor)>,
    /// The first products, each with the price of its first variant.
    pub sample_products: Vec<(String, Option<Minor>)>,
    /// The first orders: number and whose, total.
    pub sample_orders: Vec<(String, Currency, Minor)>,
    /// The first of them.
    pub issues: Vec<Issue>,
    pub issue_count: usize,
    pub header: Vec<String>,
    pub mapping: Mapping,
}

impl Outline {
    pub fn of(p: &Preview) -> Self {
        let product =
            |p: &crate::domain::goods::product::Product| (p.name.clone(), p.variants.first().map(|v| v.price));
        let order = |o: &super::ImportedOrder| {
            (format!("{} {}", o.placed.number, o.person.called()), o.placed.currency, o.placed.totals.total)
        };
        Self {
            kind: p.kind,
            products: p.products.len(),
            variants: p.variants(),
            orders: p.orders.len(),
            lines: p.lines(),
            totals: p.totals().into_iter().map(|(c, t)| (c, Minor(i64::try_from(t).unwrap_or(i64::MAX)))).collect(),
            sample_products: p.products.iter().take(SAMPLES).map(product).collect(),
            sample_orders: p.orders.iter().take(SAMPLES).map(order).collect(),
            issues: p.issues.iter().take(MOST_ISSUES).cloned().collect(),
            issue_count: p.issues.len(),
            header: p.header.clone(),
            mapping: p.mapping.clone(),
        }
    }

    /// Counts the things that can be taken in.
    pub fn things(&self) -> usize {
        self.products + self.orders
    }
}

/// A file's text, whatever program wrote it.
///
/// # Errors
/// [`Unreadable`].
pub fn text_of(bytes: &[u8], gbk: GbkDecoder<'_>) -> Result<String, Unreadable> {
    if bytes.len() > MOST_FILE {
        return Err(Unreadable::TooLarge);
    }
    if sheet::is_workbook(bytes) {
        return sheet::to_csv(bytes).map_err(|_| Unreadable::Broken);
    }
    Ok(text::decode(bytes, gbk))
}

/// The reader: holds one file and what was read in it.
#[derive(Debug, Default)]
pub struct Reader {
    text: String,
    batches: Batches,
}

impl Reader {
    /// Another file takes the place of the last one.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn take(&mut self, bytes: &[u8], gbk: GbkDecoder<'_>) -> Result<(), Unreadable> {
        *self = Self::default();
        self.text = text_of(bytes, gbk)?;
        Ok(())
    }

    pub fn read(&mut self, how: &How) -> Outline {
        let preview = read(&self.text, how.kind, how.mapping.as_ref(), &how.origin, Store { currency: how.currency });
        self.batches = Batches::of(preview);
        Outline::of(self.batches.preview())
    }

    pub fn batch(&self, at: usize) -> Option<Batch> {
        self.batches.get(at)
    }
}
