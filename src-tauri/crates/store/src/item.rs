//! Further values of multi-valued fields: the second email, addresses, handles.
//! The primary email and phone are in the contact's own row.

use crate::contact::{ContactRow, Stored, some, unreadable};
use crate::inventory::{Table, derived, subject};
use cardfile_domain::{Contact, Item, privacy::Privacy::Contact as Reach};
use rusqlite::{Connection, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "contact_item",
    migrations: &[(
        1,
        "CREATE TABLE contact_item (
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            field TEXT NOT NULL CHECK (field IN ('email', 'phone', 'handle', 'address', 'url', 'date')),
            pos INTEGER NOT NULL,
            label TEXT,
            value TEXT NOT NULL,
            key TEXT,
            parts TEXT,                         -- JSON object with the parts of an address
            PRIMARY KEY (contact, field, pos)
        ) STRICT, WITHOUT ROWID",
    )],
    lookups: &[
        ("item_key", "CREATE INDEX item_key ON contact_item (key) WHERE key IS NOT NULL"),
        ("item_handle", "CREATE INDEX item_handle ON contact_item (value) WHERE field = 'handle'"),
    ],
    columns: &[
        derived("contact"),
        derived("field"),
        derived("pos"),
        subject("label", Reach),
        subject("value", Reach),
        derived("key"),
        subject("parts", Reach),
    ],
};

pub(crate) const SCAN: &str =
    "SELECT contact, field, label, value, key, parts FROM contact_item ORDER BY contact, field, pos";

/// The lists of a contact with the names they are stored under, and how many
/// of their items are in the contact's own row.
fn lists(contact: &Contact) -> [(&'static str, &[Item], usize); 6] {
    [
        ("address", &contact.addresses, 0),
        ("date", &contact.dates, 0),
        ("email", &contact.emails, 1),
        ("handle", &contact.handles, 0),
        ("phone", &contact.phones, 1),
        ("url", &contact.urls, 0),
    ]
}

/// Adds a row of [`SCAN`] to its contact.
pub(crate) fn push(contact: &mut Contact, row: &Row<'_>) -> rusqlite::Result<()> {
    let parts: Option<String> = row.get(5)?;
    let item = Item {
        label: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        value: row.get(3)?,
        key: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        address: parts.map(|json| serde_json::from_str(&json)).transpose().map_err(|e| unreadable(5, e))?,
    };
    contact.items_mut(row.get_ref(1)?.as_str()?).push(item);
    Ok(())
}

pub(crate) fn read_into(db: &Connection, stored: &mut Stored) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT contact, field, label, value, key, parts FROM contact_item WHERE contact = ?1 ORDER BY field, pos",
    )?;
    let mut rows = statement.query([stored.row])?;
    while let Some(row) = rows.next()? {
        push(&mut stored.contact, row)?;
    }
    Ok(())
}

pub(crate) fn insert_all(db: &Connection, row: ContactRow, contact: &Contact) -> rusqlite::Result<()> {
    for (field, items, in_row) in lists(contact) {
        for (pos, item) in items.iter().enumerate().skip(in_row) {
            let parts = item.address.as_ref().map(|a| serde_json::to_string(a).unwrap_or_default());
            db.prepare_cached(
                "INSERT INTO contact_item (contact, field, pos, label, value, key, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![row, field, pos, some(&item.label), item.value, some(&item.key), parts])?;
        }
    }
    Ok(())
}

/// Whether the two differ in what this table holds.
pub(crate) fn differ(before: &Contact, after: &Contact) -> bool {
    lists(before).iter().zip(lists(after)).any(|((_, old, skip), (_, new, _))| {
        old.get(*skip..).unwrap_or_default() != new.get(*skip..).unwrap_or_default()
    })
}

pub(crate) fn delete_all(db: &Connection, row: ContactRow) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM contact_item WHERE contact = ?1")?.execute([row])?;
    Ok(())
}
