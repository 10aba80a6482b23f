//! The ledger of consents: what a contact said of a purpose, when, how, and to which text.
//! To take a yes back is as easy as to give it: the same call with another word.

use super::{purposes, standing};
use crate::{
    contact,
    core::{Core, Who},
    error::Error,
    ingest,
};
use cardfile_domain::{
    Millis, OperationId,
    consent::{Bar, Consent, Purpose, Wording, last_said},
    say,
};
use cardfile_store::{ContactRow, OpKind, Reader, SqlResult, Stored, Tx};
use serde_json::json;

/// What a contact says.
#[derive(Debug, Clone, Default)]
pub struct Saying {
    /// Id, key or name of the purpose.
    pub purpose: String,
    /// Yes or no.
    pub given: bool,
    /// Version of the text they were shown; nothing for the one in use, 0 when it is not known.
    pub wording: Option<u32>,
    /// How they said it: `email`, `phone`, `paper`.
    pub channel: String,
    /// What shows it.
    pub proof: String,
    /// When they said it; nothing for now.
    pub at: Option<Millis>,
}

/// How a contact stands to a purpose.
#[derive(Debug, Clone)]
pub struct Stands {
    /// The purpose.
    pub purpose: Purpose,
    /// What they last said of it.
    pub last: Option<Consent>,
    /// Whether they may be used for it, and why not.
    pub may: Result<(), Bar>,
}

/// Writes down what a contact said. `false` when exactly that was written down already. It is
/// no operation that can be undone: who changes their mind says so anew.
pub fn record(core: &Core, contact: &str, saying: &Saying, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let stored = contact::find(core, contact)?;
    let purpose = purposes::find(core, &saying.purpose)?;
    let now = core.store().environment().clock.now();
    if saying.at.is_some_and(|at| at > now) {
        return Err(Error::bad_request(say!("nobody can say something in the future")));
    }
    if saying.given && purpose.retired_at.is_some() {
        return Err(Error::bad_request(say!("the purpose is given up")));
    }
    let known = purposes::wordings(core, &purpose)?;
    let said = entry(&purpose, purposes::wording(&known, saying.wording)?, saying);
    let private = ingest::private_countries(core)?;
    let subject = format!("{}: {}", purpose.name, if saying.given { "yes" } else { "no" });
    core.store().write(who.op(OpKind::Privacy, subject), |tx| {
        let is_new = tx.say_consent(stored.row, &said)?;
        forget_country(tx, stored.row, &private)?;
        if is_new {
            audit(tx, &purpose, &said)?;
        }
        Ok(is_new)
    })
}

/// The entry for what somebody said.
fn entry(purpose: &Purpose, wording: Option<&Wording>, saying: &Saying) -> Consent {
    Consent {
        purpose: purpose.key.clone(),
        given: saying.given,
        wording: wording.map_or(0, |wording| wording.version),
        sha256: wording.map(|wording| wording.sha256.clone()).unwrap_or_default(),
        channel: saying.channel.trim().to_owned(),
        proof: saying.proof.trim().to_owned(),
        at: saying.at.unwrap_or_default(),
        ..Consent::default()
    }
}

/// What the audit log keeps of it: to which purpose and which text, and not who said it.
pub(crate) fn audit(tx: &mut Tx<'_>, purpose: &Purpose, said: &Consent) -> Result<(), Error> {
    let event = if said.given { "consent_given" } else { "consent_withdrawn" };
    let facts = json!({ "purpose": purpose.key, "wording": said.wording, "sha256": said.sha256 });
    Ok(tx.audit(event, Some(&purpose.id), &facts)?)
}

/// Whether a contact spoke of purposes and says yes to none of them.
pub(crate) fn declines(reader: Reader<'_>, contact: ContactRow) -> SqlResult<bool> {
    let consents = reader.consents().of(contact)?;
    Ok(!consents.is_empty() && !last_said(&consents).values().any(|last| last.given))
}

/// Of who declines the country is not kept where the law asks for consent (M-15).
pub(crate) fn forget_country(tx: &mut Tx<'_>, contact: ContactRow, private: &[String]) -> Result<(), Error> {
    if declines(tx.read(), contact)? {
        tx.edit(contact, |card| {
            if private.contains(&card.ip_country) {
                card.ip_country.clear();
            }
        })?;
    }
    Ok(())
}

/// All that a contact said, the latest first.
pub fn ledger(core: &Core, contact: &Stored) -> Result<Vec<Consent>, Error> {
    let mut all = core.store().read(|r| r.consents().of(contact.row))?;
    all.reverse();
    all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    Ok(all)
}

/// How a contact stands to every purpose.
pub fn standings(core: &Core, contact: &Stored) -> Result<Vec<Stands>, Error> {
    Ok(core.store().read(|r| {
        let consents = r.consents().of(contact.row)?;
        let last = last_said(&consents);
        let mut all = Vec::new();
        for purpose in r.purposes().all()? {
            let may = purpose.may_use(standing::of(r, contact.row, &purpose)?);
            let last = last.get(purpose.key.as_str()).map(|entry| (*entry).clone());
            all.push(Stands { purpose, last, may });
        }
        Ok(all)
    })?)
}
