//! Spaces: files that belong together, on one card or on several.

use crate::{
    inventory::{Table, shared},
    part::{
        Parent, PartTable,
        Shape::{Number, Text},
    },
};
use cardfile_domain::PartKind;

pub(crate) const TABLE: Table = Table {
    name: "space",
    migrations: &[(
        4,
        "CREATE TABLE space (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[shared("part"), shared("version"), shared("id"), shared("name"), shared("created_at")],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Space,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[("id", Text), ("name", Text), ("created_at", Number)],
};
