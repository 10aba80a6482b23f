//! Operations: one row for each thing a person or program did; the unit of undo.

use crate::contact::unreadable;
use crate::inventory::{Erased, Table, history, technical};
use cardfile_domain::{Millis, OperationId};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "operation",
    migrations: &[(
        1,
        "CREATE TABLE operation (
            op INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            subject TEXT,                       -- what it was done to, in a few words: a file's name, a contact's
            actor TEXT NOT NULL,
            origin TEXT NOT NULL,               -- the door it came through: window, cli
            at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'done', 'rolled_back')),
            reverses INTEGER REFERENCES operation (op),
            reversed_by INTEGER REFERENCES operation (op),
            first_change INTEGER NOT NULL,      -- its changes lie between these two, among others
            last_change INTEGER NOT NULL,
            counts TEXT                         -- JSON object
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("op"),
        technical("id"),
        technical("kind"),
        history("subject", Erased::Blanked),
        technical("actor"),
        technical("origin"),
        technical("at"),
        technical("state"),
        technical("reverses"),
        technical("reversed_by"),
        technical("first_change"),
        technical("last_change"),
        technical("counts"),
    ],
};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// A contact was made by hand.
    ContactCreate,
    /// Fields of contacts were edited.
    ContactEdit,
    /// Contacts were moved to the bin.
    ContactBin,
    /// Contacts came back from the bin.
    ContactRestore,
    /// A file was imported.
    Import,
    /// The made-up people were loaded.
    SampleLoad,
    /// A custom field was made, renamed, retyped or deleted.
    FieldChange,
    /// A tag was renamed, joined to another or deleted.
    TagChange,
    /// Contacts got a tag, or lost one.
    ContactTag,
    /// Parts of a card were made, edited or removed.
    PartChange,
    /// Another program told about contacts.
    Ingest,
    /// A contact became part of another.
    ContactJoin,
    /// Two cards of one person became one.
    ContactCombine,
    /// Two cards were said to be two people.
    ContactDistinguish,
    /// Contacts were archived.
    ContactArchive,
    /// Contacts came back from the archive.
    ContactUnarchive,
    /// Cells of a list were typed or pasted.
    CellEdit,
    /// What was in the bin was removed.
    BinEmpty,
    /// An automation rule did what it is there for.
    RuleRun,
    /// A remote was synced.
    SyncRun,
    /// What waited of a sync was decided.
    SyncDecide,
    /// A person was erased. Nothing brings them back.
    Erase,
    /// What a person demanded of their data, or said of a purpose, was written down; or what
    /// had its time went. It is never undone: who changes their mind says so anew.
    Privacy,
    /// Another operation was undone.
    Undo,
    /// An undone operation was done again.
    Redo,
    /// An operation that was cut off was taken back.
    Rollback,
}

impl OpKind {
    const ALL: [(Self, &'static str); 26] = [
        (Self::ContactCreate, "contact_create"),
        (Self::ContactEdit, "contact_edit"),
        (Self::ContactBin, "contact_bin"),
        (Self::ContactRestore, "contact_restore"),
        (Self::Import, "import"),
        (Self::SampleLoad, "sample_load"),
        (Self::FieldChange, "field_change"),
        (Self::TagChange, "tag_change"),
        (Self::ContactTag, "contact_tag"),
        (Self::PartChange, "part_change"),
        (Self::Ingest, "ingest"),
        (Self::ContactJoin, "contact_join"),
        (Self::ContactCombine, "contact_combine"),
        (Self::ContactDistinguish, "contact_distinguish"),
        (Self::ContactArchive, "contact_archive"),
        (Self::ContactUnarchive, "contact_unarchive"),
        (Self::CellEdit, "cell_edit"),
        (Self::BinEmpty, "bin_empty"),
        (Self::RuleRun, "rule_run"),
        (Self::SyncRun, "sync_run"),
        (Self::SyncDecide, "sync_decide"),
        (Self::Erase, "erase"),
        (Self::Privacy, "privacy"),
        (Self::Undo, "undo"),
        (Self::Redo, "redo"),
        (Self::Rollback, "rollback"),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(kind, _)| kind)
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    fn parse(text: &str) -> Self {
        Self::ALL.iter().find(|(_, word)| *word == text).map_or(Self::ContactEdit, |(kind, _)| *kind)
    }

    /// Whether it stands for good.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Erase | Self::Privacy)
    }

    /// Whether it takes part in undo and redo itself.
    pub fn is_reversal(self) -> bool {
        matches!(self, Self::Undo | Self::Redo | Self::Rollback)
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpState {
    /// Still being written, or cut off.
    Open,
    /// Complete.
    Done,
    /// Cut off and taken back.
    RolledBack,
}

/// One operation of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationRow {
    /// Number in order of beginning.
    pub op: i64,
    /// Public id.
    pub id: OperationId,
    /// What was done.
    pub kind: OpKind,
    /// To what, in a few words.
    pub subject: String,
    /// By whom.
    pub actor: String,
    /// Through which door.
    pub origin: String,
    /// When it began.
    pub at: Millis,
    /// Where it stands.
    pub state: OpState,
    /// The operation it undoes or redoes.
    pub reverses: Option<i64>,
    /// The operation that undid it.
    pub reversed_by: Option<i64>,
    pub(crate) first_change: i64,
    pub(crate) last_change: i64,
    /// Counts from the transaction: an object of numbers.
    pub counts: Value,
}

const COLUMNS: &str =
    "op, id, kind, subject, actor, origin, at, state, reverses, reversed_by, first_change, last_change, counts";

/// Reads.
pub struct Operations<'c>(pub(crate) &'c Connection);

impl Operations<'_> {
    /// The latest operations, newest first; `before` pages on.
    pub fn latest(&self, before: Option<i64>, limit: u32) -> rusqlite::Result<Vec<OperationRow>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM operation WHERE op < ?1 ORDER BY op DESC LIMIT ?2"))?
            .query_map(params![before.unwrap_or(i64::MAX), limit], read)?
            .collect()
    }

    /// One operation by its public id.
    pub fn find(&self, id: &str) -> rusqlite::Result<Option<OperationRow>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM operation WHERE id = ?1"))?
            .query_row([id], read)
            .optional()
    }

    /// One operation by its number.
    pub fn get(&self, op: i64) -> rusqlite::Result<Option<OperationRow>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM operation WHERE op = ?1"))?
            .query_row([op], read)
            .optional()
    }

    /// The latest operation that can be undone.
    pub fn last_undoable(&self) -> rusqlite::Result<Option<OperationRow>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM operation
                  WHERE state = 'done' AND reversed_by IS NULL
                    AND kind NOT IN ('undo', 'redo', 'rollback', 'erase', 'privacy')
                    AND origin NOT IN ('retention', 'automation', 'sync')
                  ORDER BY op DESC LIMIT 1"
            ))?
            .query_row([], read)
            .optional()
    }

    /// The operation that was undone last, unless something else was done since.
    pub fn last_redoable(&self) -> rusqlite::Result<Option<OperationRow>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM operation
                  WHERE op = (SELECT u.reverses FROM operation u
                               WHERE u.kind = 'undo' AND u.state = 'done' AND u.reversed_by IS NULL
                                 AND u.op > (SELECT ifnull(max(op), 0) FROM operation
                                              WHERE kind NOT IN ('undo', 'redo', 'rollback', 'erase', 'privacy')
                                                AND state = 'done'
                                                AND origin NOT IN ('retention', 'automation', 'sync'))
                               ORDER BY u.op DESC LIMIT 1)"
            ))?
            .query_row([], read)
            .optional()
    }

    /// Operations that were begun and not finished.
    pub(crate) fn open(&self) -> rusqlite::Result<Vec<OperationRow>> {
        self.0
            .prepare(&format!("SELECT {COLUMNS} FROM operation WHERE state = 'open' ORDER BY op DESC"))?
            .query_map([], read)?
            .collect()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<OperationRow> {
    let counts: Option<String> = row.get(12)?;
    Ok(OperationRow {
        op: row.get(0)?,
        id: OperationId::from_stored(row.get(1)?),
        kind: OpKind::parse(row.get_ref(2)?.as_str()?),
        subject: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        actor: row.get(4)?,
        origin: row.get(5)?,
        at: Millis(row.get(6)?),
        state: match row.get_ref(7)?.as_str()? {
            "open" => OpState::Open,
            "rolled_back" => OpState::RolledBack,
            _ => OpState::Done,
        },
        reverses: row.get(8)?,
        reversed_by: row.get(9)?,
        first_change: row.get(10)?,
        last_change: row.get(11)?,
        counts: counts.map_or(Ok(Value::Null), |json| serde_json::from_str(&json)).map_err(|e| unreadable(12, e))?,
    })
}

pub(crate) struct NewOperation<'a> {
    pub(crate) id: &'a OperationId,
    pub(crate) kind: OpKind,
    pub(crate) subject: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) at: Millis,
    pub(crate) reverses: Option<i64>,
    pub(crate) first_change: i64,
}

pub(crate) fn begin(db: &Connection, new: &NewOperation<'_>) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO operation (id, kind, subject, actor, origin, at, state, reverses, first_change, last_change)
         VALUES (:id, :kind, :subject, :actor, :origin, :at, 'open', :reverses, :first, :first - 1)",
    )?
    .execute(named_params! {
        ":id": new.id.as_str(), ":kind": new.kind.as_str(), ":subject": crate::contact::some(new.subject),
        ":actor": new.actor, ":origin": new.origin, ":at": new.at.0, ":reverses": new.reverses,
        ":first": new.first_change,
    })?;
    Ok(db.last_insert_rowid())
}

pub(crate) fn extend(db: &Connection, op: i64, last_change: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE operation SET last_change = ?2 WHERE op = ?1")?.execute([op, last_change])?;
    Ok(())
}

pub(crate) fn finish(db: &Connection, op: i64, counts: &Value) -> rusqlite::Result<()> {
    let counts = (!counts.is_null()).then(|| counts.to_string());
    db.prepare_cached("UPDATE operation SET state = 'done', counts = ?2 WHERE op = ?1")?
        .execute(params![op, counts])?;
    Ok(())
}

pub(crate) fn set_rolled_back(db: &Connection, op: i64, by: Option<i64>) -> rusqlite::Result<()> {
    db.execute("UPDATE operation SET state = 'rolled_back', reversed_by = ?2 WHERE op = ?1", params![op, by])?;
    Ok(())
}

pub(crate) fn set_reversed(db: &Connection, op: i64, by: Option<i64>) -> rusqlite::Result<()> {
    db.execute("UPDATE operation SET reversed_by = ?2 WHERE op = ?1", params![op, by])?;
    Ok(())
}
