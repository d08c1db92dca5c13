//! When something is low, and how much of it to order: by hand, or from what is sold.

use std::collections::BTreeMap;

use crate::domain::book::{Book, RECENT_MOVEMENTS};
use crate::domain::stock::Reason;
use crate::domain::stock::document::{MOST_GOODS, replenish};
use crate::domain::value::id::{LocationId, VariantId};
use crate::domain::value::quantity::Quantity;
use crate::domain::value::time::{Day, Timestamp};

/// The point up to which back sales are looked at. Units: days.
pub const LOOK_BACK: i64 = 28;
/// Stock for so many days beyond a supplier's own.
pub const SAFETY_DAYS: u32 = 3;
/// The lead time where nobody said how long a supplier takes. Units: days.
const USUAL_LEAD: u32 = 3;
/// Low for what nobody has set a level for and nobody buys.
const USUAL_LOW: Quantity = Quantity::whole(5);
const DAY_MS: i64 = 86_400_000;

/// The pace of sales at a place. The latest movements are at hand, not all: a busy shop's reach less far back, and a
/// new shop has not had so many days; the pace is of the days that there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pace {
    sold: BTreeMap<VariantId, i64>,
    /// From 1 to [`LOOK_BACK`].
    pub days: i64,
}

impl Pace {
    pub fn at(book: &Book, location: LocationId, now: Timestamp) -> Self {
        let since = now.0.saturating_sub(LOOK_BACK * DAY_MS);
        let mut sold = BTreeMap::<VariantId, i64>::new();
        let (mut oldest, mut count) = (now.0, 0);
        for movement in book.movements() {
            count += 1;
            // A tablet's clock may say anything; what it says of the future says nothing of the past.
            oldest = oldest.min(movement.at.0);
            let sale = matches!(movement.reason, Reason::Sold(_) | Reason::Returned(_));
            if sale && movement.location == location && movement.at.0 >= since {
                let sum = sold.entry(movement.variant).or_default();
                *sum = sum.saturating_sub(movement.change.0);
            }
        }
        // Everything since the shop began is at hand, or as much as is kept.
        let reach = if count < RECENT_MOVEMENTS { oldest } else { oldest.max(since) };
        let days = now.0.saturating_sub(reach.max(since)).saturating_add(DAY_MS - 1) / DAY_MS;
        Self { sold, days: days.clamp(1, LOOK_BACK) }
    }

    /// The quantity of something that is sold in a day.
    pub fn a_day(&self, variant: VariantId) -> Quantity {
        Quantity(self.sold.get(&variant).copied().unwrap_or_default().max(0) / self.days)
    }
}

/// A reason to look at a variant at a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Alert {
    Low,
    Out,
    Oversold,
    Expiring,
}

impl Alert {
    pub const ALL: [Self; 4] = [Self::Low, Self::Out, Self::Oversold, Self::Expiring];
}

/// The time that an order takes to come: as long as with the slowest supplier. Units: days.
pub fn lead_days(book: &Book) -> u32 {
    book.suppliers.iter().filter(|(_, s)| s.active).map(|(_, s)| s.lead_days).max().unwrap_or(USUAL_LEAD)
}

impl Book {
    /// The level below which something is low: as it was set, or else what is sold while an order comes and some days
    /// more.
    pub fn low_at(&self, variant: VariantId, pace: &Pace, lead_days: u32) -> Quantity {
        if let Some(set) = self.variant(variant).and_then(|(_, v)| v.low_at) {
            return set;
        }
        match pace.a_day(variant) {
            Quantity::ZERO => USUAL_LOW,
            a_day => Quantity(
                a_day.0.saturating_mul(i64::from(lead_days.saturating_add(SAFETY_DAYS))).saturating_add(999) / 1_000
                    * 1_000,
            ),
        }
    }

    /// Says whether it wants a look: what was never kept at a place is not missing there. `day` is how far ahead expiry
    /// counts.
    pub fn alert(
        &self,
        variant: VariantId,
        location: LocationId,
        pace: &Pace,
        lead_days: u32,
        alert: Alert,
        day: Day,
    ) -> bool {
        let place = (variant, location);
        let kept = self.levels.get(&place).is_some() && self.kit(variant).is_none();
        let on_hand = self.level(place).on_hand;
        match alert {
            Alert::Oversold => on_hand < Quantity::ZERO,
            Alert::Out => kept && on_hand == Quantity::ZERO,
            Alert::Low => {
                kept && on_hand > Quantity::ZERO && self.available(place) <= self.low_at(variant, pace, lead_days)
            }
            Alert::Expiring => self.expiring(place, day) > Quantity::ZERO,
        }
    }

    /// Counts the alerts of each kind at a place.
    pub fn alerts(&self, location: LocationId, now: Timestamp, day: Day) -> [usize; 4] {
        let (pace, lead) = (Pace::at(self, location, now), lead_days(self));
        let mut counts = [0; 4];
        // What was never kept here has no level here.
        let here = self.levels.iter().filter(|(place, _)| place.1 == location).map(|(place, _)| place.0);
        for variant in here.filter(|v| self.variant(*v).is_some_and(|(p, _)| p.active)) {
            for (count, alert) in counts.iter_mut().zip(Alert::ALL) {
                *count += usize::from(self.alert(variant, location, &pace, lead, alert, day));
            }
        }
        counts
    }

    /// Variants that are low and not on their way, with how much to order of each.
    pub fn proposal(&self, location: LocationId, now: Timestamp, lead_days: u32) -> Vec<(VariantId, Quantity)> {
        let pace = Pace::at(self, location, now);
        let mut all = Vec::new();
        for v in self.products.iter().filter(|(_, p)| p.active).flat_map(|(_, p)| &p.variants) {
            let place = (v.id, location);
            let (available, low_at) = (self.available(place), self.low_at(v.id, &pace, lead_days));
            // What nobody has ever kept here is not ordered by itself, nor what is made of other things.
            if self.levels.get(&place).is_none() || self.kit(v.id).is_some() || available > low_at {
                continue;
            }
            let quantity = replenish(
                pace.a_day(v.id),
                lead_days.saturating_add(SAFETY_DAYS),
                low_at,
                available,
                self.incoming(place),
            );
            if quantity > Quantity::ZERO {
                all.push((v.id, quantity));
            }
        }
        all.sort();
        all.truncate(MOST_GOODS);
        all
    }
}
