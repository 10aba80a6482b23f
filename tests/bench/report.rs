//! What was measured, as a table that says which goals hold.

use std::fmt::Write as _;

/// What a goal compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// The other divided by ours is at least this.
    AtLeast(f64),
    /// The figure itself is at most this.
    Below(f64),
    /// The figure itself is at least this.
    From(f64),
    /// Nothing is promised; the figure is for the reader.
    None,
}

pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    /// Name and figure of the floor or the peer.
    pub(crate) other: Option<(String, f64)>,
    pub(crate) ours: f64,
    /// The other divided by ours, where both ran in pairs.
    pub(crate) paired: Option<f64>,
    pub(crate) goal: Goal,
    pub(crate) note: String,
}

impl Line {
    pub(crate) fn new(
        what: &str,
        unit: &'static str,
        other: Option<(&str, f64)>,
        ours: f64,
        goal: Goal,
        note: &str,
    ) -> Self {
        let other = other.map(|(name, figure)| (name.to_owned(), figure));
        Self { what: what.to_owned(), unit, other, ours, paired: None, goal, note: note.to_owned() }
    }

    fn ratio(&self) -> Option<f64> {
        self.paired.or(self.other.as_ref().map(|(_, other)| other / self.ours))
    }

    fn holds(&self) -> Option<bool> {
        match self.goal {
            Goal::AtLeast(times) => self.ratio().map(|ratio| ratio >= times),
            Goal::Below(limit) => Some(self.ours <= limit),
            Goal::From(limit) => Some(self.ours >= limit),
            Goal::None => None,
        }
    }
}

/// The table, under a few words on how it came about.
pub(crate) fn table(heading: &str, lines: &[Line]) -> String {
    let mut text = format!(
        "{heading}\n\n| what | floor or peer | theirs | ours | ratio | goal | holds |\n|---|---|---|---|---|---|---|\n"
    );
    for line in lines {
        let other = line.other.as_ref().map(|(name, figure)| (name.as_str(), format!("{figure:.2}")));
        let (name, other) = other.unwrap_or_default();
        let goal = match line.goal {
            Goal::AtLeast(times) => format!(">= {times:.2}x"),
            Goal::Below(limit) => format!("<= {limit} {}", line.unit),
            Goal::From(limit) => format!(">= {limit}"),
            Goal::None => String::new(),
        };
        let ratio = line.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}x"));
        let holds = line.holds().map_or("", |holds| if holds { "yes" } else { "no" });
        // A share near 1 says nothing with two digits.
        let digits = if line.unit.is_empty() { 4 } else { 2 };
        let note = if line.note.is_empty() { String::new() } else { format!(" ({})", line.note) };
        let _ = writeln!(
            text,
            "| {}{note} | {name} | {other} | {:.digits$} {} | {ratio} | {goal} | {holds} |",
            line.what, line.ours, line.unit
        );
    }
    text
}
