//! Backups of the workspace that a window stands on: those it makes by itself, and those that
//! take its place.

use super::{Event, Session, Tag};
use crate::{backups, core::Core, error::Error, workspaces};
use cardfile_store::{Restored, Salvaged, Secret};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Between two looks at whether a backup is due.
const PAUSE: Duration = Duration::from_secs(30);

impl Session {
    /// Puts a backup in the place of the workspace, which is kept beside it. The workspace is
    /// open afterwards if it was before. What is typed opens backups from before the key or
    /// the ways to it were changed, and a workspace that does not open by itself.
    pub fn restore_over(&self, file: &Path, typed: &str) -> Result<Restored, Error> {
        let secret = secret(typed);
        self.alone(|held| backups::over(file, &self.dir(), held, secret.as_ref(), self.environment.clone()))
    }

    /// Restores a backup as a workspace of its own, beside this one. Gives its folder too.
    pub fn restore_into(&self, file: &Path, name: &str, typed: &str) -> Result<(PathBuf, Restored), Error> {
        let dir = workspaces::folder_for(self, name)?;
        let secret = secret(typed);
        let (_, restored) = backups::into(file, &dir, secret.as_ref(), Some(&self.dir()), self.environment.clone())?;
        Ok((dir, restored))
    }

    /// Copies what can be read of the workspace, which does not open or is damaged, into one of
    /// its own. Gives its folder too.
    pub fn salvage(&self, name: &str, typed: &str) -> Result<(PathBuf, Salvaged), Error> {
        let dir = workspaces::folder_for(self, name)?;
        let secret = secret(typed);
        let saved = self.alone(|held| backups::salvage(&self.dir(), &dir, held, secret.as_ref(), &self.environment))?;
        Ok((dir, saved))
    }

    /// Makes backups whose time has come, as long as the workspace is open; on a thread of its
    /// own, because a large one takes its time.
    pub(super) fn keep_backed_up(&self, core: &Arc<Core>) {
        let (core, tell) = (Arc::downgrade(core), Arc::clone(&self.tell));
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(PAUSE);
                let Some(core) = core.upgrade() else { return };
                // What was in the way is in the catalogue.
                let done = backups::catch_up(&core).unwrap_or_default();
                if done != backups::CaughtUp::default() {
                    tell(Event::Stale { tags: vec![Tag::Backups] });
                }
            }
        });
    }
}

fn secret(typed: &str) -> Option<Secret> {
    (!typed.trim().is_empty()).then(|| Secret::Passphrase(typed.to_owned().into()))
}
