//! The history: what was done, undone and done again.

use crate::{
    contact,
    core::{Core, Who},
    error::{Code, Error},
};
use cardfile_domain::{PartKind, say};
use cardfile_store::{OpState, OperationRow, UndoReport};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct OperationView {
    /// `opr_…`
    pub id: String,
    /// `import`, `contact_edit`, `undo`.
    pub kind: &'static str,
    /// To what, in a few words.
    pub subject: String,
    /// By whom.
    pub actor: String,
    /// Through which door.
    pub origin: String,
    /// RFC 3339.
    pub at: String,
    /// `done`, `undone`, `rolled_back` or `open`.
    pub state: &'static str,
    /// Counts from the transaction.
    #[ts(type = "Record<string, number> | null")]
    pub counts: Value,
}

/// By whom, in words: an automation rule acts under its id.
pub(crate) fn by(actor: &str) -> &str {
    if PartKind::of_id(actor) == Some(PartKind::Automation) { "a rule" } else { actor }
}

impl From<OperationRow> for OperationView {
    fn from(row: OperationRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind.as_str(),
            subject: row.subject,
            actor: by(&row.actor).to_owned(),
            origin: row.origin,
            at: row.at.to_rfc3339(),
            state: match row.state {
                OpState::Open => "open",
                OpState::RolledBack => "rolled_back",
                OpState::Done if row.reversed_by.is_some() => "undone",
                OpState::Done => "done",
            },
            counts: row.counts,
        }
    }
}

/// What an undo or redo did.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReversalView {
    /// The operation that was undone or done again.
    pub operation: OperationView,
    /// Contacts removed.
    pub removed: u32,
    /// Contacts restored.
    pub restored: u32,
    /// Contacts left alone because a person edited them since.
    pub kept: Vec<KeptView>,
    /// Contacts that something else had removed.
    pub gone: u32,
}

/// A contact that was left alone.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct KeptView {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// The fields that were edited since; empty when the contact was kept as a whole.
    pub fields: Vec<String>,
}

/// The latest operations, newest first.
pub fn list(core: &Core, limit: u32) -> Result<Vec<OperationView>, Error> {
    let rows = core.store().read(|r| r.operations().latest(None, limit))?;
    Ok(rows.into_iter().map(OperationView::from).collect())
}

/// Undoes an operation; the latest that can be undone when none is named.
pub fn undo(core: &Core, id: Option<&str>, who: &Who) -> Result<ReversalView, Error> {
    let target = match id {
        Some(id) => find(core, id)?,
        None => core
            .store()
            .read(|r| r.operations().last_undoable())?
            .ok_or_else(|| Error::new(Code::NothingToUndo, say!("there is nothing to undo")))?,
    };
    let report = core.store().undo(&target, &who.actor, &who.origin)?;
    view(core, &target, report)
}

/// Does an undone operation again; the one undone last when none is named.
pub fn redo(core: &Core, id: Option<&str>, who: &Who) -> Result<ReversalView, Error> {
    let target = match id {
        Some(id) => find(core, id)?,
        None => core
            .store()
            .read(|r| r.operations().last_redoable())?
            .ok_or_else(|| Error::new(Code::NothingToUndo, say!("there is nothing to redo")))?,
    };
    let report = core.store().redo(&target, &who.actor, &who.origin)?;
    view(core, &target, report)
}

fn find(core: &Core, id: &str) -> Result<OperationRow, Error> {
    core.store().read(|r| r.operations().find(id))?.ok_or_else(|| Error::not_found(say!("the operation")))
}

fn view(core: &Core, target: &OperationRow, report: UndoReport) -> Result<ReversalView, Error> {
    Ok(ReversalView {
        operation: find(core, target.id.as_str())?.into(),
        removed: report.removed,
        restored: report.restored,
        kept: report
            .kept
            .into_iter()
            .map(|(id, fields)| KeptView {
                name: contact::find(core, id.as_str())
                    .map(|stored| contact::called(&stored.contact))
                    .unwrap_or_default(),
                id: id.to_string(),
                fields,
            })
            .collect(),
        gone: report.gone,
    })
}
