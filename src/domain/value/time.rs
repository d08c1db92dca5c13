//! Instants and days. Clocks are recorded, never obeyed: nothing here decides a conflict.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// An instant, as the clock that wrote it had it.
///
/// Units: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The place where a zone can stand at the earliest, after `2024-3-1 9:05`.
const ZONE_AT: usize = 13;

impl Timestamp {
    /// Reads RFC 3339 (`2008-01-10T11:00:00-05:00`), the same without a zone, which is taken as UTC, or a bare day.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(time.timestamp_millis()));
        }
        // A file has thousands of them: only formats that look like the text are tried.
        let (mark, colons) = (text.chars().nth(4)?, text.matches(':').count());
        let marked = |format: &&str| format.chars().nth(2) == Some(if mark.is_ascii_digit() { '%' } else { mark });
        let looks_like = |format: &&str| marked(format) && format.matches(':').count() == colons;
        for format in ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z"].into_iter().filter(marked) {
            if text.len() > ZONE_AT
                && let Ok(time) = DateTime::parse_from_str(text, format)
            {
                return Some(Self(time.timestamp_millis()));
            }
        }
        let moments = [
            "%Y-%m-%dT%H:%M:%S%.f",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y-%m-%d %H:%M",
            "%Y/%m/%d %H:%M:%S",
            "%Y/%m/%d %H:%M",
            "%Y年%m月%d日 %H:%M",
        ];
        for format in moments.into_iter().filter(looks_like) {
            if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
                return Some(Self(time.and_utc().timestamp_millis()));
            }
        }
        for format in ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"].into_iter().filter(looks_like) {
            if let Ok(day) = NaiveDate::parse_from_str(text, format) {
                return day.and_hms_opt(0, 0, 0).map(|t| Self(t.and_utc().timestamp_millis()));
            }
        }
        None
    }

    /// The calendar day of the shop, whose clocks stand `offset_min` minutes east of UTC.
    pub fn day(self, offset_min: i32) -> Day {
        let local = FixedOffset::east_opt(offset_min.clamp(-1080, 1080) * 60)
            .and_then(|zone| zone.timestamp_millis_opt(self.0).single())
            .map(|t| t.date_naive())
            .unwrap_or_default();
        Day(local.num_days_from_ce())
    }

    /// RFC 3339 in UTC, for files.
    pub fn rfc3339(self) -> String {
        Utc.timestamp_millis_opt(self.0)
            .single()
            .map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            .unwrap_or_default()
    }
}

/// A calendar day.
///
/// Units: days since 0001-01-01, as `chrono` counts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

impl Day {
    /// Reads `2026-12-31`.
    pub fn parse(text: &str) -> Option<Self> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().map(|d| Self(d.num_days_from_ce()))
    }

    /// `2026-12-31`.
    pub fn iso(self) -> String {
        NaiveDate::from_num_days_from_ce_opt(self.0).map(|d| d.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_formats_that_other_systems_write_are_read() {
        for (text, millis) in [
            ("2008-01-10T11:00:00-05:00", 1_199_980_800_000),
            ("2018-04-03T23:05:12", 1_522_796_712_000),
            ("1996-07-04 00:00:00.000", 836_438_400_000),
            ("2024-03-01 10:00:00 +0800", 1_709_258_400_000),
            ("2024/03/01 10:00", 1_709_287_200_000),
            ("2024年03月01日", 1_709_251_200_000),
            ("2024-3-1 9:05 +08:00", 1_709_255_100_000),
            ("2024年3月1日 10:00", 1_709_287_200_000),
            ("2024-03-01 10:00", 1_709_287_200_000),
            ("20240301", 1_709_251_200_000),
        ] {
            assert_eq!(Timestamp::parse(text), Some(Timestamp(millis)), "{text}");
        }
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_day_is_the_shops_day() {
        let late = Timestamp::parse("2024-03-01T23:30:00Z").expect("a time");
        assert_eq!(late.day(480).0, late.day(0).0 + 1);
    }

    #[test]
    fn an_absurd_clock_still_has_a_day() {
        let _ = Timestamp(i64::MAX).day(0);
        assert_eq!(Timestamp(i64::MIN).rfc3339(), "");
    }
}
