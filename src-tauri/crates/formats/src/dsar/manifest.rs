//! What a bundle says of itself: which files, with their hashes, and of every table of the
//! workspace how many of its rows are about the person, shown and withheld.

use serde::{Deserialize, Serialize};

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `cardfile-dsar/1`.
    pub format: String,
    /// The request it answers.
    pub request: String,
    /// What to call the person where nobody may read who it is.
    pub subject_pseudonym: String,
    /// The program and its version.
    pub generator: String,
    /// The moment of the latest change it shows (RFC 3339): a clock would make two answers to one
    /// request differ.
    pub created: String,
    /// Number of that change.
    pub as_of_db_change_seq: i64,
    /// Language of the pages (ISO 639-1).
    pub language: String,
    /// Fingerprint of the key that signs.
    pub key_fingerprint: String,
    /// Every file but this one, its signature and the list of hashes, in order.
    pub files: Vec<FileLine>,
    /// Every table of the workspace, those without a row of the person too.
    pub completeness: Vec<TableLine>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Below the bundle's folder.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// How many records it holds, where it holds any.
    pub records: Option<u64>,
    /// The article of the GDPR that asks for it.
    pub article: String,
    /// The JSON Schema it fulfils.
    pub schema: Option<String>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableLine {
    /// Its name.
    pub table: String,
    /// Rows that are about the person.
    pub rows_of_subject: u64,
    /// Those that the bundle shows.
    pub rows_exported: u64,
    /// Those that it does not.
    pub rows_withheld: u64,
    /// Why: `derived`, `security`, `internal`, `third_party`; empty when nothing is withheld, and
    /// `business` for a table without any person in it.
    pub reason: String,
}

/// The format's name.
pub(super) const FORMAT: &str = "cardfile-dsar/1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.json.sig";
pub(super) const SUMS: &str = "SHA256SUMS";
/// The public key that the bundle is checked with, until somebody names the one they know.
pub(super) const KEY: &str = "controller.pub";

/// The text of `SHA256SUMS`: what `sha256sum -c` reads.
pub(super) fn sums<'l>(lines: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    let mut text = String::new();
    for (sha256, path) in lines {
        text.push_str(sha256);
        text.push_str("  ");
        text.push_str(path);
        text.push('\n');
    }
    text
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
