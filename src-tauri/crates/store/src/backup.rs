//! Backups: one file with the database, the files of its spaces and the key slots. Each is
//! sealed with a key of its own, which the workspace's key opens, and is read again from
//! beginning to end before it gets its name.
//!
//! The key slots of then go with it, so that it opens with what opened the workspace then,
//! also when nothing else is left of it.

mod reading;
mod restoring;

pub use reading::Manifest;
pub use restoring::{Restored, restore, restore_over};

use crate::{
    blob,
    catalogue::{self, BackupEntry, BackupReason, BackupState, Catalogue},
    connection,
    contact::Contacts,
    error::StoreError,
    files::{self, Lock},
    key_use::KeyUse,
    keyslots::{self, DataKey, KeySlots, hex},
    schema,
    store::{DATABASE, Store},
    stream::Sealer,
};
use cardfile_domain::{id::Entropy, say};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use reading::{KEY, MANIFEST, Reading, Wrapped};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;
use zip::{ZipWriter, write::SimpleFileOptions};

const FORMAT: &str = "cardfile-backup/2";
/// Held by who writes a backup of the workspace.
const LOCK: &str = "backup.lock";

impl Store {
    /// Whether somebody is writing a backup now. What nobody can tell counts as one.
    pub fn is_backing_up(&self) -> bool {
        !self.is_memory() && !matches!(Lock::try_take(&self.dir().join(LOCK)), Ok(Some(_)))
    }

    /// Writes a backup to `file`, which must not exist, and puts it on the list. Other
    /// programs may read and write meanwhile.
    pub fn backup(&self, file: &Path, reason: BackupReason) -> Result<Manifest, StoreError> {
        // A link counts as well: what it leads to is not ours to replace.
        if std::fs::symlink_metadata(file).is_ok() {
            return Err(StoreError::NotEmpty(file.to_owned()));
        }
        let folder = self.dir().join(catalogue::FOLDER);
        // A workspace that was copied by hand may lack it.
        files::make_dir(&folder)?;
        let _one = Lock::take_late(&self.dir().join(LOCK))?
            .ok_or(StoreError::InUse(say!("another backup is being written")))?;
        self.check_room_for(file)?;
        // The copy stays in the workspace: it is not sealed yet.
        let copy = self.environment().sibling(&folder.join("database"), "copy");
        let draft = self.environment().sibling(file, "draft");
        let written = self.write_backup(&copy, &draft).and_then(|written| {
            std::fs::rename(&draft, file).map_err(StoreError::io(file.display().to_string()))?;
            Ok(written)
        });
        let _ = std::fs::remove_file(&copy);
        if written.is_err() {
            let _ = std::fs::remove_file(&draft);
        }
        let (manifest, sha256, bytes) = written?;
        let now = self.environment().clock.now();
        Catalogue::add(
            self.dir(),
            BackupEntry {
                file: catalogue::place(self.dir(), file),
                reason,
                created_at: now,
                contacts: manifest.contacts,
                files: manifest.files,
                bytes,
                sha256,
                checked_at: now,
                state: BackupState::Whole,
            },
        )?;
        Ok(manifest)
    }

    /// A backup needs the room of a copy of the database in the workspace, and where it goes
    /// that of the whole.
    fn check_room_for(&self, file: &Path) -> Result<(), StoreError> {
        let size = |name: &str| std::fs::metadata(self.dir().join(name)).map_or(0, |about| about.len());
        let database = size(DATABASE) + size("cardfile.db-wal");
        files::check_room(self.dir(), database)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        files::check_room(folder, database + self.bytes_of_blobs()?)
    }

    /// Gives the hash and the size of the file beside what is in it.
    fn write_backup(&self, copy: &Path, draft: &Path) -> Result<(Manifest, String, u64), StoreError> {
        drop(files::create_new(copy)?);
        let (contacts, schema) = self.copy_database(copy)?;
        // After the database: a file that is added meanwhile is one too many, never one too few.
        let blobs = blob::names(self.dir())?;
        let slots = KeySlots::read(self.dir())?;
        let slots_text = slots.to_json();
        let mut database = File::open(copy).map_err(StoreError::io(copy.display().to_string()))?;
        let (sha256, bytes) = catalogue::hash(&mut database)?;
        let manifest = Manifest {
            format: FORMAT.into(),
            workspace: slots.workspace.clone(),
            app: self.environment().app.into(),
            schema,
            created_at: self.environment().clock.now().to_rfc3339(),
            contacts,
            bytes,
            sha256,
            slots_sha256: hex(&Sha256::digest(&slots_text)),
            files: blobs.len() as u32,
        };
        let manifest_text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        let own = DataKey::random(&*self.environment().entropy);
        let wrapped = wrap(self.key(), &own, &manifest_text, &*self.environment().entropy)?;
        let wrapped = serde_json::to_vec(&wrapped).unwrap_or_default();
        let fail = |error: io::Error| StoreError::io(draft.display().to_string())(error);
        let mut archive = ZipWriter::new(files::create_new(draft)?);
        for (name, text) in
            [(MANIFEST, manifest_text.as_slice()), (keyslots::FILE, slots_text.as_bytes()), (KEY, wrapped.as_slice())]
        {
            archive.start_file(name, plain()).map_err(|error| fail(error.into()))?;
            archive.write_all(text).map_err(fail)?;
        }
        let sealing = Sealing { own: &own, entropy: &*self.environment().entropy, draft };
        sealing.put(&mut archive, DATABASE, copy)?;
        for name in blobs {
            let path = self.dir().join(blob::FOLDER).join(&name);
            sealing.put(&mut archive, &format!("{}/{name}", blob::FOLDER), &path)?;
        }
        archive.finish().map_err(|error| fail(error.into()))?.sync_all().map_err(fail)?;
        // What was written is what can be read again.
        let mut reading = Reading::open(draft)?;
        let key = reading.key(Some(self.key()), None, None)?;
        reading.database(&key, &mut io::sink())?;
        reading.blobs(&key, None)?;
        if reading.manifest != manifest {
            return Err(StoreError::Damaged(say!("the backup differs from its source")));
        }
        let mut whole = File::open(draft).map_err(StoreError::io(draft.display().to_string()))?;
        let (sha256, bytes) = catalogue::hash(&mut whole)?;
        Ok((manifest, sha256, bytes))
    }

    /// Copies the database page by page, opens the copy, checks it, and gives its
    /// contacts and its schema version: before a migration that is the older one.
    fn copy_database(&self, to: &Path) -> Result<(u32, u32), StoreError> {
        let source = connection::open(&self.dir().join(DATABASE), self.key(), false)?;
        connection::copy(&source, to, self.key())?;
        drop(source);
        let copy = connection::open(to, self.key(), false)?;
        connection::verify(&copy)?;
        let (contacts, _) = Contacts(&copy).count()?;
        let schema = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        Ok((contacts, schema))
    }

    pub(crate) fn backup_before_migration(&self) -> Result<PathBuf, StoreError> {
        let stamp = self.environment().clock.now().to_rfc3339_seconds().replace([':', '-'], "");
        let file = |n: u32| {
            // A program that was killed and started again within a second has made one already.
            let again = if n == 1 { String::new() } else { format!("-{n}") };
            let name = format!("before-schema-{}-{stamp}{again}.{}", schema::VERSION, catalogue::BACKUP_ENDING);
            self.dir().join(catalogue::FOLDER).join(name)
        };
        let file = (1..100).map(file).find(|file| !file.exists()).unwrap_or_else(|| file(100));
        self.backup(&file, BackupReason::BeforeSchema)?;
        Ok(file)
    }
}

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true)
        .unix_permissions(0o600)
}

/// How the parts of one backup are sealed.
struct Sealing<'b> {
    own: &'b DataKey,
    entropy: &'b dyn Entropy,
    draft: &'b Path,
}

impl Sealing<'_> {
    fn put(&self, archive: &mut ZipWriter<File>, name: &str, from: &Path) -> Result<(), StoreError> {
        let fail = |error: io::Error| StoreError::io(self.draft.display().to_string())(error);
        let mut bytes = File::open(from).map_err(StoreError::io(from.display().to_string()))?;
        archive.start_file(name, plain()).map_err(|error| fail(error.into()))?;
        let mut sealer = Sealer::begin(archive, &self.own.0, name, self.entropy).map_err(fail)?;
        io::copy(&mut bytes, &mut sealer).map_err(fail)?;
        sealer.finish().map_err(fail)?;
        Ok(())
    }
}

/// Wraps the key of a backup. Bound to what the backup says of itself, so that a changed
/// word there is found out.
fn wrap(key: &DataKey, own: &DataKey, manifest: &[u8], entropy: &dyn Entropy) -> Result<Wrapped, StoreError> {
    let mut nonce = [0; 24];
    entropy.fill(&mut nonce);
    let payload = Payload { msg: &*own.0, aad: manifest };
    let wrapped = cipher(key).encrypt((&nonce).into(), payload).map_err(|_| StoreError::WrongKey)?;
    Ok(Wrapped { nonce: hex(&nonce), wrapped: hex(&wrapped) })
}

fn unwrap_own(key: &DataKey, wrapped: &Wrapped, manifest: &[u8]) -> Option<DataKey> {
    let nonce: Zeroizing<[u8; 24]> = keyslots::unhex(&wrapped.nonce)?;
    let sealed: Zeroizing<[u8; 48]> = keyslots::unhex(&wrapped.wrapped)?;
    let payload = Payload { msg: &*sealed, aad: manifest };
    let plain = Zeroizing::new(cipher(key).decrypt((&*nonce).into(), payload).ok()?);
    let mut own = Zeroizing::new([0; 32]);
    own.copy_from_slice(plain.get(..32)?);
    Some(DataKey(own))
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.derive(KeyUse::Backups)).into())
}

/// Removes copies that a killed backup left in the workspace.
pub(crate) fn sweep(dir: &Path) {
    // Not those of a backup that is being written.
    let Ok(Some(_one)) = Lock::try_take(&dir.join(LOCK)) else { return };
    for entry in std::fs::read_dir(dir.join(catalogue::FOLDER)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_left =
            [".copy", ".copy-journal", ".copy-wal", ".copy-shm", ".draft"].iter().any(|end| name.ends_with(end));
        if name.starts_with('.') && is_left {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
