pub mod actions;
pub mod domain;
pub mod import;
#[cfg(not(target_arch = "wasm32"))]
pub mod server;
pub mod store;
pub mod sync;
