//! Ratings: what a contact thought of replies.

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
    name: "rating",
    migrations: &[(
        3,
        "CREATE TABLE rating (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            value REAL NOT NULL, -- 1 to 5
            reason TEXT NOT NULL,
            message TEXT,
            conversation TEXT,
            at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("rating_contact", "CREATE INDEX rating_contact ON rating (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("value", Activity),
        subject("reason", Activity),
        subject("message", Activity),
        subject("conversation", Activity),
        subject("at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Rating,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("value", Number),
        ("reason", Text),
        ("message", Text),
        ("conversation", Text),
        ("at", Number),
    ],
};
