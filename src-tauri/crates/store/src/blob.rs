//! Bytes of files, encrypted, each under the name of what is in it: a file that
//! is added twice is kept once. Beside the database, because a database of
//! gigabytes is slow to copy and to check.
//!
//! The name is a keyed hash, so that it says nothing about the content to who
//! has not got the key. The bytes are sealed piece by piece.

use crate::{
    error::StoreError,
    files,
    key_use::KeyUse,
    keyslots::{DataKey, hex},
    store::Store,
    stream::{Opener, PIECE, Sealer, TAG},
};
use cardfile_domain::{Millis, id::Entropy, say};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Folder of the blobs in their workspace.
pub(crate) const FOLDER: &str = "files";

/// A file that was copied in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlob {
    /// The name of its blob.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether the same bytes were not here before.
    pub is_new: bool,
}

/// Whether this is the name of a blob.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The blobs of a workspace, in no order.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>, StoreError> {
    let folder = dir.join(FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io(folder.display().to_string())(error)),
    };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.to_owned()));
    Ok(names.filter(|name| is_name(name)).collect())
}

/// Removes what a copy left that was cut off more than an hour ago.
pub(crate) fn sweep(dir: &Path, now: Millis) {
    const HOUR: i64 = 3_600_000;
    let Ok(entries) = std::fs::read_dir(dir.join(FOLDER)) else { return };
    for entry in entries.flatten() {
        let changed = entry.metadata().and_then(|about| about.modified()).ok();
        let age = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).map(|at| at.as_millis() as i64);
        if entry.file_name().to_string_lossy().ends_with(".part") && age.is_some_and(|at| at < now.0 - HOUR) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Store {
    /// Copies a file in. Nothing is left of one that cannot be read to its end,
    /// or of one that does not fit.
    pub fn put_blob(&self, source: &Path) -> Result<NewBlob, StoreError> {
        let fail = |error: io::Error| StoreError::io(source.display().to_string())(error);
        // Before it is opened: a pipe would wait for a writer.
        let about = std::fs::metadata(source).map_err(fail)?;
        if !about.is_file() {
            return Err(StoreError::NotAFile(source.to_owned()));
        }
        let mut from = File::open(source).map_err(fail)?;
        self.check_room(about.len() + (about.len() / PIECE as u64 + 2) * TAG as u64)?;
        let folder = self.dir().join(FOLDER);
        files::make_dir(&folder)?;
        let draft = self.environment().sibling(&folder.join("file"), "part");
        let written = self.seal_stream(&mut from, source, &draft);
        let (name, bytes) = match written {
            Ok(written) => written,
            Err(error) => {
                let _ = std::fs::remove_file(&draft);
                return Err(error);
            }
        };
        let target = folder.join(&name);
        let is_new = !target.is_file();
        if is_new {
            std::fs::rename(&draft, &target).map_err(StoreError::io(target.display().to_string()))?;
        } else {
            let _ = std::fs::remove_file(&draft);
        }
        Ok(NewBlob { name, bytes, is_new })
    }

    /// Takes a blob back that was put for something that did not come to be, unless somebody
    /// else has added the same bytes since.
    pub fn drop_blob(&self, blob: &NewBlob) {
        if blob.is_new {
            let _ = self.remove_blobs(std::slice::from_ref(&blob.name));
        }
    }

    /// Whether the bytes are there. Inside a transaction that stays so until it ends.
    pub fn has_blob(&self, name: &str) -> bool {
        self.dir().join(FOLDER).join(name).is_file()
    }

    /// Bytes that all blobs take, those of removed files too.
    pub fn bytes_of_blobs(&self) -> Result<u64, StoreError> {
        let names = names(self.dir())?;
        let size = |name: &String| std::fs::metadata(self.dir().join(FOLDER).join(name)).map_or(0, |about| about.len());
        Ok(names.iter().map(size).sum())
    }

    fn seal_stream(&self, from: &mut File, source: &Path, draft: &Path) -> Result<(String, u64), StoreError> {
        let fail_read = |error: io::Error| StoreError::io(source.display().to_string())(error);
        let fail = |error: io::Error| StoreError::io(draft.display().to_string())(error);
        let out = io::BufWriter::new(files::create_new(draft)?);
        let mut sealer = Sealer::begin(out, &key_of(self.key()), "", &*self.environment().entropy).map_err(fail)?;
        let mut hash =
            Hmac::<Sha256>::new_from_slice(&*self.key().derive(KeyUse::FileNames)).map_err(|_| StoreError::WrongKey)?;
        let (mut piece, mut bytes) = (Zeroizing::new(vec![0; PIECE]), 0);
        loop {
            let held = match from.read(&mut piece) {
                Ok(0) => break,
                Ok(held) => held,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(fail_read(error)),
            };
            hash.update(&piece[..held]);
            bytes += held as u64;
            sealer.write_all(&piece[..held]).map_err(fail)?;
        }
        let file = sealer.finish().map_err(fail)?.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync_all().map_err(fail)?;
        Ok((hex(&hash.finalize().into_bytes()), bytes))
    }

    /// The bytes of a blob again.
    pub fn blob(&self, name: &str) -> Result<BlobReader, StoreError> {
        open(&self.dir().join(FOLDER), name, self.key())
    }
}

fn open(folder: &Path, name: &str, key: &DataKey) -> Result<BlobReader, StoreError> {
    if !is_name(name) {
        return Err(StoreError::Damaged(say!("{name} is the name of no file", name)));
    }
    let path = folder.join(name);
    let fail = |error: io::Error| StoreError::io(path.display().to_string())(error);
    let file = File::open(&path).map_err(fail)?;
    let sealed = file.metadata().map_err(fail)?.len();
    let bytes = Opener::begin(file, sealed, &key_of(key), "").map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => StoreError::Damaged(say!("{path} is not one of our files", path)),
        _ => fail(error),
    })?;
    Ok(BlobReader { path, bytes })
}

/// Seals a blob again with another key. It keeps its name, which the log of its card
/// knows, and which says nothing to who has not got the key of then.
pub(crate) fn reseal(
    folder: &Path,
    name: &str,
    old: &DataKey,
    to: &Path,
    new: &DataKey,
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    let fail = |error: io::Error| StoreError::io(to.display().to_string())(error);
    let mut bytes = open(folder, name, old)?;
    let out = io::BufWriter::new(files::create_new(to)?);
    let mut sealer = Sealer::begin(out, &key_of(new), "", entropy).map_err(fail)?;
    io::copy(&mut bytes, &mut sealer).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            StoreError::Damaged(say!("{path} is damaged", path = bytes.path))
        }
        _ => fail(error),
    })?;
    let file = sealer.finish().map_err(fail)?.into_inner().map_err(|error| fail(error.into_error()))?;
    file.sync_all().map_err(fail)
}

fn key_of(key: &DataKey) -> Zeroizing<[u8; 32]> {
    key.derive(KeyUse::Files)
}

/// Reads a blob piece by piece. A damaged one is an error where it is damaged.
pub struct BlobReader {
    path: PathBuf,
    bytes: Opener<File>,
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => io::Error::new(error.kind(), format!("{} is damaged", self.path.display())),
            _ => error,
        })
    }
}
