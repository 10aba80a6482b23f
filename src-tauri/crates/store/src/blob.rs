//! Bytes of files, encrypted, each under the name of what is in it: a file that
//! is added twice is kept once. Beside the database, because a database of
//! gigabytes is slow to copy and to check.
//!
//! The name is a keyed hash, so that it says nothing about the content to who
//! has not got the key. The bytes are a stream of sealed pieces (STREAM, Hoang
//! et al. 2015): a cut-off or reordered file is found out.

use crate::{
    error::StoreError,
    files,
    keyslots::{DataKey, hex},
    store::Store,
};
use aead_stream::{DecryptorBE32, EncryptorBE32};
use cardfile_domain::{Millis, say};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Folder of the blobs in their workspace.
pub(crate) const FOLDER: &str = "files";
const MAGIC: &[u8; 8] = b"CFFILE1\n";
const NONCE: usize = 19;
/// Bytes of a piece before it is sealed.
const PIECE: usize = 64 << 10;
/// What sealing adds to a piece.
const TAG: usize = 16;

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

    /// Takes a blob back that was put for something that did not come to be.
    pub fn drop_blob(&self, blob: &NewBlob) {
        if blob.is_new {
            let _ = std::fs::remove_file(self.dir().join(FOLDER).join(&blob.name));
        }
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
        let mut out = io::BufWriter::new(files::create_new(draft)?);
        let mut nonce = [0; NONCE];
        self.environment().entropy.fill(&mut nonce);
        out.write_all(MAGIC).and_then(|()| out.write_all(&nonce)).map_err(fail)?;
        let mut sealer = EncryptorBE32::from_aead(cipher(self.key()), (&nonce).into());
        let mut hash = Hmac::<Sha256>::new_from_slice(&*self.key().derive("cardfile file names/1"))
            .map_err(|_| StoreError::WrongKey)?;
        let (mut piece, mut bytes) = (Zeroizing::new(vec![0; PIECE]), 0);
        let mut held = fill(from, &mut piece).map_err(fail_read)?;
        let mut next = Zeroizing::new(vec![0; PIECE]);
        let broken = |_| StoreError::Damaged(say!("a file is too large to be kept"));
        loop {
            // A piece must be known to be the last one before it is sealed.
            let more = if held == PIECE { fill(from, &mut next).map_err(fail_read)? } else { 0 };
            hash.update(&piece[..held]);
            bytes += held as u64;
            if more == 0 {
                let sealed = sealer.encrypt_last(&piece[..held]).map_err(broken)?;
                out.write_all(&sealed).map_err(fail)?;
                break;
            }
            let sealed = sealer.encrypt_next(&piece[..held]).map_err(broken)?;
            out.write_all(&sealed).map_err(fail)?;
            std::mem::swap(&mut piece, &mut next);
            held = more;
        }
        let file = out.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync_all().map_err(fail)?;
        Ok((hex(&hash.finalize().into_bytes()), bytes))
    }

    /// The bytes of a blob again.
    pub fn blob(&self, name: &str) -> Result<BlobReader, StoreError> {
        if !is_name(name) {
            return Err(StoreError::Damaged(say!("{name} is the name of no file", name)));
        }
        let path = self.dir().join(FOLDER).join(name);
        let fail = |error: io::Error| StoreError::io(path.display().to_string())(error);
        let mut file = File::open(&path).map_err(fail)?;
        let left = file.metadata().map_err(fail)?.len();
        let mut head = [0; 8 + NONCE];
        file.read_exact(&mut head).map_err(fail)?;
        if head[..8] != MAGIC[..] {
            return Err(StoreError::Damaged(say!("{path} is not one of our files", path)));
        }
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&head[8..]);
        Ok(BlobReader {
            path,
            file,
            left: left.saturating_sub(head.len() as u64),
            opener: Some(DecryptorBE32::from_aead(cipher(self.key()), (&nonce).into())),
            piece: Zeroizing::default(),
            at: 0,
        })
    }
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.derive("cardfile files/1")).into())
}

/// Reads until the buffer is full or the file ends.
fn fill(from: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut held = 0;
    while held < buffer.len() {
        match from.read(&mut buffer[held..]) {
            Ok(0) => break,
            Ok(read) => held += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(held)
}

/// Reads a blob piece by piece. A damaged one is an error where it is damaged.
pub struct BlobReader {
    path: PathBuf,
    file: File,
    left: u64,
    opener: Option<DecryptorBE32<XChaCha20Poly1305>>,
    piece: Zeroizing<Vec<u8>>,
    at: usize,
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && self.opener.is_some() {
            let length = self.left.min((PIECE + TAG) as u64);
            let mut sealed = vec![0; length as usize];
            self.file.read_exact(&mut sealed)?;
            self.left -= length;
            let damaged = |_| io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", self.path.display()));
            let opened = match (self.left, &mut self.opener) {
                (0, opener) => opener.take().map(|opener| opener.decrypt_last(&sealed[..])),
                (_, Some(opener)) => Some(opener.decrypt_next(&sealed[..])),
                (_, None) => None,
            };
            self.piece = Zeroizing::new(opened.transpose().map_err(damaged)?.unwrap_or_default());
            self.at = 0;
        }
        let length = out.len().min(self.piece.len() - self.at);
        out[..length].copy_from_slice(&self.piece[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}
