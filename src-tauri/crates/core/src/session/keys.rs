//! The keys of the workspace that a window stands on: who opens it, another key for it, and
//! the lock that closes by itself.

use super::{Created, Event, Session, Tag, notices};
use crate::{
    core::Core,
    error::{Code, Error},
    spaces,
};
use cardfile_domain::{Sentence, say};
use cardfile_store::{DataKey, KeySlots, KeychainState, Secret, rekey};
use serde_json::Value;
use std::{
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

/// The setting: minutes without a key or a click after which the workspace is locked; 0 or
/// nothing means never.
pub const LOCK_AFTER: &str = "lock_after_minutes";

const MINUTE: i64 = 60_000;
/// Between two looks at whether anybody is there.
const LOOK: Duration = Duration::from_secs(1);

impl Session {
    /// A person is at the window.
    pub fn touch(&self) {
        self.touched.store(self.environment.clock.now().0, Ordering::SeqCst);
    }

    /// Locks when nobody has been there for as long as the workspace's setting says, by the
    /// clock of the wall: a computer that slept locks when it wakes. Not while a job runs, and
    /// not where there is nothing to lock with.
    pub fn lock_when_idle(&self) -> Result<bool, Error> {
        let Ok(core) = self.core() else { return Ok(false) };
        let minutes = core.setting(LOCK_AFTER)?.as_ref().and_then(Value::as_i64).unwrap_or(0);
        let idle = self.environment.clock.now().0 - self.touched.load(Ordering::SeqCst);
        if minutes <= 0 || idle < minutes * MINUTE || core.is_unprotected() || self.jobs.any() {
            return Ok(false);
        }
        drop(core);
        self.lock();
        self.tell(Event::Stale { tags: vec![Tag::Workspace] });
        Ok(true)
    }

    /// Looks again and again whether anybody is there, as long as the session lives.
    pub fn keep_watch(self: &Arc<Self>) {
        let session = Arc::downgrade(self);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(LOOK);
                let Some(session) = session.upgrade() else { return };
                // A fault shows when the window asks for the same.
                let _ = session.lock_when_idle();
            }
        });
    }

    /// Why a key is asked for although the keychain was chosen to open the workspace.
    pub(super) fn why_locked(&self, dir: &Path) -> Option<Sentence> {
        let slots = KeySlots::read(dir).ok()?;
        match slots.keychain(self.environment.keystore.as_deref()) {
            KeychainState::Unused | KeychainState::Opens => None,
            KeychainState::Silent => Some(say!("The keychain of this computer does not answer.")),
            KeychainState::Other { was, is } => {
                Some(say!("This computer has another keychain than before: {is}, and not {was}.", is, was))
            }
            KeychainState::Lost => Some(say!("The keychain of this computer has lost the key of this workspace.")),
        }
    }

    /// Gives the workspace another key. The passphrase stays, and is asked for where there is
    /// one; the recovery code is new.
    pub fn rekey(&self, passphrase: &str) -> Result<Created, Error> {
        let core = self.core()?;
        if core.ways().contains(&"passphrase")
            && !core.store().is_opened_by(&Secret::Passphrase(passphrase.to_owned().into()))
        {
            return Err(Error::new(Code::WrongKey, say!("this is not the passphrase of the workspace")));
        }
        drop(core);
        let code = self.alone(|held| {
            let old = held.ok_or_else(|| Error::new(Code::Locked, say!("the workspace is locked")))?;
            Ok(rekey(&self.dir(), &old, Some(passphrase), &self.environment)?)
        })?;
        // It is another one now. Whatever happens here, the code must reach the person.
        let typed = Some(passphrase.to_owned()).filter(|typed| !typed.is_empty());
        let _ = self.open(None).or_else(|_| self.open(typed));
        Ok(Created::of(code.as_ref()))
    }

    /// Closes the workspace, does what needs it alone, and opens it again if its key is still
    /// the same. The key is handed over when it was open.
    pub(super) fn alone<T>(&self, work: impl FnOnce(Option<DataKey>) -> Result<T, Error>) -> Result<T, Error> {
        let _once = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if self.jobs.any() {
            return Err(Error::new(Code::InUse, say!("a job is running in this workspace"))
                .hint(say!("Wait for it, or stop it first.")));
        }
        let held = self.core().ok().map(|core| core.store().held_key());
        self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        spaces::forget_copies(&self.dir());
        let done = work(held.clone());
        if let Some(key) = held {
            // With another key it is opened by who knows that one.
            let again = Core::reopen(&self.dir(), key, self.environment.clone());
            // A fault shows when the window asks where it stands.
            let _ = again.and_then(|(core, opening)| self.hold(core, notices(&opening)));
        }
        done
    }
}
