//! What agents read: one card, and of it the columns behind the fields that were approved. The
//! limits are in the SQL: every statement is bound to the card, gives nothing of one that agents
//! may not see, and is prepared on a connection that refuses every other column. So a field that
//! was not approved is not read, whatever a tool asks for.

use crate::{contact::ContactRow, error::StoreError, reader::Reader, store::Store};
use cardfile_domain::{Contact, Link, Millis};
use rusqlite::{
    Connection, OptionalExtension, Row,
    hooks::{AuthAction, AuthContext, Authorization},
    params,
    types::ValueRef,
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// A field that a client may be approved for, and where it stands.
pub struct Readable {
    /// Its key: of the catalogue, or of a list of parts.
    pub key: &'static str,
    /// Columns of it, with their tables.
    pub columns: &'static [(&'static str, &'static str)],
    /// Columns that only find or sort its rows.
    keys: &'static [(&'static str, &'static str)],
    how: How,
}

/// How a field is read.
enum How {
    /// A column of the card.
    Card,
    /// The parts of the name.
    NameParts,
    /// The first in the card, further ones in their table.
    Reach,
    /// Only in their table.
    Items,
    Tags,
    Links,
    /// A list of parts: columns as they are called, and the rest of the statement.
    Rows(&'static str),
}

const CARD: &str = "contact";
const ITEM: &str = "contact_item";
const ITEM_KEYS: &[(&str, &str)] = &[(ITEM, "contact"), (ITEM, "field"), (ITEM, "pos")];
const ITEMS: &[(&str, &str)] = &[(ITEM, "label"), (ITEM, "value")];

const fn card(key: &'static str, columns: &'static [(&'static str, &'static str)]) -> Readable {
    Readable { key, columns, keys: &[], how: How::Card }
}

const fn items(key: &'static str) -> Readable {
    Readable { key, columns: ITEMS, keys: ITEM_KEYS, how: How::Items }
}

/// Everything that can be approved, beside custom fields. Metadata are not among it: nobody
/// knows what is in them. Nor are secrets, and notes that are internal.
pub static READABLE: &[Readable] = &[
    card("name", &[(CARD, "name")]),
    Readable {
        key: "name_parts",
        columns: &[
            (CARD, "given_name"),
            (CARD, "additional_name"),
            (CARD, "family_name"),
            (CARD, "name_prefix"),
            (CARD, "name_suffix"),
        ],
        keys: &[],
        how: How::NameParts,
    },
    card("nick", &[(CARD, "nick")]),
    card("kind", &[(CARD, "kind")]),
    card("description", &[(CARD, "description")]),
    card("preferences", &[(CARD, "preferences")]),
    card("company", &[(CARD, "company")]),
    card("job_title", &[(CARD, "job_title")]),
    card("department", &[(CARD, "department")]),
    card("stage", &[(CARD, "stage")]),
    card("tier", &[(CARD, "tier")]),
    Readable {
        key: "tags",
        columns: &[("contact_tag", "tag")],
        keys: &[("contact_tag", "contact"), ("contact_tag", "pos"), ("tag", "tag"), ("tag", "name")],
        how: How::Tags,
    },
    Readable {
        key: "email",
        columns: &[(CARD, "email"), (CARD, "email_label"), (ITEM, "label"), (ITEM, "value")],
        keys: ITEM_KEYS,
        how: How::Reach,
    },
    Readable {
        key: "phone",
        columns: &[(CARD, "phone"), (CARD, "phone_label"), (ITEM, "label"), (ITEM, "value")],
        keys: ITEM_KEYS,
        how: How::Reach,
    },
    items("handle"),
    items("address"),
    items("url"),
    items("date"),
    Readable {
        key: "external_id",
        columns: &[("link", "connector"), ("link", "scope"), ("link", "external_id")],
        keys: &[("link", "contact"), ("link", "pos")],
        how: How::Links,
    },
    Readable {
        key: "memories",
        columns: &[("memory", "text"), ("memory", "author"), ("memory", "pinned"), ("memory", "created_at")],
        keys: &[("memory", "contact"), ("memory", "part")],
        how: How::Rows("FROM memory p JOIN card ON p.contact = card.row ORDER BY p.pinned DESC, p.part DESC"),
    },
    Readable {
        key: "tasks",
        columns: &[("task", "title"), ("task", "status"), ("task", "outcome"), ("task", "next_run_at")],
        keys: &[("task", "contact"), ("task", "part")],
        how: How::Rows(
            "FROM task p JOIN card ON p.contact = card.row
              WHERE p.status <> 'canceled' AND (p.next_run_at IS NOT NULL OR p.outcome = 'pending')
              ORDER BY p.next_run_at IS NULL, p.next_run_at, p.part",
        ),
    },
    Readable {
        key: "conversations",
        columns: &[("conversation", "title"), ("conversation", "platform"), ("conversation", "last_at")],
        keys: &[("conversation", "contact"), ("conversation", "part")],
        how: How::Rows("FROM conversation p JOIN card ON p.contact = card.row ORDER BY p.part DESC"),
    },
    Readable {
        key: "messages",
        columns: &[("message", "role"), ("message", "text"), ("message", "at")],
        keys: &[
            ("message", "conversation"),
            ("message", "part"),
            ("conversation", "contact"),
            ("conversation", "part"),
        ],
        how: How::Rows(
            "FROM message p JOIN conversation v ON v.part = p.conversation JOIN card ON v.contact = card.row
              ORDER BY p.at DESC, p.part DESC",
        ),
    },
    Readable {
        key: "notes",
        columns: &[("note", "text"), ("note", "author"), ("note", "created_at")],
        keys: &[("note", "contact"), ("note", "part"), ("note", "internal")],
        how: How::Rows("FROM note p JOIN card ON p.contact = card.row WHERE p.internal = 0 ORDER BY p.part DESC"),
    },
    Readable {
        key: "payments",
        columns: &[("payment_account", "label"), ("payment_account", "account"), ("payment_account", "email")],
        keys: &[("payment_account", "contact"), ("payment_account", "part")],
        how: How::Rows("FROM payment_account p JOIN card ON p.contact = card.row ORDER BY p.part"),
    },
];

impl Readable {
    /// The one with this key.
    pub fn find(key: &str) -> Option<&'static Self> {
        READABLE.iter().find(|one| one.key == key)
    }

    /// Whether it is a list of parts, not a field of the card.
    pub fn is_parts(&self) -> bool {
        matches!(self.how, How::Rows(_))
    }
}

/// Columns by which a statement is bound to the card, and our id of it, which says nothing.
const GATE: [(&str, &str); 6] = [
    (CARD, "row"),
    (CARD, "id"),
    (CARD, "binned_at"),
    ("restriction", "contact"),
    ("restriction", "sort"),
    ("restriction", "lifted_at"),
];

/// The card, unless it is in the bin or agents may not see it. `?1` is its place.
const BOUND: &str = "WITH card (row) AS (
    SELECT c.row FROM contact c
     WHERE c.row = ?1 AND c.binned_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM restriction x
                        WHERE x.contact = c.row AND x.lifted_at IS NULL AND x.sort IN ('restricted', 'no_agents')))";

/// One card, and the fields of it that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its place.
    pub card: ContactRow,
    /// Keys of READABLE, or `custom.` and a key.
    pub fields: Vec<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<T> {
    /// The answer.
    pub value: T,
    /// Every column that was read for it, as `contact.name`, in the order of the alphabet.
    pub columns: Vec<String>,
}

/// Reads of one card, on a connection that refuses everything else.
pub struct NarrowReader<'c> {
    db: &'c Connection,
    card: ContactRow,
    fields: &'c [String],
}

impl Store {
    /// Looks who may see which fields of which card, and then reads these and nothing else. Both
    /// in one state of the database. Without an approval nothing is read.
    pub fn read_narrowly<D, T>(
        &self,
        decide: impl FnOnce(Reader<'_>) -> rusqlite::Result<(D, Option<Approval>)>,
        read: impl FnOnce(&NarrowReader<'_>) -> rusqlite::Result<T>,
    ) -> Result<(D, Option<Seen<T>>), StoreError> {
        self.look(|db| {
            let (decided, approved) = decide(Reader(db))?;
            let seen = approved.map(|approved| narrowly(db, &approved, read)).transpose()?;
            Ok((decided, seen))
        })
    }
}

fn narrowly<T>(
    db: &mut Connection,
    approved: &Approval,
    read: impl FnOnce(&NarrowReader<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Seen<T>> {
    let allowed = allowed(&approved.fields);
    let met: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let noted = Arc::clone(&met);
    db.authorizer(Some(move |asked: AuthContext<'_>| match asked.action {
        AuthAction::Select => Authorization::Allow,
        // The one operator that a statement here needs.
        AuthAction::Function { function_name: "->" } => Authorization::Allow,
        // Of a table that only has to be there no column is named.
        AuthAction::Read { table_name, column_name: "" } if allowed.iter().any(|(table, _)| *table == table_name) => {
            Authorization::Allow
        }
        AuthAction::Read { table_name, column_name }
            if allowed.iter().any(|(table, column)| *table == table_name && *column == column_name) =>
        {
            let column = format!("{table_name}.{column_name}");
            noted.lock().unwrap_or_else(PoisonError::into_inner).insert(column);
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))?;
    let value = read(&NarrowReader { db, card: approved.card, fields: &approved.fields });
    // Whoever gets this connection next may read again.
    db.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    let columns = met.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
    Ok(Seen { value: value?, columns })
}

/// The columns behind fields, and those that bind a statement to the card.
fn allowed(fields: &[String]) -> BTreeSet<(&'static str, &'static str)> {
    let mut all: BTreeSet<(&'static str, &'static str)> = GATE.into_iter().collect();
    for field in fields {
        if let Some(readable) = Readable::find(field) {
            all.extend(readable.columns.iter().chain(readable.keys));
        } else if field.starts_with(Contact::CUSTOM_PREFIX) {
            all.insert((CARD, "custom"));
        }
    }
    all
}

impl NarrowReader<'_> {
    /// The fields that were approved.
    pub fn fields(&self) -> &[String] {
        self.fields
    }

    /// Whether the card is there for agents.
    pub fn is_there(&self) -> rusqlite::Result<bool> {
        self.db.prepare(&format!("{BOUND} SELECT row FROM card"))?.exists([self.card])
    }

    /// Our id of the card; nothing when it is not there for agents.
    pub fn id(&self) -> rusqlite::Result<Option<String>> {
        let sql = format!("{BOUND} SELECT c.id FROM contact c JOIN card ON c.row = card.row");
        self.db.prepare(&sql)?.query_row([self.card], |row| row.get(0)).optional()
    }

    /// A field of the card; null when it is empty or there is none of this key.
    pub fn field(&self, key: &str) -> rusqlite::Result<Value> {
        if let Some(custom) = key.strip_prefix(Contact::CUSTOM_PREFIX) {
            return self.custom(custom);
        }
        let Some(readable) = Readable::find(key) else { return Ok(Value::Null) };
        match readable.how {
            How::Card => self.text(key),
            How::NameParts => self.name_parts(),
            How::Reach => {
                let mut all = Vec::new();
                let sql = format!("c.{key}, c.{key}_label");
                self.of_card(&sql, |row| push_item(&mut all, row.get(0)?, row.get(1)?))?;
                self.items(key, &mut all)?;
                Ok(list(all))
            }
            How::Items => {
                let mut all = Vec::new();
                self.items(key, &mut all)?;
                Ok(list(all))
            }
            How::Tags => self.listed(
                "SELECT t.name FROM contact_tag g JOIN card ON g.contact = card.row JOIN tag t ON t.tag = g.tag
                  ORDER BY g.pos",
                |row| Ok(Value::String(row.get(0)?)),
            ),
            // By what a session is known is nobody's business.
            How::Links => self.listed(
                &format!(
                    "SELECT l.connector, l.scope, l.external_id FROM link l JOIN card ON l.contact = card.row
                      WHERE l.connector <> '{}' ORDER BY l.pos",
                    Link::SESSION
                ),
                |row| {
                    let (remote, scope): (String, String) = (row.get(0)?, row.get(1)?);
                    let mut link = json!({ "remote": remote, "external_id": row.get::<_, String>(2)? });
                    if !scope.is_empty() {
                        link["scope"] = scope.into();
                    }
                    Ok(link)
                },
            ),
            How::Rows(_) => Ok(Value::Null),
        }
    }

    /// A list of parts, at most so many, each with what was approved of it.
    pub fn parts(&self, key: &str, limit: u32) -> rusqlite::Result<Vec<Map<String, Value>>> {
        let Some(Readable { columns, how: How::Rows(rest), .. }) = Readable::find(key) else {
            return Ok(Vec::new());
        };
        let names: Vec<&str> = columns.iter().map(|(_, name)| *name).collect();
        let wanted = names.iter().map(|name| format!("p.{name}")).collect::<Vec<_>>().join(", ");
        let mut statement = self.db.prepare(&format!("{BOUND} SELECT {wanted} {rest} LIMIT ?2"))?;
        let mut rows = statement.query(params![self.card, limit])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let mut map = Map::new();
            for (at, name) in names.iter().enumerate() {
                map.insert((*name).to_owned(), value(name, row.get_ref(at)?));
            }
            all.push(map);
        }
        Ok(all)
    }

    fn text(&self, column: &str) -> rusqlite::Result<Value> {
        let mut found = Value::Null;
        self.of_card(&format!("c.{column}"), |row| {
            found = row.get::<_, Option<String>>(0)?.filter(|text| !text.is_empty()).map_or(Value::Null, Value::String);
            Ok(())
        })?;
        Ok(found)
    }

    fn custom(&self, key: &str) -> rusqlite::Result<Value> {
        // A key is made of letters, digits and lines; whatever else is no key.
        if key.is_empty() || !key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            return Ok(Value::Null);
        }
        let path = format!("$.\"{key}\"");
        let sql = format!(
            "{BOUND} SELECT c.custom -> ?2 FROM contact c JOIN card ON c.row = card.row WHERE c.custom IS NOT NULL"
        );
        let found: Option<Option<String>> =
            self.db.prepare(&sql)?.query_row(params![self.card, path], |row| row.get(0)).optional()?;
        Ok(found.flatten().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    fn name_parts(&self) -> rusqlite::Result<Value> {
        let mut parts = Map::new();
        self.of_card("c.given_name, c.additional_name, c.family_name, c.name_prefix, c.name_suffix", |row| {
            for (at, name) in ["given", "additional", "family", "prefix", "suffix"].into_iter().enumerate() {
                if let Some(text) = row.get::<_, Option<String>>(at)? {
                    parts.insert(name.to_owned(), text.into());
                }
            }
            Ok(())
        })?;
        Ok(if parts.is_empty() { Value::Null } else { Value::Object(parts) })
    }

    fn items(&self, field: &str, all: &mut Vec<Value>) -> rusqlite::Result<()> {
        let sql = format!(
            "{BOUND} SELECT i.value, i.label FROM contact_item i JOIN card ON i.contact = card.row
              WHERE i.field = ?2 ORDER BY i.pos"
        );
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query(params![self.card, field])?;
        while let Some(row) = rows.next()? {
            push_item(all, row.get(0)?, row.get(1)?)?;
        }
        Ok(())
    }

    fn of_card(&self, columns: &str, mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let sql = format!("{BOUND} SELECT {columns} FROM contact c JOIN card ON c.row = card.row");
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query([self.card])?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    fn listed(&self, sql: &str, each: impl FnMut(&Row<'_>) -> rusqlite::Result<Value>) -> rusqlite::Result<Value> {
        let mut statement = self.db.prepare(&format!("{BOUND} {sql}"))?;
        let all = statement.query_map([self.card], each)?.collect::<rusqlite::Result<Vec<Value>>>()?;
        Ok(list(all))
    }
}

fn list(all: Vec<Value>) -> Value {
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}

fn push_item(all: &mut Vec<Value>, value: Option<String>, label: Option<String>) -> rusqlite::Result<()> {
    if let Some(value) = value {
        let mut item = json!({ "value": value });
        if let Some(label) = label {
            item["label"] = label.into();
        }
        all.push(item);
    }
    Ok(())
}

/// A value of a part, with its times as agents read them.
fn value(name: &str, kept: ValueRef<'_>) -> Value {
    match kept {
        ValueRef::Integer(at) if name == "at" || name.ends_with("_at") => Value::String(Millis(at).to_rfc3339()),
        ValueRef::Integer(number) if name == "pinned" => Value::Bool(number != 0),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(bytes) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests;
