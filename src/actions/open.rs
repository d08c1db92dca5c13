//! Opening: what a store holds, read and folded into a ledger.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::ledger::{Ledger, Sealed, Unsent, fetch, from_json, touched};
use super::sealed::Settings;
use crate::domain::book::layered::Layer;
use crate::domain::event::{Body, Transaction};
use crate::domain::order::Order;
use crate::domain::stock::Movement;
use crate::domain::value::id::OrderId;
use crate::domain::value::quantity::Quantity;
use crate::store::dictionary::Variants;
use crate::store::{Columns, Dictionary, LocalStore, MetaKey, Row, StoreError, Table};
use crate::sync::protocol::{LogEntry, PushEntry};

/// Reads everything but the blocks, in one transaction, and folds the tail and the unsent transactions over it.
///
/// # Errors
/// [`StoreError`]; a corrupt row of the journal is an error, because an order may be in it.
pub async fn load<S: LocalStore>(store: &S) -> Result<Ledger, StoreError> {
    read(store, false).await
}

/// Reads what the newest orders' lines take: who this tablet is, settings, what is not sealed, and the last of the
/// columns. There are no goods, customers or cases in it, and nothing may be decided on it: it is shown until [`load`]
/// is done, which takes several times as long.
///
/// # Errors
/// [`StoreError`].
pub async fn glance<S: LocalStore>(store: &S) -> Result<Ledger, StoreError> {
    read(store, true).await
}

/// Rows of columns that a glance reads: some thousand orders.
const GLANCED_ROWS: u64 = 2;

async fn read<S: LocalStore>(store: &S, glance: bool) -> Result<Ledger, StoreError> {
    let sealed = if glance { &[][..] } else { Table::SEALED };
    let mut rows = store.read(&[&FIRST, sealed].concat()).await?;
    if glance {
        let known = rows[0].iter().find(|(key, _)| *key == MetaKey::Sealed as u64);
        let known =
            known.map(|(key, bytes)| from_json::<Sealed>(Table::Meta, *key, bytes)).transpose()?.unwrap_or_default();
        let last = Columns::rows(known.blocks);
        let keys: Vec<u64> = (last.saturating_sub(GLANCED_ROWS)..last).collect();
        let found = store.get(Table::Index, &keys).await?;
        rows.extend([Vec::new(), keys.into_iter().zip(found).filter_map(|(key, row)| Some((key, row?))).collect()]);
    }
    let (mut ledger, pages, mut wanted) = Ledger::begin(rows)?;
    if glance {
        wanted.clear();
    }
    let found = fetch(store, &ledger.dictionary, &wanted).await?;
    ledger.end(found, &pages);
    Ok(ledger)
}

/// Tables that are read at every opening before what is sealed, in the order in which they are taken in.
const FIRST: [Table; 4] = [Table::Meta, Table::Out, Table::Refused, Table::Tail];
/// Confirmed transactions that are not sealed, page by page.
type Pages = Vec<Vec<LogEntry>>;
/// Sealed orders that they are about, block by block.
type Wanted = BTreeMap<u32, Vec<(OrderId, u16)>>;

impl Ledger {
    /// Takes in the rows of [`FIRST`] and [`Table::SEALED`]; tables that were not read are empty.
    fn begin(rows: Vec<Vec<Row>>) -> Result<(Self, Pages, Wanted), StoreError> {
        let mut rows = rows.into_iter();
        let mut next = || rows.next().unwrap_or_default();
        let mut meta: BTreeMap<u64, Vec<u8>> = next().into_iter().collect();
        let (out, refused, tail) = (next(), next(), next());
        let mut ledger = Self::default();
        fn get<V: DeserializeOwned>(meta: &BTreeMap<u64, Vec<u8>>, key: MetaKey) -> Result<Option<V>, StoreError> {
            meta.get(&(key as u64)).map(|bytes| from_json(Table::Meta, key as u64, bytes)).transpose()
        }
        ledger.carts = meta.remove(&(MetaKey::Carts as u64));
        ledger.identity = get(&meta, MetaKey::Identity)?;
        ledger.writer = get(&meta, MetaKey::Writer)?.unwrap_or_default();
        ledger.cursor = get(&meta, MetaKey::Cursor)?.unwrap_or_default();
        ledger.sealed = get(&meta, MetaKey::Sealed)?.unwrap_or_default();
        if !ledger.sealed.is_readable() {
            // Another program's rows: the server has them, too.
            return Err(StoreError::Corrupt { table: Table::Meta, key: MetaKey::Sealed as u64 });
        }
        ledger.missing = get(&meta, MetaKey::Missing)?.unwrap_or_default();
        ledger.heard_rows = get(&meta, MetaKey::Heard)?.unwrap_or_default();
        let variants = Variants::load(&next())?;
        ledger.columns = Columns::load(next(), ledger.sealed.blocks)?;
        ledger.load_sealed(get(&meta, MetaKey::Settings)?, &variants, &mut next)?;
        ledger.dictionary = Dictionary::of(variants);

        let replica = ledger.identity.as_ref().map_or(0, |i| i.replica);
        for (seq, bytes) in out {
            let entry: PushEntry = from_json(Table::Out, seq, &bytes)?;
            let body: Body = from_json(Table::Out, seq, entry.body.get().as_bytes())?;
            let tx = Transaction { replica, seq, body, parts: entry.pd.clone() };
            ledger.unsent.insert(seq, Unsent { entry, tx, bytes: bytes.len() });
        }
        for (seq, bytes) in refused {
            ledger.refused.insert(seq, from_json(Table::Refused, seq, &bytes)?);
        }
        let mut pages = Vec::new();
        for (g, bytes) in tail {
            ledger.tail_rows.push(g);
            pages.push(from_json::<Vec<LogEntry>>(Table::Tail, g, &bytes)?);
        }
        let confirmed: Vec<Transaction> = pages.iter().flatten().filter_map(LogEntry::transaction).collect();
        let mut needed = touched(confirmed.iter().chain(ledger.unsent.values().map(|u| &u.tx)));
        // Who may promise how much of what is scarce depends on every order that waits for some.
        if ledger.book.scarce.iter().any(|(_, scarcity)| scarcity.is_some()) {
            needed.extend(ledger.open_orders(usize::MAX));
        }
        let mut wanted = ledger.cold(needed.into_iter());
        // What the tail is about was here before it was written; what waits here may be about older orders.
        wanted.retain(|block, _| ledger.not_here(*block).is_none());
        Ok((ledger, pages, wanted))
    }

    /// Folds what is not sealed over it, once the sealed orders that it is about are here.
    fn end(&mut self, found: Vec<(OrderId, Order)>, pages: &Pages) {
        for (id, order) in found {
            self.book.orders.put(Layer::Confirmed, id, order);
        }
        for page in pages {
            let changes = self.apply_confirmed(page.iter().map(LogEntry::entry));
            self.refresh_columns(&changes.orders);
        }
        if self.sealed.is_stand_in() {
            // What was leased to this tablet it may have sold since.
            let own = self.identity.as_ref().map_or(0, |i| i.replica);
            let leased: Vec<_> =
                self.book.leases.confirmed().map(|(key, _)| *key).filter(|(_, replica)| *replica == own).collect();
            leased.into_iter().for_each(|key| self.book.leases.put(Layer::Confirmed, key, Quantity::ZERO));
        }
        let changes = self.replay_unsent();
        self.refresh_columns(&changes.orders);
    }
}

impl Ledger {
    /// Takes sealed rows in; `next` hands over those of the next table.
    fn load_sealed(
        &mut self,
        settings: Option<Settings>,
        variants: &Variants,
        next: &mut impl FnMut() -> Vec<Row>,
    ) -> Result<(), StoreError> {
        let book = &mut self.book;
        if let Some(settings) = settings {
            settings.load(book);
        }
        book.levels.reserve(variants.len());
        book.variants.reserve(variants.len());
        let mut movements = Vec::new();
        self.chunked.load(book, variants, || {
            let (recent, rows): (Vec<Row>, Vec<Row>) =
                next().into_iter().partition(|(key, _)| *key == super::seal::MOVEMENTS_ROW);
            movements.extend(recent);
            rows
        })?;
        for (key, bytes) in movements {
            let corrupt = StoreError::Corrupt { table: Table::Stock, key };
            let movements: Vec<Movement> = postcard::from_bytes(&bytes).map_err(|_| corrupt)?;
            book.restore_movements(movements);
        }
        book.index_variants();
        Ok(())
    }
}
