//! What was chosen for a request and not used yet.

use super::{
    answer::Nothing,
    privacy_dsar::{DsarBuilt, SubjectCard, built},
    privacy_requests::RequestRef,
};
use crate::{
    contact,
    core::Core,
    error::Error,
    privacy::{
        draft::{self, Draft},
        requests, subject,
    },
    session::Session,
};
use cardfile_domain::say;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What was chosen, as it is kept.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarDraftView {
    /// What was chosen.
    pub chosen: DsarDraft,
    /// Cards among them that the request's own words do not find.
    pub added: Vec<SubjectCard>,
    /// The answer that was built last.
    pub built: Option<DsarBuilt>,
}

/// What is chosen for an answer.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsarDraft {
    /// Ids of the cards; null as long as those hold that are the person's for certain.
    pub cards: Option<Vec<String>>,
    /// Keys of third persons who may stand there.
    pub keep: Vec<String>,
    /// Keys of third persons who are left out.
    pub mask: Vec<String>,
    /// Ids of internal notes that are given out.
    pub internal_notes: Vec<String>,
    /// Ids of files on other cards too that are given out.
    pub shared_files: Vec<String>,
    /// Names of the team stay.
    pub staff_names: bool,
}

/// What was chosen, to be kept.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PutDraft {
    /// `req_…`
    pub id: String,
    /// All that is chosen now.
    pub chosen: DsarDraft,
}

pub(super) fn dsar_draft_get(session: &Session, request: RequestRef) -> Result<DsarDraftView, Error> {
    let core = session.core()?;
    let Draft { cards, keep, mask, internal_notes, shared_files, staff_names, built: last } =
        draft::get(&core, &request.id)?;
    Ok(DsarDraftView {
        added: added(&core, &request.id, cards.as_deref().unwrap_or_default())?,
        chosen: DsarDraft { cards, keep, mask, internal_notes, shared_files, staff_names },
        built: last.map(built),
    })
}

/// Cards that were found by something else than the request says; one that is gone since is left out.
fn added(core: &Core, request: &str, ids: &[String]) -> Result<Vec<SubjectCard>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = requests::find(core, request)?.request;
    let found = if asked.subject.is_empty() { Vec::new() } else { subject::find(core, &asked.subject)? };
    let others = ids.iter().filter(|id| !found.iter().any(|one| one.id == **id));
    let known = others.filter_map(|id| subject::chosen(core, &[id]).ok()).flatten();
    let view = |one: subject::Chosen| SubjectCard {
        id: one.contact.id.to_string(),
        name: contact::called(&one.contact),
        email: one.contact.email().to_owned(),
        why: say!("chosen for this request").into(),
        is_sure: true,
        is_gone: one.is_gone,
    };
    Ok(known.map(view).collect())
}

pub(super) fn dsar_draft_put(session: &Session, request: PutDraft) -> Result<Nothing, Error> {
    let DsarDraft { cards, keep, mask, internal_notes, shared_files, staff_names } = request.chosen;
    let chosen = Draft { cards, keep, mask, internal_notes, shared_files, staff_names, built: None };
    draft::put(&*session.core()?, &request.id, &chosen, &session.who())?;
    Ok(Nothing {})
}
