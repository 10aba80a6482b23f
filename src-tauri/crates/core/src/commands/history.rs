//! What was done, undone and done again.

use crate::{
    error::Error,
    history::{self, OperationView, ReversalView},
    session::Session,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which part of the history.
#[derive(Debug, Deserialize, TS)]
pub(super) struct HistoryRequest {
    /// At most so many.
    pub limit: u32,
}

/// Operations, newest first.
#[derive(Debug, Serialize, TS)]
pub(super) struct HistoryView {
    /// Newest first.
    pub operations: Vec<OperationView>,
}

/// An operation, or the latest.
#[derive(Debug, Deserialize, TS)]
pub(super) struct OperationRef {
    /// `opr_…`, or nothing for the latest.
    pub id: Option<String>,
}

pub(super) fn history_list(session: &Session, request: HistoryRequest) -> Result<HistoryView, Error> {
    Ok(HistoryView { operations: history::list(&*session.core()?, request.limit.min(500))? })
}

pub(super) fn history_undo(session: &Session, request: OperationRef) -> Result<ReversalView, Error> {
    history::undo(&*session.core()?, request.id.as_deref(), &session.who())
}

pub(super) fn history_redo(session: &Session, request: OperationRef) -> Result<ReversalView, Error> {
    history::redo(&*session.core()?, request.id.as_deref(), &session.who())
}
