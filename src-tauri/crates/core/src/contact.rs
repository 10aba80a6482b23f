//! One contact: look at it, make it, edit it, bin it.

use crate::{
    core::{Core, Who},
    error::Error,
};
use cardfile_domain::{Contact, ContactId, Item, OperationId, Patch, email, phone};
use cardfile_store::{Action, ContactRow, Entity, OpKind, OperationRow, Stored};
use serde_json::Value;

/// The contact with this id, or with this external ID at any remote.
pub fn find(core: &Core, id: &str) -> Result<Stored, Error> {
    let stored = core.store().read(|r| {
        let row = match r.contacts().row_of(id)? {
            Some(row) => Some(row),
            None => r.links().contacts_of(id)?.first().copied(),
        };
        row.map_or(Ok(None), |row| r.contacts().get(row))
    })?;
    stored.ok_or_else(|| Error::not_found("the contact"))
}

/// The places of contacts by id.
pub fn rows(core: &Core, ids: &[String]) -> Result<Vec<ContactRow>, Error> {
    let rows: Option<Vec<ContactRow>> =
        core.store().read(|r| ids.iter().map(|id| r.contacts().row_of(id)).collect())?;
    rows.ok_or_else(|| Error::not_found("a contact"))
}

/// What happened to a contact, newest first: the operation and what it changed.
pub fn timeline(core: &Core, stored: &Stored) -> Result<Vec<(OperationRow, Patch)>, Error> {
    const SHOWN: usize = 200;
    Ok(core.store().read(|r| {
        let mut entries = Vec::new();
        for change in r.changes().of_contact(stored.version, SHOWN)? {
            if let Some(operation) = r.operations().get(change.op)? {
                let patch = match (change.entity, change.action) {
                    (Entity::Contact, Action::Update) => Patch::from_json(&change.body).unwrap_or_default(),
                    // The subject of the operation says which part it was.
                    _ => Patch::default(),
                };
                entries.push((operation, patch));
            }
        }
        Ok(entries)
    })?)
}

/// Makes a contact by hand. Gives the operation too, so that it can be undone.
pub fn create(core: &Core, mut contact: Contact, who: &Who) -> Result<(ContactId, Option<OperationId>), Error> {
    cardfile_domain::import::complete(&mut contact).map_err(|e| Error::bad_request(e.to_string()))?;
    key_items(core, &mut contact)?;
    contact.id = ContactId::default();
    if contact.source.is_empty() {
        contact.source = "manual".into();
    }
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
    let stored = find(core, id.as_str())?;
    let mut after = stored.contact.clone();
    if !after.set_value(field, value) {
        return Err(Error::bad_request(format!("{field} does not take such a value")));
    }
    key_items(core, &mut after)?;
    for item in &mut after.addresses {
        // A form gives the parts; the text is made of them here.
        if let (true, Some(parts)) = (item.value.is_empty(), &item.address) {
            item.value = parts.formatted();
        }
    }
    let subject = stored.contact.display_name().to_owned();
    core.store().write(who.op(OpKind::ContactEdit, subject), |tx| {
        // Read again inside the transaction: another program may have written.
        let before = tx.read().contacts().get(stored.row)?.ok_or_else(|| Error::not_found("the contact"))?;
        let mut now = before.contact.clone();
        now.set_value(field, after.value(field).unwrap_or(Value::Null));
        Ok(tx.update(&before, now)?)
    })
}

/// Moves contacts to the bin. Returns how many were not there yet.
pub fn bin(core: &Core, rows: &[ContactRow], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::ContactBin, String::new()), |tx| {
        let now = tx.now();
        let mut moved = 0;
        for row in rows {
            moved += u32::from(tx.edit(*row, |c| c.binned_at = c.binned_at.or(Some(now)))?);
        }
        Ok(moved)
    })
}

/// Brings contacts back from the bin. Returns how many were there.
pub fn restore(core: &Core, rows: &[ContactRow], who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    core.store().write(who.op(OpKind::ContactRestore, String::new()), |tx| {
        let mut moved = 0;
        for row in rows {
            moved += u32::from(tx.edit(*row, |c| c.binned_at = None)?);
        }
        Ok(moved)
    })
}

/// Gives emails and phones the keys they are compared by; an email that cannot
/// be one is refused.
fn key_items(core: &Core, contact: &mut Contact) -> Result<(), Error> {
    let region = core.region()?;
    for Item { value, key, .. } in &mut contact.emails {
        *key = email::key(value).map_err(|e| Error::bad_request(e.to_string()))?;
    }
    for Item { value, key, .. } in &mut contact.phones {
        *key = phone::key(value, region).unwrap_or_default();
    }
    Ok(())
}
