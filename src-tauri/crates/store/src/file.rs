//! Files of spaces; their bytes are in `blob`.

use crate::{
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable,
        Shape::{Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying, Technical},
};

pub(crate) const TABLE: Table = Table {
    name: "file",
    migrations: &[(
        4,
        "CREATE TABLE file (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            space INTEGER NOT NULL REFERENCES space (part) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            blob TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            author TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("file_space", "CREATE INDEX file_space ON file (space)")],
    columns: &[
        derived("part"),
        derived("space"),
        derived("version"),
        subject("id", Identifying),
        subject("name", About),
        subject("blob", Technical),
        subject("bytes", Activity),
        subject("author", Activity),
        subject("created_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::File,
    table: &TABLE,
    parent: Parent::Part(PartKind::Space),
    fields: &[
        ("id", Text),
        ("name", Text),
        ("blob", Text),
        ("bytes", Number),
        ("author", Text),
        ("created_at", Number),
    ],
};
