//! Values: what the nouns are made of. Imports nothing of the domain above itself, and knows nothing of a shop.

pub mod flaw;
pub mod hash;
pub mod id;
pub mod money;
pub mod named;
pub mod part;
pub mod quantity;
pub mod texts;
pub mod time;
