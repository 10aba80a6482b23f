//! Segments: views that were given a name.

use crate::{
    inventory::{Table, business, technical},
    part::{
        Parent, PartTable,
        Shape::{List, Number, Text},
    },
};
use cardfile_domain::PartKind;

pub(crate) const TABLE: Table = Table {
    name: "segment",
    migrations: &[(
        5,
        "CREATE TABLE segment (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            filter TEXT NOT NULL,
            query TEXT NOT NULL,
            sort TEXT NOT NULL,                 -- JSON list of keys
            columns TEXT NOT NULL,              -- JSON list of keys; empty for those of the list
            density TEXT NOT NULL,
            purpose TEXT NOT NULL,
            owner TEXT NOT NULL,
            reviewed_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("part"),
        technical("version"),
        business("id"),
        business("name"),
        business("filter"),
        business("query"),
        business("sort"),
        business("columns"),
        business("density"),
        business("purpose"),
        business("owner"),
        business("reviewed_at"),
        technical("created_at"),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Segment,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[
        ("id", Text),
        ("name", Text),
        ("filter", Text),
        ("query", Text),
        ("sort", List),
        ("columns", List),
        ("density", Text),
        ("purpose", Text),
        ("owner", Text),
        ("reviewed_at", Number),
        ("created_at", Number),
    ],
};
