//! The look whether a person is gone, after everything was done: no row, no word in an index,
//! nothing said in the log, and the settings that make deleting wipe.

use crate::{
    blob,
    erased::{How, ways},
    error::StoreError,
    forget::{INDICES, Left},
    person::Person,
    schema::TABLES,
    store::Store,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proof {
    /// Rows of the person that are still there.
    pub rows_left: u32,
    /// Texts of the person that a search still finds; nothing when it is not known any more
    /// what they were.
    pub texts_found: Option<u32>,
    /// Deleting wipes, in the database and in each index of texts.
    pub wipes: bool,
    /// No cipher stands between the bytes of the file and who looks at them.
    pub is_in_clear: bool,
}

impl Proof {
    /// Whether the person is gone.
    pub fn holds(&self) -> bool {
        self.rows_left == 0 && self.texts_found.unwrap_or_default() == 0 && self.wipes
    }
}

impl Store {
    /// Looks whether what was forgotten is gone. `person` is as it was found before; after a
    /// crash nobody knows it any more, and only places are looked at.
    pub fn prove(&self, left: &Left, person: Option<&Person>) -> Result<Proof, StoreError> {
        let ways = ways(TABLES)?;
        let is_in_clear = self.is_plain();
        self.read(|reader| {
            let db = reader.0;
            let mut rows_left = 0;
            for (table, how) in &ways {
                let sql = match how {
                    How::Card => format!("SELECT count(*) FROM {} WHERE row = ?1", table.name),
                    How::OfCard => format!("SELECT count(*) FROM {} WHERE contact = ?1", table.name),
                    How::Part(kind) => {
                        let sql = format!("SELECT count(*) FROM {} WHERE part = ?1", table.name);
                        let parts = person.into_iter().flat_map(|person| person.parts_of(*kind));
                        rows_left += count(db, &sql, parts)?;
                        continue;
                    }
                    How::Sealed | How::Texts | How::Pairs | How::Mentions | How::Blanked | How::Nothing => continue,
                };
                rows_left += count(db, &sql, left.cards.iter().chain(&left.removed).map(|card| i64::from(*card)))?;
            }
            let changes = person.into_iter().flat_map(|person| person.changes.iter().copied());
            rows_left += count(db, "SELECT count(*) FROM change WHERE seq = ?1 AND body IS NOT NULL", changes)?;
            let texts_found = person.map(|person| found(db, person)).transpose()?;
            Ok(Proof { rows_left, texts_found, wipes: wipes(db)?, is_in_clear })
        })
    }

    /// Removes bytes of files for ever, unless a file has come to need them since. What is
    /// not there is no fault. Nobody else writes meanwhile: a file that is being added either
    /// needs its bytes by now, or looks for them after this.
    pub fn remove_blobs(&self, names: &[String]) -> Result<(), StoreError> {
        let db = self.writer();
        let alone = Transaction::new_unchecked(&db, TransactionBehavior::Immediate)?;
        let is_needed = "SELECT EXISTS (SELECT 1 FROM file WHERE blob = ?1)";
        for name in names.iter().filter(|name| blob::is_name(name)) {
            if alone.prepare_cached(is_needed)?.query_row([name], |row| row.get(0))? {
                continue;
            }
            let path = self.dir().join(blob::FOLDER).join(name);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::io(path.display().to_string())(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn count(db: &Connection, sql: &str, places: impl Iterator<Item = i64>) -> rusqlite::Result<u32> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = 0;
    for place in places {
        rows += statement.query_row([place], |row| row.get::<_, u32>(0))?;
    }
    Ok(rows)
}

/// Asks each index for texts of the person.
fn found(db: &Connection, person: &Person) -> rusqlite::Result<u32> {
    let mut found = 0;
    for text in &person.texts {
        let sql = format!("SELECT count(*) FROM {0} WHERE {0} MATCH ?1 AND rowid = ?2", text.index);
        let quoted = format!("\"{}\"", text.phrase.replace('"', "\"\""));
        let mut statement = db.prepare_cached(&sql)?;
        found += statement.query_row(rusqlite::params![quoted, text.part], |row| row.get::<_, u32>(0))?;
    }
    Ok(found)
}

fn wipes(db: &Connection) -> rusqlite::Result<bool> {
    let mut wipes = db.query_row("PRAGMA secure_delete", [], |row| row.get::<_, i64>(0))? == 1;
    for (index, _) in INDICES {
        let sql = format!("SELECT count(*) FROM {index}_config WHERE k = 'secure-delete' AND v = 1");
        wipes &= db.query_row(&sql, [], |row| row.get::<_, u32>(0))? == 1;
    }
    Ok(wipes)
}
