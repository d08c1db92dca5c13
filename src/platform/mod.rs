//! The browser, as far as Daybook uses it. One file a facility; nothing here decides anything.

pub mod back;
pub mod camera;
pub mod clipboard;
pub mod files;
pub mod hints;
pub mod http;
pub mod intl;
pub mod mirror;
pub mod network;
pub mod ports;
pub mod preferences;
pub mod scanner;
pub mod service_worker;
pub mod storage;
pub mod tabs;
pub mod taps;
pub mod timing;
pub mod worker;
