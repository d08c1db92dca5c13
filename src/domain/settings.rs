//! What the store is called and how it computes.

use serde::{Deserialize, Serialize};

use super::id::TaxId;
use super::money::Currency;

/// Set as a whole; the last one wins. Orders keep what they were computed with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    /// Printed on slips.
    pub address: String,
    pub phone: String,
    pub tax_number: String,
    /// Printed at the foot of a slip.
    pub slip_foot: String,
    pub currency: Currency,
    /// Whether price tags include tax.
    pub prices_include_tax: bool,
    /// The rate of products that name none.
    pub usual_tax: Option<TaxId>,
    /// Units: minutes east of UTC; the store's calendar day.
    pub offset_min: i32,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: String::new(),
            address: String::new(),
            phone: String::new(),
            tax_number: String::new(),
            slip_foot: String::new(),
            currency: Currency::CNY,
            prices_include_tax: true,
            usual_tax: None,
            offset_min: 480,
        }
    }
}
