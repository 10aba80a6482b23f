//! The workspace itself: make, open, lock, settings.

use super::answer::Nothing;
use crate::{
    diagnostics,
    error::Error,
    session::{Created, ProtectBy, Session, SessionView},
    workspaces::{self, WorkspaceView},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// What was typed to open a workspace.
#[derive(Deserialize, TS)]
pub(super) struct Unlock {
    /// Passphrase or recovery code; empty to ask the keychain.
    pub secret: String,
}

/// Workspaces by name.
#[derive(Debug, Serialize, TS)]
pub(super) struct WorkspacesView {
    /// The current one among them.
    pub workspaces: Vec<WorkspaceView>,
}

/// Another workspace, or the folder of a new one.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "to")]
pub(super) enum Switch {
    /// A folder: a workspace, or empty, or not there.
    Folder {
        /// Its whole path.
        dir: String,
    },
    /// A new workspace in the data folder.
    New {
        /// Its name.
        name: String,
    },
}

/// Facts without personal data.
#[derive(Debug, Serialize, TS)]
pub(super) struct Diagnostics {
    /// To be read before it is sent.
    pub text: String,
}

/// A setting by key.
#[derive(Debug, Deserialize, TS)]
pub(super) struct SettingRef {
    /// `default_country`, `theme`, `density`.
    pub key: String,
}

/// A setting with its value.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct SettingView {
    /// `default_country`, `theme`, `density`.
    pub key: String,
    /// Null when it was never set.
    #[ts(type = "unknown")]
    pub value: Value,
}

/// A job that runs.
#[derive(Debug, Deserialize, TS)]
pub(super) struct JobRef {
    /// As its progress names it.
    pub job: String,
}

pub(super) fn session_get(session: &Session, _: Nothing) -> Result<SessionView, Error> {
    session.view()
}

pub(super) fn workspace_create(session: &Session, by: ProtectBy) -> Result<Created, Error> {
    session.create(by)
}

pub(super) fn workspace_unlock(session: &Session, request: Unlock) -> Result<Nothing, Error> {
    session.open(Some(request.secret).filter(|secret| !secret.is_empty()))?;
    Ok(Nothing {})
}

pub(super) fn workspace_lock(session: &Session, _: Nothing) -> Result<Nothing, Error> {
    session.lock();
    Ok(Nothing {})
}

pub(super) fn workspace_list(session: &Session, _: Nothing) -> Result<WorkspacesView, Error> {
    Ok(WorkspacesView { workspaces: workspaces::list(session) })
}

pub(super) fn workspace_switch(session: &Session, request: Switch) -> Result<Nothing, Error> {
    let dir = match request {
        Switch::Folder { dir } => dir.into(),
        Switch::New { name } => workspaces::folder_for(session, &name)?,
    };
    workspaces::switch(session, &dir)?;
    Ok(Nothing {})
}

pub(super) fn diagnostics_get(session: &Session, _: Nothing) -> Result<Diagnostics, Error> {
    Ok(Diagnostics { text: diagnostics::report(&*session.core()?)? })
}

pub(super) fn setting_get(session: &Session, request: SettingRef) -> Result<SettingView, Error> {
    let value = session.core()?.setting(&request.key)?.unwrap_or_default();
    Ok(SettingView { key: request.key, value })
}

pub(super) fn setting_set(session: &Session, request: SettingView) -> Result<Nothing, Error> {
    session.core()?.set_setting(&request.key, &request.value, &session.who())?;
    Ok(Nothing {})
}

pub(super) fn job_stop(session: &Session, request: JobRef) -> Result<Nothing, Error> {
    session.jobs().stop(&request.job);
    Ok(Nothing {})
}
