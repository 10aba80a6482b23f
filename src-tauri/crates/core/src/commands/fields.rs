//! Custom fields and tags.

use super::answer::Changed;
use crate::{error::Error, fields, session::Session, tags};
use cardfile_domain::CustomKind;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A tag and its new name.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RenameTag {
    /// As it is.
    pub name: String,
    /// As it will be; the name of another tag joins the two.
    pub to: String,
}

/// A tag.
#[derive(Debug, Deserialize, TS)]
pub(super) struct TagRef {
    /// Its name.
    pub name: String,
}

/// A custom field to be made.
#[derive(Debug, Deserialize, TS)]
pub(super) struct NewField {
    /// Name on screen.
    pub label: String,
    /// Its type.
    #[ts(type = "\"text\" | \"number\" | \"boolean\" | \"date\" | \"choice\"")]
    pub kind: CustomKind,
}

/// A custom field with another name or type.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ChangeField {
    /// Which.
    pub key: String,
    /// Name on screen.
    pub label: String,
    /// Its type.
    #[ts(type = "\"text\" | \"number\" | \"boolean\" | \"date\" | \"choice\"")]
    pub kind: CustomKind,
}

/// What a change of a field did.
#[derive(Debug, Serialize, TS)]
pub(super) struct FieldChangedView {
    /// Contacts whose value was read anew.
    pub count: u32,
    /// Values that the new type cannot read; they stay as they are.
    pub kept: u32,
    /// `opr_…`, to undo just this.
    pub operation: Option<String>,
}

/// A custom field.
#[derive(Debug, Deserialize, TS)]
pub(super) struct FieldRef {
    /// Which.
    pub key: String,
}

/// A key of the metadata that becomes a field.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PromoteKey {
    /// Key at the top of the metadata.
    pub key: String,
    /// Name of the field.
    pub label: String,
}

pub(super) fn tag_rename(session: &Session, request: RenameTag) -> Result<Changed, Error> {
    Ok(Changed::of(tags::rename(&*session.core()?, &request.name, &request.to, &session.who())?))
}

pub(super) fn tag_delete(session: &Session, request: TagRef) -> Result<Changed, Error> {
    Ok(Changed::of(tags::delete(&*session.core()?, &request.name, &session.who())?))
}

pub(super) fn field_create(session: &Session, request: NewField) -> Result<Changed, Error> {
    let operation = fields::create(&*session.core()?, &request.label, request.kind, &session.who())?;
    Ok(Changed::of((0, operation)))
}

pub(super) fn field_change(session: &Session, request: ChangeField) -> Result<FieldChangedView, Error> {
    let core = session.core()?;
    let done = fields::change(&core, &request.key, &request.label, request.kind, &session.who())?;
    let operation = done.operation.map(|id| id.to_string());
    Ok(FieldChangedView { count: done.changed, kept: done.kept, operation })
}

pub(super) fn field_delete(session: &Session, request: FieldRef) -> Result<Changed, Error> {
    Ok(Changed::of(fields::delete(&*session.core()?, &request.key, &session.who())?))
}

pub(super) fn field_promote(session: &Session, request: PromoteKey) -> Result<Changed, Error> {
    Ok(Changed::of(fields::promote(&*session.core()?, &request.key, &request.label, &session.who())?))
}
