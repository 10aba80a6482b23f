//! The files of an answer, made from what is held: every row says in which table it is kept, so
//! that anybody can count them.

use super::{
    attachments::{Attachment, attach},
    bundle::Request,
    cards,
    gather::{Gathered, TableRows},
    history::{Actor, Deed, one_name},
    inferences, recipients,
};
use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::{PartKind, say};
use cardfile_formats::dsar::{
    TableLine,
    schema::{self, Columns, KEPT_IN, Shape},
};
use cardfile_store::{Action, Entity, HeldColumn, HeldShape, Topic};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// A JSON file of the answer.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) path: String,
    pub(super) value: Value,
    pub(super) records: u64,
    pub(super) article: &'static str,
    /// The name of its schema.
    pub(super) schema: &'static str,
}

/// Something that was left out as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) file: &'static str,
    pub(super) table: &'static str,
    pub(super) reason: &'static str,
    pub(super) kind: &'static str,
    pub(super) count: u64,
}

/// The files of an answer.
pub(super) struct Made {
    pub(super) documents: Vec<Document>,
    pub(super) schemas: Vec<(String, Value)>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) completeness: Vec<TableLine>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Lists of rows: the topic, the name of the file and of its schema.
const LISTS: [(Topic, &str); 15] = [
    (Topic::Identifiers, "identifiers"),
    (Topic::Consents, "consents"),
    (Topic::Requests, "requests"),
    (Topic::Tags, "tags"),
    (Topic::Notes, "notes"),
    (Topic::Tasks, "tasks"),
    (Topic::Memories, "memories"),
    (Topic::Ratings, "ratings"),
    (Topic::Payments, "payments"),
    (Topic::Pictures, "pictures"),
    (Topic::Files, "files"),
    (Topic::Secrets, "secrets"),
    (Topic::Permissions, "permissions"),
    (Topic::Distinctions, "distinctions"),
    (Topic::RemoteRecords, "remote-records"),
];

/// Makes all files but the pages.
pub(super) fn make(core: &Core, held: &Gathered, request: &Request) -> Result<Made, Error> {
    let mut made = Made {
        documents: Vec::new(),
        schemas: vec![("manifest".into(), schema::manifest()), ("contact".into(), schema::contact())],
        attachments: Vec::new(),
        completeness: Vec::new(),
        left_out: Vec::new(),
    };
    let mut staff =
        Staff { is_named: request.staff_names, numbers: HashMap::new(), word: request.language.words().staff };
    made.put("data/contact.json", cards::value(held), held.cards.len() as u64, "15(3)", "contact");
    for (topic, name) in LISTS {
        let (rows, columns) = list(core, held, topic, request, &mut staff, &mut made)?;
        let records = rows.len() as u64;
        made.schemas.push((name.to_owned(), schema::rows(name, &columns)));
        made.put(format!("data/{name}.json"), Value::Array(rows), records, "15(3)", name);
    }
    conversations(held, &mut staff, &mut made);
    activity(held, request, &mut staff, &mut made);
    let concluded = inferences::of(core, held)?;
    made.schemas.push(("inferences".into(), schema::inferences()));
    let records = concluded.len() as u64;
    made.put("data/inferences.json", Value::Array(concluded), records, "15(1)(h)", "inferences");
    let receivers = recipients::of(core, held)?;
    made.schemas.push(("recipients".into(), schema::recipients()));
    let records = receivers.len() as u64;
    made.put("recipients.json", Value::Array(receivers), records, "15(1)(c)", "recipients");
    made.completeness = completeness(held, &made.left_out)?;
    Ok(made)
}

impl Made {
    fn put(
        &mut self,
        path: impl Into<String>,
        value: Value,
        records: u64,
        article: &'static str,
        schema: &'static str,
    ) {
        self.documents.push(Document { path: path.into(), value, records, article, schema });
    }
}

/// Columns that name somebody of the team; of a message only where its role says so.
const BY: [&str; 2] = ["author", "lifted_by"];

/// Names of the team, numbered where they are not to be told.
struct Staff {
    is_named: bool,
    numbers: HashMap<String, usize>,
    word: &'static str,
}

impl Staff {
    fn called(&mut self, name: &str) -> String {
        if self.is_named || name.is_empty() || name == "cardfile" {
            return name.to_owned();
        }
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(one_name(name)).or_insert(next);
        format!("[{} {number}]", self.word)
    }

    /// In what a change says. Of messages only those of the team have a name that is hidden.
    fn hide_in(&mut self, deed: &mut Deed) {
        let is_of_staff = |(field, was, _): &(String, Value, Value)| field == "role" && *was == "staff";
        if deed.change.entity == Entity::Part(PartKind::Message) && !deed.fields.iter().any(is_of_staff) {
            return;
        }
        for (_, from, to) in deed.fields.iter_mut().filter(|(field, ..)| BY.contains(&field.as_str())) {
            for value in [from, to] {
                if let Value::String(name) = value {
                    *name = self.called(name);
                }
            }
        }
    }
}

/// Rows of a topic, ready to be written, and their columns.
fn list(
    core: &Core,
    held: &Gathered,
    topic: Topic,
    request: &Request,
    staff: &mut Staff,
    made: &mut Made,
) -> Result<(Vec<Value>, Vec<Columns>), Error> {
    let (mut all, mut columns) = (Vec::new(), Vec::new());
    if topic == Topic::Consents {
        columns.push(("metadata".to_owned(), cards::consent_columns()));
        all.extend(cards::consents(held));
    }
    for table in held.of(topic) {
        let (mut hidden, mut kept) = (0, Vec::new());
        for row in &table.rows {
            if is_left_out(held, table.held.table, row, request) {
                hidden += 1;
                continue;
            }
            kept.push(row.clone());
        }
        made.hide(table.held.table, hidden);
        let mut shape = shapes(&table.columns);
        for mut row in kept {
            if let Some(path) = attach(core, table.held.table, &mut row, &mut made.attachments)? {
                row.insert("file".into(), path.into());
            }
            for by in BY {
                if let Some(Value::String(name)) = row.get_mut(by) {
                    *name = staff.called(name);
                }
            }
            all.push(kept_in(table.held.table, row));
        }
        if matches!(table.held.table, "avatar" | "file") {
            shape.retain(|(name, _)| !matches!(name.as_str(), "png" | "blob"));
            shape.push(("file".into(), Shape::Text));
        }
        columns.push((table.held.table.to_owned(), shape));
    }
    Ok((all, columns))
}

/// An internal note stays with the business unless somebody decides otherwise, and a file that
/// stands on another card too is not this person's alone.
fn is_left_out(held: &Gathered, table: &str, row: &Map<String, Value>, request: &Request) -> bool {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    match table {
        "note" => row.get("internal") == Some(&Value::Bool(true)) && !request.internal_notes.contains(text("id")),
        "file" => {
            let space = held.rows("space").iter().find(|space| space.get("id") == row.get("space"));
            let others = space.and_then(|space| space.get("others")).and_then(Value::as_u64).unwrap_or_default();
            others > 0 && !request.shared_files.contains(text("id"))
        }
        _ => false,
    }
}

impl Made {
    fn hide(&mut self, table: &'static str, count: u64) {
        let (file, reason, kind) = match table {
            "note" => ("data/notes.json", "trade_secret", "internal_note"),
            _ => ("data/files.json", "third_party", "shared_file"),
        };
        if count > 0 {
            self.left_out.push(LeftOut { file, table, reason, kind, count });
        }
    }
}

/// Conversations, each with its messages.
fn conversations(held: &Gathered, staff: &mut Staff, made: &mut Made) {
    let mut messages: HashMap<&str, Vec<Value>> = HashMap::new();
    for row in held.rows("message") {
        let mut shown = row.clone();
        if shown.get("role").and_then(Value::as_str) == Some("staff")
            && let Some(Value::String(author)) = shown.get_mut("author")
        {
            *author = staff.called(author);
        }
        let of = row.get("conversation").and_then(Value::as_str).unwrap_or_default();
        messages.entry(of).or_default().push(kept_in("message", shown));
    }
    for (at, row) in held.rows("conversation").iter().enumerate() {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        let list = messages.remove(id).unwrap_or_default();
        let records = list.len() as u64;
        let mut value = kept_in("conversation", row.clone());
        value["message"] = Value::Array(list);
        made.put(format!("data/conversations/{}.json", at + 1), value, records, "15(3)", "conversation");
    }
    let columns = |table: &str| {
        let columns = held.tables.iter().find(|one| one.held.table == table).map(|one| shapes(&one.columns));
        (table.to_owned(), columns.unwrap_or_default())
    };
    let schema = schema::conversation(&columns("conversation"), &columns("message"));
    made.schemas.push(("conversation".into(), schema));
}

/// What the person did, and what was changed about them.
fn activity(held: &Gathered, request: &Request, staff: &mut Staff, made: &mut Made) {
    let tables: Vec<&TableRows> = held.of(Topic::Activities).collect();
    let rows = tables.iter().flat_map(|table| table.rows.iter().map(|row| kept_in(table.held.table, row.clone())));
    let rows: Vec<Value> = rows.collect();
    let secret = hidden_notes(held, request);
    let is_hidden =
        |deed: &Deed| deed.change.entity == Entity::Part(PartKind::Note) && secret.contains(&deed.change.row);
    let count = held.deeds.iter().filter(|deed| is_hidden(deed)).count() as u64;
    if count > 0 {
        let (file, reason, kind) = ("data/activity.json", "trade_secret", "internal_note");
        // The rows of the history are all there; what they say of the note is not.
        made.left_out.push(LeftOut { file, table: "", reason, kind, count });
    }
    let changes: Vec<Value> = held
        .deeds
        .iter()
        .map(|deed| {
            let mut deed = if is_hidden(deed) { deed.without_content() } else { deed.clone() };
            staff.hide_in(&mut deed);
            let by = match deed.actor() {
                Actor::Program(name) => name.to_owned(),
                Actor::Staff(name) => staff.called(name),
            };
            Value::Object(deed.to_value(&by))
        })
        .collect();
    let syncs = recipients::syncs(held);
    let records = rows.len() + changes.len();
    let value = json!({ "activities": rows, "changes": changes, "syncs": syncs });
    made.put("data/activity.json", value, records as u64, "15(3)", "activity");
    let columns: Vec<Columns> =
        tables.iter().map(|table| (table.held.table.to_owned(), shapes(&table.columns))).collect();
    made.schemas.push(("activity".into(), schema::activity(&columns)));
}

/// Places of internal notes that are not given out, those that are gone too.
fn hidden_notes(held: &Gathered, request: &Request) -> BTreeSet<i64> {
    let rows = held.rows("note").iter().filter(|row| is_left_out(held, "note", row, request));
    let here = rows.filter_map(|row| held.notes.get(row.get("id").and_then(Value::as_str)?)).copied();
    let was_internal = |deed: &&Deed| {
        deed.change.entity == Entity::Part(PartKind::Note)
            && deed.change.action == Action::Delete
            && deed.fields.iter().any(|(field, was, _)| field == "internal" && *was == Value::Bool(true))
    };
    here.chain(held.deeds.iter().filter(was_internal).map(|deed| deed.change.row)).collect()
}

fn kept_in(table: &str, row: Map<String, Value>) -> Value {
    let mut value = Map::new();
    value.insert(KEPT_IN.into(), table.into());
    value.extend(row);
    Value::Object(value)
}

fn shapes(columns: &[HeldColumn]) -> Vec<(String, Shape)> {
    let shape = |kept: HeldShape| match kept {
        HeldShape::Text => Shape::Text,
        HeldShape::Number => Shape::Number,
        HeldShape::Time => Shape::Time,
        HeldShape::Flag => Shape::Flag,
        HeldShape::List => Shape::List,
    };
    columns.iter().map(|column| (column.name.clone(), shape(column.shape))).collect()
}

/// Of every table how many rows are about the person, and what became of them. Rows that are
/// neither shown nor accounted for are a fault, and then there is no answer.
fn completeness(held: &Gathered, left_out: &[LeftOut]) -> Result<Vec<TableLine>, Error> {
    let line = |table: &TableRows| {
        let name = table.held.table;
        let rows_of_subject = u64::from(table.count);
        let hidden: u64 = left_out.iter().filter(|one| one.table == name).map(|one| one.count).sum();
        let (rows_exported, rows_withheld, reason) = match table.held.topic {
            Topic::Business => (0, 0, "business"),
            Topic::Withheld(why) => (0, rows_of_subject, if rows_of_subject > 0 { why.as_str() } else { "" }),
            _ if hidden == 0 => (shown(held, table), 0, ""),
            _ if name == "note" => (shown(held, table) - hidden, hidden, "internal"),
            _ => (shown(held, table) - hidden, hidden, "third_party"),
        };
        if rows_exported + rows_withheld != rows_of_subject {
            return Err(Error::new(
                Code::Internal,
                say!(
                    "{count} rows of {table} are about this person and {shown} would be shown, so nothing is made",
                    count = rows_of_subject,
                    table = name,
                    shown = rows_exported
                ),
            ));
        }
        Ok(TableLine {
            table: name.to_owned(),
            rows_of_subject,
            rows_exported,
            rows_withheld,
            reason: reason.to_owned(),
        })
    };
    held.tables.iter().map(line).collect()
}

/// How many rows of a table stand in the files, before any is hidden.
fn shown(held: &Gathered, table: &TableRows) -> u64 {
    let count = match table.held.table {
        "contact" => held.cards.len(),
        "change" => held.deeds.len(),
        "operation" => held.deeds.iter().map(|deed| deed.operation.op).collect::<BTreeSet<_>>().len(),
        "export_log" => held.taken.len(),
        "disclosure" => held.disclosures.len(),
        _ => table.rows.len(),
    };
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_team_has_one_number() {
        let mut staff = Staff { is_named: false, numbers: HashMap::new(), word: "staff" };
        let called: Vec<String> = ["Ana", "Bo", "ana", "", "cardfile"].map(|name| staff.called(name)).to_vec();
        assert_eq!(called, ["[staff 1]", "[staff 2]", "[staff 1]", "", "cardfile"]);
    }
}
