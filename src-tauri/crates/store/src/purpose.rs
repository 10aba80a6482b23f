//! Purposes and the wordings they are asked with. Settings of the workspace: no history,
//! but an entry of the audit log for each change. A purpose that was used is never deleted,
//! and a wording never changed: consents name them.

use crate::{
    error::StoreError,
    inventory::{Table, business, technical},
    keyslots::hex,
    write::Tx,
};
use cardfile_domain::{
    Millis,
    consent::{Basis, Purpose, Wording},
    text::fold_label,
};
use rusqlite::{Connection, Row, params};
use sha2::{Digest, Sha256};

pub(crate) const TABLE: Table = Table {
    name: "purpose",
    migrations: &[(
        11,
        "CREATE TABLE purpose (
            id TEXT PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,           -- never changed
            name TEXT NOT NULL,
            basis TEXT NOT NULL,
            is_marketing INTEGER NOT NULL,
            description TEXT NOT NULL,
            ground TEXT NOT NULL,
            subjects TEXT NOT NULL,
            data TEXT NOT NULL,
            kept_for TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            retired_at INTEGER
        ) STRICT;
        -- What a program means that says no more than that consent was given.
        INSERT INTO purpose (id, key, name, basis, is_marketing, description, ground, subjects, data, kept_for,
                             created_at)
        VALUES ('pur_' || substr(lower(hex(randomblob(16))), 1, 26), 'contact', 'Contact data', 'consent', 0, '', '',
                '', '', '', unixepoch() * 1000);
        -- What consents and field maps named before there was a register.
        INSERT OR IGNORE INTO purpose (id, key, name, basis, is_marketing, description, ground, subjects, data,
                                       kept_for, created_at)
        SELECT 'pur_' || substr(lower(hex(randomblob(16))), 1, 26), word, word, 'consent', 0, '', '', '', '', '',
               unixepoch() * 1000
          FROM (SELECT purpose AS word FROM consent
                UNION
                SELECT rule.value ->> '$.purpose' FROM remote r, json_each(r.settings, '$.mapping') rule)
         WHERE word GLOB '[a-z]*' AND word NOT GLOB '*[^a-z0-9_-]*' AND length(word) <= 40",
    )],
    lookups: &[],
    columns: &[
        business("id"),
        business("key"),
        business("name"),
        business("basis"),
        business("is_marketing"),
        business("description"),
        business("ground"),
        business("subjects"),
        business("data"),
        business("kept_for"),
        technical("created_at"),
        business("retired_at"),
    ],
};

pub(crate) const WORDING: Table = Table {
    name: "wording",
    migrations: &[(
        11,
        "CREATE TABLE wording (
            purpose TEXT NOT NULL REFERENCES purpose (id),
            version INTEGER NOT NULL,
            language TEXT NOT NULL,
            text TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (purpose, version)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[
        business("purpose"),
        business("version"),
        business("language"),
        business("text"),
        business("sha256"),
        business("at"),
    ],
};

const COLUMNS: &str =
    "id, key, name, basis, is_marketing, description, ground, subjects, data, kept_for, created_at, retired_at";

/// Reads.
pub struct Purposes<'c>(pub(crate) &'c Connection);

impl Purposes<'_> {
    /// All of them, those that were given up too, in the order they were made.
    pub fn all(&self) -> rusqlite::Result<Vec<Purpose>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM purpose ORDER BY created_at, key"))?
            .query_map([], read)?
            .collect()
    }

    /// The one with this id, key or name.
    pub fn named(&self, name: &str) -> rusqlite::Result<Option<Purpose>> {
        let all = self.all()?;
        let by_word = all.iter().position(|one| one.id == name || one.key == name);
        let wanted = fold_label(name);
        let place = by_word.or_else(|| all.iter().position(|one| fold_label(&one.name) == wanted));
        Ok(place.and_then(|place| all.into_iter().nth(place)))
    }

    /// The wordings of a purpose by its id, newest first.
    pub fn wordings(&self, id: &str) -> rusqlite::Result<Vec<Wording>> {
        self.0
            .prepare_cached(
                "SELECT version, language, text, sha256, at FROM wording WHERE purpose = ?1 ORDER BY version DESC",
            )?
            .query_map([id], |row| {
                Ok(Wording {
                    version: row.get(0)?,
                    language: row.get(1)?,
                    text: row.get(2)?,
                    sha256: row.get(3)?,
                    at: Millis(row.get(4)?),
                })
            })?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Purpose> {
    Ok(Purpose {
        id: row.get(0)?,
        key: row.get(1)?,
        name: row.get(2)?,
        // Consent is the strictest: a word of a later version lets nobody be used unasked.
        basis: Basis::parse(row.get_ref(3)?.as_str()?).unwrap_or_default(),
        is_marketing: row.get(4)?,
        description: row.get(5)?,
        ground: row.get(6)?,
        subjects: row.get(7)?,
        data: row.get(8)?,
        kept_for: row.get(9)?,
        created_at: Millis(row.get(10)?),
        retired_at: row.get::<_, Option<i64>>(11)?.map(Millis),
    })
}

impl Tx<'_> {
    /// Keeps a purpose: a new one, or what is said of the one with its key. Gives its id.
    pub fn put_purpose(&mut self, purpose: &Purpose) -> Result<String, StoreError> {
        let id = if purpose.id.is_empty() { self.new_id("pur_") } else { purpose.id.clone() };
        let created_at = if purpose.created_at.0 == 0 { self.now() } else { purpose.created_at };
        self.touched.settings = true;
        Ok(self
            .db
            .prepare_cached(
                "INSERT INTO purpose (id, key, name, basis, is_marketing, description, ground, subjects, data, kept_for,
                                      created_at, retired_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (key) DO UPDATE SET name = excluded.name, basis = excluded.basis,
                     is_marketing = excluded.is_marketing, description = excluded.description,
                     ground = excluded.ground, subjects = excluded.subjects, data = excluded.data,
                     kept_for = excluded.kept_for, retired_at = excluded.retired_at
                 RETURNING id",
            )?
            .query_row(
                params![
                    id,
                    purpose.key,
                    purpose.name,
                    purpose.basis.as_str(),
                    purpose.is_marketing,
                    purpose.description,
                    purpose.ground,
                    purpose.subjects,
                    purpose.data,
                    purpose.kept_for,
                    created_at.0,
                    purpose.retired_at.map(|at| at.0)
                ],
                |row| row.get(0),
            )?)
    }

    /// Adds a wording to a purpose by its id; the same text again is the version it was.
    pub fn add_wording(&mut self, purpose: &str, language: &str, text: &str) -> Result<Wording, StoreError> {
        let sha256 = hex(&Sha256::digest(text.as_bytes()));
        let known = Purposes(self.db).wordings(purpose)?;
        if let Some(known) = known.iter().find(|known| known.sha256 == sha256 && known.language == language) {
            return Ok(known.clone());
        }
        let version = known.first().map_or(0, |latest| latest.version) + 1;
        let wording = Wording { version, language: language.to_owned(), text: text.to_owned(), sha256, at: self.now() };
        self.db
            .prepare_cached(
                "INSERT INTO wording (purpose, version, language, text, sha256, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![purpose, version, language, text, wording.sha256, wording.at.0])?;
        self.touched.settings = true;
        Ok(wording)
    }
}
