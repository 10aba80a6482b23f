//! How conversations and lines of the export log go when their time is over. Contacts go
//! through the erasure alone.

use crate::{
    change::{Action, Entity},
    contact::ContactRow,
    error::StoreError,
    write::Tx,
};
use cardfile_domain::{Millis, PartKind};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;
use std::collections::HashSet;

/// The parts whose traces are to go. In memory, as all that is temporary.
const GATHER: &str = "CREATE TEMP TABLE IF NOT EXISTS purged (part INTEGER PRIMARY KEY) STRICT;
    DELETE FROM temp.purged";

impl Tx<'_> {
    /// Takes conversations away with their messages and with all that the history says of
    /// both. Their contacts keep that something went, and nothing of what. Gives how many.
    pub fn purge_conversations(&mut self, parts: &[i64]) -> Result<u32, StoreError> {
        self.db.execute_batch(GATHER)?;
        let mut purged = 0;
        for part in parts {
            let sql = "SELECT contact, version FROM conversation WHERE part = ?1";
            let found: Option<(Option<i64>, i64)> =
                self.db.prepare_cached(sql)?.query_row([part], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((contact, version)) = found else { continue };
            self.db
                .prepare_cached("INSERT OR IGNORE INTO temp.purged SELECT part FROM message WHERE conversation = ?1")?
                .execute([part])?;
            self.db.prepare_cached("INSERT OR IGNORE INTO temp.purged VALUES (?1)")?.execute([part])?;
            self.log_part(PartKind::Conversation, Action::Delete, *part, contact, Some(version), String::new())?;
            self.db.prepare_cached("DELETE FROM message WHERE conversation = ?1")?.execute([part])?;
            self.db.prepare_cached("DELETE FROM conversation WHERE part = ?1")?.execute([part])?;
            purged += 1;
        }
        self.forget_purged()?;
        Ok(purged)
    }

    /// Takes out of the history what it says of conversations that somebody removed before a
    /// moment, but for those of contacts that are on hold or restricted, and of those that are
    /// `spared`. Gives how many.
    pub fn purge_removed_conversations(
        &mut self,
        before: Millis,
        source: &str,
        spared: &HashSet<ContactRow>,
    ) -> Result<u32, StoreError> {
        let spared = Value::from_iter(spared.iter().copied()).to_string();
        self.db.execute_batch(GATHER)?;
        let conversation = Entity::Part(PartKind::Conversation).number();
        let found = self
            .db
            .prepare_cached(
                "INSERT OR IGNORE INTO temp.purged
                 SELECT c.row FROM change c JOIN operation o ON o.op = c.op
                  WHERE c.entity = ?1 AND c.action = 2 AND c.body IS NOT NULL AND o.at < ?2
                    AND (?3 = '' OR c.body ->> '$.value.platform' = ?3)
                    AND NOT EXISTS (SELECT 1 FROM conversation v WHERE v.part = c.row)
                    AND NOT EXISTS (SELECT 1 FROM restriction r
                                     WHERE r.contact = c.body ->> '$.parent' AND r.lifted_at IS NULL
                                       AND r.sort IN ('held', 'restricted'))
                    AND ifnull(c.body ->> '$.parent', -1) NOT IN (SELECT value FROM json_each(?4))",
            )?
            .execute(params![conversation, before.0, source, spared])?;
        // Their messages were removed with them, each with the place of its conversation.
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO temp.purged
                 SELECT row FROM change WHERE entity = ?1 AND action = 2 AND body IS NOT NULL
                    AND body ->> '$.parent' IN (SELECT part FROM temp.purged)",
            )?
            .execute([Entity::Part(PartKind::Message).number()])?;
        self.forget_purged()?;
        Ok(found as u32)
    }

    /// Empties what the history says of the parts that were gathered. Places are never used
    /// twice over all kinds of parts, so that no other part is meant. The index is of parts
    /// alone and has to be asked for by its own words: without it the whole history is read.
    fn forget_purged(&mut self) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE change INDEXED BY change_part SET body = NULL
                  WHERE entity > 2 AND entity IN (?1, ?2) AND body IS NOT NULL
                    AND row IN (SELECT part FROM temp.purged)",
            )?
            .execute([Entity::Part(PartKind::Conversation).number(), Entity::Part(PartKind::Message).number()])?;
        self.db.execute_batch("DELETE FROM temp.purged")?;
        self.touched.parts = true;
        Ok(())
    }

    /// Takes lines of the export log away that are older than a moment, but for those whose
    /// file is still to be deleted. Gives how many.
    pub fn purge_exports(&mut self, before: Millis) -> Result<u32, StoreError> {
        let purged = self
            .db
            .prepare_cached("DELETE FROM export_log WHERE at < ?1 AND (expires_at IS NULL OR deleted_at IS NOT NULL)")?
            .execute([before.0])?;
        Ok(purged as u32)
    }
}
