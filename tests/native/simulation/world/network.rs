//! The network: what is asked, what is heard, and what gets lost, doubled or cut on the way.

use daybook::domain::value::time::Timestamp;
use daybook::server::journal::Journal;
use daybook::store::StoreError;
use daybook::sync::engine::{Effect, Engine, Input, Link, Outcome};
use daybook::sync::protocol::{Need, SyncRequest, SyncResponse};
use futures::executor::block_on;

use super::World;

/// Orders of whatever age.
const ALL: Timestamp = Timestamp(i64::MIN);
/// Every status that a server, a proxy or a hotel's network may answer with.
const STATUSES: [u16; 20] =
    [301, 400, 401, 403, 404, 405, 408, 409, 411, 413, 418, 422, 425, 426, 429, 500, 502, 503, 504, 507];

impl World<'_> {
    /// What the server answers; `Err` is a status.
    pub(super) fn ask(&mut self, t: usize, request: &SyncRequest) -> Result<Vec<u8>, u16> {
        let token: u64 =
            self.tablets[t].tabs[0].ledger().identity.as_ref().and_then(|i| i.token.parse().ok()).unwrap_or_default();
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
            assert!(
                self.restored || request.cursor.g + 10 < sealed,
                "tablet {t} is sent back to the start though the log never went back"
            );
        }
        Ok(serde_json::to_vec(&answer).expect("JSON"))
    }

    pub(super) fn send(&mut self, t: usize) {
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
    pub(super) fn first_read(&mut self, t: usize) {
        let desk = &self.tablets[t].tabs[0];
        if !desk.is_new() {
            return;
        }
        let replica = desk.ledger().identity.as_ref().map_or(0, |i| i.replica);
        let Some(found) = block_on(self.shop.bootstrap(replica, desk.first_unsent())).expect("the journal") else {
            return;
        };
        let taken = block_on(desk.take_bootstrap(&postcard::to_stdvec(&found).expect("bytes")));
        self.tablets[t].read = self.position(t);
        self.note(format!("tablet {t} begins with what is sealed: {taken:?}"));
    }

    /// Older orders come after it. Whether anything was missing.
    pub(super) fn fetch_part(&mut self, t: usize, wanted: Option<u32>) -> bool {
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

    pub(super) fn ended(&mut self, t: usize, outcome: Outcome) {
        let dice = self.dice.roll() as u32;
        // What it wants to do next, it may do at its next turn.
        let here = self.tablets[t].tabs[0].ledger().cursor.g;
        let ended = |outcome| Input::Ended { outcome, here };
        if let Effect::Round { .. } = self.tablets[t].engine.on(ended(outcome), dice) {
            self.tablets[t].engine.on(ended(Outcome::Unreachable), dice);
        }
    }

    pub(super) fn enrol_again(&mut self, t: usize) {
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
    pub(super) fn deliver(&mut self, t: usize) {
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
    pub(super) fn apply(&mut self, t: usize, bytes: &[u8]) -> Outcome {
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
}
