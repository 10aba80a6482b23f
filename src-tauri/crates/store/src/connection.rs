//! One encrypted connection with the settings every connection must have.

use crate::{
    error::StoreError,
    keyslots::{DataKey, hex},
};
use cardfile_domain::say;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, backup::Backup, config::DbConfig};
use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long a writer waits for another program before it gives up.
pub(crate) const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 160;

/// Bytes of a page, as the pragma below sets them.
pub(crate) const PAGE: u64 = 8192;

static KEYING: Mutex<()> = Mutex::new(());

/// Opens the database; `create` makes the file.
pub(crate) fn open(path: &Path, key: &DataKey, create: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    // One at a time: threads that bring the cipher up together can fail each other.
    let one_at_a_time = KEYING.lock().unwrap_or_else(PoisonError::into_inner);
    let db = Connection::open_with_flags(path, flags)?;
    // The first statement: without it the rest would be read as clear text.
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", &*Zeroizing::new(hex(&*key.0))));
    db.execute_batch(&pragma)?;
    drop(one_at_a_time);
    // Processors have instructions for SHA-256 and none for SHA-512, and most of
    // the time of a scan is the authentication of its pages.
    db.execute_batch(
        "PRAGMA cipher_log_level = NONE;
         PRAGMA cipher_page_size = 8192;
         PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
    )?;
    db.busy_timeout(BUSY_LIMIT)?;
    // Reads the first page, and so proves the key. A key that is not the one of this file
    // and damage look alike from here.
    db.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).map_err(|error| {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                StoreError::Damaged(say!("the key does not fit its first page: it is damaged, or of another workspace"))
            }
            _ => StoreError::from(error),
        }
    })?;
    db.execute_batch(SETTINGS)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// What every connection to a file must have.
const SETTINGS: &str = "PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA trusted_schema = OFF";

/// A database in a file without a cipher: for the test that looks at its bytes.
pub(crate) fn open_clear(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_LIMIT)?;
    db.execute_batch(SETTINGS)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// The same for one that is only looked at and stays as it is: the last one who closes a
/// database would tidy up its journal.
pub(crate) fn open_untouched(path: &Path, key: &DataKey) -> Result<Connection, StoreError> {
    let db = open(path, key, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

/// A database in memory, without a cipher.
pub(crate) fn open_memory() -> Result<Connection, StoreError> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF",
    )?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// Copies a database page by page into a file that is there and empty, for another key or
/// the same. It is one file then, without a journal beside it.
pub(crate) fn copy(source: &Connection, to: &Path, key: &DataKey) -> Result<(), StoreError> {
    // One state of it, however long it takes and whoever writes meanwhile.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    let mut target = open(to, key, true)?;
    overwrite(&mut target, source)?;
    check_whole(source)?;
    source.execute_batch("ROLLBACK")?;
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}

/// Makes a database what another one is, page by page. Both have a cipher, each of its own key, or
/// neither has.
pub(crate) fn overwrite(target: &mut Connection, source: &Connection) -> Result<(), StoreError> {
    Backup::new(source, target)?.run_to_completion(4096, Duration::ZERO, None)?;
    Ok(())
}

/// Refuses what was read on a connection that met a page which fails its check. The cipher
/// gives zeros for such a page and closes the connection for writing; where the page was the
/// end of a long text, SQLite itself would notice nothing.
pub(crate) fn check_whole(db: &Connection) -> Result<(), StoreError> {
    if db.is_readonly(MAIN_DB)? {
        return Err(StoreError::Damaged(say!("a page of it is not what was written")));
    }
    Ok(())
}

/// Every page is what was written, every reference points somewhere.
pub(crate) fn verify(db: &Connection) -> Result<(), StoreError> {
    let mut faults = Vec::new();
    for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
        let mut statement = db.prepare(pragma)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get::<_, String>(0)?;
            if text != "ok" {
                faults.push(text);
            }
        }
    }
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(StoreError::Damaged(say!("{first} ({count} faults)", first, count = faults.len()))),
    }
}
