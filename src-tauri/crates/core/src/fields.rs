//! Custom fields of the workspace: make, rename, retype, delete, and make one
//! of what a source sent beyond our fields.

use crate::{
    bulk::each,
    core::{Core, Who},
    error::Error,
    progress::Unwatched,
};
use cardfile_domain::{
    Contact, CustomField, CustomKind, OperationId,
    custom::{key_for, text_of},
    say,
};
use cardfile_store::{ContactRow, OpKind};
use serde_json::{Map, Value};

/// Makes a field.
pub fn create(core: &Core, label: &str, kind: CustomKind, who: &Who) -> Result<Option<OperationId>, Error> {
    let field = new_field(core, label, kind)?;
    let (_, operation) = core.store().write(who.op(OpKind::FieldChange, label.trim()), |tx| {
        tx.put_custom_field(&field)?;
        Ok::<_, Error>(())
    })?;
    Ok(operation)
}

fn new_field(core: &Core, label: &str, kind: CustomKind) -> Result<CustomField, Error> {
    let label = label.trim();
    let key =
        key_for(label).ok_or_else(|| Error::bad_request(say!("a field needs a name with a letter or a digit")))?;
    if core.custom_fields()?.iter().any(|field| field.key == key) {
        return Err(Error::bad_request(say!("there is a field {key} already", key)));
    }
    Ok(CustomField { key, label: label.to_owned(), kind, options: Vec::new() })
}

/// What a change of a field did.
pub struct FieldChanged {
    /// Contacts whose value was read anew.
    pub changed: u32,
    /// Values that the new type cannot read; they stay as they are.
    pub kept: u32,
    /// To undo just this.
    pub operation: Option<OperationId>,
}

/// Gives a field another name or type. Its key stays, so that filters and files
/// go on working.
pub fn change(core: &Core, key: &str, label: &str, kind: CustomKind, who: &Who) -> Result<FieldChanged, Error> {
    let old = find(core, key)?;
    let label = label.trim();
    if label.is_empty() {
        return Err(Error::bad_request(say!("a field needs a name")));
    }
    let field = CustomField { label: label.to_owned(), kind, ..old.clone() };
    let rows = if kind == old.kind { Vec::new() } else { rows_with(core, key)? };
    let mut kept = 0;
    let (changed, operation) = each(
        core,
        who.op(OpKind::FieldChange, label.to_owned()),
        &rows,
        &Unwatched,
        |tx, row| {
            let mut fits = true;
            let edited = tx.edit(row, |contact| {
                if let Some(value) = contact.custom.get_mut(key) {
                    match kind.read(&text_of(value)) {
                        Ok(read) => *value = read,
                        Err(_) => fits = false,
                    }
                }
            })?;
            kept += u32::from(!fits);
            Ok(edited)
        },
        |tx| Ok(tx.put_custom_field(&field)?),
    )?;
    Ok(FieldChanged { changed, kept, operation })
}

/// Deletes a field with all its values.
pub fn delete(core: &Core, key: &str, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let field = find(core, key)?;
    let rows = rows_with(core, key)?;
    each(
        core,
        who.op(OpKind::FieldChange, field.label),
        &rows,
        &Unwatched,
        |tx, row| Ok(tx.edit(row, |contact| drop(contact.custom.remove(key)))?),
        |tx| Ok(tx.delete_custom_field(key).map(|_| ())?),
    )
}

/// Makes a field of a key of the metadata, and moves its values there.
pub fn promote(core: &Core, key: &str, label: &str, who: &Who) -> Result<(u32, Option<OperationId>), Error> {
    let field = new_field(core, label, CustomKind::Text)?;
    let mut rows: Vec<ContactRow> = Vec::new();
    core.store().read(|r| r.contacts().scan_metadata(key, |row| rows.push(row)))?;
    each(
        core,
        who.op(OpKind::FieldChange, field.label.clone()),
        &rows,
        &Unwatched,
        |tx, row| Ok(tx.edit(row, |contact| take_out(contact, key, &field.key))?),
        |tx| Ok(tx.put_custom_field(&field)?),
    )
}

fn take_out(contact: &mut Contact, key: &str, field: &str) {
    let Ok(mut metadata) = serde_json::from_str::<Map<String, Value>>(&contact.metadata) else { return };
    if let Some(value) = metadata.shift_remove(key) {
        contact.custom.insert(field.to_owned(), Value::from(text_of(&value)));
        contact.metadata = if metadata.is_empty() { String::new() } else { Value::Object(metadata).to_string() };
    }
}

fn find(core: &Core, key: &str) -> Result<CustomField, Error> {
    let fields = core.custom_fields()?;
    fields.into_iter().find(|field| field.key == key).ok_or_else(|| Error::not_found(say!("the field {key}", key)))
}

fn rows_with(core: &Core, key: &str) -> Result<Vec<ContactRow>, Error> {
    let mut rows = Vec::new();
    core.store().read(|r| r.contacts().scan_custom(key, |row, _| rows.push(row)))?;
    Ok(rows)
}
