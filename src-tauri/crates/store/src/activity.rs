//! Activities: what a contact did, or what an action did for it.

use crate::{
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable,
        Shape::{Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{Activity, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "activity",
    migrations: &[(
        4,
        "CREATE TABLE activity (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            detail TEXT NOT NULL, -- JSON, or empty
            source TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("activity_contact", "CREATE INDEX activity_contact ON activity (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("name", Activity),
        subject("detail", Activity),
        subject("source", Activity),
        subject("at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Activity,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[("id", Text), ("name", Text), ("detail", Text), ("source", Text), ("at", Number)],
};
