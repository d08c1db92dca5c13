//! Prices (价格与促销): what a thing costs whom, and what is taken off.
//!
//! A price list takes the place of the price tag, a promotion takes something off what is then due. Both are worked out where
//! the order is taken, without a network, and the order freezes the outcome; a later change touches no order.
//!
//! Of several price lists the one that is narrowest counts: for a group of customers before one for a channel before one for
//! all; of equally narrow ones the lowest price. In a list the narrowest line counts: a product before its category before
//! everything, and of those the greatest quantity that is reached.
//!
//! Promotions go one after the other in the order of their ranks. One that stands alone takes only lines that no other has
//! taken, and leaves them to no other. What a clerk takes off comes last, off what is left.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::book::Book;
use super::catalog::check_name;
use super::id::{CustomerId, Id, VariantId};
use super::money::Minor;
use super::order::{Cart, Channel, Discount, Order};
use super::quantity::Quantity;
use super::rejection::{Field, Rejection};
use super::time::Timestamp;

/// The most price lists, and the most promotions, of a store.
pub const MOST_OFFERS: usize = 100;
/// The most lines of a price list.
pub const MOST_PRICES: usize = 2_000;
/// The most groups, channels or kinds of goods that one names.
pub const MOST_NAMED: usize = 100;
/// The most that has to be bought, or is given, at once.
pub const MOST_AT_ONCE: u32 = 1_000;
const WHOLE: u32 = 10_000;

/// Whom something is for, and when. Empty fields are everyone and always.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audience {
    pub channels: Vec<Channel>,
    /// Of customers, by their accounts.
    pub groups: Vec<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// Who buys, how, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Buyer {
    pub channel: Channel,
    /// Empty for none.
    pub group: String,
    pub at: Timestamp,
}

impl Buyer {
    pub fn new(book: &Book, customer: Option<CustomerId>, channel: Channel, at: Timestamp) -> Self {
        let group = customer.and_then(|c| book.accounts.get(&c)).map(|a| a.group.clone()).unwrap_or_default();
        Self { channel, group, at }
    }

    /// Whoever an order was for, when it was placed.
    pub fn of(book: &Book, order: &Order) -> Self {
        Self::new(book, order.customer, order.channel, order.placed_at)
    }
}

impl Audience {
    pub fn admits(&self, buyer: &Buyer) -> bool {
        (self.channels.is_empty() || self.channels.contains(&buyer.channel))
            && (self.groups.is_empty() || self.groups.contains(&buyer.group))
            && self.from.is_none_or(|from| from <= buyer.at)
            && self.until.is_none_or(|until| buyer.at < until)
    }

    /// How narrow it is; the narrower is the greater.
    fn narrow(&self) -> (bool, bool) {
        (!self.groups.is_empty(), !self.channels.is_empty())
    }

    fn check(&self) -> Result<(), Rejection> {
        if self.channels.len() > MOST_NAMED || self.groups.len() > MOST_NAMED {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
        self.groups.iter().try_for_each(|g| check_name(g, Field::Category))
    }
}

/// Which goods. The narrower is the greater.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    All,
    Category(String),
    Variant(VariantId),
}

impl Scope {
    fn has(&self, book: &Book, variant: Option<VariantId>) -> bool {
        match self {
            Self::All => true,
            Self::Category(category) => variant.and_then(|v| book.variant(v)).is_some_and(|(p, _)| p.category == *category),
            Self::Variant(wanted) => variant == Some(*wanted),
        }
    }

    fn check(&self) -> Result<(), Rejection> {
        if let Self::Category(name) = self { check_name(name, Field::Category) } else { Ok(()) }
    }
}

/// Prices of its own for somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    pub id: Id,
    pub name: String,
    pub on: bool,
    pub audience: Audience,
    pub prices: Vec<ListPrice>,
}

/// One line of a price list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPrice {
    pub scope: Scope,
    /// From so much of one thing on.
    pub least: Quantity,
    pub price: Tag,
}

/// What a unit costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    Amount(Minor),
    /// So much less than the price tag says. Units: basis points.
    Less(u32),
}

impl Tag {
    fn of(self, tag: Minor) -> Option<Minor> {
        match self {
            Self::Amount(amount) => Some(amount),
            Self::Less(bp) => tag.ratio(i64::from(WHOLE.saturating_sub(bp)), i64::from(WHOLE)).ok(),
        }
    }
}

/// Something that is taken off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    pub id: Id,
    pub name: String,
    pub on: bool,
    /// The least goes first.
    pub rank: u32,
    /// Shares its lines with no other.
    pub alone: bool,
    pub audience: Audience,
    /// None is everything.
    pub scopes: Vec<Scope>,
    pub gives: Gift,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gift {
    /// Off each line. Units: basis points.
    Percent(u32),
    /// Off each unit.
    Amount(Minor),
    /// Of every so many pieces the cheapest cost less, by basis points.
    BuyGet { buy: u32, get: u32, off_bp: u32 },
    /// Off all its lines together, once they come to this much.
    Together { from: Minor, off: Discount },
}

/// An offer that an order was computed with, line by line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    pub line: u16,
    /// The price list or promotion.
    pub offer: Id,
    pub name: String,
    /// What a promotion took off, inside the line's discount. With a price list: the price tag's amount less the list's,
    /// which is in the unit price already and may be below zero.
    pub amount: Minor,
    pub kind: OfferKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    List,
    Promotion,
}

/// What lists and promotions make of a cart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Offers {
    /// By line.
    pub unit_prices: Vec<Minor>,
    pub offered: Vec<Offered>,
    /// The rate of carriage. Units: basis points.
    pub carriage_bp: u32,
}

impl Offers {
    /// What promotions take off a line.
    pub fn off(&self, line: usize) -> Minor {
        off(&self.offered, line)
    }
}

/// What promotions took off a line.
pub fn off(offered: &[Offered], line: usize) -> Minor {
    offered.iter().filter(|o| usize::from(o.line) == line && o.kind == OfferKind::Promotion).map(|o| o.amount).sum()
}

impl PriceList {
    /// # Errors
    /// What is empty, too long, too much or below zero.
    pub fn check(&self) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        self.audience.check()?;
        if self.prices.len() > MOST_PRICES {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
        for price in &self.prices {
            price.scope.check()?;
            if price.least < Quantity::ZERO || matches!(price.price, Tag::Amount(a) if a.0 < 0) {
                return Err(Rejection::Negative { field: Field::Price });
            }
            if price.least > Quantity::MOST || matches!(price.price, Tag::Less(bp) if bp > WHOLE) {
                return Err(Rejection::TooMuch { field: Field::Discount });
            }
        }
        Ok(())
    }

    /// Its price of a variant, if it has one.
    fn price(&self, book: &Book, variant: VariantId, quantity: Quantity, tag: Minor) -> Option<Minor> {
        let fits = self.prices.iter().filter(|p| p.least <= quantity && p.scope.has(book, Some(variant)));
        // Of two that say the same thing the later counts.
        fits.max_by_key(|p| (&p.scope, p.least))?.price.of(tag)
    }
}

impl Promotion {
    /// # Errors
    /// What is empty, too long, too much or below zero.
    pub fn check(&self) -> Result<(), Rejection> {
        check_name(&self.name, Field::Name)?;
        self.audience.check()?;
        if self.scopes.len() > MOST_NAMED {
            return Err(Rejection::TooMuch { field: Field::Quantity });
        }
        self.scopes.iter().try_for_each(Scope::check)?;
        let share = |bp: u32| if bp > WHOLE { Err(Rejection::TooMuch { field: Field::Discount }) } else { Ok(()) };
        let positive = |amount: Minor| if amount.0 < 0 { Err(Rejection::Negative { field: Field::Discount }) } else { Ok(()) };
        match self.gives {
            Gift::Percent(bp) => share(bp),
            Gift::Amount(amount) => positive(amount),
            Gift::BuyGet { buy, get, off_bp } => {
                if !(1..=MOST_AT_ONCE).contains(&buy) || !(1..=MOST_AT_ONCE).contains(&get) {
                    return Err(Rejection::TooMuch { field: Field::Quantity });
                }
                share(off_bp)
            }
            Gift::Together { from, off } => {
                positive(from)?;
                match off {
                    Discount::Amount(amount) => positive(amount),
                    Discount::Percent(bp) => share(bp),
                }
            }
        }
    }
}

/// What a list says that a unit costs, when one has so much of it, and which list; `None` is the price tag.
pub fn listed<'a>(book: &'a Book, buyer: &Buyer, variant: VariantId, quantity: Quantity, tag: Minor) -> Option<(Minor, &'a PriceList)> {
    let lists = book.price_lists.iter().map(|(_, l)| l).filter(|l| l.on && l.audience.admits(buyer));
    lists
        .filter_map(|l| l.price(book, variant, quantity, tag).map(|price| (price, l)))
        .min_by_key(|(price, l)| (Reverse(l.audience.narrow()), *price, l.id))
}

/// Works lists and promotions out for a cart. Amounts are those of the cart's own prices, before what a clerk takes off.
///
/// Invariant: of no line more is taken off than it costs.
///
/// # Errors
/// [`Rejection::Overflow`].
pub fn offers(book: &Book, cart: &Cart, at: Timestamp) -> Result<Offers, Rejection> {
    let buyer = Buyer::new(book, cart.customer, cart.channel, at);
    let mut offers = Offers { carriage_bp: carriage_bp(book, at), ..Offers::default() };
    let mut lines = Vec::with_capacity(cart.lines.len());
    for (i, line) in cart.lines.iter().enumerate().take(usize::from(u16::MAX)) {
        let whole = || cart.lines.iter().filter(|l| l.variant == line.variant).fold(Quantity::ZERO, |q, l| q.saturating_add(l.quantity));
        let found = line.variant.and_then(|v| listed(book, &buyer, v, whole(), line.unit_price));
        let unit_price = found.map_or(line.unit_price, |(price, _)| price);
        let left = unit_price.ratio(line.quantity.0, 1000)?;
        if let Some((_, list)) = found {
            let amount = line.unit_price.ratio(line.quantity.0, 1000)?.minus(left)?;
            offers.offered.push(Offered { line: i as u16, offer: list.id, name: list.name.clone(), amount, kind: OfferKind::List });
        }
        offers.unit_prices.push(unit_price);
        let pieces = if line.unit.divisible() { 0 } else { line.quantity.0 / 1000 };
        lines.push(Taking { variant: line.variant, quantity: line.quantity, pieces, left, taken: false, closed: false });
    }
    let mut promotions: Vec<&Promotion> = book.promotions.iter().map(|(_, p)| p).filter(|p| p.on && p.audience.admits(&buyer)).collect();
    promotions.sort_by_key(|p| (p.rank, p.id));
    for promotion in promotions {
        let open = |t: &Taking| {
            let free = if promotion.alone { !t.taken } else { !t.closed };
            free && (promotion.scopes.is_empty() || promotion.scopes.iter().any(|s| s.has(book, t.variant)))
        };
        let open: Vec<usize> = lines.iter().enumerate().filter(|(_, t)| open(t)).map(|(i, _)| i).collect();
        for (i, amount) in given(promotion.gives, &lines, &open)? {
            let line = &mut lines[i];
            line.left = line.left.minus(amount)?;
            line.taken = true;
            line.closed |= promotion.alone;
            let name = promotion.name.clone();
            offers.offered.push(Offered { line: i as u16, offer: promotion.id, name, amount, kind: OfferKind::Promotion });
        }
    }
    Ok(offers)
}

/// The rate of carriage at a moment.
pub fn carriage_bp(book: &Book, at: Timestamp) -> u32 {
    let rate = book.profile.get(&()).and_then(|p| p.shipping_tax).and_then(|id| book.taxes.get(&id));
    rate.map_or(0, |rate| rate.at(at))
}

/// A line while promotions go over it.
struct Taking {
    variant: Option<VariantId>,
    quantity: Quantity,
    /// Zero of what is weighed.
    pieces: i64,
    left: Minor,
    taken: bool,
    closed: bool,
}

/// What a gift takes off each of some lines; nothing that is nothing.
fn given(gift: Gift, lines: &[Taking], open: &[usize]) -> Result<Vec<(usize, Minor)>, Rejection> {
    let mut off = Vec::new();
    match gift {
        Gift::Percent(bp) => {
            for i in open {
                off.push((*i, lines[*i].left.ratio(i64::from(bp.min(WHOLE)), i64::from(WHOLE))?));
            }
        }
        Gift::Amount(amount) => {
            for i in open {
                off.push((*i, amount.ratio(lines[*i].quantity.0, 1000)?.min(lines[*i].left)));
            }
        }
        Gift::BuyGet { buy, get, off_bp } => {
            let pieces: i64 = open.iter().map(|i| lines[*i].pieces).fold(0, i64::saturating_add);
            let mut cheap = (pieces / i64::from(buy.saturating_add(get).max(1))).saturating_mul(i64::from(get));
            let mut by_price: Vec<usize> = open.iter().copied().filter(|i| lines[*i].pieces > 0).collect();
            by_price.sort_by_key(|i| (lines[*i].left.0 / lines[*i].pieces, *i));
            for i in by_price {
                let pieces = cheap.min(lines[i].pieces);
                cheap -= pieces;
                let whole = lines[i].left.ratio(pieces, lines[i].pieces)?;
                off.push((i, whole.ratio(i64::from(off_bp.min(WHOLE)), i64::from(WHOLE))?));
            }
        }
        Gift::Together { from, off: discount } => {
            let mut sum = Minor::ZERO;
            for i in open {
                sum = sum.plus(lines[*i].left)?;
            }
            if sum >= from && sum > Minor::ZERO {
                let amount = match discount {
                    Discount::Amount(amount) => amount.min(sum),
                    Discount::Percent(_) => discount.of(sum)?,
                };
                let weights: Vec<i64> = open.iter().map(|i| lines[*i].left.0).collect();
                off.extend(open.iter().copied().zip(amount.share(&weights)?));
            }
        }
    }
    off.retain(|(_, amount)| *amount > Minor::ZERO);
    Ok(off)
}
