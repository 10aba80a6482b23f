//! Knowledge bases: what agents of a platform can look things up in.

use crate::{
    inventory::{Table, business, technical},
    part::{
        Parent, PartTable,
        Shape::{List, Text},
    },
};
use cardfile_domain::PartKind;

pub(crate) const TABLE: Table = Table {
    name: "knowledge_base",
    migrations: &[(
        4,
        "CREATE TABLE knowledge_base (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            platform TEXT NOT NULL,
            external_id TEXT NOT NULL,
            name TEXT NOT NULL,
            documents TEXT NOT NULL,
            faqs TEXT NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("part"),
        technical("version"),
        business("id"),
        business("platform"),
        business("external_id"),
        business("name"),
        business("documents"),
        business("faqs"),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::KnowledgeBase,
    table: &TABLE,
    parent: Parent::Workspace,
    fields: &[
        ("id", Text),
        ("platform", Text),
        ("external_id", Text),
        ("name", Text),
        ("documents", List),
        ("faqs", List),
    ],
};
