//! One contact: look at it, make it, edit it, bin it.

use crate::{
    core::{Core, Who},
    error::{Code, Error},
    parts,
    privacy::erasure::suppression,
    resolve,
};
use cardfile_domain::{
    Contact, ContactId, FieldDef, Identity, Item, OperationId, Patch, Region, Sentence, consent::MIRRORED, email,
    phone, say, suppression::marks,
};
use cardfile_formats::vcard_export::VcardWriter;
use cardfile_store::{Action, ContactRow, Entity, OpKind, OperationRow, Stored, Tx};
use serde_json::Value;

/// The contact with this id, with this external ID at any remote, or with this email.
pub fn find(core: &Core, id: &str) -> Result<Stored, Error> {
    let row = core.store().read(|r| resolve::named(r, id))?.one(say!("the contact"))?;
    core.store().read(|r| r.contacts().get(row))?.ok_or_else(|| Error::not_found(say!("the contact")))
}

/// What to call a contact on a screen: a visitor of whom nothing is known has
/// the end of its id.
pub fn called(contact: &Contact) -> String {
    match contact.display_name() {
        "" => visitor(contact.id.as_str()),
        name => name.to_owned(),
    }
}

pub(crate) fn visitor(id: &str) -> String {
    format!("Visitor {}", id.get(id.len().saturating_sub(4)..).unwrap_or_default())
}

/// The contact as a vCard (RFC 6350), for the clipboard.
pub fn vcard(core: &Core, id: &str) -> Result<String, Error> {
    let mut writer = VcardWriter::new(Vec::new());
    let written = writer.write(&find(core, id)?.contact).and_then(|()| writer.finish());
    let bytes = written.map_err(|e| Error::new(Code::Internal, Sentence::verbatim(e)))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The places of contacts by id.
pub fn rows(core: &Core, ids: &[String]) -> Result<Vec<ContactRow>, Error> {
    let rows: Option<Vec<ContactRow>> =
        core.store().read(|r| ids.iter().map(|id| r.contacts().row_of(id)).collect())?;
    rows.ok_or_else(|| Error::not_found(say!("a contact")))
}

/// One thing that happened to a contact.
#[derive(Debug, Clone)]
pub struct Happened {
    /// The operation that did it.
    pub operation: OperationRow,
    /// Its fields that changed.
    pub patch: Patch,
    /// The part of the card that was added, changed or removed: `note: Calls before ten`.
    pub part: Option<String>,
}

/// What happened to a contact, newest first.
pub fn timeline(core: &Core, stored: &Stored) -> Result<Vec<Happened>, Error> {
    const SHOWN: usize = 200;
    Ok(core.store().read(|r| {
        let mut entries = Vec::new();
        for change in r.changes().of_contact(stored.version, SHOWN)? {
            if let Some(operation) = r.operations().get(change.op)? {
                let patch = match (change.entity, change.action) {
                    (Entity::Contact, Action::Update) => Patch::from_json(&change.body).unwrap_or_default(),
                    _ => Patch::default(),
                };
                let part = match change.entity {
                    Entity::Part(kind) => {
                        Some(parts::called(kind, &r.parts().title_of(kind, &change)?.unwrap_or_default()))
                    }
                    _ => None,
                };
                entries.push(Happened { operation, patch, part });
            }
        }
        Ok(entries)
    })?)
}

/// Makes a contact by hand. Gives the operation too, so that it can be undone.
pub fn create(core: &Core, mut contact: Contact, who: &Who) -> Result<(ContactId, Option<OperationId>), Error> {
    cardfile_domain::import::complete(&mut contact).map_err(|e| Error::bad_request(e.sentence()))?;
    key_items(core, &mut contact)?;
    contact.id = ContactId::default();
    if contact.source.is_empty() {
        contact.source = "manual".into();
    }
    suppression::refuse(core, &marks(&contact), OpKind::ContactCreate, who)?;
    let subject = contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactCreate, subject), |tx| {
        let row = tx.insert(contact)?;
        let stored = tx.read().contacts().get(row)?;
        Ok(stored.map(|stored| stored.contact.id).unwrap_or_default())
    })
}

/// Sets one field of a contact. `false` when it already had this value.
pub fn edit(
    core: &Core,
    id: &ContactId,
    field: &str,
    value: Value,
    who: &Who,
) -> Result<(bool, Option<OperationId>), Error> {
    if FieldDef::find(field).is_some_and(|field| !field.editable) {
        return Err(Error::bad_request(say!("{field} is kept by the program", field)));
    }
    let stored = find(core, id.as_str())?;
    if field == "metadata" {
        check_mirror(core, &stored, value.as_str().unwrap_or_default())?;
    }
    set(core, &stored, field, value, who)
}

/// Whether a person may bring an old value of this field back. What the program
/// works out is not; an external ID is changed where it stands.
pub fn is_restorable(field: &str) -> bool {
    field != "external_id" && FieldDef::find(field).is_none_or(|field| field.editable)
}

/// Sets one field back to what it was before an operation. `false` when it is so already.
pub fn restore_field(
    core: &Core,
    id: &str,
    operation: &str,
    field: &str,
    who: &Who,
) -> Result<(bool, Option<OperationId>), Error> {
    if !is_restorable(field) {
        return Err(Error::bad_request(say!("{field} is kept by the program", field)));
    }
    let stored = find(core, id)?;
    let before = core.store().read(|r| {
        for change in r.changes().of_contact(stored.version, usize::MAX)? {
            if change.entity == Entity::Contact
                && change.action == Action::Update
                && r.operations().get(change.op)?.is_some_and(|op| op.id.as_str() == operation)
            {
                let patch = Patch::from_json(&change.body).unwrap_or_default();
                // The oldest change of the operation says how it was before.
                if let Some(change) = patch.0.into_iter().find(|change| change.field == field) {
                    return Ok(Some(change.old));
                }
            }
        }
        Ok(None)
    })?;
    let before = before.ok_or_else(|| Error::not_found(say!("this change")))?;
    set(core, &stored, field, before, who)
}

fn set(
    core: &Core,
    stored: &Stored,
    field: &str,
    value: Value,
    who: &Who,
) -> Result<(bool, Option<OperationId>), Error> {
    let mut after = stored.contact.clone();
    if !after.set_value(field, value) {
        return Err(Error::bad_request(say!("{field} does not take such a value", field)));
    }
    key_items(core, &mut after)?;
    let subject = stored.contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
        // Read again inside the transaction: another program may have written.
        let before = tx.read().contacts().get(stored.row)?.ok_or_else(|| Error::not_found(say!("the contact")))?;
        let mut now = before.contact.clone();
        now.set_value(field, after.value(field).unwrap_or(Value::Null));
        now.settle_identity();
        suppression::refuse_anew(tx, &before.contact, &now)?;
        Ok(tx.update(&before, now)?)
    })
}

/// Refuses to write in the metadata what the ledger of consents keeps there: it would be
/// overwritten, and nothing would be proven by it.
fn check_mirror(core: &Core, stored: &Stored, after: &str) -> Result<(), Error> {
    let of = |metadata: &str| serde_json::from_str::<Value>(metadata).unwrap_or_default();
    let (was, is) = (of(&stored.contact.metadata), of(after));
    let has_ledger = !core.store().read(|r| r.consents().of(stored.row))?.is_empty();
    match MIRRORED.into_iter().find(|key| has_ledger && was[*key] != is[*key]) {
        Some(key) => Err(Error::bad_request(say!("{key} is what the ledger of consents says", key))
            .hint(say!("Write down in the card, under Privacy, what the person said."))),
        None => Ok(()),
    }
}

/// Moves contacts to the bin. Returns how many were not there yet.
pub fn bin(core: &Core, rows: &[ContactRow], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::ContactBin, String::new()), |tx| {
        let mut moved = 0;
        for row in rows {
            moved += u32::from(bin_in(tx, *row)?);
        }
        Ok(moved)
    })
}

/// The same of one inside a transaction: whether it was not there yet.
pub(crate) fn bin_in(tx: &mut Tx<'_>, row: ContactRow) -> Result<bool, Error> {
    let now = tx.now();
    Ok(tx.edit(row, |c| c.binned_at = c.binned_at.or(Some(now)))?)
}

/// Brings contacts back from the bin. Returns how many were there.
pub fn restore(core: &Core, rows: &[ContactRow], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::ContactRestore, String::new()), |tx| {
        let mut moved = 0;
        for row in rows {
            moved += u32::from(restore_in(tx, *row)?);
        }
        Ok(moved)
    })
}

/// The same of one inside a transaction: whether it was there.
pub(crate) fn restore_in(tx: &mut Tx<'_>, row: ContactRow) -> Result<bool, Error> {
    Ok(tx.edit(row, |c| c.binned_at = None)?)
}

/// Says that a person made sure who this is, and how. `false` when it was said already.
pub fn verify(core: &Core, id: &str, how: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    if how.trim().is_empty() {
        return Err(Error::bad_request(say!("say how: who is verified without a reason is not")));
    }
    let stored = find(core, id)?;
    let subject = stored.contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
        let now = tx.now();
        Ok(tx.edit(stored.row, |contact| {
            contact.identity = Identity::Verified;
            contact.verified_at = Some(now);
            contact.verified_by = how.trim().to_owned();
        })?)
    })
}

/// Takes that back: it is only said who this is.
pub fn unverify(core: &Core, id: &str, who: &Who) -> Result<(bool, Option<OperationId>), Error> {
    let stored = find(core, id)?;
    let subject = stored.contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactEdit, subject), |tx| Ok(tx.edit(stored.row, doubt)?))
}

/// Who it is is not proven any more.
pub(crate) fn doubt(contact: &mut Contact) {
    if contact.identity == Identity::Verified {
        contact.identity = Identity::Identified;
        contact.verified_at = None;
        contact.verified_by.clear();
    }
}

/// Gives emails and phones the keys they are compared by; an email that cannot
/// be one is refused.
pub(crate) fn key_items(core: &Core, contact: &mut Contact) -> Result<(), Error> {
    key_with(core.region()?, contact)
}

/// The same where the country of phones is known.
pub(crate) fn key_with(region: Option<Region>, contact: &mut Contact) -> Result<(), Error> {
    for Item { value, key, .. } in &mut contact.emails {
        *key = email::key(value).map_err(|e| Error::bad_request(e.sentence()))?;
    }
    for Item { value, key, .. } in &mut contact.phones {
        *key = phone::key(value, region).unwrap_or_default();
    }
    for item in &mut contact.addresses {
        // A form gives the parts; the text is made of them here.
        if let (true, Some(parts)) = (item.value.is_empty(), &item.address) {
            item.value = parts.formatted();
        }
    }
    Ok(())
}
