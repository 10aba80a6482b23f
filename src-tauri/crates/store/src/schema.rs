//! The schema: the list of tables, and the way from an older version to this one.
//!
//! Migrations are plain SQL under `PRAGMA user_version`; the crate that does the
//! same for rusqlite does not follow its latest version.

use crate::inventory::{Table, business, technical};
use crate::{
    activity, agent, audit, automation, avatar, bridge, change, client, client_deed, consent, contact, conversation,
    custom_field, disclosure, distinction, erasure, error::StoreError, export_log, file, identity_key, import_memory,
    item, knowledge_base, lead, link, memory, message, note, operation, pair, payment_account, placement, purpose,
    rating, recipe, remote, request, restriction, retention, rule, sealed, secret, segment, setting, space,
    suppression, sync_run, tag, task, texts, webhook,
};
use cardfile_domain::Millis;
use rusqlite::{Connection, OptionalExtension, params};

/// Every table. A new one is a file and a line here.
pub static TABLES: &[&Table] = &[
    &STEP,
    &COUNTER,
    &contact::TABLE,
    &item::TABLE,
    &tag::TABLE,
    &tag::CONTACT_TAG,
    &link::TABLE,
    &custom_field::TABLE,
    &setting::TABLE,
    &import_memory::TABLE,
    &export_log::TABLE,
    &note::TABLE,
    &task::TABLE,
    &memory::TABLE,
    &conversation::TABLE,
    &message::TABLE,
    &rating::TABLE,
    &activity::TABLE,
    &payment_account::TABLE,
    &avatar::TABLE,
    &space::TABLE,
    &placement::TABLE,
    &file::TABLE,
    &secret::TABLE,
    &sealed::TABLE,
    &knowledge_base::TABLE,
    &rule::TABLE,
    &distinction::TABLE,
    &segment::TABLE,
    &recipe::TABLE,
    &automation::TABLE,
    &consent::TABLE,
    &restriction::TABLE,
    &purpose::TABLE,
    &purpose::WORDING,
    &request::TABLE,
    &retention::RULE,
    &retention::RUN,
    &audit::TABLE,
    &remote::TABLE,
    &pair::TABLE,
    &pair::TOMBSTONE,
    &pair::QUARANTINE,
    &bridge::CHANGE,
    &bridge::END,
    &sync_run::TABLE,
    &disclosure::TABLE,
    &webhook::TABLE,
    &webhook::MESSAGE,
    &client::TABLE,
    &client_deed::TABLE,
    &identity_key::TABLE,
    &identity_key::SEEN,
    &identity_key::GRANT,
    &lead::TABLE,
    &texts::MESSAGE,
    &texts::NOTE,
    &texts::MEMORY,
    &operation::TABLE,
    &change::TABLE,
    &suppression::TABLE,
    &erasure::TABLE,
    &erasure::DELIVERY,
    &agent::CLIENT,
    &agent::GRANT,
    &agent::PROPOSAL,
    &agent::CALL,
];

/// The schema version this program writes.
pub const VERSION: u32 = 14;

/// Which version of the app brought the schema to which version. Never changed
/// in shape: a later app is told by name when it must be refused.
const STEP: Table = Table {
    name: "schema_step",
    migrations: &[(
        1,
        "CREATE TABLE schema_step (
            version INTEGER PRIMARY KEY,
            app TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[technical("version"), technical("app"), technical("at")],
};

const COUNTER: Table = Table {
    name: "counter",
    migrations: &[
        (
            1,
            "CREATE TABLE counter (
                name TEXT PRIMARY KEY,
                next INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            INSERT INTO counter (name, next) VALUES ('contact', 1)",
        ),
        (3, "INSERT INTO counter (name, next) VALUES ('part', 1)"),
    ],
    lookups: &[],
    columns: &[business("name"), technical("next")],
};

/// Where a database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Empty,
    Older,
    Current,
}

/// Compares the database with this program. Writes nothing.
pub(crate) fn standing(db: &Connection) -> Result<Standing, StoreError> {
    let found: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        0 => Ok(Standing::Empty),
        VERSION => Ok(Standing::Current),
        older if older < VERSION => Ok(Standing::Older),
        found => {
            let app = db
                .query_row("SELECT app FROM schema_step ORDER BY version DESC LIMIT 1", [], |row| row.get(0))
                .optional()
                .ok()
                .flatten()
                .unwrap_or_else(|| "of a later version".to_owned());
            Err(StoreError::NewerSchema { found, known: VERSION, app })
        }
    }
}

/// Brings the database to [`VERSION`] in one transaction.
pub(crate) fn migrate(db: &mut Connection, app: &str, now: Millis) -> Result<(), StoreError> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    let from: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for version in from + 1..=VERSION {
        for (_, sql) in TABLES.iter().flat_map(|table| table.migrations).filter(|(v, _)| *v == version) {
            tx.execute_batch(sql)?;
        }
        tx.execute("INSERT INTO schema_step (version, app, at) VALUES (?1, ?2, ?3)", params![version, app, now.0])?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}

/// Makes the look-up indices that are missing.
pub(crate) fn ensure_lookups(db: &Connection) -> Result<(), StoreError> {
    for (name, sql) in TABLES.iter().flat_map(|table| table.lookups) {
        let there: bool =
            db.query_row("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = ?1", [name], |row| {
                row.get(0)
            })?;
        if !there {
            db.execute_batch(sql)?;
        }
    }
    Ok(())
}

/// Drops the look-up indices before a bulk load.
pub(crate) fn drop_lookups(db: &Connection) -> Result<(), StoreError> {
    for (name, _) in TABLES.iter().flat_map(|table| table.lookups) {
        db.execute_batch(&format!("DROP INDEX IF EXISTS {name}"))?;
    }
    Ok(())
}

/// Takes every row out of every table.
pub(crate) fn empty(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch("BEGIN")?;
    // What refers to another table stands after it.
    for table in TABLES.iter().rev().filter(|table| !matches!(table.name, "schema_step" | "counter")) {
        db.prepare_cached(&format!("DELETE FROM {}", table.name))?.execute([])?;
    }
    db.prepare_cached("UPDATE counter SET next = 1")?.execute([])?;
    db.execute_batch("COMMIT")?;
    Ok(())
}
