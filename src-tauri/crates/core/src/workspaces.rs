//! The workspaces of this computer's user: those in the data folder, and those
//! in other folders that a window had open.

use crate::{
    error::{Code, Error},
    session::Session,
};
use cardfile_domain::say;
use cardfile_store::is_workspace;
use serde::Serialize;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use ts_rs::TS;

/// A workspace that can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceView {
    /// What to call it: the name of its folder.
    pub name: String,
    /// Its folder.
    pub dir: String,
    /// Whether the window stands on it.
    pub is_current: bool,
}

/// Folders outside the data folder that were opened, one a line; not part of any
/// workspace, and nothing about a contact.
const ELSEWHERE: &str = "workspaces.txt";
/// How many of them are kept.
const KEPT: usize = 20;

/// All that are known, by name; the current one among them even when it is new.
pub fn list(session: &Session) -> Vec<WorkspaceView> {
    let current = session.dir();
    let mut dirs: Vec<PathBuf> = session.home().map(inside).unwrap_or_default();
    dirs.extend(session.home().map(elsewhere).unwrap_or_default());
    dirs.push(current.clone());
    dirs.sort();
    dirs.dedup();
    let mut all: Vec<WorkspaceView> = dirs
        .into_iter()
        .filter(|dir| *dir == current || is_workspace(dir))
        .map(|dir| WorkspaceView { name: name_of(&dir), is_current: dir == current, dir: dir.display().to_string() })
        .collect();
    all.sort_by_key(|one| cardfile_domain::sort::key(&one.name));
    all
}

/// The window stands on another folder from now on: a workspace, or one that is
/// empty or not there and becomes one. What was open is locked first.
pub fn switch(session: &Session, dir: &Path) -> Result<(), Error> {
    if !dir.is_absolute() {
        return Err(Error::bad_request(say!("give the whole path of the folder")));
    }
    let taken = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if (taken && !is_workspace(dir)) || dir.is_file() {
        let message = say!("{path} holds no workspace, and other files", path = dir);
        return Err(
            Error::new(Code::NoWorkspace, message).hint(say!("Choose the folder of a workspace, or an empty one."))
        );
    }
    let left = session.dir();
    session.turn_to(dir)?;
    if let Some(home) = session.home() {
        // Both: the way back is in the menu too. Only the menu forgets them when
        // this fails.
        for dir in [&*left, dir].into_iter().filter(|dir| dir.parent() != Some(home)) {
            let _ = remember(home, dir);
        }
    }
    Ok(())
}

/// The folder of a new workspace with this name, in the data folder.
pub fn folder_for(session: &Session, name: &str) -> Result<PathBuf, Error> {
    let words: Vec<String> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.is_empty() {
        return Err(Error::bad_request(say!("a name needs a letter or a digit")));
    }
    let home = session.home().ok_or_else(|| Error::not_found(say!("a data folder on this computer")))?;
    let dir = home.join(words.join("-"));
    if dir.exists() {
        return Err(Error::new(Code::NotEmpty, say!("there is a workspace {name} already", name = words.join(" "))));
    }
    Ok(dir)
}

/// `harbour-vale` is called “harbour vale”.
pub(crate) fn name_of(dir: &Path) -> String {
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name == "default" { "My workspace".into() } else { name.replace('-', " ") }
}

fn inside(home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn elsewhere(home: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(home.join(ELSEWHERE)).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()
}

fn remember(home: &Path, dir: &Path) -> std::io::Result<()> {
    let mut dirs = elsewhere(home);
    dirs.retain(|known| known != dir);
    dirs.insert(0, dir.to_owned());
    dirs.truncate(KEPT);
    std::fs::create_dir_all(home)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(home.join(ELSEWHERE))?;
    dirs.iter().try_for_each(|dir| writeln!(file, "{}", dir.display()))
}
