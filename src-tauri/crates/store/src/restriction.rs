//! Restrictions: what may not be done with the data of a contact.

use crate::{
    contact::ContactRow,
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable, Parts,
        Shape::{Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying},
    restriction::{Restriction, Sort},
};
use rusqlite::{Connection, params};

pub(crate) const TABLE: Table = Table {
    name: "restriction",
    migrations: &[
        (
            11,
            "CREATE TABLE restriction (
                part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
                contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
                version INTEGER NOT NULL,           -- latest change of this part
                id TEXT NOT NULL UNIQUE,
                sort TEXT NOT NULL CHECK (sort IN ('restricted', 'objected', 'held')),
                purpose TEXT NOT NULL,              -- of an objection: key of the purpose, or nothing for all
                reason TEXT NOT NULL,
                request TEXT NOT NULL,              -- req_…
                author TEXT NOT NULL,
                at INTEGER NOT NULL,
                lifted_at INTEGER,
                lifted_by TEXT NOT NULL,
                lifted_because TEXT NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX restriction_in_force ON restriction (contact) WHERE lifted_at IS NULL;
            -- A hold was a setting before.
            INSERT INTO restriction (part, contact, version, id, sort, purpose, reason, request, author, at, lifted_by,
                                     lifted_because, created_at)
            SELECT (SELECT next FROM counter WHERE name = 'part') - 1 + row_number() OVER (ORDER BY c.row),
                   c.row, c.version, 'rst_' || substr(lower(hex(randomblob(16))), 1, 26), 'held', '',
                   hold.value ->> '$.reason', '', hold.value ->> '$.by',
                   ifnull(unixepoch(hold.value ->> '$.at'), unixepoch()) * 1000, '', '', unixepoch() * 1000
              FROM setting s, json_each(s.value) hold JOIN contact c ON c.id = hold.key
             WHERE s.key = 'legal_holds';
            UPDATE counter SET next = max(next, ifnull((SELECT max(part) + 1 FROM restriction), 1)) WHERE name = 'part';
            DELETE FROM setting WHERE key = 'legal_holds'",
        ),
        (
            14,
            // Another sort; SQLite changes no check of a table.
            "ALTER TABLE restriction RENAME TO restriction_12;
            CREATE TABLE restriction (
                part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
                contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
                version INTEGER NOT NULL,           -- latest change of this part
                id TEXT NOT NULL UNIQUE,
                sort TEXT NOT NULL CHECK (sort IN ('restricted', 'objected', 'held', 'no_agents')),
                purpose TEXT NOT NULL,              -- of an objection: key of the purpose, or nothing for all
                reason TEXT NOT NULL,
                request TEXT NOT NULL,              -- req_…
                author TEXT NOT NULL,
                at INTEGER NOT NULL,
                lifted_at INTEGER,
                lifted_by TEXT NOT NULL,
                lifted_because TEXT NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT;
            INSERT INTO restriction (part, contact, version, id, sort, purpose, reason, request, author, at, lifted_at,
                                     lifted_by, lifted_because, created_at)
            SELECT part, contact, version, id, sort, purpose, reason, request, author, at, lifted_at, lifted_by,
                   lifted_because, created_at FROM restriction_12;
            DROP TABLE restriction_12;
            CREATE INDEX restriction_in_force ON restriction (contact) WHERE lifted_at IS NULL",
        ),
    ],
    lookups: &[("restriction_contact", "CREATE INDEX restriction_contact ON restriction (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("sort", About),
        subject("purpose", About),
        subject("reason", About),
        subject("request", About),
        subject("author", About),
        subject("at", Activity),
        subject("lifted_at", Activity),
        subject("lifted_by", About),
        subject("lifted_because", About),
        subject("created_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Restriction,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("sort", Text),
        ("purpose", Text),
        ("reason", Text),
        ("request", Text),
        ("author", Text),
        ("at", Number),
        ("lifted_at", Number),
        ("lifted_by", Text),
        ("lifted_because", Text),
        ("created_at", Number),
    ],
};

/// Reads.
pub struct Restrictions<'c>(pub(crate) &'c Connection);

impl Restrictions<'_> {
    /// All of a contact, lifted ones too, in the order they were written down.
    pub fn of(&self, contact: ContactRow) -> rusqlite::Result<Vec<Restriction>> {
        Ok(Parts(self.0).of::<Restriction>(contact.into())?.into_iter().map(|stored| stored.value).collect())
    }

    /// Whether one of this sort holds for a contact.
    pub fn has(&self, contact: ContactRow, sort: Sort) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM restriction WHERE contact = ?1 AND sort = ?2 AND lifted_at IS NULL)",
            )?
            .query_row(params![contact, sort.as_str()], |row| row.get(0))
    }

    /// Calls `each` with the contact, the sort and the purpose of every one that holds.
    pub fn each_in_force(&self, mut each: impl FnMut(ContactRow, Sort, &str)) -> rusqlite::Result<()> {
        let mut statement =
            self.0.prepare_cached("SELECT contact, sort, purpose FROM restriction WHERE lifted_at IS NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            // The table takes no other word.
            let sort = Sort::parse(row.get_ref(1)?.as_str()?).unwrap_or_default();
            each(row.get(0)?, sort, row.get_ref(2)?.as_str()?);
        }
        Ok(())
    }

    /// The contacts on which a request has put one that holds.
    pub fn of_request(&self, request: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT DISTINCT contact FROM restriction WHERE request = ?1 AND lifted_at IS NULL ORDER BY contact",
            )?
            .query_map([request], |row| row.get(0))?
            .collect()
    }

    /// The change that wrote the latest one that bars a use and holds; 0 where none does.
    pub fn last_version(&self) -> rusqlite::Result<i64> {
        self.0
            .prepare_cached(
                "SELECT coalesce(max(version), 0) FROM restriction
                  WHERE lifted_at IS NULL AND sort IN ('restricted', 'objected')",
            )?
            .query_row([], |row| row.get(0))
    }

    /// Whether any holds at all: mostly none does, and then nobody has to be looked at.
    pub fn any_in_force(&self) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM restriction WHERE lifted_at IS NULL)")?
            .query_row([], |row| row.get(0))
    }
}
