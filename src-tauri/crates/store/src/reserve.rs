//! Room kept for the day the disk is full. Without it SQLite can then not even
//! delete: a change needs room for its journal first.

use std::{fs::OpenOptions, io, path::Path};

/// Its file beside the database.
const FILE: &str = "reserve";
/// Enough for the bin, an erasure and a checkpoint.
pub(crate) const BYTES: u64 = 8 << 20;
/// Below this a disk counts as full.
const FULL: u64 = 1 << 20;

/// Keeps the room, where there is room to keep.
pub(crate) fn keep(dir: &Path) {
    let path = dir.join(FILE);
    let there = std::fs::metadata(&path).is_ok_and(|about| about.len() >= BYTES);
    // Twice of it must be free: the reserve must not be what fills the disk.
    if !there && fs4::available_space(dir).is_ok_and(|free| free > 2 * BYTES) && take(&path).is_err() {
        let _ = std::fs::remove_file(&path);
    }
}

fn take(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Real blocks, not a hole in a file.
    fs4::FileExt::allocate(&options.open(path)?, BYTES)
}

/// Gives the room back when the disk is full, so that the next change, a
/// deletion perhaps, can be written. Says whether it did.
pub(crate) fn release_when_full(dir: &Path) -> bool {
    is_full(dir) && std::fs::remove_file(dir.join(FILE)).is_ok()
}

/// Whether the disk of this folder has no room left.
pub(crate) fn is_full(dir: &Path) -> bool {
    fs4::available_space(dir).is_ok_and(|free| free < FULL)
}
