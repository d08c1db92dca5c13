//! Goods that come, go, are moved and counted.

use super::{Context, Draft, one, positive};
use crate::domain::book::{Book, known_location};
use crate::domain::event::{Event, StockCounted};
use crate::domain::rejection::Rejection;
use crate::domain::stock::{Level, Movement, Reason};
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{LocationId, MovementId, VariantId};
use crate::domain::value::quantity::Quantity;

pub(super) fn move_goods(
    book: &Book,
    variant: VariantId,
    location: LocationId,
    change: Quantity,
    reason: Reason,
    cx: &mut Context<'_>,
) -> Result<Event, Rejection> {
    known_location(book, location)?;
    let (product, _) = book.variant(variant).ok_or(Rejection::UnknownVariant { variant })?;
    if book.kit(variant).is_some() {
        return Err(Rejection::IsKit);
    }
    if !product.unit.divisible() && !change.is_whole() {
        return Err(Rejection::Flaw(Flaw::NotDivisible));
    }
    Ok(Event::StockMoved(Movement {
        id: MovementId(cx.ids.take()),
        variant,
        location,
        change,
        reason,
        at: cx.at,
        by: cx.by,
    }))
}

pub(super) fn receive(
    book: &Book,
    location: LocationId,
    goods: &[(VariantId, Quantity)],
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    if goods.is_empty() {
        return Err(Rejection::Flaw(Flaw::NoLines));
    }
    let mut draft = Draft::default();
    for (variant, quantity) in goods {
        draft.events.push(move_goods(book, *variant, location, positive(*quantity)?, Reason::Received, cx)?);
    }
    Ok(draft)
}

pub(super) fn count(
    book: &Book,
    location: LocationId,
    variant: VariantId,
    counted: Quantity,
) -> Result<Draft, Rejection> {
    known_location(book, location)?;
    let (product, _) = book.variant(variant).ok_or(Rejection::UnknownVariant { variant })?;
    if book.kit(variant).is_some() {
        return Err(Rejection::IsKit);
    }
    if counted < Quantity::ZERO {
        return Err(Rejection::Flaw(Flaw::Negative { field: Field::Quantity }));
    }
    if counted > Quantity::MOST {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    if !product.unit.divisible() && !counted.is_whole() {
        return Err(Rejection::Flaw(Flaw::NotDivisible));
    }
    let Level { on_hand: expected, corrected, .. } = book.level((variant, location));
    one(Event::StockCounted(StockCounted { variant, location, counted, expected, corrected }))
}
