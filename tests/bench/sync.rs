//! Sync beside a bare client that makes the same requests, and beside vdirsyncer: a run that
//! finds nothing, ten edits here and there, the first download, the first upload.
//!
//! Then the systems of vendors, as fakes: everybody comes once, and many changes leave.
//!
//! The servers are other programs, so the CPU of our process is what the engine takes. They
//! know their cards before anybody is measured, and whoever comes first after a change does
//! not pay for what the server works out once: somebody else asks before.

mod address_book;
mod bare;
mod lines;
mod ours;
mod people;
mod second;
mod team;
mod vendors;

use crate::{
    number,
    process::{Cost, median, run_self},
    report::{Line, table},
};
use address_book::AddressBook;
use cardfile_testkit::{
    peers::{Card, Kind},
    vendors::Vendor,
};
use people::{EDITED, Edit};
use second::Second;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, net::SocketAddr, path::Path};
use team::Team;
use vendors::Measured;

/// The smallest address book: each of four edits other people.
const LEAST: usize = 100;
/// The largest that vdirsyncer uploads: it needs more than a third of a second for each card.
const UPLOADED_BY_SECOND: usize = 2_000;

/// Who edits whom, from this number on.
const THERE: usize = 0;
const HERE: usize = 10;
const BARE: usize = 20;
const SECOND: usize = 30;

/// Where people are, and those who use it beside us.
trait Book {
    fn name(&self) -> &'static str;

    /// Connects a new workspace.
    fn connect(&self, workspace: &str);

    /// Requests that so many writes need at least.
    fn floor(&self, writes: usize) -> usize;

    /// The bare client asks what moved after a cursor, and reads it.
    fn bare_pull(&self, cursor: &str, moved: usize) -> Cost;

    /// The bare client asks, finds nothing, and writes an edit.
    fn bare_push(&self, cursor: &str, edit: &Edit) -> Cost;

    /// Somebody else edits, and asks what moved.
    fn edit(&self, edit: &Edit, cursor: &str);
}

/// One thing done by each in turn, as often as it was asked for.
#[derive(Default)]
struct Row {
    ours: Vec<Cost>,
    bare: Vec<Cost>,
    second: Vec<Cost>,
}

impl Row {
    fn ours(&self, key: &str) -> f64 {
        median(self.ours.iter().map(|cost| figure(cost, key)).collect())
    }

    fn bare(&self, key: &str) -> f64 {
        median(self.bare.iter().map(|cost| figure(cost, key)).collect())
    }

    /// The time of the bare client, divided by ours, for requests alone.
    fn bare_by_ours(&self) -> f64 {
        let pairs = self.bare.iter().zip(&self.ours);
        median(pairs.map(|(bare, ours)| figure(bare, "wall_ms") / figure(ours, "wall_ms")).collect())
    }

    /// The time of vdirsyncer, and of our whole process, and the first divided by the second.
    fn second(&self) -> Option<(f64, f64, f64)> {
        if self.second.is_empty() {
            return None;
        }
        let wall = |all: &[Cost]| median(all.iter().map(|cost| cost.wall_seconds).collect());
        let pairs = self.second.iter().zip(&self.ours);
        let ratio = median(pairs.map(|(second, ours)| second.wall_seconds / ours.wall_seconds).collect());
        Some((wall(&self.second), wall(&self.ours), ratio))
    }

    fn to_json(&self) -> Value {
        let all = |costs: &[Cost]| costs.iter().map(Cost::to_json).collect::<Vec<_>>();
        json!({ "ours": all(&self.ours), "bare": all(&self.bare), "vdirsyncer": all(&self.second) })
    }
}

fn figure(cost: &Cost, key: &str) -> f64 {
    cost.said[key].as_f64().unwrap_or(f64::NAN)
}

/// What was measured at one address book.
#[derive(Default)]
struct Scene {
    name: &'static str,
    cards: usize,
    /// Requests that the writes of ten edits need at least.
    floor: usize,
    download: Row,
    quiet: Row,
    here: Row,
    there: Row,
}

impl Scene {
    fn to_json(&self) -> Value {
        json!({
            "server": self.name,
            "cards": self.cards,
            "first download": self.download.to_json(),
            "no change": self.quiet.to_json(),
            "edits here": self.here.to_json(),
            "edits there": self.there.to_json(),
        })
    }
}

/// One job, in a process of its own; nothing when there is none of this name.
pub(crate) fn job(name: &str, args: &[String]) -> Option<Value> {
    let text = |at: usize| args[at].as_str();
    let count = |at: usize| args[at].parse::<usize>().expect("a number");
    let address = || text(0).parse::<SocketAddr>().expect("an address");
    let edit = |at: usize| Edit::from(count(at), text(at + 1));
    Some(match name {
        "sync-connect" => ours::connect(Path::new(text(0)), text(1), text(2), text(3), text(4)),
        "sync-fill" => ours::fill(Path::new(text(0)), count(1)),
        "sync-edit" => ours::edit(Path::new(text(0)), &edit(1)),
        "sync-run" => ours::run(Path::new(text(0))),
        "bare-pull" => address_book::pull(address(), text(1), text(2), count(3)),
        "bare-push" => address_book::push(address(), text(1), text(2), &edit(3)),
        "bare-upload" => address_book::upload(address(), text(1), count(2)),
        "vendor-connect" => vendors::connect(Path::new(text(0)), text(1), text(2)),
        "vendor-edit" => vendors::edit(Path::new(text(0)), count(1)),
        "team-pull" => team::pull(text(0), text(1), count(2)),
        "team-push" => team::push(text(0), text(1), &edit(2)),
        _ => return None,
    })
}

/// Runs one of these jobs.
fn run_job(name: &str, args: &[&str]) -> Cost {
    let args: Vec<&Path> = args.iter().map(Path::new).collect();
    run_self(name, &args)
}

/// Measures, and keeps the result in this folder.
pub(crate) fn bench(out: &Path, pairs: usize) {
    let cards = number("BENCH_CARDS", 100_000).max(LEAST);
    let few = number("BENCH_SYNC_CARDS", 2_000).max(LEAST);
    let temp = tempfile::tempdir_in(out).expect("a temporary folder");
    let dir = temp.path();

    let beside = beside(dir, few, pairs);
    let upload = upload(dir, few);
    let sizes = BTreeSet::from([cards / 100, cards / 10, cards].map(|size| size.max(LEAST)));
    let grown: Vec<Scene> = sizes.into_iter().map(|size| at_radicale(dir, size, pairs)).collect();
    let xandikos = scene(dir, &AddressBook::start(dir, Kind::Xandikos, cards), cards, pairs);
    let team = scene(dir, &Team::start(cards), cards, pairs);

    let scenes: Vec<&Scene> = grown.iter().chain([&xandikos, &team, &beside]).collect();
    let mut lines = Vec::new();
    for large in grown.last().into_iter().chain([&xandikos, &team]) {
        lines.extend(lines::of_scene(large));
    }
    lines.extend(lines::beside_second(&beside, &upload));
    lines.extend(lines::of_growth(&grown));
    let table = format!("{}\n{}", table(&lines::heading(pairs), &lines), lines::plot(&grown));

    let mut raw = Map::new();
    raw.insert("scenes".into(), scenes.iter().map(|scene| scene.to_json()).collect());
    raw.insert("first upload".into(), json!({ "cards": few, "rows": upload.to_json() }));
    std::fs::write(out.join("sync.json"), format!("{:#}\n", Value::Object(raw))).expect("writable");
    std::fs::write(out.join("sync.md"), &table).expect("writable");
    println!("{table}");
}

/// Measures the systems of vendors, and keeps the result in this folder.
pub(crate) fn bench_vendors(out: &Path, _: usize) {
    let (pulled, pushed) = (number("BENCH_PULLED", 45_000).max(LEAST), number("BENCH_PUSHED", 10_000).max(1));
    let temp = tempfile::tempdir_in(out).expect("a temporary folder");
    let measure = |vendor| vendors::measure(temp.path(), vendor, pulled, pushed.min(pulled));
    let vendors: Vec<Measured> = Vendor::ALL.into_iter().map(measure).collect();
    let lines: Vec<Line> = vendors.iter().flat_map(Measured::lines).collect();
    let table = table(vendors::HEADING, &lines);
    let raw: Value = vendors.iter().map(Measured::to_json).collect();
    std::fs::write(out.join("vendors.json"), format!("{raw:#}\n")).expect("writable");
    std::fs::write(out.join("vendors.md"), &table).expect("writable");
    println!("{table}");
}

fn at_radicale(dir: &Path, cards: usize, pairs: usize) -> Scene {
    eprintln!("bench: Radicale gets to know {cards} cards");
    scene(dir, &AddressBook::start(dir, Kind::Radicale, cards), cards, pairs)
}

/// Everything at one server, for us and the bare client.
fn scene(dir: &Path, book: &dyn Book, cards: usize, pairs: usize) -> Scene {
    let mut scene = Scene { name: book.name(), cards, floor: book.floor(EDITED), ..Scene::default() };
    let workspace = dir.join("workspace");
    download(&mut scene, book, &workspace);
    changes(&mut scene, book, &workspace, None, pairs);
    std::fs::remove_dir_all(&workspace).expect("it is ours");
    scene
}

/// Everything at Radicale, with vdirsyncer too.
fn beside(dir: &Path, cards: usize, pairs: usize) -> Scene {
    let book = AddressBook::start(dir, Kind::Radicale, cards);
    let mut scene = Scene { name: book.name(), cards, floor: book.floor(EDITED), ..Scene::default() };
    let (workspace, folder) = (dir.join("workspace"), dir.join("second"));
    let mut second = None;
    for _ in 0..pairs {
        for old in [&workspace, &folder] {
            // There is none the first time.
            let _ = std::fs::remove_dir_all(old);
        }
        download(&mut scene, &book, &workspace);
        let new = Second::at(&book.url(), &folder, &[]);
        scene.download.second.push(new.sync());
        assert_eq!(new.count(), cards, "all came");
        second = Some(new);
    }
    changes(&mut scene, &book, &workspace, second.as_ref(), pairs);
    for old in [&workspace, &folder] {
        std::fs::remove_dir_all(old).expect("it is ours");
    }
    scene
}

/// Everybody comes, to a bare client and to a new workspace.
fn download(scene: &mut Scene, book: &dyn Book, workspace: &Path) {
    eprintln!("bench: first download, {} cards, {}", scene.cards, scene.name);
    scene.download.bare.push(book.bare_pull("", scene.cards));
    book.connect(text(workspace));
    let ours = run_job("sync-run", &[text(workspace)]);
    assert_eq!(ours.said["created"], scene.cards, "all came");
    scene.download.ours.push(ours);
}

/// Nothing, ten edits there and ten edits here, over and over.
fn changes(scene: &mut Scene, book: &dyn Book, workspace: &Path, second: Option<&Second>, pairs: usize) {
    let ours = || run_job("sync-run", &[text(workspace)]);
    // Takes what others did meanwhile; gives the place from where nothing moved.
    let settled = || {
        let cost = ours();
        cost.said["cursor"].as_str().expect("a cursor").to_owned()
    };
    for pair in 1..=pairs {
        eprintln!("bench: changes in {} cards, {}, {pair} of {pairs}", scene.cards, scene.name);
        let title = format!("Round {pair}");
        let cursor = settled();
        if let Some(second) = second {
            second.sync();
        }
        scene.quiet.bare.push(book.bare_pull(&cursor, 0));
        scene.quiet.ours.push(moved(ours(), "pulled", 0));
        scene.quiet.second.extend(second.map(Second::sync));

        book.edit(&Edit::from(THERE, &title), &cursor);
        scene.there.bare.push(book.bare_pull(&cursor, EDITED));
        scene.there.ours.push(moved(ours(), "pulled", EDITED));
        scene.there.second.extend(second.map(Second::sync));

        let [first, words] = Edit::from(HERE, &title).words();
        run_job("sync-edit", &[text(workspace), &first, &words]);
        scene.here.ours.push(moved(ours(), "pushed", EDITED));
        let cursor = settled();
        scene.here.bare.push(book.bare_push(&cursor, &Edit::from(BARE, &title)));
        if let Some(second) = second {
            // First it takes what we and the bare client did.
            second.sync();
            second.edit(&Edit::from(SECOND, &title));
            scene.here.second.push(second.sync());
        }
    }
}

/// The run, which moved what it should.
fn moved(run: Cost, key: &str, expected: usize) -> Cost {
    assert_eq!(run.said[key], expected, "{key}: {}", run.said);
    run
}

/// So many people go into an empty address book, each time a new one. Once: it takes minutes.
fn upload(dir: &Path, cards: usize) -> Row {
    let empty = || AddressBook::start(dir, Kind::Radicale, 0);
    let mut row = Row::default();
    eprintln!("bench: first upload of {cards} cards");
    row.bare.push(empty().bare_upload(cards));
    let (book, workspace) = (empty(), dir.join("workspace"));
    run_job("sync-fill", &[text(&workspace), &cards.to_string()]);
    book.connect(text(&workspace));
    row.ours.push(moved(run_job("sync-run", &[text(&workspace)]), "pushed", cards));
    std::fs::remove_dir_all(&workspace).expect("it is ours");
    if cards <= UPLOADED_BY_SECOND {
        eprintln!("bench: vdirsyncer does the same");
        let (book, folder) = (empty(), dir.join("second"));
        let all: Vec<Card> = (0..cards).map(people::card).collect();
        row.second.push(Second::at(&book.url(), &folder, &all).sync());
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }
    row
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
