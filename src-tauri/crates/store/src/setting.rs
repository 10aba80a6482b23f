//! Settings of the workspace: one JSON value per key.

use crate::contact::unreadable;
use crate::inventory::{Table, business};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "setting",
    migrations: &[(
        1,
        "CREATE TABLE setting (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL                 -- JSON
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[business("key"), business("value")],
};

/// Reads.
pub struct Settings<'c>(pub(crate) &'c Connection);

impl Settings<'_> {
    /// One setting, `None` when it was never set.
    pub fn get(&self, key: &str) -> rusqlite::Result<Option<Value>> {
        let text: Option<String> = self
            .0
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        text.map(|json| serde_json::from_str(&json)).transpose().map_err(|error| unreadable(0, error))
    }

    /// All settings whose key begins so.
    pub fn with_prefix(&self, prefix: &str) -> rusqlite::Result<Vec<(String, Value)>> {
        self.0
            .prepare_cached("SELECT key, value FROM setting WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key")?
            .query_map([prefix], |row| {
                let json: String = row.get(1)?;
                Ok((row.get(0)?, serde_json::from_str(&json).map_err(|error| unreadable(1, error))?))
            })?
            .collect()
    }
}

pub(crate) fn set(db: &Connection, key: &str, value: &Value) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, value.to_string()])?;
    Ok(())
}
