//! What opens the workspace, and the lock that closes by itself.

use super::answer::Nothing;
use crate::{
    error::Error,
    session::{Created, Session},
};
use cardfile_domain::say;
use cardfile_store::{Secret, SlotKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A passphrase as typed.
#[derive(Deserialize, TS)]
pub(super) struct Passphrase {
    /// At least eight characters.
    pub passphrase: String,
}

/// A way to the key.
#[derive(Debug, Deserialize, TS)]
pub(super) struct WayRef {
    /// Which; the recovery code stays.
    #[ts(type = "\"keychain\" | \"passphrase\"")]
    pub way: String,
}

/// What a person wrote down.
#[derive(Deserialize, TS)]
pub(super) struct WrittenDown {
    /// Passphrase or recovery code.
    pub proof: String,
}

/// Whether it opens the workspace.
#[derive(Debug, Serialize, TS)]
pub(super) struct Tried {
    /// It does.
    pub opens: bool,
}

pub(super) fn passphrase_set(session: &Session, request: Passphrase) -> Result<Created, Error> {
    if request.passphrase.chars().count() < 8 {
        return Err(Error::bad_request(say!("a passphrase needs at least 8 characters")));
    }
    let code = session.core()?.store().set_passphrase(&request.passphrase)?;
    Ok(Created::of(code.as_ref()))
}

pub(super) fn recovery_renew(session: &Session, _: Nothing) -> Result<Created, Error> {
    Ok(Created::of(Some(&session.core()?.store().renew_recovery()?)))
}

pub(super) fn recovery_try(session: &Session, request: WrittenDown) -> Result<Tried, Error> {
    let secret = Secret::Passphrase(request.proof.into());
    Ok(Tried { opens: session.core()?.store().is_opened_by(&secret) })
}

pub(super) fn keychain_add(session: &Session, _: Nothing) -> Result<Created, Error> {
    let code = session.core()?.store().add_keychain()?;
    Ok(Created::of(code.as_ref()))
}

pub(super) fn way_remove(session: &Session, request: WayRef) -> Result<Nothing, Error> {
    let way = match request.way.as_str() {
        "keychain" => SlotKind::Keychain,
        "passphrase" => SlotKind::Passphrase,
        other => return Err(Error::bad_request(say!("{way} cannot be taken away", way = other))),
    };
    session.core()?.store().remove_way(way)?;
    Ok(Nothing {})
}

pub(super) fn key_renew(session: &Session, request: Passphrase) -> Result<Created, Error> {
    session.rekey(&request.passphrase)
}

pub(super) fn session_touch(session: &Session, _: Nothing) -> Result<Nothing, Error> {
    session.touch();
    Ok(Nothing {})
}
