//! Drives the sync engine: runs its rounds, arms its timer, and wakes it when something happens.

use gloo::timers::callback::Timeout;
use gloo::timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::rooms::Part;
use super::state::{App, PUT_ASIDE};
use crate::actions::Ports;
use crate::domain::value::id::OrderId;
use crate::domain::value::time::Timestamp;
use crate::i18n::fill;
use crate::platform::hints::Hints;
use crate::platform::http::{self, Reply};
use crate::platform::ports::Browser;
use crate::platform::tabs::{self, Tabs};
use crate::platform::{network, service_worker, timing};
use crate::store::StoreError;
use crate::sync::engine::{Effect, Input, Link, Outcome};
use crate::sync::protocol::SyncResponse;

/// Rounds in which nobody has anything to say, half a minute each, until the tablet is at rest.
const QUIET_ROUNDS: u32 = 10;
/// Less than this is folded at the next opening faster than it is sealed. Units: transactions.
const QUIET_TAIL: usize = 64;
/// Nothing that somebody waits for at an opening takes longer.
const TIDY_AFTER_MS: u32 = 3_000;
/// How often goods are put into the mirror at most. Units: ms.
const MIRROR_EVERY_MS: i64 = 10 * 60_000;

impl App {
    /// Starts syncing, listening and watching for a new version.
    pub fn start(self) {
        let inner = self.inner();
        let opened = Tabs::open(move |what| {
            match what.as_str() {
                PUT_ASIDE => return self.reread_held(),
                tabs::WROTE => self.another_tab_wrote(),
                tabs::CONNECTED => return self.told_of_link(Link::Connected),
                tabs::NOT_CONNECTED => return self.told_of_link(Link::Offline),
                tabs::HOW_IS_THE_LINK => return self.tell_of_link(),
                _ => {}
            }
            self.wake();
        });
        opened.tell(tabs::HOW_IS_THE_LINK);
        *inner.tabs.borrow_mut() = Some(opened);
        let leading = tabs::lead(move || {
            self.listen();
            self.wake();
        });
        *inner.leading.borrow_mut() = Some(leading);
        network::on_change(move || {
            self.wake();
            if matches!(self.rooms.get_untracked(), Part::Failed) {
                self.fetch_rooms();
            }
        });
        self.watch_recovery();
        self.watch_idle();
        spawn_local(service_worker::register(move || self.update_waiting.set(true)));
    }

    /// Does what can wait until the first page is painted.
    pub fn painted(self) {
        spawn_local(async move {
            self.load_open_orders().await;
            if self.enrolled.get_untracked() {
                self.mirror_soon();
            }
        });
        self.fetch_rooms();
    }

    /// Brings the mirror up to date in a moment, when whoever opened or enrolled this tablet has what they wanted.
    pub fn mirror_soon(self) {
        spawn_local(async move {
            TimeoutFuture::new(TIDY_AFTER_MS).await;
            self.bring_mirror_up_to_date().await;
        });
    }

    async fn tidy_mirror(self) {
        // It is tried again; what is too much in it does no harm.
        let _ = self.inner().desk.store.tidy().await;
    }

    /// While nobody waits: goods are read for it, too.
    pub(super) async fn bring_mirror_up_to_date(self) {
        let inner = self.inner();
        if inner.mirroring.replace(true) {
            return;
        }
        self.tidy_mirror().await;
        let _span = timing::span("keep goods");
        let _ = inner.desk.store.keep_goods().await;
        inner.mirrored_at.set(self.now());
        inner.mirroring.set(false);
    }

    /// Brings what is open or outstanding into memory, and has it listed.
    pub(super) async fn load_open_orders(self) {
        // A block that cannot be read is told when somebody opens one of its orders.
        let _ = self.inner().desk.load_open_orders().await;
        self.orders.update(|n| *n = n.wrapping_add(1));
    }

    /// Listens to the server's hints, once this tablet has an identity.
    pub fn listen(self) {
        let inner = self.inner();
        let token = inner.desk.ledger().identity.as_ref().map(|i| i.token.clone());
        *inner.hints.borrow_mut() = token.and_then(|t| Hints::listen(&t, move |g| self.hinted(g)));
    }

    fn another_tab_wrote(self) {
        spawn_local(async move {
            let before = self.look(|l| l.identity.clone());
            if self.inner().desk.reload().await.is_err() {
                return;
            }
            self.all_changed();
            // Enrolled, or enrolled again, in another tab.
            if self.look(|l| l.identity.is_some() && l.identity != before) {
                self.enrolled.set(true);
                self.listen();
                self.feed(Input::Enrolled);
            }
        });
    }

    fn hinted(self, g: Option<u64>) {
        match g {
            Some(g) => self.feed(Input::Hint { g, here: self.look(|l| l.cursor.g) }),
            None => self.wake(),
        }
    }

    /// Something happened that makes a round worth while.
    pub fn wake(self) {
        self.feed(Input::Wake);
    }

    /// Hands an input to the engine and does what it says.
    pub fn feed(self, input: Input) {
        let inner = self.inner();
        let leads = self.leads();
        let ended = matches!(input, Input::Ended { .. });
        if !ended && (!leads || inner.desk.ledger().identity.is_none()) {
            // Another tab leads; it hears of what this one wrote.
            return;
        }
        let dice = Browser.random();
        let effect = inner.engine.borrow_mut().on(input, u32::from_le_bytes([dice[0], dice[1], dice[2], dice[3]]));
        match effect {
            Effect::Nothing => {}
            Effect::Arm { after_ms } => {
                *inner.timer.borrow_mut() = Some(Timeout::new(after_ms, move || self.feed(Input::Timer)));
            }
            Effect::Round { .. } if !leads => {
                // The lead was lost while a round was under way; whoever has it now goes on.
                inner.engine.borrow_mut().on(Input::Ended { outcome: Outcome::Unreachable, here: 0 }, 0);
            }
            Effect::Round { most } => {
                inner.timer.borrow_mut().take();
                inner.round_under_way.set(true);
                self.show_sync();
                spawn_local(async move {
                    let outcome = self.round(most).await;
                    self.inner().round_under_way.set(false);
                    self.feed(Input::Ended { outcome, here: self.look(|l| l.cursor.g) });
                    self.show_sync();
                });
            }
        }
        let link = inner.engine.borrow().link;
        inner.desk.offline.set(link != Link::Connected);
        if inner.told_link.replace(Some(link)) != Some(link) {
            self.tell_of_link();
        }
        self.show_sync();
    }

    pub(super) fn leads(self) -> bool {
        self.inner().leading.borrow().as_ref().is_some_and(|l| l.get())
    }

    /// The tab that syncs tells the others how it goes.
    fn tell_of_link(self) {
        let inner = self.inner();
        if self.leads()
            && let Some(others) = inner.tabs.borrow().as_ref()
        {
            others.tell(if inner.engine.borrow().link == Link::Connected {
                tabs::CONNECTED
            } else {
                tabs::NOT_CONNECTED
            });
        }
    }

    fn told_of_link(self, link: Link) {
        if !self.leads() {
            let inner = self.inner();
            inner.engine.borrow_mut().link = link;
            inner.desk.offline.set(link != Link::Connected);
            self.show_sync();
        }
    }

    async fn round(self, most: usize) -> Outcome {
        let inner = self.inner();
        let begun = self.first_read().await;
        let Some(request) = inner.desk.sync_request(most) else { return Outcome::NeedsEnrolment };
        let token = inner.desk.ledger().identity.as_ref().map(|i| i.token.clone());
        let nothing_to_send = request.push.is_empty();
        let answer: SyncResponse = match http::post("/v1/sync", token.as_deref(), &request).await {
            Reply::Ok(answer) => answer,
            Reply::Status(status, _) => return Outcome::Refused(status),
            Reply::None => {
                // Without a network a first read was none.
                inner.first_reads.set(0);
                return Outcome::Unreachable;
            }
        };
        if !begun {
            // Only what was on its way got lost: what the server has sealed is asked for again first.
            return Outcome::Unreachable;
        }
        let quiet =
            if nothing_to_send && answer.tx.is_empty() { inner.quiet_rounds.get().saturating_add(1) } else { 0 };
        inner.quiet_rounds.set(quiet);
        // What others wrote and the server lost is handed in before this tablet forgets it.
        let Ok(donations) = inner.desk.donations(&answer).await else { return Outcome::NotStored };
        for donation in donations {
            match http::post::<_, usize>("/v1/donate", token.as_deref(), &donation).await {
                Reply::Ok(_) => {}
                Reply::Status(status, _) => return Outcome::Refused(status),
                Reply::None => return Outcome::Unreachable,
            }
        }
        let applied = match inner.desk.apply_answer(answer).await {
            Ok(applied) => applied,
            Err(StoreError::NotHere { block }) => {
                // The page is about an older order; it is asked for again once that is here.
                return if self.fetch_part(Some(block)).await {
                    Outcome::Applied { more: true }
                } else {
                    Outcome::Unreachable
                };
            }
            Err(_) => return Outcome::NotStored,
        };
        let more = applied.outcome == (Outcome::Applied { more: true });
        let read_all = inner.reading_on.replace(more) && !more;
        if applied.reset || applied.changes != crate::domain::book::Changes::default() {
            if applied.reset {
                self.all_changed();
            }
            self.changed(&applied.changes);
            if let Some(others) = inner.tabs.borrow().as_ref() {
                others.tell(tabs::WROTE);
            }
        }
        if read_all {
            self.check_location();
        }
        self.fetch_parts(None);
        // Not beside a first read, which somebody waits for.
        if inner.desk.store.is_untidy() && !inner.fetching.get() {
            spawn_local(self.tidy_mirror());
        }
        // Nobody sells: what a day left is sealed now, so that the next opening does not fold it. A page that is put
        // away has a round of its own.
        let at_rest = quiet >= QUIET_ROUNDS || network::is_page_hidden();
        let worth_sealing = at_rest && inner.desk.ledger().tail.reaches(QUIET_TAIL);
        match inner.desk.seal(worth_sealing).await {
            Ok(sealed) => {
                let since = Timestamp(self.now().0.saturating_sub(MIRROR_EVERY_MS));
                if at_rest && !more && !inner.fetching.get() && inner.mirrored_at.get() < since {
                    spawn_local(self.bring_mirror_up_to_date());
                }
                if let (true, Some(others)) = (sealed, inner.tabs.borrow().as_ref()) {
                    others.tell(tabs::WROTE);
                }
                applied.outcome
            }
            Err(StoreError::Stale) => applied.outcome,
            Err(_) => Outcome::NotStored,
        }
    }

    /// A row of an order could not be read. While the server answers, everything that it has is fetched again, once a
    /// session: without it, the rest has to do.
    pub fn unreadable(self, order: OrderId, error: StoreError) {
        let inner = self.inner();
        let there = inner.engine.borrow().link == Link::Connected;
        if !error.can_be_fetched_again() || !there || inner.mended.replace(true) {
            return self.complain(&error.into());
        }
        spawn_local(async move {
            match self.inner().desk.mend(order).await {
                Ok(()) => {
                    self.all_changed();
                    self.say_if_mended();
                    self.wrote();
                }
                Err(error) => self.complain(&error.into()),
            }
        });
    }

    /// Says that storage had to be read anew, once.
    pub fn say_if_mended(self) {
        if self.inner().restored.take() {
            let m = self.words();
            let (kept, goods) = self.look(|l| (l.unsent.len(), l.sealed.is_stand_in()));
            self.say(fill(if goods { m.storage_restored_with_goods } else { m.storage_restored }, &[&kept]), true);
        }
        if self.inner().desk.mended.take() {
            self.say(self.words().storage_mended.to_owned(), true);
        }
    }
}
