//! Another database, other files, other key slots and another list of erasures in the place
//! of those of a workspace: all of them or none, whenever the program is killed.
//!
//! What is to come is made in a folder of its own inside the workspace. Giving that folder
//! another name is the moment: from then on whoever opens the workspace finishes what was
//! begun. Every step can be done again, and none needs a key.

use crate::{blob, error::StoreError, files, keyslots, store::DATABASE, suppression_list};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is being made, before the moment and after it.
const STAGE: &str = "incoming";
const READY: &str = "incoming.ready";
/// Workspaces that others were put in place of.
const KEPT: &str = "kept";
/// Inside what is being made: the new content, what it replaced, and under which name that is kept.
const NEW: &str = "new";
const OLD: &str = "old";
const NAME: &str = "keep";

/// A workspace that is being made inside another one, to take its place. Gone when dropped.
pub(crate) struct Stage {
    workspace: PathBuf,
    stage: PathBuf,
}

impl Stage {
    /// The caller has the workspace alone.
    pub(crate) fn begin(workspace: &Path) -> Result<Self, StoreError> {
        forget_unready(workspace);
        let stage = workspace.join(STAGE);
        files::make_dir(&stage.join(NEW).join(blob::FOLDER))?;
        Ok(Self { workspace: workspace.to_owned(), stage })
    }

    /// The folder for the new content.
    pub(crate) fn place(&self) -> PathBuf {
        self.stage.join(NEW)
    }

    /// Puts the new content in its place. With a name, what was there is kept under it, or
    /// under one like it; else it is deleted. Gives the folder where it is kept.
    pub(crate) fn commit(self, keep: Option<&str>) -> Result<Option<PathBuf>, StoreError> {
        let place = self.place();
        // Only these are replaced; locks and the like stay those of the workspace.
        for entry in fs::read_dir(&place).map_err(fail(&place))?.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if [DATABASE, keyslots::FILE, suppression_list::FILE, blob::FOLDER].iter().any(|kept| name == *kept) {
                continue;
            }
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(fail(&path))?;
        }
        let name = keep.map(|wanted| free_name(&self.workspace, wanted));
        if let Some(name) = &name {
            files::put(&self.stage.join(NAME), name.as_bytes())?;
        }
        for folder in [&place.join(blob::FOLDER), &place, &self.stage] {
            files::settle(folder)?;
        }
        fs::rename(&self.stage, self.workspace.join(READY)).map_err(fail(&self.stage))?;
        files::settle(&self.workspace)?;
        finish(&self.workspace)?;
        Ok(name.map(|name| self.workspace.join(KEPT).join(name)))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Not there any more once it has its place.
        let _ = fs::remove_dir_all(&self.stage);
    }
}

fn free_name(workspace: &Path, wanted: &str) -> String {
    let kept = workspace.join(KEPT);
    let mut names = std::iter::once(wanted.to_owned()).chain((2..).map(|n| format!("{wanted}-{n}")));
    names.find(|name| !kept.join(name).exists()).unwrap_or_else(|| wanted.to_owned())
}

/// Whether new content waits to be put in its place.
pub(crate) fn is_ready(workspace: &Path) -> bool {
    workspace.join(READY).is_dir()
}

/// Removes what never became ready.
pub(crate) fn forget_unready(workspace: &Path) {
    let _ = fs::remove_dir_all(workspace.join(STAGE));
}

/// Puts what is ready in its place. Where the new content of a name is still waiting, what
/// stands there under that name is the old one: so each step knows whether it was done.
pub(crate) fn finish(workspace: &Path) -> Result<(), StoreError> {
    let ready = workspace.join(READY);
    let (new, old) = (ready.join(NEW), ready.join(OLD));
    files::make_dir(&old)?;
    // Copies: a workspace without key slots would be none.
    for name in [keyslots::FILE, suppression_list::FILE] {
        if new.join(name).exists()
            && let Ok(text) = fs::read(workspace.join(name))
        {
            files::put(&old.join(name), &text)?;
        }
    }
    if new.join(DATABASE).exists() {
        // Its journal first: it belongs to the old one.
        rename_if_there(&workspace.join(JOURNAL), &old.join(JOURNAL))?;
        let _ = fs::remove_file(workspace.join(SHARED));
    }
    for name in [DATABASE, blob::FOLDER] {
        if new.join(name).exists() {
            rename_if_there(&workspace.join(name), &old.join(name))?;
            rename_if_there(&new.join(name), &workspace.join(name))?;
        }
    }
    for name in [suppression_list::FILE, keyslots::FILE] {
        rename_if_there(&new.join(name), &workspace.join(name))?;
    }
    if let Ok(name) = fs::read_to_string(ready.join(NAME)) {
        let target = workspace.join(KEPT).join(name);
        files::make_dir(&workspace.join(KEPT))?;
        if !target.exists() {
            fs::rename(&old, &target).map_err(fail(&target))?;
        }
    }
    files::settle(workspace)?;
    fs::remove_dir_all(&ready).map_err(fail(&ready))
}

const JOURNAL: &str = "cardfile.db-wal";
const SHARED: &str = "cardfile.db-shm";

fn rename_if_there(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(fail(to)),
    }
}

fn fail(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    StoreError::io(path.display().to_string())
}

/// A workspace that another was put in place of, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When that was, as it is called on the disk: `2026-11-26T080000Z`.
    pub name: String,
    /// Its folder, which opens like any workspace.
    pub dir: PathBuf,
    /// Bytes it takes.
    pub bytes: u64,
}

/// What restoring put aside in the workspace in `dir`, oldest first.
pub fn kept(dir: &Path) -> Vec<Kept> {
    let entries = fs::read_dir(dir.join(KEPT)).into_iter().flatten().flatten();
    let mut all: Vec<Kept> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| Kept {
            name: entry.file_name().to_string_lossy().into_owned(),
            bytes: size(&entry.path()),
            dir: entry.path(),
        })
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// Deletes what restoring put aside. `false` when there is nothing of this name.
pub fn forget_kept(dir: &Path, name: &str) -> Result<bool, StoreError> {
    // Only what is listed: a name may lead anywhere.
    let Some(kept) = kept(dir).into_iter().find(|kept| kept.name == name) else { return Ok(false) };
    fs::remove_dir_all(&kept.dir).map_err(fail(&kept.dir))?;
    Ok(true)
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => size(&path),
            path => fs::metadata(path).map_or(0, |about| about.len()),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn write(path: &Path, text: &str) {
        files::make_dir(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// A workspace with another one ready to take its place.
    fn ready(dir: &Path, keep: bool) {
        for (at, what) in [(dir.to_owned(), "old"), (dir.join(READY).join(NEW), "new")] {
            write(&at.join(DATABASE), what);
            write(&at.join(keyslots::FILE), what);
            write(&at.join(blob::FOLDER).join(what), what);
        }
        write(&dir.join(JOURNAL), "old");
        if keep {
            write(&dir.join(READY).join(NAME), "then");
        }
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    fn check(dir: &Path, keep: bool) {
        assert_eq!((read(&dir.join(DATABASE)), read(&dir.join(keyslots::FILE))), ("new".into(), "new".into()));
        assert!(dir.join(blob::FOLDER).join("new").exists() && !dir.join(blob::FOLDER).join("old").exists());
        assert!(!dir.join(JOURNAL).exists() && !is_ready(dir));
        let kept = kept(dir);
        assert_eq!(kept.len(), usize::from(keep));
        for one in kept {
            assert_eq!(one.name, "then");
            for name in [DATABASE, keyslots::FILE, JOURNAL, "files/old"] {
                assert_eq!(read(&one.dir.join(name)), "old", "{name}");
            }
        }
    }

    #[rstest]
    fn what_is_ready_takes_the_place_of_what_was(#[values(true, false)] keep: bool) {
        let temp = tempfile::tempdir().expect("a folder");
        let dir = temp.path().join("ws");
        ready(&dir, keep);
        finish(&dir).expect("done");
        check(&dir, keep);
        assert!(forget_kept(&dir, "../ws").is_ok_and(|was| !was), "only what is listed is deleted");
        assert_eq!(forget_kept(&dir, "then").expect("deleted"), keep);
    }

    /// The states in which a kill can leave it: each step done, and those after it not.
    #[rstest]
    fn it_is_finished_wherever_it_was_cut_off(#[values(0, 1, 2, 3, 4, 5, 6, 7)] steps: usize) {
        let temp = tempfile::tempdir().expect("a folder");
        let dir = temp.path().join("ws");
        ready(&dir, true);
        let (new, old) = (dir.join(READY).join(NEW), dir.join(READY).join(OLD));
        files::make_dir(&old).expect("made");
        write(&old.join(keyslots::FILE), "old");
        let moves = [
            (dir.join(JOURNAL), old.join(JOURNAL)),
            (dir.join(DATABASE), old.join(DATABASE)),
            (new.join(DATABASE), dir.join(DATABASE)),
            (dir.join(blob::FOLDER), old.join(blob::FOLDER)),
            (new.join(blob::FOLDER), dir.join(blob::FOLDER)),
            (new.join(keyslots::FILE), dir.join(keyslots::FILE)),
            (old.clone(), dir.join(KEPT).join("then")),
        ];
        files::make_dir(&dir.join(KEPT)).expect("made");
        for (from, to) in moves.iter().take(steps) {
            fs::rename(from, to).expect("moved");
        }
        finish(&dir).expect("finished");
        check(&dir, true);
    }
}
