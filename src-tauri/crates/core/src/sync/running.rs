//! One run, from the first question to the remote to the row in its history.

use super::{
    Counts, Engine,
    remotes::{self, Known},
    shared,
    watch::Watch,
};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::Progress,
};
use cardfile_domain::{Millis, OperationId, Sentence, say};
use cardfile_store::{OpKind, SyncRun};
use cardfile_sync::{
    plan::{Question, Totals},
    run::{Effect, End, Event, Reason, Run, step},
};
use std::time::Duration;

/// Between two looks whether a waiting run is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// What a run did, or would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its id, `run_…`.
    pub run: String,
    /// How it ended.
    pub end: End,
    /// What it did.
    pub counts: Counts,
    /// What its plan does, of one that is only shown.
    pub totals: Totals,
    /// What a person is asked.
    pub questions: Vec<Question>,
    /// Binds the plan that was shown.
    pub digest: String,
    /// What was changed here, to be undone.
    pub operation: Option<OperationId>,
}

impl Report {
    /// Whether everything was done that could be.
    pub fn is_done(&self) -> bool {
        self.end == End::Done
    }

    /// Whether it only looked.
    pub fn is_preview(&self) -> bool {
        self.end == End::Previewed
    }
}

/// Runs a remote once, or only says what a run would do.
pub fn run(core: &Core, name: &str, preview: bool, who: &Who, progress: &dyn Progress) -> Result<Report, Error> {
    let known = remotes::find(core, name)?;
    if !preview && known.settings.enabled_at.is_none() {
        return Err(Error::new(
            Code::Refused,
            say!("{name} was not reviewed yet, so nothing is synced", name = known.kept.name),
        )
        .hint(say!("Look at the pre-flight check, approve what may leave, and turn the connection on.")));
    }
    let mut kept = begin(core, &known, who)?;
    let mut report = Report {
        run: kept.id.clone(),
        end: End::Cancelled,
        counts: Counts::default(),
        totals: Totals::default(),
        questions: Vec::new(),
        digest: String::new(),
        operation: None,
    };
    let watch = Watch::default();
    let served = watch.over(progress, || serve(core, &known, preview, who, progress, &watch, &mut report));
    if let Err(error) = &served {
        // A fault of ours is kept like any other end.
        report.end = End::Paused(Reason::Ours(error.message.to_string()));
    }
    finish(core, &mut kept, &report, who)?;
    served.map(|()| report)
}

fn serve(
    core: &Core,
    known: &Known,
    preview: bool,
    who: &Who,
    progress: &dyn Progress,
    watch: &Watch,
    report: &mut Report,
) -> Result<(), Error> {
    // Only one run at a time, here as among devices.
    let Some(lock) = core.store().lock_remote(&known.kept.id)? else {
        report.end = End::Paused(Reason::Leased);
        return Ok(());
    };
    let known = remotes::find(core, &known.kept.id)?;
    // Who only looks exchanges nothing with the team.
    let bridge = if preview { Ok(None) } else { shared::bridge(core, &known, who, progress, watch)? };
    let bridge = match bridge {
        Ok(bridge) => bridge,
        Err(_) if watch.stop.is_called() => return Ok(()),
        Err(reason) => {
            report.end = End::Paused(reason);
            return Ok(());
        }
    };
    if known.is_team()
        && !preview
        && let Err(failure) = shared::tell_links(core, &known, who, watch)?
    {
        report.end = End::Paused(failure.into());
        return Ok(());
    }
    // Others may have learned more of it.
    let known = remotes::find(core, &known.kept.id)?;
    let mut remote = remotes::open(core, &known, &watch.stop)?;
    let op = who.op(OpKind::SyncRun, known.kept.name.as_str());
    let mut engine = Engine::new(core.store(), &mut *remote, &known.kept, known.settings.mapping.clone(), op)
        .bridged(bridge)
        .of_team(known.is_team())
        .within(known.quota())
        .locked(lock);
    let mut asked = Vec::new();
    let ended = drive(&mut engine, preview, progress, watch, &mut asked);
    report.counts = engine.counts();
    let operation = engine.operation().map(|op| core.store().read(|r| r.operations().get(op))).transpose()?.flatten();
    report.operation = operation.map(|row| row.id);
    if let Some(plan) = engine.planned() {
        (report.totals, report.digest) = (plan.totals, plan.digest());
    }
    let planned = engine.planned().map(|plan| plan.questions.clone()).unwrap_or_default();
    report.end = ended?;
    // What was agreed to is asked no more.
    report.questions = match report.end {
        End::Done => Vec::new(),
        _ if asked.is_empty() => planned,
        _ => asked,
    };
    Ok(())
}

fn drive(
    engine: &mut Engine<'_>,
    preview: bool,
    progress: &dyn Progress,
    watch: &Watch,
    asked: &mut Vec<Question>,
) -> Result<End, Error> {
    let (mut run, mut effects) = step(Run::default(), Event::Start { preview });
    while let Some(effect) = effects.pop() {
        let event = match effect {
            Effect::Wait { least_ms, most_ms } => {
                let ms = least_ms.midpoint(most_ms);
                if wait(Duration::from_millis(ms), progress, watch.done()) {
                    engine.waited(ms);
                    Event::Waited
                } else {
                    Event::Cancel
                }
            }
            effect => {
                if let Effect::Ask(questions) = &effect {
                    asked.clone_from(questions);
                }
                match engine.perform(effect)? {
                    Some(event) => event,
                    None => break,
                }
            }
        };
        let is_written = matches!(event, Event::Settled);
        (run, effects) = step(run, event);
        watch.is_at(engine.requests());
        if !progress.at(watch.done(), 0) && !is_written {
            let (stopped, more) = step(run, Event::Cancel);
            run = stopped;
            effects.extend(more);
        }
    }
    Ok(run.end().cloned().unwrap_or(End::Cancelled))
}

/// Waits; `false` when somebody does not want to.
fn wait(time: Duration, progress: &dyn Progress, done: u64) -> bool {
    let mut left = time;
    while !left.is_zero() {
        if !progress.at(done, 0) {
            return false;
        }
        let part = left.min(LOOK);
        std::thread::sleep(part);
        left -= part;
    }
    true
}

fn begin(core: &Core, known: &Known, who: &Who) -> Result<SyncRun, Error> {
    let store = core.store();
    let mut kept = SyncRun {
        id: store.new_id("run_"),
        remote: known.kept.row,
        at: store.environment().clock.now(),
        counts: serde_json::to_value(Counts::default()).unwrap_or_default(),
        ..SyncRun::default()
    };
    kept.run = store.write(who.op(OpKind::SyncRun, ""), |tx| Ok::<_, Error>(tx.put_sync_run(&kept)?))?.0;
    Ok(kept)
}

fn finish(core: &Core, kept: &mut SyncRun, report: &Report, who: &Who) -> Result<(), Error> {
    kept.ended_at = Some(core.store().environment().clock.now());
    kept.outcome = serde_json::to_value(&report.end).unwrap_or_default();
    kept.counts = serde_json::to_value(&report.counts).unwrap_or_default();
    kept.operation.clone_from(&report.operation);
    core.store().write(who.op(OpKind::SyncRun, ""), |tx| Ok::<_, Error>(tx.put_sync_run(kept)?))?;
    Ok(())
}

/// A run that was.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// `run_…`
    pub id: String,
    /// When it began.
    pub at: Millis,
    /// When it ended; nothing while it runs, or when it was cut off.
    pub ended_at: Option<Millis>,
    /// How it ended.
    pub end: Option<End>,
    /// What it did.
    pub counts: Counts,
    /// What was changed here.
    pub operation: Option<OperationId>,
    /// That was undone.
    pub is_undone: bool,
}

/// The latest runs of a remote, newest first.
pub fn past(core: &Core, known: &Known, limit: u32) -> Result<Vec<Past>, Error> {
    let runs = core.store().read(|r| {
        let runs = r.sync_runs().of_remote(known.kept.row, limit)?;
        let undone = |run: &SyncRun| -> cardfile_store::SqlResult<bool> {
            let Some(id) = &run.operation else { return Ok(false) };
            Ok(r.operations().find(id.as_str())?.is_some_and(|row| row.reversed_by.is_some()))
        };
        runs.into_iter().map(|run| undone(&run).map(|is| (run, is))).collect::<Result<Vec<_>, _>>()
    })?;
    let past = |(run, is_undone): (SyncRun, bool)| Past {
        id: run.id,
        at: run.at,
        ended_at: run.ended_at,
        end: serde_json::from_value(run.outcome).ok(),
        counts: serde_json::from_value(run.counts).unwrap_or_default(),
        operation: run.operation,
        is_undone,
    };
    Ok(runs.into_iter().map(past).collect())
}

/// A run that did not end yet, for a person.
pub fn under_way() -> Sentence {
    say!("under way, or cut off")
}

/// How a run ended, for a person.
pub fn said(end: &End) -> Sentence {
    match end {
        End::Done => say!("everything was done that could be"),
        End::Previewed => say!("only looked at, nothing was changed"),
        End::Cancelled => say!("stopped"),
        End::Paused(Reason::Leased) => say!("another run of this connection is under way, here or on another device"),
        End::Paused(Reason::OtherStore) => say!("behind the address is another address book than before"),
        End::Paused(Reason::Asked) => say!("a person has to agree first"),
        End::Paused(Reason::Unreachable(said)) => say!("the server does not answer: {said}", said),
        End::Paused(Reason::Busy { after_ms }) => {
            say!("the server asks to wait for {seconds} seconds", seconds = after_ms / 1000)
        }
        End::Paused(Reason::SignInNeeded) => say!("the server does not accept the user or the password"),
        End::Paused(Reason::Refused(said)) => say!("the server says no: {said}", said),
        End::Paused(Reason::Ours(said)) => Sentence::verbatim(said),
    }
}

/// What a person is asked, in words.
pub fn asked(question: &Question) -> Sentence {
    use cardfile_sync::pair::Side;
    match question {
        Question::DeletesHere { count, linked } => {
            say!("{count} of {linked} contacts would go to the bin here", count, linked)
        }
        Question::DeletesThere { count, linked } => {
            say!("{count} of {linked} records would be deleted there", count, linked)
        }
        Question::Empties { side: Side::Here, unit, count, linked } => {
            say!("{count} of {linked} contacts would lose {unit} here", count, linked, unit)
        }
        Question::Empties { side: Side::There, unit, count, linked } => {
            say!("{count} of {linked} records would lose {unit} there", count, linked, unit)
        }
        Question::Overflows { count, room } => {
            say!("{count} records would be made there, and its plan has room for {room}", count, room)
        }
    }
}

/// Undoes what a run changed here. What it wrote there follows with the next run, which is
/// previewed like any other.
pub fn operation_of(core: &Core, run: &str) -> Result<OperationId, Error> {
    let kept = core.store().read(|r| r.sync_runs().get(run))?;
    let kept = kept.ok_or_else(|| Error::not_found(say!("the run {run}", run)))?;
    kept.operation.ok_or_else(|| Error::new(Code::NothingToUndo, say!("this run changed nothing here")))
}
