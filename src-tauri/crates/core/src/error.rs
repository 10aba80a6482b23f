//! Errors as people and scripts see them: a code from a closed list, one
//! sentence, and what to do.

use crate::said::{self, Said};
use cardfile_domain::{Sentence, say};
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
    #[serde(serialize_with = "said::serialize")]
    #[ts(as = "Said")]
    pub message: Sentence,
    /// What the person can do.
    #[serde(serialize_with = "said::serialize_if_any")]
    #[ts(as = "Option<Said>")]
    pub hint: Option<Sentence>,
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
    /// Somebody says no: a server, or a review that was not passed.
    Refused,
    /// A server does not accept who asks.
    SignIn,
    /// A server does not answer.
    Unreachable,
    /// The key does not open it.
    WrongKey,
}

impl Error {
    /// An error without a hint.
    pub fn new(code: Code, message: Sentence) -> Self {
        Self { code, message, hint: None }
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: Sentence) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The request itself makes no sense.
    pub fn bad_request(message: Sentence) -> Self {
        Self::new(Code::BadRequest, message)
    }

    /// Nothing of this id.
    pub fn not_found(what: Sentence) -> Self {
        Self::new(Code::NotFound, say!("{what} was not found", what))
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
        Self::new(code, say!("{path}: {why}", path = what, why = error.to_string()))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let message = error.sentence();
        let (code, hint) = match &error {
            StoreError::WrongKey => {
                (Code::WrongKey, Some(say!("Check capitals and the keyboard layout, or use the recovery code.")))
            }
            StoreError::Locked => (
                Code::Locked,
                Some(say!(
                    "Give the passphrase or the recovery code; scripts pass it through the file descriptor named by CARDFILE_PASSPHRASE_FD."
                )),
            ),
            StoreError::Damaged(_) => {
                (Code::Damaged, Some(say!("Nothing was written. Restore the latest backup into a new folder.")))
            }
            StoreError::NewerSchema { .. } => {
                (Code::NewerSchema, Some(say!("Install the later version. Nothing was written.")))
            }
            StoreError::ReadOnly(_) => {
                (Code::ReadOnly, Some(say!("Copy the workspace to a disk you can write to. Nothing was written.")))
            }
            StoreError::InUse(_) => {
                (Code::InUse, Some(say!("Wait until the other program has finished, then try again.")))
            }
            StoreError::NotAWorkspace(_) => {
                (Code::NoWorkspace, Some(say!("Make one with: cardfile --workspace DIR init")))
            }
            StoreError::NotEmpty(_) => (Code::NotEmpty, Some(say!("Choose a new name. Nothing was overwritten."))),
            StoreError::NoRoom { .. } => (Code::DiskFull, Some(say!("Make room and try again. Nothing was written."))),
            StoreError::DiskFull => (
                Code::DiskFull,
                Some(say!(
                    "What was saved before is safe. The room kept for this case was given back, so that deleting works; make more and try again."
                )),
            ),
            StoreError::NothingToUndo(_) => (Code::NothingToUndo, None),
            StoreError::Exposed(_) | StoreError::NotAFile(_) => (Code::BadRequest, None),
            StoreError::Linked(_) => (Code::BadRequest, Some(say!("Give the place it leads to. Nothing was written."))),
            StoreError::OtherWorkspace => {
                (Code::BadRequest, Some(say!("Restore it into a folder of its own. Nothing was changed.")))
            }
            StoreError::NoKeychain => {
                (Code::Refused, Some(say!("Unlock the keychain of the desktop, or take this way away first.")))
            }
            StoreError::LastWay => (Code::Refused, Some(say!("Set a passphrase first. Nothing was changed."))),
            StoreError::Suppressed => {
                (Code::Refused, Some(say!("If they want to come back, lift the suppression of their erasure first.")))
            }
            StoreError::Unprotected => (
                Code::BadRequest,
                Some(say!("Set a passphrase first: Settings, Protection and keys. Nothing was kept.")),
            ),
            StoreError::Io { .. } | StoreError::Database(_) | StoreError::Unreadable(_) => (Code::Internal, None),
        };
        Self { code, message, hint }
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(Code::BadFile, refusal.sentence())
    }
}
