//! Channels: the ways in which orders reach the shop.

use serde::{Deserialize, Serialize};

/// The channel that an order came from.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    #[default]
    Counter,
    Stall,
    Phone,
    Email,
    Website,
    Marketplace,
}

impl Channel {
    pub const ALL: [Self; 6] = [Self::Counter, Self::Stall, Self::Phone, Self::Email, Self::Website, Self::Marketplace];

    /// Says whether the customer stands in front of the clerk, so goods and money change hands at once.
    pub fn face_to_face(self) -> bool {
        matches!(self, Self::Counter | Self::Stall)
    }
}
