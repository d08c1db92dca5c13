//! The people who work here, and what each may do.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};

use crate::domain::value::flaw::Flaw;
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{Id, StaffId};
use crate::domain::value::named::Named;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub active: bool,
    /// The digits that this person types in to be let at the till; without them, a tap will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
}

/// A PIN as it is kept: argon2id over the digits, so that it can be checked offline and read back by nobody.
///
/// A PIN is short, so whoever has the store's data can try them all; it keeps out whoever only has the tablet in hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    pub salt: Hash,
    pub hash: Hash,
}

/// The number of digits a PIN has.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Memory for one try. Units: KiB. With two passes, some 30 ms on a tablet.
const PIN_KIB: u32 = 4 * 1024;
const PIN_PASSES: u32 = 2;

impl Pin {
    /// # Errors
    /// [`Flaw::Pin`] when it is not four to eight digits.
    pub fn new(digits: &str, salt: Hash) -> Result<Self, Flaw> {
        if !PIN_DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Flaw::Pin);
        }
        let params = Params::new(PIN_KIB, PIN_PASSES, 1, Some(16)).map_err(|_| Flaw::Pin)?;
        let mut hash = [0; 16];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(digits.as_bytes(), &salt.0, &mut hash)
            .map_err(|_| Flaw::Pin)?;
        Ok(Self { salt, hash: Hash(hash) })
    }

    /// Says whether these are the digits.
    pub fn fits(&self, digits: &str) -> bool {
        Self::new(digits, self.salt).is_ok_and(|p| p == *self)
    }
}

/// The one who does something, and the one who agreed to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor {
    pub by: StaffId,
    /// A manager who typed a PIN in on the spot.
    pub approved: Option<StaffId>,
}

impl From<StaffId> for Actor {
    fn from(by: StaffId) -> Self {
        Self { by, approved: None }
    }
}

#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    #[default]
    Clerk,
    Manager,
    Owner,
}

/// The role is below the one that it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it takes the role {}", self.needs.name())]
pub struct RoleTooLow {
    pub needs: Role,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Clerk, Self::Manager, Self::Owner];

    /// # Errors
    /// [`RoleTooLow`] when the role is below `least`.
    pub fn at_least(self, least: Self) -> Result<(), RoleTooLow> {
        if self >= least { Ok(()) } else { Err(RoleTooLow { needs: least }) }
    }
}

/// The owner that every store has from its first moment.
pub const FIRST: StaffId = StaffId(Id { replica: 0, n: 1 });
