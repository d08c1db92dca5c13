//! Afterwards: the network heals, and everything that was ever called taken must be there, once.

use std::collections::{BTreeMap, HashSet};

use daybook::domain::book::Book;
use daybook::domain::book::layered::Layer;
use daybook::domain::value::id::OrderId;
use daybook::server::journal::Journal;
use daybook::store::MetaKey;
use daybook::sync::engine::{Effect, Input, Link, Outcome};
use daybook::sync::merge::fold;
use futures::executor::block_on;

use super::World;
use crate::simulation::money::Money as Oracle;

impl World<'_> {
    /// The network heals: rounds until nothing is left, in a bounded number.
    pub(super) fn settle(&mut self, t: usize) {
        let mut input = Input::Timer;
        for _ in 0..2_000 {
            let outcome = match self.tablets[t].engine.on(input, 0) {
                Effect::Round { most } => {
                    let Some(request) = self.tablets[t].tabs[0].sync_request(most) else {
                        panic!("tablet {t} has no identity")
                    };
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
        let numbers: BTreeMap<OrderId, String> =
            book.orders.confirmed().map(|(id, o)| (*id, o.number.clone())).collect();
        for (id, taken) in &self.taken {
            assert_eq!(numbers.get(id), Some(&taken.number), "I1: {} was taken and is not on the server", taken.number);
        }
        let known = |id: &OrderId| self.taken.get(id).is_some_and(|t| !t.shared);
        let counted: Vec<&String> = numbers.iter().filter(|(id, _)| known(id)).map(|(_, n)| n).collect();
        assert_eq!(counted.iter().collect::<HashSet<_>>().len(), counted.len(), "I4: a number twice");
        let digest = book.digest();
        assert_eq!(
            block_on(self.shop.digest()).expect("the journal"),
            digest,
            "I2: the server folds otherwise than its log"
        );
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
                let sum: i64 =
                    ledger.book.movements().filter(|m| (m.variant, m.location) == *place).map(|m| m.change.0).sum();
                assert_eq!(level.on_hand.0, sum, "I3: tablet {t}: a level is not the sum of its movements");
            }
            money.check(&ledger.book, &format!("tablet {t}"));
        }
    }
}
