//! The other side: one program with an embedded database that gives a store's transactions one order and tells everybody.
//!
//! It folds with the tablets' own code, so it cannot disagree with them. What it says of a transaction, it writes down
//! and repeats.

pub mod auth;
pub mod cli;
pub mod config;
pub mod demo;
pub mod error;
pub mod journal;
pub mod routes;
pub mod shop;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use journal::{Journal, JournalError};
use shop::Shop;

/// The store that a data folder has.
pub const STORE: &str = "s1";

/// Everything a request may touch.
#[derive(Clone)]
pub struct Server {
    pub journal: Journal,
    pub shops: Arc<HashMap<String, Arc<Shop>>>,
    pub guesses: Arc<auth::Guesses>,
    /// Told once, when the program is to end: long answers stop.
    pub ending: tokio::sync::watch::Receiver<bool>,
}

impl Server {
    /// Opens a data folder, making a store in it when there is none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn open(data: &Path, ending: tokio::sync::watch::Receiver<bool>) -> Result<Self, JournalError> {
        let journal = Journal::open(data).await?;
        let mut shops = HashMap::new();
        for store in journal.stores().await? {
            let shop = Shop::load(journal.clone(), store).await?;
            shop.finish_founding(now_ms()).await?;
            shops.insert(shop.id.clone(), Arc::new(shop));
        }
        if shops.is_empty() {
            let shop = Shop::found(journal.clone(), STORE, now_ms()).await?;
            shops.insert(shop.id.clone(), Arc::new(shop));
        }
        Ok(Self { journal, shops: Arc::new(shops), guesses: Arc::default(), ending })
    }

    /// The store of this data folder.
    pub fn shop(&self) -> Option<Arc<Shop>> {
        self.shops.values().next().cloned()
    }
}

/// The server's clock. Units: ms since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
