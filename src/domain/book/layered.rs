//! A map in two layers: what the server has confirmed, and what this tablet's unsent transactions make of it.
//!
//! The view is always `fold(confirmed) + replay(pending)`. When confirmed things arrive, the pending layer is thrown
//! away and played again on top; nothing has to be undone by hand.

use std::hash::Hash;

use foldhash::{HashMap, HashMapExt};

/// The layer that a fold reads and writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// Reads and writes what is confirmed, blind to what is pending.
    Confirmed,
    /// Reads both, writes only the pending layer.
    Pending,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Layered<K, V> {
    confirmed: HashMap<K, V>,
    pending: HashMap<K, V>,
}

impl<K, V> Default for Layered<K, V> {
    fn default() -> Self {
        Self { confirmed: HashMap::new(), pending: HashMap::new() }
    }
}

impl<K: Eq + Hash + Clone, V> Layered<K, V> {
    /// As a person sees it.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.at(Layer::Pending, key)
    }

    pub fn at(&self, layer: Layer, key: &K) -> Option<&V> {
        match layer {
            Layer::Confirmed => self.confirmed.get(key),
            Layer::Pending => self.pending.get(key).or_else(|| self.confirmed.get(key)),
        }
    }

    pub fn put(&mut self, layer: Layer, key: K, value: V) {
        match layer {
            Layer::Confirmed => self.confirmed.insert(key, value),
            Layer::Pending => self.pending.insert(key, value),
        };
    }

    /// Makes room for so many more confirmed values.
    pub fn reserve(&mut self, count: usize) {
        self.confirmed.reserve(count);
    }

    /// Forgets the pending layer.
    pub fn reset_pending(&mut self) {
        self.pending.clear();
    }

    /// Confirms what is pending as it is.
    pub fn confirm_pending(&mut self) {
        self.confirmed.extend(self.pending.drain());
    }

    /// Everything, as a person sees it, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pending.iter().chain(self.confirmed.iter().filter(|(k, _)| !self.pending.contains_key(*k)))
    }

    /// Only what is confirmed, in no order.
    pub fn confirmed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.confirmed.iter()
    }

    /// Only what pending transactions changed, in no order.
    pub fn pending(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pending.iter()
    }

    /// Drops a confirmed value from memory; it is kept elsewhere.
    pub fn unload(&mut self, key: &K) -> Option<V> {
        self.confirmed.remove(key)
    }

    pub fn len(&self) -> usize {
        self.confirmed.len() + self.pending.keys().filter(|k| !self.confirmed.contains_key(*k)).count()
    }

    pub fn is_empty(&self) -> bool {
        self.confirmed.is_empty() && self.pending.is_empty()
    }
}
