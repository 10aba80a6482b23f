//! Segments: views that were given a name, and recipes: exports that were.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A view with a name: whom it shows, how, and why it is kept (M-65).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Segment {
    /// `seg_…`
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Filter text.
    pub filter: String,
    /// What is searched for.
    pub query: String,
    /// Keys to sort by, the first first; `-` before one turns it round.
    pub sort: Vec<String>,
    /// Columns in their order; empty for those of the list.
    pub columns: Vec<String>,
    /// Height of a row; empty for that of the list.
    pub density: String,
    /// What the people in it are kept together for.
    pub purpose: String,
    /// Who answers for it.
    pub owner: String,
    /// When somebody last looked whether it is still right.
    pub reviewed_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
}

/// Days after which a segment that nobody looked at is stale.
pub const REVIEW_DAYS: i64 = 180;

impl Segment {
    /// Which contacts these are, in words, for a log that outlives the segment.
    pub fn said(&self) -> String {
        [&self.name, &self.query, &self.filter]
            .into_iter()
            .filter(|text| !text.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(": ")
    }

    /// Whether nobody has looked at it for too long.
    pub fn is_stale(&self, now: Millis) -> bool {
        now.0 - self.reviewed_at.unwrap_or(self.created_at).0 > REVIEW_DAYS * Millis::DAY
    }
}

/// An export with a name: which columns under which headings, in which format.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// `rcp_…`
    pub id: String,
    /// What it is called.
    pub name: String,
    /// `csv`, `xlsx`, `vcard`, `ndjson`, …
    pub format: String,
    /// Key and heading of each column; an empty heading is the key.
    pub columns: Vec<(String, String)>,
    /// Filter text; empty for everyone.
    pub filter: String,
    /// Formulas are guarded for spreadsheets.
    pub spreadsheet: bool,
    /// One character between cells.
    pub separator: String,
    /// Begins with a byte order mark.
    pub bom: bool,
    /// When it was made.
    pub created_at: Millis,
}
