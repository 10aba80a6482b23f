//! Clients: the programs that may come in through a door, each with a token of its own. Of the
//! token only a hash is here. A client that is gone stays as a line that says so: what it did
//! names it.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, business, technical},
    write::Tx,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "client_token",
    migrations: &[(
        14,
        "CREATE TABLE client_token (
            id TEXT PRIMARY KEY,                -- cli_…
            name TEXT NOT NULL,
            hash TEXT NOT NULL,                 -- SHA-256 of the whole token
            scopes TEXT NOT NULL,               -- JSON list of words
            fields TEXT NOT NULL,               -- JSON list: what it is told of whom it proved to speak with
            purpose TEXT NOT NULL,              -- key of the purpose it serves; empty: none
            per_minute INTEGER NOT NULL,        -- requests
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            last_used_at INTEGER,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX client_token_name ON client_token (name) WHERE revoked_at IS NULL",
    )],
    lookups: &[],
    columns: &[
        technical("id"),
        business("name"),
        technical("hash"),
        business("scopes"),
        business("fields"),
        business("purpose"),
        business("per_minute"),
        technical("created_at"),
        technical("expires_at"),
        technical("last_used_at"),
        technical("revoked_at"),
    ],
};

/// A program that may come in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// `cli_…`
    pub id: String,
    /// What people call it.
    pub name: String,
    /// SHA-256 of its token, in hexadecimal digits.
    pub hash: String,
    /// What it may do, by words.
    pub scopes: Vec<String>,
    /// Fields it is told of whom it proved to speak with.
    pub fields: Vec<String>,
    /// Key of the purpose it serves: it sees nobody who may not be used for that; empty for none.
    pub purpose: String,
    /// Requests it may make in a minute.
    pub per_minute: u32,
    /// When it was made.
    pub created_at: Millis,
    /// From when on its token does not count.
    pub expires_at: Option<Millis>,
    /// When it was last here, to the minute.
    pub last_used_at: Option<Millis>,
    /// Since when its token does not count any more.
    pub revoked_at: Option<Millis>,
}

const COLUMNS: &str =
    "id, name, hash, scopes, fields, purpose, per_minute, created_at, expires_at, last_used_at, revoked_at";

/// Reads.
pub struct Clients<'c>(pub(crate) &'c Connection);

impl Clients<'_> {
    /// All of them, those that are gone too, in the order they were made.
    pub fn all(&self) -> rusqlite::Result<Vec<Client>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM client_token ORDER BY created_at, id"))?
            .query_map([], read)?
            .collect()
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> rusqlite::Result<Option<Client>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM client_token WHERE id = ?1"))?
            .query_row([id], read)
            .optional()
    }

    /// The one with this id, or the one of this name whose token was not taken away.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<Client>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM client_token WHERE id = ?1 OR (name = ?1 AND revoked_at IS NULL)
                  ORDER BY id = ?1 DESC LIMIT 1"
            ))?
            .query_row([name], read)
            .optional()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Client> {
    let words = |at: usize| -> rusqlite::Result<Vec<String>> {
        serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|error| unreadable(at, error))
    };
    let time = |at: usize| -> rusqlite::Result<Option<Millis>> { Ok(row.get::<_, Option<i64>>(at)?.map(Millis)) };
    Ok(Client {
        id: row.get(0)?,
        name: row.get(1)?,
        hash: row.get(2)?,
        scopes: words(3)?,
        fields: words(4)?,
        purpose: row.get(5)?,
        per_minute: row.get(6)?,
        created_at: Millis(row.get(7)?),
        expires_at: time(8)?,
        last_used_at: time(9)?,
        revoked_at: time(10)?,
    })
}

impl Tx<'_> {
    /// Keeps a client: a new one, or what is said of the one with its id.
    pub fn put_client(&mut self, client: &Client) -> Result<(), StoreError> {
        let list = |words: &[String]| serde_json::to_string(words).unwrap_or_default();
        self.db
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO client_token ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
            ))?
            .execute(params![
                client.id,
                client.name,
                client.hash,
                list(&client.scopes),
                list(&client.fields),
                client.purpose,
                client.per_minute,
                client.created_at.0,
                client.expires_at.map(|at| at.0),
                client.last_used_at.map(|at| at.0),
                client.revoked_at.map(|at| at.0)
            ])?;
        self.touched.settings = true;
        Ok(())
    }

    /// A client was here. Nobody is told: it happens all the time.
    pub fn note_client(&mut self, id: &str, at: Millis) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE client_token SET last_used_at = ?2 WHERE id = ?1 AND ifnull(last_used_at, 0) < ?2")?
            .execute(params![id, at.0])?;
        Ok(())
    }
}
