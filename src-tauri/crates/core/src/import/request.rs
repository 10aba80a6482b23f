//! What is asked of an import: by a person who has a file, or by a program that sends the records
//! themselves and hears what became of each.

use crate::{ingest::Doubtful, programs};
use cardfile_domain::{
    import::{Key, Outcome, Policy},
    say,
};
use cardfile_formats::{
    file::{Bytes, Choices},
    mapping::Target,
    record::{Position, Reject, RejectCode},
};
use cardfile_store::ContactRow;
use std::{collections::HashSet, fs::File, io::Cursor, path::PathBuf, sync::Arc};

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The file.
    pub file: PathBuf,
    /// How contacts that are here may change.
    pub policy: Policy,
    /// Where columns go, when the person changed it; as many as the file has.
    pub targets: Option<Vec<Target>>,
    /// Where the rejects go; beside the file when not set.
    pub rejects: Option<PathBuf>,
    /// Encoding, separator and header, when the person chose them.
    pub choices: Choices,
    /// With [`Policy::Ask`]: the records whose values win over the card.
    pub wins: HashSet<u32>,
    /// What is in the file, where there is none on the disk; `file` is only what to call it.
    pub bytes: Option<Arc<[u8]>>,
    /// By what alone a record is known; by everything when not set.
    pub by: Option<By>,
    /// What becomes of a new one who may be somebody that was here before.
    pub doubtful: Doubtful,
}

impl ImportRequest {
    /// With everything found by itself.
    pub fn of(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            policy: Policy::Fill,
            targets: None,
            rejects: None,
            choices: Choices::default(),
            wins: HashSet::new(),
            bytes: None,
            by: None,
            doubtful: Doubtful::Made,
        }
    }

    /// What the file is called.
    pub(super) fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(super) fn open(&self) -> std::io::Result<Box<dyn Bytes>> {
        let bytes: Box<dyn Bytes> = match &self.bytes {
            Some(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            None => Box::new(File::open(&self.file)?),
        };
        Ok(bytes)
    }

    pub(super) fn size(&self) -> u64 {
        match &self.bytes {
            Some(bytes) => bytes.len() as u64,
            None => std::fs::metadata(&self.file).map_or(0, |about| about.len()),
        }
    }

    /// How this record joins its contact.
    pub(super) fn policy_of(&self, position: Position) -> Policy {
        match self.policy {
            Policy::Ask if self.wins.contains(&position.record) => Policy::Newest,
            policy => policy,
        }
    }

    /// What a program would write that the ledger of consents says. A file of a person is taken
    /// as it is: it may be an export of ours.
    pub(super) fn mirrored(&self, before: &str, after: &str) -> Option<&'static str> {
        if self.bytes.is_some() { programs::mirrored(before, after) } else { None }
    }
}

/// By what alone the records of an import are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Our own id.
    OwnId,
    /// Their external ID at this remote.
    ExternalId(String),
    /// Their email.
    Email,
}

impl By {
    pub(super) fn is(&self, key: &Key<'_>) -> bool {
        match (self, key) {
            (Self::OwnId, Key::Own(_)) | (Self::Email, Key::Email(_)) => true,
            (Self::ExternalId(remote), Key::Link(link)) => link.connector == *remote,
            (Self::OwnId | Self::ExternalId(_) | Self::Email, _) => false,
        }
    }

    /// Why a record is not taken that has none of them.
    pub(super) fn missing(&self, position: Position) -> Reject {
        let why = match self {
            Self::OwnId => say!("it has no id, and records are known by that here"),
            Self::ExternalId(remote) => {
                say!("it has no external ID at {remote}, and records are known by that here", remote)
            }
            Self::Email => say!("it has no email, and records are known by that here"),
        };
        Reject::new(position, RejectCode::Empty, why)
    }
}

/// What became of one record, for whoever wants to hear of each.
pub struct Fate<'f> {
    /// Where it stands.
    pub position: Position,
    /// How it ended.
    pub outcome: Outcome,
    /// Which contact it is about; nothing for one that is not here.
    pub contact: Option<ContactRow>,
    /// Why it was not taken.
    pub reject: Option<&'f Reject>,
}
