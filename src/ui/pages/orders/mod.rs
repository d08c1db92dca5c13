//! Orders: every channel in one list, and one order with all that belongs to it.

mod answer;
mod edit;
mod handling;
mod history;
mod list;
mod messages;
mod order;
mod returns;
mod sheets;
mod steps;

pub use answer::Answer;
pub use handling::{contact, finding};
pub use history::{assignee, happened};
pub use list::Orders;
pub use messages::DueMessages;
pub use order::Order;
pub use steps::take_step;

/// What is open over an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sheet {
    Pay,
    Refund,
    Void,
    Note,
    Delivery,
    Label,
    Station,
    Hold,
    Edit,
    Split,
    Merge,
    Return,
    Customer,
    Message,
}
