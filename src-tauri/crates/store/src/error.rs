//! What can go wrong with a workspace: situations, not libraries.

use std::path::PathBuf;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No key that was offered opens the workspace.
    #[error("wrong key: this passphrase or recovery code does not open the workspace")]
    WrongKey,
    /// No key was offered, and the keychain has none.
    #[error("the workspace is locked and no key was given")]
    Locked,
    /// The bytes on disk are not what was written.
    #[error("the workspace is damaged: {0}")]
    Damaged(String),
    /// Written by a later version of the app.
    #[error("the workspace was made by Cardfile {app} (format {found}); this version knows format {known}")]
    NewerSchema {
        /// Format number in the file.
        found: u32,
        /// Highest format number this version knows.
        known: u32,
        /// Version of the app that wrote it.
        app: String,
    },
    /// The medium or the folder refuses writes.
    #[error("the workspace is on a read-only medium: {0}")]
    ReadOnly(PathBuf),
    /// Another process holds what is needed.
    #[error("the workspace is in use: {0}")]
    InUse(&'static str),
    /// There is none in this folder.
    #[error("no workspace in {0}")]
    NotAWorkspace(PathBuf),
    /// There is one already, or other files are in the way.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// The key lies open, so nothing can be sealed.
    #[error("a workspace without protection keeps no secrets: anybody at this computer could read them")]
    Unprotected,
    /// A folder, a socket, or nothing at all.
    #[error("{0} is not a file")]
    NotAFile(PathBuf),
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// It would not fit on the disk.
    #[error("the disk has {free_mib} MiB free and this needs about {needed_mib} MiB", free_mib = free >> 20, needed_mib = (needed >> 20) + 1)]
    NoRoom {
        /// Bytes it needs, an estimate.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The operation to undo or redo is not there, or not in that state.
    #[error("{0}")]
    NothingToUndo(&'static str),
    /// Others can read the files.
    #[error("{0} can be read by other users of this computer; set its mode to 0700 (folder) or 0600 (file)")]
    Exposed(PathBuf),
    /// The operating system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Its answer.
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Database(rusqlite::Error),
    /// A stored value is not of the form it was written in.
    #[error("a stored value cannot be read: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// An [`StoreError::Io`] that says what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| match source.kind() {
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(what.into()),
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Io { what, source },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                Self::InUse("another program has been writing to it for more than 5 seconds")
            }
            Some(Code::DiskFull) => Self::DiskFull,
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(Code::ReadOnly) => Self::ReadOnly(PathBuf::from("cardfile.db")),
            _ => Self::Database(error),
        }
    }
}
