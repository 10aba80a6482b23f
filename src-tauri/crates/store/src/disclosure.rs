//! Disclosures: which remote got which fields of a contact, and when. What an access request
//! tells of recipients (GDPR, Art. 15(1)(c)) and who has to hear of a correction (Art. 19).
//!
//! Kept apart from what sync knows of a contact: it stays when a connection is taken away or
//! the record there is gone.

use crate::{
    contact::{ContactRow, unreadable},
    error::StoreError,
    inventory::{Table, derived, subject},
    remote::Remote,
    write::Tx,
};
use cardfile_domain::{Millis, privacy::Privacy::Activity};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

pub(crate) const TABLE: Table = Table {
    name: "disclosure",
    migrations: &[(
        10,
        "CREATE TABLE disclosure (
            contact INTEGER NOT NULL,           -- no reference: it may be part of another by now
            recipient TEXT NOT NULL,            -- rem_…
            name TEXT NOT NULL,                 -- what the connection was called then
            kind TEXT NOT NULL,                 -- which connector
            fields TEXT NOT NULL,               -- JSON: field, first and last time
            PRIMARY KEY (contact, recipient)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[
        derived("contact"),
        subject("recipient", Activity),
        subject("name", Activity),
        subject("kind", Activity),
        subject("fields", Activity),
    ],
};

/// What one remote got of one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Which contact.
    pub contact: ContactRow,
    /// Id of the remote, `rem_…`.
    pub recipient: String,
    /// What it was called.
    pub name: String,
    /// Which connector.
    pub kind: String,
    /// When each field was first and last sent.
    pub fields: BTreeMap<String, (Millis, Millis)>,
}

/// Reads.
pub struct Disclosures<'c>(pub(crate) &'c Connection);

impl Disclosures<'_> {
    /// Those of a contact, by the names of the remotes.
    pub fn of(&self, contact: ContactRow) -> rusqlite::Result<Vec<Disclosure>> {
        self.0
            .prepare_cached(
                "SELECT contact, recipient, name, kind, fields FROM disclosure WHERE contact = ?1
                  ORDER BY name, recipient",
            )?
            .query_map([contact], read)?
            .collect()
    }

    /// The contacts of whom a remote (`rem_…`) was sent anything, and what: who has to be told
    /// when something is lost there.
    pub fn to(&self, recipient: &str) -> rusqlite::Result<Vec<Disclosure>> {
        self.0
            .prepare_cached(
                "SELECT contact, recipient, name, kind, fields FROM disclosure WHERE recipient = ?1 ORDER BY contact",
            )?
            .query_map([recipient], read)?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Disclosure> {
    Ok(Disclosure {
        contact: row.get(0)?,
        recipient: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        fields: serde_json::from_str(row.get_ref(4)?.as_str()?).map_err(|error| unreadable(4, error))?,
    })
}

impl Tx<'_> {
    /// Keeps that fields of a contact are sent to a remote now. Before they are: a value whose
    /// answer was lost may have arrived. Not part of the history: what was told stays told.
    pub fn disclose<'f>(
        &mut self,
        contact: ContactRow,
        to: &Remote,
        fields: impl IntoIterator<Item = &'f String>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT fields FROM disclosure WHERE contact = ?1 AND recipient = ?2")?
            .query_row(params![contact, to.id], |row| row.get(0))
            .optional()?;
        let mut all: BTreeMap<String, (Millis, Millis)> =
            known.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        for field in fields {
            all.entry(field.clone()).or_insert((now, now)).1 = now;
        }
        if all.is_empty() {
            return Ok(());
        }
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO disclosure (contact, recipient, name, kind, fields)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![contact, to.id, to.name, to.kind, serde_json::to_string(&all).unwrap_or_default()])?;
        Ok(())
    }
}
