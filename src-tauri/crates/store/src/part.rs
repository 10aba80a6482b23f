//! Parts of cards: reading and writing them, whatever their kind. A part's table
//! has one column for each field of its type in `domain`, so that one way of
//! reading, writing, logging and undoing serves all.

mod read;
mod revert;
mod write;

pub use read::{Parts, Waits};

use crate::{
    activity, automation, avatar, consent, conversation, distinction, error::StoreError, file, inventory::Table,
    knowledge_base, memory, message, note, payment_account, placement, rating, recipe, restriction, rule, secret,
    segment, space, task,
};
use cardfile_domain::{PartKind, say};
use rusqlite::Row;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Every kind of part. A new one is a file and a line here.
pub(crate) static PARTS: &[&PartTable] = &[
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
    &distinction::PART,
    &segment::PART,
    &recipe::PART,
    &automation::PART,
    &consent::PART,
    &restriction::PART,
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

    /// The kind of part that a table keeps.
    pub(crate) fn named(table: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.table.name == table).copied()
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

    pub(crate) fn belongs_to_contact(&self) -> bool {
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

/// In the body of a change: what the part belongs to.
const PARENT: &str = "parent";

fn as_map<T: serde::Serialize>(value: &T) -> Result<Map<String, Value>, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(StoreError::Unreadable(say!("a part is an object"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::{
        Part,
        automation::Automation,
        consent::Consent,
        duplicate::Distinction,
        part::{
            Activity, Avatar, Conversation, File, Memory, Message, Note, PaymentAccount, Placement, Rating, Secret,
            Space, Task,
        },
        permission::{KnowledgeBase, Rule},
        restriction::Restriction,
        segment::{Recipe, Segment},
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
            (PartKind::Distinction, fields::<Distinction>()),
            (PartKind::Segment, fields::<Segment>()),
            (PartKind::Recipe, fields::<Recipe>()),
            (PartKind::Automation, fields::<Automation>()),
            (PartKind::Consent, fields::<Consent>()),
            (PartKind::Restriction, fields::<Restriction>()),
        ] {
            let mut columns: Vec<String> =
                PartTable::of(kind).fields.iter().map(|(field, _)| (*field).to_owned()).collect();
            fields.sort();
            columns.sort();
            assert_eq!(fields, columns, "{kind:?}");
        }
    }
}
