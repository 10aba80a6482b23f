//! Files of a workspace: readable by their owner only, and never half written.

use crate::error::StoreError;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
};

/// Makes a folder that only its owner can enter. Parents are made as usual.
pub(crate) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if let Some(parent) = dir.parent() {
        std::fs::create_dir_all(parent).map_err(StoreError::io(parent.display().to_string()))?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::io(dir.display().to_string())(error))
        }
        _ => Ok(()),
    }
}

/// Makes a new file that only its owner can read; fails when it is there.
pub(crate) fn create_new(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::io(path.display().to_string()))
}

/// Replaces a file as a whole: other name, flushed, renamed.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let draft = path.with_extension("new");
    let _ = std::fs::remove_file(&draft);
    let mut file = create_new(&draft)?;
    let fail = |error| StoreError::io(path.display().to_string())(error);
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail)?;
    std::fs::rename(&draft, path).map_err(fail)
}

/// An exclusive lock held by this process until it is dropped, or ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] Option<File>);

impl Lock {
    /// For work under a lock that is held elsewhere.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The same, after a short wait: a program that is being started by this one
    /// holds copies of its locks for a moment, until it is on its own.
    pub(crate) fn take_soon(path: &Path) -> Result<Option<Self>, StoreError> {
        const TRIES: u32 = 40;
        for _ in 1..TRIES {
            if let Some(lock) = Self::try_take(path)? {
                return Ok(Some(lock));
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Self::try_take(path)
    }

    /// `None` when another process holds it. A killed process holds nothing.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(StoreError::io(path.display().to_string()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(Some(file)))),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(StoreError::io(path.display().to_string())(error)),
        }
    }
}

/// Refuses a folder or file that others can read.
#[cfg(unix)]
pub(crate) fn check_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_err(StoreError::io(path.display().to_string()))?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(StoreError::Exposed(path.to_owned())) }
}

/// Other systems keep the user's folders private by themselves.
#[cfg(not(unix))]
pub(crate) fn check_private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
