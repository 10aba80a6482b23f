//! Parts of cards: reading and writing them, whatever their kind. A part's table
//! has one column for each field of its type in `domain`, so that one way of
//! reading, writing, logging and undoing serves all.

use crate::{
    activity, avatar,
    change::{Action, Change, Changes, Entity},
    contact::ContactRow,
    conversation,
    error::StoreError,
    file,
    inventory::Table,
    knowledge_base, memory, message, note, payment_account, placement, rating, rule, secret, space, task,
    write::{Reverted, Tx},
};
use cardfile_domain::{ContactId, Millis, Part, PartKind, part::Activity};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Every kind of part. A new one is a file and a line here.
static PARTS: &[&PartTable] = &[
    &note::PART,
    &task::PART,
    &memory::PART,
    &conversation::PART,
    &message::PART,
    &rating::PART,
    &activity::PART,
    &payment_account::PART,
    &avatar::PART,
    &space::PART,
    &placement::PART,
    &file::PART,
    &secret::PART,
    &knowledge_base::PART,
    &rule::PART,
];

/// How a kind of part is stored.
pub(crate) struct PartTable {
    pub(crate) kind: PartKind,
    pub(crate) table: &'static Table,
    /// What it belongs to.
    pub(crate) parent: Parent,
    /// Fields of its type, each a column.
    pub(crate) fields: &'static [(&'static str, Shape)],
}

/// What a kind of part belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parent {
    /// A contact, in the column `contact`; nothing there means nobody.
    Contact,
    /// Another part, in a column named like its table. It goes with that.
    Part(PartKind),
    /// The workspace.
    Workspace,
}

/// How a field is kept in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Number,
    /// 0 or 1.
    Flag,
    /// A list, as JSON.
    List,
}

/// A part as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPart<T> {
    /// Its place, never used twice.
    pub row: i64,
    /// The contact it belongs to; of a message: the conversation's place.
    pub parent: Option<i64>,
    /// Number of its latest change.
    pub version: i64,
    /// The part.
    pub value: T,
}

type Raw = StoredPart<Map<String, Value>>;

impl PartTable {
    pub(crate) fn of(kind: PartKind) -> &'static Self {
        PARTS.iter().find(|table| table.kind == kind).expect("every kind is in the list")
    }

    fn select(&self, rest: &str) -> String {
        let mut pairs = String::new();
        for (at, (field, shape)) in self.fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = match shape {
                Shape::Flag => write!(pairs, "{comma}'{field}', json(iif({field}, 'true', 'false'))"),
                Shape::List => write!(pairs, "{comma}'{field}', json({field})"),
                Shape::Text | Shape::Number => write!(pairs, "{comma}'{field}', {field}"),
            };
        }
        let parent = self.parent_column().unwrap_or("NULL");
        format!("SELECT part, {parent}, version, json_object({pairs}) FROM {} {rest}", self.table.name)
    }

    fn insert(&self) -> String {
        let (mut names, mut values) = (vec!["part", "version"], vec!["?1".to_owned(), "?3".to_owned()]);
        if let Some(parent) = self.parent_column() {
            names.push(parent);
            values.push("?2".into());
        }
        for (field, _) in self.fields {
            names.push(field);
            values.push(format!("?4 ->> '$.{field}'"));
        }
        format!("INSERT INTO {} ({}) VALUES ({})", self.table.name, names.join(", "), values.join(", "))
    }

    fn update(&self) -> String {
        let parent = self.parent_column().map(|column| format!("{column} = ?2"));
        let sets: Vec<String> = parent
            .into_iter()
            .chain(self.fields.iter().map(|(field, _)| format!("{field} = ?4 ->> '$.{field}'")))
            .collect();
        format!("UPDATE {} SET version = ?3, {} WHERE part = ?1", self.table.name, sets.join(", "))
    }

    /// The column of what it belongs to.
    fn parent_column(&self) -> Option<&'static str> {
        match self.parent {
            Parent::Contact => Some("contact"),
            Parent::Part(kind) => Some(Self::of(kind).table.name),
            Parent::Workspace => None,
        }
    }

    fn belongs_to_contact(&self) -> bool {
        self.parent == Parent::Contact
    }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    typed(row)
}

fn typed<T: serde::de::DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<StoredPart<T>> {
    let value = serde_json::from_str(row.get_ref(3)?.as_str()?).map_err(|e| crate::contact::unreadable(3, e))?;
    Ok(StoredPart { row: row.get(0)?, parent: row.get(1)?, version: row.get(2)?, value })
}

/// Reads.
pub struct Parts<'c>(pub(crate) &'c Connection);

impl Parts<'_> {
    /// The parts of one kind of a contact (messages: of a conversation), oldest first.
    pub fn of<T: Part>(&self, parent: i64) -> rusqlite::Result<Vec<StoredPart<T>>> {
        let table = PartTable::of(T::KIND);
        let order = if T::KIND == PartKind::Message { "at, part" } else { "part" };
        let column = table.parent_column().unwrap_or("NULL");
        self.0
            .prepare_cached(&table.select(&format!("WHERE {column} = ?1 ORDER BY {order}")))?
            .query_map([parent], typed)?
            .collect()
    }

    /// The parts of one kind that belong to no contact, oldest first.
    pub fn of_nobody<T: Part>(&self) -> rusqlite::Result<Vec<StoredPart<T>>> {
        let table = PartTable::of(T::KIND);
        let column = table.parent_column().unwrap_or("NULL");
        self.0
            .prepare_cached(&table.select(&format!("WHERE {column} IS NULL ORDER BY part")))?
            .query_map([], typed)?
            .collect()
    }

    /// On which contacts a space stands, in the order it was put there.
    pub fn contacts_of_space(&self, space: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT contact FROM placement WHERE space = ?1 ORDER BY part")?
            .query_map([space], |row| row.get(0))?
            .collect()
    }

    /// The rules that name a knowledge base, wherever they stand.
    pub fn rules_of_base(&self, base: &str) -> rusqlite::Result<Vec<String>> {
        self.0
            .prepare_cached("SELECT id FROM rule WHERE base = ?1 ORDER BY part")?
            .query_map([base], |row| row.get(0))?
            .collect()
    }

    /// Conversations of nobody with this session key at a platform, between two moments.
    pub fn conversations_of_session(
        &self,
        platform: &str,
        key: &str,
        since: Millis,
        until: Millis,
    ) -> rusqlite::Result<Vec<String>> {
        self.0
            .prepare_cached(
                "SELECT id FROM conversation WHERE contact IS NULL AND session_key = ?1 AND session_key <> ''
                    AND platform = ?2 AND ifnull(last_at, created_at) >= ?3 AND ifnull(first_at, created_at) <= ?4
                  ORDER BY part",
            )?
            .query_map(params![key, platform, since.0, until.0], |row| row.get(0))?
            .collect()
    }

    /// Whether a contact has this activity already.
    pub fn has_activity(&self, contact: ContactRow, activity: &Activity) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached(
                "SELECT count(*) FROM activity WHERE contact = ?1 AND name = ?2 AND at = ?3 AND source = ?4 AND detail = ?5",
            )?
            .query_row(params![contact, activity.name, activity.at.0, activity.source, activity.detail], |row| row.get(0))
    }

    /// All parts of a contact by the word of their kind, as a complete export
    /// holds them: messages stand in their conversation, files in their space.
    pub fn everything(&self, contact: ContactRow) -> rusqlite::Result<Map<String, Value>> {
        let mut all = Map::new();
        for table in PARTS.iter().filter(|table| table.belongs_to_contact()) {
            let mut values = Vec::new();
            for raw in self.raws(table, contact.into())? {
                let mut value = raw.value;
                match table.kind {
                    PartKind::Conversation => {
                        value.insert("message".into(), self.inner(PartKind::Message, raw.row)?.into());
                    }
                    PartKind::Placement => {
                        let id = value.get("space").and_then(Value::as_str).unwrap_or_default();
                        let Some(space) = self.get::<cardfile_domain::part::Space>(id)? else { continue };
                        value = as_map(&space.value).unwrap_or_default();
                        value.insert("file".into(), self.inner(PartKind::File, space.row)?.into());
                    }
                    _ => {}
                }
                values.push(Value::Object(value));
            }
            if !values.is_empty() {
                let word = if table.kind == PartKind::Placement { PartKind::Space } else { table.kind };
                all.insert(word.as_str().into(), values.into());
            }
        }
        Ok(all)
    }

    fn inner(&self, kind: PartKind, parent: i64) -> rusqlite::Result<Vec<Value>> {
        let mut values = Vec::new();
        for mut raw in self.raws(PartTable::of(kind), parent)? {
            // Where its bytes are kept means nothing outside this workspace.
            raw.value.shift_remove("blob");
            values.push(Value::Object(raw.value));
        }
        Ok(values)
    }

    fn raws(&self, table: &PartTable, parent: i64) -> rusqlite::Result<Vec<Raw>> {
        let column = table.parent_column().unwrap_or("NULL");
        let order = if table.kind == PartKind::Message { "at, part" } else { "part" };
        self.0
            .prepare_cached(&table.select(&format!("WHERE {column} = ?1 ORDER BY {order}")))?
            .query_map([parent], raw)?
            .collect()
    }

    /// How many a contact has of each kind, in the order of [`PartKind::ALL`];
    /// messages are counted with their conversations.
    pub fn count(&self, contact: ContactRow) -> rusqlite::Result<Vec<(PartKind, u32)>> {
        PARTS
            .iter()
            .filter(|table| table.belongs_to_contact())
            .map(|table| {
                let sql = format!("SELECT count(*) FROM {} WHERE contact = ?1", table.table.name);
                Ok((table.kind, self.0.prepare_cached(&sql)?.query_row([contact], |row| row.get(0))?))
            })
            .collect()
    }

    /// What a part is called, or was called when it was removed; nothing when
    /// it is gone since.
    pub fn title_of(&self, kind: PartKind, change: &Change) -> rusqlite::Result<Option<String>> {
        let value = match self.raw(kind, change.row)? {
            Some(raw) => Some(raw.value),
            None => serde_json::from_str::<Value>(&change.body)
                .ok()
                .and_then(|body| body.get("value").and_then(Value::as_object).cloned()),
        };
        let title = value.and_then(|value| value.get(kind.title_field()).and_then(Value::as_str).map(str::to_owned));
        Ok(title)
    }

    /// The part with this id.
    pub fn get<T: Part>(&self, id: &str) -> rusqlite::Result<Option<StoredPart<T>>> {
        self.0.prepare_cached(&PartTable::of(T::KIND).select("WHERE id = ?1"))?.query_row([id], typed).optional()
    }

    /// A window of the messages of a conversation in their order.
    pub fn messages(
        &self,
        conversation: i64,
        from: u32,
        limit: u32,
    ) -> rusqlite::Result<Vec<cardfile_domain::part::Message>> {
        let sql =
            PartTable::of(PartKind::Message).select("WHERE conversation = ?1 ORDER BY at, part LIMIT ?2 OFFSET ?3");
        self.0
            .prepare_cached(&sql)?
            .query_map(params![conversation, limit, from], |row| Ok(typed(row)?.value))?
            .collect()
    }

    /// Places, in the order of [`Parts::messages`], of the messages that contain a text.
    pub fn messages_with(&self, conversation: i64, text: &str) -> rusqlite::Result<Vec<u32>> {
        let wanted = cardfile_domain::text::fold(text);
        let mut statement =
            self.0.prepare_cached("SELECT text FROM message WHERE conversation = ?1 ORDER BY at, part")?;
        let mut rows = statement.query([conversation])?;
        let (mut found, mut place) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if cardfile_domain::text::fold(row.get_ref(0)?.as_str()?).contains(&wanted) {
                found.push(place);
            }
            place += 1;
        }
        Ok(found)
    }

    /// Tasks that came due, or were written down, after one moment and are due at
    /// another, and recurring ones that wait since earlier, which may be due again;
    /// the earliest first.
    pub fn tasks_due(
        &self,
        after: Millis,
        until: Millis,
    ) -> rusqlite::Result<Vec<StoredPart<cardfile_domain::part::Task>>> {
        let sql = PartTable::of(PartKind::Task)
            .select("WHERE next_run_at <= ?2 AND (next_run_at > ?1 OR created_at > ?1 OR rule <> '') ORDER BY next_run_at, part");
        self.0.prepare_cached(&sql)?.query_map([after.0, until.0], typed)?.collect()
    }

    /// How many conversations wait for somebody.
    pub fn count_waiting(&self) -> rusqlite::Result<u32> {
        self.0.query_row("SELECT count(*) FROM conversation WHERE contact IS NULL OR unread", [], |row| row.get(0))
    }

    /// Conversations that somebody has to look at: those of nobody known, and
    /// those with unread messages; the latest first.
    pub fn conversations_waiting(
        &self,
        limit: u32,
    ) -> rusqlite::Result<Vec<StoredPart<cardfile_domain::part::Conversation>>> {
        let sql = PartTable::of(PartKind::Conversation)
            .select("WHERE contact IS NULL OR unread ORDER BY last_at DESC, part DESC LIMIT ?1");
        self.0.prepare_cached(&sql)?.query_map([limit], typed)?.collect()
    }

    /// The conversation with this id at a platform.
    pub fn conversation_of(&self, platform: &str, external_id: &str) -> rusqlite::Result<Option<String>> {
        self.0
            .prepare_cached(
                "SELECT id FROM conversation WHERE external_id = ?2 AND external_id <> '' AND platform = ?1",
            )?
            .query_row([platform, external_id], |row| row.get(0))
            .optional()
    }

    fn raw(&self, kind: PartKind, row: i64) -> rusqlite::Result<Option<Raw>> {
        self.0.prepare_cached(&PartTable::of(kind).select("WHERE part = ?1"))?.query_row([row], raw).optional()
    }
}

impl Tx<'_> {
    /// Adds a part to a contact (a message: to a conversation; a conversation:
    /// to nobody when there is no parent). Gives its id and its place.
    pub fn add_part<T: Part>(&mut self, parent: Option<i64>, value: &T) -> Result<(String, i64), StoreError> {
        let mut map = as_map(value)?;
        if value.id().is_empty() {
            map.insert("id".into(), self.new_id(T::KIND.prefix()).into());
        }
        let now = self.now().0;
        for time in ["created_at", "updated_at"] {
            if map.get(time).and_then(Value::as_i64) == Some(0) {
                map.insert(time.into(), now.into());
            }
        }
        let row = self.next_part()?;
        self.put_part(T::KIND, row, parent, &map, None)?;
        let id = map.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((id, row))
    }

    /// Changes a part, or gives it to another contact. `false` when it is not
    /// there or nothing changed.
    pub fn edit_part<T: Part>(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut T, &mut Option<i64>),
    ) -> Result<bool, StoreError> {
        let Some(stored) = Parts(self.db).get::<T>(id)? else { return Ok(false) };
        let (mut value, mut parent) = (stored.value.clone(), stored.parent);
        change(&mut value, &mut parent);
        if value == stored.value && parent == stored.parent {
            return Ok(false);
        }
        let (before, mut after) = (as_map(&stored.value)?, as_map(&value)?);
        if after.contains_key("updated_at") {
            after.insert("updated_at".into(), self.now().0.into());
        }
        let raw = Raw { row: stored.row, parent: stored.parent, version: stored.version, value: before };
        self.replace_part(T::KIND, &raw, parent, &after)?;
        Ok(true)
    }

    /// Somebody looked at a conversation. Not part of the history: a glance
    /// cannot be undone.
    pub fn mark_read(&mut self, conversation: &str) -> Result<(), StoreError> {
        let read = self
            .db
            .prepare_cached("UPDATE conversation SET unread = 0 WHERE id = ?1 AND unread")?
            .execute([conversation])?;
        self.touched.parts |= read > 0;
        Ok(())
    }

    /// Removes a part, a conversation with its messages. `false` when it is not there.
    pub fn remove_part<T: Part>(&mut self, id: &str) -> Result<bool, StoreError> {
        let Some(stored) = Parts(self.db).get::<T>(id)? else { return Ok(false) };
        self.delete_part(T::KIND, stored.row)?;
        Ok(true)
    }

    fn delete_part(&mut self, kind: PartKind, row: i64) -> Result<(), StoreError> {
        for inner in PARTS.iter().filter(|table| table.parent == Parent::Part(kind)) {
            let table = inner.table.name;
            let rows: Vec<i64> = self
                .db
                .prepare_cached(&format!("SELECT part FROM {table} WHERE {} = ?1 ORDER BY part DESC", kind.as_str()))?
                .query_map([row], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for row in rows {
                self.delete_part(inner.kind, row)?;
            }
        }
        let Some(raw) = Parts(self.db).raw(kind, row)? else { return Ok(()) };
        if kind == PartKind::Secret {
            // Nobody could revoke a credential that stands on no card.
            self.destroy_sealed(raw.value.get("id").and_then(Value::as_str).unwrap_or_default())?;
        }
        let body = json!({ "parent": raw.parent, "value": raw.value }).to_string();
        self.log_part(kind, Action::Delete, row, raw.parent, Some(raw.version), body)?;
        let sql = format!("DELETE FROM {} WHERE part = ?1", PartTable::of(kind).table.name);
        self.db.prepare_cached(&sql)?.execute([row])?;
        Ok(())
    }

    /// Removes all parts of a contact; gives the contact's version then, when
    /// there were any.
    pub(crate) fn delete_parts_of(&mut self, contact: ContactRow) -> Result<Option<i64>, StoreError> {
        let mut any = false;
        for table in PARTS.iter().filter(|table| table.belongs_to_contact()) {
            let rows: Vec<i64> = self
                .db
                .prepare_cached(&format!(
                    "SELECT part FROM {} WHERE contact = ?1 ORDER BY part DESC",
                    table.table.name
                ))?
                .query_map([contact], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for row in rows {
                self.delete_part(table.kind, row)?;
                any = true;
            }
        }
        let mut version = self.db.prepare_cached("SELECT version FROM contact WHERE row = ?1")?;
        if any { Ok(Some(version.query_row([contact], |row| row.get(0))?)) } else { Ok(None) }
    }

    /// Gives all parts of one contact to another. Gives how many of each kind.
    pub fn move_parts(&mut self, from: ContactRow, to: ContactRow) -> Result<Vec<(PartKind, u32)>, StoreError> {
        let mut moved = Vec::new();
        for table in PARTS.iter().filter(|table| table.belongs_to_contact()) {
            let rows: Vec<i64> = self
                .db
                .prepare_cached(&format!("SELECT part FROM {} WHERE contact = ?1 ORDER BY part", table.table.name))?
                .query_map([from], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for row in &rows {
                if let Some(raw) = Parts(self.db).raw(table.kind, *row)? {
                    self.replace_part(table.kind, &raw, Some(to.into()), &raw.value)?;
                }
            }
            moved.push((table.kind, rows.len() as u32));
        }
        Ok(moved)
    }

    fn put_part(
        &mut self,
        kind: PartKind,
        row: i64,
        parent: Option<i64>,
        value: &Map<String, Value>,
        before: Option<i64>,
    ) -> Result<(), StoreError> {
        let seq = self.log_part(kind, Action::Insert, row, parent, before, String::new())?;
        let body = serde_json::to_string(value).unwrap_or_default();
        self.db.prepare_cached(&PartTable::of(kind).insert())?.execute(params![row, parent, seq, body])?;
        Ok(())
    }

    fn replace_part(
        &mut self,
        kind: PartKind,
        before: &Raw,
        parent: Option<i64>,
        after: &Map<String, Value>,
    ) -> Result<(), StoreError> {
        let mut patch: Map<String, Value> = after
            .iter()
            .filter(|(field, new)| before.value.get(*field) != Some(*new))
            .map(|(field, new)| (field.clone(), json!([before.value.get(field), new])))
            .collect();
        if parent != before.parent {
            patch.insert(PARENT.into(), json!([before.parent, parent]));
        }
        // Both cards tell of a part that moves; the chain goes on at its new one.
        let body = Value::Object(patch).to_string();
        let seq =
            self.log_part(kind, Action::Update, before.row, parent.or(before.parent), Some(before.version), body)?;
        let text = serde_json::to_string(after).unwrap_or_default();
        self.db.prepare_cached(&PartTable::of(kind).update())?.execute(params![before.row, parent, seq, text])?;
        Ok(())
    }

    /// A change of a contact's part stands in the contact's chain: its timeline
    /// tells of it, and an import that made the contact is not undone over it.
    fn log_part(
        &mut self,
        kind: PartKind,
        action: Action,
        row: i64,
        parent: Option<i64>,
        own: Option<i64>,
        body: String,
    ) -> Result<i64, StoreError> {
        let contact = parent.filter(|_| PartTable::of(kind).belongs_to_contact());
        let chain: Option<i64> = match contact {
            Some(contact) => self
                .db
                .prepare_cached("SELECT version FROM contact WHERE row = ?1")?
                .query_row([contact], |row| row.get(0))
                .optional()?,
            None => own,
        };
        let seq = self.log(Entity::Part(kind), action, row, chain, body)?;
        if let Some(contact) = contact {
            self.db.prepare_cached("UPDATE contact SET version = ?2 WHERE row = ?1")?.execute(params![contact, seq])?;
        }
        self.touched.parts = true;
        Ok(seq)
    }

    fn next_part(&mut self) -> Result<i64, StoreError> {
        Ok(self
            .db
            .prepare_cached("UPDATE counter SET next = next + 1 WHERE name = 'part' RETURNING next - 1")?
            .query_row([], |row| row.get(0))?)
    }

    /// Takes one change of a part back, as far as nobody has edited the same since.
    pub(crate) fn revert_part(&mut self, kind: PartKind, change: &Change) -> Result<Reverted, StoreError> {
        let now = Parts(self.db).raw(kind, change.row)?;
        let body: Value = serde_json::from_str(&change.body).unwrap_or_default();
        if let (PartKind::Message, Action::Insert, Some(raw)) = (kind, change.action, &now)
            && self.conversation_edited_since(raw.parent, change)?
        {
            // Its conversation stays, and a conversation is its messages.
            return Ok(Reverted::Other);
        }
        let parent = now.as_ref().and_then(|raw| raw.parent).or(body["parent"].as_i64());
        let reverted = self.revert_values(kind, change, now, &body)?;
        match kind {
            PartKind::Conversation => self.recount(change.row)?,
            PartKind::Message => {
                if let Some(conversation) = parent {
                    self.recount(conversation)?;
                }
            }
            _ => {}
        }
        Ok(reverted)
    }

    fn revert_values(
        &mut self,
        kind: PartKind,
        change: &Change,
        now: Option<Raw>,
        body: &Value,
    ) -> Result<Reverted, StoreError> {
        match (change.action, now) {
            (Action::Insert | Action::Update, None) => Ok(Reverted::Other),
            (Action::Insert, Some(raw)) => {
                if self.holds_files_of_others(kind, &raw, change)? {
                    return self.kept(kind, raw.parent, Vec::new());
                }
                if raw.version != change.seq
                    && Changes(self.db).part_edited_since(self.chain_of(kind, &raw)?, change)?
                {
                    return self.kept(kind, raw.parent, Vec::new());
                }
                self.delete_part(kind, change.row)?;
                Ok(Reverted::Other)
            }
            (Action::Update, Some(raw)) => {
                let (mut value, mut parent, mut kept) = (raw.value.clone(), raw.parent, Vec::new());
                for (field, pair) in body.as_object().into_iter().flatten() {
                    let (old, new) = (&pair[0], &pair[1]);
                    if field == PARENT {
                        if json!(parent) == *new && self.has_parent(kind, old)? {
                            parent = old.as_i64();
                        } else {
                            kept.push(kind.as_str().to_owned());
                        }
                    } else if value.get(field) == Some(new) || field == "updated_at" {
                        value.insert(field.clone(), old.clone());
                    } else {
                        kept.push(field.clone());
                    }
                }
                self.replace_part(kind, &raw, parent, &value)?;
                if kept.is_empty() { Ok(Reverted::Other) } else { self.kept(kind, parent, kept) }
            }
            (Action::Delete, Some(raw)) => self.kept(kind, raw.parent, Vec::new()),
            (Action::Delete, None) => {
                let parent = body["parent"].as_i64();
                if !self.has_parent(kind, &body["parent"])? {
                    return Ok(Reverted::Other);
                }
                let value = body["value"].as_object().cloned().unwrap_or_default();
                self.put_part(kind, change.row, parent, &value, Some(change.seq))?;
                Ok(Reverted::Other)
            }
        }
    }

    /// Whether taking a space, or its last place on a card, back would take files
    /// or places with it that came by other operations.
    fn holds_files_of_others(&self, kind: PartKind, raw: &Raw, change: &Change) -> Result<bool, StoreError> {
        let space = match kind {
            PartKind::Space => raw.value.get("id"),
            PartKind::Placement => raw.value.get("space"),
            _ => return Ok(false),
        };
        let space = space.and_then(Value::as_str).unwrap_or_default();
        let others = |sql: &str| -> Result<u32, StoreError> {
            Ok(self.db.prepare_cached(sql)?.query_row(params![space, change.op, change.row], |row| row.get(0))?)
        };
        let files = others(
            "SELECT count(*) FROM file f JOIN space s ON s.part = f.space JOIN change c ON c.seq = f.version
              WHERE s.id = ?1 AND c.op <> ?2 AND ?3 IS NOT NULL",
        )?;
        let places = others(
            "SELECT count(*) FROM placement p JOIN change c ON c.seq = p.version
              WHERE p.space = ?1 AND c.op <> ?2 AND p.part <> ?3",
        )?;
        Ok(if kind == PartKind::Space { files + places > 0 } else { files > 0 && places == 0 })
    }

    /// Whether a person did something to the conversation after a change of it or
    /// of its messages: claimed it, for example.
    fn conversation_edited_since(&self, row: Option<i64>, change: &Change) -> Result<bool, StoreError> {
        let kind = PartKind::Conversation;
        let Some(row) = row else { return Ok(false) };
        let Some(raw) = Parts(self.db).raw(kind, row)? else { return Ok(false) };
        let since = Change { entity: Entity::Part(kind), row, ..change.clone() };
        Ok(Changes(self.db).part_edited_since(self.chain_of(kind, &raw)?, &since)?)
    }

    /// What a conversation says about its messages is what they are, whichever
    /// of them an undo took away.
    fn recount(&mut self, conversation: i64) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE conversation SET (messages, first_at, last_at) =
                    (SELECT count(*), min(at), max(at) FROM message WHERE conversation = ?1) WHERE part = ?1",
            )?
            .execute([conversation])?;
        Ok(())
    }

    /// Whether what a part belongs to is still there; nothing is always there.
    fn has_parent(&self, kind: PartKind, parent: &Value) -> Result<bool, StoreError> {
        let Some(parent) = parent.as_i64() else { return Ok(true) };
        let sql = match PartTable::of(kind).parent {
            Parent::Contact => "SELECT count(*) FROM contact WHERE row = ?1".to_owned(),
            Parent::Part(kind) => format!("SELECT count(*) FROM {} WHERE part = ?1", PartTable::of(kind).table.name),
            Parent::Workspace => return Ok(true),
        };
        Ok(self.db.prepare_cached(&sql)?.query_row([parent], |row| row.get(0))?)
    }

    /// Where the chain of changes begins that tells of a part.
    fn chain_of(&self, kind: PartKind, raw: &Raw) -> Result<i64, StoreError> {
        let contact = raw.parent.filter(|_| PartTable::of(kind).belongs_to_contact());
        let Some(contact) = contact else { return Ok(raw.version) };
        Ok(self
            .db
            .prepare_cached("SELECT version FROM contact WHERE row = ?1")?
            .query_row([contact], |row| row.get(0))?)
    }

    fn kept(&self, kind: PartKind, parent: Option<i64>, fields: Vec<String>) -> Result<Reverted, StoreError> {
        let contact = parent.filter(|_| PartTable::of(kind).belongs_to_contact());
        let Some(contact) = contact else { return Ok(Reverted::Other) };
        let id: String =
            self.db.prepare_cached("SELECT id FROM contact WHERE row = ?1")?.query_row([contact], |row| row.get(0))?;
        Ok(Reverted::Kept { id: ContactId::from_stored(id), fields })
    }
}

/// In the body of a change: what the part belongs to.
const PARENT: &str = "parent";

fn as_map<T: serde::Serialize>(value: &T) -> Result<Map<String, Value>, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(StoreError::Unreadable("a part is an object".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::{
        part::{
            Avatar, Conversation, File, Memory, Message, Note, PaymentAccount, Placement, Rating, Secret, Space, Task,
        },
        permission::{KnowledgeBase, Rule},
    };

    fn fields<T: Part>() -> Vec<String> {
        as_map(&T::default()).expect("an object").keys().cloned().collect()
    }

    #[test]
    fn every_field_of_a_part_is_a_column_and_nothing_else_is() {
        for (kind, mut fields) in [
            (PartKind::Note, fields::<Note>()),
            (PartKind::Task, fields::<Task>()),
            (PartKind::Memory, fields::<Memory>()),
            (PartKind::Conversation, fields::<Conversation>()),
            (PartKind::Message, fields::<Message>()),
            (PartKind::Rating, fields::<Rating>()),
            (PartKind::Activity, fields::<Activity>()),
            (PartKind::PaymentAccount, fields::<PaymentAccount>()),
            (PartKind::Avatar, fields::<Avatar>()),
            (PartKind::Space, fields::<Space>()),
            (PartKind::Placement, fields::<Placement>()),
            (PartKind::File, fields::<File>()),
            (PartKind::Secret, fields::<Secret>()),
            (PartKind::KnowledgeBase, fields::<KnowledgeBase>()),
            (PartKind::Rule, fields::<Rule>()),
        ] {
            let mut columns: Vec<String> =
                PartTable::of(kind).fields.iter().map(|(field, _)| (*field).to_owned()).collect();
            fields.sort();
            columns.sort();
            assert_eq!(fields, columns, "{kind:?}");
        }
    }
}
