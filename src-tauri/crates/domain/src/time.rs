//! Time: UTC milliseconds inside, RFC 3339 with `Z` outside.

use jiff::{Timestamp, civil, fmt::temporal::DateTimePrinter, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Where "now" comes from. Passed in, so that a test never waits and never
/// meets a changing result.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Millis;

    /// What a clock on the wall shows at a moment, written as if it were UTC: by it a day begins
    /// where the people are.
    fn on_the_wall(&self, at: Millis) -> Millis {
        at
    }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// What a clock on the wall shows in the time zone of this computer.
pub fn on_the_wall_here(at: Millis) -> Millis {
    let moment = Timestamp::from_millisecond(at.0).unwrap_or_default();
    Millis(at.0 + i64::from(TimeZone::system().to_offset(moment).seconds()) * 1_000)
}

/// The order of day and month in a date written with numbers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2024`
    #[default]
    DayFirst,
    /// `12/31/2024`
    MonthFirst,
}

impl Millis {
    /// Milliseconds of a day of 24 hours.
    pub const DAY: i64 = 86_400_000;

    /// Parses what contact files write: RFC 3339 (`2026-03-15T10:30:00Z`, with
    /// or without a fraction or an offset), `2024-03-12`, `2024-03-12 09:14`,
    /// `3/15/2024 2:30 PM` and Unix seconds or milliseconds. A time without an
    /// offset is taken as UTC: the file does not say where it was written.
    pub fn parse(text: &str, order: DateOrder) -> Option<Self> {
        let text = text.trim();
        let bytes = text.as_bytes();
        if bytes.len() < 6 {
            return None;
        }
        if bytes.iter().all(u8::is_ascii_digit) {
            return unix(text);
        }
        if bytes.len() >= 20
            && bytes[4] == b'-'
            && let Ok(at) = text.parse::<Timestamp>()
        {
            return Some(Self(at.as_millisecond()));
        }
        let (date, rest) = match text.find(['T', ' ']) {
            Some(at) => (&text[..at], text[at + 1..].trim()),
            None => (text, ""),
        };
        let date = parse_date(date, order)?;
        let time = if rest.is_empty() { civil::Time::midnight() } else { parse_time(rest)? };
        let zoned = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_millisecond()))
    }

    /// The last so many months in UTC with this one as the last: `2026-11`, its
    /// first moment, and the first moment after it.
    pub fn months(self, count: u32) -> Vec<(String, Self, Self)> {
        let now = Timestamp::from_millisecond(self.0).unwrap_or_default().to_zoned(TimeZone::UTC).date();
        let first = |back: i32| {
            // Months counted from the year 0, so that a year ends by itself.
            let month = i32::from(now.year()) * 12 + i32::from(now.month()) - 1 - back;
            civil::date(month.div_euclid(12) as i16, month.rem_euclid(12) as i8 + 1, 1)
        };
        let moment = |date: civil::Date| {
            Self(date.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_millisecond()))
        };
        let months = (0..count as i32).rev();
        months
            .map(|back| (first(back).strftime("%Y-%m").to_string(), moment(first(back)), moment(first(back - 1))))
            .collect()
    }

    /// RFC 3339 in UTC, `2026-03-15T10:30:00Z`; milliseconds only when there are any.
    pub fn to_rfc3339(self) -> String {
        let (seconds, millis) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let mut text = Self::seconds_to_rfc3339(seconds);
        if millis != 0 && text.pop().is_some() {
            // Writing to a string cannot fail.
            let _ = write!(text, ".{millis:03}Z");
        }
        text
    }

    /// RFC 3339 in UTC without milliseconds, as the reference CSV writes it.
    pub fn to_rfc3339_seconds(self) -> String {
        Self::seconds_to_rfc3339(self.0.div_euclid(1000))
    }

    /// Adds [`Millis::to_rfc3339_seconds`] to a text.
    pub fn push_rfc3339_seconds(self, text: &mut String) {
        const PRINTER: DateTimePrinter = DateTimePrinter::new();
        if let Ok(at) = Timestamp::from_second(self.0.div_euclid(1000)) {
            // Writing to a string cannot fail.
            let _ = PRINTER.print_timestamp(&at, text);
        }
    }

    fn seconds_to_rfc3339(seconds: i64) -> String {
        Timestamp::from_second(seconds).map_or_else(|_| String::new(), |at| at.to_string())
    }
}

fn unix(digits: &str) -> Option<Millis> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        // 9 digits reach back to 1973; 8 are more likely a date (20240312).
        9 | 10 => Some(Millis(number * 1000)),
        12 | 13 => Some(Millis(number)),
        8 => {
            let date =
                civil::Date::new((number / 10_000) as i16, (number / 100 % 100) as i8, (number % 100) as i8).ok()?;
            Some(Millis(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond()))
        }
        _ => None,
    }
}

/// A calendar date written with numbers, or with an English month name as
/// LinkedIn does (`15 Jan 2023`).
fn parse_date(text: &str, order: DateOrder) -> Option<civil::Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [a, b, c] = parts[..] else { return None };
    let number = |part: &str| part.parse::<i16>().ok();
    let (year, month, day) = if a.len() == 4 {
        (number(a)?, number(b)?, number(c)?)
    } else if c.len() == 4 {
        let (first, second) = (number(a)?, number(b)?);
        // A number above 12 can only be the day, whatever the file's habit is.
        let day_first = match (first > 12, second > 12) {
            (true, false) => true,
            (false, true) => false,
            _ => order == DateOrder::DayFirst,
        };
        if day_first { (number(c)?, second, first) } else { (number(c)?, first, second) }
    } else {
        return None;
    };
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn parse_time(text: &str) -> Option<civil::Time> {
    let text = text.trim_end_matches('Z').trim();
    let (clock, half) = match text.split_once(' ') {
        Some((clock, half)) => (clock, Some(half.to_ascii_uppercase())),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    let mut hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = match parts.next() {
        Some(text) => text.split('.').next()?.parse().ok()?,
        None => 0,
    };
    match half.as_deref() {
        Some("PM") if hour < 12 => hour += 12,
        Some("AM") if hour == 12 => hour = 0,
        Some("AM" | "PM") | None => {}
        Some(_) => return None,
    }
    civil::Time::new(hour, minute, second, 0).ok()
}

/// A date as a contact file gives it, as ISO 8601: `1987-05-14`, or `--05-14`
/// when the year is unknown (RFC 6350, 4.3.1). `None` when it is no date.
pub fn partial_date(text: &str, order: DateOrder) -> Option<String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("--") {
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let (month, day) = (digits.get(..2)?.parse().ok()?, digits.get(2..4)?.parse().ok()?);
        // 2024 is a leap year, so that 29 February is a birthday too.
        return (digits.len() == 4 && civil::Date::new(2024, month, day).is_ok())
            .then(|| format!("--{month:02}-{day:02}"));
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let date: civil::Date = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).parse().ok()?;
        return Some(date.to_string());
    }
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    if let Some(date) = parse_date(day, order) {
        return Some(date.to_string());
    }
    // "15 Jan 2023", "January 5, 2023"
    for format in ["%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"] {
        if let Ok(date) = civil::Date::strptime(format, text) {
            return Some(date.to_string());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_reference("2026-03-15T10:30:00Z", "2026-03-15T10:30:00Z")]
    #[case::milliseconds_are_kept("2026-03-15T10:30:00.120Z", "2026-03-15T10:30:00.120Z")]
    #[case::an_offset_becomes_utc("2026-03-15T12:30:00+02:00", "2026-03-15T10:30:00Z")]
    #[case::a_day("2024-03-12", "2024-03-12T00:00:00Z")]
    #[case::hubspot("2024-03-12 09:14", "2024-03-12T09:14:00Z")]
    #[case::half_of_the_day("3/15/2024 2:30 PM", "2024-03-15T14:30:00Z")]
    #[case::unix_seconds("1773570600", "2026-03-15T10:30:00Z")]
    #[case::unix_milliseconds("1773570600000", "2026-03-15T10:30:00Z")]
    #[case::before_1970("1969-07-20T20:17:40Z", "1969-07-20T20:17:40Z")]
    fn reads_a_moment(#[case] text: &str, #[case] expected: &str) {
        let at = Millis::parse(text, DateOrder::DayFirst).expect(text);
        assert_eq!(at.to_rfc3339(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("yesterday")]
    #[case("2024-13-01")]
    #[case("31/31/2024")]
    #[case("12:30")]
    fn refuses_what_is_no_moment(#[case] text: &str) {
        assert_eq!(Millis::parse(text, DateOrder::DayFirst), None);
    }

    #[rstest]
    #[case("1987-05-14", Some("1987-05-14"))]
    #[case("--05-14", Some("--05-14"))]
    #[case("--0514", Some("--05-14"))]
    #[case("--02-29", Some("--02-29"))]
    #[case("19870514", Some("1987-05-14"))]
    #[case("12/28/1969", Some("1969-12-28"))]
    #[case("15 Jan 2023", Some("2023-01-15"))]
    #[case("--13-01", None)]
    #[case("soon", None)]
    fn reads_a_date_that_may_lack_its_year(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(partial_date(text, DateOrder::MonthFirst).as_deref(), expected);
    }

    #[test]
    fn months_follow_each_other_over_the_end_of_a_year() {
        let now = Millis::parse("2026-02-10T12:00:00Z", DateOrder::DayFirst).expect("a time");
        let months = now.months(3);
        let names: Vec<&str> = months.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["2025-12", "2026-01", "2026-02"]);
        assert!(months.windows(2).all(|two| two[0].2 == two[1].1));
        assert_eq!(months[2].2.to_rfc3339(), "2026-03-01T00:00:00Z");
    }
}
