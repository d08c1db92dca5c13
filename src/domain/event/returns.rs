//! Events of an order's goods: handed over, and brought back.

use super::Happening;
use super::check::{Check, Own};
use super::documents::goods_in_range;
use super::fold::Fold;
use super::fulfilment::give_back;
use super::table::payloads;
use crate::domain::book::case::CaseKind;
use crate::domain::order::{Happened, Order, ReturnReason};
use crate::domain::rejection::Rejection;
use crate::domain::stock::{Movement, Reason};
use crate::domain::value::id::{Id, LocationId, MovementId, OrderId};
use crate::domain::value::money::Minor;
use crate::domain::value::quantity::Quantity;

payloads! {
    /// All goods of an order left from a location.
    GoodsHandedOver { order: OrderId, location: LocationId, }
    /// All goods of an order came back to a location.
    GoodsReturned { order: OrderId, location: LocationId, }
    /// Goods of some lines came back; money that goes back for them is an event of its own.
    LinesReturned {
        order: OrderId,
        /// Positions of lines, and how much of each.
        goods: Vec<(u16, Quantity)>,
        why: ReturnReason,
        /// The place where they can be sold again; `None` when they cannot.
        location: Option<LocationId>,
    }
}

/// The most events in one transaction that move every line of an order.
const MOST_GOODS_EVENTS: usize = 20;

fn not_too_many(cx: &Check<'_>) -> Result<(), Rejection> {
    if cx.own.goods > MOST_GOODS_EVENTS { Err(Rejection::TooManyEvents) } else { Ok(()) }
}

impl Happening for GoodsHandedOver {
    fn bring(&self, own: &mut Own) {
        own.goods += 1;
    }

    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        not_too_many(cx)?;
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.handed_over.is_some() {
                fold.open_case(CaseKind::HandedOverTwice { order: self.order });
                return;
            }
            order.handed_over = Some(self.location);
            fold.note(order, Happened::HandedOver);
            fold.move_lines(order, self.location, -1, true);
        });
    }
}

impl Happening for GoodsReturned {
    fn bring(&self, own: &mut Own) {
        own.goods += 1;
    }

    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        not_too_many(cx)?;
        cx.location(self.location)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.handed_over.is_none() {
                return;
            }
            // Undone where it was done, goods are where they were before.
            let undone = order.handed_over.take() == Some(self.location);
            fold.note(order, Happened::Returned);
            // Where parts of it came back, what was set aside for the rest is not known place by place.
            fold.move_lines(order, self.location, 1, undone && order.returned.is_empty());
            // All of it is back; should it be handed over once more, all of it is with the customer again.
            order.returned.clear();
            give_back(order);
        });
    }
}

impl Happening for LinesReturned {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        goods_in_range(self.goods.iter().map(|(_, q)| *q))?;
        self.location.map_or(Ok(()), |location| cx.location(location))
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            if order.handed_over.is_none() {
                fold.open_case(CaseKind::StepLost { order: self.order });
                return;
            }
            let name = format!("{}#{}", order.id, order.history.len());
            let mut sum = Minor::ZERO;
            let mut all_came = true;
            for (i, (line, asked)) in self.goods.iter().enumerate() {
                let at = usize::from(*line);
                let quantity = (*asked).min(order.kept_of(at));
                all_came &= quantity == *asked;
                let Some(known) = order.lines.get(at).filter(|_| quantity > Quantity::ZERO).cloned() else { continue };
                let amount = order.take_back(*line, quantity, self.why);
                sum = Minor(sum.0.saturating_add(amount.0));
                let Some(location) = self.location else { continue };
                for (j, (variant, change)) in order.goods(&Order::line_of(&known, quantity)).into_iter().enumerate() {
                    let id = MovementId(Id::derived("movement", &name, &format!("back{i}+{j}")));
                    let reason = Reason::Returned(order.id);
                    fold.moved(Movement {
                        id,
                        variant,
                        location,
                        change,
                        reason,
                        at: fold.stamp.at,
                        by: fold.stamp.by,
                    });
                }
            }
            if !all_came {
                fold.open_case(CaseKind::ReturnedTwice { order: self.order });
            }
            fold.note(order, Happened::LinesReturned(sum, self.why));
        });
    }
}

impl Fold<'_> {
    /// Moves goods from or to where they were `set_aside`, and `location` as far as none were.
    pub(super) fn move_lines(&mut self, order: &Order, location: LocationId, sign: i64, set_aside: bool) {
        let name = format!("{}#{}", order.id, order.history.len());
        for (i, line) in order.lines.iter().enumerate() {
            // What came back before does not come back once more.
            let line = &Order::line_of(line, if sign > 0 { order.kept_of(i) } else { line.quantity });
            for (j, (variant, needed)) in order.goods(line).into_iter().enumerate() {
                let mut left = needed;
                let mut moves = Vec::new();
                let own = order
                    .fulfilment
                    .iter()
                    .flat_map(|f| &f.allocated)
                    .filter(|a| set_aside && usize::from(a.line) == i && a.variant == variant);
                for a in own.filter(|a| a.quantity > Quantity::ZERO) {
                    let quantity = a.quantity.min(left.max(Quantity::ZERO));
                    left = left.saturating_add(quantity.saturating_neg());
                    moves.push((a.location, quantity));
                }
                if left != Quantity::ZERO {
                    moves.push((location, left));
                }
                for (k, (location, quantity)) in moves.into_iter().enumerate() {
                    let part = match (j, k) {
                        (0, 0) => i.to_string(),
                        (0, k) => format!("{i}/{k}"),
                        (j, k) => format!("{i}/{k}+{j}"),
                    };
                    let id = MovementId(Id::derived("movement", &name, &part));
                    let reason = if sign < 0 { Reason::Sold(order.id) } else { Reason::Returned(order.id) };
                    let change = Quantity(quantity.0.saturating_mul(sign));
                    self.moved(Movement {
                        id,
                        variant,
                        location,
                        change,
                        reason,
                        at: self.stamp.at,
                        by: self.stamp.by,
                    });
                }
            }
        }
    }
}
