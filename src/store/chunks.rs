//! Chunks: a map kept as rows of a few hundred entries, of which only those that changed are written again.

use std::collections::BTreeSet;
use std::hash::Hash;

use foldhash::{HashMap, HashMapExt};

use super::dictionary::Variants;
use super::rows::{Read, Write};
use super::{Row, StoreError, Table, WriteBatch};

/// Map from entries to the rows they live in. The entries themselves are the fold's.
#[derive(Clone, Debug)]
pub struct Chunks<K> {
    table: Table,
    size: usize,
    /// Filled when the first entry is touched after loading: most openings end before any is.
    of: HashMap<K, u32>,
    rows: Vec<Vec<K>>,
    dirty: BTreeSet<u32>,
}

/// No store has as many; a key that is damaged must not make room for them.
const MOST_CHUNKS: u64 = 1 << 20;

impl<K: Eq + Hash + Clone> Chunks<K> {
    pub fn new(table: Table, size: usize) -> Self {
        Self { table, size, of: HashMap::new(), rows: Vec::new(), dirty: BTreeSet::new() }
    }

    /// Says that an entry is new or was changed.
    pub fn touch(&mut self, key: &K) {
        if self.of.is_empty() {
            let rows = self.rows.iter().enumerate();
            self.of.extend(rows.flat_map(|(chunk, keys)| keys.iter().map(move |key| (key.clone(), chunk as u32))));
        }
        let chunk = match self.of.get(key) {
            Some(chunk) => *chunk,
            None => {
                if self.rows.last().is_none_or(|row| row.len() >= self.size) {
                    self.rows.push(Vec::new());
                }
                let chunk = (self.rows.len() - 1) as u32;
                self.rows[chunk as usize].push(key.clone());
                self.of.insert(key.clone(), chunk);
                chunk
            }
        };
        self.dirty.insert(chunk);
    }

    /// Puts every changed row into a batch.
    pub fn seal<'a, V: 'a>(
        &self,
        batch: &mut WriteBatch,
        write: Write<K, V>,
        variants: &mut Variants,
        value: impl Fn(&K) -> Option<&'a V>,
    ) {
        for chunk in &self.dirty {
            let row: Vec<(&K, &V)> =
                self.rows[*chunk as usize].iter().filter_map(|k| value(k).map(|v| (k, v))).collect();
            batch.put(self.table, u64::from(*chunk), write(&row, variants));
        }
    }

    /// To be called once a sealed batch is committed.
    pub fn sealed(&mut self) {
        self.dirty.clear();
    }

    /// Reads the rows back.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn load<V>(
        &mut self,
        rows: Vec<Row>,
        read: Read<K, V>,
        variants: &Variants,
        mut each: impl FnMut(K, V),
    ) -> Result<(), StoreError> {
        for (key, bytes) in rows {
            let corrupt = StoreError::Corrupt { table: self.table, key };
            let entries = read(&bytes, variants).filter(|_| key < MOST_CHUNKS).ok_or(corrupt)?;
            let chunk = key as usize;
            while self.rows.len() <= chunk {
                self.rows.push(Vec::new());
            }
            self.rows[chunk].reserve_exact(entries.len());
            for (k, v) in entries {
                self.rows[chunk].push(k.clone());
                each(k, v);
            }
        }
        Ok(())
    }
}
