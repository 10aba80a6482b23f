//! Errors as people and scripts see them: a code from a closed list, one
//! sentence, and what to do.

use cardfile_formats::record::Refusal;
use cardfile_store::{SqlError, StoreError};
use serde::Serialize;
use ts_rs::TS;

/// What happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// From a closed list; the screens tell errors apart by it.
    pub code: Code,
    /// One sentence without personal data.
    pub message: String,
    /// What the person can do.
    pub hint: Option<String>,
}

/// The closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request itself makes no sense.
    BadRequest,
    /// A file that holds no contacts.
    BadFile,
    /// The person stopped it.
    Cancelled,
    /// Bytes on disk are not what was written.
    Damaged,
    /// No room.
    DiskFull,
    /// A fault of the program or of the machine.
    Internal,
    /// Another program holds it.
    InUse,
    /// A key is needed.
    Locked,
    /// A later version wrote it.
    NewerSchema,
    /// No workspace there.
    NoWorkspace,
    /// A folder or file is in the way.
    NotEmpty,
    /// It does not exist.
    NotFound,
    /// Nothing to undo or redo.
    NothingToUndo,
    /// Writing is refused by the medium.
    ReadOnly,
    /// The key does not open it.
    WrongKey,
}

impl Error {
    /// An error without a hint.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The request itself makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    /// Nothing of this id.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("{what} was not found"))
    }

    /// A file or folder the person chose could not be used.
    pub fn io(what: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let code = match error.kind() {
            Kind::NotFound => Code::NotFound,
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => Code::ReadOnly,
            Kind::StorageFull => Code::DiskFull,
            _ => Code::Internal,
        };
        Self::new(code, format!("{}: {error}", what.display()))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let (code, hint) = match &error {
            StoreError::WrongKey => {
                (Code::WrongKey, Some("Check capitals and the keyboard layout, or use the recovery code."))
            }
            StoreError::Locked => (
                Code::Locked,
                Some(
                    "Give the passphrase or the recovery code; scripts pass it through the file descriptor named by CARDFILE_PASSPHRASE_FD.",
                ),
            ),
            StoreError::Damaged(_) => {
                (Code::Damaged, Some("Nothing was written. Restore the latest backup into a new folder."))
            }
            StoreError::NewerSchema { .. } => {
                (Code::NewerSchema, Some("Install the later version. Nothing was written."))
            }
            StoreError::ReadOnly(_) => {
                (Code::ReadOnly, Some("Copy the workspace to a disk you can write to. Nothing was written."))
            }
            StoreError::InUse(_) => (Code::InUse, Some("Wait until the other program has finished, then try again.")),
            StoreError::NotAWorkspace(_) => (Code::NoWorkspace, Some("Make one with: cardfile --workspace DIR init")),
            StoreError::NotEmpty(_) => (Code::NotEmpty, Some("Choose a new name. Nothing was overwritten.")),
            StoreError::NoRoom { .. } => (Code::DiskFull, Some("Make room and try again. Nothing was written.")),
            StoreError::DiskFull => (
                Code::DiskFull,
                Some(
                    "What was saved before is safe. The room kept for this case was given back, so that deleting works; make more and try again.",
                ),
            ),
            StoreError::NothingToUndo(_) => (Code::NothingToUndo, None),
            StoreError::Exposed(_) | StoreError::NotAFile(_) => (Code::BadRequest, None),
            StoreError::Unprotected => {
                (Code::BadRequest, Some("Set a passphrase first: Settings, Protection. Nothing was kept."))
            }
            StoreError::Io { .. } | StoreError::Database(_) | StoreError::Unreadable(_) => (Code::Internal, None),
        };
        Self { code, message, hint: hint.map(str::to_owned) }
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(Code::BadFile, refusal.to_string())
    }
}
