//! What this tablet alone remembers. In local storage, because it is needed before the database is open.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::shop::{location, staff};
use crate::domain::value::id::{LocationId, StaffId};
use crate::i18n::Language;
use crate::platform::preferences;

const KEY: &str = "daybook.preferences";

/// Paper by day, ink by night, plain black on white in the sun.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    #[default]
    Day,
    Night,
    Market,
}

impl Light {
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Night => "night",
            Self::Market => "market",
        }
    }
}

/// What labels are printed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelStock {
    /// Many on a sheet, 50 by 30 mm each.
    #[default]
    Sheet,
    /// One after the other on a roll of 50 by 30 mm.
    Roll50,
    /// 40 by 30 mm.
    Roll40,
    /// 60 by 40 mm.
    Roll60,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub language: Language,
    pub light: Light,
    /// Where this tablet sells and counts.
    pub location: LocationId,
    /// Whose turn it is.
    pub staff: StaffId,
    /// See [`super::lock`].
    pub lock_after_min: u32,
    /// Older orders stay on the server until somebody opens them; 0 keeps all of them here.
    pub history_months: u32,
    /// What labels are printed on, and whether with a QR code.
    pub labels: LabelStock,
    pub label_qr: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        let chinese = web_sys::window().and_then(|w| w.navigator().language()).is_none_or(|l| l.starts_with("zh"));
        let language = if chinese { Language::Chinese } else { Language::English };
        Self {
            language,
            light: Light::Day,
            location: location::FIRST,
            staff: staff::FIRST,
            lock_after_min: 15,
            history_months: 13,
            labels: LabelStock::Sheet,
            label_qr: false,
        }
    }
}

impl Preferences {
    /// What was set before.
    pub fn stored() -> Self {
        preferences::load(KEY).unwrap_or_default()
    }

    /// Changes what is shown, and keeps it.
    pub fn change(shown: RwSignal<Self>, change: impl FnOnce(&mut Self)) {
        shown.update(change);
        shown.with_untracked(|p| preferences::save(KEY, p));
    }
}
