//! Backups: the list, the plan, and the ways back. The list and the ways back work also on a
//! workspace that does not open.

use super::answer::Nothing;
use crate::{backups, error::Error, jobs::Job, said::Said, session::Session};
use cardfile_domain::Millis;
use cardfile_store::{BackupEntry, BackupPlan, Kept, Restored};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// A file to back up to.
#[derive(Debug, Deserialize, TS)]
pub(super) struct BackupFile {
    /// Its path, as a dialog gave it; empty for where backups go by themselves.
    pub file: String,
}

/// A backup, opened again and counted.
#[derive(Debug, Serialize, TS)]
pub(super) struct BackupDone {
    /// Where it is.
    pub file: String,
    /// Contacts in it.
    pub contacts: u32,
    /// Size of its database.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// A backup on the list.
#[derive(Debug, Deserialize, TS)]
pub(super) struct BackupRef {
    /// Its path, as the list gives it.
    pub file: String,
}

/// Backups of the workspace.
#[derive(Debug, Serialize, TS)]
pub(super) struct BackupsView {
    /// When they are made by themselves.
    pub plan: BackupPlanView,
    /// Newest first.
    pub backups: Vec<BackupView>,
    /// The newest that is whole, as far as is known without reading it.
    pub newest: Option<BackupView>,
    /// What restores put aside, newest first.
    pub kept: Vec<ReplacedView>,
    /// Why the last one by itself did not come to be.
    pub failed: Option<BackupFailedView>,
}

/// When backups are made by themselves.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackupPlanView {
    /// Hours between two; 0 means none.
    pub every_hours: u32,
    /// Where they go; null for the workspace's own folder.
    pub folder: Option<String>,
    /// Days after which one that was made by itself is given up; 0 means never.
    pub keep_days: u32,
}

/// One backup.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackupView {
    /// Its path.
    pub file: String,
    /// When it was made.
    pub at: String,
    /// Contacts in it, those in the bin included.
    pub contacts: u32,
    /// Files of spaces in it.
    pub files: u32,
    /// Size of the file.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Why it was made.
    #[ts(type = "\"hand\" | \"plan\" | \"before_schema\"")]
    pub reason: &'static str,
    /// How it was found when it was last looked at.
    #[ts(type = "\"whole\" | \"missing\" | \"changed\"")]
    pub state: &'static str,
    /// When that was.
    pub checked_at: String,
    /// When it is given up; null when a person has to delete it.
    pub goes_at: Option<String>,
}

/// A workspace that a restore put aside.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplacedView {
    /// What it is called.
    pub name: String,
    /// When it was put aside.
    pub at: Option<String>,
    /// Its folder.
    pub dir: String,
    /// Bytes it takes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// When it is given up; null when a person has to delete it.
    pub goes_at: Option<String>,
}

/// A workspace that a restore put aside, by its name.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ReplacedRef {
    /// What it is called.
    pub name: String,
}

/// Why there is no backup where there should be one.
#[derive(Debug, Serialize, TS)]
pub(super) struct BackupFailedView {
    /// When it was tried.
    pub at: String,
    /// What was in the way.
    pub why: Said,
}

/// A backup to be put in the place of the workspace.
#[derive(Deserialize, TS)]
pub(super) struct RestoreOver {
    /// Its path.
    pub file: String,
    /// Passphrase or recovery code of then; empty when it opens by itself.
    pub proof: String,
}

/// A backup to be restored as a workspace of its own.
#[derive(Deserialize, TS)]
pub(super) struct RestoreInto {
    /// Its path.
    pub file: String,
    /// Name of the workspace.
    pub name: String,
    /// Passphrase or recovery code of then; empty when it opens by itself.
    pub proof: String,
}

/// What was brought back.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestoredView {
    /// The folder of the workspace.
    pub dir: String,
    /// When the backup was made.
    pub at: String,
    /// Contacts that were in it.
    pub contacts: u32,
    /// Whether who was erased since is known, and was erased again.
    pub knows_since: bool,
    /// Tables of what was promised since that could not be brought over.
    pub not_carried: Vec<String>,
    /// Where the workspace is that was there before.
    pub kept: Option<String>,
}

/// What can be read of a damaged workspace, to be copied into one of its own.
#[derive(Deserialize, TS)]
pub(super) struct SalvageInto {
    /// Name of the new workspace.
    pub name: String,
    /// Passphrase or recovery code; empty when it opens by itself.
    pub proof: String,
}

/// What was saved.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SalvagedView {
    /// The folder of the new workspace.
    pub dir: String,
    /// Contacts that were saved.
    pub contacts: u32,
    /// Stretches that could not be read, and what they belonged to: `contact`, `message`.
    pub gaps: Vec<(&'static str, u32)>,
    /// Rows that were left out because what they belong to is lost.
    #[ts(type = "number")]
    pub orphans: u64,
}

impl RestoredView {
    fn of(dir: &Path, restored: &Restored) -> Self {
        Self {
            dir: dir.display().to_string(),
            at: restored.manifest.created_at.clone(),
            contacts: restored.manifest.contacts,
            knows_since: restored.knows_since,
            not_carried: restored.not_carried.clone(),
            kept: restored.kept.as_ref().map(|path| path.display().to_string()),
        }
    }
}

fn view(dir: &Path, plan: &BackupPlan, entry: &BackupEntry) -> BackupView {
    BackupView {
        file: entry.path(dir).display().to_string(),
        at: entry.created_at.to_rfc3339(),
        contacts: entry.contacts,
        files: entry.files,
        bytes: entry.bytes,
        reason: entry.reason.as_str(),
        state: entry.state.as_str(),
        checked_at: entry.checked_at.to_rfc3339(),
        goes_at: backups::goes_at(plan, entry).map(Millis::to_rfc3339),
    }
}

fn kept_view(plan: &BackupPlan, kept: Kept) -> ReplacedView {
    let at = backups::kept_at(&kept.name);
    ReplacedView {
        at: at.map(Millis::to_rfc3339),
        goes_at: at.and_then(|at| backups::after(plan, at)).map(Millis::to_rfc3339),
        dir: kept.dir.display().to_string(),
        bytes: kept.bytes,
        name: kept.name,
    }
}

pub(super) fn backup_list(session: &Session, _: Nothing) -> Result<BackupsView, Error> {
    let dir = session.dir();
    let known = backups::list(&dir);
    let plan = &known.plan;
    Ok(BackupsView {
        backups: known.backups.iter().rev().map(|entry| view(&dir, plan, entry)).collect(),
        newest: known.newest_whole().map(|entry| view(&dir, plan, entry)),
        kept: backups::kept(&dir).into_iter().rev().map(|kept| kept_view(plan, kept)).collect(),
        failed: known
            .failed
            .map(|failed| BackupFailedView { at: failed.at.to_rfc3339(), why: backups::sentence(failed.why).into() }),
        plan: BackupPlanView {
            every_hours: plan.every_hours,
            folder: plan.folder.as_ref().map(|folder| folder.display().to_string()),
            keep_days: plan.keep_days,
        },
    })
}

pub(super) fn backup_plan(session: &Session, request: BackupPlanView) -> Result<Nothing, Error> {
    let folder = request.folder.filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let plan = BackupPlan { every_hours: request.every_hours, folder, keep_days: request.keep_days };
    backups::set_plan(session.core()?.store().dir(), plan)?;
    Ok(Nothing {})
}

pub(super) fn backup_run(session: &Session, request: BackupFile) -> Result<BackupDone, Error> {
    let core = session.core()?;
    // The workspace is not closed under it.
    let _job = Job::begin(session, "Backing up");
    let file = Some(Path::new(&request.file)).filter(|file| !file.as_os_str().is_empty());
    let (file, manifest) = backups::write(&core, file)?;
    Ok(BackupDone { file: file.display().to_string(), contacts: manifest.contacts, bytes: manifest.bytes })
}

pub(super) fn backup_check(session: &Session, request: BackupRef) -> Result<BackupView, Error> {
    let (dir, now) = (session.dir(), session.now());
    let entry = backups::check(&dir, request.file.as_ref(), now)?;
    Ok(view(&dir, &backups::list(&dir).plan, &entry))
}

pub(super) fn backup_delete(session: &Session, request: BackupRef) -> Result<Nothing, Error> {
    backups::delete(session.core()?.store().dir(), request.file.as_ref())?;
    Ok(Nothing {})
}

pub(super) fn kept_delete(session: &Session, request: ReplacedRef) -> Result<Nothing, Error> {
    backups::delete_kept(session.core()?.store().dir(), &request.name)?;
    Ok(Nothing {})
}

pub(super) fn restore_over(session: &Session, request: RestoreOver) -> Result<RestoredView, Error> {
    let restored = session.restore_over(request.file.as_ref(), &request.proof)?;
    Ok(RestoredView::of(&session.dir(), &restored))
}

pub(super) fn restore_into(session: &Session, request: RestoreInto) -> Result<RestoredView, Error> {
    let (dir, restored) = session.restore_into(request.file.as_ref(), &request.name, &request.proof)?;
    Ok(RestoredView::of(&dir, &restored))
}

pub(super) fn salvage_into(session: &Session, request: SalvageInto) -> Result<SalvagedView, Error> {
    let (dir, saved) = session.salvage(&request.name, &request.proof)?;
    let gaps = saved.tables.iter().filter(|(_, _, gaps)| *gaps > 0).map(|(name, _, gaps)| (*name, *gaps));
    Ok(SalvagedView {
        dir: dir.display().to_string(),
        contacts: saved.contacts,
        gaps: gaps.collect(),
        orphans: saved.orphans,
    })
}
