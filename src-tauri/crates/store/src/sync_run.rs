//! Sync runs: when each was, what it did and how it ended.

use crate::{
    contact::unreadable,
    error::StoreError,
    inventory::{Table, technical},
    remote::RemoteRow,
    write::Tx,
};
use cardfile_domain::{Millis, OperationId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

pub(crate) const TABLE: Table = Table {
    name: "sync_run",
    migrations: &[(
        7,
        "CREATE TABLE sync_run (
            run INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            remote INTEGER NOT NULL REFERENCES remote (remote) ON DELETE CASCADE,
            at INTEGER NOT NULL,
            ended_at INTEGER,                   -- nothing: it runs, or was cut off
            outcome TEXT,                       -- JSON: how it ended
            counts TEXT NOT NULL,               -- JSON: what it did
            operation TEXT                      -- what it changed here, to be undone
        ) STRICT;
        CREATE INDEX sync_run_at ON sync_run (remote, run)",
    )],
    lookups: &[],
    columns: &[
        technical("run"),
        technical("id"),
        technical("remote"),
        technical("at"),
        technical("ended_at"),
        technical("outcome"),
        technical("counts"),
        technical("operation"),
    ],
};

/// One run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncRun {
    /// Its number; 0 before it is kept.
    pub run: i64,
    /// Its id, `run_…`.
    pub id: String,
    /// Which remote.
    pub remote: RemoteRow,
    /// When it began.
    pub at: Millis,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// How it ended; null while it runs.
    pub outcome: Value,
    /// What it did.
    pub counts: Value,
    /// What it changed here.
    pub operation: Option<OperationId>,
}

const COLUMNS: &str = "run, id, remote, at, ended_at, outcome, counts, operation";

/// Reads.
pub struct SyncRuns<'c>(pub(crate) &'c Connection);

impl SyncRuns<'_> {
    /// The latest of a remote, newest first.
    pub fn of_remote(&self, remote: RemoteRow, limit: u32) -> rusqlite::Result<Vec<SyncRun>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM sync_run WHERE remote = ?1 ORDER BY run DESC LIMIT ?2"))?
            .query_map(params![remote, limit], read)?
            .collect()
    }

    /// One by its id.
    pub fn get(&self, id: &str) -> rusqlite::Result<Option<SyncRun>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM sync_run WHERE id = ?1"))?
            .query_row([id], read)
            .optional()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SyncRun> {
    let json = |at: usize| -> rusqlite::Result<Value> {
        let text: Option<String> = row.get(at)?;
        text.map_or(Ok(Value::Null), |text| serde_json::from_str(&text).map_err(|error| unreadable(at, error)))
    };
    Ok(SyncRun {
        run: row.get(0)?,
        id: row.get(1)?,
        remote: row.get(2)?,
        at: Millis(row.get(3)?),
        ended_at: row.get::<_, Option<i64>>(4)?.map(Millis),
        outcome: json(5)?,
        counts: json(6)?,
        operation: row.get::<_, Option<String>>(7)?.map(OperationId::from_stored),
    })
}

impl Tx<'_> {
    /// Keeps a run: a new one when its number is 0. Gives its number.
    pub fn put_sync_run(&mut self, run: &SyncRun) -> Result<i64, StoreError> {
        let outcome = (!run.outcome.is_null()).then(|| run.outcome.to_string());
        self.db
            .prepare_cached(
                "INSERT INTO sync_run (run, id, remote, at, ended_at, outcome, counts, operation)
                 VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (run) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome,
                     counts = excluded.counts, operation = excluded.operation",
            )?
            .execute(params![
                run.run,
                run.id,
                run.remote,
                run.at.0,
                run.ended_at.map(|at| at.0),
                outcome,
                run.counts.to_string(),
                run.operation.as_ref().map(OperationId::as_str)
            ])?;
        self.touched.sync = true;
        Ok(if run.run == 0 { self.db.last_insert_rowid() } else { run.run })
    }
}
