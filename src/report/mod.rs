//! Figures and exports, computed from lists of orders. Pure: rows in, figures or text out.

pub mod barcode;
pub mod detail;
pub mod export;
pub mod sales;
