//! What clients asked for under a key of their own, so that asking again does nothing twice.
//! Kept for a day: the key and the request as keyed hashes, of the outcome places and numbers.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, technical},
    write::Tx,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "client_deed",
    migrations: &[(
        14,
        "CREATE TABLE client_deed (
            client TEXT NOT NULL,               -- cli_…
            key BLOB NOT NULL,                  -- keyed hash of what the client calls it
            request BLOB NOT NULL,              -- keyed hash of what was asked
            at INTEGER NOT NULL,
            outcome TEXT,                       -- JSON of places and numbers; NULL: at work, or cut off
            PRIMARY KEY (client, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX client_deed_at ON client_deed (at)",
    )],
    lookups: &[],
    columns: &[
        technical("client"),
        technical("key"),
        technical("request"),
        technical("at"),
        // Places are numbers that the log keeps as well.
        technical("outcome"),
    ],
};

/// What was asked under a key.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientDeed {
    /// Keyed hash of the request.
    pub request: Vec<u8>,
    /// When it came.
    pub at: Millis,
    /// What came of it; nothing while it is at work, or when it was cut off.
    pub outcome: Option<Value>,
}

/// Reads.
pub struct ClientDeeds<'c>(pub(crate) &'c Connection);

impl ClientDeeds<'_> {
    /// What a client asked under a key.
    pub fn get(&self, client: &str, key: &[u8]) -> rusqlite::Result<Option<ClientDeed>> {
        self.0
            .prepare_cached("SELECT request, at, outcome FROM client_deed WHERE client = ?1 AND key = ?2")?
            .query_row(params![client, key], |row| {
                let outcome: Option<String> = row.get(2)?;
                Ok(ClientDeed {
                    request: row.get(0)?,
                    at: Millis(row.get(1)?),
                    outcome: outcome
                        .map(|json| serde_json::from_str(&json))
                        .transpose()
                        .map_err(|error| unreadable(2, error))?,
                })
            })
            .optional()
    }
}

impl Tx<'_> {
    /// A client begins something under a key that it did not use before.
    pub fn begin_client_deed(&mut self, client: &str, key: &[u8], request: &[u8]) -> Result<(), StoreError> {
        let now = self.now().0;
        self.db
            .prepare_cached("INSERT INTO client_deed (client, key, request, at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![client, key, request, now])?;
        Ok(())
    }

    /// What came of it.
    pub fn end_client_deed(&mut self, client: &str, key: &[u8], outcome: &Value) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE client_deed SET outcome = ?3 WHERE client = ?1 AND key = ?2")?
            .execute(params![client, key, outcome.to_string()])?;
        Ok(())
    }

    /// Nothing came of it: the key is free again.
    pub fn drop_client_deed(&mut self, client: &str, key: &[u8]) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM client_deed WHERE client = ?1 AND key = ?2")?
            .execute(params![client, key])?;
        Ok(())
    }

    /// Forgets what was asked before a moment.
    pub fn expire_client_deeds(&mut self, before: Millis) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM client_deed WHERE at < ?1")?.execute([before.0])?;
        Ok(())
    }
}
