//! Whose record it is that was read for the first time: the one with the ID we gave it, or
//! the contact that [`crate::resolve`] names by its ID, its external ID or its email. A
//! contact with another external ID at the same remote is another person.

use crate::resolve;
use cardfile_domain::{Contact, ContactId, Link};
use cardfile_store::{ContactRow, PairRow, Reader, RemoteRow, StoreError};
use cardfile_sync::{fields, remote::Record};

/// The remote, in the words of external IDs.
#[derive(Debug, Clone)]
pub(crate) struct At {
    pub(crate) row: RemoteRow,
    /// Which kind of system.
    pub(crate) kind: String,
    /// Which of those.
    pub(crate) scope: String,
}

impl At {
    /// The external ID of a contact at this remote.
    pub(crate) fn link(&self, external_id: &str) -> Link {
        Link { connector: self.kind.clone(), scope: self.scope.clone(), external_id: external_id.to_owned() }
    }
}

impl At {
    /// The external IDs by which a contact of this remote may be known: as of this remote,
    /// as it came with a file, or as of no remote in particular.
    pub(crate) fn links(&self, external_id: &str) -> [Link; 3] {
        let of = |connector: &str| Link {
            connector: connector.to_owned(),
            scope: String::new(),
            external_id: external_id.to_owned(),
        };
        [self.link(external_id), of("vcard"), of("external")]
    }
}

/// Whose record it is.
pub(crate) enum Placed {
    /// Nobody's that is known.
    Nobody,
    /// Of a contact that has no record here.
    Contact(ContactRow),
    /// Of a contact of which a record, or a write that makes one, is known.
    Pair(Box<PairRow>),
}

/// By what the record of the pair `own` says; that pair is no answer.
pub(crate) fn of_record(reader: Reader<'_>, at: &At, own: i64, record: &Record) -> Result<Placed, StoreError> {
    if let Some(external_id) = &record.external_id
        && let found @ (Placed::Contact(_) | Placed::Pair(_)) = of_id(reader, at, own, external_id)?
    {
        return Ok(found);
    }
    let mut claims = Contact::default();
    fields::put(&mut claims, &record.units);
    claims.links.extend(record.external_id.as_ref().map(|id| at.link(id)));
    match resolve::resolve(reader, &claims)?.contact {
        // An email is no ID: a contact that has a record already is left alone.
        Some(contact) if reader.pairs().of_contact(at.row, contact)?.is_none_or(|pair| pair.key.is_none()) => {
            of_contact(reader, at, contact)
        }
        _ => Ok(Placed::Nobody),
    }
}

/// By the ID in the record alone.
pub(crate) fn of_id(reader: Reader<'_>, at: &At, own: i64, external_id: &str) -> Result<Placed, StoreError> {
    if let Some(pair) = reader.pairs().of_external_id(at.row, external_id, own)? {
        return Ok(Placed::Pair(Box::new(pair)));
    }
    let own = ContactId::parse(external_id).ok().map(|id| reader.contacts().row_of(id.as_str())).transpose()?.flatten();
    let mut contact = own;
    for link in at.links(external_id) {
        if contact.is_none() {
            contact = reader.links().contact_of(&link)?;
        }
    }
    contact.map_or(Ok(Placed::Nobody), |contact| of_contact(reader, at, contact))
}

fn of_contact(reader: Reader<'_>, at: &At, contact: ContactRow) -> Result<Placed, StoreError> {
    Ok(match reader.pairs().of_contact(at.row, contact)? {
        Some(pair) => Placed::Pair(Box::new(pair)),
        None => Placed::Contact(contact),
    })
}
