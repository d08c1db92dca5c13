//! Which row an order has: what a tablet numbers comes in order and is found by halving; what was derived from
//! elsewhere is found by hashing.

use foldhash::HashMap;

use crate::domain::value::id::{Id, OrderId, Replica};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct RowOf {
    /// By replica, each ascending.
    runs: Vec<(Replica, Vec<(u64, u32)>)>,
    others: HashMap<OrderId, u32>,
}

impl RowOf {
    fn run(&self, replica: Replica) -> Option<&[(u64, u32)]> {
        self.runs.iter().find(|(of, _)| *of == replica).map(|(_, run)| run.as_slice())
    }

    pub fn get(&self, id: OrderId) -> Option<u32> {
        let run = self.run(id.0.replica).unwrap_or_default();
        let in_run = match run.last() {
            Some((last, _)) if id.0.n <= *last => run.binary_search_by_key(&id.0.n, |(n, _)| *n).ok().map(|i| run[i].1),
            _ => None,
        };
        in_run.or_else(|| if self.others.is_empty() { None } else { self.others.get(&id).copied() })
    }

    /// Notes the row of an order that has none yet.
    pub fn insert(&mut self, id: OrderId, row: u32) {
        let Id { replica, n } = id.0;
        // Derived identifiers are in no order; the few tablets of a store are looked through one by one.
        if replica == 0 || (self.runs.len() >= 64 && self.run(replica).is_none()) {
            self.others.insert(id, row);
            return;
        }
        match self.runs.iter_mut().find(|(of, _)| *of == replica) {
            Some((_, run)) if run.last().is_none_or(|(last, _)| *last < n) => run.push((n, row)),
            Some(_) => drop(self.others.insert(id, row)),
            None => self.runs.push((replica, vec![(n, row)])),
        }
    }

    pub fn remove(&mut self, id: OrderId) {
        if self.others.remove(&id).is_none()
            && let Some((_, run)) = self.runs.iter_mut().find(|(of, _)| *of == id.0.replica)
            && let Ok(i) = run.binary_search_by_key(&id.0.n, |(n, _)| *n)
        {
            run.remove(i);
        }
    }

    pub fn len(&self) -> usize {
        self.runs.iter().map(|(_, run)| run.len()).sum::<usize>() + self.others.len()
    }

    pub fn ids(&self) -> impl Iterator<Item = OrderId> {
        let runs = self
            .runs
            .iter()
            .flat_map(|(replica, run)| run.iter().map(|(n, _)| OrderId(Id { replica: *replica, n: *n })));
        runs.chain(self.others.keys().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_finds_what_a_plain_map_finds(steps in prop::collection::vec((0..3_u32, 0..12_u64, any::<bool>()), 0..80)) {
            let (mut rows, mut plain) = (RowOf::default(), HashMap::new());
            for (row, (replica, n, add)) in steps.into_iter().enumerate() {
                let id = OrderId(Id { replica, n });
                prop_assert_eq!(rows.get(id), plain.get(&id).copied());
                if !add {
                    rows.remove(id);
                    plain.remove(&id);
                } else {
                    plain.entry(id).or_insert_with(|| {
                        rows.insert(id, row as u32);
                        row as u32
                    });
                }
                prop_assert_eq!(rows.len(), plain.len());
            }
            let (mut ids, mut expected): (Vec<_>, Vec<_>) = (rows.ids().collect(), plain.keys().copied().collect());
            ids.sort();
            expected.sort();
            prop_assert_eq!(ids, expected);
        }
    }
}
