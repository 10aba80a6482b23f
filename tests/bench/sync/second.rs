//! vdirsyncer beside us: the same address book, and a folder of cards of its own.

use super::people::{self, Edit};
use crate::process::{Cost, run_shell};
use cardfile_testkit::peers::{Card, path_of, second_client_config};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

pub(super) struct Second {
    folder: PathBuf,
}

impl Second {
    /// New to the address book at `url`, with these cards in its folder.
    pub(super) fn at(url: &str, folder: &Path, cards: &[Card]) -> Self {
        let second = Self { folder: folder.to_owned() };
        std::fs::create_dir_all(second.cards()).expect("a folder");
        for (name, text) in cards {
            std::fs::write(second.cards().join(name), text).expect("a card");
        }
        std::fs::write(folder.join("config"), second_client_config(folder, url)).expect("a configuration");
        second.run("discover");
        second
    }

    /// A run, with the start of its interpreter.
    pub(super) fn sync(&self) -> Cost {
        self.run("sync")
    }

    /// Its person edits cards in the folder.
    pub(super) fn edit(&self, edit: &Edit) {
        let mut wanted: BTreeSet<String> = edit.numbers().map(people::uid).collect();
        for entry in std::fs::read_dir(self.cards()).expect("a folder") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a card");
            let uid = text.lines().find_map(|line| line.strip_prefix("UID:")).unwrap_or_default();
            if wanted.remove(uid) {
                std::fs::write(&path, edit.of(&text)).expect("edited");
            }
        }
        assert!(wanted.is_empty(), "they are there");
    }

    /// How many cards it has.
    pub(super) fn count(&self) -> usize {
        std::fs::read_dir(self.cards()).expect("a folder").count()
    }

    fn cards(&self) -> PathBuf {
        self.folder.join("cards")
    }

    fn run(&self, what: &str) -> Cost {
        let (program, here) = (path_of("vdirsyncer"), self.folder.display());
        run_shell(&format!("HOME='{here}' '{}' --config '{here}/config' {what}", program.display()))
    }
}
