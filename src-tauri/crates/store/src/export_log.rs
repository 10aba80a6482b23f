//! The export log: which file left the workspace, when and with what in it.
//! Written before the file has its name; what it says of the file is never edited.

use crate::contact::ContactRow;
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
        (10, "ALTER TABLE export_log ADD COLUMN members BLOB; -- which contacts: see Members; NULL: nobody knows"),
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
        // Places of contacts, and nothing of who they are; none is used twice.
        technical("members"),
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
    /// Which contacts.
    pub members: Members,
}

/// Which contacts an export took out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Members {
    /// Nobody knows: it was made before this was kept.
    #[default]
    Unknown,
    /// Everybody who stood in the list then.
    Everybody,
    /// These places, ascending.
    These(Vec<ContactRow>),
}

impl Members {
    /// As it is stored: one byte says which, then runs of places, each as its distance from the
    /// last one and its length, in numbers of seven bits a byte. A million contacts of one
    /// import are a few bytes.
    fn to_bytes(&self) -> Option<Vec<u8>> {
        let rows = match self {
            Self::Unknown => return None,
            Self::Everybody => return Some(vec![0]),
            Self::These(rows) => rows,
        };
        let mut bytes = vec![1];
        let mut end = 0;
        for run in rows.chunk_by(|one, next| one + 1 == *next) {
            put(&mut bytes, run[0] - end);
            put(&mut bytes, run.len() as u32);
            end = run[run.len() - 1];
        }
        Some(bytes)
    }

    fn of_bytes(bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some([0]) => Self::Everybody,
            Some([1, rest @ ..]) => {
                let (mut rows, mut end, mut rest) = (Vec::new(), 0u32, rest);
                while let (Some(gap), Some(length)) = (take(&mut rest), take(&mut rest)) {
                    let first = end.saturating_add(gap);
                    let after = first.saturating_add(length);
                    rows.extend(first..after);
                    end = after.saturating_sub(1);
                }
                Self::These(rows)
            }
            _ => Self::Unknown,
        }
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads.
pub struct ExportLog<'c>(pub(crate) &'c Connection);

impl ExportLog<'_> {
    /// The latest exports, newest first.
    pub fn latest(&self, limit: u32) -> rusqlite::Result<Vec<ExportEntry>> {
        self.0
            .prepare_cached(
                "SELECT at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at, deleted_at,
                        members
                   FROM export_log ORDER BY export DESC LIMIT ?1",
            )?
            .query_map([limit], read)?
            .collect()
    }

    /// All exports, oldest first, with their numbers.
    pub fn all(&self) -> rusqlite::Result<Vec<(i64, ExportEntry)>> {
        self.0
            .prepare_cached(
                "SELECT at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at, deleted_at,
                        members, export
                   FROM export_log ORDER BY export",
            )?
            .query_map([], |row| Ok((row.get(13)?, read(row)?)))?
            .collect()
    }

    /// Exports whose files are to be deleted by now, and their numbers.
    pub fn expired(&self, now: Millis) -> rusqlite::Result<Vec<(i64, ExportEntry)>> {
        self.0
            .prepare_cached(
                "SELECT at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at, deleted_at,
                        members, export
                   FROM export_log WHERE expires_at <= ?1 AND deleted_at IS NULL",
            )?
            .query_map([now.0], |row| Ok((row.get(13)?, read(row)?)))?
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
        members: Members::of_bytes(row.get_ref(12)?.as_blob_or_null()?),
    })
}

/// A file that is about to leave. Gives its number.
pub(crate) fn insert(db: &Connection, entry: &ExportEntry) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO export_log (at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at,
                                 members)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
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
        entry.expires_at.map(|at| at.0),
        entry.members.to_bytes()
    ])?;
    Ok(db.last_insert_rowid())
}

/// It left. What was said of an older file of this name does not hold for this one.
pub(crate) fn settle(db: &Connection, export: i64) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE export_log SET expires_at = NULL
          WHERE export <> ?1 AND deleted_at IS NULL AND file = (SELECT file FROM export_log WHERE export = ?1)",
        [export],
    )?;
    Ok(())
}

/// It did not leave after all.
pub(crate) fn forget(db: &Connection, export: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM export_log WHERE export = ?1", [export])?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_members_of_an_export_are_read_as_they_were_kept(
            mut rows in proptest::collection::vec(0u32..5_000_000, 0..200), run in 0u32..50,
        ) {
            rows.extend((0..run).map(|n| 7_000 + n));
            rows.sort_unstable();
            rows.dedup();
            let members = Members::These(rows);
            prop_assert_eq!(Members::of_bytes(members.to_bytes().as_deref()), members);
        }
    }

    #[test]
    fn everybody_is_one_byte_and_a_million_of_one_import_are_few() {
        for members in [Members::Unknown, Members::Everybody] {
            assert_eq!(Members::of_bytes(members.to_bytes().as_deref()), members);
        }
        let all = Members::These((1..1_000_001).collect());
        assert!(all.to_bytes().is_some_and(|bytes| bytes.len() < 10));
    }
}
