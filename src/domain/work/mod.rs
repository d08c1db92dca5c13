//! Work: what is computed from the book and writes nothing. Prices, what is set aside for whom, what the checks find,
//! what to order, what a statement pays, what a search or a scan means.

pub mod allocation;
pub mod finding;
pub mod pricing;
pub mod reconcile;
pub mod reorder;
pub mod scan;
pub mod search;
