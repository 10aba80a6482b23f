//! What sync is measured by: goals, and the growth from small to large as a picture.

use super::{Row, Scene};
use crate::report::{Goal, Line};
use std::fmt::Write as _;

/// The bare client needs at least this share of our time.
const OF_OURS: Goal = Goal::AtLeast(1.0 / 1.3);
/// How much slower vdirsyncer is at least.
const THAN_SECOND: Goal = Goal::AtLeast(2.0);
/// The server takes nearly all of an upload, whoever sends it.
const UPLOAD_THAN_SECOND: Goal = Goal::AtLeast(1.0 / 1.1);
/// Cards that were written are read back in groups of so many.
const READ_BACK: usize = 50;
/// A hundred times as many cards take at most so many times as long.
const GROWTH: f64 = 2.0;
/// The longest bar of the picture, in letters.
const BAR: f64 = 40.0;

/// What is promised of one row.
struct Promise {
    what: &'static str,
    requests: Goal,
    bytes: Goal,
    /// In the unit.
    engine: f64,
    /// `ms` or `s`.
    unit: &'static str,
    mib: Goal,
}

impl Promise {
    fn of(what: &'static str, requests: usize, engine_ms: f64) -> Self {
        let requests = Goal::Below(requests as f64);
        Self { what, requests, bytes: Goal::None, engine: engine_ms, unit: "ms", mib: Goal::None }
    }

    fn lines(&self, scene: &Scene, row: &Row) -> Vec<Line> {
        let what = |about: &str| format!("{}, {} cards: {}, {about}", scene.name, grouped(scene.cards), self.what);
        let scale = if self.unit == "s" { 1e3 } else { 1.0 };
        let bare = |key: &str, scale: f64| Some(("bare client", row.bare(key) / scale));
        let engine = row.ours("engine_ms") / scale;
        let mut lines = vec![
            Line::new(&what("requests"), "requests", bare("requests", 1.0), row.ours("requests"), self.requests, ""),
            Line::new(&what("engine time"), self.unit, None, engine, Goal::Below(self.engine), ""),
            Line {
                paired: Some(row.bare_by_ours()),
                ..Line::new(
                    &what("wall time"),
                    self.unit,
                    bare("wall_ms", scale),
                    row.ours("wall_ms") / scale,
                    OF_OURS,
                    "",
                )
            },
        ];
        if self.bytes != Goal::None {
            let what = what("bytes both ways");
            lines.push(Line::new(&what, "bytes", bare("bytes", 1.0), row.ours("bytes"), self.bytes, "bodies"));
        }
        if self.mib != Goal::None {
            lines.push(Line::new(&what("peak memory"), "MiB", None, row.ours("peak_mib"), self.mib, ""));
        }
        lines
    }
}

/// How it was measured.
pub(super) fn heading(pairs: usize) -> String {
    format!(
        "Sync, medians of {pairs} runs of each (first download of a large address book and first upload: one). \
         Engine time is the CPU of our process for a run, with the connection it opens. The bare client sends the \
         same requests and keeps nothing; its time and ours beside it are of the requests and the run alone, those \
         of vdirsyncer and ours beside it of whole programs. Ratio: the other divided by ours; above 1 ours is faster."
    )
}

/// Everything at one server beside the bare client.
pub(super) fn of_scene(scene: &Scene) -> Vec<Line> {
    let quiet = Promise { bytes: Goal::Below(2_048.0), ..Promise::of("no change", 1, 10.0) };
    let here = Promise::of("10 edited here", 2 + scene.floor, 50.0);
    let there = Promise::of("10 edited there", 2, 50.0);
    let download =
        Promise { requests: Goal::None, unit: "s", mib: Goal::Below(512.0), ..Promise::of("first download", 0, 60.0) };
    [(quiet, &scene.quiet), (here, &scene.here), (there, &scene.there), (download, &scene.download)]
        .iter()
        .flat_map(|(promise, row)| promise.lines(scene, row))
        .collect()
}

/// The smaller address book, with vdirsyncer.
pub(super) fn beside_second(scene: &Scene, upload: &Row) -> Vec<Line> {
    let what = |what: &str| format!("{}, {} cards: {what}", scene.name, grouped(scene.cards));
    let rows = [
        ("no change", &scene.quiet, THAN_SECOND),
        ("10 edited here", &scene.here, THAN_SECOND),
        ("10 edited there", &scene.there, THAN_SECOND),
        ("first download", &scene.download, THAN_SECOND),
        ("first upload", upload, UPLOAD_THAN_SECOND),
    ];
    let mut lines = Vec::new();
    for (about, row, goal) in rows {
        let (bare, ours) = (row.bare("wall_ms") / 1e3, row.ours("wall_ms") / 1e3);
        let what = what(&format!("{about}, wall time"));
        lines.push(Line {
            paired: Some(row.bare_by_ours()),
            ..Line::new(&what, "s", Some(("bare client", bare)), ours, OF_OURS, "")
        });
        match row.second() {
            Some((second, ours, ratio)) => lines.push(Line {
                paired: Some(ratio),
                ..Line::new(&what, "s", Some(("vdirsyncer", second)), ours, goal, "whole programs")
            }),
            None => lines.push(Line::new(&what, "s", None, ours, Goal::None, "too many for vdirsyncer")),
        }
    }
    // One for each card, the address book and its list, and what came of each group.
    let floor = scene.cards + 2 + scene.cards.div_ceil(READ_BACK);
    lines.push(Line::new(
        &what("first upload, requests"),
        "requests",
        Some(("bare client", upload.bare("requests"))),
        upload.ours("requests"),
        Goal::Below(floor as f64),
        "one for each card, two before, one to read back each fifty",
    ));
    lines
}

/// What is drawn: from small to large.
fn curves(grown: &[Scene]) -> [(&'static str, Vec<f64>); 3] {
    [
        ("no change", grown.iter().map(|scene| scene.quiet.ours("engine_ms")).collect()),
        ("10 edited here", grown.iter().map(|scene| scene.here.ours("engine_ms")).collect()),
        ("10 edited there", grown.iter().map(|scene| scene.there.ours("engine_ms")).collect()),
    ]
}

/// The cost grows with the changes, and not with the address book.
pub(super) fn of_growth(grown: &[Scene]) -> Vec<Line> {
    let [smallest, .., largest] = grown else { return Vec::new() };
    let sizes = format!("{} cards over {}", grouped(largest.cards), grouped(smallest.cards));
    let line = |(what, engine): (&str, Vec<f64>)| {
        let times = engine[engine.len() - 1] / engine[0];
        let what = format!("{}, growth: {what}, engine time, {sizes}", largest.name);
        Line::new(&what, "times", None, times, Goal::Below(GROWTH), "")
    };
    curves(grown).into_iter().map(line).collect()
}

/// The same as a picture.
pub(super) fn plot(grown: &[Scene]) -> String {
    let curves = curves(grown);
    let most = curves.iter().flat_map(|(_, engine)| engine).copied().fold(f64::MIN_POSITIVE, f64::max);
    let mut text = "Engine time of a run, by the size of the address book (Radicale):\n\n```\n".to_owned();
    for (what, engine) in curves {
        for (scene, ms) in grown.iter().zip(engine) {
            let bar = "#".repeat((ms / most * BAR).round().max(1.0) as usize);
            let _ = writeln!(text, "{what:<16} {:>9} cards {ms:>8.2} ms {bar}", grouped(scene.cards));
        }
    }
    text.push_str("```\n");
    text
}

/// 100,000
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
