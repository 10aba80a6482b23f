//! What is held of a person: for every table, which of its rows are about them and where an
//! access request shows them. An answer that leaves a table out would be false, so that a
//! table or a column that nobody put here stops it ([`Holdings::unmapped`]).

use crate::{
    inventory::Exported,
    part::{PartTable, Shape},
    schema::TABLES,
    subject::Subject,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Map, Value, json};

/// Where rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are the tables, in the words of the glossary")]
pub enum Topic {
    Contact,
    Identifiers,
    Consents,
    Requests,
    Tags,
    Notes,
    Tasks,
    Memories,
    Conversations,
    Messages,
    Ratings,
    Activities,
    Payments,
    Pictures,
    Files,
    Secrets,
    Permissions,
    Distinctions,
    Recipients,
    RemoteRecords,
    Exports,
    History,
    /// Nowhere, and why.
    Withheld(Withheld),
    /// Nowhere: its rows are about the business, or about nobody.
    Business,
}

/// Why rows that are about the person are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Withheld {
    /// They are worked out from what is shown.
    Derived,
    /// They are a credential.
    Security,
}

impl Withheld {
    /// The word of files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Security => "security",
        }
    }
}

/// One table.
#[derive(Debug)]
pub struct Held {
    /// Its name.
    pub table: &'static str,
    /// Where its rows are shown.
    pub topic: Topic,
    which: Which,
    /// Columns beside those that the inventory exports, or in place of them.
    shows: &'static [Shown],
    order: &'static str,
}

/// A column with its SQL.
type Shown = (&'static str, &'static str, HeldShape);

/// Which rows are about a person.
#[derive(Debug)]
enum Which {
    /// These; see [`SUBJECT`].
    Where(&'static str),
    /// As many as in another table, which this one is an index of.
    LikeThoseOf(&'static str),
    None,
}

/// What a condition may ask for: places of the person's cards, their ids, changes of the log,
/// exports, and texts that name the person.
const SUBJECT: &str = "WITH subject (row) AS (SELECT value FROM json_each(?1)),
     own (id) AS (SELECT value FROM json_each(?2)),
     logged (seq) AS (SELECT value FROM json_each(?3)),
     taken (export) AS (SELECT value FROM json_each(?4)),
     naming (text) AS (SELECT value FROM json_each(?5))";

const fn of(table: &'static str, topic: Topic, which: &'static str, order: &'static str) -> Held {
    Held { table, topic, which: Which::Where(which), shows: &[], order }
}

const fn part(table: &'static str, topic: Topic) -> Held {
    Held { shows: &[CARD], ..of(table, topic, "contact IN subject", "part") }
}

const fn index(table: &'static str, like: &'static str) -> Held {
    Held { table, topic: Topic::Withheld(Withheld::Derived), which: Which::LikeThoseOf(like), shows: &[], order: "1" }
}

const fn business(table: &'static str) -> Held {
    Held { table, topic: Topic::Business, which: Which::None, shows: &[], order: "1" }
}

/// Which card a row belongs to; nothing when that became part of another.
const CARD: Shown = ("card", "(SELECT c.id FROM contact c WHERE c.row = contact)", HeldShape::Text);

/// What an agent is called; its number when it is gone.
const AGENT: &str = "ifnull((SELECT a.name FROM agent_client a WHERE a.id = client), client)";

const fn text(name: &'static str, sql: &'static str) -> Shown {
    (name, sql, HeldShape::Text)
}

/// Every table. A new one is a line here.
pub static HELD: &[Held] = &[
    of("contact", Topic::Contact, "row IN subject", "row"),
    Held {
        shows: &[CARD, text("field", "field")],
        ..of("contact_item", Topic::Contact, "contact IN subject", "contact, field, pos")
    },
    Held {
        shows: &[CARD, text("tag", "(SELECT t.name FROM tag t WHERE t.tag = contact_tag.tag)")],
        ..of("contact_tag", Topic::Tags, "contact IN subject", "contact, pos")
    },
    Held { shows: &[CARD], ..of("link", Topic::Identifiers, "contact IN subject", "contact, pos") },
    Held {
        shows: &[
            CARD,
            text("remote", "(SELECT r.name FROM remote r WHERE r.remote = pair.remote)"),
            text("external_id", "external_id"),
            text("key", "key"),
        ],
        ..of("pair", Topic::Identifiers, "contact IN subject", "pair")
    },
    part("note", Topic::Notes),
    part("task", Topic::Tasks),
    part("memory", Topic::Memories),
    part("conversation", Topic::Conversations),
    Held {
        shows: &[text("conversation", "(SELECT v.id FROM conversation v WHERE v.part = message.conversation)")],
        ..of(
            "message",
            Topic::Messages,
            "conversation IN (SELECT part FROM conversation WHERE contact IN subject)",
            "message.conversation, at, part",
        )
    },
    part("rating", Topic::Ratings),
    part("activity", Topic::Activities),
    part("payment_account", Topic::Payments),
    part("avatar", Topic::Pictures),
    part("placement", Topic::Files),
    Held {
        // How many other cards it stands on: its files are theirs too.
        shows: &[(
            "others",
            "(SELECT count(*) FROM placement p WHERE p.space = space.id AND p.contact NOT IN subject)",
            HeldShape::Number,
        )],
        ..of("space", Topic::Files, "id IN (SELECT p.space FROM placement p WHERE p.contact IN subject)", "part")
    },
    Held {
        shows: &[text("space", "(SELECT s.id FROM space s WHERE s.part = file.space)")],
        ..of(
            "file",
            Topic::Files,
            "space IN (SELECT s.part FROM space s JOIN placement p ON p.space = s.id WHERE p.contact IN subject)",
            "part",
        )
    },
    part("secret", Topic::Secrets),
    of(
        "sealed",
        Topic::Withheld(Withheld::Security),
        "secret IN (SELECT id FROM secret WHERE contact IN subject)",
        "secret",
    ),
    part("rule", Topic::Permissions),
    of("distinction", Topic::Distinctions, "one IN own OR other IN own", "part"),
    part("consent", Topic::Consents),
    part("restriction", Topic::Requests),
    Held {
        shows: &[
            text("id", "id"),
            text("demand", "demand"),
            text("state", "state"),
            ("received_at", "received_at", HeldShape::Time),
            ("decided_at", "decided_at", HeldShape::Time),
            text("ground", "ground"),
        ],
        // By anything the person is known by, however short it is.
        ..of(
            "request",
            Topic::Requests,
            "lower(request.subject_key) IN naming OR lower(request.subject) IN naming
                 OR request.subject IN own
                 OR request.subject IN (SELECT l.external_id FROM link l WHERE l.contact IN subject)
                 OR request.subject_key IN (SELECT c.email_key FROM contact c WHERE c.row IN subject
                                            UNION ALL SELECT c.phone_key FROM contact c WHERE c.row IN subject
                                            UNION ALL SELECT i.key FROM contact_item i WHERE i.contact IN subject)",
            "received_at, id",
        )
    },
    Held { shows: &[CARD], ..of("disclosure", Topic::Recipients, "contact IN subject", "name, recipient, contact") },
    Held {
        shows: &[
            text("remote", "(SELECT r.name FROM remote r WHERE r.remote = quarantine.remote)"),
            text("reason", "reason"),
        ],
        ..of(
            "quarantine",
            Topic::RemoteRecords,
            "EXISTS (SELECT 1 FROM naming WHERE instr(lower(body), naming.text) > 0)",
            "remote, key",
        )
    },
    Held {
        shows: &[text("remote", "source"), text("reason", "'waits'")],
        ..of(
            "lead",
            Topic::RemoteRecords,
            "EXISTS (SELECT 1 FROM naming WHERE instr(lower(body), naming.text) > 0)",
            "at, id",
        )
    },
    of("identity_grant", Topic::Withheld(Withheld::Security), "contact IN subject", "at, id"),
    of("export_log", Topic::Exports, "export IN taken", "export"),
    Held {
        shows: &[CARD, text("client", AGENT)],
        ..of("agent_grant", Topic::Permissions, "contact IN subject", "at, id")
    },
    Held {
        shows: &[CARD, text("client", AGENT), ("fields", "fields", HeldShape::List)],
        ..of("agent_call", Topic::Permissions, "contact IN subject", "call")
    },
    Held {
        shows: &[
            CARD,
            text("client", AGENT),
            // Requests are approved before anything is done.
            text("state", "CASE state WHEN 'approved' THEN 'written' ELSE state END"),
        ],
        ..of("agent_proposal", Topic::Memories, "contact IN subject", "at, id")
    },
    of("change", Topic::History, "seq IN logged", "seq"),
    of("operation", Topic::History, "op IN (SELECT c.op FROM change c WHERE c.seq IN logged)", "op"),
    of("import_memory", Topic::Withheld(Withheld::Derived), "contact IN subject", "hash"),
    // That a webhook was told is shown with who got what; the rest is in the history.
    of(
        "webhook_message",
        Topic::Withheld(Withheld::Derived),
        "webhook_message.subject IN own OR webhook_message.other IN own",
        "webhook_message.message",
    ),
    index("message_text", "message"),
    index("note_text", "note"),
    index("memory_text", "memory"),
    business("schema_step"),
    business("counter"),
    business("tag"),
    business("custom_field"),
    business("setting"),
    business("knowledge_base"),
    business("segment"),
    business("recipe"),
    business("automation"),
    business("purpose"),
    business("wording"),
    business("retention_rule"),
    business("retention_run"),
    business("audit"),
    business("remote"),
    business("webhook"),
    business("tombstone"),
    business("bridge_change"),
    business("bridge_end"),
    business("sync_run"),
    business("client_token"),
    business("client_deed"),
    business("identity_key"),
    business("identity_seen"),
    business("suppression"),
    business("erasure"),
    business("erasure_delivery"),
    business("agent_client"),
];

/// A column of what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldColumn {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub shape: HeldShape,
}

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldShape {
    /// A text, or nothing.
    Text,
    /// A number, or nothing.
    Number,
    /// A moment, written as RFC 3339, or nothing.
    Time,
    /// Yes or no.
    Flag,
    /// A list.
    List,
}

/// Reads.
pub struct Holdings<'c>(pub(crate) &'c Connection);

impl Holdings<'_> {
    /// A table or a column of the database of which nobody said whose data it holds, or where
    /// an access request shows it; nothing when all is known.
    pub fn unmapped(&self) -> rusqlite::Result<Option<String>> {
        let mut statement = self.0.prepare(
            "SELECT m.name, c.name FROM pragma_table_list m, pragma_table_info(m.name) c
              WHERE m.schema = 'main' AND m.type IN ('table', 'virtual') AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'
              ORDER BY m.name, c.cid",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
            let listed = TABLES.iter().find(|one| one.name == table);
            let is_listed = listed.is_some_and(|one| one.columns.iter().any(|known| known.name == column));
            if !is_listed || !HELD.iter().any(|one| one.table == table) {
                return Ok(Some(format!("{table}.{column}")));
            }
        }
        Ok(None)
    }

    /// The columns that are shown of a table.
    pub fn columns(&self, held: &Held) -> rusqlite::Result<Vec<HeldColumn>> {
        let part = PartTable::named(held.table);
        let mut statement = self.0.prepare_cached("SELECT name, type FROM pragma_table_info(?1)")?;
        let declared: Vec<(String, String)> =
            statement.query_map([held.table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut all: Vec<HeldColumn> =
            held.shows.iter().map(|(name, _, shape)| HeldColumn { name: (*name).into(), shape: *shape }).collect();
        for name in exported(held) {
            let sort = declared.iter().find(|(column, _)| column == name).map_or("", |(_, sort)| sort.as_str());
            let kept = part.and_then(|part| part.fields.iter().find(|(field, _)| *field == name));
            let shape = match (kept.map(|(_, shape)| shape), sort) {
                (Some(Shape::Flag), _) => HeldShape::Flag,
                (Some(Shape::List), _) => HeldShape::List,
                (_, "INTEGER") if is_time(name) => HeldShape::Time,
                (_, "INTEGER" | "REAL") => HeldShape::Number,
                _ => HeldShape::Text,
            };
            all.push(HeldColumn { name: name.into(), shape });
        }
        Ok(all)
    }

    /// How many rows of a table are about a person.
    pub fn count(&self, held: &Held, subject: &Subject) -> rusqlite::Result<u32> {
        let (table, which) = match &held.which {
            Which::None => return Ok(0),
            Which::Where(which) => (held.table, *which),
            Which::LikeThoseOf(other) => match HELD.iter().find(|one| one.table == *other) {
                Some(other) => return self.count(other, subject),
                None => return Ok(0),
            },
        };
        self.0
            .prepare_cached(&format!("{SUBJECT} SELECT count(*) FROM {table} WHERE {which}"))?
            .query_row(params_of(subject), |row| row.get(0))
    }

    /// The rows of a table that are about a person, by the names of its columns, in an order
    /// that is always the same.
    pub fn rows(&self, held: &Held, subject: &Subject) -> rusqlite::Result<Vec<Map<String, Value>>> {
        let Which::Where(which) = &held.which else { return Ok(Vec::new()) };
        let columns = self.columns(held)?;
        let shown = held.shows.iter().map(|(name, sql, _)| format!("{sql} AS \"{name}\""));
        let kept = exported(held).into_iter().map(|name| format!("{}.{name}", held.table));
        let list: Vec<String> = shown.chain(kept).collect();
        if list.is_empty() {
            let count = self.count(held, subject)?;
            return Ok((0..count).map(|_| Map::new()).collect());
        }
        let sql =
            format!("{SUBJECT} SELECT {} FROM {} WHERE {which} ORDER BY {}", list.join(", "), held.table, held.order);
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params_of(subject))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let mut map = Map::new();
            for (at, column) in columns.iter().enumerate() {
                map.insert(column.name.clone(), value(row.get_ref(at)?, column.shape));
            }
            all.push(map);
        }
        Ok(all)
    }
}

/// Columns that leave, but for those that are shown in another way.
fn exported(held: &Held) -> Vec<&'static str> {
    let table = TABLES.iter().find(|table| table.name == held.table);
    let columns = table.map(|table| table.columns).unwrap_or_default();
    columns
        .iter()
        .filter(|column| column.exported != Exported::Never)
        .map(|column| column.name)
        .filter(|name| !held.shows.iter().any(|(shown, ..)| shown == name))
        .collect()
}

fn params_of(subject: &Subject) -> [String; 5] {
    let rows: Vec<_> = subject.cards.iter().chain(&subject.former).collect();
    [
        json!(rows).to_string(),
        json!(subject.ids).to_string(),
        json!(subject.changes).to_string(),
        json!(subject.exports).to_string(),
        json!(subject.naming).to_string(),
    ]
}

fn is_time(name: &str) -> bool {
    name == "at" || name.ends_with("_at") || matches!(name, "first_seen" | "last_seen" | "stage_since")
}

fn value(kept: ValueRef<'_>, shape: HeldShape) -> Value {
    match (kept, shape) {
        (ValueRef::Null, HeldShape::List) => Value::Array(Vec::new()),
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(number), HeldShape::Flag) => Value::Bool(number != 0),
        (ValueRef::Integer(number), HeldShape::Time) => Value::String(Millis(number).to_rfc3339()),
        (ValueRef::Integer(number), HeldShape::Text) => Value::String(number.to_string()),
        (ValueRef::Integer(number), _) => number.into(),
        (ValueRef::Real(number), _) => json!(number),
        (ValueRef::Text(bytes), HeldShape::List) => serde_json::from_slice(bytes).unwrap_or_default(),
        (ValueRef::Text(bytes), _) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        // Only keys are bytes, and no key is shown.
        (ValueRef::Blob(_), _) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_says_where_an_access_request_shows_it() {
        let listed: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        for name in &listed {
            assert_eq!(HELD.iter().filter(|one| one.table == *name).count(), 1, "{name}");
        }
        for held in HELD {
            assert!(listed.contains(&held.table), "{} is no table", held.table);
        }
    }
}
