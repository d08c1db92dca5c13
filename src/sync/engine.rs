//! When to sync: a pure state machine. It never gives up, and nothing it does can touch the queue.
//!
//! Inputs are what happened (a write, a timer, an answer); effects are what the driver has to do. One round is under
//! way at a time. Only an answer that names a transaction takes it out of the queue, and that is not decided here.

/// Thing that happened, as the engine hears of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// Something that makes a round worth while: a write, a network that came back, a page that became visible.
    Wake,
    /// The server says that its log has come as far as `g`; here it is `here`. Whoever wrote something hears of it,
    /// too, and has it already.
    Hint { g: u64, here: u64 },
    /// The timer that was armed last has fired.
    Timer,
    /// A round has ended; as far as `here` the log is here now.
    Ended { outcome: Outcome, here: u64 },
    /// This tablet has a (new) identity.
    Enrolled,
}

/// End of a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything sent is there and everything there is here; `more` waits on either side.
    Applied { more: bool },
    /// No answer, or one that cannot be read.
    Unreachable,
    /// An answer with this status.
    Refused(u16),
    /// This storage has no identity of its own any more.
    NeedsEnrolment,
    /// The server's log was replaced.
    NeedsReset,
    /// The answer could not be stored here.
    NotStored,
}

/// Thing to be done, as the engine asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    Nothing,
    /// Run one round, with at most so many transactions.
    Round {
        most: usize,
    },
    /// Forget any armed timer and fire after so many milliseconds.
    Arm {
        after_ms: u32,
    },
}

/// State of the connection, for the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Link {
    /// No round has ended yet.
    #[default]
    Unknown,
    Connected,
    /// No answer; tried again by itself.
    Offline,
    /// The server answers, but not with 200; tried again by itself.
    Trouble(u16),
    /// 401: the queue is kept, a person has to enrol this tablet.
    NotEnrolled,
    /// 426: the queue is kept, this program has to be updated.
    Outdated,
    /// This tablet's own storage refused.
    NotStored,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Engine {
    running: bool,
    /// Something happened while a round was under way.
    again: bool,
    /// As far as the log was said to have come while a round was under way.
    hinted: u64,
    /// Rounds that failed one after the other.
    failures: u32,
    most: usize,
    /// Only a person can help.
    stopped: bool,
    pub link: Link,
}

/// A tablet that hears nothing asks by itself this often.
pub const POLL_MS: u32 = 30_000;
const FIRST_RETRY_MS: u32 = 500;
const LONGEST_RETRY_MS: u32 = 60_000;

impl Default for Engine {
    fn default() -> Self {
        Self {
            running: false,
            again: false,
            hinted: 0,
            failures: 0,
            most: super::protocol::MOST_PUSH,
            stopped: false,
            link: Link::Unknown,
        }
    }
}

impl Engine {
    /// Takes an input in and says what to do. `dice` is any random number; it spreads retries.
    pub fn on(&mut self, input: Input, dice: u32) -> Effect {
        match input {
            Input::Enrolled => {
                self.stopped = false;
                self.failures = 0;
                self.link = Link::Unknown;
                self.start()
            }
            Input::Wake | Input::Timer | Input::Hint { .. } if self.stopped => Effect::Nothing,
            Input::Hint { g, here } if g <= here => Effect::Nothing,
            Input::Hint { g, .. } if self.running => {
                self.hinted = self.hinted.max(g);
                Effect::Nothing
            }
            Input::Hint { .. } => self.start(),
            Input::Wake | Input::Timer if self.running => {
                self.again = true;
                Effect::Nothing
            }
            Input::Wake | Input::Timer => self.start(),
            Input::Ended { outcome, here } => {
                if self.hinted <= here {
                    self.hinted = 0;
                }
                self.ended(outcome, dice)
            }
        }
    }

    fn start(&mut self) -> Effect {
        if self.running {
            self.again = true;
            return Effect::Nothing;
        }
        self.running = true;
        self.again = false;
        self.hinted = 0;
        Effect::Round { most: self.most }
    }

    fn ended(&mut self, outcome: Outcome, dice: u32) -> Effect {
        self.running = false;
        match outcome {
            Outcome::Applied { more } => {
                self.failures = 0;
                self.most = (self.most * 2).min(super::protocol::MOST_PUSH);
                self.link = Link::Connected;
                if more || self.again || self.hinted > 0 { self.start() } else { Effect::Arm { after_ms: POLL_MS } }
            }
            Outcome::Refused(413) if self.most > 1 => {
                self.most /= 2;
                self.link = Link::Trouble(413);
                self.start()
            }
            Outcome::NeedsEnrolment => self.stop(Link::NotEnrolled),
            // A person is asked for; but a hotel's network says 401 too, and an update may arrive by itself.
            Outcome::Refused(401) => self.slowly(Link::NotEnrolled),
            Outcome::Refused(426) => self.slowly(Link::Outdated),
            Outcome::Refused(status) => self.later(Link::Trouble(status), dice),
            Outcome::NeedsReset => self.later(Link::Trouble(200), dice),
            Outcome::Unreachable => self.later(Link::Offline, dice),
            Outcome::NotStored => self.later(Link::NotStored, dice),
        }
    }

    fn slowly(&mut self, link: Link) -> Effect {
        self.link = link;
        Effect::Arm { after_ms: LONGEST_RETRY_MS }
    }

    fn stop(&mut self, link: Link) -> Effect {
        self.stopped = true;
        self.link = link;
        Effect::Nothing
    }

    /// Backs off with jitter, for ever: between half and the whole of a time that doubles up to a minute.
    fn later(&mut self, link: Link, dice: u32) -> Effect {
        self.link = link;
        let whole = FIRST_RETRY_MS.saturating_mul(1 << self.failures.min(8)).min(LONGEST_RETRY_MS);
        self.failures = self.failures.saturating_add(1);
        Effect::Arm { after_ms: whole / 2 + dice % (whole / 2 + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: Outcome) -> Input {
        Input::Ended { outcome, here: 0 }
    }

    fn started() -> Engine {
        let mut engine = Engine::default();
        assert!(matches!(engine.on(Input::Wake, 0), Effect::Round { .. }));
        engine
    }

    #[test]
    fn one_round_is_under_way_at_a_time_and_no_wake_is_lost() {
        let mut engine = started();
        assert_eq!(engine.on(Input::Wake, 0), Effect::Nothing);
        assert!(matches!(engine.on(ended(Outcome::Applied { more: false }), 0), Effect::Round { .. }));
        assert_eq!(engine.on(ended(Outcome::Applied { more: false }), 0), Effect::Arm { after_ms: POLL_MS });
    }

    #[test]
    fn a_hint_of_what_is_here_asks_for_nothing_and_of_what_is_not_for_one_round() {
        let done = |here| Input::Ended { outcome: Outcome::Applied { more: false }, here };
        let mut engine = started();
        // Of this tablet's own write, while its answer is under way.
        assert_eq!(engine.on(Input::Hint { g: 8, here: 7 }, 0), Effect::Nothing);
        assert_eq!(engine.on(done(8), 0), Effect::Arm { after_ms: POLL_MS });
        assert_eq!(engine.on(Input::Hint { g: 8, here: 8 }, 0), Effect::Nothing);
        // Of somebody else's, behind that answer.
        assert!(matches!(engine.on(Input::Wake, 0), Effect::Round { .. }));
        assert_eq!(engine.on(Input::Hint { g: 10, here: 8 }, 0), Effect::Nothing);
        assert_eq!(engine.on(Input::Hint { g: 9, here: 8 }, 0), Effect::Nothing);
        assert!(matches!(engine.on(done(9), 0), Effect::Round { .. }));
        assert_eq!(engine.on(done(10), 0), Effect::Arm { after_ms: POLL_MS });
        assert!(matches!(engine.on(Input::Hint { g: 11, here: 10 }, 0), Effect::Round { .. }));
        // A round that failed says nothing of it: the retry does.
        assert!(matches!(engine.on(ended(Outcome::Unreachable), 0), Effect::Arm { .. }));
    }

    #[test]
    fn it_never_gives_up_and_never_waits_longer_than_a_minute() {
        let mut engine = started();
        for outcome in [
            Outcome::Unreachable,
            Outcome::Refused(500),
            Outcome::Refused(429),
            Outcome::Refused(404),
            Outcome::NotStored,
        ] {
            for dice in 0..200 {
                let Effect::Arm { after_ms } = engine.on(ended(outcome), dice * 7919) else { panic!("{outcome:?}") };
                assert!((250..=LONGEST_RETRY_MS).contains(&after_ms));
                assert!(matches!(engine.on(Input::Timer, 0), Effect::Round { .. }));
            }
        }
    }

    #[test]
    fn a_network_that_comes_back_does_not_wait_for_the_timer() {
        let mut engine = started();
        engine.on(ended(Outcome::Unreachable), 0);
        assert!(matches!(engine.on(Input::Wake, 0), Effect::Round { .. }));
    }

    #[test]
    fn a_batch_that_is_too_large_is_halved_down_to_one() {
        let mut engine = started();
        let mut most = super::super::protocol::MOST_PUSH;
        while most > 1 {
            most /= 2;
            assert_eq!(engine.on(ended(Outcome::Refused(413)), 0), Effect::Round { most });
        }
        assert!(matches!(engine.on(ended(Outcome::Refused(413)), 0), Effect::Arm { .. }));
    }

    #[test]
    fn an_unknown_token_waits_for_a_person_and_goes_on_after_enrolment() {
        let mut engine = started();
        assert_eq!(engine.on(ended(Outcome::Refused(401)), 0), Effect::Arm { after_ms: LONGEST_RETRY_MS });
        assert_eq!(engine.link, Link::NotEnrolled);
        assert!(matches!(engine.on(Input::Timer, 0), Effect::Round { .. }), "it may have been a proxy's");
        assert_eq!(engine.on(ended(Outcome::NeedsEnrolment), 0), Effect::Nothing);
        assert_eq!(engine.on(Input::Wake, 0), Effect::Nothing);
        assert!(matches!(engine.on(Input::Enrolled, 0), Effect::Round { .. }));
    }
}
