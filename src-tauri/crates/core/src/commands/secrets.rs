//! Secrets of a card. One answer of one command holds a value: it is shown to the
//! person who has just typed a key of the workspace, and kept nowhere.

use super::{
    answer::{Changed, Made},
    parts::{PartRef, made, one, text},
};
use crate::{
    error::Error,
    secrets::{self, Known},
    session::Session,
};
use cardfile_store::{Secret, SecretText};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is known about a secret.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretView {
    /// `sec_…`
    pub id: String,
    /// What it opens.
    pub name: String,
    /// `token`, `password`, `key`.
    pub sort: String,
    /// RFC 3339.
    pub verified_at: Option<String>,
    /// RFC 3339.
    pub revoked_at: Option<String>,
    /// Whether its value is still there.
    pub is_sealed: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// A secret to seal. Has no `Debug`: it holds the value.
#[derive(Deserialize, TS)]
pub(super) struct AddSecret {
    /// `ctc_…`
    pub contact: String,
    /// What it opens.
    pub name: String,
    /// `token`, `password`, `key`.
    pub sort: String,
    /// The value.
    pub value: String,
}

/// A secret to show. Has no `Debug`: it holds a key of the workspace.
#[derive(Deserialize, TS)]
pub(super) struct RevealSecret {
    /// `sec_…`
    pub id: String,
    /// The passphrase or the recovery code.
    pub proof: String,
}

/// A value, shown once. Has no `Debug`.
#[derive(Serialize, TS)]
pub(super) struct Revealed {
    /// The value.
    pub value: String,
}

pub(super) fn secret_add(session: &Session, request: AddSecret) -> Result<Made, Error> {
    let text = SecretText::new(request.value);
    let core = session.core()?;
    made(secrets::add(&core, &request.contact, &request.name, &request.sort, &text, &session.who()))
}

pub(super) fn secret_reveal(session: &Session, request: RevealSecret) -> Result<Revealed, Error> {
    let proof = Secret::Passphrase(request.proof.into());
    let text = secrets::reveal(&*session.core()?, &request.id, &proof)?;
    Ok(Revealed { value: text.show().to_string() })
}

pub(super) fn secret_verify(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(secrets::verify(&*session.core()?, &request.id, &session.who())?))
}

pub(super) fn secret_revoke(session: &Session, request: PartRef) -> Result<Changed, Error> {
    Ok(one(secrets::revoke(&*session.core()?, &request.id, &session.who())?))
}

impl From<Known> for SecretView {
    fn from(known: Known) -> Self {
        let secret = known.secret;
        Self {
            verified_at: text(secret.verified_at),
            revoked_at: text(secret.revoked_at),
            created_at: secret.created_at.to_rfc3339(),
            is_sealed: known.is_sealed,
            id: secret.id,
            name: secret.name,
            sort: secret.sort,
        }
    }
}
