//! A new tablet's first read, and the older orders that come after it while the tablet sells.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::state::App;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::platform::http::{self, Reply};
use crate::platform::{storage, tabs, timing};
use crate::store::StoreError;

/// How often a page begins a first read anew; after that the log is read from its start.
const MOST_FIRST_READS: u32 = 3;
/// What a block of 256 orders takes on disk, with its part of everything else. Measured with 100,000 orders. Units:
/// bytes.
const BLOCK_BYTES: f64 = 50_000.0;
/// What has to stay free for orders that are taken. Units: bytes.
const ROOM_TO_SELL: f64 = 5_000_000.0;
const MONTH_MS: i64 = 30 * 86_400_000;

impl App {
    fn token(self) -> String {
        self.look(|l| l.identity.as_ref().map(|i| i.token.clone()).unwrap_or_default())
    }

    fn read_on(self) {
        self.all_changed();
        if let Some(others) = self.inner().tabs.borrow().as_ref() {
            others.tell(tabs::WROTE);
        }
    }

    /// From when on orders are kept on this tablet without being asked for.
    fn kept_since(self) -> Timestamp {
        match self.preferences.with_untracked(|p| p.history_months) {
            _ if self.inner().no_room.get() => Timestamp(i64::MAX),
            0 => Timestamp(i64::MIN),
            months => Timestamp(self.now().0.saturating_sub(i64::from(months) * MONTH_MS)),
        }
    }

    /// Brings a new tablet what the server has sealed. `false` when that may still come to something: then the log is
    /// not read yet.
    pub(super) async fn first_read(self) -> bool {
        let inner = self.inner();
        let another = inner.desk.is_of_another_fold();
        if !(another || inner.desk.is_new()) || inner.first_reads.get() >= MOST_FIRST_READS {
            return true;
        }
        inner.first_reads.set(inner.first_reads.get() + 1);
        let path = format!("/v1/bootstrap?seq={}", inner.desk.first_unsent());
        // Whatever goes wrong here, the log says the same, in more words.
        let bytes = match http::get_bytes(&path, &self.token()).await {
            Reply::Ok(bytes) => bytes,
            // There is little, and no need for rows.
            Reply::Status(204, _) => {
                if another && inner.desk.begin_anew().await.is_ok() {
                    self.read_on();
                }
                return true;
            }
            _ => return false,
        };
        match inner.desk.take_bootstrap(&bytes).await {
            Ok(true) => {
                timing::mark("sellable");
                self.read_on();
            }
            Err(StoreError::Full) => self.say(self.words().not_saved_full.to_owned(), true),
            _ => {}
        }
        true
    }

    /// Leaves older orders on the server where they would take the room that selling needs, and says so.
    async fn check_room(self) {
        let needed = f64::from(self.inner().desk.missing_blocks(self.kept_since())) * BLOCK_BYTES;
        let Some(room) = storage::room().await.filter(|r| r.quota > 0.0) else { return };
        if room.used + needed + ROOM_TO_SELL > room.quota {
            self.no_room_for_history(needed, (room.quota - room.used).max(0.0));
        }
    }

    fn no_room_for_history(self, needed: f64, free: f64) {
        self.inner().no_room.set(true);
        let megabytes = |bytes: f64| format!("{:.0}", bytes / 1_000_000.0);
        self.say(fill(self.words().no_room_for_history, &[&megabytes(needed), &megabytes(free)]), true);
    }

    /// Fetches older orders, newest first, until all are here or the network goes. `wanted` is a block that somebody
    /// waits for; it comes before all others.
    pub fn fetch_parts(self, wanted: Option<u32>) {
        let inner = self.inner();
        if wanted.is_some() {
            inner.wanted_block.set(wanted);
        }
        if inner.desk.next_part(wanted, self.kept_since()).is_none() || inner.fetching.replace(true) {
            return;
        }
        spawn_local(async move {
            if wanted.is_none() && !inner.room_checked.replace(true) {
                self.check_room().await;
            }
            while self.fetch_part(inner.wanted_block.take()).await {
                if inner.desk.next_part(None, self.kept_since()).is_none() {
                    timing::mark("complete");
                    self.load_open_orders().await;
                    break;
                }
            }
            inner.fetching.set(false);
            self.bring_mirror_up_to_date().await;
        });
    }

    /// Fetches one part. Whether it is worth going on.
    pub(super) async fn fetch_part(self, wanted: Option<u32>) -> bool {
        let inner = self.inner();
        let Some(part) = inner.desk.next_part(wanted, self.kept_since()) else { return false };
        let path = format!("/v1/bootstrap/{}/{}", part.first, part.count);
        let still_there = match http::get_bytes(&path, &self.token()).await {
            Reply::Ok(bytes) => inner.desk.take_part(part, &bytes).await,
            Reply::Status(410, _) => inner.desk.begin_anew().await.map(|()| false),
            _ => return false,
        };
        match still_there {
            // Whoever looks at an order that was not here looks again; lists have known of it all the time.
            Ok(true) if wanted.is_some() || inner.desk.next_part(None, self.kept_since()).is_none() => self.read_on(),
            Ok(true) => {}
            Ok(false) => {
                self.read_on();
                self.wake();
            }
            Err(StoreError::Full) => self.no_room_for_history(f64::from(part.count) * BLOCK_BYTES, 0.0),
            Err(_) => {}
        }
        still_there == Ok(true)
    }
}
