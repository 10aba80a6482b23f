//! Leads that wait: what another program told of somebody who may be here already. A person
//! says whether they are. What is never kept was taken out before.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Erased, Table, business, history, technical},
    write::Tx,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

pub(crate) const TABLE: Table = Table {
    name: "lead",
    migrations: &[(
        14,
        "CREATE TABLE lead (
            id TEXT PRIMARY KEY,                -- led_…
            source TEXT NOT NULL,
            body TEXT NOT NULL,                 -- JSON object, as it was told
            at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[technical("id"), business("source"), history("body", Erased::WithContact), technical("at")],
};

/// A lead that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    /// `led_…`
    pub id: String,
    /// Which program told it.
    pub source: String,
    /// What was told.
    pub body: Map<String, Value>,
    /// When.
    pub at: Millis,
}

/// Reads.
pub struct Leads<'c>(pub(crate) &'c Connection);

impl Leads<'_> {
    /// Those that wait, the latest first.
    pub fn waiting(&self, limit: u32) -> rusqlite::Result<Vec<Lead>> {
        self.0
            .prepare_cached("SELECT id, source, body, at FROM lead ORDER BY at DESC, id DESC LIMIT ?1")?
            .query_map([limit], read)?
            .collect()
    }

    /// How many wait.
    pub fn count(&self) -> rusqlite::Result<u32> {
        self.0.query_row("SELECT count(*) FROM lead", [], |row| row.get(0))
    }

    /// One by its id.
    pub fn get(&self, id: &str) -> rusqlite::Result<Option<Lead>> {
        self.0.prepare_cached("SELECT id, source, body, at FROM lead WHERE id = ?1")?.query_row([id], read).optional()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Lead> {
    Ok(Lead {
        id: row.get(0)?,
        source: row.get(1)?,
        body: serde_json::from_str(row.get_ref(2)?.as_str()?).map_err(|error| unreadable(2, error))?,
        at: Millis(row.get(3)?),
    })
}

impl Tx<'_> {
    /// Keeps a lead until a person looked at it. Gives its id; the same told again is the one
    /// that waits.
    pub fn put_lead(&mut self, source: &str, body: &Map<String, Value>, at: Millis) -> Result<String, StoreError> {
        let text = serde_json::to_string(body).unwrap_or_default();
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT id FROM lead WHERE source = ?1 AND body = ?2")?
            .query_row([source, &text], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let id = self.new_id("led_");
        self.db
            .prepare_cached("INSERT INTO lead (id, source, body, at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, source, text, at.0])?;
        self.touched.parts = true;
        Ok(id)
    }

    /// Takes a lead away: it was decided, or is of somebody who was erased.
    pub fn drop_lead(&mut self, id: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM lead WHERE id = ?1")?.execute([id])?;
        self.touched.parts = true;
        Ok(())
    }
}
