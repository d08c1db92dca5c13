//! Daybook (日单): an order console for small sellers.

pub mod actions;
pub mod domain;
pub mod i18n;
pub mod import;
#[cfg(target_arch = "wasm32")]
pub mod platform;
#[cfg(not(target_arch = "wasm32"))]
pub mod server;
pub mod store;
pub mod sync;
#[cfg(target_arch = "wasm32")]
pub mod ui;
