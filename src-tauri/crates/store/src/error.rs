//! What can go wrong with a workspace: situations, not libraries.

use cardfile_domain::{Sentence, say};
use std::path::PathBuf;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub enum StoreError {
    /// No key that was offered opens the workspace.
    WrongKey,
    /// No key was offered, and the keychain has none.
    Locked,
    /// The bytes on disk are not what was written.
    Damaged(Sentence),
    /// Written by a later version of the app.
    NewerSchema {
        /// Format number in the file.
        found: u32,
        /// Highest format number this version knows.
        known: u32,
        /// Version of the app that wrote it.
        app: String,
    },
    /// The medium or the folder refuses writes.
    ReadOnly(PathBuf),
    /// Another process holds what is needed.
    InUse(Sentence),
    /// There is none in this folder.
    NotAWorkspace(PathBuf),
    /// There is one already, or other files are in the way.
    NotEmpty(PathBuf),
    /// The key lies open, so nothing can be sealed.
    Unprotected,
    /// The person was erased, and does not come back by themselves.
    Suppressed,
    /// A folder, a socket, or nothing at all.
    NotAFile(PathBuf),
    /// A link, where something was to be put.
    Linked(PathBuf),
    /// The backup is of another workspace.
    OtherWorkspace,
    /// No keychain answers, and one is needed.
    NoKeychain,
    /// Without this way nothing would open the workspace any more.
    LastWay,
    /// The disk is full.
    DiskFull,
    /// It would not fit on the disk.
    NoRoom {
        /// Bytes it needs, an estimate.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The operation to undo or redo is not there, or not in that state.
    NothingToUndo(Sentence),
    /// Others can read the files.
    Exposed(PathBuf),
    /// The operating system failed.
    Io {
        /// What was tried.
        what: String,
        /// Its answer.
        source: std::io::Error,
    },
    /// SQLite failed.
    Database(rusqlite::Error),
    /// A stored value is not of the form it was written in.
    Unreadable(Sentence),
}

impl StoreError {
    /// What it says.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::WrongKey => say!("wrong key: this passphrase or recovery code does not open the workspace"),
            Self::Locked => say!("the workspace is locked and no key was given"),
            Self::Damaged(why) => say!("the workspace is damaged: {why}", why),
            Self::NewerSchema { found, known, app } => say!(
                "the workspace was made by Cardfile {app} (format {found}); this version knows format {known}",
                app,
                found,
                known
            ),
            Self::ReadOnly(path) => say!("the workspace is on a read-only medium: {path}", path),
            Self::InUse(why) => say!("the workspace is in use: {why}", why),
            Self::NotAWorkspace(path) => say!("no workspace in {path}", path),
            Self::NotEmpty(path) => say!("{path} is not empty", path),
            Self::Unprotected => {
                say!("a workspace without protection keeps no secrets: anybody at this computer could read them")
            }
            Self::Suppressed => say!("this person was erased and does not come back"),
            Self::NotAFile(path) => say!("{path} is not a file", path),
            Self::Linked(path) => say!("{path} is a link to another place", path),
            Self::OtherWorkspace => say!("the backup is of another workspace"),
            Self::NoKeychain => say!("no keychain answers on this computer"),
            Self::LastWay => say!("nothing else would open the workspace"),
            Self::DiskFull => say!("the disk is full"),
            Self::NoRoom { needed, free } => say!(
                "the disk has {free} MiB free and this needs about {needed} MiB",
                free = free >> 20,
                needed = (needed >> 20) + 1
            ),
            Self::NothingToUndo(why) => say!("{why}", why),
            Self::Exposed(path) => say!(
                "{path} can be read by other users of this computer; set its mode to 0700 (folder) or 0600 (file)",
                path
            ),
            Self::Io { what, source } => say!("{what}: {why}", what, why = source.to_string()),
            Self::Database(error) => say!("the database failed: {why}", why = error.to_string()),
            Self::Unreadable(why) => say!("a stored value cannot be read: {why}", why),
        }
    }
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
                Self::InUse(say!("another program has been writing to it for more than 5 seconds"))
            }
            Some(Code::DiskFull) => Self::DiskFull,
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => Self::Damaged(Sentence::verbatim(error)),
            Some(Code::ReadOnly) => Self::ReadOnly(PathBuf::from("cardfile.db")),
            _ => Self::Database(error),
        }
    }
}
