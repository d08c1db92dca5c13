//! Tenders: the ways in which money changes hands.

use serde::{Deserialize, Serialize};

/// A way in which money changes hands.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, PartialOrd, Ord, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Tender {
    #[default]
    Cash,
    Card,
    WechatPay,
    Alipay,
    Transfer,
    /// Paid on another system before the order came here.
    Channel,
    /// Owed: on the customer's account.
    OnAccount,
    /// Out of what the shop owes the customer.
    StoreCredit,
}

impl Tender {
    /// The tenders that a clerk can choose.
    pub const OFFERED: [Self; 5] = [Self::Cash, Self::WechatPay, Self::Alipay, Self::Card, Self::Transfer];

    /// Says whether somebody has to pay it back elsewhere: neither out of the till nor as credit here.
    pub fn goes_back_by_hand(self) -> bool {
        self != Self::Cash && !self.needs_customer()
    }

    /// Says whether it needs to be known whose account it is.
    pub fn needs_customer(self) -> bool {
        matches!(self, Self::OnAccount | Self::StoreCredit)
    }

    /// Says whether a terminal or a bank says if it worked, and may fail to.
    pub fn is_asked(self) -> bool {
        matches!(self, Self::Card | Self::WechatPay | Self::Alipay)
    }
}
