//! A new tablet's first read, and the older orders that come after it while the tablet sells.

use wasm_bindgen_futures::spawn_local;

use super::state::App;
use crate::platform::http::{self, Reply};
use crate::platform::{tabs, timing};

/// How often a page begins a first read anew; after that the log is read from its start.
const MOST_FIRST_READS: u32 = 3;

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

    /// Brings a new tablet what the server has sealed.
    pub(super) async fn first_read(self) {
        let inner = self.inner();
        if !inner.desk.is_new() || inner.first_reads.get() >= MOST_FIRST_READS {
            return;
        }
        inner.first_reads.set(inner.first_reads.get() + 1);
        let path = format!("/v1/bootstrap?seq={}", inner.desk.first_unsent());
        // Whatever goes wrong here, the log says the same, in more words.
        if let Reply::Ok(bytes) = http::get_bytes(&path, &self.token()).await
            && inner.desk.take_bootstrap(&bytes).await == Ok(true)
        {
            timing::mark("sellable");
            self.read_on();
        }
    }

    /// Fetches older orders, newest first, until all are here or the network goes. `wanted` is a block that somebody waits
    /// for; it comes before all others.
    pub fn fetch_parts(self, wanted: Option<u32>) {
        let inner = self.inner();
        if wanted.is_some() {
            inner.wanted_block.set(wanted);
        }
        if inner.desk.next_part(None).is_none() || inner.fetching.replace(true) {
            return;
        }
        spawn_local(async move {
            while self.fetch_part(inner.wanted_block.take()).await {
                if inner.desk.next_part(None).is_none() {
                    timing::mark("complete");
                    break;
                }
            }
            inner.fetching.set(false);
        });
    }

    /// Fetches one part. Whether it is worth going on.
    pub(super) async fn fetch_part(self, wanted: Option<u32>) -> bool {
        let inner = self.inner();
        let Some(part) = inner.desk.next_part(wanted) else { return false };
        let path = format!("/v1/bootstrap/{}/{}", part.first, part.count);
        let still_there = match http::get_bytes(&path, &self.token()).await {
            Reply::Ok(bytes) => inner.desk.take_part(part, &bytes).await,
            Reply::Status(410, _) => inner.desk.begin_anew().await.map(|()| false),
            _ => return false,
        };
        match still_there {
            // Whoever looks at an order that was not here looks again; lists have known of it all the time.
            Ok(true) if wanted.is_some() || inner.desk.next_part(None).is_none() => self.read_on(),
            Ok(true) => {}
            Ok(false) => {
                self.read_on();
                self.wake();
            }
            Err(_) => {}
        }
        still_there == Ok(true)
    }
}
