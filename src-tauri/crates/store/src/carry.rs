//! What a restore must not take back: what people demanded after the backup was written, and
//! the record of what was done for them. It is brought over from the workspace that is there
//! before anybody sees the older one. Who must not come back is in a list of its own.

use crate::{connection, error::StoreError};
use rusqlite::{Connection, params_from_iter, types::Value};

/// The tables of these. What refers to another stands after it.
const CARRIED: &[&str] = &["erasure", "erasure_delivery", "request", "audit"];

/// Brings the rows of these tables over; those of `from` count. Gives how many there are.
pub(crate) fn carry(from: &Connection, to: &Connection) -> Result<u64, StoreError> {
    let all = to.unchecked_transaction()?;
    let mut carried = 0;
    for table in CARRIED {
        let known = columns(from, table)?;
        // One that came with a later schema is not known to the older workspace.
        let common: Vec<String> = columns(&all, table)?.into_iter().filter(|name| known.contains(name)).collect();
        if common.is_empty() {
            continue;
        }
        let (names, marks) = (common.join(", "), vec!["?"; common.len()].join(", "));
        let mut read = from.prepare(&format!("SELECT {names} FROM {table}"))?;
        let mut write = all.prepare(&format!("INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"))?;
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            let values: Vec<Value> = (0..common.len()).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
            carried += write.execute(params_from_iter(values))? as u64;
        }
    }
    connection::check_whole(from)?;
    all.commit()?;
    Ok(carried)
}

fn columns(db: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    db.prepare("SELECT name FROM pragma_table_info(?1)")?.query_map([table], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(sql: &str) -> Connection {
        let db = Connection::open_in_memory().expect("memory");
        db.execute_batch(sql).expect("sql");
        db
    }

    #[test]
    fn later_promises_outlive_a_restore_and_nothing_else_does() {
        let now = workspace(
            "CREATE TABLE request (id TEXT PRIMARY KEY, closed_at INTEGER, later TEXT);
             CREATE TABLE contact (name TEXT);
             INSERT INTO request VALUES ('a', 5, ''), ('b', NULL, ''); INSERT INTO contact VALUES ('Ana')",
        );
        let then = workspace(
            "CREATE TABLE request (id TEXT PRIMARY KEY, closed_at INTEGER);
             CREATE TABLE contact (name TEXT);
             INSERT INTO request VALUES ('a', NULL)",
        );
        assert_eq!(carry(&now, &then).expect("carried"), 2);
        let count = |sql: &str| then.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("a number");
        assert_eq!(count("SELECT count(*) FROM request"), 2);
        assert_eq!(count("SELECT count(*) FROM request WHERE id = 'a' AND closed_at = 5"), 1);
        assert_eq!(count("SELECT count(*) FROM contact"), 0);
    }
}
