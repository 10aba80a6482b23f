//! The change log: one row per change of a contact, a part of its card, a tag or a custom field.
//!
//! An inserted contact is one row without a body: its values are in the contact
//! itself. An update holds the fields with their old and new values; a removal
//! (only an undo removes) holds the whole contact. The changes of one contact
//! form a chain from its `version` back through `prev`, so that a timeline
//! needs no index on a log that grows with every write.

use crate::contact::ContactRow;
use crate::inventory::{Erased, Table, history, technical};
use crate::statements::{Statement, Statements};
use cardfile_domain::{Millis, PartKind};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;

pub(crate) const TABLE: Table = Table {
    name: "change",
    migrations: &[
        (
            1,
            "CREATE TABLE change (
            seq INTEGER PRIMARY KEY,
            op INTEGER NOT NULL REFERENCES operation (op),
            entity INTEGER NOT NULL,            -- 0 contact, 1 tag, 2 custom field
            action INTEGER NOT NULL,            -- 0 insert, 1 update, 2 delete
            row INTEGER NOT NULL,
            prev INTEGER,                       -- the change before it of the same contact
            body TEXT                           -- JSON
        ) STRICT",
        ),
        (
            9,
            // For erasures: all changes of a part, and what was removed. Imports, which make
            // contacts, pay for none of them.
            "CREATE INDEX change_part ON change (entity, row) WHERE entity > 2;
            CREATE INDEX change_removed ON change (row) WHERE entity = 0 AND action = 2;
            CREATE INDEX change_unsaid ON change (op) WHERE entity = 7 AND action = 2",
        ),
        // What is gone is asked for by what it was: an access request looks there too.
        (10, "CREATE INDEX change_gone ON change (entity, row) WHERE action = 2"),
    ],
    lookups: &[],
    columns: &[
        technical("seq"),
        technical("op"),
        technical("entity"),
        technical("action"),
        technical("row"),
        technical("prev"),
        history("body", Erased::Blanked),
    ],
};

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// A contact.
    Contact,
    /// A tag of the dictionary.
    Tag,
    /// A custom field's definition.
    CustomField,
    /// A part of a card.
    Part(PartKind),
}

impl Entity {
    /// The number that is stored.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Contact => 0,
            Self::Tag => 1,
            Self::CustomField => 2,
            Self::Part(kind) => kind as i64,
        }
    }

    fn of(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Contact),
            1 => Some(Self::Tag),
            2 => Some(Self::CustomField),
            part => PartKind::ALL.iter().copied().find(|kind| *kind as i64 == part).map(Self::Part),
        }
    }
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Insert = 0,
    /// It has other values.
    Update = 1,
    /// It is gone.
    Delete = 2,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Number; the local order of all writes.
    pub seq: i64,
    /// The operation it belongs to.
    pub op: i64,
    /// What it is about.
    pub entity: Entity,
    /// What it did.
    pub action: Action,
    /// Which contact, tag or field.
    pub row: i64,
    /// The change before it of the same contact.
    pub prev: Option<i64>,
    /// Values as JSON, empty for an insert.
    pub body: String,
}

impl Change {
    /// Whether what it was about was erased, or its time was over: all but inserts say something
    /// otherwise.
    pub fn is_blank(&self) -> bool {
        self.body.is_empty() && self.action != Action::Insert
    }
}

/// What happened to a contact, for who waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// It is new.
    Arrived,
    /// A conversation came in.
    Conversed,
    /// Something else about it changed.
    Changed,
}

const COLUMNS: &str = "seq, op, entity, action, row, prev, body";

/// Reads.
pub struct Changes<'c>(pub(crate) &'c Connection);

impl Changes<'_> {
    /// One change.
    pub fn get(&self, seq: i64) -> rusqlite::Result<Option<Change>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM change WHERE seq = ?1"))?
            .query_row([seq], read)
            .optional()
    }

    /// The changes of one contact, newest first, from its `version` on.
    pub fn of_contact(&self, version: i64, limit: usize) -> rusqlite::Result<Vec<Change>> {
        let mut changes = Vec::new();
        let mut next = Some(version);
        while let Some(seq) = next
            && changes.len() < limit
        {
            let Some(change) = self.get(seq)? else { break };
            next = change.prev;
            changes.push(change);
        }
        Ok(changes)
    }

    /// Changes of one operation, newest first, between two numbers.
    pub(crate) fn of_operation(&self, op: i64, first: i64, last: i64, limit: usize) -> rusqlite::Result<Vec<Change>> {
        self.0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM change WHERE seq BETWEEN ?2 AND ?3 AND op = ?1 ORDER BY seq DESC LIMIT ?4"
            ))?
            .query_map(params![op, first, last, limit], read)?
            .collect()
    }

    /// The contacts changed after change number `after`, each once, and the number of the last change.
    pub fn contacts_after(&self, after: i64) -> rusqlite::Result<(Vec<ContactRow>, i64)> {
        let mut rows: Vec<ContactRow> = self
            .0
            .prepare_cached("SELECT row FROM change WHERE seq > ?1 AND entity = 0")?
            .query_map([after], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        rows.sort_unstable();
        rows.dedup();
        Ok((rows, self.last()?))
    }

    /// The contacts that have a tag which was renamed after change number `after`.
    pub fn contacts_with_renamed_tags(&self, after: i64) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT DISTINCT t.contact FROM change c JOIN contact_tag t ON t.tag = c.row
                  WHERE c.seq > ?1 AND c.entity = 1 AND c.action = 1",
            )?
            .query_map([after], |row| row.get(0))?
            .collect()
    }

    /// Whether nothing was changed after change number `after` but by this operation.
    pub fn is_alone_after(&self, after: i64, op: Option<i64>) -> rusqlite::Result<bool> {
        self.0
            .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM change WHERE seq > ?1 AND op IS NOT ?2)")?
            .query_row(params![after, op], |row| row.get(0))
    }

    /// The contacts that an actor's operations changed since a moment, undone ones
    /// too: what was taken back is not to be done at once again.
    pub fn contacts_of_actor(&self, actor: &str, since: Millis) -> rusqlite::Result<HashSet<ContactRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT c.entity, c.row, c.prev
               FROM operation o JOIN change c ON c.seq BETWEEN o.first_change AND o.last_change
              WHERE o.actor = ?1 AND o.at >= ?2 AND o.kind = 'rule_run' AND c.op = o.op AND c.entity IN (0, ?3)",
        )?;
        let mut rows = statement.query(params![actor, since.0, Entity::Part(PartKind::Task).number()])?;
        let mut contacts = HashSet::new();
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(0)? == 0 {
                contacts.insert(row.get(1)?);
                continue;
            }
            // A task stands in the chain of its contact, also when it is gone.
            let mut next: Option<i64> = row.get(2)?;
            while let Some(seq) = next {
                let Some(change) = self.get(seq)? else { break };
                if change.entity == Entity::Contact {
                    contacts.extend(ContactRow::try_from(change.row));
                    break;
                }
                next = change.prev;
            }
        }
        Ok(contacts)
    }

    /// Whether an actor's operations changed one contact since a moment; see
    /// [`Changes::contacts_of_actor`], which asks for all of them.
    pub fn is_of_actor(&self, contact: ContactRow, actor: &str, since: Millis) -> rusqlite::Result<bool> {
        let mut next: Option<i64> = self
            .0
            .prepare_cached("SELECT version FROM contact WHERE row = ?1")?
            .query_row([contact], |row| row.get(0))
            .optional()?;
        let mut operation = self.0.prepare_cached("SELECT actor, at, kind FROM operation WHERE op = ?1")?;
        while let Some(change) = next.map(|seq| self.get(seq)).transpose()?.flatten() {
            let (by, at, kind): (String, i64, String) =
                operation.query_row([change.op], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            if at < since.0 {
                return Ok(false);
            }
            if by == actor && kind == "rule_run" {
                return Ok(true);
            }
            next = change.prev;
        }
        Ok(false)
    }

    /// What happened to contacts after change number `after`, and up to which one
    /// this is said: what is still being written is left for later, as are the
    /// deeds of rules and what is taken back.
    pub fn happened_after(&self, after: i64) -> rusqlite::Result<(Vec<(ContactRow, Happening)>, i64)> {
        let open: Option<i64> = self
            .0
            .prepare_cached("SELECT min(first_change) FROM operation WHERE state = 'open'")?
            .query_row([], |row| row.get(0))?;
        let last = open.map_or(self.last()?, |first| first - 1);
        let mut statement = self.0.prepare_cached(
            "SELECT c.entity, c.action, iif(c.entity = 0, c.row, a.contact),
                    c.action = 1 AND instr(ifnull(c.body, ''), '\"conversation_count\"') > 0
               FROM change c JOIN operation o ON o.op = c.op
               LEFT JOIN activity a ON c.entity = ?3 AND a.part = c.row
              WHERE c.seq > ?1 AND c.seq <= ?2 AND c.entity IN (0, ?3)
                AND o.kind NOT IN ('rule_run', 'undo', 'redo', 'rollback')",
        )?;
        let activity = Entity::Part(PartKind::Activity).number();
        let mut rows = statement.query(params![after, last, activity])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let Some(contact) = row.get::<_, Option<ContactRow>>(2)? else { continue };
            let is_new = row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == 0;
            let happening = match (is_new, row.get(3)?) {
                (true, _) => Happening::Arrived,
                (false, true) => Happening::Conversed,
                (false, false) => Happening::Changed,
            };
            all.push((contact, happening));
        }
        Ok((all, last.max(after)))
    }

    /// The number of the last change, 0 when there is none.
    pub fn last(&self) -> rusqlite::Result<i64> {
        self.0.prepare_cached("SELECT ifnull(max(seq), 0) FROM change")?.query_row([], |row| row.get(0))
    }

    /// Whether a person changed the contact after this change, in another
    /// operation that still stands. Imports and undone operations do not count.
    pub(crate) fn edited_since(&self, version: i64, since: &Change) -> rusqlite::Result<bool> {
        self.by_person_since(version, since, |_| true)
    }

    /// The same for the part that the change is about; `version` begins the
    /// chain of its contact.
    pub(crate) fn part_edited_since(&self, version: i64, since: &Change) -> rusqlite::Result<bool> {
        self.by_person_since(version, since, |change| change.entity == since.entity && change.row == since.row)
    }

    fn by_person_since(&self, version: i64, since: &Change, which: impl Fn(&Change) -> bool) -> rusqlite::Result<bool> {
        let mut next = Some(version);
        while let Some(seq) = next
            && seq > since.seq
        {
            let Some(change) = self.get(seq)? else { break };
            let by_person: bool = self
                .0
                .prepare_cached(
                    "SELECT kind NOT IN ('import', 'ingest', 'sample_load', 'rule_run', 'sync_run', 'undo', 'redo', 'rollback') AND reversed_by IS NULL AND origin <> 'retention'
                       FROM operation WHERE op = ?1",
                )?
                .query_row([change.op], |row| row.get(0))?;
            if by_person && change.op != since.op && which(&change) {
                return Ok(true);
            }
            next = change.prev;
        }
        Ok(false)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        seq: row.get(0)?,
        op: row.get(1)?,
        entity: Entity::of(row.get(2)?).ok_or(rusqlite::Error::IntegralValueOutOfRange(2, row.get(2)?))?,
        action: match row.get::<_, i64>(3)? {
            0 => Action::Insert,
            1 => Action::Update,
            _ => Action::Delete,
        },
        row: row.get(4)?,
        prev: row.get(5)?,
        body: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
    })
}

pub(crate) fn append(statements: &mut Statements<'_>, change: &Change) -> rusqlite::Result<()> {
    let statement = statements.of(
        Statement::InsertChange,
        "INSERT INTO change (seq, op, entity, action, row, prev, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        change.seq,
        change.op,
        change.entity.number(),
        change.action as i64,
        change.row,
        change.prev,
        crate::contact::some(&change.body)
    ])?;
    Ok(())
}
