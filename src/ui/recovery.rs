//! When a recovery file is written by itself.

use gloo::timers::callback::Interval;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::state::App;
use crate::actions::recovery::RecoveryError;
use crate::domain::value::time::Timestamp;
use crate::platform::{files, preferences};

const PLAN: &str = "daybook.recovery";
const LOOK_MS: u32 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// A tablet that has sent nothing for so long reminds people of the file.
const REMIND_HOURS: i64 = 4;

/// Says whether this tablet writes recovery files by itself. The passphrase is kept on this tablet only, which has the
/// orders themselves as well; it protects the file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// After the oldest unsent transaction has waited so long; 0 is never.
    pub hours: u32,
    pub passphrase: String,
}

pub fn plan() -> Plan {
    preferences::load(PLAN).unwrap_or_default()
}

pub fn save_plan(plan: &Plan) {
    preferences::save(PLAN, plan);
}

impl App {
    /// Writes what waits into a file. `Ok(false)` when nothing does.
    ///
    /// # Errors
    /// [`RecoveryError`].
    pub fn recovery_file(self, passphrase: &str) -> Result<bool, RecoveryError> {
        let inner = self.inner();
        let Some(file) = inner.desk.recovery_file(passphrase)? else { return Ok(false) };
        let (prefix, last) = self.look(|l| {
            (
                l.identity.as_ref().map(|i| i.prefix.clone()).unwrap_or_default(),
                l.unsent.keys().next_back().copied().unwrap_or_default(),
            )
        });
        files::save_bytes(&format!("daybook-{prefix}-{last}.age"), &file, "application/octet-stream");
        Ok(true)
    }

    /// Says whether somebody should save a file by hand: much time has passed and none is written by itself.
    pub fn recovery_is_due(self) -> bool {
        let oldest = self.sync.with(|s| s.oldest);
        plan().hours == 0 && oldest.is_some_and(|at| self.now().0.saturating_sub(at.0) >= REMIND_HOURS * HOUR_MS)
    }

    /// Looks every minute whether a file is due: once what waits is old enough, and again whenever more has come and as
    /// much time has passed.
    pub fn watch_recovery(self) {
        let mut written = (Timestamp::default(), 0);
        Interval::new(LOOK_MS, move || {
            let plan = plan();
            let now = self.now();
            let due = i64::from(plan.hours) * HOUR_MS;
            let (oldest, last) = self.look(|l| {
                (
                    l.unsent.values().next().map(|u| u.tx.body.at),
                    l.unsent.keys().next_back().copied().unwrap_or_default(),
                )
            });
            let old = oldest.is_some_and(|at| now.0.saturating_sub(at.0) >= due);
            if !self.leads() || plan.hours == 0 || !old || last <= written.1 || now.0.saturating_sub(written.0.0) < due
            {
                return;
            }
            if self.recovery_file(&plan.passphrase) == Ok(true) {
                written = (now, last);
                self.say(self.words().recovery_saved.to_owned(), false);
            }
        })
        .forget();
    }
}
