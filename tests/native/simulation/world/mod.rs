//! The world that a seed makes: tablets, clerks, a server, a network, and trouble.

mod after;
mod clerks;
mod nemesis;
mod network;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use daybook::actions::{Desk, Ports};
use daybook::domain::decide::Command;
use daybook::domain::shop::staff;
use daybook::domain::value::id::OrderId;
use daybook::domain::value::time::Timestamp;
use daybook::server::journal::{Backup, Journal, MemoryJournal, NewTablet};
use daybook::server::mark::Mark;
use daybook::server::shop::Shop;
use daybook::store::mirror::MemoryMirror;
use daybook::store::{MemoryStore, Mirrored};
use daybook::sync::engine::Engine;
use daybook::sync::protocol::Enrolment;
use futures::executor::block_on;

use super::dice::Dice;

const START: i64 = 1_700_000_000_000;

#[derive(Clone)]
struct Clock {
    now: Rc<Cell<i64>>,
    rolls: Rc<RefCell<Dice>>,
}

impl Ports for Clock {
    fn now(&self) -> Timestamp {
        self.now.set(self.now.get().wrapping_add(1_000));
        Timestamp(self.now.get())
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.chunks_mut(8).for_each(|c| c.copy_from_slice(&self.rolls.borrow_mut().roll().to_le_bytes()));
        bytes
    }
}

struct Tablet {
    tabs: Vec<Desk<Mirrored<MemoryStore, MemoryMirror>, Clock>>,
    store: MemoryStore,
    mirror: MemoryMirror,
    /// Its database was lost once: it has sent what it does not hold any more.
    forgetful: bool,
    clock: Clock,
    engine: Engine,
    /// Answers that are on their way.
    mail: Vec<Vec<u8>>,
    /// The epoch and the furthest that its storage has read; it may only go back by a power cut or a reset.
    read: (String, u64),
}

/// What a clerk saw as taken.
struct Taken {
    number: String,
    tablet: usize,
    /// Given while two machines had one identity: both count on from the same number, until the server has heard from
    /// both. Nothing can keep them from it; that nothing is lost of it, is held all the same.
    shared: bool,
}

pub struct World<'a> {
    seed: u64,
    dice: Dice,
    journal: MemoryJournal,
    mark: Mark,
    shop: Shop,
    tablets: Vec<Tablet>,
    taken: BTreeMap<OrderId, Taken>,
    backup: Option<Backup>,
    /// Tablets that are gone, with everything that only they had.
    gone: HashSet<usize>,
    /// The server lost a part of its log.
    restored: bool,
    codes: u64,
    history: &'a RefCell<Vec<String>>,
}

/// Every other server sends tablets back to the start that are but little behind.
fn most_behind(dice: &mut Dice) -> u64 {
    if dice.one_in(2) { 10 + dice.below(40) } else { u64::MAX }
}

fn midnight() -> i64 {
    START
}

impl<'a> World<'a> {
    pub fn new(seed: u64, history: &'a RefCell<Vec<String>>) -> Self {
        let mut dice = Dice::new(seed);
        let journal = MemoryJournal::default();
        let mark = Mark::in_memory();
        let seal = 4 + dice.below(40) as usize;
        let found = Shop::found(Arc::new(journal.clone()), "s1", START, Some(mark.clone()));
        let behind = most_behind(&mut dice);
        let shop = block_on(found).expect("a store").sealing_after(seal).most_behind(behind).with_clock(midnight);
        let count = 2 + dice.below(4) as usize;
        let mut world = Self {
            seed,
            dice,
            journal,
            mark,
            shop,
            tablets: Vec::new(),
            taken: BTreeMap::new(),
            backup: None,
            gone: HashSet::new(),
            restored: false,
            codes: 0,
            history,
        };
        for _ in 0..count {
            let identity = world.identity(None);
            let tablet = world.open(MemoryStore::with_power_cuts(), MemoryMirror::default());
            block_on(tablet.tabs[0].enrol(identity)).expect("it is written");
            world.tablets.push(tablet);
        }
        world.settle(0);
        let product = Command::SaveProduct { product: crate::support::tea(), seen: None };
        block_on(world.tablets[0].tabs[0].act(staff::FIRST, product, Vec::new())).expect("an owner may");
        for n in 0..count {
            world.settle(n);
        }
        world
    }

    fn open(&mut self, store: MemoryStore, mirror: MemoryMirror) -> Tablet {
        let rolls = Rc::new(RefCell::new(Dice::new(self.dice.roll())));
        let clock = Clock { now: Rc::new(Cell::new(START)), rolls };
        let desk = tab(&store, &mirror, &clock);
        let read = (desk.ledger().cursor.epoch.clone(), desk.ledger().cursor.g);
        Tablet {
            tabs: vec![desk],
            store,
            mirror,
            forgetful: false,
            clock,
            engine: Engine::default(),
            mail: Vec::new(),
            read,
        }
    }

    /// Enrolment as the route does it.
    fn identity(&mut self, tablet: Option<usize>) -> Enrolment {
        self.codes += 1;
        let hash = |kind: u8, n: u64| {
            let mut hash = [kind; 32];
            hash[..8].copy_from_slice(&n.to_le_bytes());
            hash
        };
        let last = tablet.map(|t| block_on(self.tablets[t].tabs[0].last_sent()).expect("it reads")).unwrap_or_default();
        let n = self.codes;
        block_on(async {
            self.journal.add_code("s1", &hash(1, n), i64::MAX).await.expect("a code");
            let new = NewTablet { device: "sim", token_hash: hash(2, n), ticket_hash: hash(3, n), at: 0 };
            let row = self.journal.enrol(&hash(1, n), new).await.expect("the journal").expect("a fresh code");
            self.shop.identity(row, n.to_string(), &last).await.expect("the journal")
        })
    }

    fn note(&mut self, what: String) {
        self.history.borrow_mut().push(what);
    }

    /// One step, with dice of its own.
    pub fn step(&mut self, step: usize) {
        self.dice = Dice::of_step(self.seed, step);
        let t = self.dice.below(self.tablets.len() as u64) as usize;
        if self.gone.contains(&t) {
            return;
        }
        match self.dice.below(20) {
            0..=7 if self.dice.one_in(20) => self.write_wrong(t),
            0..=7 => self.act(t),
            8..=11 => self.send(t),
            12..=14 => self.deliver(t),
            15..=17 => {
                self.send(t);
                self.deliver(t);
            }
            18 => self.act(t),
            _ => self.trouble(t),
        }
    }
}

/// A tab of a tablet, opened as the console does it.
fn tab(store: &MemoryStore, mirror: &MemoryMirror, clock: &Clock) -> Desk<Mirrored<MemoryStore, MemoryMirror>, Clock> {
    block_on(async {
        let store = Mirrored::new(store.clone(), mirror.clone());
        let desk = Desk::open(store, clock.clone()).await.expect("what was written opens");
        desk.restore().await.expect("what was put back opens");
        desk
    })
}
