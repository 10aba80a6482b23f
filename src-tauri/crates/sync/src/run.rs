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
use std::collections::{BTreeSet, VecDeque};

/// The contact that a write is about.
pub type Op = u64;

/// Looks again at what another writer touched in between; after so many the rest waits for
/// the next run.
pub const ROUNDS: u8 = 3;
/// How often a plan is made anew because something moved before it was applied.
pub const MOVES: u8 = 20;
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
    /// How often others moved before a plan was applied.
    moves: u8,
    /// Failures one after the other.
    attempts: u8,
    /// Writes to be sent, the first is next.
    queue: VecDeque<(Op, Kind)>,
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
    Finding,
    Keeping,
    Sending,
    Settling,
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
    /// A person did not agree to what it would delete.
    Refused,
    /// The remote did not answer.
    Unreachable,
    /// The remote asks to sign in again.
    SignInNeeded,
    /// Something else changes so much here that no plan holds.
    Restless,
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
    /// A read or a write failed before anything could have happened.
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
    /// The plan is applied; these writes are to be sent.
    Applied(Vec<(Op, Kind)>),
    /// Something changed since the plan was made; nothing was applied.
    Moved,
    /// The record of a create was looked for by our ID.
    Found(Option<Key>),
    /// What will be sent is kept.
    Kept,
    /// It may not be sent any more: the person was erased, or took a consent back.
    Stale,
    /// The remote answered a write, or nobody knows what it did.
    Answer(Outcome),
    /// The answer is kept.
    Settled,
    /// The wait is over.
    Waited,
    /// Somebody wants it to end.
    Cancel,
}

/// A failure before anything could have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The remote asks to wait, at least so long.
    Busy {
        /// Milliseconds; nothing when it did not say.
        after_ms: Option<u64>,
    },
    /// It did not answer.
    Unreachable,
    /// It asks to sign in again.
    SignInNeeded,
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
    /// Apply the plan, in one transaction.
    Apply,
    /// Look for a record with our ID.
    Find(Op),
    /// Keep what will be sent.
    Keep(Op),
    /// Send a write.
    Send(Op),
    /// Keep what became of it.
    Settle(Op, Outcome),
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
    if run.is_cancelled && is_heard && !matches!(run.phase, Phase::Settling | Phase::Ended(_)) {
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
        (Phase::Asking, Event::Answered(false)) => pause(Reason::Refused),
        (Phase::Applying, Event::Moved) if run.moves >= MOVES => pause(Reason::Restless),
        (Phase::Applying, Event::Moved) => {
            run.moves += 1;
            (Phase::Planning, Effect::Plan)
        }
        (Phase::Applying, Event::Applied(writes)) => {
            run.queue = writes.into();
            write_next(run)
        }
        (Phase::Finding, Event::Found(found)) => match (run.queue.front().copied(), found) {
            (Some((op, _)), Some(key)) => (Phase::Settling, Effect::Settle(op, Outcome::Exists(key))),
            (Some((op, _)), None) => (Phase::Keeping, Effect::Keep(op)),
            (None, _) => write_next(run),
        },
        (Phase::Keeping, Event::Kept) => match run.queue.front() {
            Some((op, _)) => (Phase::Sending, Effect::Send(*op)),
            None => write_next(run),
        },
        (Phase::Keeping, Event::Stale) => {
            run.queue.pop_front();
            write_next(run)
        }
        (Phase::Sending, Event::Answer(outcome)) => match run.queue.front() {
            Some((op, _)) => {
                run.attempts = 0;
                (Phase::Settling, Effect::Settle(*op, outcome))
            }
            None => write_next(run),
        },
        (Phase::Settling, Event::Settled) => {
            run.queue.pop_front();
            write_next(run)
        }
        (
            phase @ (Phase::Checking | Phase::Pulling | Phase::Reading(_) | Phase::Finding | Phase::Sending),
            Event::Failed(failure),
        ) => fail(run, phase, failure),
        (Phase::Waiting(effect), Event::Waited) => (phase_of(&effect), *effect),
        // Word that comes twice, or too late, changes nothing.
        (phase, _) => {
            run.phase = phase;
            return Vec::new();
        }
    };
    // What was answered is looked at after it was kept.
    if let Effect::Settle(op, outcome) = &effect
        && matches!(outcome, Outcome::Precondition | Outcome::Exists(_) | Outcome::Gone | Outcome::Unknown)
    {
        run.again.insert(*op);
    }
    run.phase = phase;
    vec![effect]
}

fn pause(reason: Reason) -> (Phase, Effect) {
    (Phase::Ended(End::Paused(reason)), Effect::Release)
}

/// The next write; after the last one another look at what others touched, or the end.
fn write_next(run: &mut Run) -> (Phase, Effect) {
    match run.queue.front() {
        Some((op, Kind::Create)) if !mutant::is(Mutant::CreateBlindly) => (Phase::Finding, Effect::Find(*op)),
        Some((op, _)) => (Phase::Keeping, Effect::Keep(*op)),
        None if !run.again.is_empty() && run.round < ROUNDS => {
            run.round += 1;
            read(std::mem::take(&mut run.again))
        }
        None => (Phase::Ended(End::Done), Effect::Release),
    }
}

fn read(records: BTreeSet<Op>) -> (Phase, Effect) {
    (Phase::Reading(records.clone()), Effect::ReadRecords(records))
}

/// Waits and tries again, or gives up until the next run.
fn fail(run: &mut Run, phase: Phase, failure: Failure) -> (Phase, Effect) {
    let front = run.queue.front().map(|(op, _)| *op);
    let again = match (phase, front) {
        (Phase::Checking, _) => Effect::Identify,
        (Phase::Reading(records), _) => Effect::ReadRecords(records),
        (Phase::Finding, Some(op)) => Effect::Find(op),
        (Phase::Sending, Some(op)) => Effect::Send(op),
        _ => Effect::Pull,
    };
    let asked = match failure {
        Failure::SignInNeeded => return pause(Reason::SignInNeeded),
        Failure::Busy { after_ms } => after_ms.unwrap_or(0),
        Failure::Unreachable => 0,
    };
    run.attempts += 1;
    // Who is asked to wait longer than anybody sits there comes back another time.
    if run.attempts >= ATTEMPTS || asked > LONGEST_WAIT_MS {
        return pause(Reason::Unreachable);
    }
    let longest = (FIRST_WAIT_MS << (run.attempts - 1)).min(LONGEST_WAIT_MS);
    let wait = Effect::Wait { least_ms: asked, most_ms: asked + longest };
    (Phase::Waiting(Box::new(again)), wait)
}

fn phase_of(effect: &Effect) -> Phase {
    match effect {
        Effect::Identify => Phase::Checking,
        Effect::ReadRecords(records) => Phase::Reading(records.clone()),
        Effect::Find(_) => Phase::Finding,
        Effect::Send(_) => Phase::Sending,
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
        assert_eq!((run.end(), effects), (Some(&End::Paused(Reason::Refused)), vec![Effect::Release]));
    }

    #[test]
    fn a_write_is_kept_before_it_is_sent_and_a_new_record_is_looked_for_first() {
        let applied = Event::Applied(vec![(1, Kind::Create), (2, Kind::Change)]);
        let at_first = with(started(false), vec![planned(Vec::new()), applied]);
        assert_eq!(drive(at_first.clone()).1, vec![Effect::Find(1)]);
        let found = with(at_first.clone(), vec![Event::Found(Some("r9".into()))]);
        assert_eq!(drive(found).1, vec![Effect::Settle(1, Outcome::Exists("r9".into()))]);
        let kept = with(at_first, vec![Event::Found(None), Event::Kept]);
        assert_eq!(drive(kept.clone()).1, vec![Effect::Send(1)]);
        let next = with(kept, vec![Event::Answer(Outcome::Done), Event::Settled]);
        assert_eq!(drive(next).1, vec![Effect::Keep(2)]);
    }

    #[test]
    fn what_nobody_knows_is_read_again_and_never_sent_again_as_it_was() {
        let sent = vec![planned(Vec::new()), Event::Applied(vec![(1, Kind::Change)]), Event::Kept];
        let lost = with(with(started(false), sent), vec![Event::Answer(Outcome::Unknown), Event::Settled]);
        assert_eq!(drive(lost).1, vec![Effect::ReadRecords(BTreeSet::from([1]))]);
    }

    #[test]
    fn a_remote_that_does_not_answer_is_tried_again_after_longer_waits_and_then_left() {
        let mut events = vec![Event::Start { preview: false }, Event::Leased(true), Event::Identified(true)];
        let mut longest = Vec::new();
        for _ in 1..ATTEMPTS {
            events.push(Event::Failed(Failure::Unreachable));
            let [Effect::Wait { most_ms, .. }] = drive(events.clone()).1[..] else { panic!("it waits") };
            longest.push(most_ms);
            events.push(Event::Waited);
            assert_eq!(drive(events.clone()).1, vec![Effect::Pull]);
        }
        assert_eq!(longest, [1_000, 2_000, 4_000, 8_000]);
        events.push(Event::Failed(Failure::Unreachable));
        assert_eq!(drive(events).0.end(), Some(&End::Paused(Reason::Unreachable)));
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
        let sent = vec![planned(Vec::new()), Event::Applied(vec![(1, Kind::Change), (2, Kind::Change)]), Event::Kept];
        let cancelled = with(with(started(false), sent), vec![Event::Cancel]);
        let answered = with(cancelled, vec![Event::Answer(Outcome::Done)]);
        assert_eq!(drive(answered.clone()).1, vec![Effect::Settle(1, Outcome::Done)]);
        let (run, effects) = drive(with(answered, vec![Event::Settled]));
        assert_eq!((run.end(), effects), (Some(&End::Cancelled), vec![Effect::Release]));
    }

    #[test]
    fn nothing_is_sent_after_a_cancel_and_nobody_waits_for_a_wait() {
        let kept = vec![planned(Vec::new()), Event::Applied(vec![(1, Kind::Change)]), Event::Cancel, Event::Kept];
        let (run, effects) = drive(with(started(false), kept));
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
    fn a_plan_that_never_holds_is_given_up() {
        let moved = (0..=MOVES).flat_map(|_| [planned(Vec::new()), Event::Moved]).collect();
        assert_eq!(drive(with(started(false), moved)).0.end(), Some(&End::Paused(Reason::Restless)));
    }

    #[test]
    fn what_may_not_be_sent_any_more_is_left_out() {
        let applied = Event::Applied(vec![(1, Kind::Change), (2, Kind::Change)]);
        let stale = with(started(false), vec![planned(Vec::new()), applied, Event::Stale]);
        assert_eq!(drive(stale).1, vec![Effect::Keep(2)]);
    }

    #[test]
    fn a_failure_out_of_place_changes_nothing() {
        let applying = with(started(false), vec![planned(Vec::new())]);
        let (run, _) = drive(applying);
        assert_eq!(step(run.clone(), Event::Failed(Failure::Unreachable)), (run, Vec::new()));
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
