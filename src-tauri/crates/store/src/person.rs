//! Everything the workspace holds of a person, found before any of it is deleted: a preview
//! counts it, and an erasure goes through it. A person may have several cards, and cards that
//! became part of these or were removed, of which only the log still knows.

mod needles;
mod parts;
mod requests;
mod search;

pub use needles::Needles;
pub(crate) use search::removed_like;

use crate::{
    contact::{ContactRow, Contacts},
    link::Links,
    remote::RemoteRow,
};
use cardfile_domain::{
    PartKind,
    suppression::{Mark, MarkKind},
};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A person, as far as an erasure has to know. Has no `Debug`: it holds what is to go.
#[derive(Default, Clone)]
pub struct Person {
    /// Cards that are here.
    pub cards: Vec<ContactRow>,
    /// Cards that are not here any more; the log has them.
    pub removed: Vec<ContactRow>,
    /// Our ids of all of these.
    pub ids: BTreeSet<String>,
    /// By what they would be known again.
    pub marks: BTreeSet<Mark>,
    /// Words by which they are found in texts and bytes.
    pub needles: Needles,
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u32>,
    /// Spaces that stay, because they stand on cards of others as well.
    pub shared_spaces: u32,
    /// Where a part of them is, by its place; also parts that were removed.
    pub(crate) parts: HashSet<(PartKind, i64)>,
    /// Changes that say something of them.
    pub(crate) changes: BTreeSet<i64>,
    /// Operations whose subject may name them.
    pub(crate) subjects: BTreeSet<i64>,
    /// Exports whose words may name them, and whether the file does too.
    pub(crate) exports: Vec<(i64, bool)>,
    /// Names of the bytes of their files.
    pub(crate) blobs: BTreeSet<String>,
    /// `fil_…`
    pub(crate) files: BTreeSet<String>,
    /// `sec_…`
    pub(crate) secrets: BTreeSet<String>,
    /// Records that cannot be taken, and keys of deleted ones.
    pub(crate) quarantined: Vec<(RemoteRow, String)>,
    pub(crate) tombstones: Vec<(RemoteRow, String)>,
    /// Requests of the register that are about them, or that name them.
    pub(crate) requests: Vec<String>,
    /// Some of their texts, to ask the index for afterwards.
    pub(crate) texts: Vec<Text>,
}

/// A text of a person in the full-text index.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) index: &'static str,
    pub(crate) part: i64,
    /// How it begins.
    pub(crate) phrase: String,
}

impl Person {
    /// The rows of all their cards, those that are not here as well.
    pub fn all_cards(&self) -> impl Iterator<Item = ContactRow> + '_ {
        self.cards.iter().chain(&self.removed).copied()
    }

    /// Places of their parts of one kind.
    pub(crate) fn parts_of(&self, kind: PartKind) -> impl Iterator<Item = i64> + '_ {
        self.parts.iter().filter(move |(known, _)| *known == kind).map(|(_, row)| *row)
    }

    pub(crate) fn count(&mut self, table: &'static str, rows: usize) {
        if rows > 0 {
            *self.rows.entry(table).or_default() += u32::try_from(rows).unwrap_or(u32::MAX);
        }
    }
}

/// Reads.
pub struct Persons<'c>(pub(crate) &'c Connection);

impl Persons<'_> {
    /// Everything of the person who has these cards.
    pub fn of(&self, cards: &[ContactRow]) -> rusqlite::Result<Person> {
        search::search(self.0, cards)
    }

    /// The cards that are known by one of these, whichever of their values that is; those in
    /// the bin too.
    pub fn cards_of(&self, marks: &[Mark]) -> rusqlite::Result<Vec<ContactRow>> {
        let mut rows = BTreeSet::new();
        for mark in marks {
            match mark.kind {
                MarkKind::Email => rows.extend(self.rows_of("email", &mark.value)?),
                MarkKind::Phone => rows.extend(self.rows_of("phone", &format!("+{}", mark.value))?),
                MarkKind::OwnId => rows.extend(Contacts(self.0).row_of(&mark.value)?),
                MarkKind::ExternalId => rows.extend(Links(self.0).contact_of(&search::link_of(&mark.value))?),
                MarkKind::Conversation | MarkKind::ImportRow | MarkKind::Record => {}
            }
        }
        Ok(rows.into_iter().collect())
    }

    fn rows_of(&self, field: &str, key: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(&format!(
                "SELECT row FROM contact WHERE {field}_key = ?1
                 UNION SELECT contact FROM contact_item WHERE key = ?1 AND field = ?2"
            ))?
            .query_map([key, field], |row| row.get(0))?
            .collect()
    }
}
