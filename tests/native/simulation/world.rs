//! The world that a seed makes: tablets, clerks, a server, a network, and trouble.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use daybook::actions::{ActionError, Desk, Ports};
use daybook::domain::book::Book;
use daybook::domain::case::CaseKind;
use daybook::domain::decide::{Command, Context, Money, decide};
use daybook::domain::document::Document;
use daybook::domain::event::Event;
use daybook::domain::id::{Id, IdSource, LocationId, OrderId, VariantId};
use daybook::domain::layered::Layer;
use daybook::domain::lease::{Lease, Scarcity};
use daybook::domain::location::{Location, LocationKind};
use daybook::domain::money::Minor;
use daybook::domain::order::{self, Assignee, Cart, CartLine, Discount, OrderState, ReturnReason, VoidReason, steps_from};
use daybook::domain::payment::{Outcome as Answer, Tender};
use daybook::domain::quantity::{Quantity, Unit};
use daybook::domain::rule::{Act, Rule, Trigger};
use daybook::domain::settings::Profile;
use daybook::domain::stock::Adjustment;
use daybook::domain::till::Counted;
use daybook::domain::time::Timestamp;
use daybook::domain::{location, staff};
use daybook::server::journal::{Backup, Journal, MemoryJournal, NewTablet};
use daybook::server::mark::Mark;
use daybook::server::shop::Shop;
use daybook::store::mirror::MemoryMirror;
use daybook::store::{MemoryStore, MetaKey, Mirrored, StoreError};
use daybook::sync::engine::{Effect, Engine, Input, Link, Outcome};
use daybook::sync::merge::fold;
use daybook::sync::protocol::{Enrolment, Need, SyncRequest, SyncResponse};
use futures::executor::block_on;

use super::dice::Dice;
use super::money::Money as Oracle;

/// Orders of whatever age.
const ALL: Timestamp = Timestamp(i64::MIN);
const START: i64 = 1_700_000_000_000;
/// Every status that a server, a proxy or a hotel's network may answer with.
const STATUSES: [u16; 20] = [301, 400, 401, 403, 404, 405, 408, 409, 411, 413, 418, 422, 425, 426, 429, 500, 502, 503, 504, 507];

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
    /// Given while two machines had one identity: both count on from the same number, until the server has heard from both.
    /// Nothing can keep them from it; that nothing is lost of it, is held all the same.
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
        Tablet { tabs: vec![desk], store, mirror, forgetful: false, clock, engine: Engine::default(), mail: Vec::new(), read }
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
                    let shared = self.shares_identity(t);
                    let before = self.taken.insert(id, Taken { number, tablet: t, shared });
                    assert!(before.is_none(), "an identifier twice: {id}");
                }
                self.note(format!("tablet {t}.{tab} {name} seq {}", receipt.seq));
            }
            Err(ActionError::NotSaved(error)) => self.note(format!("tablet {t}.{tab} {name} not saved: {error}")),
            Err(ActionError::Rejected(_)) => {}
            Err(ActionError::NotEnrolled) => panic!("the tablet forgot who it is"),
        }
    }

    /// A paid order whose sum is not that of its lines: the server keeps it and cannot apply it, until somebody accepts it.
    fn write_wrong(&mut self, t: usize) {
        let desk = &self.tablets[t].tabs[0];
        let Some(variant) = desk.ledger().book.products.iter().map(|(_, p)| p.variants[0].id).min() else { return };
        let make = |book: &Book, cx: &mut Context<'_>, number: &str| {
            let money = Money { tender: Tender::Cash, amount: Minor(1_280), tendered: Minor(1_280), reference: String::new() };
            let cart = Cart { lines: vec![tea_line(variant, 1)], ..Cart::default() };
            let place = Command::Place { cart, number: number.into(), location: location::FIRST, money: Some(money), hand_over: true };
            let mut draft = decide(book, place, cx)?;
            for event in &mut draft.events {
                if let Event::OrderPlaced(order) = event {
                    order.totals.total = Minor(1);
                }
            }
            Ok(draft)
        };
        let done = block_on(desk.write(staff::FIRST, Vec::new(), make));
        self.note(format!("tablet {t} writes what the server cannot apply: {:?}", done.map(|r| r.seq)));
    }

    fn shares_identity(&self, t: usize) -> bool {
        let replica = |t: usize| self.tablets[t].tabs[0].ledger().identity.as_ref().map(|i| i.replica);
        (0..self.tablets.len()).any(|other| other != t && !self.gone.contains(&other) && replica(other) == replica(t))
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
        let mut documents: Vec<Id> = ledger.book.documents.iter().map(|(id, _)| *id).collect();
        documents.sort();
        let document = (!documents.is_empty()).then(|| documents[dice.below(documents.len() as u64) as usize]);
        match (dice.below(34), order) {
            (28, _) => {
                let held = ledger.book.open_cases().filter(|(_, c)| matches!(c.kind, CaseKind::HeldFacts { .. })).map(|(id, _)| *id);
                let case = held.min().unwrap_or_default();
                if pieces == 1 { Command::ResolveCase(case) } else { Command::AcceptHeld(case) }
            }
            (29, _) => Command::SaveProfile(Profile { name: format!("sim {pieces}"), ..ledger.book.profile() }),
            (30, _) => {
                let aside = ledger.book.open_cases().filter(|(_, c)| matches!(c.kind, CaseKind::EditedTwice { .. })).map(|(id, _)| *id);
                Command::TakePutAside(aside.min().unwrap_or_default())
            }
            (31 | 32, Some(order)) => {
                let refund = if pieces == 1 { vec![(Tender::Cash, Minor(1_280))] } else { Vec::new() };
                let location = (pieces < 3).then_some(location::FIRST);
                Command::Return { order, goods: vec![(0, Quantity::ONE)], why: ReturnReason::Other, location, refund }
            }
            (33, Some(order)) if pieces == 1 => Command::Tell { order, text: "{number}".into() },
            (33, Some(order)) => Command::Told { order, sent: pieces == 2 },
            (24, _) => Command::OpenStocktake { location: location::FIRST, category: String::new(), blind: false },
            (25 | 26, _) => match document.and_then(|id| ledger.book.documents.get(&id).map(|d| (id, d))) {
                Some((id, Document::Stocktake(_))) if pieces > 1 => {
                    Command::CountFor { stocktake: id, variant, counted: Quantity::whole(pieces) }
                }
                Some((id, Document::Stocktake(_))) => Command::EndStocktake { stocktake: id, post: true },
                Some((id, Document::Transfer(t))) => Command::Arrived { transfer: id, goods: t.goods.clone() },
                _ => Command::Count { location: location::FIRST, variant, counted: Quantity::whole(pieces) },
            },
            (27, _) => {
                let other = LocationId(Id::derived("location", "sim", "van"));
                let (from, to) = if ledger.book.locations.get(&other).is_some() {
                    (location::FIRST, other)
                } else {
                    let van = Location { id: other, name: "Van".into(), kind: LocationKind::Van, active: true };
                    return Command::SaveLocation(van);
                };
                Command::Send { from, to, goods: vec![(variant, Quantity::whole(pieces))] }
            }
            (17, _) => Command::AllocateAll(orders.into_iter().collect()),
            (18, Some(order)) => Command::Step { order, to: OrderState::Allocated, location: location::FIRST },
            (19, Some(order)) => Command::Split { order, take: vec![(0, Quantity::ONE)], number: String::new() },
            (20, Some(order)) => Command::Edit { order, cart: Cart { lines: vec![tea_line(variant, pieces)], ..Cart::default() } },
            (21, Some(order)) => {
                let who = (pieces > 1).then(|| Assignee::Station(format!("station {pieces}")));
                Command::Mark { order, mark: order::Mark::Assigned(who) }
            }
            (22, Some(order)) => match ledger.book.orders.get(&order).and_then(|o| o.attempts.last()) {
                Some(attempt) => {
                    let outcome = [Answer::Unknown, Answer::Confirmed, Answer::Declined][pieces as usize - 1];
                    Command::Answer { order, attempt: attempt.id, outcome, reference: String::new() }
                }
                None => Command::Ask { order, tender: Tender::Card, amount: Minor(100 * pieces) },
            },
            (23, _) => Command::SaveRule(Rule {
                id: Id::derived("rule", "sim", &pieces.to_string()),
                name: "sim".into(),
                on: dice.one_in(2),
                when: Trigger::Placed,
                conditions: Vec::new(),
                acts: vec![Act::Confirm, Act::Allocate, Act::AssignLeastBusy, Act::DeliveryNote, Act::Message("{number}".into())],
                rank: pieces as u32,
                gone: dice.one_in(4),
            }),
            (14, _) => Command::OpenTill { float: Minor(1_000 * pieces) },
            (15, _) => Command::MoveCash { amount: Minor(500 - 400 * pieces), reason: "sim".into() },
            (16, _) => Command::CloseTill { counted: vec![Counted { worth: Minor(100), pieces: 7 }], left: Minor(100), taxes: Vec::new() },
            (12, _) => Command::SetScarcity { variant, scarcity: dice.one_in(3).then_some(Scarcity::Warn) },
            (13, _) => {
                let replica = ledger.identity.as_ref().map_or(0, |i| i.replica);
                Command::SetAside(Lease { variant, location: location::FIRST, replica, quantity: Quantity::whole(pieces) })
            }
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
                let total = Minor(1_280 * pieces);
                let money = Money { tender: Tender::Cash, amount: total, tendered: total, reference: String::new() };
                let cart = Cart { lines: vec![tea_line(variant, pieces)], ..Cart::default() };
                let paid = sort != 11;
                Command::Place { cart, number: String::new(), location: location::FIRST, money: paid.then_some(money), hand_over: paid }
            }
        }
    }

    // --- the network --------------------------------------------------------------------------------------------------

    /// What the server answers; `Err` is a status.
    fn ask(&mut self, t: usize, request: &SyncRequest) -> Result<Vec<u8>, u16> {
        let token: u64 = self.tablets[t].tabs[0].ledger().identity.as_ref().and_then(|i| i.token.parse().ok()).unwrap_or_default();
        let mut hash = [2; 32];
        hash[..8].copy_from_slice(&token.to_le_bytes());
        let known = block_on(self.journal.tablet_by_token(&hash)).expect("the journal");
        if known.is_none_or(|row| row.replica != request.replica) {
            return Err(401);
        }
        let bytes = serde_json::to_vec(request).expect("JSON");
        let read: SyncRequest = serde_json::from_slice(&bytes).expect("it reads back");
        let answer = block_on(self.shop.sync(read.replica, read)).expect("the server answers");
        if answer.need == Some(Need::Reset) {
            let sealed = block_on(self.shop.look(|l| l.sealed.g));
            assert!(self.restored || request.cursor.g + 10 < sealed, "tablet {t} is sent back to the start though the log never went back");
        }
        Ok(serde_json::to_vec(&answer).expect("JSON"))
    }

    fn send(&mut self, t: usize) {
        // A person sees "not enrolled" and types a new code, some time.
        if self.tablets[t].engine.link == Link::NotEnrolled && self.dice.one_in(3) {
            self.enrol_again(t);
        }
        if self.dice.one_in(3) {
            self.first_read(t);
        }
        if self.dice.one_in(3) {
            self.fetch_part(t, None);
        }
        let Effect::Round { most } = self.tablets[t].engine.on(Input::Wake, 0) else { return };
        let most = most.min(1 + self.dice.below(5) as usize);
        let Some(mut request) = self.tablets[t].tabs[0].sync_request(most) else { return };
        request.limit = 1 + self.dice.below(6) as u32;
        let lost = Outcome::Unreachable;
        match self.dice.below(10) {
            0 => {
                self.note(format!("tablet {t} asks, nobody hears"));
                self.ended(t, lost);
            }
            1 => {
                let _ = self.ask(t, &request);
                self.note(format!("tablet {t} asks, the answer is lost"));
                self.ended(t, lost);
            }
            2 => {
                let first = self.ask(t, &request);
                let second = self.ask(t, &request);
                self.note(format!("tablet {t} asks, heard twice"));
                self.heard(t, first);
                self.heard(t, second);
            }
            3 => {
                let status = STATUSES[self.dice.below(STATUSES.len() as u64) as usize];
                // Some refuse before they look at it, some after.
                if self.dice.one_in(2) {
                    let _ = self.ask(t, &request);
                }
                self.note(format!("tablet {t} asks and is answered {status}"));
                self.ended(t, Outcome::Refused(status));
            }
            _ => {
                let answer = self.ask(t, &request);
                self.note(format!("tablet {t} asks ({} pushed)", request.push.len()));
                self.heard(t, answer);
            }
        }
    }

    /// A tablet that has read nothing takes what the server has sealed.
    fn first_read(&mut self, t: usize) {
        let desk = &self.tablets[t].tabs[0];
        if !desk.is_new() {
            return;
        }
        let replica = desk.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let Some(found) = block_on(self.shop.bootstrap(replica, desk.first_unsent())).expect("the journal") else { return };
        let taken = block_on(desk.take_bootstrap(&postcard::to_stdvec(&found).expect("bytes")));
        self.tablets[t].read = self.position(t);
        self.note(format!("tablet {t} begins with what is sealed: {taken:?}"));
    }

    /// Older orders come after it. Whether anything was missing.
    fn fetch_part(&mut self, t: usize, wanted: Option<u32>) -> bool {
        let desk = &self.tablets[t].tabs[0];
        let Some(part) = desk.next_part(wanted, ALL) else { return false };
        let blocks = block_on(self.shop.part(part.first, part.count)).expect("the journal");
        let taken = match blocks {
            Some(blocks) => block_on(desk.take_part(part, &postcard::to_stdvec(&blocks).expect("bytes"))),
            None => block_on(desk.begin_anew()).map(|()| false),
        };
        self.tablets[t].read = self.position(t);
        self.note(format!("tablet {t} fetches blocks from {}: {taken:?}", part.first));
        true
    }

    fn position(&self, t: usize) -> (String, u64) {
        let ledger = self.tablets[t].tabs[0].ledger();
        (ledger.cursor.epoch.clone(), ledger.cursor.g)
    }

    fn heard(&mut self, t: usize, answer: Result<Vec<u8>, u16>) {
        match answer {
            Ok(bytes) => {
                self.tablets[t].mail.push(bytes);
                // As far as the engine knows the round took too long; the answer may come all the same.
                if self.dice.one_in(2) {
                    self.ended(t, Outcome::Unreachable);
                }
            }
            Err(status) => self.ended(t, Outcome::Refused(status)),
        }
    }

    fn ended(&mut self, t: usize, outcome: Outcome) {
        let dice = self.dice.roll() as u32;
        // What it wants to do next, it may do at its next turn.
        let here = self.tablets[t].tabs[0].ledger().cursor.g;
        let ended = |outcome| Input::Ended { outcome, here };
        if let Effect::Round { .. } = self.tablets[t].engine.on(ended(outcome), dice) {
            self.tablets[t].engine.on(ended(Outcome::Unreachable), dice);
        }
    }

    fn enrol_again(&mut self, t: usize) {
        let identity = self.identity(Some(t));
        let replica = identity.replica;
        // Answers to the earlier identity have nobody to go to.
        self.tablets[t].mail.clear();
        let done = block_on(self.tablets[t].tabs[0].enrol(identity));
        self.note(format!("tablet {t} is enrolled again as {replica}: {done:?}"));
        if done.is_ok() {
            self.tablets[t].engine = Engine::default();
        }
    }

    /// One of the answers on their way arrives, not always the oldest.
    fn deliver(&mut self, t: usize) {
        let count = self.tablets[t].mail.len() as u64;
        if count == 0 {
            return;
        }
        let at = self.dice.below(count) as usize;
        let mut bytes = self.tablets[t].mail.remove(at);
        if self.dice.one_in(12) {
            // A connection that breaks off in the middle: what cannot be read was never answered.
            bytes.truncate(self.dice.below(bytes.len() as u64) as usize);
            assert!(serde_json::from_slice::<SyncResponse>(&bytes).is_err(), "half an answer reads as a whole one");
            self.note(format!("half an answer reaches tablet {t}"));
            return self.ended(t, Outcome::Unreachable);
        }
        let outcome = self.apply(t, &bytes);
        self.ended(t, outcome);
    }

    /// An answer is taken in as the driver does it.
    fn apply(&mut self, t: usize, bytes: &[u8]) -> Outcome {
        let answer: SyncResponse = serde_json::from_slice(bytes).expect("an answer");
        let (from, to, reset) = (answer.from, answer.to, answer.need == Some(Need::Reset));
        let donations = block_on(self.tablets[t].tabs[0].donations(&answer)).expect("it reads");
        for donation in donations {
            let count = donation.tx.len();
            let taken = block_on(self.shop.donate(donation)).expect("the server answers");
            self.note(format!("tablet {t} hands in {count} of others, {taken} were lacking"));
        }
        let done = block_on(self.tablets[t].tabs[0].apply_answer(answer));
        self.note(format!("tablet {t} hears {from}..{to}: {:?}", done.as_ref().map(|a| a.outcome)));
        if let Err(StoreError::NotHere { block }) = done {
            self.fetch_part(t, Some(block));
        }
        let read = self.position(t);
        if reset {
            self.note(format!("tablet {t} goes back to {}", read.1));
        }
        let before = &self.tablets[t].read;
        let known = before.0 == read.0 && !reset;
        assert!(!known || read.1 >= before.1, "I5: tablet {t} read backwards, {} after {}", read.1, before.1);
        self.tablets[t].read = read;
        done.map_or(Outcome::NotStored, |a| a.outcome)
    }

    // --- the nemesis --------------------------------------------------------------------------------------------------

    fn reopen(&mut self, t: usize) {
        let tidy = self.dice.one_in(2);
        let tablet = &mut self.tablets[t];
        let desk = tab(&tablet.store, &tablet.mirror, &tablet.clock);
        if tidy {
            block_on(desk.store.tidy()).expect("what was written is read");
        }
        tablet.read = (desk.ledger().cursor.epoch.clone(), desk.ledger().cursor.g);
        tablet.tabs = vec![desk];
        tablet.engine = Engine::default();
    }

    fn restart_server(&mut self) {
        let seal = 4 + self.dice.below(40) as usize;
        let shop = block_on(async {
            let row = self.journal.stores().await.expect("the journal").remove(0);
            Shop::load(Arc::new(self.journal.clone()), row, Some(self.mark.clone())).await.expect("the log folds")
        });
        self.shop = shop.sealing_after(seal).most_behind(most_behind(&mut self.dice)).with_clock(midnight);
    }

    fn trouble(&mut self, t: usize) {
        match self.dice.below(14) {
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
                tablet.tabs.push(tab(&tablet.store, &tablet.mirror, &tablet.clock));
                self.note(format!("tablet {t} opens another tab"));
            }
            4 => {
                let years = self.dice.below(21) as i64 - 10;
                let clock = &self.tablets[t].clock.now;
                clock.set(clock.get() + years * 31_536_000_000);
                self.note(format!("the clock of tablet {t} jumps {years} years"));
            }
            5 => {
                self.restart_server();
                self.note("the server is restarted".into());
            }
            6 => {
                let sealed = block_on(self.tablets[t].tabs[0].seal(true));
                self.note(format!("tablet {t} seals: {sealed:?}"));
                if sealed.is_err() {
                    self.reopen(t);
                }
            }
            7 => self.back_up(),
            8 => self.restore(),
            9 if self.tablets.len() - self.gone.len() > 1 && self.dice.one_in(2) => self.wipe(t),
            10 if self.tablets.len() < 7 => self.copy(t),
            11 => self.lose(t),
            12 => {
                let replica = self.tablets[t].tabs[0].ledger().identity.as_ref().map_or(0, |i| i.replica);
                block_on(self.journal.revoke("s1", replica, 0)).expect("the journal");
                self.note(format!("the owner shuts tablet {t} out"));
            }
            _ => {
                self.tablets[t].mail.clear();
                self.note(format!("all answers to tablet {t} are lost"));
            }
        }
    }

    fn back_up(&mut self) {
        self.backup = Some(block_on(self.journal.backup()));
        let g = block_on(self.shop.look(|l| l.cursor.g));
        block_on(self.shop.backed_up(g)).expect("the journal");
        self.note(format!("the server is backed up at {g}"));
    }

    /// The newest backup is put in place of the database.
    fn restore(&mut self) {
        let Some(backup) = self.backup.take() else { return };
        block_on(self.journal.restore(&backup));
        self.restored = true;
        // What was only on the server and on tablets that are gone, is gone.
        let log = self.log_orders();
        // So is what a tablet had sent before it lost its database.
        let holds = |t: usize, id: &OrderId| !self.tablets[t].forgetful || self.tablets[t].tabs[0].ledger().unsent_orders().contains(id);
        self.taken.retain(|id, taken| log.contains_key(id) || (!self.gone.contains(&taken.tablet) && holds(taken.tablet, id)));
        self.restart_server();
        let g = block_on(self.shop.look(|l| l.cursor.g));
        self.backup = Some(block_on(self.journal.backup()));
        self.note(format!("the server's backup of {g} is restored"));
    }

    /// The browser loses the database of a tablet, and nothing else.
    fn lose(&mut self, t: usize) {
        self.tablets[t].store.lose();
        self.tablets[t].forgetful = true;
        self.reopen(t);
        // What the server had lost, and this tablet had put aside as sent, is gone: two losses at once.
        let log = self.log_orders();
        let unsent = self.tablets[t].tabs[0].ledger().unsent_orders();
        self.taken.retain(|id, taken| taken.tablet != t || log.contains_key(id) || unsent.contains(id));
        let kept = self.tablets[t].tabs[0].ledger().unsent.len();
        self.note(format!("the browser loses the database of tablet {t}; {kept} unsent were kept beside"));
    }

    /// A tablet's storage is wiped; with it goes what only it had.
    fn wipe(&mut self, t: usize) {
        let log = self.log_orders();
        self.taken.retain(|id, taken| taken.tablet != t || log.contains_key(id));
        self.gone.insert(t);
        let identity = self.identity(None);
        let tablet = self.open(MemoryStore::with_power_cuts(), MemoryMirror::default());
        block_on(tablet.tabs[0].enrol(identity)).expect("it is written");
        self.tablets.push(tablet);
        self.note(format!("tablet {t} is wiped and begins anew as tablet {}", self.tablets.len() - 1));
    }

    /// A tablet's whole profile is copied to another machine, which goes on under the same identity.
    fn copy(&mut self, t: usize) {
        let (store, mirror) = (self.tablets[t].store.copy(), self.tablets[t].mirror.copy());
        let mut tablet = self.open(store, mirror);
        tablet.forgetful = self.tablets[t].forgetful;
        self.tablets.push(tablet);
        self.note(format!("tablet {t} is copied to tablet {}", self.tablets.len() - 1));
    }

    /// Orders that the server's log has.
    fn log_orders(&self) -> HashMap<OrderId, String> {
        let (rows, _) = block_on(self.journal.page("s1", 0, u32::MAX)).expect("the journal");
        let placed = rows.iter().filter_map(|r| r.entry().transaction()).flat_map(|tx| tx.body.ev);
        placed.filter_map(|e| if let Event::OrderPlaced(o) = e { Some((o.order, o.number)) } else { None }).collect()
    }

    // --- afterwards ---------------------------------------------------------------------------------------------------

    /// The network heals: rounds until nothing is left, in a bounded number.
    fn settle(&mut self, t: usize) {
        let mut input = Input::Timer;
        for _ in 0..2_000 {
            let outcome = match self.tablets[t].engine.on(input, 0) {
                Effect::Round { most } => {
                    let Some(request) = self.tablets[t].tabs[0].sync_request(most) else { panic!("tablet {t} has no identity") };
                    match self.ask(t, &request) {
                        Ok(answer) => self.apply(t, &answer),
                        Err(status) => Outcome::Refused(status),
                    }
                }
                Effect::Arm { .. } => {
                    match self.tablets[t].engine.link {
                        Link::Connected => return,
                        Link::NotEnrolled => self.enrol_again(t),
                        _ => {}
                    }
                    input = Input::Timer;
                    continue;
                }
                Effect::Nothing => {
                    self.enrol_again(t);
                    input = Input::Timer;
                    continue;
                }
            };
            input = Input::Ended { outcome, here: self.tablets[t].tabs[0].ledger().cursor.g };
        }
        panic!("I6: the queue of tablet {t} does not drain");
    }

    pub fn heal_and_check(&mut self) {
        let there: Vec<usize> = (0..self.tablets.len()).filter(|t| !self.gone.contains(t)).collect();
        for t in &there {
            // A failure that was promised to a later write is over.
            self.reopen(*t);
            self.tablets[*t].mail.clear();
            let _ = block_on(self.tablets[*t].tabs[0].keep(MetaKey::Carts, Vec::new()));
        }
        for t in there.iter().chain(&there).chain(&there) {
            self.settle(*t);
        }
        let (log, _) = block_on(self.journal.page("s1", 0, u32::MAX)).expect("the journal");
        assert!(log.iter().zip(1..).all(|(row, g)| row.g == g), "numbers have gaps");
        let money = Oracle::of(&log);
        let mut book = Book::default();
        for row in &log {
            fold(&mut book, Layer::Confirmed, &row.entry());
        }
        let numbers: BTreeMap<OrderId, String> = book.orders.confirmed().map(|(id, o)| (*id, o.number.clone())).collect();
        for (id, taken) in &self.taken {
            assert_eq!(numbers.get(id), Some(&taken.number), "I1: {} was taken and is not on the server", taken.number);
        }
        let known = |id: &OrderId| self.taken.get(id).is_some_and(|t| !t.shared);
        let counted: Vec<&String> = numbers.iter().filter(|(id, _)| known(id)).map(|(_, n)| n).collect();
        assert_eq!(counted.iter().collect::<HashSet<_>>().len(), counted.len(), "I4: a number twice");
        let digest = book.digest();
        assert_eq!(block_on(self.shop.digest()).expect("the journal"), digest, "I2: the server folds otherwise than its log");
        for t in there {
            while self.fetch_part(t, None) {}
            self.settle(t);
            let desk = &self.tablets[t].tabs[0];
            block_on(desk.load_orders(numbers.keys().copied())).expect("blocks can be read");
            let ledger = desk.ledger();
            assert!(ledger.unsent.is_empty(), "I6: tablet {t} still has a queue");
            assert_eq!(ledger.book.digest(), digest, "I2: tablet {t} folds otherwise");
            assert_eq!(ledger.columns.len(), numbers.len(), "I1: tablet {t} lists other orders");
            for (place, level) in ledger.book.levels.confirmed() {
                let sum: i64 = ledger.book.movements().filter(|m| (m.variant, m.location) == *place).map(|m| m.change.0).sum();
                assert_eq!(level.on_hand.0, sum, "I3: tablet {t}: a level is not the sum of its movements");
            }
            money.check(&ledger.book, &format!("tablet {t}"));
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

fn tea_line(variant: VariantId, pieces: i64) -> CartLine {
    CartLine {
        variant: Some(variant),
        name: "Tea".into(),
        sku: String::new(),
        unit: Unit::Piece,
        quantity: Quantity::whole(pieces),
        unit_price: Minor(1_280),
        discount: Discount::default(),
        tax_id: None,
        rate_bp: 300,
    }
}
