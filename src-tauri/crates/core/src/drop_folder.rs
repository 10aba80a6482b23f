//! The drop folder: every contact file that is put there is imported, as if a person had chosen
//! it. A form on a web site, a mailbox rule or a shared folder brings leads without a server.
//!
//! What was imported is moved to `imported` below it, what cannot be read to `failed` with the
//! reason beside it, where the records lie too that were not taken. Nothing is deleted. Nobody
//! looks at a file before it is taken: a record that may be of somebody who is here waits in the
//! Inbox.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    import::{self, ImportRequest},
    ingest::Doubtful,
    progress::Progress,
};
use cardfile_domain::{
    import::{Counts, Policy},
    say,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::DirEntry,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Setting under which it is kept.
const SETTING: &str = "drop_folder";
/// Held by whoever takes files out of it.
const LOCK: &str = "drop_folder";
/// Where files go that were imported.
const IMPORTED: &str = "imported";
/// Where files go that cannot be, and records that were not taken.
const FAILED: &str = "failed";
/// Endings of files that are taken; all others stay where they are.
const ENDINGS: [&str; 7] = ["csv", "tsv", "json", "ndjson", "jsonl", "vcf", "vcard"];

/// Which folder it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropFolder {
    /// Its path.
    pub folder: PathBuf,
    /// How contacts that are here may change.
    #[serde(default)]
    pub policy: Policy,
}

/// What became of one file.
#[derive(Debug)]
pub struct Taken {
    /// Its name.
    pub file: String,
    /// Outcomes of its records, or why it could not be read.
    pub outcome: Result<Counts, Error>,
    /// The records that were not taken.
    pub rejects: Option<PathBuf>,
}

/// The drop folder, where there is one.
pub fn get(core: &Core) -> Result<Option<DropFolder>, Error> {
    Ok(core.setting(SETTING)?.and_then(|kept| serde_json::from_value(kept).ok()))
}

/// Watches a folder from now on, or none.
pub fn set(core: &Core, wanted: Option<&DropFolder>, who: &Who) -> Result<(), Error> {
    let Some(DropFolder { folder, policy }) = wanted else { return core.set_setting(SETTING, &Value::Null, who) };
    let folder = folder.canonicalize().map_err(|error| Error::io(folder, &error))?;
    if !folder.is_dir() {
        return Err(Error::bad_request(say!("{path} is no folder", path = folder)));
    }
    let own = core.store().dir().canonicalize().unwrap_or_else(|_| core.store().dir().to_owned());
    if folder.starts_with(&own) || own.starts_with(&folder) {
        return Err(Error::bad_request(say!("the workspace itself is in this folder"))
            .hint(say!("Choose or make a folder that holds nothing else.")));
    }
    // A folder out of which nothing can be moved would be imported again and again.
    for below in [IMPORTED, FAILED] {
        make(&folder.join(below))?;
    }
    let kept = DropFolder { folder, policy: if *policy == Policy::Newest { Policy::Newest } else { Policy::Fill } };
    let kept = serde_json::to_value(kept);
    let kept = kept.map_err(|_| Error::bad_request(say!("the name of this folder cannot be kept")))?;
    core.set_setting(SETTING, &kept, who)
}

/// Makes a folder that only its owner can enter: people's data will lie in it.
fn make(dir: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| Error::io(dir, &error))
}

/// Takes every file that is there now.
pub fn take(core: &Core, progress: &dyn Progress) -> Result<Vec<Taken>, Error> {
    match get(core)? {
        Some(drop) => take_some(core, &drop, &files(&drop.folder)?, progress),
        None => Err(Error::not_found(say!("the drop folder")).hint(say!("Choose a folder first."))),
    }
}

/// How a file was when it was looked at: its length, and when it was written.
type Look = (u64, SystemTime);

/// Who looks at the folder again and again. A file that is as it was at the last look is whole.
#[derive(Default)]
pub struct Watch {
    seen: HashMap<PathBuf, Look>,
    /// A fault of this computer was in the way, and may be for ever.
    given_up: HashMap<PathBuf, Look>,
}

impl Watch {
    /// Takes what is whole.
    pub fn look(&mut self, core: &Core, progress: &dyn Progress) -> Result<Vec<Taken>, Error> {
        let Some(drop) = get(core)? else { return Ok(Vec::new()) };
        let now = files(&drop.folder)?;
        let is_whole = |(path, look): &&(PathBuf, Look)| {
            self.seen.get(path) == Some(look) && self.given_up.get(path) != Some(look)
        };
        let whole: Vec<(PathBuf, Look)> = now.iter().filter(is_whole).cloned().collect();
        self.given_up.retain(|path, _| now.iter().any(|(there, _)| there == path));
        self.seen = now.into_iter().collect();
        let taken = take_some(core, &drop, &whole, progress);
        if taken.is_err() {
            self.given_up.extend(whole);
        }
        taken
    }
}

/// The contact files of the folder itself, by name. No links, nothing hidden, nothing below.
fn files(folder: &Path) -> Result<Vec<(PathBuf, Look)>, Error> {
    let fail = |error: std::io::Error| Error::io(folder, &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        found.extend(look_at(&entry.map_err(fail)?));
    }
    found.sort();
    Ok(found)
}

fn look_at(entry: &DirEntry) -> Option<(PathBuf, Look)> {
    let path = entry.path();
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
    if is_hidden || !ENDINGS.contains(&ending.as_str()) || !entry.file_type().ok()?.is_file() {
        return None;
    }
    let about = entry.metadata().ok()?;
    Some((path, (about.len(), about.modified().ok()?)))
}

fn take_some(
    core: &Core,
    drop: &DropFolder,
    files: &[(PathBuf, Look)],
    progress: &dyn Progress,
) -> Result<Vec<Taken>, Error> {
    let mut taken = Vec::new();
    if files.is_empty() {
        return Ok(taken);
    }
    let Some(_lock) = core.store().lock_remote(LOCK)? else { return Ok(taken) };
    for (path, _) in files {
        taken.extend(take_one(core, drop, path, progress)?);
    }
    Ok(taken)
}

/// Imports one file and moves it away. Nothing when it could not be tried now: it stays.
fn take_one(core: &Core, drop: &DropFolder, path: &Path, progress: &dyn Progress) -> Result<Option<Taken>, Error> {
    let name = path.file_name().unwrap_or_default();
    for below in [IMPORTED, FAILED] {
        make(&drop.folder.join(below))?;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let rejects = free(&drop.folder.join(FAILED), OsStr::new(&format!("{stem}.rejected.{ending}")));
    let request = ImportRequest {
        policy: drop.policy,
        rejects: Some(rejects),
        doubtful: Doubtful::Held,
        ..ImportRequest::of(path)
    };
    // As with a rule, it is in the history and not what Ctrl+Z takes back.
    let who = Who { actor: "drop folder".into(), origin: "automation".into() };
    let file = name.to_string_lossy().into_owned();
    match import::run(core, &request, &who, progress) {
        Ok(report) => {
            move_to(path, &drop.folder.join(IMPORTED))?;
            Ok(Some(Taken { file, outcome: Ok(report.counts), rejects: report.rejects_file }))
        }
        Err(error) if matches!(error.code, Code::BadFile | Code::BadRequest) => {
            let there = move_to(path, &drop.folder.join(FAILED))?;
            let reason =
                there.with_file_name(format!("{}.reason.txt", there.file_name().unwrap_or_default().display()));
            std::fs::write(&reason, format!("{}\n", error.message)).map_err(|fault| Error::io(&reason, &fault))?;
            Ok(Some(Taken { file, outcome: Err(error), rejects: None }))
        }
        // It was taken away in between, or somebody else is at work.
        Err(error) if matches!(error.code, Code::NotFound | Code::InUse | Code::Cancelled) => Ok(None),
        Err(error) => Err(error),
    }
}

fn move_to(path: &Path, folder: &Path) -> Result<PathBuf, Error> {
    let there = free(folder, path.file_name().unwrap_or_default());
    std::fs::rename(path, &there).map_err(|error| Error::io(path, &error))?;
    Ok(there)
}

/// The name in a folder, or with a number before its ending when that is taken.
fn free(folder: &Path, name: &OsStr) -> PathBuf {
    let wanted = folder.join(name);
    let stem = wanted.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = wanted.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let numbered = |n: u32| folder.join(format!("{stem}-{n}{ending}"));
    let others = (2..10_000).map(numbered);
    std::iter::once(wanted).chain(others).find(|path| !path.exists()).unwrap_or_else(|| numbered(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = std::env::temp_dir();
        let wanted = folder.join("cardfile-nobody-has-this-name.csv");
        assert_eq!(free(&folder, OsStr::new("cardfile-nobody-has-this-name.csv")), wanted);
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(free(manifest, OsStr::new("Cargo.toml")), manifest.join("Cargo-2.toml"));
    }
}
