//! Looks for words of an erased person in the bytes of a workspace's folder. Files that a
//! cipher covers say nothing to whoever looks, and are left out.

use crate::error::Error;
use cardfile_store::{DATABASE, Needles};
use memchr::memmem;
use std::{fs, path::Path};

/// Bytes of spaces, each under a cipher; and room that is kept for a full disk.
const COVERED: [&str; 4] = ["files", "backups", "kept", "reserve"];

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Files that were looked at.
    pub(crate) files: u32,
    /// Words that were found in them.
    pub(crate) found: u32,
}

/// Looks through a folder; into the database only when no cipher covers it.
pub(crate) fn scan(dir: &Path, needles: &Needles, with_database: bool) -> Result<Scan, Error> {
    let mut scan = Scan::default();
    look_into(dir, needles, with_database, &mut scan)?;
    Ok(scan)
}

fn look_into(dir: &Path, needles: &Needles, with_database: bool, scan: &mut Scan) -> Result<(), Error> {
    let fail = |error: std::io::Error| Error::io(dir, &error);
    for entry in fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_covered = COVERED.contains(&name.as_str()) || name.starts_with(DATABASE) && !with_database;
        if is_covered {
            continue;
        }
        if path.is_dir() {
            look_into(&path, needles, with_database, scan)?;
            continue;
        }
        // What goes while it is looked at, as locks do, is gone.
        let Ok(bytes) = fs::read(&path) else { continue };
        scan.files += 1;
        scan.found += needles.bytes().filter(|word| memmem::find(&bytes, word).is_some()).count() as u32;
    }
    Ok(())
}
