//! A receipt as a file with a signature beside it, so that anybody can check it who never saw
//! this workspace.

use super::receipt;
use crate::{
    core::Core,
    error::{Code, Error},
    export::Draft,
    privacy::signing,
};
use cardfile_domain::say;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A receipt that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The receipt as JSON.
    pub file: PathBuf,
    /// Its signature, as minisign takes it.
    pub signature: PathBuf,
    /// Fingerprint of the key it is checked with.
    pub fingerprint: String,
}

/// Saves the receipt of an erasure. Files of these names are replaced only when that was asked.
pub fn save(core: &Core, id: &str, file: &Path, replace: bool) -> Result<Saved, Error> {
    let mut beside = file.to_owned().into_os_string();
    beside.push(".sig");
    let beside = PathBuf::from(beside);
    for path in [file, &beside] {
        if !replace && path.exists() {
            let message = say!("{path} is there already", path);
            return Err(Error::new(Code::NotEmpty, message).hint(say!("Choose another name.")));
        }
    }
    let text = receipt(core, id)?.text() + "\n";
    let key = signing::key(core)?;
    write_whole(file, &text)?;
    write_whole(&beside, &key.sign(text.as_bytes(), &format!("erasure:{id}")))?;
    Ok(Saved { file: file.to_owned(), signature: beside, fingerprint: key.public().fingerprint() })
}

fn write_whole(file: &Path, text: &str) -> Result<(), Error> {
    let fail = |error: io::Error| Error::io(file, &error);
    let mut draft = Draft::create(file).map_err(fail)?;
    draft.file.write_all(text.as_bytes()).map_err(fail)?;
    draft.keep().map_err(fail)
}
