//! The shop itself (店铺): what it is called and how it computes, its places, its people, and how orders and money reach
//! it.

pub mod channel;
pub mod location;
pub mod profile;
pub mod staff;
pub mod tax;
pub mod tender;
