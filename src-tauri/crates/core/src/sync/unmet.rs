//! Contacts of a team that are not here yet while a record of theirs at a shared remote is:
//! another device told whose it is. Until they come the pair keeps the ID that they will have.
//!
//! Whom the team's database has comes from there. A second contact made of what another remote
//! says of them would have nothing agreed on with the first once both are known, and whatever
//! was taken off on one side meanwhile would be taken for new on the other.

use super::known::Known;
use cardfile_store::{ContactRow, Fate, Reader, RemoteRow, StoreError, Tx};
use cardfile_sync::pair::Remote as Observed;

/// The contact that the team's database calls so, and what became of it here.
pub(super) fn contact_of(
    reader: Reader<'_>,
    team: RemoteRow,
    id: &str,
) -> Result<Option<(ContactRow, Fate)>, StoreError> {
    let pair = reader.pairs().of_external_id(team, id, 0)?;
    match pair.and_then(|pair| Some((pair.contact?, pair.fate))) {
        Some(found) => Ok(Some(found)),
        None => Ok(reader.contacts().row_of(id)?.map(|contact| (contact, Fate::None))),
    }
}

/// Whether the team's database has the contact of a record and says nothing of it that can be
/// read. Nothing is done with the record before it does; what is read of it is kept. That is so
/// of a contact that is here too: what it says the team's database may not have, and whoever
/// serves the record next would take for agreed on what nobody but this device said.
pub(super) fn is_awaited(reader: Reader<'_>, team: RemoteRow, known: &Known) -> Result<bool, StoreError> {
    let in_team = match known.row.contact {
        Some(contact) if !known.is_erased() => {
            let pair = reader.pairs().of_contact(team, contact)?;
            pair.and_then(|pair| pair.key.or(pair.external_id))
        }
        Some(_) => None,
        None => missing(known).map(str::to_owned),
    };
    let Some(key) = in_team else { return Ok(false) };
    // One that only waits beside another was read.
    Ok(reader.pairs().in_quarantine(team, &key)?.is_some()
        && reader.pairs().of_key(team, &key)?.is_none_or(|pair| pair.rival.is_none()))
}

/// The ID of the contact that is not here.
fn missing(known: &Known) -> Option<&str> {
    known.made_as.as_deref().filter(|_| known.row.contact.is_none() && known.row.fate == Fate::None)
}

/// Whether the contact of a record came since the record was planned, or went, or is awaited by
/// now: a run of the team's database may be under way beside this one. Made of the record it
/// would be there twice, or again.
pub(super) fn has_news(tx: &Tx<'_>, team: RemoteRow, known: &Known) -> Result<bool, StoreError> {
    let is_known = match missing(known) {
        Some(id) => contact_of(tx.read(), team, id)?.is_some() || tx.is_tombstone(team, id)?,
        None => false,
    };
    Ok(is_known || is_awaited(tx.read(), team, known)?)
}

/// Pairs of a remote whose contact may be here by now.
pub(super) fn all(reader: Reader<'_>, team: RemoteRow, remote: RemoteRow) -> Result<Vec<i64>, StoreError> {
    let mut unmet = Vec::new();
    reader.pairs().each_open(remote, |row| {
        if row.contact.is_none() && row.fate == Fate::None {
            let known = Known::of(row)?;
            if known.made_as.is_some() && !is_awaited(reader, team, &known)? {
                unmet.push(known.row.pair);
            }
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(unmet)
}

/// Gives a pair its contact if that came since it was taken over, or says that it was deleted.
/// Of whom the team's database still knows nothing the record tells.
pub(super) fn meet(tx: &mut Tx<'_>, team: RemoteRow, pair: i64) -> Result<(), StoreError> {
    let known = tx.read().pairs().get(pair)?.map(Known::of).transpose()?;
    let Some(mut known) = known.filter(|known| known.row.contact.is_none()) else { return Ok(()) };
    let Some(id) = known.made_as.clone() else { return Ok(()) };
    match contact_of(tx.read(), team, &id)? {
        Some((contact, _)) if tx.read().pairs().of_contact(known.row.remote, contact)?.is_some() => {
            if known.pair.key.is_none() {
                // What was perhaps made is looked for by the contact's own pair.
                return tx.delete_pair(&known.row, false);
            }
            // One contact has one record: which it is shows when this one is read.
            (known.made_as, known.pair.remote) = (None, Observed::Doubtful);
        }
        Some((contact, fate)) => (known.row.contact, known.row.fate) = (Some(contact), fate),
        None if tx.is_tombstone(team, &id)? => known.row.fate = Fate::Deleted,
        None => return Ok(()),
    }
    tx.put_pair(&known.into_row())?;
    Ok(())
}
