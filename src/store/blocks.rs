//! Blocks: 256 sealed orders in one immutable row.
//!
//! Shape: version (1 byte), count (2), earliest and latest time (8 each), CRC-32 of the rest (4), and the orders as
//! packed columns (`packed`); integers little-endian. What orders have in common, and what follows from the rest (the
//! sum of a line, of an order, of a payment), takes nothing: a difference is written, and it is nought. What lines sell
//! is named by its number among the [`super::articles`].

use serde::{Deserialize, Serialize};

use super::dictionary::Words;
use super::packed::{Packer, Unpacker, code, uncode, unzigzag, zigzag};
use crate::domain::goods::kit::Kit;
use crate::domain::goods::price::Offered;
use crate::domain::order::{Entry, External, Fulfilment, Happened, Line, Message, Order, Returned, Source, Totals};
use crate::domain::payment::{Attempt, Payment, Refund};
use crate::domain::value::id::{CustomerId, Id, LocationId, OrderId, PaymentId, StaffId};
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// Orders in one block.
pub const BLOCK_ORDERS: usize = 256;
const VERSION: u8 = 1;
const HEAD: usize = 23;
/// More lines than all orders of a block ever have together; what asks for more is not one of ours.
const MOST_BLOCK_LINES: usize = 1 << 20;

/// About what the orders of a block may take, well below what is read. Units: bytes.
const MOST_WEIGHT: usize = 16 * 1024 * 1024;

/// About what an order takes in a block. Units: bytes.
fn weight(o: &Order) -> usize {
    let lines: usize = o.lines.iter().map(|l| 160 + l.name.len() + l.sku.len()).sum();
    let money = (o.payments.len() + o.refunds.len() + o.attempts.len() + o.matched.len()) * 160;
    let told: usize = o.messages.iter().map(|m| 32 + m.text.len()).sum();
    256 + lines + money + told + o.note.len() + (o.history.len() + o.returned.len()) * 128
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

/// Writes a block. New articles are added to the dictionary; those that are kept have to have been read.
pub fn encode(orders: &[&Order], words: &mut Words) -> Vec<u8> {
    let data = pack(orders, words);
    let (first, last) =
        orders.iter().fold((i64::MAX, i64::MIN), |(a, b), o| (a.min(o.placed_at.0), b.max(o.placed_at.0)));
    let mut bytes = Vec::with_capacity(HEAD + data.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&u16::try_from(orders.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&last.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&data).to_le_bytes());
    bytes.extend_from_slice(&data);
    bytes
}

fn checked(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, data) = bytes.split_at_checked(HEAD)?;
    (crc32fast::hash(data).to_le_bytes() == head[HEAD - 4..]).then_some((head, data))
}

/// Says whether bytes are a block, whole and of a known version.
pub fn is_block(bytes: &[u8]) -> bool {
    checked(bytes).is_some_and(|(head, _)| head[0] == VERSION)
}

/// Reads a block; `None` when it is not what was written.
pub fn decode(bytes: &[u8], words: &Words) -> Option<Vec<Order>> {
    let (head, data) = checked(bytes)?;
    let count = usize::from(u16::from_le_bytes([head[1], head[2]]));
    let orders = if head[0] == VERSION { unpack(data, count, words)? } else { return None };
    (orders.len() == count).then_some(orders)
}

/// Fields that few orders have: owned as they are read, borrowed as they are written.
#[derive(Deserialize)]
struct Rare {
    external: Option<External>,
    note: String,
    refunds: Vec<Refund>,
    fulfilment: Option<Box<Fulfilment>>,
    attempts: Vec<Attempt>,
    offers: Vec<Offered>,
    kits: Vec<Kit>,
    matched: Vec<(PaymentId, String)>,
    returned: Vec<Returned>,
    messages: Vec<Message>,
    source: Option<Source>,
}

#[derive(Serialize)]
struct RareOf<'a> {
    external: &'a Option<External>,
    note: &'a str,
    refunds: &'a [Refund],
    fulfilment: &'a Option<Box<Fulfilment>>,
    attempts: &'a [Attempt],
    offers: &'a [Offered],
    kits: &'a [Kit],
    matched: &'a [(PaymentId, String)],
    returned: &'a [Returned],
    messages: &'a [Message],
    source: &'a Option<Source>,
}

impl<'a> RareOf<'a> {
    fn new(order: &'a Order) -> Self {
        Self {
            external: &order.external,
            note: &order.note,
            refunds: &order.refunds,
            fulfilment: &order.fulfilment,
            attempts: &order.attempts,
            offers: &order.offers,
            kits: &order.kits,
            matched: &order.matched,
            returned: &order.returned,
            messages: &order.messages,
            source: &order.source,
        }
    }
}

/// Sums of a line, from price, quantity, discount and rate alone. Part of the format: what lines really come
/// to is written as the difference from this, so it may never change.
fn expected(line: &Line, inclusive: bool) -> (i64, i64) {
    let round = |n: i128, by: i128| (if n < 0 { n - by / 2 } else { n + by / 2 }) / by;
    let priced = round(i128::from(line.unit_price.0) * i128::from(line.quantity.0), 1000) as i64;
    let priced = priced.wrapping_sub(line.discount.0);
    let rate = i128::from(line.rate_bp);
    let tax = round(i128::from(priced) * rate, if inclusive { 10_000 + rate } else { 10_000 });
    (priced, tax as i64)
}

/// Sums of an order: discount, tax and total. Part of the format, too.
fn summed(order: &Order) -> [i64; 3] {
    let t = &order.totals;
    let carried = [0, t.shipping_tax.0, t.shipping.0.wrapping_add(t.adjustment.0)];
    order.lines.iter().fold(carried, |[discount, tax, total], l| {
        [
            discount.wrapping_add(l.discount.0),
            tax.wrapping_add(l.tax.0),
            total.wrapping_add(l.net.0).wrapping_add(l.tax.0),
        ]
    })
}

fn pack(orders: &[&Order], words: &mut Words) -> Vec<u8> {
    let (articles, variants) = (words.articles.get_or_insert_default(), &mut words.variants);
    let mut to = Packer::default();
    to.ids(orders.iter().map(|o| o.id.0));
    to.texts(&orders.iter().map(|o| o.number.as_str()).collect::<Vec<_>>());
    to.numbers(&orders.iter().map(|o| code(&o.channel)).collect::<Vec<_>>());
    to.signed(orders.iter().map(|o| o.placed_at.0));
    to.ids(orders.iter().map(|o| o.by.0));
    to.ids(orders.iter().map(|o| o.location.0));
    to.texts(&orders.iter().map(|o| o.currency.code()).collect::<Vec<_>>());
    to.flags(orders.iter().map(|o| o.prices_include_tax));
    to.numbers(&orders.iter().map(|o| code(&o.state)).collect::<Vec<_>>());
    let ids = |p: &mut Packer, ids: Vec<&Id>| p.ids(ids.into_iter().copied());
    to.options(&orders.iter().map(|o| o.customer.map(|c| c.0)).collect::<Vec<_>>(), ids);
    to.options(&orders.iter().map(|o| o.handed_over.map(|l| l.0)).collect::<Vec<_>>(), ids);

    to.numbers(&orders.iter().map(|o| o.lines.len() as u64).collect::<Vec<_>>());
    let lines = || orders.iter().flat_map(|o| o.lines.iter().map(|l| (l, o.prices_include_tax)));
    let numbers: Vec<u32> = lines().map(|(l, _)| articles.number(l, variants)).collect();
    to.numbers(&numbers.iter().map(|n| u64::from(*n)).collect::<Vec<_>>());
    // Pieces are counted in ones, unless a part of one was sold in this block.
    let unit = if lines().all(|(l, _)| l.quantity.is_whole()) { 1000 } else { 1 };
    to.number(unit);
    to.signed(lines().map(|(l, _)| l.quantity.0 / unit as i64));
    to.signed(lines().zip(&numbers).map(|((l, _), n)| l.unit_price.0.wrapping_sub(articles.price(*n))));
    to.signed(lines().map(|(l, _)| l.discount.0));
    to.signed(lines().map(|(l, inclusive)| l.tax.0.wrapping_sub(expected(l, inclusive).1)));
    to.signed(lines().map(|(l, inclusive)| {
        let came_to = if inclusive { l.net.0.wrapping_add(l.tax.0) } else { l.net.0 };
        came_to.wrapping_sub(expected(l, inclusive).0)
    }));

    to.signed(orders.iter().map(|o| o.totals.shipping.0));
    to.signed(orders.iter().map(|o| o.totals.shipping_tax.0));
    to.signed(orders.iter().map(|o| o.totals.adjustment.0));
    to.signed(orders.iter().map(|o| o.totals.discount.0.wrapping_sub(summed(o)[0])));
    to.signed(orders.iter().map(|o| o.totals.tax.0.wrapping_sub(summed(o)[1])));
    to.signed(orders.iter().map(|o| o.totals.total.0.wrapping_sub(summed(o)[2])));

    to.blobs(&orders.iter().map(|o| pack_payments(o)).collect::<Vec<_>>());
    to.blobs(&orders.iter().map(|o| pack_history(o)).collect::<Vec<_>>());
    let rare = |o: &&Order| postcard::to_stdvec(&RareOf::new(o)).unwrap_or_default();
    to.blobs(&orders.iter().map(rare).collect::<Vec<_>>());
    to.done()
}

/// Writes how an identifier differs from one that it is usually near.
fn pack_id(to: &mut Packer, id: Id, near: Id) {
    to.number(zigzag(i64::from(id.replica) - i64::from(near.replica)));
    to.number(zigzag(id.n.wrapping_sub(near.n) as i64));
}

fn unpack_id(from: &mut Unpacker<'_>, near: Id) -> Option<Id> {
    let replica = i64::from(near.replica).checked_add(unzigzag(from.number()?))?;
    Some(Id { replica: u32::try_from(replica).ok()?, n: near.n.wrapping_add(unzigzag(from.number()?) as u64) })
}

fn pack_text(to: &mut Packer, text: &[u8]) {
    to.number(text.len() as u64);
    to.bytes(text);
}

fn pack_since(to: &mut Packer, at: i64, since: i64) {
    to.number(zigzag(at.wrapping_sub(since)));
}

fn unpack_since(from: &mut Unpacker<'_>, since: i64) -> Option<i64> {
    Some(since.wrapping_add(unzigzag(from.number()?)))
}

fn pack_payments(order: &Order) -> Vec<u8> {
    let mut to = Packer::default();
    to.number(order.payments.len() as u64);
    for p in &order.payments {
        pack_id(&mut to, p.id.0, order.id.0);
        to.number(code(&p.tender));
        pack_since(&mut to, p.amount.0, order.totals.total.0);
        pack_since(&mut to, p.tendered.0, p.amount.0);
        pack_text(&mut to, p.reference.as_bytes());
        pack_since(&mut to, p.at.0, order.placed_at.0);
        pack_id(&mut to, p.by.0, order.by.0);
    }
    to.done()
}

fn unpack_payments(bytes: &[u8], order: &Order) -> Option<Vec<Payment>> {
    let mut from = Unpacker(bytes);
    let count = from.count(bytes.len())?;
    let mut payments = Vec::with_capacity(count);
    for _ in 0..count {
        let id = PaymentId(unpack_id(&mut from, order.id.0)?);
        let tender = uncode(from.number()?)?;
        let amount = unpack_since(&mut from, order.totals.total.0)?;
        let tendered = unpack_since(&mut from, amount)?;
        let length = from.number()?;
        let reference = std::str::from_utf8(from.take(length)?).ok()?.to_owned();
        let at = Timestamp(unpack_since(&mut from, order.placed_at.0)?);
        let by = StaffId(unpack_id(&mut from, order.by.0)?);
        payments.push(Payment { id, tender, amount: Minor(amount), tendered: Minor(tendered), reference, at, by });
    }
    from.0.is_empty().then_some(payments)
}

const PLACED: u64 = 0;
const MOVED: u64 = 1;
const PAID: u64 = 2;
const HANDED_OVER: u64 = 3;
const OTHER: u64 = 4;

fn pack_history(order: &Order) -> Vec<u8> {
    let mut to = Packer::default();
    to.number(order.history.len() as u64);
    for entry in &order.history {
        pack_since(&mut to, entry.at.0, order.placed_at.0);
        pack_id(&mut to, entry.by.0, order.by.0);
        match &entry.what {
            Happened::Placed => to.number(PLACED),
            Happened::Moved(state) => {
                to.number(MOVED);
                to.number(code(state));
            }
            Happened::Paid(amount) => {
                to.number(PAID);
                pack_since(&mut to, amount.0, order.totals.total.0);
            }
            Happened::HandedOver => to.number(HANDED_OVER),
            other => {
                to.number(OTHER);
                pack_text(&mut to, &postcard::to_stdvec(other).unwrap_or_default());
            }
        }
    }
    to.done()
}

fn unpack_history(bytes: &[u8], order: &Order) -> Option<Vec<Entry>> {
    let mut from = Unpacker(bytes);
    let count = from.count(bytes.len())?;
    let mut history = Vec::with_capacity(count);
    for _ in 0..count {
        let at = Timestamp(unpack_since(&mut from, order.placed_at.0)?);
        let by = StaffId(unpack_id(&mut from, order.by.0)?);
        let what = match from.number()? {
            PLACED => Happened::Placed,
            MOVED => Happened::Moved(uncode(from.number()?)?),
            PAID => Happened::Paid(Minor(unpack_since(&mut from, order.totals.total.0)?)),
            HANDED_OVER => Happened::HandedOver,
            OTHER => {
                let length = from.number()?;
                postcard::from_bytes(from.take(length)?).ok()?
            }
            _ => return None,
        };
        history.push(Entry { at, by, what });
    }
    from.0.is_empty().then_some(history)
}

fn unpack(data: &[u8], count: usize, words: &Words) -> Option<Vec<Order>> {
    let articles = words.articles.as_ref()?;
    let mut from = Unpacker(data);
    let ids = from.ids(count)?;
    let numbers = from.texts(count)?;
    let channels = from.numbers(count)?;
    let placed = from.signed(count)?;
    let by = from.ids(count)?;
    let locations = from.ids(count)?;
    let currencies = from.texts(count)?;
    let inclusive = from.flags(count)?;
    let states = from.numbers(count)?;
    let customers = from.options(count, |u, n| u.ids(n))?;
    let handed_over = from.options(count, |u, n| u.ids(n))?;

    let line_counts = from.numbers(count)?;
    let all = usize::try_from(line_counts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n))?)
        .ok()
        .filter(|n| *n <= MOST_BLOCK_LINES)?;
    let article = from.numbers(all)?;
    let unit = i64::try_from(from.number()?).ok()?;
    let quantities = from.signed(all)?;
    let prices = from.signed(all)?;
    let discounts = from.signed(all)?;
    let taxes = from.signed(all)?;
    let amounts = from.signed(all)?;

    let mut totals = [const { Vec::new() }; 6];
    for column in &mut totals {
        *column = from.signed(count)?;
    }
    let payments = from.blobs(count)?;
    let history = from.blobs(count)?;
    let rare = from.blobs(count)?;
    if !from.0.is_empty() {
        return None;
    }

    let mut orders = Vec::with_capacity(count);
    let mut at = 0;
    for i in 0..count {
        let mut lines = Vec::with_capacity(line_counts[i] as usize);
        for j in at..at + line_counts[i] as usize {
            let mut line = articles.line(article[j], &words.variants)?;
            line.quantity = Quantity(quantities[j].wrapping_mul(unit));
            line.unit_price = Minor(line.unit_price.0.wrapping_add(prices[j]));
            line.discount = Minor(discounts[j]);
            let (amount, tax) = expected(&line, inclusive[i]);
            line.tax = Minor(tax.wrapping_add(taxes[j]));
            let came_to = amount.wrapping_add(amounts[j]);
            line.net = Minor(if inclusive[i] { came_to.wrapping_sub(line.tax.0) } else { came_to });
            lines.push(line);
        }
        at += lines.len();
        let rare: Rare = postcard::from_bytes(rare[i]).ok()?;
        let mut order = Order {
            id: OrderId(ids[i]),
            number: numbers.get(i)?.to_owned(),
            channel: uncode(channels[i])?,
            external: rare.external,
            placed_at: Timestamp(placed[i]),
            by: StaffId(by[i]),
            location: LocationId(locations[i]),
            currency: currencies.get(i)?.parse::<Currency>().ok()?,
            prices_include_tax: inclusive[i],
            state: uncode(states[i])?,
            customer: customers[i].map(CustomerId),
            note: rare.note,
            lines,
            totals: Totals {
                shipping: Minor(totals[0][i]),
                shipping_tax: Minor(totals[1][i]),
                adjustment: Minor(totals[2][i]),
                ..Totals::default()
            },
            payments: Vec::new(),
            refunds: rare.refunds,
            handed_over: handed_over[i].map(LocationId),
            history: Vec::new(),
            fulfilment: rare.fulfilment,
            attempts: rare.attempts,
            offers: rare.offers,
            kits: rare.kits,
            matched: rare.matched,
            returned: rare.returned,
            messages: rare.messages,
            source: rare.source,
        };
        let [discount, tax, total] = summed(&order);
        order.totals.discount = Minor(discount.wrapping_add(totals[3][i]));
        order.totals.tax = Minor(tax.wrapping_add(totals[4][i]));
        order.totals.total = Minor(total.wrapping_add(totals[5][i]));
        order.payments = unpack_payments(payments[i], &order)?;
        order.history = unpack_history(history[i], &order)?;
        orders.push(order);
    }
    Some(orders)
}
