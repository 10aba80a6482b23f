//! Retention rules, the times they worked, and how what had its time goes: out of its table
//! and out of the history, so that no undo brings it back.

mod purge;

use crate::{
    contact::ContactRow,
    error::StoreError,
    inventory::{Table, business, technical},
    operation::OpKind,
    write::Tx,
};
use cardfile_domain::{
    Millis,
    retention::{Kept, RetentionRule, RetentionRun, RuleState},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) const RULE: Table = Table {
    name: "retention_rule",
    migrations: &[(
        11,
        "CREATE TABLE retention_rule (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            what TEXT NOT NULL,
            source TEXT NOT NULL,
            identity TEXT NOT NULL,
            days INTEGER NOT NULL,
            ceiling INTEGER NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_run_at INTEGER
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        business("id"),
        business("name"),
        business("what"),
        business("source"),
        business("identity"),
        business("days"),
        business("ceiling"),
        business("state"),
        technical("created_at"),
        technical("last_run_at"),
    ],
};

pub(crate) const RUN: Table = Table {
    name: "retention_run",
    migrations: &[(
        11,
        "CREATE TABLE retention_run (
            id TEXT PRIMARY KEY,
            rule TEXT NOT NULL,                 -- no reference: the rule may be gone
            at INTEGER NOT NULL,
            matched INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            spared INTEGER NOT NULL,
            is_stopped INTEGER NOT NULL
        ) STRICT",
    )],
    lookups: &[],
    columns: &[
        technical("id"),
        technical("rule"),
        technical("at"),
        technical("matched"),
        technical("deleted"),
        technical("spared"),
        technical("is_stopped"),
    ],
};

const COLUMNS: &str = "id, name, what, source, identity, days, ceiling, state, created_at, last_run_at";

/// A conversation whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldConversation {
    /// Its place.
    pub part: i64,
    /// Whose it is, where that is known.
    pub contact: Option<ContactRow>,
    /// It stays: its contact is on hold or restricted.
    pub is_spared: bool,
}

/// Reads.
pub struct Retention<'c>(pub(crate) &'c Connection);

impl Retention<'_> {
    /// All rules, in the order they were made.
    pub fn rules(&self) -> rusqlite::Result<Vec<RetentionRule>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM retention_rule ORDER BY created_at, id"))?
            .query_map([], read)?
            .collect()
    }

    /// One by its id.
    pub fn rule(&self, id: &str) -> rusqlite::Result<Option<RetentionRule>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM retention_rule WHERE id = ?1"))?
            .query_row([id], read)
            .optional()
    }

    /// The latest times that rules worked, newest first.
    pub fn runs(&self, limit: u32) -> rusqlite::Result<Vec<RetentionRun>> {
        self.0
            .prepare_cached(
                "SELECT id, rule, at, matched, deleted, spared, is_stopped FROM retention_run
                  ORDER BY at DESC, id DESC LIMIT ?1",
            )?
            .query_map([limit], |row| {
                Ok(RetentionRun {
                    id: row.get(0)?,
                    rule: row.get(1)?,
                    at: Millis(row.get(2)?),
                    matched: row.get(3)?,
                    deleted: row.get(4)?,
                    spared: row.get(5)?,
                    is_stopped: row.get(6)?,
                })
            })?
            .collect()
    }

    /// Conversations that ended before a moment, of a platform and of contacts at a level;
    /// an empty word means all. One of nobody known is of an anonymous visitor.
    pub fn old_conversations(
        &self,
        before: Millis,
        source: &str,
        identity: &str,
    ) -> rusqlite::Result<Vec<OldConversation>> {
        self.0
            .prepare_cached(
                "SELECT c.part, c.contact,
                        EXISTS (SELECT 1 FROM restriction r
                                 WHERE r.contact = c.contact AND r.lifted_at IS NULL
                                   AND r.sort IN ('held', 'restricted'))
                   FROM conversation c LEFT JOIN contact o ON o.row = c.contact
                  WHERE ifnull(c.last_at, c.created_at) < ?1
                    AND (?2 = '' OR c.platform = ?2)
                    AND (?3 = '' OR ?3 = iif(c.contact IS NULL, 'anonymous', ifnull(o.identity, 'identified')))
                  ORDER BY c.part",
            )?
            .query_map(params![before.0, source, identity], |row| {
                Ok(OldConversation { part: row.get(0)?, contact: row.get(1)?, is_spared: row.get(2)? })
            })?
            .collect()
    }

    /// Cards that left the bin before a moment and of which the history still tells; of a source
    /// and at a level as above. What became part of another card is that card's.
    pub fn old_removed(&self, before: Millis, source: &str, identity: &str) -> rusqlite::Result<Vec<ContactRow>> {
        self.0
            .prepare_cached(
                "SELECT c.row FROM change c JOIN operation o ON o.op = c.op
                  WHERE c.entity = 0 AND c.action = 2 AND nullif(c.body, '') ->> '$.id' IS NOT NULL
                    AND o.kind = ?4
                    AND (?2 = '' OR nullif(c.body, '') ->> '$.source' = ?2)
                    AND (?3 = '' OR ifnull(nullif(c.body, '') ->> '$.identity', 'identified') = ?3)
                    AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.row = c.row)
                  GROUP BY c.row HAVING max(o.at) < ?1
                  ORDER BY c.row",
            )?
            .query_map(params![before.0, source, identity, OpKind::BinEmpty.as_str()], |row| row.get(0))?
            .collect()
    }

    /// How many lines of the export log are older, but for those whose file is still to be
    /// deleted.
    pub fn count_old_exports(&self, before: Millis) -> rusqlite::Result<u32> {
        self.0
            .prepare_cached(
                "SELECT count(*) FROM export_log WHERE at < ?1 AND (expires_at IS NULL OR deleted_at IS NOT NULL)",
            )?
            .query_row([before.0], |row| row.get(0))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<RetentionRule> {
    Ok(RetentionRule {
        id: row.get(0)?,
        name: row.get(1)?,
        what: Kept::parse(row.get_ref(2)?.as_str()?).unwrap_or_default(),
        source: row.get(3)?,
        identity: row.get(4)?,
        days: row.get(5)?,
        ceiling: row.get(6)?,
        // A word of a later version does nothing by itself.
        state: RuleState::parse(row.get_ref(7)?.as_str()?).unwrap_or_default(),
        created_at: Millis(row.get(8)?),
        last_run_at: row.get::<_, Option<i64>>(9)?.map(Millis),
    })
}

impl Tx<'_> {
    /// Keeps a rule: a new one when it has no id, else in place of what was known. Gives its id.
    pub fn put_retention_rule(&mut self, rule: &RetentionRule) -> Result<String, StoreError> {
        let id = if rule.id.is_empty() { self.new_id("ret_") } else { rule.id.clone() };
        let created_at = if rule.created_at.0 == 0 { self.now() } else { rule.created_at };
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO retention_rule (id, name, what, source, identity, days, ceiling, state,
                                                        created_at, last_run_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                id,
                rule.name,
                rule.what.as_str(),
                rule.source,
                rule.identity,
                rule.days,
                rule.ceiling,
                rule.state.as_str(),
                created_at.0,
                rule.last_run_at.map(|at| at.0)
            ])?;
        self.touched.settings = true;
        Ok(id)
    }

    /// Takes a rule away; the times it worked stay.
    pub fn delete_retention_rule(&mut self, id: &str) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM retention_rule WHERE id = ?1", [id])?;
        self.touched.settings = true;
        Ok(())
    }

    /// Keeps that a rule worked. Gives the id of the run.
    pub fn log_retention_run(&mut self, run: &RetentionRun) -> Result<String, StoreError> {
        let id = self.new_id("rrn_");
        self.db
            .prepare_cached(
                "INSERT INTO retention_run (id, rule, at, matched, deleted, spared, is_stopped)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![id, run.rule, run.at.0, run.matched, run.deleted, run.spared, run.is_stopped])?;
        self.touched.settings = true;
        Ok(id)
    }
}
