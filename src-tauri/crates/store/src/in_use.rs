//! Who has a workspace open. Every program that does holds one shared lock; what replaces the
//! workspace as a whole, as a migration, a restore or a new key does, takes it alone.

use crate::{
    error::StoreError,
    files::{self, Lock},
    reserve, swap,
};
use cardfile_domain::say;
use std::path::{Path, PathBuf};

/// The lock of all who have the workspace in `dir` open.
pub(crate) fn lock_of(dir: &Path) -> PathBuf {
    dir.join("open.lock")
}

/// Enters a workspace beside others. What was being put in its place when the program was
/// killed is put there first.
pub(crate) fn enter(dir: &Path) -> Result<Lock, StoreError> {
    // Even this needs a page on the disk.
    reserve::release_when_full(dir);
    let path = lock_of(dir);
    if swap::is_ready(dir) {
        let _alone = Lock::take_late(&path)?.ok_or_else(replaced)?;
        swap::finish(dir)?;
    }
    let shared = Lock::share_soon(&path).map_err(|error| match error {
        StoreError::Io { .. } if reserve::is_full(dir) => StoreError::DiskFull,
        // Who cannot make this file can make none.
        StoreError::Io { .. } | StoreError::ReadOnly(_) => StoreError::ReadOnly(dir.to_owned()),
        other => other,
    })?;
    let shared = shared.ok_or_else(replaced)?;
    // Nobody is at it: they would hold the lock alone.
    swap::forget_unready(dir);
    Ok(shared)
}

/// Takes a workspace alone, after a wait in which others can end what they are at.
pub(crate) fn alone(dir: &Path) -> Result<Alone, StoreError> {
    files::check_private(dir)?;
    let operation = Lock::take_soon(&dir.join("operation.lock"))?
        .ok_or(StoreError::InUse(say!("another import or undo is running")))?;
    let open = Lock::take_late(&lock_of(dir))?
        .ok_or(StoreError::InUse(say!("another window or program has this workspace open")))?;
    if swap::is_ready(dir) {
        swap::finish(dir)?;
    }
    Ok(Alone { _operation: operation, _open: open })
}

/// Held as long as nobody else may have the workspace open.
pub(crate) struct Alone {
    _operation: Lock,
    _open: Lock,
}

fn replaced() -> StoreError {
    StoreError::InUse(say!("another program is restoring it, or giving it a new key"))
}
