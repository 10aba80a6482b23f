//! A backup that comes back. Who was erased since is erased again, and no connection writes, no
//! webhook is told and no agent reads before a person turned it on, before anybody sees the
//! workspace.

use crate::{
    agents,
    core::Core,
    error::{Code, Error},
    privacy, sync, webhooks,
};
use cardfile_domain::say;
use cardfile_store::{DataKey, Environment, Restored, Salvaged, Secret, Store, restore, restore_over};
use std::path::Path;

/// Restores a backup into a new folder. `since` may be the workspace it is of, which knows
/// who was erased after the backup was written; so may the one in whose folder it lies.
pub fn into(
    file: &Path,
    into: &Path,
    secret: Option<&Secret>,
    since: Option<&Path>,
    environment: Environment,
) -> Result<(Core, Restored), Error> {
    let beside = file.parent().and_then(Path::parent);
    let since: Vec<&Path> = since.into_iter().chain(beside).collect();
    let (store, restored) = restore(file, into, secret, &since, environment, prepare).map_err(another)?;
    Ok((Core::of(store), restored))
}

/// Restores a backup in the place of the workspace in `dir`, which nobody may have open, and
/// keeps what was there. `held` is its key when it was just open.
pub fn over(
    file: &Path,
    dir: &Path,
    held: Option<DataKey>,
    secret: Option<&Secret>,
    environment: Environment,
) -> Result<Restored, Error> {
    restore_over(file, dir, held, secret, environment, prepare).map_err(another)
}

/// Copies what can be read of a damaged workspace, which nobody may have open, into a folder
/// that is empty or not there. The workspace is not touched. What was saved knows less of its
/// connections than they do, like a backup.
pub fn salvage(
    dir: &Path,
    into: &Path,
    held: Option<DataKey>,
    secret: Option<&Secret>,
    environment: &Environment,
) -> Result<Salvaged, Error> {
    cardfile_store::salvage(dir, into, held, secret, environment, prepare)
}

fn prepare(store: Store) -> Result<(), Error> {
    let core = Core::of(store);
    sync::remotes::after_restore(&core)?;
    webhooks::after_restore(&core)?;
    agents::after_restore(&core)?;
    privacy::erasure::replay(&core)?;
    Ok(())
}

fn another(error: Error) -> Error {
    match error.code {
        Code::Damaged => error.hint(say!("Take another backup. Nothing was changed.")),
        _ => error,
    }
}
