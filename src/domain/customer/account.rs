//! A customer's account: what they owe for goods taken on account, how much they may, what the shop owes them, and
//! whose prices are theirs.

use serde::{Deserialize, Serialize};

use crate::domain::shop::tender::Tender;
use crate::domain::value::money::Minor;

/// See the module. A fold over payments; only limit and group are set.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The most they may owe; zero is no account.
    pub limit: Minor,
    /// The sum that they owe.
    pub owed: Minor,
    /// Store credit: what the shop owes them.
    pub credit: Minor,
    /// The group whose prices are theirs; empty for none.
    pub group: String,
}

impl Account {
    /// The sum that may still go on the account.
    pub fn left(&self) -> Minor {
        Minor(self.limit.0.saturating_sub(self.owed.0).max(0))
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Money for an order came (or went back, when negative) by a tender.
    pub fn take(&mut self, tender: Tender, amount: Minor) {
        match tender {
            Tender::OnAccount => self.owed = Minor(self.owed.0.saturating_add(amount.0)),
            Tender::StoreCredit => self.credit = Minor(self.credit.0.saturating_sub(amount.0)),
            _ => {}
        }
    }

    /// The customer pays what they owe.
    pub fn settle(&mut self, amount: Minor) {
        self.owed = Minor(self.owed.0.saturating_sub(amount.0));
    }
}
