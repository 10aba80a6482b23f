//! Erasures and backups: a backup from before an erasure brings the person back, and they are
//! erased again before anybody sees the restored workspace.

use super::{Reason, erase};
use crate::{
    core::{Core, Who},
    error::{Code, Error},
    progress::Unwatched,
};
use cardfile_domain::{ContactId, Millis, suppression::MarkKind};
use cardfile_store::{SuppressionList, Tag};
use std::{collections::HashMap, path::Path};

/// Takes over what the workspace in a folder knows of erasures, when it is the same workspace
/// as this one, and erases again whom it has erased. How many cards that were.
pub fn replay_from(core: &Core, dir: &Path) -> Result<u32, Error> {
    if let Some(list) = SuppressionList::read(dir)? {
        core.store().adopt(&list)?;
    }
    replay(core)
}

/// What the list says of one id.
struct Listed {
    /// By the latest erasure of it.
    at: Millis,
    /// They may come back since.
    is_lifted: bool,
}

/// Erases again whoever is on the list of erasures and has a card, or had one of which the
/// history still tells. Known by the id of the
/// card alone: an email or a phone may be somebody else's as well. Who may come back comes
/// anew, and not with what was deleted. How many cards that were.
pub fn replay(core: &Core) -> Result<u32, Error> {
    let suppressor = core.store().suppressor();
    let ids: Vec<(ContactId, bool)> = core.store().read(|r| {
        let mut listed: HashMap<Tag, Listed> = HashMap::new();
        for one in r.suppressions().all()?.into_iter().filter(|one| one.kind == MarkKind::OwnId.as_str()) {
            let known = listed.entry(one.tag).or_insert(Listed { at: one.at, is_lifted: true });
            known.at = known.at.max(one.at);
            known.is_lifted &= one.lifted_at.is_some();
        }
        let mut ids = Vec::new();
        if listed.is_empty() {
            return Ok(ids);
        }
        let mut look = |id: &str, created_at: Millis| {
            if let Some(known) = listed.get(&suppressor.tag(MarkKind::OwnId, id)) {
                let came_since = known.is_lifted && created_at > known.at;
                if !came_since {
                    ids.push((ContactId::from_stored(id.to_owned()), known.is_lifted));
                }
            }
        };
        r.contacts().scan(|stored| {
            look(stored.contact.id.as_str(), stored.contact.created_at);
            true
        })?;
        // Who was thrown away before stands in the history.
        r.subjects().each_gone(&mut look)?;
        Ok(ids)
    })?;
    let who = Who { actor: "cardfile".into(), origin: "recovery".into() };
    let mut erased = 0;
    for (id, is_lifted) in &ids {
        match erase(core, std::slice::from_ref(id), Reason::Replay { is_lifted: *is_lifted }, &who, &Unwatched) {
            Ok(_) => erased += 1,
            // It went with another card of the same person.
            Err(error) if error.code == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // Written in any case: this copy may be the only one that is left.
    core.store().write_suppression_list()?;
    Ok(erased)
}
