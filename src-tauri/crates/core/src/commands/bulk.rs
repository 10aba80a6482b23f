//! The same deed on every contact of a selection.

use crate::{
    bulk::{self, Deed},
    contact,
    error::Error,
    jobs::Job,
    session::Session,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// What is done, and to whom.
#[derive(Debug, Deserialize, TS)]
pub(super) struct BulkRequest {
    /// These contacts; or, when a view is given, all of it but these.
    pub ids: Vec<String>,
    /// Number of an open view.
    pub view: Option<u32>,
    /// What.
    pub deed: BulkDeed,
}

/// What is done to each contact.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum BulkDeed {
    /// It gets a tag.
    Tag {
        /// Its name.
        tag: String,
    },
    /// It loses a tag.
    Untag {
        /// Its name.
        tag: String,
    },
    /// A field gets a value.
    Set {
        /// Key in the catalogue, or `custom.` and a key.
        field: String,
        /// In the field's shape.
        #[ts(type = "unknown")]
        value: Value,
    },
    /// It goes to the bin.
    Bin,
    /// It goes to the archive.
    Archive,
    /// It comes back from there.
    Unarchive,
}

/// What was done; the two add up to the selection.
#[derive(Debug, Serialize, TS)]
pub(super) struct BulkDone {
    /// Contacts that changed.
    pub changed: u32,
    /// Contacts that were so already.
    pub unchanged: u32,
    /// `opr_…`, to undo just this; null when nothing changed.
    pub operation: Option<String>,
}

pub(super) fn bulk_run(session: &Session, request: BulkRequest) -> Result<BulkDone, Error> {
    let core = session.core()?;
    let rows = match request.view {
        Some(view) => bulk::of_view(&core, view, &request.ids)?,
        None => contact::rows(&core, &request.ids)?,
    };
    let deed = match request.deed {
        BulkDeed::Tag { tag } => Deed::Tag(tag),
        BulkDeed::Untag { tag } => Deed::Untag(tag),
        BulkDeed::Set { field, value } => Deed::Set(field, value),
        BulkDeed::Bin => Deed::Bin,
        BulkDeed::Archive => Deed::Archive,
        BulkDeed::Unarchive => Deed::Unarchive,
    };
    let (done, operation) = bulk::run(&core, &rows, &deed, &session.who(), &Job::begin(session, "Changing"))?;
    let operation = operation.map(|id| id.to_string());
    Ok(BulkDone { changed: done.changed, unchanged: done.unchanged, operation })
}
