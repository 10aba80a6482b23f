//! How long a run waits for a server, what it tells of that, and how soon it ends when nobody
//! wants it any more.

use crate::sync_scene::{NAME, edit, is_at_rest, linked, person, record, said, saying, sync, sync_with};
use cardfile_core::{
    progress::Progress,
    sync::{
        remotes,
        running::{self, Report},
    },
};
use cardfile_sync::run::End;
use cardfile_testkit::{
    Workspace,
    fake_remote::{Habits, Held, Moment},
};
use rstest::rstest;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// After a person stopped it a run goes on for less than that.
const SOON: Duration = Duration::from_secs(1);

/// A person, who may stop a run.
#[derive(Default)]
struct Person {
    has_stopped_it: AtomicBool,
}

impl Progress for Person {
    fn at(&self, _: u64, _: u64) -> bool {
        !self.has_stopped_it.load(Ordering::SeqCst)
    }
}

/// A run that a person stops while the server holds a request up. How it ended, and how long
/// that took. By itself the server would answer after 20 seconds.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn stopped(ws: &Workspace, held: &Held) -> (Report, Duration) {
    let person = Person::default();
    thread::scope(|scope| {
        let stops = scope.spawn(|| {
            held.wait();
            person.has_stopped_it.store(true, Ordering::SeqCst);
            Instant::now()
        });
        let run = sync_with(ws, &person);
        let since = stops.join().expect("the request came");
        (run, since.elapsed())
    })
}

#[test]
fn who_stops_a_run_that_reads_does_not_wait_for_the_answer() {
    let (ws, fake) = linked(0..3);
    fake.edit("1.vcf", |card| saying(card, "TITLE", "theirs"));
    let held = fake.hold(1, |method| method == "REPORT", Moment::Before);
    let (run, took) = stopped(&ws, &held);
    assert_eq!(run.end, End::Cancelled);
    assert!(took < SOON, "{took:?}");
    drop(held);
    assert_eq!((sync(&ws).end, person(&ws, 1).job_title.as_str()), (End::Done, "theirs"));
    is_at_rest(&ws, &fake);
}

#[rstest]
#[case::not_carried_out(Moment::Before, 0)]
#[case::carried_out(Moment::After, 1)]
fn who_stops_a_run_that_writes_does_not_wait_for_the_answer_and_it_is_written_once(
    #[case] moment: Moment,
    #[case] done: u64,
) {
    let (ws, fake) = linked(0..3);
    edit(&ws, 1, "description", "ours");
    let held = fake.hold(1, |method| method == "PUT", moment);
    let (run, took) = stopped(&ws, &held);
    assert_eq!(run.end, End::Cancelled);
    assert!(took < SOON, "{took:?}");
    drop(held);
    assert_eq!(fake.state().done, done, "a write that was stopped is not carried out later");
    assert_eq!(sync(&ws).end, End::Done);
    assert_eq!((fake.state().done, said(&record(&fake, 1), "NOTE")), (1, "ours"));
    is_at_rest(&ws, &fake);
}

/// What comes of it, and how long it takes.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let value = run();
    (value, begun.elapsed())
}

#[rstest]
#[case::says_for_how_long(Some(1), 1_000)]
#[case::does_not_say(None, 1)]
fn a_run_tells_how_long_it_waited_because_the_server_asked(#[case] retry_after: Option<u64>, #[case] each_ms: u64) {
    let (ws, fake) = linked(0..3);
    fake.edit("1.vcf", |card| saying(card, "TITLE", "theirs"));
    edit(&ws, 2, "description", "ours");
    // The second request reads a card, and the fourth one writes one.
    fake.habits(Habits { busy: Some((2, retry_after)), ..Habits::default() });
    let (run, took) = timed(|| sync(&ws));
    assert_eq!((run.end, person(&ws, 1).job_title.as_str()), (End::Done, "theirs"));
    assert_eq!(said(&record(&fake, 2), "NOTE"), "ours");
    let waited_ms = run.counts.waited_ms;
    assert!(waited_ms >= 2 * each_ms, "both waits are told: {waited_ms}");
    assert!(u128::from(waited_ms) <= took.as_millis(), "{waited_ms} of {took:?}");
    let known = remotes::find(&ws.core, NAME).expect("a connection");
    let kept = running::past(&ws.core, &known, 1).expect("runs").remove(0).counts;
    assert_eq!(kept.waited_ms, waited_ms, "and kept with the run");

    fake.habits(Habits::default());
    assert_eq!(sync(&ws).counts.waited_ms, 0, "who is not asked does not wait");
    is_at_rest(&ws, &fake);
}
