//! The export log: which file left the workspace, when and with what in it.
//! Written when the file has its name; never edited.

use crate::inventory::{Erased, Table, history, technical};
use cardfile_domain::Millis;
use rusqlite::{Connection, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "export_log",
    migrations: &[
        (
            2,
            "CREATE TABLE export_log (
            export INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            origin TEXT NOT NULL,
            file TEXT NOT NULL,
            format TEXT NOT NULL,
            what TEXT NOT NULL,                 -- which contacts, in the words of the request
            columns TEXT,
            contacts INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL
        ) STRICT",
        ),
        (
            6,
            "ALTER TABLE export_log ADD COLUMN expires_at INTEGER; -- when the file is to be deleted
        ALTER TABLE export_log ADD COLUMN deleted_at INTEGER; -- when it was",
        ),
    ],
    lookups: &[],
    columns: &[
        technical("export"),
        technical("at"),
        technical("actor"),
        technical("origin"),
        technical("file"),
        technical("format"),
        // A filter may name a person.
        history("what", Erased::Blanked),
        technical("columns"),
        technical("contacts"),
        technical("bytes"),
        technical("sha256"),
        technical("expires_at"),
        technical("deleted_at"),
    ],
};

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportEntry {
    /// When it was complete.
    pub at: Millis,
    /// By whom.
    pub actor: String,
    /// Through which door.
    pub origin: String,
    /// Where it was written.
    pub file: String,
    /// `csv`, `vcard` or `ndjson`.
    pub format: String,
    /// Which contacts, in the words of the request; empty means all.
    pub what: String,
    /// Columns in order, with commas; empty where the format has none.
    pub columns: String,
    /// How many.
    pub contacts: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Hash of the file.
    pub sha256: String,
    /// When the file is to be deleted.
    pub expires_at: Option<Millis>,
    /// When it was.
    pub deleted_at: Option<Millis>,
}

/// Reads.
pub struct ExportLog<'c>(pub(crate) &'c Connection);

impl ExportLog<'_> {
    /// The latest exports, newest first.
    pub fn latest(&self, limit: u32) -> rusqlite::Result<Vec<ExportEntry>> {
        self.0
            .prepare_cached(
                "SELECT at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at, deleted_at
                   FROM export_log ORDER BY export DESC LIMIT ?1",
            )?
            .query_map([limit], read)?
            .collect()
    }

    /// Exports whose files are to be deleted by now, and their numbers.
    pub fn expired(&self, now: Millis) -> rusqlite::Result<Vec<(i64, ExportEntry)>> {
        self.0
            .prepare_cached(
                "SELECT at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at, deleted_at,
                        export
                   FROM export_log WHERE expires_at <= ?1 AND deleted_at IS NULL",
            )?
            .query_map([now.0], |row| Ok((row.get(12)?, read(row)?)))?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ExportEntry> {
    Ok(ExportEntry {
        at: Millis(row.get(0)?),
        actor: row.get(1)?,
        origin: row.get(2)?,
        file: row.get(3)?,
        format: row.get(4)?,
        what: row.get(5)?,
        columns: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
        contacts: row.get(7)?,
        bytes: row.get(8)?,
        sha256: row.get(9)?,
        expires_at: row.get::<_, Option<i64>>(10)?.map(Millis),
        deleted_at: row.get::<_, Option<i64>>(11)?.map(Millis),
    })
}

pub(crate) fn insert(db: &Connection, entry: &ExportEntry) -> rusqlite::Result<()> {
    // What was said of an older file of this name does not hold for this one.
    db.execute("UPDATE export_log SET expires_at = NULL WHERE file = ?1 AND deleted_at IS NULL", [&entry.file])?;
    db.prepare_cached(
        "INSERT INTO export_log (at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        entry.at.0,
        entry.actor,
        entry.origin,
        entry.file,
        entry.format,
        entry.what,
        entry.columns,
        entry.contacts,
        entry.bytes,
        entry.sha256,
        entry.expires_at.map(|at| at.0)
    ])?;
    Ok(())
}

/// The file of an export is gone; or, without a time, it is another by now and stays.
pub(crate) fn set_deleted(db: &Connection, export: i64, at: Option<Millis>) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE export_log SET deleted_at = ?2, expires_at = iif(?2 IS NULL, NULL, expires_at) WHERE export = ?1",
        params![export, at.map(|at| at.0)],
    )?;
    Ok(())
}
