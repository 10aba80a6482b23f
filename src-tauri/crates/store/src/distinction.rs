//! Pairs of cards that a person said are two people.

use crate::{
    inventory::{Table, derived, subject, technical},
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
    name: "distinction",
    migrations: &[(
        5,
        "CREATE TABLE distinction (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            one TEXT NOT NULL,                  -- the smaller id of the two contacts
            other TEXT NOT NULL,
            author TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[
        ("distinction_one", "CREATE INDEX distinction_one ON distinction (one)"),
        ("distinction_other", "CREATE INDEX distinction_other ON distinction (other)"),
    ],
    columns: &[
        derived("part"),
        derived("version"),
        subject("id", Identifying),
        subject("one", Identifying),
        subject("other", Identifying),
        technical("author"),
        subject("created_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Distinction,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[("id", Text), ("one", Text), ("other", Text), ("author", Text), ("created_at", Number)],
};
