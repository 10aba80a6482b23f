//! Killed at random moments of imports, edits, bulk work, merges and undoing: reopening is clean, nothing
//! acknowledged is lost, a half-done operation is taken back and said so.
//!
//! `CARDFILE_KILL_POINTS` sets how many (40 by default, 200 in `make crash`).

use cardfile_core::{Core, contact, domain::PartKind, facets, generate::Seeded, history, parts, system};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// So many workspaces are written and killed beside each other: most of the time is the disk's.
const LANES: u64 = 4;

#[test]
fn nothing_acknowledged_is_lost_to_a_kill() {
    let points: u64 = std::env::var("CARDFILE_KILL_POINTS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let rolled_back: usize = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|lane| scope.spawn(move || killed(points.div_ceil(LANES), lane))).collect();
        lanes.into_iter().map(|lane| lane.join().expect("nothing is lost")).sum()
    });
    assert!(rolled_back > 0 || points < 20, "no import was ever cut off: the test kills at the wrong moments");
}

/// Kills at so many points, and says how many operations were taken back.
fn killed(points: u64, lane: u64) -> usize {
    let temp = tempfile::tempdir().expect("a folder");
    let mut random = Seeded::new(2026 + lane);
    let mut rolled_back = 0;
    let mut dir = temp.path().join("ws");
    for point in 0..points {
        // A fresh workspace now and then, so that empty ones are met too.
        if point % 10 == 0 {
            dir = temp.path().join(format!("ws-{point}"));
            Core::create(&dir, &cardfile_core::Protection::None, system::environment()).expect("a workspace");
        }
        let mode = ["import", "edit", "bulk", "merge"][random.below(4) as usize];
        let acknowledged = kill_at_random(&dir, mode, &mut random);
        rolled_back += check(&dir, &acknowledged);
    }
    rolled_back
}

/// Runs the writer, and kills it some milliseconds after one of its first lines.
fn kill_at_random(dir: &Path, mode: &str, random: &mut Seeded) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "the crash suite needs a process to kill")]
    let mut child: Child = Command::new(env!("CARGO_BIN_EXE_cardfile-crash-writer"))
        .arg(dir)
        .arg(mode)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let out = child.stdout.take().expect("piped");
    let (send, receive) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let mut lines = Vec::new();
    for _ in 0..=random.below(4) {
        lines.push(receive.recv_timeout(Duration::from_secs(60)).expect("the writer gets on"));
    }
    let limit = Duration::from_millis(random.below(if matches!(mode, "import" | "bulk") { 400 } else { 40 }));
    let (stop, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(limit);
    drop(stop);
    child.kill().expect("killed");
    child.wait().expect("gone");
    reader.join().expect("read");
    lines.extend(receive.try_iter());
    lines
}

/// Opens what is left and checks it against what was acknowledged. Returns how
/// many operations were taken back.
fn check(dir: &Path, acknowledged: &[String]) -> usize {
    let (core, opening) = Core::open(dir, None, system::environment()).expect("it opens");
    core.store().verify().expect("every page and reference is whole");
    for line in acknowledged {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("created"), Some(id), Some(_)) => {
                contact::find(&core, id).expect("an acknowledged contact");
            }
            (Some("edited"), Some(id), Some(text)) => {
                assert_eq!(contact::find(&core, id).expect("an acknowledged contact").contact.description, text);
            }
            (Some("pair" | "merged" | "unmerged"), Some(one), Some(other)) => whole_or_two(&core, one, other),
            _ => {}
        }
    }
    // A tag that was put on everybody is on everybody of then, or on nobody.
    for tag in facets::all(&core).expect("facets").tags.iter().filter(|tag| tag.value.starts_with("crash ")) {
        let done = history::list(&core, 100_000).expect("a history");
        let put = done
            .iter()
            .find(|op| op.kind == "contact_tag" && op.state == "done" && op.subject == format!("+ {}", tag.value));
        let expected = put.map_or(0, |op| op.counts["updated"].as_u64().expect("counts"));
        assert_eq!(u64::from(tag.count), expected, "{}", tag.value);
    }
    // Contacts that exist are those of finished operations, no more and no less.
    let done: i64 = history::list(&core, 100_000)
        .expect("a history")
        .iter()
        .filter(|op| op.state == "done")
        .map(|op| match op.kind {
            "import" => op.counts["created"].as_i64().expect("counts"),
            "contact_create" => 1,
            "contact_combine" => -1,
            _ => 0,
        })
        .sum();
    let (contacts, _) = core.store().read(|r| r.contacts().count()).expect("readable");
    assert_eq!(i64::from(contacts), done, "{acknowledged:?} {:?}", opening.rolled_back);
    assert!(history::list(&core, 100_000).expect("a history").iter().all(|op| op.state != "open"));
    opening.rolled_back.len()
}

/// Two cards with a note each are two, or one with both notes; nothing between.
fn whole_or_two(core: &Core, one: &str, other: &str) {
    let notes = |id: &str| {
        contact::find(core, id).ok().map(|stored| {
            let all = parts::count(core, &stored).expect("counts");
            all.iter().find(|(kind, _)| *kind == PartKind::Note).map_or(0, |(_, n)| *n)
        })
    };
    let now = (notes(one), notes(other));
    assert!(matches!(now, (Some(1), Some(1)) | (Some(2), None)), "{one} {other}: {now:?}");
}
