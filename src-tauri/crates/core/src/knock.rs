//! One window for a workspace: a program that is started a second time on it leaves
//! word with the first, and ends.

use cardfile_store::{Store, is_workspace};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What a window is asked to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// A file to import.
    pub file: Option<PathBuf>,
    /// A contact: `ctc_…`
    pub contact: Option<String>,
}

/// How a link to a contact begins.
const LINK: &str = "cardfile://contact/";

impl Wish {
    /// What an argument of the program asks for: a link to a contact, or a file.
    pub fn of(argument: &str) -> Self {
        match argument.strip_prefix(LINK) {
            Some(id) => Self { contact: Some(id.trim_end_matches('/').to_owned()), ..Self::default() },
            // Another link of ours is not understood, and is no file.
            None if argument.starts_with("cardfile:") => Self::default(),
            None => {
                let path = PathBuf::from(argument);
                Self { file: Some(std::path::absolute(&path).unwrap_or(path)), ..Self::default() }
            }
        }
    }
}

fn place(dir: &Path) -> PathBuf {
    dir.join("window.knock")
}

/// Leaves word with the window that has the workspace open. `false` when none has.
pub fn knock(dir: &Path, wish: &Wish) -> bool {
    let is_open = is_workspace(dir) && matches!(Store::lock_window(dir), Ok(None));
    is_open && serde_json::to_vec(wish).is_ok_and(|word| leave(dir, &word).is_ok())
}

/// The word is there as a whole or not at all.
fn leave(dir: &Path, word: &[u8]) -> io::Result<()> {
    let draft = dir.join("window.knock.part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(word)?;
    fs::rename(draft, place(dir))
}

/// Takes the word that was left, if there is one.
pub(crate) fn answer(dir: &Path) -> Option<Wish> {
    let word = fs::read(place(dir)).ok()?;
    fs::remove_file(place(dir)).ok()?;
    serde_json::from_slice(&word).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_a_link_or_a_file() {
        let wish = Wish::of("cardfile://contact/ctc_8f3k2j1m");
        assert_eq!((wish.contact.as_deref(), wish.file), (Some("ctc_8f3k2j1m"), None));
        assert_eq!(Wish::of("cardfile://wipe"), Wish::default());
        assert_eq!(Wish::of("/tmp/a.vcf").file, Some(PathBuf::from("/tmp/a.vcf")));
        assert!(Wish::of("a.csv").file.is_some_and(|path| path.is_absolute()));
    }
}
