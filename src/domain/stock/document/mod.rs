//! Documents of the stockroom: what takes more than one moment. A load that is under way, a purchase that is to come, a
//! count that goes on while people sell.

mod purchase;
mod stocktake;
mod transfer;

use serde::{Deserialize, Serialize};

use crate::domain::value::id::VariantId;
use crate::domain::value::quantity::Quantity;

pub use purchase::{Cost, Margin, Ordered, Purchase, Supplier, check_supplier, replenish};
pub use stocktake::{Count, Stocktake};
pub use transfer::Transfer;

/// The most goods in one document.
pub const MOST_GOODS: usize = 500;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Document {
    Transfer(Transfer),
    Purchase(Purchase),
    Stocktake(Stocktake),
}

/// Quantities of variants.
pub type Goods = Vec<(VariantId, Quantity)>;
