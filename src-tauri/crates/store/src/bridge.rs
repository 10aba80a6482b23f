//! Remotes that a team shares: what of their pairs the team's database does not know yet.
//! Triggers keep the marks, so that no way of changing a pair can forget one.

use crate::{
    error::StoreError,
    inventory::{Table, derived, technical},
    pair::{PairRow, Pairs},
    remote::RemoteRow,
    write::Tx,
};
use rusqlite::{Connection, params};

pub(crate) const CHANGE: Table = Table {
    name: "bridge_change",
    migrations: &[(
        8,
        "ALTER TABLE remote ADD COLUMN epoch INTEGER;           -- of the latest lease; nothing where no team shares it
        ALTER TABLE remote ADD COLUMN device TEXT;              -- what the team is called in its records
        ALTER TABLE pair ADD COLUMN part TEXT;                  -- what the team's database calls it
        CREATE TABLE bridge_change (
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            pair INTEGER NOT NULL,
            times INTEGER NOT NULL,                             -- a mark that moved meanwhile is not taken off
            PRIMARY KEY (remote, pair)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER bridge_made AFTER INSERT ON pair
            WHEN EXISTS (SELECT 1 FROM remote WHERE remote = new.remote AND epoch IS NOT NULL)
        BEGIN
            INSERT INTO bridge_change (remote, pair, times) VALUES (new.remote, new.pair, 1)
                ON CONFLICT (remote, pair) DO UPDATE SET times = times + 1;
        END;
        CREATE TRIGGER bridge_changed
            AFTER UPDATE OF contact, external_id, key, version, state, is_open, rival, fate ON pair
            WHEN EXISTS (SELECT 1 FROM remote WHERE remote = new.remote AND epoch IS NOT NULL)
        BEGIN
            INSERT INTO bridge_change (remote, pair, times) VALUES (new.remote, new.pair, 1)
                ON CONFLICT (remote, pair) DO UPDATE SET times = times + 1;
        END",
    )],
    lookups: &[],
    columns: &[technical("remote"), technical("pair"), technical("times")],
};

/// Pairs that are no more, and that the team's database still knows.
pub(crate) const END: Table = Table {
    name: "bridge_end",
    migrations: &[(
        8,
        "CREATE TABLE bridge_end (
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            part TEXT NOT NULL,
            key TEXT,                                           -- of the record that is gone with it
            PRIMARY KEY (remote, part)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER bridge_ended AFTER DELETE ON pair
            WHEN old.part IS NOT NULL AND EXISTS (SELECT 1 FROM remote WHERE remote = old.remote)
        BEGIN
            DELETE FROM bridge_change WHERE remote = old.remote AND pair = old.pair;
            INSERT OR REPLACE INTO bridge_end (remote, part, key) VALUES (old.remote, old.part, NULL);
        END",
    )],
    lookups: &[],
    columns: &[technical("remote"), technical("part"), derived("key")],
};

/// A pair that the team's database knows otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As it is now.
    pub pair: PairRow,
    /// Which mark this is.
    pub times: i64,
}

/// A part that the team's database is to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What it is called there.
    pub part: String,
    /// The record that is gone with it.
    pub key: Option<String>,
}

/// Reads. Limits have a sign: the planner looks at a bound one without, and a statement of that
/// kind is prepared again each time it runs.
pub struct Bridges<'c>(pub(crate) &'c Connection);

impl Bridges<'_> {
    /// Pairs of a remote that the team's database knows otherwise, some of them.
    pub fn changed(&self, remote: RemoteRow, limit: usize) -> rusqlite::Result<Vec<Changed>> {
        let marks: Vec<(i64, i64)> = self
            .0
            .prepare_cached(
                "SELECT pair, times FROM bridge_change JOIN pair USING (remote, pair)
                  WHERE remote = ?1 ORDER BY pair LIMIT +?2",
            )?
            .query_map(params![remote, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut changed = Vec::with_capacity(marks.len());
        for (pair, times) in marks {
            changed.extend(Pairs(self.0).get(pair)?.map(|pair| Changed { pair, times }));
        }
        Ok(changed)
    }

    /// Pairs of contacts and their records of which the team's database has never heard, some of
    /// them.
    pub fn unnamed(&self, remote: RemoteRow, limit: usize) -> rusqlite::Result<Vec<PairRow>> {
        let pairs: Vec<i64> = self
            .0
            .prepare_cached(
                "SELECT pair FROM bridge_change JOIN pair USING (remote, pair)
                  WHERE remote = ?1 AND part IS NULL AND contact IS NOT NULL AND key IS NOT NULL
                  ORDER BY pair LIMIT +?2",
            )?
            .query_map(params![remote, limit as i64], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        pairs.into_iter().filter_map(|pair| Pairs(self.0).get(pair).transpose()).collect()
    }

    /// Parts that the team's database is to forget.
    pub fn ended(&self, remote: RemoteRow) -> rusqlite::Result<Vec<Ended>> {
        self.0
            .prepare_cached("SELECT part, key FROM bridge_end WHERE remote = ?1 ORDER BY part")?
            .query_map([remote], |row| Ok(Ended { part: row.get(0)?, key: row.get(1)? }))?
            .collect()
    }
}

impl Tx<'_> {
    /// A team shares the remote from now on, or has it under another lease.
    pub fn bridge(&mut self, remote: RemoteRow, epoch: i64, device: &str) -> Result<(), StoreError> {
        self.touched.sync = true;
        self.db
            .prepare_cached("UPDATE remote SET epoch = ?2, device = ?3 WHERE remote = ?1")?
            .execute(params![remote, epoch, device])?;
        Ok(())
    }

    /// What is known of a shared remote is from a copy: whoever takes its lease next begins
    /// with what the team knows, also when nobody else had it in between.
    pub fn unbridge(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.touched.sync = true;
        self.db.prepare_cached("UPDATE remote SET epoch = NULL, device = NULL WHERE remote = ?1")?.execute([remote])?;
        Ok(())
    }

    /// The team's database knows none of the pairs of a remote.
    pub fn mark_pairs(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM bridge_end WHERE remote = ?1", [remote])?;
        self.db.execute("UPDATE pair SET part = NULL WHERE remote = ?1", [remote])?;
        self.db.execute(
            "INSERT OR REPLACE INTO bridge_change (remote, pair, times) SELECT remote, pair, 1 FROM pair WHERE remote = ?1",
            [remote],
        )?;
        Ok(())
    }

    /// The team's database will call a pair so.
    pub fn name_pair(&mut self, pair: i64, part: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("UPDATE pair SET part = ?2 WHERE pair = ?1")?.execute(params![pair, part])?;
        Ok(())
    }

    /// The team's database knows a pair as it was when this mark was read.
    pub fn unmark_pair(&mut self, remote: RemoteRow, pair: i64, times: i64) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM bridge_change WHERE remote = ?1 AND pair = ?2 AND times = ?3")?
            .execute(params![remote, pair, times])?;
        Ok(())
    }

    /// The team's database is to forget a part of which nothing is known here.
    pub fn end_part(&mut self, remote: RemoteRow, part: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO bridge_end (remote, part) VALUES (?1, ?2)")?
            .execute(params![remote, part])?;
        Ok(())
    }

    /// The team's database forgot a part.
    pub fn unmark_end(&mut self, remote: RemoteRow, part: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached("DELETE FROM bridge_end WHERE remote = ?1 AND part = ?2")?
            .execute(params![remote, part])?;
        Ok(())
    }

    /// Forgets all pairs of a remote: others know more of it by now.
    pub fn forget_pairs(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.touched.sync = true;
        self.db.execute("DELETE FROM pair WHERE remote = ?1", [remote])?;
        self.settle_bridge(remote)
    }

    /// The team's database knows everything of a remote.
    pub fn settle_bridge(&mut self, remote: RemoteRow) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM bridge_change WHERE remote = ?1", [remote])?;
        self.db.execute("DELETE FROM bridge_end WHERE remote = ?1", [remote])?;
        Ok(())
    }

    /// Both sides know that a record is gone.
    pub fn put_tombstone(&mut self, remote: RemoteRow, key: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO tombstone (remote, key) VALUES (?1, ?2)")?
            .execute(params![remote, key])?;
        Ok(())
    }

    /// A record that was gone is there again, also one of an erased person.
    pub fn lift_tombstone(&mut self, remote: RemoteRow, key: &str) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM tombstone WHERE remote = ?1 AND key IN (?2, ?3)")?.execute(params![
            remote,
            key,
            self.buried(remote, key)
        ])?;
        Ok(())
    }
}
