//! The audit log: what was done for the privacy of people, each entry bound to the one
//! before it by a hash. It holds no personal data, so that an erasure never breaks it: who
//! writes an entry names requests, erasures and purposes, never people.
//!
//! There is no statement here that changes an entry or takes one away. Somebody who can
//! write the database can make a whole new chain, or cut its end off; that shows wherever
//! the number of entries and the last hash were written down: in exports of the log.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, technical},
    keyslots::hex,
    write::Tx,
};
use cardfile_domain::{Millis, say};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const TABLE: Table = Table {
    name: "audit",
    migrations: &[(
        11,
        "CREATE TABLE audit (
            entry INTEGER PRIMARY KEY,          -- counted from 1, without a gap
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            origin TEXT NOT NULL,
            event TEXT NOT NULL,
            about TEXT,                         -- id of a request, an erasure, a purpose; never of a contact
            facts TEXT NOT NULL,                -- JSON object of words and numbers
            hash TEXT NOT NULL                  -- SHA-256 over the hash before and all of this
        ) STRICT;
        CREATE INDEX audit_about ON audit (about) WHERE about IS NOT NULL",
    )],
    lookups: &[],
    columns: &[
        technical("entry"),
        technical("at"),
        technical("actor"),
        technical("origin"),
        technical("event"),
        technical("about"),
        technical("facts"),
        technical("hash"),
    ],
};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Counted from 1.
    pub entry: i64,
    /// When.
    pub at: Millis,
    /// By whom: somebody of the business, or the program.
    pub actor: String,
    /// Through which door.
    pub origin: String,
    /// What: `request_received`, `consent_withdrawn`.
    pub event: String,
    /// The request, erasure, purpose or rule it is about.
    pub about: Option<String>,
    /// Words and numbers.
    pub facts: Value,
    /// Binds it to all before it.
    pub hash: String,
}

/// What a check of the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// Entries that were looked at.
    pub entries: i64,
    /// Hash of the last one; empty when there is none.
    pub head: String,
    /// The first entry that is not what was written, or that stands where another was.
    pub broken: Option<i64>,
}

const COLUMNS: &str = "entry, at, actor, origin, event, about, facts, hash";

/// Reads.
pub struct AuditLog<'c>(pub(crate) &'c Connection);

impl AuditLog<'_> {
    /// The latest entries, newest first; `before` pages on.
    pub fn latest(&self, before: Option<i64>, limit: u32) -> rusqlite::Result<Vec<AuditEntry>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE entry < ?1 ORDER BY entry DESC LIMIT ?2"))?
            .query_map(params![before.unwrap_or(i64::MAX), limit], read)?
            .collect()
    }

    /// The entries about a request, an erasure, a purpose or a rule, oldest first.
    pub fn about(&self, id: &str) -> rusqlite::Result<Vec<AuditEntry>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE about = ?1 ORDER BY entry"))?
            .query_map([id], read)?
            .collect()
    }

    /// Calls `each` with every entry, oldest first.
    pub fn each(&self, mut each: impl FnMut(AuditEntry)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM audit ORDER BY entry"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(read(row)?);
        }
        Ok(())
    }

    /// Works every hash out again.
    pub fn check(&self) -> rusqlite::Result<AuditCheck> {
        let mut check = AuditCheck { entries: 0, head: String::new(), broken: None };
        self.each(|entry| {
            check.entries += 1;
            let is_next = entry.entry == check.entries && entry.hash == entry.worked_out(&check.head);
            if !is_next && check.broken.is_none() {
                check.broken = Some(entry.entry);
            }
            check.head = entry.hash;
        })?;
        Ok(check)
    }

    /// The number of the latest entry; 0 where there is none.
    pub fn last_entry(&self) -> rusqlite::Result<i64> {
        Ok(self.last()?.0)
    }

    /// Whether this was written down after an entry, about what `about` says or about anything.
    pub fn has_since(&self, entry: i64, event: &str, about: Option<&str>) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM audit
                                 WHERE entry > ?1 AND event = ?2 AND (?3 IS NULL OR about = ?3))",
            )?
            .query_row(params![entry, event, about], |row| row.get(0))
    }

    fn last(&self) -> rusqlite::Result<(i64, String)> {
        let last = self
            .0
            .prepare_cached("SELECT entry, hash FROM audit ORDER BY entry DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(last.unwrap_or_default())
    }
}

impl AuditEntry {
    /// Its hash after the one before it: SHA-256 of that hash, a line feed, and the entry
    /// as a JSON array. Whoever has an export can do the same.
    pub fn worked_out(&self, before: &str) -> String {
        let Self { entry, at, actor, origin, event, about, facts, .. } = self;
        let told = json!([entry, at, actor, origin, event, about, facts]).to_string();
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update("\n");
        hash.update(told);
        hex(&hash.finalize())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        entry: row.get(0)?,
        at: Millis(row.get(1)?),
        actor: row.get(2)?,
        origin: row.get(3)?,
        event: row.get(4)?,
        about: row.get(5)?,
        facts: serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(|error| unreadable(6, error))?,
        hash: row.get(7)?,
    })
}

impl Tx<'_> {
    /// Adds an entry in the transaction of what it tells of. Words, numbers, times and ids
    /// are taken; anything that could name a person is refused.
    pub fn audit(&mut self, event: &str, about: Option<&str>, facts: &Value) -> Result<(), StoreError> {
        if !is_word(event) || !about.is_none_or(is_word) || !is_impersonal(facts) || !are_known(facts) {
            return Err(StoreError::Unreadable(say!("the audit log takes words and numbers only: {event}", event)));
        }
        let (last, before) = AuditLog(self.db).last()?;
        let mut entry = AuditEntry {
            entry: last + 1,
            at: self.now(),
            actor: self.op().actor.clone(),
            origin: self.op().origin.clone(),
            event: event.to_owned(),
            about: about.map(str::to_owned),
            facts: facts.clone(),
            hash: String::new(),
        };
        entry.hash = entry.worked_out(&before);
        self.db
            .prepare_cached(
                "INSERT INTO audit (entry, at, actor, origin, event, about, facts, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                entry.entry,
                entry.at.0,
                entry.actor,
                entry.origin,
                entry.event,
                entry.about,
                entry.facts.to_string(),
                entry.hash
            ])?;
        Ok(())
    }
}

/// All that an entry can say. A word may be somebody's name, so that each of these is looked at
/// before it stands here: none is for what a person typed about a person.
const FACTS: [&str; 62] = [
    "actions",
    "activities",
    "algorithm",
    "basis",
    "bytes_found",
    "cards",
    "claims",
    "client",
    "contacts",
    "creates",
    "custom_fields",
    "days",
    "deleted",
    "due",
    "encrypted",
    "entries",
    "events",
    "fields",
    "files",
    "format",
    "found",
    "from",
    "gone",
    "grants_ended",
    "ground",
    "head",
    "how",
    "identity",
    "is_marketing",
    "key",
    "language",
    "letter",
    "masked",
    "matched",
    "missing",
    "near_misses",
    "outcome",
    "overruled",
    "people",
    "purpose",
    "reason",
    "received",
    "request",
    "right",
    "rows_left",
    "scopes",
    "sha256",
    "shown",
    "sort",
    "spared",
    "staff",
    "state",
    "stopped",
    "texts_found",
    "tools",
    "undecided",
    "until",
    "version",
    "was",
    "what",
    "withheld",
    "wording",
];

fn are_known(facts: &Value) -> bool {
    facts.as_object().is_some_and(|map| map.keys().all(|key| FACTS.contains(&key.as_str())))
}

fn is_impersonal(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => is_word(text),
        Value::Array(all) => all.iter().all(is_impersonal),
        Value::Object(map) => map.iter().all(|(key, value)| is_word(key) && is_impersonal(value)),
    }
}

/// Whether a text is a word of ours, a time, a hash or an id: no blank, no address, no
/// number of a phone, and not the id of a contact.
fn is_word(text: &str) -> bool {
    let of_words = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'(' | b')');
    let is_number = text.len() > 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64 && text.bytes().all(of_words) && !text.starts_with("ctc_") && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// A log of so many entries.
    fn log(entries: i64) -> Connection {
        let db = Connection::open_in_memory().expect("memory");
        db.execute_batch(TABLE.migrations[0].1).expect("a table");
        let mut before = String::new();
        for entry in 1..=entries {
            let mut one = AuditEntry {
                entry,
                at: Millis(entry * 1000),
                actor: "tester".into(),
                origin: "test".into(),
                event: "consent_given".into(),
                about: (entry % 2 == 0).then(|| "req_1".to_owned()),
                facts: json!({ "wording": entry }),
                hash: String::new(),
            };
            one.hash = one.worked_out(&before);
            before.clone_from(&one.hash);
            db.execute(
                "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![entry, one.at.0, one.actor, one.origin, one.event, one.about, one.facts.to_string(), one.hash],
            )
            .expect("written");
        }
        db
    }

    #[rstest]
    #[case::untouched("SELECT 1", None)]
    #[case::another_actor("UPDATE audit SET actor = 'x' WHERE entry = 3", Some(3))]
    #[case::another_time("UPDATE audit SET at = at + 1 WHERE entry = 1", Some(1))]
    #[case::other_facts("UPDATE audit SET facts = '{\"wording\":9}' WHERE entry = 5", Some(5))]
    #[case::one_is_missing("DELETE FROM audit WHERE entry = 2", Some(3))]
    #[case::one_was_put_between("UPDATE audit SET entry = 9 WHERE entry = 4", Some(5))]
    fn a_log_that_was_touched_shows_where(#[case] touch: &str, #[case] broken: Option<i64>) {
        let db = log(6);
        db.execute_batch(touch).expect(touch);
        assert_eq!(AuditLog(&db).check().expect("readable").broken, broken);
    }

    #[rstest]
    #[case::nothing(json!({}), true)]
    #[case::what_is_on_the_list(json!({ "cards": 3, "reason": "retention" }), true)]
    #[case::what_a_webhook_is_told(json!({ "events": ["contact.created"], "fields": ["name"] }), true)]
    #[case::a_word_of_its_own(json!({ "cards": 3, "nickname": "ruiz" }), false)]
    #[case::no_names_at_all(json!(["ruiz"]), false)]
    fn an_entry_says_what_is_on_the_list_and_nothing_else(#[case] facts: Value, #[case] good: bool) {
        assert_eq!(are_known(&facts), good);
    }

    #[rstest]
    #[case::counts(json!({ "rows": 3, "is_marketing": true, "ground": "17(3)(b)" }), true)]
    #[case::a_time(json!({ "due": "2026-02-28", "at": "2026-01-31T09:00:00Z" }), true)]
    #[case::a_hash(json!(["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]), true)]
    #[case::an_email(json!({ "subject": "ana@x.example" }), false)]
    #[case::a_name(json!({ "name": "Ana Ruiz" }), false)]
    #[case::a_phone(json!(["34612408177"]), false)]
    #[case::a_contact(json!({ "who": "ctc_06fxq2y8p3rk5w0000000000gm" }), false)]
    #[case::deep_inside(json!([{ "all": [1, { "to": "+34 612" }] }]), false)]
    #[case::as_a_key(json!({ "ana@x.example": 1 }), false)]
    fn only_words_and_numbers_get_in(#[case] facts: Value, #[case] good: bool) {
        assert_eq!(is_impersonal(&facts), good);
    }
}
