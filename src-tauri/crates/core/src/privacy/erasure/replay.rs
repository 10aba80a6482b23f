//! Erasures and backups: a backup from before an erasure brings the person back, and they are
//! erased again before anybody sees the restored workspace.

use super::{Reason, erase};
use crate::{
    core::{Core, Who},
    error::Error,
    progress::Unwatched,
};
use cardfile_domain::{ContactId, suppression::MarkKind};
use cardfile_store::{SuppressionList, Tag};
use std::{collections::HashSet, path::Path};

/// Takes over what the workspace in a folder knows of erasures, when it is the same workspace
/// as this one, and erases again whom it has erased. How many cards that were.
pub fn replay_from(core: &Core, dir: &Path) -> Result<u32, Error> {
    if let Some(list) = SuppressionList::read(dir)? {
        core.store().adopt(&list)?;
    }
    replay(core)
}

/// Erases again whoever is on the list of erasures and has a card. Known by the id of the
/// card alone: an email or a phone may be somebody else's as well. How many cards that were.
pub fn replay(core: &Core) -> Result<u32, Error> {
    let suppressor = core.store().suppressor();
    let ids: Vec<ContactId> = core.store().read(|r| {
        let listed = r.suppressions().all()?.into_iter();
        let is_on = |one: &cardfile_store::Suppressed| one.lifted_at.is_none() && one.kind == MarkKind::OwnId.as_str();
        let listed: HashSet<Tag> = listed.filter(is_on).map(|one| one.tag).collect();
        let mut ids = Vec::new();
        if listed.is_empty() {
            return Ok(ids);
        }
        r.contacts().scan(|stored| {
            let id = stored.contact.id;
            if listed.contains(&suppressor.tag(MarkKind::OwnId, id.as_str())) {
                ids.push(id);
            }
            true
        })?;
        Ok(ids)
    })?;
    let who = Who { actor: "cardfile".into(), origin: "recovery".into() };
    for id in &ids {
        erase(core, std::slice::from_ref(id), Reason::Replay, &who, &Unwatched)?;
    }
    // Written in any case: this copy may be the only one that is left.
    core.store().write_suppression_list()?;
    Ok(ids.len() as u32)
}
