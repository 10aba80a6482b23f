//! Links: the external IDs of a contact, unique per connector and scope.

use crate::contact::{ContactRow, some};
use crate::inventory::{Table, derived, subject};
use cardfile_domain::{Link, privacy::Privacy::Identifying};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "link",
    migrations: &[(
        1,
        "CREATE TABLE link (
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            pos INTEGER NOT NULL,
            connector TEXT NOT NULL,
            scope TEXT NOT NULL DEFAULT '',
            external_id TEXT NOT NULL CHECK (external_id <> ''),
            PRIMARY KEY (contact, pos),
            UNIQUE (external_id, connector, scope)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[],
    columns: &[
        derived("contact"),
        derived("pos"),
        subject("connector", Identifying),
        subject("scope", Identifying),
        subject("external_id", Identifying),
    ],
};

pub(crate) const SCAN: &str = "SELECT contact, connector, scope, external_id FROM link ORDER BY contact, pos";

/// Reads.
pub struct Links<'c>(pub(crate) &'c Connection);

impl Links<'_> {
    /// The contact a remote knows by this external ID, byte for byte.
    pub fn contact_of(&self, link: &Link) -> rusqlite::Result<Option<ContactRow>> {
        self.0
            .prepare_cached("SELECT contact FROM link WHERE external_id = ?1 AND connector = ?2 AND scope = ?3")?
            .query_row([&link.external_id, &link.connector, &link.scope], |row| row.get(0))
            .optional()
    }

    /// The contacts that have an external ID beginning with this text, at most `limit`.
    pub fn contacts_of_prefix(&self, prefix: &str, limit: u32) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT contact FROM link WHERE external_id >= ?1 AND external_id < ?1 || char(1114111) LIMIT ?2",
            )?
            .query_map(params![prefix, limit], |row| row.get(0))?
            .collect()
    }

    /// External IDs that say the same but for capitals, blanks, dashes and
    /// leading zeros, at any remote, at most `limit`. Reads all of them: for a
    /// person who asks why, not for a loop.
    pub fn alike(&self, external_id: &str, limit: u32) -> rusqlite::Result<Vec<(ContactRow, Link)>> {
        let bare = |text: &str| {
            let text = cardfile_domain::text::fold(text);
            let text: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            text.trim_start_matches('0').to_owned()
        };
        let wanted = bare(external_id);
        let mut statement = self.0.prepare_cached("SELECT contact, connector, scope, external_id FROM link")?;
        let (mut rows, mut found) = (statement.query([])?, Vec::new());
        while let Some(row) = rows.next()?
            && !wanted.is_empty()
            && found.len() < limit as usize
        {
            if bare(row.get_ref(3)?.as_str()?) == wanted {
                found.push((row.get(0)?, read(row, 1)?));
            }
        }
        Ok(found)
    }

    /// All external IDs.
    pub fn each(&self, mut each: impl FnMut(ContactRow, Link)) -> rusqlite::Result<()> {
        let mut statement = self.0.prepare_cached(SCAN)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, read(row, 1)?);
        }
        Ok(())
    }

    /// The contacts with this external ID at any remote.
    pub fn contacts_of(&self, external_id: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached("SELECT contact FROM link WHERE external_id = ?1 ORDER BY contact")?
            .query_map([external_id], |row| row.get(0))?
            .collect()
    }
}

pub(crate) fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Link> {
    Ok(Link { connector: row.get(from)?, scope: row.get(from + 1)?, external_id: row.get(from + 2)? })
}

pub(crate) fn of(db: &Connection, contact: ContactRow) -> rusqlite::Result<Vec<Link>> {
    db.prepare_cached("SELECT connector, scope, external_id FROM link WHERE contact = ?1 ORDER BY pos")?
        .query_map([contact], |row| read(row, 0))?
        .collect()
}

pub(crate) fn replace_all(db: &Connection, contact: ContactRow, links: &[Link]) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM link WHERE contact = ?1")?.execute([contact])?;
    insert_all(db, contact, links)
}

pub(crate) fn insert_all(db: &Connection, contact: ContactRow, links: &[Link]) -> rusqlite::Result<()> {
    for (pos, link) in links.iter().enumerate() {
        db.prepare_cached(
            "INSERT INTO link (contact, pos, connector, scope, external_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![contact, pos, link.connector, some(&link.scope).unwrap_or(""), link.external_id])?;
    }
    Ok(())
}
