//! Leads of other programs that wait for a person: who they may be of, and what their cards get.

use super::{
    answer::{Changed, FieldChangeView, Nothing, changes},
    duplicates::PersonView,
};
use crate::{
    error::Error,
    leads::{self, Candidate, Choice, Waiting},
    said::Said,
    session::Session,
};
use cardfile_domain::say;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Leads that wait.
#[derive(Debug, Serialize, TS)]
pub(super) struct LeadsView {
    /// The latest first, at most 200.
    pub leads: Vec<LeadView>,
    /// How many wait in all.
    pub total: u32,
}

/// What another program told of somebody who may be here.
#[derive(Debug, Serialize, TS)]
pub(super) struct LeadView {
    /// `led_…`
    pub id: String,
    /// Which program told it.
    pub source: String,
    /// What to call who it is of.
    pub name: String,
    /// When it was told (RFC 3339).
    pub at: String,
    /// All that was told, as JSON.
    pub told: String,
    /// Whether the first of those below is who it is of, by an ID or an email: only what
    /// it would replace waits.
    pub known: bool,
    /// Who it may be of.
    pub perhaps: Vec<LeadMatch>,
}

/// Somebody of whom it may be.
#[derive(Debug, Serialize, TS)]
pub(super) struct LeadMatch {
    /// Their card.
    pub card: PersonView,
    /// By what they were found.
    pub why: Said,
    /// What the card gets.
    pub changes: Vec<FieldChangeView>,
}

/// What a person says of a lead.
#[derive(Debug, Deserialize, TS)]
pub(super) struct DecideLead {
    /// `led_…`
    pub id: String,
    /// It is of somebody who is here, of somebody new, or of nobody who is wanted.
    #[ts(type = "\"join\" | \"new\" | \"dismiss\"")]
    pub choice: String,
    /// `ctc_…` of whom it is; null for the other two.
    pub contact: Option<String>,
}

pub(super) fn lead_list(session: &Session, _: Nothing) -> Result<LeadsView, Error> {
    const SHOWN: u32 = 200;
    let core = session.core()?;
    let all = leads::waiting(&core, SHOWN)?;
    Ok(LeadsView { leads: all.into_iter().map(LeadView::from).collect(), total: leads::count(&core)? })
}

pub(super) fn lead_decide(session: &Session, request: DecideLead) -> Result<Changed, Error> {
    let choice = match (request.choice.as_str(), request.contact) {
        ("join", Some(contact)) => Choice::Join(contact),
        ("new", None) => Choice::New,
        ("dismiss", None) => Choice::Dismiss,
        _ => return Err(Error::bad_request(say!("there is no such decision"))),
    };
    let decided = leads::decide(&*session.core()?, &request.id, &choice, &session.who())?;
    let count = u32::from(decided.is_some());
    Ok(Changed::of((count, decided.and_then(|(_, operation)| operation))))
}

impl From<Waiting> for LeadView {
    fn from(waiting: Waiting) -> Self {
        let Waiting { lead, claims, is_known, perhaps } = waiting;
        Self {
            id: lead.id,
            source: lead.source,
            name: claims.display_name().to_owned(),
            at: lead.at.to_rfc3339(),
            told: serde_json::to_string_pretty(&lead.body).unwrap_or_default(),
            known: is_known,
            perhaps: perhaps.iter().map(LeadMatch::of).collect(),
        }
    }
}

impl LeadMatch {
    fn of(candidate: &Candidate) -> Self {
        let mut changes = changes(&candidate.changes);
        // When they were seen moves with every word of theirs.
        changes.retain(|change| !matches!(change.field.as_str(), "first_seen" | "last_seen"));
        Self { card: PersonView::of(&candidate.stored), why: (&candidate.why).into(), changes }
    }
}
