//! What the store is called and how it computes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::shop::tender::Tender;
use crate::domain::value::id::TaxId;
use crate::domain::value::money::{Currency, Minor};

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
    /// Says whether price tags include tax.
    pub prices_include_tax: bool,
    /// The rate of products that name none.
    pub usual_tax: Option<TaxId>,
    /// Units: minutes east of UTC; the store's calendar day.
    pub offset_min: i32,
    /// The rounding of a sum that is paid in cash; `None` pays to the cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_rounding: Option<CashRounding>,
    /// The contents of the shop's own printed payment codes, by whose they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pay_codes: BTreeMap<Tender, String>,
    /// The rate of carriage; `None` is carriage without tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_tax: Option<TaxId>,
    /// The codes that the shop's scale prints; `None` is what most come with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleCodes>,
    /// The most that a clerk may take off by hand without somebody's consent; `None` is anything. Units: basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk_discount_bp: Option<u32>,
}

/// The meaning of the first two digits of a scale's label: 20 to 29, each shop's own business.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleCodes {
    /// The label has what it costs.
    pub price: Vec<u8>,
    /// The label has what it weighs.
    pub weight: Vec<u8>,
}

impl ScaleCodes {
    pub const MOST: usize = 10;

    /// Says whether they are numbers of labels, and none says both.
    pub fn are_right(&self) -> bool {
        let all = || self.price.iter().chain(&self.weight);
        let within = all().all(|n| (20..=29).contains(n));
        within && all().count() <= Self::MOST && self.price.iter().all(|n| !self.weight.contains(n))
    }
}

impl Default for ScaleCodes {
    fn default() -> Self {
        Self { price: vec![20, 21, 22], weight: (23..=29).collect() }
    }
}

/// The longest content of a payment code. Units: bytes.
pub const MOST_PAY_CODE: usize = 512;

/// Rounding where small coins are not used, or not asked for (抹零).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashRounding {
    /// Units: minor units, 2 or more.
    pub step: Minor,
    /// Always to the customer's favour; otherwise to the nearest, and half a step up.
    pub down: bool,
}

impl CashRounding {
    pub fn round(self, amount: Minor) -> Minor {
        let step = self.step.0.max(1);
        let rest = amount.0.rem_euclid(step);
        let up = !self.down && rest.saturating_mul(2) >= step;
        Minor(amount.0.saturating_sub(rest).saturating_add(if up && rest > 0 { step } else { 0 }))
    }
}

impl Profile {
    /// The sum that is asked for in cash where so much is due.
    pub fn in_cash(&self, due: Minor) -> Minor {
        self.cash_rounding.map_or(due, |rounding| rounding.round(due))
    }
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
            cash_rounding: None,
            pay_codes: BTreeMap::new(),
            shipping_tax: None,
            scale: None,
            clerk_discount_bp: None,
        }
    }
}
