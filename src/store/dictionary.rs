//! The dictionary: what sealed rows name by number. Variants (which stock, products and articles are about), and
//! articles.
//!
//! Both lists only grow, so a number means the same for ever. An identifier that was derived takes eight bytes that
//! nothing can compress; here it is written once instead of in every table.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::{HashMap, HashMapExt};

use super::articles::Articles;
use super::packed::{Packer, Unpacker};
use super::{LocalStore, Row, StoreError, Table, WriteBatch};
use crate::domain::value::id::VariantId;

/// A handle: clones share the lists.
#[derive(Clone, Debug, Default)]
pub struct Dictionary(Arc<Mutex<Words>>);

/// The lists themselves.
#[derive(Debug, Default)]
pub struct Words {
    pub variants: Variants,
    /// Read when the first sealed order is opened, or sealed.
    pub articles: Option<Articles>,
}

impl Dictionary {
    pub fn of(variants: Variants) -> Self {
        Self(Arc::new(Mutex::new(Words { variants, articles: None })))
    }

    /// Nothing is awaited while they are held.
    pub fn words(&self) -> MutexGuard<'_, Words> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the articles if they were not read yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bring<S: LocalStore>(&self, store: &S) -> Result<(), StoreError> {
        if self.words().articles.is_some() {
            return Ok(());
        }
        let rows = store.read(&[Table::Article]).await?.pop().unwrap_or_default();
        let mut words = self.words();
        if words.articles.is_none() {
            words.articles = Some(Articles::load(&rows)?);
        }
        Ok(())
    }
}

impl Words {
    /// Puts what was added since the last sealing into a batch. Whatever names a word has been written before.
    pub fn seal(&self, batch: &mut WriteBatch) {
        self.variants.seal(batch);
        self.articles.iter().for_each(|a| a.seal(batch));
    }

    /// To be called once a sealed batch is committed.
    pub fn sealed(&mut self) {
        self.variants.kept = self.variants.ids.len();
        self.articles.iter_mut().for_each(Articles::sealed);
    }
}

/// Variants in a row.
const ROW_VARIANTS: usize = 4096;

/// Variants by number.
#[derive(Debug, Default)]
pub struct Variants {
    ids: Vec<VariantId>,
    /// Number of them that are stored already.
    kept: usize,
    /// Made when the first is looked for: opening only reads.
    numbers: HashMap<VariantId, u32>,
}

impl Variants {
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn load(rows: &[Row]) -> Result<Self, StoreError> {
        let mut variants = Self::default();
        for (key, bytes) in rows {
            let mut from = Unpacker(bytes);
            let mut read = || {
                let count = from.count(ROW_VARIANTS)?;
                from.ids(count).filter(|_| from.0.is_empty())
            };
            let first = variants.ids.len();
            match read() {
                Some(ids) if first == (*key as usize).saturating_mul(ROW_VARIANTS) => {
                    variants.ids.extend(ids.into_iter().map(VariantId));
                }
                _ => return Err(StoreError::Corrupt { table: Table::Variant, key: *key }),
            }
        }
        variants.kept = variants.ids.len();
        Ok(variants)
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the variant of a number.
    pub fn id(&self, number: u64) -> Option<VariantId> {
        self.ids.get(usize::try_from(number).ok()?).copied()
    }

    /// Its number; a new one if it is new.
    pub fn number(&mut self, id: VariantId) -> u32 {
        if self.numbers.is_empty() {
            self.numbers = HashMap::with_capacity(self.ids.len());
            self.numbers.extend(self.ids.iter().zip(0..).map(|(id, n)| (*id, n)));
        }
        let next = self.ids.len() as u32;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        number
    }

    fn seal(&self, batch: &mut WriteBatch) {
        if self.kept == self.ids.len() {
            return;
        }
        let first = self.kept / ROW_VARIANTS;
        for (key, ids) in (first as u64..).zip(self.ids[first * ROW_VARIANTS..].chunks(ROW_VARIANTS)) {
            let mut to = Packer::default();
            to.number(ids.len() as u64);
            to.ids(ids.iter().map(|v| v.0));
            batch.put(Table::Variant, key, to.done());
        }
    }
}
