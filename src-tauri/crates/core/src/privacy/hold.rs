//! Legal hold: a card that must not be deleted, and why. A setting and not a field of the
//! card: no import, no remote and no undo may take it away.

use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{ContactId, say};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Setting under which the holds are kept, by the ids of their cards.
const HOLDS: &str = "legal_holds";

/// Why a card is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hold {
    /// In the words of who holds it.
    pub reason: String,
    /// Who does.
    pub by: String,
    /// Since when (RFC 3339).
    pub at: String,
}

/// All cards that are held.
pub fn all(core: &Core) -> Result<BTreeMap<String, Hold>, Error> {
    let kept = core.setting(HOLDS)?;
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// Why a card is held; nothing when it is not.
pub fn of(core: &Core, id: &ContactId) -> Result<Option<Hold>, Error> {
    Ok(all(core)?.remove(id.as_str()))
}

/// Holds a card.
pub fn set(core: &Core, contact: &str, reason: &str, who: &Who) -> Result<(), Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::bad_request(say!("say why: a hold without a reason is none")));
    }
    let stored = contact::find(core, contact)?;
    let mut holds = all(core)?;
    let at = core.store().environment().clock.now().to_rfc3339_seconds();
    holds.insert(stored.contact.id.to_string(), Hold { reason: reason.to_owned(), by: who.actor.clone(), at });
    core.set_setting(HOLDS, &serde_json::to_value(holds).unwrap_or_default(), who)
}

/// Lets a card go again. `false` when it was not held.
pub fn lift(core: &Core, contact: &str, who: &Who) -> Result<bool, Error> {
    let stored = contact::find(core, contact)?;
    let mut holds = all(core)?;
    let was_held = holds.remove(stored.contact.id.as_str()).is_some();
    if was_held {
        core.set_setting(HOLDS, &serde_json::to_value(holds).unwrap_or_default(), who)?;
    }
    Ok(was_held)
}

/// Refuses to go on when one of these cards is held (GDPR, Art. 17(3)).
pub(crate) fn refuse(core: &Core, ids: &[ContactId]) -> Result<(), Error> {
    let holds = all(core)?;
    match ids.iter().find_map(|id| holds.get(id.as_str())) {
        None => Ok(()),
        Some(Hold { reason, .. }) => Err(Error::new(Code::Refused, say!("the card is under legal hold: {reason}", reason))
            .hint(say!("Refuse the request with this reason, or lift the hold first. Nothing was deleted."))),
    }
}
