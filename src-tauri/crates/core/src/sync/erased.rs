//! What a run makes of people who were erased: their records are deleted, and records that
//! come back make no contact.

use super::{known::Known, place::At};
use crate::{error::Error, privacy::erasure::suppression};
use cardfile_domain::{
    Contact, ContactId,
    suppression::{Mark, MarkKind, marks},
};
use cardfile_store::{ContactRow, PairRow, Reader, RemoteRow, StoreError, Tx};
use cardfile_sync::{fields, value::Units};

/// A person is erased: what is known of their records is no more than what it takes to
/// delete them, where they are to go too.
pub fn erase_pairs(tx: &mut Tx<'_>, contact: ContactRow, there: bool) -> Result<(), Error> {
    for row in records_and_rivals(tx.read(), contact)? {
        tx.put_pair(&Known::of(row)?.erase(there))?;
    }
    Ok(())
}

/// What is known of the records of a contact, those included that wait aside because they
/// mean a contact that has another record.
fn records_and_rivals(reader: Reader<'_>, contact: ContactRow) -> Result<Vec<PairRow>, StoreError> {
    let mut rows = reader.pairs().with_contact(contact)?;
    let mut rivals = Vec::new();
    for row in rows.iter().filter(|row| row.key.is_some()) {
        rivals.extend(reader.pairs().rivals(row.remote)?.into_iter().filter(|rival| rival.rival == row.key));
    }
    rows.extend(rivals);
    Ok(rows)
}

/// A record that is to be deleted at a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordAt {
    pub(crate) remote: RemoteRow,
    /// How the remote calls it; nothing when it was perhaps made, and nobody knows.
    pub(crate) key: Option<String>,
    pub(crate) external_id: Option<String>,
}

/// The records that a contact has, or perhaps has.
pub(crate) fn records_of(reader: Reader<'_>, contact: ContactRow) -> Result<Vec<RecordAt>, StoreError> {
    let mut records = Vec::new();
    for row in records_and_rivals(reader, contact)? {
        let (remote, external_id) = (row.remote, row.external_id.clone());
        let known = Known::of(row)?;
        if known.pair.key.is_some() || !known.pair.intents.is_empty() {
            records.push(RecordAt { remote, key: known.pair.key, external_id });
        }
    }
    Ok(records)
}

/// Whether a record that would make a contact is of somebody who was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    /// It is not.
    No,
    /// It has an email or a phone of theirs. Somebody else may share that, so that the record
    /// is only not taken.
    Perhaps,
    /// It has their ID: it is theirs, and is to go again.
    Surely,
}

/// Looks at a record, and counts when somebody is turned away.
pub(crate) fn look(tx: &mut Tx<'_>, at: &At, units: &Units, external_id: Option<&str>) -> Result<Returned, StoreError> {
    if !tx.suppresses() {
        return Ok(Returned::No);
    }
    let tags = tx.suppressed(&external_id.map(|id| marks_of_id(at, id)).unwrap_or_default())?;
    if !tags.is_empty() {
        tx.note_return(&tags)?;
        return Ok(Returned::Surely);
    }
    let mut claims = Contact::default();
    fields::put(&mut claims, units);
    let tags = tx.suppressed(&marks(&claims))?;
    tx.note_return(&tags)?;
    Ok(if tags.is_empty() { Returned::No } else { Returned::Perhaps })
}

/// Of values that come to a contact those that bring nobody back who was erased; the others are
/// turned away, and ours stand. What the contact has already is its own: people share phones.
pub(crate) fn welcome(tx: &mut Tx<'_>, contact: ContactRow, take: &Units) -> Result<Units, Error> {
    let mut welcome = take.clone();
    if !tx.suppresses() {
        return Ok(welcome);
    }
    let Some(stored) = tx.read().contacts().get(contact)? else { return Ok(welcome) };
    for (unit, value) in take {
        let mut after = stored.contact.clone();
        fields::put(&mut after, &Units::from([(unit.clone(), value.clone())]));
        let tags = suppression::anew(tx, &stored.contact, &after)?;
        if !tags.is_empty() {
            tx.note_return(&tags)?;
            welcome.remove(unit);
        }
    }
    Ok(welcome)
}

fn marks_of_id(at: &At, external_id: &str) -> Vec<Mark> {
    let own = ContactId::parse(external_id).ok().map(|id| Mark::new(MarkKind::OwnId, id.as_str()));
    at.links(external_id).iter().map(Mark::link).chain(own).collect()
}

/// What becomes of the pair of a record that is not taken.
pub(crate) fn turn_away(tx: &mut Tx<'_>, known: Known, returned: Returned) -> Result<(), StoreError> {
    match returned {
        Returned::No => {}
        Returned::Surely => {
            tx.put_pair(&known.erase(true))?;
        }
        Returned::Perhaps if known.row.pair != 0 => tx.delete_pair(&known.row, false)?,
        Returned::Perhaps => {}
    }
    Ok(())
}
