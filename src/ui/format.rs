//! Figures as people read them.

use leptos::prelude::Track;

use super::state::App;
use crate::domain::stock::batch::Lot;
use crate::domain::value::money::{Currency, Minor};
use crate::domain::value::quantity::{Quantity, Unit};
use crate::domain::value::time::{Day, Timestamp};
use crate::i18n::fill;
use crate::platform::intl;

impl App {
    pub fn money(self, currency: Currency, amount: Minor) -> String {
        intl::money(self.locale(), currency, currency != self.currency(), amount)
    }

    /// In the store's own currency.
    pub fn price(self, amount: Minor) -> String {
        self.money(self.currency(), amount)
    }

    /// Basis points as people read them.
    pub fn percent(self, bp: impl Into<i64>) -> String {
        format!("{}%", crate::domain::value::money::plain_decimal(bp.into(), 2))
    }

    /// What is asked for in cash where so much is due, as the store rounds; looked at again when that changes.
    pub fn in_cash(self, due: Minor) -> Minor {
        self.settings.track();
        self.look(|l| l.book.profile.get(&()).map_or(due, |p| p.in_cash(due)))
    }

    pub fn currency(self) -> Currency {
        self.look(|l| l.book.profile.get(&()).map_or(Currency::CNY, |p| p.currency))
    }

    /// A moment, as short as can be understood today.
    pub fn moment(self, at: Timestamp) -> String {
        intl::time(self.locale(), at, self.now())
    }

    pub fn full_moment(self, at: Timestamp) -> String {
        intl::full(self.locale(), at)
    }

    /// `3`, `1.25 kg`.
    pub fn quantity(self, quantity: Quantity, unit: Unit) -> String {
        match unit {
            Unit::Piece => quantity.plain(),
            other => format!("{} {}", quantity.plain(), self.words().unit(other)),
        }
    }

    /// A day, without its time.
    pub fn day(self, at: Timestamp) -> String {
        intl::day(self.locale(), at)
    }

    /// The store's time less UTC. Units: ms.
    pub fn offset_ms(self) -> i64 {
        i64::from(self.look(|l| l.book.profile.get(&()).map_or(480, |p| p.offset_min))) * 60_000
    }

    /// The store's day.
    pub fn today(self) -> Day {
        self.now().day((self.offset_ms() / 60_000) as i32)
    }

    /// When the store's day began.
    pub fn midnight(self) -> Timestamp {
        let (day, offset) = (86_400_000, self.offset_ms());
        Timestamp((self.now().0 + offset).div_euclid(day) * day - offset)
    }

    /// A moment as an input of date and time holds it, in the store's time.
    pub fn local(self, at: Timestamp) -> String {
        Timestamp(at.0.saturating_add(self.offset_ms())).rfc3339().chars().take(16).collect()
    }

    /// What such an input holds; `None` when it is empty.
    pub fn read_local(self, text: &str) -> Option<Timestamp> {
        let read = Timestamp::parse(&format!("{}:00", text.trim()))?;
        Some(Timestamp(read.0.saturating_sub(self.offset_ms())))
    }

    /// A lot in words: its code, until when it is good, and whether that is over.
    pub fn lot(self, lot: &Lot) -> String {
        let m = self.words();
        let code = if lot.code.is_empty() { String::new() } else { fill(m.lot_code, &[&lot.code]) };
        let until = lot.expires.map(|day| match day.0.saturating_sub(self.today().0) {
            ..0 => fill(m.expired_on, &[&day.iso()]),
            left @ 0..=90 => fill(m.expires_in, &[&day.iso(), &left]),
            _ => fill(m.expires_on, &[&day.iso()]),
        });
        let said = [code, until.unwrap_or_default()];
        said.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// How long ago, in minutes, hours or days.
    pub fn age(self, at: Timestamp) -> String {
        let m = self.words();
        let minutes = (self.now().0 - at.0).max(0) / 60_000;
        match minutes {
            0 => m.just_now.to_owned(),
            1..=59 => fill(m.minutes_ago, &[&minutes]),
            60..=2879 => fill(m.hours_ago, &[&(minutes / 60)]),
            _ => fill(m.days_ago, &[&(minutes / 1440)]),
        }
    }
}
