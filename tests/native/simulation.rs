//! The simulation: the real client core and the real server core, a nemesis between them, one seed for everything.
//!
//! The nemesis drops, repeats, delays and reorders messages, kills tablets, cuts their power, fails their writes, opens
//! second tabs, jumps clocks by years, and restarts the server. When it is done and the network heals, nothing that a clerk
//! saw as taken may be missing or doubled, and everybody must have folded the same.
//!
//! `DAYBOOK_SEEDS` and `DAYBOOK_FROM` say how many and from where (`./dev sim`); a seed that fails is printed with its
//! history and replays exactly.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::time::Instant;

use daybook::actions::{ActionError, Desk, Ports};
use daybook::domain::book::Book;
use daybook::domain::decide::{Command, Money};
use daybook::domain::id::{IdSource, OrderId};
use daybook::domain::money::Minor;
use daybook::domain::order::{Cart, CartLine, Discount, OrderState, VoidReason, steps_from};
use daybook::domain::payment::Tender;
use daybook::domain::quantity::{Quantity, Unit};
use daybook::domain::stock::Adjustment;
use daybook::domain::time::Timestamp;
use daybook::domain::{location, staff};
use daybook::server::journal::{Journal, NewTablet};
use daybook::server::shop::Shop;
use daybook::store::{MemoryStore, StoreError};
use daybook::sync::engine::Outcome;
use daybook::sync::merge::{Entry, fold};
use daybook::sync::protocol::{Enrolment, SyncRequest, SyncResponse};
use futures::executor::block_on;
use tokio::runtime::{Builder, Runtime};

/// Dice with one seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Clone)]
struct Clock {
    now: Rc<Cell<i64>>,
    rolls: Rc<Cell<u64>>,
}

impl Ports for Clock {
    fn now(&self) -> Timestamp {
        self.now.set(self.now.get().wrapping_add(1_000));
        Timestamp(self.now.get())
    }

    fn random(&self) -> [u8; 32] {
        let mut dice = Dice(self.rolls.get());
        self.rolls.set(dice.roll());
        let mut bytes = [0; 32];
        bytes.chunks_mut(8).for_each(|c| c.copy_from_slice(&dice.roll().to_le_bytes()));
        bytes
    }
}

struct Tablet {
    tabs: Vec<Desk<MemoryStore, Clock>>,
    store: MemoryStore,
    clock: Clock,
    /// Answers that are on their way.
    mail: Vec<Vec<u8>>,
    /// The furthest that its storage has read; it may only go back by a power cut.
    read: u64,
}

struct World {
    dice: Dice,
    runtime: Runtime,
    journal: Journal,
    shop: Shop,
    tablets: Vec<Tablet>,
    /// What a clerk saw as taken: order and number.
    taken: BTreeMap<OrderId, String>,
    history: Vec<String>,
}

const STEPS: usize = 120;

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (journal, shop) = runtime.block_on(async {
            let journal = Journal::in_memory().await.expect("memory");
            let shop = Shop::found(journal.clone(), "s1", 1_700_000_000_000).await.expect("a store");
            (journal, shop)
        });
        let count = 2 + dice.below(4) as usize;
        let mut world = Self { dice, runtime, journal, shop, tablets: Vec::new(), taken: BTreeMap::new(), history: Vec::new() };
        for n in 0..count {
            world.add_tablet(n);
        }
        world.settle(0);
        let product = Command::SaveProduct(crate::support::tea());
        block_on(world.tablets[0].tabs[0].act(staff::FIRST, product, Vec::new())).expect("an owner may");
        for n in 0..count {
            world.settle(n);
        }
        world
    }

    fn add_tablet(&mut self, n: usize) {
        let identity = self.runtime.block_on(async {
            let hash = |kind: u8| {
                let mut hash = [kind; 32];
                hash[..8].copy_from_slice(&(n as u64).to_le_bytes());
                hash
            };
            self.journal.add_code("s1", &hash(1), i64::MAX).await.expect("a code");
            let new = NewTablet { device: "sim", token_hash: hash(2), ticket_hash: hash(3), at: 0 };
            let row = self.journal.enrol(&hash(1), new).await.expect("the journal").expect("a fresh code");
            self.shop.enrolled(row.replica).await;
            Enrolment { store: row.store, token: String::new(), replica: row.replica, prefix: row.prefix }
        });
        let store = MemoryStore::with_power_cuts();
        let clock = Clock { now: Rc::new(Cell::new(1_700_000_000_000)), rolls: Rc::new(Cell::new(self.dice.roll())) };
        let desk = block_on(Desk::open(store.clone(), clock.clone())).expect("an empty store opens");
        block_on(desk.enrol(identity)).expect("it is written");
        self.tablets.push(Tablet { tabs: vec![desk], store, clock, mail: Vec::new(), read: 0 });
    }

    fn note(&mut self, what: String) {
        self.history.push(what);
    }

    // --- what clerks do -----------------------------------------------------------------------------------------------

    fn act(&mut self, t: usize) {
        let tab = self.dice.below(self.tablets[t].tabs.len() as u64) as usize;
        let command = self.command(t, tab);
        let desk = &self.tablets[t].tabs[tab];
        let done = block_on(desk.act(staff::FIRST, command.clone(), Vec::new()));
        let name = format!("{command:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        match done {
            Ok(receipt) => {
                if let Some(id) = receipt.placed {
                    let number = desk.ledger().book.orders.get(&id).map(|o| o.number.clone()).unwrap_or_default();
                    self.taken.insert(id, number);
                }
                self.note(format!("tablet {t}.{tab} {name} seq {}", receipt.seq));
            }
            Err(ActionError::NotSaved(error)) => self.note(format!("tablet {t}.{tab} {name} not saved: {error}")),
            Err(ActionError::Rejected(_)) => {}
            Err(ActionError::NotEnrolled) => panic!("the tablet forgot who it is"),
        }
    }

    fn command(&mut self, t: usize, tab: usize) -> Command {
        let dice = &mut self.dice;
        let ledger = self.tablets[t].tabs[tab].ledger();
        let Some(variant) = ledger.book.products.iter().map(|(_, p)| p.variants[0].id).min() else {
            return Command::ResolveCase(IdSource { replica: 0, next: 0 }.take());
        };
        let mut orders: Vec<OrderId> = ledger.book.orders.iter().map(|(id, _)| *id).collect();
        orders.sort();
        let order = (!orders.is_empty()).then(|| orders[dice.below(orders.len() as u64) as usize]);
        let pieces = 1 + dice.below(3) as i64;
        match (dice.below(12), order) {
            (0, _) => Command::Receive { location: location::FIRST, goods: vec![(variant, Quantity::whole(pieces))] },
            (1, _) => Command::Adjust { location: location::FIRST, variant, lost: Quantity::whole(1), why: Adjustment::Lost },
            (2, _) => Command::Count { location: location::FIRST, variant, counted: Quantity::whole(pieces) },
            (3, _) => Command::SetPrice { variant, price: Minor(1_000 + pieces) },
            (4, Some(order)) => {
                let due = ledger.book.orders.get(&order).map_or(Minor(0), |o| o.due());
                Command::Pay { order, money: Money { tender: Tender::Cash, amount: due, tendered: due, reference: String::new() } }
            }
            (5, Some(order)) => Command::Void { order, reason: VoidReason::Mistake },
            (6 | 7, Some(order)) => {
                let from = ledger.book.orders.get(&order).map_or(OrderState::Placed, |o| o.state);
                let steps: Vec<OrderState> = steps_from(from).map(|s| s.to).collect();
                let to = if steps.is_empty() { OrderState::Closed } else { steps[dice.below(steps.len() as u64) as usize] };
                Command::Step { order, to, location: location::FIRST }
            }
            (sort, _) => {
                let line = CartLine {
                    variant: Some(variant),
                    name: "Tea".into(),
                    sku: String::new(),
                    unit: Unit::Piece,
                    quantity: Quantity::whole(pieces),
                    unit_price: Minor(1_280),
                    discount: Discount::default(),
                    tax_id: None,
                    rate_bp: 300,
                };
                let total = Minor(1_280 * pieces);
                let money = Money { tender: Tender::Cash, amount: total, tendered: total, reference: String::new() };
                let cart = Cart { lines: vec![line], ..Cart::default() };
                let paid = sort != 11;
                Command::Place { cart, number: String::new(), location: location::FIRST, money: paid.then_some(money), hand_over: paid }
            }
        }
    }

    // --- the network --------------------------------------------------------------------------------------------------

    fn ask(&mut self, request: &SyncRequest) -> Vec<u8> {
        let bytes = serde_json::to_vec(request).expect("JSON");
        let read: SyncRequest = serde_json::from_slice(&bytes).expect("it reads back");
        let answer = self.runtime.block_on(self.shop.sync(read.replica, &read)).expect("the server answers");
        serde_json::to_vec(&answer).expect("JSON")
    }

    fn send(&mut self, t: usize) {
        let most = 1 + self.dice.below(5) as usize;
        let Some(mut request) = self.tablets[t].tabs[0].sync_request(most) else { return };
        request.limit = 1 + self.dice.below(6) as u32;
        match self.dice.below(8) {
            0 => self.note(format!("tablet {t} asks, nobody hears")),
            1 => {
                self.ask(&request);
                self.note(format!("tablet {t} asks, the answer is lost"));
            }
            2 => {
                let first = self.ask(&request);
                let second = self.ask(&request);
                self.tablets[t].mail.extend([first, second]);
                self.note(format!("tablet {t} asks, heard twice"));
            }
            _ => {
                let answer = self.ask(&request);
                self.tablets[t].mail.push(answer);
                self.note(format!("tablet {t} asks ({} pushed)", request.push.len()));
            }
        }
    }

    /// One of the answers on their way arrives, not always the oldest.
    fn deliver(&mut self, t: usize) {
        let count = self.tablets[t].mail.len() as u64;
        if count == 0 {
            return;
        }
        let at = self.dice.below(count) as usize;
        let bytes = self.tablets[t].mail.remove(at);
        let answer: SyncResponse = serde_json::from_slice(&bytes).expect("an answer");
        let (from, to) = (answer.from, answer.to);
        let done = block_on(self.tablets[t].tabs[0].apply_answer(answer));
        self.note(format!("tablet {t} hears {from}..{to}: {:?}", done.as_ref().map(|a| a.outcome)));
        let cursor = self.tablets[t].tabs[0].ledger().cursor.g;
        assert!(cursor >= self.tablets[t].read, "I5: tablet {t} read backwards, {cursor} after {}", self.tablets[t].read);
        self.tablets[t].read = cursor;
    }

    // --- the nemesis --------------------------------------------------------------------------------------------------

    fn reopen(&mut self, t: usize) {
        let tablet = &mut self.tablets[t];
        let desk = block_on(Desk::open(tablet.store.clone(), tablet.clock.clone())).expect("what was written opens");
        tablet.read = desk.ledger().cursor.g;
        tablet.tabs = vec![desk];
    }

    fn trouble(&mut self, t: usize) {
        match self.dice.below(8) {
            0 => {
                self.reopen(t);
                self.note(format!("tablet {t} is killed and opened again"));
            }
            1 => {
                let most = self.dice.below(4) as usize;
                self.tablets[t].store.cut_power(most);
                self.reopen(t);
                self.note(format!("tablet {t} loses power, and up to {most} relaxed writes"));
            }
            2 => {
                let errors = [StoreError::Full, StoreError::Closed, StoreError::Refused { why: String::new() }];
                let error = errors[self.dice.below(3) as usize].clone();
                self.note(format!("the next write of tablet {t} fails: {error}"));
                self.tablets[t].store.fail_next(error);
            }
            3 if self.tablets[t].tabs.len() < 3 => {
                let tablet = &mut self.tablets[t];
                let tab = block_on(Desk::open(tablet.store.clone(), tablet.clock.clone()));
                tablet.tabs.extend(tab);
                self.note(format!("tablet {t} opens another tab"));
            }
            4 => {
                let years = self.dice.below(21) as i64 - 10;
                let clock = &self.tablets[t].clock.now;
                clock.set(clock.get() + years * 31_536_000_000);
                self.note(format!("the clock of tablet {t} jumps {years} years"));
            }
            5 => {
                self.shop = self.runtime.block_on(async {
                    let row = self.journal.stores().await.expect("the journal").remove(0);
                    Shop::load(self.journal.clone(), row).await.expect("the log folds")
                });
                self.note("the server is restarted".into());
            }
            6 => {
                let sealed = block_on(self.tablets[t].tabs[0].seal(true));
                self.note(format!("tablet {t} seals: {sealed:?}"));
                if sealed.is_err() {
                    self.reopen(t);
                }
            }
            _ => {
                self.tablets[t].mail.clear();
                self.note(format!("all answers to tablet {t} are lost"));
            }
        }
    }

    fn run(&mut self) {
        for _ in 0..STEPS {
            let t = self.dice.below(self.tablets.len() as u64) as usize;
            match self.dice.below(10) {
                0..=3 => self.act(t),
                4 | 5 => self.send(t),
                6 | 7 => self.deliver(t),
                8 => {
                    self.send(t);
                    self.deliver(t);
                }
                _ if self.dice.one_in(2) => self.trouble(t),
                _ => self.act(t),
            }
        }
    }

    // --- afterwards ---------------------------------------------------------------------------------------------------

    /// The network heals: rounds until nothing is left, in a bounded number.
    fn settle(&mut self, t: usize) {
        for _ in 0..2_000 {
            let request = self.tablets[t].tabs[0].sync_request(256).expect("enrolled");
            let bytes = self.ask(&request);
            let answer: SyncResponse = serde_json::from_slice(&bytes).expect("an answer");
            match block_on(self.tablets[t].tabs[0].apply_answer(answer)).map(|a| a.outcome) {
                Ok(Outcome::Applied { more: false }) => return,
                Ok(Outcome::Applied { more: true }) | Err(_) => {}
                Ok(other) => panic!("I6: tablet {t} cannot go on: {other:?}"),
            }
        }
        panic!("I6: the queue of tablet {t} does not drain");
    }

    fn check(&mut self) {
        let count = self.tablets.len();
        for t in 0..count {
            // A failure that was promised to a later write is over.
            self.reopen(t);
            let _ = block_on(self.tablets[t].tabs[0].keep(daybook::store::MetaKey::Carts, Vec::new()));
        }
        for t in (0..count).chain(0..count) {
            self.settle(t);
        }
        let mut log = Vec::new();
        let (rows, more) = self.runtime.block_on(self.journal.page("s1", 0, 2_000)).expect("the journal");
        assert!(!more, "a simulation is short");
        for row in rows {
            assert_eq!(row.g, log.len() as u64 + 1, "numbers have no gaps");
            log.push(row);
        }
        let mut numbers = BTreeMap::<OrderId, String>::new();
        let mut book = Book::default();
        for row in &log {
            let (code, body) = (row.code.as_deref(), Some(row.body.as_str()));
            fold(&mut book, &Entry { replica: row.replica, seq: row.seq, status: row.status, code, body, parts: &row.parts });
        }
        for (id, order) in book.orders.confirmed() {
            numbers.insert(*id, order.number.clone());
        }
        for (id, number) in &self.taken {
            assert_eq!(numbers.get(id), Some(number), "I1: {number} was taken and is not on the server");
        }
        let unique: HashSet<&String> = numbers.values().collect();
        assert_eq!(unique.len(), numbers.len(), "I4: a number twice");
        let digest = book.digest();
        let server = self.runtime.block_on(self.shop.look(|b, _| b.digest()));
        assert_eq!(server, digest, "I2: the server folds otherwise than its log");
        for t in 0..count {
            let desk = &self.tablets[t].tabs[0];
            let ids: Vec<OrderId> = numbers.keys().copied().collect();
            block_on(desk.load_orders(ids.into_iter())).expect("blocks can be read");
            let ledger = desk.ledger();
            assert!(ledger.unsent.is_empty(), "I6: tablet {t} still has a queue");
            assert_eq!(ledger.book.digest(), digest, "I2: tablet {t} folds otherwise");
            assert_eq!(ledger.columns.len(), numbers.len(), "I1: tablet {t} lists other orders");
            for (place, level) in ledger.book.levels.confirmed() {
                let sum: i64 = ledger.book.movements().filter(|m| (m.variant, m.location) == *place).map(|m| m.change.0).sum();
                assert_eq!(level.on_hand.0, sum, "I3: tablet {t}: a level is not the sum of its movements");
            }
            let till: i64 = ledger.book.orders.confirmed().map(|(_, o)| o.paid().0).sum();
            let taken: i64 = ledger.book.orders.confirmed().flat_map(|(_, o)| &o.payments).map(|p| p.amount.0).sum();
            let back: i64 = ledger.book.orders.confirmed().flat_map(|(_, o)| &o.refunds).map(|r| r.amount.0).sum();
            assert_eq!(till, taken - back, "I7: the till is not the sum of its payments");
        }
    }
}

/// Runs one seed; on failure its history is printed.
fn run(seed: u64) {
    let mut world = World::new(seed);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        world.run();
        world.check();
    }));
    if let Err(cause) = outcome {
        eprintln!("seed {seed} fails; its history:");
        world.history.iter().for_each(|line| eprintln!("  {line}"));
        std::panic::resume_unwind(cause);
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn nothing_is_lost_or_doubled_whatever_happens() {
    let (from, seeds) = (setting("DAYBOOK_FROM", 1), setting("DAYBOOK_SEEDS", 60));
    let start = Instant::now();
    for seed in from..from + seeds {
        run(seed);
    }
    let rate = seeds as f64 / start.elapsed().as_secs_f64().max(0.001);
    println!("{seeds} seeds from {from}, all clean, {rate:.0} seeds a second");
}
