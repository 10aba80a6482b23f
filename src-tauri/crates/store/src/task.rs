//! Tasks: something to be done for a contact, once or again and again.

use crate::{
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable,
        Shape::{Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "task",
    migrations: &[(
        3,
        "CREATE TABLE task (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            starts_at INTEGER,
            rule TEXT NOT NULL, -- RFC 5545, empty for once
            zone TEXT NOT NULL, -- IANA
            status TEXT NOT NULL,
            outcome TEXT NOT NULL,
            last_run_at INTEGER,
            next_run_at INTEGER,
            author TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[
        ("task_contact", "CREATE INDEX task_contact ON task (contact)"),
        ("task_next", "CREATE INDEX task_next ON task (next_run_at) WHERE next_run_at IS NOT NULL"),
    ],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("title", About),
        subject("starts_at", About),
        subject("rule", About),
        subject("zone", About),
        subject("status", About),
        subject("outcome", About),
        subject("last_run_at", Activity),
        subject("next_run_at", About),
        subject("author", About),
        subject("created_at", Activity),
        subject("updated_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Task,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("title", Text),
        ("starts_at", Number),
        ("rule", Text),
        ("zone", Text),
        ("status", Text),
        ("outcome", Text),
        ("last_run_at", Number),
        ("next_run_at", Number),
        ("author", Text),
        ("created_at", Number),
        ("updated_at", Number),
    ],
};
