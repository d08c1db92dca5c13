//! When an order is wanted, as people write it: `明天下午3点前送到`, `tomorrow 15:00`, `Friday at 3pm`.
//!
//! Only a text that says nothing else is taken: a day, a time, and the words between.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::domain::value::time::Timestamp;

/// Hours that parts of a day stand for.
const MORNING: u32 = 10;
const NOON: u32 = 12;
const AFTERNOON: u32 = 15;
const EVENING: u32 = 19;
/// Hour by which it is wanted when only the day is said.
const BY_DAY: u32 = 18;

/// Meaning of a word.
#[derive(Clone, Copy)]
enum Says {
    /// So many days from today.
    In(u64),
    On(Weekday),
    /// A part of the day: the hour that it stands for.
    Part(u32),
    Both(u64, u32),
    Next,
    Nothing,
}

const WORDS: &[(&str, Says)] = &[
    ("day after tomorrow", Says::In(2)),
    ("tomorrow", Says::In(1)),
    ("tonight", Says::Both(0, EVENING)),
    ("today", Says::In(0)),
    ("大后天", Says::In(3)),
    ("后天", Says::In(2)),
    ("明早", Says::Both(1, MORNING)),
    ("明晚", Says::Both(1, EVENING)),
    ("今晚", Says::Both(0, EVENING)),
    ("明天", Says::In(1)),
    ("明日", Says::In(1)),
    ("今天", Says::In(0)),
    ("今日", Says::In(0)),
    ("monday", Says::On(Weekday::Mon)),
    ("tuesday", Says::On(Weekday::Tue)),
    ("wednesday", Says::On(Weekday::Wed)),
    ("thursday", Says::On(Weekday::Thu)),
    ("friday", Says::On(Weekday::Fri)),
    ("saturday", Says::On(Weekday::Sat)),
    ("sunday", Says::On(Weekday::Sun)),
    ("morning", Says::Part(MORNING)),
    ("afternoon", Says::Part(AFTERNOON)),
    ("evening", Says::Part(EVENING)),
    ("noon", Says::Part(NOON)),
    ("早上", Says::Part(MORNING)),
    ("上午", Says::Part(MORNING)),
    ("中午", Says::Part(NOON)),
    ("下午", Says::Part(AFTERNOON)),
    ("傍晚", Says::Part(EVENING)),
    ("晚上", Says::Part(EVENING)),
    ("送货时间", Says::Nothing),
    ("自提时间", Says::Nothing),
    ("时间", Says::Nothing),
    ("之前", Says::Nothing),
    ("左右", Says::Nothing),
    ("送到", Says::Nothing),
    ("送货", Says::Nothing),
    ("来取", Says::Nothing),
    ("自取", Says::Nothing),
    ("自提", Says::Nothing),
    ("取货", Says::Nothing),
    ("delivered", Says::Nothing),
    ("delivery", Says::Nothing),
    ("deliver", Says::Nothing),
    ("pick-up", Says::Nothing),
    ("pickup", Says::Nothing),
    ("pick up", Says::Nothing),
    ("o'clock", Says::Nothing),
    ("please", Says::Nothing),
    ("before", Says::Nothing),
    ("around", Says::Nothing),
    ("next", Says::Next),
    ("needed", Says::Nothing),
    ("下周", Says::Next),
    ("下星期", Says::Next),
    ("for", Says::Nothing),
    ("the", Says::Nothing),
    ("at", Says::Nothing),
    ("by", Says::Nothing),
    ("on", Says::Nothing),
    ("in", Says::Nothing),
    ("可以吗", Says::Nothing),
    ("可以", Says::Nothing),
    ("就行", Says::Nothing),
    ("谢谢", Says::Nothing),
    ("thank you", Says::Nothing),
    ("thanks", Says::Nothing),
    ("吧", Says::Nothing),
    ("请", Says::Nothing),
    ("的", Says::Nothing),
    ("前", Says::Nothing),
    ("送", Says::Nothing),
    ("取", Says::Nothing),
    ("要", Says::Nothing),
    ("到", Says::Nothing),
];

const FULL_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEK: &str = "一二三四五六日";

/// Parts of a moment that were read so far.
#[derive(Default)]
struct Read {
    day: Option<NaiveDate>,
    hour: Option<(u32, u32)>,
    part: Option<u32>,
    next: bool,
}

/// Reads a text; `None` unless all of it is about when. `now` in the shop's time, `offset_min` minutes east of UTC.
pub fn promised(text: &str, now: Timestamp, offset_min: i32) -> Option<Timestamp> {
    let offset = i64::from(offset_min.clamp(-1080, 1080)) * 60_000;
    let local = chrono::DateTime::from_timestamp_millis(now.0.checked_add(offset)?)?.naive_utc();
    let today = local.date();
    let small = text.trim().to_lowercase();
    if small.chars().count() > 60 {
        return None;
    }
    let mut rest = small.as_str();
    let mut read = Read::default();
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() || "：:，,。.!！~、-".contains(c) {
            rest = &rest[c.len_utf8()..];
            continue;
        }
        rest =
            date(rest, today, &mut read).or_else(|| clock(rest, &mut read)).or_else(|| word(rest, today, &mut read))?;
    }
    if read.day.is_none() && read.hour.is_none() && read.part.is_none() {
        return None;
    }
    let (hour, minute, later) = at(&read)?;
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    let day = match read.day {
        Some(day) => day.checked_add_days(Days::new(later))?,
        None if later > 0 => today.checked_add_days(Days::new(later))?,
        // The next time that it is so late.
        None if NaiveDateTime::new(today, time) > local => today,
        None => today.checked_add_days(Days::new(1))?,
    };
    Some(Timestamp(NaiveDateTime::new(day, time).and_utc().timestamp_millis().checked_sub(offset)?))
}

/// The hour and minute that are meant, and how many days later than the day that is said.
fn at(read: &Read) -> Option<(u32, u32, u64)> {
    Some(match (read.hour, read.part) {
        // Twelve at night, and what comes after it, is the next day's.
        (Some((12, minute)), Some(EVENING)) => (0, minute, 1),
        (Some((hour, minute)), Some(EVENING)) if hour < 5 => (hour, minute, 1),
        (Some((hour, minute)), Some(part)) if part >= AFTERNOON && hour < 12 => (hour + 12, minute, 0),
        // One at noon is after it.
        (Some((hour, minute)), Some(NOON)) if hour < 3 => (hour + 12, minute, 0),
        // `一点` by itself is a little.
        (Some((1, 0)), None) if read.day.is_none() => return None,
        (Some((hour, minute)), _) => (hour, minute, 0),
        (None, Some(part)) => (part, 0, 0),
        (None, None) => (BY_DAY, 0, 0),
    })
}

/// Takes a number of so many digits off the front.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > most { None } else { Some((text[..digits].parse().ok()?, &text[digits..])) }
}

/// A number in Chinese, up to 59: `三`, `十二`, `二十`.
fn chinese(text: &str) -> Option<(u32, &str)> {
    let digit =
        |c: char| "零一二三四五六七八九".chars().position(|d| d == c).map(|n| n as u32).or((c == '两').then_some(2));
    let mut chars = text.chars();
    let first = chars.next()?;
    if first == '十' {
        let rest = chars.as_str();
        return Some(match rest.chars().next().and_then(digit) {
            Some(n) => (10 + n, &rest[rest.chars().next().map_or(0, char::len_utf8)..]),
            None => (10, rest),
        });
    }
    let tens = digit(first)?;
    let rest = chars.as_str();
    let Some(after) = rest.strip_prefix('十') else { return Some((tens, rest)) };
    match after.chars().next().and_then(digit) {
        Some(n) => Some((tens * 10 + n, &after[after.chars().next().map_or(0, char::len_utf8)..])),
        None => Some((tens * 10, after)),
    }
}

/// The next such day of a year: this year's, unless it is over.
fn of_year(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let this = NaiveDate::from_ymd_opt(today.year(), month, day)?;
    if this >= today { Some(this) } else { NaiveDate::from_ymd_opt(today.year() + 1, month, day) }
}

/// `2026-11-28`, `11月28日`, `11/28`, `28 Nov`, `Nov 28`, `周五`.
fn date<'a>(text: &'a str, today: NaiveDate, read: &mut Read) -> Option<&'a str> {
    let mut found = |day: NaiveDate| read.day.is_none().then(|| read.day = Some(day));
    if let Some((year, after)) = number(text, 4).filter(|(n, _)| *n > 1_900) {
        let (month, after) = number(after.strip_prefix(['-', '/', '年'])?, 2)?;
        let (day, after) = number(after.strip_prefix(['-', '/', '月'])?, 2)?;
        found(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?)?;
        return Some(after.strip_prefix('日').unwrap_or(after));
    }
    if let Some((first, after)) = number(text, 2) {
        if let Some((day, rest)) =
            after.strip_prefix('月').or_else(|| after.strip_prefix('/')).and_then(|rest| number(rest, 2))
        {
            found(of_year(today, first, day)?)?;
            return Some(rest.strip_prefix(['日', '号']).unwrap_or(rest));
        }
        let (month, rest) = month(after.trim_start())?;
        found(of_year(today, month, first)?)?;
        return Some(rest);
    }
    if let Some((month, rest)) = month(text)
        && let Some((day, rest)) = number(rest.trim_start(), 2)
    {
        found(of_year(today, month, day)?)?;
        return Some(["st", "nd", "rd", "th"].iter().find_map(|end| rest.strip_prefix(end)).unwrap_or(rest));
    }
    let rest = ["周", "星期", "礼拜"].iter().find_map(|w| text.strip_prefix(w))?;
    let c = rest.chars().next()?;
    let nth = WEEK.chars().position(|d| d == c).or((c == '天').then_some(6))?;
    let day = on(today, Weekday::try_from(u8::try_from(nth).ok()?).ok()?, read.next)?;
    read.day.is_none().then(|| read.day = Some(day))?;
    Some(&rest[c.len_utf8()..])
}

fn month(text: &str) -> Option<(u32, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    // The whole word, or its first three letters: neither marmalade nor decaf is a month.
    let nth = FULL_MONTHS.iter().position(|m| &text[..letters] == *m || &text[..letters] == m.get(..3).unwrap_or(m))?;
    Some((nth as u32 + 1, &text[letters..]))
}

/// The next such day of the week; with `next`, that of the week after this one.
fn on(today: NaiveDate, weekday: Weekday, next: bool) -> Option<NaiveDate> {
    let from_monday = i64::from(weekday.num_days_from_monday()) - i64::from(today.weekday().num_days_from_monday());
    let days = if next { from_monday + 7 } else { from_monday.rem_euclid(7) };
    today.checked_add_days(Days::new(u64::try_from(days).ok()?))
}

/// `15:00`, `3pm`, `3点`, `三点半`.
fn clock<'a>(text: &'a str, read: &mut Read) -> Option<&'a str> {
    if read.hour.is_some() {
        return None;
    }
    let (mut hour, after) = number(text, 2).or_else(|| chinese(text))?;
    let (minute, after) = if let Some(rest) = after.strip_prefix([':', '：']) {
        number(rest, 2)?
    } else if let Some(rest) = after.strip_prefix('点').or_else(|| after.strip_prefix('时')) {
        let rest = rest.strip_prefix('钟').unwrap_or(rest);
        if let Some(rest) = rest.strip_prefix('半') {
            (30, rest)
        } else if let Some(rest) = rest.strip_prefix("一刻") {
            (15, rest)
        } else {
            match number(rest, 2).or_else(|| chinese(rest)) {
                Some((minute, rest)) => (minute, rest.strip_prefix('分').unwrap_or(rest)),
                None => (0, rest),
            }
        }
    } else if ["am", "pm", "o'clock", "a.m.", "p.m."].iter().any(|end| after.trim_start().starts_with(end)) {
        (0, after)
    } else {
        return None;
    };
    let half = after.trim_start();
    let after = if let Some(rest) = half.strip_prefix("pm").or_else(|| half.strip_prefix("p.m.")) {
        hour = hour % 12 + 12;
        rest
    } else if let Some(rest) = half.strip_prefix("am").or_else(|| half.strip_prefix("a.m.")) {
        hour %= 12;
        rest
    } else {
        after
    };
    (hour < 24 && minute < 60).then(|| read.hour = Some((hour, minute)))?;
    Some(after)
}

fn word<'a>(text: &'a str, today: NaiveDate, read: &mut Read) -> Option<&'a str> {
    let (word, says) = WORDS.iter().find(|(w, _)| {
        let ends = |rest: &str| !w.is_ascii() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        text.strip_prefix(w).is_some_and(ends)
    })?;
    let day = |days: u64| today.checked_add_days(Days::new(days));
    match *says {
        Says::In(days) if read.day.is_none() => read.day = day(days),
        Says::On(weekday) if read.day.is_none() => read.day = on(today, weekday, read.next),
        Says::Part(hour) if read.part.is_none() => read.part = Some(hour),
        Says::Both(days, hour) if read.day.is_none() && read.part.is_none() => {
            read.day = day(days);
            read.part = Some(hour);
        }
        Says::Next => read.next = true,
        Says::Nothing => {}
        // Two days, or two parts of one, are something else.
        _ => return None,
    }
    // `下周五`: the week's word is read, and the day's follows without its own.
    if *word == "下周" || *word == "下星期" {
        return Some(&text[word.len() - if *word == "下周" { "周".len() } else { "星期".len() }..]);
    }
    Some(&text[word.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_is_read_as_people_write_it_and_nothing_else_is() {
        // Friday, 27 November 2026, 11:00 in the shop.
        let now = Timestamp::parse("2026-11-27T03:00:00Z").expect("a time");
        let local = |text: &str| {
            promised(text, now, 480).map(|t| {
                chrono::DateTime::from_timestamp_millis(t.0 + 480 * 60_000)
                    .expect("a time")
                    .format("%m-%d %H:%M")
                    .to_string()
            })
        };
        for (text, expected) in [
            ("明天下午3点前送到", "11-28 15:00"),
            ("后天上午", "11-29 10:00"),
            ("今晚", "11-27 19:00"),
            ("今天18:30", "11-27 18:30"),
            ("明早九点半", "11-28 09:30"),
            ("周五下午两点", "11-27 14:00"),
            ("下周三 中午", "12-02 12:00"),
            ("11月30日晚上7点", "11-30 19:00"),
            ("1月2号", "01-02 18:00"),
            ("9点", "11-28 09:00"),
            ("下午5点来取", "11-27 17:00"),
            ("中午1点", "11-27 13:00"),
            ("送货时间：2026-12-01 09:15", "12-01 09:15"),
            ("tomorrow 15:00", "11-28 15:00"),
            ("Friday at 3pm", "11-27 15:00"),
            ("next monday morning, please", "11-30 10:00"),
            ("by 12 am", "11-28 00:00"),
            ("28 Nov", "11-28 18:00"),
            ("Dec 1st at 4:45 pm", "12-01 16:45"),
            ("day after tomorrow, noon", "11-29 12:00"),
            ("今晚12点", "11-28 00:00"),
            ("明天晚上1点", "11-29 01:00"),
        ] {
            assert_eq!(local(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "绿茶 2盒",
            "13800138000",
            "tomorrow or today",
            "3",
            "三",
            "明天见老王",
            "MK-01",
            "25:00",
            "2026-13-40",
            "文三路 12 号",
            "12",
            "for",
            "2 decaf",
            "mayo 2",
            "3 marmalade",
            "1 novel",
            "要一点",
        ] {
            assert_eq!(local(text), None, "{text}");
        }
    }
}
