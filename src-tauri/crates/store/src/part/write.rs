//! Writing parts, each write with its change in the log.

use super::{PARENT, PARTS, Parent, PartTable, Parts, Raw, as_map};
use crate::{
    change::{Action, Entity},
    contact::ContactRow,
    error::StoreError,
    write::Tx,
};
use cardfile_domain::{Part, PartKind};
use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value, json};

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

    pub(super) fn delete_part(&mut self, kind: PartKind, row: i64) -> Result<(), StoreError> {
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

    pub(super) fn put_part(
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

    pub(super) fn replace_part(
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
    pub(crate) fn log_part(
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

    pub(super) fn next_part(&mut self) -> Result<i64, StoreError> {
        Ok(self
            .db
            .prepare_cached("UPDATE counter SET next = next + 1 WHERE name = 'part' RETURNING next - 1")?
            .query_row([], |row| row.get(0))?)
    }
}
