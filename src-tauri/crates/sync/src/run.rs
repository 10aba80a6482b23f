//! A run, step by step. `step` is told what happened and says what is to be done next;
//! whoever drives it (the engine, or the simulator) has no rule of its own.
//!
//! Every effect that writes is one transaction. A run that was cut off anywhere begins
//! anew: pulling twice is harmless, and what was sent is in the intents.

use crate::{
    mutant::{self, Mutant},
    pair::Key,
    plan::Question,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The pair that a step is about: the number of the contact, or one of its own while
/// there is none.
pub type Op = u64;

/// Looks again at what another writer touched in between; after so many the rest waits for
/// the next run.
pub const ROUNDS: u8 = 3;
/// Attempts at a remote that is busy or not there, one after the other.
pub const ATTEMPTS: u8 = 5;
/// The first wait; each further one is at most twice as long.
const FIRST_WAIT_MS: u64 = 1_000;
/// The longest wait of a run.
const LONGEST_WAIT_MS: u64 = 60_000;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    phase: Phase,
    /// Nothing is applied; the plan is shown.
    is_preview: bool,
    /// Somebody wants it to end.
    is_cancelled: bool,
    /// Looks so far.
    round: u8,
    /// Doubtful records were read; what is still in doubt waits for the next run.
    has_looked: bool,
    /// Failures one after the other.
    attempts: u8,
    /// Writes to be sent, the first is next.
    queue: VecDeque<(Op, Kind)>,
    /// Writes that are sent together, at most.
    batch: usize,
    /// Records of the batch that are there already.
    exist: Vec<(Op, Outcome)>,
    /// Why the rest of the batch was not sent.
    failure: Option<Failure>,
    /// Records to be looked at again, by contact.
    again: BTreeSet<Op>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Phase {
    #[default]
    Idle,
    Leasing,
    Checking,
    Pulling,
    Staging,
    Reading(BTreeSet<Op>),
    Planning,
    Asking,
    Applying,
    Finding(Vec<Op>),
    Keeping(Vec<Op>),
    Sending(Vec<Op>),
    /// Those of the batch that were not sent.
    Settling(Vec<Op>),
    /// After the wait, the effect that failed is tried again.
    Waiting(Box<Effect>),
    Ended(End),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Everything was done that could be.
    Done,
    /// The plan was shown.
    Previewed,
    /// Somebody stopped it.
    Cancelled,
    /// It did not go on, and says why.
    Paused(Reason),
}

/// Why a run did not go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another device has the remote.
    Leased,
    /// It is another address book, or another database, than before.
    OtherStore,
    /// A person has to agree to what it would delete.
    Asked,
    /// The remote did not answer; what it or the network said.
    Unreachable(String),
    /// The remote asks to wait for longer than a run waits.
    Busy {
        /// Milliseconds.
        after_ms: u64,
    },
    /// The remote asks to sign in again.
    SignInNeeded,
    /// The remote does not let us in, or is none; what it said.
    Refused(String),
    /// Something here keeps it from going on; what.
    Ours(String),
}

impl From<Failure> for Reason {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::SignInNeeded => Self::SignInNeeded,
            Failure::Refused(said) => Self::Refused(said),
            Failure::Unreachable(said) => Self::Unreachable(said),
            Failure::Busy { after_ms } => Self::Busy { after_ms: after_ms.unwrap_or(0) },
        }
    }
}

/// What a write is, as far as the order of its steps goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It makes a record: it is looked for first.
    Create,
    /// It changes or deletes one.
    Change,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A person or a schedule wants a run.
    Start {
        /// Only to see what it would do.
        preview: bool,
    },
    /// The lease of the remote is ours, or another device's.
    Leased(bool),
    /// The remote is the one it was, or another.
    Identified(bool),
    /// The remote answered a read.
    Read,
    /// It does not know our cursor any more; everything is to be listed again.
    CursorExpired,
    /// A read failed.
    Failed(Failure),
    /// What was read is kept.
    Staged {
        /// There is another page.
        more: bool,
        /// Contacts whose record is to be read by its key before it is believed: missing in
        /// a full listing, or known to be deleted and listed again.
        doubtful: BTreeSet<Op>,
    },
    /// The plan is made.
    Planned {
        /// What is asked before it is applied.
        questions: Vec<Question>,
        /// Contacts whose record is to be read before anything is written.
        reads: BTreeSet<Op>,
    },
    /// A person agreed, or did not.
    Answered(bool),
    /// The plan is applied.
    Applied {
        /// These writes are to be sent.
        writes: Vec<(Op, Kind)>,
        /// So many together, at most.
        batch: usize,
        /// These changed since the plan was made, and were left out.
        moved: BTreeSet<Op>,
    },
    /// The records of creates were looked for by our ID; these are there.
    Found(BTreeMap<Op, Key>),
    /// What will be sent is kept; these may not be sent any more: the person was erased, or
    /// took a consent back.
    Kept {
        /// Those.
        stale: BTreeSet<Op>,
    },
    /// The remote answered writes.
    Written {
        /// What became of them.
        outcomes: Vec<(Op, Outcome)>,
        /// Why the others certainly did not happen.
        failure: Option<Failure>,
    },
    /// The answers are kept.
    Settled,
    /// The wait is over.
    Waited,
    /// Somebody wants it to end.
    Cancel,
}

/// A failure before anything could have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The remote asks to wait, at least so long.
    Busy {
        /// Milliseconds; nothing when it did not say.
        after_ms: Option<u64>,
    },
    /// It did not answer; what the network said.
    Unreachable(String),
    /// It asks to sign in again.
    SignInNeeded,
    /// It does not let us in, or is none; what it said.
    Refused(String),
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The record is at another version than the write asked for.
    Precondition,
    /// A record with our ID is there already.
    Exists(Key),
    /// The record is not there any more.
    Gone,
    /// The remote does not take it, and says why.
    Rejected(String),
    /// No answer came, or one that says nothing: perhaps it happened.
    Unknown,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Take the lease of the remote.
    TakeLease,
    /// Ask the remote which store it is.
    Identify,
    /// Read the next page after the cursor.
    Pull,
    /// Begin to list everything.
    ForgetCursor,
    /// Keep the rows and their cursor, in one transaction.
    Stage,
    /// Read these records by their keys, or by our ID.
    ReadRecords(BTreeSet<Op>),
    /// Make the plan of everything that moved.
    Plan,
    /// Ask a person.
    Ask(Vec<Question>),
    /// Apply the plan; a pair is in one transaction.
    Apply,
    /// Look for records with our IDs.
    Find(Vec<Op>),
    /// Keep what will be sent.
    Keep(Vec<Op>),
    /// Send writes.
    Send(Vec<Op>),
    /// Keep what became of them.
    Settle(Vec<(Op, Outcome)>),
    /// Wait, somewhere between these.
    Wait {
        /// At least so long, in milliseconds.
        least_ms: u64,
        /// At most so long.
        most_ms: u64,
    },
    /// Give the lease back.
    Release,
}

impl Run {
    /// How it ended; nothing while it runs.
    pub fn end(&self) -> Option<&End> {
        match &self.phase {
            Phase::Ended(end) => Some(end),
            _ => None,
        }
    }
}

/// Goes one step.
pub fn step(mut run: Run, event: Event) -> (Run, Vec<Effect>) {
    if matches!(run.phase, Phase::Ended(_)) {
        return (run, Vec::new());
    }
    if event == Event::Cancel {
        // What is being done is finished first: half a step is no step. Nobody waits for a
        // wait, or for a person.
        run.is_cancelled = true;
        return match run.phase {
            Phase::Waiting(_) | Phase::Asking => ended(run, End::Cancelled),
            _ => (run, Vec::new()),
        };
    }
    let before = run.phase.clone();
    let effects = next(&mut run, event);
    let is_heard = run.phase != before || !effects.is_empty();
    // A step that was done counts; the answer to a write is kept even then, and none is sent.
    if run.is_cancelled && is_heard && !matches!(run.phase, Phase::Settling(_) | Phase::Ended(_)) {
        return ended(run, End::Cancelled);
    }
    (run, effects)
}

fn ended(mut run: Run, end: End) -> (Run, Vec<Effect>) {
    run.phase = Phase::Ended(end);
    (run, vec![Effect::Release])
}

fn next(run: &mut Run, event: Event) -> Vec<Effect> {
    let (phase, effect) = match (std::mem::take(&mut run.phase), event) {
        (Phase::Idle, Event::Start { preview }) => {
            run.is_preview = preview;
            (Phase::Leasing, Effect::TakeLease)
        }
        (Phase::Leasing, Event::Leased(true)) => (Phase::Checking, Effect::Identify),
        (Phase::Leasing, Event::Leased(false)) => {
            run.phase = Phase::Ended(End::Paused(Reason::Leased));
            return Vec::new();
        }
        (Phase::Checking, Event::Identified(true)) => (Phase::Pulling, Effect::Pull),
        (Phase::Checking, Event::Identified(false)) => pause(Reason::OtherStore),
        (Phase::Pulling, Event::Read) => {
            run.attempts = 0;
            (Phase::Staging, Effect::Stage)
        }
        (Phase::Reading(_), Event::Read) => {
            (run.attempts, run.has_looked) = (0, true);
            (Phase::Staging, Effect::Stage)
        }
        (Phase::Pulling, Event::CursorExpired) => (Phase::Staging, Effect::ForgetCursor),
        (Phase::Staging, Event::Staged { more: true, .. }) => (Phase::Pulling, Effect::Pull),
        (Phase::Staging, Event::Staged { more: false, doubtful }) => {
            if doubtful.is_empty() || run.has_looked {
                (Phase::Planning, Effect::Plan)
            } else {
                read(doubtful)
            }
        }
        (Phase::Planning, Event::Planned { questions, reads }) => {
            // Read once; what cannot be read then waits for the next run.
            if !reads.is_empty() && run.round == 0 {
                run.round = 1;
                read(reads)
            } else if run.is_preview {
                (Phase::Ended(End::Previewed), Effect::Release)
            } else if questions.is_empty() {
                (Phase::Applying, Effect::Apply)
            } else {
                (Phase::Asking, Effect::Ask(questions))
            }
        }
        (Phase::Asking, Event::Answered(true)) => (Phase::Applying, Effect::Apply),
        (Phase::Asking, Event::Answered(false)) => pause(Reason::Asked),
        (Phase::Applying, Event::Applied { writes, batch, moved }) => {
            (run.queue, run.batch) = (writes.into(), batch.max(1));
            run.again.extend(moved);
            write_next(run)
        }
        (Phase::Finding(ops), Event::Found(found)) => {
            run.attempts = 0;
            let rest = ops.into_iter().filter(|op| !found.contains_key(op)).collect();
            run.exist = found.into_iter().map(|(op, key)| (op, Outcome::Exists(key))).collect();
            if run.exist.is_empty() { keep(rest) } else { settle(run, Vec::new(), rest) }
        }
        (Phase::Keeping(mut ops), Event::Kept { stale }) => {
            ops.retain(|op| !stale.contains(op));
            if ops.is_empty() { write_next(run) } else { (Phase::Sending(ops.clone()), Effect::Send(ops)) }
        }
        (Phase::Sending(ops), Event::Written { mut outcomes, failure }) => {
            let mut left: Vec<Op> = ops;
            left.retain(|op| !outcomes.iter().any(|(answered, _)| answered == op));
            if failure.is_none() {
                // Who says nothing of a write may have done it.
                outcomes.extend(left.drain(..).map(|op| (op, Outcome::Unknown)));
            }
            match failure {
                Some(failure) if outcomes.is_empty() => fail(run, Phase::Sending(left), failure),
                failure => {
                    (run.attempts, run.failure) = (0, failure);
                    settle(run, outcomes, left)
                }
            }
        }
        (Phase::Settling(left), Event::Settled) => match run.failure.take() {
            _ if left.is_empty() => write_next(run),
            Some(failure) => fail(run, Phase::Sending(left), failure),
            None => keep(left),
        },
        (
            phase @ (Phase::Checking | Phase::Pulling | Phase::Reading(_) | Phase::Finding(_) | Phase::Keeping(_)),
            Event::Failed(failure),
        ) => fail(run, phase, failure),
        (Phase::Waiting(effect), Event::Waited) => (phase_of(&effect), *effect),
        // Another device took it meanwhile: nothing more is sent.
        (_, Event::Leased(false)) => pause(Reason::Leased),
        // Word that comes twice, or too late, changes nothing.
        (phase, _) => {
            run.phase = phase;
            return Vec::new();
        }
    };
    run.phase = phase;
    vec![effect]
}

fn pause(reason: Reason) -> (Phase, Effect) {
    (Phase::Ended(End::Paused(reason)), Effect::Release)
}

/// The next writes; after the last ones another look at what others touched, or the end.
fn write_next(run: &mut Run) -> (Phase, Effect) {
    let Some((_, kind)) = run.queue.front().copied() else {
        if !run.again.is_empty() && run.round < ROUNDS {
            run.round += 1;
            return read(std::mem::take(&mut run.again));
        }
        return (Phase::Ended(End::Done), Effect::Release);
    };
    let together = run.queue.iter().take(run.batch).take_while(|(_, other)| *other == kind).count();
    let ops: Vec<Op> = run.queue.drain(..together).map(|(op, _)| op).collect();
    if kind == Kind::Create && !mutant::is(Mutant::CreateBlindly) {
        return (Phase::Finding(ops.clone()), Effect::Find(ops));
    }
    keep(ops)
}

fn keep(ops: Vec<Op>) -> (Phase, Effect) {
    (Phase::Keeping(ops.clone()), Effect::Keep(ops))
}

/// Keeps what became of writes, those that exist among them. What others touched is looked
/// at again afterwards.
fn settle(run: &mut Run, outcomes: Vec<(Op, Outcome)>, left: Vec<Op>) -> (Phase, Effect) {
    let mut all = std::mem::take(&mut run.exist);
    all.extend(outcomes);
    for (op, outcome) in &all {
        if matches!(outcome, Outcome::Precondition | Outcome::Exists(_) | Outcome::Gone | Outcome::Unknown) {
            run.again.insert(*op);
        }
    }
    (Phase::Settling(left), Effect::Settle(all))
}

fn read(records: BTreeSet<Op>) -> (Phase, Effect) {
    (Phase::Reading(records.clone()), Effect::ReadRecords(records))
}

/// Waits and tries again, or gives up until the next run.
fn fail(run: &mut Run, phase: Phase, failure: Failure) -> (Phase, Effect) {
    let again = match phase {
        Phase::Checking => Effect::Identify,
        Phase::Reading(records) => Effect::ReadRecords(records),
        Phase::Finding(ops) => Effect::Find(ops),
        Phase::Keeping(ops) => Effect::Keep(ops),
        Phase::Sending(ops) => Effect::Send(ops),
        _ => Effect::Pull,
    };
    run.attempts += 1;
    let asked = match &failure {
        Failure::SignInNeeded | Failure::Refused(_) => return pause(failure.into()),
        Failure::Busy { after_ms } => after_ms.unwrap_or(0),
        Failure::Unreachable(_) => 0,
    };
    // Who is asked to wait longer than anybody sits there comes back another time.
    if run.attempts >= ATTEMPTS || asked > LONGEST_WAIT_MS {
        return pause(failure.into());
    }
    let longest = (FIRST_WAIT_MS << (run.attempts - 1)).min(LONGEST_WAIT_MS);
    let wait = Effect::Wait { least_ms: asked, most_ms: asked + longest };
    (Phase::Waiting(Box::new(again)), wait)
}

fn phase_of(effect: &Effect) -> Phase {
    match effect {
        Effect::Identify => Phase::Checking,
        Effect::ReadRecords(records) => Phase::Reading(records.clone()),
        Effect::Find(ops) => Phase::Finding(ops.clone()),
        Effect::Keep(ops) => Phase::Keeping(ops.clone()),
        Effect::Send(ops) => Phase::Sending(ops.clone()),
        _ => Phase::Pulling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drives a run by what happens, and gives what is to be done after each.
    fn drive(events: Vec<Event>) -> (Run, Vec<Effect>) {
        let mut run = Run::default();
        let mut last = Vec::new();
        for event in events {
            (run, last) = step(run, event);
        }
        (run, last)
    }

    fn started(preview: bool) -> Vec<Event> {
        let staged = Event::Staged { more: false, doubtful: BTreeSet::new() };
        vec![Event::Start { preview }, Event::Leased(true), Event::Identified(true), Event::Read, staged]
    }

    fn planned(questions: Vec<Question>) -> Event {
        Event::Planned { questions, reads: BTreeSet::new() }
    }

    fn unreachable() -> Failure {
        Failure::Unreachable("no route".into())
    }

    fn with(mut events: Vec<Event>, more: Vec<Event>) -> Vec<Event> {
        events.extend(more);
        events
    }

    #[test]
    fn a_preview_applies_nothing() {
        let (run, effects) = drive(with(started(true), vec![planned(Vec::new())]));
        assert_eq!((run.end(), effects), (Some(&End::Previewed), vec![Effect::Release]));
    }

    #[test]
    fn a_question_is_asked_before_anything_is_applied_and_no_means_no() {
        let question = Question::DeletesHere { count: 298, linked: 300 };
        let asked = with(started(false), vec![planned(vec![question.clone()])]);
        assert_eq!(drive(asked.clone()).1, vec![Effect::Ask(vec![question])]);
        assert_eq!(drive(with(asked.clone(), vec![Event::Answered(true)])).1, vec![Effect::Apply]);
        let (run, effects) = drive(with(asked, vec![Event::Answered(false)]));
        assert_eq!((run.end(), effects), (Some(&End::Paused(Reason::Asked)), vec![Effect::Release]));
    }

    fn applied(writes: &[(Op, Kind)]) -> Event {
        Event::Applied { writes: writes.to_vec(), batch: 2, moved: BTreeSet::new() }
    }

    fn kept() -> Event {
        Event::Kept { stale: BTreeSet::new() }
    }

    fn written(outcomes: &[(Op, Outcome)]) -> Event {
        Event::Written { outcomes: outcomes.to_vec(), failure: None }
    }

    #[test]
    fn writes_are_kept_before_they_are_sent_and_new_records_are_looked_for_first() {
        let writes = applied(&[(1, Kind::Create), (2, Kind::Create), (3, Kind::Create), (4, Kind::Change)]);
        let at_first = with(started(false), vec![planned(Vec::new()), writes]);
        assert_eq!(drive(at_first.clone()).1, vec![Effect::Find(vec![1, 2])]);
        let found = with(at_first, vec![Event::Found(BTreeMap::from([(1, "r9".into())]))]);
        assert_eq!(drive(found.clone()).1, vec![Effect::Settle(vec![(1, Outcome::Exists("r9".into()))])]);
        let settled = with(found, vec![Event::Settled]);
        assert_eq!(drive(settled.clone()).1, vec![Effect::Keep(vec![2])]);
        let sent = with(settled, vec![kept()]);
        assert_eq!(drive(sent.clone()).1, vec![Effect::Send(vec![2])]);
        let next = with(sent, vec![written(&[(2, Outcome::Done)]), Event::Settled]);
        assert_eq!(drive(next.clone()).1, vec![Effect::Find(vec![3])]);
        let last = vec![Event::Found(BTreeMap::new()), kept(), written(&[(3, Outcome::Done)]), Event::Settled];
        assert_eq!(drive(with(next, last)).1, vec![Effect::Keep(vec![4])]);
    }

    #[test]
    fn what_nobody_knows_is_read_again_and_never_sent_again_as_it_was() {
        let sent = vec![planned(Vec::new()), applied(&[(1, Kind::Change), (2, Kind::Change)]), kept()];
        // No word of the second.
        let lost = with(with(started(false), sent), vec![written(&[(1, Outcome::Done)])]);
        let outcomes = vec![(1, Outcome::Done), (2, Outcome::Unknown)];
        assert_eq!(drive(lost.clone()).1, vec![Effect::Settle(outcomes)]);
        assert_eq!(drive(with(lost, vec![Event::Settled])).1, vec![Effect::ReadRecords(BTreeSet::from([2]))]);
    }

    #[test]
    fn what_was_certainly_not_sent_is_sent_after_a_wait() {
        let sent = vec![planned(Vec::new()), applied(&[(1, Kind::Change), (2, Kind::Change)]), kept()];
        let failure = Some(Failure::Busy { after_ms: Some(5) });
        let busy = vec![Event::Written { outcomes: vec![(1, Outcome::Done)], failure }, Event::Settled];
        let waiting = with(with(started(false), sent), busy);
        assert_eq!(drive(waiting.clone()).1, vec![Effect::Wait { least_ms: 5, most_ms: 1_005 }]);
        assert_eq!(drive(with(waiting, vec![Event::Waited])).1, vec![Effect::Send(vec![2])]);
    }

    #[test]
    fn what_moved_before_the_plan_was_applied_is_looked_at_again() {
        let moved = Event::Applied { writes: Vec::new(), batch: 1, moved: BTreeSet::from([7]) };
        let events = with(started(false), vec![planned(Vec::new()), moved]);
        assert_eq!(drive(events).1, vec![Effect::ReadRecords(BTreeSet::from([7]))]);
    }

    #[test]
    fn a_remote_that_does_not_answer_is_tried_again_after_longer_waits_and_then_left() {
        let mut events = vec![Event::Start { preview: false }, Event::Leased(true), Event::Identified(true)];
        let mut longest = Vec::new();
        for _ in 1..ATTEMPTS {
            events.push(Event::Failed(unreachable()));
            let [Effect::Wait { most_ms, .. }] = drive(events.clone()).1[..] else { panic!("it waits") };
            longest.push(most_ms);
            events.push(Event::Waited);
            assert_eq!(drive(events.clone()).1, vec![Effect::Pull]);
        }
        assert_eq!(longest, [1_000, 2_000, 4_000, 8_000]);
        events.push(Event::Failed(unreachable()));
        assert_eq!(drive(events).0.end(), Some(&End::Paused(Reason::Unreachable("no route".into()))));
    }

    #[test]
    fn a_remote_that_asks_to_wait_is_obeyed() {
        let events = vec![
            Event::Start { preview: false },
            Event::Leased(true),
            Event::Identified(true),
            Event::Failed(Failure::Busy { after_ms: Some(30_000) }),
        ];
        assert_eq!(drive(events).1, vec![Effect::Wait { least_ms: 30_000, most_ms: 31_000 }]);
    }

    #[test]
    fn who_cancels_waits_for_the_answer_that_is_on_its_way() {
        let sent = vec![planned(Vec::new()), applied(&[(1, Kind::Change), (2, Kind::Create)]), kept()];
        let cancelled = with(with(started(false), sent), vec![Event::Cancel]);
        let answered = with(cancelled, vec![written(&[(1, Outcome::Done)])]);
        assert_eq!(drive(answered.clone()).1, vec![Effect::Settle(vec![(1, Outcome::Done)])]);
        let (run, effects) = drive(with(answered, vec![Event::Settled]));
        assert_eq!((run.end(), effects), (Some(&End::Cancelled), vec![Effect::Release]));
    }

    #[test]
    fn nothing_is_sent_after_a_cancel_and_nobody_waits_for_a_wait() {
        let events = vec![planned(Vec::new()), applied(&[(1, Kind::Change)]), Event::Cancel, kept()];
        let (run, effects) = drive(with(started(false), events));
        assert_eq!((run.end(), effects), (Some(&End::Cancelled), vec![Effect::Release]));
        let waiting = vec![
            Event::Start { preview: false },
            Event::Leased(true),
            Event::Failed(Failure::Busy { after_ms: Some(9_000) }),
            Event::Cancel,
        ];
        assert_eq!(drive(waiting).0.end(), Some(&End::Cancelled));
    }

    #[test]
    fn a_record_that_stays_in_doubt_holds_nothing_up() {
        let doubtful = |more| Event::Staged { more, doubtful: BTreeSet::from([1]) };
        let events = vec![Event::Start { preview: false }, Event::Leased(true), Event::Identified(true), Event::Read];
        let read = with(events, vec![doubtful(false), Event::Read]);
        assert_eq!(drive(with(read, vec![doubtful(false)])).1, vec![Effect::Plan]);
    }

    #[test]
    fn what_may_not_be_sent_any_more_is_left_out() {
        let kept = Event::Kept { stale: BTreeSet::from([1]) };
        let events = vec![planned(Vec::new()), applied(&[(1, Kind::Change), (2, Kind::Change)]), kept];
        assert_eq!(drive(with(started(false), events)).1, vec![Effect::Send(vec![2])]);
    }

    #[test]
    fn a_store_that_does_not_let_us_in_says_why() {
        let refused = Event::Failed(Failure::Refused("403 Forbidden".into()));
        let events = vec![Event::Start { preview: false }, Event::Leased(true), refused];
        assert_eq!(drive(events).0.end(), Some(&End::Paused(Reason::Refused("403 Forbidden".into()))));
    }

    #[test]
    fn a_failure_out_of_place_changes_nothing() {
        let applying = with(started(false), vec![planned(Vec::new())]);
        let (run, _) = drive(applying);
        assert_eq!(step(run.clone(), Event::Failed(unreachable())), (run, Vec::new()));
    }

    #[test]
    fn another_store_behind_the_same_address_is_not_touched() {
        let (run, _) = drive(vec![Event::Start { preview: false }, Event::Leased(true), Event::Identified(false)]);
        assert_eq!(run.end(), Some(&End::Paused(Reason::OtherStore)));
    }

    #[test]
    fn word_that_comes_twice_changes_nothing() {
        let (run, _) = drive(started(false));
        assert_eq!(step(run.clone(), Event::Settled), (run, Vec::new()));
    }
}
