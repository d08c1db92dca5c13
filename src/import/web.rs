//! An order as any website can hand it in: a small JSON form of our own. Prices may be left out; the list's count then.

use serde::{Deserialize, Serialize};

use super::json::Text;
use crate::domain::order::Method;

/// The form. Amounts are decimals as text or number, in the store's currency.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WebOrder {
    /// Number that the website gave the order. The same one twice changes nothing.
    pub reference: Text,
    pub customer: WebCustomer,
    pub lines: Vec<WebLine>,
    pub shipping: Text,
    /// Sum that the customer has paid there.
    pub paid: Text,
    pub note: Text,
    pub delivery: Option<Method>,
    /// RFC 3339.
    pub promised_at: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WebCustomer {
    pub name: Text,
    pub phone: Text,
    pub email: Text,
    pub address: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WebLine {
    pub sku: Text,
    pub barcode: Text,
    pub name: Text,
    pub quantity: Text,
    pub unit_price: Text,
}

/// Format that a web shop speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    Shopify,
    Woocommerce,
    /// [`WebOrder`].
    Json,
}

impl Dialect {
    pub const ALL: [Self; 3] = [Self::Json, Self::Shopify, Self::Woocommerce];

    pub fn name(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
            Self::Json => "json",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}
