//! Goods (商品): what is sold, how it is packed and labelled, and for how much.

pub mod gtin;
pub mod kit;
pub mod pack;
pub mod price;
pub mod product;
