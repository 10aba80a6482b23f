//! Secrets: what is known about the credentials of a contact. Their values are in `sealed`.

use crate::{
    inventory::{Table, derived, subject},
    part::{
        Parent, PartTable,
        Shape::{Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "secret",
    migrations: &[(
        4,
        "CREATE TABLE secret (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            sort TEXT NOT NULL,
            verified_at INTEGER,
            revoked_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("secret_contact", "CREATE INDEX secret_contact ON secret (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("name", About),
        subject("sort", About),
        subject("verified_at", Activity),
        subject("revoked_at", Activity),
        subject("created_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Secret,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("name", Text),
        ("sort", Text),
        ("verified_at", Number),
        ("revoked_at", Number),
        ("created_at", Number),
    ],
};
