//! The simulator: the real plan and the real steps of a run, under schedules that are
//! made by chance from their seed. `make sim SCHEDULES=1000000` runs many and shows that
//! every broken rule would be noticed; the tests run some. `SEED=7` runs one and tells what
//! happens if it breaks a promise; `FROM=7` begins there. `DESCRIBED=100000` runs so many in
//! which remotes are reached through the interpreter of manifests, `DESCRIBED_SEED=7` one.
#![expect(clippy::print_stdout, reason = "it says how many schedules it ran")]

mod acts;
mod decide;
mod described;
mod device;
mod line;
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
    collections::BTreeMap,
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use world::{Broken, DEVICES, World};

/// So many are always run, about a minute.
const SOME: u64 = 20_000;
/// So many through the interpreter of manifests, some seconds.
const OTHERS: u64 = 5_000;
/// So many over an encrypted file, where nobody wants more.
const FEW: u64 = 200;
/// So many seeds that break a promise are told of.
const TOLD: usize = 8;
/// Each so many it says how far it is.
const STEP: u64 = 50_000;
/// Of so many it is shown that they are the same each time.
const TWICE: u64 = 160;

/// Seeds that once broke a promise and are not among the first, one a line, with why.
const KEPT: [(Form, &str); 2] =
    [(Form::InMemory, include_str!("seeds.txt")), (Form::Described, include_str!("described_seeds.txt"))];

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

/// On what schedules run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A store in memory, and remotes that are asked directly.
    InMemory,
    /// The same with remotes that manifests describe: other schedules, whatever their seeds.
    Described,
    /// A store in a file.
    Encrypted,
}

fn schedule(seed: u64, form: Form, some: &Actions, story: Option<&mut Vec<String>>) -> Result<(), Broken> {
    let run = |workspaces: &[Workspace]| {
        let world = World::new(seed, story.is_some(), workspaces, form == Form::Described);
        let ended = world.run(some);
        if let Some(story) = story {
            *story = world.into_story();
        }
        ended
    };
    match form {
        Form::InMemory | Form::Described => IN_MEMORY.with(|all| run(all)),
        Form::Encrypted => ENCRYPTED.with(|(all, _)| run(all)),
    }
}

/// Runs these schedules on all cores, until so many broke a promise that more tell nothing
/// new: how many ran, and the seeds that broke one.
fn broken_of(seeds: Range<u64>, form: Form) -> (u64, BTreeMap<u64, Broken>) {
    let (next, broken) = (AtomicU64::new(seeds.start), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || broken.lock().expect("not poisoned").len() >= TOLD {
                        return;
                    }
                    if seed > seeds.start && seed.is_multiple_of(STEP) {
                        println!("cardfile: {seed} of {} schedules begun ({form:?})", seeds.end);
                    }
                    if let Err(what) = schedule(seed, form, &Actions::ALL, None) {
                        broken.lock().expect("not poisoned").insert(seed, what);
                    }
                }
            });
        }
    });
    let ran = next.load(Ordering::Relaxed).min(seeds.end) - seeds.start;
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

fn none_breaks(seeds: Range<u64>, form: Form) {
    let (ran, broken) = broken_of(seeds, form);
    if let Some((first, what)) = broken.first_key_value() {
        let all: Vec<String> = broken.iter().map(|(seed, (promise, _))| format!("{seed} “{promise}”")).collect();
        panic!("of {ran}: {}\n{}", all.join(", "), told(*first, form, what));
    }
    println!("cardfile: {ran} schedules, no promise broken ({form:?})");
}

#[test]
fn no_schedule_breaks_a_promise() {
    if let Some(seed) = wanted("SEED") {
        return breaks_nothing(seed, Form::InMemory);
    }
    let from = wanted("FROM").unwrap_or(0);
    none_breaks(from..from + wanted("SCHEDULES").unwrap_or(SOME), Form::InMemory);
}

fn breaks_nothing(seed: u64, form: Form) {
    if let Err(broken) = schedule(seed, form, &Actions::ALL, None) {
        panic!("{}", told(seed, form, &broken));
    }
}

#[test]
fn nor_does_one_that_once_did() {
    for (form, line) in KEPT.iter().flat_map(|(form, kept)| kept.lines().map(|line| (*form, line))) {
        if !line.starts_with('#') {
            let seed = line.split_whitespace().next().and_then(|seed| seed.parse().ok());
            breaks_nothing(seed.expect("a line begins with its seed"), form);
        }
    }
}

#[test]
fn a_schedule_is_the_same_each_time() {
    for (seed, form) in (0..TWICE).flat_map(|seed| [(seed, Form::InMemory), (seed, Form::Described)]) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let ended = schedule(seed, form, &Actions::ALL, Some(&mut first));
        assert_eq!(ended, schedule(seed, form, &Actions::ALL, Some(&mut second)), "seed {seed} ({form:?})");
        assert_eq!(first, second, "seed {seed} ({form:?})");
    }
}

/// The same over remotes that manifests describe: the interpreter that asks, its lists and its
/// cursors, what it reads before it writes and how it finds out what became of that.
#[test]
fn nor_does_one_over_remotes_that_manifests_describe() {
    if let Some(seed) = wanted("DESCRIBED_SEED") {
        return breaks_nothing(seed, Form::Described);
    }
    none_breaks(0..wanted("DESCRIBED").unwrap_or(OTHERS), Form::Described);
}

/// The same over the file that people have: its cipher, its journal, its settings.
#[test]
fn nor_over_an_encrypted_file() {
    none_breaks(0..wanted("ENCRYPTED").unwrap_or(FEW), Form::Encrypted);
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
        (M::NumbersAgain, 20_000),
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
