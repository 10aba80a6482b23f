//! Purposes: what contacts are kept and used for, why the law lets it be, and the texts
//! people are asked with.

use super::standing::{self, Said};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{
    consent::{Basis, Purpose, Wording, is_key},
    say,
    text::fold_label,
};
use cardfile_store::{OpKind, Reader, SqlResult};
use serde_json::json;
use std::collections::HashMap;

/// What a program means that says no more than that consent was given.
pub const DEFAULT: &str = "contact";

/// All of them, in the order they were made.
pub fn all(core: &Core) -> Result<Vec<Purpose>, Error> {
    Ok(core.store().read(|r| r.purposes().all())?)
}

/// The one with this id, key or name.
pub fn find(core: &Core, name: &str) -> Result<Purpose, Error> {
    known(core, name)?.ok_or_else(|| unknown(name))
}

/// The same inside a transaction.
pub(crate) fn find_in(reader: Reader<'_>, name: &str) -> Result<Purpose, Error> {
    known_in(reader, name)?.ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Error {
    Error::not_found(say!("the purpose {name}", name))
}

/// The same; nothing when there is none. The purpose of a view may be words of one's own.
pub fn known(core: &Core, name: &str) -> Result<Option<Purpose>, Error> {
    Ok(core.store().read(|r| known_in(r, name))?)
}

/// The same inside a transaction.
pub(crate) fn known_in(reader: Reader<'_>, name: &str) -> SqlResult<Option<Purpose>> {
    let name = name.trim();
    if name.is_empty() { Ok(None) } else { reader.purposes().named(name) }
}

/// Whether an objection to this purpose is one to direct marketing, which cannot be refused. One to
/// everything, which names no purpose, is, too, where there is marketing.
pub fn is_marketing(core: &Core, name: &str) -> Result<bool, Error> {
    if name.is_empty() {
        return Ok(all(core)?.iter().any(|one| one.is_marketing));
    }
    Ok(known(core, name)?.is_some_and(|one| one.is_marketing))
}

/// How many said yes or no to each, and object, by key.
pub fn counts(core: &Core, purposes: &[Purpose]) -> Result<HashMap<String, Said>, Error> {
    Ok(core.store().read(|r| standing::count(r, purposes))?)
}

/// Adds a purpose, or changes what is said of the one with its id. Its key never changes.
/// Gives its id.
pub fn put(core: &Core, purpose: &Purpose, who: &Who) -> Result<String, Error> {
    let name = purpose.name.trim();
    if name.is_empty() {
        return Err(Error::bad_request(say!("a purpose needs a name")));
    }
    let all = all(core)?;
    let before = match purpose.id.as_str() {
        "" => None,
        id => Some(all.iter().find(|one| one.id == id).ok_or_else(|| Error::not_found(say!("the purpose")))?),
    };
    let is_taken = |one: &&Purpose| {
        before.is_none_or(|before| before.id != one.id)
            && (one.key == purpose.key || fold_label(&one.name) == fold_label(name))
    };
    if let Some(other) = all.iter().find(is_taken) {
        return Err(Error::bad_request(say!("there is a purpose {name} already", name = other.name)));
    }
    match before {
        Some(before) if before.key != purpose.key => {
            return Err(Error::bad_request(say!("the key of a purpose never changes"))
                .hint(say!("Give this one up and make a new one: what people said was about the old.")));
        }
        None if !is_key(&purpose.key) => {
            return Err(Error::bad_request(say!("the key of a purpose is a small word, as in newsletter")));
        }
        Some(_) | None => {}
    }
    // Consent explains itself; everything else rests on something that has to be named.
    if purpose.basis != Basis::Consent && purpose.ground.trim().is_empty() {
        return Err(Error::bad_request(say!("say on what the purpose rests: the law, the contract or the interest")));
    }
    let purpose = Purpose {
        name: name.to_owned(),
        created_at: before.map_or_else(Default::default, |before| before.created_at),
        retired_at: before.and_then(|before| before.retired_at),
        ..purpose.clone()
    };
    let was = before.map(|before| before.basis.as_str());
    let (id, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let id = tx.put_purpose(&purpose)?;
        let facts = json!({ "key": purpose.key, "basis": purpose.basis.as_str(), "was": was,
            "is_marketing": purpose.is_marketing });
        tx.audit("purpose_put", Some(&id), &facts)?;
        Ok::<_, Error>(id)
    })?;
    Ok(id)
}

/// Gives a purpose up, or takes it up again. Nobody may be used for one that is given up;
/// what people said of it stays.
pub fn retire(core: &Core, name: &str, is_retired: bool, who: &Who) -> Result<(), Error> {
    let purpose = find(core, name)?;
    if purpose.retired_at.is_some() == is_retired {
        return Ok(());
    }
    core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let purpose = Purpose { retired_at: is_retired.then(|| tx.now()), ..purpose };
        tx.put_purpose(&purpose)?;
        let event = if is_retired { "purpose_retired" } else { "purpose_resumed" };
        Ok::<_, Error>(tx.audit(event, Some(&purpose.id), &json!({ "key": purpose.key }))?)
    })?;
    Ok(())
}

/// The wordings of a purpose, newest first.
pub fn wordings(core: &Core, purpose: &Purpose) -> Result<Vec<Wording>, Error> {
    Ok(core.store().read(|r| r.purposes().wordings(&purpose.id))?)
}

/// Adds a wording: from now on it is the one that is used in its language. The same text
/// again is the version it was.
pub fn add_wording(core: &Core, name: &str, language: &str, text: &str, who: &Who) -> Result<Wording, Error> {
    let purpose = find(core, name)?;
    let (text, language) = (text.trim(), language.trim());
    if text.is_empty() || language.is_empty() {
        return Err(Error::bad_request(say!("a wording needs its text and its language")));
    }
    let (wording, _) = core.store().write(who.op(OpKind::Privacy, ""), |tx| {
        let wording = tx.add_wording(&purpose.id, language, text)?;
        let facts = json!({ "key": purpose.key, "version": wording.version, "sha256": wording.sha256 });
        tx.audit("wording_added", Some(&purpose.id), &facts)?;
        Ok::<_, Error>(wording)
    })?;
    Ok(wording)
}

/// The wording of a version, or without one the latest; refused when there is no such
/// version, because nothing would be proven by it.
pub(crate) fn wording(wordings: &[Wording], version: Option<u32>) -> Result<Option<&Wording>, Error> {
    match version {
        None => Ok(wordings.first()),
        Some(0) => Ok(None),
        Some(version) => match wordings.iter().find(|one| one.version == version) {
            Some(found) => Ok(Some(found)),
            None => Err(Error::new(Code::BadRequest, say!("there is no version {version} of this wording", version))),
        },
    }
}
