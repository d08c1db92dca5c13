//! The people who work here, and what each may do.

use serde::{Deserialize, Serialize};

use super::id::{Id, StaffId};
use super::rejection::Rejection;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub active: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    Clerk,
    Manager,
    Owner,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Clerk, Self::Manager, Self::Owner];

    /// # Errors
    /// [`Rejection::RoleTooLow`] when the role is below `least`.
    pub fn at_least(self, least: Self) -> Result<(), Rejection> {
        if self >= least { Ok(()) } else { Err(Rejection::RoleTooLow { needs: least }) }
    }
}

/// The owner that every store has from its first moment.
pub const FIRST: StaffId = StaffId(Id { replica: 0, n: 1 });
