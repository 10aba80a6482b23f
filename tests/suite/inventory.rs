//! Every stored column is in the data inventory, and nothing else is.

use cardfile_store::schema::{TABLES, VERSION};
use std::collections::BTreeSet;

#[test]
fn every_column_of_the_schema_is_in_the_inventory() {
    let db = rusqlite::Connection::open_in_memory().expect("memory");
    for version in 1..=VERSION {
        for (_, sql) in TABLES.iter().flat_map(|t| t.migrations).filter(|(v, _)| *v == version) {
            db.execute_batch(sql).expect(sql);
        }
    }
    let mut statement = db
        .prepare(
            // What an index of texts keeps for itself is text of its table again.
            "SELECT m.name, c.name FROM pragma_table_list m, pragma_table_info(m.name) c
              WHERE m.schema = 'main' AND m.type IN ('table', 'virtual') AND m.name NOT LIKE 'sqlite_%'",
        )
        .expect("sql");
    let stored: BTreeSet<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("sql")
        .map(|r| r.expect("a row"))
        .collect();
    let listed: BTreeSet<(String, String)> =
        TABLES.iter().flat_map(|t| t.columns.iter().map(|c| (t.name.to_owned(), c.name.to_owned()))).collect();
    assert_eq!(stored, listed);
}
