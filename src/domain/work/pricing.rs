//! Pricing: what price lists and promotions make of a cart.
//!
//! A price list takes the place of the price tag, a promotion takes something off what is then due. Both are worked out
//! where the order is taken, without a network, and the order freezes the outcome; a later change touches no order.
//!
//! Of several price lists the one that is narrowest counts: for a group of customers before one for a channel before
//! one for all; of equally narrow ones the lowest price. In a list the narrowest line counts: a product before its
//! category before everything, and of those the greatest quantity that is reached.
//!
//! Promotions go one after the other in the order of their ranks. One that stands alone takes only lines that no other
//! has taken, and leaves them to no other. What a clerk takes off comes last, off what is left.

use std::cmp::Reverse;

use crate::domain::book::Book;
use crate::domain::goods::price::{
    Buyer, Discount, Gift, OfferKind, Offered, Offers, PriceList, Promotion, Scope, WHOLE,
};
use crate::domain::order::{Cart, Order};
use crate::domain::shop::channel::Channel;
use crate::domain::value::flaw::Flaw;
use crate::domain::value::id::{CustomerId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

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

fn has(scope: &Scope, book: &Book, variant: Option<VariantId>) -> bool {
    match scope {
        Scope::All => true,
        Scope::Category(category) => {
            variant.and_then(|v| book.variant(v)).is_some_and(|(p, _)| p.category == *category)
        }
        Scope::Variant(wanted) => variant == Some(*wanted),
    }
}

/// Its price of a variant, if it has one.
fn price(list: &PriceList, book: &Book, variant: VariantId, quantity: Quantity, tag: Minor) -> Option<Minor> {
    let fits = list.prices.iter().filter(|p| p.least <= quantity && has(&p.scope, book, Some(variant)));
    // Of two that say the same thing the later counts.
    fits.max_by_key(|p| (&p.scope, p.least))?.price.of(tag)
}

/// The price of a unit by a list, when one has so much of it, and the list; `None` is the price tag.
pub fn listed<'a>(
    book: &'a Book,
    buyer: &Buyer,
    variant: VariantId,
    quantity: Quantity,
    tag: Minor,
) -> Option<(Minor, &'a PriceList)> {
    let lists = book.price_lists.iter().map(|(_, l)| l).filter(|l| l.on && l.audience.admits(buyer));
    lists
        .filter_map(|l| price(l, book, variant, quantity, tag).map(|price| (price, l)))
        .min_by_key(|(price, l)| (Reverse(l.audience.narrow()), *price, l.id))
}

/// Works lists and promotions out for a cart. Amounts are those of the cart's own prices, before what a clerk takes
/// off.
///
/// Invariant: of no line more is taken off than it costs.
///
/// # Errors
/// [`Flaw::Overflow`].
pub fn offers(book: &Book, cart: &Cart, at: Timestamp) -> Result<Offers, Flaw> {
    let buyer = Buyer::new(book, cart.customer, cart.channel, at);
    let mut offers = Offers { carriage_bp: carriage_bp(book, at), ..Offers::default() };
    let mut lines = Vec::with_capacity(cart.lines.len());
    for (i, line) in cart.lines.iter().enumerate().take(usize::from(u16::MAX)) {
        let whole = || {
            cart.lines
                .iter()
                .filter(|l| l.variant == line.variant)
                .fold(Quantity::ZERO, |q, l| q.saturating_add(l.quantity))
        };
        let found = line.variant.and_then(|v| listed(book, &buyer, v, whole(), line.unit_price));
        let unit_price = found.map_or(line.unit_price, |(price, _)| price);
        let left = unit_price.ratio(line.quantity.0, 1000)?;
        if let Some((_, list)) = found {
            let amount = line.unit_price.ratio(line.quantity.0, 1000)?.minus(left)?;
            offers.offered.push(Offered {
                line: i as u16,
                offer: list.id,
                name: list.name.clone(),
                amount,
                kind: OfferKind::List,
            });
        }
        offers.unit_prices.push(unit_price);
        let pieces = if line.unit.divisible() { 0 } else { line.quantity.0 / 1000 };
        lines.push(Taking {
            variant: line.variant,
            quantity: line.quantity,
            pieces,
            left,
            taken: false,
            closed: false,
        });
    }
    let mut promotions: Vec<&Promotion> =
        book.promotions.iter().map(|(_, p)| p).filter(|p| p.on && p.audience.admits(&buyer)).collect();
    promotions.sort_by_key(|p| (p.rank, p.id));
    for promotion in promotions {
        let open = |t: &Taking| {
            let free = if promotion.alone { !t.taken } else { !t.closed };
            free && (promotion.scopes.is_empty() || promotion.scopes.iter().any(|s| has(s, book, t.variant)))
        };
        let open: Vec<usize> = lines.iter().enumerate().filter(|(_, t)| open(t)).map(|(i, _)| i).collect();
        for (i, amount) in given(promotion.gives, &lines, &open)? {
            let line = &mut lines[i];
            line.left = line.left.minus(amount)?;
            line.taken = true;
            line.closed |= promotion.alone;
            let name = promotion.name.clone();
            offers.offered.push(Offered {
                line: i as u16,
                offer: promotion.id,
                name,
                amount,
                kind: OfferKind::Promotion,
            });
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

/// The sums that a gift takes off each of some lines; none that is nought.
fn given(gift: Gift, lines: &[Taking], open: &[usize]) -> Result<Vec<(usize, Minor)>, Flaw> {
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
