//! A backup that is brought back: into a folder of its own, or in the place of the workspace
//! that is there, which is kept. Nobody sees it before what was promised since was done to it.

use super::{
    Manifest,
    reading::{BackupKey, Reading},
};
use crate::{
    blob, carry, catalogue, connection,
    contact::Contacts,
    error::StoreError,
    files, in_use,
    keyslots::{self, DataKey, KeySlots, Secret},
    rekey, sealed,
    store::{DATABASE, Environment, Store},
    suppression_list::SuppressionList,
    swap::Stage,
};
use cardfile_domain::say;
use std::path::{Path, PathBuf};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup said of itself, which was found to be true.
    pub manifest: Manifest,
    /// Whether the workspace was there that knows what was promised since the backup. If
    /// not, whoever was erased since is in it again.
    pub knows_since: bool,
    /// What was promised since and could not be brought over, by its tables: `request`, `audit`.
    pub not_carried: Vec<String>,
    /// Where the workspace is kept that was there before.
    pub kept: Option<PathBuf>,
}

/// Restores a backup into a folder that is empty or not there; never over an
/// existing workspace. Returns the workspace, open.
///
/// `since` are folders where the workspace that the backup is of may still be: what was
/// promised since comes from it. `prepare` is given the restored workspace before it is in
/// its place.
pub fn restore<E: From<StoreError>>(
    file: &Path,
    into: &Path,
    secret: Option<&Secret>,
    since: &[&Path],
    environment: Environment,
    prepare: impl FnOnce(Store) -> Result<(), E>,
) -> Result<(Store, Restored), E> {
    files::refuse_link(into)?;
    let taken = std::fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(StoreError::NotEmpty(into.to_owned()).into());
    }
    environment.sweep_siblings(into, "restoring");
    let draft = environment.sibling(into, "restoring");
    files::make_dir(&draft)?;
    let made = (|| {
        files::make_dir(&draft.join(catalogue::FOLDER))?;
        let mut reading = Reading::open(file)?;
        let key = reading.key(None, secret, environment.keystore.as_deref())?;
        lay(&mut reading, &key, &draft)?;
        files::put(&draft.join(keyslots::FILE), reading.slots.to_json().as_bytes())?;
        let store = open(&draft, key.workspace.clone(), environment.clone())?;
        let (mut knows_since, mut not_carried) = (false, Vec::new());
        for since in since {
            (knows_since, not_carried) = bring_over(since, &reading.manifest, None, secret, &store);
            if knows_since {
                break;
            }
        }
        prepare(store)?;
        let _ = std::fs::remove_dir(into);
        std::fs::rename(&draft, into).map_err(StoreError::io(into.display().to_string()))?;
        Ok::<_, E>((key.workspace, Restored { manifest: reading.manifest, knows_since, not_carried, kept: None }))
    })();
    match made {
        Ok((key, restored)) => Ok((open(into, key, environment)?, restored)),
        Err(error) => {
            let _ = std::fs::remove_dir_all(&draft);
            Err(error)
        }
    }
}

/// Restores a backup in the place of the workspace in `dir`, which nobody may have open. The
/// workspace keeps its key and the ways to it; what was there is kept beside it as it was,
/// also when it is damaged. `held` is the key when the workspace was just open; else it is
/// looked for as when it is opened.
pub fn restore_over<E: From<StoreError>>(
    file: &Path,
    dir: &Path,
    held: Option<DataKey>,
    secret: Option<&Secret>,
    environment: Environment,
    prepare: impl FnOnce(Store) -> Result<(), E>,
) -> Result<Restored, E> {
    let _alone = in_use::alone(dir)?;
    let mut reading = Reading::open(file)?;
    // Slots that cannot be read are replaced by those of the backup.
    let slots = KeySlots::read(dir).ok();
    if slots.as_ref().is_some_and(|slots| slots.workspace != reading.manifest.workspace) {
        return Err(StoreError::OtherWorkspace.into());
    }
    let now = slots.and_then(|slots| {
        let unasked = || slots.open_unasked(environment.keystore.as_deref());
        let key = held.or_else(unasked).or_else(|| slots.open_with(secret?).ok())?;
        Some((slots, key))
    });
    let known = now.as_ref().map(|(_, key)| key);
    let backup_key = reading.key(known, secret, environment.keystore.as_deref())?;
    // Twice: what is laid out may have to be written again for another key.
    files::check_room(dir, 2 * reading.manifest.bytes)?;
    let stage = Stage::begin(dir)?;
    let place = stage.place();
    lay(&mut reading, &backup_key, &place)?;
    let (slots, key) = match now {
        Some((slots, key)) => {
            if *key.0 != *backup_key.workspace.0 {
                rekey::change(&place, &backup_key.workspace, &key, &*environment.entropy)?;
            }
            (slots, key)
        }
        None => (reading.slots.clone(), backup_key.workspace),
    };
    files::put(&place.join(keyslots::FILE), slots.to_json().as_bytes())?;
    let stamp = environment.clock.now().to_rfc3339_seconds().replace(':', "");
    let store = open(&place, key.clone(), environment)?;
    let (knows_since, not_carried) = bring_over(dir, &reading.manifest, Some(key.clone()), None, &store);
    prepare(store)?;
    // One file, without a journal that would stay behind.
    let db = connection::open(&place.join(DATABASE), &key, false)?;
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(StoreError::from)?;
    drop(db);
    let kept = stage.commit(Some(&stamp))?;
    Ok(Restored { manifest: reading.manifest, knows_since, not_carried, kept })
}

/// Lays a backup out in a folder, and counts it as it was written: opening it takes back an
/// operation that was running when the backup was made.
fn lay(reading: &mut Reading, key: &BackupKey, folder: &Path) -> Result<(), StoreError> {
    let blobs = folder.join(blob::FOLDER);
    files::make_dir(&blobs)?;
    let path = folder.join(DATABASE);
    let mut file = files::create_new(&path)?;
    reading.database(key, &mut file)?;
    file.sync_all().map_err(StoreError::io(path.display().to_string()))?;
    reading.blobs(key, Some(&blobs))?;
    let db = connection::open(&path, &key.workspace, false)?;
    connection::verify(&db)?;
    let (found, _) = Contacts(&db).count()?;
    if found != reading.manifest.contacts {
        let expected = reading.manifest.contacts;
        return Err(StoreError::Damaged(say!("{expected} contacts expected, {found} found", expected, found)));
    }
    Ok(())
}

fn open(dir: &Path, key: DataKey, environment: Environment) -> Result<Store, StoreError> {
    Ok(Store::reopen(dir, key, environment)?.0)
}

/// Brings over who was erased since and what else was promised. `false` when the workspace
/// that knows of it is another one, or its list does not open; beside it what did not come.
fn bring_over(
    since: &Path,
    of: &Manifest,
    key: Option<DataKey>,
    secret: Option<&Secret>,
    to: &Store,
) -> (bool, Vec<String>) {
    let nothing = (false, Vec::new());
    let slots = KeySlots::read(since).ok().filter(|slots| slots.workspace == of.workspace);
    let Some(slots) = slots else { return nothing };
    let unasked = || slots.open_unasked(to.environment().keystore.as_deref());
    let key = key.or_else(unasked).or_else(|| slots.open_with(secret?).ok());
    let Some(key) = key else { return nothing };
    // As far as it can be read: the workspace may be damaged.
    let from = || connection::open_untouched(&since.join(DATABASE), &key);
    // The database was the first to know; its list is older when the program ended in between.
    let in_database = from().is_ok_and(|from| to.adopt_from(&from, &slots, &key).is_ok());
    let knows = match SuppressionList::read(since) {
        Ok(Some(list)) => to.adopt_with(&list, &key).is_ok(),
        // Nobody was erased.
        Ok(None) => true,
        Err(_) => in_database,
    };
    let mut left = carry::carry(from, &to.writer()).1;
    let entropy = &*to.environment().entropy;
    if from().and_then(|from| sealed::carry_keys(&from, &key, &to.writer(), to.key(), entropy)).is_err() {
        left.push("sealed");
    }
    (knows, left.into_iter().map(str::to_owned).collect())
}
