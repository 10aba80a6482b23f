//! The simulator: the real plan and the real steps of a run, under schedules that are
//! made by chance from their seed. `make sim SCHEDULES=1000000` runs many and shows that
//! every broken rule would be noticed; the tests run some. `SEED=7` runs one, and tells what
//! happens if it breaks a promise.
#![expect(clippy::print_stdout, reason = "it says how many schedules it ran")]

mod acts;
mod decide;
mod device;
mod look;
mod mapping;
mod people;
mod promised;
mod random;
mod remote;
mod run;
mod shrink;
mod team;
mod wire;
mod world;

use device::Workspace;
use shrink::{Actions, shrink};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use world::{Broken, DEVICES, World};

/// So many are always run.
const LEAST: u64 = 20_000;
/// So many over an encrypted file, where nobody wants more.
const FEW: u64 = 200;
/// After that it goes on as long as this.
const BUDGET: Duration = Duration::from_secs(60);
/// Of so many it is shown that they are the same each time.
const TWICE: u64 = 160;

/// Seeds that once broke a promise and are not among the first, one a line, with why.
const KEPT: &str = include_str!("seeds.txt");

thread_local! {
    /// One for each device.
    static IN_MEMORY: Vec<Workspace> = (0..DEVICES).map(|_| Workspace::new(None)).collect();
    static ENCRYPTED: (Vec<Workspace>, Vec<tempfile::TempDir>) = encrypted();
}

fn encrypted() -> (Vec<Workspace>, Vec<tempfile::TempDir>) {
    let folders: Vec<_> = (0..DEVICES).map(|_| tempfile::tempdir().expect("a folder can be made")).collect();
    let workspaces = folders.iter().map(|folder| Workspace::new(Some(&folder.path().join("w")))).collect();
    (workspaces, folders)
}

/// On which form of the store schedules run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    InMemory,
    Encrypted,
}

fn schedule(seed: u64, form: Form, some: &Actions, story: Option<&mut Vec<String>>) -> Result<(), Broken> {
    let run = |workspaces: &[Workspace]| {
        let world = World::new(seed, story.is_some(), workspaces);
        let ended = world.run(some);
        if let Some(story) = story {
            *story = world.into_story();
        }
        ended
    };
    match form {
        Form::InMemory => IN_MEMORY.with(|all| run(all)),
        Form::Encrypted => ENCRYPTED.with(|(all, _)| run(all)),
    }
}

/// Runs schedules on all cores until `goal`, or until none is left of the time; the first
/// seed that breaks a promise.
fn first_broken(goal: u64, budget: Option<Duration>, form: Form) -> (u64, Option<(u64, Broken)>) {
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
                    if let Err(what) = schedule(seed, form, &Actions::ALL, None) {
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

fn wanted(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// What happens in a schedule that breaks a promise, as little of it as still breaks the same.
fn told(seed: u64, form: Form, (promise, what): &Broken) -> String {
    let breaks = |some: &Actions| schedule(seed, form, some, None).is_err_and(|(broken, _)| broken == *promise);
    let some = shrink(breaks);
    let mut story = Vec::new();
    let what = match schedule(seed, form, &some, Some(&mut story)) {
        Err((_, what)) => what,
        Ok(()) => what.clone(),
    };
    let story = story.join("\n");
    let actions: Vec<usize> = (0..some.first).filter(|action| some.has(*action)).collect();
    format!("seed {seed} breaks “{promise}” ({form:?}, by its actions {actions:?}): {what}\n{story}")
}

fn none_breaks(goal: u64, budget: Option<Duration>, form: Form) {
    let (ran, broken) = first_broken(goal, budget, form);
    if let Some((seed, broken)) = broken {
        panic!("{}", told(seed, form, &broken));
    }
    println!("cardfile: {ran} schedules, no promise broken ({form:?})");
}

#[test]
fn no_schedule_breaks_a_promise() {
    if let Some(seed) = wanted("SEED") {
        return breaks_nothing(seed, Form::InMemory);
    }
    match wanted("SCHEDULES") {
        Some(goal) => none_breaks(goal, None, Form::InMemory),
        None => none_breaks(u64::MAX, Some(BUDGET), Form::InMemory),
    }
}

fn breaks_nothing(seed: u64, form: Form) {
    if let Err(broken) = schedule(seed, form, &Actions::ALL, None) {
        panic!("{}", told(seed, form, &broken));
    }
}

#[test]
fn nor_does_one_that_once_did() {
    for line in KEPT.lines().filter(|line| !line.starts_with('#')) {
        let seed = line.split_whitespace().next().and_then(|seed| seed.parse().ok());
        breaks_nothing(seed.expect("a line begins with its seed"), Form::InMemory);
    }
}

#[test]
fn a_schedule_is_the_same_each_time() {
    for seed in 0..TWICE {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let ended = schedule(seed, Form::InMemory, &Actions::ALL, Some(&mut first));
        assert_eq!(ended, schedule(seed, Form::InMemory, &Actions::ALL, Some(&mut second)), "seed {seed}");
        assert_eq!(first, second, "seed {seed}");
    }
}

/// The same over the file that people have: its cipher, its journal, its settings.
#[test]
fn nor_over_an_encrypted_file() {
    none_breaks(wanted("ENCRYPTED").unwrap_or(FEW), None, Form::Encrypted);
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
        (M::LooksTooFar, 5_000),
        (M::SendsStale, 20_000),
        (M::ErasesHereOnly, 5_000),
        (M::PartsBeforeContacts, 20_000),
        (M::LeaseUnfenced, 20_000),
        (M::SendsUntold, 1_000),
        (M::TellsTeamAll, 1_000),
        (M::LeftOutIsEmpty, 5_000),
        (M::StrangersForgotten, 50_000),
        (M::RestoredIsAlone, 100_000),
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
        let first = (0..*within).find_map(|seed| {
            schedule(seed, Form::InMemory, &Actions::ALL, None).err().map(|(promise, _)| (seed + 1, promise))
        });
        mutant::choose(None);
        match first {
            Some((first, promise)) => println!("{:<20} {first:>8} {within:>8}  {promise}", format!("{broken:?}")),
            None => missed.push(format!("{broken:?} in {within}")),
        }
    }
    assert!(missed.is_empty(), "not noticed: {}", missed.join(", "));
}
