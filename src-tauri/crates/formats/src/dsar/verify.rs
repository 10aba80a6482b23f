//! Checking a bundle: that it is whole, that it is what was signed, and by which key. Whoever got
//! one needs no workspace for it. A fault names the file it is about.

use super::{
    archive::{self, Broken, Item, copy},
    manifest::{FORMAT, KEY, MANIFEST, Manifest, SIGNATURE, SUMS, hex, sums},
    write::Hashing,
};
use crate::minisign::{Invalid, PublicKey};
use cardfile_domain::{Sentence, say};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom},
};

/// Something about a bundle that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file it is about; empty for the archive as a whole.
    pub file: String,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// No bundle at all, or cut off.
    NoBundle,
    /// It is encrypted; only its receiver can open it.
    Encrypted,
    /// What surrounds the file in the archive was changed.
    Frame,
    /// Its content was changed.
    Content,
    /// It is not there.
    Missing,
    /// It was put there by somebody else.
    Unexpected,
    /// It cannot be read.
    Unreadable,
    /// It is not what was signed.
    Signature,
    /// Another key signed it than the one that was asked for.
    AnotherKey,
}

impl Fault {
    fn new(file: impl Into<String>, what: Wrong) -> Self {
        Self { file: file.into(), what }
    }

    /// What it says.
    pub fn sentence(&self) -> Sentence {
        let file = &self.file;
        match self.what {
            Wrong::NoBundle => say!("this is no bundle of Cardfile, or its end is missing"),
            Wrong::Encrypted => say!("this is encrypted; open it first with: age -d"),
            Wrong::Frame if file.is_empty() => say!("the archive's own directory was changed"),
            Wrong::Frame => say!("{file}: its entry in the archive was changed", file),
            Wrong::Content => say!("{file}: its content was changed", file),
            Wrong::Missing => say!("{file} is missing", file),
            Wrong::Unexpected => say!("{file} does not belong to the bundle", file),
            Wrong::Unreadable => say!("{file} cannot be read", file),
            Wrong::Signature => say!("{file}: the signature does not fit", file),
            Wrong::AnotherKey => say!("{file}: another key signed it than the one you expect", file),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// What is wrong; empty when everything is as it was written.
    pub faults: Vec<Fault>,
    /// What the bundle says of itself, where it can be read.
    pub manifest: Option<Manifest>,
    /// The key it was checked with.
    pub key: Option<PublicKey>,
    /// The caller named that key; else it is the bundle's own, and proves only that nobody
    /// changed the bundle without making a new key.
    pub is_expected_key: bool,
}

impl Verified {
    /// Whether everything is as it was written.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn broken(fault: Fault) -> Self {
        Self { faults: vec![fault], manifest: None, key: None, is_expected_key: false }
    }
}

/// Longest of the files that are read as a whole.
const LARGEST: u64 = 256 << 20;

/// Checks a bundle, with the key that is expected or else with its own.
pub fn verify<F: Read + Seek>(file: &mut F, expected: Option<&PublicKey>) -> io::Result<Verified> {
    if is_age(file)? {
        return Ok(Verified::broken(Fault::new("", Wrong::Encrypted)));
    }
    let items = match archive::read(file)? {
        Ok(items) => items,
        Err(Broken::NoArchive) => return Ok(Verified::broken(Fault::new("", Wrong::NoBundle))),
        Err(Broken::Changed(name)) => {
            let name = name.unwrap_or_default();
            let path = name.split_once('/').map_or(name.as_str(), |(_, path)| path);
            return Ok(Verified::broken(Fault::new(path, Wrong::Frame)));
        }
    };
    let root = items.first().and_then(|item| item.name.split_once('/')).map(|(root, _)| format!("{root}/"));
    let Some(root) = root.filter(|root| root.starts_with("dsar-")) else {
        return Ok(Verified::broken(Fault::new("", Wrong::NoBundle)));
    };
    let mut faults = Vec::new();
    let mut found: BTreeMap<String, (&Item, String)> = BTreeMap::new();
    for item in &items {
        match item.name.strip_prefix(&root) {
            Some(path) if !found.contains_key(path) => {
                let measured = measure(file, item)?;
                if measured.1 != item.crc {
                    faults.push(Fault::new(path, Wrong::Content));
                }
                found.insert(path.to_owned(), (item, measured.0));
            }
            _ => faults.push(Fault::new(item.name.as_str(), Wrong::Unexpected)),
        }
    }
    let mut text = |path: &str| -> io::Result<Option<String>> {
        let Some((item, _)) = found.get(path).filter(|(item, _)| item.size <= LARGEST) else { return Ok(None) };
        file.seek(SeekFrom::Start(item.start()))?;
        let mut bytes = Vec::new();
        file.by_ref().take(item.size).read_to_end(&mut bytes)?;
        Ok(String::from_utf8(bytes).ok())
    };
    let (manifest, signature, listed, own) = (text(MANIFEST)?, text(SIGNATURE)?, text(SUMS)?, text(KEY)?);
    for path in [MANIFEST, SIGNATURE, SUMS, KEY] {
        if !found.contains_key(path) {
            faults.push(Fault::new(path, Wrong::Missing));
        }
    }
    let own = own.as_deref().and_then(PublicKey::parse);
    if own.is_none() && found.contains_key(KEY) {
        faults.push(Fault::new(KEY, Wrong::Unreadable));
    }
    let key = expected.cloned().or(own);
    if let (Some(key), Some(manifest), Some(signature)) = (&key, &manifest, &signature) {
        faults.extend(fault_of_signature(key, manifest, signature));
    }
    let parsed: Option<Manifest> = manifest.as_deref().and_then(|text| serde_json::from_str(text).ok());
    match &parsed {
        Some(manifest) if manifest.format == FORMAT => compare(manifest, &found, &mut faults),
        _ => faults.push(Fault::new(MANIFEST, Wrong::Unreadable)),
    }
    let sums = sums(found.iter().filter(|(path, _)| *path != SUMS).map(|(path, (_, hash))| (&hash[..], &path[..])));
    if listed.is_some_and(|listed| listed != sums) && faults.is_empty() {
        // It lists what is there: where nothing else was changed, it was.
        faults.push(Fault::new(SUMS, Wrong::Content));
    }
    faults.dedup_by(|one, other| one.file == other.file);
    Ok(Verified { faults, manifest: parsed, key, is_expected_key: expected.is_some() })
}

fn is_age<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    const MARK: &[u8] = b"age-encryption.org/";
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(MARK.len() as u64).read_to_end(&mut head)?;
    Ok(head == MARK)
}

/// SHA-256 and checksum of an entry's content.
fn measure<F: Read + Seek>(file: &mut F, item: &Item) -> io::Result<(String, u32)> {
    file.seek(SeekFrom::Start(item.start()))?;
    let mut hash = Hashing(Sha256::new());
    let (_, crc) = copy(file, &mut hash, item.size)?;
    Ok((hex(&hash.0.finalize()), crc))
}

fn fault_of_signature(key: &PublicKey, manifest: &str, signature: &str) -> Option<Fault> {
    match key.verify(manifest.as_bytes(), signature) {
        Ok(_) => None,
        Err(Invalid::Malformed) => Some(Fault::new(SIGNATURE, Wrong::Signature)),
        Err(Invalid::AnotherKey) => Some(Fault::new(SIGNATURE, Wrong::AnotherKey)),
        Err(Invalid::Changed) => Some(Fault::new(MANIFEST, Wrong::Signature)),
    }
}

/// Compares what the manifest lists with what is there.
fn compare(manifest: &Manifest, found: &BTreeMap<String, (&Item, String)>, faults: &mut Vec<Fault>) {
    for line in &manifest.files {
        match found.get(&line.path) {
            None => faults.push(Fault::new(&line.path, Wrong::Missing)),
            Some((item, hash)) if item.size != line.bytes || *hash != line.sha256 => {
                faults.push(Fault::new(&line.path, Wrong::Content));
            }
            Some(_) => {}
        }
    }
    let apart = [MANIFEST, SIGNATURE, SUMS];
    let listed = |path: &str| apart.contains(&path) || manifest.files.iter().any(|line| line.path == path);
    faults.extend(found.keys().filter(|path| !listed(path)).map(|path| Fault::new(path, Wrong::Unexpected)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dsar::{Content, Entry, Head, write},
        minisign::KeyPair,
    };
    use std::io::Cursor;

    fn key() -> KeyPair {
        KeyPair::from_seed(&[5; 32])
    }

    fn bundle() -> Vec<u8> {
        let head = Head {
            request: "req_1".into(),
            subject_pseudonym: "0011".into(),
            created: ("2026-11-21T09:00:00Z".into(), 1_795_251_600),
            ..Head::default()
        };
        let attached = b"picture".to_vec();
        let entries = vec![
            Entry::text("data/notes.json", "[]\n".into(), "15(3)"),
            Entry::text("START-HERE.html", "<p>hello</p>".into(), "12"),
            Entry {
                path: "attachments/1.png".into(),
                content: Content::opened(|| Ok(Box::new(Cursor::new(attached.clone())))),
                records: None,
                article: "15(3)",
                schema: None,
            },
        ];
        write(Vec::new(), &head, entries, &key()).expect("memory").0
    }

    fn verified(bytes: &[u8]) -> Verified {
        verify(&mut Cursor::new(bytes), None).expect("memory")
    }

    #[test]
    fn a_bundle_holds_and_is_the_same_each_time() {
        let bytes = bundle();
        let found = verified(&bytes);
        assert!(found.holds(), "{:?}", found.faults);
        assert_eq!(found.key, Some(key().public()));
        assert_eq!(found.manifest.expect("read").files.len(), 4);
        assert_eq!(bytes, bundle());
    }

    #[test]
    fn every_byte_that_is_changed_is_found_and_its_file_named() {
        let bytes = bundle();
        let items = archive::read(&mut Cursor::new(&bytes)).expect("memory").expect("ours");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let found = verified(&changed);
            assert!(!found.holds(), "byte {at}");
            let inside = items.iter().find(|item| (item.start()..item.start() + item.size).contains(&(at as u64)));
            if let Some(item) = inside {
                let path = item.name.strip_prefix("dsar-req_1/").expect("in the folder");
                assert!(found.faults.iter().any(|fault| fault.file == path), "byte {at} of {path}: {:?}", found.faults);
            }
        }
    }

    #[test]
    fn a_bundle_of_somebody_else_does_not_pass_for_the_expected_key() {
        let other = KeyPair::from_seed(&[6; 32]).public();
        let found = verify(&mut Cursor::new(bundle()), Some(&other)).expect("memory");
        assert_eq!(found.faults, [Fault::new(SIGNATURE, Wrong::AnotherKey)]);
        let found = verify(&mut Cursor::new(bundle()), Some(&key().public())).expect("memory");
        assert!(found.holds() && found.is_expected_key);
    }

    #[test]
    fn what_is_no_bundle_is_said_to_be_none() {
        for (bytes, wrong) in [
            (&b""[..], Wrong::NoBundle),
            (&b"hello, this is a letter and no archive at all"[..], Wrong::NoBundle),
            (&b"age-encryption.org/v1\n-> X25519 x"[..], Wrong::Encrypted),
        ] {
            assert_eq!(verified(bytes).faults, [Fault::new("", wrong)]);
        }
    }
}
