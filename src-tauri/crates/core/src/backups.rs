//! Backups as people have them: written by hand or when their time has come, looked at again,
//! given up when their time is over, and brought back.

mod plan;
mod restoring;

pub use cardfile_store::kept;
pub use plan::{Holding, after, goes_at, kept_at};
pub use restoring::{into, over, salvage};

use crate::{
    core::Core,
    error::{Code, Error},
};
use cardfile_domain::{Millis, Sentence, say};
use cardfile_store::{
    BACKUP_ENDING, BackupEntry, BackupFailure, BackupObstacle, BackupPlan, BackupReason, BackupState, Catalogue,
    Manifest, forget_kept, is_workspace,
};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Writes a backup that stays until a person deletes it; where backups go by themselves when
/// no file is named. Gives its path.
pub fn write(core: &Core, file: Option<&Path>) -> Result<(PathBuf, Manifest), Error> {
    let file = match file {
        Some(file) => file.to_owned(),
        None => next_file(core, &list(core.store().dir()).plan),
    };
    let manifest = core.store().backup(&file, BackupReason::Hand)?;
    Ok((file, manifest))
}

/// What backups there are of the workspace in `dir`, which need not open.
pub fn list(dir: &Path) -> Catalogue {
    Catalogue::read(dir)
}

/// One of them, by its path.
pub fn find(dir: &Path, file: &Path) -> Result<BackupEntry, Error> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let wanted = whole(file);
    list(dir)
        .backups
        .into_iter()
        .find(|entry| whole(&entry.path(dir)) == wanted)
        .ok_or_else(|| Error::not_found(say!("a backup {path}", path = file)))
}

/// Sets when backups are made by themselves.
pub fn set_plan(dir: &Path, plan: BackupPlan) -> Result<(), Error> {
    if !is_workspace(dir) {
        return Err(Error::new(Code::NoWorkspace, say!("no workspace in {path}", path = dir)));
    }
    if let Some(folder) = &plan.folder
        && (!folder.is_absolute() || !folder.is_dir())
    {
        return Err(Error::bad_request(say!("give the whole path of a folder that is there")));
    }
    Ok(Catalogue::change(dir, |catalogue| {
        catalogue.plan = plan;
        // Another place may do.
        catalogue.failed = None;
    })?)
}

/// Reads a backup from beginning to end and keeps how it was found.
pub fn check(dir: &Path, file: &Path, now: Millis) -> Result<BackupEntry, Error> {
    let mut entry = find(dir, file)?;
    entry.state = entry.look(dir);
    if entry.state != BackupState::Missing {
        entry.checked_at = now;
    }
    Catalogue::change(dir, |catalogue| {
        for known in catalogue.backups.iter_mut().filter(|known| known.file == entry.file) {
            (known.state, known.checked_at) = (entry.state, entry.checked_at);
        }
    })?;
    Ok(entry)
}

/// Deletes a backup and takes it off the list. One on a disk that is not there stays listed:
/// nobody could say that it is gone.
pub fn delete(dir: &Path, file: &Path) -> Result<(), Error> {
    let entry = find(dir, file)?;
    let path = entry.path(dir);
    if !is_gone(&path) {
        std::fs::remove_file(&path).map_err(|error| Error::io(&path, &error))?;
    }
    Ok(Catalogue::change(dir, |catalogue| catalogue.backups.retain(|known| known.file != entry.file))?)
}

/// Its folder is there and it is not.
fn is_gone(file: &Path) -> bool {
    let is_missing = std::fs::symlink_metadata(file).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    is_missing && file.parent().is_some_and(Path::is_dir)
}

/// Deletes what a restore put aside.
pub fn delete_kept(dir: &Path, name: &str) -> Result<(), Error> {
    if forget_kept(dir, name)? {
        return Ok(());
    }
    Err(Error::not_found(say!("a workspace that was kept as {name}", name)))
}

/// What was done by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// A backup that was written.
    pub written: Option<PathBuf>,
    /// Backups and kept workspaces that were given up.
    pub given_up: u32,
}

/// Writes a backup when its time has come, and gives up those whose time is over. What is in
/// the way of one is kept in the catalogue, and tried again an hour later.
pub fn catch_up(core: &Core) -> Result<CaughtUp, Error> {
    let dir = core.store().dir();
    let now = core.store().environment().clock.now();
    let known = list(dir);
    let mut done = CaughtUp::default();
    if plan::is_due(&known, now) {
        match by_itself(core, &known.plan) {
            Ok(file) => done.written = Some(file),
            Err(error) if error.code == Code::InUse => {}
            Err(error) => {
                let failed = BackupFailure { at: now, why: obstacle(&error) };
                Catalogue::change(dir, |catalogue| catalogue.failed = Some(failed))?;
            }
        }
    }
    for entry in plan::over(&list(dir), now) {
        done.given_up += u32::from(delete(dir, &entry.path(dir)).is_ok());
    }
    for name in plan::kept_over(&known.plan, kept(dir), now) {
        done.given_up += u32::from(forget_kept(dir, &name).unwrap_or(false));
    }
    Ok(done)
}

fn by_itself(core: &Core, plan: &BackupPlan) -> Result<PathBuf, Error> {
    // It is not made: a disk that is not there would be filled in its place.
    if plan.folder.as_ref().is_some_and(|folder| !folder.is_dir()) {
        return Err(Error::not_found(say!("the folder for backups")));
    }
    let file = next_file(core, plan);
    core.store().backup(&file, BackupReason::Plan)?;
    Catalogue::change(core.store().dir(), |catalogue| catalogue.failed = None)?;
    Ok(file)
}

fn next_file(core: &Core, plan: &BackupPlan) -> PathBuf {
    let stamp = core.store().environment().clock.now().to_rfc3339_seconds().replace([':', '-'], "");
    let folder = plan.folder.clone().unwrap_or_else(|| core.store().dir().join("backups"));
    folder.join(format!("cardfile-{stamp}.{BACKUP_ENDING}"))
}

fn obstacle(error: &Error) -> BackupObstacle {
    match error.code {
        Code::NotFound => BackupObstacle::NoFolder,
        Code::DiskFull => BackupObstacle::NoRoom,
        Code::Damaged => BackupObstacle::Damaged,
        _ => BackupObstacle::Other,
    }
}

/// What was in the way, as people say it.
pub fn sentence(why: BackupObstacle) -> Sentence {
    match why {
        BackupObstacle::NoFolder => say!("the folder for backups is not there"),
        BackupObstacle::NoRoom => say!("the disk has no room for a backup"),
        BackupObstacle::Damaged => say!("the workspace has a damaged page: no backup of it is made"),
        BackupObstacle::Other => say!("the backup could not be written"),
    }
}

/// The copies of the workspace that were made at or after a moment: they may hold a person
/// who came before it, and an erasure says so.
pub fn holding(dir: &Path, since: Millis) -> Vec<Holding> {
    plan::holding(dir, &list(dir), &kept(dir), since)
}
