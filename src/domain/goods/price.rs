//! Prices (价格与促销): price lists and promotions, for whom they are, and what an order says of those that it was computed
//! with.
//!
//! A price list takes the place of the price tag, a promotion takes something off what is then due. What they come to
//! in a cart is worked out above ([`crate::domain::work::pricing`]).

use serde::{Deserialize, Serialize};

use crate::domain::shop::channel::Channel;
use crate::domain::value::flaw::{Field, Flaw, check_name};
use crate::domain::value::id::{Id, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// The most price lists, and the most promotions, of a store.
pub const MOST_OFFERS: usize = 100;
/// The most lines of a price list.
pub const MOST_PRICES: usize = 2_000;
/// The most groups, channels or kinds of goods that one names.
pub const MOST_NAMED: usize = 100;
/// The most that has to be bought, or is given, at once.
pub const MOST_AT_ONCE: u32 = 1_000;
/// All of it. Units: basis points.
pub(in crate::domain) const WHOLE: u32 = 10_000;

/// The customers that something is for, and when. Empty fields are everyone and always.
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

/// A buyer: who, how and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Buyer {
    pub channel: Channel,
    /// Empty for none.
    pub group: String,
    pub at: Timestamp,
}

impl Audience {
    pub fn admits(&self, buyer: &Buyer) -> bool {
        (self.channels.is_empty() || self.channels.contains(&buyer.channel))
            && (self.groups.is_empty() || self.groups.contains(&buyer.group))
            && self.from.is_none_or(|from| from <= buyer.at)
            && self.until.is_none_or(|until| buyer.at < until)
    }

    /// The narrowness of it; the narrower is the greater.
    pub(in crate::domain) fn narrow(&self) -> (bool, bool) {
        (!self.groups.is_empty(), !self.channels.is_empty())
    }

    fn check(&self) -> Result<(), Flaw> {
        if self.channels.len() > MOST_NAMED || self.groups.len() > MOST_NAMED {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        self.groups.iter().try_for_each(|g| check_name(g, Field::Category))
    }
}

/// The goods meant. The narrower is the greater.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    All,
    Category(String),
    Variant(VariantId),
}

impl Scope {
    fn check(&self) -> Result<(), Flaw> {
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

/// The price of one unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    Amount(Minor),
    /// So much less than the price tag says. Units: basis points.
    Less(u32),
}

impl Tag {
    pub(in crate::domain) fn of(self, tag: Minor) -> Option<Minor> {
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
    /// The amount that a promotion took off, inside the line's discount. With a price list: the price tag's less the
    /// list's, which is in the unit price already and may be below zero.
    pub amount: Minor,
    pub kind: OfferKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    List,
    Promotion,
}

/// Prices and offers of a cart, as lists and promotions make them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Offers {
    /// By line.
    pub unit_prices: Vec<Minor>,
    pub offered: Vec<Offered>,
    /// The rate of carriage. Units: basis points.
    pub carriage_bp: u32,
}

impl Offers {
    /// The sum that promotions take off a line.
    pub fn off(&self, line: usize) -> Minor {
        off(&self.offered, line)
    }
}

/// The sum that promotions took off a line.
pub fn off(offered: &[Offered], line: usize) -> Minor {
    offered.iter().filter(|o| usize::from(o.line) == line && o.kind == OfferKind::Promotion).map(|o| o.amount).sum()
}

impl PriceList {
    /// # Errors
    /// A field that is empty, too long, too much or below zero.
    pub fn check(&self) -> Result<(), Flaw> {
        check_name(&self.name, Field::Name)?;
        self.audience.check()?;
        if self.prices.len() > MOST_PRICES {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        for price in &self.prices {
            price.scope.check()?;
            if price.least < Quantity::ZERO || matches!(price.price, Tag::Amount(a) if a.0 < 0) {
                return Err(Flaw::Negative { field: Field::Price });
            }
            if price.least > Quantity::MOST || matches!(price.price, Tag::Less(bp) if bp > WHOLE) {
                return Err(Flaw::TooMuch { field: Field::Discount });
            }
        }
        Ok(())
    }
}

impl Promotion {
    /// # Errors
    /// A field that is empty, too long, too much or below zero.
    pub fn check(&self) -> Result<(), Flaw> {
        check_name(&self.name, Field::Name)?;
        self.audience.check()?;
        if self.scopes.len() > MOST_NAMED {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        self.scopes.iter().try_for_each(Scope::check)?;
        let share = |bp: u32| if bp > WHOLE { Err(Flaw::TooMuch { field: Field::Discount }) } else { Ok(()) };
        let positive =
            |amount: Minor| if amount.0 < 0 { Err(Flaw::Negative { field: Field::Discount }) } else { Ok(()) };
        match self.gives {
            Gift::Percent(bp) => share(bp),
            Gift::Amount(amount) => positive(amount),
            Gift::BuyGet { buy, get, off_bp } => {
                if !(1..=MOST_AT_ONCE).contains(&buy) || !(1..=MOST_AT_ONCE).contains(&get) {
                    return Err(Flaw::TooMuch { field: Field::Quantity });
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

/// Taken off a line or an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    Amount(Minor),
    /// Units: basis points.
    Percent(u32),
}

impl Default for Discount {
    fn default() -> Self {
        Self::Amount(Minor::ZERO)
    }
}

impl Discount {
    /// The part that it takes off `amount`.
    ///
    /// Invariant: between zero and `amount`.
    ///
    /// # Errors
    /// [`Flaw::TooMuch`] when it is more than the amount, [`Flaw::Negative`] when it would add to it.
    pub fn of(self, amount: Minor) -> Result<Minor, Flaw> {
        let off = match self {
            Self::Amount(off) => off,
            Self::Percent(bp) => amount.ratio(i64::from(bp), 10_000)?,
        };
        if off.0 < 0 {
            return Err(Flaw::Negative { field: Field::Discount });
        }
        if off > amount {
            return Err(Flaw::TooMuch { field: Field::Discount });
        }
        Ok(off)
    }

    pub fn is_none(self) -> bool {
        matches!(self, Self::Amount(Minor(0)) | Self::Percent(0))
    }
}
