//! Remotes: the configured outside systems, and how far each of them was read.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, business, technical},
    write::Tx,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "remote",
    migrations: &[(
        7,
        "CREATE TABLE remote (
            remote INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,                 -- which connector
            settings TEXT NOT NULL,             -- JSON: address, user, mapping; never a credential
            identity TEXT,                      -- the store behind the address, once it was met
            cursor TEXT,                        -- nothing: everything is to be listed
            seen INTEGER,                       -- changes up to here were looked at; nothing: all contacts are to be
            stamp INTEGER NOT NULL,             -- number of the latest write
            asked TEXT,                         -- JSON: questions that wait for a person
            agreed TEXT,                        -- JSON: questions to which a person agreed
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("remote"),
        technical("id"),
        business("name"),
        business("kind"),
        business("settings"),
        business("identity"),
        technical("cursor"),
        technical("seen"),
        technical("stamp"),
        technical("asked"),
        technical("agreed"),
        technical("created_at"),
        technical("epoch"),
        technical("device"),
    ],
};

/// Number of a remote in this workspace.
pub type RemoteRow = i64;

/// A configured outside system.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Remote {
    /// Its number; 0 before it is kept.
    pub row: RemoteRow,
    /// Its id, `rem_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Which connector speaks to it.
    pub kind: String,
    /// What the connector and the mapping need; never a credential.
    pub settings: Value,
    /// The store behind the address, once it was met.
    pub identity: Option<String>,
    /// Where to read on; nothing when everything is to be listed.
    pub cursor: Option<String>,
    /// Changes up to this number were looked at; nothing when all contacts are to be.
    pub seen: Option<i64>,
    /// Number of the latest write.
    pub stamp: u64,
    /// Questions that wait for a person; null for none.
    pub asked: Value,
    /// Questions to which a person agreed; null for none.
    pub agreed: Value,
    /// Since when it is configured.
    pub created_at: Millis,
    /// Where a team shares it, how often its lease was taken up to ours: given by
    /// [`Tx::bridge`] alone.
    pub epoch: Option<i64>,
    /// What the team is called in its records.
    pub device: Option<String>,
}

const COLUMNS: &str =
    "remote, id, name, kind, settings, identity, cursor, seen, stamp, asked, agreed, created_at, epoch,
                       device";

/// Reads.
pub struct Remotes<'c>(pub(crate) &'c Connection);

impl Remotes<'_> {
    /// All, in the order of their names.
    pub fn all(&self) -> rusqlite::Result<Vec<Remote>> {
        self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM remote ORDER BY name"))?.query_map([], read)?.collect()
    }

    /// One.
    pub fn get(&self, row: RemoteRow) -> rusqlite::Result<Option<Remote>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM remote WHERE remote = ?1"))?
            .query_row([row], read)
            .optional()
    }

    /// The one with this name or id.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<Remote>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM remote WHERE name = ?1 OR id = ?1"))?
            .query_row([name], read)
            .optional()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Remote> {
    let json = |at: usize| -> rusqlite::Result<Value> {
        let text: Option<String> = row.get(at)?;
        text.map_or(Ok(Value::Null), |text| serde_json::from_str(&text).map_err(|error| unreadable(at, error)))
    };
    Ok(Remote {
        row: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        settings: json(4)?,
        identity: row.get(5)?,
        cursor: row.get(6)?,
        seen: row.get(7)?,
        stamp: row.get(8)?,
        asked: json(9)?,
        agreed: json(10)?,
        created_at: Millis(row.get(11)?),
        epoch: row.get(12)?,
        device: row.get(13)?,
    })
}

impl Tx<'_> {
    /// Keeps a remote: a new one when its number is 0, else in place of what was known.
    /// Gives its number. What a remote is set to is not part of the history.
    pub fn put_remote(&mut self, remote: &Remote) -> Result<RemoteRow, StoreError> {
        let json = |value: &Value| (!value.is_null()).then(|| value.to_string());
        self.db
            .prepare_cached(
                "INSERT INTO remote (remote, id, name, kind, settings, identity, cursor, seen, stamp, asked, agreed,
                                     created_at)
                 VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (remote) DO UPDATE SET name = excluded.name, settings = excluded.settings,
                     identity = excluded.identity, cursor = excluded.cursor, seen = excluded.seen,
                     stamp = excluded.stamp, asked = excluded.asked, agreed = excluded.agreed",
            )?
            .execute(params![
                remote.row,
                remote.id,
                remote.name,
                remote.kind,
                remote.settings.to_string(),
                remote.identity,
                remote.cursor,
                remote.seen,
                remote.stamp,
                json(&remote.asked),
                json(&remote.agreed),
                remote.created_at.0
            ])?;
        self.touched.sync = true;
        Ok(if remote.row == 0 { self.db.last_insert_rowid() } else { remote.row })
    }

    /// Takes a remote away with everything that is known of it. The contacts stay.
    pub fn delete_remote(&mut self, row: RemoteRow) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM remote WHERE remote = ?1", [row])?;
        self.touched.sync = true;
        Ok(())
    }
}
