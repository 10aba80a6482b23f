//! Lists of contacts, one contact, and what is typed into it.

use super::answer::{Changed, FieldChangeView, Made, Nothing, changes};
use crate::{
    contact::{self, Happened},
    error::Error,
    facets::{self, Facets},
    history,
    quick_add::{self, QuickAdd},
    sample,
    session::Session,
    view::{self, ContactRowView, ViewOpened, ViewRequest},
};
use cardfile_domain::{ContactId, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// A window of rows.
#[derive(Debug, Deserialize, TS)]
pub(super) struct RowsRequest {
    /// Number of the view.
    pub view: u32,
    /// First row.
    pub from: u32,
    /// Row after the last; at most 500 rows are given.
    pub to: u32,
}

/// Rows of a view; a contact that is gone since is null.
#[derive(Debug, Serialize, TS)]
pub(super) struct RowsView {
    /// In order.
    pub rows: Vec<Option<ContactRowView>>,
}

/// One contact.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct ContactRef {
    /// `ctc_…`
    pub id: String,
}

/// Several contacts.
#[derive(Debug, Deserialize, TS)]
pub(super) struct ContactRefs {
    /// `ctc_…`
    pub ids: Vec<String>,
}

/// A new contact as a typed line.
#[derive(Debug, Deserialize, TS)]
pub(super) struct NewContact {
    /// Name, email and phone in any order.
    pub line: String,
}

/// A typed line.
#[derive(Debug, Deserialize, TS)]
pub(super) struct Line {
    /// Name, email and phone in any order.
    pub line: String,
}

/// One field of one contact.
#[derive(Debug, Deserialize, TS)]
pub(super) struct EditContact {
    /// `ctc_…`
    pub id: String,
    /// Key in the catalogue, or `custom.` and a key.
    pub field: String,
    /// The new value in the field's shape.
    #[ts(type = "unknown")]
    pub value: Value,
}

/// A contact with everything, and what happened to it.
#[derive(Debug, Serialize, TS)]
pub(super) struct ContactView {
    /// What to call it.
    pub title: String,
    /// All its values by key of the catalogue.
    #[ts(type = "Record<string, unknown>")]
    pub contact: Value,
    /// Newest first.
    pub timeline: Vec<TimelineEntry>,
}

/// One thing that happened to a contact.
#[derive(Debug, Serialize, TS)]
pub(super) struct TimelineEntry {
    /// RFC 3339.
    pub at: String,
    /// Kind of the operation.
    pub kind: &'static str,
    /// To what, in a few words.
    pub subject: String,
    /// The part of the card it was about: `note: Calls before ten`.
    pub part: Option<String>,
    /// By whom.
    pub actor: String,
    /// `opr_…`
    pub operation: String,
    /// Fields with old and new text.
    pub changes: Vec<FieldChangeView>,
}

pub(super) fn view_open(session: &Session, request: ViewRequest) -> Result<ViewOpened, Error> {
    view::open_soon(&*session.core()?, &request)
}

pub(super) fn view_rows(session: &Session, request: RowsRequest) -> Result<RowsView, Error> {
    Ok(RowsView { rows: view::rows(&*session.core()?, request.view, request.from, request.to)? })
}

pub(super) fn facets_get(session: &Session, _: Nothing) -> Result<Facets, Error> {
    facets::all(&*session.core()?)
}

pub(super) fn contact_get(session: &Session, request: ContactRef) -> Result<ContactView, Error> {
    let core = session.core()?;
    let stored = contact::find(&core, &request.id)?;
    let timeline = contact::timeline(&core, &stored)?;
    Ok(ContactView {
        title: contact::called(&stored.contact),
        timeline: timeline
            .into_iter()
            .map(|Happened { operation, patch, part }| TimelineEntry {
                part,
                at: operation.at.to_rfc3339(),
                operation: operation.id.to_string(),
                kind: operation.kind.as_str(),
                subject: operation.subject,
                actor: history::by(&operation.actor).to_owned(),
                changes: changes(&patch),
            })
            .collect(),
        contact: serde_json::to_value(&stored.contact).unwrap_or_default(),
    })
}

pub(super) fn contact_create(session: &Session, request: NewContact) -> Result<Made, Error> {
    let (id, operation) = contact::create(&*session.core()?, quick_add::parse(&request.line), &session.who())?;
    Ok(Made { id: id.to_string(), operation: operation.map(|id| id.to_string()) })
}

pub(super) fn contact_edit(session: &Session, request: EditContact) -> Result<Changed, Error> {
    if request.field == "external_id" {
        // By itself, with what it will do said before.
        return Err(Error::bad_request(say!("an external ID is locked")).hint(say!("Change it where it stands.")));
    }
    let id = ContactId::parse(&request.id).map_err(|e| Error::bad_request(e.sentence()))?;
    let (changed, operation) = contact::edit(&*session.core()?, &id, &request.field, request.value, &session.who())?;
    Ok(Changed::of((changed.into(), operation)))
}

pub(super) fn contact_bin(session: &Session, request: ContactRefs) -> Result<Changed, Error> {
    let core = session.core()?;
    Ok(Changed::of(contact::bin(&core, &contact::rows(&core, &request.ids)?, &session.who())?))
}

pub(super) fn contact_restore(session: &Session, request: ContactRefs) -> Result<Changed, Error> {
    let core = session.core()?;
    Ok(Changed::of(contact::restore(&core, &contact::rows(&core, &request.ids)?, &session.who())?))
}

pub(super) fn quick_add_preview(session: &Session, request: Line) -> Result<QuickAdd, Error> {
    quick_add::preview(&*session.core()?, &request.line)
}

pub(super) fn sample_load(session: &Session, _: Nothing) -> Result<Changed, Error> {
    Ok(Changed::of(sample::load(&*session.core()?, &session.who())?))
}

pub(super) fn sample_remove(session: &Session, _: Nothing) -> Result<Changed, Error> {
    Ok(Changed::of(sample::remove(&*session.core()?, &session.who())?))
}
