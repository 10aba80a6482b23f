//! What a restore must not take back: what people demanded after the backup was written, the
//! record of what was done for them, and who got their data. It is brought over from the
//! workspace that is there before anybody sees the older one. Who must not come back is in a
//! list of its own.

use crate::{connection, error::StoreError};
use rusqlite::{Connection, Statement, params_from_iter, types::Value};
use std::borrow::Borrow;

/// The tables of these. What refers to another stands after it.
const CARRIED: &[&str] = &["erasure", "erasure_delivery", "request", "audit"];

/// Brings the rows of these tables over; those of `from` count. Each table comes by itself and
/// over a connection of its own: one that met a damaged page reads nothing more. Gives how many
/// rows there are, and the tables that did not come.
pub(crate) fn carry<C: Borrow<Connection>>(
    from: impl Fn() -> Result<C, StoreError>,
    to: &Connection,
) -> (u64, Vec<&'static str>) {
    let (mut carried, mut left) = (0, Vec::new());
    let mut bring = |table: &'static str, copy: &dyn Fn(&Connection, &Connection) -> rusqlite::Result<u64>| match from()
        .and_then(|from| alone(Borrow::<Connection>::borrow(&from), to, copy))
    {
        Ok(rows) => carried += rows,
        Err(_) => left.push(table),
    };
    for &table in CARRIED {
        bring(table, &|from, to| copy(table, from, to));
    }
    for &(table, width, read, write) in TOLD {
        bring(table, &|from, to| tell(table, (width, read, write), from, to));
    }
    (carried, left)
}

/// One table, or nothing of it.
fn alone(
    from: &Connection,
    to: &Connection,
    copy: &dyn Fn(&Connection, &Connection) -> rusqlite::Result<u64>,
) -> Result<u64, StoreError> {
    let all = to.unchecked_transaction()?;
    let carried = copy(from, &all)?;
    connection::check_whole(from)?;
    all.commit()?;
    Ok(carried)
}

fn copy(table: &str, from: &Connection, to: &Connection) -> rusqlite::Result<u64> {
    let known = columns(from, table)?;
    // One that came with a later schema is not known to the older workspace.
    let common: Vec<String> = columns(to, table)?.into_iter().filter(|name| known.contains(name)).collect();
    if common.is_empty() {
        return Ok(0);
    }
    let (names, marks) = (common.join(", "), vec!["?"; common.len()].join(", "));
    let mut read = from.prepare(&format!("SELECT {names} FROM {table}"))?;
    let mut write = to.prepare(&format!("INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"))?;
    put_all(common.len(), &mut read, &mut write)
}

/// Who got data: table, columns that are read, how, and how they are kept.
///
/// A restored workspace gives places of cards out again that were taken since. So what a
/// recipient got is kept for cards that are in both, and who was in an export since is not
/// known any more, unless everybody was.
const TOLD: &[(&str, usize, &str, &str)] = &[
    (
        "disclosure",
        6,
        "SELECT d.contact, c.id, d.recipient, d.name, d.kind, d.fields
           FROM disclosure d JOIN contact c ON c.row = d.contact",
        "INSERT OR REPLACE INTO disclosure (contact, recipient, name, kind, fields)
         SELECT ?1, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM contact WHERE row = ?1 AND id = ?2)",
    ),
    (
        "export_log",
        14,
        "SELECT export, at, actor, origin, file, format, what, columns, contacts, bytes, sha256, expires_at,
                deleted_at, members
           FROM export_log",
        "INSERT INTO export_log (export, at, actor, origin, file, format, what, columns, contacts, bytes, sha256,
                                 expires_at, deleted_at, members)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, iif(?14 = x'00', ?14, NULL))
             ON CONFLICT (export) DO UPDATE SET file = excluded.file, what = excluded.what,
                 expires_at = excluded.expires_at, deleted_at = excluded.deleted_at",
    ),
];

fn tell(
    table: &str,
    (width, read, write): (usize, &str, &str),
    from: &Connection,
    to: &Connection,
) -> rusqlite::Result<u64> {
    // An older workspace may not know it, or not all of it.
    let Ok(mut read) = from.prepare(read) else { return Ok(0) };
    if columns(to, table)?.is_empty() {
        return Ok(0);
    }
    put_all(width, &mut read, &mut to.prepare(write)?)
}

fn put_all(width: usize, read: &mut Statement<'_>, write: &mut Statement<'_>) -> rusqlite::Result<u64> {
    let (mut rows, mut carried) = (read.query([])?, 0);
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..width).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        carried += write.execute(params_from_iter(values))? as u64;
    }
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
        assert_eq!(carry(|| Ok(&now), &then), (2, vec![]));
        let count = |sql: &str| then.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("a number");
        assert_eq!(count("SELECT count(*) FROM request"), 2);
        assert_eq!(count("SELECT count(*) FROM request WHERE id = 'a' AND closed_at = 5"), 1);
        assert_eq!(count("SELECT count(*) FROM contact"), 0);
    }

    #[test]
    fn a_table_that_does_not_come_is_named_and_keeps_back_no_other() {
        let now = workspace(
            "CREATE TABLE request (id TEXT); CREATE TABLE audit (number TEXT);
             INSERT INTO request VALUES ('a'), (NULL); INSERT INTO audit VALUES ('first')",
        );
        let then = workspace("CREATE TABLE request (id TEXT NOT NULL); CREATE TABLE audit (number TEXT)");
        assert_eq!(carry(|| Ok(&now), &then), (1, vec!["request"]));
        let count = |sql: &str| then.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("a number");
        assert_eq!((count("SELECT count(*) FROM request"), count("SELECT count(*) FROM audit")), (0, 1));
        let closed = || Err::<&Connection, _>(StoreError::DiskFull);
        let all = ["erasure", "erasure_delivery", "request", "audit", "disclosure", "export_log"];
        assert_eq!(carry(closed, &then).1, all);
    }

    #[test]
    fn who_got_data_since_is_not_forgotten_and_nobody_else_is_named_for_it() {
        const TABLES: &str = "CREATE TABLE contact (row INTEGER PRIMARY KEY, id TEXT);
             CREATE TABLE disclosure (contact INTEGER, recipient TEXT, name TEXT, kind TEXT, fields TEXT,
                                      PRIMARY KEY (contact, recipient));
             CREATE TABLE export_log (export INTEGER PRIMARY KEY, at, actor, origin, file, format, what, columns,
                                      contacts, bytes, sha256, expires_at, deleted_at, members);";
        let export = |number: u32, deleted: &str, members: &str| {
            let rest = format!("1, '', '', 'f', '', '', '', 1, 1, '', 9, {deleted}, {members}");
            format!("INSERT INTO export_log VALUES ({number}, {rest});")
        };
        let now = workspace(TABLES);
        let sql = "INSERT INTO contact VALUES (1, 'ana'), (2, 'later');
             INSERT INTO disclosure VALUES (1, 'rem_a', 'Book', 'carddav', '{}'), (2, 'rem_a', 'Book', '', '{}');";
        now.execute_batch(sql).expect("sql");
        let exports = export(1, "5", "x'010101'") + &export(2, "NULL", "x'010201'") + &export(3, "NULL", "x'00'");
        now.execute_batch(&exports).expect("sql");
        let then = workspace(TABLES);
        then.execute_batch("INSERT INTO contact VALUES (1, 'ana'), (2, 'other')").expect("sql");
        then.execute_batch(&export(1, "NULL", "x'010101'")).expect("sql");
        assert_eq!(carry(|| Ok(&now), &then).1, [""; 0]);
        let all = |sql: &str| -> Vec<String> {
            let mut read = then.prepare(sql).expect("sql");
            let rows = read.query_map([], |row| row.get(0)).expect("rows");
            rows.collect::<rusqlite::Result<_>>().expect("texts")
        };
        assert_eq!(all("SELECT CAST(contact AS TEXT) FROM disclosure"), ["1"], "place 2 is another person's there");
        let exports =
            all("SELECT export || ' ' || iif(members IS NULL, '-', hex(members)) || ' ' || ifnull(deleted_at, '-')
               FROM export_log ORDER BY export");
        assert_eq!(exports, ["1 010101 5", "2 - -", "3 00 -"]);
    }
}
