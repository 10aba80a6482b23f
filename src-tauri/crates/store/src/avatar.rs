//! Avatars: pictures of contacts.

use crate::{
    inventory::{Table, derived, subject},
    part::{Parent, PartTable, Shape::Text},
};
use cardfile_domain::{PartKind, privacy::Privacy::Identifying};

pub(crate) const TABLE: Table = Table {
    name: "avatar",
    migrations: &[(
        4,
        "CREATE TABLE avatar (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            png TEXT NOT NULL -- base64
        ) STRICT",
    )],
    lookups: &[("avatar_contact", "CREATE INDEX avatar_contact ON avatar (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("png", Identifying),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Avatar,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[("id", Text), ("png", Text)],
};
