//! Blocks: 256 sealed orders in one immutable row.
//!
//! Shape: version (1 byte), count (2), earliest and latest time (8 each), CRC-32 of the rest (4), postcard of the orders;
//! integers little-endian.

use crate::domain::order::Order;

/// Orders in one block.
pub const BLOCK_ORDERS: usize = 256;
const VERSION: u8 = 1;
const HEAD: usize = 23;

/// Writes a block.
pub fn encode(orders: &[&Order]) -> Vec<u8> {
    let data = postcard::to_stdvec(orders).unwrap_or_default();
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
    if head[0] != VERSION || crc32fast::hash(data).to_le_bytes() != head[HEAD - 4..] {
        return None;
    }
    let orders: Vec<Order> = postcard::from_bytes(data).ok()?;
    (orders.len() == usize::from(u16::from_le_bytes([head[1], head[2]]))).then_some(orders)
}
