//! What can still be read of a damaged workspace, copied into a new one. The damaged one is
//! not touched. A backup is the better way: here rows are missing, and nobody can say what
//! was in them.

use crate::{
    blob, catalogue, connection,
    contact::Contacts,
    error::StoreError,
    files, in_use,
    inventory::Table,
    keyslots::{self, DataKey, KeySlots, Secret},
    schema::{self, TABLES},
    store::{DATABASE, Environment, Store},
    suppression_list::SuppressionList,
};
use cardfile_domain::say;
use rusqlite::{Connection, params_from_iter, types::Value};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// What was saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Contacts, those in the bin included.
    pub contacts: u32,
    /// Each table with its rows that were saved and the stretches in it that cannot be read.
    pub tables: Vec<(&'static str, u64, u32)>,
    /// Rows that were left out because what they belong to is lost.
    pub orphans: u64,
}

/// Copies what can be read of the workspace in `dir` into a folder that is empty or not
/// there. The new workspace has the key of the old one, and opens with the same. `held` is
/// the key when the workspace was just open; `prepare` is given the new one before it is in
/// its place.
pub fn salvage<E: From<StoreError>>(
    dir: &Path,
    into: &Path,
    held: Option<DataKey>,
    secret: Option<&Secret>,
    environment: &Environment,
    prepare: impl FnOnce(Store) -> Result<(), E>,
) -> Result<Salvaged, E> {
    files::refuse_link(into)?;
    if std::fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StoreError::NotEmpty(into.to_owned()).into());
    }
    let _alone = in_use::alone(dir)?;
    let slots = KeySlots::read(dir)?;
    let unasked = || slots.open_unasked(environment.keystore.as_deref());
    let key = match (held.or_else(unasked), secret) {
        (Some(key), _) => key,
        (None, Some(secret)) => slots.open_with(secret)?,
        (None, None) => return Err(StoreError::Locked.into()),
    };
    environment.sweep_siblings(into, "salvage");
    let draft = environment.sibling(into, "salvage");
    files::make_dir(&draft.join(catalogue::FOLDER))?;
    let saved = (|| {
        let saved = fill(dir, &draft, &key, environment)?;
        files::put(&draft.join(keyslots::FILE), slots.to_json().as_bytes())?;
        let store = Store::reopen(&draft, key.clone(), environment.clone())?.0;
        // Who must not come back and is lost in the table stands in the list beside it.
        if let Ok(Some(list)) = SuppressionList::read(dir) {
            let _ = store.adopt(&list);
        }
        prepare(store)?;
        let _ = std::fs::remove_dir(into);
        std::fs::rename(&draft, into).map_err(StoreError::io(into.display().to_string()))?;
        Ok::<_, E>(saved)
    })();
    if saved.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    saved
}

fn fill(dir: &Path, draft: &Path, key: &DataKey, environment: &Environment) -> Result<Salvaged, StoreError> {
    let mut source = Source::open(dir.join(DATABASE), key)?;
    let version = source.ask(|db| db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)));
    if version != Some(schema::VERSION) {
        return Err(StoreError::Damaged(say!("another version of the app wrote it; only a backup brings it back")));
    }
    let path = draft.join(DATABASE);
    drop(files::create_new(&path)?);
    let mut target = connection::open(&path, key, true)?;
    schema::migrate(&mut target, environment.app, environment.clock.now())?;
    // What a new workspace begins with is in the old one too.
    schema::empty(&target)?;
    // In any order; what belongs to nothing is looked for afterwards.
    target.execute_batch("PRAGMA foreign_keys = OFF")?;
    let mut saved = Salvaged::default();
    for table in TABLES.iter().filter(|table| table.name != "schema_step") {
        if is_index_of_texts(&target, table)? {
            continue;
        }
        let (rows, gaps) = copy(&mut source, &target, table)?;
        saved.tables.push((table.name, rows, gaps));
    }
    saved.orphans = drop_orphans(&target)?;
    count_on(&target)?;
    schema::ensure_lookups(&target)?;
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    connection::verify(&target)?;
    saved.contacts = Contacts(&target).count()?.0;
    let blobs = draft.join(blob::FOLDER);
    files::make_dir(&blobs)?;
    for name in blob::names(dir)? {
        let from = dir.join(blob::FOLDER).join(&name);
        let fail = |error: io::Error| StoreError::io(from.display().to_string())(error);
        let mut bytes = File::open(&from).map_err(fail)?;
        io::copy(&mut bytes, &mut files::create_new(&blobs.join(&name))?).map_err(fail)?;
    }
    Ok(saved)
}

/// A database that fails now and then.
struct Source<'k> {
    path: PathBuf,
    key: &'k DataKey,
    db: Connection,
}

impl<'k> Source<'k> {
    fn open(path: PathBuf, key: &'k DataKey) -> Result<Self, StoreError> {
        let db = connection::open_untouched(&path, key)?;
        Ok(Self { path, key, db })
    }

    /// `None` when a damaged page was met. The cipher answers nothing more on a connection
    /// that met one: it is another one from then on.
    fn ask<T>(&mut self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let answer = ask(&self.db).ok().filter(|_| connection::check_whole(&self.db).is_ok());
        if answer.is_none()
            && let Ok(db) = connection::open_untouched(&self.path, self.key)
        {
            self.db = db;
        }
        answer
    }
}

/// Rows that are read at a time, where nothing is damaged.
const MANY: i64 = 1_000;

/// Copies a table. Gives the rows, and the stretches that cannot be read.
fn copy(source: &mut Source<'_>, target: &Connection, table: &Table) -> Result<(u64, u32), StoreError> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let (name, names, marks) = (table.name, names.join(", "), vec!["?"; names.len()].join(", "));
    let all = target.unchecked_transaction()?;
    let mut write = all.prepare(&format!("INSERT OR REPLACE INTO {name} ({names}) VALUES ({marks})"))?;
    let mut saved = 0;
    let mut keep = |rows: Vec<Vec<Value>>| -> Result<(), StoreError> {
        for row in rows {
            saved += write.execute(params_from_iter(row))? as u64;
        }
        Ok(())
    };
    let width = table.columns.len();
    let mut gaps = 0;
    if all.prepare(&format!("SELECT rowid FROM {name}")).is_ok() {
        let sql = format!("SELECT {names}, rowid FROM {name} WHERE rowid > ?1 ORDER BY rowid LIMIT ?2");
        let read = |source: &mut Source<'_>, after: i64, limit: i64| {
            source.ask(|db| {
                let mut statement = db.prepare(&sql)?;
                let rows = statement.query_map([after, limit], |row| {
                    let values = (0..width).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()?;
                    Ok((row.get::<_, i64>(width)?, values))
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            })
        };
        let (mut after, mut limit) = (0, MANY);
        loop {
            match read(source, after, limit) {
                Some(rows) => {
                    let Some((last, _)) = rows.last() else { break };
                    after = *last;
                    keep(rows.into_iter().map(|(_, row)| row).collect())?;
                    limit = (limit * 8).min(MANY);
                }
                None if limit > 1 => limit = (limit / 8).max(1),
                None => {
                    gaps += 1;
                    match behind(after, |after| read(source, after, 1).is_some()) {
                        Some(readable) => after = readable,
                        // To its end.
                        None => break,
                    }
                }
            }
        }
    } else {
        let keys: Vec<String> = all
            .prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?
            .query_map([name], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        // From both ends up to what is damaged.
        for order in ["ASC", "DESC"] {
            let by: Vec<String> = keys.iter().map(|key| format!("{key} {order}")).collect();
            let sql = format!("SELECT {names} FROM {name} ORDER BY {}", by.join(", "));
            let mut rows = Vec::new();
            let is_whole = source.ask(|db| each(db, &sql, width, &mut rows)).is_some();
            keep(rows)?;
            if is_whole {
                break;
            }
            gaps = 1;
        }
    }
    drop(write);
    all.commit()?;
    Ok((saved, gaps))
}

/// Reads rows one by one, as long as each page that they stand on is whole.
fn each(db: &Connection, sql: &str, width: usize, rows: &mut Vec<Vec<Value>>) -> rusqlite::Result<()> {
    let mut statement = db.prepare(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let values = (0..width).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        if connection::check_whole(db).is_err() {
            break;
        }
        rows.push(values);
    }
    Ok(())
}

/// The smallest number after a damaged one behind which a row can be read again, or the end.
/// Looked for in steps that double, then halve.
fn behind(damaged: i64, mut is_readable: impl FnMut(i64) -> bool) -> Option<i64> {
    const STEPS: u32 = 40;
    let mut step = (0..STEPS).map(|power| 1_i64 << power);
    let step = step.find(|step| is_readable(damaged + step))?;
    let (mut low, mut high) = (damaged + step / 2, damaged + step);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_readable(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

/// Takes out what refers to rows that are lost, and what refers to that. Gives how many.
fn drop_orphans(db: &Connection) -> Result<u64, StoreError> {
    const DEPTH: u32 = 10;
    let mut dropped = 0;
    for _ in 0..DEPTH {
        let before = dropped;
        for table in TABLES {
            let references: Vec<(String, String, String)> = db
                .prepare(r#"SELECT "from", "table", "to" FROM pragma_foreign_key_list(?1)"#)?
                .query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (column, parent, key) in references {
                let name = table.name;
                let sql = format!(
                    "DELETE FROM {name} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {parent})"
                );
                dropped += db.execute(&sql, [])? as u64;
            }
        }
        if dropped == before {
            break;
        }
    }
    Ok(dropped)
}

/// Numbers go on after the highest that was saved: none is used twice.
fn count_on(db: &Connection) -> Result<(), StoreError> {
    let parts = TABLES.iter().filter(|table| table.columns.iter().any(|column| column.name == "part"));
    let parts = parts.map(|table| (table.name, "part", "part"));
    for (table, column, counter) in parts.chain([("contact", "row", "contact")]) {
        let sql = format!(
            "UPDATE counter SET next = max(next, (SELECT ifnull(max({column}), 0) + 1 FROM {table})) WHERE name = ?1"
        );
        db.execute(&sql, [counter])?;
    }
    Ok(())
}

/// These fill themselves from the texts.
fn is_index_of_texts(db: &Connection, table: &Table) -> Result<bool, StoreError> {
    Ok(db.query_row(
        "SELECT count(*) FROM pragma_table_list WHERE name = ?1 AND type = 'virtual'",
        [table.name],
        |row| row.get(0),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_next_one(10, 11..=11)]
    #[case::a_page_of_them(10, 11..=57)]
    #[case::far_on(0, 1..=123_456)]
    fn the_end_of_a_damaged_stretch_is_found(#[case] at: i64, #[case] damaged: std::ops::RangeInclusive<i64>) {
        // A row is read behind a number: the last damaged one is readable behind itself.
        let end = *damaged.end();
        let mut looks = 0;
        let found = behind(at, |after| {
            looks += 1;
            after >= end
        });
        assert_eq!(found, Some(end));
        assert!(looks < 60, "{looks}");
        assert_eq!(behind(at, |_| false), None);
    }
}
