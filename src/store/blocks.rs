//! Blocks: 256 sealed orders in one immutable row.
//!
//! Shape: version (1 byte), count (2), earliest and latest time (8 each), CRC-32 of the rest (4), postcard of the orders;
//! integers little-endian. Since version 2 the postcard is compressed (LZ4, with its size before it): names and codes of
//! products repeat, and half as many bytes are written, kept and sent.

use serde::de::DeserializeOwned;

use crate::domain::order::Order;
use crate::store::earlier;

/// Orders in one block.
pub const BLOCK_ORDERS: usize = 256;
const VERSION: u8 = 4;
/// Orders without offers, kits and matched payments; what is set aside does not say which variant.
const THIRD: u8 = 3;
/// Orders without fulfilment and attempts.
const SECOND: u8 = 2;
/// The same, and not compressed.
const UNCOMPRESSED: u8 = 1;
/// More than 256 orders with the most lines there may be would take; what asks for more is not one of ours.
const MOST_BYTES: usize = 64 * 1024 * 1024;
const HEAD: usize = 23;

/// About what the orders of a block may take, well below what is read. Units: bytes.
const MOST_WEIGHT: usize = 16 * 1024 * 1024;

/// About what an order takes in a block. Units: bytes.
fn weight(o: &Order) -> usize {
    let lines: usize = o.lines.iter().map(|l| 160 + l.name.len() + l.sku.len()).sum();
    let money = (o.payments.len() + o.refunds.len() + o.attempts.len() + o.matched.len()) * 160;
    256 + lines + money + o.note.len() + o.history.len() * 128
}

/// Orders block by block: as many as a block has, fewer where they are very large.
pub fn groups<'a>(orders: &'a [&'a Order]) -> impl Iterator<Item = &'a [&'a Order]> {
    let mut rest = orders;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fits = rest.iter().take(BLOCK_ORDERS).take_while(|o| {
            sum += weight(o);
            sum <= MOST_WEIGHT
        });
        let (group, left) = rest.split_at(fits.count().max(1).min(rest.len()));
        rest = left;
        (!group.is_empty()).then_some(group)
    })
}

/// Writes a block.
pub fn encode(orders: &[&Order]) -> Vec<u8> {
    let data = lz4_flex::compress_prepend_size(&postcard::to_stdvec(orders).unwrap_or_default());
    let (first, last) = orders.iter().fold((i64::MAX, i64::MIN), |(a, b), o| (a.min(o.placed_at.0), b.max(o.placed_at.0)));
    let mut bytes = Vec::with_capacity(HEAD + data.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&u16::try_from(orders.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&last.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&data).to_le_bytes());
    bytes.extend_from_slice(&data);
    bytes
}

/// Reads a block; `None` when it is not what was written.
pub fn decode(bytes: &[u8]) -> Option<Vec<Order>> {
    let (head, data) = bytes.split_at_checked(HEAD)?;
    if crc32fast::hash(data).to_le_bytes() != head[HEAD - 4..] {
        return None;
    }
    let plain;
    let data = match head[0] {
        UNCOMPRESSED => data,
        VERSION | THIRD | SECOND => {
            let size = u32::from_le_bytes(*data.first_chunk()?) as usize;
            plain = (size <= MOST_BYTES).then(|| lz4_flex::decompress_size_prepended(data).ok())??;
            &plain
        }
        _ => return None,
    };
    fn read<T: DeserializeOwned + Into<Order>>(data: &[u8]) -> Option<Vec<Order>> {
        Some(postcard::from_bytes::<Vec<T>>(data).ok()?.into_iter().map(T::into).collect())
    }
    let orders = match head[0] {
        VERSION => read::<Order>(data)?,
        THIRD => read::<earlier::ThirdOrder>(data)?,
        _ => read::<earlier::SecondOrder>(data)?,
    };
    (orders.len() == usize::from(u16::from_le_bytes([head[1], head[2]]))).then_some(orders)
}
