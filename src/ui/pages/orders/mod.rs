//! Orders: every channel in one list, and one order with all that belongs to it.

mod list;
mod order;

pub use list::Orders;
pub use order::{Order, happened};
