//! The rooms of the console, a folder or a file each.

mod customers;
mod import;
mod orders;
mod products;
mod reports;
mod settings;
mod stock;
pub(in crate::ui) mod take_order;
mod work;

pub use customers::Customers;
pub use import::Import;
pub use orders::{Answer, DueMessages, Order, Orders, assignee, contact, finding, take_step};
pub use products::Products;
pub use reports::{PrintedClosing, Reports};
pub use settings::Settings;
pub use stock::{Loads, Purchases, Stock, Stocktakes};
pub use take_order::TakeOrder;
pub use work::Work;
