//! What goes over the clipboard: cells of the list as blocks of text, a contact as a vCard.

use super::answer::Nothing;
use super::bulk::BulkDone;
use super::contacts::ContactRef;
use crate::{
    bin,
    cells::{self, Range},
    contact,
    error::Error,
    jobs::Job,
    said::Said,
    session::Session,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A part of an open view.
#[derive(Debug, Deserialize, TS)]
pub(super) struct CellRange {
    /// Number of the view.
    pub view: u32,
    /// First row.
    pub from: u32,
    /// Row after the last.
    pub to: u32,
    /// Keys of columns.
    pub columns: Vec<String>,
}

/// A block of text for a part of a view.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PasteRequest {
    /// Where it goes.
    #[serde(flatten)]
    pub range: CellRange,
    /// Rows in lines, cells between tabs.
    pub text: String,
}

/// A block of text.
#[derive(Debug, Serialize, Deserialize, TS)]
pub(super) struct BlockView {
    /// Rows in lines, cells between tabs.
    pub text: String,
}

/// How large a block is.
#[derive(Debug, Serialize, TS)]
pub(super) struct BlockSize {
    /// Its rows.
    pub rows: u32,
    /// Its columns.
    pub columns: u32,
}

/// What a paste did; changed and unchanged add up to the rows of the range.
#[derive(Debug, Serialize, TS)]
pub(super) struct PastedView {
    /// Contacts that changed.
    pub changed: u32,
    /// Contacts that did not.
    pub unchanged: u32,
    /// Cells that were not taken.
    pub refused: u32,
    /// The first of them: row from 1, column, text, reason.
    pub first: Vec<(u32, String, String, Said)>,
    /// `opr_…`, to undo just this; null when nothing changed.
    pub operation: Option<String>,
}

pub(super) fn cells_copy(session: &Session, request: CellRange) -> Result<BlockView, Error> {
    Ok(BlockView { text: cells::copy(&*session.core()?, &request.into())? })
}

pub(super) fn contact_vcard(session: &Session, request: ContactRef) -> Result<BlockView, Error> {
    Ok(BlockView { text: contact::vcard(&*session.core()?, &request.id)? })
}

pub(super) fn cells_size(_: &Session, request: BlockView) -> Result<BlockSize, Error> {
    let (rows, columns) = cells::size(&request.text)?;
    Ok(BlockSize { rows, columns })
}

pub(super) fn cells_paste(session: &Session, request: PasteRequest) -> Result<PastedView, Error> {
    let core = session.core()?;
    let job = Job::begin(session, "Changing");
    let (done, operation) = cells::paste(&core, &request.range.into(), &request.text, &session.who(), &job)?;
    Ok(PastedView {
        changed: done.changed,
        unchanged: done.unchanged,
        refused: done.refused,
        first: done.first.into_iter().map(|one| (one.row + 1, one.column, one.text, one.why.into())).collect(),
        operation: operation.map(|id| id.to_string()),
    })
}

pub(super) fn bin_empty(session: &Session, _: Nothing) -> Result<BulkDone, Error> {
    let core = session.core()?;
    let (changed, operation) = bin::empty(&core, &session.who(), &Job::begin(session, "Emptying"))?;
    Ok(BulkDone { changed, unchanged: 0, operation: operation.map(|id| id.to_string()) })
}

impl From<CellRange> for Range {
    fn from(range: CellRange) -> Self {
        Self { view: range.view, from: range.from, to: range.to, columns: range.columns }
    }
}
