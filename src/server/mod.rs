//! The other side: one program with an embedded database that gives a store's transactions one order and tells
//! everybody.
//!
//! It folds with the tablets' own code, so it cannot disagree with them. What it says of a transaction, it writes down
//! and repeats.

pub mod audit;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod config;
pub mod demo;
pub mod epoch;
pub mod error;
mod fold;
mod group;
pub mod intake;
pub mod journal;
pub mod kept;
pub mod mark;
mod recent;
pub mod routes;
pub mod shop;
mod tls;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use journal::{Journal, JournalError, SqlJournal};
use mark::Mark;
use shop::Shop;

/// The store that a data folder has.
pub const STORE: &str = "s1";

/// Everything a request may touch.
#[derive(Clone)]
pub struct Server {
    pub journal: Arc<dyn Journal>,
    pub shops: Arc<HashMap<String, Arc<Shop>>>,
    pub guesses: Arc<auth::Guesses>,
    pub pin_guesses: Arc<auth::Guesses>,
    pub known: Arc<auth::KnownTablets>,
    pub limits: Arc<routes::Limits>,
    pub metrics: Arc<routes::Metrics>,
    /// Hash of the token that opens `/metrics`; without one it is closed.
    pub metrics_token: Option<[u8; 32]>,
    /// Told once, when the program is to end: long answers stop.
    pub ending: tokio::sync::watch::Receiver<bool>,
}

impl Server {
    /// Opens a data folder, making a store in it when there is none.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn open(data: &Path, ending: tokio::sync::watch::Receiver<bool>) -> Result<Self, JournalError> {
        Self::with(Arc::new(SqlJournal::sqlite(data).await?), data, ending).await
    }

    /// Serves what a journal has, making a store in it when there is none. `data` holds the marks.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn with(
        journal: Arc<dyn Journal>,
        data: &Path,
        ending: tokio::sync::watch::Receiver<bool>,
    ) -> Result<Self, JournalError> {
        let mut shops = HashMap::new();
        for store in journal.stores().await? {
            let mark = Mark::open(data, &store.id)?;
            let shop = Shop::load(journal.clone(), store, Some(mark)).await?;
            shop.finish_founding(now_ms()).await?;
            shops.insert(shop.id.clone(), Arc::new(shop));
        }
        if shops.is_empty() {
            let shop = Shop::found(journal.clone(), STORE, now_ms(), Some(Mark::open(data, STORE)?)).await?;
            shops.insert(shop.id.clone(), Arc::new(shop));
        }
        let server = Self {
            journal,
            shops: Arc::new(shops),
            guesses: Arc::default(),
            pin_guesses: Arc::default(),
            known: Arc::default(),
            limits: routes::Limits::new(),
            metrics: routes::Metrics::new(),
            metrics_token: None,
            ending,
        };
        tokio::spawn(server.limits.clone().tidy());
        server.hear_others().await?;
        Ok(server)
    }

    /// Passes on what other processes on the same database write.
    async fn hear_others(&self) -> Result<(), JournalError> {
        let Some(mut told) = self.journal.listen().await? else { return Ok(()) };
        let shops = self.shops.clone();
        tokio::spawn(async move {
            while let Some((store, g)) = told.recv().await {
                for shop in shops.values().filter(|s| store.is_empty() || s.id == store) {
                    if let Err(error) = shop.told(g).await {
                        tracing::warn!(%error, "a hint of another process is lost");
                    }
                }
            }
        });
        Ok(())
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
