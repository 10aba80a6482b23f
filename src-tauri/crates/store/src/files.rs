//! Files of a workspace: readable by their owner only, and never half written.

use crate::error::StoreError;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::Write,
    path::Path,
};

/// Makes a folder that only its owner can enter, and its parents where they are missing:
/// in a shared one others could put something else in its place.
pub(crate) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(StoreError::io(dir.display().to_string()))
}

/// Refuses a link where something is to be put: it may lead into somebody else's folder.
pub(crate) fn refuse_link(path: &Path) -> Result<(), StoreError> {
    if std::fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        return Err(StoreError::Linked(path.to_owned()));
    }
    Ok(())
}

/// Tries whether anything can be written in a folder.
pub(crate) fn probe(dir: &Path) -> std::io::Result<()> {
    let probe = dir.join(".writable");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&probe)?;
    // Another program may try at the same time.
    let _ = std::fs::remove_file(&probe);
    Ok(())
}

/// Makes sure that the names in a folder outlive a power cut.
#[cfg(unix)]
pub(crate) fn settle(dir: &Path) -> Result<(), StoreError> {
    let settled = File::open(dir).and_then(|folder| folder.sync_all());
    settled.map_err(StoreError::io(dir.display().to_string()))
}

/// Other systems do it by themselves.
#[cfg(not(unix))]
pub(crate) fn settle(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Whether the disk of a folder has so much room.
pub(crate) fn check_room(folder: &Path, needed: u64) -> Result<(), StoreError> {
    let free = fs4::available_space(folder).map_err(StoreError::io(folder.display().to_string()))?;
    if free < needed { Err(StoreError::NoRoom { needed, free }) } else { Ok(()) }
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

/// A lock held by this process until it is dropped, or ends.
#[derive(Debug)]
pub struct Lock(Option<File>);

/// Between two tries to take a lock.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

impl Lock {
    /// For work under a lock that is held elsewhere.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The same, after a short wait for one who is about to end.
    pub(crate) fn take_soon(path: &Path) -> Result<Option<Self>, StoreError> {
        soon(SOON, || Self::try_take(path))
    }

    /// The same, after a wait in which others can end what they are at.
    pub(crate) fn take_late(path: &Path) -> Result<Option<Self>, StoreError> {
        soon(LATE, || Self::try_take(path))
    }

    /// `None` when another process holds it. A killed process holds nothing.
    pub(crate) fn try_take(path: &Path) -> Result<Option<Self>, StoreError> {
        let file = lock_file(path)?;
        Ok(is_taken(file.try_lock(), path)?.then_some(Self(Some(file))))
    }

    /// A lock that several may hold beside each other, after a short wait for one who
    /// holds it alone; `None` when they keep it.
    pub(crate) fn share_soon(path: &Path) -> Result<Option<Self>, StoreError> {
        let file = lock_file(path)?;
        let taken = soon(SOON, || Ok(is_taken(file.try_lock_shared(), path)?.then_some(())))?;
        Ok(taken.map(|()| Self(Some(file))))
    }

    /// Makes a shared lock one that is held alone. `false` when others keep theirs; then it
    /// is shared as before.
    pub(crate) fn make_alone(&self, path: &Path) -> Result<bool, StoreError> {
        let Some(file) = &self.0 else { return Ok(true) };
        // A try that fails gives the shared one up, so that two who try do not wait for each other.
        let taken = soon(SOON, || Ok(is_taken(file.try_lock(), path)?.then_some(())))?.is_some();
        if !taken {
            self.make_shared(path)?;
        }
        Ok(taken)
    }

    /// Lets others hold it too again.
    pub(crate) fn make_shared(&self, path: &Path) -> Result<(), StoreError> {
        self.0.as_ref().map_or(Ok(()), File::lock_shared).map_err(StoreError::io(path.display().to_string()))
    }
}

impl Drop for Lock {
    /// Gives it up by name. A program that is being started at this moment has a copy of the
    /// open file until it is on its own, and closing ours alone would leave it locked.
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.unlock();
        }
    }
}

/// Tries within a fifth of a second.
const SOON: u32 = 40;
/// Tries within five seconds.
const LATE: u32 = 1_000;

fn soon<T>(tries: u32, mut attempt: impl FnMut() -> Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    for _ in 1..tries {
        if let Some(taken) = attempt()? {
            return Ok(Some(taken));
        }
        std::thread::sleep(PAUSE);
    }
    attempt()
}

fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::io(path.display().to_string()))
}

fn is_taken(outcome: Result<(), TryLockError>, path: &Path) -> Result<bool, StoreError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(StoreError::io(path.display().to_string())(error)),
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

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn a_lock_that_was_given_up_is_free_while_a_program_that_is_being_started_has_a_copy() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("one.lock");
        let lock = Lock::try_take(&path).expect("a file").expect("free");
        let copy = lock.0.as_ref().expect("a file").try_clone().expect("a copy");
        assert!(Lock::try_take(&path).expect("a file").is_none());
        drop(lock);
        assert!(Lock::try_take(&path).expect("a file").is_some());
        drop(copy);
    }
}
