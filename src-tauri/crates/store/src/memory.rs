//! Memories: what is kept in mind about a contact.

use crate::{
    inventory::{Table, derived, subject, told},
    part::{
        Parent, PartTable,
        Shape::{Flag, Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "memory",
    migrations: &[(
        3,
        "CREATE TABLE memory (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL,
            author TEXT NOT NULL,
            source TEXT, -- conversation it comes from
            confidence REAL, -- 0 to 1
            pinned INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("memory_contact", "CREATE INDEX memory_contact ON memory (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("text", About),
        subject("author", About),
        subject("source", About),
        subject("confidence", About),
        subject("pinned", About),
        told("created_at"),
        subject("updated_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Memory,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("text", Text),
        ("author", Text),
        ("source", Text),
        ("confidence", Number),
        ("pinned", Flag),
        ("created_at", Number),
        ("updated_at", Number),
    ],
};
