//! What the log says of a person: what was done to their cards, by whom, from which value to
//! which; where each value comes from; and whether they stood in the list at a moment.

use crate::history::by;
use cardfile_domain::{Contact, Millis, Patch, text};
use cardfile_store::{Action, Change, ContactRow, Entity, OperationRow, Reader, SqlResult, Stored, Subject};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One change with who made it.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) change: Change,
    pub(super) operation: OperationRow,
    /// Fields with their values before and after; bookkeeping left out.
    pub(super) fields: Vec<(String, Value, Value)>,
}

/// Everything that was done, oldest first.
pub(super) fn deeds(r: Reader<'_>, subject: &Subject) -> SqlResult<Vec<Deed>> {
    let mut all = Vec::new();
    let mut operations: BTreeMap<i64, OperationRow> = BTreeMap::new();
    for seq in &subject.changes {
        let Some(change) = r.changes().get(*seq)? else { continue };
        let operation = match operations.get(&change.op) {
            Some(known) => known.clone(),
            None => {
                let Some(found) = r.operations().get(change.op)? else { continue };
                operations.insert(change.op, found.clone());
                found
            }
        };
        all.push(Deed { fields: fields(&change), change, operation });
    }
    Ok(all)
}

/// What a change says, field by field.
fn fields(change: &Change) -> Vec<(String, Value, Value)> {
    let body = || serde_json::from_str::<Value>(&change.body).unwrap_or_default();
    let pairs = match (change.entity, change.action) {
        (_, Action::Insert) => Vec::new(),
        (Entity::Contact, Action::Update) => Patch::from_json(&change.body)
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|one| (one.field, one.old, one.new))
            .collect(),
        (Entity::Contact, Action::Delete) => gone(&body()),
        (_, Action::Delete) => gone(&body()["value"]),
        (_, Action::Update) => {
            let all = body().as_object().cloned().unwrap_or_default();
            // Places in this file mean nothing to anybody.
            let named = all.into_iter().filter(|(field, _)| field != "parent");
            named.map(|(field, two)| (field, two[0].clone(), two[1].clone())).collect()
        }
    };
    pairs
        .into_iter()
        .filter(|(field, ..)| !matches!(field.as_str(), "updated_at" | "blob"))
        .map(|(field, old, new)| {
            let (old, new) = (readable(&field, old), readable(&field, new));
            (field, old, new)
        })
        .collect()
}

fn gone(value: &Value) -> Vec<(String, Value, Value)> {
    let all = value.as_object().cloned().unwrap_or_default();
    all.into_iter().map(|(field, old)| (field, old, Value::Null)).collect()
}

/// A value as people read it: a moment as a date, an address without the key it is compared by,
/// metadata as the object it is.
pub(super) fn readable(field: &str, value: Value) -> Value {
    match value {
        Value::Number(number) if is_time(field) => {
            number.as_i64().map_or(Value::Null, |at| Value::String(Millis(at).to_rfc3339()))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_key).collect()),
        Value::String(text) if field == "metadata" => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

fn without_key(item: Value) -> Value {
    match item {
        Value::Object(mut map) if map.contains_key("value") => {
            map.shift_remove("key");
            Value::Object(map)
        }
        other => other,
    }
}

pub(super) fn is_time(field: &str) -> bool {
    field == "at" || field.ends_with("_at") || matches!(field, "first_seen" | "last_seen" | "stage_since")
}

/// Where a value comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Provenance {
    pub(super) source: String,
    pub(super) first_seen: Option<Millis>,
    pub(super) last_changed: Option<Millis>,
}

/// Where each field of a card comes from, by the changes of that card alone.
pub(super) fn provenance(deeds: &[Deed], row: ContactRow) -> impl Fn(&str) -> Provenance {
    let mut made: Option<(Millis, String)> = None;
    let mut fields: BTreeMap<String, Provenance> = BTreeMap::new();
    for deed in deeds.iter().filter(|deed| deed.is_about(row)) {
        let (at, source) = (deed.operation.at, deed.source());
        if deed.change.action == Action::Insert {
            made.get_or_insert((at, source.clone()));
        }
        for (field, old, _) in &deed.fields {
            let before = made.as_ref().filter(|_| !is_empty(old)).map(|(at, _)| *at);
            let one = fields
                .entry(field.clone())
                .or_insert_with(|| Provenance { first_seen: before.or(Some(at)), ..Provenance::default() });
            (one.last_changed, one.source) = (Some(at), source.clone());
        }
    }
    move |field| {
        fields.get(field).cloned().unwrap_or_else(|| {
            let at = made.as_ref().map(|(at, _)| *at);
            let source = made.as_ref().map(|(_, source)| source.clone()).unwrap_or_default();
            Provenance { source, first_seen: at, last_changed: at }
        })
    }
}

/// Whether a value says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Deed {
    fn is_about(&self, row: ContactRow) -> bool {
        self.change.entity == Entity::Contact && self.change.row == i64::from(row)
    }

    /// `import customers.csv`, `contact edit`: by which way a value came.
    fn source(&self) -> String {
        let way = self.operation.kind.as_str().replace('_', " ");
        // Only these say where from; others say to whom it was done.
        match self.operation.kind.as_str() {
            "import" | "sync_run" if !self.operation.subject.is_empty() => {
                format!("{way} {}", self.operation.subject)
            }
            _ => way,
        }
    }

    /// What it is about: `contact`, `note`.
    pub(super) fn about(&self) -> &'static str {
        match self.change.entity {
            Entity::Contact => "contact",
            Entity::Tag => "tag",
            Entity::CustomField => "custom_field",
            Entity::Part(kind) => kind.as_str(),
        }
    }

    /// Without what it says, of something that is not given out.
    pub(super) fn without_content(&self) -> Self {
        let mut bare = self.clone();
        bare.fields.clear();
        bare
    }

    /// To what it was done, where that says where a value came from or which rule set it. Else it is
    /// the beginning of a text that stands elsewhere: cut off in the middle of somebody's name, it
    /// could not be told to be one.
    fn subject(&self) -> &str {
        match self.operation.kind.as_str() {
            "import" | "sync_run" | "rule_run" | "tag_change" | "field_change" => &self.operation.subject,
            _ => "",
        }
    }

    /// As it stands in a file, but for who it was.
    pub(super) fn to_value(&self, by: &str) -> Map<String, Value> {
        let action = match self.change.action {
            Action::Insert => "insert",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        let fields: Vec<Value> =
            self.fields.iter().map(|(field, from, to)| json!({ "field": field, "from": from, "to": to })).collect();
        let value = json!({
            "kept_in": "change",
            "seq": self.change.seq,
            "operation": self.operation.id.as_str(),
            "at": self.operation.at.to_rfc3339(),
            "by": by,
            "through": self.operation.origin,
            "did": self.operation.kind.as_str(),
            "subject": self.subject(),
            "about": self.about(),
            "action": action,
            "fields": fields,
        });
        value.as_object().cloned().unwrap_or_default()
    }

    /// Who did it: a person of the team, or nobody but the program.
    pub(super) fn actor(&self) -> Actor<'_> {
        match by(&self.operation.actor) {
            program @ ("cardfile" | "a rule") => Actor::Program(program),
            name => Actor::Staff(name),
        }
    }
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actor<'d> {
    Program(&'d str),
    Staff(&'d str),
}

/// A card as it was at a moment, as far as the log tells; nothing before it was made and after it
/// was gone.
fn at_that_time(deeds: &[Deed], cards: &[Stored], row: ContactRow, at: Millis) -> Option<Contact> {
    let mut state = cards.iter().find(|stored| stored.row == row).map(|stored| stored.contact.clone());
    for deed in deeds.iter().rev().filter(|deed| deed.is_about(row) && deed.operation.at > at) {
        match deed.change.action {
            Action::Insert => state = None,
            Action::Delete => state = serde_json::from_str(&deed.change.body).ok(),
            Action::Update => {
                let patch = Patch::from_json(&deed.change.body).unwrap_or_default();
                if let Some(contact) = &mut state {
                    for change in patch.0 {
                        contact.set_value(&change.field, change.old);
                    }
                }
            }
        }
    }
    state
}

/// Whether a card stood in the list at a moment.
pub(super) fn was_listed(deeds: &[Deed], cards: &[Stored], row: ContactRow, at: Millis) -> bool {
    at_that_time(deeds, cards, row, at).is_some_and(|contact| contact.is_shown())
}

/// Whether a card was there at all.
pub(super) fn was_there(deeds: &[Deed], cards: &[Stored], row: ContactRow, at: Millis) -> bool {
    at_that_time(deeds, cards, row, at).is_some()
}

/// A name of the team in one form, so that it is one person in one answer.
pub(super) fn one_name(name: &str) -> String {
    text::fold_label(name)
}
