//! Automation rules.

use crate::{
    inventory::{Table, business, technical},
    part::{
        Parent, PartTable,
        Shape::{List, Number, Text},
    },
};
use cardfile_domain::PartKind;

pub(crate) const TABLE: Table = Table {
    name: "automation",
    migrations: &[(
        6,
        "CREATE TABLE automation (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            trigger TEXT NOT NULL,
            filter TEXT NOT NULL,
            actions TEXT NOT NULL,              -- JSON list of objects
            guard_days INTEGER NOT NULL,
            ceiling INTEGER NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("part"),
        technical("version"),
        business("id"),
        business("name"),
        business("trigger"),
        business("filter"),
        business("actions"),
        business("guard_days"),
        business("ceiling"),
        business("state"),
        technical("created_at"),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Automation,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[
        ("id", Text),
        ("name", Text),
        ("trigger", Text),
        ("filter", Text),
        ("actions", List),
        ("guard_days", Number),
        ("ceiling", Number),
        ("state", Text),
        ("created_at", Number),
    ],
};
