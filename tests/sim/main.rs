//! The simulator: the real plan and the real steps of a run, under schedules that are
//! made by chance from their seed. `make sim SCHEDULES=1000000` runs many and shows that
//! every broken rule would be noticed; the tests run some.
#![expect(clippy::print_stdout, reason = "it says how many schedules it ran")]

mod device;
mod random;
mod remote;
mod wire;
mod world;

use cardfile_store::Store;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use world::{Broken, World};

/// So many are always run.
const LEAST: u64 = 20_000;
/// After that it goes on as long as this.
const BUDGET: Duration = Duration::from_secs(60);

thread_local! {
    /// An empty workspace: all others are copies of it.
    static EMPTY: Store =
        Store::in_memory(device::environment(0), None).expect("a store in memory can be made");
}

fn world(seed: u64, log: bool) -> World {
    EMPTY.with(|empty| World::new(seed, log, empty))
}

fn schedule(seed: u64) -> Result<(), Broken> {
    world(seed, false).run()
}

/// Runs schedules on all cores until `goal`, or until none is left of the time; the first
/// seed that breaks a promise.
fn first_broken(goal: u64, budget: Option<Duration>) -> (u64, Option<(u64, Broken)>) {
    let (next, broken) = (AtomicU64::new(0), std::sync::Mutex::new(None::<(u64, Broken)>));
    #[expect(clippy::disallowed_methods, reason = "how long it may go on, not what it does")]
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let over = budget.is_some_and(|budget| seed >= LEAST && begun.elapsed() > budget);
                    if seed >= goal || over || broken.lock().expect("not poisoned").is_some() {
                        return;
                    }
                    if let Err(what) = schedule(seed) {
                        let mut first = broken.lock().expect("not poisoned");
                        if first.as_ref().is_none_or(|(known, _)| seed < *known) {
                            *first = Some((seed, what));
                        }
                    }
                }
            });
        }
    });
    let ran = next.load(Ordering::Relaxed).min(goal);
    (ran, broken.into_inner().expect("not poisoned"))
}

#[test]
fn no_schedule_breaks_a_promise() {
    let wanted = std::env::var("SCHEDULES").ok().and_then(|text| text.parse().ok());
    let (ran, broken) = match wanted {
        Some(goal) => first_broken(goal, None),
        None => first_broken(u64::MAX, Some(BUDGET)),
    };
    if let Some((seed, (promise, what))) = broken {
        let mut world = world(seed, true);
        let _ = world.run();
        panic!("seed {seed} breaks “{promise}”: {what}\n{}", world.story.join("\n"));
    }
    println!("cardfile: {ran} schedules, no promise broken");
}

/// Each rule that keeps people's data safe, broken, and in how many schedules that must
/// show at the latest.
#[cfg(feature = "mutants")]
const WITHIN: &[(cardfile_sync::mutant::Mutant, u64)] = {
    use cardfile_sync::mutant::Mutant as M;
    &[
        (M::NoBase, 100),
        (M::RemoteWins, 100),
        (M::TagsAsOneValue, 1_000),
        (M::BaseBeforeAnswer, 1_000),
        (M::NoIntents, 10_000),
        (M::NoIfMatch, 1_000),
        (M::CursorBeforeRows, 20_000),
        (M::CreateBlindly, 20_000),
        (M::DeleteBeatsEdit, 1_000),
        (M::AbsenceIsDeletion, 20_000),
        (M::NoBrake, 20_000),
        (M::PushHeld, 1_000),
        (M::SendUnapproved, 100),
        (M::NoSpelling, 1_000),
    ]
};

#[cfg(feature = "mutants")]
#[test]
fn every_broken_rule_is_noticed() {
    use cardfile_sync::mutant;
    let mut missed = Vec::new();
    println!("{:<20} {:>8} {:>8}  promise", "broken rule", "first", "within");
    for (broken, within) in WITHIN {
        mutant::choose(Some(*broken));
        let first = (0..*within).find_map(|seed| schedule(seed).err().map(|(promise, _)| (seed + 1, promise)));
        mutant::choose(None);
        match first {
            Some((first, promise)) => println!("{:<20} {first:>8} {within:>8}  {promise}", format!("{broken:?}")),
            None => missed.push(format!("{broken:?} in {within}")),
        }
    }
    assert!(missed.is_empty(), "not noticed: {}", missed.join(", "));
}
