//! Notes: free text of the team about a contact.

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
    name: "note",
    migrations: &[(
        3,
        "CREATE TABLE note (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL, -- Markdown
            internal INTEGER NOT NULL,
            author TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("note_contact", "CREATE INDEX note_contact ON note (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("text", About),
        subject("internal", About),
        subject("author", About),
        told("created_at"),
        subject("updated_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Note,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("text", Text),
        ("internal", Flag),
        ("author", Text),
        ("created_at", Number),
        ("updated_at", Number),
    ],
};
