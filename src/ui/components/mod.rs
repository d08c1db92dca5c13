//! Pieces that pages are made of.

mod camera;
mod choice;
mod confirm;
mod customer;
mod dialog;
mod field;
mod form;
mod icon;
mod labels;
mod packs;
mod papers;
mod slip;
mod virtual_list;
mod who;

pub use camera::{CameraButton, CameraSheet};
pub use choice::Choice;
pub use confirm::Confirm;
pub use customer::{CustomerChoice, CustomerFields};
pub use dialog::{Dialog, parts_typed};
pub use field::{AmountField, CheckField, QuantityField, SelectField, TextField};
pub use form::{Alert, Submit};
pub use icon::Icon;
pub use labels::{LabelChoice, Labels, MOST_LABELS};
pub use packs::PackChips;
pub use papers::{Barcode, Papers, Printout};
pub use slip::Slip;
pub use virtual_list::VirtualList;
pub use who::Who;
