//! Backups: one file with an encrypted copy of the database and its key slots,
//! opened again and counted before it gets its name.

use crate::{
    blob, connection,
    contact::Contacts,
    error::StoreError,
    files,
    keyslots::{self, KeySlots, Secret, hex},
    schema,
    store::{DATABASE, Environment, Store},
};
use cardfile_domain::{Sentence, say};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// What is in a backup, readable without a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `cardfile-backup/1`.
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
    /// Files of spaces in it.
    #[serde(default)]
    pub files: u32,
}

const FORMAT: &str = "cardfile-backup/1";
const MANIFEST: &str = "manifest.json";

impl Store {
    /// Writes a backup to `file`, which must not exist. Other programs may read
    /// and write meanwhile.
    pub fn backup(&self, file: &Path) -> Result<Manifest, StoreError> {
        if file.exists() {
            return Err(StoreError::NotEmpty(file.to_owned()));
        }
        let (copy, draft) = (self.environment().sibling(file, "copy"), self.environment().sibling(file, "draft"));
        let result = self.write_backup(&copy, &draft);
        let _ = std::fs::remove_file(&copy);
        match result {
            Ok(manifest) => {
                std::fs::rename(&draft, file).map_err(StoreError::io(file.display().to_string()))?;
                Ok(manifest)
            }
            Err(error) => {
                let _ = std::fs::remove_file(&draft);
                Err(error)
            }
        }
    }

    fn write_backup(&self, copy: &Path, draft: &Path) -> Result<Manifest, StoreError> {
        drop(files::create_new(copy)?);
        let (contacts, schema) = self.copy_database(copy)?;
        // After the database: a file that is added meanwhile is one too many, never one too few.
        let blobs = blob::names(self.dir())?;
        let mut bytes = File::open(copy).map_err(StoreError::io(copy.display().to_string()))?;
        let manifest = Manifest {
            format: FORMAT.into(),
            workspace: self.slots().workspace.clone(),
            app: self.environment().app.into(),
            schema,
            created_at: self.environment().clock.now().to_rfc3339(),
            contacts,
            bytes: bytes.metadata().map(|m| m.len()).unwrap_or_default(),
            sha256: sha256(&mut bytes)?,
            files: blobs.len() as u32,
        };
        let mut bytes = File::open(copy).map_err(StoreError::io(copy.display().to_string()))?;
        let fail = |error: std::io::Error| StoreError::io(draft.display().to_string())(error);
        let mut archive = ZipWriter::new(files::create_new(draft)?);
        let plain = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .large_file(true)
            .unix_permissions(0o600);
        let json = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        let slots = self.slots().to_json();
        for (name, text) in [(MANIFEST, json.as_slice()), (keyslots::FILE, slots.as_bytes())] {
            archive.start_file(name, plain).map_err(|e| fail(e.into()))?;
            archive.write_all(text).map_err(fail)?;
        }
        archive.start_file(DATABASE, plain).map_err(|e| fail(e.into()))?;
        std::io::copy(&mut bytes, &mut archive).map_err(fail)?;
        for name in blobs {
            let path = self.dir().join(blob::FOLDER).join(&name);
            let mut bytes = File::open(&path).map_err(StoreError::io(path.display().to_string()))?;
            archive.start_file(format!("{}/{name}", blob::FOLDER), plain).map_err(|e| fail(e.into()))?;
            std::io::copy(&mut bytes, &mut archive).map_err(fail)?;
        }
        archive.finish().map_err(|e| fail(e.into()))?.sync_all().map_err(fail)?;
        // What was written is what can be read again.
        let check = self.environment().sibling(draft, "check");
        let read = extract(draft, &check, None);
        let _ = std::fs::remove_file(&check);
        if read?.0 == manifest {
            Ok(manifest)
        } else {
            Err(StoreError::Damaged(say!("the backup differs from its source")))
        }
    }

    /// Copies the database page by page, opens the copy, checks it, and gives its
    /// contacts and its schema version: before a migration that is the older one.
    fn copy_database(&self, to: &Path) -> Result<(u32, u32), StoreError> {
        let source = connection::open(&self.dir().join(DATABASE), self.key(), false)?;
        let mut target = connection::open(to, self.key(), true)?;
        connection::copy(&source, &mut target)?;
        drop(source);
        // A copy in one file: no journal beside it.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        drop(target);
        let copy = connection::open(to, self.key(), false)?;
        connection::verify(&copy)?;
        let (contacts, _) = Contacts(&copy).count()?;
        let schema = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        Ok((contacts, schema))
    }

    pub(crate) fn backup_before_migration(&self) -> Result<PathBuf, StoreError> {
        let stamp = self.environment().clock.now().to_rfc3339_seconds().replace([':', '-'], "");
        let backups = self.dir().join("backups");
        // A workspace that was copied by hand may lack it.
        files::make_dir(&backups)?;
        let file = backups.join(format!("before-schema-{}-{stamp}.cardfile-backup", schema::VERSION));
        self.backup(&file)?;
        Ok(file)
    }
}

/// Restores a backup into a folder that is empty or not there; never over an
/// existing workspace. Returns the workspace, open.
pub fn restore(
    file: &Path,
    into: &Path,
    secret: Option<&Secret>,
    environment: Environment,
) -> Result<(Store, Manifest), StoreError> {
    let taken = std::fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(StoreError::NotEmpty(into.to_owned()));
    }
    let draft = environment.sibling(into, "restoring");
    files::make_dir(&draft)?;
    let result = (|| {
        for part in [blob::FOLDER, "backups"] {
            files::make_dir(&draft.join(part))?;
        }
        let (manifest, slots) = extract(file, &draft.join(DATABASE), Some(&draft.join(blob::FOLDER)))?;
        files::put(&draft.join(keyslots::FILE), slots.to_json().as_bytes())?;
        // Counted as it was written: opening it takes back an operation that
        // was running when the backup was made.
        let key = match secret {
            Some(secret) => slots.open_with(secret)?,
            None => slots.open_unasked(environment.keystore.as_deref()).ok_or(StoreError::Locked)?,
        };
        let db = connection::open(&draft.join(DATABASE), &key, false)?;
        connection::verify(&db)?;
        let (contacts, _) = Contacts(&db).count()?;
        if contacts != manifest.contacts {
            return Err(StoreError::Damaged(say!(
                "{expected} contacts expected, {found} found",
                expected = manifest.contacts,
                found = contacts
            )));
        }
        drop(db);
        let _ = std::fs::remove_dir(into);
        std::fs::rename(&draft, into).map_err(StoreError::io(into.display().to_string()))?;
        Ok(manifest)
    })();
    match result {
        Ok(manifest) => Ok((Store::open(into, secret, environment)?.0, manifest)),
        Err(error) => {
            let _ = std::fs::remove_dir_all(&draft);
            Err(error)
        }
    }
}

/// Reads a backup's manifest and key slots, and writes its database to `to` and
/// the files of its spaces into `blobs`, or only checks that they can be read.
fn extract(file: &Path, to: &Path, blobs: Option<&Path>) -> Result<(Manifest, KeySlots), StoreError> {
    let damaged = |what: Sentence| StoreError::Damaged(say!("{path}: {what}", path = file, what));
    let opened = File::open(file).map_err(StoreError::io(file.display().to_string()))?;
    let mut archive = ZipArchive::new(opened).map_err(|_| damaged(say!("not a backup of Cardfile, or cut off")))?;
    let manifest = text_entry(&mut archive, MANIFEST).ok_or_else(|| damaged(say!("not a backup of Cardfile")))?;
    let manifest: Manifest =
        serde_json::from_str(&manifest).map_err(|_| damaged(say!("its manifest cannot be read")))?;
    if manifest.format != FORMAT {
        return Err(damaged(say!("unknown format {format}", format = manifest.format)));
    }
    if manifest.schema > schema::VERSION {
        return Err(StoreError::NewerSchema { found: manifest.schema, known: schema::VERSION, app: manifest.app });
    }
    let slots = text_entry(&mut archive, keyslots::FILE).ok_or_else(|| damaged(say!("its key slots are missing")))?;
    let slots = KeySlots::from_json(&slots)?;
    let mut entry = archive.by_name(DATABASE).map_err(|_| damaged(say!("its database is missing")))?;
    let mut out = files::create_new(to)?;
    // No more than the manifest says: an archive may claim anything.
    let copied = std::io::copy(&mut (&mut entry).take(manifest.bytes + 1), &mut out)
        .map_err(|_| damaged(say!("its database is cut off or damaged")))?;
    drop(entry);
    let mut written = File::open(to).map_err(StoreError::io(to.display().to_string()))?;
    if copied != manifest.bytes || sha256(&mut written)? != manifest.sha256 {
        return Err(damaged(say!("its database is not what was written (SHA-256 differs)")));
    }
    let entries: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let mut found = 0;
    for entry in entries {
        // Only names that are ours: an archive may claim any path.
        let Some(name) = entry.strip_prefix("files/").filter(|name| blob::is_name(name)) else { continue };
        let mut bytes = archive.by_name(&entry).map_err(|_| damaged(say!("a file of a space is missing")))?;
        let copied = match blobs {
            Some(folder) => std::io::copy(&mut bytes, &mut files::create_new(&folder.join(name))?),
            None => std::io::copy(&mut bytes, &mut std::io::sink()),
        };
        copied.map_err(|_| damaged(say!("a file of a space is cut off or damaged")))?;
        found += 1;
    }
    if found != manifest.files {
        return Err(damaged(say!("files of its spaces are missing")));
    }
    Ok((manifest, slots))
}

fn text_entry(archive: &mut ZipArchive<File>, name: &str) -> Option<String> {
    const LIMIT: u64 = 1 << 20;
    let mut text = String::new();
    archive.by_name(name).ok()?.take(LIMIT).read_to_string(&mut text).ok()?;
    Some(text)
}

fn sha256(file: &mut File) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(StoreError::io("reading a backup"))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}
