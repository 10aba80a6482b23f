//! The keys of a workspace that a program has open by itself, and what only they tell.

use crate::{core::Core, error::Error};
use cardfile_store::{KeySlots, RecoveryCode, Secret, rekey};
use std::path::Path;

/// Gives a workspace another key, with everything in it written again; it is closed for
/// that. The passphrase stays, and is asked for where there is one; the recovery code, to be
/// shown once, is new.
pub fn renew(core: Core, passphrase: &str) -> Result<Option<RecoveryCode>, Error> {
    let (dir, environment) = (core.store().dir().to_owned(), core.store().environment().clone());
    let old = core.store().held_key();
    drop(core);
    Ok(rekey(&dir, &old, Some(passphrase), &environment)?)
}

/// Whether this opens the workspace, without opening it.
pub fn is_opened_by(dir: &Path, secret: &Secret) -> Result<bool, Error> {
    Ok(KeySlots::read(dir)?.open_with(secret).is_ok())
}
