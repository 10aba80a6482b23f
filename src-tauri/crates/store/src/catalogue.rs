//! What backups of a workspace there are, and when they are made by themselves.
//!
//! A file of its own beside them, not a table: it belongs to this computer and not to the
//! data, it is there when the database cannot be opened, and a restore does not take it back.
//! It holds paths, times and counts, and nothing about a contact.

use crate::{
    backup::Manifest,
    error::StoreError,
    files::{self, Lock},
    keyslots::hex,
};
use cardfile_domain::{Millis, say, time::DateOrder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The folder in a workspace where its backups lie when nobody chose another.
pub(crate) const FOLDER: &str = "backups";
/// How a backup's name ends.
pub const BACKUP_ENDING: &str = "cardfile-backup";
const FILE: &str = "catalogue.json";

/// All backups that are known, and the plan for those to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalogue {
    /// When they are made by themselves.
    pub plan: BackupPlan,
    /// In the order they were made.
    pub backups: Vec<BackupEntry>,
    /// The last one by itself, when it did not come to be.
    pub failed: Option<BackupFailure>,
}

/// When backups are made by themselves, where they go, and how long they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupPlan {
    /// Hours between two; 0 means none.
    pub every_hours: u32,
    /// A folder that is there; the workspace's own when none is chosen.
    pub folder: Option<PathBuf>,
    /// Days after which one that was made by itself is given up.
    pub keep_days: u32,
}

impl Default for BackupPlan {
    fn default() -> Self {
        Self { every_hours: 0, folder: None, keep_days: 30 }
    }
}

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// A person wanted it. It stays until a person deletes it.
    Hand,
    /// Its time had come.
    Plan,
    /// A later version of the app was about to change the schema.
    BeforeSchema,
}

impl BackupReason {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Plan => "plan",
            Self::BeforeSchema => "before_schema",
        }
    }
}

/// How a backup was found when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupState {
    /// Byte for byte as it was when it was opened and counted.
    Whole,
    /// Not there: deleted, or on a disk that is not.
    Missing,
    /// Other bytes than were written.
    Changed,
}

impl BackupState {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Missing => "missing",
            Self::Changed => "changed",
        }
    }
}

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEntry {
    /// Where it is; only a name when it lies in the workspace's own folder.
    pub file: PathBuf,
    /// Why it was made.
    pub reason: BackupReason,
    /// When it was made.
    pub created_at: Millis,
    /// Contacts in it, those in the bin included.
    pub contacts: u32,
    /// Files of spaces in it.
    pub files: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Hash of the file; empty for one that was found and not written here.
    pub sha256: String,
    /// When it was last read from beginning to end.
    pub checked_at: Millis,
    /// How it was found then.
    pub state: BackupState,
}

impl BackupEntry {
    /// Its path, in the workspace in `dir`.
    pub fn path(&self, dir: &Path) -> PathBuf {
        dir.join(FOLDER).join(&self.file)
    }

    /// Reads it from beginning to end and compares it with what was written. That needs no
    /// key; whether it opens with one was seen when it was written.
    pub fn look(&self, dir: &Path) -> BackupState {
        let Ok(mut file) = File::open(self.path(dir)) else { return BackupState::Missing };
        match hash(&mut file) {
            Ok((sha256, bytes)) if bytes == self.bytes && (self.sha256.is_empty() || sha256 == self.sha256) => {
                BackupState::Whole
            }
            _ => BackupState::Changed,
        }
    }
}

/// Why there is no backup where there should be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFailure {
    /// When it was tried.
    pub at: Millis,
    /// What was in the way.
    pub why: BackupObstacle,
}

/// What was in the way of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupObstacle {
    /// The folder is not there: a disk that is not connected, perhaps.
    NoFolder,
    /// The disk has no room for it.
    NoRoom,
    /// The workspace or what was written is damaged.
    Damaged,
    /// Something else.
    Other,
}

impl Catalogue {
    /// The catalogue of a workspace as it is on the disk now: what is in its own folder and
    /// not listed is added, and what is not there any more is said to be missing. Sizes are
    /// compared, bytes are not: that is [`BackupEntry::look`].
    pub fn read(dir: &Path) -> Self {
        // One that cannot be read is made again from the files beside it.
        let text = std::fs::read_to_string(dir.join(FOLDER).join(FILE)).unwrap_or_default();
        let mut found: Self = serde_json::from_str(&text).unwrap_or_default();
        for entry in &mut found.backups {
            entry.state = match (std::fs::metadata(entry.path(dir)), entry.state) {
                (Err(_), _) => BackupState::Missing,
                (Ok(about), _) if about.len() != entry.bytes => BackupState::Changed,
                (Ok(_), BackupState::Missing) => BackupState::Whole,
                (Ok(_), known) => known,
            };
        }
        found.notice(dir);
        found
    }

    /// Adds backups that lie in the workspace's own folder and that nobody listed.
    fn notice(&mut self, dir: &Path) {
        let folder = dir.join(FOLDER);
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = PathBuf::from(entry.file_name());
            let is_ours = name.extension().is_some_and(|ending| ending == BACKUP_ENDING)
                && !name.to_string_lossy().starts_with('.')
                && !self.backups.iter().any(|known| known.file == name);
            if !is_ours {
                continue;
            }
            let (Ok(manifest), Ok(about)) = (Manifest::read(&folder.join(&name)), entry.metadata()) else { continue };
            let is_before = name.to_string_lossy().starts_with("before-schema");
            let created_at = Millis::parse(&manifest.created_at, DateOrder::DayFirst).unwrap_or_default();
            self.backups.push(BackupEntry {
                reason: if is_before { BackupReason::BeforeSchema } else { BackupReason::Hand },
                created_at,
                contacts: manifest.contacts,
                files: manifest.files,
                bytes: about.len(),
                sha256: String::new(),
                checked_at: created_at,
                state: BackupState::Whole,
                file: name,
            });
        }
        self.backups.sort_by_key(|entry| entry.created_at);
    }

    /// The newest backup that is there and whole, as far as is known without reading it.
    pub fn newest_whole(&self) -> Option<&BackupEntry> {
        self.backups.iter().rev().find(|entry| entry.state == BackupState::Whole)
    }

    /// Changes the catalogue of a workspace; one program at a time.
    pub fn change<T>(dir: &Path, change: impl FnOnce(&mut Self) -> T) -> Result<T, StoreError> {
        let folder = dir.join(FOLDER);
        files::make_dir(&folder)?;
        let _one = Lock::take_late(&folder.join("catalogue.lock"))?
            .ok_or(StoreError::InUse(say!("another program is at the list of backups")))?;
        let mut catalogue = Self::read(dir);
        let value = change(&mut catalogue);
        let text = serde_json::to_vec_pretty(&catalogue).unwrap_or_default();
        files::put(&folder.join(FILE), &text)?;
        Ok(value)
    }

    /// Puts a backup that was just written on the list.
    pub(crate) fn add(dir: &Path, entry: BackupEntry) -> Result<(), StoreError> {
        Self::change(dir, |catalogue| {
            catalogue.backups.retain(|known| known.path(dir) != entry.path(dir));
            catalogue.backups.push(entry);
        })
    }
}

/// Where an entry says a file is: only by its name in the workspace's own folder, so that the
/// workspace can move.
pub(crate) fn place(dir: &Path, file: &Path) -> PathBuf {
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let own = std::path::absolute(dir.join(FOLDER)).unwrap_or_else(|_| dir.join(FOLDER));
    match whole.strip_prefix(own) {
        Ok(name) => name.to_owned(),
        Err(_) => whole,
    }
}

/// SHA-256 and length of the rest of a file.
pub(crate) fn hash(file: &mut File) -> Result<(String, u64), StoreError> {
    let mut hash = Sha256::new();
    let (mut buffer, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer).map_err(StoreError::io("reading a backup"))?;
        if read == 0 {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}
