//! Recipes: exports that were given a name.

use crate::{
    inventory::{Table, business, technical},
    part::{
        Parent, PartTable,
        Shape::{Flag, List, Number, Text},
    },
};
use cardfile_domain::PartKind;

pub(crate) const TABLE: Table = Table {
    name: "recipe",
    migrations: &[(
        5,
        "CREATE TABLE recipe (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            format TEXT NOT NULL,
            columns TEXT NOT NULL,              -- JSON list of [key, heading]
            filter TEXT NOT NULL,
            spreadsheet INTEGER NOT NULL CHECK (spreadsheet IN (0, 1)),
            separator TEXT NOT NULL,
            bom INTEGER NOT NULL CHECK (bom IN (0, 1)),
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("part"),
        technical("version"),
        business("id"),
        business("name"),
        business("format"),
        business("columns"),
        business("filter"),
        business("spreadsheet"),
        business("separator"),
        business("bom"),
        technical("created_at"),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Recipe,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[
        ("id", Text),
        ("name", Text),
        ("format", Text),
        ("columns", List),
        ("filter", Text),
        ("spreadsheet", Flag),
        ("separator", Text),
        ("bom", Flag),
        ("created_at", Number),
    ],
};
