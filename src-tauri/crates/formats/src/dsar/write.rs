//! Writing a bundle: every file is read twice, once for its hash, which stands before it in the
//! archive, and once to be copied. So nothing is written elsewhere first, and what is written can
//! be encrypted on its way.

use super::{
    archive::{Writer, copy},
    manifest::{FORMAT, FileLine, KEY, MANIFEST, Manifest, SIGNATURE, SUMS, TableLine, hex, sums},
};
use crate::minisign::KeyPair;
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// A file of the bundle.
pub struct Entry<'a> {
    /// Its path below the bundle's folder. Never made from anything a person typed.
    pub path: String,
    /// What is in it.
    pub content: Content<'a>,
    /// How many records, where it holds any.
    pub records: Option<u64>,
    /// The article that asks for it.
    pub article: &'static str,
    /// The schema it fulfils.
    pub schema: Option<String>,
}

/// Opens the bytes of a file; the same each time.
pub type Opener<'a> = Box<dyn Fn() -> io::Result<Box<dyn Read + 'a>> + 'a>;

/// What is in a file.
pub enum Content<'a> {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Whatever this opens.
    Opened(Opener<'a>),
}

/// What the manifest says beside its files.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The request it answers: letters, digits, `-` and `_`.
    pub request: String,
    /// What to call the person.
    pub subject_pseudonym: String,
    /// The program and its version.
    pub generator: String,
    /// The moment of the latest change it shows, RFC 3339 and as seconds since 1970.
    pub created: (String, i64),
    /// Number of that change.
    pub as_of_db_change_seq: i64,
    /// Language of its pages.
    pub language: String,
    /// Every table.
    pub completeness: Vec<TableLine>,
}

/// Writes a bundle and signs it. Gives what it says of itself.
pub fn write<W: Write>(out: W, head: &Head, mut entries: Vec<Entry<'_>>, key: &KeyPair) -> io::Result<(W, Manifest)> {
    entries.push(Entry::text(KEY, key.public().file(), "12"));
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    if let Some(two) = entries.windows(2).find(|two| two[0].path == two[1].path) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, two[0].path.clone()));
    }
    let measured: Vec<Measured> = entries.iter().map(Measured::of).collect::<io::Result<_>>()?;
    let manifest = manifest_of(head, &entries, &measured, key);
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    let (seconds, hashed) = (head.created.1, text.as_bytes());
    let signature = key.sign(hashed, &format!("timestamp:{seconds}\tfile:{MANIFEST}\thashed"));
    for (path, text) in [(MANIFEST, text), (SIGNATURE, signature)] {
        entries.push(Entry::text(path, text, "12"));
    }
    let late = entries[measured.len()..].iter().map(Measured::of).collect::<io::Result<Vec<_>>>()?;
    let mut all: Vec<(Entry<'_>, Measured)> = entries.into_iter().zip(measured.into_iter().chain(late)).collect();
    all.sort_by(|one, other| one.0.path.cmp(&other.0.path));
    let listed = sums(all.iter().map(|(entry, measured)| (measured.sha256.as_str(), entry.path.as_str())));
    let listed = Entry::text(SUMS, listed, "12");
    let measured = Measured::of(&listed)?;
    all.push((listed, measured));
    all.sort_by(|one, other| one.0.path.cmp(&other.0.path));
    let mut archive = Writer::new(out);
    for (entry, Measured { bytes, crc, .. }) in &all {
        let name = format!("dsar-{}/{}", head.request, entry.path);
        archive.add(&name, *bytes, *crc, &mut *entry.open()?)?;
    }
    Ok((archive.finish()?, manifest))
}

fn manifest_of(head: &Head, entries: &[Entry<'_>], measured: &[Measured], key: &KeyPair) -> Manifest {
    let line = |(entry, measured): (&Entry<'_>, &Measured)| FileLine {
        path: entry.path.clone(),
        bytes: measured.bytes,
        sha256: measured.sha256.clone(),
        records: entry.records,
        article: entry.article.to_owned(),
        schema: entry.schema.clone(),
    };
    Manifest {
        format: FORMAT.to_owned(),
        request: head.request.clone(),
        subject_pseudonym: head.subject_pseudonym.clone(),
        generator: head.generator.clone(),
        created: head.created.0.clone(),
        as_of_db_change_seq: head.as_of_db_change_seq,
        language: head.language.clone(),
        key_fingerprint: key.public().fingerprint(),
        files: entries.iter().zip(measured).map(line).collect(),
        completeness: head.completeness.clone(),
    }
}

/// What has to be known of a file before it is written.
struct Measured {
    bytes: u64,
    crc: u32,
    sha256: String,
}

impl Measured {
    fn of(entry: &Entry<'_>) -> io::Result<Self> {
        let mut hash = Hashing(Sha256::new());
        let (bytes, crc) = copy(&mut *entry.open()?, &mut hash, u64::MAX)?;
        Ok(Self { bytes, crc, sha256: hex(&hash.0.finalize()) })
    }
}

/// Takes bytes for their hash alone.
pub(super) struct Hashing(pub(super) Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Content<'a> {
    /// Whatever this opens, the same each time.
    pub fn opened(open: impl Fn() -> io::Result<Box<dyn Read + 'a>> + 'a) -> Self {
        Self::Opened(Box::new(open))
    }
}

impl Entry<'_> {
    /// A file of text.
    pub fn text(path: impl Into<String>, text: String, article: &'static str) -> Self {
        let content = Content::Bytes(text.into_bytes());
        Self { path: path.into(), content, records: None, article, schema: None }
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.content {
            Content::Bytes(bytes) => Ok(Box::new(&bytes[..])),
            Content::Opened(open) => open(),
        }
    }
}
