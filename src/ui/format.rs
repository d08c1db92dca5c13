//! Figures as people read them.

use super::state::App;
use crate::domain::money::{Currency, Minor};
use crate::domain::quantity::{Quantity, Unit};
use crate::domain::time::Timestamp;
use crate::platform::intl;

impl App {
    pub fn money(self, currency: Currency, amount: Minor) -> String {
        intl::money(self.locale(), currency, currency != self.currency(), amount)
    }

    /// In the store's own currency.
    pub fn price(self, amount: Minor) -> String {
        self.money(self.currency(), amount)
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

    /// How long ago, in minutes, hours or days.
    pub fn age(self, at: Timestamp) -> String {
        let m = self.words();
        let minutes = (self.now().0 - at.0).max(0) / 60_000;
        match minutes {
            0 => m.just_now.to_owned(),
            1..=59 => crate::i18n::fill(m.minutes_ago, &[&minutes]),
            60..=2879 => crate::i18n::fill(m.hours_ago, &[&(minutes / 60)]),
            _ => crate::i18n::fill(m.days_ago, &[&(minutes / 1440)]),
        }
    }
}
