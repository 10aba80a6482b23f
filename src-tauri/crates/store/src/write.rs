//! The one write door. Every write goes through a [`Tx`], and a `Tx` writes the
//! change log with it: there is no other way to change a contact.

use crate::{
    change::{self, Action, Change, Changes, Entity},
    consent,
    contact::{self, ContactRow, Contacts, Stored},
    custom_field::{self, CustomFields},
    error::StoreError,
    export_log::{self, ExportEntry},
    import_memory::{self, RecordHash},
    item, link,
    operation::{self, NewOperation, OpKind},
    outbox::Outbox,
    reader::Reader,
    setting,
    statements::Statements,
    suppression::Suppressor,
    tag,
};
use cardfile_domain::{Contact, ContactId, CustomField, Ids, Millis, Patch, TagsPatch, say, suppression};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// What is going to be done, by whom and through which door.
#[derive(Debug, Clone)]
pub struct Op {
    /// What.
    pub kind: OpKind,
    /// To what, in a few words; shown in the history.
    pub subject: String,
    /// By whom.
    pub actor: String,
    /// Through which door: `window`, `cli`.
    pub origin: String,
}

/// An open transaction. Reads through it see its own writes.
pub struct Tx<'c> {
    pub(crate) db: &'c Connection,
    ids: Ids<'c>,
    now: Millis,
    op: Op,
    reverses: Option<i64>,
    op_row: Option<i64>,
    next_change: i64,
    next_contact: ContactRow,
    first_contact: ContactRow,
    /// Tags met in this transaction, as they were typed: number and shown name.
    tags: HashMap<String, (i64, String)>,
    /// Names of tags by number, as far as they were needed.
    names: HashMap<i64, String>,
    statements: Statements<'c>,
    pub(crate) suppressor: Suppressor,
    /// Somebody was erased and may not come back.
    pub(crate) suppresses: bool,
    /// How many were turned away.
    pub(crate) returns: u32,
    pub(crate) touched: Touched,
    /// What other programs are to be told.
    pub(crate) outbox: Outbox,
}

/// What a transaction changed; the memory index and the screens follow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Contacts, in order of writing.
    pub contacts: Vec<ContactRow>,
    /// The tag dictionary.
    pub tags: bool,
    /// Definitions of custom fields.
    pub fields: bool,
    /// Parts of cards.
    pub parts: bool,
    /// Settings.
    pub settings: bool,
    /// Remotes, and what is known of contacts there.
    pub sync: bool,
    /// Agents: clients, grants, proposals and calls.
    pub agents: bool,
}

impl Touched {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl<'c> Tx<'c> {
    /// On a connection that has just begun an IMMEDIATE transaction. `op_row`
    /// continues an operation that has begun in an earlier transaction.
    pub(crate) fn begin(
        db: &'c Connection,
        ids: Ids<'c>,
        suppressor: Suppressor,
        op: Op,
        reverses: Option<i64>,
        op_row: Option<i64>,
    ) -> Result<Self, StoreError> {
        let next_contact =
            db.prepare_cached("SELECT next FROM counter WHERE name = 'contact'")?.query_row([], |row| row.get(0))?;
        let outbox = Outbox::open(db, op.kind)?;
        Ok(Self {
            db,
            ids,
            now: ids.clock.now(),
            op,
            reverses,
            op_row,
            next_change: Changes(db).last()? + 1,
            next_contact,
            first_contact: next_contact,
            tags: HashMap::new(),
            names: HashMap::new(),
            statements: Statements::new(db),
            suppressor,
            suppresses: Reader(db).suppressions().any()?,
            returns: 0,
            touched: Touched::default(),
            outbox,
        })
    }

    /// Writes what is left to write before the commit. Returns the operation,
    /// if anything was logged.
    pub(crate) fn close(&mut self) -> Result<Option<i64>, StoreError> {
        if self.next_contact != self.first_contact {
            self.db
                .prepare_cached("UPDATE counter SET next = ?1 WHERE name = 'contact'")?
                .execute([self.next_contact])?;
        }
        if let Some(op) = self.op_row {
            operation::extend(self.db, op, self.next_change - 1)?;
        }
        self.outbox.write(self.db, &self.ids, self.now, self.op_row)?;
        Ok(self.op_row)
    }

    /// All reads, inside this transaction.
    pub fn read(&self) -> Reader<'c> {
        Reader(self.db)
    }

    /// What is being done, and by whom.
    pub(crate) fn op(&self) -> &Op {
        &self.op
    }

    /// Who does it.
    pub fn actor(&self) -> &str {
        &self.op.actor
    }

    /// The operation this transaction belongs to, once anything was logged.
    pub fn operation(&self) -> Option<i64> {
        self.op_row
    }

    /// A new id with its prefix.
    pub fn new_id(&self, prefix: &str) -> String {
        self.ids.next(prefix)
    }

    /// The time of this transaction; the same for all its rows.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Adds a contact. Its id is kept when it has one that is free, else it
    /// gets a new one; `created_at` is kept when it is set. Whoever was erased is refused:
    /// each way in looks before and says so in its own words, and this is for the one that
    /// forgot. An import looks at every record in this very transaction.
    pub fn insert(&mut self, mut contact: Contact) -> Result<ContactRow, StoreError> {
        let is_looked_at = !self.suppresses || self.op.kind == OpKind::Import;
        if !is_looked_at && !self.suppressed(&suppression::marks(&contact))?.is_empty() {
            return Err(StoreError::Suppressed);
        }
        let is_known_by_id = !contact.id.as_str().is_empty();
        if !is_known_by_id {
            contact.id = self.ids.contact();
        }
        if contact.created_at == Millis::default() {
            contact.created_at = self.now;
        }
        if contact.updated_at == Millis::default() {
            contact.updated_at = self.now;
        }
        contact.settle(&Contact::default(), self.op.kind == OpKind::RuleRun, self.now);
        let row = self.next_contact;
        self.next_contact += 1;
        self.put_new(row, &contact, None)?;
        if is_known_by_id {
            self.regain_pairs(row, contact.id.as_str())?;
        }
        Ok(row)
    }

    fn put_new(&mut self, row: ContactRow, contact: &Contact, prev: Option<i64>) -> Result<(), StoreError> {
        let tags = self.tag_numbers(&contact.tags)?;
        let seq = self.log(Entity::Contact, Action::Insert, row.into(), prev, String::new())?;
        contact::put_row(&mut self.statements, row, seq, contact, None)?;
        item::insert_all(self.db, row, contact)?;
        for (pos, tag) in tags.into_iter().enumerate() {
            tag::put(&mut self.statements, row, pos, tag)?;
        }
        link::insert_all(self.db, row, &contact.links)?;
        self.touched.contacts.push(row);
        self.outbox.inserted(row, contact, prev.is_some());
        Ok(())
    }

    /// Changes the contact at `row` by a function. `false` when it is not there
    /// or nothing changed; then nothing is written.
    pub fn edit(&mut self, row: ContactRow, change: impl FnOnce(&mut Contact)) -> Result<bool, StoreError> {
        let Some(before) = Contacts(self.db).get(row)? else { return Ok(false) };
        let mut after = before.contact.clone();
        change(&mut after);
        self.update(&before, after)
    }

    /// Changes only the tags of a contact. What else it says is not read and not written,
    /// which for a million contacts is most of the work. `false` as in [`Tx::edit`].
    pub fn edit_tags(&mut self, row: ContactRow, change: impl FnOnce(&mut Vec<String>)) -> Result<bool, StoreError> {
        let Some((version, at, before)) = self.read_tags(row)? else { return Ok(false) };
        let mut after = before.clone();
        change(&mut after);
        self.spell_tags(&before, &mut after)?;
        if after == before {
            return Ok(false);
        }
        self.replace_tags(row, version, (before, after), (at, self.now))?;
        Ok(true)
    }

    /// Version, time of the last change and tags. The dictionary is kept in memory: looking
    /// it up would cost as much as the rest.
    fn read_tags(&mut self, row: ContactRow) -> Result<Option<(i64, Millis, Vec<String>)>, StoreError> {
        let Some((version, at)) = contact::version(&mut self.statements, row)? else { return Ok(None) };
        let numbers = tag::numbers_of(&mut self.statements, row)?;
        if numbers.iter().any(|number| !self.names.contains_key(number)) {
            self.names = tag::Tags(self.db).all()?.into_iter().collect();
        }
        Ok(Some((version, at, numbers.iter().map(|number| self.names[number].clone()).collect())))
    }

    /// Writes the tags and the time of a contact, from these to those.
    fn replace_tags(
        &mut self,
        row: ContactRow,
        version: i64,
        tags: (Vec<String>, Vec<String>),
        at: (Millis, Millis),
    ) -> Result<(), StoreError> {
        if tags.0 == tags.1 && at.0 == at.1 {
            return Ok(());
        }
        let numbers = self.tag_numbers(&tags.1)?;
        let patch = TagsPatch::new(tags, at);
        let seq = self.log(Entity::Contact, Action::Update, row.into(), Some(version), patch.to_json())?;
        contact::put_time(&mut self.statements, row, seq, at.1)?;
        let (before, after) = patch.into_tags();
        self.put_tags(row, &before, &after, numbers)?;
        self.touched.contacts.push(row);
        self.outbox.tagged(row);
        Ok(())
    }

    fn put_tags(
        &mut self,
        row: ContactRow,
        before: &[String],
        after: &[String],
        numbers: Vec<i64>,
    ) -> Result<(), StoreError> {
        // What stands before the first difference stays where it is.
        let same = before.iter().zip(after).take_while(|(was, is)| was == is).count();
        if same < before.len() {
            tag::delete_from(&mut self.statements, row, same)?;
        }
        for (pos, tag) in numbers.into_iter().enumerate().skip(same) {
            tag::put(&mut self.statements, row, pos, tag)?;
        }
        Ok(())
    }

    /// Changes a contact that was read in this transaction. `false` when
    /// nothing changed; then nothing is written.
    pub fn update(&mut self, before: &Stored, mut after: Contact) -> Result<bool, StoreError> {
        after.updated_at = before.contact.updated_at;
        if after.metadata != before.contact.metadata {
            // The ledger of consents is the truth, whoever writes the mirror.
            after.metadata = consent::mirrored(self.db, before.row, &after.metadata)?;
        }
        if after.tags != before.contact.tags {
            self.spell_tags(&before.contact.tags, &mut after.tags)?;
        }
        if after == before.contact {
            return Ok(false);
        }
        after.settle(&before.contact, self.op.kind == OpKind::RuleRun, self.now);
        after.updated_at = self.now;
        self.replace(before, &after)?;
        Ok(true)
    }

    fn replace(&mut self, before: &Stored, after: &Contact) -> Result<(), StoreError> {
        let patch = before.contact.diff(after);
        if patch.is_empty() {
            return Ok(());
        }
        let row = before.row;
        let tags = self.tag_numbers(&after.tags)?;
        let seq = self.log(Entity::Contact, Action::Update, row.into(), Some(before.version), patch.to_json())?;
        contact::put_row(&mut self.statements, row, seq, after, Some(&before.contact))?;
        if item::differ(&before.contact, after) {
            item::delete_all(self.db, row)?;
            item::insert_all(self.db, row, after)?;
        }
        if before.contact.tags != after.tags {
            self.put_tags(row, &before.contact.tags, &after.tags, tags)?;
        }
        if before.contact.links != after.links {
            link::replace_all(self.db, row, &after.links)?;
        }
        self.touched.contacts.push(row);
        self.outbox.changed(row, &before.contact, after, &patch);
        Ok(())
    }

    /// Removes a contact: one that became part of another, or whose time in the bin is
    /// over. The log keeps all of it. `false` when it is not there.
    pub fn remove_contact(&mut self, row: ContactRow) -> Result<bool, StoreError> {
        let Some(stored) = Contacts(self.db).get(row)? else { return Ok(false) };
        self.remove(&stored)?;
        Ok(true)
    }

    /// Removes a contact as if it had never been; an undo does this, and joining
    /// two. The log keeps the whole contact, so that a redo brings it back.
    fn remove(&mut self, stored: &Stored) -> Result<(), StoreError> {
        // One by one, so that a redo brings them back too.
        let version = self.delete_parts_of(stored.row)?.unwrap_or(stored.version);
        let body = serde_json::to_string(&stored.contact).unwrap_or_default();
        self.log(Entity::Contact, Action::Delete, stored.row.into(), Some(version), body)?;
        if stored.contact.binned_at.is_some() {
            self.doom_pairs(stored.row, stored.contact.id.as_str())?;
        }
        self.db.prepare_cached("DELETE FROM contact WHERE row = ?1")?.execute([stored.row])?;
        self.touched.contacts.push(stored.row);
        self.outbox.removed(stored.row, &stored.contact);
        Ok(())
    }

    /// The numbers of tags by name, each once; unknown ones are made.
    fn tag_numbers(&mut self, names: &[String]) -> Result<Vec<i64>, StoreError> {
        let mut numbers = Vec::with_capacity(names.len());
        for name in names {
            if !self.knows_tag(name)? {
                let number = self.insert_tag(name)?;
                self.tags.insert(name.clone(), (number, name.clone()));
            }
            let number = self.tags[name].0;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    /// Whether there is such a tag; then it is among those met.
    fn knows_tag(&mut self, name: &str) -> Result<bool, StoreError> {
        if !self.tags.contains_key(name) {
            let Some(found) = tag::Tags(self.db).find(name)? else { return Ok(false) };
            self.tags.insert(name.to_owned(), found);
        }
        Ok(true)
    }

    /// Tags as they will be read again: a tag has one spelling, and the log keeps that one,
    /// or an undo would not find what it put.
    fn spell_tags(&mut self, before: &[String], after: &mut Vec<String>) -> Result<(), StoreError> {
        let mut respelled = false;
        for name in after.iter_mut().filter(|name| !before.contains(name)) {
            if self.knows_tag(name)? && self.tags[name].1 != *name {
                let shown = self.tags[name].1.clone();
                *name = shown;
                respelled = true;
            }
        }
        if respelled {
            let mut met = HashSet::new();
            after.retain(|name| met.insert(name.clone()));
        }
        Ok(())
    }

    fn insert_tag(&mut self, name: &str) -> Result<i64, StoreError> {
        self.db
            .prepare_cached("INSERT INTO tag (name, key) VALUES (?1, ?2)")?
            .execute(params![name, tag::key(name)])?;
        let number = self.db.last_insert_rowid();
        self.log(Entity::Tag, Action::Insert, number, None, json!({ "name": name }).to_string())?;
        self.touched.tags = true;
        Ok(number)
    }

    /// Gives a tag another name. The caller makes sure that no other has it.
    pub fn rename_tag(&mut self, number: i64, old: &str, new: &str) -> Result<(), StoreError> {
        self.db.execute("UPDATE tag SET name = ?2, key = ?3 WHERE tag = ?1", params![number, new, tag::key(new)])?;
        self.tags.clear();
        self.names.clear();
        self.log(Entity::Tag, Action::Update, number, None, json!({ "name": [old, new] }).to_string())?;
        self.touched.tags = true;
        for row in tag::Tags(self.db).contacts(number)? {
            self.touched.contacts.push(row);
        }
        Ok(())
    }

    /// Deletes a tag that no contact has any more; `false` when one still has it.
    pub fn delete_tag(&mut self, number: i64, name: &str) -> Result<bool, StoreError> {
        if !tag::Tags(self.db).contacts(number)?.is_empty() {
            return Ok(false);
        }
        self.db.execute("DELETE FROM tag WHERE tag = ?1", [number])?;
        self.tags.retain(|_, (known, _)| *known != number);
        self.names.remove(&number);
        self.log(Entity::Tag, Action::Delete, number, None, json!({ "name": name }).to_string())?;
        self.touched.tags = true;
        Ok(true)
    }

    /// Adds or replaces the definition of a custom field, by its key.
    pub fn put_custom_field(&mut self, field: &CustomField) -> Result<(), StoreError> {
        let known = CustomFields(self.db).find(&field.key)?;
        if known.as_ref().is_some_and(|(_, old)| old == field) {
            return Ok(());
        }
        let number = custom_field::put(self.db, known.as_ref().map(|(number, _)| *number), field)?;
        let (action, body) = match known {
            None => (Action::Insert, json!(field)),
            Some((_, old)) => (Action::Update, json!([old, field])),
        };
        self.log(Entity::CustomField, action, number, None, body.to_string())?;
        self.touched.fields = true;
        Ok(())
    }

    /// Deletes the definition of a custom field; its values are edited away before.
    pub fn delete_custom_field(&mut self, key: &str) -> Result<bool, StoreError> {
        let Some((number, field)) = CustomFields(self.db).find(key)? else { return Ok(false) };
        custom_field::delete(self.db, number)?;
        self.log(Entity::CustomField, Action::Delete, number, None, json!(field).to_string())?;
        self.touched.fields = true;
        Ok(true)
    }

    /// Sets a setting of the workspace. Settings are not part of the history.
    pub fn set_setting(&mut self, key: &str, value: &Value) -> Result<(), StoreError> {
        setting::set(self.db, key, value)?;
        self.touched.settings = true;
        Ok(())
    }

    /// Keeps what an export took out. Not part of the history: a file that left
    /// cannot be undone.
    pub fn log_export(&mut self, entry: &ExportEntry) -> Result<i64, StoreError> {
        Ok(export_log::insert(self.db, entry)?)
    }

    /// Says that the file has its name: an older one of this name is no more.
    pub fn settle_export(&mut self, export: i64) -> Result<(), StoreError> {
        Ok(export_log::settle(self.db, export)?)
    }

    /// Takes the line of a file back that did not get its name.
    pub fn forget_export(&mut self, export: i64) -> Result<(), StoreError> {
        Ok(export_log::forget(self.db, export)?)
    }

    /// Says that the file of an export is gone; without a time, that it stays.
    pub fn set_export_deleted(&mut self, export: i64, at: Option<Millis>) -> Result<(), StoreError> {
        Ok(export_log::set_deleted(self.db, export, at)?)
    }

    /// Keeps which contact a record without keys became.
    pub fn remember_import(&mut self, hash: &RecordHash, contact: ContactRow) -> Result<(), StoreError> {
        Ok(import_memory::remember(self.db, hash, contact)?)
    }

    /// Appends to the log; begins the operation with its first change, so that
    /// an operation that changes nothing leaves no trace.
    pub(crate) fn log(
        &mut self,
        entity: Entity,
        action: Action,
        row: i64,
        prev: Option<i64>,
        body: String,
    ) -> Result<i64, StoreError> {
        let op = match self.op_row {
            Some(op) => op,
            None => {
                let op = operation::begin(
                    self.db,
                    &NewOperation {
                        id: &self.ids.operation(),
                        kind: self.op.kind,
                        subject: &self.op.subject,
                        actor: &self.op.actor,
                        origin: &self.op.origin,
                        at: self.now,
                        reverses: self.reverses,
                        first_change: self.next_change,
                    },
                )?;
                self.op_row = Some(op);
                op
            }
        };
        let seq = self.next_change;
        self.next_change += 1;
        change::append(&mut self.statements, &Change { seq, op, entity, action, row, prev, body })?;
        Ok(seq)
    }
}

/// What became of one change that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reverted {
    /// A contact that the operation made is gone again.
    Removed,
    /// Values, or a whole contact, are as they were before.
    Restored,
    /// Left alone because a person edited it since; the fields are named when
    /// only some of them were.
    Kept {
        /// Which contact.
        id: ContactId,
        /// Its fields that were left alone; empty when all were.
        fields: Vec<String>,
    },
    /// The contact was removed by something else.
    Gone,
    /// A tag, a field's definition or a part of a card; not counted.
    Other,
}

impl Tx<'_> {
    /// Takes one change back, as far as nobody has edited the same since.
    pub(crate) fn revert(&mut self, change: &Change) -> Result<Reverted, StoreError> {
        // Of an erased person, and of what had its time, the log keeps that there was a change, and
        // not what it was.
        if change.is_blank() {
            return Ok(if change.entity == Entity::Contact { Reverted::Gone } else { Reverted::Other });
        }
        match change.entity {
            Entity::Contact => self.revert_contact(change),
            Entity::Tag => self.revert_tag(change),
            Entity::CustomField => self.revert_custom_field(change),
            Entity::Part(kind) => self.revert_part(kind, change),
        }
    }

    fn revert_contact(&mut self, change: &Change) -> Result<Reverted, StoreError> {
        let row = ContactRow::try_from(change.row)
            .map_err(|_| StoreError::Unreadable(say!("change {number}", number = change.seq as u64)))?;
        let unreadable = |_| StoreError::Unreadable(say!("change {number}", number = change.seq as u64));
        if change.action == Action::Update {
            if let Some(patch) = TagsPatch::from_json(&change.body) {
                return self.revert_tags(row, patch);
            }
            return self.revert_fields(row, &Patch::from_json(&change.body).map_err(unreadable)?);
        }
        let now = Contacts(self.db).get(row)?;
        match (change.action, now) {
            // It went its own way above.
            (Action::Update, _) | (Action::Insert, None) => Ok(Reverted::Gone),
            (Action::Insert, Some(stored)) => {
                if Changes(self.db).edited_since(stored.version, change)? {
                    return Ok(Reverted::Kept { id: stored.contact.id, fields: Vec::new() });
                }
                self.remove(&stored)?;
                Ok(Reverted::Removed)
            }
            (Action::Delete, Some(stored)) => Ok(Reverted::Kept { id: stored.contact.id, fields: Vec::new() }),
            (Action::Delete, None) => {
                let mut contact: Contact = serde_json::from_str(&change.body).map_err(unreadable)?;
                if Contacts(self.db).row_of(contact.id.as_str())?.is_some() {
                    return Ok(Reverted::Kept { id: contact.id, fields: Vec::new() });
                }
                self.drop_taken_links(row, &mut contact)?;
                self.put_new(row, &contact, Some(change.seq))?;
                self.reclaim_pairs(row, &contact)?;
                Ok(Reverted::Restored)
            }
        }
    }

    fn revert_fields(&mut self, row: ContactRow, patch: &Patch) -> Result<Reverted, StoreError> {
        let Some(stored) = Contacts(self.db).get(row)? else { return Ok(Reverted::Gone) };
        let mut after = stored.contact.clone();
        let fields = patch.revert(&mut after);
        self.drop_taken_links(row, &mut after)?;
        self.replace(&stored, &after)?;
        Ok(if fields.is_empty() { Reverted::Restored } else { Reverted::Kept { id: stored.contact.id, fields } })
    }

    /// The same for a change of tags alone: nothing else is read, and a list is never kept back.
    fn revert_tags(&mut self, row: ContactRow, patch: TagsPatch) -> Result<Reverted, StoreError> {
        let Some((version, at, before)) = self.read_tags(row)? else { return Ok(Reverted::Gone) };
        let (after, was_at) = patch.revert(before.clone());
        self.replace_tags(row, version, (before, after), (at, was_at))?;
        Ok(Reverted::Restored)
    }

    /// An external ID that another contact got since stays there: it is unique.
    fn drop_taken_links(&self, row: ContactRow, contact: &mut Contact) -> Result<(), StoreError> {
        let mut free = Vec::with_capacity(contact.links.len());
        for one in contact.links.drain(..) {
            if link::Links(self.db).contact_of(&one)?.is_none_or(|owner| owner == row) {
                free.push(one);
            }
        }
        contact.links = free;
        Ok(())
    }

    fn revert_tag(&mut self, change: &Change) -> Result<Reverted, StoreError> {
        let body: Value = serde_json::from_str(&change.body).unwrap_or_default();
        match change.action {
            Action::Insert => {
                // By name: its number may be another tag's by now.
                if let Some(name) = body["name"].as_str()
                    && let Some((number, _)) = tag::Tags(self.db).find(name)?
                {
                    self.delete_tag(number, name)?;
                }
            }
            Action::Update => {
                if let (Some(old), Some(new)) = (body["name"][0].as_str(), body["name"][1].as_str())
                    && tag::Tags(self.db).find(new)?.is_some_and(|(number, _)| number == change.row)
                {
                    self.rename_tag(change.row, new, old)?;
                }
            }
            Action::Delete => {
                if let Some(name) = body["name"].as_str()
                    && tag::Tags(self.db).find(name)?.is_none()
                {
                    self.insert_tag(name)?;
                }
            }
        }
        Ok(Reverted::Other)
    }

    fn revert_custom_field(&mut self, change: &Change) -> Result<Reverted, StoreError> {
        let body: Value = serde_json::from_str(&change.body).unwrap_or_default();
        let field = |value: &Value| serde_json::from_value::<CustomField>(value.clone()).ok();
        match change.action {
            Action::Insert => {
                if let Some(field) = field(&body) {
                    self.delete_custom_field(&field.key)?;
                }
            }
            Action::Update => {
                if let Some(old) = field(&body[0]) {
                    self.put_custom_field(&old)?;
                }
            }
            Action::Delete => {
                if let Some(field) = field(&body) {
                    self.put_custom_field(&field)?;
                }
            }
        }
        Ok(Reverted::Other)
    }
}
