//! Rules: when an order comes in, if it is of a kind, then this is done with it. They run where the order is written
//! down, in the same transaction, so they run once, without a network, and with the same result everywhere.

use serde::{Deserialize, Serialize};

use crate::domain::order::{Assignee, Mark, Method, Priority, check_mark, check_message};
use crate::domain::shop::channel::Channel;
use crate::domain::value::flaw::{Field, Flaw, check_length, check_name};
use crate::domain::value::id::Id;
use crate::domain::value::money::Minor;

/// The most rules a store may have, and the most conditions and acts of one.
pub const MOST_RULES: usize = 50;
pub const MOST_PARTS: usize = 10;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: Id,
    pub name: String,
    pub on: bool,
    pub when: Trigger,
    /// All of them have to hold; none is always.
    pub conditions: Vec<Condition>,
    /// Done in this order.
    pub acts: Vec<Act>,
    /// Its place among the others, the least first; of equals, the one that was made first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rank: u32,
    /// Taken away. It acts no more and is not listed; the history of orders still has its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An order came in, through whatever channel.
    #[default]
    Placed,
    /// An order that was not handed over at once is paid in full.
    Paid,
    /// It is packed, and can be fetched or sent.
    Packed,
    /// It is on its way.
    Shipped,
}

impl Trigger {
    pub const ALL: [Self; 4] = [Self::Placed, Self::Paid, Self::Packed, Self::Shipped];
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Channel(Channel),
    AtLeast(Minor),
    Below(Minor),
    Paid,
    Method(Method),
    HasTag(String),
    HasCategory(String),
    /// The checks found nothing that somebody has to look at.
    Clean,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Only when the checks found nothing that stops it.
    Confirm,
    Allocate,
    Priority(Priority),
    Assign(Assignee),
    /// To whoever has the least to do.
    AssignLeastBusy,
    Tag(String),
    Hold(String),
    /// Writes the delivery note, when the goods are there.
    DeliveryNote,
    /// Writes a message for the customer, to be sent.
    Message(String),
}

impl Act {
    /// The mark that it puts on, where it is no more than that.
    pub(in crate::domain) fn mark(&self) -> Option<Mark> {
        Some(match self {
            Self::Priority(priority) => Mark::Priority(*priority),
            Self::Assign(to) => Mark::Assigned(Some(to.clone())),
            Self::Tag(tag) => Mark::Tag { tag: tag.clone(), on: true },
            Self::Hold(reason) => Mark::Hold(Some(reason.clone())),
            Self::Confirm | Self::Allocate | Self::AssignLeastBusy | Self::DeliveryNote | Self::Message(_) => {
                return None;
            }
        })
    }
}

impl Rule {
    /// # Errors
    /// A field that is empty, too long or too much.
    pub fn check(&self) -> Result<(), Flaw> {
        check_name(&self.name, Field::Name)?;
        if self.acts.is_empty() {
            return Err(Flaw::Empty { field: Field::Reason });
        }
        if self.conditions.len() > MOST_PARTS || self.acts.len() > MOST_PARTS {
            return Err(Flaw::TooMuch { field: Field::Quantity });
        }
        for condition in &self.conditions {
            if let Condition::HasTag(text) | Condition::HasCategory(text) = condition {
                check_length(text, Field::Category)?;
            }
        }
        for act in &self.acts {
            if let Some(mark) = act.mark() {
                check_mark(&mark)?;
            }
            if let Act::Message(text) = act {
                check_message(text)?;
            }
        }
        Ok(())
    }
}
