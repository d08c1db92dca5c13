//! Figures and exports, computed from lists of orders. Pure: rows in, figures or text out.

pub mod export;
pub mod sales;
