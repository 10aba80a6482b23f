//! Messages of conversations.

use crate::{
    inventory::{Table, derived, subject, told},
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
    name: "message",
    migrations: &[(
        3,
        "CREATE TABLE message (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            conversation INTEGER NOT NULL REFERENCES conversation (part) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL, -- contact, agent or staff
            author TEXT NOT NULL,
            text TEXT NOT NULL,
            external_id TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[("message_conversation", "CREATE INDEX message_conversation ON message (conversation, at)")],
    columns: &[
        derived("part"),
        derived("conversation"),
        derived("version"),
        subject("id", Identifying),
        told("role"),
        subject("author", Activity),
        told("text"),
        subject("external_id", Identifying),
        told("at"),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Message,
    table: &TABLE,
    parent: Parent::Part(PartKind::Conversation),
    fields: &[("id", Text), ("role", Text), ("author", Text), ("text", Text), ("external_id", Text), ("at", Number)],
};
