//! What other programs are to be told of a write: noted while it is written, and queued in the
//! same transaction, so that neither can be there without the other. Of each contact a
//! transaction tells once what became of it.

use crate::{
    contact::ContactRow,
    error::StoreError,
    operation::OpKind,
    pair::PairRow,
    webhook::{self, WebhookMessage, WebhookRow},
    write::Tx,
};
use cardfile_domain::{
    Contact, Ids, Millis, Patch,
    webhook::{Event, State, consent, happened, is_told_of, touched},
};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeSet, HashMap};

/// Notes of one transaction.
#[derive(Default)]
pub(crate) struct Outbox {
    /// Who is told, and of what.
    hearing: Vec<(WebhookRow, BTreeSet<Event>)>,
    /// Those that came to nothing are gone.
    notes: Vec<Option<Note>>,
    /// Where the note about each contact is.
    places: HashMap<(ContactRow, Sort), usize>,
    /// Cards that are about to become part of another.
    joined: HashMap<ContactRow, ContactRow>,
}

/// Two notes of one sort about a contact are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    Life,
    Consent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    event: Event,
    contact: ContactRow,
    /// Our id of it, where it was known.
    id: Option<String>,
    other: Option<String>,
    fields: BTreeSet<&'static str>,
}

impl Outbox {
    /// Asks who is to be told. What a crash cut off never happened: nobody is told that it is
    /// taken back.
    pub(crate) fn open(db: &Connection, kind: OpKind) -> rusqlite::Result<Self> {
        if kind == OpKind::Rollback {
            return Ok(Self::default());
        }
        let mut statement = db.prepare_cached("SELECT webhook, events FROM webhook WHERE state = 'on'")?;
        let mut rows = statement.query([])?;
        let mut hearing = Vec::new();
        while let Some(row) = rows.next()? {
            let words: Vec<String> = serde_json::from_str(row.get_ref(1)?.as_str()?).unwrap_or_default();
            hearing.push((row.get(0)?, words.iter().filter_map(|word| Event::parse(word)).collect()));
        }
        Ok(Self { hearing, ..Self::default() })
    }

    /// Whether anybody is told of such a thing.
    pub(crate) fn hears(&self, event: Event) -> bool {
        self.hearing.iter().any(|(_, events)| events.contains(&event))
    }

    /// A contact is there; `is_back` when it was before.
    pub(crate) fn inserted(&mut self, row: ContactRow, contact: &Contact, is_back: bool) {
        if self.hearing.is_empty() || !is_told_of(contact) {
            return;
        }
        let event = if is_back { Event::Restored } else { Event::Created };
        self.live(row, event, Some(contact), BTreeSet::new());
    }

    /// A contact has other values.
    pub(crate) fn changed(&mut self, row: ContactRow, before: &Contact, after: &Contact, patch: &Patch) {
        if self.hearing.is_empty() {
            return;
        }
        let Some(event) = happened(Some(before), Some(after)) else { return };
        let fields = touched(patch.0.iter().map(|change| change.field.as_str()));
        if event != Event::Updated {
            self.live(row, event, Some(after), BTreeSet::new());
        } else if !fields.is_empty() {
            if fields.contains("consent") && consent(before) != consent(after) {
                self.take(row, Sort::Consent);
                self.put(Sort::Consent, Note::of(row, Event::ConsentChanged, Some(after), BTreeSet::new()));
            }
            self.live(row, event, Some(after), fields);
        }
    }

    /// A contact has other tags. Whether others see it at all is looked at when it is sent.
    pub(crate) fn tagged(&mut self, row: ContactRow) {
        if !self.hearing.is_empty() {
            self.live(row, Event::Updated, None, touched(std::iter::once("tags")));
        }
    }

    /// A card becomes part of another: it is removed right after.
    pub(crate) fn joins(&mut self, from: ContactRow, to: ContactRow) {
        if !self.hearing.is_empty() {
            self.joined.insert(from, to);
        }
    }

    /// A contact is not there any more.
    pub(crate) fn removed(&mut self, row: ContactRow, contact: &Contact) {
        if self.hearing.is_empty() || !is_told_of(contact) {
            return;
        }
        match self.joined.remove(&row) {
            None => self.live(row, Event::Deleted, Some(contact), BTreeSet::new()),
            Some(to) => {
                // Whatever else was noted of the card: it is not there.
                self.take(row, Sort::Consent);
                if self.take(row, Sort::Life).is_some_and(|note| note.event == Event::Created) {
                    return;
                }
                let other = Some(contact.id.to_string());
                let note = Note { event: Event::Merged, contact: to, id: None, other, fields: BTreeSet::new() };
                self.notes.push(Some(note));
            }
        }
    }

    /// A person has to choose between two sides.
    fn conflict(&mut self, contact: ContactRow, remote: String) {
        let other = Some(remote);
        self.notes.push(Some(Note { other, ..Note::of(contact, Event::ConflictOpened, None, BTreeSet::new()) }));
    }

    fn live(&mut self, row: ContactRow, event: Event, contact: Option<&Contact>, fields: BTreeSet<&'static str>) {
        let mut note = Note::of(row, event, contact, fields);
        let Some(before) = self.take(row, Sort::Life) else { return self.put(Sort::Life, note) };
        let event = match (before.event, event) {
            // It came and went, and nobody heard of it.
            (Event::Created | Event::Restored, Event::Deleted) => return,
            (Event::Created | Event::Restored, _) => before.event,
            (Event::Deleted, Event::Created | Event::Restored) => Event::Restored,
            (_, event) => event,
        };
        note.event = event;
        note.id = note.id.or(before.id);
        note.fields.extend(before.fields);
        self.put(Sort::Life, note);
    }

    fn put(&mut self, sort: Sort, note: Note) {
        self.places.insert((note.contact, sort), self.notes.len());
        self.notes.push(Some(note));
    }

    fn take(&mut self, row: ContactRow, sort: Sort) -> Option<Note> {
        self.places.remove(&(row, sort)).and_then(|place| self.notes[place].take())
    }

    /// Queues what was noted.
    pub(crate) fn write(
        &mut self,
        db: &Connection,
        ids: &Ids<'_>,
        now: Millis,
        op: Option<i64>,
    ) -> rusqlite::Result<()> {
        self.places.clear();
        for note in std::mem::take(&mut self.notes).into_iter().flatten() {
            let id = match &note.id {
                Some(id) => Some(id.clone()),
                None => id_of(db, note.contact)?,
            };
            let Some(id) = id else { continue };
            for (webhook, events) in &self.hearing {
                let Some(event) = said_to(events, note.event) else { continue };
                // Of a card that became part of another it is told that it is gone.
                let is_instead = note.event == Event::Merged && event != Event::Merged;
                let (subject, other) = match (&note.other, is_instead) {
                    (Some(gone), true) => (gone.clone(), None),
                    (other, _) => (id.clone(), other.clone()),
                };
                let message = WebhookMessage {
                    id: ids.next("msg_"),
                    webhook: *webhook,
                    event: event.as_str().to_owned(),
                    subject,
                    other,
                    fields: note.fields.iter().map(|field| (*field).to_owned()).collect(),
                    op,
                    at: now,
                    state: State::Waiting.as_str().to_owned(),
                    next_at: Some(now),
                    ..WebhookMessage::default()
                };
                if event == Event::Deleted {
                    // It does not wait for what is held back because of a restriction.
                    webhook::release(db, &message.subject, now)?;
                }
                webhook::put(db, &message)?;
            }
        }
        Ok(())
    }
}

impl Note {
    fn of(row: ContactRow, event: Event, contact: Option<&Contact>, fields: BTreeSet<&'static str>) -> Self {
        let id = contact.map(|contact| contact.id.to_string());
        Self { event, contact: row, id, other: None, fields }
    }
}

/// What somebody who chose these events is told.
fn said_to(events: &BTreeSet<Event>, event: Event) -> Option<Event> {
    if events.contains(&event) { Some(event) } else { event.instead().filter(|instead| events.contains(instead)) }
}

fn id_of(db: &Connection, contact: ContactRow) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT id FROM contact WHERE row = ?1")?.query_row([contact], |row| row.get(0)).optional()
}

impl Tx<'_> {
    /// A pair waits for a person. Told once, when it begins to.
    pub(crate) fn note_conflict(&mut self, pair: &PairRow) -> Result<(), StoreError> {
        let Some(contact) = pair.contact.filter(|_| pair.waits && self.outbox.hears(Event::ConflictOpened)) else {
            return Ok(());
        };
        let waited: Option<bool> = self
            .db
            .prepare_cached("SELECT waits FROM pair WHERE pair = ?1")?
            .query_row([pair.pair], |row| row.get(0))
            .optional()?;
        if waited == Some(true) {
            return Ok(());
        }
        let remote: Option<String> = self
            .db
            .prepare_cached("SELECT id FROM remote WHERE remote = ?1")?
            .query_row([pair.remote], |row| row.get(0))
            .optional()?;
        if let Some(remote) = remote {
            self.outbox.conflict(contact, remote);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::ContactId;
    use rstest::rstest;

    fn ana(name: &str) -> Contact {
        Contact { id: ContactId::from_stored("ctc_ana".into()), name: name.into(), ..Contact::default() }
    }

    fn heard() -> Outbox {
        let all = Event::ALL.iter().map(|(event, _)| *event).collect();
        Outbox { hearing: vec![(1, all)], ..Outbox::default() }
    }

    fn told(outbox: &Outbox) -> Vec<(Event, Vec<&'static str>)> {
        let notes = outbox.notes.iter().flatten();
        notes.map(|note| (note.event, note.fields.iter().copied().collect())).collect()
    }

    fn edit(outbox: &mut Outbox, before: &Contact, after: &Contact) {
        outbox.changed(1, before, after, &before.diff(after));
    }

    #[test]
    fn a_contact_that_is_made_and_edited_at_once_is_new_and_nothing_else() {
        let mut outbox = heard();
        outbox.inserted(1, &ana("Ana"), false);
        edit(&mut outbox, &ana("Ana"), &ana("Ana Ruiz"));
        outbox.tagged(1);
        assert_eq!(told(&outbox).iter().map(|(event, _)| *event).collect::<Vec<_>>(), [Event::Created]);
    }

    #[test]
    fn a_contact_that_comes_and_goes_at_once_was_never_there() {
        let mut outbox = heard();
        outbox.inserted(1, &ana("Ana"), false);
        outbox.removed(1, &ana("Ana"));
        assert!(told(&outbox).is_empty());
    }

    #[test]
    fn several_edits_are_one_with_all_their_fields() {
        let mut outbox = heard();
        edit(&mut outbox, &ana("Ana"), &ana("Ana Ruiz"));
        let with_company = Contact { company: "Solvento".into(), ..ana("Ana Ruiz") };
        edit(&mut outbox, &ana("Ana Ruiz"), &with_company);
        assert_eq!(told(&outbox), [(Event::Updated, vec!["company", "first_name", "last_name", "name"])]);
    }

    #[test]
    fn what_nobody_is_told_is_not_noted() {
        let mut outbox = heard();
        edit(&mut outbox, &ana("Ana"), &Contact { description: "Calls before ten".into(), ..ana("Ana") });
        assert!(told(&outbox).is_empty());
        let mut nobody = Outbox::default();
        nobody.inserted(1, &ana("Ana"), false);
        nobody.tagged(1);
        assert!(told(&nobody).is_empty());
    }

    #[test]
    fn a_consent_is_told_beside_the_metadata_that_says_it() {
        let mut outbox = heard();
        let consented = Contact { metadata: r#"{"consent_given":true}"#.into(), ..ana("Ana") };
        edit(&mut outbox, &ana("Ana"), &consented);
        assert_eq!(told(&outbox), [(Event::ConsentChanged, vec![]), (Event::Updated, vec!["consent", "metadata"])]);
        let mut other = heard();
        let plan = Contact { metadata: r#"{"consent_given":true,"plan":"pro"}"#.into(), ..ana("Ana") };
        edit(&mut other, &consented, &plan);
        assert_eq!(told(&other), [(Event::Updated, vec!["consent", "metadata"])]);
    }

    #[test]
    fn a_card_that_becomes_part_of_another_is_told_of_once() {
        let mut outbox = heard();
        outbox.tagged(1);
        outbox.joins(1, 2);
        outbox.removed(1, &ana("Ana"));
        let [note] = &outbox.notes.iter().flatten().collect::<Vec<_>>()[..] else { panic!("one note") };
        assert_eq!((note.event, note.contact, note.other.as_deref()), (Event::Merged, 2, Some("ctc_ana")));
    }

    #[rstest]
    #[case::chosen(&[Event::Merged, Event::Deleted], Event::Merged, Some(Event::Merged))]
    #[case::only_the_usual(&[Event::Created, Event::Deleted], Event::Merged, Some(Event::Deleted))]
    #[case::back(&[Event::Created, Event::Deleted], Event::Restored, Some(Event::Created))]
    #[case::not_chosen(&[Event::Created, Event::Deleted], Event::Updated, None)]
    #[case::none_of_it(&[Event::Updated], Event::Merged, None)]
    fn who_did_not_choose_it_is_told_what_it_comes_to(
        #[case] events: &[Event],
        #[case] event: Event,
        #[case] expected: Option<Event>,
    ) {
        assert_eq!(said_to(&events.iter().copied().collect(), event), expected);
    }
}
