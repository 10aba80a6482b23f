//! Tags: a dictionary, and which contact has which, in the order they were put.

use crate::contact::ContactRow;
use crate::inventory::{Table, business, derived, subject};
use crate::statements::{Statement, Statements};
use cardfile_domain::{privacy::Privacy::About, text::fold_label};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) const TABLE: Table = Table {
    name: "tag",
    migrations: &[(
        1,
        "CREATE TABLE tag (
            tag INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            key TEXT NOT NULL UNIQUE            -- folded: Lead and lead are one tag
        ) STRICT",
    )],
    lookups: &[],
    columns: &[business("tag"), business("name"), business("key")],
};

pub(crate) const CONTACT_TAG: Table = Table {
    name: "contact_tag",
    migrations: &[(
        1,
        "CREATE TABLE contact_tag (
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            pos INTEGER NOT NULL,
            tag INTEGER NOT NULL REFERENCES tag (tag),
            PRIMARY KEY (contact, pos)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[("contact_tag_tag", "CREATE INDEX contact_tag_tag ON contact_tag (tag)")],
    columns: &[derived("contact"), derived("pos"), subject("tag", About)],
};

pub(crate) const SCAN: &str =
    "SELECT ct.contact, t.name FROM contact_tag ct CROSS JOIN tag t USING (tag) ORDER BY ct.contact, ct.pos";

/// What is compared.
pub(crate) fn key(name: &str) -> String {
    fold_label(name)
}

/// Reads.
pub struct Tags<'c>(pub(crate) &'c Connection);

impl Tags<'_> {
    /// All tags, number and name, in the alphabet. How many contacts have them
    /// the memory index knows: counting here would visit every contact.
    pub fn all(&self) -> rusqlite::Result<Vec<(i64, String)>> {
        self.0
            .prepare_cached("SELECT tag, name FROM tag ORDER BY key")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// The number and the shown name of a tag, however it is typed.
    pub fn find(&self, name: &str) -> rusqlite::Result<Option<(i64, String)>> {
        self.0
            .prepare_cached("SELECT tag, name FROM tag WHERE key = ?1")?
            .query_row([key(name)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    }

    /// The tags of a contact in the order they were put.
    pub fn of_contact(&self, contact: ContactRow) -> rusqlite::Result<Vec<String>> {
        names_of(self.0, contact)
    }

    /// The places of the contacts that have a tag.
    pub fn contacts(&self, tag: i64) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT contact FROM contact_tag WHERE tag = ?1 ORDER BY contact")?
            .query_map([tag], |row| row.get(0))?
            .collect()
    }
}

pub(crate) fn names_of(db: &Connection, contact: ContactRow) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT t.name FROM contact_tag ct JOIN tag t USING (tag) WHERE ct.contact = ?1 ORDER BY ct.pos")?
        .query_map([contact], |row| row.get(0))?
        .collect()
}

/// The numbers of a contact's tags in the order they were put.
pub(crate) fn numbers_of(statements: &mut Statements<'_>, contact: ContactRow) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT tag FROM contact_tag WHERE contact = ?1 ORDER BY pos";
    statements.of(Statement::ReadTags, sql)?.query_map([contact], |row| row.get(0))?.collect()
}

/// Takes the tags of a contact away from this place on.
pub(crate) fn delete_from(statements: &mut Statements<'_>, contact: ContactRow, pos: usize) -> rusqlite::Result<()> {
    let sql = "DELETE FROM contact_tag WHERE contact = ?1 AND pos >= ?2";
    statements.of(Statement::DeleteTags, sql)?.execute(params![contact, pos])?;
    Ok(())
}

pub(crate) fn put(statements: &mut Statements<'_>, contact: ContactRow, pos: usize, tag: i64) -> rusqlite::Result<()> {
    statements
        .of(Statement::InsertTag, "INSERT INTO contact_tag (contact, pos, tag) VALUES (?1, ?2, ?3)")?
        .execute(params![contact, pos, tag])?;
    Ok(())
}
