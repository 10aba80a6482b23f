//! Who each record is about and what becomes of them: decided for the plan, decided and written
//! for the run.

use super::{PlannedUpdate, source::Source};
use crate::{
    error::Error,
    ingest::{self, Doubtful},
    resolve,
};
use cardfile_domain::{
    Contact,
    import::{Key, Outcome, Policy, keys, merge},
    say,
    suppression::{Mark, MarkKind, marks},
};
use cardfile_formats::record::{Position, ReadError, Record, Refusal, Reject, RejectCode};
use cardfile_store::{ContactRow, Reader, SqlResult, Stored, Suppressor, Tag, Tx, Watch};
use std::collections::{HashMap, HashSet};

/// How a record ended and whom it is about, or why it was not taken.
type Fared = Result<(Outcome, Option<ContactRow>), Box<Reject>>;

/// What is to be done with one record.
pub(super) enum Decision {
    /// A new contact; the keys by which later records may find it.
    Create(Record, Vec<u64>),
    Update(Box<Update>),
    /// Nothing to write, unless a person lets the file win.
    Same {
        outcome: Outcome,
        found: Found,
        contested: Option<Box<Update>>,
    },
    /// It is about somebody who was erased: known by these.
    Suppress(Vec<Tag>),
    /// It may be about somebody who is here, and a person is to say so.
    Hold(Box<Contact>),
    Reject(Box<Reject>),
    Refuse(Refusal),
}

pub(super) struct Update {
    position: Position,
    pub(super) found: Found,
    record: Box<Contact>,
    before: Contact,
    after: Contact,
    /// As read from the workspace, unless an earlier record changed it.
    stored: Option<Stored>,
}

impl Update {
    pub(super) fn planned(self) -> PlannedUpdate {
        let contested = merge(&self.before, &self.record, Policy::Newest);
        let contested = contested.filter(|wins| *wins != self.after).map(|wins| self.after.diff(&wins));
        PlannedUpdate {
            position: self.position,
            patch: self.before.diff(&self.after),
            contact: self.before,
            contested: contested.unwrap_or_default(),
        }
    }
}

/// The contact that a record belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Found {
    /// It was here before the import.
    Here(ContactRow),
    /// An earlier record of the file makes it, the n-th new one.
    Made(u32),
}

impl Found {
    pub(super) fn here(self) -> Option<ContactRow> {
        match self {
            Self::Here(row) => Some(row),
            Self::Made(_) => None,
        }
    }
}

/// Decides record by record. It remembers only contacts whose keys come again
/// in the file, so that its memory does not grow with the file.
pub(super) struct Planner<'s> {
    source: &'s Source<'s>,
    repeated: HashSet<u64>,
    seen: HashMap<u64, Found>,
    /// Those contacts as they are after the records so far.
    pending: HashMap<Found, Contact>,
    /// Where the made ones were written.
    rows: HashMap<u32, ContactRow>,
    made: u32,
    /// All of these, where it matters who was here before.
    fresh: HashSet<ContactRow>,
    /// Nothing can be found in it, and its indices may be gone.
    pub(super) workspace_is_empty: bool,
    /// Who was erased, and is turned away.
    watch: Option<Watch>,
}

impl<'s> Planner<'s> {
    pub(super) fn new(source: &'s Source<'s>, repeated: HashSet<u64>) -> Self {
        Self {
            source,
            repeated,
            seen: HashMap::new(),
            pending: HashMap::new(),
            rows: HashMap::new(),
            made: 0,
            fresh: HashSet::new(),
            workspace_is_empty: false,
            watch: None,
        }
    }

    /// Turns away whoever was erased up to now.
    pub(super) fn watch(&mut self, reader: Reader<'_>, suppressor: Suppressor) -> SqlResult<()> {
        self.watch = suppressor.watch(reader)?;
        Ok(())
    }

    /// By what a record is known that is suppressed. What its contact has already is its own:
    /// people share phones.
    fn suppressed(&self, record: &Contact, before: Option<&Contact>) -> Vec<Tag> {
        let Some(watch) = &self.watch else { return Vec::new() };
        let mut all = marks(record);
        if keys(record).next().is_none() {
            let hash = self.source.record_hash(record);
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            all.push(Mark::new(MarkKind::ImportRow, hash));
        }
        let known = before.map(marks).unwrap_or_default();
        all.retain(|mark| !known.contains(mark));
        watch.hits(&all)
    }

    pub(super) fn decide(&mut self, reader: Reader<'_>, record: Result<Record, ReadError>) -> SqlResult<Decision> {
        let record = match record {
            Ok(record) => record,
            Err(ReadError::Reject(reject)) => return Ok(Decision::Reject(reject)),
            Err(ReadError::Refusal(refusal)) => return Ok(Decision::Refuse(refusal)),
        };
        let mut found = None;
        let mut whole_record = false;
        let mut again = Vec::new();
        let source = self.source;
        let by = source.request.by.as_ref();
        if let Some(by) = by
            && !keys(&record.contact).any(|key| by.is(&key))
        {
            return Ok(Decision::Reject(Box::new(by.missing(record.position))));
        }
        // The keys that records are known by come first.
        let is_known_by = |key: Option<Key<'_>>| by.is_none_or(|by| key.is_some_and(|key| by.is(&key)));
        let all = || source.hashes(&record.contact);
        let others = by.is_some().then(|| all().filter(|(_, key)| !is_known_by(*key)));
        for (hash, key) in all().filter(|(_, key)| is_known_by(*key)).chain(others.into_iter().flatten()) {
            if self.repeated.contains(&hash) {
                again.push(hash);
            }
            let Some(contact) = self.find(reader, hash, key, &record.contact)? else { continue };
            // What is unique must not be there twice, whatever the records are known by.
            let is_asked = is_known_by(key);
            if !is_asked && !matches!(key, Some(Key::Own(_) | Key::Link(_))) {
                continue;
            }
            if self.is_another(reader, contact, key, &record.contact)? {
                continue;
            }
            match found {
                None if is_asked => (found, whole_record) = (Some(contact), key.is_none()),
                None => return Ok(Decision::Reject(Box::new(two_contacts(record.position)))),
                // Nobody can know which of the two the record is about.
                Some(other) if other != contact && matches!(key, Some(Key::Link(_))) => {
                    return Ok(Decision::Reject(Box::new(two_contacts(record.position))));
                }
                Some(_) => {}
            }
        }
        let Some(found) = found else {
            let tags = self.suppressed(&record.contact, None);
            if !tags.is_empty() {
                return Ok(Decision::Suppress(tags));
            }
            if let Some(key) = source.request.mirrored("", &record.contact.metadata) {
                return Ok(Decision::Reject(Box::new(of_ledger(record.position, key))));
            }
            if self.is_doubtful(reader, &record.contact)? {
                return Ok(Decision::Hold(record.contact));
            }
            self.made += 1;
            self.remember(&again, Found::Made(self.made), &record.contact);
            return Ok(Decision::Create(record, again));
        };
        let in_file = again.iter().any(|hash| self.seen.contains_key(hash));
        let outcome = if in_file { Outcome::Duplicate } else { Outcome::Unchanged };
        let same = Ok(Decision::Same { outcome, found, contested: None });
        let stored = match found {
            Found::Here(row) if !self.pending.contains_key(&found) => reader.contacts().get(row)?,
            _ => None,
        };
        let Some(before) = stored.as_ref().map(|s| &s.contact).or(self.pending.get(&found)).cloned() else {
            return same;
        };
        let tags = self.suppressed(&record.contact, Some(&before));
        if !tags.is_empty() {
            return Ok(Decision::Suppress(tags));
        }
        let policy = source.request.policy_of(record.position);
        let after = if whole_record { None } else { merge(&before, &record.contact, policy) };
        let written = after.as_ref().map_or(before.metadata.as_str(), |after| after.metadata.as_str());
        if let Some(key) = source.request.mirrored(&before.metadata, written) {
            return Ok(Decision::Reject(Box::new(of_ledger(record.position, key))));
        }
        self.remember(&again, found, after.as_ref().unwrap_or(&before));
        let Record { position, contact: record } = record;
        match after {
            None if self.source.request.policy != Policy::Ask || whole_record => same,
            None => {
                let update = Update { position, found, record, after: before.clone(), before, stored };
                let contested = merge(&update.before, &update.record, Policy::Newest).is_some();
                Ok(Decision::Same { outcome, found, contested: contested.then(|| Box::new(update)) })
            }
            Some(after) => {
                let update = Update { position, found, record, before, after, stored };
                Ok(Decision::Update(Box::new(update)))
            }
        }
    }

    /// Whether a new one may be somebody that was here before the import, by a phone or a name at
    /// a platform. People of one file share phones.
    fn is_doubtful(&self, reader: Reader<'_>, record: &Contact) -> SqlResult<bool> {
        if self.source.request.doubtful == Doubtful::Made || self.workspace_is_empty {
            return Ok(false);
        }
        let perhaps = resolve::resolve(reader, record)?.suggestions;
        Ok(perhaps.iter().any(|(row, _)| !self.fresh.contains(row)))
    }

    /// The contact that a key belongs to: of this file first, then of the workspace.
    fn find(&self, reader: Reader<'_>, hash: u64, key: Option<Key<'_>>, contact: &Contact) -> SqlResult<Option<Found>> {
        if let Some(found) = self.seen.get(&hash) {
            return Ok(Some(*found));
        }
        if self.workspace_is_empty {
            return Ok(None);
        }
        let row = match key {
            Some(key) => resolve::by_key(reader, &key)?,
            None => reader.import_memory().contact_of(&self.source.record_hash(contact))?,
        };
        // A contact of this very import is found by its repeated key only, so
        // that the plan, which writes nothing, finds the same.
        Ok(row.map(Found::Here))
    }

    /// Whether an email leads to somebody whom the record's remote knows by
    /// another external ID.
    fn is_another(&self, reader: Reader<'_>, found: Found, key: Option<Key<'_>>, record: &Contact) -> SqlResult<bool> {
        if !matches!(key, Some(Key::Email(_))) || record.links.is_empty() {
            return Ok(false);
        }
        if let Some(pending) = self.pending.get(&found) {
            return Ok(resolve::contradicts(pending, record));
        }
        let Found::Here(row) = found else { return Ok(false) };
        Ok(reader.contacts().get(row)?.is_some_and(|stored| resolve::contradicts(&stored.contact, record)))
    }

    fn remember(&mut self, again: &[u64], found: Found, contact: &Contact) {
        if let Some(pending) = self.pending.get_mut(&found) {
            pending.clone_from(contact);
        } else if !again.is_empty() {
            self.pending.insert(found, contact.clone());
        }
        for hash in again {
            self.seen.insert(*hash, found);
        }
    }

    /// Decides and writes. `Err` in the value is a reject.
    pub(super) fn apply(&mut self, tx: &mut Tx<'_>, record: Result<Record, ReadError>) -> Result<Fared, Error> {
        match self.decide(tx.read(), record)? {
            Decision::Reject(reject) => Ok(Err(reject)),
            Decision::Refuse(refusal) => Err(refusal.into()),
            Decision::Same { outcome, found, .. } => Ok(Ok((outcome, self.row_of(found)))),
            Decision::Suppress(tags) => {
                tx.note_return(&tags)?;
                Ok(Ok((Outcome::Suppressed, None)))
            }
            Decision::Hold(contact) => {
                ingest::hold(tx, &from_import(*contact), &self.source.request.name())?;
                Ok(Ok((Outcome::Held, None)))
            }
            Decision::Create(record, again) => {
                let hash = keys(&record.contact).next().is_none().then(|| self.source.record_hash(&record.contact));
                let row = tx.insert(from_import(*record.contact))?;
                if self.source.request.doubtful == Doubtful::Held {
                    self.fresh.insert(row);
                }
                if let Some(hash) = hash {
                    tx.remember_import(&hash, row)?;
                }
                if !again.is_empty() {
                    self.rows.insert(self.made, row);
                }
                Ok(Ok((Outcome::Created, Some(row))))
            }
            Decision::Update(update) => {
                let row = self.row_of(update.found);
                let stored = match (update.stored, row) {
                    (Some(stored), _) => Some(stored),
                    (None, Some(row)) => tx.read().contacts().get(row)?,
                    (None, None) => None,
                };
                // Somebody removed it between two chunks of this import.
                let Some(stored) = stored else { return Ok(Ok((Outcome::Unchanged, None))) };
                let policy = self.source.request.policy_of(update.position);
                // Joined to what is stored now: a person may have edited it
                // since an earlier record of this file was written.
                let Some(after) = merge(&stored.contact, &update.record, policy) else {
                    return Ok(Ok((Outcome::Unchanged, row)));
                };
                if let Some(pending) = self.pending.get_mut(&update.found) {
                    pending.clone_from(&after);
                }
                tx.update(&stored, after)?;
                Ok(Ok((Outcome::Updated, row)))
            }
        }
    }

    /// Where a contact is, once it is written.
    fn row_of(&self, found: Found) -> Option<ContactRow> {
        match found {
            Found::Here(row) => Some(row),
            Found::Made(number) => self.rows.get(&number).copied(),
        }
    }
}

/// The contact says where it came from.
fn from_import(mut contact: Contact) -> Contact {
    if contact.source.is_empty() {
        contact.source = "import".into();
    }
    contact
}

fn of_ledger(position: Position, key: &str) -> Reject {
    Reject::new(position, RejectCode::Type, say!("{key} is what the ledger of consents says", key))
}

fn two_contacts(position: Position) -> Reject {
    Reject::new(position, RejectCode::Id, say!("its external IDs belong to two different contacts"))
}
