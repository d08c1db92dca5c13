//! What may be done with documents of the stockroom.

use super::{Context, Draft, one};
use crate::domain::book::{Book, known_location};
use crate::domain::event::{
    Event, LotReceived, PurchaseOrdered, PurchaseReceived, StocktakeCounted, StocktakeEnded, StocktakeOpened,
    TransferReceived, TransferSent,
};
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::Role;
use crate::domain::stock::batch::{Batch, Lot};
use crate::domain::stock::document::{Document, Goods, MOST_GOODS, Ordered};
use crate::domain::value::flaw::{Field, Flaw, check_length};
use crate::domain::value::id::{Id, LocationId, VariantId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

fn check_goods(book: &Book, goods: &Goods, least: Quantity) -> Result<(), Rejection> {
    if goods.is_empty() {
        return Err(Rejection::Flaw(Flaw::NoLines));
    }
    if goods.len() > MOST_GOODS {
        return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
    }
    for (variant, quantity) in goods {
        let (product, _) = book.variant(*variant).ok_or(Rejection::UnknownVariant { variant: *variant })?;
        if book.kit(*variant).is_some() {
            return Err(Rejection::IsKit);
        }
        if *quantity < least {
            return Err(Rejection::Flaw(Flaw::Negative { field: Field::Quantity }));
        }
        if *quantity > Quantity::MOST {
            return Err(Rejection::Flaw(Flaw::TooMuch { field: Field::Quantity }));
        }
        if !product.unit.divisible() && !quantity.is_whole() {
            return Err(Rejection::Flaw(Flaw::NotDivisible));
        }
    }
    Ok(())
}

pub(super) fn send(
    book: &Book,
    from: LocationId,
    to: LocationId,
    goods: Goods,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    known_location(book, from)?;
    known_location(book, to)?;
    if from == to {
        return Err(Rejection::SamePlace);
    }
    check_goods(book, &goods, Quantity(1))?;
    one(Event::TransferSent(TransferSent { id: cx.ids.take(), from, to, goods }))
}

pub(super) fn receive_transfer(book: &Book, id: Id, goods: Goods) -> Result<Draft, Rejection> {
    match book.documents.get(&id) {
        Some(Document::Transfer(t)) if t.received.is_none() => {}
        _ => return Err(Rejection::Gone),
    }
    // Nothing may have come at all.
    let goods: Goods = goods.into_iter().filter(|(_, q)| q.0 != 0).collect();
    if !goods.is_empty() {
        check_goods(book, &goods, Quantity(1))?;
    }
    one(Event::TransferReceived(TransferReceived { id, goods }))
}

fn check_ordered(book: &Book, lines: &[Ordered]) -> Result<(), Rejection> {
    check_goods(book, &lines.iter().map(|l| (l.variant, l.quantity)).collect(), Quantity(1))?;
    if lines.iter().any(|l| l.cost < Minor::ZERO) {
        Err(Rejection::Flaw(Flaw::Negative { field: Field::Price }))
    } else {
        Ok(())
    }
}

pub(super) fn purchase(
    book: &Book,
    supplier: Id,
    location: LocationId,
    lines: Vec<Ordered>,
    number: String,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    known_location(book, location)?;
    book.suppliers.get(&supplier).ok_or(Rejection::Flaw(Flaw::Empty { field: Field::Name }))?;
    check_ordered(book, &lines)?;
    one(Event::PurchaseOrdered(PurchaseOrdered { id: cx.ids.take(), number, supplier, location, lines }))
}

pub(super) fn receive_purchase(
    book: &Book,
    id: Id,
    goods: Vec<Ordered>,
    last: bool,
    lots: &[(VariantId, Lot)],
) -> Result<Draft, Rejection> {
    let location = match book.documents.get(&id) {
        Some(Document::Purchase(p)) if !p.closed => p.location,
        _ => return Err(Rejection::Gone),
    };
    let goods: Vec<Ordered> = goods.into_iter().filter(|l| l.quantity.0 != 0).collect();
    if !goods.is_empty() {
        check_ordered(book, &goods)?;
    } else if !last {
        return Err(Rejection::Flaw(Flaw::NoLines));
    }
    let of_lot = |l: &Ordered| {
        let (_, lot) = lots.iter().find(|(v, lot)| *v == l.variant && !lot.is_empty())?;
        let batch = Batch { lot: lot.clone(), quantity: l.quantity };
        Some(Event::LotReceived(LotReceived { variant: l.variant, location, batch }))
    };
    let batches: Vec<Event> = goods.iter().filter_map(of_lot).collect();
    let mut draft = one(Event::PurchaseReceived(PurchaseReceived { id, goods, last }))?;
    draft.events.extend(batches);
    Ok(draft)
}

pub(super) fn open_stocktake(
    book: &Book,
    location: LocationId,
    category: String,
    blind: bool,
    cx: &mut Context<'_>,
) -> Result<Draft, Rejection> {
    known_location(book, location)?;
    check_length(&category, Field::Category)?;
    // Counted in two documents, a difference would be posted twice.
    let overlaps = |d: &Document| {
        matches!(d, Document::Stocktake(s) if s.ended.is_none() && s.location == location
            && (s.category.is_empty() || category.is_empty() || s.category == category))
    };
    if book.documents.iter().any(|(_, d)| overlaps(d)) {
        return Err(Rejection::BeingCounted);
    }
    one(Event::StocktakeOpened(StocktakeOpened { id: cx.ids.take(), location, category, blind }))
}

pub(super) fn count_for(book: &Book, id: Id, variant: VariantId, counted: Quantity) -> Result<Draft, Rejection> {
    let Some(Document::Stocktake(stocktake)) = book.documents.get(&id) else { return Err(Rejection::Gone) };
    if stocktake.ended.is_some() {
        return Err(Rejection::Gone);
    }
    check_goods(book, &vec![(variant, counted)], Quantity::ZERO)?;
    let level = book.level((variant, stocktake.location));
    one(Event::StocktakeCounted(StocktakeCounted {
        id,
        variant,
        counted,
        expected: level.on_hand,
        corrected: level.corrected,
    }))
}

/// Posting takes a manager: goods and money appear and vanish by it.
pub(super) fn end_stocktake(book: &Book, id: Id, post: bool, role: Role) -> Result<Draft, Rejection> {
    match book.documents.get(&id) {
        Some(Document::Stocktake(s)) if s.ended.is_none() => {}
        _ => return Err(Rejection::Gone),
    }
    role.at_least(Role::Manager)?;
    one(Event::StocktakeEnded(StocktakeEnded { id, post }))
}
