//! When a backup is due, and when its time is over. Decides and does nothing.

use cardfile_domain::{Millis, time::DateOrder};
use cardfile_store::{BackupEntry, BackupPlan, BackupReason, BackupState, Catalogue, Kept};
use std::path::{Path, PathBuf};

const HOUR: i64 = 3_600_000;

/// Whether a backup is to be made now.
pub(super) fn is_due(known: &Catalogue, now: Millis) -> bool {
    let every = i64::from(known.plan.every_hours) * HOUR;
    // What was in the way is given an hour to go.
    let waits = known.failed.is_some_and(|failed| (0..HOUR).contains(&(now.0 - failed.at.0)));
    if every == 0 || waits {
        return false;
    }
    // One from the future, by a clock that was wrong, is no reason to wait for it.
    let past = known.backups.iter().filter(|entry| entry.created_at <= now);
    let newest = past.filter(|entry| entry.state == BackupState::Whole).map(|entry| entry.created_at).max();
    newest.is_none_or(|at| now.0 - at.0 >= every)
}

/// The backups whose time is over: made by themselves, older than the plan keeps them. The
/// newest that is whole stays, whatever its age.
pub(super) fn over(known: &Catalogue, now: Millis) -> Vec<BackupEntry> {
    let newest = known.newest_whole().map(|entry| &entry.file);
    let is_over =
        |entry: &&BackupEntry| goes_at(&known.plan, entry).is_some_and(|at| at <= now) && newest != Some(&entry.file);
    known.backups.iter().filter(is_over).cloned().collect()
}

/// When a backup is given up; never, when a person wanted it or nothing is given up.
pub fn goes_at(plan: &BackupPlan, entry: &BackupEntry) -> Option<Millis> {
    match entry.reason {
        BackupReason::Hand => None,
        BackupReason::Plan | BackupReason::BeforeSchema => after(plan, entry.created_at),
    }
}

/// When something of this moment is given up.
pub fn after(plan: &BackupPlan, at: Millis) -> Option<Millis> {
    (plan.keep_days > 0).then(|| Millis(at.0 + i64::from(plan.keep_days) * Millis::DAY))
}

/// The names of those workspaces put aside by a restore whose time is over.
pub(super) fn kept_over(plan: &BackupPlan, kept: Vec<Kept>, now: Millis) -> Vec<String> {
    let names = kept.into_iter().map(|kept| kept.name);
    names.filter(|name| kept_at(name).and_then(|at| after(plan, at)).is_some_and(|at| at <= now)).collect()
}

/// When a workspace was put aside, by its name: `2026-11-26T080000Z`.
pub fn kept_at(name: &str) -> Option<Millis> {
    let (day, hour, minute, second) = (name.get(..11)?, name.get(11..13)?, name.get(13..15)?, name.get(15..17)?);
    Millis::parse(&format!("{day}{hour}:{minute}:{second}Z"), DateOrder::DayFirst)
}

/// A copy of the workspace that may hold a person who is not in it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Where it is.
    pub path: PathBuf,
    /// When it was made.
    pub created_at: Millis,
    /// When it is given up; nothing when a person has to do that.
    pub goes_at: Option<Millis>,
}

pub(super) fn holding(dir: &Path, known: &Catalogue, kept: &[Kept], since: Millis) -> Vec<Holding> {
    let backups = known.backups.iter().map(|entry| Holding {
        path: entry.path(dir),
        created_at: entry.created_at,
        goes_at: goes_at(&known.plan, entry),
    });
    let kept = kept.iter().map(|kept| {
        let created_at = kept_at(&kept.name).unwrap_or_default();
        Holding { path: kept.dir.clone(), created_at, goes_at: after(&known.plan, created_at) }
    });
    // One that was put aside and whose time is not known may hold anybody.
    backups.chain(kept).filter(|one| one.created_at >= since || one.created_at == Millis::default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_store::{BackupFailure, BackupObstacle};
    use rstest::rstest;

    const NOW: i64 = 400 * Millis::DAY;

    fn entry(days_ago: i64, reason: BackupReason, state: BackupState) -> BackupEntry {
        BackupEntry {
            file: format!("{days_ago}").into(),
            reason,
            created_at: Millis(NOW - days_ago * Millis::DAY),
            contacts: 1,
            files: 0,
            bytes: 1,
            sha256: String::new(),
            checked_at: Millis(0),
            state,
        }
    }

    fn catalogue(every_hours: u32, mut backups: Vec<BackupEntry>, failed_hours_ago: Option<i64>) -> Catalogue {
        backups.sort_by_key(|entry| entry.created_at);
        let failed =
            failed_hours_ago.map(|ago| BackupFailure { at: Millis(NOW - ago * HOUR), why: BackupObstacle::NoFolder });
        Catalogue { plan: BackupPlan { every_hours, ..BackupPlan::default() }, backups, failed }
    }

    use BackupReason::{BeforeSchema, Hand, Plan};
    use BackupState::{Changed, Missing, Whole};

    #[rstest]
    #[case::by_hand_only(0, vec![], None, false)]
    #[case::none_yet(24, vec![], None, true)]
    #[case::yesterday(24, vec![entry(1, Plan, Whole)], None, true)]
    #[case::today(24, vec![entry(0, Plan, Whole)], None, false)]
    #[case::by_hand_today_is_one_too(24, vec![entry(0, Hand, Whole)], None, false)]
    #[case::todays_is_not_whole(24, vec![entry(0, Plan, Changed), entry(2, Plan, Whole)], None, true)]
    #[case::todays_is_gone(24, vec![entry(0, Plan, Missing)], None, true)]
    #[case::one_from_the_future(24, vec![entry(-3, Plan, Whole), entry(2, Plan, Whole)], None, true)]
    #[case::failed_just_now(24, vec![], Some(0), false)]
    #[case::failed_an_hour_ago(24, vec![], Some(1), true)]
    #[case::failed_in_the_future(24, vec![], Some(-5), true)]
    fn when_one_is_made(
        #[case] every_hours: u32,
        #[case] backups: Vec<BackupEntry>,
        #[case] failed_hours_ago: Option<i64>,
        #[case] due: bool,
    ) {
        assert_eq!(is_due(&catalogue(every_hours, backups, failed_hours_ago), Millis(NOW)), due);
    }

    #[rstest]
    #[case::young(vec![entry(29, Plan, Whole), entry(1, Plan, Whole)], &[])]
    #[case::old(vec![entry(30, Plan, Whole), entry(40, BeforeSchema, Whole), entry(1, Plan, Whole)], &["40", "30"])]
    #[case::a_person_wanted_it(vec![entry(90, Hand, Whole), entry(1, Plan, Whole)], &[])]
    #[case::the_last_one_stays(vec![entry(90, Plan, Whole)], &[])]
    #[case::the_last_whole_one_stays(vec![entry(90, Plan, Whole), entry(1, Plan, Changed)], &[])]
    #[case::changed_and_old(vec![entry(90, Plan, Changed), entry(50, Plan, Whole)], &["90"])]
    fn when_one_is_given_up(#[case] backups: Vec<BackupEntry>, #[case] expected: &[&str]) {
        let over = over(&catalogue(24, backups.clone(), None), Millis(NOW));
        let names: Vec<String> = over.iter().map(|entry| entry.file.display().to_string()).collect();
        assert_eq!(names, expected);
        let mut forever = catalogue(24, backups, None);
        forever.plan.keep_days = 0;
        assert!(super::over(&forever, Millis(NOW)).is_empty());
    }

    #[test]
    fn a_workspace_that_was_put_aside_says_when_by_its_name() {
        let at = kept_at("2026-11-26T080102Z").expect("a time");
        assert_eq!(at.to_rfc3339(), "2026-11-26T08:01:02Z");
        assert_eq!(kept_at("2026-11-26T080102Z-2"), Some(at), "the second of the same second");
        assert_eq!(kept_at("something else"), None);
        let kept = |name: &str| Kept { name: name.into(), dir: PathBuf::new(), bytes: 0 };
        let all = vec![kept("2026-11-26T080102Z"), kept("2026-10-01T000000Z"), kept("mine")];
        let now = Millis(at.0 + Millis::DAY);
        assert_eq!(kept_over(&BackupPlan::default(), all, now), ["2026-10-01T000000Z"]);
    }
}
