//! Reading parts.

use super::{PARTS, PartTable, Raw, StoredPart, as_map, raw, typed};
use crate::{change::Change, contact::ContactRow};
use cardfile_domain::{Millis, Part, PartKind, duplicate::Distinction, part::Activity};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

/// A conversation that somebody has to look at, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// Its place.
    pub row: i64,
    /// `cnv_…`
    pub id: String,
    /// With whom it was held; nothing as long as nobody knows.
    pub contact: Option<ContactRow>,
    /// When its last message was written.
    pub last_at: Option<Millis>,
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

    /// Who was said not to be this contact; by our id.
    pub fn distinctions_of(&self, contact: &str) -> rusqlite::Result<Vec<Distinction>> {
        let table = PartTable::of(PartKind::Distinction);
        let mut statement = self.0.prepare_cached(&table.select("WHERE one = ?1 OR other = ?1 ORDER BY part"))?;
        statement.query_map([contact], |row| Ok(typed::<Distinction>(row)?.value))?.collect()
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

    pub(super) fn raws(&self, table: &PartTable, parent: i64) -> rusqlite::Result<Vec<Raw>> {
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

    /// The id of the part at a place; nothing when it is gone.
    pub fn id_at(&self, kind: PartKind, row: i64) -> rusqlite::Result<Option<String>> {
        let raw = self.raw(kind, row)?;
        Ok(raw.and_then(|raw| raw.value.get("id").and_then(Value::as_str).map(str::to_owned)))
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

    /// Messages of a conversation in the same order, after the one of a time and a place.
    pub fn messages_past(
        &self,
        conversation: i64,
        past: Option<(Millis, i64)>,
        limit: u32,
    ) -> rusqlite::Result<Vec<StoredPart<cardfile_domain::part::Message>>> {
        let (at, part) = past.map_or((i64::MIN, i64::MIN), |(at, part)| (at.0, part));
        let sql = PartTable::of(PartKind::Message)
            .select("WHERE conversation = ?1 AND (at, part) > (?2, ?3) ORDER BY at, part LIMIT ?4");
        self.0.prepare_cached(&sql)?.query_map(params![conversation, at, part, limit], typed)?.collect()
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

    /// All of these in the same order, and of each only which and whose it is.
    pub fn all_waiting(&self) -> rusqlite::Result<Vec<Waits>> {
        self.0
            .prepare_cached(
                "SELECT part, id, contact, last_at FROM conversation WHERE contact IS NULL OR unread
                  ORDER BY last_at DESC, part DESC",
            )?
            .query_map([], |row| {
                let last_at = row.get::<_, Option<i64>>(3)?.map(Millis);
                Ok(Waits { row: row.get(0)?, id: row.get(1)?, contact: row.get(2)?, last_at })
            })?
            .collect()
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

    pub(super) fn raw(&self, kind: PartKind, row: i64) -> rusqlite::Result<Option<Raw>> {
        self.0.prepare_cached(&PartTable::of(kind).select("WHERE part = ?1"))?.query_row([row], raw).optional()
    }
}
