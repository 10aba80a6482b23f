//! Three weeks apart, and the run that brings both sides together is killed: at a request,
//! before it is carried out or before its answer is heard, and while it works on an answer.
//! The next run goes on where that one was, and nothing is there twice.
//!
//! The program is the one of the command line, because only a process can be killed.

use crate::sync_scene::{NAME, said, three_weeks_apart};
use cardfile_core::{
    Core,
    domain::{Contact, Millis},
    generate::Seeded,
    history,
    sync::{
        remotes, running,
        waits::{self, Conflict},
    },
    system,
};
use cardfile_testkit::fake_remote::{FakeRemote, Moment, Snapshot};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt::Debug,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use tempfile::TempDir;

const SEED: u64 = 2026;
/// Requests at which a run is killed, one of each twentieth of them.
const POINTS: u64 = 20;
/// Answers after which a run is killed while it works on them, spread in the same way.
const ANSWERS: u64 = 5;
/// It works on one for about so many milliseconds.
const WORK_MS: u64 = 50;
/// Cards that were edited here, and are there.
const WRITES: u64 = 265;
/// Writes that are under way together, at most.
const BATCH: u64 = 50;

#[test]
fn a_sync_that_is_killed_anywhere_goes_on_where_it_was_and_writes_nothing_twice() {
    let (ws, fake) = three_weeks_apart();
    // Closed, so that its files can be copied.
    drop(ws.core);
    let scene = Scene { here: ws.dir, there: fake.snapshot(), fake };

    let whole = scene.begin();
    let run = synced(&whole, "nobody kills it");
    let told = ["pulled", "pushed", "merged", "conflicts", "held"].map(|name| count(&run, name));
    assert_eq!((told, scene.fake.state().done), ([300, 240, 25, 15, 5], WRITES));
    let asked = scene.fake.state().asked;
    let expected = scene.ends(&open(&whole));
    let conflicts = expected.waiting.iter().filter(|one| one.deleted.is_none()).count();
    assert_eq!((conflicts, expected.waiting.len() - conflicts), (15, 5));
    drop(whole);

    let mut random = Seeded::new(SEED);
    let requests = asked.len() as u64;
    for point in 0..POINTS {
        let (from, to) = (point * requests / POINTS, (point + 1) * requests / POINTS);
        let moment = if point % 2 == 0 { Moment::Before } else { Moment::After };
        scene.kill(Cut::At(1 + from + random.below(to - from), moment), &expected);
    }
    let reads: Vec<u64> = (1..).zip(&asked).filter(|(_, one)| one.method == "REPORT").map(|(n, _)| n).collect();
    for answer in 0..ANSWERS {
        let request = reads[(answer * reads.len() as u64 / ANSWERS) as usize];
        scene.kill(Cut::WorkingOn { request, ms: random.below(WORK_MS) }, &expected);
    }
}

/// Where a run is killed. Requests are counted from 1.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// At this request.
    At(u64, Moment),
    /// So long after this one was answered.
    WorkingOn { request: u64, ms: u64 },
}

/// Both sides as they were before the run.
struct Scene {
    here: PathBuf,
    there: Snapshot,
    fake: FakeRemote,
}

/// How both sides are in the end.
struct Ends {
    here: Vec<Contact>,
    there: Vec<(String, String)>,
    waiting: Vec<Conflict>,
}

impl Scene {
    /// A copy of the workspace, in front of the address book as it was.
    fn begin(&self) -> TempDir {
        self.fake.wait_until_alone();
        self.fake.restore(&self.there);
        let copy = tempfile::tempdir().expect("a folder");
        copy_folder(&self.here, &copy.path().join("workspace"));
        copy
    }

    /// Kills a run, and looks at what the next ones make of it.
    fn kill(&self, cut: Cut, expected: &Ends) {
        let at = format!("seed {SEED}, {cut:?}");
        let copy = self.begin();
        self.run_until(&copy, cut);
        let done = self.fake.state().done;
        let run = synced(&copy, &at);
        let after = self.fake.state();
        assert_eq!(count(&run, "pushed") + count(&run, "merged"), after.done - done, "{at}: it tells what it wrote");
        assert_eq!(after.done, WRITES, "{at}: each card is written once");

        let again = synced(&copy, &at);
        for name in ["pulled", "pushed", "merged", "conflicts", "held", "created", "deleted"] {
            assert_eq!(count(&again, name), 0, "{at}: nothing is left, and {name} says otherwise");
        }
        assert_eq!(self.fake.state().writes, after.writes, "{at}: nothing is left to be written");

        let core = open(&copy);
        core.store().verify().unwrap_or_else(|error| panic!("{at}: {error}"));
        adds_up(&core, &run, cut, &at);
        let ends = self.ends(&core);
        same(&ends.here, &expected.here, &at);
        same(&ends.there, &expected.there, &at);
        same(&ends.waiting, &expected.waiting, &at);
        let uids: BTreeSet<&str> = ends.there.iter().map(|(_, card)| said(card, "UID")).collect();
        assert_eq!(uids.len(), ends.there.len(), "{at}: nobody is there twice");
    }

    /// Begins a run and kills it; gives back once all that it sent has arrived.
    fn run_until(&self, copy: &TempDir, cut: Cut) {
        let (request, moment) = match cut {
            Cut::At(request, moment) => (request, moment),
            Cut::WorkingOn { request, .. } => (request, Moment::After),
        };
        let held = self.fake.hold(request, |_| true, moment);
        let run = Running::start(copy);
        held.wait();
        match cut {
            Cut::At(..) => {
                drop(run);
                drop(held);
            }
            Cut::WorkingOn { ms, .. } => {
                held.go_on();
                let_pass(Duration::from_millis(ms));
                drop(run);
            }
        }
        self.fake.wait_until_alone();
    }

    /// Times are left out: they are when it was done, and not what.
    fn ends(&self, core: &Core) -> Ends {
        let mut here = Vec::new();
        let scanned = core.store().read(|r| {
            r.contacts().scan(|stored| {
                here.push(Contact { updated_at: Millis::default(), ..stored.contact });
                true
            })
        });
        scanned.expect("readable");
        let mut waiting = waits::all(core).expect("what waits");
        for conflict in &mut waiting {
            conflict.since.clear();
            conflict.fields.iter_mut().for_each(|held| held.since.clear());
        }
        waiting.sort_by_key(|conflict| conflict.pair);
        Ends { here, there: self.fake.state().cards.into_iter().collect(), waiting }
    }
}

/// What the killed run told of itself is kept with its operation; both runs together did
/// what the whole one did.
fn adds_up(core: &Core, run: &Value, cut: Cut, at: &str) {
    let latest = history::list(core, 2).expect("a history");
    let killed = latest.iter().find(|one| one.kind == "sync_run" && run["operation"] != one.id.as_str());
    let both = |name: &str| count(run, name) + killed.map_or(0, |killed| count(&killed.counts, name));
    let told = ["conflicts", "held", "created", "deleted"].map(both);
    assert_eq!(told, [15, 5, 0, 0], "{at}");
    // What was under way was read again.
    assert!((300..=300 + BATCH).contains(&both("pulled")), "{at}: {} came", both("pulled"));
    // The one that finds nothing, the one that goes on, and the one that was killed.
    let known = remotes::find(core, NAME).expect("a connection");
    let past = running::past(core, &known, 3).expect("runs");
    assert!(past[2].end.is_none() || matches!(cut, Cut::WorkingOn { .. }), "{at}: {:?}", past[2].end);
}

/// One by one, so that a failure shows the one that differs.
fn same<T: PartialEq + Debug>(now: &[T], expected: &[T], at: &str) {
    assert_eq!(now.len(), expected.len(), "{at}");
    for (now, expected) in now.iter().zip(expected) {
        assert_eq!(now, expected, "{at}");
    }
}

fn count(counts: &Value, name: &str) -> u64 {
    counts[name].as_u64().expect("a count")
}

/// Nobody waits for anything: the kill is to come at some time.
fn let_pass(time: Duration) {
    let (stop, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(time);
    drop(stop);
}

/// With its permissions: a workspace that others can read is refused.
fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    std::fs::set_permissions(to, std::fs::metadata(from).expect("a folder").permissions()).expect("ours");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            std::fs::copy(&path, &copy).expect("a copy");
        }
    }
}

fn open(copy: &TempDir) -> Core {
    Core::open(&copy.path().join("workspace"), None, system::environment()).expect("it opens").0
}

/// A run of the program that `make build` made.
#[expect(clippy::disallowed_methods, reason = "the product starts no programs, its tests do")]
fn sync(copy: &TempDir) -> Command {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cardfile-crash-writer")).with_file_name("cardfile");
    let mut command = Command::new(program);
    command.arg("--workspace").arg(copy.path().join("workspace")).args(["sync", NAME, "--json"]).stdin(Stdio::null());
    command
}

/// A run to its end; what it tells of itself.
fn synced(copy: &TempDir, at: &str) -> Value {
    let output = sync(copy).output().expect("the program that make build made");
    assert_eq!(output.status.code(), Some(0), "{at}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one object")
}

/// A run under way, which is killed when it is dropped.
struct Running(Child);

impl Running {
    fn start(copy: &TempDir) -> Self {
        let child = sync(copy).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the program that make build made"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have come to its end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
