//! The last step of an order, as far as it can be taken back: a tap on the wrong order is no reason to void it.

use super::{EditReason, Happened, Order, OrderState, Step, step};
use crate::domain::value::time::Timestamp;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastStep {
    pub step: &'static Step,
    /// The moment at which it was taken; two steps of one order never share it.
    pub at: Timestamp,
}

impl Order {
    /// The last step, if it can be taken back.
    ///
    /// It cannot once something rests on it: goods came back, money was given back, lines were changed. What went over
    /// the counter as it was ordered is a sale, and is voided.
    pub fn last_step(&self) -> Option<LastStep> {
        // The states it came to, when, and after how much of its history.
        let mut way = vec![(OrderState::Placed, self.placed_at, 0)];
        for (i, entry) in self.history.iter().enumerate() {
            match entry.what {
                Happened::Moved(state) => way.push((state, entry.at, i + 1)),
                Happened::StepUndone(state) => {
                    let back = way.iter().rposition(|(s, ..)| *s == state)?;
                    way.truncate(back + 1);
                }
                _ => {}
            }
        }
        let (mut now, mut at, since) = way.pop()?;
        let (mut before, before_at, _) = way.pop()?;
        if now != self.state || self.history[since..].iter().any(|entry| rests_on_goods(&entry.what)) {
            return None;
        }
        // What is paid is closed as it is handed over, with one tap.
        if (before, now) == (OrderState::HandedOver, OrderState::Closed) && before_at == at {
            (now, at) = (before, before_at);
            before = way.pop()?.0;
        }
        let step = step(before, now).filter(|s| s.kind.can_be_undone())?;
        let lost_its_goods = before == OrderState::Allocated && !self.is_allocated();
        (!self.handed_over_at_once() && !lost_its_goods).then_some(LastStep { step, at })
    }
}

fn rests_on_goods(what: &Happened) -> bool {
    match what {
        Happened::Refunded(_) | Happened::Returned | Happened::LinesReturned(..) => true,
        Happened::Edited { why, .. } => *why != EditReason::Rounded,
        _ => false,
    }
}
