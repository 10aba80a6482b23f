//! A backup that is read: what it says of itself, which key opens it, and what is in it.

use super::{FORMAT, unwrap_own};
use crate::{
    blob,
    connection::PAGE,
    error::StoreError,
    files,
    keyslots::{self, DataKey, KeySlots, Secret, hex},
    keystore::Keystore,
    schema,
    store::DATABASE,
    stream::Opener,
};
use cardfile_domain::{Sentence, say};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zip::ZipArchive;

/// What is in a backup, readable without a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `cardfile-backup/2`.
    pub format: String,
    /// Id of the workspace.
    pub workspace: String,
    /// Version of the app that wrote it.
    pub app: String,
    /// Schema version of the database.
    pub schema: u32,
    /// When it was written, RFC 3339.
    pub created_at: String,
    /// Contacts in it, those in the bin included.
    pub contacts: u32,
    /// Bytes of the database.
    pub bytes: u64,
    /// SHA-256 of the database.
    pub sha256: String,
    /// SHA-256 of the key slots.
    #[serde(default)]
    pub slots_sha256: String,
    /// Files of spaces in it.
    #[serde(default)]
    pub files: u32,
}

impl Manifest {
    /// What a backup says of itself. Without its key nobody knows whether that is true.
    pub fn read(file: &Path) -> Result<Self, StoreError> {
        Reading::open(file).map(|reading| reading.manifest)
    }
}

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const KEY: &str = "key.json";
/// Not sealed: what the first versions of the app wrote.
const FIRST_FORMAT: &str = "cardfile-backup/1";

/// The key of a backup, wrapped.
#[derive(Serialize, Deserialize)]
pub(super) struct Wrapped {
    pub(super) nonce: String,
    pub(super) wrapped: String,
}

/// The key of the workspace as it was then, and the backup's own.
pub(super) struct BackupKey {
    pub(super) workspace: DataKey,
    own: Option<DataKey>,
}

/// A backup, with what can be read without its key.
pub(super) struct Reading {
    file: PathBuf,
    archive: ZipArchive<File>,
    pub(super) manifest: Manifest,
    manifest_text: String,
    pub(super) slots: KeySlots,
    wrapped: Option<Wrapped>,
}

impl Reading {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let damaged = |what: Sentence| damaged(file, what);
        let opened = File::open(file).map_err(StoreError::io(file.display().to_string()))?;
        let mut archive = ZipArchive::new(opened).map_err(|_| damaged(say!("not a backup of Cardfile, or cut off")))?;
        let manifest_text =
            text_entry(&mut archive, MANIFEST).ok_or_else(|| damaged(say!("not a backup of Cardfile, or cut off")))?;
        let manifest: Manifest =
            serde_json::from_str(&manifest_text).map_err(|_| damaged(say!("its manifest cannot be read")))?;
        if manifest.format != FORMAT && manifest.format != FIRST_FORMAT {
            return Err(damaged(say!("unknown format {format}", format = manifest.format)));
        }
        if manifest.schema > schema::VERSION {
            return Err(StoreError::NewerSchema { found: manifest.schema, known: schema::VERSION, app: manifest.app });
        }
        let slots_text =
            text_entry(&mut archive, keyslots::FILE).ok_or_else(|| damaged(say!("its key slots are missing")))?;
        if !manifest.slots_sha256.is_empty() && hex(&Sha256::digest(&slots_text)) != manifest.slots_sha256 {
            return Err(damaged(say!("its key slots are not what was written")));
        }
        let slots = KeySlots::from_json(&slots_text)?;
        let wrapped = match text_entry(&mut archive, KEY) {
            Some(wrapped) => Some(serde_json::from_str(&wrapped).map_err(|_| damaged(say!("its key cannot be read")))?),
            None if manifest.format == FIRST_FORMAT => None,
            None => return Err(damaged(say!("its key is missing"))),
        };
        Ok(Self { file: file.to_owned(), archive, manifest, manifest_text, slots, wrapped })
    }

    /// Finds the key: the workspace's of now, if that is the one of then, what needs no
    /// asking, or what a person offers.
    pub(super) fn key(
        &self,
        now: Option<&DataKey>,
        secret: Option<&Secret>,
        keystore: Option<&dyn Keystore>,
    ) -> Result<BackupKey, StoreError> {
        if let Some(key) = now.and_then(|now| self.opened_by(now)) {
            return Ok(key);
        }
        let workspace = match (self.slots.open_unasked(keystore), secret) {
            (Some(key), _) => key,
            (None, Some(secret)) => self.slots.open_with(secret)?,
            (None, None) => return Err(StoreError::Locked),
        };
        match &self.wrapped {
            // The key is right, so what it says of itself is not.
            Some(_) => self
                .opened_by(&workspace)
                .ok_or_else(|| damaged(&self.file, say!("its manifest or its key is not what was written"))),
            None => Ok(BackupKey { workspace, own: None }),
        }
    }

    fn opened_by(&self, key: &DataKey) -> Option<BackupKey> {
        let own = unwrap_own(key, self.wrapped.as_ref()?, self.manifest_text.as_bytes())?;
        Some(BackupKey { workspace: key.clone(), own: Some(own) })
    }

    /// Writes the database out, and refuses one that is not what was written.
    pub(super) fn database(&mut self, key: &BackupKey, out: &mut dyn Write) -> Result<(), StoreError> {
        let (limit, sha256) = (self.manifest.bytes, self.manifest.sha256.clone());
        let copied = self.copy(DATABASE, key, limit, out)?;
        let is_whole = copied.bytes == limit && hex(&copied.hash.finalize()) == sha256;
        match copied.failed {
            None if is_whole => Ok(()),
            None => Err(damaged(&self.file, say!("its database is not what was written (SHA-256 differs)"))),
            Some(_) => Err(damaged(
                &self.file,
                say!("its database is cut off or damaged from page {page} on", page = copied.bytes / PAGE + 1),
            )),
        }
    }

    /// Writes the files of its spaces into a folder, or only reads them.
    pub(super) fn blobs(&mut self, key: &BackupKey, into: Option<&Path>) -> Result<(), StoreError> {
        let entries: Vec<String> = self.archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let mut found = 0;
        for entry in entries {
            // Only names that are ours: an archive may claim any path.
            let Some(name) = entry.strip_prefix("files/").filter(|name| blob::is_name(name)) else { continue };
            let copied = match into.map(|folder| folder.join(name)) {
                Some(path) => {
                    let mut out = files::create_new(&path)?;
                    let copied = self.copy(&entry, key, u64::MAX - 1, &mut out)?;
                    out.sync_all().map_err(StoreError::io(path.display().to_string()))?;
                    copied
                }
                None => self.copy(&entry, key, u64::MAX - 1, &mut io::sink())?,
            };
            if copied.failed.is_some() {
                return Err(damaged(&self.file, say!("a file of a space is cut off or damaged: {name}", name)));
            }
            found += 1;
        }
        if found != self.manifest.files {
            return Err(damaged(&self.file, say!("files of its spaces are missing")));
        }
        Ok(())
    }

    /// Copies an entry, opened and hashed. How far it came is part of the answer; an error is
    /// what the writing side says.
    fn copy(&mut self, name: &str, key: &BackupKey, limit: u64, out: &mut dyn Write) -> Result<Copied, StoreError> {
        let damaged = |what: Sentence| damaged(&self.file, what);
        let entry = self.archive.by_name(name).map_err(|_| damaged(say!("{name} is missing in it", name)))?;
        let sealed = entry.size();
        let mut bytes: Box<dyn Read + '_> = match &key.own {
            Some(own) => Box::new(
                Opener::begin(entry, sealed, &own.0, name)
                    .map_err(|_| damaged(say!("{name} in it is cut off or damaged", name)))?,
            ),
            None => Box::new(entry),
        };
        let mut copied = Copied { bytes: 0, hash: Sha256::new(), failed: None };
        let mut buffer = vec![0; 1 << 16];
        // No more than the manifest says: an archive may claim anything.
        while copied.bytes <= limit {
            match bytes.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    copied.hash.update(&buffer[..read]);
                    copied.bytes += read as u64;
                    out.write_all(&buffer[..read]).map_err(StoreError::io("reading a backup"))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    copied.failed = Some(error);
                    break;
                }
            }
        }
        Ok(copied)
    }
}

struct Copied {
    bytes: u64,
    hash: Sha256,
    failed: Option<io::Error>,
}

fn damaged(file: &Path, what: Sentence) -> StoreError {
    StoreError::Damaged(say!("{path}: {what}", path = file, what))
}

fn text_entry(archive: &mut ZipArchive<File>, name: &str) -> Option<String> {
    const LIMIT: u64 = 1 << 20;
    let mut text = String::new();
    archive.by_name(name).ok()?.take(LIMIT).read_to_string(&mut text).ok()?;
    Some(text)
}
