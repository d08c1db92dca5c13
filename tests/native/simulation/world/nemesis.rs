//! The nemesis: kills, power cuts, lost databases, clones, restarts and restores.

use std::collections::HashMap;
use std::sync::Arc;

use daybook::domain::event::Event;
use daybook::domain::value::id::OrderId;
use daybook::server::journal::Journal;
use daybook::server::shop::Shop;
use daybook::store::mirror::MemoryMirror;
use daybook::store::{MemoryStore, StoreError};
use daybook::sync::engine::Engine;
use futures::executor::block_on;

use super::{World, midnight, most_behind, tab};

impl World<'_> {
    pub(super) fn reopen(&mut self, t: usize) {
        let tidy = self.dice.one_in(2);
        let tablet = &mut self.tablets[t];
        let desk = tab(&tablet.store, &tablet.mirror, &tablet.clock);
        if tidy {
            block_on(desk.store.tidy()).expect("what was written is read");
            block_on(desk.store.keep_goods()).expect("what was written is read");
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

    pub(super) fn trouble(&mut self, t: usize) {
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
        let holds = |t: usize, id: &OrderId| {
            !self.tablets[t].forgetful || self.tablets[t].tabs[0].ledger().unsent_orders().contains(id)
        };
        self.taken.retain(|id, taken| {
            log.contains_key(id) || (!self.gone.contains(&taken.tablet) && holds(taken.tablet, id))
        });
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
    pub(super) fn log_orders(&self) -> HashMap<OrderId, String> {
        let (rows, _) = block_on(self.journal.page("s1", 0, u32::MAX)).expect("the journal");
        let placed = rows.iter().filter_map(|r| r.entry().transaction()).flat_map(|tx| tx.body.ev);
        placed.filter_map(|e| if let Event::OrderPlaced(o) = e { Some((o.order, o.number)) } else { None }).collect()
    }
}
