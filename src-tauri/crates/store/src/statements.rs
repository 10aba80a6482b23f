//! The statements that a bulk write runs for every row, prepared once for the
//! length of a transaction: finding one by its text costs as much as a small
//! insert.

use rusqlite::{CachedStatement, Connection};

/// Which.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Statement {
    InsertContact,
    UpdateContact,
    UpdateContactUnindexed,
    InsertChange,
    InsertTag,
    TouchContact,
    ReadVersion,
    ReadTags,
    DeleteTags,
}

/// Those that were needed so far.
pub(crate) struct Statements<'c> {
    db: &'c Connection,
    prepared: [Option<CachedStatement<'c>>; 9],
}

impl<'c> Statements<'c> {
    pub(crate) fn new(db: &'c Connection) -> Self {
        Self { db, prepared: [const { None }; 9] }
    }

    /// The statement, prepared from `sql` the first time.
    pub(crate) fn of(&mut self, which: Statement, sql: &str) -> rusqlite::Result<&mut CachedStatement<'c>> {
        let slot = &mut self.prepared[which as usize];
        match slot {
            Some(statement) => Ok(statement),
            None => Ok(slot.insert(self.db.prepare_cached(sql)?)),
        }
    }
}
