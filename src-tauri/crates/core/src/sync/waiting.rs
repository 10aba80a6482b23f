//! What waits for a person: values that both sides changed, deletions against edits, records
//! that may be another person's, and writes that the remote does not take.

use super::known::Known;
use crate::{error::Error, privacy::erasure::suppression};
use cardfile_domain::{Millis, say};
use cardfile_store::{ContactRow, Fate, Reader, RemoteRow, StoreError, Tx};
use cardfile_sync::{
    fields,
    merge::Held,
    pair::{Local, Refusal, Remote, Side},
    relink::Relink,
    value::{Unit, Units, Value},
};
use std::collections::BTreeMap;

/// A pair that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Which pair.
    pub pair: i64,
    /// At which remote.
    pub remote: RemoteRow,
    /// How the remote calls the record.
    pub key: Option<String>,
    /// Whose.
    pub contact: Option<ContactRow>,
    /// Units that both sides changed, and since when they wait.
    pub held: BTreeMap<Unit, (Held, Millis)>,
    /// On which side a deletion is that waits.
    pub deletion: Option<Side>,
    /// Whether the record is still theirs, and since when that waits. Nothing else of the pair
    /// is decided before.
    pub relink: Option<(Relink, Millis)>,
    /// A write that is sent no more, and since when.
    pub refused: Option<(Refusal, Millis)>,
    /// The ID by which the record is known.
    pub external_id: Option<String>,
    /// What the record says, where that is kept.
    pub there: Units,
}

/// What a person decided about a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Ours goes there.
    Mine,
    /// Theirs comes here.
    Theirs,
    /// Another value for both.
    Edit(Value),
}

/// Everything that waits at a remote.
pub fn waiting(reader: Reader<'_>, remote: RemoteRow) -> Result<Vec<Waiting>, StoreError> {
    let mut all = Vec::new();
    for row in reader.pairs().waiting(remote)? {
        let known = Known::of(row)?;
        let since = known.since;
        let there = match known.pair.remote {
            Remote::Live { units, .. } => units,
            Remote::Unheard | Remote::Doubtful | Remote::Gone => Units::new(),
        };
        let refused = known.pair.refused.filter(|refused| refused.is_final() && !refused.is_dismissed);
        let held = known.pair.held.into_iter().map(|(unit, held)| {
            let since = since.get(&unit).copied().unwrap_or_default();
            (unit, (held, since))
        });
        all.push(Waiting {
            pair: known.row.pair,
            remote,
            key: known.row.key,
            contact: known.row.contact,
            held: held.collect(),
            deletion: known.pair.held_deletion,
            relink: known.pair.relink.map(|relink| (relink, known.relink_since.unwrap_or_default())),
            refused: refused.map(|refused| (refused, known.refused_since.unwrap_or_default())),
            external_id: known.row.external_id,
            there,
        });
    }
    Ok(all)
}

pub(super) fn known(tx: &Tx<'_>, pair: i64) -> Result<Known, Error> {
    let row = tx.read().pairs().get(pair)?;
    Ok(Known::of(row.ok_or_else(|| Error::not_found(say!("this conflict")))?)?)
}

/// Decides a unit. The next run sends ours, or finds both the same. `false` when it waits
/// no more.
pub fn decide(tx: &mut Tx<'_>, pair: i64, unit: &str, decision: &Decision) -> Result<bool, Error> {
    let mut known = known(tx, pair)?;
    let (Local::Live { units, .. }, _) = known.local(tx.read())? else { return Ok(false) };
    if !known.pair.held.contains_key(unit) || known.pair.relink.is_some() {
        return Ok(false);
    }
    let mine = units.get(unit).cloned().unwrap_or_default();
    let theirs = known.pair.decide(unit, &mine, *decision == Decision::Theirs);
    let value = match decision {
        Decision::Edit(value) => Some(value.clone()),
        Decision::Mine | Decision::Theirs => theirs,
    };
    if let (Some(contact), Some(value)) = (known.row.contact, value)
        && let Some(stored) = tx.read().contacts().get(contact)?
    {
        let mut after = stored.contact.clone();
        fields::put(&mut after, &Units::from([(unit.to_owned(), value)]));
        suppression::refuse_anew(tx, &stored.contact, &after)?;
        tx.update(&stored, after)?;
    }
    known.row.is_open = true;
    tx.put_pair(&known.into_row())?;
    Ok(true)
}

/// Decides a deletion against an edit: it stands, or both stay. `false` when it waits no
/// more.
pub fn decide_deletion(tx: &mut Tx<'_>, pair: i64, stands: bool) -> Result<bool, Error> {
    let mut known = known(tx, pair)?;
    if known.pair.held_deletion.is_none() || known.pair.relink.is_some() {
        return Ok(false);
    }
    known.pair.decide_deletion(stands);
    let at = stands.then(|| tx.now());
    if let Some(contact) = known.row.contact.filter(|_| known.row.fate == Fate::None) {
        tx.edit(contact, |contact| {
            if contact.binned_at.is_some() != stands {
                contact.binned_at = at;
            }
        })?;
    } else if !stands {
        // The bin was emptied since: the record makes a contact, once it is read again.
        known = known.without_contact();
    }
    known.row.is_open = true;
    tx.put_pair(&known.into_row())?;
    Ok(true)
}
