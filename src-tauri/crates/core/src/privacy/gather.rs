//! Everything that is held of a person, read at one moment.

use super::{
    history::{self, Deed},
    standing,
};
use crate::{core::Core, error::Error};
use cardfile_domain::{Millis, part::Note};
use cardfile_formats::dsar::Words;
use cardfile_store::{
    ContactRow, Disclosure, ExportEntry, HELD, Held, HeldColumn, Members, PairRow, Reader, SqlResult, Stored, Subject,
    Topic,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The rows of one table.
pub(super) struct TableRows {
    pub(super) held: &'static Held,
    pub(super) columns: Vec<HeldColumn>,
    /// How many are about the person.
    pub(super) count: u32,
    /// What is shown of them; empty for what is not shown row by row.
    pub(super) rows: Vec<Map<String, Value>>,
}

/// An export in which the person was.
pub(super) struct Taken {
    pub(super) entry: ExportEntry,
    /// It is certain; of an old one nobody knows who was in it.
    pub(super) is_certain: bool,
}

/// What is held of a person.
pub(super) struct Gathered {
    pub(super) subject: Subject,
    pub(super) cards: Vec<Stored>,
    pub(super) tables: Vec<TableRows>,
    /// What was done, oldest first.
    pub(super) deeds: Vec<Deed>,
    pub(super) taken: Vec<Taken>,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) pairs: Vec<PairRow>,
    /// Places of the notes that are here, by their ids: the history knows them by these.
    pub(super) notes: BTreeMap<String, i64>,
    /// Keys of the purposes for which each card may be used.
    pub(super) purposes: BTreeMap<ContactRow, Vec<String>>,
    /// Number and time of the latest change of the workspace.
    pub(super) as_of: (i64, Millis),
}

/// Reads everything of the person with these cards, in one state of the database.
pub(super) fn gather(core: &Core, cards: &[ContactRow]) -> Result<Gathered, Error> {
    super::mapped(core)?;
    let now = core.store().environment().clock.now();
    Ok(core.store().read(|r| read(r, cards, now))?)
}

fn read(r: Reader<'_>, cards: &[ContactRow], now: Millis) -> SqlResult<Gathered> {
    let mut subject = r.subjects().of(cards)?;
    let deeds = history::deeds(r, &subject)?;
    let mut known = Vec::new();
    for row in &subject.cards {
        known.extend(r.contacts().get(*row)?);
    }
    let mut taken = Vec::new();
    for (number, entry) in r.export_log().all()? {
        // An answer to a request goes to the person and to nobody else.
        if entry.format == super::built::FORMAT {
            continue;
        }
        let all = || subject.cards.iter().chain(&subject.former);
        let is_in = match &entry.members {
            Members::These(rows) => all().any(|row| rows.binary_search(row).is_ok()),
            Members::Everybody => all().any(|row| history::was_listed(&deeds, &known, *row, entry.at)),
            Members::Unknown => all().any(|row| history::was_there(&deeds, &known, *row, entry.at)),
        };
        if is_in {
            subject.exports.push(number);
            taken.push(Taken { is_certain: entry.members != Members::Unknown, entry });
        }
    }
    let (mut disclosures, mut pairs, mut notes) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut purposes = BTreeMap::new();
    for row in &subject.cards {
        purposes.insert(*row, standing::purposes_of(r, *row)?);
        let of_card = r.parts().of::<Note>(i64::from(*row))?;
        notes.extend(of_card.into_iter().map(|note| (note.value.id, note.row)));
    }
    for row in subject.cards.iter().chain(&subject.former) {
        disclosures.extend(r.disclosures().of(*row)?);
        pairs.extend(r.pairs().with_contact(*row)?);
    }
    let mut tables = Vec::new();
    for held in HELD {
        let count = r.holdings().count(held, &subject)?;
        // These are shown in another form than row by row.
        let apart = matches!(
            held.topic,
            Topic::History | Topic::Exports | Topic::Recipients | Topic::Withheld(_) | Topic::Business
        );
        let (columns, rows) = if apart {
            (Vec::new(), Vec::new())
        } else {
            (r.holdings().columns(held)?, r.holdings().rows(held, &subject)?)
        };
        tables.push(TableRows { held, columns, count, rows });
    }
    let last = r.changes().last()?;
    let operation = r.changes().get(last)?.map(|change| r.operations().get(change.op)).transpose()?.flatten();
    // A workspace in which nothing was ever done has no state but this one.
    let at = operation.map_or(now, |operation| operation.at);
    Ok(Gathered { subject, cards: known, tables, deeds, taken, disclosures, pairs, notes, purposes, as_of: (last, at) })
}

impl Gathered {
    /// Tables whose rows are shown under a topic.
    pub(super) fn of(&self, topic: Topic) -> impl Iterator<Item = &TableRows> {
        self.tables.iter().filter(move |table| table.held.topic == topic)
    }

    /// Rows of one table.
    pub(super) fn rows(&self, table: &str) -> &[Map<String, Value>] {
        self.tables.iter().find(|one| one.held.table == table).map(|one| &one.rows[..]).unwrap_or_default()
    }

    /// The kinds of data that are held, in the words of the sections that show them.
    pub(super) fn categories(&self, words: &Words) -> String {
        let kinds = [
            (Topic::Contact, words.about_you),
            (Topic::Identifiers, words.identifiers),
            (Topic::Consents, words.consents),
            (Topic::Requests, words.requests),
            (Topic::Tags, words.tags),
            (Topic::Notes, words.notes),
            (Topic::Tasks, words.tasks),
            (Topic::Memories, words.memories),
            (Topic::Conversations, words.conversations),
            (Topic::Ratings, words.ratings),
            (Topic::Activities, words.activities),
            (Topic::Payments, words.payments),
            (Topic::Files, words.files),
            (Topic::Secrets, words.secrets),
            (Topic::History, words.history),
        ];
        let there = kinds.iter().filter(|(topic, _)| self.of(*topic).any(|table| table.count > 0));
        there.map(|(_, word)| *word).collect::<Vec<_>>().join("; ")
    }
}
