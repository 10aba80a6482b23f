//! Cards that may be one person: the search, the comparison, the merge.

use super::answer::{Changed, Made, Nothing};
use crate::{
    combine::{self, Wish},
    contact, duplicates,
    error::Error,
    jobs::Job,
    said::Said,
    session::Session,
};
use cardfile_domain::duplicate::{LIKELY, Reason};
use cardfile_store::Stored;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Pairs of cards that may be one person.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct DuplicatesView {
    /// The surest first; at most 500.
    pub pairs: Vec<PairView>,
    /// How many there are in all.
    pub total: u32,
    /// How many of them are most likely one person.
    pub likely: u32,
    /// When it was last looked (RFC 3339); null when it was not since the start.
    pub looked_at: Option<String>,
}

/// Two cards that may be one person.
#[derive(Debug, Serialize, TS)]
pub(super) struct PairView {
    /// The older card.
    pub one: PersonView,
    /// The other.
    pub other: PersonView,
    /// 0 to 100.
    pub score: u8,
    /// Whether they most likely are.
    pub likely: bool,
    /// Why, the weightiest first.
    pub reasons: Vec<ReasonView>,
}

/// A card in a few words.
#[derive(Debug, Serialize, TS)]
pub(super) struct PersonView {
    /// `ctc_…`
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Its primary email.
    pub email: String,
    /// Its primary phone.
    pub phone: String,
    /// Its company.
    pub company: String,
    /// Where it came from.
    pub source: String,
    /// How many conversations it has.
    pub chats: u32,
}

/// A reason in words.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasonView {
    /// `same phone`
    pub text: Said,
    /// Whether it speaks for one person.
    pub speaks_for: bool,
}

/// Two cards.
#[derive(Debug, Deserialize, TS)]
pub(super) struct PairRef {
    /// `ctc_…`
    pub one: String,
    /// `ctc_…`
    pub other: String,
}

/// How two cards are to become one.
#[derive(Debug, Deserialize, TS)]
pub(super) struct CombineRequest {
    /// `ctc_…` of the card that stays.
    pub survivor: String,
    /// `ctc_…` of the card that goes.
    pub other: String,
    /// Fields that are taken from the card that goes.
    pub take: Vec<String>,
    /// Versions of both cards that the preview showed.
    #[ts(type = "[number, number] | null")]
    pub seen: Option<(i64, i64)>,
}

/// What that will do.
#[derive(Debug, Serialize, TS)]
pub(super) struct CombineView {
    /// The card that stays.
    pub survivor: PersonView,
    /// The card that goes.
    pub other: PersonView,
    /// Versions of both.
    #[ts(type = "[number, number]")]
    pub seen: (i64, i64),
    /// 0 to 100; null when nothing speaks for it.
    pub score: Option<u8>,
    /// Why they may be one.
    pub reasons: Vec<ReasonView>,
    /// Fields that at least one card has.
    pub fields: Vec<CombineField>,
    /// Kind, and how many: on the card that stays, on the other, on the one card.
    pub parts: Vec<(String, u32, u32, u32)>,
    /// Remotes that know them, and by how many external IDs.
    pub remotes: Vec<(String, u32)>,
}

/// A field of both cards.
#[derive(Debug, Serialize, TS)]
pub(super) struct CombineField {
    /// Key in the catalogue, or `custom.` and a key.
    pub field: String,
    /// On the card that stays.
    #[ts(type = "unknown")]
    pub survivor: Value,
    /// On the card that goes.
    #[ts(type = "unknown")]
    pub other: Value,
    /// On the one card.
    #[ts(type = "unknown")]
    pub after: Value,
    /// Whether both values stay on the card; else one goes to its history.
    pub joins: bool,
}

/// How many were found.
#[derive(Debug, Serialize, TS)]
pub(super) struct LookedView {
    /// Pairs.
    pub pairs: u32,
}

pub(super) fn duplicate_find(session: &Session, _: Nothing) -> Result<LookedView, Error> {
    let pairs = duplicates::find(&*session.core()?, &Job::begin(session, "Looking for duplicates"))?;
    Ok(LookedView { pairs })
}

pub(super) fn duplicate_list(session: &Session, _: Nothing) -> Result<DuplicatesView, Error> {
    const SHOWN: usize = 500;
    let core = session.core()?;
    let standing = duplicates::standing(&core)?;
    let mut pairs = Vec::new();
    for proposal in standing.proposals.iter().take(SHOWN) {
        let read = |row| core.store().read(|r| r.contacts().get(row));
        let (Some(one), Some(other)) = (read(proposal.one)?, read(proposal.other)?) else { continue };
        pairs.push(PairView {
            one: PersonView::of(&one),
            other: PersonView::of(&other),
            score: proposal.verdict.score,
            likely: proposal.verdict.score >= LIKELY,
            reasons: proposal.verdict.reasons.iter().map(ReasonView::of).collect(),
        });
    }
    Ok(DuplicatesView {
        pairs,
        total: standing.proposals.len() as u32 + standing.left_out,
        likely: standing.likely,
        looked_at: standing.at.map(|at| at.to_rfc3339()),
    })
}

pub(super) fn duplicate_distinguish(session: &Session, request: PairRef) -> Result<Changed, Error> {
    let (done, operation) = duplicates::distinguish(&*session.core()?, &request.one, &request.other, &session.who())?;
    Ok(Changed::of((u32::from(done), operation)))
}

pub(super) fn combine_preview(session: &Session, request: CombineRequest) -> Result<CombineView, Error> {
    let core = session.core()?;
    let preview = combine::preview(&core, &wish(request))?;
    let verdict = duplicates::compare(&core, preview.survivor.row, preview.other.row)?;
    Ok(CombineView {
        survivor: PersonView::of(&preview.survivor),
        other: PersonView::of(&preview.other),
        seen: (preview.survivor.version, preview.other.version),
        score: verdict.as_ref().map(|verdict| verdict.score),
        reasons: verdict.iter().flat_map(|verdict| &verdict.reasons).map(ReasonView::of).collect(),
        remotes: combine::remotes(&preview),
        parts: preview.parts.iter().map(|(kind, l, r, n)| (kind.as_str().to_owned(), *l, *r, *n)).collect(),
        fields: preview
            .fields
            .into_iter()
            .map(|plan| CombineField {
                field: plan.field,
                survivor: plan.survivor,
                other: plan.other,
                after: plan.after,
                joins: plan.joins,
            })
            .collect(),
    })
}

pub(super) fn combine_run(session: &Session, request: CombineRequest) -> Result<Made, Error> {
    let seen = request.seen;
    super::parts::made(combine::run(&*session.core()?, &wish(request), seen, &session.who()))
}

fn wish(request: CombineRequest) -> Wish {
    Wish { survivor: request.survivor, other: request.other, take: request.take.into_iter().collect() }
}

impl PersonView {
    pub(super) fn of(stored: &Stored) -> Self {
        let contact = &stored.contact;
        Self {
            id: contact.id.to_string(),
            name: contact::called(contact),
            email: contact.email().to_owned(),
            phone: contact.phone().to_owned(),
            company: contact.company.clone(),
            source: contact.source.clone(),
            chats: contact.conversation_count,
        }
    }
}

impl ReasonView {
    fn of(reason: &Reason) -> Self {
        Self { text: reason.sentence().into(), speaks_for: reason.speaks_for() }
    }
}
