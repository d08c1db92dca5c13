//! Events of the work on an order between taking it and handing it over, and the rules that do some of it.

use super::check::Check;
use super::fold::Fold;
use super::table::payloads;
use super::{Happening, Setting};
use crate::domain::book::layered::Layer;
use crate::domain::book::{Book, table};
use crate::domain::order::rule::{MOST_RULES, Rule};
use crate::domain::order::{Allocation, Delivery, Happened, Mark, Method, Order, OrderState, Paper, check_mark};
use crate::domain::rejection::Rejection;
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{Id, OrderId};
use crate::domain::value::part::PersonalRef;
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

payloads! {
    /// Sets where an order goes and when; `to` is who receives it, if that is not the customer as the card has them.
    DeliverySet { order: OrderId, method: Method, promised: Option<Timestamp>, to: Option<PersonalRef>, }
    /// A mark on an order.
    OrderMarked { order: OrderId, mark: Mark, }
    /// The goods that are set aside for an order from now on; none gives all back.
    StockAllocated {
        order: OrderId,
        allocated: Vec<Allocation>,
        /// Somebody chose the place, against what the store's way of sourcing says.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
    }
    /// A paper was printed for an order.
    PaperPrinted { order: OrderId, paper: Paper, }
    /// A rule acted on an order.
    RuleApplied { order: OrderId, rule: Id, }
}

impl Happening for DeliverySet {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        let recipient = self.to.as_ref().and_then(|to| fold.personal(to)).unwrap_or_default();
        fold.with_order(self.order, |fold, order| {
            let delivery = Delivery { method: self.method, promised: self.promised, recipient };
            order.fulfilment.get_or_insert_default().delivery = Some(delivery);
            fold.note(order, Happened::DeliverySet);
        });
    }
}

impl Happening for OrderMarked {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(check_mark(&self.mark)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            order.fulfilment.get_or_insert_default().mark(&self.mark);
            fold.note(order, Happened::Marked(self.mark.clone()));
        });
    }
}

impl Happening for StockAllocated {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        self.allocated.iter().try_for_each(|a| {
            if a.quantity <= Quantity::ZERO || a.quantity > Quantity::MOST {
                return Err(Flaw::TooMuch { field: Field::Quantity }.into());
            }
            cx.location(a.location)
        })
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            // Voided or handed over meanwhile: there is nothing left to set aside.
            if order.handed_over.is_some() || !order.state.open() || order.state == OrderState::Draft {
                return;
            }
            // Made for lines as they were: what no longer fits one is not set aside, and never more than a line needs.
            let mut allocated: Vec<Allocation> = Vec::with_capacity(self.allocated.len());
            for a in &self.allocated {
                let Some(line) = order.lines.get(usize::from(a.line)) else { continue };
                let Some((_, needed)) = order.goods(line).into_iter().find(|(v, _)| *v == a.variant) else { continue };
                let own = allocated.iter().filter(|other| (other.line, other.variant) == (a.line, a.variant));
                let taken = own.fold(Quantity::ZERO, |sum, other| sum.saturating_add(other.quantity));
                let quantity = a.quantity.min(needed.saturating_add(taken.saturating_neg()));
                if quantity > Quantity::ZERO {
                    allocated.push(Allocation { quantity, ..*a });
                }
            }
            order.fulfilment.get_or_insert_default().allocated = allocated;
            let whole = order.is_allocated();
            fold.note(
                order,
                if self.by_hand { Happened::AllocatedByHand { whole } } else { Happened::Allocated { whole } },
            );
        });
    }
}

/// Nothing is set aside for it any more.
pub(super) fn give_back(order: &mut Order) {
    if let Some(work) = &mut order.fulfilment {
        work.allocated.clear();
    }
}

impl Happening for PaperPrinted {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| {
            let printed = &mut order.fulfilment.get_or_insert_default().printed;
            match printed.iter_mut().find(|(paper, _)| *paper == self.paper) {
                Some((_, times)) => *times = times.saturating_add(1),
                None => printed.push((self.paper, 1)),
            }
            fold.note(order, Happened::Printed(self.paper));
        });
    }
}

impl Happening for Rule {
    fn check(&self, cx: &Check<'_>) -> Result<(), Rejection> {
        if cx.book.rules.get(&self.id).is_none_or(|r| r.gone) && !self.gone && cx.book.rules().len() >= MOST_RULES {
            return Err(Flaw::TooMuch { field: Field::Quantity }.into());
        }
        Ok(Rule::check(self)?)
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.put(table::rules, self.id, self.clone());
    }
}

impl Setting for Rule {
    fn now(&self, book: &Book, layer: Layer) -> Option<Self> {
        book.rules.at(layer, &self.id).cloned()
    }
}

impl Happening for RuleApplied {
    fn check(&self, _: &Check<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    fn fold(&self, fold: &mut Fold<'_>) {
        fold.with_order(self.order, |fold, order| fold.note(order, Happened::Ruled(self.rule)));
    }
}
