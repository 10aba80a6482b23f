//! Files that this part of the program writes: for their owner alone, and never over a link
//! that somebody else put there.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// A new file that only its owner can read. One of this name is replaced.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The same with a text in it.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
