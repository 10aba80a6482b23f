//! When a remote is synced by itself: at its pace, some time after a change here, later and
//! later when it does not answer, and not at all while it waits for a person.

use super::{
    remotes::{self, Known, Listening, Settings},
    running::{self, Past, Report},
};
use crate::{
    core::{Core, Who},
    error::Error,
    progress::Progress,
};
use cardfile_domain::Millis;
use cardfile_sync::run::{End, Reason};
use std::{
    sync::{Arc, Weak, mpsc::Sender},
    time::Duration,
};

const MINUTE: i64 = 60_000;
/// After a change here so long nothing else may change before a run follows.
const SETTLED: i64 = 10_000;
/// The longest pause after runs that found nobody.
const LONGEST: i64 = 60 * MINUTE;
/// Runs that are looked at to see how often nobody answered.
const LOOKED_AT: u32 = 8;

/// Whether a remote is to be synced now. `runs` are its latest, newest first; `changed` is
/// when something changed here that no run has looked at.
fn is_due(settings: &Settings, runs: &[Past], asks: bool, changed: Option<Millis>, now: Millis) -> bool {
    if settings.enabled_at.is_none() || asks {
        return false;
    }
    let pace = i64::from(settings.every_minutes) * MINUTE;
    let Some(last) = runs.first() else { return pace > 0 || settings.on_change };
    let since = now.0 - last.ended_at.unwrap_or(last.at).0;
    let failed = runs.iter().take_while(|run| is_unanswered(run)).count() as u32;
    let pause = match &last.end {
        // Nobody but a person can mend these.
        Some(End::Paused(Reason::SignInNeeded | Reason::OtherStore)) => return false,
        // It may have been something in between.
        Some(End::Paused(Reason::Refused(_))) => LONGEST,
        Some(End::Paused(Reason::Busy { after_ms })) => (*after_ms as i64).max(MINUTE),
        // Another device serves it.
        Some(End::Paused(Reason::Leased)) => MINUTE,
        _ if failed > 0 => (MINUTE << failed.min(6)).min(LONGEST),
        _ => 0,
    };
    if since < pause {
        return false;
    }
    // What was cut off goes on.
    let was_cut = last.end.is_none() && since >= MINUTE;
    let paced = pace > 0 && since >= pace;
    let follows = settings.on_change && changed.is_some_and(|at| now.0 - at.0 >= SETTLED);
    // A person agreed, or it is tried again.
    let goes_on = matches!(last.end, Some(End::Paused(_)));
    was_cut || paced || follows || goes_on && (pace > 0 || settings.on_change)
}

fn is_unanswered(run: &Past) -> bool {
    matches!(run.end, Some(End::Paused(Reason::Unreachable(_) | Reason::Busy { .. } | Reason::Ours(_))))
}

/// The remotes that are to be synced now.
pub fn due(core: &Core) -> Result<Vec<Known>, Error> {
    let now = core.store().environment().clock.now();
    let mut due = Vec::new();
    for known in remotes::all(core)? {
        if known.settings.enabled_at.is_none() {
            continue;
        }
        let runs = running::past(core, &known, LOOKED_AT)?;
        let changed = if known.settings.on_change { changed_at(core, &known)? } else { None };
        if is_due(&known.settings, &runs, !known.asked().is_empty(), changed, now) {
            due.push(known);
        }
    }
    Ok(due)
}

/// When something changed here that no run has looked at.
fn changed_at(core: &Core, known: &Known) -> Result<Option<Millis>, Error> {
    // Nothing was looked at since it was set up, or set otherwise.
    let Some(seen) = known.kept.seen else { return Ok(Some(Millis::default())) };
    Ok(core.store().read(|r| {
        if r.changes().last()? <= seen || r.changes().contacts_after(seen)?.0.is_empty() {
            return Ok(None);
        }
        Ok(r.operations().latest(None, 1)?.first().map(|operation| operation.at))
    })?)
}

/// A run goes on as long as the workspace is open: who locks it stops the run.
pub(crate) struct WhileOpen<'c>(pub(crate) &'c Arc<Core>);

impl Progress for WhileOpen<'_> {
    fn at(&self, _: u64, _: u64) -> bool {
        !self.0.is_closed()
    }
}

/// Syncs what is due, one after the other. Gives each report with the name of its remote.
pub fn catch_up(core: &Arc<Core>) -> Vec<(String, Result<Report, Error>)> {
    due(core).unwrap_or_default().iter().map(|known| sync(core, known)).collect()
}

/// Between two looks whether the workspace is still open.
const LOOK: Duration = Duration::from_secs(5);
/// Looks before a database that does not answer is asked again.
const PATIENCE: u32 = 12;

/// Listens to the database of the team as long as the workspace is open, and tells when
/// somebody changed something there. Word may be missed: the pace of the connection holds.
pub fn listen(core: &Weak<Core>, tell: &Sender<()>) {
    while let Some(listening) = core.upgrade().map(|core| remotes::listening(&core)) {
        if let Ok(Some(Ok(mut listener))) = listening.map(|listening| listening.map(Listening::begin)) {
            while core.upgrade().is_some_and(|core| remotes::team(&core).is_ok_and(|team| team.is_some())) {
                match listener.heard(LOOK) {
                    Ok(false) => {}
                    Ok(true) if tell.send(()).is_ok() => {}
                    Ok(true) => return,
                    Err(_) => break,
                }
            }
        }
        for _ in 0..PATIENCE {
            if core.strong_count() == 0 {
                return;
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// Somebody of the team changed something: it is fetched.
pub fn follow(core: &Arc<Core>) -> Vec<(String, Result<Report, Error>)> {
    let team = remotes::team(core).ok().flatten().filter(|team| team.settings.on_change && team.asked().is_empty());
    team.map(|team| sync(core, &team)).into_iter().collect()
}

/// A remote gave a hint that something changed there: it is looked at. Nothing when it is off,
/// or waits for a person.
pub(crate) fn hinted(core: &Arc<Core>, remote: &str) -> Option<(String, Result<Report, Error>)> {
    let known = remotes::find(core, remote).ok()?;
    (known.settings.enabled_at.is_some() && known.asked().is_empty()).then(|| sync(core, &known))
}

fn sync(core: &Arc<Core>, known: &Known) -> (String, Result<Report, Error>) {
    let who = Who { actor: "cardfile".to_owned(), origin: "sync".to_owned() };
    let report = running::run(core, &known.kept.id, false, &who, &WhileOpen(core));
    (known.kept.name.clone(), report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn past(ended: i64, end: Option<End>) -> Past {
        Past {
            id: String::new(),
            at: Millis(ended - 1_000),
            ended_at: end.is_some().then_some(Millis(ended)),
            end,
            counts: super::super::Counts::default(),
            operation: None,
            is_undone: false,
        }
    }

    fn unreachable() -> Option<End> {
        Some(End::Paused(Reason::Unreachable(String::new())))
    }

    const NOW: i64 = 1_000 * MINUTE;

    #[rstest]
    #[case::by_hand_only(0, false, &[(5, Some(End::Done))], None, false)]
    #[case::never_run(5, false, &[], None, true)]
    #[case::its_time_has_come(5, false, &[(5, Some(End::Done))], None, true)]
    #[case::not_yet(5, false, &[(4, Some(End::Done))], None, false)]
    #[case::changed_a_while_ago(0, true, &[(1, Some(End::Done))], Some(10_000), true)]
    #[case::still_changing(0, true, &[(1, Some(End::Done))], Some(9_999), false)]
    #[case::a_person_agreed(5, true, &[(1, Some(End::Paused(Reason::Asked)))], None, true)]
    #[case::refused(5, true, &[(59, Some(End::Paused(Reason::Refused(String::new()))))], Some(20_000), false)]
    #[case::refused_an_hour_ago(5, true, &[(60, Some(End::Paused(Reason::Refused(String::new()))))], None, true)]
    #[case::kept_from_it_here(5, true, &[(1, Some(End::Paused(Reason::Ours(String::new()))))], Some(20_000), false)]
    #[case::asks_to_sign_in(5, true, &[(90, Some(End::Paused(Reason::SignInNeeded)))], None, false)]
    #[case::no_answer_once(5, false, &[(1, unreachable())], None, false)]
    #[case::no_answer_once_and_waited(5, false, &[(2, unreachable())], None, true)]
    #[case::no_answer_three_times(5, false, &[(7, unreachable()), (20, unreachable()), (40, unreachable())], None, false)]
    #[case::asked_to_wait(5, false, &[(9, Some(End::Paused(Reason::Busy { after_ms: 600_000 })))], None, false)]
    #[case::served_by_another_device(0, true, &[(0, Some(End::Paused(Reason::Leased)))], Some(20_000), false)]
    #[case::served_by_another_device_a_while_ago(0, true, &[(1, Some(End::Paused(Reason::Leased)))], None, true)]
    #[case::cut_off(0, true, &[(1, None)], None, true)]
    fn when_it_runs_by_itself(
        #[case] every_minutes: u32,
        #[case] on_change: bool,
        #[case] runs: &[(i64, Option<End>)],
        #[case] changed_ago_ms: Option<i64>,
        #[case] due: bool,
    ) {
        let settings = Settings { every_minutes, on_change, enabled_at: Some(Millis(1)), ..Settings::default() };
        let runs: Vec<Past> = runs.iter().map(|(ago, end)| past(NOW - ago * MINUTE, end.clone())).collect();
        let changed = changed_ago_ms.map(|ago| Millis(NOW - ago));
        assert_eq!(is_due(&settings, &runs, false, changed, Millis(NOW)), due);
        assert!(!is_due(&settings, &runs, true, changed, Millis(NOW)), "a person is asked first");
        let off = Settings { enabled_at: None, ..settings };
        assert!(!is_due(&off, &runs, false, changed, Millis(NOW)), "nothing runs that is not on");
    }
}
