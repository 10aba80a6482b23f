//! Payment accounts: by what a payment provider knows a contact.

use crate::{
    inventory::{Table, derived, subject},
    part::{Parent, PartTable, Shape::Text},
};
use cardfile_domain::{
    PartKind,
    privacy::Privacy::{About, Contact, Identifying},
};

pub(crate) const TABLE: Table = Table {
    name: "payment_account",
    migrations: &[(
        4,
        "CREATE TABLE payment_account (
            part INTEGER PRIMARY KEY,            -- never used twice, over all kinds of parts
            contact INTEGER NOT NULL REFERENCES contact (row) ON DELETE CASCADE,
            version INTEGER NOT NULL,           -- latest change of this part
            id TEXT NOT NULL UNIQUE,
            label TEXT NOT NULL,
            account TEXT NOT NULL,
            email TEXT NOT NULL
        ) STRICT",
    )],
    lookups: &[("payment_account_contact", "CREATE INDEX payment_account_contact ON payment_account (contact)")],
    columns: &[
        derived("part"),
        derived("contact"),
        derived("version"),
        subject("id", Identifying),
        subject("label", About),
        subject("account", Identifying),
        subject("email", Contact),
    ],
};

pub(crate) const PART: PartTable = PartTable {
    kind: PartKind::PaymentAccount,
    table: &TABLE,
    parent: Parent::Contact,
    fields: &[("id", Text), ("label", Text), ("account", Text), ("email", Text)],
};
