//! Secrets of contacts: sealed, shown once to who proves to hold a key of the
//! workspace, verified, revoked. What is here about them never holds a value.

use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    parts,
};
use cardfile_domain::{OperationId, part, say};
use cardfile_store::{OpKind, Secret as Proof, SecretText, Stored};

/// What is known about a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name, its sort, when it was seen to work.
    pub secret: part::Secret,
    /// Whether its value is still there.
    pub is_sealed: bool,
}

/// The secrets of a contact, oldest first.
pub fn of(core: &Core, stored: &Stored) -> Result<Vec<Known>, Error> {
    let all = parts::of::<part::Secret>(core, stored)?;
    let known = all.into_iter().map(|one| {
        let is_sealed = core.store().is_sealed(&one.value.id)?;
        Ok(Known { secret: one.value, is_sealed })
    });
    known.collect()
}

/// Seals a value for a contact. Gives the secret's id. A workspace without
/// protection refuses.
pub fn add(
    core: &Core,
    contact: &str,
    name: &str,
    sort: &str,
    text: &SecretText,
    who: &Who,
) -> Result<(String, Option<OperationId>), Error> {
    if name.trim().is_empty() || text.is_empty() {
        return Err(Error::bad_request(say!("a secret needs a name and a value")));
    }
    let owner = contact::find(core, contact)?;
    let id = core.store().new_id("sec_");
    let sealed = core.store().seal(&id, text)?;
    let secret = part::Secret { id, name: name.trim().into(), sort: sort.trim().into(), ..part::Secret::default() };
    core.store().write(who.op(OpKind::PartChange, parts::subject(&secret)), |tx| {
        tx.put_sealed(&sealed)?;
        Ok(tx.add_part(Some(owner.row.into()), &secret)?.0)
    })
}

/// The value of a secret, for who types the passphrase or the recovery code.
pub fn reveal(core: &Core, id: &str, proof: &Proof) -> Result<SecretText, Error> {
    parts::get::<part::Secret>(core, id)?;
    core.store()
        .reveal(id, proof)?
        .ok_or_else(|| Error::bad_request(say!("this secret was revoked: its value is gone")))
}

/// Somebody saw it work.
pub fn verify(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let now = core.store().environment().clock.now();
    if !core.store().is_sealed(id)? {
        return Err(Error::bad_request(say!("this secret was revoked: its value is gone")));
    }
    parts::edit::<part::Secret>(core, id, who, |secret| secret.verified_at = Some(now))
}

/// Destroys its value, for ever: an undo brings back what was known about it,
/// not the value.
pub fn revoke(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let subject = parts::subject(&parts::get::<part::Secret>(core, id)?.value);
    let now = core.store().environment().clock.now();
    core.store().write(who.op(OpKind::PartChange, subject), |tx| {
        tx.destroy_sealed(id)?;
        Ok(tx.edit_part::<part::Secret>(id, |secret, _| secret.revoked_at = secret.revoked_at.or(Some(now)))?)
    })
}

/// Takes it off the card. One that still has its value must be revoked first:
/// a credential that nobody sees is not left behind.
pub fn remove(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    if core.store().is_sealed(id)? {
        return Err(Error::bad_request(say!("revoke the secret first: then its value is gone for ever")));
    }
    parts::remove::<part::Secret>(core, id, who)
}
