//! What belongs to the cards of a person: their parts with what is inside these, the changes
//! that tell of them, records of remotes, and rows elsewhere that name the person.

use super::{Text, search::Search};
use crate::{
    erased::{How, WAYS},
    keyslots::hex,
    operation::OpKind,
    part::{PARTS, PartTable},
};
use cardfile_domain::{
    ContactId, Link, PartKind,
    suppression::{Mark, MarkKind},
};
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Texts of each index that are asked for after an erasure.
const ASKED: usize = 50;
/// Characters of them.
const PHRASE: usize = 40;

/// What the log keeps of a removed part that was inside another.
#[derive(Deserialize)]
struct Removed {
    parent: Option<i64>,
    #[serde(default)]
    value: RemovedValue,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RemovedValue {
    id: String,
    blob: String,
}

pub(super) fn find(search: &mut Search<'_>) -> rusqlite::Result<()> {
    search.own_parts()?;
    search.own_spaces()?;
    search.distinctions()?;
    search.changes_of_parts()?;
    search.messages()?;
    search.changes_of_parts()?;
    search.records()?;
    search.values()?;
    search.named()?;
    search.requests()?;
    search.count()
}

impl Search<'_> {
    /// Parts of the cards, and removed ones that were theirs to the end.
    fn own_parts(&mut self) -> rusqlite::Result<()> {
        for table in PARTS.iter().filter(|table| table.belongs_to_contact()) {
            let name = table.table.name;
            let mut statement = self.db.prepare_cached(&format!("SELECT part FROM {name} WHERE contact = ?1"))?;
            for card in &self.person.cards {
                for part in statement.query_map([card], |row| row.get(0))? {
                    self.person.parts.insert((table.kind, part?));
                }
            }
        }
        for (kind, part) in std::mem::take(&mut self.met) {
            let table = PartTable::of(kind);
            if !table.belongs_to_contact() {
                continue;
            }
            let sql = format!("SELECT count(*) FROM {} WHERE part = ?1", table.table.name);
            let is_here: bool = self.db.prepare_cached(&sql)?.query_row([part], |row| row.get(0))?;
            // What is here and not on the cards was given to somebody else.
            if !is_here {
                self.person.parts.insert((kind, part));
            }
        }
        Ok(())
    }

    /// Spaces that stand on no other card, with their files.
    fn own_spaces(&mut self) -> rusqlite::Result<()> {
        for card in &self.person.cards {
            let mut statement = self.db.prepare_cached("SELECT space FROM placement WHERE contact = ?1")?;
            for space in statement.query_map([card], |row| row.get(0))? {
                self.spaces.insert(space?);
            }
        }
        if self.spaces.is_empty() {
            return Ok(());
        }
        let removed = self.removed(PartKind::Space)?;
        let removed_files = self.removed(PartKind::File)?;
        for id in std::mem::take(&mut self.spaces) {
            let owners: Vec<u32> = self
                .db
                .prepare_cached("SELECT contact FROM placement WHERE space = ?1")?
                .query_map([&id], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let is_theirs = |owner: &u32| self.person.cards.contains(owner);
            if !owners.iter().all(is_theirs) {
                self.person.shared_spaces += u32::from(owners.iter().any(is_theirs));
                continue;
            }
            let here: Option<i64> = self
                .db
                .prepare_cached("SELECT part FROM space WHERE id = ?1")?
                .query_row([&id], |row| row.get(0))
                .optional()?;
            let gone = removed.iter().filter(|(_, said)| said.value.id == id).map(|(part, _)| *part);
            for space in here.into_iter().chain(gone) {
                self.person.parts.insert((PartKind::Space, space));
                self.files(space, &removed_files)?;
            }
        }
        Ok(())
    }

    fn files(&mut self, space: i64, removed: &[(i64, Removed)]) -> rusqlite::Result<()> {
        let mut statement = self.db.prepare_cached("SELECT part, id, blob FROM file WHERE space = ?1")?;
        let mut rows = statement.query([space])?;
        while let Some(row) = rows.next()? {
            self.person.parts.insert((PartKind::File, row.get(0)?));
            self.person.files.insert(row.get(1)?);
            self.person.blobs.insert(row.get(2)?);
        }
        for (part, said) in removed.iter().filter(|(_, said)| said.parent == Some(space)) {
            self.person.parts.insert((PartKind::File, *part));
            self.person.files.insert(said.value.id.clone());
            self.person.blobs.insert(said.value.blob.clone());
        }
        Ok(())
    }

    /// Removed parts of a kind of which there are not many.
    fn removed(&self, kind: PartKind) -> rusqlite::Result<Vec<(i64, Removed)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT row, body FROM change WHERE entity = ?1 AND entity > 2 AND action = 2 AND body IS NOT NULL",
        )?;
        let mut rows = statement.query([kind as i64])?;
        let mut removed = Vec::new();
        while let Some(row) = rows.next()? {
            if let Ok(said) = serde_json::from_str(row.get_ref(1)?.as_str()?) {
                removed.push((row.get(0)?, said));
            }
        }
        Ok(removed)
    }

    fn distinctions(&mut self) -> rusqlite::Result<()> {
        let mut statement = self.db.prepare_cached("SELECT part FROM distinction WHERE one = ?1 OR other = ?1")?;
        for id in &self.person.ids {
            for part in statement.query_map([id], |row| row.get(0))? {
                self.person.parts.insert((PartKind::Distinction, part?));
            }
        }
        Ok(())
    }

    /// All changes of the parts, also those from when a part was nobody's or on another card.
    fn changes_of_parts(&mut self) -> rusqlite::Result<()> {
        let mut statement =
            self.db.prepare_cached("SELECT seq, op FROM change WHERE entity = ?1 AND row = ?2 AND entity > 2")?;
        for (kind, part) in &self.person.parts {
            let mut rows = statement.query(params![*kind as i64, part])?;
            while let Some(row) = rows.next()? {
                self.person.changes.insert(row.get(0)?);
                self.operations.insert(row.get(1)?);
            }
        }
        Ok(())
    }

    /// Messages of the conversations; removed ones are found by the operations that did
    /// something to these.
    fn messages(&mut self) -> rusqlite::Result<()> {
        let conversations: BTreeSet<i64> = self.person.parts_of(PartKind::Conversation).collect();
        let mut texts = Vec::new();
        let mut statement = self.db.prepare_cached("SELECT part, text FROM message WHERE conversation = ?1")?;
        for conversation in &conversations {
            let mut rows = statement.query([conversation])?;
            while let Some(row) = rows.next()? {
                let part = row.get(0)?;
                self.person.parts.insert((PartKind::Message, part));
                if texts.len() < ASKED {
                    texts.extend(phrase("message_text", part, row.get_ref(1)?.as_str()?));
                }
            }
            if let Some(mark) = self.mark_of(*conversation)? {
                self.person.marks.insert(mark);
            }
        }
        self.person.texts.extend(texts);
        if conversations.is_empty() {
            return Ok(());
        }
        let mut statement =
            self.db.prepare_cached("SELECT row, body FROM change WHERE op = ?1 AND entity = 7 AND action = 2")?;
        for op in &self.operations {
            let mut rows = statement.query([op])?;
            while let Some(row) = rows.next()? {
                let body = row.get_ref(1)?.as_str_or_null()?.unwrap_or_default();
                let said: Option<Removed> = serde_json::from_str(body).ok();
                if said.and_then(|said| said.parent).is_some_and(|parent| conversations.contains(&parent)) {
                    self.person.parts.insert((PartKind::Message, row.get(0)?));
                }
            }
        }
        Ok(())
    }

    fn mark_of(&self, conversation: i64) -> rusqlite::Result<Option<Mark>> {
        let found: Option<(String, String)> = self
            .db
            .prepare_cached("SELECT platform, external_id FROM conversation WHERE part = ?1")?
            .query_row([conversation], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(platform, external_id)| Mark::conversation(&platform, &external_id)))
    }

    /// Records at remotes, by their IDs and by how these call them.
    fn records(&mut self) -> rusqlite::Result<()> {
        let mut keys = BTreeSet::new();
        let mut statement = self.db.prepare_cached(
            "SELECT p.remote, p.key, p.external_id, r.kind, r.name
               FROM pair p JOIN remote r ON r.remote = p.remote WHERE p.contact = ?1",
        )?;
        let cards: Vec<u32> = self.person.all_cards().collect();
        for card in cards {
            let mut rows = statement.query([card])?;
            let mut pairs = 0;
            while let Some(row) = rows.next()? {
                pairs += 1;
                if let Some(key) = row.get::<_, Option<String>>(1)? {
                    keys.insert((row.get::<_, i64>(0)?, key));
                }
                let Some(external_id) = row.get::<_, Option<String>>(2)? else { continue };
                if ContactId::parse(&external_id).is_ok() {
                    self.person.marks.insert(Mark::new(MarkKind::OwnId, external_id.as_str()));
                }
                let link = Link { connector: row.get(3)?, scope: row.get(4)?, external_id };
                self.person.marks.insert(Mark::link(&link));
            }
            self.person.count("pair", pairs);
        }
        let ids: Vec<&str> = self.person.ids.iter().map(String::as_str).collect();
        let mut statement = self.db.prepare_cached("SELECT remote, key FROM tombstone")?;
        let mut rows = statement.query([])?;
        let mut tombstones = Vec::new();
        while let Some(row) = rows.next()? {
            let one: (i64, String) = (row.get(0)?, row.get(1)?);
            if keys.contains(&one) || ids.iter().any(|id| one.1.contains(id)) {
                tombstones.push(one);
            }
        }
        self.person.count("tombstone", tombstones.len());
        self.person.tombstones = tombstones;
        Ok(())
    }

    /// Further values by which the person would be known, and the ids of their secrets.
    fn values(&mut self) -> rusqlite::Result<()> {
        let (mut payments, mut texts) = (Vec::new(), Vec::new());
        let cards: Vec<u32> = self.person.all_cards().collect();
        for card in &cards {
            let mut statement = self.db.prepare_cached("SELECT hash FROM import_memory WHERE contact = ?1")?;
            for hash in statement.query_map([card], |row| row.get::<_, Vec<u8>>(0))? {
                self.person.marks.insert(Mark::new(MarkKind::ImportRow, hex(&hash?)));
            }
            let mut statement = self.db.prepare_cached("SELECT id FROM secret WHERE contact = ?1")?;
            for secret in statement.query_map([card], |row| row.get(0))? {
                self.person.secrets.insert(secret?);
            }
            let mut statement =
                self.db.prepare_cached("SELECT email, account FROM payment_account WHERE contact = ?1")?;
            for payment in statement.query_map([card], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let payment: (String, String) = payment?;
                payments.push(payment);
            }
            for (index, table) in [("note_text", "note"), ("memory_text", "memory")] {
                let sql = format!("SELECT part, text FROM {table} WHERE contact = ?1 LIMIT {ASKED}");
                let mut statement = self.db.prepare_cached(&sql)?;
                let mut rows = statement.query([card])?;
                while let Some(row) = rows.next()? {
                    texts.extend(phrase(index, row.get(0)?, row.get_ref(1)?.as_str()?));
                }
            }
        }
        for (email, account) in payments {
            self.learn_payment(&email, &account);
        }
        self.person.texts.extend(texts);
        Ok(())
    }

    /// Rows that name the person in the words of the program or of a remote.
    fn named(&mut self) -> rusqlite::Result<()> {
        let person = &mut self.person;
        // The subject of an undo is that of what it takes back.
        let mut statement = self.db.prepare_cached(
            "SELECT o.op, iif(o.kind IN ('undo', 'redo', 'rollback'), ifnull(b.kind, o.kind), o.kind), o.subject
               FROM operation o LEFT JOIN operation b ON b.op = o.reverses WHERE o.subject IS NOT NULL",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let op = row.get(0)?;
            let is_theirs = self.operations.contains(&op) && is_about_a_card(row.get_ref(1)?.as_str()?);
            if is_theirs || person.needles.mentions(row.get_ref(2)?.as_str()?) {
                person.subjects.insert(op);
            }
        }
        let mut statement = self.db.prepare_cached(
            "SELECT export, what, file, expires_at IS NULL OR deleted_at IS NOT NULL FROM export_log",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let in_words = person.needles.mentions(row.get_ref(1)?.as_str()?);
            let in_name = person.needles.mentions(row.get_ref(2)?.as_str()?);
            // Of a file that is still to be deleted it must be known where it is.
            let forgets_file = in_name && row.get(3)?;
            if in_words || forgets_file {
                person.exports.push((row.get(0)?, forgets_file));
            }
        }
        let mut statement = self.db.prepare_cached("SELECT remote, key, body FROM quarantine")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(1)?;
            if person.needles.mentions(&key) || person.needles.mentions(row.get_ref(2)?.as_str()?) {
                person.quarantined.push((row.get(0)?, key));
            }
        }
        let mut statement = self.db.prepare_cached("SELECT id, body FROM lead")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if person.needles.mentions(row.get_ref(1)?.as_str()?) {
                person.leads.push(row.get(0)?);
            }
        }
        Ok(())
    }

    fn count(&mut self) -> rusqlite::Result<()> {
        for (table, how) in WAYS {
            let rows = match how {
                How::Card => self.person.cards.len(),
                How::OfCard => {
                    let mut statement =
                        self.db.prepare_cached(&format!("SELECT count(*) FROM {table} WHERE contact = ?1"))?;
                    let mut rows = 0;
                    for card in self.person.all_cards() {
                        rows += statement.query_row([card], |row| row.get::<_, usize>(0))?;
                    }
                    rows
                }
                How::Part(kind) => {
                    let sql = format!("SELECT count(*) FROM {table} WHERE part = ?1");
                    let mut statement = self.db.prepare_cached(&sql)?;
                    let mut rows = 0;
                    for part in self.person.parts_of(*kind) {
                        rows += statement.query_row([part], |row| row.get::<_, usize>(0))?;
                    }
                    rows
                }
                How::Sealed => self.person.secrets.len(),
                How::Texts | How::Pairs | How::Mentions | How::Blanked | How::Nothing => 0,
            };
            self.person.count(table, rows);
        }
        let sql = "SELECT count(*) FROM webhook_message WHERE subject = ?1 OR other = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut messages = 0;
        for id in &self.person.ids {
            messages += statement.query_row([id], |row| row.get::<_, usize>(0))?;
        }
        let person = &mut self.person;
        person.count("webhook_message", messages);
        let (subjects, changes) = (person.subjects.len(), person.changes.len());
        let (exports, quarantined) = (person.exports.len(), person.quarantined.len());
        let (requests, leads) = (person.requests.len(), person.leads.len());
        person.count("operation", subjects);
        person.count("change", changes);
        person.count("export_log", exports);
        person.count("quarantine", quarantined);
        person.count("lead", leads);
        person.count("request", requests);
        Ok(())
    }
}

/// Operations whose subject is about one card or a part of it. Of the others it is a file, a
/// tag, a field, a rule or a connection, and goes only when it names the person.
fn is_about_a_card(kind: &str) -> bool {
    let others = [
        OpKind::Import,
        OpKind::SampleLoad,
        OpKind::FieldChange,
        OpKind::TagChange,
        OpKind::ContactTag,
        OpKind::Ingest,
        OpKind::RuleRun,
        OpKind::SyncRun,
        OpKind::SyncDecide,
        OpKind::Privacy,
    ];
    others.iter().all(|other| other.as_str() != kind)
}

/// The beginning of a text, when it is long enough to be found.
fn phrase(index: &'static str, part: i64, text: &str) -> Option<Text> {
    let phrase: String = text.trim().chars().take(PHRASE).collect();
    (phrase.chars().count() >= 3).then_some(Text { index, part, phrase })
}

/// The number that stands in the statement above, and in an index of the log.
const _: () = assert!(PartKind::Message as i64 == 7);
