//! What is done for an order between taking it and handing it over: where it goes and when, how urgent it is, who sees
//! to it, and which goods are set aside for it. A sale over the counter has none of it.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Order, OrderState};
use crate::domain::value::flaw::{Field, Flaw};
use crate::domain::value::id::{LocationId, OrderId, StaffId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::Timestamp;

/// The most tags one order may carry.
pub const MOST_TAGS: usize = 20;
/// The most characters of a tag, a station's name or the reason of a hold.
pub const MOST_LABEL: usize = 60;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Fulfilment {
    pub delivery: Option<Delivery>,
    pub priority: Priority,
    /// Why nothing is to be done for now.
    pub hold: Option<String>,
    pub assigned: Option<Assignee>,
    /// In the order in which they were put on, each once.
    pub tags: Vec<String>,
    pub allocated: Vec<Allocation>,
    /// Papers and how often each was printed.
    pub printed: Vec<(Paper, u32)>,
}

impl Fulfilment {
    /// The quantity of a variant that is set aside for a line.
    pub fn allocated_to(&self, line: usize, variant: VariantId) -> Quantity {
        let own = self.allocated.iter().filter(|a| usize::from(a.line) == line && a.variant == variant);
        own.fold(Quantity::ZERO, |sum, a| sum.saturating_add(a.quantity))
    }

    pub fn printed(&self, paper: Paper) -> u32 {
        self.printed.iter().find(|(p, _)| *p == paper).map_or(0, |(_, times)| *times)
    }

    /// Puts a mark on.
    pub fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Priority(priority) => self.priority = *priority,
            Mark::Hold(reason) => self.hold.clone_from(reason),
            Mark::Assigned(to) => self.assigned.clone_from(to),
            Mark::Tag { tag, on: true } if !self.tags.contains(tag) && self.tags.len() < MOST_TAGS => {
                self.tags.push(tag.clone());
            }
            Mark::Tag { on: true, .. } => {}
            Mark::Tag { tag, on: false } => self.tags.retain(|t| t != tag),
        }
    }
}

/// The destination of an order, and when it was promised.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Delivery {
    pub method: Method,
    /// The moment by which it is to be there.
    pub promised: Option<Timestamp>,
    /// Empty in every field when it is the customer's own card that counts, or once the person asked to be forgotten.
    pub recipient: Recipient,
}

/// The one who receives it, and where. Personal: travels as a detached part.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipient {
    pub name: String,
    pub phone: String,
    pub address: String,
}

impl Recipient {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Method {
    #[default]
    PickUp,
    Delivery,
}

impl Method {
    pub const ALL: [Self; 2] = [Self::PickUp, Self::Delivery];
}

/// The urgency of an order. The higher comes first.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Priority {
    #[default]
    Normal,
    High,
    Urgent,
}

impl Priority {
    pub const ALL: [Self; 3] = [Self::Normal, Self::High, Self::Urgent];
}

/// The one whose work an order is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignee {
    Staff(StaffId),
    /// A team or a place of work, by its name.
    Station(String),
}

/// A mark that somebody, or a rule, puts on an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Priority(Priority),
    /// `None` lets it go on.
    Hold(Option<String>),
    /// `None` gives it back to all.
    Assigned(Option<Assignee>),
    Tag {
        tag: String,
        on: bool,
    },
}

/// Goods set aside for one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// Its position among the order's lines.
    pub line: u16,
    /// The variant: the line's own, or one that its kit is made of. Lines may change places.
    pub variant: VariantId,
    pub location: LocationId,
    pub quantity: Quantity,
    /// The quantity free there when it was chosen: why it was chosen.
    pub free: Quantity,
}

/// A paper that can be printed for an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Paper {
    PickList,
    PackingSlip,
    DeliveryNote,
    /// Of what is only offered.
    Quotation,
}

impl Paper {
    /// Those of an order; a quotation has its own.
    pub const ALL: [Self; 3] = [Self::PickList, Self::PackingSlip, Self::DeliveryNote];

    /// The number on the paper: the order's own, which is never used twice, behind a letter for the paper.
    pub fn number(self, order: &str) -> String {
        match self {
            Self::PickList => format!("P-{order}"),
            Self::PackingSlip => format!("S-{order}"),
            Self::DeliveryNote => format!("D-{order}"),
            Self::Quotation => format!("Q-{order}"),
        }
    }
}

/// # Errors
/// A label that is empty or too long.
pub fn check_mark(mark: &Mark) -> Result<(), Flaw> {
    let label = match mark {
        Mark::Tag { tag, .. } => tag,
        Mark::Hold(Some(reason)) => reason,
        Mark::Assigned(Some(Assignee::Station(name))) => name,
        _ => return Ok(()),
    };
    match label.trim().chars().count() {
        0 => Err(Flaw::Empty { field: Field::Reason }),
        n if n > MOST_LABEL => Err(Flaw::TooLong { field: Field::Reason, most: MOST_LABEL }),
        _ => Ok(()),
    }
}

/// The turn of an order: the more urgent, then the earlier promised, then the earlier taken.
pub fn turn(order: &Order) -> (Reverse<Priority>, Timestamp, Timestamp, OrderId) {
    let work = order.fulfilment.as_deref();
    let promised = work.and_then(|f| f.delivery.as_ref()).and_then(|d| d.promised);
    (
        Reverse(work.map_or(Priority::Normal, |f| f.priority)),
        promised.unwrap_or(Timestamp(i64::MAX)),
        order.placed_at,
        order.id,
    )
}

/// Says whether goods can be set aside for it.
pub fn waits_for_goods(order: &Order) -> bool {
    order.handed_over.is_none()
        && matches!(order.state, OrderState::Placed | OrderState::Confirmed | OrderState::Allocated)
}
