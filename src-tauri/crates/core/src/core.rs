//! An open workspace with everything that is worked out from it.

use crate::{backups, duplicates::Duplicates, error::Error, view::Views};
use cardfile_domain::{CustomField, Region};
use cardfile_store::{
    DataKey, Environment, Manifest, Op, OpKind, Opening, Protection, RecoveryCode, Secret, SlotKind, Store,
};
use serde_json::Value;
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// The use cases work on this. Shared between threads; a read never waits for a write.
pub struct Core {
    store: Store,
    views: Views,
    duplicates: Duplicates,
    /// Nobody looks at it any more: what works by itself ends.
    is_closed: AtomicBool,
}

/// Who does something, and through which door.
#[derive(Debug, Clone)]
pub struct Who {
    /// Name of the person or program.
    pub actor: String,
    /// `window` or `cli`.
    pub origin: String,
}

impl Who {
    /// The person at the terminal.
    pub fn cli() -> Self {
        Self { actor: "you".into(), origin: "cli".into() }
    }

    pub(crate) fn op(&self, kind: OpKind, subject: impl Into<String>) -> Op {
        Op { kind, subject: subject.into(), actor: self.actor.clone(), origin: self.origin.clone() }
    }
}

impl Core {
    /// Makes a workspace. The recovery code is to be shown once.
    pub fn create(
        dir: &Path,
        protection: &Protection,
        environment: Environment,
    ) -> Result<(Self, Option<RecoveryCode>), Error> {
        let (store, code) = Store::create(dir, protection, environment)?;
        Ok((Self::of(store), code))
    }

    /// Opens a workspace. Operations that a crash had cut off are taken back
    /// before anything else is read; the opening names them.
    pub fn open(dir: &Path, secret: Option<&Secret>, environment: Environment) -> Result<(Self, Opening), Error> {
        let (store, opening) = Store::open(dir, secret, environment)?;
        Ok((Self::of(store), opening))
    }

    /// Opens a workspace again whose key is at hand, because it was open just now.
    pub(crate) fn reopen(dir: &Path, key: DataKey, environment: Environment) -> Result<(Self, Opening), Error> {
        let (store, opening) = Store::reopen(dir, key, environment)?;
        Ok((Self::of(store), opening))
    }

    /// A workspace in a file without a cipher: for the test that looks at its bytes.
    #[doc(hidden)]
    pub fn in_clear(dir: &Path, environment: Environment) -> Result<Self, Error> {
        Ok(Self::of(Store::in_clear(dir, environment)?))
    }

    pub(crate) fn of(store: Store) -> Self {
        Self { store, views: Views::default(), duplicates: Duplicates::default(), is_closed: AtomicBool::new(false) }
    }

    /// Ends what works by itself, as soon as it can.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    pub(crate) fn views(&self) -> &Views {
        &self.views
    }

    pub(crate) fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    /// The workspace below.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many contacts there are, those in the bin, the archive and visitors left out.
    pub fn count(&self) -> Result<u32, Error> {
        self.store
            .read(|r| {
                let (all, binned) = r.contacts().count()?;
                Ok(all - binned - r.contacts().count_visitors()? - r.contacts().count_archived()?)
            })
            .map_err(Error::from)
    }

    /// Definitions of custom fields.
    pub fn custom_fields(&self) -> Result<Vec<CustomField>, Error> {
        Ok(self.store.read(|r| r.custom_fields().all())?)
    }

    /// Country of phones typed without their country code, if it was set.
    pub fn region(&self) -> Result<Option<Region>, Error> {
        let code = self.setting("default_country")?;
        Ok(code.as_ref().and_then(Value::as_str).and_then(Region::parse))
    }

    /// A setting of the workspace.
    pub fn setting(&self, key: &str) -> Result<Option<Value>, Error> {
        Ok(self.store.read(|r| r.settings().get(key))?)
    }

    /// Sets a setting of the workspace.
    pub fn set_setting(&self, key: &str, value: &Value, who: &Who) -> Result<(), Error> {
        // Settings are not part of the history; the operation leaves no row.
        self.store.write(who.op(OpKind::FieldChange, ""), |tx| Ok::<_, Error>(tx.set_setting(key, value)?))?;
        Ok(())
    }

    /// Whether the key lies open.
    pub fn is_unprotected(&self) -> bool {
        self.store.slots().kinds().contains(&SlotKind::Unprotected)
    }

    /// What opens the workspace.
    pub fn ways(&self) -> Vec<&'static str> {
        self.store.slots().kinds().into_iter().map(SlotKind::as_str).collect()
    }

    /// Writes an encrypted copy, opened again and counted before it gets its name.
    pub fn backup(&self, file: &Path) -> Result<Manifest, Error> {
        Ok(backups::write(self, Some(file))?.1)
    }

    /// Restores a backup into a new folder.
    pub fn restore(
        file: &Path,
        into: &Path,
        secret: Option<&Secret>,
        environment: Environment,
    ) -> Result<(Self, Manifest), Error> {
        let (core, restored) = backups::into(file, into, secret, None, environment)?;
        Ok((core, restored.manifest))
    }
}
