//! Another key for a workspace: the database, its files and what is sealed in it are written
//! again. Whoever kept the old key, or a copy of a workspace that had no protection, can read
//! nothing that is written from then on.

use crate::{
    blob, connection,
    error::StoreError,
    files, in_use,
    keyslots::{self, DataKey, KeySlots},
    recovery::RecoveryCode,
    sealed,
    store::{DATABASE, Environment},
    suppression_list::SuppressionList,
    swap::Stage,
};
use cardfile_domain::id::Entropy;
use rusqlite::Connection;
use std::path::Path;

/// Seals again what a table holds sealed under a key derived from the workspace's.
type Reseal = fn(&Connection, &DataKey, &DataKey, &dyn Entropy) -> Result<(), StoreError>;

/// A table that holds such values needs a line here. Files and the list of erasures are below;
/// [`crate::purpose`] says of each derived key to which of them it belongs.
const RESEALS: &[(&str, Reseal)] = &[("sealed", sealed::reseal)];

/// Gives the workspace in `dir`, which nobody may have open, another key. The passphrase
/// stays, and is asked for where there is one; the recovery code, to be shown once, is new.
pub fn rekey(
    dir: &Path,
    old: &DataKey,
    passphrase: Option<&str>,
    environment: &Environment,
) -> Result<Option<RecoveryCode>, StoreError> {
    let _alone = in_use::alone(dir)?;
    let entropy = &*environment.entropy;
    let key = DataKey::random(entropy);
    let slots = KeySlots::read(dir)?;
    let (slots, code) = slots.rekeyed(old, &key, passphrase, environment.keystore.as_deref(), entropy)?;
    let room = std::fs::metadata(dir.join(DATABASE)).map_or(0, |about| about.len());
    files::check_room(dir, room)?;
    let stage = Stage::begin(dir)?;
    let place = stage.place();
    database(&dir.join(DATABASE), old, &place.join(DATABASE), &key, entropy)?;
    for name in blob::names(dir)? {
        let to = place.join(blob::FOLDER).join(&name);
        blob::reseal(&dir.join(blob::FOLDER), &name, old, &to, &key, entropy)?;
    }
    SuppressionList::rewrap(dir, &place, old, &key, entropy)?;
    files::put(&place.join(keyslots::FILE), slots.to_json().as_bytes())?;
    // What the old key opens is not kept.
    stage.commit(None)?;
    Ok(code)
}

/// Gives a workspace that is being made another key, in place.
pub(crate) fn change(place: &Path, old: &DataKey, new: &DataKey, entropy: &dyn Entropy) -> Result<(), StoreError> {
    let fail = |path: &Path| StoreError::io(path.display().to_string());
    let (path, draft) = (place.join(DATABASE), place.join("cardfile.db.new"));
    database(&path, old, &draft, new, entropy)?;
    std::fs::rename(&draft, &path).map_err(fail(&path))?;
    let folder = place.join(blob::FOLDER);
    for name in blob::names(place)? {
        let draft = folder.join(format!("{name}.part"));
        blob::reseal(&folder, &name, old, &draft, new, entropy)?;
        std::fs::rename(&draft, folder.join(&name)).map_err(fail(&draft))?;
    }
    Ok(())
}

/// Copies a database for another key, with what is sealed in it, and checks every page.
fn database(from: &Path, old: &DataKey, to: &Path, new: &DataKey, entropy: &dyn Entropy) -> Result<(), StoreError> {
    let source = connection::open(from, old, false)?;
    drop(files::create_new(to)?);
    connection::copy(&source, to, new)?;
    drop(source);
    let copy = connection::open(to, new, false)?;
    let all = copy.unchecked_transaction()?;
    for (_, reseal) in RESEALS {
        reseal(&all, old, new, entropy)?;
    }
    all.commit()?;
    // Pages that were written twice, in one file.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    connection::verify(&copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::TABLES;
    use cardfile_domain::privacy::Privacy;

    #[test]
    fn no_table_that_holds_something_sealed_is_forgotten() {
        let sealed = TABLES.iter().filter(|table| table.columns.iter().any(|column| column.class == Privacy::Secret));
        let tables: Vec<&str> = sealed.map(|table| table.name).collect();
        let known: Vec<&str> = RESEALS.iter().map(|(name, _)| *name).collect();
        assert_eq!(tables, known);
    }
}
