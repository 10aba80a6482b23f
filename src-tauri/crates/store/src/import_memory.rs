//! What earlier imports brought in, for records that have neither an id nor an
//! email: a hash of all mapped values and the contact that came of it. Without
//! it the same file dropped twice would make those contacts twice.

use crate::contact::ContactRow;
use crate::inventory::{Table, derived};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) const TABLE: Table = Table {
    name: "import_memory",
    migrations: &[(
        1,
        "CREATE TABLE import_memory (
            hash BLOB PRIMARY KEY,              -- first 16 bytes of SHA-256
            contact INTEGER NOT NULL            -- may be gone; places are never used twice
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[("import_memory_contact", "CREATE INDEX import_memory_contact ON import_memory (contact)")],
    columns: &[derived("hash"), derived("contact")],
};

/// Hash of a record's mapped values.
pub type RecordHash = [u8; 16];

/// Reads.
pub struct ImportMemory<'c>(pub(crate) &'c Connection);

impl ImportMemory<'_> {
    /// The living contact that the same record made before.
    pub fn contact_of(&self, hash: &RecordHash) -> rusqlite::Result<Option<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT contact FROM import_memory WHERE hash = ?1 AND contact IN (SELECT row FROM contact)",
            )?
            .query_row([&hash[..]], |row| row.get(0))
            .optional()
    }
}

pub(crate) fn remember(db: &Connection, hash: &RecordHash, contact: ContactRow) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO import_memory (hash, contact) VALUES (?1, ?2)")?
        .execute(params![&hash[..], contact])?;
    Ok(())
}
