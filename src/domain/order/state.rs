//! The states of an order and the steps between them, as one literal table. The screen draws its buttons from it.

use serde::{Deserialize, Serialize};

/// The state of an order.
///
/// Stored by position: new states are added at the end.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderState {
    #[default]
    Placed,
    Confirmed,
    Picking,
    Packed,
    HandedOver,
    Shipped,
    Delivered,
    Closed,
    Voided,
    /// A quotation: not promised, not owed, not counted.
    Draft,
    /// Its goods are set aside.
    Allocated,
}

impl OrderState {
    pub const ALL: [Self; 11] = [
        Self::Placed,
        Self::Confirmed,
        Self::Picking,
        Self::Packed,
        Self::HandedOver,
        Self::Shipped,
        Self::Delivered,
        Self::Closed,
        Self::Voided,
        Self::Draft,
        Self::Allocated,
    ];

    /// Says whether somebody still has to do something.
    pub fn open(self) -> bool {
        !matches!(self, Self::Closed | Self::Voided)
    }
}

/// The kind of a step, for its words and its rights.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum StepKind {
    /// A quotation becomes an order.
    Accept,
    Confirm,
    /// Set all goods aside.
    Allocate,
    /// Give them back.
    Release,
    StartPicking,
    Pack,
    HandOver,
    Ship,
    Deliver,
    Close,
    Void,
}

impl StepKind {
    /// Says whether it can be taken back: what it says of goods in somebody's hands may turn out not to be so.
    pub fn can_be_undone(self) -> bool {
        matches!(self, Self::StartPicking | Self::Pack | Self::HandOver | Self::Ship | Self::Deliver | Self::Close)
    }
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    pub kind: StepKind,
    pub from: OrderState,
    pub to: OrderState,
    /// Goods leave the shelf with it.
    pub moves_goods: bool,
    /// Only when nothing is due.
    pub needs_payment: bool,
}

const fn row(kind: StepKind, from: OrderState, to: OrderState) -> Step {
    Step {
        kind,
        from,
        to,
        moves_goods: matches!(kind, StepKind::HandOver | StepKind::Ship),
        needs_payment: matches!(kind, StepKind::Close),
    }
}

/// Every step there is, the usual next one first. What is not here cannot be done.
pub const STEPS: &[Step] = {
    use OrderState::{
        Allocated, Closed, Confirmed, Delivered, Draft, HandedOver, Packed, Picking, Placed, Shipped, Voided,
    };
    use StepKind as K;
    &[
        row(K::Accept, Draft, Placed),
        row(K::Void, Draft, Voided),
        row(K::Confirm, Placed, Confirmed),
        row(K::HandOver, Placed, HandedOver),
        row(K::Void, Placed, Voided),
        row(K::Allocate, Confirmed, Allocated),
        row(K::StartPicking, Confirmed, Picking),
        row(K::HandOver, Confirmed, HandedOver),
        row(K::Void, Confirmed, Voided),
        row(K::StartPicking, Allocated, Picking),
        row(K::HandOver, Allocated, HandedOver),
        row(K::Release, Allocated, Confirmed),
        row(K::Void, Allocated, Voided),
        row(K::Pack, Picking, Packed),
        row(K::Void, Picking, Voided),
        row(K::Ship, Packed, Shipped),
        row(K::HandOver, Packed, HandedOver),
        row(K::Void, Packed, Voided),
        row(K::Close, HandedOver, Closed),
        row(K::Void, HandedOver, Voided),
        row(K::Deliver, Shipped, Delivered),
        row(K::Void, Shipped, Voided),
        row(K::Close, Delivered, Closed),
        row(K::Void, Delivered, Voided),
        row(K::Void, Closed, Voided),
    ]
};

/// The step between two states, if there is one.
pub fn step(from: OrderState, to: OrderState) -> Option<&'static Step> {
    STEPS.iter().find(|s| s.from == from && s.to == to)
}

/// Steps that can be taken next, the usual one first.
pub fn steps_from(from: OrderState) -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(move |s| s.from == from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_a_draft_can_be_reached_and_every_one_but_voided_can_be_left() {
        for state in OrderState::ALL {
            assert!(state == OrderState::Draft || STEPS.iter().any(|s| s.to == state), "{state:?} cannot be reached");
            assert!(state == OrderState::Voided || steps_from(state).next().is_some(), "{state:?} cannot be left");
        }
    }

    #[test]
    fn there_is_one_step_at_most_between_two_states() {
        for from in OrderState::ALL {
            for to in OrderState::ALL {
                assert!(STEPS.iter().filter(|s| s.from == from && s.to == to).count() <= 1, "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn goods_leave_once_on_every_way_from_placed_to_closed() {
        fn walk(state: OrderState, left: u32) {
            if state == OrderState::Closed {
                assert_eq!(left, 1);
                return;
            }
            for s in steps_from(state).filter(|s| s.to != OrderState::Voided && s.kind != StepKind::Release) {
                walk(s.to, left + u32::from(s.moves_goods));
            }
        }
        walk(OrderState::Draft, 0);
    }
}
