//! Columns over all orders: what lists, filters and searches need, in a few flat vectors outside the reactive graph.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;

use super::blocks::BLOCK_ORDERS;
use super::packed::{Packer, Unpacker, code};
use super::row_of::RowOf;
use super::{Row, StoreError, Table, WriteBatch};
use crate::domain::order::{Order, OrderState, PaymentState};
use crate::domain::shop::channel::Channel;
use crate::domain::value::id::{CustomerId, OrderId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::texts::Texts;
use crate::domain::value::time::Timestamp;

/// Blocks whose columns share one row of the index.
const SEGMENT_BLOCKS: u32 = 16;
/// An order that is not in a block yet.
const NOWHERE: u32 = u32::MAX;

/// One order as lists show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    pub id: OrderId,
    pub number: String,
    /// Number that another system gave it; may be empty.
    pub reference: String,
    pub placed_at: Timestamp,
    pub total: Minor,
    pub currency: Currency,
    pub state: OrderState,
    pub payment: PaymentState,
    pub channel: Channel,
    pub customer: Option<CustomerId>,
}

impl Summary {
    fn stored(&self) -> Stored<'_> {
        Stored {
            id: self.id,
            number: &self.number,
            reference: &self.reference,
            placed_at: self.placed_at,
            total: self.total,
            currency: self.currency,
            state: self.state,
            payment: self.payment,
            channel: self.channel,
            customer: self.customer,
        }
    }

    pub fn of(order: &Order) -> Self {
        Self {
            id: order.id,
            number: order.number.clone(),
            reference: order.external.as_ref().map(|e| e.reference.clone()).unwrap_or_default(),
            placed_at: order.placed_at,
            total: order.totals.total,
            currency: order.currency,
            state: order.state,
            payment: order.payment_state(),
            channel: order.channel,
            customer: order.customer,
        }
    }
}

/// A [`Summary`] in the bytes it was read from; field by field what formats up to 5 wrote.
#[derive(Clone, Copy, Deserialize)]
struct Stored<'a> {
    id: OrderId,
    number: &'a str,
    reference: &'a str,
    placed_at: Timestamp,
    total: Minor,
    currency: Currency,
    state: OrderState,
    payment: PaymentState,
    channel: Channel,
    customer: Option<CustomerId>,
}

/// Filter of a list of orders. Empty fields let everything through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub states: Vec<OrderState>,
    pub channel: Option<Channel>,
    pub payments: Vec<PaymentState>,
    pub since: Option<Timestamp>,
    /// Looked for in number and reference, without regard to case.
    pub text: String,
    /// Orders of these customers match the text, too.
    pub customers: HashSet<CustomerId>,
    /// Only orders of this customer.
    pub of: Option<CustomerId>,
}

/// See the module. A row's position never changes.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    ids: Vec<OrderId>,
    placed_at: Vec<i64>,
    total: Vec<Minor>,
    currency: Vec<Currency>,
    state: Vec<OrderState>,
    payment: Vec<PaymentState>,
    channel: Vec<Channel>,
    customer: Vec<Option<CustomerId>>,
    numbers: Texts,
    references: Texts,
    /// Number and reference in small letters, for searching.
    folded: Texts,
    block: Vec<u32>,
    offset: Vec<u16>,
    row_of: RowOf,
    /// Rows in each block, by offset; `NOWHERE` where a newer copy is in a later block.
    blocks: Vec<Vec<u32>>,
    dirty: BTreeSet<u32>,
    /// Rows by time, oldest first; sorted when asked for.
    by_time: Vec<u32>,
    sorted: bool,
}

/// Rows there is room for beyond those that are read: the orders of a day or two.
const ROOM: usize = 4_096;

impl Columns {
    pub fn len(&self) -> usize {
        self.row_of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.row_of.len() == 0
    }

    /// Takes an order out of the list that is in no block; its row stays empty.
    pub fn remove_unsealed(&mut self, id: OrderId) {
        let Some(row) = self.row(id).filter(|row| self.block[*row as usize] == NOWHERE) else { return };
        self.row_of.remove(id);
        self.by_time.retain(|r| *r != row);
    }

    /// Every order, in no order.
    pub fn ids(&self) -> impl Iterator<Item = OrderId> {
        self.row_of.ids()
    }

    pub fn row(&self, id: OrderId) -> Option<u32> {
        self.row_of.get(id)
    }

    /// Returns the order of a row; `None` past the last one.
    pub fn id(&self, row: u32) -> Option<OrderId> {
        self.ids.get(row as usize).copied()
    }

    pub fn contains(&self, id: OrderId) -> bool {
        self.row_of.get(id).is_some()
    }

    pub fn block_count(&self) -> u32 {
        self.blocks.len() as u32
    }

    pub fn summary(&self, row: u32) -> Option<Summary> {
        let i = row as usize;
        let (number, reference) = (self.numbers.get(i)?, self.references.get(i)?);
        Some(Summary {
            id: self.ids[i],
            number: number.to_string(),
            reference: reference.to_string(),
            placed_at: Timestamp(self.placed_at[i]),
            total: self.total[i],
            currency: self.currency[i],
            state: self.state[i],
            payment: self.payment[i],
            channel: self.channel[i],
            customer: self.customer[i],
        })
    }

    /// Returns block and offset of a sealed order's bytes.
    pub fn place(&self, id: OrderId) -> Option<(u32, u16)> {
        let i = self.row(id)? as usize;
        (self.block[i] != NOWHERE).then(|| (self.block[i], self.offset[i]))
    }

    /// Says whether some blocks hold an order that is open, or was placed at or after a moment.
    pub fn reaches(&self, first: u32, count: u32, since: Timestamp) -> bool {
        let blocks = self.blocks.iter().skip(first as usize).take(count as usize);
        let mut rows = blocks.flatten().filter(|row| **row != NOWHERE).map(|row| *row as usize);
        rows.any(|i| self.placed_at[i] >= since.0 || self.state[i].open())
    }

    /// Takes a new or changed order in.
    pub fn put(&mut self, summary: &Summary) {
        self.put_stored(&summary.stored());
    }

    fn put_stored(&mut self, summary: &Stored<'_>) -> usize {
        let i = match self.row(summary.id) {
            Some(row) => row as usize,
            None => return self.push(summary),
        };
        if self.placed_at[i] != summary.placed_at.0 {
            self.sorted = false;
        }
        self.placed_at[i] = summary.placed_at.0;
        self.total[i] = summary.total;
        self.currency[i] = summary.currency;
        self.state[i] = summary.state;
        self.payment[i] = summary.payment;
        self.channel[i] = summary.channel;
        self.customer[i] = summary.customer;
        i
    }

    /// Room for so many more rows, and no more: with a hundred thousand of them a day's orders must not double them.
    fn reserve(&mut self, rows: usize) {
        self.ids.reserve_exact(rows);
        self.placed_at.reserve_exact(rows);
        self.total.reserve_exact(rows);
        self.currency.reserve_exact(rows);
        self.state.reserve_exact(rows);
        self.payment.reserve_exact(rows);
        self.channel.reserve_exact(rows);
        self.customer.reserve_exact(rows);
        self.numbers.reserve(rows);
        self.references.reserve(rows);
        self.folded.reserve(rows);
        self.block.reserve_exact(rows);
        self.offset.reserve_exact(rows);
        self.by_time.reserve_exact(rows);
    }

    fn push(&mut self, s: &Stored<'_>) -> usize {
        let i = self.ids.len();
        if i == self.ids.capacity() {
            self.reserve((i / 8).max(ROOM));
        }
        let last = self.by_time.last().map(|r| self.placed_at[*r as usize]);
        self.sorted = (self.sorted || i == 0) && last.is_none_or(|t| t <= s.placed_at.0);
        self.ids.push(s.id);
        self.placed_at.push(s.placed_at.0);
        self.total.push(s.total);
        self.currency.push(s.currency);
        self.state.push(s.state);
        self.payment.push(s.payment);
        self.channel.push(s.channel);
        self.customer.push(s.customer);
        self.numbers.push(s.number);
        self.references.push(s.reference);
        self.folded.push_lower([s.number, s.reference]);
        self.block.push(NOWHERE);
        self.offset.push(0);
        self.row_of.insert(s.id, i as u32);
        self.by_time.push(i as u32);
        i
    }

    /// Rows that pass a filter, newest first.
    pub fn select(&mut self, filter: &Filter) -> Vec<u32> {
        self.sort();
        let text = filter.text.trim().to_lowercase();
        let mut has_text = vec![text.is_empty(); self.ids.len()];
        if !text.is_empty() {
            self.folded.rows_with(&text, |row| has_text[row] = true);
        }
        let since = filter.since.map_or(i64::MIN, |t| t.0);
        let mut states = [filter.states.is_empty(); OrderState::ALL.len()];
        for s in &filter.states {
            states[*s as usize] = true;
        }
        let passes = |row: &u32| {
            let i = *row as usize;
            states[self.state[i] as usize]
                && self.placed_at[i] >= since
                && filter.channel.is_none_or(|c| self.channel[i] == c)
                && filter.of.is_none_or(|c| self.customer[i] == Some(c))
                && (filter.payments.is_empty() || filter.payments.contains(&self.payment[i]))
                && (has_text[i]
                    || (!filter.customers.is_empty()
                        && self.customer[i].is_some_and(|c| filter.customers.contains(&c))))
        };
        self.by_time.iter().rev().copied().filter(passes).collect()
    }

    fn sort(&mut self) {
        if !self.sorted {
            let times = &self.placed_at;
            self.by_time.sort_by_key(|r| (times[*r as usize], *r));
            self.sorted = true;
        }
    }

    // --- sealing
    // ------------------------------------------------------------------------------------------------------

    /// Notes where sealed orders now are. `ids` are those of one block, in its order.
    pub fn sealed(&mut self, block: u32, ids: impl IntoIterator<Item = OrderId>) {
        while self.blocks.len() <= block as usize {
            self.blocks.push(Vec::new());
        }
        for (offset, id) in ids.into_iter().enumerate().take(BLOCK_ORDERS) {
            let Some(row) = self.row(id) else { continue };
            let i = row as usize;
            if self.block[i] != NOWHERE {
                self.blocks[self.block[i] as usize][usize::from(self.offset[i])] = NOWHERE;
                self.dirty.insert(self.block[i] / SEGMENT_BLOCKS);
            }
            self.block[i] = block;
            self.offset[i] = offset as u16;
            self.blocks[block as usize].push(row);
        }
        self.dirty.insert(block / SEGMENT_BLOCKS);
    }

    /// Puts every changed segment into a batch.
    pub fn seal(&mut self, batch: &mut WriteBatch) {
        for segment in std::mem::take(&mut self.dirty) {
            let first = (segment * SEGMENT_BLOCKS) as usize;
            let last = (first + SEGMENT_BLOCKS as usize).min(self.blocks.len());
            let rows: Vec<(u32, u16, u32)> = (first..last)
                .flat_map(|b| self.blocks[b].iter().enumerate().map(move |(o, row)| (b as u32, o as u16, *row)))
                .filter(|(_, _, row)| *row != NOWHERE)
                .collect();
            batch.put(Table::Index, u64::from(segment), self.pack(&rows));
        }
    }

    fn pack(&self, rows: &[(u32, u16, u32)]) -> Vec<u8> {
        let each = || rows.iter().map(|(_, _, row)| *row as usize);
        let mut to = Packer::default();
        to.number(rows.len() as u64);
        to.numbers(&rows.iter().map(|(block, _, _)| u64::from(*block)).collect::<Vec<_>>());
        to.numbers(&rows.iter().map(|(_, offset, _)| u64::from(*offset)).collect::<Vec<_>>());
        to.ids(each().map(|i| self.ids[i].0));
        to.texts(&each().map(|i| self.numbers.get(i).unwrap_or_default()).collect::<Vec<_>>());
        to.texts(&each().map(|i| self.references.get(i).unwrap_or_default()).collect::<Vec<_>>());
        to.signed(each().map(|i| self.placed_at[i]));
        to.signed(each().map(|i| self.total[i].0));
        to.texts(&each().map(|i| self.currency[i].code()).collect::<Vec<_>>());
        to.numbers(&each().map(|i| code(&self.state[i])).collect::<Vec<_>>());
        to.numbers(&each().map(|i| code(&self.payment[i])).collect::<Vec<_>>());
        to.numbers(&each().map(|i| code(&self.channel[i])).collect::<Vec<_>>());
        let customers: Vec<_> = each().map(|i| self.customer[i].map(|c| c.0)).collect();
        to.options(&customers, |to, there| to.ids(there.into_iter().copied()));
        to.done()
    }

    /// Takes a packed row in.
    fn unpack(&mut self, bytes: &[u8], blocks: u32) -> Option<()> {
        let mut from = Unpacker(bytes);
        let count = from.count(BLOCK_ORDERS * SEGMENT_BLOCKS as usize)?;
        let (places, offsets) = (from.numbers(count)?, from.numbers(count)?);
        let ids = from.ids(count)?;
        let (numbers, references) = (from.texts(count)?, from.texts(count)?);
        let (placed, total) = (from.signed(count)?, from.signed(count)?);
        let currencies = from.texts(count)?;
        let (states, payments, channels) = (from.numbers(count)?, from.numbers(count)?, from.numbers(count)?);
        let customers = from.options(count, |u, n| u.ids(n))?;
        let mut currency = (String::new(), Currency::default());
        for i in 0..count {
            if currencies.get(i)? != currency.0 {
                currency = (currencies.get(i)?.to_owned(), currencies.get(i)?.parse().ok()?);
            }
            let summary = Stored {
                id: OrderId(ids[i]),
                number: numbers.get(i)?,
                reference: references.get(i)?,
                placed_at: Timestamp(placed[i]),
                total: Minor(total[i]),
                currency: currency.1,
                state: *OrderState::ALL.get(usize::try_from(states[i]).ok()?)?,
                payment: *PaymentState::ALL.get(usize::try_from(payments[i]).ok()?)?,
                channel: *Channel::ALL.get(usize::try_from(channels[i]).ok()?)?,
                customer: customers[i].map(CustomerId),
            };
            self.take(u32::try_from(places[i]).ok()?, u16::try_from(offsets[i]).ok()?, blocks, &summary);
        }
        from.0.is_empty().then_some(())
    }

    fn take(&mut self, block: u32, offset: u16, blocks: u32, summary: &Stored<'_>) {
        if block >= blocks || usize::from(offset) >= BLOCK_ORDERS {
            return;
        }
        let i = self.put_stored(summary);
        self.block[i] = block;
        self.offset[i] = offset;
        let held = &mut self.blocks[block as usize];
        held.resize(held.len().max(usize::from(offset) + 1), NOWHERE);
        held[usize::from(offset)] = i as u32;
    }

    /// Counts the rows of the index that so many blocks have.
    pub fn rows(blocks: u32) -> u64 {
        u64::from(blocks.div_ceil(SEGMENT_BLOCKS))
    }

    /// Reads the index back. Rows of blocks at or beyond `blocks` are of a sealing that never ended, and are left out.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn load(rows: Vec<Row>, blocks: u32) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        columns.blocks.resize(blocks as usize, Vec::new());
        // Room for all of them at once, as far as the rows could hold so many.
        let bytes: usize = rows.iter().map(|(_, bytes)| bytes.len()).sum();
        columns.reserve((blocks as usize).saturating_mul(BLOCK_ORDERS).min(bytes) + ROOM);
        for (key, bytes) in rows {
            let corrupt = StoreError::Corrupt { table: Table::Index, key };
            columns.unpack(&bytes, blocks).ok_or(corrupt)?;
        }
        Ok(columns)
    }
}
