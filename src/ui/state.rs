//! What the screens share: the desk, a handful of signals that say what changed, and this tablet's preferences.
//!
//! State of thousands lives in the desk, outside the reactive graph; signals here are counters that say "look again".

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::join;
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::actions::desk::Receipt;
use crate::actions::{ActionError, Desk, Ledger, Ports};
use crate::domain::book::{Changed, Changes, tables};
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::order::OrderState;
use crate::domain::rejection::Rejection;
use crate::domain::shop::staff::{Actor, Role};
use crate::domain::value::hash::Hash;
use crate::domain::value::id::{LocationId, OrderId, ProductId, StaffId, VariantId};
use crate::domain::value::time::Timestamp;
use crate::domain::work::search::{Index, Initials, by_name};
use crate::i18n::Messages;
use crate::platform::hints::Hints;
use crate::platform::http::Shown;
use crate::platform::mirror::BrowserMirror;
use crate::platform::ports::Browser;
use crate::platform::tabs::{Leading, Tabs};
use crate::platform::{files, intl, timing};
use crate::store::columns::Filter;
use crate::store::indexed_db::IndexedDb;
use crate::store::{MetaKey, Mirrored, StoreError};
use crate::sync::Engine;
use crate::sync::engine::Link;
use crate::ui::carts::Carts;
use crate::ui::components::Printout;
use crate::ui::marker::Marker;
use crate::ui::preferences::Preferences;
use crate::ui::rooms::{Fetch, Part};
use crate::ui::scans::Scans;

/// Orders whose goods are set aside in one go: what fits one transaction.
const MOST_ALLOCATED: usize = 300;

/// What tabs tell each other when the list of carts put aside has changed.
pub(super) const PUT_ASIDE: &str = "put aside";

/// What is always to be seen of sync.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncView {
    pub link: Link,
    pub waiting: usize,
    pub oldest: Option<Timestamp>,
    pub refused: usize,
    pub running: bool,
    /// Units: ms.
    pub clock_offset: i64,
}

/// What is asked of a person before it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Who takes over at the till.
    Turn,
    /// The same, and nothing else can be done before it is answered.
    Locked,
    /// Somebody with at least this role has to agree.
    Consent(Role),
}

/// A sentence at the edge of the screen.
#[derive(Clone)]
pub struct Notice {
    pub text: String,
    pub bad: bool,
    /// Takes back what it says.
    pub undo: Option<Callback<()>>,
}

pub type BrowserDesk = Desk<Mirrored<IndexedDb, BrowserMirror>, Browser>;

pub(super) struct Inner {
    pub desk: BrowserDesk,
    pub engine: RefCell<Engine>,
    pub timer: RefCell<Option<Timeout>>,
    pub tabs: RefCell<Option<Tabs>>,
    pub leading: RefCell<Option<Leading>>,
    pub hints: RefCell<Option<Hints>>,
    pub round_under_way: Cell<bool>,
    /// What the other tabs were last told of the connection.
    pub told_link: Cell<Option<Link>>,
    /// Rounds one after the other in which nobody had anything to say.
    pub quiet_rounds: Cell<u32>,
    /// Says whether what could not be read was fetched again in this session.
    pub mended: Cell<bool>,
    /// Says whether the browser had lost the database, and this tablet goes on with what its mirror had.
    pub restored: Cell<bool>,
    /// The last answer was not the end of the log.
    pub reading_on: Cell<bool>,
    /// How often this page has begun a first read that came to nothing, while the server was there.
    pub first_reads: Cell<u32>,
    /// Says whether the mirror is being brought up to date, and when that was done last.
    pub mirroring: Cell<bool>,
    pub mirrored_at: Cell<Timestamp>,
    /// Says whether older orders are being fetched, and which somebody waits for.
    pub fetching: Cell<bool>,
    pub wanted_block: Cell<Option<u32>>,
    /// This tablet has no room for older orders.
    pub no_room: Cell<bool>,
    /// Says whether that was looked at since the page was opened.
    pub room_checked: Cell<bool>,
    initials: Initials,
    index: RefCell<Option<Rc<Index>>>,
    unsent: RefCell<Option<Rc<HashSet<OrderId>>>>,
    notice_timer: RefCell<Option<Timeout>>,
    pub cart_timer: RefCell<Option<Timeout>>,
    /// The open cart is being written as an order, and is still shown until that is done or this runs out.
    pub spent: RefCell<Option<Timeout>>,
    /// Says whether an order is being written out of the cart.
    pub placing: Cell<bool>,
    /// What was last written beside the database.
    marker: RefCell<Marker>,
    /// Who waits for the answer to the open question.
    answer: RefCell<Option<oneshot::Sender<Shown>>>,
    /// What was asked for and is not written yet.
    under_way: RefCell<Vec<Command>>,
}

/// A handle to all of it.
#[derive(Clone, Copy)]
pub struct App {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    pub orders: RwSignal<u32>,
    pub stock: RwSignal<u32>,
    pub catalog: RwSignal<u32>,
    pub people: RwSignal<u32>,
    pub settings: RwSignal<u32>,
    pub tills: RwSignal<u32>,
    pub cases: RwSignal<u32>,
    pub documents: RwSignal<u32>,
    pub sync: RwSignal<SyncView>,
    pub preferences: RwSignal<Preferences>,
    pub carts: RwSignal<Carts>,
    /// The order that was taken last, until the next one begins.
    pub taken: RwSignal<Option<OrderId>>,
    pub notice: RwSignal<Option<Notice>>,
    pub enrolled: RwSignal<bool>,
    /// Says whether everything is read; until then only the newest orders can be shown.
    pub whole: RwSignal<bool>,
    pub update_waiting: RwSignal<bool>,
    /// The order of which it is asked what a terminal said.
    pub answering: RwSignal<Option<OrderId>>,
    /// What the printer is to have.
    pub printout: RwSignal<Option<Printout>>,
    pub scans: Scans,
    /// Says whether the rooms that selling does not need are here.
    pub rooms: RwSignal<Part>,
    pub(super) fetch: Fetch,
    /// The question that is open.
    pub asked: RwSignal<Option<Asked>>,
}

macro_rules! redraws {
    (
        settings $settings:tt
        chunks $chunks:tt
        others $others:tt
        changes { $(#[doc = $doc:literal] $change:ident: $set:ty, redraws $($signal:ident)*;)* }
    ) => {
        impl App {
            /// Redraws what looks at something that changed, as the tables of the book say.
            fn redraw(self, changes: &Changes) {
                $(if changes.$change.any() {
                    $(look_again(self.$signal);)*
                })*
            }

            fn redraw_all(self) {
                $($(look_again(self.$signal);)*)*
            }
        }
    };
}

tables!(redraws);

fn look_again(signal: RwSignal<u32>) {
    signal.update(|n| *n = n.wrapping_add(1));
}

/// The app, from anywhere below the root.
pub fn app() -> App {
    expect_context()
}

/// The words of the language that is set. The whole page is drawn anew when it changes.
pub fn words() -> &'static Messages {
    app().words()
}

impl App {
    /// Opens the tablet's storage; with a glance, only what the list of orders shows first. [`Self::read_whole`] is to
    /// follow.
    ///
    /// # Errors
    /// [`StoreError`] when the browser keeps nothing, or what it kept cannot be read.
    pub async fn open(
        owner: &Owner,
        glance: bool,
        preferences: RwSignal<Preferences>,
        fetch: Fetch,
    ) -> Result<Self, StoreError> {
        let span = timing::span("open");
        let (store, ()) = join(IndexedDb::open("daybook"), async {
            intl::prepare(preferences.with_untracked(|p| p.language).locale());
        })
        .await;
        let store = Mirrored::new(store?, BrowserMirror::default());
        let desk = if glance { Desk::glance(store, Browser).await? } else { Desk::open(store, Browser).await? };
        let restored = desk.restore().await?;
        drop(span);
        let carts = desk
            .with_mut(|l| l.carts.take())
            .and_then(|row| serde_json::from_slice::<Carts>(&row).ok())
            .unwrap_or_default();
        let enrolled = desk.ledger().identity.is_some();
        let inner = Inner {
            desk,
            engine: RefCell::default(),
            timer: RefCell::default(),
            tabs: RefCell::default(),
            leading: RefCell::default(),
            hints: RefCell::default(),
            round_under_way: Cell::default(),
            told_link: Cell::default(),
            quiet_rounds: Cell::default(),
            mended: Cell::default(),
            restored: Cell::new(restored),
            reading_on: Cell::default(),
            first_reads: Cell::default(),
            mirroring: Cell::default(),
            mirrored_at: Cell::default(),
            fetching: Cell::default(),
            wanted_block: Cell::default(),
            no_room: Cell::default(),
            room_checked: Cell::default(),
            initials: Initials::new(files::gbk),
            index: RefCell::default(),
            unsent: RefCell::default(),
            notice_timer: RefCell::default(),
            cart_timer: RefCell::default(),
            spent: RefCell::default(),
            placing: Cell::default(),
            answer: RefCell::default(),
            under_way: RefCell::default(),
            marker: RefCell::default(),
        };
        let app = owner.with(|| Self {
            inner: StoredValue::new_local(Rc::new(inner)),
            orders: RwSignal::new(0),
            stock: RwSignal::new(0),
            catalog: RwSignal::new(0),
            people: RwSignal::new(0),
            settings: RwSignal::new(0),
            tills: RwSignal::new(0),
            cases: RwSignal::new(0),
            documents: RwSignal::new(0),
            sync: RwSignal::new(SyncView::default()),
            preferences,
            carts: RwSignal::new(carts),
            taken: RwSignal::new(None),
            notice: RwSignal::new(None),
            enrolled: RwSignal::new(enrolled),
            whole: RwSignal::new(!glance),
            update_waiting: RwSignal::new(false),
            answering: RwSignal::new(None),
            printout: RwSignal::new(None),
            scans: Scans::new(),
            rooms: RwSignal::default(),
            fetch,
            asked: RwSignal::new(None),
        });
        app.lock();
        app.show_sync();
        app.check_location();
        Ok(app)
    }

    /// Reads what a glance left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_whole(self) -> Result<(), StoreError> {
        if !self.whole.get_untracked() {
            let span = timing::span("read whole");
            self.inner().desk.read_whole().await?;
            drop(span);
            self.whole.set(true);
            self.all_changed();
            timing::mark("whole");
        }
        Ok(())
    }

    pub(super) fn inner(self) -> Rc<Inner> {
        self.inner.with_value(Rc::clone)
    }

    /// Looks into the ledger.
    pub fn look<T>(self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.inner().desk.ledger())
    }

    /// Looks into the ledger where looking sorts or caches.
    pub fn look_mut<T>(self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        self.inner().desk.with_mut(look)
    }

    /// Bytes for a new PIN.
    pub fn salt(self) -> Hash {
        Hash::of(&[&Browser.random()])
    }

    pub fn now(self) -> Timestamp {
        Browser.now()
    }

    // --- words and preferences
    // ----------------------------------------------------------------------------------------

    pub fn words(self) -> &'static Messages {
        self.preferences.with_untracked(|p| p.language).messages()
    }

    /// What a list says that has nothing in it: before anything of the store was read, that it is still to come.
    pub fn said_of_none(self, none: &'static str) -> &'static str {
        self.catalog.track();
        if self.look(Ledger::is_new) { self.words().not_read_yet } else { none }
    }

    pub fn locale(self) -> &'static str {
        self.preferences.with_untracked(|p| p.language).locale()
    }

    pub fn prefer(self, change: impl FnOnce(&mut Preferences)) {
        Preferences::change(self.preferences, change);
    }

    pub fn location(self) -> LocationId {
        self.preferences.with_untracked(|p| p.location)
    }

    pub fn staff(self) -> StaffId {
        self.preferences.with_untracked(|p| p.staff)
    }

    /// Says whether whoever is at the till is a manager or the owner. Looks again when that may change.
    pub fn manages(self) -> bool {
        self.settings.track();
        let id = self.preferences.with(|p| p.staff);
        self.look(|l| l.book.staff.get(&id).is_some_and(|s| s.role >= Role::Manager))
    }

    /// The locations in use, in the order in which they were made.
    pub fn places(self) -> Memo<Vec<(LocationId, String)>> {
        Memo::new(move |_| {
            self.settings.track();
            let mut all: Vec<_> = self.look(|l| {
                l.book.locations.iter().filter(|(_, p)| p.active).map(|(id, p)| (*id, p.name.clone())).collect()
            });
            all.sort();
            all
        })
    }

    /// A location or a person that is no longer there is replaced by the first that is.
    pub(super) fn check_location(self) {
        // While the log is read from its start, the first people and places are not all there are.
        if self.inner().reading_on.get() {
            return;
        }
        let (place, person) = self.look(|l| {
            let p = self.preferences.get_untracked();
            let place = l
                .book
                .locations
                .get(&p.location)
                .is_none()
                .then(|| l.book.locations.iter().map(|(id, _)| *id).min())
                .flatten();
            let person =
                l.book.staff.get(&p.staff).is_none().then(|| l.book.staff.iter().map(|(id, _)| *id).min()).flatten();
            (place, person)
        });
        if place.is_some() || person.is_some() {
            self.prefer(|p| {
                p.location = place.unwrap_or(p.location);
                p.staff = person.unwrap_or(p.staff);
            });
        }
    }

    // --- the catalogue
    // ------------------------------------------------------------------------------------------------

    /// The search index, built when it is first asked for after a change.
    pub fn index(self) -> Rc<Index> {
        let inner = self.inner();
        if let Some(index) = inner.index.borrow().as_ref() {
            return Rc::clone(index);
        }
        let index = Rc::new(Index::build(&inner.desk.ledger().book, &inner.initials));
        *inner.index.borrow_mut() = Some(Rc::clone(&index));
        index
    }

    /// Products with a variant that matches what somebody types.
    pub fn find_products(self, query: &str) -> Vec<ProductId> {
        if query.trim().is_empty() {
            return self.look(|l| by_name(&l.book).into_iter().map(|(_, p)| p.id).collect());
        }
        let found = self.find(query);
        let mut seen = HashSet::new();
        self.look(|l| {
            found.into_iter().filter_map(|v| l.book.variants.get(&v).copied()).filter(|p| seen.insert(*p)).collect()
        })
    }

    /// Variants that match what somebody types.
    pub fn find(self, query: &str) -> Vec<VariantId> {
        if query.trim().is_empty() {
            // The index is built when somebody types.
            return self
                .look(|l| by_name(&l.book).into_iter().flat_map(|(_, p)| p.variants.iter().map(|v| v.id)).collect());
        }
        let index = self.index();
        let _span = timing::span("find");
        index.find(query)
    }

    /// Orders with unsent transactions on them.
    pub fn is_unsent(self, order: OrderId) -> bool {
        let inner = self.inner();
        let known = inner.unsent.borrow().clone();
        let set = known.unwrap_or_else(|| {
            let set = Rc::new(inner.desk.ledger().unsent_orders());
            *inner.unsent.borrow_mut() = Some(Rc::clone(&set));
            set
        });
        set.contains(&order)
    }

    /// What a variant is called, also when nobody knows it.
    pub fn line_name(self, variant: VariantId) -> String {
        let known = self.look(|l| l.book.variant(variant).map(|(p, v)| p.line_name(v)));
        known.unwrap_or_else(|| self.words().unknown_product.to_owned())
    }

    // --- doing things
    // -------------------------------------------------------------------------------------------------

    /// Does something, and says so when it could not be done. What it changed is drawn, the other tabs are told and a
    /// round of sync is woken.
    pub async fn act(self, command: Command, beside: Vec<(MetaKey, Vec<u8>)>) -> Result<Receipt, ActionError> {
        let inner = self.inner();
        self.with_consent(async |by| inner.desk.act(by, command.clone(), beside.clone()).await).await
    }

    /// Does something as whoever is at the till; if that takes more than they may, once more with somebody's consent.
    async fn with_consent(
        self,
        act: impl AsyncFn(Actor) -> Result<Receipt, ActionError>,
    ) -> Result<Receipt, ActionError> {
        let mut done = act(self.staff().into()).await;
        if let Err(ActionError::Rejected(Rejection::RoleTooLow { needs })) = done
            && let Some(agreed) = self.consent(needs).await
        {
            done = act(Actor { by: self.staff(), approved: Some(agreed.by) }).await;
        }
        self.done(&done);
        done
    }

    /// Draws what was done, or says why it was not. Whether it was.
    pub fn done(self, done: &Result<Receipt, ActionError>) -> bool {
        match done {
            Ok(receipt) => {
                self.changed(&receipt.changes);
                self.wrote();
            }
            Err(error) => self.complain(error),
        }
        done.is_ok()
    }

    /// Asks again for what the server refused, with a manager's consent if it takes one.
    pub fn mend(self, key: u64) {
        spawn_local(async move {
            let inner = self.inner();
            // What was done, or why not, is said there.
            let _ = self.with_consent(async |by| inner.desk.mend_refused(by, key).await).await;
        });
    }

    /// Asks for somebody with at least this role, who has a PIN to show for it. `None` when there is nobody, or nobody
    /// agrees.
    async fn consent(self, needs: Role) -> Option<Shown> {
        let somebody = self.look(|l| l.book.staff.iter().any(|(_, s)| s.active && s.role >= needs && s.pin.is_some()));
        if !somebody || self.asked.get_untracked().is_some() {
            return None;
        }
        let (sender, answer) = oneshot::channel();
        *self.inner().answer.borrow_mut() = Some(sender);
        self.asked.set(Some(Asked::Consent(needs)));
        answer.await.ok()
    }

    /// Whoever asks the server for something that takes a role: the person at the till, if they may and have no PIN, or
    /// somebody who types theirs in now. `None` when nobody does, which is said.
    pub async fn somebody(self, needs: Role) -> Option<Shown> {
        let here = self.look(|l| l.book.staff.get(&self.staff()).cloned());
        if let Some(person) = here.filter(|p| p.active && p.role >= needs && p.pin.is_none()) {
            return Some(Shown { by: person.id, pin: String::new() });
        }
        let agreed = self.consent(needs).await;
        if agreed.is_none() {
            self.complain(&Rejection::RoleTooLow { needs }.into());
        }
        agreed
    }

    /// The answer to the open question; `None` puts it aside.
    pub fn answer(self, who: Option<Shown>) {
        let waits = self.inner().answer.borrow_mut().take();
        match (self.asked.get_untracked(), who, waits) {
            (Some(Asked::Consent(_)), Some(who), Some(waits)) => {
                let _ = waits.send(who);
            }
            (Some(Asked::Turn | Asked::Locked), Some(who), _) => self.prefer(|p| p.staff = who.by),
            _ => {}
        }
        self.asked.set(None);
    }

    /// Asks for the PIN of whoever is at the till, if there is one.
    pub fn lock(self) {
        let id = self.staff();
        if self.look(|l| l.book.staff.get(&id).is_some_and(|s| s.pin.is_some())) {
            self.asked.set(Some(Asked::Locked));
        }
    }

    /// Saves a setting that was as `seen` when editing began: what somebody else made of it meanwhile is not lost
    /// without a word.
    pub fn save_setting(self, seen: &Event, command: Command, then: impl FnOnce(Receipt) + 'static) {
        self.dispatch(Command::AsSeen(seen.hash(), Box::new(command)), then);
    }

    /// [`Self::act`] for buttons that only need to know whether it worked.
    ///
    /// A second tap while the first is still being written does nothing.
    pub fn dispatch(self, command: Command, then: impl FnOnce(Receipt) + 'static) {
        let inner = self.inner();
        if inner.under_way.borrow().contains(&command) {
            return;
        }
        inner.under_way.borrow_mut().push(command.clone());
        spawn_local(async move {
            let done = self.act(command.clone(), Vec::new()).await;
            if let Ok(receipt) = done {
                // What was wrong before is put right.
                if self.notice.with_untracked(|n| n.as_ref().is_some_and(|n| n.bad)) {
                    self.notice.set(None);
                }
                then(receipt);
            }
            inner.under_way.borrow_mut().retain(|c| *c != command);
        });
    }

    /// Sets goods aside anew for every order that waits for some, wherever it is kept.
    pub fn allocate_all(self) {
        let states = vec![OrderState::Confirmed, OrderState::Allocated];
        let orders: std::collections::BTreeSet<OrderId> = self.look_mut(|l| {
            let rows = l.columns.select(&Filter { states, ..Filter::default() });
            // The oldest first, should there be more than fit.
            rows.into_iter().rev().filter_map(|r| l.columns.id(r)).take(MOST_ALLOCATED).collect()
        });
        if !orders.is_empty() {
            self.dispatch(Command::AllocateAll(orders), |_| {});
        }
    }

    /// To be called after something was written outside of [`Self::act`].
    pub fn wrote(self) {
        self.show_sync();
        if let Some(tabs) = self.inner().tabs.borrow().as_ref() {
            tabs.tell(crate::platform::tabs::WROTE);
        }
        self.wake();
    }

    /// Draws what changed.
    pub fn changed(self, changes: &Changes) {
        let inner = self.inner();
        inner.unsent.borrow_mut().take();
        if changes.products.any() {
            inner.index.borrow_mut().take();
        }
        if changes.settings.any() {
            self.check_location();
        }
        self.redraw(changes);
    }

    /// Draws everything: the store was read anew.
    pub fn all_changed(self) {
        self.inner().index.borrow_mut().take();
        self.inner().unsent.borrow_mut().take();
        self.check_location();
        self.redraw_all();
        self.show_sync();
    }

    pub fn show_sync(self) {
        let inner = self.inner();
        let ledger = inner.desk.ledger();
        let view = SyncView {
            link: inner.engine.borrow().link,
            waiting: ledger.unsent.len(),
            oldest: ledger.unsent.values().next().map(|u| u.tx.body.at),
            refused: ledger.refused.len(),
            running: inner.round_under_way.get(),
            clock_offset: ledger.clock_offset,
        };
        let marker = ledger.identity.as_ref().map(|i| Marker {
            prefix: i.prefix.clone(),
            waiting: view.waiting,
            last: ledger.writer.next_number - 1,
        });
        drop(ledger);
        if let Some(marker) = marker.filter(|m| *inner.marker.borrow() != *m) {
            marker.leave();
            *inner.marker.borrow_mut() = marker;
        }
        if self.sync.with_untracked(|s| *s != view) {
            self.sync.set(view);
        }
    }

    pub fn complain(self, error: &ActionError) {
        self.say(super::words::action_error(self, error), true);
    }

    /// Shows a sentence for a while.
    pub fn say(self, text: String, bad: bool) {
        self.show(Notice { text, bad, undo: None }, if bad { 9_000 } else { 3_500 });
    }

    /// Says what was done, with a way back for some seconds.
    pub fn say_done(self, text: String, undo: impl Fn() + Send + Sync + 'static) {
        let undo = Callback::new(move |()| {
            self.notice.set(None);
            undo();
        });
        self.show(Notice { text, bad: false, undo: Some(undo) }, 8_000);
    }

    fn show(self, notice: Notice, ms: u32) {
        self.notice.set(Some(notice));
        *self.inner().notice_timer.borrow_mut() = Some(Timeout::new(ms, move || self.notice.set(None)));
    }
}
