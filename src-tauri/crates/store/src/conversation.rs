//! Conversations: exchanges of messages, with a contact or with nobody known yet.

use crate::{
    inventory::{Table, derived, subject, told},
    part::{
        Parent, PartTable,
        Shape::{Flag, Number, Text},
    },
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Activity, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "conversation",
    migrations: &[(
        3,
        "CREATE TABLE conversation (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER REFERENCES contact (row) ON DELETE CASCADE, -- NULL until somebody says who it is
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            platform TEXT NOT NULL,
            title TEXT NOT NULL,
            external_id TEXT NOT NULL,
            session_key TEXT NOT NULL,
            page_url TEXT NOT NULL,
            unread INTEGER NOT NULL,
            first_at INTEGER,
            last_at INTEGER,
            messages INTEGER NOT NULL, -- how many
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[
        ("conversation_contact", "CREATE INDEX conversation_contact ON conversation (contact)"),
        (
            "conversation_session",
            "CREATE INDEX conversation_session ON conversation (session_key) WHERE session_key <> ''",
        ),
        (
            "conversation_external",
            "CREATE INDEX conversation_external ON conversation (external_id) WHERE external_id <> ''",
        ),
    ],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        told("platform"),
        subject("title", About),
        subject("external_id", Identifying),
        subject("session_key", Identifying),
        subject("page_url", Activity),
        subject("unread", Activity),
        subject("first_at", Activity),
        told("last_at"),
        subject("messages", Activity),
        subject("created_at", Activity),
        subject("updated_at", Activity),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::Conversation,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[
        ("id", Text),
        ("platform", Text),
        ("title", Text),
        ("external_id", Text),
        ("session_key", Text),
        ("page_url", Text),
        ("unread", Flag),
        ("first_at", Number),
        ("last_at", Number),
        ("messages", Number),
        ("created_at", Number),
        ("updated_at", Number),
    ],
};
