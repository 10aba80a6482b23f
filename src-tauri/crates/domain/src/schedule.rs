//! When a task is due: once, or by a recurrence rule (RFC 5545, 3.3.10) in a
//! time zone of the IANA database, daylight saving included.

use crate::{Sentence, part::Task, say, time::Millis};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

/// Occurrences looked at: the first may be the moment itself.
const LOOKED_AT: u16 = 2;

/// Why a schedule is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidSchedule {
    /// The zone is not in the IANA database.
    Zone(String),
    /// The rule is not RFC 5545.
    Rule(String),
    /// So often that nobody could do it, and walking its times would hold the program.
    TooOften,
    /// A rule without its first time.
    NoStart,
}

impl InvalidSchedule {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Zone(what) => say!("{what} is no time zone; the names are like Europe/Madrid", what),
            Self::Rule(what) => say!("not a recurrence rule of RFC 5545: {what}", what),
            Self::TooOften => say!("a task comes every hour at most"),
            Self::NoStart => say!("a recurring task needs the time of its first run"),
        }
    }
}

impl std::fmt::Display for InvalidSchedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(f)
    }
}

impl std::error::Error for InvalidSchedule {}

/// The first time after `after` at which the task is due; nothing when there is
/// none. A task without a rule is due once, at its start, however late it is.
pub fn next_after(task: &Task, after: Option<Millis>) -> Result<Option<Millis>, InvalidSchedule> {
    let Some(start) = task.starts_at else {
        return if task.rule.is_empty() { Ok(None) } else { Err(InvalidSchedule::NoStart) };
    };
    if task.rule.is_empty() {
        return Ok(after.is_none_or(|after| after < start).then_some(start));
    }
    let set = set(task, start)?;
    let set = match after.and_then(|after| moment(after, Tz::UTC)) {
        Some(after) => set.after(after),
        None => set,
    };
    let found = set.all(LOOKED_AT).dates;
    let times = found.into_iter().map(|at| Millis(at.timestamp_millis()));
    Ok(times.into_iter().find(|at| after.is_none_or(|after| *at > after)))
}

fn set(task: &Task, start: Millis) -> Result<RRuleSet, InvalidSchedule> {
    let zone = if task.zone.is_empty() { Tz::UTC } else { zone(&task.zone)? };
    let first = moment(start, zone).ok_or(InvalidSchedule::NoStart)?;
    let often = ["SECONDLY", "MINUTELY"];
    if often.iter().any(|often| task.rule.to_ascii_uppercase().contains(often)) {
        return Err(InvalidSchedule::TooOften);
    }
    let rule: RRule<Unvalidated> = task.rule.parse().map_err(|error| fault(&error))?;
    rule.build(first).map_err(|error| fault(&error))
}

/// A zone of the IANA database by its name.
pub fn zone(name: &str) -> Result<Tz, InvalidSchedule> {
    name.parse::<chrono_tz::Tz>().map(Tz::from).map_err(|_| InvalidSchedule::Zone(name.to_owned()))
}

fn moment(at: Millis, zone: Tz) -> Option<chrono::DateTime<Tz>> {
    chrono::DateTime::from_timestamp_millis(at.0).map(|utc| utc.with_timezone(&zone))
}

fn fault(error: &rrule::RRuleError) -> InvalidSchedule {
    InvalidSchedule::Rule(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DateOrder;
    use rstest::rstest;

    fn at(text: &str) -> Millis {
        Millis::parse(text, DateOrder::DayFirst).expect(text)
    }

    fn task(start: &str, rule: &str, zone: &str) -> Task {
        Task { starts_at: Some(at(start)), rule: rule.into(), zone: zone.into(), ..Task::default() }
    }

    #[rstest]
    // Friday 9:00 in Madrid: 8:00 UTC in winter, 7:00 in summer.
    #[case::before_the_clocks_change(
        "2026-03-20T08:00:00Z",
        "FREQ=WEEKLY",
        "Europe/Madrid",
        "2026-03-20T08:00:00Z",
        Some("2026-03-27T08:00:00Z")
    )]
    #[case::after_the_clocks_changed(
        "2026-03-20T08:00:00Z",
        "FREQ=WEEKLY",
        "Europe/Madrid",
        "2026-03-27T08:00:00Z",
        Some("2026-04-03T07:00:00Z")
    )]
    #[case::back_in_autumn(
        "2026-10-23T07:00:00Z",
        "FREQ=WEEKLY",
        "Europe/Madrid",
        "2026-10-23T07:00:00Z",
        Some("2026-10-30T08:00:00Z")
    )]
    #[case::after_a_long_sleep(
        "2026-01-05T09:00:00Z",
        "FREQ=DAILY",
        "UTC",
        "2026-06-01T12:00:00Z",
        Some("2026-06-02T09:00:00Z")
    )]
    #[case::the_last_one("2026-01-05T09:00:00Z", "FREQ=DAILY;COUNT=2", "UTC", "2026-01-06T09:00:00Z", None)]
    #[case::working_days(
        "2026-11-20T09:00:00Z",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "UTC",
        "2026-11-20T09:00:00Z",
        Some("2026-11-23T09:00:00Z")
    )]
    #[case::the_last_friday_of_a_month(
        "2026-01-30T09:00:00Z",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "UTC",
        "2026-01-30T09:00:00Z",
        Some("2026-02-27T09:00:00Z")
    )]
    #[case::once("2026-01-05T09:00:00Z", "", "", "2026-01-05T09:00:00Z", None)]
    #[case::once_and_not_yet("2026-01-05T09:00:00Z", "", "", "2026-01-01T00:00:00Z", Some("2026-01-05T09:00:00Z"))]
    fn a_task_is_due_again(
        #[case] start: &str,
        #[case] rule: &str,
        #[case] zone: &str,
        #[case] after: &str,
        #[case] next: Option<&str>,
    ) {
        assert_eq!(next_after(&task(start, rule, zone), Some(at(after))), Ok(next.map(at)));
    }

    #[rstest]
    #[case::no_such_zone(
        "FREQ=DAILY",
        "Mars/Olympus",
        "Mars/Olympus is no time zone; the names are like Europe/Madrid"
    )]
    #[case::no_rule("every day", "UTC", "not a recurrence rule of RFC 5545")]
    #[case::every_second("FREQ=SECONDLY", "UTC", "a task comes every hour at most")]
    #[case::no_such_frequency("FREQ=FORTNIGHTLY", "UTC", "not a recurrence rule of RFC 5545")]
    fn what_is_no_schedule_says_why(#[case] rule: &str, #[case] zone: &str, #[case] message: &str) {
        let refused = next_after(&task("2026-01-05T09:00:00Z", rule, zone), None).expect_err("refused");
        assert!(refused.to_string().starts_with(message), "{refused}");
    }

    #[test]
    fn a_rule_that_never_comes_true_is_given_up() {
        let never = task("2026-01-05T09:00:00Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "UTC");
        assert_eq!(next_after(&never, None).unwrap_or(None), None);
    }
}
