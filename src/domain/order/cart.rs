//! The cart: an order that is still being talked about. Local to a tablet; it becomes an order when it is placed.

use serde::{Deserialize, Serialize};

use super::{Delivery, Line, Totals, add_up};
use crate::domain::customer::Person;
use crate::domain::goods::price::{Discount, Offered, Offers};
use crate::domain::shop::channel::Channel;
use crate::domain::shop::tax::tax;
use crate::domain::value::flaw::{Field, Flaw, check_name};
use crate::domain::value::id::{CustomerId, TaxId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::{Quantity, Unit};

/// The most lines one order may have.
pub const MOST_LINES: usize = 500;

/// A line as the clerk builds it, with the price and rate it was offered at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CartLine {
    pub variant: Option<VariantId>,
    pub name: String,
    pub sku: String,
    pub unit: Unit,
    pub quantity: Quantity,
    pub unit_price: Minor,
    pub discount: Discount,
    pub tax_id: Option<TaxId>,
    pub rate_bp: u32,
}

/// An order that is being put together for one customer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cart {
    pub lines: Vec<CartLine>,
    pub discount: Discount,
    pub channel: Channel,
    pub customer: Option<CustomerId>,
    /// A customer who is not known yet; saved with the order.
    pub new_customer: Option<Person>,
    pub shipping: Minor,
    pub note: String,
    /// Its destination and when, if it is not taken along.
    pub delivery: Option<Delivery>,
    /// Says whether it is only a quotation.
    pub quote: bool,
}

/// A cart with every amount computed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Priced {
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub offered: Vec<Offered>,
}

impl Cart {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.note.is_empty() && self.customer.is_none() && self.new_customer.is_none()
    }

    /// Puts one more of a thing in; the same thing at the same price goes on its line. Returns the line's position.
    pub fn add(&mut self, line: CartLine) -> usize {
        let same = |l: &CartLine| {
            l.variant.is_some()
                && l.variant == line.variant
                && l.unit_price == line.unit_price
                && l.discount.is_none()
                && line.discount.is_none()
        };
        if let Some(position) = self.lines.iter().position(same) {
            let found = &mut self.lines[position];
            found.quantity = found.quantity.saturating_add(line.quantity);
            return position;
        }
        self.lines.push(line);
        self.lines.len() - 1
    }

    /// Computes every line and total at the cart's own prices.
    ///
    /// # Errors
    /// See [`Self::price_with`].
    pub fn price(&self, prices_include_tax: bool) -> Result<Priced, Flaw> {
        self.price_with(prices_include_tax, Offers::default())
    }

    /// Computes every line and total. What promotions take off comes first, then what the clerk takes off the line,
    /// then off the order.
    ///
    /// Invariant: the order's discount is shared over the lines to the last minor unit, so each line's tax is that of
    /// what is really paid for it.
    ///
    /// # Errors
    /// [`Flaw::NoLines`] and whatever is wrong with a line.
    pub fn price_with(&self, prices_include_tax: bool, offers: Offers) -> Result<Priced, Flaw> {
        if self.lines.is_empty() {
            return Err(Flaw::NoLines);
        }
        if self.lines.len() > MOST_LINES {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        if self.shipping.0 < 0 {
            return Err(Flaw::Negative { field: Field::Amount });
        }
        let mut before = Vec::with_capacity(self.lines.len());
        let mut own = Vec::with_capacity(self.lines.len());
        let unit_price = |i: usize| offers.unit_prices.get(i).copied().unwrap_or(self.lines[i].unit_price);
        for (i, line) in self.lines.iter().enumerate() {
            line.check()?;
            let promoted = offers.off(i);
            let full = unit_price(i).ratio(line.quantity.0, 1000)?.minus(promoted)?;
            let off = line.discount.of(full)?;
            before.push(full.minus(off)?);
            own.push(off.plus(promoted)?);
        }
        let mut sum = Minor::ZERO;
        for amount in &before {
            sum = sum.plus(*amount)?;
        }
        let off = self.discount.of(sum)?;
        let shares = if off == Minor::ZERO {
            vec![Minor::ZERO; before.len()]
        } else {
            off.share(&before.iter().map(|m| m.0).collect::<Vec<_>>())?
        };
        let mut lines = Vec::with_capacity(self.lines.len());
        for (i, line) in self.lines.iter().enumerate() {
            let taxed = tax(before[i].minus(shares[i])?, line.rate_bp, prices_include_tax)?;
            lines.push(Line {
                variant: line.variant,
                name: line.name.clone(),
                sku: line.sku.clone(),
                unit: line.unit,
                quantity: line.quantity,
                unit_price: unit_price(i),
                discount: own[i].plus(shares[i])?,
                tax_id: line.tax_id,
                rate_bp: line.rate_bp,
                net: taxed.net,
                tax: taxed.tax,
            });
        }
        let carriage = tax(self.shipping, offers.carriage_bp, prices_include_tax)?;
        let totals = add_up(&lines, carriage.net.plus(carriage.tax)?, carriage.tax, Minor::ZERO)?;
        Ok(Priced { lines, totals, offered: offers.offered })
    }
}

impl CartLine {
    fn check(&self) -> Result<(), Flaw> {
        check_name(&self.name, Field::Name)?;
        if self.quantity <= Quantity::ZERO {
            return Err(Flaw::Negative { field: Field::Quantity });
        }
        if self.quantity > Quantity::MOST {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        if !self.unit.divisible() && !self.quantity.is_whole() {
            return Err(Flaw::NotDivisible);
        }
        if self.unit_price.0 < 0 {
            return Err(Flaw::Negative { field: Field::Price });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(price: i64, quantity: i64) -> CartLine {
        CartLine {
            variant: None,
            name: "Tea".into(),
            sku: String::new(),
            unit: Unit::Kilogram,
            quantity: Quantity(quantity),
            unit_price: Minor(price),
            discount: Discount::default(),
            tax_id: None,
            rate_bp: 1300,
        }
    }

    #[test]
    fn a_discount_on_the_order_is_shared_to_the_last_cent() {
        let cart = Cart {
            lines: vec![line(1000, 1000), line(1000, 1000), line(1000, 1000)],
            discount: Discount::Amount(Minor(100)),
            ..Cart::default()
        };
        let priced = cart.price(true).expect("a good cart");
        assert_eq!(priced.totals.total, Minor(2900));
        assert_eq!(priced.totals.discount, Minor(100));
        assert_eq!(priced.lines.iter().map(|l| l.discount.0).collect::<Vec<_>>(), [34, 33, 33]);
    }

    #[test]
    fn a_weight_is_priced_by_the_gram() {
        let cart = Cart { lines: vec![line(1999, 1250)], ..Cart::default() };
        assert_eq!(cart.price(true).expect("a good cart").totals.total, Minor(2499));
    }

    #[test]
    fn half_a_piece_cannot_be_sold() {
        let mut half = line(100, 500);
        half.unit = Unit::Piece;
        assert_eq!(Cart { lines: vec![half], ..Cart::default() }.price(true), Err(Flaw::NotDivisible));
    }

    #[test]
    fn a_discount_never_turns_a_price_negative() {
        let mut cart = Cart { lines: vec![line(100, 1000)], discount: Discount::Amount(Minor(101)), ..Cart::default() };
        assert_eq!(cart.price(true), Err(Flaw::TooMuch { field: Field::Discount }));
        cart.discount = Discount::Amount(Minor(-1));
        assert_eq!(cart.price(true), Err(Flaw::Negative { field: Field::Discount }));
    }

    #[test]
    fn the_same_thing_goes_on_its_line() {
        let mut cart = Cart::default();
        let mut tea = line(100, 1000);
        tea.variant = Some(VariantId::default());
        assert_eq!(cart.add(tea.clone()), 0);
        assert_eq!(cart.add(tea), 0);
        assert_eq!(cart.lines[0].quantity, Quantity(2000));
    }
}
