//! Taking a change of a part back, as far as nobody has edited the same since.

use super::{PARENT, Parent, PartTable, Parts, Raw};
use crate::{
    change::{Action, Change, Changes, Entity},
    contact::ContactRow,
    error::StoreError,
    operation::OpKind,
    write::{Reverted, Tx},
};
use cardfile_domain::{ContactId, PartKind};
use rusqlite::params;
use serde_json::{Value, json};

impl Tx<'_> {
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
        if kind.is_statement()
            && change.action == Action::Insert
            && self.op().kind != OpKind::Rollback
            && let Some(raw) = &now
        {
            // It goes with its card, if that goes; else what a person said stays said.
            if let Some(Ok(contact)) = raw.parent.map(ContactRow::try_from) {
                self.mirror_consents(contact)?;
            }
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
