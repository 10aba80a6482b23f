//! Rules: what agents may look up for whom.

use crate::{
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable,
        Shape::{Flag, List, Text},
    },
};
use cardfile_domain::{PartKind, privacy::Privacy::About};

pub(crate) const TABLE: Table = Table {
    name: "rule",
    migrations: &[(
        4,
        "CREATE TABLE rule (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            axis TEXT NOT NULL, -- card, tier, department or tag
            name TEXT NOT NULL,
            platform TEXT NOT NULL,
            base TEXT NOT NULL, -- kbs_…
            everything INTEGER NOT NULL,
            documents TEXT NOT NULL,
            faqs TEXT NOT NULL,
            labels TEXT NOT NULL,
            any_label INTEGER NOT NULL,
            confirmed INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("rule_contact", "CREATE INDEX rule_contact ON rule (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", About),
        subject("axis", About),
        subject("name", About),
        subject("platform", About),
        subject("base", About),
        subject("everything", About),
        subject("documents", About),
        subject("faqs", About),
        subject("labels", About),
        subject("any_label", About),
        subject("confirmed", About),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Rule,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("axis", Text),
        ("name", Text),
        ("platform", Text),
        ("base", Text),
        ("everything", Flag),
        ("documents", List),
        ("faqs", List),
        ("labels", List),
        ("any_label", Flag),
        ("confirmed", Flag),
    ],
};
