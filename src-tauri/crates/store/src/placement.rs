//! Placements: which space stands on which card.

use crate::{
    inventory::{Table, derived, subject},
    part::{Parent, PartTable, Shape::Text},
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "placement",
    migrations: &[(
        4,
        "CREATE TABLE placement (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            space TEXT NOT NULL -- spc_…
        ) STRICT",
    )],
    lookups: &[
        ("placement_contact", "CREATE INDEX placement_contact ON placement (contact)"),
        ("placement_space", "CREATE INDEX placement_space ON placement (space)"),
    ],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("space", About),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Placement,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[("id", Text), ("space", Text)],
};
