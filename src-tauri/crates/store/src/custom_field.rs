//! Custom fields: their definitions. Values are in the contact's `custom` JSON.

use crate::contact::unreadable;
use crate::inventory::{Table, business};
use cardfile_domain::{CustomField, CustomKind};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const TABLE: Table = Table {
    name: "custom_field",
    migrations: &[(
        1,
        "CREATE TABLE custom_field (
            field INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            label TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'boolean', 'date', 'choice')),
            options TEXT                        -- JSON array of the words of a choice
        ) STRICT;
        INSERT INTO custom_field (key, label, kind) VALUES
            ('order_ref', 'Order reference', 'text'),
            ('account_ref', 'Account reference', 'text')",
    )],
    lookups: &[],
    columns: &[business("field"), business("key"), business("label"), business("kind"), business("options")],
};

/// Reads.
pub struct CustomFields<'c>(pub(crate) &'c Connection);

impl CustomFields<'_> {
    /// All definitions in the order they were made.
    pub fn all(&self) -> rusqlite::Result<Vec<CustomField>> {
        self.0
            .prepare_cached("SELECT key, label, kind, options FROM custom_field ORDER BY field")?
            .query_map([], read)?
            .collect()
    }

    pub(crate) fn find(&self, key: &str) -> rusqlite::Result<Option<(i64, CustomField)>> {
        self.0
            .prepare_cached("SELECT key, label, kind, options, field FROM custom_field WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get(4)?, read(row)?)))
            .optional()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<CustomField> {
    let options: Option<String> = row.get(3)?;
    Ok(CustomField {
        key: row.get(0)?,
        label: row.get(1)?,
        kind: CustomKind::parse(row.get_ref(2)?.as_str()?).unwrap_or(CustomKind::Text),
        options: options.map_or(Ok(Vec::new()), |json| serde_json::from_str(&json)).map_err(|e| unreadable(3, e))?,
    })
}

pub(crate) fn put(db: &Connection, number: Option<i64>, field: &CustomField) -> rusqlite::Result<i64> {
    let options = (!field.options.is_empty()).then(|| serde_json::to_string(&field.options).unwrap_or_default());
    db.prepare_cached(
        "INSERT INTO custom_field (field, key, label, kind, options) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (field) DO UPDATE SET label = excluded.label, kind = excluded.kind, options = excluded.options",
    )?
    .execute(params![number, field.key, field.label, field.kind.as_str(), options])?;
    Ok(number.unwrap_or_else(|| db.last_insert_rowid()))
}

pub(crate) fn delete(db: &Connection, number: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM custom_field WHERE field = ?1", [number])?;
    Ok(())
}
